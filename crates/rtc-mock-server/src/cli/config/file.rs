//! The file.

use std::collections::BTreeMap;
use std::fmt;
use std::path::{Path, PathBuf};

use clap::Arg;
use rtc_signer::Credentials;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::{failure, name, nearest, refusal};
use crate::cli::{Failure, Hidden};

/// The list of keys.
const CREDENTIALS: &str = "credentials";
/// What one of them has.
const ACCESS_KEY: &str = "access-key";
const SECRET_KEY: &str = "secret-key";
const PROJECT_ID: &str = "project-id";

/// What a file says.
#[derive(Debug)]
pub(crate) struct File {
    pub(crate) path: PathBuf,
    /// By name.
    pub(crate) settings: BTreeMap<String, Setting>,
    /// The list `credentials`. The first is among the settings, too.
    pub(crate) keys: Vec<KeyEntry>,
}

/// A value with its place.
#[derive(Clone)]
pub(crate) struct Setting {
    /// Several for a list.
    pub(crate) values: Vec<String>,
    pub(crate) is_switch: bool,
    pub(crate) line: usize,
}

/// A key that is let in, to its projects.
#[derive(Debug)]
pub(crate) struct KeyEntry {
    pub(crate) access_key: String,
    pub(crate) secret_key: Hidden,
    pub(crate) projects: Vec<String>,
    pub(crate) line: usize,
}

impl KeyEntry {
    pub(crate) fn credentials(&self) -> Credentials {
        Credentials::new(self.access_key.as_str(), self.secret_key.0.as_str())
    }
}

/// Values may be secrets.
impl fmt::Debug for Setting {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Setting").field("line", &self.line).finish_non_exhaustive()
    }
}

impl File {
    pub(crate) fn read(path: &Path, known: &[Arg]) -> Result<Self, Failure> {
        let text = std::fs::read_to_string(path).map_err(|error| {
            Failure::Usage(format!("cannot read the configuration {}: {error}", path.display()))
        })?;
        Self::parse(path, &text, known)
    }

    pub(super) fn parse(path: &Path, text: &str, known: &[Arg]) -> Result<Self, Failure> {
        let reader = Reader { path, text };
        let table = DeTable::parse(text).map_err(|error| {
            reader.failure(error.span().map_or(0, |span| span.start), error.message())
        })?;
        let mut file =
            Self { path: path.to_path_buf(), settings: BTreeMap::new(), keys: Vec::new() };
        for (key, value) in entries(table.get_ref()) {
            if key.get_ref() == CREDENTIALS {
                file.keys = reader.keys(value)?;
                continue;
            }
            let Some(arg) = known.iter().find(|arg| name(arg) == key.get_ref()) else {
                let names = known.iter().map(name).chain([CREDENTIALS]);
                return Err(reader.unknown(key, names));
            };
            let setting = reader.setting(key, value)?;
            if let Some(reason) = refusal(arg, &setting) {
                return Err(failure(path, setting.line, &reason));
            }
            file.settings.insert(key.get_ref().to_string(), setting);
        }
        file.take_first_key()?;
        Ok(file)
    }

    /// The first of the list is what the flags would say.
    fn take_first_key(&mut self) -> Result<(), Failure> {
        let Some(first) = self.keys.first() else { return Ok(()) };
        for name in [ACCESS_KEY, SECRET_KEY, PROJECT_ID] {
            if let Some(setting) = self.settings.get(name) {
                let reason = format!("{name} stands in the list {CREDENTIALS} too; leave one out");
                return Err(failure(&self.path, setting.line, &reason));
            }
        }
        let line = first.line;
        for (name, values) in [
            (ACCESS_KEY, vec![first.access_key.clone()]),
            (SECRET_KEY, vec![first.secret_key.0.clone()]),
            (PROJECT_ID, first.projects.clone()),
        ] {
            self.settings.insert(name.to_owned(), Setting { values, is_switch: false, line });
        }
        Ok(())
    }
}

