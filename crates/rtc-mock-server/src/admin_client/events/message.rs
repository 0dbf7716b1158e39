//! Server-sent events out of the pieces in which they come.

use crate::admin_api::Event;
use crate::admin_client::AdminError;

const WHAT: &str = "GET /events";

/// Reads events, whatever their pieces are.
#[derive(Debug)]
pub(super) struct Messages {
    /// What came and is not read yet.
    bytes: Vec<u8>,
    /// Up to where of it there is no end of a line.
    searched: usize,
    most: usize,
    name: String,
    data: Option<String>,
}

impl Messages {
    /// Reads events of at most so many bytes.
    pub(super) fn new(most: usize) -> Self {
        Self { bytes: Vec::new(), searched: 0, most, name: String::new(), data: None }
    }

    /// Adds a piece.
    pub(super) fn add(&mut self, piece: &[u8]) -> Result<(), AdminError> {
        let held = self.bytes.len() + self.data.as_ref().map_or(0, String::len);
        if held + piece.len() > self.most {
            return Err(AdminError::too_large(WHAT, self.most));
        }
        self.bytes.extend_from_slice(piece);
        Ok(())
    }

    /// The next event that is whole and of a kind that is known.
    pub(super) fn next(&mut self) -> Result<Option<Event>, AdminError> {
        while let Some(line) = self.line() {
            let line = String::from_utf8(line);
            let line = line.map_err(|error| AdminError::unreadable(WHAT, error))?;
            if line.is_empty() {
                let (name, data) = (std::mem::take(&mut self.name), self.data.take());
                // Without data it is none.
                let Some(data) = data else { continue };
                let event = Event::of_message(&name, &data);
                match event.map_err(|error| AdminError::unreadable(WHAT, error))? {
                    Some(event) => return Ok(Some(event)),
                    None => continue,
                }
            }
            let (field, value) = line.split_once(':').unwrap_or((&line, ""));
            let value = value.strip_prefix(' ').unwrap_or(value);
            match field {
                "event" => value.clone_into(&mut self.name),
                "data" => match &mut self.data {
                    Some(data) => data.extend(["\n", value]),
                    None => self.data = Some(value.to_owned()),
                },
                // Comments, and what does not matter here: ids stand in the data too.
                _ => {}
            }
        }
        Ok(None)
    }

    /// The next line that is whole, without its end.
    fn line(&mut self) -> Option<Vec<u8>> {
        let rest = self.bytes.get(self.searched..)?;
        let Some(end) = rest.iter().position(|byte| *byte == b'\n') else {
            self.searched = self.bytes.len();
            return None;
        };
        let end = self.searched + end;
        let after = self.bytes.split_off(end + 1);
        let mut line = std::mem::replace(&mut self.bytes, after);
        self.searched = 0;
        line.pop();
        if line.last() == Some(&b'\r') {
            line.pop();
        }
        Some(line)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::admin_client::AdminErrorKind;

    #[test]
    fn events_are_read_whatever_their_pieces_are() {
        let text = ":\n\nevent: delivery\ndata: {\"id\":7}\n\nevent: dance\ndata: {}\n\nevent:missed\r\nid: 3\r\ndata:{\"count\":\r\ndata:2}\r\n\r\nevent: reset\n\nevent: cleared\ndata: {}\n\nevent: faults\ndata: {}\n";
        for size in [1, 2, 7, text.len()] {
            // What is read makes room.
            let mut messages = Messages::new(size.max(100));
            let mut read = Vec::new();
            for piece in text.as_bytes().chunks(size) {
                messages.add(piece).unwrap();
                while let Some(event) = messages.next().unwrap() {
                    read.push(event);
                }
            }
            let expected = [Event::Delivery(7), Event::Missed(2), Event::Cleared];
            assert_eq!(read, expected, "pieces of {size}");
        }
    }

    #[test]
    fn what_is_too_large_or_no_event_is_an_error() {
        let mut messages = Messages::new(30);
        messages.add(b"event: reset\ndata: 0123456").unwrap();
        assert!(messages.next().unwrap().is_none());
        let error = messages.add(&[b'x'; 30]).unwrap_err();
        assert_eq!(error.kind(), AdminErrorKind::TooLarge);
        for text in [&b"event: delivery\ndata: {}\n\n"[..], b"data: \xff\n\n"] {
            let mut messages = Messages::new(100);
            messages.add(text).unwrap();
            assert_eq!(messages.next().unwrap_err().kind(), AdminErrorKind::Unreadable);
        }
    }

    #[test]
    fn every_event_comes_back_out_of_its_message() {
        let clock = r#"{"clock":"real","time":"2024-03-15T08:15:30.250Z"}"#;
        let exchange = r#"{"id":3,"time":"2024-03-15T08:15:30.250Z","duration_us":5,"request":{"method":"GET","path":"/","headers":[["a","b\nc"]]},"verdict":{"result":"accepted"}}"#;
        let events = [
            Event::Exchange(Box::new(serde_json::from_str(exchange).unwrap())),
            Event::Cleared,
            Event::Clock(serde_json::from_str(clock).unwrap()),
            Event::Faults,
            Event::Delivery(u64::MAX),
            Event::Reset,
            Event::Missed(1),
        ];
        let mut messages = Messages::new(10_000);
        for event in &events {
            messages.add(event.to_message().as_bytes()).unwrap();
        }
        for event in events {
            assert_eq!(messages.next().unwrap(), Some(event));
        }
        assert_eq!(messages.next().unwrap(), None);
    }
}
