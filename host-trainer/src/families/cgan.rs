//! The conditional GAN (Mirza and Osindero 2014, "Conditional generative adversarial nets"): perceptrons that are both told
//! the class y.
//!
//! min_G max_D V(D, G) = E log D(x | y) + E log(1 − D(G(z | y))) (equation 2); otherwise the game of
//! [`vanilla`](super::vanilla).

use super::perceptrons::Perceptrons;
use super::{Domain, Duel, Family, Start, System};
use crate::graph::Graph;
use crate::objectives::Penalty;
use crate::objectives::bce::{self, Bce, GeneratorLoss};
use crate::players::{Objective, OutOfRange};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// See the module.
pub static FAMILY: Family = Family::of::<Settings>(
    "cgan",
    "conditional GAN (Mirza and Osindero 2014): perceptrons that are told the class",
    &bce::RECORD,
    "steps = 20000\nlearning_rate = 0.0005\nadam = { beta_1 = 0.5, beta_2 = 0.999 }",
);

/// Its settings.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Settings {
    #[serde(flatten)]
    networks: Perceptrons,
    #[serde(flatten)]
    duel: Duel,
    /// The generator's loss.
    generator_loss: GeneratorLoss,
}

impl Default for Settings {
    fn default() -> Self {
        Settings {
            networks: Perceptrons {
                latent: 64,
                generator_width: 56,
                discriminator_width: 256,
                conditional: true,
            },
            duel: Duel { discriminator_steps: 1, r1: Penalty { gamma: 0.1, every: 1 } },
            generator_loss: GeneratorLoss::NonSaturating,
        }
    }
}

impl System for Settings {
    fn check(&self) -> Result<(), OutOfRange> {
        self.networks.check()?;
        self.duel.check()
    }

    fn generator(&self, domain: &Domain) -> Graph {
        self.networks.generator("cgan", domain)
    }

    fn begin(&self, start: Start<'_>) -> Box<dyn Objective> {
        let (generator, discriminator) =
            (self.generator(&start.domain), self.networks.discriminator(&start.domain));
        self.duel.begin(start, &generator, &discriminator, Arc::new(Bce { generator: self.generator_loss }))
    }

    fn batches_per_step(&self) -> usize {
        self.duel.discriminator_steps
    }
}
