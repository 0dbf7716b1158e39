//! What a profile file is read as.

use std::env::VarError;
use std::sync::Arc;
use std::time::SystemTime;

use proptest::prelude::*;

use super::*;
use crate::CredentialsErrorKind;
use crate::HyperTransport;

fn context() -> ProvideContext {
    ProvideContext::new(SystemTime::UNIX_EPOCH, Arc::new(HyperTransport::plain()))
}

/// What a file of this text gives.
async fn of(text: &[u8]) -> Result<ProvidedKeys, CredentialsError> {
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), text).unwrap();
    ProfileCredentials::at(file.path()).provide(&context()).await
}

#[tokio::test]
async fn all_the_settings_of_the_section_are_read() {
    let keys = of(b"\xef\xbb\xbf# a comment\r
[global]\r
ak = other\r
sk = other\r
\r
[Basic]\r
; a comment\r
AK = the AK\r
sk: s3cret\r
security_token=t0ken\r
project_id = p1\r
domain_id = d1\r
iam_endpoint = https://iam.example\r
unknown = x\r
")
    .await
    .unwrap();
    let credentials = keys.credentials();
    assert_eq!(credentials.access_key(), "the AK");
    assert_eq!(credentials.secret_key().expose_secret(), "s3cret");
    assert_eq!(credentials.security_token().unwrap().expose_secret(), "t0ken");
    assert_eq!((keys.project_id(), keys.domain_id()), (Some("p1"), Some("d1")));
    assert_eq!(keys.iam_endpoint(), Some("https://iam.example"));
    assert_eq!(keys.expires_at(), None);
}

#[tokio::test]
async fn the_global_section_is_used_where_there_is_no_basic_one() {
    let keys = of(b"[global]\nak=a\nsk=s\ndomain_id=d1\n").await.unwrap();
    assert_eq!((keys.credentials().access_key(), keys.domain_id()), ("a", Some("d1")));
}

#[tokio::test]
async fn a_value_is_taken_as_it_stands() {
    for value in ["%(x)s%", "a#b", "a;b", "a # b", "\"q\"", "a=b==", "a:b", "é", "a\\nb", "$HOME"]
    {
        let keys = of(format!("[basic]\nak = a\nsk = {value}\n").as_bytes()).await.unwrap();
        assert_eq!(keys.credentials().secret_key().expose_secret(), value);
    }
}

#[tokio::test]
async fn what_is_broken_is_an_error_with_the_place_and_without_secrets() {
    let large = " ".repeat(1024 * 1024 + 1);
    for (text, reason) in [
        (&b"[basic]\nak = a\n"[..], "`sk` of the profile is not set"),
        (b"[basic]\nsk = s3cret\n", "`ak` of the profile is not set"),
        (b"[basic]\nidp_id = s3cret\n", "`id_token_file` of the profile is not set"),
        (b"[basic]\nak = a\nsk s3cret\n", "a line without `=` in its section [basic]"),
        (b"[basic\nak = s3cret\n", "line 1"),
        (b"[basic]\n= s3cret\n", "line 2"),
        (b"[basic]\nak = \xff\n", "cannot be read"),
        (large.as_bytes(), "cannot be read"),
        (
            b"[basic]\nidp_id = i\nid_token_file = /f\niam_endpoint = ftp://x\n",
            "`iam_endpoint` of the profile is not valid",
        ),
    ] {
        let error = of(text).await.unwrap_err();
        assert_eq!(error.kind(), CredentialsErrorKind::Failed, "{error}");
        let shown = format!("{} {error:?}", error.whole());
        assert!(shown.contains(reason) && !shown.contains("s3cret"), "{shown}");
    }
}

#[tokio::test]
async fn what_is_not_set_up_is_told_apart() {
    for text in [&b""[..], b"[other]\nak = a\n", b"ak = a\nsk = b\n", b"[basic]\nproject_id = p\n"]
    {
        let error = of(text).await.unwrap_err();
        assert_eq!(error.kind(), CredentialsErrorKind::NotConfigured, "{error}");
    }
}

fn surroundings<'a>(vars: crate::env::Vars<'a>, home: Option<&Path>) -> Surroundings<'a> {
    Surroundings { vars, home: home.map(Path::to_owned) }
}

#[tokio::test]
async fn the_file_is_the_named_one_or_that_of_the_home_directory() {
    let home = tempfile::tempdir().unwrap();
    let nothing: crate::env::Vars<'_> = &|_| Err(VarError::NotPresent);
    let at_home = ProfileCredentials::of(&surroundings(nothing, Some(home.path())));
    let error = at_home.provide(&context()).await.unwrap_err();
    assert_eq!(error.kind(), CredentialsErrorKind::NotConfigured);
    assert!(error.to_string().contains(home.path().to_str().unwrap()), "{error}");

    std::fs::create_dir(home.path().join(".huaweicloud")).unwrap();
    let file = home.path().join(".huaweicloud/credentials");
    std::fs::write(&file, "[basic]\nak=a\nsk=s\n").unwrap();
    let keys = at_home.provide(&context()).await.unwrap();
    assert_eq!(keys.credentials().access_key(), "a");

    let other = home.path().join("other");
    let named = |name| {
        assert_eq!(name, "HUAWEICLOUD_SDK_CREDENTIALS_FILE");
        Ok(other.to_str().unwrap().to_owned())
    };
    let named = ProfileCredentials::of(&surroundings(&named, Some(home.path())));
    let error = named.provide(&context()).await.unwrap_err();
    assert_eq!(error.kind(), CredentialsErrorKind::Failed, "who names a file means it");
    std::fs::write(&other, "[basic]\nak=b\nsk=s\n").unwrap();
    let keys = named.provide(&context()).await.unwrap();
    assert_eq!(keys.credentials().access_key(), "b");

    let homeless = ProfileCredentials::of(&surroundings(nothing, None));
    let error = homeless.provide(&context()).await.unwrap_err();
    assert_eq!(error.kind(), CredentialsErrorKind::NotConfigured);
}

proptest! {
    #[test]
    fn no_text_panics(text in "(\\[basic\\]\n)?[\\[\\]=:;#%a-z \n\\PC]{0,60}") {
        let _ = section(Path::new("f"), text);
    }

    #[test]
    fn any_secret_on_a_line_is_read_back(secret in "[!-~]([ -~]{0,30}[!-~])?") {
        let text = format!("[basic]\nak = a\nsk = {secret}\n");
        let settings = section(Path::new("f"), text).unwrap();
        let super::super::Origin::Keys(keys) = settings.origin() else { panic!("no keys") };
        prop_assert_eq!(keys.secret_key().expose_secret(), secret);
    }
}
