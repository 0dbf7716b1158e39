//! Any text can stand in the file of settings; it is taken or refused with its place, never leaves
//! the program, and a table of what holds shows no secret key.
//!
//! The file is the program's, not the library's, so its modules are compiled here once more.

#![no_main]

use std::ffi::OsString;
use std::path::PathBuf;
use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;

use crate::program::cli;
use crate::program::cli::config;

#[allow(dead_code, unused_imports, reason = "the rest of the program is not run")]
#[path = "../../crates/rtc-mock-server/src"]
mod program {
    pub(crate) mod cli;
}

/// Where the text stands: a file for each process, since several may run at once.
static FILE: LazyLock<PathBuf> =
    LazyLock::new(|| std::env::temp_dir().join(format!("rtc-fuzz-{}.toml", std::process::id())));

/// The secret key of the corpus.
const SECRET: &str = "fuzz-secret-of-the-table";

fuzz_target!(|text: &str| {
    std::fs::write(&*FILE, text).expect("a temporary file can be written");
    let args = ["rtc-mock-server", "--config"].map(OsString::from);
    let args: Vec<_> = args.into_iter().chain([FILE.clone().into_os_string()]).collect();
    match config::load(&args) {
        Ok(loaded) => {
            let table = config::show::table(&loaded);
            assert!(!table.is_empty());
            // What stands elsewhere too may be shown from there.
            let alone = text.matches(SECRET).count() == 1;
            let file = loaded.file.as_ref().expect("it was given");
            let first = file.settings.get("secret-key").into_iter().flat_map(|one| &one.values);
            let mut all = file.keys.iter().map(|key| &key.secret_key.0).chain(first);
            assert!(!alone || !all.any(|key| key == SECRET) || !table.contains(SECRET), "{table}");
        }
        Err(failure) => assert!(!failure.to_string().is_empty()),
    }
});
