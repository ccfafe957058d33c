//! `train-classifier`: trains the classifier that judges generated digits.

use std::{
    path::PathBuf,
    time::{Duration, Instant},
};

use anyhow::{Context, Result};
use burn::module::Module;
use clap::Args;
use indicatif::{ProgressBar, ProgressStyle};

use crate::{
    backend::{self, Backend},
    data::Dataset,
    files,
    judge::{Asked, Judge, Training},
    terminal::{print, say},
};

/// Time between two lines where there is no terminal to draw a bar on.
const LINE_INTERVAL: Duration = Duration::from_secs(10);

/// How to train it.
#[derive(Debug, Args)]
#[command(after_help = "Example: host-trainer train-classifier --seed 1 --out models/judge.bpk")]
pub(super) struct TrainClassifierArgs {
    /// Where the weights go
    #[arg(long, default_value = "models/judge.bpk")]
    out: PathBuf,
    /// First weights, order, shifts and dropout all come from it
    #[arg(long, default_value_t = Training::default().seed)]
    seed: u64,
    /// Passes over the 60,000 training digits
    #[arg(long, default_value_t = Training::default().epochs as u32, value_parser = clap::value_parser!(u32).range(1..))]
    epochs: u32,
    /// Pictures a step; it changes the features' scale, and so all FIDs
    #[arg(long, default_value_t = Training::default().batch as u32, value_parser = clap::value_parser!(u32).range(1..=60_000))]
    batch: u32,
    /// What computes
    #[arg(long, value_enum, default_value_t)]
    backend: Backend,
}

impl TrainClassifierArgs {
    /// Trains, saves and prints the figures that belong on the card `models/judge.md`.
    ///
    /// # Errors
    /// When the weights cannot be written.
    pub(super) fn run(self) -> Result<()> {
        let device = &backend::device(self.backend);
        let data = Dataset::mnist_train()?;
        let training = Training {
            seed: self.seed,
            epochs: self.epochs as usize,
            batch: self.batch as usize,
            ..Training::default()
        };
        let bar = ProgressBar::new(0).with_style(ProgressStyle::with_template(
            "{bar:30} step {pos}/{len}, {eta} left, cross entropy {msg}",
        )?);
        let start = Instant::now();
        let mut last_line = start;
        let classifier = training.run(&data, device, |progress| {
            bar.set_length(progress.steps as u64);
            bar.set_position(progress.step as u64);
            bar.set_message(format!("{:.3}", progress.loss));
            if bar.is_hidden() && last_line.elapsed() >= LINE_INTERVAL {
                last_line = Instant::now();
                say!("step {}/{}, cross entropy {:.3}", progress.step, progress.steps, progress.loss);
            }
        });
        bar.finish();
        print(&format!("trained in {:.0} s\n", start.elapsed().as_secs_f32()))?;
        let weights = classifier.clone().into_record().into_bytes()?;
        files::write(&self.out, &weights).with_context(|| self.out.display().to_string())?;

        let judge = Judge::new(classifier, device);
        let test = Dataset::mnist_test()?;
        let accuracy = judge.report(&test.images, Some(Asked::Class(&test.labels)))?.accuracy;
        let percent = |share: f64| format!("{:.2} %", 100.0 * share);
        let accuracy = accuracy.map_or("–".into(), |accuracy| accuracy.show(percent));
        print(&format!("test digits recognized: {accuracy}\n"))?;
        let floor = judge.floor()?.fid.show(|fid| format!("{fid:.2}"));
        print(&format!("floor (FID of 10,000 training digits): {floor}\n"))?;
        print(&format!("saved: {}\n", self.out.display()))?;
        Ok(())
    }
}
