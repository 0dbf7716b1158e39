//! Sockets: accepting connections, bounding them, stopping.

use std::convert::Infallible;
use std::future::{Future, poll_fn};
use std::pin::pin;
use std::sync::Arc;
use std::task::Poll;
use std::time::Duration;

use bytes::Bytes;
use http::{Request, Response};
use http_body_util::Full;
use hyper::body::{Body, Incoming};
use hyper::server::conn::http1;
use hyper::service::{HttpService, service_fn};
use hyper_util::rt::TokioIo;
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
    serve(Listening::Api, serving, answer_api).await;
}

fn answer_api(
    request: Request<Incoming>,
    peer: &Arc<Peer>,
) -> impl Future<Output = Response<Full<Bytes>>> + Send + use<> {
    let peer = Arc::clone(peer);
    let (head, body) = request.into_parts();
    async move {
        // Asking for a body that no answer depends on would only cost its sender.
        let is_needless = body.is_end_stream()
            || (waits_for_continue(&head.headers) && Core::refuses_head(&head));
        let body = if is_needless {
            Received::Whole(Bytes::new())
        } else {
            Box::pin(receive(&head.headers, body)).await
        };
        let answer = peer.core.answer(&head, body).await;
        others_first().await;
        if let Some(script) = answer.script {
            peer.takeover.arm(script);
        }
        answer.response.map(Full::new)
    }
}

/// Serves the admin API until it is told to stop.
pub(crate) async fn serve_admin(mut serving: Serving) {
    serving.bounds.connections = serving.bounds.connections.min(ADMIN_CONNECTIONS);
    let stop = serving.stop.clone();
    serve(Listening::Admin, serving, move |request, peer: &Arc<Peer>| {
        let (core, stop) = (Arc::clone(&peer.core), stop.clone());
        async move {
            let answer = admin::answer(Arc::clone(&core), stop, request).await;
            core.service.is_safe().await;
            answer
        }
    })
    .await;
}

/// Lets what is ready run first, once: requests that came together are all looked at before the
/// first answer goes out, and the answers then go out together.
///
/// Each answer that is sent alone wakes its client, which on the same machine takes the processor
/// away from the requests that wait. Those of a burst find it awake: `wrk` gets a tenth to a fifth
/// more answers over 32 connections, and gets them no later over one.
async fn others_first() {
    let mut is_second = false;
    poll_fn(|cx| {
        if is_second {
            return Poll::Ready(());
        }
        is_second = true;
        // A task that wakes itself goes to the end of the queue.
        cx.waker().wake_by_ref();
        Poll::Pending
    })
    .await;
}

/// What the requests of one connection share. They count references to this, not to the core, whose
/// count would go from core to core of the machine with each request.
struct Peer {
    core: Arc<Core>,
    takeover: Arc<Takeover>,
}

async fn serve<A, F, B>(listening: Listening, serving: Serving, answer: A)
where
    A: Fn(Request<Incoming>, &Arc<Peer>) -> F + Clone + Send + 'static,
    F: Future<Output = Response<B>> + Send + 'static,
    B: Body<Data = Bytes, Error = Infallible> + Send + 'static,
{
    let Serving { listener, core, mut stop, grace, tls, bounds } = serving;
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
        let peer = Arc::new(Peer { core: Arc::clone(&core), takeover });
        let service = service_fn(move |request| {
            let answer = answer(request, &peer);
            async move { Ok::<_, Infallible>(answer.await) }
        });
        let (tls, mut stop) = (tls.clone(), stop.clone());
        let open = Open::new(&core, listening);
        connections.spawn(async move {
            match tls {
                None => talk(Line::new(stream, line), service, stop, bounds).await,
                Some(tls) => {
                    let stream = tokio::select! {
                        stream = tls.accept(stream) => stream,
                        // A stopping server waits for no handshake.
                        _ = stop.wait_for(|stop| *stop) => None,
                    };
                    if let Some(stream) = stream {
                        talk(Line::new(stream, line), service, stop, bounds).await;
                    }
                }
            }
            drop((slot, open));
        });
    }
    drop(listener);
    // Connections that are still there after the grace are cut when the set is dropped.
    let rest = async { while connections.join_next().await.is_some() {} };
    let _ = tokio::time::timeout(grace, rest).await;
}

