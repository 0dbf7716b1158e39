//! The client against a peer on a raw socket, whose answers no type of ours has made.

#![expect(clippy::unwrap_used, reason = "a test that goes wrong ends by a panic")]

mod limits;
mod peer;
mod refusals;
mod requests;
mod seams;
mod support;
