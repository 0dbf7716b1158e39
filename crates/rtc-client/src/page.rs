//! Lists that come in pages, item by item.

use std::collections::BTreeSet;
use std::fmt;
use std::vec::IntoIter;

use http::StatusCode;
use rtc_model::apps::{App, AppFilter, AppList, ListApps};
use rtc_model::record_rules::{ListRecordRules, RecordRule, RecordRuleList};
use rtc_model::{AppId, Operation, RuleId};

use crate::{Client, Error, Reply};

/// How many items a page is asked to hold: the most that the service allows. Up to this many items
/// the two readings of `offset`, page and row, agree (decision D1).
const LIMIT: i32 = 100;
/// The most items that are told apart.
const MAX_ITEMS: usize = 1_000_000;

/// All apps of the account, page by page; made by [`Client::all_apps`].
///
/// A page of 100 apps is asked for when the first of them is wanted. The list ends after a page
/// that is not full, or when as many apps came as the service says there are.
///
/// # Errors
///
/// A call that fails is given as its error and does not end the list: the next
/// [`next`](Self::next) asks for the same page again. So leave the loop on an error, or wait before
/// going on where [`Error::is_throttled`] says so: 60 calls a minute are allowed.
///
/// An app that comes twice is an error of the kind [`ErrorKind::Pages`](crate::ErrorKind::Pages)
/// and never left out; it ends the list, since others may then be missing. The apps before it were
/// given.
///
/// # Memory
///
/// One page, and the id of every app that was given, which tells one that comes again: some tens of
/// bytes an app. After a million apps the list ends with an error.
///
/// ```no_run
/// # async fn example(client: rtc_client::Client) -> Result<(), rtc_client::Error> {
/// let mut apps = client.all_apps(None);
/// while let Some(app) = apps.next().await {
///     println!("{:?}", app?.app_name);
/// }
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
#[must_use = "nothing is asked for until `next` is called"]
pub struct AllApps(Pager<ListApps>);

/// All record rules of an app, page by page; made by [`Client::all_record_rules`].
///
/// A page of 100 rules is asked for when the first of them is wanted. The list ends after a page
/// that is not full; the service does not say how many rules there are.
///
/// Errors and memory are as with [`AllApps`].
///
/// ```no_run
/// # async fn example(client: rtc_client::Client) -> Result<(), rtc_client::Error> {
/// let mut rules = client.all_record_rules("123456789abcdefghijklmno");
/// while let Some(rule) = rules.next().await {
///     println!("{:?}", rule?.rule_id);
/// }
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
#[must_use = "nothing is asked for until `next` is called"]
pub struct AllRecordRules(Pager<ListRecordRules>);

impl AllApps {
    pub(crate) fn new(client: &Client, state: Option<AppFilter>) -> Self {
        let mut list = ListApps::new();
        list.state = state;
        Self(Pager::new(client, list))
    }

    /// The next app; `None` after the last.
    ///
    /// Cancel-safe: where the future is dropped no app is lost, and the next one asks for the same
    /// page again.
    pub async fn next(&mut self) -> Option<Result<App, Error>> {
        self.0.next().await
    }
}

impl AllRecordRules {
    pub(crate) fn new(client: &Client, app_id: AppId) -> Self {
        Self(Pager::new(client, ListRecordRules::new(app_id)))
    }

    /// The next rule; `None` after the last.
    ///
    /// Cancel-safe: where the future is dropped no rule is lost, and the next one asks for the same
    /// page again.
    pub async fn next(&mut self) -> Option<Result<RecordRule, Error>> {
        self.0.next().await
    }
}

/// Why the pages of a list do not make one list. The peer's text is not repeated.
#[derive(Debug, thiserror::Error)]
pub(crate) enum PageError {
    #[error(
        "item {item} of the list, on page {page}, came before (both are counted from 0); the list changed between two pages, or the service takes the offset for a row: list again from the beginning"
    )]
    Twice { item: usize, page: i32 },
    #[error(
        "item {item} of the list, on page {page}, has no id (both are counted from 0), so it cannot be told from others; check that the endpoint is the service"
    )]
    NoId { item: usize, page: i32 },
    #[error("it has more than {most} items; send the operation page by page")]
    TooMany { most: usize },
}

/// An operation whose answers are pages.
trait Paged: Operation + Clone {
    type Item;
    type Id: Clone + Ord;

    fn page(self, number: i32) -> Self;
    /// The items, and how many there are on all pages together, where the answer says it.
    fn items(output: Self::Output) -> (Vec<Self::Item>, Option<i32>);
    fn id(item: &Self::Item) -> Option<&Self::Id>;
}

impl Paged for ListApps {
    type Item = App;
    type Id = AppId;

