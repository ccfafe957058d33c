//! A model that a command is asked to look at: a run's folder, or a model file and what lies beside it.

use std::path::{Path, PathBuf};

use burn::tensor::Device;
use gan_core::AlignedBytes;

use crate::export::MODEL_FILE;
use crate::generator::Generator;
use crate::pictures::{self, ModelError};
use crate::train::checkpoint::{self, CheckpointError, Checkpoints};
use crate::train::{CONFIG_FILE, ConfigError, TrainConfig};

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
    /// The weights of the floats that it was lowered from.
    weights: Option<PathBuf>,
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
}

impl Subject {
    /// `path` is a run's folder, or a model file; one in a run's folder belongs to the run, and `NAME.gan` has its
    /// settings and floats in `NAME.toml` and `NAME.bpk` if those lie beside it.
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
                (run.join(CONFIG_FILE), newest.map(|checkpoint| checkpoint.join(checkpoint::AVERAGE)))
            }
            None => (model.with_extension("toml"), Some(model.with_extension("bpk"))),
        };
        let config = settings.exists().then(|| TrainConfig::read(&settings)).transpose()?;
        let weights = weights.filter(|weights| weights.exists());
        Ok(Subject { path: model, bytes, config, run, weights })
    }

    /// The floats that the model was lowered from, if their weights and settings are there. `classes` is the model's.
    ///
    /// # Errors
    /// The weights are damaged, or of another network than the settings say.
    pub fn floats(&self, classes: usize, device: &Device) -> Result<Option<Generator>, SubjectError> {
        let (Some(config), Some(weights)) = (&self.config, &self.weights) else { return Ok(None) };
        let graph = config.net.generator(classes);
        Ok(Some(checkpoint::load_average(weights, &graph, device)?))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn models() -> PathBuf {
        Path::new(env!("CARGO_MANIFEST_DIR")).join("../models")
    }

    #[test]
    fn a_model_beside_its_floats_is_found_with_them() {
        let subject = Subject::find(&models().join("mnist.gan")).unwrap();
        assert!(subject.run.is_none());
        assert_eq!(subject.config.as_ref().unwrap().name, "mnist");
        assert!(subject.floats(10, &Device::flex()).unwrap().is_some());
    }

    #[test]
    fn a_model_alone_has_no_floats() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("alone.gan");
        std::fs::copy(models().join("mnist.gan"), &path).unwrap();
        let subject = Subject::find(&path).unwrap();
        assert!(subject.config.is_none() && subject.floats(10, &Device::flex()).unwrap().is_none());
    }

    #[test]
    fn a_run_is_its_folder_or_its_model() {
        let dir = tempfile::tempdir().unwrap();
        let run = dir.path().join("run");
        std::fs::create_dir_all(run.join("checkpoints/step-5")).unwrap();
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
        std::fs::copy(models().join("mnist.bpk"), run.join("checkpoints/step-5/average.bpk")).unwrap();
        for path in [run.clone(), run.join(MODEL_FILE)] {
            let subject = Subject::find(&path).unwrap();
            assert_eq!(subject.run.as_ref(), Some(&run));
            assert!(subject.floats(10, &Device::flex()).unwrap().is_some());
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
