//! Sockets: accepting connections, bounding them, stopping.

use std::convert::Infallible;
use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::{Request, Response};
use http_body_util::Full;
use hyper::body::{Body, Incoming};
use hyper::server::conn::http1;
use hyper::service::{HttpService, service_fn};
use hyper_util::rt::TokioIo;
use hyper_util::server::graceful::{GracefulShutdown, Watcher};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Semaphore, watch};
use tokio::task::JoinSet;

use crate::admin;
use crate::builder::StartError;
use crate::head_timer::HeadTimer;
use crate::io::{Received, receive, waits_for_continue};
use crate::metrics::{Listening, Open};
use crate::pipeline::Core;
use crate::takeover::{Line, Takeover};
use crate::tls::Acceptor;

/// How many connections the admin API serves at a time: it stays within reach of its few clients
/// however many the API has.
const ADMIN_CONNECTIONS: usize = 256;
/// The largest request head that is read: the documented 128 KB of headers and 32 KB of target with
/// room to see that they are exceeded.
const MAX_HEAD: usize = 256 << 10;
/// How long to wait after a failed accept: without a pause a full descriptor table spins a core.
const ACCEPT_PAUSE: Duration = Duration::from_millis(50);

/// The bounds of a listener's connections.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Bounds {
    /// How many are served at a time; further ones wait to be accepted.
    pub(crate) connections: usize,
    /// How long a request head may take to arrive, and a connection may idle.
    pub(crate) head_time: Duration,
}

impl Default for Bounds {
    fn default() -> Self {
        Self { connections: 10_000, head_time: Duration::from_secs(30) }
    }
}

impl Bounds {
    /// Bounds of nothing let nobody in.
    pub(crate) fn check(&self) -> Result<(), StartError> {
        let zero = |what| Err(StartError::Zero { what });
        match self {
            Self { connections: 0, .. } => zero("a number of connections"),
            Self { head_time: Duration::ZERO, .. } => zero("a time-out of heads"),
            _ => Ok(()),
        }
    }
}

/// A bound socket with what is served on it, and for how long.
pub(crate) struct Serving {
    pub(crate) listener: TcpListener,
    pub(crate) core: Arc<Core>,
    /// For TLS; plain HTTP without it.
    pub(crate) tls: Option<Acceptor>,
    pub(crate) bounds: Bounds,
    /// Says when to stop.
    pub(crate) stop: watch::Receiver<bool>,
    /// How long answers under way are waited for then.
    pub(crate) grace: Duration,
}

/// Serves the API until it is told to stop.
pub(crate) async fn serve_api(serving: Serving) {
    let core = Arc::clone(&serving.core);
    serve(Listening::Api, serving, move |request: Request<Incoming>, takeover: &Arc<Takeover>| {
        let (core, takeover) = (Arc::clone(&core), Arc::clone(takeover));
        async move {
            let (head, body) = request.into_parts();
            // Asking for a body that no answer depends on would only cost its sender.
            let body = if waits_for_continue(&head.headers) && Core::refuses_head(&head) {
                Received::Whole(Bytes::new())
            } else {
                receive(&head.headers, body).await
            };
            let answer = core.answer(head, body).await;
            let response = core.once_safe(answer.response).await;
            if let Some(script) = answer.script {
                takeover.arm(script);
            }
            response.map(Full::new)
        }
    })
    .await;
}

/// Serves the admin API until it is told to stop.
pub(crate) async fn serve_admin(mut serving: Serving) {
    serving.bounds.connections = serving.bounds.connections.min(ADMIN_CONNECTIONS);
    let core = Arc::clone(&serving.core);
    let stop = serving.stop.clone();
    serve(Listening::Admin, serving, move |request, _: &Arc<Takeover>| {
        let (core, stop) = (Arc::clone(&core), stop.clone());
        async move {
            let answer = admin::answer(Arc::clone(&core), stop, request).await;
            core.service.is_safe().await;
            answer
        }
    })
    .await;
}

async fn serve<A, F, B>(listening: Listening, serving: Serving, answer: A)
where
    A: Fn(Request<Incoming>, &Arc<Takeover>) -> F + Clone + Send + 'static,
    F: Future<Output = Response<B>> + Send + 'static,
    B: Body<Data = Bytes, Error = Infallible> + Send + 'static,
{
    let Serving { listener, core, mut stop, grace, tls, bounds } = serving;
    let graceful = GracefulShutdown::new();
    let slots = Arc::new(Semaphore::new(bounds.connections.min(Semaphore::MAX_PERMITS)));
    let mut connections = JoinSet::new();
    loop {
        let accepted = tokio::select! {
            accepted = accept(&listener, &slots) => accepted,
            // An error means that the server was dropped, which stops it as well.
            _ = stop.wait_for(|stop| *stop) => break,
        };
        // Finished connections are let go of as new ones come.
        while connections.try_join_next().is_some() {}
        let Some((stream, slot)) = accepted else {
            tokio::time::sleep(ACCEPT_PAUSE).await;
            continue;
        };
        let answer = answer.clone();
        let takeover = Arc::new(Takeover::default());
        let line = Arc::clone(&takeover);
        let service = service_fn(move |request| {
            let answer = answer(request, &takeover);
            async move { Ok::<_, Infallible>(answer.await) }
        });
        let (watcher, tls, mut stop) = (graceful.watcher(), tls.clone(), stop.clone());
        let open = Open::new(&core, listening);
        connections.spawn(async move {
            match tls {
                None => talk(Line::new(stream, line), service, watcher, bounds).await,
                Some(tls) => {
                    let stream = tokio::select! {
                        stream = tls.accept(stream) => stream,
                        // A stopping server waits for no handshake.
                        _ = stop.wait_for(|stop| *stop) => None,
                    };
                    if let Some(stream) = stream {
                        talk(Line::new(stream, line), service, watcher, bounds).await;
                    }
                }
            }
            drop((slot, open));
        });
    }
    drop(listener);
    // Connections that are still there after the grace are cut when the set is dropped.
    let _ = tokio::time::timeout(grace, graceful.shutdown()).await;
}

/// Serves one connection to its end.
async fn talk<I, S, B>(stream: I, service: S, watcher: Watcher, bounds: Bounds)
where
    I: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    S: HttpService<Incoming, ResBody = B, Error = Infallible>,
    B: Body<Data = Bytes, Error = Infallible> + 'static,
{
    let connection = http1::Builder::new()
        .timer(HeadTimer::default())
        .header_read_timeout(bounds.head_time)
        .half_close(true)
        .max_buf_size(MAX_HEAD)
        .auto_date_header(false)
        .serve_connection(TokioIo::new(stream), service);
    if let Err(error) = watcher.watch(connection).await {
        tracing::debug!(%error, "connection ended");
    }
}

/// The next connection with its slot; `None` when accepting failed.
async fn accept(
    listener: &TcpListener,
    slots: &Arc<Semaphore>,
) -> Option<(TcpStream, tokio::sync::OwnedSemaphorePermit)> {
    // The semaphore is never closed.
    let slot = Arc::clone(slots).acquire_owned().await.ok()?;
    match listener.accept().await {
        Ok((stream, _)) => {
            // Small answers go out at once.
            let _ = stream.set_nodelay(true);
            Some((stream, slot))
        }
        Err(error) => {
            tracing::warn!(%error, "accepting a connection failed");
            None
        }
    }
}
