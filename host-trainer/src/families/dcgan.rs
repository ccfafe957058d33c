//! The deep convolutional GAN (Radford, Metz and Chintala 2015, "Unsupervised representation learning with deep
//! convolutional generative adversarial networks"), by default with the class in both networks.
//!
//! min_G max_D E log D(x) + E log(1 − D(G(z))) (Goodfellow et al. 2014, equation 1): [`bce`]; its step is
//! [`Game`]; the networks are [`networks`]'s.

use super::networks::{self, GeneratorConfig};
use super::{Domain, Family, Start, System};
use crate::graph::Graph;
use crate::objectives::bce::{self, Bce, GeneratorLoss};
use crate::objectives::{Game, GameConfig, Penalty};
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
    generator: GeneratorConfig,
    /// Channels of the discriminator's first layer.
    discriminator_width: usize,
    /// Discriminator steps per generator step: the papers' k.
    discriminator_steps: usize,
    /// The generator's loss.
    generator_loss: GeneratorLoss,
    /// The penalty on the discriminator.
    r1: Penalty,
}

impl Default for Settings {
    fn default() -> Self {
        Settings {
            generator: GeneratorConfig::default(),
            discriminator_width: 16,
            discriminator_steps: 1,
            generator_loss: GeneratorLoss::NonSaturating,
            r1: Penalty { gamma: 0.3, every: 1 },
        }
    }
}

impl Settings {
    fn game(&self) -> GameConfig {
        GameConfig { discriminator_steps: self.discriminator_steps, r1: self.r1.clone() }
    }
}

impl System for Settings {
    fn check(&self) -> Result<(), OutOfRange> {
        self.generator.check()?;
        networks::width("discriminator width", self.discriminator_width)?;
        self.game().check()
    }

    fn generator(&self, domain: &Domain) -> Graph {
        self.generator.graph("dcgan", domain)
    }

    fn begin(&self, mut start: Start<'_>) -> Box<dyn Objective> {
        let domain = start.domain;
        let generator = start.generator(&self.generator(&domain));
        let graph = networks::discriminator(self.discriminator_width, self.generator.conditional, &domain);
        let discriminator = start.player("discriminator", &graph);
        let loss = Arc::new(Bce { generator: self.generator_loss });
        Box::new(Game::new(generator, discriminator, loss, self.game()))
    }

    fn batches_per_step(&self) -> usize {
        self.discriminator_steps
    }
}
