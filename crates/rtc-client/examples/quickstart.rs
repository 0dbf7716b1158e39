//! What one needs first: a client of the environment, an app made, read and deleted, and errors told
//! apart.
//!
//! `cargo run -p rtc-client --example quickstart`, with the variables of the official SDKs; for the
//! mock server `eval "$(rtc-mock-server env)"`.

#![expect(clippy::print_stdout, reason = "the output of the example")]

use std::error::Error;

use rtc_client::Client;
use rtc_client::model::apps::AppReq;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let client = Client::from_env()?;

    let app_id = match client.create_app(AppReq::new("quickstart")).await {
        Ok(reply) => reply.into_output().app_id,
        Err(error) if error.is_throttled() => return Err("too many calls; wait a minute".into()),
        // What does no harm has been attempted again before it comes to this.
        Err(error) if error.is_retryable() => return Err(format!("{error}; try later").into()),
        // Its text says what was wrong, and the id of the request, which support asks for.
        Err(error) => return Err(error.to_string().into()),
    };

    let reply = client.show_app(&app_id).await?;
    println!("{app_id} was read by the request {:?}", reply.request_id());
    println!("its name is {:?}", reply.output().app_name);

    client.delete_app(&app_id).await?;
    match client.show_app(&app_id).await {
        Err(error) if error.is_not_found() => println!("deleted"),
        Err(error) => return Err(error.into()),
        Ok(_) => println!("deleted, and still to be seen"),
    }
    Ok(())
}
