//! The recipes of docs/recipes.md, which quotes these files; `cargo xtask tidy` compares them.

mod clock_and_a_day;
mod expired_token;
mod fail_twice;
mod lost_answer;
mod slow_network;
mod throttled_burst;
mod wait_for;
