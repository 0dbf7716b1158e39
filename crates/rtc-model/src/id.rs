//! The identifiers of the service.

id! {
    /// An application, as [`CreateApp`](crate::apps::CreateApp) returned it.
    AppId: 1..=32
}

id! {
    /// A record rule, made by the service.
    RuleId: 1..=128
}
