//! Tests of reading faults.

use proptest::prelude::*;
use rtc_model::OperationId;

use super::*;

#[test]
fn what_is_written_in_another_way_means_the_same() {
    for (text, written) in [
        ("*=delay(50ms..200ms)", "*=delay(50ms..200ms)"),
        ("ShowApp=status(503),rate=0.2", "ShowApp=status(503),rate=0.2"),
        ("ShowApp=status(500 RTC.00002001)", "ShowApp=status(500 RTC.00002001)"),
        ("CreateApp=reset,when=after", "CreateApp=reset,when=after"),
        ("CreateApp=reset,when=before,count=2,nth=3,rate=1", "CreateApp=reset,count=2,nth=3"),
        ("*=garbage(64)", "*=garbage"),
        ("*=throttle(3000ms)", "*=throttle(3s)"),
        ("*=end(0),when=after", "*=end(0)"),
        ("*=length(5)", "*=length(+5)"),
        ("*=delay( lognormal 100ms  0.5 )", "*=delay(lognormal 100ms 0.5)"),
        (
            "*=trickle(16/100ms),method=PUT,header=X-A: b,c=d(",
            "*=trickle(16/100ms),method=PUT,header=x-a:b,c=d(",
        ),
        ("*=close,header=x-a", "*=close,header=x-a"),
        ("IAM=reset", "IAM=reset"),
    ] {
        let fault: Fault = text.parse().unwrap_or_else(|error| panic!("{text}: {error}"));
        assert_eq!(fault.to_string(), written, "{text}");
    }
}

#[test]
fn what_is_no_fault_says_why() {
    for (text, reason) in [
        ("", "OPERATION=KIND"),
        ("reset", "OPERATION=KIND"),
        ("Dance=reset", "Dance"),
        ("*=", "no kind"),
        ("*=explode", "explode"),
        ("*=status", "status(503)"),
        ("*=status()", "400 to 599"),
        ("*=status(200)", "400 to 599"),
        ("*=status(503", "no kind"),
        ("*=reset(5)", "no kind"),
        ("*=delay(5)", "200ms"),
        ("*=delay(601s)", "600s"),
        ("*=delay(99999999999999999999s)", "200ms"),
        ("*=delay(200ms..50ms)", "shorter one first"),
        ("*=delay(lognormal 100ms)", "SIGMA"),
        ("*=delay(lognormal 100ms nan)", "SIGMA"),
        ("*=trickle(0/1s)", "number of bytes"),
        ("*=trickle(5)", "no kind"),
        ("*=length(0)", "+5"),
        ("*=garbage(9999999)", "number of bytes"),
        ("*=reset,rate=0", "from over 0 to 1"),
        ("*=reset,rate=NaN", "from over 0 to 1"),
        ("*=reset,nth=0", "the first one is 1"),
        ("*=reset,count=-1", "number"),
        ("*=reset,count=1,count=2", "count is there twice"),
        ("*=reset,when=never", "before or after"),
        ("*=end(5),when=before", "always after"),
        ("*=reset,colour=red", "colour"),
        ("*=reset,count", "count"),
        ("*=reset,header=a b", "NAME"),
        ("*=reset,header=x:é", "ASCII"),
    ] {
        let error = text.parse::<Fault>().unwrap_err().to_string();
        assert!(error.contains(reason), "{text}: {error}");
    }
}

fn kinds() -> impl Strategy<Value = FaultKind> {
    let millis = || (0_u64..600_000).prop_map(Duration::from_millis);
    prop_oneof![
        (400_u16..600).prop_map(|s| FaultKind::status(StatusCode::from_u16(s).unwrap())),
        millis().prop_map(|retry_after| FaultKind::Throttle { retry_after }),
        millis().prop_map(|delay| FaultKind::Delay(Delay::Fixed(delay))),
        (millis(), millis())
            .prop_map(|(a, b)| FaultKind::Delay(Delay::Uniform(a.min(b), a.max(b)))),
        (millis(), 0.01_f64..5.0)
            .prop_map(|(median, sigma)| FaultKind::Delay(Delay::LogNormal { median, sigma })),
        Just(FaultKind::Reset),
        Just(FaultKind::Close),
        any::<usize>().prop_map(|bytes| FaultKind::End { bytes }),
        (1..=MAX_GARBAGE).prop_map(|bytes| FaultKind::Garbage { bytes }),
        any::<i32>().prop_filter("not 0", |by| *by != 0).prop_map(|by| FaultKind::Length { by }),
        (1..usize::MAX, millis()).prop_map(|(bytes, every)| FaultKind::Trickle { bytes, every }),
    ]
}

proptest! {
    #[test]
    fn a_fault_is_read_back_from_its_words_and_from_json(
        kind in kinds(),
        operation in proptest::option::of(0..OperationId::ALL.len()),
        rate in proptest::option::of((1_u32..1_000).prop_map(|rate| f64::from(rate) / 1_000.0)),
        count in proptest::option::of(any::<u64>()),
        nth in proptest::option::of(1..u64::MAX),
        after in any::<bool>(),
        header in proptest::option::of(("[a-z][a-z-]{0,9}", proptest::option::of("[!-~]([ -~]{0,9}[!-~])?"))),
    ) {
        let mut fault = Fault::new(kind);
        if let Some(place) = operation {
            fault = fault.operation(OperationId::ALL[place]).method(Method::PUT);
        }
        if let Some(rate) = rate {
            fault = fault.rate(rate).unwrap();
        }
        if let Some(count) = count {
            fault = fault.count(count);
        }
        if let Some(nth) = nth {
            fault = fault.nth(nth).unwrap();
        }
        if after {
            fault = fault.when(FaultTime::After).unwrap();
        }
        if let Some((name, value)) = header {
            let value = value.map(|value| value.parse().unwrap());
            fault = fault.header(name.parse().unwrap(), value);
        }
        prop_assert_eq!(&fault.to_string().parse::<Fault>().unwrap(), &fault);
        let json = serde_json::to_string(&fault).unwrap();
        prop_assert_eq!(&serde_json::from_str::<Fault>(&json).unwrap(), &fault);
        let spec = serde_json::to_string(&fault.to_string()).unwrap();
        prop_assert_eq!(&serde_json::from_str::<Fault>(&spec).unwrap(), &fault);
    }

    #[test]
    fn no_text_makes_the_reader_panic(text in "\\PC{0,40}", keys in "[a-z=(),.*0-9 ]{0,40}") {
        let _ = text.parse::<Fault>();
        let _ = format!("*={keys}").parse::<Fault>();
    }
}
