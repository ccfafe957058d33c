//! What a run trains for, each objective in a file of its own, and what is recorded of it.

pub mod bce;
pub mod elbo;
pub mod r1;

use clap::ValueEnum;
use serde::{Deserialize, Serialize};

/// What the generator is trained by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Objective {
    /// A discriminator, which learns to tell real pictures from the generator's.
    #[default]
    Gan,
    /// An encoder, which learns a latent for each picture, from which the generator decodes it: the evidence lower bound.
    Vae,
}

impl std::fmt::Display for Objective {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let value = self.to_possible_value().expect("no objective is hidden");
        f.pad(value.get_name())
    }
}

impl Objective {
    /// What a step measures.
    pub fn record(self) -> &'static Record {
        match self {
            Objective::Gan => &bce::RECORD,
            Objective::Vae => &elbo::RECORD,
        }
    }
}

/// What a step of an objective measures, and how that is shown.
#[derive(Debug)]
pub struct Record {
    /// The columns of `losses.csv` between `step` and `spread`.
    pub columns: &'static [&'static str],
    /// The charts; the live view draws the first two, and has the others as numbers.
    pub charts: &'static [Chart],
}

/// Curves on common axes.
#[derive(Debug)]
pub struct Chart {
    /// What it shows.
    pub title: &'static str,
    /// Its curves.
    pub curves: &'static [Curve],
    /// Where the curves end at the equilibrium, under a name.
    pub level: Option<(&'static str, f64)>,
    /// The values' range where it is known beforehand.
    pub range: Option<(f64, f64)>,
}

/// One curve.
#[derive(Debug)]
pub struct Curve {
    /// What a legend calls it.
    pub label: &'static str,
    /// What it is called where there is little room.
    pub short: &'static str,
    /// Its place in [`Record::columns`].
    pub column: usize,
}
