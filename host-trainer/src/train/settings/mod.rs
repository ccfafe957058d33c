//! A configuration from parts: the recipe, a TOML file with some of its keys, and single assignments.
//!
//! A key is written as the path to it in a run's `config.toml`: `batch`, `family.latent`. A family's own key goes without its
//! table too: `latent`.

use std::path::{Path, PathBuf};

use toml::{Table, Value};

use super::config::{ConfigError, DataConfig, TrainConfig};
use crate::data::{Ground, Stretch};
use crate::families::flatten;

/// Below this similarity (Damerau and Levenshtein, normalized) two keys have nothing to do with each other.
const ALIKE: f64 = 0.4;
/// The largest number that TOML holds.
const LARGEST: i64 = i64::MAX;

/// A setting that cannot be made.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SettingError {
    /// The file cannot be read.
    #[error("{path}: {cause}")]
    Io {
        /// The file.
        path: PathBuf,
        /// The cause.
        cause: std::io::Error,
    },
    /// The file is no TOML.
    #[error("{path}: {cause}{}", .number.as_ref().map_or(String::new(), |wrong| format!("expected {wrong}")))]
    Toml {
        /// The file.
        path: PathBuf,
        /// The cause, with the place in the file.
        cause: Box<toml::de::Error>,
        /// What a number there must be, if that is the cause.
        number: Option<String>,
    },
    /// What should be `key=value` is not.
    #[error("--set {0}: expected KEY=VALUE, such as batch=32 or latent=16")]
    NoAssignment(String),
    /// There is no such key.
    #[error("{origin}: unknown key {key:?}{}", suggestion(.nearest))]
    UnknownKey {
        /// The file, or `--set`.
        origin: String,
        /// As it was written.
        key: String,
        /// The key that is most like it.
        nearest: Option<String>,
    },
    /// The value is of the wrong kind, or none of those that there are.
    #[error("{origin}: {key} = {value}: {cause}")]
    Value {
        /// The file, or `--set`.
        origin: String,
        /// The key.
        key: String,
        /// The value.
        value: String,
        /// What was expected.
        cause: String,
    },
    /// A setting that was made before is outside of its range, and such that it cannot be written.
    #[error(transparent)]
    Range(#[from] ConfigError),
}

fn suggestion(nearest: &Option<String>) -> String {
    nearest.as_ref().map_or(String::new(), |nearest| format!("; did you mean {nearest:?}?"))
}

impl TrainConfig {
    /// This configuration with the keys that the TOML file `path` holds.
    ///
    /// # Errors
    /// The file cannot be read, holds a key that does not exist, or a value of the wrong kind. Ranges are checked by
    /// [`TrainConfig::validate`].
    pub fn with_file(&self, path: &Path) -> Result<TrainConfig, SettingError> {
        let table = read(path)?;
        let mut assignments = Vec::new();
        flatten("", &table, &mut assignments);
        let origin = path.display().to_string();
        assignments
            .into_iter()
            .try_fold(self.clone(), |config, (key, value)| config.with(&origin, &key, value))
    }

    /// This configuration after `assignment`, `key=value`; the value is written as in TOML, a string also without its
    /// quotes.
    ///
    /// # Errors
    /// As [`TrainConfig::with_file`].
    pub fn with_assignment(&self, assignment: &str) -> Result<TrainConfig, SettingError> {
        let no_assignment = || SettingError::NoAssignment(assignment.into());
        let (key, text) = assignment.split_once('=').ok_or_else(no_assignment)?;
        let (key, text) = (key.trim(), text.trim());
        let quoted = || self.with("--set", key, Value::String(text.to_owned()));
        let value = toml::from_str::<Table>(&format!("value = {text}"));
        let Some(value) = value.ok().and_then(|mut table| table.remove("value")) else {
            return quoted().map_err(|error| match (error, beyond(text)) {
                (SettingError::Value { origin, key, .. }, Some(expected)) => SettingError::Value {
                    origin,
                    key,
                    value: text.into(),
                    cause: format!("expected {expected}"),
                },
                (error, _) => error,
            });
        };
        let result = self.with("--set", key, value);
        match result {
            // A name of digits only, say.
            Err(SettingError::Value { .. }) => quoted().or(result),
            _ => result,
        }
    }

    /// Every key that is set, with its value as TOML writes it.
    ///
    /// # Panics
    /// When [`TrainConfig::validate`] refuses these settings.
    pub fn assignments(&self) -> Vec<(String, String)> {
        let mut all = Vec::new();
        flatten("", &table(self).expect("settings are validated before they are used"), &mut all);
        all.into_iter().map(|(key, value)| (key, value.to_string())).collect()
    }

