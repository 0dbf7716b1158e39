//! The faults of a server: which there are, and which strikes.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use http::request::Parts;
use rtc_model::record_callback::NotifyEvent;

use crate::admin_api::FaultStatus;
use crate::fault::{Act, DeliveryPlan, Fault, FaultError, FaultKind, FaultTime, Plan};
use crate::journal::FaultMark;
use crate::metrics::Asked;

/// The most faults that a server has.
const MAX_FAULTS: usize = 1_000;

/// The faults of a server. Requests pay for them only while one can strike.
#[derive(Debug)]
pub(crate) struct Faults {
    can_strike: AtomicBool,
    /// How often one struck, also one that was removed since.
    struck: AtomicU64,
    seed: u64,
    rows: Mutex<FaultRows>,
}

/// Faults by their order.
#[derive(Debug, Default)]
struct FaultRows {
    rows: BTreeMap<u64, Row>,
    next: u64,
}

#[derive(Debug)]
struct Row {
    fault: Fault,
    mark: Arc<FaultMark>,
    /// Of the seed and the id alone, so that another fault changes nothing.
    random: fastrand::Rng,
    matched: u64,
    struck: u64,
}

impl Faults {
    pub(crate) fn new(seed: u64, faults: &[Fault]) -> Self {
        let new = Self {
            can_strike: AtomicBool::new(false),
            struck: AtomicU64::new(0),
            seed,
            rows: Mutex::default(),
        };
        new.restart(faults);
        new
    }

    /// What the faults make of a request that was let in.
    pub(crate) fn plan(&self, asked: Asked, head: &Parts) -> Plan {
        if !self.can_strike.load(Ordering::Acquire) {
            return Plan::default();
        }
        let mut rows = self.lock();
        let mut plan = Plan::default();
        for row in rows.rows.values_mut() {
            let meant = row.fault.means(asked, head);
            if !row.strikes(meant) {
                continue;
            }
            self.struck.fetch_add(1, Ordering::Relaxed);
            if let FaultKind::Delay(delay) = &row.fault.kind {
                let delay = delay.sample(&mut row.random);
                match row.fault.when {
                    FaultTime::Before => plan.before = plan.before.saturating_add(delay),
                    FaultTime::After => plan.after = plan.after.saturating_add(delay),
                }
                plan.mark.get_or_insert_with(|| Arc::clone(&row.mark));
            } else if let Some(act) = Act::of(&row.fault.kind, &mut row.random) {
                plan.act = Some((row.fault.when, act));
                plan.mark = Some(Arc::clone(&row.mark));
                // What comes instead of the answer is decided; the others wait for the next one.
                break;
            }
        }
        self.look(&rows);
        plan
    }

    /// What the first fault that strikes makes of an attempt to deliver a notification. One that was
    /// moved before is not moved again.
    pub(crate) fn plan_delivery(
        &self,
        event: &NotifyEvent,
        was_moved: bool,
    ) -> Option<DeliveryPlan> {
        if !self.can_strike.load(Ordering::Acquire) {
            return None;
        }
        let mut rows = self.lock();
        let row = rows.rows.values_mut().find_map(|row| {
            let can_strike = !(was_moved && row.fault.kind.moves());
            let meant = can_strike && row.fault.means_notification(event);
            row.strikes(meant).then_some(row)
        });
        let plan = row.map(|row| {
            self.struck.fetch_add(1, Ordering::Relaxed);
            DeliveryPlan { kind: row.fault.kind.clone(), mark: Arc::clone(&row.mark) }
        });
        self.look(&rows);
        plan
    }

    /// How often a fault struck since the start.
    pub(crate) fn struck(&self) -> u64 {
        self.struck.load(Ordering::Relaxed)
    }

    /// All faults with what they did, in their order.
    pub(crate) fn list(&self) -> Vec<FaultStatus> {
        self.lock().rows.values().map(Row::status).collect()
    }

    /// One fault.
    pub(crate) fn get(&self, id: &str) -> Option<FaultStatus> {
        let rows = self.lock();
        rows.place(id).and_then(|place| rows.rows.get(&place)).map(Row::status)
    }

