//! `explain`: says of a raw request how its signature is computed and where it differs.

#[path = "../raw.rs"]
mod raw;
mod words;

use std::fs;
use std::io::{self, Read as _};
use std::path::Path;
use std::process::ExitCode;
use std::time::SystemTime;

use rtc_model::Timestamp;
use rtc_signer::date::parse_sdk_date;
use rtc_signer::{Credentials, DerivedKeys, Explanation, Verdict, Verifier, X_SECURITY_TOKEN};
use serde_json::json;

use self::raw::{RawRequest, SERVICE_HOSTS};
use crate::cli::{ExplainArgs, Failure, print};

/// The largest input that is read: the gateway's limits of head and body, and some more.
const MAX_INPUT: u64 = 16 << 20;

/// Reads a request, prints what can be known about its signature, and gives the exit code.
pub(crate) fn run(args: &ExplainArgs) -> Result<ExitCode, Failure> {
    let input = input()?;
    let request = RawRequest::parse(&input)
        .map_err(|error| Failure::Usage(format!("the request cannot be read: {error}")))?;
    let client_canonical = args.client_canonical.as_deref().map(text).transpose()?;
    // Region and service of a derived key (V11) come from the Credential.
    let verifier = Verifier::new()
        .with_key(credentials(args, &request))
        .with_derived_keys(DerivedKeys::AnyScope)
        .with_other_hosts(SERVICE_HOSTS);
    let view = request.view();
    let explanation =
        verifier.explain(&view, args.now.map(|now| now.0), client_canonical.as_deref());
    if args.json {
        print(&format!("{}\n", to_json(&explanation)))?;
    } else {
        print(&words::of(&request, args.now.map(|now| now.0), &explanation))?;
    }
    Ok(match explanation.verdict() {
        Verdict::Accepted => ExitCode::SUCCESS,
        _ => ExitCode::from(1),
    })
}

/// The key of the flags. A token that the request brings is taken as the key's: this command
/// judges the signature and lets nobody in.
fn credentials(args: &ExplainArgs, request: &RawRequest<'_>) -> Credentials {
    let credentials =
        Credentials::new(args.key.access_key.as_str(), args.key.secret_key.0.as_str());
    match request.headers().get(X_SECURITY_TOKEN).map(|token| token.to_str()) {
        Some(Ok(token)) => credentials.with_security_token(token),
        _ => credentials,
    }
}

fn input() -> Result<Vec<u8>, Failure> {
    let mut input = Vec::new();
    io::stdin()
        .lock()
        .take(MAX_INPUT + 1)
        .read_to_end(&mut input)
        .map_err(|error| Failure::Usage(format!("the standard input cannot be read: {error}")))?;
    if input.len() as u64 > MAX_INPUT {
        let limit = MAX_INPUT >> 20;
        return Err(Failure::Usage(format!("the request is longer than {limit} MiB")));
    }
    Ok(input)
}

fn text(path: &Path) -> Result<String, Failure> {
    let bytes = fs::read(path).map_err(|error| {
        Failure::Usage(format!("--client-canonical {}: {error}", path.display()))
    })?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

fn to_json(explanation: &Explanation) -> serde_json::Value {
    json!({
        "algorithm": explanation.algorithm(),
        "canonical_request": explanation.canonical_request(),
        "string_to_sign": explanation.string_to_sign(),
        "expected_signature": explanation.expected_signature(),
        "given_signature": explanation.given_signature(),
        "verdict": explanation.verdict().to_string(),
        "tolerance": explanation.tolerance().map(rtc_signer::Tolerance::as_str),
        "reason": explanation.reason().map(ToString::to_string),
    })
}

/// The time of `--now`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Now(SystemTime);

impl std::str::FromStr for Now {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        parse_sdk_date(text)
            .or_else(|| text.parse::<Timestamp>().ok()?.to_system_time())
            .map(Self)
            .ok_or_else(|| {
                format!("{text:?} is no time; write 2024-01-02T03:04:05Z or 20240102T030405Z")
            })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_forms_of_a_time_are_read() {
        let now: Now = "20240102T030405Z".parse().unwrap();
        for text in
            ["2024-01-02T03:04:05Z", "2024-01-02T03:04:05.000Z", "2024-01-02T04:04:05+01:00"]
        {
            assert_eq!(text.parse(), Ok(now), "{text}");
        }
        for text in ["", "now", "1704164645", "2024-01-02", "2024-01-02T03:04:05"] {
            let error = text.parse::<Now>().unwrap_err();
            assert!(error.contains("20240102T030405Z"), "{error}");
        }
    }
}
