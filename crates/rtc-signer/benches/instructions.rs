//! Signs or verifies a fixed number of times and does nothing else, so that instructions can be
//! counted.
//!
//! A count of instructions does not depend on what else the machine does, so one that has grown is
//! a regression. `cargo xtask instructions` counts them with callgrind; what `hash` takes, which is
//! the hashes alone and the start of the program, is subtracted. To see where they go:
//!
//! ```sh
//! CARGO_PROFILE_BENCH_DEBUG=1 cargo bench -p rtc-signer --bench instructions --no-run
//! valgrind --tool=callgrind --callgrind-out-file=target/callgrind.out \
//!     "$(ls -t target/release/deps/instructions-* | grep -v '\.d$' | head -n 1)" sign GET 2000
//! callgrind_annotate target/callgrind.out
//! ```
//!
//! `sign` may be `sign_parts`, `verify` or `hash`, and `GET` may be `PUT`.

use crate::subject::Subject;

#[path = "support/subject.rs"]
mod subject;

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let [what, request, count] = arguments[..] else {
        // So does `cargo bench` run it, and needs no figure.
        return;
    };
    let subjects = [Subject::get(), Subject::put()];
    let Some(subject) = subjects.iter().find(|subject| subject.name.starts_with(request)) else {
        return;
    };
    let (request, arrived) = (subject.request(), subject.arrived());
    for _ in 0..count.parse().unwrap_or(1_u32) {
        match what {
            "hash" => subject.hash(),
            "sign_parts" => subject.sign_parts(&mut subject.head()),
            "verify" => subject.verify(&arrived),
            _ => subject.sign(&request),
        }
    }
}
