//! The hosts that a client may have signed in place of the one that it sent.

use crate::canonical::{header_value, trim};
use crate::explain::Hypothesis;
use crate::verify::{Checked, Verifier};

/// So many hosts that the verifier was told of are tried at most.
const MAX_OTHER_HOSTS: usize = 16;

/// The names of the machine itself, as clients write them.
const LOOPBACK: [&[u8]; 3] = [b"localhost", b"127.0.0.1", b"[::1]"];

pub(super) fn host(verifier: &Verifier, checked: &Checked<'_, '_>) -> Option<Hypothesis> {
    let sent = checked.signed_value("host")?;
    // The name as the client wrote it, since it is written so in the canonical request.
    let mut names = checked.authorization.signed_headers.split(';');
    let name = names.find(|name| name.eq_ignore_ascii_case("host"))?;
    let fits = |host: &[u8]| checked.fits_value(name, host);
    let text = |host: &[u8]| String::from_utf8_lossy(host).into_owned();
    let (bare, port) = split_port(&sent);
    if !port.is_empty() && fits(bare) {
        return Some(Hypothesis::HostWithoutPort { signed: text(bare) });
    }
    if let Some(forwarded) = header_value(checked.request.headers, "x-forwarded-host")
        && let Some(first) = forwarded.split(|byte| *byte == b',').next().map(trim)
        && fits(first)
    {
        return Some(Hypothesis::HostBeforeProxy { signed: text(first) });
    }
    let known = verifier.other_hosts().iter().take(MAX_OTHER_HOSTS);
    let known = known.map(|host| host.as_bytes().to_vec());
    let other = alike(bare, port).chain(known).find(|host| fits(host))?;
    Some(Hypothesis::OtherHost { signed: text(&other) })
}

/// The host with each default port, and of this machine its other names too: each without a port,
/// with a default one and with the one that was sent.
fn alike<'h>(bare: &'h [u8], port: &'h [u8]) -> impl Iterator<Item = Vec<u8>> + 'h {
    let is_local = LOOPBACK.iter().any(|name| name.eq_ignore_ascii_case(bare));
    let local = LOOPBACK.into_iter().filter(move |_| is_local);
    let names = [bare].into_iter().chain(local);
    names.flat_map(move |name| [b"", port, b":80", b":443"].map(|port| [name, port].concat()))
}

/// Parts a host from its port, the colon with the port; that is empty if there is none.
fn split_port(host: &[u8]) -> (&[u8], &[u8]) {
    let colon = host.iter().rposition(|byte| *byte == b':');
    match colon.and_then(|colon| host.split_at_checked(colon)) {
        Some((bare, port)) if port.iter().skip(1).all(u8::is_ascii_digit) => (bare, port),
        _ => (host, b""),
    }
}
