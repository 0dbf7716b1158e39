//! What of the environment reaches a builder.

use std::collections::BTreeMap;
use std::ffi::OsString;

use super::*;

const AK: &str = "HUAWEICLOUD_SDK_AK";
const SK: &str = "HUAWEICLOUD_SDK_SK";
const PROJECT_ID: &str = "HUAWEICLOUD_SDK_PROJECT_ID";
const DOMAIN_ID: &str = "HUAWEICLOUD_SDK_DOMAIN_ID";
const SECURITY_TOKEN: &str = "HUAWEICLOUD_SDK_SECURITY_TOKEN";
const IDP_ID: &str = "HUAWEICLOUD_SDK_IDP_ID";
const ID_TOKEN_FILE: &str = "HUAWEICLOUD_SDK_ID_TOKEN_FILE";
const IAM_ENDPOINT: &str = "HUAWEICLOUD_SDK_IAM_ENDPOINT";
const ENDPOINT: &str = "HUAWEICLOUD_SDK_REGION_CLOUDRTC_CN_NORTH_4";

fn of(variables: &[(&'static str, &str)]) -> Result<ClientBuilder, BuildError> {
    let variables: BTreeMap<_, _> = variables.iter().copied().collect();
    builder(&Surroundings {
        vars: &|name| {
            variables.get(name).map(|text| (*text).to_owned()).ok_or(VarError::NotPresent)
        },
        home: None,
    })
}

#[test]
fn all_the_variables_are_read() {
    let builder = of(&[
        (AK, "the AK"),
        (SK, "s3cret"),
        (SECURITY_TOKEN, "t0ken"),
        (PROJECT_ID, "p1"),
        (DOMAIN_ID, "d1"),
        (IAM_ENDPOINT, "http://127.0.0.1:8471"),
        (ENDPOINT, "http://127.0.0.1:8470/x, https://other.example"),
    ])
    .unwrap();
    let shown = format!("{builder:?}");
    for part in
        ["the AK", "SecurityToken", "p1", "d1", "http://127.0.0.1:8470/x", "http://127.0.0.1:8471/"]
    {
        assert!(shown.contains(part), "{part}: {shown}");
    }
    for part in ["s3cret", "t0ken", "other"] {
        assert!(!shown.contains(part), "{part}: {shown}");
    }
    assert!(builder.build().is_ok());
}

#[test]
fn what_is_set_by_hand_goes_before_the_environment() {
    let of_env = || of(&[(AK, "a"), (SK, "s"), (ENDPOINT, "http://127.0.0.1:1")]).unwrap();
    assert!(of_env().token("t").build().is_ok());
    let login = crate::PasswordLogin::new("d", "u", "p");
    assert!(of_env().password_login(login.clone()).build().is_ok());
    assert!(of_env().token("t").password_login(login).build().is_err());
    let client = of_env().endpoint("http://127.0.0.1:2").build().unwrap();
    assert!(format!("{client:?}").contains("http://127.0.0.1:2"), "{client:?}");
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
fn without_keys_the_chain_is_left_to_find_some() {
    for variables in [&[][..], &[(AK, ""), (SK, "")], &[(IDP_ID, "i"), (ID_TOKEN_FILE, "/f")]] {
        let builder = of(variables).unwrap();
        let shown = format!("{builder:?}");
        assert!(shown.contains("environment_keys: None"), "{shown}");
        assert!(builder.endpoint("http://127.0.0.1:1").build().is_ok());
    }
}

#[test]
fn what_is_set_by_half_is_refused_at_once_by_its_name() {
    for (variables, missing) in [
        (&[(AK, "a")][..], SK),
        (&[(SK, "s")], AK),
        (&[(AK, ""), (SK, "s")], AK),
        (&[(AK, "a"), (SK, "")], SK),
        (&[(AK, "a"), (IDP_ID, "i")], SK),
        (&[(IDP_ID, "i")], ID_TOKEN_FILE),
        (&[(ID_TOKEN_FILE, "/f")], IDP_ID),
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
    for bad in [AK, SK, SECURITY_TOKEN, ENDPOINT] {
        let vars = move |name| match name {
            _ if name == bad => Err(VarError::NotUnicode(OsString::from("s3cret"))),
            _ => Ok("x".to_owned()),
        };
        let error = builder(&Surroundings { vars: &vars, home: None }).unwrap_err();
        assert!(matches!(error, BuildError::VariableNotUnicode { name } if name == bad));
        assert!(!format!("{error} {error:?}").contains("s3cret"));
    }
}

#[test]
fn a_bad_iam_endpoint_is_refused_when_the_client_is_built() {
    let error = of(&[(AK, "a"), (SK, "s"), (IAM_ENDPOINT, "ftp://iam.example")]).unwrap();
    let error = error.build().unwrap_err();
    assert!(matches!(error, BuildError::Endpoint { .. }), "{error}");
}

#[test]
fn every_setting_has_a_variable_of_its_own() {
    let settings = [
        "ak",
        "sk",
        "security_token",
        "project_id",
        "domain_id",
        "iam_endpoint",
        "idp_id",
        "id_token_file",
    ];
    for setting in settings {
        assert_eq!(variable(setting), format!("HUAWEICLOUD_SDK_{}", setting.to_uppercase()));
    }
}
