//! What the families of a generator against one discriminator have in common, whatever their networks and their loss.

use super::Start;
use crate::graph::Graph;
use crate::objectives::{Game, GameConfig, Hold, Loss, Penalty};
use crate::players::{Objective, OutOfRange};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// The rules of the game.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Duel {
    /// Discriminator steps per generator step: the papers' k.
    pub discriminator_steps: usize,
    /// The penalty on the discriminator.
    pub r1: Penalty,
}

impl Duel {
    /// Checks the ranges.
    ///
    /// # Errors
    /// The first setting outside of its range.
    pub fn check(&self) -> Result<(), OutOfRange> {
        self.config().check()
    }

    /// The game of the networks of these graphs by `loss`, at its first step.
    pub fn begin(
        &self,
        mut start: Start<'_>,
        generator: &Graph,
        discriminator: &Graph,
        loss: Arc<dyn Loss>,
    ) -> Box<dyn Objective> {
        let generator = start.generator(generator);
        let discriminator = start.player("discriminator", discriminator);
        Box::new(Game::new(generator, discriminator, loss, self.config()))
    }

    /// The same as the game takes them.
    pub fn config(&self) -> GameConfig {
        let hold = Hold::R1(self.r1.clone());
        GameConfig::of(self.discriminator_steps, hold)
    }
}
