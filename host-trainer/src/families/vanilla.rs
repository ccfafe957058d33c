//! The first generative adversarial network (Goodfellow et al. 2014, "Generative adversarial nets"): two multilayer
//! perceptrons, z → picture and picture → D(x).
//!
//! min_G max_D V(D, G) = E log D(x) + E log(1 − D(G(z))) (equation 1); k updates of D and one of G by algorithm 1:
//! [`Game`](crate::objectives::Game).
//! Both of G's losses are [`bce`]'s: minimax as it stands, and the non-saturating one of section 3, which is the default.

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
    "vanilla",
    "generative adversarial nets (Goodfellow et al. 2014): two perceptrons",
    &bce::RECORD,
    "steps = 20000\nbatch = 128\nlearning_rate = 0.001\nadam = { beta_1 = 0.5, beta_2 = 0.999 }",
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
                generator_width: 64,
                discriminator_width: 256,
                conditional: false,
            },
            duel: Duel { discriminator_steps: 1, r1: Penalty { gamma: 1.0, every: 1 } },
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
        self.networks.generator("vanilla", domain)
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
