//! `train`: from settings on the command line to a trained run.

use super::source::Source;
use crate::backend::{self, Backend};
use crate::data::{Dataset, Ground, Stretch};
use crate::evaluation::{Real, SEED, asked, tuning_advice};
use crate::export;
use crate::families::{self, FamilyConfig};
use crate::interrupt;
use crate::judge::{Asked, Judge, RealPictures, SAMPLES, table};
use crate::lower::Calibration;
use crate::pictures::{self, Draws, Given, Pictures};
use crate::terminal::say;
use crate::train::{
    self, CONFIG_FILE, DATA_FILE, Naming, Outcome, Reload, RunData, RunFolder, Sitting, TrainConfig,
    TrainedRun, free_name,
};
use anyhow::Context;
use burn::tensor::Device;
use clap::Args;
use clap::builder::{PossibleValue, PossibleValuesParser};
use gan_core::{AlignedBytes, Model};
use std::path::{Path, PathBuf};
use toml::Value;

/// Where new runs get their folders.
pub(super) const RUNS: &str = "runs";

/// A new run, or one to go on with.
#[derive(Debug, Args)]
pub(super) struct TrainArgs {
    /// Go on with the run in this folder, with its own settings
    #[arg(long, value_name = "RUN", conflicts_with = "Settings")]
    resume: Option<PathBuf>,
    /// Go on although the run's pictures are no longer those that it began with
    #[arg(long, requires = "resume")]
    accept_changed_data: bool,
    /// Leave out the figures at the end, which take some seconds
    #[arg(long)]
    no_judge: bool,
    /// Keep to lines, on a terminal too, instead of the live view
    #[arg(long)]
    plain: bool,
    /// Write the configuration to the standard output instead of training
    #[arg(long, conflicts_with = "resume")]
    print_config: bool,
    #[command(flatten)]
    ending: Ending,
    // Not among the settings, with which --resume conflicts: a run's pictures may move.
    #[command(flatten)]
    source: Source,
    #[command(flatten)]
    settings: Settings,
}

/// What comes after the ordinary steps: also of a run that has come to its end already.
#[derive(Debug, Default, Args)]
pub(super) struct Ending {
    /// Fine-tune for int8 by so many more steps with quantization in the generator [default without a number: 1000]
    #[arg(long, value_name = "STEPS", num_args = 0..=1, default_missing_value = "1000")]
    qat: Option<u64>,
    /// How int8 ranges are chosen [default: auto]
    #[arg(long, value_enum, value_name = "METHOD")]
    calibration: Option<Calibration>,
}

impl Ending {
    fn set(&self, config: &mut TrainConfig) {
        set(&mut config.qat_steps, self.qat);
        set(&mut config.calibration, self.calibration);
    }

    /// Writes what is set into the settings of a run.
    fn set_in(&self, run: &RunFolder) -> anyhow::Result<()> {
        let old = run.config()?;
        let mut new = old.clone();
        self.set(&mut new);
        if new != old {
            new.write(&run.join(CONFIG_FILE))?;
        }
        Ok(())
    }
}

