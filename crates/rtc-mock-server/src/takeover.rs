//! A connection whose write side a fault can take over.

use std::io::{self, IoSlice};
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, ready};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio::time::{Sleep, sleep};

use crate::fault::{Ending, Script};

/// Lets a fault take over the write side of a connection; costs a glance while none does.
#[derive(Debug, Default)]
pub(crate) struct Takeover {
    armed: AtomicBool,
    script: Mutex<Option<Script>>,
}

impl Takeover {
    /// From now on the script is written and nothing else.
    pub(crate) fn arm(&self, script: Script) {
        *self.script.lock().unwrap_or_else(PoisonError::into_inner) = Some(script);
        self.armed.store(true, Ordering::Release);
    }
}

/// What can be reset rather than closed.
pub(crate) trait Abort {
    /// Lets the peer get a TCP RST when this is dropped.
    fn abort_on_drop(&self);
}

impl Abort for TcpStream {
    fn abort_on_drop(&self) {
        // Where the system cannot, the connection is closed instead.
        let _ = self.set_zero_linger();
    }
}

/// A connection that a [`Takeover`] can take over.
#[derive(Debug)]
pub(crate) struct Line<S> {
    inner: S,
    takeover: Arc<Takeover>,
    running: Option<Running>,
}

/// A script under way.
#[derive(Debug)]
struct Running {
    script: Script,
    sent: usize,
    pause: Option<Pin<Box<Sleep>>>,
}

impl<S> Line<S> {
    pub(crate) fn new(inner: S, takeover: Arc<Takeover>) -> Self {
        Self { inner, takeover, running: None }
    }
}

impl<S: AsyncWrite + Abort + Unpin> Line<S> {
    fn is_taken_over(&self) -> bool {
        self.takeover.armed.load(Ordering::Acquire)
    }

    /// Writes the script; the error at its end lets hyper give the connection up.
    fn poll_script(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<usize>> {
        if self.running.is_none() {
            let mut script = self.takeover.script.lock().unwrap_or_else(PoisonError::into_inner);
            self.running = script.take().map(|script| Running { script, sent: 0, pause: None });
        }
        let over = || io::Error::new(io::ErrorKind::ConnectionAborted, "a fault ended it");
        let Some(running) = &mut self.running else { return Poll::Ready(Err(over())) };
        loop {
            if let Some(pause) = &mut running.pause {
                ready!(pause.as_mut().poll(cx));
                running.pause = None;
            }
            let left = running.script.bytes.get(running.sent..).unwrap_or_default();
            if left.is_empty() {
                break;
            }
            let piece = running.script.pace.map_or(left.len(), |(piece, _)| piece.min(left.len()));
            let piece = left.get(..piece).unwrap_or(left);
            let written = ready!(Pin::new(&mut self.inner).poll_write(cx, piece))?;
            running.sent += written;
            if let Some((_, pause)) = running.script.pace {
                running.pause = Some(Box::pin(sleep(pause)));
                // A stream of its own buffer, such as TLS, keeps no piece back.
                let _ = Pin::new(&mut self.inner).poll_flush(cx)?;
            }
        }
        ready!(Pin::new(&mut self.inner).poll_flush(cx))?;
        if running.script.ending == Ending::Reset {
            self.inner.abort_on_drop();
        }
        Poll::Ready(Err(over()))
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Line<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.inner).poll_read(cx, buffer)
    }
}

impl<S: AsyncWrite + Abort + Unpin> AsyncWrite for Line<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        if self.is_taken_over() {
            return self.poll_script(cx);
        }
        Pin::new(&mut self.inner).poll_write(cx, bytes)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        slices: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        if self.is_taken_over() {
            return self.poll_script(cx);
        }
        Pin::new(&mut self.inner).poll_write_vectored(cx, slices)
    }

    fn is_write_vectored(&self) -> bool {
        self.inner.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.inner).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.inner).poll_shutdown(cx)
    }
}
