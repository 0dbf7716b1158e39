//! How many attempts more a whole client may make.

use std::sync::atomic::{AtomicU32, Ordering};

/// What one more attempt takes.
const PRICE: u32 = 10;
/// What a call that was answered gives back, besides what it took.
const REFUND: u32 = 1;

/// A store of further attempts, which calls that are answered fill again: where all fails, the
/// calls of a client soon cost one attempt each, and not three.
#[derive(Debug)]
pub(crate) struct Budget {
    capacity: u32,
    left: AtomicU32,
}

impl Budget {
    /// A full store for so many attempts.
    pub(crate) fn new(attempts: u32) -> Self {
        let capacity = attempts.saturating_mul(PRICE);
        Self { capacity, left: AtomicU32::new(capacity) }
    }

    /// Takes one attempt out; `false` where there is none.
    pub(crate) fn take(&self) -> bool {
        self.change(|left| left.checked_sub(PRICE))
    }

    /// A call was answered that has taken so many attempts out: they were worth it.
    pub(crate) fn answered(&self, taken: u32) {
        let refund = taken.saturating_mul(PRICE).saturating_add(REFUND);
        // Full most of the time: then nothing is written, so that no processor waits for another.
        if self.left.load(Ordering::Relaxed) < self.capacity {
            self.change(|left| Some(left.saturating_add(refund).min(self.capacity)));
        }
    }

    fn change(&self, to: impl FnMut(u32) -> Option<u32>) -> bool {
        self.left.fetch_update(Ordering::Relaxed, Ordering::Relaxed, to).is_ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_budget_is_used_up_and_ten_answered_calls_give_one_attempt_back() {
        let budget = Budget::new(2);
        assert!(budget.take() && budget.take());
        assert!(!budget.take());
        for _ in 0..9 {
            budget.answered(0);
        }
        assert!(!budget.take());
        budget.answered(0);
        assert!(budget.take());
        assert!(!budget.take());
    }

    #[test]
    fn a_call_that_is_answered_at_last_gives_back_what_it_took() {
        let budget = Budget::new(2);
        for _ in 0..1000 {
            assert!(budget.take());
            budget.answered(1);
        }
        assert!(budget.take() && budget.take());
    }

    #[test]
    fn a_budget_is_never_more_than_full() {
        let budget = Budget::new(1);
        for _ in 0..100 {
            budget.answered(0);
        }
        assert!(budget.take());
        assert!(!budget.take());
        assert!(!Budget::new(0).take());
        assert!(Budget::new(u32::MAX).take());
    }
}
