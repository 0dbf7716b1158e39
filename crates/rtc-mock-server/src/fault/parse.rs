//! Faults in the words of `--fault`.

use std::time::Duration;

use http::{HeaderName, HeaderValue, Method, StatusCode};
use rtc_model::ErrorCode;

use crate::fault::kind::{MAX_DELAY, MAX_LATE};
use crate::fault::{Delay, Fault, FaultError, FaultKind, FaultTime};

/// The most garbage.
const MAX_GARBAGE: usize = 1_000_000;
/// The default garbage.
const GARBAGE: usize = 64;

pub(super) fn fault(text: &str) -> Result<Fault, FaultError> {
    let (operation, rest) = text.split_once('=').ok_or_else(|| FaultError::Form(text.into()))?;
    let end = rest.find(')').map_or(0, |end| end + 1);
    // The first comma after the argument of the kind.
    let comma = match rest.find([',', '(']) {
        Some(at) if rest[at..].starts_with('(') => rest[end..].find(',').map(|at| at + end),
        comma => comma,
    };
    let (kind_text, mut keys) = comma.map_or((rest, ""), |at| (&rest[..at], &rest[at + 1..]));
    let mut fault = Fault::new(kind(kind_text)?);
    fault.target = operation.parse()?;
    let mut seen = Vec::new();
    while !keys.is_empty() {
        // A header takes the rest: its value may have commas.
        let (key, rest) = match keys.strip_prefix("header=") {
            Some(_) => (keys, ""),
            None => keys.split_once(',').unwrap_or((keys, "")),
        };
        keys = rest;
        let (name, value) = key.split_once('=').ok_or_else(|| FaultError::Key(key.into()))?;
        if seen.contains(&name) {
            return Err(FaultError::Twice(name.into()));
        }
        seen.push(name);
        fault = set(fault, name, value)?;
    }
    fault.checked()
}

fn set(fault: Fault, name: &str, value: &str) -> Result<Fault, FaultError> {
    let number = || value.parse().map_err(|_| wrong(value, "number", "write it in digits"));
    match name {
        "rate" => fault.rate(value.parse().map_err(|_| FaultError::Rate(value.into()))?),
        "count" => Ok(fault.count(number()?)),
        "nth" => fault.nth(number()?),
        "when" => fault.when(when(value)?),
        "method" => Ok(fault.method(method(value)?)),
        "header" => {
            let (name, value) = header(value)?;
            Ok(fault.header(name, value))
        }
        _ => Err(FaultError::Key(name.into())),
    }
}

pub(super) fn when(value: &str) -> Result<FaultTime, FaultError> {
    match value {
        "before" => Ok(FaultTime::Before),
        "after" => Ok(FaultTime::After),
        _ => Err(wrong(value, "time", "write before or after")),
    }
}

pub(super) fn method(value: &str) -> Result<Method, FaultError> {
    value.parse().map_err(|_| wrong(value, "method", "write one such as PUT"))
}

/// `name`, or `name:value`.
pub(super) fn header(text: &str) -> Result<(HeaderName, Option<HeaderValue>), FaultError> {
    let error = || wrong(text, "header", "write NAME, or NAME:VALUE in ASCII");
    let (name, value) = match text.split_once(':') {
        Some((name, value)) => (name, Some(value.trim())),
        None => (text, None),
    };
    let ascii = |value: &str| value.bytes().all(|c| (b' '..=b'~').contains(&c));
    if value.is_some_and(|value| !ascii(value)) {
        return Err(error());
    }
    let value = value.map(|value| HeaderValue::from_str(value).map_err(|_| error()));
    Ok((name.trim().parse().map_err(|_| error())?, value.transpose()?))
}

