//! The body of a request, which knows whether the request is on its way.

use std::convert::Infallible;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll};

use bytes::Bytes;
use http_body_util::Full;
use hyper::body::{Body, Frame, SizeHint};

/// A body that tells whether it was asked for anything.
///
/// Nobody can write the head of a request without asking its body for the length. So where nothing
/// was asked, not a byte was sent.
pub(super) struct Outgoing {
    body: Full<Bytes>,
    asked: Arc<AtomicBool>,
}

/// Whether the body was asked for anything.
pub(super) struct Asked(Arc<AtomicBool>);

impl Outgoing {
    pub(super) fn new(body: Bytes) -> (Self, Asked) {
        let asked = Arc::<AtomicBool>::default();
        (Self { body: Full::new(body), asked: Arc::clone(&asked) }, Asked(asked))
    }

    fn asked(&self) {
        self.asked.store(true, Ordering::Relaxed);
    }
}

impl Asked {
    pub(super) fn was(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}

impl Body for Outgoing {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        self.asked();
        Pin::new(&mut self.body).poll_frame(context)
    }

    fn is_end_stream(&self) -> bool {
        self.asked();
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.asked();
        self.body.size_hint()
    }
}
