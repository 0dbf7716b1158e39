//! The demo: a signed query of the recording event callback, asked and answered, and a refused one
//! explained. Run it by `cargo xtask demo`.

#![expect(clippy::print_stdout, reason = "the output is what the program is for")]

use std::error::Error;
use std::process::ExitCode;

use rtc_client::{Client, Credentials, Reply};
use rtc_mock_server::{Exchange, MockServer};
use rtc_model::apps::AppReq;
use rtc_model::record_callback::AppCallbackUrlReq;

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    match run().await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("the demo failed: {error}");
            let mut cause = error.source();
            while let Some(error) = cause {
                eprintln!("  because: {error}");
                cause = error.source();
            }
            ExitCode::FAILURE
        }
    }
}

async fn run() -> Result<(), Box<dyn Error>> {
    let admin = "127.0.0.1:0".parse()?;
    let server = MockServer::builder().admin_listen(admin).start().await?;
    println!("A mock of the RTC service is listening on {}", server.url());
    println!("Its admin API is listening on {}", server.admin_url().unwrap_or_default());

    let access_key = server.credentials().access_key();
    let builder = || Client::builder().endpoint(server.url()).project_id(server.project_id());
    let client = builder().credentials(server.credentials().clone()).build()?;

    step("Make an app, signed with AK/SK");
    let created = client.create_app(AppReq::new("classroom")).await?;
    show(&server, &created)?;
    let app_id = created.into_output().app_id;

    step("Set its recording event callback");
    let body = AppCallbackUrlReq::new("http://mydomain.com").auth_key("78912374ae8cdb38");
    show(&server, &client.update_record_callback(&app_id, body).await?)?;

    step("Query the callback, signed with AK/SK");
    show(&server, &client.show_record_callback(&app_id).await?)?;

    step("Query it again, with a user token");
    let by_token = builder().token(server.token()).build()?;
    show(&server, &by_token.show_record_callback(&app_id).await?)?;

    step("Query it with a wrong secret key");
    let stranger =
        builder().credentials(Credentials::new(access_key, "a wrong secret key")).build()?;
    let Err(refused) = stranger.show_record_callback(&app_id).await else {
        return Err("a request with a wrong secret key was accepted".into());
    };
    let exchange = last(&server)?;
    println!("  {} {}", exchange.method(), exchange.target());
    if let Some(status) = exchange.status() {
        println!("  {status}");
    }
    println!("{}", indent(&String::from_utf8_lossy(exchange.reply_body())));
    println!("\n  What rtc-client says:\n{}", indent(&refused.to_string()));
    let explanation = exchange.explanation().ok_or("the refused signature is not explained")?;
    println!("\n  What the mock's journal says:\n{}", indent(&explanation));

    server.shutdown().await;
    println!("\nEverything is stopped.");
    Ok(())
}

fn step(title: &str) {
    println!("\n{title}");
}

/// The request line as the server saw it, the status, and the answer as JSON.
fn show<T: serde::Serialize>(server: &MockServer, reply: &Reply<T>) -> Result<(), Box<dyn Error>> {
    let exchange = last(server)?;
    println!("  {} {}", exchange.method(), exchange.target());
    println!("  {}, request id {}", reply.status(), reply.request_id().unwrap_or("(none)"));
    println!("{}", indent(&serde_json::to_string_pretty(reply.output())?));
    Ok(())
}

fn last(server: &MockServer) -> Result<Exchange, &'static str> {
    server.requests().pop().ok_or("the journal is empty")
}

fn indent(text: &str) -> String {
    text.lines().map(|line| format!("  {line}")).collect::<Vec<_>>().join("\n")
}