/// A kind with its argument.
pub(super) fn kind(text: &str) -> Result<FaultKind, FaultError> {
    let unknown = || FaultError::Kind(text.into());
    let (name, argument) = match text.split_once('(') {
        Some((name, rest)) => (name, Some(rest.strip_suffix(')').ok_or_else(unknown)?.trim())),
        None => (text, None),
    };
    let needed = argument.ok_or_else(unknown);
    Ok(match (name, argument) {
        ("reset", None) => FaultKind::Reset,
        ("close", None) => FaultKind::Close,
        ("garbage", None) => FaultKind::Garbage { bytes: GARBAGE },
        ("garbage", Some(bytes)) => FaultKind::Garbage { bytes: count(bytes, 1, MAX_GARBAGE)? },
        ("status", _) => status(needed?)?,
        ("throttle", _) => FaultKind::Throttle { retry_after: time(needed?)? },
        ("delay", _) => FaultKind::Delay(delay(needed?)?),
        ("end", _) => FaultKind::End { bytes: count(needed?, 0, usize::MAX)? },
        ("length", _) => FaultKind::Length { by: length(needed?)? },
        ("trickle", _) => {
            let argument = needed?;
            let (bytes, every) = argument.split_once('/').ok_or_else(unknown)?;
            FaultKind::Trickle { bytes: count(bytes, 1, usize::MAX)?, every: time(every)? }
        }
        ("late", _) => FaultKind::Late { by: clock_time(needed?)? },
        ("twice", None) => FaultKind::Twice,
        ("reorder", None) => FaultKind::Reorder,
        ("wrong-signature", None) => FaultKind::WrongSignature,
        ("old-signature", _) => FaultKind::OldSignature { by: clock_time(needed?)? },
        _ => return Err(unknown()),
    })
}

fn status(text: &str) -> Result<FaultKind, FaultError> {
    let (status, code) = match text.split_once(' ') {
        Some((status, code)) => (status, Some(ErrorCode::from(code.trim().to_owned()))),
        None => (text, None),
    };
    let error = || wrong(status, "status of an error", "write 400 to 599");
    let status = status.parse::<StatusCode>().map_err(|_| error())?;
    if !(400..600).contains(&status.as_u16()) {
        return Err(error());
    }
    Ok(FaultKind::Status { status, code })
}

fn delay(text: &str) -> Result<Delay, FaultError> {
    if let Some(rest) = text.strip_prefix("lognormal ") {
        let error = || wrong(text, "delay", "write lognormal MEDIAN SIGMA, sigma over 0 to 5");
        let (median, sigma) = rest.trim().split_once(' ').ok_or_else(error)?;
        let sigma = sigma.trim().parse::<f64>().ok().filter(|sigma| *sigma > 0.0 && *sigma <= 5.0);
        return Ok(Delay::LogNormal { median: time(median)?, sigma: sigma.ok_or_else(error)? });
    }
    match text.split_once("..") {
        Some((least, most)) => {
            let (least, most) = (time(least)?, time(most)?);
            if least > most {
                return Err(wrong(text, "range of times", "write the shorter one first"));
            }
            Ok(Delay::Uniform(least, most))
        }
        None => Ok(Delay::Fixed(time(text)?)),
    }
}

fn length(text: &str) -> Result<i32, FaultError> {
    let by = text.parse::<i32>().ok().filter(|by| *by != 0);
    by.ok_or_else(|| wrong(text, "difference", "write it like +5 or -5"))
}

fn count(text: &str, least: usize, most: usize) -> Result<usize, FaultError> {
    let count = text.trim().parse().ok().filter(|count| (least..=most).contains(count));
    count.ok_or_else(|| wrong(text, "number of bytes", "write it in digits, such as 16"))
}

/// A time by the machine's clock.
fn time(text: &str) -> Result<Duration, FaultError> {
    let text = text.trim();
    let time = any_time(text).filter(|time| *time <= MAX_DELAY);
    time.ok_or_else(|| wrong(text, "time", "write it like 200ms or 3s, up to 600s"))
}

/// A time by the mock's clock.
fn clock_time(text: &str) -> Result<Duration, FaultError> {
    let text = text.trim();
    let time = any_time(text).filter(|time| *time <= MAX_LATE);
    time.ok_or_else(|| wrong(text, "time", "write it like 30s, 10m or 1h, up to 24h"))
}

fn any_time(text: &str) -> Option<Duration> {
    let split = text.find(|c: char| !c.is_ascii_digit())?;
    let (number, unit) = text.split_at(split);
    let number: u64 = number.parse().ok()?;
    match unit {
        "ms" => Some(Duration::from_millis(number)),
        "s" => Some(Duration::from_secs(number)),
        "m" => number.checked_mul(60).map(Duration::from_secs),
        "h" => number.checked_mul(3_600).map(Duration::from_secs),
        _ => None,
    }
}

fn wrong(value: &str, what: &'static str, range: &'static str) -> FaultError {
    FaultError::Value { value: value.into(), what, range }
}

#[cfg(test)]
mod tests;
