//! `inspect`: the journal of a running mock for people.

use std::fmt::Write as _;

use clap::Args;
use rtc_mock_server::RequestFilter;
use rtc_mock_server::admin_api::{RecordedExchange, RecordedVerdict};
use serde_json::{Map, Value};

use super::{AskArgs, plain};
use crate::cli::Failure;

#[derive(Debug, Args)]
pub(crate) struct InspectArgs {
    #[command(flatten)]
    ask: AskArgs,
    /// The number of an exchange, which is then shown whole.
    #[arg(value_name = "ID")]
    id: Option<u64>,
    #[command(flatten)]
    filter: FilterArgs,
}

/// Which exchanges are listed, in the words of `GET /requests`.
#[derive(Debug, Args)]
#[group(conflicts_with = "id")]
struct FilterArgs {
    /// Only this operation, such as `CreateApp`; `none` for what is no operation.
    #[arg(long, value_name = "NAME")]
    operation: Option<String>,
    /// Only this status, such as `404` or `4xx`.
    #[arg(long, value_name = "STATUS")]
    status: Option<String>,
    /// Only what was found of credentials: `accepted`, `refused` or `unchecked`.
    #[arg(long, value_name = "WORD")]
    verdict: Option<String>,
    /// Only what met the fault with the id; `any` or `none`.
    #[arg(long, value_name = "ID")]
    fault: Option<String>,
    /// Only requests with the method.
    #[arg(long, value_name = "METHOD")]
    method: Option<String>,
    /// Only requests for the path; with `*` at its end, for what begins with it.
    #[arg(long, value_name = "PATH")]
    path: Option<String>,
    /// Only exchanges after the one with the number.
    #[arg(long, value_name = "ID")]
    since_id: Option<u64>,
    /// Only exchanges that came at the time (RFC 3339) or later, by the mock's clock.
    #[arg(long, value_name = "TIME")]
    since: Option<String>,
    /// Only exchanges that came before the time (RFC 3339), by the mock's clock.
    #[arg(long, value_name = "TIME")]
    until: Option<String>,
}

/// Lists exchanges, or shows one.
pub(crate) fn inspect(args: &InspectArgs) -> Result<(), Failure> {
    if let Some(id) = args.id {
        let exchange = args.ask.get(async |client| client.request(id).await)?;
        return args.ask.print(&exchange, whole);
    }
    let filter = args.filter.read()?;
    let found = args.ask.get(async |client| client.requests(&filter).await)?;
    args.ask.print(&found, |found| table(&found.requests))
}

impl FilterArgs {
    fn read(&self) -> Result<RequestFilter, Failure> {
        let fields = [
            ("operation", self.operation.clone().map(Value::from)),
            ("status", self.status.clone().map(Value::from)),
            ("verdict", self.verdict.clone().map(Value::from)),
            ("fault", self.fault.clone().map(Value::from)),
            ("method", self.method.clone().map(Value::from)),
            ("path", self.path.clone().map(Value::from)),
            ("since_id", self.since_id.map(Value::from)),
            ("since", self.since.clone().map(Value::from)),
            ("until", self.until.clone().map(Value::from)),
        ];
        let fields = fields.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?)));
        let fields = Value::Object(fields.collect::<Map<_, _>>());
        serde_json::from_value(fields).map_err(|error| Failure::Usage(error.to_string()))
    }
}

