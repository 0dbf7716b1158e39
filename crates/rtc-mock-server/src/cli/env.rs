//! `env`: the variables that point clients at the mock.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::Path;

use serde_json::{Map, Value};

use crate::cli::serve::with_causes;
use crate::cli::{AccessArgs, EnvArgs, Failure, Shell, operate, print};

/// Prints the variables.
pub(crate) fn run(args: &EnvArgs) -> Result<(), Failure> {
    args.access.tls.check()?;
    let (scheme, listen) = match &args.url {
        Some(admin) => running(&args.access, admin)?,
        None => (args.access.tls.scheme().to_owned(), args.access.listen),
    };
    if listen.port() == 0 {
        let reason = "port 0 is no address to connect to; give --listen the address that serve says, or --url that of its admin API";
        return Err(Failure::Usage(reason.to_owned()));
    }
    let host = match args.host.as_deref().map(|host| (host, host.parse())) {
        Some((_, Ok(ip))) => client_host(ip),
        Some((name, Err(_))) => name.to_owned(),
        None => client_host(listen.ip()),
    };
    let url = format!("{scheme}://{host}:{}", listen.port());
    let mut variables = Vec::from(variables(&args.access, &url));
    if let Some(path) = &args.ca {
        variables.extend(trust(&args.access, args.url.as_deref(), path)?);
    }
    print(&render(args.shell, &variables))
}

/// Where a running mock serves the API, by its own word.
fn running(access: &AccessArgs, admin: &str) -> Result<(String, SocketAddr), Failure> {
    let failed = |reason: String| Failure::Failed(format!("the mock cannot be asked: {reason}"));
    let client = operate::client(&access.admin, Some(admin))?;
    let info = operate::block_on(client.info())?.map_err(|error| failed(with_causes(&error)))?;
    let parts = info.url.split_once("://").map(|(scheme, address)| (scheme, address.parse()));
    match parts {
        Some((scheme, Ok(address))) => Ok((scheme.to_owned(), address)),
        _ => Err(failed(format!("it says that it listens on {:?}", info.url))),
    }
}

/// Fetches the mock's CA into a file; gives the variables by which clients trust what is in it:
/// OpenSSL, Go and Rust; Python; curl; Node.
fn trust(
    access: &AccessArgs,
    admin: Option<&str>,
    path: &Path,
) -> Result<[(&'static str, String); 4], Failure> {
    let failed = |reason: String| Failure::Failed(format!("the CA cannot be had: {reason}"));
    let client = operate::client(&access.admin, admin)?;
    let pem = operate::block_on(client.ca_pem())?;
    let pem = pem.map_err(|error| failed(with_causes(&error)))?;
    std::fs::write(path, pem)
        .map_err(|error| failed(format!("cannot write {}: {error}", path.display())))?;
    let path = std::path::absolute(path).unwrap_or_else(|_| path.to_path_buf());
    let path = path.display().to_string();
    let names = ["SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "NODE_EXTRA_CA_CERTS"];
    Ok(names.map(|name| (name, path.clone())))
}

/// The names of the official SDKs.
fn variables(access: &AccessArgs, url: &str) -> [(&'static str, String); 5] {
    [
        ("HUAWEICLOUD_SDK_AK", access.key.access_key.clone()),
        ("HUAWEICLOUD_SDK_SK", access.key.secret_key.0.clone()),
        ("HUAWEICLOUD_SDK_PROJECT_ID", access.project_id.first().cloned().unwrap_or_default()),
        ("HUAWEICLOUD_SDK_IAM_ENDPOINT", url.to_owned()),
        ("HUAWEICLOUD_SDK_REGION_CLOUDRTC_CN_NORTH_4", url.to_owned()),
    ]
}

/// The lines that a person pastes; also part of the banner.
pub(crate) fn exports(access: &AccessArgs, address: SocketAddr) -> String {
    let host = client_host(address.ip());
    let url = format!("{}://{host}:{}", access.tls.scheme(), address.port());
    render(Shell::Bash, &variables(access, &url))
}

/// An address to connect to: "any address" is not one.
pub(crate) fn client_host(ip: IpAddr) -> String {
    match ip {
        ip if ip.is_unspecified() => Ipv4Addr::LOCALHOST.to_string(),
        IpAddr::V4(ip) => ip.to_string(),
        IpAddr::V6(ip) => format!("[{ip}]"),
    }
}

fn render(shell: Shell, variables: &[(&'static str, String)]) -> String {
    if shell == Shell::Json {
        let object: Map<String, Value> = variables
            .iter()
            .map(|(name, value)| ((*name).to_owned(), Value::String(value.clone())))
            .collect();
        return format!("{}\n", Value::Object(object));
    }
    variables
        .iter()
        .map(|(name, value)| match shell {
            Shell::Fish => {
                format!("set -gx {name} '{}'\n", value.replace('\\', "\\\\").replace('\'', "\\'"))
            }
            Shell::Powershell => format!("$env:{name} = '{}'\n", value.replace('\'', "''")),
            Shell::Dotenv => format!("{name}={}\n", quoted(value)),
            Shell::Bash | Shell::Json => format!("export {name}={}\n", quoted(value)),
        })
        .collect()
}

/// In single quotes nothing is special but the quote itself.
fn quoted(value: &str) -> String {
    format!("'{}'", value.replace('\'', r"'\''"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_shell_gets_its_own_quoting() {
        let line = |shell| render(shell, &[("A", r"it's \".to_owned())]);
        assert_eq!(line(Shell::Bash), "export A='it'\\''s \\'\n");
        assert_eq!(line(Shell::Dotenv), "A='it'\\''s \\'\n");
        assert_eq!(line(Shell::Fish), "set -gx A 'it\\'s \\\\'\n");
        assert_eq!(line(Shell::Powershell), "$env:A = 'it''s \\'\n");
        assert_eq!(line(Shell::Json), "{\"A\":\"it's \\\\\"}\n");
    }

    #[test]
    fn any_address_becomes_one_that_can_be_reached() {
        assert_eq!(client_host("0.0.0.0".parse().unwrap()), "127.0.0.1");
        assert_eq!(client_host("::1".parse().unwrap()), "[::1]");
    }
}
