//! What happens at the mock, as `GET /events` tells of it.

use std::fmt::Write as _;

use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::admin_api::{ClockStatus, RecordedExchange};

/// Something that happened at the mock.
///
/// Over the wire it is a server-sent event: its kind is the name, what is known of it the data.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Event {
    /// An exchange is in the journal. Bodies over 64 KB are left out; the exchange by itself has
    /// them.
    Exchange(Box<RecordedExchange>),
    /// The journal was emptied.
    Cleared,
    /// The clock was set; what it shows now.
    Clock(ClockStatus),
    /// The faults were changed.
    Faults,
    /// A notification was made, or got on: its number.
    Delivery(u64),
    /// The mock began anew.
    Reset,
    /// So many events were missed, because they came too quickly for the reader. The journal has
    /// the exchanges among them.
    Missed(u64),
}

#[derive(Serialize, Deserialize)]
struct Id {
    id: u64,
}

#[derive(Serialize, Deserialize)]
struct Missed {
    count: u64,
}

impl Event {
    /// The event as it goes over the wire.
    pub(crate) fn to_message(&self) -> String {
        let mut text = String::new();
        let name = match self {
            Self::Exchange(_) => "exchange",
            Self::Cleared => "cleared",
            Self::Clock(_) => "clock",
            Self::Faults => "faults",
            Self::Delivery(_) => "delivery",
            Self::Reset => "reset",
            Self::Missed(_) => "missed",
        };
        // JSON in one line: a text in it has its line feeds escaped.
        let data = match self {
            Self::Exchange(exchange) => serde_json::to_string(exchange),
            Self::Clock(status) => serde_json::to_string(status),
            Self::Delivery(id) => serde_json::to_string(&Id { id: *id }),
            Self::Missed(count) => serde_json::to_string(&Missed { count: *count }),
            Self::Cleared | Self::Faults | Self::Reset => Ok(json!({}).to_string()),
        };
        // No message has a key that is no text, and writing to a string cannot fail.
        let data = data.unwrap_or_default();
        let _ = writeln!(text, "event: {name}");
        if let Self::Exchange(exchange) = self {
            let _ = writeln!(text, "id: {}", exchange.id);
        }
        let _ = write!(text, "data: {data}\n\n");
        text
    }

    /// The event of a message; `None` when its name is not known, as of a mock that is newer.
    #[cfg(feature = "admin-client")]
    pub(crate) fn of_message(name: &str, data: &str) -> Result<Option<Self>, serde_json::Error> {
        Ok(Some(match name {
            "exchange" => Self::Exchange(serde_json::from_str(data)?),
            "cleared" => Self::Cleared,
            "clock" => Self::Clock(serde_json::from_str(data)?),
            "faults" => Self::Faults,
            "delivery" => Self::Delivery(serde_json::from_str::<Id>(data)?.id),
            "reset" => Self::Reset,
            "missed" => Self::Missed(serde_json::from_str::<Missed>(data)?.count),
            _ => return Ok(None),
        }))
    }
}
