//! The least squares GAN (Mao et al. 2017, "Least squares generative adversarial networks").
//!
//! min_D ½ E (D(x) − b)² + ½ E (D(G(z)) − a)², min_G ½ E (D(G(z)) − c)² (equation 9): [`least_squares`]; the codings a, b and
//! c are settings, by default 0, 1, 1 (equation 13). Its step is [`Game`]; the networks are [`networks`]'s, with the class in both as in section 3.4.

use super::networks::{self, GeneratorConfig};
use super::{Domain, Family, Start, System};
use crate::graph::Graph;
use crate::objectives::least_squares::{self, LeastSquares};
use crate::objectives::{Game, GameConfig, Penalty};
use crate::players::{Objective, OutOfRange};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// See the module.
pub static FAMILY: Family = Family::of::<Settings>(
    "lsgan",
    "least squares GAN (Mao et al. 2017): codings a, b, c in place of the sigmoid",
    &least_squares::RECORD,
    "",
);

/// Its settings.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Settings {
    #[serde(flatten)]
    generator: GeneratorConfig,
    /// Channels of the discriminator's first layer.
    discriminator_width: usize,
    /// Discriminator steps per generator step.
    discriminator_steps: usize,
    /// The codings a, b and c.
    codings: LeastSquares,
    /// The penalty on the discriminator.
    r1: Penalty,
}

impl Default for Settings {
    fn default() -> Self {
        Settings {
            generator: GeneratorConfig::default(),
            discriminator_width: 16,
            discriminator_steps: 1,
            codings: LeastSquares { a: 0.0, b: 1.0, c: 1.0 },
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
        for (name, coding) in [("a", self.codings.a), ("b", self.codings.b), ("c", self.codings.c)] {
            OutOfRange::unless((-100.0..=100.0).contains(&coding), name, &coding, "-100 to 100")?;
        }
        self.game().check()
    }

    fn generator(&self, domain: &Domain) -> Graph {
        self.generator.graph("lsgan", domain)
    }

    fn begin(&self, mut start: Start<'_>) -> Box<dyn Objective> {
        let domain = start.domain;
        let generator = start.generator(&self.generator(&domain));
        let graph = networks::discriminator(self.discriminator_width, self.generator.conditional, &domain);
        let discriminator = start.player("discriminator", &graph);
        Box::new(Game::new(generator, discriminator, Arc::new(self.codings), self.game()))
    }

    fn batches_per_step(&self) -> usize {
        self.discriminator_steps
    }
}
