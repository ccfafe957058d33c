//! The pictures that a run goes on with, or that its model is judged by: they are loaded again, and must be those that
//! it began with. What these were stands in the run's `data.json`.

use std::io;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::checkpoint::{self, Checkpoints};
use super::{CONFIG_FILE, RunFolder, TrainConfig, TrainError, dataset};
use crate::data::{Dataset, Fingerprint};
use crate::families::Domain;
use crate::files;
use crate::graph::Net;
use crate::stamp::{PROGRAM, Stamp, weights_digest};

/// Name of the record of a run's pictures in the run's folder.
pub const DATA_FILE: &str = "data.json";

/// Settings that do not decide what comes out: a label, how often a run is saved and judged, and where its pictures lie. The
/// pictures themselves are in [`Stamp::data`], with all that `data` says of them.
const NO_PART: [&str; 4] = ["name", "checkpoint_every", "fid_every", "data"];

/// Which pictures a run learns from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RunData {
    /// They.
    pub fingerprint: Fingerprint,
    /// The step after which it was they; 0 unless a change was accepted.
    pub since: u64,
}

impl RunData {
    /// Of a run that learns from `dataset` from its first step on.
    pub fn of(dataset: &Dataset) -> RunData {
        RunData { fingerprint: Fingerprint::of(dataset), since: 0 }
    }

    /// The record of the run in `run`; none of a run from before there were any.
    ///
    /// # Errors
    /// The file is there, but cannot be read or is damaged.
    pub fn read(run: &Path) -> io::Result<Option<RunData>> {
        match std::fs::read(run.join(DATA_FILE)) {
            Ok(json) => Ok(Some(serde_json::from_slice(&json)?)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Writes the record of the run in `run`.
    ///
    /// # Errors
    /// The file cannot be written.
    pub fn write(&self, run: &Path) -> Result<(), TrainError> {
        let path = run.join(DATA_FILE);
        files::write(&path, &self.to_json()).map_err(|cause| TrainError::Io { path, cause })
    }

    /// The record's content.
    pub fn to_json(&self) -> Vec<u8> {
        serde_json::to_vec_pretty(self).expect("text and numbers")
    }

    /// The stamp of `average`, the averaged generator after step `step` of a run with the settings `config`, which learns
    /// from these pictures.
    pub fn stamp(&self, config: &TrainConfig, step: u64, average: &Net) -> Stamp {
        let decides = |key: &str| !NO_PART.contains(&key.split('.').next().unwrap_or_default());
        Stamp {
            run: config.name.clone(),
            step,
            steps: config.all_steps(),
            settings: config.assignments().into_iter().filter(|(key, _)| decides(key)).collect(),
            data: self.fingerprint.digest.clone(),
            data_since: self.since,
            weights: weights_digest(average),
            made_by: PROGRAM.to_owned(),
        }
    }

    /// [`write`](RunData::write) where there is no record yet.
    ///
    /// # Errors
    /// The file cannot be written.
    pub(super) fn keep(&self, run: &Path) -> Result<(), TrainError> {
        if run.join(DATA_FILE).exists() { Ok(()) } else { self.write(run) }
    }
}

/// How a run's pictures are loaded again.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Reload {
    /// The folder that they lie in now; `None` where they lay.
    pub folder: Option<PathBuf>,
    /// The same of the second of two folders.
    pub folder_b: Option<PathBuf>,
    /// Whether others than before are taken too.
    pub accept_changes: bool,
}

impl Reload {
    /// The pictures of `config`, and `config` with the folder that they lie in now and with how they were read.
    ///
    /// # Errors
    /// They cannot be read, or are less than a batch.
    pub fn load(&self, config: &TrainConfig) -> Result<(TrainConfig, Dataset), TrainError> {
        let mut config = config.clone();
        for (folder, dir) in [(&self.folder, &mut config.data.dir), (&self.folder_b, &mut config.data.dir_b)]
        {
            if let Some(folder) = folder {
                let absolute = std::path::absolute(folder);
                *dir = Some(absolute.map_err(|cause| TrainError::Io { path: folder.clone(), cause })?);
            }
        }
        config.validate()?;
        let (dataset, summary) = dataset(&config).map_err(|error| match error {
            TrainError::Data(cause) if self.folder.is_none() && self.folder_b.is_none() => {
                TrainError::Gone { cause }
            }
            other => other,
        })?;
        if let Some(summary) = summary {
            config.data.keep(summary.reading);
        }
        Ok((config, dataset))
    }

    /// `changes` of the pictures of `whose`, if they are accepted.
    ///
    /// # Errors
    /// They are not.
    pub fn accept(&self, whose: &Path, changes: Option<String>) -> Result<Option<String>, TrainError> {
        match changes {
            Some(changes) if !self.accept_changes => {
                Err(TrainError::Changed { whose: whose.into(), changes })
            }
            changes => Ok(changes),
        }
    }
}

/// A run's pictures, loaded again.
#[derive(Debug, Clone)]
pub struct Reloaded {
    /// The pictures.
    pub dataset: Dataset,
    /// What stands, or will stand, in the run's record.
    pub(super) data: RunData,
    /// What to tell the user.
    pub notes: Vec<String>,
}

/// Loads the pictures of the run in `run` as `reload` says, holds them against its record, and writes into the run's
/// files what is new and accepted: the pictures' place, or the pictures.
///
/// A run without a record gets one when it goes on: only then it is known that its networks fit these pictures.
///
/// # Errors
/// The pictures cannot be read, or are others and that is not accepted, or have another number of classes than the
/// networks were built for.
pub fn reload(run: &RunFolder, reload: &Reload) -> Result<Reloaded, TrainError> {
    let old = run.config()?;
    let (config, dataset) = reload.load(&old)?;
    let mut notes = Vec::new();
    let mut data = RunData::of(&dataset);
    let in_record = |cause| TrainError::Io { path: run.join(DATA_FILE), cause };
    match RunData::read(run).map_err(in_record)? {
        None => notes.push(format!(
            "{}: no {DATA_FILE}, as in runs from before there was one: the {} pictures of {} classes that are there \
             now will be recorded",
            run.display(),
            dataset.len(),
            dataset.classes
        )),
        Some(before) => {
            let changes = before.fingerprint.changes(&data.fingerprint);
            let (was, is) = (before.fingerprint.classes.len(), dataset.classes);
            let graph = |classes| config.family.generator(&Domain { classes, ..Domain::of(&dataset) });
            if let (Some(changes), true) = (&changes, graph(was) != graph(is)) {
                let changes = changes.clone();
                return Err(TrainError::Classes { run: run.to_path_buf(), was, is, changes });
            }
            match reload.accept(run, changes)? {
                None => data = before,
                Some(changes) => {
                    let newest = Checkpoints::of(run).newest()?;
                    data.since = newest.as_deref().and_then(checkpoint::step_of).unwrap_or(0);
                    data.write(run)?;
                    notes.push(format!("{}: goes on with other pictures: {changes}", run.display()));
                }
            }
        }
    }
    if config != old {
        config.write(&run.join(CONFIG_FILE))?;
    }
    Ok(Reloaded { dataset, data, notes })
}
