//! What happens at the mock, as it happens: server-sent events.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::header::{CACHE_CONTROL, CONTENT_TYPE, HeaderValue};
use http::{Response, StatusCode};
use tokio::sync::{OwnedSemaphorePermit, mpsc, oneshot, watch};

use crate::admin::journal::MAX_LISTED_BODY;
use crate::admin::{Outcome, Refused, ReplyBody, operate};
use crate::admin_api::Event;
use crate::events::{Event as Heard, MAX_STREAMS};
use crate::exchange::Exchange;
use crate::mask::Secrets;
use crate::pipeline::Core;

/// How long nothing may be said: proxies cut connections that are silent for long.
const SILENCE: Duration = Duration::from_secs(15);
/// How many pieces may wait for a slow reader. Further events wait where they come from, and are
/// counted as missed when they are too many.
const WAITING: usize = 16;

/// Streams every event from now on, until the mock stops or the reader leaves.
pub(super) async fn stream(core: Arc<Core>, stop: watch::Receiver<bool>) -> Outcome {
    let place = core.events.stream_place().ok_or_else(|| {
        let error = format!("{MAX_STREAMS} streams of events are open; close one");
        Refused::new(StatusCode::SERVICE_UNAVAILABLE, error)
    })?;
    let (sender, pieces) = mpsc::channel(WAITING);
    let (ready, is_ready) = oneshot::channel();
    tokio::spawn(feed(core, stop, sender, ready, place));
    // Who looks at the journal once the answer has begun misses nothing.
    is_ready
        .await
        .map_err(|_| Refused::new(StatusCode::SERVICE_UNAVAILABLE, "the mock is stopping"))?;
    let mut response = Response::new(ReplyBody::Stream(pieces));
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("text/event-stream"));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    Ok(response)
}

async fn feed(
    core: Arc<Core>,
    mut stop: watch::Receiver<bool>,
    sender: mpsc::Sender<Bytes>,
    ready: oneshot::Sender<()>,
    _place: OwnedSemaphorePermit,
) {
    let feeding = async {
        let mut events = core.events.watch();
        let _ = ready.send(());
        loop {
            let piece = match tokio::time::timeout(SILENCE, events.next()).await {
                Err(_) => ":\n\n".to_owned(),
                Ok(heard) => {
                    let core = Arc::clone(&core);
                    // An explanation of a refused signature takes its time.
                    let said = tokio::task::spawn_blocking(move || {
                        told(&core, heard).map(|event| event.to_message())
                    });
                    said.await.ok().flatten().unwrap_or_default()
                }
            };
            if !piece.is_empty() && sender.send(piece.into()).await.is_err() {
                return;
            }
        }
    };
    tokio::select! {
        () = feeding => {}
        () = sender.closed() => {}
        // An error means that the server was dropped, which stops it as well.
        _ = stop.wait_for(|stop| *stop) => {}
    }
}

/// An event with what is known of it; none for an exchange that has left the journal.
pub(crate) fn told(core: &Arc<Core>, heard: Result<Heard, u64>) -> Option<Event> {
    Some(match heard {
        Ok(Heard::Exchange(id)) => {
            let exchange = Exchange::new(Arc::clone(core), core.journal.record(id)?);
            Event::Exchange(Box::new(exchange.view(MAX_LISTED_BODY, Secrets::Masked)))
        }
        Ok(Heard::Cleared) => Event::Cleared,
        Ok(Heard::Clock) => Event::Clock(operate::clock_status(core, Vec::new())),
        Ok(Heard::Faults) => Event::Faults,
        Ok(Heard::Delivery(id)) => Event::Delivery(id),
        Ok(Heard::Reset) => Event::Reset,
        Err(count) => Event::Missed(count),
    })
}

#[cfg(test)]
mod tests {
    use http_body_util::BodyExt as _;

    use super::*;
    use crate::MockServer;
    use crate::fault::ServerFaults;

    async fn opened(server: &MockServer) -> ReplyBody {
        stream(Arc::clone(&server.core), server.stop.subscribe()).await.unwrap().into_body()
    }

    async fn next(body: &mut ReplyBody) -> Option<String> {
        let frame = body.frame().await?.unwrap();
        Some(String::from_utf8(frame.into_data().unwrap().to_vec()).unwrap())
    }

    #[tokio::test]
    async fn events_come_in_order_with_their_data() {
        let builder = MockServer::builder().clock("frozen@2024-03-15T08:15:30Z".parse().unwrap());
        let server = builder.start().await.unwrap();
        let mut body = opened(&server).await;
        server.clock().advance(Duration::from_secs(60)).unwrap();
        ServerFaults::new(Arc::clone(&server.core)).add("*=reset".parse().unwrap()).unwrap();
        server.reset().unwrap();
        let clock = next(&mut body).await.unwrap();
        assert!(clock.starts_with("event: clock\ndata: {"), "{clock}");
        // A reset comes before the clock is read, so the data may tell of either time.
        assert!(clock.contains("2024-03-15T08:1") && clock.ends_with("\n\n"), "{clock}");
        assert_eq!(next(&mut body).await.unwrap(), "event: faults\ndata: {}\n\n");
        assert_eq!(next(&mut body).await.unwrap(), "event: reset\ndata: {}\n\n");
    }

    #[tokio::test]
    async fn who_reads_too_slowly_is_told_how_much_was_missed() {
        let server = MockServer::start().await.unwrap();
        let mut body = opened(&server).await;
        for _ in 0..1_000 {
            server.core.events.tell(Heard::Cleared);
        }
        let mut missed = None;
        while missed.is_none() {
            missed =
                next(&mut body).await.unwrap().strip_prefix("event: missed\n").map(str::to_owned);
        }
        assert_eq!(missed.unwrap(), "data: {\"count\":744}\n\n");
    }

    #[tokio::test(start_paused = true)]
    async fn a_silence_is_broken_by_a_comment() {
        let server = MockServer::start().await.unwrap();
        let mut body = opened(&server).await;
        let before = tokio::time::Instant::now();
        assert_eq!(next(&mut body).await.unwrap(), ":\n\n");
        assert_eq!(before.elapsed(), SILENCE);
    }

    #[tokio::test]
    async fn a_stream_ends_when_the_mock_stops() {
        let server = MockServer::start().await.unwrap();
        let mut body = opened(&server).await;
        server.shutdown().await;
        assert_eq!(next(&mut body).await, None);
    }

    #[tokio::test]
    async fn streams_are_bounded_and_a_reader_that_leaves_makes_room() {
        let server = MockServer::start().await.unwrap();
        let mut bodies = Vec::new();
        for _ in 0..MAX_STREAMS {
            bodies.push(opened(&server).await);
        }
        let again = || stream(Arc::clone(&server.core), server.stop.subscribe());
        let refused = again().await.unwrap_err().reply();
        assert_eq!(refused.status(), StatusCode::SERVICE_UNAVAILABLE);
        drop(bodies.pop());
        while again().await.is_err() {
            tokio::task::yield_now().await;
        }
    }
}
