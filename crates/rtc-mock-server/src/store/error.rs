//! Why a state cannot be kept.

use std::io;
use std::path::{Path, PathBuf};

/// Why a state cannot be kept. Nothing was written where opening failed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StoreError {
    /// The system refused.
    #[error("{path}: the state cannot be kept there")]
    Io {
        /// The file or folder.
        path: PathBuf,
        /// What the system said.
        #[source]
        source: io::Error,
    },
    /// Another process has it.
    #[error("{path} is in use by another server; stop that, or choose another folder")]
    InUse {
        /// The file.
        path: PathBuf,
    },
    /// It is no store, or one that was changed by others.
    #[error(
        "{path} is damaged: {reason}. It is left as it is; restore it from a copy, or move it away to begin anew"
    )]
    Damaged {
        /// The file.
        path: PathBuf,
        /// What was found.
        reason: String,
    },
    /// It is of another version of the mock.
    #[error("{path} has version {found} of the form of a state, and this mock knows {known}")]
    Version {
        /// The file.
        path: PathBuf,
        /// Its version.
        found: u32,
        /// The version that is known.
        known: u32,
    },
}

impl StoreError {
    pub(super) fn io(path: &Path, source: io::Error) -> Self {
        Self::Io { path: path.to_path_buf(), source }
    }

    pub(super) fn new(path: &Path, error: redb::Error) -> Self {
        let path = path.to_path_buf();
        match error {
            redb::Error::DatabaseAlreadyOpen => Self::InUse { path },
            // redb says so of a file that is none of its own.
            redb::Error::Io(source)
                if !matches!(
                    source.kind(),
                    io::ErrorKind::InvalidData | io::ErrorKind::UnexpectedEof
                ) =>
            {
                Self::Io { path, source }
            }
            other => Self::Damaged { path, reason: other.to_string() },
        }
    }
}
