//! From an operation to its handler, by plain function pointers.

use bytes::Bytes;
use http::Response;
use http::request::Parts;
use rtc_model::{ApiError, Operation, OperationId, wire};

use crate::handlers::{Call, Handle, Service};

type Run = fn(&Service, &Call<'_>, &Parts, &[u8], &str) -> Result<Response<Bytes>, ApiError>;

macro_rules! register {
    ($($operation:path),*) => {
        &[$(run::<$operation>),*]
    };
}

/// The handler of every operation, in the order of [`OperationId::ALL`]. A handler that is missing
/// is a compile error here that names the operation.
const HANDLERS: &[Run] = rtc_model::for_each_operation!(register);

/// Reads the request of `operation`, does what it asks for, and writes the answer.
pub(crate) fn dispatch(
    operation: OperationId,
    service: &Service,
    call: &Call<'_>,
    head: &Parts,
    body: &[u8],
    request_id: &str,
) -> Result<Response<Bytes>, ApiError> {
    let run = HANDLERS
        .get(operation as usize)
        .ok_or_else(|| ApiError::documented(rtc_model::ErrorCode::GATEWAY_BACKEND_NOT_FOUND))?;
    run(service, call, head, body, request_id)
}

/// The order of the checks is part of the contract (decision D31): syntax, fields, state.
fn run<O: Operation>(
    service: &Service,
    call: &Call<'_>,
    head: &Parts,
    body: &[u8],
    request_id: &str,
) -> Result<Response<Bytes>, ApiError>
where
    Service: Handle<O>,
{
    let operation = wire::decode_request::<O>(head, body)?;
    operation.validate()?;
    let output = service.handle(call, operation)?;
    Ok(wire::encode_reply::<O>(&output, request_id))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_operation_is_at_its_own_place() {
        macro_rules! ids {
            ($($operation:path),*) => { [$(<$operation as Operation>::META.id),*] };
        }
        assert_eq!(rtc_model::for_each_operation!(ids), OperationId::ALL);
        assert_eq!(HANDLERS.len(), OperationId::ALL.len());
    }
}
