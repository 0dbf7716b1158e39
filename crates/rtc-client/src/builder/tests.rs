//! What a builder accepts and what it refuses.

use super::*;

fn plain() -> ClientBuilder {
    Client::builder().endpoint("http://127.0.0.1:1")
}

fn login(password: &str) -> crate::PasswordLogin {
    crate::PasswordLogin::new("d", "u", password)
}

fn keys() -> Credentials {
    Credentials::new("AK", "s3cret")
}

struct Nobody;

impl Authenticate for Nobody {
    fn apply<'a>(
        &'a self,
        _request: &'a mut http::Request<bytes::Bytes>,
        _now: SystemTime,
    ) -> crate::BoxFuture<'a, Result<(), crate::AuthError>> {
        Box::pin(std::future::ready(Ok(())))
    }
}

#[test]
fn exactly_one_way_to_authenticate_is_needed() {
    assert!(matches!(plain().build(), Err(BuildError::NoAuthentication)));
    for one in [
        plain().credentials(keys()),
        plain().token("t0ken"),
        plain().authenticate(Nobody),
        plain().credentials_provider(crate::ProvidedKeys::new(keys())),
        plain().password_login(login("s3cret")),
        plain().default_credentials(),
        plain().default_credentials().token("t0ken"),
    ] {
        assert!(one.build().is_ok());
    }
    for several in [
        plain().credentials(keys()).token("t0ken"),
        plain().token("t0ken").authenticate(Nobody),
        plain().credentials(keys()).authenticate(Nobody),
        plain().credentials(keys()).token("t0ken").authenticate(Nobody),
        plain().credentials(keys()).credentials_provider(crate::ProvidedKeys::new(keys())),
        plain().credentials_provider(crate::ProvidedKeys::new(keys())).password_login(login("p")),
        plain().token("t0ken").password_login(login("p")),
    ] {
        assert!(matches!(several.build(), Err(BuildError::SeveralAuthentications)));
    }
}

#[test]
fn blank_texts_and_line_breaks_are_refused_by_name_and_not_shown() {
    for (builder, name) in [
        (plain().credentials(Credentials::new("", "s3cret")), "the access key"),
        (plain().credentials(Credentials::new("AK\n", "s3cret")), "the access key"),
        (plain().credentials(Credentials::new(" ", "s3cret")), "the access key"),
        (plain().credentials(Credentials::new("AK", "")), "the secret key"),
        (plain().credentials(Credentials::new("AK", "\t")), "the secret key"),
        (plain().credentials(Credentials::new("AK", "s3cret\n")), "the secret key"),
        (plain().credentials(Credentials::new("AK", "s3cret\r\n")), "the secret key"),
        (plain().credentials(Credentials::new("AK", "s3cret\0")), "the secret key"),
        (plain().credentials(keys().with_security_token("s3cret\n")), "the security token"),
        (plain().credentials(keys().with_security_token("")), "the security token"),
        (plain().token(""), "the token"),
        (plain().token("  "), "the token"),
        (plain().token("s3cret\n"), "the token"),
        (plain().token("t").project_id("s3cret\n"), "the project id"),
        (plain().credentials(keys()).domain_id("s3cret\n"), "the domain id"),
        (plain().password_login(login("s3cret\n")), "the password"),
        (plain().password_login(login("")), "the password"),
        (plain().password_login(crate::PasswordLogin::new("", "u", "s3cret")), "the account"),
        (plain().password_login(crate::PasswordLogin::new("d", "", "s3cret")), "the user"),
        (plain().token("t").project_id(""), "the project id"),
        (plain().credentials(keys()).project_id("   "), "the project id"),
        (plain().token("t").user_agent("s3cret\n"), "the user agent"),
    ] {
        let error = builder.build().unwrap_err();
        let shown = format!("{error} {error:?}");
        assert!(matches!(error, BuildError::Empty { .. } | BuildError::Header { .. }), "{shown}");
        assert!(shown.contains(name) && !shown.contains("s3cret"), "{shown}");
    }
}

#[test]
fn a_secret_key_may_hold_any_character_that_shows() {
    for secret in ["a b", "+/=", "schlüssel"] {
        assert!(plain().credentials(Credentials::new("AK", secret)).build().is_ok(), "{secret}");
    }
}

#[test]
fn a_timeout_of_zero_is_refused_by_name() {
    let builder = plain().token("t").timeout(Duration::ZERO);
    assert!(matches!(builder.build(), Err(BuildError::ZeroTimeout { name: "timeout" })));
    let builder = plain().token("t").connect_timeout(Duration::ZERO);
    assert!(matches!(builder.build(), Err(BuildError::ZeroTimeout { name: "connect_timeout" })));
}

#[test]
fn a_bad_endpoint_is_refused() {
    let builder = Client::builder().endpoint("ftp://a.example").token("t");
    assert!(matches!(builder.build(), Err(BuildError::Endpoint { .. })));
}

#[cfg(not(feature = "rustls"))]
#[test]
fn https_without_the_feature_names_the_feature() {
    let error = Client::builder().token("t").build().unwrap_err();
    assert!(matches!(error, BuildError::TlsNotBuilt { .. }));
    assert!(error.to_string().contains("`rustls`"), "{error}");
}

#[test]
fn debug_shows_no_secret() {
    for builder in [
        plain().credentials(keys().with_security_token("t0ken")),
        plain().token("t0ken"),
        plain().token("t0ken").endpoint("https://user:s3cret@a.example"),
        plain().password_login(login("s3cret")),
        plain().password_login(login("s3cret")).iam_endpoint("https://user:s3cret@a.example"),
        plain().credentials_provider(crate::ProvidedKeys::new(keys())),
    ] {
        let shown = format!("{builder:?} {builder:#?}");
        assert!(!shown.contains("s3cret") && !shown.contains("t0ken"), "{shown}");
        if let Ok(client) = builder.build() {
            let shown = format!("{client:?} {client:#?}");
            assert!(shown.contains("127.0.0.1:1"), "{shown}");
            assert!(!shown.contains("s3cret") && !shown.contains("t0ken"), "{shown}");
        }
    }
}
