//! Signing and verifying beside the bare hashing and the signer of AWS, for people.
//!
//! `cargo bench -p rtc-signer --bench signing`. Single figures move with what else the machine
//! does; `--bench ratios` gives figures that can be compared.

use criterion::{BatchSize, Criterion, criterion_group, criterion_main};
use http::Request;

use crate::subject::Subject;

#[path = "support/aws.rs"]
mod aws;
#[path = "support/subject.rs"]
mod subject;

fn signing(criterion: &mut Criterion) {
    for subject in [Subject::get(), Subject::put()] {
        let (request, arrived) = (subject.request(), subject.arrived());
        let mut group = criterion.benchmark_group(subject.name);
        group.bench_function("hash", |bencher| bencher.iter(|| subject.hash()));
        group.bench_function("sign", |bencher| bencher.iter(|| subject.sign(&request)));
        group.bench_function("sign_parts", |bencher| {
            let sign = |parts: &mut _| subject.sign_parts(parts);
            bencher.iter_batched_ref(|| subject.head(), sign, BatchSize::SmallInput);
        });
        group.bench_function("verify", |bencher| bencher.iter(|| subject.verify(&arrived)));
        group.bench_function("aws-sigv4", |bencher| {
            let head = || Request::from_parts(subject.head(), ());
            bencher.iter_batched_ref(head, aws::signing(&subject), BatchSize::SmallInput);
        });
        group.finish();
    }
}

criterion_group!(benches, signing);
criterion_main!(benches);
