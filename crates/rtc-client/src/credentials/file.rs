//! Reading small files.

use std::fs::File;
use std::io::{Error, ErrorKind, Read as _};
use std::path::Path;

/// The largest file that is read, in bytes.
const MAX_FILE: u64 = 1024 * 1024;

/// Reads a text in UTF-8, without the mark that some editors put before it.
pub(crate) fn read_text(path: &Path) -> Result<String, Error> {
    let mut text = String::new();
    File::open(path)?.take(MAX_FILE + 1).read_to_string(&mut text)?;
    if text.len() as u64 > MAX_FILE {
        return Err(Error::new(ErrorKind::FileTooLarge, "it is larger than 1 MiB"));
    }
    match text.strip_prefix('\u{feff}') {
        Some(rest) => Ok(rest.to_owned()),
        None => Ok(text),
    }
}
