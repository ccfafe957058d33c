//! `time-steps`: how long a training step takes here, on each backend of this build.

use crate::backend::Backend;
use crate::data::Dataset;
use crate::families::FamilyConfig;
use crate::train::{TrainConfig, time_steps};
use clap::{Args, ValueEnum};
use std::time::Duration;

/// What to measure.
#[derive(Debug, Args)]
pub(super) struct TimeStepsArgs {
    /// Steps to time on each backend, after one that is not timed
    #[arg(long, default_value_t = 100, value_parser = clap::value_parser!(u64).range(1..))]
    steps: u64,
    /// The family
    #[arg(long, value_name = "NAME", default_value_t = FamilyConfig::default().family().name.to_owned())]
    gan: String,
    /// Only this backend
    #[arg(long, value_enum)]
    backend: Option<Backend>,
    /// One setting by its key in config.toml; repeatable
    #[arg(long, value_name = "KEY=VALUE")]
    set: Vec<String>,
}

impl TimeStepsArgs {
    pub(super) fn run(self) -> anyhow::Result<()> {
        let dataset = Dataset::mnist_train()?;
        let family = FamilyConfig::named(&self.gan)?.family();
        let mut config = TrainConfig { steps: self.steps + 1, ..TrainConfig::of(family) };
        for assignment in &self.set {
            config = config.with_assignment(assignment)?;
        }
        config.validate()?;
        super::print(&format!(
            "{:<10} {:>8} {:>8} {:>8}   ms a step of {} pictures\n",
            "backend", "median", "mean", "fastest", config.batch
        ))?;
        let all = Backend::value_variants();
        for &backend in all.iter().filter(|&&backend| self.backend.is_none_or(|only| only == backend)) {
            let mut times = time_steps(&config, &dataset, backend)?;
            times.sort_unstable();
            let mean = times.iter().sum::<Duration>() / times.len() as u32;
            let [median, mean, fastest] =
                [times[times.len() / 2], mean, times[0]].map(|time| time.as_secs_f64() * 1e3);
            super::print(&format!("{backend:<10} {median:>8.1} {mean:>8.1} {fastest:>8.1}\n"))?;
        }
        Ok(())
    }
}
