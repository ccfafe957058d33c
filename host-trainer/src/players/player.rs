//! A network in training: its weights, its optimizer, and the average of its weights.

use super::Average;
use crate::graph::{Graph, Net};
use crate::random::Rng;
use burn::module::{Module, ModuleMapper, Param};
use burn::optim::{self, GradientsParams, ModuleOptimizer};
use burn::store::{ModuleRecord, RecordError};
use burn::tensor::{Device, Tensor};
use serde::{Deserialize, Serialize};
use std::path::{Path, PathBuf};

/// Name of the average's weights in a checkpoint.
pub const AVERAGE: &str = "average.bpk";

/// Adam's decays per step (Kingma and Ba 2015, algorithm 1), at least 0 and below 1.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct AdamConfig {
    /// β₁, of the gradient's moving average.
    pub beta_1: f64,
    /// β₂, of the squared gradient's.
    pub beta_2: f64,
}

impl Default for AdamConfig {
    /// Those of runs from before there was a choice: β₁ of Radford et al. 2015 (section 4), β₂ of Kingma and Ba.
    fn default() -> Self {
        AdamConfig { beta_1: 0.5, beta_2: 0.999 }
    }
}

impl AdamConfig {
    /// Adam with these decays and ε = 1e-8.
    fn optimizer(&self) -> ModuleOptimizer {
        let adam = optim::AdamConfig::new().with_beta_1(self.beta_1 as f32).with_beta_2(self.beta_2 as f32);
        adam.with_epsilon(1e-8).init()
    }
}

/// A player's file that cannot be written, or that is missing, damaged or of another network.
#[derive(Debug, thiserror::Error)]
#[error("{path}: {cause}")]
pub struct PlayerError {
    /// The file.
    pub path: PathBuf,
    /// The cause.
    pub cause: RecordError,
}

/// A network, what moves it, and the moving average of its weights if it has one.
pub struct Player {
    /// Unique among the players of a run; its files in a checkpoint are named after it.
    pub name: &'static str,
    /// The network, with autodiff.
    pub net: Net,
    /// Of the network that a run is for.
    pub average: Option<Average>,
    optimizer: ModuleOptimizer,
    kind: Optimizer,
    pace: f64,
}

/// What moves a player.
#[derive(Debug, Clone, PartialEq)]
pub enum Optimizer {
    /// Adam (Kingma and Ba 2015).
    Adam(AdamConfig),
    /// RMSprop with a decay of 0.99 and without momentum (Tieleman and Hinton 2012).
    RmsProp,
}

impl Optimizer {
    fn begin(&self) -> ModuleOptimizer {
        match self {
            Optimizer::Adam(adam) => adam.optimizer(),
            Optimizer::RmsProp => optim::RmsPropConfig::new().with_momentum(0.0).with_epsilon(1e-8).init(),
        }
    }
}

impl Player {
    /// The network of `graph` with first weights from `rng` on `device`, which has autodiff.
    pub fn new(name: &'static str, graph: &Graph, kind: Optimizer, rng: &mut Rng, device: &Device) -> Self {
        let net = Net::new(graph, rng, device);
        Player { name, net, average: None, optimizer: kind.begin(), kind, pace: 1.0 }
    }

    /// The same at `pace` times the learning rate that [`Player::step`] is given.
    #[must_use]
    pub fn paced(self, pace: f64) -> Self {
        Player { pace, ..self }
    }

    /// The same with an average of its weights, of at most `decay` per step.
    #[must_use]
    pub fn averaged(self, decay: f64) -> Self {
        Player { average: Some(Average::new(&self.net, decay)), ..self }
    }

    /// Moves the weights by `gradients`, at the learning rate `rate` times its pace, which is 1 unless it is
    /// [given one](Player::paced).
    pub fn step(&mut self, rate: f64, gradients: GradientsParams) {
        self.net = self.optimizer.step(rate * self.pace, self.net.clone(), gradients);
    }

    /// Clips every weight to −`limit`…`limit`; running statistics are no weights.
    pub fn clip(&mut self, limit: f64) {
        self.net = self.net.clone().map(&mut Clip(limit));
    }

    /// Takes the weights after step `step`, counted from 1, into the average.
    pub fn update_average(&mut self, step: u64) {
        if let Some(average) = &mut self.average {
            average.update(&self.net, step);
        }
    }

    /// Begins anew from the average's weights, with an optimizer that remembers nothing.
    pub fn restart_from_average(&mut self) {
        if let Some(average) = &mut self.average {
            // `valid` copies: the average's running statistics stay its own.
            self.net = average.net.valid().train();
            *average = average.restarted(&self.net);
            self.optimizer = self.kind.begin();
        }
    }

    /// Writes weights, optimizer and average into the folder `dir`.
    ///
    /// # Errors
    /// The file that cannot be written.
    pub fn save(&self, dir: &Path) -> Result<(), PlayerError> {
        // `valid` folds in running statistics that a record would miss.
        save(self.net.valid(), &self.weights_file(dir))?;
        if let Some(average) = &self.average {
            save(average.net.clone(), &dir.join(AVERAGE))?;
        }
        let file = self.optimizer_file(dir);
        self.optimizer.save(&file).map_err(error(&file))
    }

    /// Goes to where [`Player::save`] was called.
    ///
    /// # Errors
    /// The file that is missing, damaged or of another network.
    pub fn load(&mut self, dir: &Path) -> Result<(), PlayerError> {
        self.net = load(self.net.clone(), &self.weights_file(dir))?;
        if let Some(average) = &mut self.average {
            average.net = load(average.net.clone(), &dir.join(AVERAGE))?;
        }
        let file = self.optimizer_file(dir);
        self.optimizer = self.kind.begin().load(&file).map_err(error(&file))?;
        Ok(())
    }

    fn weights_file(&self, dir: &Path) -> PathBuf {
        dir.join(format!("{}.bpk", self.name))
    }

    fn optimizer_file(&self, dir: &Path) -> PathBuf {
        dir.join(format!("{}-optimizer.bpk", self.name))
    }
}

struct Clip(f64);

impl ModuleMapper for Clip {
    fn map_float<const D: usize>(&mut self, param: Param<Tensor<D>>) -> Param<Tensor<D>> {
        match param.val().is_require_grad() {
            true => {
                param.map(|weights| Tensor::from_inner(weights.inner().clamp(-self.0, self.0)).require_grad())
            }
            // Running statistics, which burn shows to a mapper as it does weights.
            false => param,
        }
    }
}

fn save(net: Net, path: &Path) -> Result<(), PlayerError> {
    net.into_record().save(path).map_err(error(path))
}

/// `net` with the weights in a file.
///
/// # Errors
/// The file is missing, damaged or of another network.
pub fn load(net: Net, path: &Path) -> Result<Net, PlayerError> {
    let record = ModuleRecord::load(path).map_err(error(path))?;
    net.try_load_record(record).map_err(error(path))
}

fn error(path: &Path) -> impl FnOnce(RecordError) -> PlayerError {
    let path = path.to_owned();
    move |cause| PlayerError { path, cause }
}
