//! Training for a given time.

use crate::backend;
use crate::data::Dataset;
use crate::train::{self, DATA_FILE, Naming, Outcome, RunData, RunFolder, Sitting, TrainConfig, time_steps};
use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicBool;
use std::time::Duration;

/// Steps that are timed before a run's length is known, after one that is not.
const TIMED: u64 = 10;

/// A run to be.
#[derive(Debug, Clone)]
pub struct Job {
    /// Its settings; its length is found by its time.
    pub config: TrainConfig,
    /// How long it is to train.
    pub seconds: f64,
}

/// Trains `job` in a new folder in `runs`, and lowers it. Its schedule is as long as its steps: they are as many as fit into its
/// time by the first ones. Gives the run's folder and the seconds that it trained; none where `interrupted` was raised.
///
/// # Errors
/// As training and lowering.
pub fn train(job: &Job, runs: &Path, interrupted: &AtomicBool) -> anyhow::Result<Option<(PathBuf, f64)>> {
    let dataset = Dataset::mnist_train()?;
    let timed = TrainConfig { steps: TIMED + 1, ..job.config.clone() };
    let times = time_steps(&timed, &dataset, timed.backend)?;
    let step = times.iter().sum::<Duration>().as_secs_f64() / TIMED as f64;
    let steps = (job.seconds / step).max(1.0) as u64;
    let config = TrainConfig { steps, ..job.config.clone() };
    let data = RunData::of(&dataset);
    let (dir, config) =
        RunFolder::create_named(runs, config, Naming::OrNumbered, &[(DATA_FILE, data.to_json())])?;
    let sitting = Sitting { interrupted, live_view: false };
    match train::start_in(dir, config, (&dataset, data), sitting)? {
        Outcome::Interrupted { .. } => Ok(None),
        Outcome::Finished(run) => {
            run.export(&backend::device(run.config.backend))?;
            Ok(Some((run.dir.to_path_buf(), run.seconds)))
        }
    }
}
