//! The identifiers of the service.

id! {
    /// An application, as [`CreateApp`](crate::apps::CreateApp) returned it.
    AppId: 1..=32
}

id! {
    /// A record rule, made by the service.
    RuleId: 1..=128
}

id! {
    /// A job of single-stream recording or of mixing, made by the service.
    JobId: 1..=64
}

id! {
    /// A room. Letters, digits, `_` and `-` (the service's FAQ).
    RoomId: 1..=64, word
}

id! {
    /// A user in a room. Letters, digits, `_` and `-` (the service's FAQ).
    UserId: 1..=64, word
}
