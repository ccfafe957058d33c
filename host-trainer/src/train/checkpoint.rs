//! Checkpoints: a run's whole state, one folder each, complete or not there at all.
//!
//! A checkpoint is written as `checkpoints/step-N.tmp/`, brought to the disk, and renamed to
//! `step-N/`; only then is the one before it deleted. A kill at any instant leaves a complete one.

use crate::files;
use crate::graph::{Graph, Net, StageTensor};
use crate::players::batches::Position;
use crate::players::{self, Objective, PlayerError, PoolError};
use crate::random::{self, Rng, Stream};
use burn::tensor::Device;
use serde::{Deserialize, Serialize};
use std::fs;
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
    /// What the family keeps besides its networks.
    #[serde(default, skip_serializing_if = "Vec::is_empty", with = "super::exact")]
    pub objective: Vec<f64>,
    /// In which steps the generator is fine-tuned: the inputs' tensors, then one per stage. None before that.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tensors: Option<Vec<StageTensor>>,
}

/// A checkpoint that cannot be written or read.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CheckpointError {
    /// The file system refuses.
    #[error("{path}: {cause}")]
    Io {
        /// The file or folder.
        path: PathBuf,
        /// The cause.
        cause: io::Error,
    },
    /// A file of a player is damaged or of another network.
    #[error(transparent)]
    Player(#[from] PlayerError),
    /// A pool of pictures is damaged.
    #[error(transparent)]
    Pool(#[from] PoolError),
    /// `state.json` is damaged.
    #[error("{path}: {cause}")]
    State {
        /// The file.
        path: PathBuf,
        /// The cause.
        cause: serde_json::Error,
    },
    /// There are checkpoints, and none can be read.
    #[error(
        "{cause}; no other checkpoint of this run can be read. Put the file back from a copy, undo what was changed in \
         config.toml, or delete {dir} to begin at the first step"
    )]
    Unreadable {
        /// The folder of the checkpoints.
        dir: PathBuf,
        /// What is wrong with the newest.
        cause: Box<CheckpointError>,
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
        Checkpoints { dir: run.join(FOLDER) }
    }

    /// Writes a checkpoint and deletes older ones.
    ///
    /// # Errors
    /// The file or folder that cannot be written; the checkpoint before it is then still there.
    pub fn save(&self, objective: &mut dyn Objective, state: &State) -> Result<(), CheckpointError> {
        let complete = self.dir.join(format!("step-{}", state.step));
        let partial = complete.with_extension(PARTIAL);
        if partial.exists() {
            fs::remove_dir_all(&partial).map_err(io_error(&partial))?;
        }
        fs::create_dir_all(&partial).map_err(io_error(&partial))?;

        for player in objective.players() {
            player.save(&partial)?;
        }
        for pool in objective.pools() {
            pool.save(&partial)?;
        }
        let state = &State { objective: objective.state(), ..state.clone() };
        let state_file = partial.join(STATE);
        let json = serde_json::to_vec_pretty(state).expect("numbers and lists of them");
        files::write(&state_file, &json).map_err(io_error(&state_file))?;
        files::settle(&partial, &complete).map_err(io_error(&complete))?;
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
        Ok(self.all()?.pop().map(|(_, path)| path))
    }

    /// Whether there is anything but what a kill left of a first checkpoint.
    pub(super) fn any(&self) -> io::Result<bool> {
        if !self.dir.exists() {
            return Ok(false);
        }
        let mut any = false;
        for entry in fs::read_dir(&self.dir)? {
            any |= entry?.path().extension().is_none_or(|extension| extension != PARTIAL);
        }
        Ok(any)
    }

    /// Brings `objective`, begun by the run's settings, to the newest checkpoint that can be read; `None` before the
    /// first. Newer ones are put aside, each told to `tell`.
    ///
    /// # Errors
    /// There are checkpoints and none can be read; all are where they were then.
    pub fn restore(
        &self,
        objective: &mut dyn Objective,
        mut tell: impl FnMut(String),
    ) -> Result<Option<State>, CheckpointError> {
        let mut unreadable: Vec<(PathBuf, CheckpointError)> = Vec::new();
        for (_, path) in self.all()?.into_iter().rev() {
            let state = match load(&path, objective) {
                Ok(state) => state,
                Err(error) => {
                    unreadable.push((path, error));
                    continue;
                }
            };
            for (damaged, error) in unreadable {
                let aside = damaged.with_extension(DAMAGED);
                if aside.exists() {
                    fs::remove_dir_all(&aside).map_err(io_error(&aside))?;
                }
                fs::rename(&damaged, &aside).map_err(io_error(&aside))?;
                let (path, aside) = (path.display(), aside.display());
                tell(format!(
                    "{error}; the run goes on from {path}, and what is damaged is put aside as {aside}"
                ));
            }
            return Ok(Some(state));
        }
        match unreadable.into_iter().next() {
            None => Ok(None),
            Some((_, cause)) => {
                Err(CheckpointError::Unreadable { dir: self.dir.clone(), cause: cause.into() })
            }
        }
    }

    /// The complete ones with their steps, the oldest first.
    fn all(&self) -> Result<Vec<(u64, PathBuf)>, CheckpointError> {
        let mut found = Vec::new();
        if !self.dir.exists() {
            return Ok(found);
        }
        for entry in fs::read_dir(&self.dir).map_err(io_error(&self.dir))? {
            let path = entry.map_err(io_error(&self.dir))?.path();
            found.extend(step_of(&path).map(|step| (step, path)));
        }
        found.sort();
        Ok(found)
    }
}

/// Name of the checkpoints' folder in a run's folder.
pub(super) const FOLDER: &str = "checkpoints";
const PARTIAL: &str = "tmp";
const DAMAGED: &str = "damaged";

/// The step of the checkpoint in the folder `path`. Partial and damaged ones have none: their names end in a word, which
/// is no number.
pub fn step_of(path: &Path) -> Option<u64> {
    path.file_name()?.to_str()?.strip_prefix("step-")?.parse().ok()
}

const STATE: &str = "state.json";

/// Brings `objective`, begun by the run's settings, to where the checkpoint in `dir` left it.
///
/// # Errors
/// The file that is missing, damaged or of another network; `objective` may then be half way there.
fn load(dir: &Path, objective: &mut dyn Objective) -> Result<State, CheckpointError> {
    for player in objective.players() {
        player.load(dir)?;
    }
    for pool in objective.pools() {
        pool.load(dir)?;
    }
    let path = dir.join(STATE);
    let json = fs::read(&path).map_err(io_error(&path))?;
    let state: State =
        serde_json::from_slice(&json).map_err(|cause| CheckpointError::State { path, cause })?;
    objective.set_state(&state.objective);
    Ok(state)
}

/// The network of `graph` with the weights in `file`, a player's [`AVERAGE`](players::AVERAGE); on `device`, without
/// autodiff.
///
/// # Errors
/// The file is missing, damaged or of another network.
pub fn load_average(file: &Path, graph: &Graph, device: &Device) -> Result<Net, CheckpointError> {
    // The first weights are replaced at once.
    let mut rng = random::stream(0, Stream::Weights);
    Ok(players::load(Net::new(graph, &mut rng, device), file)?)
}

fn io_error(path: &Path) -> impl FnOnce(io::Error) -> CheckpointError {
    let path = path.to_owned();
    move |cause| CheckpointError::Io { path, cause }
}
