//! Checkpoints: a run's whole state, one folder each, complete or not there at all.
//!
//! A checkpoint is written as `checkpoints/step-N.tmp/`, brought to the disk, and renamed to
//! `step-N/`; only then is the one before it deleted. A kill at any instant leaves a complete one.

use super::batches::Position;
use super::config::{AdamConfig, TrainConfig};
use super::game::Game;
use super::step::adam;
use crate::generator::Generator;
use crate::graph::Graph;
use crate::lower::StageTensor;
use crate::random::{self, Rng, Stream};
use burn::module::Module;
use burn::optim::ModuleOptimizer;
use burn::store::{ModuleRecord, RecordError};
use burn::tensor::Device;
use serde::{Deserialize, Serialize};
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

/// What a checkpoint holds besides the networks.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct State {
    /// Steps done.
    pub step: u64,
    /// Where in the stream of real pictures the run stands.
    pub order: Position,
    /// The random numbers of latents and classes.
    pub noise: Rng,
    /// Time spent in training until here, all sittings together.
    pub seconds: f64,
    /// In which numbers the generator is fine-tuned: the latent's, then one a stage. None before that.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tensors: Option<Vec<StageTensor>>,
}

/// A checkpoint that cannot be written or read.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CheckpointError {
    /// The file system refuses.
    #[error("{path}: {source}")]
    Io {
        /// The file or folder.
        path: PathBuf,
        /// The cause.
        source: io::Error,
    },
    /// A file of weights is damaged or of another network.
    #[error("{path}: {source}")]
    Record {
        /// The file.
        path: PathBuf,
        /// The cause.
        source: RecordError,
    },
    /// `state.json` is damaged.
    #[error("{path}: {source}")]
    State {
        /// The file.
        path: PathBuf,
        /// The cause.
        source: serde_json::Error,
    },
}

/// The checkpoints of one run.
#[derive(Debug, Clone)]
pub struct Checkpoints {
    dir: PathBuf,
}

impl Checkpoints {
    /// Those of the run in `run`.
    pub fn of(run: &Path) -> Self {
        Checkpoints { dir: run.join("checkpoints") }
    }

    /// Writes a checkpoint and deletes older ones.
    ///
    /// # Errors
    /// The file or folder that cannot be written; the checkpoint before it is then still there.
    pub fn save(&self, game: &dyn Game, state: &State) -> Result<(), CheckpointError> {
        let complete = self.dir.join(format!("step-{}", state.step));
        let partial = complete.with_extension("tmp");
        if partial.exists() {
            fs::remove_dir_all(&partial).map_err(io_error(&partial))?;
        }
        fs::create_dir_all(&partial).map_err(io_error(&partial))?;

        game.save(&partial)?;
        let state_file = partial.join(STATE);
        let json = serde_json::to_vec_pretty(state).expect("numbers and lists of them");
        fs::write(&state_file, json).map_err(io_error(&state_file))?;

        for entry in fs::read_dir(&partial).map_err(io_error(&partial))? {
            let path = entry.map_err(io_error(&partial))?.path();
            sync(&path)?;
        }
        sync(&partial)?;
        fs::rename(&partial, &complete).map_err(io_error(&complete))?;
        sync(&self.dir)?;
        for (step, path) in self.all()? {
            if step != state.step {
                fs::remove_dir_all(&path).map_err(io_error(&path))?;
            }
        }
        Ok(())
    }

    /// The folder of the newest complete checkpoint, `None` before the first.
    ///
    /// # Errors
    /// The folder cannot be read.
    pub fn newest(&self) -> Result<Option<PathBuf>, CheckpointError> {
        let newest = self.all()?.into_iter().max_by_key(|(step, _)| *step);
        Ok(newest.map(|(_, path)| path))
    }

    fn all(&self) -> Result<Vec<(u64, PathBuf)>, CheckpointError> {
        let mut found = Vec::new();
        if !self.dir.exists() {
            return Ok(found);
        }
        for entry in fs::read_dir(&self.dir).map_err(io_error(&self.dir))? {
            let path = entry.map_err(io_error(&self.dir))?.path();
            found.extend(step_of(&path).map(|step| (step, path)));
        }
        Ok(found)
    }
}

/// The step of the checkpoint in the folder `path`. A partial one has none: its name ends in .tmp, which is no number.
pub fn step_of(path: &Path) -> Option<u64> {
    path.file_name()?.to_str()?.strip_prefix("step-")?.parse().ok()
}

/// Name of the average's weights in a checkpoint.
pub const AVERAGE: &str = "average.bpk";
const STATE: &str = "state.json";

/// Brings `game`, begun by the run's configuration, to where the checkpoint in `dir` left it.
///
/// # Errors
/// The file that is missing, damaged or of another network.
pub fn load(dir: &Path, config: &TrainConfig, game: &mut dyn Game) -> Result<State, CheckpointError> {
    game.load(dir, config)?;
    let path = dir.join(STATE);
    let json = fs::read(&path).map_err(io_error(&path))?;
    serde_json::from_slice(&json).map_err(|source| CheckpointError::State { path, source })
}

/// The generator of `graph` with the weights in `file`, an [`AVERAGE`]; on `device`, without autodiff.
///
/// # Errors
/// The file is missing, damaged or of another network.
pub fn load_average(file: &Path, graph: &Graph, device: &Device) -> Result<Generator, CheckpointError> {
    // The first weights are replaced at once.
    let mut rng = random::stream(0, Stream::Weights);
    load_module(Generator::new(graph, &mut rng, device), file)
}

/// An optimizer of the settings `config` with what is in a file.
pub(super) fn adam_of(config: &AdamConfig, path: &Path) -> Result<ModuleOptimizer, CheckpointError> {
    adam(config).load(path).map_err(record_error(path))
}

/// Writes what an optimizer remembers.
pub(super) fn save_adam(adam: &ModuleOptimizer, path: &Path) -> Result<(), CheckpointError> {
    adam.save(path).map_err(record_error(path))
}

/// Writes a network, made `valid` before: that folds in running statistics that a record would miss.
pub(super) fn save<M: Module>(module: M, path: &Path) -> Result<(), CheckpointError> {
    module.into_record().save(path).map_err(record_error(path))
}

/// `module` with the weights in a file.
pub(super) fn load_module<M: Module>(module: M, path: &Path) -> Result<M, CheckpointError> {
    let record = ModuleRecord::load(path).map_err(record_error(path))?;
    module.try_load_record(record).map_err(record_error(path))
}

/// Brings a file or folder to the disk.
fn sync(path: &Path) -> Result<(), CheckpointError> {
    File::open(path).and_then(|file| file.sync_all()).map_err(io_error(path))
}

fn io_error(path: &Path) -> impl FnOnce(io::Error) -> CheckpointError {
    let path = path.to_owned();
    move |source| CheckpointError::Io { path, source }
}

fn record_error(path: &Path) -> impl FnOnce(RecordError) -> CheckpointError {
    let path = path.to_owned();
    move |source| CheckpointError::Record { path, source }
}
