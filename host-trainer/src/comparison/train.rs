//! Training for a given time.

use crate::backend;
use crate::data::Dataset;
use crate::train::{self, DATA_FILE, Naming, Outcome, RunData, RunFolder, Sitting, TrainConfig, time_steps};
use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicBool;
use std::time::Duration;

/// Steps that are timed at least before a run's length is known, after one that is not.
const TIMED: u64 = 10;
/// The share of a run's time that steps are timed for: a few steps alone would say too much of what else the machine does just then.
const SHARE: f64 = 0.1;

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
    // The steps that fit into so many seconds, by the time of `count` of them.
    let fitting = |seconds: f64, count: u64| -> anyhow::Result<u64> {
        let timed = TrainConfig { steps: count + 1, ..job.config.clone() };
        let time: Duration = time_steps(&timed, &dataset, timed.backend)?.iter().sum();
        Ok((seconds * count as f64 / time.as_secs_f64()).max(1.0) as u64)
    };
    let timed = fitting(SHARE * job.seconds, TIMED)?.max(TIMED);
    let steps = fitting(job.seconds, timed)?;
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