    /// Adds a fault at the end; gives its id.
    pub(crate) fn add(&self, fault: Fault) -> Result<String, FaultError> {
        let mut rows = self.lock();
        rows.check_room()?;
        let id = rows.free_id();
        rows.push(id.clone(), fault, self.seed);
        self.look(&rows);
        Ok(id)
    }

    /// Puts a fault in the place of the one with the id, or at the end. Its counts begin anew.
    pub(crate) fn set(&self, id: &str, fault: Fault) -> Result<(), FaultError> {
        let letters = id.bytes().all(|c| c.is_ascii_alphanumeric() || c == b'_' || c == b'-');
        if !(1..=64).contains(&id.len()) || !letters {
            return Err(FaultError::Id(id.to_owned()));
        }
        let mut rows = self.lock();
        if let Some(place) = rows.place(id) {
            rows.rows.insert(place, Row::new(id.to_owned(), fault, self.seed));
        } else {
            rows.check_room()?;
            rows.push(id.to_owned(), fault, self.seed);
        }
        self.look(&rows);
        Ok(())
    }

    /// Puts these faults in the place of all.
    pub(crate) fn replace(&self, faults: Vec<Fault>) -> Result<(), FaultError> {
        Self::check(&faults)?;
        self.restart(&faults);
        Ok(())
    }

    /// Whether there are not too many.
    pub(crate) fn check(faults: &[Fault]) -> Result<(), FaultError> {
        if faults.len() <= MAX_FAULTS { Ok(()) } else { Err(FaultError::TooMany(faults.len())) }
    }

    /// The faults of the start, with new counts and the same chances.
    pub(crate) fn restart(&self, faults: &[Fault]) {
        let mut rows = self.lock();
        *rows = FaultRows::default();
        for fault in faults {
            let id = rows.free_id();
            rows.push(id, fault.clone(), self.seed);
        }
        self.look(&rows);
    }

    /// Removes a fault; `false` when there is none with the id.
    pub(crate) fn remove(&self, id: &str) -> bool {
        let mut rows = self.lock();
        let removed = rows.place(id).and_then(|place| rows.rows.remove(&place));
        self.look(&rows);
        removed.is_some()
    }

    /// Removes all; how many there were.
    pub(crate) fn clear(&self) -> usize {
        let mut rows = self.lock();
        let count = rows.rows.len();
        rows.rows.clear();
        self.look(&rows);
        count
    }

    fn look(&self, rows: &FaultRows) {
        let can = rows.rows.values().any(|row| row.struck < row.fault.most());
        self.can_strike.store(can, Ordering::Release);
    }

    fn lock(&self) -> MutexGuard<'_, FaultRows> {
        self.rows.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl FaultRows {
    fn place(&self, id: &str) -> Option<u64> {
        self.rows.iter().find(|(_, row)| row.mark.id == id).map(|(place, _)| *place)
    }

    fn check_room(&self) -> Result<(), FaultError> {
        if self.rows.len() < MAX_FAULTS { Ok(()) } else { Err(FaultError::TooMany(MAX_FAULTS)) }
    }

    /// A number that nobody chose before.
    fn free_id(&mut self) -> String {
        loop {
            self.next += 1;
            let id = self.next.to_string();
            if self.place(&id).is_none() {
                return id;
            }
        }
    }

    fn push(&mut self, id: String, fault: Fault, seed: u64) {
        let place = self.rows.last_key_value().map_or(0, |(last, _)| last + 1);
        self.rows.insert(place, Row::new(id, fault, seed));
    }
}

impl Row {
    fn new(id: String, fault: Fault, seed: u64) -> Self {
        // FNV-1a: the same id and seed make the same chances.
        let hash = id.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
            (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
        });
        let mark = Arc::new(FaultMark { id, spec: fault.to_string() });
        let random = fastrand::Rng::with_seed(seed ^ hash);
        Self { fault, mark, random, matched: 0, struck: 0 }
    }

