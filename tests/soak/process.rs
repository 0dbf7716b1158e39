//! What a process uses, by the `/proc` of Linux; nothing is known elsewhere.

use std::fmt;

/// Descriptors and memory of a process.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Usage {
    /// How many descriptors are open.
    pub(crate) descriptors: Option<usize>,
    /// How much memory is resident, in KiB.
    pub(crate) resident: Option<u64>,
}

impl Usage {
    /// That of the process with the id.
    pub(crate) fn of(id: u32) -> Self {
        let descriptors = std::fs::read_dir(format!("/proc/{id}/fd")).map(Iterator::count).ok();
        let status = std::fs::read_to_string(format!("/proc/{id}/status")).unwrap_or_default();
        let resident = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
        let resident = resident.and_then(|text| text.trim().strip_suffix(" kB")?.parse().ok());
        Self { descriptors, resident }
    }
}

impl fmt::Display for Usage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.descriptors, self.resident) {
            (Some(descriptors), Some(resident)) => {
                write!(f, "{descriptors} descriptors, {resident} KiB")
            }
            _ => f.write_str("not known"),
        }
    }
}
