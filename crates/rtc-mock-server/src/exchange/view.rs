//! An exchange as the admin API shows it.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::HeaderMap;
use rtc_model::{OperationId, Timestamp};

use crate::admin_api::{
    RecordedExchange, RecordedFault, RecordedReply, RecordedRequest, RecordedVerdict,
};
use crate::auth::{Refusal, Verdict};
use crate::exchange::Exchange;
use crate::journal::VerdictKind;
use crate::mask::{self, Secrets};

impl Exchange {
    /// The exchange as it is shown, without bodies that are larger than `max_body`: only their
    /// length is told.
    pub(crate) fn view(&self, max_body: usize, secrets: Secrets) -> RecordedExchange {
        let record = &*self.record;
        let head = record.heads.request();
        let (body, body_base64, body_bytes) = self.body_view(&record.body, max_body, secrets);
        let request = RecordedRequest {
            method: head.method.as_str().to_owned(),
            path: head.uri.path().to_owned(),
            query: head.uri.query().map(|query| match secrets {
                Secrets::Masked => mask::query(query),
                Secrets::Shown => query.to_owned(),
            }),
            headers: headers(&head.headers, secrets),
            body,
            body_base64,
            body_bytes,
        };
        let reply = record.status.map(|status| {
            let (body, body_base64, body_bytes) =
                self.body_view(&record.reply_body, max_body, secrets);
            RecordedReply {
                status: status.as_u16(),
                headers: headers(record.heads.reply(), secrets),
                body,
                body_base64,
                body_bytes,
            }
        });
        RecordedExchange {
            id: record.id,
            time: Timestamp::from(record.at),
            duration_us: u64::try_from(record.duration.as_micros()).unwrap_or(u64::MAX),
            operation: record.operation.map(|id| OperationId::as_str(id).to_owned()),
            request,
            reply,
            verdict: self.verdict_view(secrets),
            fault: record
                .fault
                .as_ref()
                .map(|fault| RecordedFault { id: fault.id.clone(), spec: fault.spec.clone() }),
        }
    }

    /// The body of the answer as people may see it, its beginning; `None` when there is none or
    /// it is no text.
    pub(crate) fn answer_text(&self) -> Option<String> {
        const SHOWN: usize = 500;
        let text = mask::body(self.headers(), self.reply_body()).filter(|text| !text.is_empty())?;
        Some(match text.char_indices().nth(SHOWN) {
            Some((end, _)) => format!("{}…", text.get(..end).unwrap_or_default()),
            None => text,
        })
    }

    /// The body as text, else in base64, else, if it is too large, its length.
    fn body_view(
        &self,
        bytes: &[u8],
        max_body: usize,
        secrets: Secrets,
    ) -> (Option<String>, Option<String>, Option<usize>) {
        if bytes.len() > max_body {
            return (None, None, Some(bytes.len()));
        }
        let text = match secrets {
            Secrets::Masked => mask::body(self.headers(), bytes),
            Secrets::Shown => std::str::from_utf8(bytes).ok().map(str::to_owned),
        };
        let base64 = text.is_none().then(|| STANDARD.encode(bytes));
        (text, base64, None)
    }

    fn verdict_view(&self, secrets: Secrets) -> RecordedVerdict {
        let mut view = RecordedVerdict::of(VerdictKind::of(self.verdict()));
        match self.verdict() {
            Verdict::Unchecked => {}
            Verdict::Token => view.by = Some("token".to_owned()),
            Verdict::Signed { access_key, tolerance } => {
                view.by = Some("signature".to_owned());
                view.access_key = Some(access_key.to_string());
                view.tolerance = tolerance.map(|tolerance| tolerance.as_str().to_owned());
            }
            Verdict::Refused(Refusal::Signature(error)) => {
                let explanation = self.explain();
                let text = |text: &str| match secrets {
                    Secrets::Masked => mask::quoted(self.headers(), text),
                    Secrets::Shown => text.to_owned(),
                };
                view.reason = Some(text(&error.to_string()));
                view.explanation = Some(text(&explanation.to_string()));
                view.canonical_request = explanation.canonical_request().map(text);
                view.string_to_sign = explanation.string_to_sign().map(text);
            }
            Verdict::Refused(refusal) => view.reason = Some(refusal.to_string()),
        }
        view
    }
}

fn headers(headers: &HeaderMap, secrets: Secrets) -> Vec<(String, String)> {
    let shown = headers.iter().map(|(name, value)| {
        let value = match secrets {
            Secrets::Masked => mask::header(name, value.as_bytes()),
            Secrets::Shown => String::from_utf8_lossy(value.as_bytes()),
        };
        (name.as_str().to_owned(), value.into_owned())
    });
    shown.collect()
}
