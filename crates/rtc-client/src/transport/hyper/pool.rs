//! The connections that are kept between requests.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::Duration;

use http::Uri;
use http::uri::{Authority, Scheme};
use tokio::task::AbortHandle;
use tokio::time::{Instant, sleep_until, timeout};

use super::connection::{BoxError, Connection, Dial};
use crate::client::after;

/// Connections to any number of servers.
///
/// Not hyper-util's pool: that starts a task for each answer, to learn when its connection is free,
/// where here a connection comes back with the end of the body.
pub(super) struct Pool {
    dial: Box<dyn Dial>,
    keep: Keep,
    /// Whether a server may choose HTTP/2, over which one connection carries many requests.
    many_over_one: bool,
    /// As a rule one or two: the service and IAM.
    origins: Mutex<Vec<Arc<Origin>>>,
}

/// With so many servers, those that nothing is connected to are forgotten.
const MANY_ORIGINS: usize = 64;

/// What is kept of unused connections.
#[derive(Clone, Copy)]
pub(super) struct Keep {
    /// So many to a server at most.
    pub(super) connections: usize,
    /// So long at most.
    pub(super) time: Duration,
}

impl Keep {
    /// Whether a connection that has been unused since then may still be used.
    fn allows(&self, since: Instant) -> bool {
        after(since, self.time) > Instant::now()
    }
}

/// A server, and the unused connections to it.
pub(super) struct Origin {
    scheme: Scheme,
    authority: Authority,
    unused: Mutex<Unused>,
    /// Held while it is not known whether one connection will do for all requests.
    first: tokio::sync::Mutex<Protocol>,
}

#[derive(Default)]
struct Unused {
    /// In the order in which they came, so the last is the freshest.
    connections: Vec<(Instant, Connection)>,
    /// Whether a task waits for the oldest to grow too old.
    is_watched: bool,
    /// That task.
    watch: Option<AbortHandle>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Protocol {
    Unknown,
    OneAtATime,
}

impl Pool {
    pub(super) fn new(dial: impl Dial + 'static, keep: Keep, many_over_one: bool) -> Self {
        // What is not kept cannot be shared.
        let many_over_one = many_over_one && keep.connections > 0 && !keep.time.is_zero();
        Self { dial: Box::new(dial), keep, many_over_one, origins: Mutex::default() }
    }

    /// The server that a URI names, if it is absolute.
    pub(super) fn origin(&self, uri: &Uri) -> Option<Arc<Origin>> {
        let (scheme, authority) = (uri.scheme()?, uri.authority()?);
        let mut origins = self.origins.lock().unwrap_or_else(PoisonError::into_inner);
        let found = origins.iter().find(|one| one.authority == *authority && one.scheme == *scheme);
        if let Some(origin) = found {
            return Some(Arc::clone(origin));
        }
        let origin = Arc::new(Origin {
            scheme: scheme.clone(),
            authority: authority.clone(),
            unused: Mutex::default(),
            first: tokio::sync::Mutex::new(Protocol::Unknown),
        });
        if origins.len() >= MANY_ORIGINS {
            origins
                .retain(|one| Arc::strong_count(one) > 1 || !one.unused().connections.is_empty());
        }
        origins.push(Arc::clone(&origin));
        Some(origin)
    }

    /// An unused connection, or a new one that comes about within `limit`.
    pub(super) async fn connection(
        &self,
        origin: &Arc<Origin>,
        limit: Duration,
    ) -> Result<Connection, BoxError> {
        if let Some(connection) = origin.take(self.keep) {
            return Ok(connection);
        }
        timeout(limit, self.connect(origin)).await.unwrap_or_else(|_| Err(ConnectTimeout.into()))
    }

    async fn connect(&self, origin: &Arc<Origin>) -> Result<Connection, BoxError> {
        if !self.many_over_one {
            return self.dial(origin).await;
        }
        let mut protocol = origin.first.lock().await;
        if *protocol == Protocol::OneAtATime {
            drop(protocol);
            return self.dial(origin).await;
        }
        if let Some(connection) = origin.take(self.keep) {
            return Ok(connection);
        }
        let connection = self.dial(origin).await?;
        match connection.shared() {
            Some(shared) => self.give_back(origin, shared),
            None => *protocol = Protocol::OneAtATime,
        }
        Ok(connection)
    }

