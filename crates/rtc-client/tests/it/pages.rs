//! Lists over their pages.

use std::error::Error as _;
use std::time::Duration;

use bytes::Bytes;
use http::Request;
use proptest::prelude::*;
use rtc_client::model::OperationId;
use rtc_client::model::apps::AppFilter;
use rtc_client::{AllApps, Client, Delivery, Error, ErrorKind};

use crate::script::{Answer, Script};
use crate::support::chain;

/// What a service takes `offset` for.
#[derive(Clone, Copy)]
enum Offset {
    Page,
    Row,
}

/// The value of a parameter, which must be there.
fn parameter(request: &Request<Bytes>, name: &str) -> usize {
    let query = request.uri().query().unwrap();
    let pair = query.split('&').find_map(|pair| pair.split_once('=').filter(|(n, _)| *n == name));
    pair.unwrap().1.parse().unwrap()
}

/// The page that a request asks for out of `ids`.
fn page<'i>(request: &Request<Bytes>, ids: &'i [String], offset: Offset) -> &'i [String] {
    let limit = parameter(request, "limit");
    let begin = match offset {
        Offset::Page => parameter(request, "offset") * limit,
        Offset::Row => parameter(request, "offset"),
    };
    let begin = begin.min(ids.len());
    &ids[begin..ids.len().min(begin + limit)]
}

fn ids(count: usize) -> Vec<String> {
    (0..count).map(|number| format!("id{number}")).collect()
}

fn apps(ids: &[String], count: Option<i64>) -> String {
    let apps: Vec<_> = ids.iter().map(|id| serde_json::json!({ "app_id": id })).collect();
    serde_json::json!({ "count": count, "apps": apps }).to_string()
}

fn rules(ids: &[String]) -> String {
    let rules: Vec<_> = ids.iter().map(|id| serde_json::json!({ "rule_id": id })).collect();
    serde_json::json!({ "rules": rules }).to_string()
}

/// A service of so many apps, which says that there are `count`.
fn service(number: usize, count: Option<i64>, offset: Offset) -> (Client, Script) {
    let ids = ids(number);
    Script::by(move |request| Answer::ok(apps(page(request, &ids, offset), count)))
}

/// A service of so many apps, which says so.
fn honest(number: usize, offset: Offset) -> (Client, Script) {
    service(number, Some(number.try_into().unwrap()), offset)
}

/// All ids of a list, and the error that ended it.
async fn drain(mut all: AllApps) -> (Vec<String>, Option<Error>) {
    let mut found = Vec::new();
    while let Some(app) = all.next().await {
        match app {
            Ok(app) => found.push(app.app_id.unwrap().to_string()),
            Err(error) => {
                assert!(all.next().await.is_none(), "the list is over");
                return (found, Some(error));
            }
        }
    }
    assert!(all.next().await.is_none(), "the list stays over");
    (found, None)
}

#[track_caller]
fn assert_pages_error(error: &Error, operation: OperationId, cause: &str) {
    assert_eq!((error.kind(), error.operation()), (ErrorKind::Pages, operation));
    assert_eq!((error.status().unwrap().as_u16(), error.request_id()), (200, Some("r1")));
    assert_eq!(error.delivery(), Delivery::Answered);
    assert!(error.service_error().is_none() && error.raw_body().is_none());
    assert_eq!(
        error.to_string(),
        format!("{operation}: the pages do not make one list (request id r1)")
    );
    let texts = chain(error);
    assert_eq!(texts.len(), 2, "{texts:?}");
    assert!(texts[1].starts_with(cause), "{texts:?}");
}

#[tokio::test]
async fn all_apps_come_in_order_by_as_few_pages_as_the_count_allows() {
    for (number, pages) in [(0, 1), (1, 1), (99, 1), (100, 1), (101, 2), (200, 2), (250, 3)] {
        let (client, script) = honest(number, Offset::Page);
        let (found, error) = drain(client.all_apps(None)).await;
        assert!(error.is_none(), "{number}: {error:?}");
        assert_eq!(found, ids(number));
        let asked: Vec<_> =
            (0..pages).map(|page| format!("GET /v2/apps?limit=100&offset={page}")).collect();
        assert_eq!(script.lines(), asked, "{number}");
    }
}

