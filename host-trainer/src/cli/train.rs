//! `train`: from settings on the command line to a trained run.

use crate::backend::{self, Backend};
use crate::data::Dataset;
use crate::export;
use crate::judge::{Judge, SAMPLES, table};
use crate::nets::{Family, NetConfig};
use crate::objectives::bce::GeneratorLoss;
use crate::pictures::{self, Pictures};
use crate::train::{self, DataConfig, Outcome, R1Config, TrainConfig, TrainedRun, interrupt};
use anyhow::Context;
use burn::tensor::Device;
use clap::Args;
use gan_core::{AlignedBytes, Model};
use std::path::{Path, PathBuf};

/// A new run, or one to go on with.
#[derive(Debug, Args)]
pub(super) struct TrainArgs {
    /// Go on with the run in this folder, with its own settings
    #[arg(long, value_name = "RUN", conflicts_with = "Settings")]
    resume: Option<PathBuf>,
    /// Leave out the figures at the end, which take some seconds
    #[arg(long)]
    no_judge: bool,
    #[command(flatten)]
    settings: Settings,
}

/// What decides a run's outcome. What is not set is the default recipe's.
#[derive(Debug, Args)]
struct Settings {
    /// Name of the run; its folder is runs/NAME [default: the network's name, with a number if taken]
    #[arg(long)]
    name: Option<String>,
    /// Seed: one seed, one outcome, to the bit
    #[arg(long)]
    seed: Option<u64>,
    /// Length of the run in generator steps
    #[arg(long, conflicts_with = "epochs")]
    steps: Option<u64>,
    /// Length of the run in passes over the data
    #[arg(long)]
    epochs: Option<f64>,
    /// Pictures a batch
    #[arg(long)]
    batch: Option<usize>,
    /// First learning rate of both players; it falls linearly to 0
    #[arg(long)]
    lr: Option<f64>,
    /// Discriminator steps before each generator step
    #[arg(long)]
    k: Option<usize>,
    /// The generator's loss
    #[arg(long, value_enum)]
    loss: Option<GeneratorLoss>,
    /// Weight of the R1 penalty on the discriminator; 0 leaves it out
    #[arg(long)]
    r1_gamma: Option<f32>,
    /// Discriminator steps between two penalties
    #[arg(long)]
    r1_every: Option<u64>,
    /// Architecture
    #[arg(long, value_enum)]
    net: Option<Family>,
    /// Length of the latent
    #[arg(long)]
    latent: Option<usize>,
    /// Channels of the generator's narrowest layer
    #[arg(long)]
    width: Option<usize>,
    /// Channels of the discriminator's first layer
    #[arg(long)]
    discriminator_width: Option<usize>,
    /// Tell neither network the class
    #[arg(long)]
    unconditional: bool,
    /// Train on this folder instead of the embedded MNIST: IDX files (plain or gz), or a folder of PNG or JPEG
    /// pictures a class, of any size
    #[arg(long, value_name = "DIR")]
    data: Option<PathBuf>,
    /// Turn black to white in --data [default: pictures are turned where their background is bright]
    #[arg(long, value_name = "BOOL", num_args = 0..=1, require_equals = true, default_missing_value = "true")]
    invert: Option<bool>,
    /// Train on the first so many pictures only
    #[arg(long, value_name = "PICTURES")]
    data_limit: Option<usize>,
    /// Steps between checkpoints
    #[arg(long, value_name = "STEPS")]
    checkpoint_every: Option<u64>,
    /// What computes
    #[arg(long, value_enum)]
    backend: Option<Backend>,
}

impl TrainArgs {
    pub(super) fn run(self) -> anyhow::Result<()> {
        let interrupted = interrupt::listen().context("cannot listen for Ctrl-C")?;
        let outcome = match &self.resume {
            Some(dir) => train::resume(dir, interrupted)?,
            None => {
                let (config, dataset) = self.settings.config()?;
                let dir = Path::new("runs").join(&config.name);
                eprintln!(
                    "Training {} for {} steps of {} pictures on {}, into {}",
                    config.net.family,
                    config.steps,
                    config.batch,
                    config.backend,
                    dir.display()
                );
                train::start_on(config, &dataset, &dir, interrupted)?
            }
        };
        match outcome {
            Outcome::Finished(run) => finish(&run, !self.no_judge),
            Outcome::Interrupted { dir, step } => {
                eprintln!("Stopped and saved after step {step}. To go on: --resume {}", dir.display());
                std::process::exit(interrupt::EXIT_STATUS)
            }
        }
    }
}

