//! The signer of AWS (Signature Version 4), which does like work, as a measure.

use std::hint::black_box;

use aws_credential_types::Credentials;
use aws_sigv4::http_request::{SignableBody, SignableRequest, SigningSettings, sign};
use aws_sigv4::sign::v4;
use http::Request;

use crate::subject::{AK, SK, Subject, at};

/// What signs a request like that of the subject and sets the headers.
pub(crate) fn signing(subject: &Subject) -> impl Fn(&mut Request<()>) {
    let identity = Credentials::new(AK, SK, None, None, "bench").into();
    let uri = subject.plain.uri.to_string();
    move |request| {
        let params = v4::SigningParams::builder()
            .identity(&identity)
            .region("cn-north-4")
            .name("rtc")
            .time(black_box(at()))
            .settings(SigningSettings::default())
            .build()
            .expect("every field is set");
        let headers = request.headers().iter();
        let headers = headers.map(|(name, value)| (name.as_str(), value.to_str().unwrap_or("")));
        let body = SignableBody::Bytes(&subject.body);
        let signable = SignableRequest::new(request.method().as_str(), uri.as_str(), headers, body);
        let signed = sign(signable.expect("the URI is valid"), &params.into());
        let (instructions, _) = signed.expect("it can be signed").into_parts();
        instructions.apply_to_request_http1x(request);
    }
}
