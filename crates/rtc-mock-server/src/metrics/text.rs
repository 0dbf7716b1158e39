//! The counts as `OpenMetrics` text.

use std::fmt;
use std::sync::Arc;

use prometheus_client::collector::Collector;
use prometheus_client::encoding::text::encode;
use prometheus_client::encoding::{DescriptorEncoder, EncodeMetric as _, NoLabelSet};
use prometheus_client::metrics::MetricType;
use prometheus_client::metrics::counter::ConstCounter;
use prometheus_client::metrics::gauge::ConstGauge;
use prometheus_client::registry::{Registry, Unit};

use super::{Asked, BOUNDS, Listening, REASONS, read};
use crate::deliveries::DeliveryEnding;
use crate::pipeline::Core;

/// All counts of the server, as `OpenMetrics` text.
pub(crate) fn openmetrics(core: &Arc<Core>) -> Result<String, fmt::Error> {
    let mut registry = Registry::with_prefix("rtc_mock");
    registry.register_collector(Box::new(Counts(Arc::clone(core))));
    let mut text = String::new();
    encode(&mut text, &registry)?;
    Ok(text)
}

/// What is read when somebody asks.
struct Counts(Arc<Core>);

impl fmt::Debug for Counts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Counts")
    }
}

impl Collector for Counts {
    fn encode(&self, mut encoder: DescriptorEncoder<'_>) -> fmt::Result {
        let core = &*self.0;
        requests(core, &mut encoder)?;
        refusals(core, &mut encoder)?;
        counter(
            &mut encoder,
            "faults_struck",
            "How often a fault made on purpose struck",
            core.faults.struck(),
        )?;
        durations(core, &mut encoder)?;
        let (entries, bytes) = core.journal.size();
        gauge(&mut encoder, "journal_entries", "Exchanges in the journal", None, entries)?;
        let help = "About what the journal keeps in memory";
        gauge(&mut encoder, "journal", help, Some(&Unit::Bytes), bytes)?;
        let apps = core.service.read().app_count();
        gauge(&mut encoder, "apps", "Apps in all projects", None, apps)?;
        connections(core, &mut encoder)?;
        attempts(core, &mut encoder)?;
        let waiting = core.service.deliveries().waiting();
        let help = "Notifications that are neither delivered nor given up";
        gauge(&mut encoder, "deliveries_waiting", help, None, waiting)
    }
}

fn requests(core: &Core, encoder: &mut DescriptorEncoder<'_>) -> fmt::Result {
    let help = "Requests by operation and status of the answer";
    let mut family = encoder.encode_descriptor("requests", help, None, MetricType::Counter)?;
    for asked in Asked::all() {
        let counts = core.metrics.requests(asked).into_iter().enumerate();
        for (status, count) in counts.filter(|(_, count)| *count > 0) {
            let status = if status == 0 { "none".to_owned() } else { status.to_string() };
            let labels = [("operation", asked.as_str()), ("status", &status)];
            ConstCounter::new(count).encode(family.encode_family(&labels)?)?;
        }
    }
    Ok(())
}

fn refusals(core: &Core, encoder: &mut DescriptorEncoder<'_>) -> fmt::Result {
    let help = "Refused credentials by reason";
    let mut family = encoder.encode_descriptor("refusals", help, None, MetricType::Counter)?;
    for (reason, count) in REASONS.iter().zip(&core.metrics.refusals) {
        if read(count) > 0 {
            let labels = [("reason", *reason)];
            ConstCounter::new(read(count)).encode(family.encode_family(&labels)?)?;
        }
    }
    Ok(())
}

#[expect(clippy::cast_precision_loss, reason = "durations, not ids")]
fn durations(core: &Core, encoder: &mut DescriptorEncoder<'_>) -> fmt::Result {
    let help = "How long the work on a request took, without the delays of faults and the body";
    let seconds = |micros: u64| micros as f64 / 1e6;
    let bounds = BOUNDS.iter().map(|bound| seconds(*bound)).chain([f64::INFINITY]);
    let buckets: Vec<_> = bounds.zip(core.metrics.durations()).collect();
    let count = buckets.iter().map(|(_, count)| count).sum();
    let sum = seconds(core.metrics.duration_us());
    let kind = MetricType::Histogram;
    let unit = Some(&Unit::Seconds);
    let mut histogram = encoder.encode_descriptor("request_duration", help, unit, kind)?;
    histogram.encode_histogram::<NoLabelSet>(sum, count, &buckets, None)
}

fn connections(core: &Core, encoder: &mut DescriptorEncoder<'_>) -> fmt::Result {
    let help = "Open connections by listener";
    let mut family = encoder.encode_descriptor("connections", help, None, MetricType::Gauge)?;
    for (listening, name) in [(Listening::Api, "api"), (Listening::Admin, "admin")] {
        let open = read(core.metrics.open(listening));
        let labels = [("listener", name)];
        ConstGauge::new(whole(open)).encode(family.encode_family(&labels)?)?;
    }
    Ok(())
}

fn attempts(core: &Core, encoder: &mut DescriptorEncoder<'_>) -> fmt::Result {
    let help = "Attempts to deliver a notification by outcome";
    let mut family =
        encoder.encode_descriptor("delivery_attempts", help, None, MetricType::Counter)?;
    for (ending, count) in DeliveryEnding::ALL.iter().zip(&core.metrics.attempts) {
        let labels = [("outcome", ending.as_str())];
        ConstCounter::new(read(count)).encode(family.encode_family(&labels)?)?;
    }
    Ok(())
}

fn counter(encoder: &mut DescriptorEncoder<'_>, name: &str, help: &str, count: u64) -> fmt::Result {
    let counter = encoder.encode_descriptor(name, help, None, MetricType::Counter)?;
    ConstCounter::new(count).encode(counter)
}

fn gauge(
    encoder: &mut DescriptorEncoder<'_>,
    name: &str,
    help: &str,
    unit: Option<&Unit>,
    value: usize,
) -> fmt::Result {
    let gauge = encoder.encode_descriptor(name, help, unit, MetricType::Gauge)?;
    ConstGauge::new(whole(value)).encode(gauge)
}

fn whole<T: TryInto<i64>>(value: T) -> i64 {
    value.try_into().unwrap_or(i64::MAX)
}
