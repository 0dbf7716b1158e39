//! The attempts of one call.

use std::sync::PoisonError;
use std::time::{Duration, SystemTime};

use bytes::Bytes;
use http::header::{HOST, USER_AGENT};
use http::{Request, Response};
use rtc_model::wire::{self, X_PROJECT_ID};
use rtc_model::{EncodeError, OperationId, ReplyError};
use tokio::task::yield_now;
use tokio::time::{Instant, sleep};

use super::{Client, Settings, after};
use crate::error::Error;
use crate::observe::Ended;
use crate::retry::{Attempt, Decision, found_closed, retry_after};
use crate::secrets::Secrets;
use crate::skew;
use crate::transport::{Delivery, Limits, TransportError, TransportErrorKind};

/// Makes the request of a call, for each attempt anew.
pub(super) type Encode<'a> = dyn Fn() -> Result<Request<Bytes>, EncodeError> + Send + Sync + 'a;

/// A call on its way.
pub(super) struct Call {
    pub(super) operation: OperationId,
    pub(super) begin: Instant,
    deadline: Instant,
    /// The attempts made so far.
    pub(super) made: u32,
    /// Whether an attempt may have been processed without an answer.
    pub(super) lost_answer: bool,
    /// The attempts taken out of the budget.
    taken: u32,
    /// Whether an attempt was refused for its date.
    refused_for_date: bool,
}

impl Call {
    pub(super) fn new(operation: OperationId, timeout: Duration) -> Self {
        let begin = Instant::now();
        Self {
            operation,
            begin,
            deadline: after(begin, timeout),
            made: 0,
            lost_answer: false,
            taken: 0,
            refused_for_date: false,
        }
    }
}

impl Client {
    /// Makes attempts until one is answered with success or the policy gives up. Each is dated and
    /// authenticated anew and has a time to connect of its own; the deadline of the call holds for
    /// all.
    pub(super) async fn answered(
        &self,
        call: &mut Call,
        request: &Encode<'_>,
    ) -> Result<(Response<Bytes>, Secrets), Error> {
        let mut begin = call.begin;
        loop {
            let request =
                request().map_err(|source| Error::invalid_request(call.operation, source))?;
            let outcome = self.attempt(call, begin, request).await;
            call.made += 1;
            let mut error = match outcome {
                Ok((response, secrets)) => {
                    self.settings.budget.answered(call.taken);
                    if let Some(observer) = &self.settings.observer {
                        observer.attempt(&Ended {
                            operation: call.operation,
                            attempts: call.made,
                            duration: begin.elapsed(),
                            status: Some(response.status()),
                            request_id: crate::reply::request_id(response.headers()),
                            error: None,
                        });
                    }
                    return Ok((response, secrets));
                }
                Err(error) => error,
            };
            error.set_attempts(call.made, call.lost_answer);
            if let Some(observer) = &self.settings.observer {
                observer.attempt(&Ended::failed(&error, call.made, begin.elapsed()));
            }
            let Some(pause) = self.pause(call, &error) else {
                return Err(error);
            };
            call.lost_answer |= error.lost_answer();
            call.refused_for_date |= error.is_clock_skew();
            if pause.is_zero() {
                // Kept connections that were closed together are all found closed first, so that
                // the next attempt gets none of them.
                yield_now().await;
            } else {
                sleep(pause).await;
            }
            begin = Instant::now();
        }
    }

    /// The pause before the next attempt, if there is to be one.
    fn pause(&self, call: &mut Call, error: &Error) -> Option<Duration> {
        let Settings { retry, random, budget, .. } = &*self.settings;
        if !error.is_retryable() && !error.is_clock_skew() {
            // The service did its part; only what may pass is for the policy alone to judge.
            budget.answered(call.taken);
        }
        if error.is_clock_skew() && call.refused_for_date {
            return None;
        }
        let attempt = Attempt {
            made: call.made,
            error,
            elapsed: call.begin.elapsed(),
            random: random.lock().unwrap_or_else(PoisonError::into_inner).f64(),
        };
        let Decision::Again(pause) = retry.next(&attempt) else { return None };
        let left = call.deadline.saturating_duration_since(Instant::now());
        if pause >= left {
            return None;
        }
        // What costs the peer nothing is not taken from the budget.
        if !error.is_clock_skew() && !found_closed(error) {
            if !budget.take() {
                return None;
            }
            call.taken += 1;
        }
        Some(pause)
    }

    /// Dates, authenticates and sends a request once.
    async fn attempt(
        &self,
        call: &Call,
        begin: Instant,
        mut request: Request<Bytes>,
    ) -> Result<(Response<Bytes>, Secrets), Error> {
        let Settings { authentication, carrier, clock, offset, max_body, .. } = &*self.settings;
        let id = call.operation;
        let deadline = after(begin, self.times.attempt).min(call.deadline);
        request.headers_mut().insert(HOST, self.settings.host.clone());
        if let Some(project_id) = &self.settings.project_id {
            request.headers_mut().insert(X_PROJECT_ID, project_id.clone());
        }
        let dated = offset.apply(clock());
        authentication
            .apply(&mut request, dated, deadline)
            .await
            .ok_or_else(|| Error::transport(id, timed_out(Delivery::NotSent)))?
            .map_err(|source| Error::authentication(id, source))?;
        // Not signed: proxies rewrite it.
        request.headers_mut().insert(USER_AGENT, self.settings.user_agent.clone());
        let secrets = Secrets::of(request.headers());
        let dated = authentication.dates(&request).then_some(dated);

        let limits =
            Limits::new(*max_body, deadline.into_std()).connect_timeout(self.times.connect);
        match carrier.call(request, limits).await {
            Ok(mut response) => {
                secrets.mask_request_id(response.headers_mut());
                if id.meta().success.contains(&response.status()) {
                    return Ok((response, secrets));
                }
                Err(self.refused(id, response, &secrets, dated))
            }
            Err(mut source) => {
                if let Some(head) = source.head_mut() {
                    secrets.mask_request_id(&mut head.headers);
                }
                Err(Error::transport(id, source))
            }
        }
    }

    /// The error of an answer that is no success; learns from it how the clocks differ.
    fn refused(
        &self,
        id: OperationId,
        response: Response<Bytes>,
        secrets: &Secrets,
        dated: Option<SystemTime>,
    ) -> Error {
        let (head, body) = response.into_parts();
        let refusal = wire::decode_refusal(head.status, &body);
        let here = (self.settings.clock)();
        let there = match (&refusal, dated) {
            (ReplyError::Api(error), Some(dated)) => {
                skew::time_of_refusal(error, &head.headers, dated)
            }
            _ => None,
        };
        let mut error = Error::answered(id, refusal, &head, &body, secrets);
        error.set_retry_after(retry_after(&head.headers, here));
        if let Some(there) = there {
            self.settings.offset.learn(here, there);
            error.set_clock_skew();
        }
        error
    }
}

pub(super) fn timed_out(delivery: Delivery) -> TransportError {
    TransportError::new(TransportErrorKind::Timeout, delivery)
}
