//! The explanation in words, step by step.

use std::fmt::Write as _;
use std::time::SystemTime;

use http::header::AUTHORIZATION;
use rtc_model::Timestamp;
use rtc_signer::{Explanation, Verdict};

use super::raw::RawRequest;

/// Headers whose values are not repeated.
const SECRET: [&str; 3] = ["cookie", "x-auth-token", "x-security-token"];

/// The text for people.
pub(super) fn of(
    request: &RawRequest<'_>,
    now: Option<SystemTime>,
    explanation: &Explanation,
) -> String {
    let mut text = String::new();
    // Writing to a string cannot fail.
    let _ = write(&mut text, request, now, explanation);
    text
}

fn write(
    text: &mut String,
    request: &RawRequest<'_>,
    now: Option<SystemTime>,
    explanation: &Explanation,
) -> std::fmt::Result {
    writeln!(text, "1. The request")?;
    let query = request.query().map(|query| format!("?{query}")).unwrap_or_default();
    writeln!(text, "   {} {}{query}", request.method(), request.path())?;
    let (headers, body) = (request.headers().len(), request.body().len());
    writeln!(text, "   {headers} headers, {body} bytes of body")?;
    if request.surplus() > 0 {
        let surplus = request.surplus();
        writeln!(text, "   {surplus} bytes after the body, left out by Content-Length")?;
    }

    writeln!(text, "2. The Authorization header")?;
    match (explanation.algorithm(), explanation.access_key()) {
        (Some(algorithm), Some(access_key)) => {
            writeln!(text, "   algorithm {algorithm}, access key {access_key}")?;
        }
        (Some(algorithm), None) => writeln!(text, "   algorithm {algorithm}")?,
        _ if request.headers().contains_key(AUTHORIZATION) => writeln!(text, "   cannot be read")?,
        _ => writeln!(text, "   is missing")?,
    }
    match now {
        Some(now) => writeln!(text, "   its age is judged at {}", Timestamp::from(now))?,
        None => writeln!(text, "   its age is not judged; --now does that")?,
    }
    if request.headers().contains_key("x-security-token") {
        writeln!(text, "   X-Security-Token is taken as the one of the key")?;
    }

    if let Some(canonical) = explanation.canonical_request() {
        writeln!(text, "3. The canonical request")?;
        quote(text, &masked(canonical))?;
    }
    if let Some(string_to_sign) = explanation.string_to_sign() {
        writeln!(text, "4. The string to sign, with the hash of the canonical request")?;
        quote(text, string_to_sign)?;
    }
    if let Some(given) = explanation.given_signature() {
        writeln!(text, "5. The signature, HMAC-SHA256 of the string to sign")?;
        let expected = explanation.expected_signature().unwrap_or("(cannot be computed)");
        writeln!(text, "   expected {expected}")?;
        writeln!(text, "   given    {given}")?;
    }

    write!(text, "Verdict: {}", explanation.verdict())?;
    if let Some(tolerance) = explanation.tolerance() {
        write!(text, " by the tolerance {tolerance}")?;
    }
    writeln!(text)?;
    if let Some(reason) = explanation.reason() {
        writeln!(text, "Reason: {reason}")?;
    }
    match explanation.difference() {
        Some(difference) if explanation.reason() != Some(difference) => {
            writeln!(text, "Further: {difference}")
        }
        None if explanation.verdict() == Verdict::Refused
            && explanation.canonical_request().is_some() =>
        {
            writeln!(
                text,
                "Your own canonical request, by --client-canonical FILE, is compared line by line."
            )
        }
        _ => Ok(()),
    }
}

fn quote(text: &mut String, quoted: &str) -> std::fmt::Result {
    quoted.split('\n').try_for_each(|line| match line {
        "" => writeln!(text, "   |"),
        line => writeln!(text, "   | {line}"),
    })
}

/// Takes the values of secret headers out of their lines, since the text may be shown around.
fn masked(canonical: &str) -> String {
    let lines: Vec<String> = canonical
        .split('\n')
        .map(|line| match line.split_once(':') {
            Some((name, _)) if SECRET.iter().any(|secret| secret.eq_ignore_ascii_case(name)) => {
                format!("{name}:***")
            }
            _ => line.to_owned(),
        })
        .collect();
    lines.join("\n")
}
