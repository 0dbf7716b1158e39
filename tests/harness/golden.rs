//! Golden messages: files of an outside source (see `tests/golden/README.md`).

use std::fs;
use std::path::PathBuf;

use crate::http_text::Message;
use crate::repository;

/// A golden message.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Golden {
    /// The folder: an operation's name, or `gateway`.
    pub folder: String,
    /// The file name without `.http`.
    pub name: String,
    /// Where it comes from.
    pub sources: Vec<String>,
    /// The message.
    pub message: Message,
}

impl Golden {
    /// Folder and name, as in `ShowRecordCallback/reply.200.reference`.
    pub fn id(&self) -> String {
        format!("{}/{}", self.folder, self.name)
    }

    /// Whether it is a request.
    pub fn is_request(&self) -> bool {
        self.name.starts_with("request.")
    }
}

/// The folder of what the service sends; the others hold requests to it and its replies.
const NOTIFICATIONS: &str = "notifications";

/// All golden requests and replies, in the order of their names.
///
/// A file that cannot be read, has no source or is no message is a failure: a contract without its
/// truth is none.
pub fn all() -> Vec<Golden> {
    let folders = entries(&repository().join("tests/golden")).into_iter();
    messages(folders.filter(|folder| folder.is_dir() && !folder.ends_with(NOTIFICATIONS)))
}

/// All golden notifications, in the order of their names.
pub fn notifications() -> Vec<Golden> {
    messages([repository().join("tests/golden").join(NOTIFICATIONS)])
}

/// The golden message with the id.
pub fn get(id: &str) -> Golden {
    let (folder, name) = id.split_once('/').unwrap_or_default();
    read(&repository().join("tests/golden").join(folder).join(format!("{name}.http")))
}

fn messages(folders: impl IntoIterator<Item = PathBuf>) -> Vec<Golden> {
    let files = folders.into_iter().flat_map(|folder| entries(&folder));
    let files = files.filter(|file| file.extension() == Some("http".as_ref()));
    let messages: Vec<_> = files.map(|file| read(&file)).collect();
    assert!(!messages.is_empty(), "tests/golden holds no messages");
    messages
}

fn entries(folder: &PathBuf) -> Vec<PathBuf> {
    let read = fs::read_dir(folder).unwrap_or_else(|e| panic!("{}: {e}", folder.display()));
    let mut entries: Vec<_> = read.filter_map(|entry| Some(entry.ok()?.path())).collect();
    entries.sort();
    entries
}

fn read(path: &PathBuf) -> Golden {
    let bytes = fs::read(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let mut rest = bytes.as_slice();
    let mut sources = Vec::new();
    while let Some(line) = rest.strip_prefix(b"# source: ") {
        let end = line.iter().position(|c| *c == b'\n').unwrap_or(line.len());
        sources.push(String::from_utf8_lossy(&line[..end]).into_owned());
        rest = line.get(end + 1..).unwrap_or_default();
    }
    assert!(!sources.is_empty(), "{} does not say where it comes from", path.display());
    let mut message =
        Message::parse(rest).unwrap_or_else(|| panic!("{} is no message", path.display()));
    // The body is the rest of the file without the file's last line feed.
    if message.body.last() == Some(&b'\n') {
        message.body.pop();
    }
    let text = |part: Option<&std::ffi::OsStr>| {
        part.map(|part| part.to_string_lossy().into_owned()).unwrap_or_default()
    };
    Golden {
        folder: text(path.parent().and_then(|folder| folder.file_name())),
        name: text(path.file_stem()),
        sources,
        message,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_file_is_a_message_with_a_source() {
        for golden in all() {
            let first = golden.message.word(0);
            let expected = if golden.is_request() { "HTTP/1.1" } else { first };
            assert!(golden.message.start_line.contains(expected), "{}", golden.id());
            assert_eq!(golden.is_request(), !first.starts_with("HTTP/"), "{}", golden.id());
        }
        for golden in notifications() {
            assert_eq!(golden.message.word(0), "POST", "{}", golden.id());
        }
    }
}