    fn page(self, number: i32) -> Self {
        self.offset(number).limit(LIMIT)
    }

    fn items(output: AppList) -> (Vec<App>, Option<i32>) {
        (output.apps, output.count)
    }

    fn id(app: &App) -> Option<&AppId> {
        app.app_id.as_ref()
    }
}

impl Paged for ListRecordRules {
    type Item = RecordRule;
    type Id = RuleId;

    fn page(self, number: i32) -> Self {
        self.offset(number).limit(LIMIT)
    }

    fn items(output: RecordRuleList) -> (Vec<RecordRule>, Option<i32>) {
        (output.rules, None)
    }

    fn id(rule: &RecordRule) -> Option<&RuleId> {
        rule.rule_id.as_ref()
    }
}

struct Pager<O: Paged> {
    client: Client,
    list: O,
    /// The page to ask for; `None` after the last.
    next: Option<i32>,
    /// The items that came and were not given yet, and what they came with.
    items: IntoIter<O::Item>,
    page: i32,
    status: StatusCode,
    request_id: Option<String>,
    /// How many items came.
    received: usize,
    /// The ids of the items that were given.
    given: BTreeSet<O::Id>,
    most: usize,
}

impl<O: Paged> Pager<O> {
    fn new(client: &Client, list: O) -> Self {
        Self {
            client: client.clone(),
            list,
            next: Some(0),
            items: Vec::new().into_iter(),
            page: 0,
            status: StatusCode::OK,
            request_id: None,
            received: 0,
            given: BTreeSet::new(),
            most: MAX_ITEMS,
        }
    }

    async fn next(&mut self) -> Option<Result<O::Item, Error>> {
        loop {
            if let Some(item) = self.items.next() {
                return Some(self.check(item));
            }
            let number = self.next?;
            match self.client.send(self.list.clone().page(number)).await {
                Ok(reply) => self.take(number, reply),
                Err(error) => return Some(Err(error)),
            }
        }
    }

    /// Takes a page over and decides whether it is the last (decision D1).
    fn take(&mut self, number: i32, reply: Reply<O::Output>) {
        self.page = number;
        self.status = reply.status();
        self.request_id = reply.request_id().map(str::to_owned);
        let (items, count) = O::items(reply.into_output());
        self.received += items.len();
        let is_full = usize::try_from(LIMIT).is_ok_and(|limit| items.len() >= limit);
        // Not capped at the documented 64 (decision D34).
        let all_came = count
            .and_then(|count| usize::try_from(count).ok())
            .is_some_and(|count| self.received >= count);
        self.next = if is_full && !all_came { number.checked_add(1) } else { None };
        self.items = items.into_iter();
    }

    /// Gives an item out, or ends the list.
    fn check(&mut self, item: O::Item) -> Result<O::Item, Error> {
        let (at, page) = (self.given.len(), self.page);
        let wrong = match O::id(&item) {
            None => PageError::NoId { item: at, page },
            Some(id) if self.given.contains(id) => PageError::Twice { item: at, page },
            Some(_) if at >= self.most => PageError::TooMany { most: self.most },
            Some(id) => {
                self.given.insert(id.clone());
                return Ok(item);
            }
        };
        self.next = None;
        self.items = Vec::new().into_iter();
        Err(Error::pages(O::META.id, self.status, self.request_id.take(), wrong))
    }
}

impl<O: Paged> fmt::Debug for Pager<O> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Pager")
            .field("operation", &O::META.id)
            .field("next_page", &self.next)
            .field("given", &self.given.len())
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use std::error::Error as _;

    use http::HeaderMap;

    use super::*;

    /// Nothing is sent here; see the unit tests of calls for the reason.
    #[test]
    fn a_list_without_end_is_not_kept_in_memory_without_end() {
        let client = Client::builder().endpoint("http://rtc.example").token("t").build().unwrap();
        let mut pager = Pager::new(&client, ListApps::new());
        assert_eq!(pager.most, 1_000_000, "the documented bound");
        pager.most = 3;
        let apps = ["a", "b", "c", "d", "e"].map(|id| App::new().app_id(id));
        let page = AppList::new().apps(apps.clone());
        pager.take(0, Reply::new(StatusCode::OK, HeaderMap::new(), page));
        for app in &apps[..3] {
            let item = pager.items.next().unwrap();
            assert_eq!(pager.check(item).unwrap(), *app);
        }
        let fourth = pager.items.next().unwrap();
        let error = pager.check(fourth).unwrap_err();
        assert_eq!(error.kind(), crate::ErrorKind::Pages);
        let cause = error.source().unwrap().to_string();
        assert_eq!(cause, "it has more than 3 items; send the operation page by page");
        assert!(pager.items.next().is_none() && pager.next.is_none());
    }
}
