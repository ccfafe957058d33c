//! What an artefact was made from, written beside it or into it.
//!
//! A model file, a checkpoint and an evaluation of one run may be of different steps. Each names its own, so that
//! commands that put two of them side by side can tell whether they belong together.

pub mod picture;
mod sidecar;

pub use sidecar::Sidecar;

use std::collections::BTreeMap;
use std::fmt;

use md5::{Digest, Md5};
use serde::{Deserialize, Serialize};

use crate::digest;
use crate::graph::Net;
use crate::graph::Parameters;

/// The program that writes artefacts, with its version.
pub const PROGRAM: &str = concat!(env!("CARGO_PKG_NAME"), " ", env!("CARGO_PKG_VERSION"));
/// Letters of a digest that are shown: enough to tell the artefacts of a person's runs apart.
const SHOWN: usize = 8;

/// The weights that something was made from, and how these came to be.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stamp {
    /// The run's name.
    pub run: String,
    /// Generator steps done.
    pub step: u64,
    /// Of so many that the run was to take.
    pub steps: u64,
    /// Every setting that decides the outcome, by its key in `config.toml`, as TOML writes its value.
    pub settings: BTreeMap<String, String>,
    /// [`Fingerprint::digest`](crate::data::Fingerprint::digest) of the training pictures.
    pub data: String,
    /// The step after which it was these pictures; 0 unless a change of them was accepted.
    pub data_since: u64,
    /// MD5 of the generator's averaged weights, in hexadecimal.
    pub weights: String,
    /// The program that wrote the artefact, with its version.
    pub made_by: String,
}

/// Where an artefact comes from: a model file, weights in training, or a model file and the weights behind it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Origin {
    /// MD5 of the model file, in hexadecimal; none of what was made from floats.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub model_md5: Option<String>,
    /// The weights; none of a model that does not name them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stamp: Option<Stamp>,
}

impl Stamp {
    /// Settings that are others among `now`, a run's keys and values, in words: `qat_steps was 0, is 100 now`. A key
    /// that only one side has is of another version of the program, and no change.
    pub fn settings_changed(&self, now: Vec<(String, String)>) -> Vec<String> {
        let changed = |(key, now): (String, String)| {
            let was = self.settings.get(&key).filter(|was| **was != now)?;
            Some(format!("{key} was {was}, is {now} now"))
        };
        now.into_iter().filter_map(changed).collect()
    }

    /// Whether `generator` has the very weights.
    pub fn is_of(&self, generator: &Net) -> bool {
        self.weights == weights_digest(generator)
    }
}

impl fmt::Display for Stamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Stamp { run, step, steps, data_since, made_by, .. } = self;
        let (weights, data) = (short(&self.weights), short(&self.data));
        write!(f, "step {step} of {steps} of the run {run}, weights {weights}, pictures {data}")?;
        if *data_since > 0 {
            write!(f, " (others until step {data_since})")?;
        }
        write!(f, ", by {made_by}")
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.stamp {
            Some(stamp) => write!(f, "step {} of the run {}", stamp.step, stamp.run),
            None => write!(f, "a model that names no step"),
        }
    }
}

/// The beginning of a digest, to be shown.
pub fn short(digest: &str) -> String {
    digest.chars().take(SHOWN).collect()
}

/// MD5 of every number of `generator` that a lowering reads, in hexadecimal.
pub fn weights_digest(generator: &Net) -> String {
    let mut sum = Md5::new();
    let mut numbers = |numbers: &[f32]| {
        sum.update((numbers.len() as u64).to_le_bytes());
        numbers.iter().for_each(|number| sum.update(number.to_le_bytes()));
    };
    for parameters in generator.parameters() {
        match parameters {
            Parameters::Table(table) => numbers(&table),
            Parameters::None => {}
            Parameters::Linear { weight, bias } => {
                numbers(&weight);
                numbers(&bias.unwrap_or_default());
            }
            Parameters::InstanceNorm { gain, offset, epsilon } => {
                [&gain, &offset].into_iter().for_each(|values| numbers(values));
                numbers(&[epsilon]);
            }
            Parameters::BatchNorm { gamma, beta, mean, variance, epsilon } => {
                [&gamma, &beta, &mean, &variance].into_iter().for_each(|values| numbers(values));
                numbers(&[epsilon]);
            }
        }
    }
    digest::end(sum)
}

#[cfg(test)]
mod tests;
