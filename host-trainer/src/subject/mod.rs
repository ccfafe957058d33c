//! A model that a command is asked to look at: a run's folder, or a model file and what lies beside it.

mod age;

use std::path::{Path, PathBuf};

use burn::tensor::Device;
use gan_core::{AlignedBytes, Model};

use crate::digest;
use crate::export::MODEL_FILE;
use crate::families::Domain;
use crate::graph::{Net, Shape};
use crate::pictures::{self, ModelError};
use crate::players::AVERAGE;
use crate::stamp::{Origin, Sidecar};
use crate::train::checkpoint::{self, CheckpointError, Checkpoints};
use crate::train::{CONFIG_FILE, ConfigError, DATA_FILE, RunData, TrainConfig};

/// A model file, and the run that it comes from if that is known.
#[derive(Debug)]
pub struct Subject {
    /// The model file.
    pub path: PathBuf,
    /// Its bytes, which gan-core accepts.
    pub bytes: AlignedBytes,
    /// The settings that it was trained with.
    pub config: Option<TrainConfig>,
    /// The run's folder.
    pub run: Option<PathBuf>,
    /// What it was made from.
    pub sidecar: Sidecar,
    /// Which pictures the run learns from; none of a run that has no record of them.
    pub data: Option<RunData>,
    /// Averaged weights: the run's newest, or those that lie beside the file.
    weights: Option<PathBuf>,
}

/// The floats that lie beside a model.
#[derive(Debug)]
pub enum Floats {
    /// None.
    Absent,
    /// Those that it was lowered from.
    Own(Box<Net>),
    /// Those that it was lowered from, as far as a model can tell that does not name them.
    Unchecked(Box<Net>),
    /// Others: of another step, say.
    Others,
}

