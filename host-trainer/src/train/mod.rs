//! Training: the game's loop, and everything that makes a run repeatable and hard to lose.
//!
//! A run lives in a folder of its own: `config.toml` (all of it), `data.json` (which pictures it learns from),
//! `checkpoints/`, `losses.csv`, `losses.png`, `fid.csv` where it is asked for, and `sheets/`; one process at a time [owns](RunFolder) it.

pub mod checkpoint;
mod config;
mod dataset;
mod exact;
mod fid_path;
mod folder;
mod losses;
mod owner;
mod path_setting;
mod plot;
mod progress;
mod qat;
mod settings;
pub mod sheets;
mod signs;
mod source;
mod stop;
mod timing;
mod view;
mod words;

pub use config::{ConfigError, DataConfig, QAT_STEPS, TrainConfig};
pub use dataset::{dataset, domains};
use fid_path::FidPath;
pub use fid_path::{FID_CHARTS, FID_FILE, read as read_fid};
pub use folder::{CONFIG_FILE, FolderError, LOSSES_FILE, Naming, RunFolder, free_name};
pub use losses::read as read_losses;
pub(crate) use losses::{extent, means};
pub use owner::{Owner, OwnerError};
pub use plot::PlotError;
pub use settings::SettingError;
use signs::Signs;
pub use source::{DATA_FILE, Reload, Reloaded, RunData, reload};
use stop::Hopeless;
pub use timing::time_steps;

use crate::backend;
use crate::data::{DataError, Dataset, DivisionError, Split, Summary};
use crate::export::{Export, ExportError, MODEL_FILE, SHEET_FILE};
use crate::families::{Domain, Start};
use crate::graph::Net;
use crate::interrupt;
use crate::judge::JudgeError;
use crate::lower::{Labels, LowerError, Lowered};
use crate::pictures::Originals;
use crate::players::batches::{Batches, Position};
use crate::players::{Average, Objective, Turn};
use crate::random::{self, Stream};
use crate::stamp::Stamp;
use burn::tensor::Device;
use checkpoint::{CheckpointError, Checkpoints, State};
use losses::Losses;
use progress::Progress;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Instant;
use stop::Watch;

/// A run that is done.
pub struct TrainedRun {
    /// Its folder, which this process keeps for as long as it writes what the run leaves behind.
    pub dir: RunFolder,
    /// Its settings.
    pub config: TrainConfig,
    /// The average of the generator's weights, without autodiff and in evaluation mode.
    pub generator: Net,
    /// What these weights are.
    pub stamp: Stamp,
    /// What the classes of its data are called.
    pub class_names: Vec<String>,
    /// The domains that it learned from; none where it learned from its data as it is.
    pub originals: Originals,
    /// Time spent in training, all sittings together.
    pub seconds: f64,
}

impl TrainedRun {
    /// Lowers its generator in the way of its settings, and writes the model, its stamp and a sheet of its samples into its folder.
    ///
    /// # Errors
    /// The network cannot be lowered within its bounds, or a file cannot be written.
    pub fn export(&self, device: &Device) -> Result<Lowered, ExportError> {
        let labels = Labels { model: &self.stamp.run, classes: &self.class_names };
        let (generator, originals, stamp) = (&self.generator, &self.originals, Some(&self.stamp));
        let export = Export { generator, labels, originals, stamp, device };
        let lowered = export.model(self.config.lowering(), &self.dir.join(MODEL_FILE))?;
        export.sheet(&lowered.file, self.config.seed, &self.dir.join(SHEET_FILE))?;
        Ok(lowered)
    }
}

/// How a call of [`start`] or [`resume`] ended, if not in an error.
pub enum Outcome {
    /// All steps are done.
    Finished(Box<TrainedRun>),
    /// The flag was raised; the run can be resumed.
    Interrupted {
        /// The run's folder.
        dir: PathBuf,
        /// Steps done, all of them in the checkpoint.
        step: u64,
    },
}