#[tokio::test]
async fn all_rules_come_in_order_until_a_page_is_not_full() {
    for (number, pages) in [(0, 1), (1, 1), (99, 1), (100, 2), (101, 2), (200, 3), (250, 3)] {
        let all = ids(number);
        let (client, script) =
            Script::by(move |request| Answer::ok(rules(page(request, &all, Offset::Page))));
        let mut list = client.all_record_rules("a1");
        let mut found = Vec::new();
        while let Some(rule) = list.next().await {
            found.push(rule.unwrap().rule_id.unwrap().to_string());
        }
        assert_eq!(found, ids(number));
        let asked: Vec<_> = (0..pages)
            .map(|page| format!("GET /v2/apps/a1/record-rules?limit=100&offset={page}"))
            .collect();
        assert_eq!(script.lines(), asked, "{number}");
    }
}

proptest! {
    #[test]
    fn whatever_is_said_of_the_count_no_app_before_the_end_is_lost(
        number in 0..350_usize,
        said in proptest::option::of(-5..400_i64),
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let (client, script) = service(number, said, Offset::Page);
        let (found, error) = runtime.block_on(drain(client.all_apps(None)));
        prop_assert!(error.is_none());
        prop_assert_eq!(&found[..], &ids(number)[..found.len()]);
        let said = said.and_then(|said| usize::try_from(said).ok()).unwrap_or(usize::MAX);
        prop_assert!(found.len() >= number.min(said), "{} of {} came", found.len(), number);
        prop_assert!(script.lines().len() <= number / 100 + 1);
    }
}

#[tokio::test]
async fn a_count_that_is_too_small_ends_the_list_after_its_page() {
    let (client, script) = service(250, Some(150), Offset::Page);
    let (found, error) = drain(client.all_apps(None)).await;
    assert!(error.is_none());
    assert_eq!(found, ids(200), "what came is given");
    assert_eq!(script.lines().len(), 2);
}

#[tokio::test]
async fn a_count_that_is_too_large_or_absent_does_not_keep_the_list_going() {
    for said in [Some(1000), None] {
        for (number, pages) in [(150, 2), (200, 3)] {
            let (client, script) = service(number, said, Offset::Page);
            let (found, error) = drain(client.all_apps(None)).await;
            assert!(error.is_none());
            assert_eq!(found, ids(number));
            assert_eq!(script.lines().len(), pages);
        }
    }
}

#[tokio::test]
async fn a_page_that_is_longer_than_asked_for_is_given_whole() {
    let (client, script) = Script::of([Answer::ok(apps(&ids(250), Some(250)))]);
    assert_eq!(drain(client.all_apps(None)).await.0, ids(250));
    assert_eq!(script.lines().len(), 1);
}

#[tokio::test]
async fn both_readings_of_the_offset_agree_up_to_100_rows_and_beyond_the_other_is_told() {
    let (client, _) = honest(100, Offset::Row);
    let (found, error) = drain(client.all_apps(None)).await;
    assert!(error.is_none());
    assert_eq!(found, ids(100));

    let (client, script) = honest(101, Offset::Row);
    let (found, error) = drain(client.all_apps(None)).await;
    assert_eq!(found, ids(100), "the apps before are given");
    let cause = "item 100 of the list, on page 1, came before (both are counted from 0); ";
    assert_pages_error(&error.unwrap(), OperationId::ListApps, cause);
    assert_eq!(script.lines().len(), 2, "nothing more is asked for");
}

#[tokio::test]
async fn an_app_that_comes_twice_on_one_page_is_told() {
    let twice = ["a", "b", "a", "c"].map(str::to_owned);
    let (client, _) = Script::of([Answer::ok(apps(&twice, Some(4)))]);
    let (found, error) = drain(client.all_apps(None)).await;
    assert_eq!(found, ["a", "b"]);
    assert_pages_error(&error.unwrap(), OperationId::ListApps, "item 2 of the list, on page 0,");
}

#[tokio::test]
async fn a_rule_that_comes_twice_pages_apart_is_told() {
    let mut all = ids(250);
    all[230] = all[7].clone();
    let (client, _) =
        Script::by(move |request| Answer::ok(rules(page(request, &all, Offset::Page))));
    let mut list = client.all_record_rules("a1");
    for _ in 0..230 {
        list.next().await.unwrap().unwrap();
    }
    let error = list.next().await.unwrap().unwrap_err();
    let cause = "item 230 of the list, on page 2, came before";
    assert_pages_error(&error, OperationId::ListRecordRules, cause);
    assert!(list.next().await.is_none());
}

