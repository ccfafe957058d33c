//! The deep convolutional GAN (Radford, Metz and Chintala 2015, "Unsupervised representation learning with deep
//! convolutional generative adversarial networks"), by default with the class in both networks.
//!
//! min_G max_D E log D(x) + E log(1 − D(G(z))) (Goodfellow et al. 2014, equation 1): [`bce`]; its step is
//! [`Game`](crate::objectives::Game); the networks are [`networks`](super::networks)'s.

use super::networks::Versus;
use super::{Domain, Family, Start, System};
use crate::graph::Graph;
use crate::objectives::bce::{self, Bce, GeneratorLoss};
use crate::players::{Objective, OutOfRange};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// See the module.
pub static FAMILY: Family = Family::of::<Settings>(
    "dcgan",
    "deep convolutional GAN (Radford et al. 2015), with the class in both networks",
    &bce::RECORD,
    "",
);

/// Its settings.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Settings {
    #[serde(flatten)]
    versus: Versus,
    /// The generator's loss.
    generator_loss: GeneratorLoss,
}

impl Default for Settings {
    fn default() -> Self {
        Settings { versus: Versus::default(), generator_loss: GeneratorLoss::NonSaturating }
    }
}

impl System for Settings {
    fn check(&self) -> Result<(), OutOfRange> {
        self.versus.check()
    }

    fn generator(&self, domain: &Domain) -> Graph {
        self.versus.generator.graph("dcgan", domain)
    }

    fn begin(&self, start: Start<'_>) -> Box<dyn Objective> {
        let graph = self.generator(&start.domain);
        self.versus.begin(start, &graph, Arc::new(Bce { generator: self.generator_loss }))
    }

    fn batches_per_step(&self) -> usize {
        self.versus.duel.discriminator_steps
    }
}