type Name<'t> = Spanned<toml::de::DeString<'t>>;
type Value<'t> = Spanned<DeValue<'t>>;

/// The text, for the places of what is in it.
struct Reader<'t> {
    path: &'t Path,
    text: &'t str,
}

impl<'t> Reader<'t> {
    fn line(&self, place: usize) -> usize {
        1 + self.text.bytes().take(place).filter(|byte| *byte == b'\n').count()
    }

    fn failure(&self, place: usize, reason: &str) -> Failure {
        failure(self.path, self.line(place), reason)
    }

    fn unknown<'a>(&self, key: &Name<'t>, names: impl Iterator<Item = &'a str>) -> Failure {
        let wanted = key.get_ref();
        let hint = nearest(wanted, names).map(|name| format!("; did you mean `{name}`?"));
        let reason = format!("there is no setting `{wanted}`{}", hint.unwrap_or_default());
        self.failure(key.span().start, &reason)
    }

    fn setting(&self, key: &Name<'t>, value: &Value<'t>) -> Result<Setting, Failure> {
        let line = self.line(key.span().start);
        let values = match value.get_ref() {
            DeValue::Boolean(value) => {
                let values = vec![value.to_string()];
                return Ok(Setting { values, is_switch: true, line });
            }
            DeValue::Array(array) => {
                array.iter().map(|value| self.text(key, value)).collect::<Result<_, _>>()?
            }
            _ => vec![self.text(key, value)?],
        };
        Ok(Setting { values, is_switch: false, line })
    }

    fn text(&self, key: &Name<'t>, value: &Value<'t>) -> Result<String, Failure> {
        match value.get_ref() {
            DeValue::String(text) => Ok(text.to_string()),
            // In the decimal form alone, which flags take too.
            DeValue::Integer(number) if number.radix() == 10 => Ok(number.as_str().to_owned()),
            other => {
                let reason = format!("{} takes no {}", key.get_ref(), other.type_str());
                Err(self.failure(value.span().start, &reason))
            }
        }
    }

    fn keys(&self, value: &Value<'t>) -> Result<Vec<KeyEntry>, Failure> {
        let wrong = |value: &Value<'t>| {
            let reason = "credentials are tables; write [[credentials]]";
            self.failure(value.span().start, reason)
        };
        let array = value.get_ref().as_array().ok_or_else(|| wrong(value))?;
        let keys = array.iter().map(|value| match value.get_ref() {
            DeValue::Table(table) => self.key(value.span().start, table),
            _ => Err(wrong(value)),
        });
        keys.collect()
    }

    fn key(&self, place: usize, table: &DeTable<'t>) -> Result<KeyEntry, Failure> {
        let mut parts = BTreeMap::new();
        for (key, value) in entries(table) {
            let names = [ACCESS_KEY, SECRET_KEY, PROJECT_ID];
            let Some(name) = names.into_iter().find(|name| *name == key.get_ref()) else {
                return Err(self.unknown(key, names.into_iter()));
            };
            parts.insert(name, self.setting(key, value)?.values);
        }
        let mut part = |name: &str| {
            let absent = || self.failure(place, &format!("these credentials have no {name}"));
            parts.remove(name).filter(|values| !values.is_empty()).ok_or_else(absent)
        };
        let mut one = |name: &str| part(name).map(|values| values.concat());
        let (access_key, secret_key) = (one(ACCESS_KEY)?, Hidden(one(SECRET_KEY)?));
        Ok(KeyEntry { access_key, secret_key, projects: part(PROJECT_ID)?, line: self.line(place) })
    }
}

/// In the order of the file.
fn entries<'a, 't>(table: &'a DeTable<'t>) -> Vec<(&'a Name<'t>, &'a Value<'t>)> {
    let mut entries: Vec<_> = table.iter().collect();
    entries.sort_by_key(|(key, _)| key.span().start);
    entries
}