/// Why there is nothing to look at.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SubjectError {
    /// A folder without a model.
    #[error(
        "{0}: no {MODEL_FILE} in this folder; a run writes it when it ends, and --resume goes on with one"
    )]
    NoModel(PathBuf),
    /// The model cannot be used.
    #[error(transparent)]
    Model(#[from] ModelError),
    /// The run's settings cannot be read.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// The run's weights cannot be read.
    #[error(transparent)]
    Checkpoint(#[from] CheckpointError),
    /// What the model or its run says of itself cannot be read.
    #[error("{}: {cause}", path.display())]
    Record {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        cause: std::io::Error,
    },
}

impl Subject {
    /// `path` is a run's folder, or a model file; one in a run's folder belongs to the run, and `NAME.gan` has its
    /// settings, floats and stamp in `NAME.toml`, `NAME.bpk` and `NAME.json` if those lie beside it.
    ///
    /// # Errors
    /// There is no model, or something is wrong with it or with what lies beside it.
    pub fn find(path: &Path) -> Result<Subject, SubjectError> {
        let model = if path.is_dir() { path.join(MODEL_FILE) } else { path.to_owned() };
        if path.is_dir() && !model.exists() {
            return Err(SubjectError::NoModel(path.into()));
        }
        let bytes = pictures::read_model(&model)?;
        let folder = model.parent().unwrap_or(Path::new("."));
        let in_run = model.file_name().is_some_and(|name| name == MODEL_FILE);
        let run = (in_run && folder.join(CONFIG_FILE).exists()).then(|| folder.to_owned());
        let (settings, weights) = match &run {
            Some(run) => {
                let newest = Checkpoints::of(run).newest()?;
                (run.join(CONFIG_FILE), newest.map(|checkpoint| checkpoint.join(AVERAGE)))
            }
            None => (model.with_extension("toml"), Some(model.with_extension("bpk"))),
        };
        let config = settings.exists().then(|| TrainConfig::read(&settings)).transpose()?;
        let weights = weights.filter(|weights| weights.exists());
        let record = |path: PathBuf| move |cause| SubjectError::Record { path, cause };
        let sidecar = Sidecar::read(&model, &bytes).map_err(record(Sidecar::path(&model)))?;
        let data = match &run {
            Some(run) => RunData::read(run).map_err(record(run.join(DATA_FILE)))?,
            None => None,
        };
        Ok(Subject { path: model, bytes, config, run, sidecar, data, weights })
    }

    /// The floats beside the model, if their weights and settings are there. `classes` is the model's.
    ///
    /// # Errors
    /// The weights are damaged, or of another network than the settings say.
    pub fn floats(&self, classes: usize, device: &Device) -> Result<Floats, SubjectError> {
        let (Some(config), Some(weights)) = (&self.config, &self.weights) else { return Ok(Floats::Absent) };
        let shape = Model::parse(&self.bytes).map(|model| model.output_shape());
        let shape = shape.map_err(|cause| ModelError::Parse { path: self.path.clone(), cause })?;
        let shape = Shape::new(shape.height.into(), shape.width.into(), shape.channels.into());
        let graph = config.family.generator(&Domain { shape, classes });
        let generator = Box::new(checkpoint::load_average(weights, &graph, device)?);
        Ok(match &self.sidecar {
            Sidecar::Own(stamp) if stamp.is_of(&generator) => Floats::Own(generator),
            Sidecar::Missing if self.is_behind().is_none() => Floats::Unchecked(generator),
            _ => Floats::Others,
        })
    }

    /// The model file and the weights that it was made from.
    pub fn origin(&self) -> Origin {
        Origin { model_md5: Some(digest::of(&self.bytes)), stamp: self.sidecar.stamp().cloned() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn models() -> PathBuf {
        Path::new(env!("CARGO_MANIFEST_DIR")).join("../models")
    }

    fn has_floats(subject: &Subject) -> bool {
        let floats = subject.floats(10, &Device::flex()).unwrap();
        matches!(floats, Floats::Own(_) | Floats::Unchecked(_))
    }

    #[test]
    fn a_model_beside_its_floats_is_found_with_them() {
        let subject = Subject::find(&models().join("mnist.gan")).unwrap();
        assert!(subject.run.is_none());
        assert_eq!(subject.config.as_ref().unwrap().name, "mnist");
        assert!(has_floats(&subject));
    }

    #[test]
    fn a_model_alone_has_no_floats() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("alone.gan");
        std::fs::copy(models().join("mnist.gan"), &path).unwrap();
        let subject = Subject::find(&path).unwrap();
        assert!(subject.config.is_none() && !has_floats(&subject));
    }

    #[test]
    fn a_run_is_its_folder_or_its_model() {
        let dir = tempfile::tempdir().unwrap();
        let run = dir.path().join("run");
        let steps = TrainConfig::read(&models().join("mnist.toml")).unwrap().all_steps();
        let checkpoint = run.join(format!("checkpoints/step-{steps}"));
        std::fs::create_dir_all(&checkpoint).unwrap();
        std::fs::copy(models().join("mnist.toml"), run.join(CONFIG_FILE)).unwrap();
        let message = Subject::find(&run).unwrap_err().to_string();
        assert_eq!(
            message,
            format!(
                "{}: no generator.gan in this folder; a run writes it when it ends, and --resume goes on with one",
                run.display()
            )
        );
        std::fs::copy(models().join("mnist.gan"), run.join(MODEL_FILE)).unwrap();
        std::fs::copy(models().join("mnist.bpk"), checkpoint.join("average.bpk")).unwrap();
        for path in [run.clone(), run.join(MODEL_FILE)] {
            let subject = Subject::find(&path).unwrap();
            assert_eq!(subject.run.as_ref(), Some(&run));
            assert!(has_floats(&subject));
        }
    }

    #[test]
    fn what_is_no_model_is_named() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("broken.gan");
        std::fs::write(&path, b"GAN?").unwrap();
        let message = Subject::find(&path).unwrap_err().to_string();
        assert!(message.starts_with(&format!("{}: ", path.display())), "{message}");
    }
}
