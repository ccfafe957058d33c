//! Everything that decides a run's outcome, kept whole in the run's `config.toml`.

use super::path_setting;
use crate::backend::Backend;
use crate::data::{self, DataError, Division, Ground, Loaded, MOST_CLASSES, Reading, Source, Split, Stretch};
use crate::families::{self, Family, FamilyConfig};
use crate::files;
use crate::lower::{Calibration, Lowering};
use crate::players::{AdamConfig, OutOfRange};
use serde::{Deserialize, Serialize};
use std::path::{Path, PathBuf};
use toml::Table;

/// The first learning rate of fine-tuning, as a share of the run's: at a tenth Adam's steps undo more than rounding costs.
const QAT_RATE: f64 = 0.01;

/// Steps of fine-tuning with quantization where no number is given.
pub const QAT_STEPS: u64 = 1000;

/// No run is longer, and no interval: the largest power of ten with which no sum or product of settings overflows, and all
/// of them are exact as a float. At a step a microsecond it takes thirty years.
const MOST_STEPS: u64 = 1_000_000_000_000_000;

/// A training run. Two runs of one configuration on one machine are equal to the bit.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TrainConfig {
    /// The run's name; its folder is `runs/<name>`.
    pub name: String,
    /// Seed of all randomness; at most 2⁶³ − 1, TOML's largest number.
    pub seed: u64,
    /// How many generator steps.
    pub steps: u64,
    /// Pictures a batch.
    pub batch: usize,
    /// Adam's first learning rate, for both players; it falls linearly towards 0 at the last step.
    pub learning_rate: f64,
    /// The share of the first learning rate below which it does not fall; 0 in runs from before it was a setting.
    #[serde(default)]
    pub learning_rate_floor: f64,
    /// Steps at the start in which the learning rate rises linearly to what it would be.
    #[serde(default)]
    pub warm_up: u64,
    /// Largest decay a step of the moving average of the generator's weights.
    pub average_decay: f64,
    /// Steps between checkpoints.
    pub checkpoint_every: u64,
    /// Steps between points of the path of the FID, each of which takes some seconds; 0 is none.
    #[serde(default)]
    pub fid_every: u64,
    /// What computes.
    pub backend: Backend,
    /// How int8 ranges are chosen when the run ends.
    #[serde(default)]
    pub calibration: Calibration,
    /// Generator steps of fine-tuning with quantization, after all others; 0 is none.
    #[serde(default)]
    pub qat_steps: u64,
    /// What both players' optimizers remember.
    #[serde(default)]
    pub adam: AdamConfig,
    /// The family, with its own settings.
    pub family: FamilyConfig,
    /// The pictures.
    pub data: DataConfig,
}

/// Where the training pictures come from, and how they are read. A new run decides what is left open by its training
/// pictures, and keeps it: resumed and evaluated, it reads in the same way.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DataConfig {
    /// A folder of IDX files, or of a folder of pictures a class; `None` is the embedded MNIST.
    #[serde(default, skip_serializing_if = "Option::is_none", with = "path_setting")]
    pub dir: Option<PathBuf>,
    /// A second folder, for a family that learns from two domains; its pictures are read as those of `dir` are.
    #[serde(default, skip_serializing_if = "Option::is_none", with = "path_setting")]
    pub dir_b: Option<PathBuf>,
    /// Use only the first so many pictures.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub limit: Option<usize>,
    /// Which data set in `dir`, where there are several: its name or the end of it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub set: Option<String>,
    /// Whether to turn black to white; `None` looks at the pictures.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub invert: Option<bool>,
    /// What lies behind transparent pictures; `None` looks at them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ground: Option<Ground>,
    /// Whether to spread the greys that the pictures use over all that there are; `None` does not, but warns.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stretch: Option<Stretch>,
}

impl DataConfig {
    /// Where to read a user's own pictures, and how; `None` for the embedded MNIST.
    pub fn source(&self) -> Option<Source<'_>> {
        let reading = Reading { invert: self.invert, ground: self.ground, stretch: self.stretch };
        Some(Source { dir: self.dir.as_deref()?, set: self.set.as_deref(), reading })
    }

    /// The pictures of the folder, or of both; `None` for the embedded MNIST, and where there are none for [`Split::Test`].
    ///
    /// # Errors
    /// They cannot be read, or have more classes together than a model file can name.
    pub fn load(&self, split: Split) -> Result<Option<Loaded>, DataError> {
        let Some(source) = self.source() else { return Ok(None) };
        let Some(first) = data::load(&source, split)? else { return Ok(None) };
        let Some(dir) = &self.dir_b else { return Ok(Some(first)) };
        let second = Source { dir, set: None, reading: first.summary.reading };
        let Some(second) = data::load(&second, split)? else { return Ok(None) };
        let classes = first.dataset.classes + second.dataset.classes;
        if classes > MOST_CLASSES {
            return Err(DataError::ManyClasses { file: dir.display().to_string(), classes });
        }
        Ok(Some(Loaded { dataset: first.dataset.beside(second.dataset), ..first }))
    }

    /// Keeps how the pictures were read.
    pub fn keep(&mut self, reading: Reading) {
        (self.invert, self.ground, self.stretch) = (reading.invert, reading.ground, reading.stretch);
    }
}