/// A line an exchange.
fn table(exchanges: &[RecordedExchange]) -> String {
    if exchanges.is_empty() {
        return "no exchange in the journal is meant\n".to_owned();
    }
    let rows: Vec<_> = exchanges
        .iter()
        .map(|exchange| {
            let status = exchange.reply.as_ref().map_or("-".to_owned(), |r| r.status.to_string());
            let fault = exchange.fault.as_ref().map(|fault| plain(&fault.spec));
            let verdict = exchange.verdict.result.as_str().to_owned();
            let time = exchange.time.to_string();
            [
                exchange.id.to_string(),
                time,
                called(exchange),
                status,
                verdict,
                fault.unwrap_or_default(),
            ]
        })
        .collect();
    let head = ["id", "time", "operation", "status", "verdict", "fault"].map(str::to_owned);
    let width = |column: usize| {
        let cells = rows.iter().chain([&head]).map(|row| row[column].chars().count());
        cells.max().unwrap_or(0)
    };
    let widths = [0, 1, 2, 3, 4, 5].map(width);
    let mut text = String::new();
    for row in [&head].into_iter().chain(&rows) {
        let [id, time, operation, status, verdict, fault] = row;
        let [w0, w1, w2, w3, w4, _] = widths;
        let line = format!(
            "{id:>w0$}  {time:w1$}  {operation:w2$}  {status:>w3$}  {verdict:w4$}  {fault}"
        );
        text.push_str(line.trim_end());
        text.push('\n');
    }
    text
}

/// The operation, else what was asked for.
fn called(exchange: &RecordedExchange) -> String {
    const SHOWN: usize = 60;
    let request = &exchange.request;
    if let Some(operation) = &exchange.operation {
        return operation.clone();
    }
    let text = plain(&format!("{} {}", request.method, request.path));
    match text.char_indices().nth(SHOWN) {
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or_default()),
        None => text,
    }
}

/// All of an exchange.
fn whole(exchange: &RecordedExchange) -> String {
    let mut text = String::new();
    // Writing to a string cannot fail.
    let _ = write_whole(&mut text, exchange);
    text
}

fn write_whole(text: &mut String, exchange: &RecordedExchange) -> std::fmt::Result {
    let RecordedExchange { id, time, duration_us, request, verdict, .. } = exchange;
    let operation = exchange.operation.as_deref().unwrap_or("no operation");
    writeln!(text, "exchange {id}: {operation}, {time}, {duration_us} µs of work\n")?;
    let query = request.query.as_ref().map(|query| format!("?{query}")).unwrap_or_default();
    writeln!(text, "{}", plain(&format!("{} {}{query}", request.method, request.path)))?;
    write_message(text, &request.headers, request.body.as_deref(), request.body_base64.as_deref())?;
    match &exchange.reply {
        Some(reply) => {
            writeln!(text, "\n{}", reply.status)?;
            write_message(
                text,
                &reply.headers,
                reply.body.as_deref(),
                reply.body_base64.as_deref(),
            )?;
        }
        None => writeln!(text, "\nno answer was made")?,
    }
    if let Some(fault) = &exchange.fault {
        writeln!(text, "\nfault {}: {}", fault.id, plain(&fault.spec))?;
    }
    write_verdict(text, verdict)
}

fn write_message(
    text: &mut String,
    headers: &[(String, String)],
    body: Option<&str>,
    base64: Option<&str>,
) -> std::fmt::Result {
    for (name, value) in headers {
        writeln!(text, "{name}: {}", plain(value))?;
    }
    match (body, base64) {
        (Some(body), _) if !body.is_empty() => writeln!(text, "\n{}", lines(body)),
        (_, Some(base64)) => writeln!(text, "\n(no text; in base64) {base64}"),
        _ => Ok(()),
    }
}

fn write_verdict(text: &mut String, verdict: &RecordedVerdict) -> std::fmt::Result {
    write!(text, "\ncredentials {}", verdict.result.as_str())?;
    for (word, value) in [
        (" by ", &verdict.by),
        (" of ", &verdict.access_key),
        (" with tolerance ", &verdict.tolerance),
        (": ", &verdict.reason),
    ] {
        if let Some(value) = value {
            write!(text, "{word}{}", plain(value))?;
        }
    }
    writeln!(text)?;
    match &verdict.explanation {
        Some(explanation) => writeln!(text, "{}", lines(explanation)),
        None => Ok(()),
    }
}

/// A text of several lines, each without what could steer the terminal.
fn lines(text: &str) -> String {
    text.lines().map(plain).collect::<Vec<_>>().join("\n")
}
