//! What a run has asserted of each operation: a cell counts only where status and code were
//! asserted together with the body.

use std::collections::BTreeSet;
use std::sync::{Mutex, PoisonError};

/// An answer of an operation: its status, and its error code where it is a refusal.
pub type Cell = (String, u16, String);

static ASSERTED: Mutex<BTreeSet<Cell>> = Mutex::new(BTreeSet::new());

/// Notes that an answer of the operation was asserted.
pub fn asserted(operation: &str, status: u16, code: &str) {
    let cell = (operation.to_owned(), status, code.to_owned());
    ASSERTED.lock().unwrap_or_else(PoisonError::into_inner).insert(cell);
}

/// All that was asserted.
pub fn all() -> BTreeSet<Cell> {
    ASSERTED.lock().unwrap_or_else(PoisonError::into_inner).clone()
}
