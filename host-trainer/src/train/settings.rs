//! A configuration from parts: the recipe, a TOML file with some of its keys, and single assignments.
//!
//! A key is written as the path to it in a run's `config.toml`: `batch`, `net.latent`.

use std::path::{Path, PathBuf};

use toml::{Table, Value};

use super::config::{DataConfig, TrainConfig};

/// Below this similarity (Damerau and Levenshtein, normalized) two keys have nothing to do with each other.
const ALIKE: f64 = 0.4;

/// A setting that cannot be made.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SettingError {
    /// The file cannot be read.
    #[error("{path}: {source}")]
    Io {
        /// The file.
        path: PathBuf,
        /// The cause.
        source: std::io::Error,
    },
    /// The file is no TOML.
    #[error("{path}: {source}")]
    Toml {
        /// The file.
        path: PathBuf,
        /// The cause, with the place in the file.
        source: Box<toml::de::Error>,
    },
    /// What should be `key=value` is not.
    #[error("--set {0}: expected KEY=VALUE, such as batch=32 or net.latent=16")]
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
        let text =
            std::fs::read_to_string(path).map_err(|source| SettingError::Io { path: path.into(), source })?;
        let table: Table = toml::from_str(&text)
            .map_err(|source| SettingError::Toml { path: path.into(), source: Box::new(source) })?;
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
        let quoted = || Value::String(text.to_owned());
        let value = toml::from_str::<Table>(&format!("value = {text}"));
        let value = value.ok().and_then(|mut table| table.remove("value")).unwrap_or_else(quoted);
        let result = self.with("--set", key, value);
        match result {
            // A name of digits only, say.
            Err(SettingError::Value { .. }) => self.with("--set", key, quoted()).or(result),
            _ => result,
        }
    }

    /// Every key that is set, with its value as TOML writes it.
    pub fn assignments(&self) -> Vec<(String, String)> {
        let mut all = Vec::new();
        flatten("", &table(self), &mut all);
        all.into_iter().map(|(key, value)| (key, value.to_string())).collect()
    }

    fn with(&self, origin: &str, key: &str, value: Value) -> Result<TrainConfig, SettingError> {
        let known = keys();
        if !known.iter().any(|known| known == key) {
            let nearest = nearest(key, &known);
            return Err(SettingError::UnknownKey { origin: origin.into(), key: key.into(), nearest });
        }
        let shown = value.to_string();
        let mut table = table(self);
        let (last, path) = key.rsplit_once('.').map_or((key, ""), |(path, last)| (last, path));
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
            cause: error.message().to_owned(),
        })
    }
}

fn table(config: &TrainConfig) -> Table {
    Table::try_from(config).expect("every field is a string, a number or a table of them")
}

/// All keys, those too that are left out where they are not set.
fn keys() -> Vec<String> {
    let data = DataConfig { dir: Some(PathBuf::new()), limit: Some(0), invert: Some(false) };
    let mut all = Vec::new();
    flatten("", &table(&TrainConfig { data, ..TrainConfig::default() }), &mut all);
    all.into_iter().map(|(key, _)| key).collect()
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
fn nearest(key: &str, known: &[String]) -> Option<String> {
    let last = |key: &str| key.rsplit('.').next().unwrap_or_default().to_owned();
    let alike = |known: &String| {
        let whole = strsim::normalized_damerau_levenshtein(key, known);
        whole.max(strsim::normalized_damerau_levenshtein(&last(key), &last(known)))
    };
    let best = known.iter().map(|known| (alike(known), known)).max_by(|a, b| a.0.total_cmp(&b.0));
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
        let config = from_file("batch = 32\n[net]\nlatent = 16\n[data]\nlimit = 100\n").unwrap();
        assert_eq!((config.batch, config.net.latent, config.data.limit), (32, 16, Some(100)));
        assert_eq!((config.steps, &config.r1), (recipe.steps, &recipe.r1));
        assert_eq!(from_file("").unwrap(), recipe);
        assert_eq!(from_file(&toml::to_string(&config).unwrap()).unwrap(), config);
    }

    #[test]
    fn assignments_reach_every_kind_of_value() {
        let config = set("net.latent = 16").unwrap();
        assert_eq!(config.net.latent, 16);
        assert_eq!(set("learning_rate=2e-4").unwrap().learning_rate, 2e-4);
        assert_eq!(set("generator_loss=minimax").unwrap(), set("generator_loss = \"minimax\"").unwrap());
        assert!(!set("net.conditional=false").unwrap().net.conditional);
        assert_eq!(set("data.dir=some/where").unwrap().data.dir, Some("some/where".into()));
        assert_eq!(set("name=7").unwrap().name, "7");
        assert_eq!(set("r1.gamma=1").unwrap().r1.gamma, 1.0, "a whole number where a fraction may be");
    }

    #[test]
    fn unknown_keys_name_the_nearest() {
        let message = |key: &str| set(&format!("{key}=1")).unwrap_err();
        assert_eq!(message("bacth"), "--set: unknown key \"bacth\"; did you mean \"batch\"?");
        assert_eq!(message("latent"), "--set: unknown key \"latent\"; did you mean \"net.latent\"?");
        assert_eq!(message("r1.gama"), "--set: unknown key \"r1.gama\"; did you mean \"r1.gamma\"?");
        assert_eq!(
            message("data.limits"),
            "--set: unknown key \"data.limits\"; did you mean \"data.limit\"?"
        );
        assert_eq!(message("zzzzzzzzzzzz"), "--set: unknown key \"zzzzzzzzzzzz\"");
        assert_eq!(
            from_file("[net]\ngenerator_widht = 8").unwrap_err(),
            "mine.toml: unknown key \"net.generator_widht\"; did you mean \"net.generator_width\"?"
        );
        assert!(from_file("net = 5").unwrap_err().starts_with("mine.toml: unknown key \"net\""));
    }

    #[test]
    fn values_of_the_wrong_kind_are_named_with_what_was_expected() {
        assert_eq!(
            from_file("batch = \"many\"").unwrap_err(),
            "mine.toml: batch = \"many\": invalid type: string \"many\", expected usize"
        );
        let message = set("net.family=resnet").unwrap_err();
        assert!(
            message.starts_with("--set: net.family = \"resnet\": unknown variant `resnet`, expected"),
            "{message}"
        );
        assert!(message.contains("dcgan"), "{message}");
        assert!(set("batch=-1").unwrap_err().starts_with("--set: batch = -1: "));
        assert_eq!(
            set("batch").unwrap_err(),
            "--set batch: expected KEY=VALUE, such as batch=32 or net.latent=16"
        );
        assert!(from_file("batch = ").unwrap_err().contains("line 1"));
    }
}