impl Default for TrainConfig {
    /// The recipe of a short run: the best found for some ten minutes on two cores.
    fn default() -> Self {
        TrainConfig {
            name: FamilyConfig::default().family().name.into(),
            seed: 1,
            steps: 8_000,
            batch: 64,
            learning_rate: 2e-3,
            learning_rate_floor: 0.0,
            warm_up: 0,
            average_decay: 0.999,
            checkpoint_every: 500,
            fid_every: 0,
            backend: Backend::default(),
            calibration: Calibration::default(),
            qat_steps: 0,
            adam: AdamConfig { beta_2: 0.99, ..AdamConfig::default() },
            family: FamilyConfig::default(),
            data: DataConfig::default(),
        }
    }
}

/// What is wrong with a configuration.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ConfigError {
    /// A number is outside of its range.
    #[error("{name} is {found}, but must be {expected}")]
    Range {
        /// The setting.
        name: &'static str,
        /// Its value.
        found: String,
        /// The range.
        expected: &'static str,
    },
    /// A second folder for a family that learns from one domain.
    #[error(
        "data.dir_b is a second domain, but the family {family} learns from one; those that learn from two: {of_two}"
    )]
    OneDomain {
        /// The family.
        family: &'static str,
        /// The families that it would be for.
        of_two: String,
    },
    /// The domains are two folders, but are not given.
    #[error("the domains are two folders: give them by --data A --data-b B")]
    OneFolder,
    /// There are two folders, but the domains are others.
    #[error("data.dir_b is given, so family.domains must be \"folders\"")]
    OtherDomains,
    /// The name cannot be a folder's.
    #[error("the run's name is {0:?}, but must be letters, digits, '-', '_' and '.', not starting with '.'")]
    Name(String),
    /// The file cannot be read or written.
    #[error("{path}: {cause}")]
    Io {
        /// The file.
        path: PathBuf,
        /// The cause.
        cause: std::io::Error,
    },
    /// The file does not hold a configuration.
    #[error("{path}: {cause}")]
    Parse {
        /// The file.
        path: PathBuf,
        /// The cause.
        cause: Box<toml::de::Error>,
    },
}

impl From<OutOfRange> for ConfigError {
    fn from(OutOfRange { name, found, expected }: OutOfRange) -> Self {
        ConfigError::Range { name, found, expected }
    }
}

impl TrainConfig {
    /// The recipe of a family: the common one, but for what the family's says.
    ///
    /// # Panics
    /// When that has keys that there are not.
    pub fn of(family: &'static Family) -> Self {
        let recipe: Table = toml::from_str(family.recipe).expect("a family's recipe is TOML");
        let family_config = FamilyConfig::of(family);
        let name = family.name.to_owned();
        let common = TrainConfig { name, family: family_config, ..TrainConfig::default() };
        let mut table = Table::try_from(&common).expect("the recipe is valid");
        for (key, value) in recipe {
            let known = table.insert(key.clone(), value);
            assert!(known.is_some(), "{}'s recipe: there is no key {key}", family.name);
        }
        table.try_into().expect("a family's recipe has values of their kinds")
    }

    /// Checks every setting, so that nothing behind it needs to.
    ///
    /// # Errors
    /// The first setting outside of its range.
    pub fn validate(&self) -> Result<(), ConfigError> {
        let range = |name, found: &dyn ToString, expected, ok| match ok {
            true => Ok(()),
            false => Err(ConfigError::Range { name, found: found.to_string(), expected }),
        };
        let steps = |name, found: u64| {
            range(name, &found, "1 to 1000000000000000", (1..=MOST_STEPS).contains(&found))
        };
        range("seed", &self.seed, "at most 2^63 - 1", i64::try_from(self.seed).is_ok())?;
        steps("steps", self.steps)?;
        let qat = self.qat_steps <= 1_000_000_000;
        range("QAT steps", &self.qat_steps, "at most 1000000000", qat)?;
        // Batch norm has no statistics of one picture.
        range("batch", &self.batch, "2 to 4096", (2..=4096).contains(&self.batch))?;
        let lr = self.learning_rate;
        range("learning rate", &lr, "above 0 and at most 1", lr > 0.0 && lr <= 1.0)?;
        let floor = self.learning_rate_floor;
        range("learning rate floor", &floor, "0 to 1", (0.0..=1.0).contains(&floor))?;
        range("warm-up", &self.warm_up, "at most 1000000000000000 steps", self.warm_up <= MOST_STEPS)?;
        for (name, beta) in [("Adam's beta 1", self.adam.beta_1), ("Adam's beta 2", self.adam.beta_2)] {
            range(name, &beta, "at least 0 and below 1", (0.0..1.0).contains(&beta))?;
        }
        let decay = self.average_decay;
        range("average decay", &decay, "at least 0 and below 1", (0.0..1.0).contains(&decay))?;
        steps("checkpoint interval", self.checkpoint_every)?;
        range(
            "FID interval",
            &self.fid_every,
            "at most 1000000000000000 steps",
            self.fid_every <= MOST_STEPS,
        )?;
        self.family.system().check()?;
        self.check_domains()?;
        if let Some(Stretch::Range([low, high])) = self.data.stretch {
            let found = format!("[{low}, {high}]");
            range("stretch", &found, "a darker and a brighter grey of 0 to 65535", low < high)?;
        }
        let limit = self.data.limit.unwrap_or_default();
        range("data limit", &limit, "at most 2^63 - 1", i64::try_from(limit).is_ok())?;
        let in_name = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
        if self.name.is_empty() || self.name.starts_with('.') || !self.name.chars().all(in_name) {
            return Err(ConfigError::Name(self.name.clone()));
        }
        Ok(())
    }

