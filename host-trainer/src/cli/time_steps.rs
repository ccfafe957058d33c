//! `time-steps`: how long a training step takes here, on each backend of this build.

use crate::backend::{self, Backend};
use crate::data::Dataset;
use crate::objectives::Objective;
use crate::random::{self, Stream};
use crate::train::batches::{Batches, Position};
use crate::train::{self, TrainConfig};
use clap::{Args, ValueEnum};
use std::time::{Duration, Instant};

/// What to measure.
#[derive(Debug, Args)]
pub(super) struct TimeStepsArgs {
    /// Steps to time on each backend, after one that is not timed
    #[arg(long, default_value_t = 100, value_parser = clap::value_parser!(u64).range(1..))]
    steps: u64,
    /// What trains the generator
    #[arg(long, value_enum, default_value_t)]
    objective: Objective,
    /// Only this backend
    #[arg(long, value_enum)]
    backend: Option<Backend>,
    /// Channels of the generator's narrowest layer
    #[arg(long)]
    width: Option<usize>,
    /// Channels of the discriminator's first layer
    #[arg(long)]
    discriminator_width: Option<usize>,
    /// Weight of the R1 penalty; 0 leaves it out
    #[arg(long)]
    r1_gamma: Option<f32>,
    /// Discriminator steps between two penalties
    #[arg(long)]
    r1_every: Option<u64>,
}

impl TimeStepsArgs {
    pub(super) fn run(self) -> anyhow::Result<()> {
        let dataset = Dataset::mnist_train()?;
        let mut config =
            TrainConfig { steps: self.steps + 1, objective: self.objective, ..TrainConfig::default() };
        config.net.generator_width = self.width.unwrap_or(config.net.generator_width);
        config.net.discriminator_width = self.discriminator_width.unwrap_or(config.net.discriminator_width);
        config.r1.gamma = self.r1_gamma.unwrap_or(config.r1.gamma);
        config.r1.every = self.r1_every.unwrap_or(config.r1.every);
        config.validate()?;
        super::print(&format!(
            "{:<10} {:>8} {:>8} {:>8}   ms a step of {} pictures\n",
            "backend", "median", "mean", "fastest", config.batch
        ))?;
        let all = Backend::value_variants();
        for &backend in all.iter().filter(|&&backend| self.backend.is_none_or(|only| only == backend)) {
            let mut times = time(&config, &dataset, backend);
            times.sort_unstable();
            let mean = times.iter().sum::<Duration>() / times.len() as u32;
            let [median, mean, fastest] =
                [times[times.len() / 2], mean, times[0]].map(|time| time.as_secs_f64() * 1e3);
            super::print(&format!("{backend:<10} {median:>8.1} {mean:>8.1} {fastest:>8.1}\n"))?;
        }
        Ok(())
    }
}

fn time(config: &TrainConfig, dataset: &Dataset, backend: Backend) -> Vec<Duration> {
    let device = backend::device(backend);
    let graph = config.net.generator(dataset.classes);
    let mut game = train::begin(config, &graph, dataset.classes, &device);
    let position = Position::start(random::stream(config.seed, Stream::Order));
    let classes = config.net.classes(dataset.classes);
    let mut batches = Batches::new(dataset, config.batch, classes, device.autodiff(), position);
    let mut noise = random::stream(config.seed, Stream::Noise);
    let mut timed = |step| {
        let start = Instant::now();
        // A step reads its losses, so it is done when it returns, on a GPU too.
        game.step(config, step, &mut batches, &mut noise);
        start.elapsed()
    };
    timed(1);
    (2..=config.steps).map(timed).collect()
}
