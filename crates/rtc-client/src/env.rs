//! The settings that the official SDKs read from the environment.

use std::env::VarError;

use rtc_signer::Credentials;

use crate::{BuildError, ClientBuilder};

const AK: &str = "HUAWEICLOUD_SDK_AK";
const SK: &str = "HUAWEICLOUD_SDK_SK";
const PROJECT_ID: &str = "HUAWEICLOUD_SDK_PROJECT_ID";
const SECURITY_TOKEN: &str = "HUAWEICLOUD_SDK_SECURITY_TOKEN";
/// Overrides the endpoint of the service's only region.
const ENDPOINT: &str = "HUAWEICLOUD_SDK_REGION_CLOUDRTC_CN_NORTH_4";

/// What a lookup finds: a text, nothing, or a text that is not Unicode.
type Found = Result<String, VarError>;

/// Makes a builder of what `lookup` finds; nothing else is read.
pub(crate) fn builder(lookup: impl Fn(&'static str) -> Found) -> Result<ClientBuilder, BuildError> {
    // The official SDKs take an empty variable for an absent one.
    let read = |name| match lookup(name) {
        Ok(text) => Ok(Some(text).filter(|text| !text.is_empty())),
        Err(VarError::NotPresent) => Ok(None),
        Err(VarError::NotUnicode(_)) => Err(BuildError::VariableNotUnicode { name }),
    };
    let require = |name| read(name)?.ok_or(BuildError::MissingVariable { name });

    let mut credentials = Credentials::new(require(AK)?, require(SK)?);
    if let Some(token) = read(SECURITY_TOKEN)? {
        credentials = credentials.with_security_token(token);
    }
    let mut builder = ClientBuilder::new().credentials(credentials);
    if let Some(project_id) = read(PROJECT_ID)? {
        builder = builder.project_id(project_id);
    }
    // Several endpoints may be given; the first is used.
    let endpoints = read(ENDPOINT)?.unwrap_or_default();
    let first = endpoints.split(',').map(str::trim).find(|endpoint| !endpoint.is_empty());
    if let Some(first) = first {
        builder = builder.endpoint(first);
    }
    Ok(builder)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::ffi::OsString;

    use super::*;

    fn of(variables: &[(&'static str, &str)]) -> Result<ClientBuilder, BuildError> {
        let variables: BTreeMap<_, _> = variables.iter().copied().collect();
        builder(|name| {
            variables.get(name).map(|text| (*text).to_owned()).ok_or(VarError::NotPresent)
        })
    }

    #[test]
    fn all_the_variables_are_read() {
        let builder = of(&[
            (AK, "the AK"),
            (SK, "s3cret"),
            (SECURITY_TOKEN, "t0ken"),
            (PROJECT_ID, "p1"),
            (ENDPOINT, "http://127.0.0.1:8470/x, https://other.example"),
        ])
        .unwrap();
        let shown = format!("{builder:?}");
        for part in ["the AK", "SecurityToken", "p1", "http://127.0.0.1:8470/x"] {
            assert!(shown.contains(part), "{part}: {shown}");
        }
        for part in ["s3cret", "t0ken", "other"] {
            assert!(!shown.contains(part), "{part}: {shown}");
        }
        assert!(builder.build().is_ok());
    }

    #[test]
    fn key_and_secret_are_enough() {
        for more in [&[][..], &[(ENDPOINT, " , "), (PROJECT_ID, ""), (SECURITY_TOKEN, "")]] {
            let shown = format!("{:?}", of(&[&[(AK, "a"), (SK, "s")], more].concat()).unwrap());
            assert!(shown.contains("https://rtc-api.myhuaweicloud.com"), "{shown}");
            assert!(shown.contains("project_id: None"), "{shown}");
            assert!(!shown.contains("SecurityToken"), "{shown}");
        }
    }

    #[test]
    fn a_missing_or_empty_variable_is_named() {
        for (variables, missing) in [
            (&[][..], AK),
            (&[(AK, "a")], SK),
            (&[(SK, "s")], AK),
            (&[(AK, ""), (SK, "s")], AK),
            (&[(AK, "a"), (SK, "")], SK),
        ] {
            let error = of(variables).unwrap_err();
            assert!(matches!(error, BuildError::MissingVariable { name } if name == missing));
            let text = error.to_string();
            assert!(text.contains(missing), "{text}");
            assert!(text.contains("is not set or empty; export it"), "{text}");
            assert!(text.contains(r#"eval "$(rtc-mock-server env)""#), "{text}");
        }
    }

    #[test]
    fn a_variable_that_is_not_unicode_is_named_and_not_shown() {
        let error = builder(|name| match name {
            SK => Err(VarError::NotUnicode(OsString::from("s3cret"))),
            _ => Ok("x".to_owned()),
        })
        .unwrap_err();
        assert!(matches!(error, BuildError::VariableNotUnicode { name: SK }));
        assert!(!format!("{error} {error:?}").contains("s3cret"));
    }
}