/// What decides a run's outcome. What is not set is the default recipe's.
#[derive(Debug, Args)]
pub(super) struct Settings {
    /// Settings from this file: any of the keys of a run's config.toml
    #[arg(long, value_name = "FILE.toml")]
    pub(super) config: Option<PathBuf>,
    /// One setting by its key in config.toml, after all others; repeatable
    #[arg(long, value_name = "KEY=VALUE")]
    set: Vec<String>,
    /// Name of the run; its folder is runs/NAME [default: the family's name, with a number if taken]
    #[arg(long)]
    name: Option<String>,
    /// The family: how the generator is trained [default: dcgan]
    #[arg(long, value_name = "NAME", value_parser = families())]
    gan: Option<String>,
    /// Seed: one seed, one outcome, to the bit on one kind of processor
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
    /// The generator's loss: non-saturating or minimax
    #[arg(long)]
    loss: Option<String>,
    /// What holds the critic of wgan: clip or gradient
    #[arg(long)]
    penalty: Option<String>,
    /// Weight of the R1 penalty on the discriminator; 0 leaves it out
    #[arg(long)]
    r1_gamma: Option<f64>,
    /// Discriminator steps between two penalties
    #[arg(long)]
    r1_every: Option<u64>,
    /// Length of the latent
    #[arg(long)]
    latent: Option<usize>,
    /// Channels of the generator's narrowest layer
    #[arg(long)]
    width: Option<usize>,
    /// Channels of the discriminator's first layer
    #[arg(long)]
    discriminator_width: Option<usize>,
    /// Tell no network the class
    #[arg(long)]
    unconditional: bool,
    /// Double a picture's sides by nearest upsampling and a convolution, instead of a transposed convolution
    #[arg(long)]
    upsample: bool,
    /// What is behind the generator's last layer: tanh, for pictures in -1 to 1, or sigmoid, in 0 to 1
    #[arg(long)]
    output: Option<String>,
    /// The two domains of cyclegan: strokes, folders, or two classes, such as 6,9 [default: strokes; folders with --data-b]
    #[arg(long)]
    domains: Option<String>,
    /// Which of several data sets in --data: its name or how it ends, such as letters for emnist-letters
    #[arg(long, value_name = "NAME")]
    data_set: Option<String>,
    /// Turn black to white in --data [default: pictures are turned where their background is bright]
    #[arg(long, value_name = "BOOL", num_args = 0..=1, require_equals = true, default_missing_value = "true")]
    invert: Option<bool>,
    /// What lies behind transparent pictures in --data [default: what most of them are seen on]
    #[arg(long, value_enum)]
    ground: Option<Ground>,
    /// Spread the greys that --data uses over all that there are; or those between two of 0 to 65535
    #[arg(
        long,
        value_name = "BOOL|DARKEST,BRIGHTEST",
        num_args = 0..=1,
        require_equals = true,
        default_missing_value = "true"
    )]
    stretch: Option<Stretch>,
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
        interrupt::nothing_to_lose("Stopped before the first step: nothing is lost.".into());
        let sitting = Sitting { interrupted: interrupt::flag(), live_view: !self.plain };
        let outcome = match &self.resume {
            Some(dir) => {
                let run = RunFolder::open(dir)?;
                let Source { data: folder, data_b: folder_b } = self.source;
                let reload = Reload { folder, folder_b, accept_changes: self.accept_changed_data };
                let reloaded = train::reload(&run, &reload)?;
                reloaded.notes.iter().for_each(|note| say!("{note}"));
                self.ending.set_in(&run)?;
                train::resume_in(run, reloaded, sitting)?
            }
            None => {
                let epochs = self.settings.epochs;
                let (mut config, naming) = self.settings.config(self.source, &self.ending)?;
                if self.print_config {
                    config.name = free_name(Path::new(RUNS), &config, naming);
                    return Ok(super::print(&config.to_toml())?);
                }
                let (config, dataset) = prepare(config, epochs)?;
                let data = RunData::of(&dataset);
                let record = [(DATA_FILE, data.to_json())];
                let (run, config) = RunFolder::create_named(Path::new(RUNS), config, naming, &record)?;
                say!(
                    "Training {} for {} steps of {} pictures on {}, into {}",
                    config.family.family().name,
                    config.all_steps(),
                    config.batch,
                    config.backend,
                    run.display()
                );
                train::start_in(run, config, (&dataset, data), sitting)?
            }
        };
        match outcome {
            Outcome::Finished(run) => finish(&run, !self.no_judge),
            Outcome::Interrupted { dir, step } => {
                let how =
                    format!("Stopped and saved after step {step}. To go on: --resume {}", dir.display());
                interrupt::nothing_to_lose(how);
                Ok(())
            }
        }
    }
}

impl Settings {
    /// The recipe, with what the file says, then the flags, then the assignments; and whether its name was given.
    pub(super) fn config(self, source: Source, ending: &Ending) -> anyhow::Result<(TrainConfig, Naming)> {
        let of_file = self.config.as_deref().map(TrainConfig::family_in).transpose()?.flatten();
        let family = match self.gan.or(of_file) {
            Some(name) => FamilyConfig::named(&name)?.family(),
            None => FamilyConfig::default().family(),
        };
        let unnamed = TrainConfig { name: String::new(), ..TrainConfig::of(family) };
        let mut config = match &self.config {
            Some(path) => unnamed.with_file(path)?,
            None => unnamed,
        };
        set(&mut config.name, self.name);
        set(&mut config.seed, self.seed);
        set(&mut config.steps, self.steps);
        set(&mut config.batch, self.batch);
        set(&mut config.learning_rate, self.lr);
        set(&mut config.checkpoint_every, self.checkpoint_every);
        set(&mut config.backend, self.backend);
        // A second folder is a domain, where the family knows domains.
        let folders = config.family.get("domains").and(source.data_b.as_ref()).map(|_| "folders".to_owned());
        let counts = [
            ("--k", "discriminator_steps", self.k.map(|k| k as u64)),
            ("--r1-every", "r1.every", self.r1_every),
            ("--latent", "latent", self.latent.map(|length| length as u64)),
            ("--width", "generator_width", self.width.map(|width| width as u64)),
            (
                "--discriminator-width",
                "discriminator_width",
                self.discriminator_width.map(|width| width as u64),
            ),
        ];
        let others = [
            ("--loss", "generator_loss", self.loss.map(Value::String)),
            ("--output", "output", self.output.map(Value::String)),
            ("--domains", "domains", self.domains.or(folders).map(Value::String)),
            ("--penalty", "penalty", self.penalty.map(Value::String)),
            ("--r1-gamma", "r1.gamma", self.r1_gamma.map(Value::Float)),
            ("--unconditional", "conditional", self.unconditional.then_some(Value::Boolean(false))),
            ("--upsample", "upsample", self.upsample.then_some(Value::Boolean(true))),
        ];
        let count = |(flag, key, count): (&'static str, &'static str, Option<u64>)| {
            let value = count.map(|count| {
                let most = i64::MAX;
                let value = i64::try_from(count).map(Value::Integer);
                value.map_err(|_| anyhow::anyhow!("{flag} is {count}, but must be at most {most}"))
            });
            Ok::<_, anyhow::Error>((flag, key, value.transpose()?))
        };
        for setting in counts.into_iter().map(count).chain(others.map(Ok)) {
            let (flag, key, value) = setting?;
            if let Some(value) = value {
                let with = config.family.with(key, value);
                config.family = with.map_err(|error| anyhow::anyhow!("{flag}: {error}"))?;
            }
        }
        ending.set(&mut config);
        config.data.dir = source.data.or(config.data.dir);
        config.data.dir_b = source.data_b.or(config.data.dir_b);
        config.data.limit = self.data_limit.or(config.data.limit);
        config.data.set = self.data_set.or(config.data.set);
        config.data.invert = self.invert.or(config.data.invert);
        config.data.ground = self.ground.or(config.data.ground);
        config.data.stretch = self.stretch.or(config.data.stretch);
        for assignment in &self.set {
            config = config.with_assignment(assignment)?;
        }
        let naming = if config.name.is_empty() { Naming::OrNumbered } else { Naming::Exact };
        if naming == Naming::OrNumbered {
            config.name = config.family.family().name.to_owned();
        }
        for (key, dir) in [("data.dir", &mut config.data.dir), ("data.dir_b", &mut config.data.dir_b)] {
            if let Some(dir) = dir {
                // A run may be resumed from another folder.
                *dir = std::path::absolute(&*dir).with_context(|| format!("{key} {}", dir.display()))?;
            }
        }
        config.validate()?;
        Ok((config, naming))
    }
}

