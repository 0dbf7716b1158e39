//! Ids in the service's form, from one generator that a seed makes repeatable.

use std::sync::{Mutex, PoisonError};

use crossbeam_utils::CachePadded;
use ring::rand::{SecureRandom as _, SystemRandom};
use rtc_model::{AppId, JobId, RuleId};

/// What makes a run repeatable.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Seed {
    /// Somebody chose it.
    Given(u64),
    /// Nobody did.
    Drawn(u64),
}

impl Seed {
    /// The one that was given, or one that is short enough to be typed.
    pub(crate) fn given_or_drawn(given: Option<u64>) -> Self {
        given.map_or_else(|| Self::Drawn(fastrand::u32(..).into()), Self::Given)
    }

    pub(crate) const fn number(self) -> u64 {
        match self {
            Self::Given(seed) | Self::Drawn(seed) => seed,
        }
    }
}

/// Makes the ids of the mock.
pub(crate) struct Ids {
    /// Apart from the others: a query more or less must not change the ids of what is made.
    requests: CachePadded<Mutex<fastrand::Rng>>,
    resources: Mutex<fastrand::Rng>,
    secrets: Secrets,
}

/// Where tokens and secret keys come from.
enum Secrets {
    Seeded(Mutex<fastrand::Rng>),
    System(SystemRandom),
}

impl Ids {
    /// With the same seed the same ids come in the same order. A seed that was drawn makes no
    /// tokens and keys of IAM, since everybody may see it.
    pub(crate) fn new(seed: Seed) -> Self {
        let (requests, resources) = generators(seed.number());
        let secrets = match seed {
            // A stream of its own, and nobody can guess it who does not know the seed.
            Seed::Given(seed) => Secrets::Seeded(Mutex::new(of_secrets(seed))),
            Seed::Drawn(_) => Secrets::System(SystemRandom::new()),
        };
        let requests = CachePadded::new(Mutex::new(requests));
        Self { requests, resources: Mutex::new(resources), secrets }
    }

    /// As many lower-case hexadecimal digits that nobody can guess; `None` when the system has no
    /// randomness to give.
    pub(crate) fn secret<const N: usize>(&self) -> Option<String> {
        let generator = match &self.secrets {
            Secrets::Seeded(generator) => return Some(text(&hex::<N>(generator)).to_owned()),
            Secrets::System(generator) => generator,
        };
        let mut bytes = [0; N];
        generator.fill(&mut bytes).ok()?;
        // Each byte is used for one digit, which keeps all of them alike.
        Some(
            bytes
                .iter()
                .map(|byte| char::from(b"0123456789abcdef"[usize::from(byte & 0xf)]))
                .collect(),
        )
    }

    /// Begins anew: with a seed that was given the same ids come again. With one that was drawn they
    /// go on, so that what is late for one test meets nothing of the next.
    pub(crate) fn restart(&self, seed: Seed) {
        let Seed::Given(seed) = seed else { return };
        let (requests, resources) = generators(seed);
        if let Secrets::Seeded(secrets) = &self.secrets {
            *secrets.lock().unwrap_or_else(PoisonError::into_inner) = of_secrets(seed);
        }
        *self.requests.lock().unwrap_or_else(PoisonError::into_inner) = requests;
        *self.resources.lock().unwrap_or_else(PoisonError::into_inner) = resources;
    }

    /// 32 lower-case hexadecimal digits (decision D24).
    pub(crate) fn request_id(&self) -> RequestId {
        RequestId(hex(&self.requests))
    }

    /// 24 lower-case hexadecimal digits, as long as the id of the reference's example.
    pub(crate) fn app_id(&self) -> AppId {
        AppId::from(text(&hex::<24>(&self.resources)))
    }

    /// 32 lower-case hexadecimal digits, as in the reference's examples.
    pub(crate) fn job_id(&self) -> JobId {
        JobId::from(text(&hex::<32>(&self.resources)))
    }

    /// 32 lower-case hexadecimal digits, as in the reference's examples.
    pub(crate) fn rule_id(&self) -> RuleId {
        RuleId::from(text(&hex::<32>(&self.resources)))
    }

    /// 16 lower-case hexadecimal digits, the longest key that the reference allows.
    pub(crate) fn app_key(&self) -> String {
        text(&hex::<16>(&self.resources)).to_owned()
    }
}

fn generators(seed: u64) -> (fastrand::Rng, fastrand::Rng) {
    let mut resources = fastrand::Rng::with_seed(seed);
    (resources.fork(), resources)
}

fn of_secrets(seed: u64) -> fastrand::Rng {
    fastrand::Rng::with_seed(!seed)
}

fn hex<const N: usize>(generator: &Mutex<fastrand::Rng>) -> [u8; N] {
    let mut generator = generator.lock().unwrap_or_else(PoisonError::into_inner);
    let mut hex = [b'0'; N];
    // 16 digits of every 64 random bits.
    for digits in hex.chunks_mut(16) {
        let bytes = generator.u64(..).to_le_bytes();
        for (pair, byte) in digits.chunks_mut(2).zip(bytes) {
            for (digit, half) in pair.iter_mut().zip([byte >> 4, byte & 0xf]) {
                *digit = if half < 10 { b'0' + half } else { b'a' + half - 10 };
            }
        }
    }
    hex
}

/// The id of one request, as it stands in `X-request-Id`.
#[derive(Clone, Copy)]
pub(crate) struct RequestId([u8; 32]);

impl RequestId {
    pub(crate) fn as_str(&self) -> &str {
        text(&self.0)
    }
}

fn text(hex: &[u8]) -> &str {
    std::str::from_utf8(hex).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seed_repeats_the_ids_and_each_id_is_another() {
        let (a, b) = (Ids::new(Seed::Given(7)), Ids::new(Seed::Given(7)));
        let first = a.request_id();
        assert_eq!(first.as_str(), b.request_id().as_str());
        assert_ne!(first.as_str(), a.request_id().as_str());
        assert!(
            first.as_str().bytes().all(|c| c.is_ascii_hexdigit()) && first.as_str().len() == 32
        );
        assert_eq!(a.app_id().as_str().len(), 24);
        assert_ne!(a.app_id(), b.app_id(), "b has made one less");
    }

    #[test]
    fn a_request_more_does_not_change_what_is_made() {
        let (a, b) = (Ids::new(Seed::Given(7)), Ids::new(Seed::Given(7)));
        a.request_id();
        assert_eq!(a.app_id(), b.app_id());
        assert_eq!(a.job_id(), b.job_id());
    }

    #[test]
    fn a_restart_repeats_ids_and_secrets() {
        let ids = Ids::new(Seed::Given(7));
        let made = || (ids.request_id().as_str().to_owned(), ids.app_id(), ids.secret::<32>());
        let first = made();
        assert_ne!(made(), first);
        ids.restart(Seed::Given(7));
        assert_eq!(made(), first);
    }

    #[test]
    fn ids_go_on_where_the_seed_was_drawn() {
        let ids = Ids::new(Seed::Drawn(7));
        let first = ids.app_id();
        ids.restart(Seed::Drawn(7));
        assert_ne!(ids.app_id(), first);
    }

    #[test]
    fn a_drawn_seed_makes_no_secrets() {
        let secret = || Ids::new(Seed::Drawn(7)).secret::<32>();
        assert_ne!(secret(), secret());
    }
}