impl Settings {
    fn config(self) -> anyhow::Result<(TrainConfig, Dataset)> {
        let recipe = TrainConfig::default();
        let batch = self.batch.unwrap_or(recipe.batch);
        let discriminator_steps = self.k.unwrap_or(recipe.discriminator_steps);
        let net = NetConfig {
            family: self.net.unwrap_or(recipe.net.family),
            latent: self.latent.unwrap_or(recipe.net.latent),
            generator_width: self.width.unwrap_or(recipe.net.generator_width),
            discriminator_width: self.discriminator_width.unwrap_or(recipe.net.discriminator_width),
            conditional: !self.unconditional,
        };
        // A run may be resumed from another folder.
        let absolute =
            |dir: PathBuf| std::path::absolute(&dir).with_context(|| format!("--data {}", dir.display()));
        let data = DataConfig {
            dir: self.data.map(absolute).transpose()?,
            limit: self.data_limit,
            invert: self.invert,
        };
        let config = TrainConfig {
            name: self.name.unwrap_or_else(|| free_name(&net.family.to_string())),
            seed: self.seed.unwrap_or(recipe.seed),
            steps: self.steps.unwrap_or(recipe.steps),
            batch,
            learning_rate: self.lr.unwrap_or(recipe.learning_rate),
            discriminator_steps,
            generator_loss: self.loss.unwrap_or(recipe.generator_loss),
            average_decay: recipe.average_decay,
            checkpoint_every: self.checkpoint_every.unwrap_or(recipe.checkpoint_every),
            backend: self.backend.unwrap_or(recipe.backend),
            r1: R1Config {
                gamma: self.r1_gamma.unwrap_or(recipe.r1.gamma),
                every: self.r1_every.unwrap_or(recipe.r1.every),
            },
            net,
            data,
        };
        config.validate()?;
        let (dataset, summary) = train::dataset(&config)?;
        if let (Some(dir), Some(summary)) = (&config.data.dir, summary) {
            eprintln!("{}: {summary}", dir.display());
        }
        let config = match self.epochs {
            None => config,
            Some(epochs) => config.with_epochs(epochs, dataset.len())?,
        };
        Ok((config, dataset))
    }
}

/// `name`, or the first of `name-2`, `name-3`, … for which there is no run yet.
fn free_name(name: &str) -> String {
    let names = std::iter::once(name.to_owned()).chain((2..).map(|n| format!("{name}-{n}")));
    let free = |name: &String| !Path::new("runs").join(name).exists();
    names.into_iter().find(free).expect("there are endless names")
}

fn finish(run: &TrainedRun, judge: bool) -> anyhow::Result<()> {
    eprintln!("Trained {} steps in {:.0} s. Lowering to int8:", run.config.steps, run.seconds);
    let device = backend::device(run.config.backend);
    let lowered = export::export(&run.config.name, &run.generator, run.config.seed, &device, &run.dir)?;
    eprintln!("\n{}", lowered.report);
    if judge && run.config.data.dir.is_none() && run.config.net.conditional {
        eprintln!("{}", judged(run, &lowered.file, &device)?);
    }
    let dir = run.dir.display();
    eprintln!(
        "{dir}/{}: the model; {dir}/{}: its samples, float above int8",
        export::MODEL_FILE,
        export::SHEET_FILE
    );
    Ok(())
}

/// The figures that take seconds only, on as many digits as `evaluate` judges.
fn judged(run: &TrainedRun, model: &[u8], device: &Device) -> anyhow::Result<String> {
    let bytes = AlignedBytes::new(model);
    let model: Model = Model::parse(&bytes)?;
    let judge = Judge::pretrained(device)?;
    let report = |pictures: Pictures| judge.report(&pictures.greys, Some(&pictures.labels));
    let int8 = report(pictures::int8(&model, run.config.seed, SAMPLES))?;
    let float = report(pictures::floats(&run.generator, run.config.seed, SAMPLES, device))?;
    let table = table(&[("int8", &int8), ("float", &float), ("real", &judge.floor()?)], true);
    Ok(format!("{table}All figures: host-trainer evaluate {}\n", run.dir.display()))
}