/// Serves one connection to its end, or to that of the answer under way when it is told to stop.
async fn talk<I, S, B>(stream: I, service: S, mut stop: watch::Receiver<bool>, bounds: Bounds)
where
    I: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    S: HttpService<Incoming, ResBody = B, Error = Infallible>,
    B: Body<Data = Bytes, Error = Infallible> + 'static,
{
    let connection = http1::Builder::new()
        .timer(HeadTimer::default())
        .header_read_timeout(bounds.head_time)
        .half_close(true)
        // To copy an answer behind its head costs less than to write the two by `writev`.
        .writev(false)
        .max_buf_size(MAX_HEAD)
        .auto_date_header(false)
        .serve_connection(TokioIo::new(stream), service);
    let mut connection = pin!(connection);
    let flag = stop.clone();
    let mut stopped = pin!(stop.wait_for(|stop| *stop));
    // It is asked once, which leaves the waker of this task there, and then not until there is
    // something to hear: all connections share the lock that asking takes.
    let mut is_asked = false;
    let ended = poll_fn(|cx| {
        if !is_asked || !matches!(flag.has_changed(), Ok(false)) {
            is_asked = true;
            if stopped.as_mut().poll(cx).is_ready() {
                return Poll::Ready(None);
            }
        }
        connection.as_mut().poll(cx).map(Some)
    });
    let ended = if let Some(ended) = ended.await {
        ended
    } else {
        connection.as_mut().graceful_shutdown();
        connection.await
    };
    match ended {
        // hyper has answered it, without the rest of this server.
        Err(error) if error.is_parse() => {
            tracing::info!(reason = %error, "refused what is no request");
        }
        Err(error) => tracing::debug!(%error, "connection ended"),
        Ok(()) => {}
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

#[cfg(test)]
mod tests {
    use std::io;
    use std::pin::Pin;
    use std::sync::OnceLock;
    use std::task::Context;

    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _, DuplexStream, ReadBuf};
    use tokio::time::Instant;

    use super::*;

    /// A connection that notes how many exchanges the journal has when it is first written to.
    struct Noting {
        inner: DuplexStream,
        core: Arc<Core>,
        seen: Arc<OnceLock<usize>>,
    }

    impl AsyncRead for Noting {
        fn poll_read(
            mut self: Pin<&mut Self>,
            cx: &mut Context<'_>,
            buffer: &mut ReadBuf<'_>,
        ) -> Poll<io::Result<()>> {
            Pin::new(&mut self.inner).poll_read(cx, buffer)
        }
    }

    impl AsyncWrite for Noting {
        fn poll_write(
            mut self: Pin<&mut Self>,
            cx: &mut Context<'_>,
            bytes: &[u8],
        ) -> Poll<io::Result<usize>> {
            self.seen.get_or_init(|| self.core.journal.size().0);
            Pin::new(&mut self.inner).poll_write(cx, bytes)
        }

        fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
            Pin::new(&mut self.inner).poll_flush(cx)
        }

        fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
            Pin::new(&mut self.inner).poll_shutdown(cx)
        }
    }

    #[tokio::test]
    async fn requests_that_came_together_are_all_looked_at_before_the_first_is_answered() {
        let server = crate::MockServer::start().await.unwrap();
        let seen = Arc::<OnceLock<usize>>::default();
        let mut clients = Vec::new();
        for _ in 0..3 {
            let (mut client, inner) = tokio::io::duplex(1 << 12);
            client.write_all(b"GET / HTTP/1.1\r\nHost: h\r\n\r\n").await.unwrap();
            let core = Arc::clone(&server.core);
            let peer = Arc::new(Peer { core: Arc::clone(&core), takeover: Arc::default() });
            let service = service_fn(move |request| {
                let answer = answer_api(request, &peer);
                async move { Ok::<_, Infallible>(answer.await) }
            });
            let stream = Noting { inner, core, seen: Arc::clone(&seen) };
            tokio::spawn(talk(stream, service, server.stop.subscribe(), Bounds::default()));
            clients.push(client);
        }
        for client in &mut clients {
            assert!(client.read(&mut [0; 1 << 10]).await.unwrap() > 0);
        }
        assert_eq!(seen.get(), Some(&3));
    }

    #[tokio::test(start_paused = true)]
    async fn a_connection_without_a_request_ends_at_once_when_the_server_stops() {
        for is_dropped in [false, true] {
            let (stop, told) = watch::channel(false);
            let (mut peer, stream) = tokio::io::duplex(1 << 10);
            let service = service_fn(|_: Request<Incoming>| async {
                Ok::<_, Infallible>(Response::new(Full::<Bytes>::default()))
            });
            let talk = tokio::spawn(talk(stream, service, told, Bounds::default()));
            peer.write_all(b"GET / HTTP/1.1\r\nHost: h\r\n\r\n").await.unwrap();
            assert!(peer.read(&mut [0; 1 << 10]).await.unwrap() > 0);
            let began = Instant::now();
            if is_dropped {
                drop(stop);
            } else {
                stop.send_replace(true);
            }
            talk.await.unwrap();
            assert_eq!(began.elapsed(), Duration::ZERO, "the time-out of heads would be 30 s");
        }
    }
}
