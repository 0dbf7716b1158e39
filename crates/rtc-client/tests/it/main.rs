//! The client against a peer on a raw socket, whose answers no type of ours has made, and against a
//! script in the place of the network where many calls or the time matter.

#![expect(clippy::unwrap_used, reason = "a test that goes wrong ends by a panic")]

mod calls;
mod credentials;
mod iam;
mod idle;
mod limits;
mod memory;
mod pages;
mod peer;
mod peers;
mod pool;
mod proxies;
mod refusals;
mod requests;
mod resets;
mod retries;
mod script;
mod seams;
mod secrets;
mod socks;
mod stale;
mod support;
mod waiting;
