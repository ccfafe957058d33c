//! The file beside a model file that says what the model was made from.

use std::io;
use std::path::{Path, PathBuf};

use super::{Origin, Stamp};
use crate::{digest, files};

/// What is known of a model's making. `generator.gan` has it in `generator.json`, any `NAME.gan` in `NAME.json`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Sidecar {
    /// All.
    Own(Stamp),
    /// Nothing: there is no such file. The model is from before there were any, or was copied without it.
    Missing,
    /// Nothing: the file is another model's, or no such file. A stop between the writing of the two leaves them so.
    Strange(PathBuf),
}

impl Sidecar {
    /// Its place for the model file `model`.
    pub fn path(model: &Path) -> PathBuf {
        model.with_extension("json")
    }

    /// Reads what lies beside the model file `model`, whose content is `bytes`.
    ///
    /// # Errors
    /// There is such a file, but it cannot be read.
    pub fn read(model: &Path, bytes: &[u8]) -> io::Result<Sidecar> {
        let path = Sidecar::path(model);
        let json = match std::fs::read(&path) {
            Ok(json) => json,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Sidecar::Missing),
            Err(error) => return Err(error),
        };
        let origin: Option<Origin> = serde_json::from_slice(&json).ok();
        Ok(match origin {
            Some(Origin { model_md5: Some(md5), stamp: Some(stamp) }) if md5 == digest::of(bytes) => {
                Sidecar::Own(stamp)
            }
            _ => Sidecar::Strange(path),
        })
    }

    /// Writes what the model file `model`, whose content is `bytes`, was made from.
    ///
    /// # Errors
    /// The file cannot be written.
    pub fn write(model: &Path, bytes: &[u8], stamp: &Stamp) -> io::Result<()> {
        let origin = Origin { model_md5: Some(digest::of(bytes)), stamp: Some(stamp.clone()) };
        let json = serde_json::to_string_pretty(&origin).expect("text and numbers");
        files::write(&Sidecar::path(model), json.as_bytes())
    }

    /// What is known.
    pub fn stamp(&self) -> Option<&Stamp> {
        match self {
            Sidecar::Own(stamp) => Some(stamp),
            Sidecar::Missing | Sidecar::Strange(_) => None,
        }
    }
}
