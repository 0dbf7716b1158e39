//! The seam that makes a request acceptable to the service, and its implementations.

mod keys;
mod login;
mod provided;

use std::error::Error as StdError;
use std::time::SystemTime;

use bytes::Bytes;
use http::{HeaderName, HeaderValue, Request};
use rtc_model::wire::X_AUTH_TOKEN;
use rtc_signer::Signer;
use tokio::time::{Instant, timeout_at};

pub(crate) use self::login::LoginAuth;
pub(crate) use self::provided::{Lookup, ProvidedAuth};
use crate::transport::BoxFuture;

/// What a signed request is dated with.
const X_SDK_DATE: HeaderName = HeaderName::from_static("x-sdk-date");

/// Adds to a request what proves who sends it.
///
/// It is called once for each attempt, after all other headers but `User-Agent` are set, so that
/// what it adds is never older than the attempt. Whatever it adds that is secret must be marked
/// with [`HeaderValue::set_sensitive`](http::HeaderValue::set_sensitive): the client then keeps it
/// out of its errors also where the peer sends it back.
///
/// ```
/// use std::time::SystemTime;
///
/// use bytes::Bytes;
/// use http::{HeaderValue, Request};
/// use rtc_client::{AuthError, Authenticate, BoxFuture, Client};
///
/// /// Asks a sidecar for a token.
/// struct Sidecar;
///
/// impl Authenticate for Sidecar {
///     fn apply<'a>(
///         &'a self,
///         request: &'a mut Request<Bytes>,
///         _now: SystemTime,
///     ) -> BoxFuture<'a, Result<(), AuthError>> {
///         Box::pin(async move {
///             let token = fetch().await.map_err(AuthError::new)?;
///             let mut token = HeaderValue::try_from(token).map_err(AuthError::new)?;
///             token.set_sensitive(true);
///             request.headers_mut().insert("x-auth-token", token);
///             Ok(())
///         })
///     }
/// }
/// # async fn fetch() -> Result<String, std::io::Error> { Ok("token".into()) }
///
/// # fn main() -> Result<(), rtc_client::BuildError> {
/// let client = Client::builder().endpoint("http://127.0.0.1:8470").authenticate(Sidecar).build()?;
/// # Ok(())
/// # }
/// ```
pub trait Authenticate: Send + Sync + 'static {
    /// Changes the headers of `request`; `now` is the time of the attempt by the client's clock.
    fn apply<'a>(
        &'a self,
        request: &'a mut Request<Bytes>,
        now: SystemTime,
    ) -> BoxFuture<'a, Result<(), AuthError>>;

    /// Hears that a call ended with 401: the service refused what was added. What is kept may be
    /// void before its time; fetch it anew for the next call. By default nothing is done.
    fn refused(&self, now: SystemTime) {
        let _ = now;
    }
}

/// How a client authenticates its requests; what needs no waiting needs no box for each of them.
pub(crate) enum Authentication {
    /// Signs with an access key.
    Keys(Signer),
    /// Sends a fixed token, marked sensitive.
    Token(HeaderValue),
    Other(Box<dyn Authenticate>),
}

impl Authentication {
    /// Adds what authenticates a request; `None` where the deadline passed before.
    pub(crate) async fn apply(
        &self,
        request: &mut Request<Bytes>,
        now: SystemTime,
        deadline: Instant,
    ) -> Option<Result<(), AuthError>> {
        match self {
            Self::Keys(signer) => Some(keys::sign(signer, request, now)),
            Self::Token(token) => {
                request.headers_mut().insert(X_AUTH_TOKEN, token.clone());
                Some(Ok(()))
            }
            Self::Other(other) => timeout_at(deadline, other.apply(request, now)).await.ok(),
        }
    }

    /// Whether what was added to a request dates it.
    pub(crate) fn dates(&self, request: &Request<Bytes>) -> bool {
        match self {
            Self::Keys(_) => true,
            Self::Token(_) => false,
            Self::Other(_) => request.headers().contains_key(X_SDK_DATE),
        }
    }

    pub(crate) fn refused(&self, now: SystemTime) {
        if let Self::Other(other) = self {
            other.refused(now);
        }
    }
}

/// A request could not be authenticated; the reason is its source.
#[derive(Debug, thiserror::Error)]
#[error("what authenticates the request could not be added")]
pub struct AuthError {
    source: Box<dyn StdError + Send + Sync>,
}

impl AuthError {
    /// Makes an error of its reason, which must not show a secret.
    pub fn new(source: impl Into<Box<dyn StdError + Send + Sync>>) -> Self {
        Self { source: source.into() }
    }
}