    /// Whether it strikes a request or notification that may be meant; counts it.
    fn strikes(&mut self, meant: bool) -> bool {
        if self.struck >= self.fault.most() || !meant {
            return false;
        }
        self.matched += 1;
        let is_turn = self.matched >= self.fault.nth.unwrap_or(1);
        let strikes = is_turn && (self.fault.rate >= 1.0 || self.random.f64() < self.fault.rate);
        self.struck += u64::from(strikes);
        strikes
    }

    fn status(&self) -> FaultStatus {
        FaultStatus {
            id: self.mark.id.clone(),
            spec: self.mark.spec.clone(),
            fault: self.fault.clone(),
            matched: self.matched,
            struck: self.struck,
        }
    }
}

#[cfg(test)]
mod tests {
    use rtc_model::OperationId;

    use super::*;

    const SHOW_APP: Asked = Asked::Operation(OperationId::ShowApp);

    fn strikes(spec: &str, requests: usize) -> Vec<bool> {
        let faults = Faults::new(1, &[spec.parse().unwrap()]);
        let (head, ()) = http::Request::new(()).into_parts();
        let plan = || faults.plan(SHOW_APP, &head).mark.is_some();
        (0..requests).map(|_| plan()).collect()
    }

    #[test]
    fn count_and_nth_choose_the_requests() {
        let (yes, no) = (true, false);
        assert_eq!(strikes("ShowApp=reset,count=2", 4), [yes, yes, no, no]);
        assert_eq!(strikes("*=reset,nth=3", 5), [no, no, yes, no, no]);
        assert_eq!(strikes("*=reset,nth=2,count=2", 5), [no, yes, yes, no, no]);
        assert_eq!(strikes("CreateApp=reset", 2), [no, no]);
        assert_eq!(strikes("IAM=reset", 1), [no]);
        assert_eq!(strikes("*=reset,method=PUT", 1), [no]);
        assert_eq!(strikes("*=reset,method=GET", 1), [yes]);
        assert_eq!(strikes("*=reset,count=0", 1), [no]);
    }

    #[test]
    fn the_seed_decides_on_chances_and_they_are_kept() {
        let spec = "*=status(503),rate=0.2";
        let struck = strikes(spec, 1_000);
        assert_eq!(struck, strikes(spec, 1_000));
        let count = struck.iter().filter(|struck| **struck).count();
        assert!((160..240).contains(&count), "{count}");
    }

    #[test]
    fn delays_add_up_and_the_first_that_replaces_the_answer_wins() {
        let specs =
            ["*=delay(1s)", "*=delay(2s),when=after", "*=close,count=1", "*=delay(4s)", "*=reset"];
        let faults = specs.map(|spec| spec.parse().unwrap());
        let faults = Faults::new(7, &faults);
        let (head, ()) = http::Request::new(()).into_parts();
        let plans = [(); 2].map(|()| faults.plan(SHOW_APP, &head));
        assert_eq!(plans[0].mark.as_ref().unwrap().id, "3");
        assert_eq!((plans[0].before.as_secs(), plans[0].after.as_secs()), (1, 2));
        assert_eq!(plans[1].mark.as_ref().unwrap().id, "5");
        assert_eq!((plans[1].before.as_secs(), plans[1].after.as_secs()), (5, 2));
        assert_eq!(faults.get("5").unwrap().struck, 1, "it was not its turn the first time");
    }

    #[test]
    fn faults_are_put_replaced_and_removed_by_id() {
        let faults = Faults::new(7, &[]);
        let fault = |spec: &str| spec.parse::<Fault>().unwrap();
        faults.set("2", fault("*=reset")).unwrap();
        assert_eq!(faults.add(fault("*=close")), Ok("1".to_owned()));
        assert_eq!(faults.add(fault("*=close")), Ok("3".to_owned()), "2 is taken");
        faults.set("2", fault("*=garbage")).unwrap();
        let specs: Vec<_> = faults.list().into_iter().map(|row| row.spec).collect();
        assert_eq!(specs, ["*=garbage", "*=close", "*=close"], "it keeps its place");
        assert!(faults.remove("2") && !faults.remove("2"));
        assert!(faults.set("a/b", fault("*=reset")).is_err());
        assert_eq!(faults.clear(), 2);
    }
}
