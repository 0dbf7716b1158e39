//! What may have come of a change.

use rtc_client::{Client, Delivery, Error, ErrorKind};
use rtc_model::operation::Idempotency;
use rtc_model::{ErrorCode, Operation, OperationId};

use super::figures::{Figures, LOSSES, LOST_ANSWERS, MADE_ANYWAY, TWICE, UNREAD};

/// What is known of a change.
#[derive(Debug)]
pub(crate) enum Outcome<T> {
    /// It was acknowledged.
    Done(T),
    /// It has not happened.
    NotDone,
    /// Its answer was lost.
    Doubt(Doubt),
}

/// What may have come of a change whose answer was lost.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Doubt {
    /// It was acknowledged by a status whose body could not be read.
    Done,
    /// It has happened or not.
    Either,
}

impl<T> Outcome<T> {
    /// What the client told of a change that is allowed in the state of the model.
    pub(crate) fn of(result: Result<T, Error>, figures: &Figures) -> Result<Self, String> {
        let error = match result {
            Ok(output) => return Ok(Self::Done(output)),
            Err(error) => error,
        };
        let repeatable = error.operation().meta().idempotency == Idempotency::Idempotent;
        if error.is_after_lost_answer() && !repeatable {
            figures.count(TWICE);
            return Err(format!("what is not idempotent was attempted again: {error}"));
        }
        if error.is_after_lost_answer() {
            figures.count(LOST_ANSWERS);
            return Ok(Self::Doubt(Doubt::Either));
        }
        match (error.kind(), error.delivery()) {
            (ErrorKind::Decode, _) => {
                figures.count(UNREAD);
                Ok(Self::Doubt(Doubt::Done))
            }
            (ErrorKind::Connect | ErrorKind::Throttled, _)
            | (ErrorKind::Transport | ErrorKind::Timeout, Delivery::NotSent) => Ok(Self::NotDone),
            (ErrorKind::Transport | ErrorKind::Timeout | ErrorKind::Server, _) => {
                figures.count(LOST_ANSWERS);
                Ok(Self::Doubt(Doubt::Either))
            }
            _ => {
                if is_taken(&error) {
                    figures.count(TWICE);
                }
                Err(format!("a change that is allowed is refused: {error}"))
            }
        }
    }
}

impl<T> Outcome<T> {
    /// Whether it has happened; `look` finds that out where the answer was lost.
    pub(crate) async fn has_happened(
        self,
        what: &str,
        figures: &Figures,
        look: impl Future<Output = Result<bool, String>>,
    ) -> Result<bool, String> {
        match self {
            Self::Done(_) => Ok(true),
            Self::NotDone => Ok(false),
            Self::Doubt(doubt) => doubt.resolve(look.await?, what, figures),
        }
    }
}

impl Doubt {
    /// Takes what was found; a change that was acknowledged must have happened.
    pub(crate) fn resolve(
        self,
        found: bool,
        what: &str,
        figures: &Figures,
    ) -> Result<bool, String> {
        if found {
            figures.count(MADE_ANYWAY);
        } else if self == Self::Done {
            figures.count(LOSSES);
            return Err(format!("{what} was acknowledged and is not there"));
        }
        Ok(found)
    }
}

/// Whether what was to be made is there already.
pub(crate) fn is_taken(error: &Error) -> bool {
    let codes = [ErrorCode::APP_EXIST, ErrorCode::JOB_RUNNING];
    let makes = matches!(
        error.operation(),
        OperationId::CreateApp | OperationId::CreateMixJob | OperationId::CreateIndividualStreamJob
    );
    makes && error.service_error().is_some_and(|service| codes.contains(service.code()))
}

/// Asks until there is an answer; `None` when there is no such thing.
pub(crate) async fn read<O: Operation + Clone>(
    client: &Client,
    operation: O,
) -> Result<Option<O::Output>, String> {
    let asking = async {
        loop {
            match client.send(operation.clone()).await {
                Ok(reply) => return Ok(Some(reply.into_output())),
                Err(error) if error.is_not_found() => return Ok(None),
                Err(error) if may_pass(&error) => tokio::time::sleep(super::PAUSE).await,
                Err(error) => return Err(format!("a query is refused: {error}")),
            }
        }
    };
    let answer = tokio::time::timeout(super::PATIENCE, asking).await;
    answer.map_err(|_| format!("{} is not answered in time", O::META.id))?
}

/// Whether a call may be answered otherwise later: its answer did not come, or was spoilt.
pub(crate) fn may_pass(error: &Error) -> bool {
    let is_unread = error.service_error().is_none();
    is_unread || matches!(error.kind(), ErrorKind::Server | ErrorKind::Throttled)
}
