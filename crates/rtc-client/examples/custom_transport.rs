//! A transport of one's own, laid over the one on hyper: it tells what goes over the wire.
//!
//! `cargo run -p rtc-client --example custom_transport -- APP_ID`, with the variables of the
//! official SDKs; for the mock server `eval "$(rtc-mock-server env)"`.

#![expect(clippy::print_stdout, reason = "the output of the example")]

use std::error::Error;
use std::time::Instant;

use bytes::Bytes;
use http::{Request, Response};
use rtc_client::{BoxFuture, ClientBuilder, HyperTransport, Limits, Transport, TransportError};

/// Tells the method, the path, the status and the time. Headers hold secrets, so they are left out.
struct Telling<T>(T);

impl<T: Transport> Transport for Telling<T> {
    fn call(
        &self,
        request: Request<Bytes>,
        limits: Limits,
    ) -> BoxFuture<'_, Result<Response<Bytes>, TransportError>> {
        let line = format!("{} {}", request.method(), request.uri().path());
        Box::pin(async move {
            let begin = Instant::now();
            let outcome = self.0.call(request, limits).await;
            match &outcome {
                Ok(answer) => println!("{line}: {} in {:?}", answer.status(), begin.elapsed()),
                Err(error) => println!("{line}: {error} after {:?}", begin.elapsed()),
            }
            outcome
        })
    }
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let app_id = std::env::args().nth(1).ok_or("give the id of an app")?;
    let client = ClientBuilder::from_env()?.transport(Telling(HyperTransport::tls()?)).build()?;
    println!("{:?}", client.show_app(app_id).await?.output().app_name);
    Ok(())
}