    fn with(&self, origin: &str, key: &str, value: Value) -> Result<TrainConfig, SettingError> {
        let known = self.keys();
        let is = |wanted: &str| known.iter().find(|(known, _)| known == wanted);
        let of_family = format!("{FAMILY}.{key}");
        let Some((key, sample)) = is(key).or_else(|| is(&of_family)) else {
            let nearest = nearest(key, &known);
            return Err(SettingError::UnknownKey { origin: origin.into(), key: key.into(), nearest });
        };
        let shown = value.to_string();
        let expected = expected(sample, &value);
        let mut table = table(self)?;
        let (last, path) = key.rsplit_once('.').map_or((key.as_str(), ""), |(path, last)| (last, path));
        let mut place = &mut table;
        for part in path.split('.').filter(|part| !part.is_empty()) {
            let inner = place.entry(part).or_insert_with(|| Value::Table(Table::new()));
            place = inner.as_table_mut().expect("a known key's path leads through tables");
        }
        place.insert(last.to_owned(), value);
        table.try_into().map_err(|error: toml::de::Error| SettingError::Value {
            origin: origin.into(),
            key: key.into(),
            value: shown,
            cause: expected.unwrap_or_else(|| error.message().to_owned()),
        })
    }
}

fn table(config: &TrainConfig) -> Result<Table, ConfigError> {
    Table::try_from(config).map_err(|_| config.validate().expect_err("valid settings can be written"))
}

/// What a number must be that is written as `text` and that TOML does not hold; `None` if it is no such number.
fn beyond(text: &str) -> Option<String> {
    let digits: String = text.trim_start_matches(['+', '-']).chars().filter(|&c| c != '_').collect();
    let radixes = [("0x", 16), ("0o", 8), ("0b", 2)];
    let radix = radixes.iter().find_map(|&(prefix, radix)| Some((digits.strip_prefix(prefix)?, radix)));
    let (whole, radix) = radix.unwrap_or((&digits, 10));
    if !whole.is_empty() && whole.chars().all(|digit| digit.is_digit(radix)) {
        // Else leading zeros, which TOML leaves to nobody.
        let held = i64::from_str_radix(whole, radix).ok();
        return Some(held.map_or_else(whole_number, |number| format!("{number} without zeros in front")));
    }
    let float =
        digits.starts_with(|c: char| c.is_ascii_digit()).then(|| digits.parse::<f64>().ok()).flatten();
    float.filter(|float| float.is_infinite()).map(|_| format!("a number of at most {:e}", f64::MAX))
}

/// What a setting like `sample` must be, where a number is not.
fn expected(sample: &Value, value: &Value) -> Option<String> {
    let number = matches!(value, Value::Integer(_) | Value::Float(_));
    (number && sample.is_integer()).then(|| format!("expected {}", whole_number()))
}

/// What a setting that counts must be.
fn whole_number() -> String {
    format!("a whole number from 0 to {LARGEST}")
}

impl TrainConfig {
    /// All keys with values of their kind, those too that are left out where they are not set.
    fn keys(&self) -> Vec<(String, Value)> {
        let data = DataConfig {
            dir: Some(PathBuf::new()),
            dir_b: Some(PathBuf::new()),
            limit: Some(0),
            set: Some(String::new()),
            invert: Some(false),
            ground: Some(Ground::Black),
            stretch: Some(Stretch::Measured(false)),
        };
        let mut all = Vec::new();
        let recipe = TrainConfig { data, ..TrainConfig::of(self.family.family()) };
        flatten("", &table(&recipe).expect("the recipe is valid"), &mut all);
        all
    }

    /// The family that the TOML file `path` names.
    ///
    /// # Errors
    /// The file cannot be read, or is no TOML.
    pub fn family_in(path: &Path) -> Result<Option<String>, SettingError> {
        let name = read(path)?.get(FAMILY).and_then(|family| family.get("name")?.as_str().map(str::to_owned));
        Ok(name)
    }
}

/// The table of a family's own keys.
const FAMILY: &str = "family";

fn read(path: &Path) -> Result<Table, SettingError> {
    let text =
        std::fs::read_to_string(path).map_err(|cause| SettingError::Io { path: path.into(), cause })?;
    toml::from_str(&text).map_err(|cause: toml::de::Error| SettingError::Toml {
        number: cause.span().and_then(|span| beyond(text.get(span)?)),
        path: path.into(),
        cause: Box::new(cause),
    })
}

/// The known key that is most like `key`, in whole or without the tables that it lies in.
fn nearest(key: &str, known: &[(String, Value)]) -> Option<String> {
    let last = |key: &str| key.rsplit('.').next().unwrap_or_default().to_owned();
    let alike = |known: &String| {
        let whole = strsim::normalized_damerau_levenshtein(key, known);
        whole.max(strsim::normalized_damerau_levenshtein(&last(key), &last(known)))
    };
    let best = known.iter().map(|(known, _)| (alike(known), known)).max_by(|a, b| a.0.total_cmp(&b.0));
    best.filter(|(alike, _)| *alike >= ALIKE).map(|(_, known)| known.clone())
}

#[cfg(test)]
mod tests;
