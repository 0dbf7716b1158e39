//! How notifications are delivered, and where to.

use std::time::Duration;

use crate::builder::MockServerBuilder;
use crate::deliveries::allowed::Allowed;
use crate::settings::Probe;

/// How notifications are delivered.
#[derive(Clone)]
pub(crate) struct DeliverySettings {
    pub(crate) allowed: Allowed,
    /// How long an attempt may take, in real time.
    pub(crate) timeout: Duration,
    /// After how long the further attempts are made, by the mock's clock.
    pub(crate) retries: Vec<Duration>,
    /// How many may wait; jobs go on recording when it is full and tell of it later.
    pub(crate) queue: usize,
    /// Certificates in PEM that are trusted besides the machine's.
    pub(crate) ca: Option<Box<[u8]>>,
}

impl Default for DeliverySettings {
    fn default() -> Self {
        Self {
            allowed: Allowed::default(),
            timeout: Duration::from_secs(5),
            retries: [1, 5, 25].map(Duration::from_secs).to_vec(),
            queue: 10_000,
            ca: None,
        }
    }
}

impl MockServerBuilder {
    /// Lets notifications be sent to this host, by its name or address, besides the hosts on this
    /// machine and in private networks; `any` lets them be sent anywhere. May be called again.
    /// Addresses of the link (`169.254.0.0/16`, `fe80::/10`), where clouds keep the secrets of their
    /// machines, are never sent to.
    pub fn allow_callback_to(mut self, host: &str) -> Self {
        self.delivery.allowed.add(host);
        self
    }

    /// How long an attempt to deliver a notification may take, in real time; 5 s by default
    /// (decision D17).
    pub fn callback_timeout(mut self, timeout: Duration) -> Self {
        self.delivery.timeout = timeout;
        self
    }

    /// After how long a notification that was not delivered is tried again, by the mock's clock, each
    /// time counted from the attempt before; 1 s, 5 s and 25 s by default (decision D17). At most 20
    /// count.
    pub fn callback_retries(mut self, retries: impl IntoIterator<Item = Duration>) -> Self {
        self.delivery.retries = retries.into_iter().take(20).collect();
        self
    }

    /// How many notifications may wait, 10,000 by default, 1 at least. When so many do, jobs tell of
    /// what they record later; nothing is lost.
    pub fn callback_queue(mut self, notifications: usize) -> Self {
        self.delivery.queue = notifications.max(1);
        self
    }

    /// Certificates in PEM that receivers behind TLS are trusted by, besides those that the machine
    /// trusts.
    #[cfg(feature = "tls")]
    pub fn callback_ca(mut self, pem: impl Into<Vec<u8>>) -> Self {
        self.delivery.ca = Some(pem.into().into_boxed_slice());
        self
    }

    /// Refuses a callback URL to which no connection comes about (`RTC.00001018`); not looked at by
    /// default (decision D4).
    pub fn probe_callback_url(mut self) -> Self {
        self.settings.probe = Probe::On;
        self
    }
}
