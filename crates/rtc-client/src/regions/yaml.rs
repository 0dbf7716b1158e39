//! Reading `regions.yaml`.
//!
//! A map of service names, in any case, to lists of `{id, endpoint}` or `{id, endpoints: [..]}`.

use saphyr_parser::{Event, Parser, ScalarStyle, ScanError, Span, StrInput};

use super::REGION;

/// How the files name the service.
const SERVICE: &str = "cloudrtc";

/// Where and why a file cannot be used.
#[derive(Debug, thiserror::Error)]
#[error("line {line}, column {column}: {reason}")]
pub(crate) struct YamlError {
    line: usize,
    column: usize,
    reason: String,
}

/// The endpoint of the service in its region, if the file has one.
pub(crate) fn endpoint(text: &str) -> Result<Option<String>, YamlError> {
    let mut reader = Reader { parser: Parser::new_from_str(text), place: Span::default() };
    let mut found = None;
    loop {
        match reader.next()? {
            Event::StreamEnd => return Ok(found),
            Event::MappingStart(..) => break,
            // An empty document.
            Event::Scalar(text, style, ..) if is_null(&text, style) => return Ok(None),
            Event::StreamStart | Event::DocumentStart(_) => {}
            _ => return Err(reader.refuse("the file is no map of services")),
        }
    }
    while let Some(service) = reader.key()? {
        if service.eq_ignore_ascii_case(SERVICE) {
            found = reader.regions()?;
        } else {
            reader.skip()?;
        }
    }
    Ok(found)
}

struct Reader<'t> {
    parser: Parser<'t, StrInput<'t>>,
    /// Where the last event stands.
    place: Span,
}

impl<'t> Reader<'t> {
    fn next(&mut self) -> Result<Event<'t>, YamlError> {
        match self.parser.next_event() {
            None => Ok(Event::StreamEnd),
            Some(Ok((event, place))) => {
                self.place = place;
                Ok(event)
            }
            Some(Err(error)) => Err(not_yaml(&error)),
        }
    }

    fn refuse(&self, reason: &str) -> YamlError {
        let start = self.place.start;
        YamlError { line: start.line(), column: start.col() + 1, reason: reason.to_owned() }
    }

    /// The next key of a map, or its end.
    fn key(&mut self) -> Result<Option<String>, YamlError> {
        match self.next()? {
            Event::MappingEnd => Ok(None),
            Event::Scalar(text, ..) => Ok(Some(text.into_owned())),
            _ => Err(self.refuse("the key is no text")),
        }
    }

    fn text(&mut self, refusal: &str) -> Result<String, YamlError> {
        match self.next()? {
            Event::Scalar(text, style, ..) if is_null(&text, style) => Ok(String::new()),
            Event::Scalar(text, ..) => Ok(text.into_owned()),
            _ => Err(self.refuse(refusal)),
        }
    }

    /// Passes over a value, however deep.
    fn skip(&mut self) -> Result<(), YamlError> {
        let mut depth = 0_usize;
        loop {
            match self.next()? {
                Event::SequenceStart(..) | Event::MappingStart(..) => depth += 1,
                Event::SequenceEnd | Event::MappingEnd => depth = depth.saturating_sub(1),
                Event::StreamEnd => return Err(self.refuse("the value is missing")),
                _ => {}
            }
            if depth == 0 {
                return Ok(());
            }
        }
    }

    fn regions(&mut self) -> Result<Option<String>, YamlError> {
        let Event::SequenceStart(..) = self.next()? else {
            return Err(self.refuse("the regions of the service are no list"));
        };
        let mut found = None;
        loop {
            match self.next()? {
                Event::SequenceEnd => return Ok(found),
                Event::MappingStart(..) => {
                    let of_region = self.region()?;
                    found = found.or(of_region);
                }
                _ => return Err(self.refuse("the region is no map of `id` and `endpoint`")),
            }
        }
    }

    /// The endpoint of a region that has begun, if it is ours.
    fn region(&mut self) -> Result<Option<String>, YamlError> {
        let begin = self.place;
        let (mut id, mut endpoint, mut endpoints) = (None, None, None);
        while let Some(key) = self.key()? {
            match key.as_str() {
                "id" => id = Some(self.text("the id of the region is no text")?),
                "endpoint" => endpoint = Some(self.text("the endpoint is no text")?),
                "endpoints" => endpoints = self.first_endpoint()?,
                _ => self.skip()?,
            }
        }
        if id.as_deref() != Some(REGION) {
            return Ok(None);
        }
        let endpoint = endpoint.or(endpoints).filter(|endpoint| !endpoint.is_empty());
        if endpoint.is_none() {
            self.place = begin;
            return Err(self.refuse("the region has no endpoint"));
        }
        Ok(endpoint)
    }

    fn first_endpoint(&mut self) -> Result<Option<String>, YamlError> {
        let Event::SequenceStart(..) = self.next()? else {
            return Err(self.refuse("`endpoints` is no list"));
        };
        let mut first = None;
        loop {
            match self.next()? {
                Event::SequenceEnd => return Ok(first),
                Event::Scalar(text, ..) => {
                    first.get_or_insert_with(|| text.into_owned());
                }
                _ => return Err(self.refuse("the endpoint is no text")),
            }
        }
    }
}

fn is_null(text: &str, style: ScalarStyle) -> bool {
    style == ScalarStyle::Plain && matches!(text, "" | "~" | "null")
}

fn not_yaml(error: &ScanError) -> YamlError {
    let place = error.marker();
    YamlError { line: place.line(), column: place.col() + 1, reason: error.info().to_owned() }
}
