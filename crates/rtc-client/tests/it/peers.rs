//! Peers on a raw socket that do odd things, and what becomes of the calls.

use std::time::{Duration, Instant, SystemTime};

use rtc_client::{Backoff, Client, ClientBuilder, ErrorKind};
use rtc_model::apps::AppReq;
use tokio::task::JoinSet;

use crate::peer::{Answer, Peer};
use crate::support::{APP, answer, signing};

/// A client that attempts again soon.
fn retrying(peer: &Peer) -> ClientBuilder {
    signing(peer).retry(Backoff::default().first_pause(Duration::from_millis(1)))
}

/// The same, which waits for no answer that does not come.
fn impatient(peer: &Peer, kind: ErrorKind) -> Client {
    let patience = if kind == ErrorKind::Timeout { 1 } else { 20 };
    retrying(peer).attempt_timeout(Duration::from_secs(patience)).build().unwrap()
}

fn client(peer: &Peer) -> Client {
    retrying(peer).build().unwrap()
}

fn ok() -> Vec<u8> {
    answer("200 OK", r#"{"app_id":"a1"}"#).into()
}

/// What a peer can do in the place of an answer.
fn failures() -> Vec<(&'static str, Answer, ErrorKind)> {
    let head = b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{".to_vec();
    let twice = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\n{} ".to_vec();
    let dripping = Answer::Dripping {
        head: b"HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n{".to_vec(),
        byte: b' ',
    };
    vec![
        ("closed without a byte", Answer::BytesThenClose(Vec::new()), ErrorKind::Transport),
        ("reset without a byte", Answer::BytesThenReset(Vec::new()), ErrorKind::Transport),
        (
            "closed in the head",
            Answer::BytesThenClose(b"HTTP/1.1 20".to_vec()),
            ErrorKind::Transport,
        ),
        ("closed in the body", Answer::BytesThenClose(head.clone()), ErrorKind::Transport),
        ("reset in the body", Answer::BytesThenReset(head.clone()), ErrorKind::Transport),
        (
            "no HTTP",
            Answer::BytesThenClose(b"\x16\x03\x01\x02\x00\x01".to_vec()),
            ErrorKind::Transport,
        ),
        ("two lengths", Answer::BytesThenClose(twice), ErrorKind::Transport),
        ("silence", Answer::BytesThenSilence(Vec::new()), ErrorKind::Timeout),
        ("silence in the body", Answer::BytesThenSilence(head), ErrorKind::Timeout),
        (
            "a head too slow",
            Answer::Slowly([b"HTTP/1.1 200 OK\r\n".to_vec(), b"X: y\r\n".repeat(1000)].concat()),
            ErrorKind::Timeout,
        ),
        ("a body too slow", dripping, ErrorKind::Timeout),
        ("502", Answer::Bytes(answer("502 Bad Gateway", "<html>").into()), ErrorKind::Server),
    ]
}

#[tokio::test]
async fn an_idempotent_call_survives_two_failures_of_any_kind() {
    let mut calls = JoinSet::new();
    for (what, failure, kind) in failures() {
        calls.spawn(async move {
            let peer = Peer::start([failure.clone(), failure, Answer::Bytes(ok())]).await;
            let reply = impatient(&peer, kind).show_app(APP).await;
            assert_eq!(reply.unwrap().output().app_id, Some("a1".into()), "{what}");
            assert_eq!(peer.received().len(), 3, "{what}");
        });
    }
    calls.join_all().await;
}

#[tokio::test]
async fn another_call_makes_exactly_one_attempt() {
    let mut calls = JoinSet::new();
    for (what, failure, kind) in failures() {
        calls.spawn(async move {
            let peer = Peer::start([failure, Answer::Bytes(ok())]).await;
            let client = impatient(&peer, kind);
            let error = client.create_app(AppReq::new("n")).await.unwrap_err();
            assert_eq!((error.kind(), error.attempts()), (kind, 1), "{what}");
            assert_eq!(peer.received().len(), 1, "{what}");
        });
    }
    calls.join_all().await;
}

#[tokio::test]
async fn informational_answers_are_passed_over() {
    let mut bytes =
        b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n".to_vec();
    bytes.extend(ok());
    let peer = Peer::once(bytes).await;
    assert_eq!(client(&peer).show_app(APP).await.unwrap().status(), 200);
}

#[tokio::test]
async fn a_slow_answer_within_its_time_is_an_answer() {
    let peer = Peer::start([Answer::Slowly(ok())]).await;
    let client = retrying(&peer).attempt_timeout(Duration::from_secs(20)).build().unwrap();
    assert_eq!(client.show_app(APP).await.unwrap().status(), 200);
}

#[tokio::test]
async fn what_follows_an_answer_unasked_is_not_taken_for_the_next_one() {
    let mut more = ok();
    more.extend(answer("200 OK", r#"{"app_id":"smuggled"}"#).into_bytes());
    let peer = Peer::start([Answer::Bytes(more), Answer::Bytes(ok())]).await;
    let client = client(&peer);
    for _ in 0..2 {
        let reply = client.show_app(APP).await.unwrap();
        assert_eq!(reply.output().app_id, Some("a1".into()));
    }
    let received = peer.received();
    assert_eq!(received.last().unwrap().connection, 1, "the first connection is not used again");
}

#[tokio::test]
async fn a_429_is_waited_out_as_the_answer_says() {
    let busy = "HTTP/1.1 429 Too Many Requests\r\nRetry-After: 0\r\nContent-Length: 2\r\n\r\n{}";
    let peer = Peer::start([
        Answer::Bytes(busy.into()),
        Answer::Bytes(answer("201 Created", r#"{"app_id":"a1"}"#).into()),
    ])
    .await;
    client(&peer).create_app(AppReq::new("n")).await.unwrap();
    assert_eq!(peer.received().len(), 2);
}

/// A 429 that says when to come again.
fn busy(retry_after: &str) -> Answer {
    let head = "HTTP/1.1 429 Too Many Requests\r\nContent-Length: 2\r\nRetry-After:";
    Answer::Bytes(format!("{head} {retry_after}\r\n\r\n{{}}").into_bytes())
}

/// The time that a policy may add, and what the machine may need.
const LATER: Duration = Duration::from_secs(10);

async fn waits_seconds() {
    let created = answer("201 Created", r#"{"app_id":"a1"}"#);
    let peer = Peer::start([busy("1"), Answer::Bytes(created.into())]).await;
    let client = signing(&peer).retry(Backoff::default()).build().unwrap();
    client.create_app(AppReq::new("n")).await.unwrap();
    let second = Duration::from_secs(1);
    let received = peer.received();
    let waited = received[1].at - received[0].at;
    assert!((second..second + LATER).contains(&waited), "{waited:?}");
}

async fn waits_for_a_date() {
    // The date has no parts of a second: from one to two are left until then.
    let (begin, now) = (Instant::now(), SystemTime::now());
    let date = httpdate::fmt_http_date(now + Duration::from_secs(2));
    let left = httpdate::parse_http_date(&date).unwrap().duration_since(now).unwrap();
    let peer = Peer::start([busy(&date), Answer::Bytes(ok())]).await;
    let client = signing(&peer).clock(SystemTime::now).retry(Backoff::default()).build().unwrap();
    client.show_app(APP).await.unwrap();
    let waited = peer.received()[1].at - begin;
    assert!((left..left + LATER).contains(&waited), "{waited:?} in place of {left:?}");
}

#[tokio::test]
async fn a_429_is_waited_out_by_the_clock_on_the_wall_in_both_forms() {
    tokio::join!(waits_seconds(), waits_for_a_date());
}
