//! How often signing and verifying take memory from the heap.
//!
//! `cargo bench -p rtc-signer --bench allocations`. A program of its own, since the allocator that
//! counts would slow down what the other benches time.

#![expect(clippy::print_stdout, reason = "the figures are what the program is for")]

use allocation_counter::measure;
use http::Request;

use crate::subject::Subject;

#[path = "support/aws.rs"]
mod aws;
#[path = "support/subject.rs"]
mod subject;

fn main() {
    println!("| {:<18} | {:<10} | {:>11} | {:>7} |", "request", "what", "allocations", "bytes");
    println!("|{:-<20}|{:-<12}|{:->13}|{:->9}|", "", "", "", "");
    for subject in [Subject::get(), Subject::put()] {
        let (request, arrived) = (subject.request(), subject.arrived());
        let mut head = subject.head();
        let aws = aws::signing(&subject);
        let mut other = Request::from_parts(subject.head(), ());
        let row = |what, counted: allocation_counter::AllocationInfo| {
            let (count, bytes) = (counted.count_total, counted.bytes_total);
            println!("| {:<18} | {what:<10} | {count:>11} | {bytes:>7} |", subject.name);
        };
        row("hash", measure(|| subject.hash()));
        row("sign", measure(|| subject.sign(&request)));
        row("sign_parts", measure(|| subject.sign_parts(&mut head)));
        row("verify", measure(|| subject.verify(&arrived)));
        row("aws-sigv4", measure(|| aws(&mut other)));
    }
}
