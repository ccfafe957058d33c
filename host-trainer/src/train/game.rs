//! What a run trains: two networks and what moves them, whichever the objective.

use super::average::Average;
use super::batches::Batches;
use super::checkpoint::CheckpointError;
use super::config::TrainConfig;
use super::losses::Row;
use super::step::Players;
use super::vae::Autoencoder;
use crate::generator::Generator;
use crate::graph::Graph;
use crate::objectives::Objective;
use crate::random::Rng;
use burn::optim::ModuleOptimizer;
use burn::tensor::Device;
use std::path::Path;

/// The generator of a game, and what belongs to it.
pub struct Exported<'g> {
    /// As it is trained.
    pub generator: &'g mut Generator,
    /// Moves it.
    pub adam: &'g mut ModuleOptimizer,
    /// The moving average of its weights.
    pub average: &'g mut Average,
}

/// Networks in training.
pub trait Game {
    /// Takes a step, counted from 1; the row has the columns of the objective's record.
    fn step(&mut self, config: &TrainConfig, step: u64, batches: &mut Batches<'_>, noise: &mut Rng) -> Row;

    /// The moving average of the generator's weights: what a run is for.
    fn average(&self) -> &Average;

    /// The network that a run is for, with what moves it.
    fn exported(&mut self) -> Exported<'_>;

    /// Writes all weights and optimizers into the folder `dir`.
    ///
    /// # Errors
    /// The file that cannot be written.
    fn save(&self, dir: &Path) -> Result<(), CheckpointError>;

    /// Goes to where `save` was called.
    ///
    /// # Errors
    /// The file that is missing, damaged or of another network.
    fn load(&mut self, dir: &Path, config: &TrainConfig) -> Result<(), CheckpointError>;
}

/// The networks of `config` at their first step. `device` computes, without autodiff.
pub fn begin(config: &TrainConfig, graph: &Graph, classes: usize, device: &Device) -> Box<dyn Game> {
    match config.objective {
        Objective::Gan => Box::new(Players::new(config, graph, classes, device)),
        Objective::Vae => Box::new(Autoencoder::new(config, graph, classes, device)),
    }
}
