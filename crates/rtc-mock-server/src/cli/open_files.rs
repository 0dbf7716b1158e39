//! How many files the system lets this process have open: each connection is one.

/// What is open besides the connections of the API: those of the admin API, the store, the runtime.
const OTHERS: usize = 320;

/// Raises the limit of open files until the connections fit, as far as the system allows; gives how
/// many connections do fit.
#[cfg(unix)]
pub(crate) fn room_for(connections: usize) -> usize {
    use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

    let wanted = u64::try_from(connections.saturating_add(OTHERS)).unwrap_or(u64::MAX);
    let limit = getrlimit(Resource::Nofile);
    // Without a limit there is nothing to raise.
    let Some(current) = limit.current.filter(|current| *current < wanted) else {
        return connections;
    };
    let raised = limit.maximum.map_or(wanted, |maximum| maximum.min(wanted));
    let set = setrlimit(Resource::Nofile, Rlimit { current: Some(raised), ..limit });
    let allowed = if set.is_ok() { raised } else { current };
    let fitting = fitting(connections, usize::try_from(allowed).unwrap_or(usize::MAX));
    if fitting < connections {
        tracing::warn!(
            open_files = allowed,
            "{fitting} connections are served at a time instead of {connections}: the system allows no more open files; see `ulimit -n`"
        );
    }
    fitting
}

#[cfg(not(unix))]
pub(crate) fn room_for(connections: usize) -> usize {
    connections
}

/// So many connections fit into so many open files.
#[cfg(unix)]
fn fitting(connections: usize, allowed: usize) -> usize {
    connections.min(allowed.saturating_sub(OTHERS).max(allowed / 2))
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    #[test]
    fn connections_leave_room_for_other_files() {
        for (allowed, expected) in [(20_000, 10_000), (10_320, 10_000), (1_024, 704), (256, 128)] {
            assert_eq!(fitting(10_000, allowed), expected, "{allowed}");
        }
    }
}
