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
//! The algorithms `SDK-HMAC-SHA256`, the only one that the RTC service takes, and
//! `V11-HMAC-SHA256`, whose key is [derived](Signer::derived) for a day, a region and a service and
//! which a verifier takes [when it is told to](DerivedKeys). Another algorithm is refused
//! [by its name](VerifyError::UnsupportedAlgorithm). Not here: sending, tokens of IAM, the lock-out
//! of keys, replay protection (a signature can be repeated while its date is fresh), and the
//! signatures of OBS, which is another scheme.
//!
//! # Signing
//!
//! ```
//! use rtc_signer::http::Request;
//! use rtc_signer::{Credentials, Payload, Signer};
//! # let now = std::time::UNIX_EPOCH;
//! let signer = Signer::new(Credentials::new("AKIDEXAMPLE00000000", "the secret key"));
//! let body = br#"{"app_name":"demo"}"#;
//! let request = Request::post("https://rtc-api.myhuaweicloud.com/v2/apps")
//!     .header("content-type", "application/json")
//!     .body(&body[..])?;
//! let (mut parts, body) = request.into_parts();
//! signer.sign_parts(&mut parts, Payload::Bytes(body), now)?;
//! let request = Request::from_parts(parts, body);
//! assert!(request.headers().contains_key("authorization"));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! Requests and headers are those of the [`http`] crate, as in reqwest, ureq and hyper. It is here
//! as `rtc_signer::http`, so that `cargo add rtc-signer` is enough.
//!
//! # Verifying
//!
//! ```
//! use rtc_signer::{Credentials, Payload, SignableRequest, Verifier};
//! # let credentials = Credentials::new("AK", "SK");
//! # let now = std::time::UNIX_EPOCH;
//! # let request = rtc_signer::http::Request::get("http://localhost/v2/apps").body(())?;
//! # let (mut parts, ()) = request.into_parts();
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
//! For `V11-HMAC-SHA256` that name stands first and `yyyymmdd/region/service` in a third line; the
//! key is the hex text of HKDF-SHA256 with the access key as salt, the secret key as input and that
//! line as info.
//! Sources: the API signing guide and the signers of the official SDKs.
//!
//! # Coming from the official signers
//!
//! The scheme is the same: of the same request on the wire and the same signed headers the official
//! Python signer makes the same signature, and requests of the official Python, Go and Java SDKs
//! are verified as they were captured (`tests/vectors`). What single SDKs do otherwise, the
//! verifier knows as [tolerances](Tolerance). Where the signers differ among themselves:
//!
//! | | official signers | here |
//! |---|---|---|
//! | time | the machine's clock | the argument `at`; a preset `X-Sdk-Date` is kept |
//! | malformed preset `X-Sdk-Date` | replaced (Go, PHP), an error (Python) | [`SignError::MalformedDate`] |
//! | the request | some write path or query anew | only headers are set, what is signed is what is sent |
//! | preset `Authorization` | kept, and nothing is signed | replaced |
//! | preset `X-Security-Token` | replaced if the credentials have a token | the same |
//! | body that is not JSON | `UNSIGNED-PAYLOAD`, decided by the content type (PHP: the other way round) | hashed, unless [`Payload::Unsigned`] is asked for |
//! | `Host` | not signed by Go and PHP | signed where it is known, not required by the verifier |
//! | `%2F` in a path | a separator (Python, .NET), or encoded again (the others) | a separator |
//! | several values of a query key | in the order given (Java), numbers by size (Python, PHP) | sorted as bytes |
//! | spaces round a header's value | signed by Java and Node, although HTTP drops them | trimmed |
//! | names with `_` | signed by Node, PHP and C++ | not signed |
//!
//! An HTTP library may change a request after it was signed: sign what the library has built, as
//! the examples `reqwest.rs` and `ureq.rs` do, and set `Host` yourself where it adds it late.
//!
//! # Notifications and rooms
//!
//! Two small schemes of the RTC service, each with a key of its own: the `X-Rtc-*` headers of a
//! notification ([`CallbackSigner`], [`CallbackVerifier`], and [`RecentCallbacks`] against
//! repetitions; the example `callback.rs` receives one)
//! and the signature with which a client joins a room ([`RoomKey`]).
//!
//! # Secrets
//!
//! [`SecretKey`] and [`SecurityToken`] are wiped from memory on drop. `ring` does not wipe the copy
//! of the key that [`Signer`] and [`Verifier`] prepare from it (as do the types for notifications
//! and rooms), nor does the `http` crate wipe a header's value.

mod authorization;
mod buffer;
mod callback;
mod canonical;
mod credentials;
pub mod date;
mod derived;
mod encode;
mod error;
mod explain;
mod payload;
mod request;
mod room;
mod shared_key;
mod sign;
mod signature;
mod string_to_sign;
mod tolerance;
mod verify;

#[doc(no_inline)]
pub use http;

pub use self::authorization::{Algorithm, Authorization, AuthorizationError};
pub use self::callback::{
    CallbackError, CallbackPair, CallbackRand, CallbackRandError, CallbackSignError,
    CallbackSigner, CallbackVerifier, FullError, Novelty, RecentCallbacks, SeenCallbacks,
    SignedCallback, VerifiedCallback, WhenFull, X_RTC_RAND, X_RTC_SIGNATURE, X_RTC_TIMESTAMP,
};
pub use self::canonical::CanonicalRequest;
pub use self::credentials::{Credentials, SecretKey, SecurityToken};
pub use self::derived::{Scope, ScopeError};
pub use self::error::{SecurityTokenProblem, SignError, VerifyError, VerifyErrorKind};
pub use self::explain::{Explanation, Hypothesis, Part, Reason, Verdict};
pub use self::payload::{Payload, PayloadHash, PayloadHashError};
pub use self::request::{SignableRequest, X_SDK_CONTENT_SHA256, X_SDK_DATE, X_SECURITY_TOKEN};
pub use self::room::{
    RoomIdError, RoomJoin, RoomKey, RoomSignError, RoomSignature, RoomVerifyError,
};
pub use self::shared_key::EmptyKeyError;
pub use self::sign::{Signed, Signer};
pub use self::signature::Signature;
pub use self::string_to_sign::StringToSign;
pub use self::tolerance::{Tolerance, Tolerances};
pub use self::verify::{DerivedKeys, PayloadCheck, Verified, Verifier};

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