#[tokio::test]
async fn an_item_without_an_id_is_told_and_not_compared() {
    let (client, _) = Script::of([Answer::ok(r#"{"apps":[{"app_id":"a"},{"app_name":"n"}]}"#)]);
    let (found, error) = drain(client.all_apps(None)).await;
    assert_eq!(found, ["a"]);
    let cause = "item 1 of the list, on page 0, has no id";
    assert_pages_error(&error.unwrap(), OperationId::ListApps, cause);
}

#[tokio::test]
async fn what_the_peer_wrote_is_not_in_the_text_of_the_error() {
    let twice = ["t0ken", "t0ken"].map(str::to_owned);
    let (client, _) = Script::of([Answer::ok(apps(&twice, Some(2)))]);
    let error = drain(client.all_apps(None)).await.1.unwrap();
    let shown = format!("{error} {error:?} {:?}", error.source());
    assert!(!shown.contains("t0ken"), "{shown}");
}

#[tokio::test]
async fn a_call_that_fails_is_told_and_the_same_page_can_be_asked_for_again() {
    let all = ids(150);
    let mut calls = 0;
    let (client, script) = Script::by(move |request| {
        calls += 1;
        match calls {
            2 => Answer::new(429, r#"{"error_code":"APIGW.0308","error_msg":"m"}"#),
            _ => Answer::ok(apps(page(request, &all, Offset::Page), Some(150))),
        }
    });
    let mut list = client.all_apps(None);
    let mut found = Vec::new();
    let mut errors = Vec::new();
    while let Some(app) = list.next().await {
        match app {
            Ok(app) => found.push(app.app_id.unwrap().to_string()),
            Err(error) => errors.push((found.len(), error.kind())),
        }
    }
    assert_eq!(errors, [(100, ErrorKind::Throttled)]);
    assert_eq!(found, ids(150), "none is lost and none comes twice");
    let offsets: Vec<_> =
        script.lines().iter().map(|line| line.rsplit('=').next().unwrap().to_owned()).collect();
    assert_eq!(offsets, ["0", "1", "1"]);
}

#[tokio::test]
async fn a_page_that_cannot_be_read_is_the_error_of_its_call() {
    let (client, _) = Script::of([Answer::ok("[]"), Answer::ok(apps(&ids(1), Some(1)))]);
    let mut list = client.all_apps(None);
    let error = list.next().await.unwrap().unwrap_err();
    assert_eq!((error.kind(), error.operation()), (ErrorKind::Decode, OperationId::ListApps));
    assert_eq!(drain(list).await.0, ids(1));
}

#[tokio::test]
async fn the_state_is_asked_for_on_every_page() {
    let (client, script) = honest(101, Offset::Page);
    let (found, _) = drain(client.all_apps(AppFilter::Deactivation)).await;
    assert_eq!(found.len(), 101);
    let asked =
        [0, 1].map(|page| format!("GET /v2/apps?limit=100&offset={page}&state=DEACTIVATION"));
    assert_eq!(script.lines(), asked);
}

#[tokio::test(start_paused = true)]
async fn a_future_that_is_dropped_loses_no_item() {
    let slow = |from: usize, to: usize| {
        Answer::ok(apps(&ids(to)[from..], Some(101))).after(Duration::from_secs(5))
    };
    let (client, script) = Script::of([slow(0, 100), slow(0, 100), slow(100, 101), slow(100, 101)]);
    let mut list = client.all_apps(None);
    let mut found = Vec::new();
    let mut dropped = 0;
    loop {
        // The first attempt at each page is given up before its answer comes.
        let patience = Duration::from_secs(if dropped == found.len() / 100 { 1 } else { 10 });
        match tokio::time::timeout(patience, list.next()).await {
            Err(_) => dropped += 1,
            Ok(Some(app)) => found.push(app.unwrap().app_id.unwrap().to_string()),
            Ok(None) => break,
        }
    }
    assert_eq!((found, dropped), (ids(101), 2));
    assert_eq!(script.lines().len(), 4);
}

#[tokio::test]
async fn nothing_is_asked_for_before_the_first_item_is_wanted() {
    let (client, script) = honest(3, Offset::Page);
    let mut list = client.all_apps(None);
    drop(client);
    assert!(script.lines().is_empty());
    list.next().await.unwrap().unwrap();
    let shown = format!("{list:?}");
    assert!(shown.contains("given: 1") && !shown.contains("id0"), "{shown}");
}

#[test]
fn lists_can_be_sent_between_threads() {
    fn sent<T: Send + 'static>(value: T) -> T {
        value
    }
    let (client, _) = service(0, None, Offset::Page);
    let mut apps = sent(client.all_apps(None));
    let mut rules = sent(client.all_record_rules("a1"));
    drop(sent(async move { (apps.next().await, rules.next().await) }));
}
