//! Where notifications may be sent: a mock that sends what it is told to, to where it is told to,
//! must not reach what its own machine alone can reach.

use std::collections::BTreeSet;
use std::io;
use std::net::{IpAddr, Ipv6Addr, SocketAddr};

/// Where one cloud keeps its machines' secrets among the private addresses.
const AWS_METADATA: Ipv6Addr = Ipv6Addr::new(0xfd00, 0xec2, 0, 0, 0, 0, 0, 0x254);

/// The hosts that may be sent to.
#[derive(Debug, Clone, Default)]
pub(crate) struct Allowed {
    hosts: BTreeSet<String>,
    any: bool,
}

impl Allowed {
    /// Allows a host by its name or address besides those on this machine and in private networks;
    /// `any` allows all.
    pub(crate) fn add(&mut self, host: &str) {
        if host == "any" {
            self.any = true;
        } else {
            self.hosts.insert(plain(host));
        }
    }

    /// The addresses of a host that may be sent to.
    pub(super) async fn resolve(
        &self,
        host: &str,
        port: u16,
    ) -> Result<Vec<SocketAddr>, ConnectError> {
        let name = plain(host);
        let found = tokio::net::lookup_host((name.as_str(), port)).await;
        let found = found.map(Iterator::collect::<Vec<_>>);
        match found {
            Ok(found) => self.choose(name, found),
            Err(source) => Err(ConnectError::Lookup { host: name, source }),
        }
    }

    fn choose(
        &self,
        host: String,
        found: impl IntoIterator<Item = SocketAddr>,
    ) -> Result<Vec<SocketAddr>, ConnectError> {
        let mut refused = None;
        let mut addresses = Vec::new();
        for address in found {
            if self.allows(&host, address.ip()) {
                addresses.push(address);
            } else {
                refused = Some(address.ip());
            }
        }
        match refused {
            Some(address) if addresses.is_empty() => {
                Err(ConnectError::Refused { host, address, hint: hint(address) })
            }
            _ if addresses.is_empty() => {
                let source = io::Error::new(io::ErrorKind::NotFound, "it has no address");
                Err(ConnectError::Lookup { host, source })
            }
            _ => Ok(addresses),
        }
    }

    fn allows(&self, host: &str, address: IpAddr) -> bool {
        let address = address.to_canonical();
        !is_never(address) && (self.any || is_near(address) || self.hosts.contains(host))
    }
}

/// The name or address without brackets, in lower case.
fn plain(host: &str) -> String {
    host.trim_matches(['[', ']']).trim_end_matches('.').to_ascii_lowercase()
}

/// Addresses at which clouds keep their machines' secrets, and those that are nobody's.
fn is_never(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(v4) => {
            v4.is_link_local() || v4.is_multicast() || v4.is_unspecified() || v4.is_broadcast()
        }
        IpAddr::V6(v6) => {
            v6.is_unicast_link_local()
                || v6.is_multicast()
                || v6.is_unspecified()
                || v6 == AWS_METADATA
        }
    }
}

fn is_near(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(v4) => v4.is_loopback() || v4.is_private(),
        IpAddr::V6(v6) => v6.is_loopback() || v6.is_unique_local(),
    }
}

fn hint(address: IpAddr) -> &'static str {
    if is_never(address.to_canonical()) {
        "no setting allows it"
    } else {
        "allow the host with --allow-callback-to"
    }
}

/// Why there is no connection.
#[derive(Debug, thiserror::Error)]
pub(super) enum ConnectError {
    #[error("{host} is {address}, where nothing is sent to; {hint}")]
    Refused { host: String, address: IpAddr, hint: &'static str },
    #[error("the host {host:?} is not found")]
    Lookup { host: String, source: io::Error },
    #[error("no connection to {address}")]
    Connect { address: SocketAddr, source: io::Error },
    #[error("the URL names no host")]
    NoHost,
    #[cfg_attr(feature = "tls", expect(dead_code, reason = "only a build without TLS says so"))]
    #[error("this build has no TLS; switch the feature tls on")]
    NoTls,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn choose(allowed: &[&str], host: &str, addresses: &[&str]) -> Result<usize, ConnectError> {
        let mut settings = Allowed::default();
        for host in allowed {
            settings.add(host);
        }
        let found = addresses.iter().map(|ip| SocketAddr::new(ip.parse().unwrap(), 80));
        settings.choose(plain(host), found).map(|addresses| addresses.len())
    }

    #[test]
    fn this_machine_and_private_networks_are_allowed() {
        for address in [
            "127.0.0.1",
            "127.9.9.9",
            "10.1.2.3",
            "172.16.0.1",
            "192.168.1.1",
            "::1",
            "fd12::1",
            "::ffff:127.0.0.1",
        ] {
            assert!(choose(&[], "name", &[address]).is_ok(), "{address}");
        }
        for address in ["8.8.8.8", "172.32.0.1", "100.64.0.1", "2001:db8::1", "::ffff:8.8.8.8"] {
            let error = choose(&[], "name", &[address]).unwrap_err();
            assert!(error.to_string().contains("--allow-callback-to"), "{error}");
        }
    }

    #[test]
    fn a_host_is_allowed_by_its_name_or_address() {
        assert!(choose(&["Example.com"], "example.com.", &["8.8.8.8"]).is_ok());
        assert!(choose(&["8.8.8.8"], "8.8.8.8", &["8.8.8.8"]).is_ok());
        assert!(choose(&["2001:db8::1"], "[2001:db8::1]", &["2001:db8::1"]).is_ok());
        assert!(choose(&["example.com"], "other.com", &["8.8.8.8"]).is_err());
        assert!(choose(&["any"], "other.com", &["8.8.8.8"]).is_ok());
    }

    #[test]
    fn nothing_opens_the_addresses_of_the_link() {
        for address in [
            "169.254.169.254",
            "::ffff:169.254.169.254",
            "fe80::1",
            "fd00:ec2::254",
            "0.0.0.0",
            "::",
            "224.0.0.1",
            "ff02::1",
            "255.255.255.255",
        ] {
            let error = choose(&["any", "name", address], "name", &[address]).unwrap_err();
            assert!(error.to_string().contains("no setting"), "{error}");
        }
    }

    #[test]
    fn of_several_addresses_those_that_are_allowed_are_used() {
        assert_eq!(choose(&[], "name", &["8.8.8.8", "10.0.0.1", "169.254.1.1"]).unwrap(), 1);
        assert!(choose(&[], "name", &[]).is_err());
    }
}
