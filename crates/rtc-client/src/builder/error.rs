//! Why no client was made.

use http::header::InvalidHeaderValue;

use crate::transport::TransportBuildError;

/// Why no client was made of the settings.
///
/// ```
/// use rtc_client::{BuildError, Client};
///
/// let error = Client::builder().build().unwrap_err();
/// assert!(matches!(error, BuildError::NoAuthentication));
/// let error = Client::builder().token("t").endpoint("ftp://rtc.example").build().unwrap_err();
/// assert!(error.to_string().contains("an endpoint looks like https://"));
/// ```
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum BuildError {
    /// The endpoint cannot be used.
    #[error(
        "the endpoint {endpoint:?} cannot be used: {reason}; an endpoint looks like https://rtc-api.myhuaweicloud.com"
    )]
    Endpoint {
        /// The endpoint as it was given, without what may be a secret: all of it where it holds an
        /// `@`, else its query and fragment.
        endpoint: String,
        /// What is wrong with it.
        reason: &'static str,
    },
    /// Nothing is set that authenticates requests.
    #[error("neither credentials nor a token are set; set one of them")]
    NoAuthentication,
    /// More than one thing is set that authenticates requests.
    #[error("credentials, a token and an own way to authenticate exclude each other; set one")]
    SeveralAuthentications,
    /// The file of the regions' endpoints cannot be read.
    #[error("the regions file {} cannot be used", path.display())]
    RegionsFile {
        /// The file.
        path: std::path::PathBuf,
        /// Where in it, and why.
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// A text is empty, or blank, that must not be.
    #[error("{name} is empty or blank; set it, or leave it out")]
    Empty {
        /// Which text.
        name: &'static str,
    },
    /// A text cannot stand in a header, because of a line break for instance. The secret key stands
    /// in none, but such a character does not belong to it either.
    #[error("{name} holds a character that cannot stand in a header; look for line breaks")]
    Header {
        /// Which text.
        name: &'static str,
        /// The reason, which does not show the text.
        source: InvalidHeaderValue,
    },
    /// A timeout of zero: no call could succeed.
    #[error("{name} is zero; give it the time that may pass")]
    ZeroTimeout {
        /// The setting.
        name: &'static str,
    },
    /// The endpoint needs TLS, which this build does not have.
    #[error(
        "the endpoint {endpoint} needs TLS, but rtc-client is built without its feature `rustls`; switch it on or set a transport"
    )]
    TlsNotBuilt {
        /// The endpoint.
        endpoint: http::Uri,
    },
    /// Connections cannot be made in the way that was set.
    #[error("the settings of the connections cannot be used")]
    Connections(
        #[from]
        #[source]
        TransportBuildError,
    ),
    /// A mandatory environment variable is missing or empty.
    #[error(
        "the environment variable {name} is not set or empty; export it (for the mock server: eval \"$(rtc-mock-server env)\")"
    )]
    MissingVariable {
        /// The variable.
        name: &'static str,
    },
    /// An environment variable is not Unicode.
    #[error("the environment variable {name} is not Unicode; export it as a text in UTF-8")]
    VariableNotUnicode {
        /// The variable.
        name: &'static str,
    },
}