/// The families' names, with a line on each.
fn families() -> PossibleValuesParser {
    families::ALL.map(|family| PossibleValue::new(family.name).help(family.about)).into()
}

fn set<T>(setting: &mut T, value: Option<T>) {
    if let Some(value) = value {
        *setting = value;
    }
}

/// The pictures of a new run, of which the user is told what was found, and the run's length in steps.
fn prepare(mut config: TrainConfig, epochs: Option<f64>) -> anyhow::Result<(TrainConfig, Dataset)> {
    let (dataset, summary) = train::dataset(&config)?;
    if let (Some(dir), Some(summary)) = (&config.data.dir, summary) {
        say!("{}: {summary}", dir.display());
        config.data.keep(summary.reading);
    }
    let config = match epochs {
        None => config,
        Some(epochs) => config.with_epochs(epochs, dataset.len())?,
    };
    Ok((config, dataset))
}

fn finish(run: &TrainedRun, judge: bool) -> anyhow::Result<()> {
    let how = format!("All steps are done and saved. To lower the generator: --resume {}", run.dir.display());
    interrupt::nothing_to_lose(how);
    say!("Trained {} steps in {:.0} s. Lowering to int8:", run.config.all_steps(), run.seconds);
    let device = backend::device(run.config.backend);
    let lowered = run.export(&device)?;
    say!("\n{}", lowered.report);
    if judge && run.config.data.dir.is_none() {
        say!("{}", judged(run, &lowered.file, &device)?);
    }
    let dir = run.dir.display();
    say!(
        "{dir}/{}: the model; {dir}/{}: its samples, float above int8",
        export::MODEL_FILE,
        export::SHEET_FILE
    );
    Ok(())
}

/// The figures that take seconds only, of the latents that `evaluate` judges.
fn judged(run: &TrainedRun, model: &[u8], device: &Device) -> anyhow::Result<String> {
    let bytes = AlignedBytes::new(model);
    let model: Model = Model::parse(&bytes)?;
    let judge = Judge::pretrained(device)?;
    let Real { pictures: real, originals } = Real::of(Some(&run.config), RealPictures::mnist()?)?;
    let held_out = judge.statistics(real.held_against())?;
    let report = |made: &Pictures| judge.report_against(&made.greys, asked(made), &held_out);
    let given = Given { entry: 0, originals: &originals };
    let draws = Draws::of(SEED);
    let latents = draws.latents(SAMPLES, &(&model).into());
    let int8 = report(&pictures::of_given(&model, given, &latents))?;
    let float = report(&pictures::floats_of_given(&run.generator, given, (&draws, SAMPLES), device))?;
    let (images, labels) = real.first_samples();
    let floor = judge.report_against(images, Some(Asked::Class(labels)), &held_out)?;
    let table = table(&[("int8", &int8), ("float", &float), ("real", &floor)], true);
    let advice = tuning_advice((int8.fid, float.fid), &run.dir).map_or(String::new(), |advice| advice + "\n");
    Ok(format!("{table}{advice}All figures: host-trainer evaluate {}\n", run.dir.display()))
}