/// Why a run cannot start or go on.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TrainError {
    /// A setting is wrong.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// The pictures cannot be read.
    #[error(transparent)]
    Data(#[from] DataError),
    /// The pictures of a run that there is cannot be read.
    #[error("{cause}; where the run's pictures lie in another folder now, --data DIR says so")]
    Gone {
        /// What is wrong where they were.
        cause: DataError,
    },
    /// The pictures are not those that a run began with.
    #[error(
        "{}: its pictures have changed: {changes}. --data DIR takes them from another folder, --accept-changed-data \
         takes these",
        whose.display()
    )]
    Changed {
        /// The run's folder, or the model file.
        whose: PathBuf,
        /// What is another.
        changes: String,
    },
    /// The pictures have more or fewer classes than the networks of a run.
    #[error(
        "{}: its pictures have changed: {changes}. Its networks are built for {was} classes and cannot go on with {is}: \
         train a new run on them, or give the old ones' folder by --data DIR",
        run.display()
    )]
    Classes {
        /// The run's folder.
        run: PathBuf,
        /// How many classes its networks know.
        was: usize,
        /// How many there are now.
        is: usize,
        /// What is another.
        changes: String,
    },
    /// The pictures do not have the family's domains.
    #[error(transparent)]
    Division(#[from] DivisionError),
    /// The pictures of a run that is judged as it goes on.
    #[error(transparent)]
    Judge(#[from] JudgeError),
    /// There are not even enough pictures for a batch.
    #[error("{pictures} pictures are less than one batch of {batch}")]
    Few {
        /// How many pictures.
        pictures: usize,
        /// How many a batch takes.
        batch: usize,
    },
    /// The run's folder cannot be had.
    #[error(transparent)]
    Folder(#[from] FolderError),
    /// A checkpoint cannot be written or read.
    #[error(transparent)]
    Checkpoint(#[from] CheckpointError),
    /// A file of the run cannot be written or read.
    #[error("{path}: {cause}")]
    Io {
        /// The file.
        path: PathBuf,
        /// The cause.
        cause: std::io::Error,
    },
    /// The generator cannot be fine-tuned for int8.
    #[error(transparent)]
    Lower(#[from] LowerError),
    /// The chart cannot be written.
    #[error(transparent)]
    Plot(#[from] PlotError),
    /// Going on makes no sense.
    #[error("stopped at step {step}: {cause}. The last good checkpoint is kept: {}", checkpoint(kept))]
    Hopeless {
        /// The step that showed it.
        step: u64,
        /// What it showed.
        cause: Hopeless,
        /// The last checkpoint before it, if the run had come to one.
        kept: Option<PathBuf>,
    },
}

fn checkpoint(kept: &Option<PathBuf>) -> String {
    kept.as_ref().map_or("none was due yet".into(), |path| path.display().to_string())
}

/// How a call of [`start`] or [`resume`] is to be watched and stopped; from a flag alone it is watched by lines.
#[derive(Debug, Clone, Copy)]
pub struct Sitting<'a> {
    /// Raised, the step is finished and saved, and the run left.
    pub interrupted: &'a AtomicBool,
    /// Draw the live view, if there is a terminal.
    pub live_view: bool,
}

impl<'a> From<&'a AtomicBool> for Sitting<'a> {
    fn from(interrupted: &'a AtomicBool) -> Self {
        Sitting { interrupted, live_view: false }
    }
}

/// Trains from the first step, in the new folder `dir`.
///
/// # Errors
/// See [`TrainError`]; every setting is checked before anything is written.
pub fn start<'a>(
    mut config: TrainConfig,
    dir: &Path,
    sitting: impl Into<Sitting<'a>>,
) -> Result<Outcome, TrainError> {
    config.validate()?;
    let (dataset, summary) = dataset(&config)?;
    if let Some(Summary { reading, .. }) = summary {
        config.data.keep(reading);
    }
    let data = RunData::of(&dataset);
    let files = [(CONFIG_FILE, config.to_toml().into_bytes()), (DATA_FILE, data.to_json())];
    let dir = RunFolder::create(dir, &files)?;
    start_in(dir, config, (&dataset, data), sitting)
}

/// [`start`] in a new run's folder `dir` that is there already, made with the settings `config`, which keep the
/// [`Summary::reading`] of the run's [`dataset`], and with the record of those pictures.
///
/// # Errors
/// As [`start`].
pub fn start_in<'a>(
    dir: RunFolder,
    config: TrainConfig,
    pictures: (&Dataset, RunData),
    sitting: impl Into<Sitting<'a>>,
) -> Result<Outcome, TrainError> {
    config.validate()?;
    run(config, pictures, dir, sitting.into())
}

/// Goes on with the run in `dir` from its newest checkpoint, or from the first step where it had come
/// to none, exactly as if it had never stopped. Its pictures must be those that it began with.
///
/// # Errors
/// See [`TrainError`]; another process that is at work on the run is one.
pub fn resume<'a>(dir: &Path, sitting: impl Into<Sitting<'a>>) -> Result<Outcome, TrainError> {
    let run = RunFolder::open(dir)?;
    let reloaded = reload(&run, &Reload::default())?;
    resume_in(run, reloaded, sitting)
}

/// [`resume`] of a run whose folder this process has already, with the run's pictures, which are loaded and checked.
///
/// # Errors
/// As [`resume`].
pub fn resume_in<'a>(
    dir: RunFolder,
    reloaded: Reloaded,
    sitting: impl Into<Sitting<'a>>,
) -> Result<Outcome, TrainError> {
    run(dir.config()?, (&reloaded.dataset, reloaded.data), dir, sitting.into())
}

