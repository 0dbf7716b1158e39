//! Receives notifications on axum.
//!
//! `RTC_AUTH_KEY=… cargo run --package rtc-examples --bin receive_axum -- 127.0.0.1:8480`
//!
//! The handler takes the body as `Bytes`: the signature is of the raw bytes, so an extractor that
//! parses, such as `Json`, would be too early. What axum does not bound by itself, the number of
//! connections and the time that a request may take, is left to what stands before it.

use std::error::Error;
use std::io::{self, Write as _};
use std::num::NonZeroUsize;
use std::sync::Arc;
use std::time::SystemTime;

use axum::Router;
use axum::body::Bytes;
use axum::extract::{DefaultBodyLimit, State};
use axum::http::header::CONTENT_TYPE;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse as _, Response};
use axum::routing::post;
use rtc_model::callback::{ACCEPTED, Notification};
use rtc_signer::{CallbackError, CallbackVerifier, RecentCallbacks, WhenFull};
use tokio::net::TcpListener;

/// A notification has less than 2 KB.
const MAX_BODY: usize = 64 << 10;
/// More than come in ten minutes: so long one could be repeated.
const REMEMBERED: NonZeroUsize = NonZeroUsize::new(100_000).unwrap();

struct Receiver {
    verifier: CallbackVerifier,
    recent: RecentCallbacks,
}

async fn receive(
    State(receiver): State<Arc<Receiver>>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let Receiver { verifier, recent } = &*receiver;
    let read = Notification::from_json;
    let status = match verifier.receive(&headers, &body, SystemTime::now(), recent, read) {
        Ok((notification, signed)) => match work(&notification) {
            Ok(()) => StatusCode::OK,
            Err(error) => {
                // It shall not be taken for a repetition when it is sent again.
                recent.forget(signed.pair());
                eprintln!("cannot work: {error}");
                StatusCode::INTERNAL_SERVER_ERROR
            }
        },
        Err(CallbackError::Replayed) => StatusCode::OK,
        Err(error) => {
            // The log is told why, a stranger is not.
            eprintln!("refused: {error}");
            error.status()
        }
    };
    if status == StatusCode::OK {
        return ([(CONTENT_TYPE, "application/json")], ACCEPTED).into_response();
    }
    status.into_response()
}

/// What your program does with a notification; it is answered after this, so it should be short.
fn work(notification: &Notification) -> io::Result<()> {
    let event = notification.event_type.as_ref().map_or("?", |event| event.as_str());
    let object = notification.obs_object.as_deref().unwrap_or("-");
    writeln!(io::stdout(), "{event} {object}")
}

#[tokio::main]
#[expect(clippy::print_stdout, reason = "the output of the program")]
async fn main() -> Result<(), Box<dyn Error>> {
    let key = std::env::var("RTC_AUTH_KEY").map_err(|_| "set RTC_AUTH_KEY to the auth_key")?;
    let address = std::env::args().nth(1).unwrap_or_else(|| "127.0.0.1:8480".into());
    let verifier = CallbackVerifier::new("current", key)?;
    let recent = RecentCallbacks::new(REMEMBERED, WhenFull::Refuse);
    let app = Router::new()
        .route("/", post(receive))
        .layer(DefaultBodyLimit::max(MAX_BODY))
        .with_state(Arc::new(Receiver { verifier, recent }));

    let listener = TcpListener::bind(address).await?;
    println!("ready url=http://{}", listener.local_addr()?);
    axum::serve(listener, app).await?;
    Ok(())
}