    /// Whether there are as many folders as the family's domains need.
    fn check_domains(&self) -> Result<(), ConfigError> {
        let domains = self.family.system().domains();
        let both = self.data.dir.is_some() && self.data.dir_b.is_some();
        match domains {
            None if self.data.dir_b.is_some() => {
                let learns = |family: &&'static Family| FamilyConfig::of(family).system().domains().is_some();
                let of_two: Vec<&str> =
                    families::ALL.into_iter().filter(learns).map(|family| family.name).collect();
                let family = self.family.family().name;
                Err(ConfigError::OneDomain { family, of_two: of_two.join(", ") })
            }
            Some(Division::Folders) if !both => Err(ConfigError::OneFolder),
            Some(Division::Strokes | Division::Classes(_)) if self.data.dir_b.is_some() => {
                Err(ConfigError::OtherDomains)
            }
            _ => Ok(()),
        }
    }

    /// The whole configuration, as TOML. It must be [valid](Self::validate), which all that is read is.
    pub fn to_toml(&self) -> String {
        toml::to_string(self)
            .expect("valid numbers are such as TOML holds, and the rest are strings and tables")
    }

    /// Writes the whole configuration.
    ///
    /// # Errors
    /// A setting is outside of its range, or the file cannot be written.
    pub fn write(&self, path: &Path) -> Result<(), ConfigError> {
        self.validate()?;
        let toml = self.to_toml();
        files::write(path, toml.as_bytes()).map_err(|cause| ConfigError::Io { path: path.into(), cause })
    }

    /// Reads and checks a configuration.
    ///
    /// # Errors
    /// The file cannot be read, is no configuration, or holds a setting outside of its range.
    pub fn read(path: &Path) -> Result<Self, ConfigError> {
        let text =
            std::fs::read_to_string(path).map_err(|cause| ConfigError::Io { path: path.into(), cause })?;
        let config: TrainConfig = toml::from_str(&text)
            .map_err(|cause| ConfigError::Parse { path: path.into(), cause: Box::new(cause) })?;
        config.validate()?;
        Ok(config)
    }

    /// The same run of as many steps as make `epochs` passes over `pictures` pictures.
    ///
    /// # Errors
    /// That is less than one step, or no number.
    pub fn with_epochs(self, epochs: f64, pictures: usize) -> Result<Self, ConfigError> {
        let steps = epochs * pictures as f64 / self.pictures_a_step().max(1) as f64;
        if !(1.0..=MOST_STEPS as f64).contains(&steps) {
            let long = steps > MOST_STEPS as f64;
            let expected =
                if long { "at most 1000000000000000 steps long" } else { "at least one step long" };
            return Err(ConfigError::Range { name: "epochs", found: epochs.to_string(), expected });
        }
        Ok(TrainConfig { steps: steps.round() as u64, ..self })
    }

    /// How the generator is lowered at the end.
    pub fn lowering(&self) -> Lowering {
        Lowering { calibration: self.calibration, tuned: self.qat_steps > 0 }
    }

    /// All generator steps, those with quantization included.
    pub fn all_steps(&self) -> u64 {
        self.steps + self.qat_steps
    }

    /// Where step `step`, counted from 1, stands in its phase, counted from 1: the ordinary steps, or those with
    /// quantization.
    pub(super) fn step_in_phase(&self, step: u64) -> u64 {
        if step > self.steps { step - self.steps } else { step }
    }

    /// How many real pictures a step reads.
    pub(super) fn pictures_a_step(&self) -> usize {
        self.batch * self.family.system().batches_per_step()
    }

    /// The learning rate of step `step`, counted from 1.
    pub(super) fn learning_rate_at(&self, step: u64) -> f64 {
        let (first, steps) = match step > self.steps {
            true => (QAT_RATE * self.learning_rate, self.qat_steps),
            false => (self.learning_rate, self.steps),
        };
        let share = 1.0 - (self.step_in_phase(step) - 1) as f64 / steps as f64;
        let warmth = if step < self.warm_up { step as f64 / self.warm_up as f64 } else { 1.0 };
        first * share.max(self.learning_rate_floor) * warmth
    }
}

#[cfg(test)]
mod tests;
