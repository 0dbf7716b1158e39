//! The cost of signing and verifying, as ratios that hold on any machine.
//!
//! `cargo bench -p rtc-signer --bench ratios`. Two things are timed in turn, a batch of each, many
//! times over; the ratio is the median of the pairs, so that what else the machine does at the time
//! meets both alike. The counts of allocations are in `--bench allocations`.

#![expect(clippy::print_stdout, reason = "the figures are what the program is for")]

use std::hint::black_box;
use std::time::{Duration, Instant};

use http::request::Parts;
use http::{HeaderMap, HeaderValue, Method, Request};
use ring::digest::{SHA256, digest};
use ring::hmac;
use rtc_signer::{Credentials, Payload, SignableRequest, Signer, Verifier};

use crate::subject::Subject;

#[path = "support/aws.rs"]
mod aws;
#[path = "support/subject.rs"]
mod subject;

const BATCH: u32 = 100;
const PAIRS: usize = 2001;

fn main() {
    println!(
        "| {:<18} | {:<34} | {:>9} | {:>9} | {:>6} |",
        "request", "what", "ns", "base ns", "ratio"
    );
    println!("|{:-<20}|{:-<36}|{:->11}|{:->11}|{:->8}|", "", "", "", "", "");
    for subject in [Subject::get(), Subject::put()] {
        let (request, arrived) = (subject.request(), subject.arrived());
        let hash = || subject.hash();
        let row = |what, pair| print_row(subject.name, what, pair);
        row("hash / hash (the noise)", compare(BATCH, hash, hash));
        row("hash in turn / hash", compare(BATCH, || hash_in_turn(&subject), hash));
        row("sign / hash", compare(BATCH, || subject.sign(&request), hash));
        row("verify / hash", compare(BATCH, || subject.verify(&arrived), hash));
        let sign_parts = || time_each(&subject, |head| subject.sign_parts(head));
        row("sign_parts / hash", pairs(sign_parts, || time(BATCH, &hash)));
        let aws = aws::signing(&subject);
        let aws = || {
            let heads = (0..BATCH).map(|_| Request::from_parts(subject.head(), ()));
            let mut heads: Vec<_> = heads.collect();
            let start = Instant::now();
            heads.iter_mut().for_each(&aws);
            start.elapsed() / BATCH
        };
        row("aws-sigv4 / sign_parts", pairs(aws, sign_parts));
    }
    println!();
    growth();
}

/// The same hashes, each of which waits for the one before, as it must when a request is signed.
fn hash_in_turn(subject: &Subject) {
    let mut last = [0; 32];
    for text in [&subject.body, &subject.canonical_request] {
        if !text.is_empty() {
            let hash = digest(&SHA256, &after(last, text)[..text.len()]);
            last.copy_from_slice(hash.as_ref());
        }
    }
    let text = &subject.string_to_sign;
    black_box(hmac::sign(&subject.key, &after(last, text)[..text.len()]));
}

/// A text that begins as the last hash ended, so that it must wait for it.
fn after(last: [u8; 32], text: &[u8]) -> [u8; 512] {
    let mut room = [0; 512];
    room[..text.len()].copy_from_slice(text);
    room[..last.len()].copy_from_slice(&last);
    black_box(room)
}

/// Medians: what, base, and ratio of a pair.
struct Compared {
    what: Duration,
    base: Duration,
    ratio: f64,
}

fn compare(batch: u32, what: impl Fn(), base: impl Fn()) -> Compared {
    pairs(|| time(batch, &what), || time(batch, &base))
}

fn pairs(mut what: impl FnMut() -> Duration, mut base: impl FnMut() -> Duration) -> Compared {
    let (mut whats, mut bases, mut ratios) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..PAIRS {
        let (one, other) = (what(), base());
        ratios.push(one.as_secs_f64() / other.as_secs_f64());
        whats.push(one);
        bases.push(other);
    }
    whats.sort_unstable();
    bases.sort_unstable();
    ratios.sort_unstable_by(f64::total_cmp);
    let middle = PAIRS / 2;
    Compared { what: whats[middle], base: bases[middle], ratio: ratios[middle] }
}

