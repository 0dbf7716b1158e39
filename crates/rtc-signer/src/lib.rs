//! Request signatures of Huawei Cloud with AK/SK: sign, verify, and explain a refusal.
//!
//! # Promise
//!
//! A type for each step, the time passed in, nothing sent. The signature follows the request as it
//! stands on the wire and never changes it. The verifier accepts what the official SDKs send, by
//! one base rule and a closed list of [named tolerances](Tolerance). A refused signature
//! [explains itself](Verifier::explain). No input makes it panic, and no secret is in any `Debug`,
//! error or explanation.
//!
//! # Scope
//!
//! The algorithm `SDK-HMAC-SHA256`, the only one that the RTC service takes. Another algorithm is
//! refused [by its name](VerifyError::UnsupportedAlgorithm). Not here: sending, tokens of IAM, the
//! lock-out of keys, replay protection (a signature can be repeated while its date is fresh), and
//! the signatures of OBS, which is another scheme.
//!
//! # Signing
//!
//! ```
//! use rtc_signer::{Credentials, Payload, Signer};
//! # let now = std::time::UNIX_EPOCH;
//! let signer = Signer::new(Credentials::new("AKIDEXAMPLE00000000", "the secret key"));
//! let body = br#"{"app_name":"demo"}"#;
//! let request = http::Request::post("https://rtc-api.myhuaweicloud.com/v2/apps")
//!     .header("content-type", "application/json")
//!     .body(&body[..])?;
//! let (mut parts, body) = request.into_parts();
//! signer.sign_parts(&mut parts, Payload::Bytes(body), now)?;
//! let request = http::Request::from_parts(parts, body);
//! assert!(request.headers().contains_key("authorization"));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # Verifying
//!
//! ```
//! use rtc_signer::{Credentials, Payload, SignableRequest, Verifier};
//! # let credentials = Credentials::new("AK", "SK");
//! # let now = std::time::UNIX_EPOCH;
//! # let (mut parts, ()) = http::Request::get("http://localhost/v2/apps").body(())?.into_parts();
//! # rtc_signer::Signer::new(credentials.clone())
//! #     .sign_parts(&mut parts, Payload::Bytes(b""), now)?;
//! let verifier = Verifier::new().with_key(credentials);
//! let arrived = SignableRequest::from_parts(&parts, Payload::Bytes(b""));
//! match verifier.verify(&arrived, now) {
//!     Ok(verified) => println!("signed by {}", verified.access_key()),
//!     Err(error) => println!("401: {error}\n{}", verifier.explain(&arrived, Some(now), None)),
//! }
//! # assert!(verifier.verify(&arrived, now).is_ok());
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # The rule
//!
//! | line of the canonical request | how it is made |
//! |---|---|
//! | method | as sent |
//! | path | percent-decoded once, all but `A-Za-z0-9-._~/` encoded in upper-case hex, `/` appended if it is not the last |
//! | query | parted at `&`, empty pieces skipped, `+` and `%20` are spaces; sorted by decoded key, then value; encoded; `key=value` joined by `&` |
//! | `name:value` for each signed header | value trimmed of spaces and tabs, inner ones kept, several values joined by `,` |
//! | (empty) | |
//! | signed headers | names joined by `;` |
//! | payload | hex SHA-256 of the body; or the value of a signed `X-Sdk-Content-Sha256`, which must be `UNSIGNED-PAYLOAD` or that hash; for an empty body the hash of nothing as well |
//!
//! The string to sign is `SDK-HMAC-SHA256`, the value of `X-Sdk-Date` and the hex SHA-256 of the
//! canonical request, joined by newlines; the signature is its HMAC-SHA256 under the secret key.
//! Sources: the API signing guide and the signers of the official SDKs.
//!
//! # Secrets
//!
//! [`SecretKey`] and [`SecurityToken`] are wiped from memory on drop. `ring` does not wipe the copy
//! of the key that [`Signer`] and [`Verifier`] prepare from it, nor does the `http` crate wipe a
//! header's value.

mod authorization;
mod canonical;
mod credentials;
pub mod date;
mod encode;
mod error;
mod explain;
mod request;
mod sign;
mod signature;
mod string_to_sign;
mod tolerance;
mod verify;

pub use self::authorization::{Algorithm, Authorization, AuthorizationError};
pub use self::canonical::CanonicalRequest;
pub use self::credentials::{Credentials, SecretKey, SecurityToken};
pub use self::error::{SecurityTokenProblem, SignError, VerifyError, VerifyErrorKind};
pub use self::explain::{Explanation, Hypothesis, Part, Reason, Verdict};
pub use self::request::{
    Payload, SignableRequest, X_SDK_CONTENT_SHA256, X_SDK_DATE, X_SECURITY_TOKEN,
};
pub use self::sign::{Signed, Signer};
pub use self::signature::Signature;
pub use self::string_to_sign::StringToSign;
pub use self::tolerance::{Tolerance, Tolerances};
pub use self::verify::{Verified, Verifier};

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