fn run(
    config: TrainConfig,
    (dataset, data): (&Dataset, RunData),
    dir: RunFolder,
    sitting: Sitting<'_>,
) -> Result<Outcome, TrainError> {
    let device = backend::device(config.backend);
    let checkpoints = Checkpoints::of(&dir);
    let originals = Originals::of(domains(&config, dataset, Split::Train)?);
    let learned = originals.learned(dataset);
    let mut objective = begin(&config, Domain::of(dataset), &device);
    let tell = |words: String| crate::terminal::say!("{words}");
    let first = || State {
        step: 0,
        order: Position::start(random::stream(config.seed, Stream::Order), learned.len()),
        noise: random::stream(config.seed, Stream::Noise),
        seconds: 0.0,
        objective: Vec::new(),
        tensors: None,
    };
    let mut state = checkpoints.restore(objective.as_mut(), tell)?.unwrap_or_else(first);
    data.keep(&dir)?;
    if let Some(tensors) = &state.tensors {
        qat::go_on(&mut objective.generator().net, tensors)?;
    }
    let all_steps = config.all_steps();
    let record = config.family.family().record;
    let csv = dir.join(LOSSES_FILE);
    let csv_error = |cause| TrainError::Io { path: csv.clone(), cause };
    let (mut losses, repaired) = Losses::open(&csv, state.step, record).map_err(csv_error)?;
    repaired.into_iter().for_each(tell);
    let mut watch = Watch::after(losses.rows(), state.step);
    let mut signs = Signs::after(record, losses.rows());
    let range = objective.generator().net.graph().picture_range();
    let mut batches = Batches::new(&learned, config.batch, device.clone().autodiff(), &state.order, range);
    let steps_an_epoch = dataset.len() as f64 / config.pictures_a_step() as f64;
    let mut progress = Progress::new(&config, (state.step, losses.rows()), steps_an_epoch, sitting.live_view);
    let mut fid = FidPath::open(&config, &dir, state.step, &device)?;
    let (start, seconds_before) = (Instant::now(), state.seconds);
    let hold_off = || {
        let from = "Ended without saving. To go on from the last checkpoint";
        interrupt::hold_off(format!("{from}: --resume {}", dir.display()))
    };
    let mut held_off = hold_off();

    while state.step < all_steps {
        let step = state.step + 1;
        if step > config.steps && state.tensors.is_none() {
            // It takes long, and the step before is saved.
            drop(held_off);
            let saved = format!("Stopped before fine-tuning, and saved after step {}", state.step);
            interrupt::nothing_to_lose(format!("{saved}. To go on: --resume {}", dir.display()));
            state.tensors = Some(qat::begin(objective.generator(), &config, &originals, &device)?);
            held_off = hold_off();
        }
        let row = objective.step(Turn {
            step,
            step_in_phase: config.step_in_phase(step),
            rate: config.learning_rate_at(step),
            batches: &mut batches,
            noise: &mut state.noise,
        });
        watch.see(&row).map_err(|cause| {
            let kept = checkpoints.newest().ok().flatten();
            TrainError::Hopeless { step, cause, kept }
        })?;
        progress.see(&row);
        signs.see(&row).into_iter().for_each(|words| progress.warn(words));
        losses.push(row).map_err(csv_error)?;
        state.step = step;
        if sheets::is_due(step, all_steps) {
            let average = &average(objective.as_mut()).net;
            let made = sheets::draw(&dir, data.stamp(&config, step, average), average, &originals, &device);
            progress.see_pictures(step, made.map_err(|(path, cause)| TrainError::Io { path, cause })?);
        }
        if let Some(path) = fid.as_mut().filter(|_| step.is_multiple_of(config.fid_every)) {
            let point = path.see(step, (&average(objective.as_mut()).net, &originals), &device)?;
            progress.see_fid(step, &point);
            point.warning.into_iter().for_each(|words| progress.warn(words));
        }
        let stop = sitting.interrupted.load(Ordering::Relaxed);
        let last_of_phase = step == config.steps || step == all_steps;
        if stop || step.is_multiple_of(config.checkpoint_every) || last_of_phase {
            state.order = batches.position();
            state.seconds = seconds_before + start.elapsed().as_secs_f64();
            losses.sync().map_err(csv_error)?;
            checkpoints.save(objective.as_mut(), &state)?;
            let stamp = data.stamp(&config, step, &average(objective.as_mut()).net);
            plot::draw(record, losses.rows(), stamp, &dir.join("losses.png"))?;
            progress.see_checkpoint(step);
        }
        if stop {
            return Ok(Outcome::Interrupted { dir: dir.to_owned(), step });
        }
    }
    let generator = average(objective.as_mut()).net.clone();
    Ok(Outcome::Finished(Box::new(TrainedRun {
        dir,
        stamp: data.stamp(&config, state.step, &generator),
        generator,
        class_names: dataset.names.clone(),
        originals: originals.clone(),
        seconds: state.seconds,
        config,
    })))
}

/// The networks of `config` at their first step, for pictures of `domain`. `device` computes, without autodiff.
pub fn begin(config: &TrainConfig, domain: Domain, device: &Device) -> Box<dyn Objective> {
    config.family.system().begin(Start {
        domain,
        adam: &config.adam,
        average_decay: config.average_decay,
        weights: random::stream(config.seed, Stream::Weights),
        device: device.clone().autodiff(),
    })
}

/// The average of the weights of the network that a run is for.
fn average(objective: &mut dyn Objective) -> &Average {
    objective.generator().average.as_ref().expect("a generator has an average")
}