/// The heads are made before the clock runs, since a caller has one anyway.
fn time_each(subject: &Subject, sign: impl Fn(&mut Parts)) -> Duration {
    let mut heads: Vec<_> = (0..BATCH).map(|_| subject.head()).collect();
    let start = Instant::now();
    heads.iter_mut().for_each(sign);
    start.elapsed() / BATCH
}

fn time(batch: u32, what: &impl Fn()) -> Duration {
    let start = Instant::now();
    for _ in 0..batch {
        what();
    }
    start.elapsed() / batch
}

fn print_row(request: &str, what: &str, compared: Compared) {
    let Compared { what: time, base, ratio } = compared;
    let (time, base) = (time.as_nanos(), base.as_nanos());
    println!("| {request:<18} | {what:<34} | {time:>9} | {base:>9} | {ratio:>6.2} |");
}

/// Large inputs at three sizes; a cost that is linear grows four times with each step.
fn growth() {
    type Make = fn(usize) -> Large;
    let inputs: [(&str, usize, Make); 5] = [
        ("a header of 128 KB", 128 << 10, |size| Large::new("/", "", &"x".repeat(size))),
        ("10,000 sorted pairs", 10_000, |size| Large::new("/", &pairs_of_query(0..size), "")),
        ("10,000 reversed pairs", 10_000, |size| {
            Large::new("/", &pairs_of_query((0..size).rev()), "")
        }),
        ("1 MB of % in a path", 1 << 20, |size| Large::new(&"%".repeat(size), "", "")),
        ("1 MB of % in a query", 1 << 20, |size| Large::new("/", &"%".repeat(size), "")),
    ];
    println!(
        "| {:<22} | {:<6} | {:>11} | {:>11} | {:>11} | {:>7} |",
        "input", "what", "1/16", "1/4", "whole", "a step"
    );
    println!("|{:-<24}|{:-<8}|{:->13}|{:->13}|{:->13}|{:->9}|", "", "", "", "", "", "");
    for (name, whole, make) in inputs {
        let sizes = [whole / 16, whole / 4, whole].map(make);
        print_growth(name, "sign", &sizes, Large::sign);
        print_growth(name, "verify", &sizes, Large::verify);
    }
}

fn print_growth(input: &str, what: &str, sizes: &[Large; 3], run: impl Fn(&Large)) {
    let times = sizes.each_ref().map(|large| {
        let mut times: Vec<_> = (0..31).map(|_| time(1, &|| run(large))).collect();
        times.sort_unstable();
        // The least, since a long run is often interrupted.
        times[0].as_secs_f64() * 1e6
    });
    let step = (times[2] / times[0]).sqrt();
    let [one, two, three] = times.map(|time| format!("{time:.1} µs"));
    println!("| {input:<22} | {what:<6} | {one:>11} | {two:>11} | {three:>11} | {step:>7.2} |");
}

fn pairs_of_query(numbers: impl Iterator<Item = usize>) -> String {
    let pairs: Vec<String> = numbers.map(|number| format!("key{number:06}=value")).collect();
    pairs.join("&")
}

/// A request that no `Uri` would hold.
struct Large {
    path: String,
    query: String,
    headers: HeaderMap,
    signer: Signer,
    verifier: Verifier,
}

impl Large {
    fn new(path: &str, query: &str, header: &str) -> Self {
        let credentials = Credentials::new(subject::AK, subject::SK);
        let mut headers = HeaderMap::new();
        headers.insert("x-large", HeaderValue::from_str(header).expect("it is ASCII"));
        let mut large = Self {
            path: path.to_owned(),
            query: query.to_owned(),
            headers,
            signer: Signer::new(credentials.clone()),
            verifier: Verifier::new().with_key(credentials),
        };
        let mut headers = large.headers.clone();
        let signed = large.signer.sign(&large.view(), subject::at()).expect("it can be signed");
        signed.apply(&mut headers);
        large.headers = headers;
        large
    }

    fn view(&self) -> SignableRequest<'_> {
        let Self { path, query, headers, .. } = self;
        SignableRequest::new(&Method::GET, path, Some(query), headers, Payload::Bytes(b""))
    }

    fn sign(&self) {
        black_box(&self.signer.sign(&self.view(), subject::at()).expect("it can be signed"));
    }

    fn verify(&self) {
        let verified = self.verifier.verify(&self.view(), subject::at());
        black_box(&verified.expect("it was signed with this key"));
    }
}
