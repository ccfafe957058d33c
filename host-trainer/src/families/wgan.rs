//! The Wasserstein GAN (Arjovsky, Chintala and Bottou 2017), and with `penalty = "gradient"` the one with a gradient penalty
//! (Gulrajani et al. 2017); by default with the class in both networks.
//!
//! The critic ascends E f(x) − E f(G(z)), an estimate of the Wasserstein distance: [`wasserstein`]. It is held to a bounded
//! slope by clipping its weights (Arjovsky et al., algorithm 1: c = 0.01, RMSprop, five critic steps; the critic with batch
//! norm, as DCGAN's), or by λ E (‖∇ f(x̂)‖ − 1)² (Gulrajani et al., equation 3: λ = 10, Adam with β₁ = 0, no batch norm).

use super::networks::{self, GeneratorConfig};
use super::{Domain, Family, Start, System};
use crate::graph::Graph;
use crate::objectives::wasserstein::{self, Wasserstein};
use crate::objectives::{Game, GameConfig, Hold};
use crate::players::{Objective, Optimizer, OutOfRange, Player};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// See the module.
pub static FAMILY: Family = Family::of::<Settings>(
    "wgan",
    "Wasserstein GAN (Arjovsky et al. 2017); family.penalty=gradient: WGAN-GP (Gulrajani et al. 2017)",
    &wasserstein::RECORD,
    "steps = 4000\nbatch = 32\nlearning_rate = 0.001\nadam = { beta_1 = 0.0, beta_2 = 0.99 }",
);

/// What holds the critic's slope.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum CriticHold {
    /// Its weights are clipped.
    #[default]
    Clip,
    /// A penalty on its gradient.
    Gradient,
}

/// Its settings.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Settings {
    #[serde(flatten)]
    generator: GeneratorConfig,
    /// Channels of the critic's first layer.
    critic_width: usize,
    /// Critic steps per generator step.
    critic_steps: usize,
    /// What holds the critic's slope.
    penalty: CriticHold,
    /// c, to which weights are clipped.
    clip: f64,
    /// λ, the weight of the gradient penalty.
    lambda: f64,
}

impl Default for Settings {
    fn default() -> Self {
        Settings {
            generator: GeneratorConfig::default(),
            critic_width: 16,
            critic_steps: 5,
            penalty: CriticHold::Clip,
            clip: 0.01,
            lambda: 10.0,
        }
    }
}

impl Settings {
    fn game(&self) -> GameConfig {
        let hold = match self.penalty {
            CriticHold::Clip => Hold::Clip(self.clip),
            CriticHold::Gradient => Hold::Gradient(self.lambda),
        };
        GameConfig::of(self.critic_steps, hold)
    }

    /// A player, moved as the paper of the hold moves it.
    fn player(&self, start: &mut Start<'_>, name: &'static str, graph: &Graph) -> Player {
        match self.penalty {
            CriticHold::Clip => start.player_by(name, graph, Optimizer::RmsProp),
            CriticHold::Gradient => start.player(name, graph),
        }
    }
}

impl System for Settings {
    fn check(&self) -> Result<(), OutOfRange> {
        self.generator.check()?;
        networks::width("critic width", self.critic_width)?;
        self.game().check()
    }

    fn generator(&self, domain: &Domain) -> Graph {
        self.generator.graph("wgan", domain)
    }

    fn begin(&self, mut start: Start<'_>) -> Box<dyn Objective> {
        let domain = start.domain;
        let decay = start.average_decay;
        let generator = self.player(&mut start, "generator", &self.generator(&domain)).averaged(decay);
        let norm = self.penalty == CriticHold::Clip;
        let critic = networks::critic(self.critic_width, norm, self.generator.conditional, &domain);
        let critic = self.player(&mut start, "critic", &critic);
        Box::new(Game::new(generator, critic, Arc::new(Wasserstein), self.game()))
    }

    fn batches_per_step(&self) -> usize {
        self.critic_steps
    }
}
