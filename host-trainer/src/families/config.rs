//! A family and its settings, as they stand in a run's `config.toml`.

use super::{ALL, Domain, Family, System, named};
use crate::graph::Graph;
use serde::de::Error;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use toml::{Table, Value};

/// The key that holds the family's name.
const NAME: &str = "name";

/// A name that no family has.
#[derive(Debug, thiserror::Error)]
#[error("there is no family {name:?}, but {known}")]
pub struct UnknownFamily {
    /// The name.
    pub name: String,
    /// The names that there are.
    pub known: String,
}

/// A family with the values of its settings: the table `family` of `config.toml`.
///
/// All keys of the family have a value, each of its kind; whether they are in range, [`System::check`] tells.
#[derive(Clone)]
pub struct FamilyConfig {
    family: &'static Family,
    settings: Table,
}

impl FamilyConfig {
    /// The family with its default settings.
    pub fn of(family: &'static Family) -> Self {
        FamilyConfig { family, settings: (family.defaults)() }
    }

    /// The family of this name with its default settings.
    ///
    /// # Errors
    /// There is none.
    pub fn named(name: &str) -> Result<Self, UnknownFamily> {
        let known = || ALL.map(|family| family.name).join(", ");
        let unknown = || UnknownFamily { name: name.into(), known: known() };
        named(name).map(FamilyConfig::of).ok_or_else(unknown)
    }

    /// The family.
    pub fn family(&self) -> &'static Family {
        self.family
    }

    /// The family's keys, those in tables of its own as `table.key`.
    pub fn keys(&self) -> Vec<String> {
        let mut all = Vec::new();
        flatten("", &self.settings, &mut all);
        all.into_iter().map(|(key, _)| key).collect()
    }

    /// The value of the key `key`, `table.key` where it is in a table of its own; `None` if the family has none.
    pub fn get(&self, key: &str) -> Option<&Value> {
        let (last, tables) =
            key.split('.').collect::<Vec<_>>().split_last().map(|(a, b)| (*a, b.to_vec()))?;
        tables.into_iter().try_fold(&self.settings, |table, name| table.get(name)?.as_table())?.get(last)
    }

    /// A whole number among the settings.
    pub fn count(&self, key: &str) -> Option<usize> {
        usize::try_from(self.get(key)?.as_integer()?).ok()
    }

    /// The same family with another value of the key `key`.
    ///
    /// # Errors
    /// The family has no such key, or the value is of another kind, in words.
    pub fn with(&self, key: &str, value: impl Into<Value>) -> Result<Self, String> {
        let mut change = Table::new();
        let mut place = &mut change;
        let parts: Vec<&str> = key.split('.').collect();
        for table in &parts[..parts.len() - 1] {
            let inner = place.entry(*table).or_insert_with(|| Value::Table(Table::new()));
            place = inner.as_table_mut().expect("it was just made");
        }
        place.insert(parts[parts.len() - 1].into(), value.into());
        let mut changed = self.clone();
        changed.take(change)?;
        Ok(changed)
    }

    /// The family with these settings, ready to begin.
    pub fn system(&self) -> Box<dyn System> {
        (self.family.open)(self.settings.clone()).expect("settings are read when they are set")
    }

    /// The network that a run is for.
    pub fn generator(&self, domain: &Domain) -> Graph {
        self.system().generator(domain)
    }

    /// Takes over the values of `table`.
    fn take(&mut self, table: Table) -> Result<(), String> {
        merge(&mut self.settings, table, "").map_err(|key| {
            let (name, has) = (self.family.name, self.keys().join(", "));
            format!("the family {name} has no setting {key:?}; it has {has}")
        })?;
        (self.family.open)(self.settings.clone()).map(|_| ()).map_err(|error| error.message().to_owned())
    }
}

/// Puts the values of `from` in place of those of `into`.
///
/// # Errors
/// The first key that `into` does not have.
fn merge(into: &mut Table, from: Table, path: &str) -> Result<(), String> {
    for (key, value) in from {
        let full = if path.is_empty() { key.clone() } else { format!("{path}.{key}") };
        match (into.get_mut(&key), value) {
            (None, _) => return Err(full),
            (Some(Value::Table(into)), Value::Table(from)) => merge(into, from, &full)?,
            // A whole number where a fraction may be.
            (Some(place @ Value::Float(_)), Value::Integer(whole)) => *place = Value::Float(whole as f64),
            (Some(place), value) => *place = value,
        }
    }
    Ok(())
}

/// The keys of `table` with their values, those in tables of its own as `table.key`, onto `all`.
pub(crate) fn flatten(path: &str, table: &Table, all: &mut Vec<(String, Value)>) {
    for (key, value) in table {
        let key = if path.is_empty() { key.clone() } else { format!("{path}.{key}") };
        match value {
            Value::Table(inner) => flatten(&key, inner, all),
            value => all.push((key, value.clone())),
        }
    }
}

impl Default for FamilyConfig {
    fn default() -> Self {
        FamilyConfig::of(ALL[0])
    }
}

impl PartialEq for FamilyConfig {
    fn eq(&self, other: &Self) -> bool {
        self.family.name == other.family.name && self.settings == other.settings
    }
}

impl std::fmt::Debug for FamilyConfig {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("FamilyConfig")
            .field("family", &self.family.name)
            .field("settings", &self.settings)
            .finish()
    }
}

impl Serialize for FamilyConfig {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut table = Table::new();
        table.insert(NAME.into(), Value::String(self.family.name.into()));
        table.extend(self.settings.clone());
        table.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for FamilyConfig {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let mut table = Table::deserialize(deserializer)?;
        let name = match table.remove(NAME) {
            None => ALL[0].name.to_owned(),
            Some(Value::String(name)) => name,
            Some(other) => {
                return Err(D::Error::custom(format!("family.name is {other}, but must be a text")));
            }
        };
        let mut config = FamilyConfig::named(&name).map_err(D::Error::custom)?;
        config.take(table).map_err(D::Error::custom)?;
        Ok(config)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_setting_that_a_family_does_not_have_is_answered_with_those_it_has() {
        for family in ALL {
            let config = FamilyConfig::of(family);
            let error = config.with("r1.gama", 1).unwrap_err();
            assert!(error.contains(family.name) && error.contains("\"r1"), "{error}");
            assert!(config.keys().iter().all(|key| error.contains(key.as_str())), "{error}");
            let text = toml::to_string(&config).unwrap();
            assert_eq!(toml::from_str::<FamilyConfig>(&text).unwrap(), config, "{text}");
        }
    }

    #[test]
    fn what_is_left_out_is_the_default_and_whole_numbers_are_fractions_too() {
        let key = "r1.gamma";
        let config: FamilyConfig = toml::from_str("r1.gamma = 1").unwrap();
        assert_eq!(config, FamilyConfig::default().with(key, 1.0).unwrap());
        assert_eq!(config.get(key).and_then(Value::as_float), Some(1.0));
        assert!(
            toml::from_str::<FamilyConfig>("name = \"gen\"").unwrap_err().to_string().contains("but dcgan")
        );
        assert!(FamilyConfig::default().with(key, "much").is_err());
    }
}
