//! A connection whose write side a fault can take over.

use std::io::{self, IoSlice};
use std::mem::MaybeUninit;
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, ready};
use std::time::Duration;

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

/// How long, and how much, a peer may go on sending after the last answer.
const LINGER_TIME: Duration = Duration::from_secs(2);
const LINGER_BYTES: usize = 16 << 20;

/// A connection that a [`Takeover`] can take over, and that is not closed on a peer who is sending:
/// it would be reset, and the answer lost with it.
#[derive(Debug)]
pub(crate) struct Line<S> {
    inner: S,
    takeover: Arc<Takeover>,
    running: Option<Running>,
    linger: Option<Linger>,
}

/// What is still read and forgotten.
#[derive(Debug)]
struct Linger {
    left: usize,
    end: Pin<Box<Sleep>>,
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
        Self { inner, takeover, running: None, linger: None }
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

impl<S: AsyncRead + Unpin> Line<S> {
    /// Reads what is still sent, if anything is; done at once where nothing waits to be read.
    fn poll_linger(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        let mut space = [MaybeUninit::uninit(); 16 << 10];
        loop {
            let mut buffer = ReadBuf::uninit(&mut space);
            match Pin::new(&mut self.inner).poll_read(cx, &mut buffer) {
                Poll::Ready(Ok(())) if !buffer.filled().is_empty() => {
                    let linger = self.linger.get_or_insert_with(|| Linger {
                        left: LINGER_BYTES,
                        end: Box::pin(sleep(LINGER_TIME)),
                    });
                    match linger.left.checked_sub(buffer.filled().len()) {
                        Some(left) => linger.left = left,
                        None => return Poll::Ready(()),
                    }
                }
                Poll::Ready(_) => return Poll::Ready(()),
                Poll::Pending => {
                    return match &mut self.linger {
                        Some(linger) => linger.end.as_mut().poll(cx),
                        None => Poll::Ready(()),
                    };
                }
            }
        }
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

impl<S: AsyncRead + AsyncWrite + Abort + Unpin> AsyncWrite for Line<S> {
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
        if self.linger.is_none() {
            ready!(Pin::new(&mut self.inner).poll_shutdown(cx))?;
            if self.is_taken_over() {
                return Poll::Ready(Ok(()));
            }
        }
        self.poll_linger(cx).map(Ok)
    }
}