    async fn dial(&self, origin: &Origin) -> Result<Connection, BoxError> {
        let target = Uri::builder()
            .scheme(origin.scheme.clone())
            .authority(origin.authority.clone())
            .path_and_query("/")
            .build()?;
        self.dial.dial(target).await
    }

    /// Takes a connection back over which an answer has come whole.
    pub(super) fn give_back(&self, origin: &Arc<Origin>, mut connection: Connection) {
        if connection.is_ready() {
            origin.put(connection, self.keep);
        } else if !connection.is_closed() {
            // Its task has not come round yet, or is about to close it.
            let (origin, keep) = (Arc::downgrade(origin), self.keep);
            tokio::spawn(async move {
                if let Ok(Ok(())) = timeout(keep.time, connection.ready()).await
                    && let Some(origin) = origin.upgrade()
                {
                    origin.put(connection, keep);
                }
            });
        }
    }
}

impl Origin {
    fn unused(&self) -> MutexGuard<'_, Unused> {
        self.unused.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The freshest that may still be used. Its age is looked at here too, since the watch and the
    /// tasks of the connections may not have come round: a runtime that nobody drove between two
    /// calls has not seen what the server has long closed.
    fn take(&self, keep: Keep) -> Option<Connection> {
        let mut unused = self.unused();
        while let Some((since, connection)) = unused.connections.pop() {
            if !keep.allows(since) {
                // Nor may those that came before.
                unused.connections.clear();
            } else if connection.is_ready() {
                if let Some(shared) = connection.shared() {
                    unused.connections.push((since, shared));
                }
                return Some(connection);
            }
        }
        None
    }

    fn put(self: &Arc<Self>, connection: Connection, keep: Keep) {
        let mut unused = self.unused();
        if connection.shared().is_some() {
            // The time since its last request counts.
            unused.connections.retain(|(_, known)| known.shared().is_none());
        }
        if unused.connections.len() >= keep.connections {
            return;
        }
        unused.connections.push((Instant::now(), connection));
        let begin = !std::mem::replace(&mut unused.is_watched, true);
        // A runtime that is shutting down drops a task where it is begun, and the watch with it.
        drop(unused);
        if begin {
            let watch = Watch(Arc::downgrade(self));
            let task = tokio::spawn(async move { watch.run(keep).await });
            self.unused().watch = Some(task.abort_handle());
        }
    }

    /// Drops what is too old, and tells when the oldest of the rest will be. With nothing left the
    /// watch is over.
    fn expire(&self, keep: Keep) -> Option<Instant> {
        let mut unused = self.unused();
        unused
            .connections
            .retain(|(since, connection)| keep.allows(*since) && !connection.is_closed());
        unused.is_watched = !unused.connections.is_empty();
        unused.connections.first().map(|(since, _)| after(*since, keep.time))
    }
}

impl Drop for Origin {
    fn drop(&mut self) {
        let unused = self.unused.get_mut().unwrap_or_else(PoisonError::into_inner);
        if let Some(watch) = unused.watch.take() {
            watch.abort();
        }
    }
}

/// Drops the connections to a server that have not been used for too long.
struct Watch(Weak<Origin>);

impl Watch {
    async fn run(mut self, keep: Keep) {
        // Not before time: a connection that is in use now is likely to come back.
        let mut next = after(Instant::now(), keep.time);
        loop {
            sleep_until(next).await;
            match self.0.upgrade().and_then(|origin| origin.expire(keep)) {
                Some(oldest) => next = oldest,
                None => break,
            }
        }
        // There is nothing left to watch, and by now there may be another who does.
        self.0 = Weak::new();
    }
}

impl Drop for Watch {
    /// It may be dropped with its runtime, while the pool is used in another.
    fn drop(&mut self) {
        if let Some(origin) = self.0.upgrade() {
            origin.unused().is_watched = false;
        }
    }
}

/// The source of a connect error that is a timeout.
#[derive(Debug, thiserror::Error)]
#[error("the connect timeout passed")]
struct ConnectTimeout;

#[cfg(test)]
mod tests;
