//! What fails, how often. The seed of the server decides when.
//!
//! Faults that a client answers by another attempt come to less than a tenth of the requests
//! together, or its budget of further attempts would be used up: ten answered calls give one back.

/// The faults; not `reorder`, since the order of notifications is looked at.
pub(crate) const FAULTS: &[&str] = &[
    "*=delay(lognormal 3ms 0.8),rate=0.1",
    // Changes whose answer is lost: these are not repeated, or are answered otherwise.
    "CreateApp=status(503),rate=0.1,when=after",
    "CreateMixJob=reset,rate=0.1,when=after",
    "CreateIndividualStreamJob=end(20),rate=0.1",
    "StopMixJob=close,rate=0.1,when=after",
    "StopIndividualStreamJob=status(504),rate=0.1,when=after",
    "CreateRecordRule=garbage,rate=0.1,when=after",
    "DeleteRecordRule=reset,rate=0.1,when=after",
    "UpdateRecordCallback=length(-3),rate=0.1",
    "DeleteApp=status(502),rate=0.1,when=after",
    // For all.
    "*=status(503),rate=0.015",
    "*=status(503),rate=0.01,when=after",
    "*=status(500),rate=0.005",
    "*=reset,rate=0.01",
    "*=reset,rate=0.01,when=after",
    "*=close,rate=0.01,when=after",
    "*=end(7),rate=0.01",
    "*=garbage,rate=0.005",
    "*=length(-3),rate=0.005",
    "*=length(+3),rate=0.005",
    "*=trickle(97/2ms),rate=0.01",
    "*=throttle(1s),rate=0.001",
    "Notification=twice,rate=0.03",
    // These must be refused.
    "Notification=wrong-signature,rate=0.03",
    "Notification=old-signature(1h),rate=0.03",
    "Notification=end(10),rate=0.03",
    "Notification=late(200ms),rate=0.03",
];
