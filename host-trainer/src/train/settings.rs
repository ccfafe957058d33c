//! A configuration from parts: the recipe, a TOML file with some of its keys, and single assignments.
//!
//! A key is written as the path to it in a run's `config.toml`: `batch`, `family.latent`. A family's own key goes without its
//! table too: `latent`.

use std::path::{Path, PathBuf};

use toml::{Table, Value};

use super::config::{ConfigError, DataConfig, TrainConfig};
use crate::data::{Ground, Stretch};

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

fn flatten(path: &str, table: &Table, all: &mut Vec<(String, Value)>) {
    for (key, value) in table {
        let key = if path.is_empty() { key.clone() } else { format!("{path}.{key}") };
        match value {
            Value::Table(inner) => flatten(&key, inner, all),
            value => all.push((key, value.clone())),
        }
    }
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
mod tests {
    use super::*;

    fn from_file(text: &str) -> Result<TrainConfig, String> {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("mine.toml");
        std::fs::write(&path, text).unwrap();
        let folder = format!("{}/", dir.path().display());
        TrainConfig::default().with_file(&path).map_err(|error| error.to_string().replace(&folder, ""))
    }

    fn set(assignment: &str) -> Result<TrainConfig, String> {
        TrainConfig::default().with_assignment(assignment).map_err(|error| error.to_string())
    }

    #[test]
    fn what_a_file_leaves_out_is_the_recipes() {
        let recipe = TrainConfig::default();
        let config = from_file("batch = 32\n[family]\nlatent = 16\n[data]\nlimit = 100\n").unwrap();
        assert_eq!(
            (config.batch, config.family.count("latent").unwrap(), config.data.limit),
            (32, 16, Some(100))
        );
        assert_eq!((config.steps, config.family.get("r1")), (recipe.steps, recipe.family.get("r1")));
        assert_eq!(from_file("").unwrap(), recipe);
        assert_eq!(from_file(&toml::to_string(&config).unwrap()).unwrap(), config);
    }

    #[test]
    fn assignments_reach_every_kind_of_value() {
        let config = set("family.latent = 16").unwrap();
        assert_eq!(set("latent=16").unwrap(), config);
        assert_eq!(config.family.count("latent").unwrap(), 16);
        assert_eq!(set("learning_rate=2e-4").unwrap().learning_rate, 2e-4);
        assert_eq!(set("generator_loss=minimax").unwrap(), set("generator_loss = \"minimax\"").unwrap());
        let config = set("family.conditional=false").unwrap();
        assert_eq!(config.family.get("conditional"), Some(&Value::Boolean(false)));
        assert_eq!(set("data.dir=some/where").unwrap().data.dir, Some("some/where".into()));
        assert_eq!(set("name=7").unwrap().name, "7");
        assert_eq!(set("data.set=letters").unwrap().data.set, Some("letters".into()));
        assert_eq!(set("data.ground=white").unwrap().data.ground, Some(Ground::White));
        assert_eq!(set("data.stretch=true").unwrap().data.stretch, Some(Stretch::Measured(true)));
        assert_eq!(set("data.stretch=[0, 4095]").unwrap().data.stretch, Some(Stretch::Range([0, 4095])));
        let config = set("r1.gamma=1").unwrap();
        assert_eq!(
            config.family.get("r1.gamma"),
            Some(&Value::Float(1.0)),
            "a whole number where a fraction may be"
        );
    }

    #[test]
    fn an_assignment_after_a_number_that_cannot_be_written_names_the_number() {
        let config = TrainConfig { name: String::new(), steps: u64::MAX, ..TrainConfig::default() };
        let message = config.with_assignment("batch=8").unwrap_err().to_string();
        assert_eq!(message, "steps is 18446744073709551615, but must be 1 to 1000000000000000");
    }

    #[test]
    fn unknown_keys_name_the_nearest() {
        let message = |key: &str| set(&format!("{key}=1")).unwrap_err();
        assert_eq!(message("bacth"), "--set: unknown key \"bacth\"; did you mean \"batch\"?");
        assert_eq!(message("latnet"), "--set: unknown key \"latnet\"; did you mean \"family.latent\"?");
        assert_eq!(message("r1.gama"), "--set: unknown key \"r1.gama\"; did you mean \"family.r1.gamma\"?");
        assert_eq!(
            message("data.limits"),
            "--set: unknown key \"data.limits\"; did you mean \"data.limit\"?"
        );
        assert_eq!(message("zzzzzzzzzzzz"), "--set: unknown key \"zzzzzzzzzzzz\"");
        assert_eq!(
            from_file("[family]\ngenerator_widht = 8").unwrap_err(),
            "mine.toml: unknown key \"family.generator_widht\"; did you mean \"family.generator_width\"?"
        );
        assert!(from_file("family = 5").unwrap_err().starts_with("mine.toml: unknown key \"family\""));
    }

    #[test]
    fn values_of_the_wrong_kind_are_named_with_what_was_expected() {
        assert_eq!(
            from_file("batch = \"many\"").unwrap_err(),
            "mine.toml: batch = \"many\": invalid type: string \"many\", expected usize"
        );
        let message = set("family.name=resnet").unwrap_err();
        assert!(
            message.starts_with("--set: family.name = \"resnet\": there is no family \"resnet\", but"),
            "{message}"
        );
        assert!(message.contains("dcgan"), "{message}");
        let message = set("data.stretch=much").unwrap_err();
        assert!(
            message.ends_with("expected true, false or [DARKEST, BRIGHTEST], greys of 0 to 65535"),
            "{message}"
        );
        assert!(set("batch=-1").unwrap_err().starts_with("--set: batch = -1: "));
        assert_eq!(
            set("batch").unwrap_err(),
            "--set batch: expected KEY=VALUE, such as batch=32 or latent=16"
        );
        assert!(from_file("batch = ").unwrap_err().contains("line 1"));
    }

    #[test]
    fn numbers_that_no_setting_holds_are_named_with_the_largest() {
        let whole = "expected a whole number from 0 to 9223372036854775807";
        let huge = "99999999999999999999";
        assert_eq!(set(&format!("steps={huge}")).unwrap_err(), format!("--set: steps = {huge}: {whole}"));
        for number in [
            "9223372036854775808",
            "-99999999999999999999",
            "0xFFFFFFFFFFFFFFFFFF",
            "1_000_000_000_000_000_000_000",
        ] {
            assert_eq!(
                set(&format!("steps={number}")).unwrap_err(),
                format!("--set: steps = {number}: {whole}")
            );
        }
        assert_eq!(set("batch=-1").unwrap_err(), format!("--set: batch = -1: {whole}"));
        assert_eq!(set("batch=2.5").unwrap_err(), format!("--set: batch = 2.5: {whole}"));
        assert_eq!(set("data.limit=-5").unwrap_err(), format!("--set: data.limit = -5: {whole}"));
        assert_eq!(
            set("learning_rate=1e400").unwrap_err(),
            "--set: learning_rate = 1e400: expected a number of at most 1.7976931348623157e308"
        );
        assert_eq!(set("steps=007").unwrap_err(), "--set: steps = 007: expected 7 without zeros in front");
        assert_eq!((set("steps=0x10").unwrap().steps, set("steps=+1_000").unwrap().steps), (16, 1000));
        assert_eq!(set(&format!("name={huge}")).unwrap().name, huge, "a name may be of digits");
        assert_eq!(set("name=007").unwrap().name, "007");
        assert!(set("steps=soon").unwrap_err().contains("invalid type: string"));
    }

    #[test]
    fn a_file_with_such_a_number_is_named_with_the_place_and_the_largest() {
        for (text, largest) in [
            (
                "batch = 32\nsteps = 99999999999999999999\n",
                "expected a whole number from 0 to 9223372036854775807",
            ),
            ("learning_rate = 1e400\n", "expected a number of at most 1.7976931348623157e308"),
        ] {
            let message = from_file(text).unwrap_err();
            assert!(message.starts_with("mine.toml: TOML parse error at line"), "{message}");
            assert!(message.contains(text.lines().last().unwrap()) && message.contains(largest), "{message}");
        }
        let message = from_file("[data]\nlimit = -1\n").unwrap_err();
        assert_eq!(
            message,
            "mine.toml: data.limit = -1: expected a whole number from 0 to 9223372036854775807"
        );
    }

    #[test]
    fn a_cause_is_in_the_message_alone() {
        let path = Path::new("no/such/file.toml");
        let error = TrainConfig::default().with_file(path).unwrap_err();
        assert!(std::error::Error::source(&error).is_none(), "{error}");
        assert!(error.to_string().contains("No such file") || cfg!(windows), "{error}");
    }
}
