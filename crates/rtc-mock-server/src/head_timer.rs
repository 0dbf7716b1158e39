//! The time-out of heads, at next to no cost a request.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, ready};
use std::time::{Duration, Instant};

use hyper::rt::{Sleep, Timer};
use tokio::time::{Sleep as Bell, sleep_until};

/// The timer of one connection.
///
/// hyper asks for a new sleep before each head and drops it when the head has come. Each of
/// tokio's is put into a wheel, and taken out of it, under a lock that all connections share. Here
/// the connection has one, which is left to ring and then set to the time that counts by now.
#[derive(Clone, Default)]
pub(crate) struct HeadTimer(Arc<Mutex<Option<Pin<Box<Bell>>>>>);

impl Timer for HeadTimer {
    fn sleep(&self, duration: Duration) -> Pin<Box<dyn Sleep>> {
        self.sleep_until(self.now() + duration)
    }

    fn sleep_until(&self, deadline: Instant) -> Pin<Box<dyn Sleep>> {
        Box::pin(HeadSleep { deadline: deadline.into(), timer: self.clone() })
    }

    fn now(&self) -> Instant {
        tokio::time::Instant::now().into()
    }
}

impl fmt::Debug for HeadTimer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("HeadTimer")
    }
}

/// The time of one head.
struct HeadSleep {
    deadline: tokio::time::Instant,
    timer: HeadTimer,
}

impl Sleep for HeadSleep {}

impl Future for HeadSleep {
    type Output = ();

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        let mut bell = self.timer.0.lock().unwrap_or_else(PoisonError::into_inner);
        let bell = bell.get_or_insert_with(|| Box::pin(sleep_until(self.deadline)));
        if bell.deadline() > self.deadline {
            bell.as_mut().reset(self.deadline);
        }
        loop {
            ready!(bell.as_mut().poll(cx));
            if bell.deadline() == self.deadline {
                return Poll::Ready(());
            }
            // It rang for a head that has come.
            bell.as_mut().reset(self.deadline);
        }
    }
}

#[cfg(test)]
mod tests {
    use tokio::time::{Instant, advance, timeout};

    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    #[tokio::test(start_paused = true)]
    async fn a_sleep_ends_at_its_own_time_whatever_was_slept_before() {
        let (timer, began) = (HeadTimer::default(), Instant::now());
        let first = timer.sleep(10 * SECOND);
        assert!(timeout(SECOND, first).await.is_err());
        let second = timer.sleep(12 * SECOND);
        second.await;
        assert_eq!(began.elapsed(), 13 * SECOND, "not at 10 s, when the first one would have rung");
        timer.sleep(SECOND).await;
        assert_eq!(began.elapsed(), 14 * SECOND);
        let long = timer.sleep(60 * SECOND);
        assert!(timeout(SECOND, long).await.is_err());
        timer.sleep(SECOND).await;
        assert_eq!(began.elapsed(), 16 * SECOND, "an earlier time counts, too");
        let late = timer.sleep(SECOND);
        advance(5 * SECOND).await;
        late.await;
        assert_eq!(began.elapsed(), 21 * SECOND);
    }
}
