//! What lies beside a model and is not of it: a newer checkpoint, other settings, an older picture.

use std::path::Path;

use super::Subject;
use crate::data::Fingerprint;
use crate::export::MODEL_FILE;
use crate::stamp::{Origin, Sidecar, picture, short};
use crate::train::checkpoint;

impl Subject {
    /// What the model was made from, in words.
    pub fn made_from(&self) -> String {
        let json = Sidecar::path(&self.path);
        match &self.sidecar {
            Sidecar::Own(stamp) => stamp.to_string(),
            Sidecar::Missing => {
                format!("not known: made before models named their step, or copied without {}", name(&json))
            }
            Sidecar::Strange(path) => format!("not known: {} is of another model", path.display()),
        }
    }

    /// What is newer or other beside the model than what it was made from, a sentence each.
    pub fn remarks(&self) -> Vec<String> {
        let model = self.path.display();
        let mut remarks = Vec::new();
        if let Sidecar::Strange(path) = &self.sidecar {
            let (json, again) = (path.display(), self.how_to_lower());
            remarks.push(format!("{json} is not of this {}: one of them is older{again}", name(&self.path)));
        }
        remarks.extend(self.is_behind());
        let Some(stamp) = self.sidecar.stamp() else { return remarks };
        let settings = self.config.as_ref().map(|config| stamp.settings_changed(config.assignments()));
        if let Some(changed) = settings.filter(|changed| !changed.is_empty()) {
            remarks.push(format!("the settings have changed since {model} was made: {}", changed.join("; ")));
        }
        if let Some(data) = self.data.as_ref().filter(|data| data.fingerprint.digest != stamp.data) {
            remarks.push(format!(
                "{model} was made from other pictures than its run has learned from since step {}",
                data.since
            ));
        }
        remarks
    }

    /// That the run has come to another step than the model, if so. A run writes its model when it ends, so one that does
    /// not name its step is older than a run that has not ended.
    pub(super) fn is_behind(&self) -> Option<String> {
        let (config, model) = (self.config.as_ref()?, self.path.display());
        self.run.as_ref()?;
        let newest = checkpoint::step_of(self.weights.as_ref()?.parent()?)?;
        let all = config.all_steps();
        let of = match self.sidecar.stamp() {
            Some(stamp) if stamp.step == newest => return None,
            Some(stamp) => format!("step {}", stamp.step),
            None if newest == all => return None,
            None => "an earlier step, which it does not name".to_owned(),
        };
        let again = self.how_to_lower();
        Some(format!("{model} is of {of}; the newest checkpoint is of step {newest} of {all}{again}"))
    }

    fn how_to_lower(&self) -> String {
        let Some(run) = &self.run else { return String::new() };
        format!(" (--resume {} goes on to the last step and writes {MODEL_FILE} anew)", run.display())
    }

    /// What was wrong with the floats that were left out of a comparison with the model.
    pub fn other_floats(&self) -> String {
        format!(
            "the floats {} are not those that {} was lowered from: they are left out, as the difference would not be what \
             quantization costs",
            self.floats_path(),
            self.path.display()
        )
    }

    /// What cannot be known of the floats of a model that does not name them.
    pub fn unchecked_floats(&self) -> String {
        format!(
            "{} was made before models named their step: whether it was lowered from the floats {} cannot be checked",
            self.path.display(),
            self.floats_path()
        )
    }

    fn floats_path(&self) -> String {
        self.weights.as_ref().map_or(String::new(), |path| path.display().to_string())
    }

    /// What is another in the training pictures `now` than in those that the model was made from, if that is known.
    pub fn data_changed(&self, now: &Fingerprint) -> Option<String> {
        let stamp = self.sidecar.stamp();
        // The run's record can tell more than a digest, where it is of the model's pictures.
        let record = self.data.as_ref().map(|data| &data.fingerprint);
        match record.filter(|record| stamp.is_none_or(|stamp| stamp.data == record.digest)) {
            Some(record) => record.changes(now),
            None => stamp.filter(|stamp| stamp.data != now.digest).map(|stamp| {
                let (was, is) = (short(&stamp.data), short(&now.digest));
                format!("{} was made from the pictures {was}, these are {is}", self.path.display())
            }),
        }
    }

    /// That `other` was made from other pictures than this model, if so.
    pub fn other_data(&self, other: &Subject) -> Option<String> {
        let (own, others) = (self.sidecar.stamp()?, other.sidecar.stamp()?);
        (own.data != others.data).then(|| {
            let (own, other) = (self.path.display(), other.path.display());
            format!("{other} was made from other pictures than {own}, by whose pictures both are judged")
        })
    }

    /// Those of `files`, by their names in the run's folder, that are there and were made from another model, in words.
    pub fn strangers(&self, files: &[&str]) -> Vec<String> {
        let Some(run) = &self.run else { return Vec::new() };
        let stranger = |file: &&str| {
            let path = run.join(file);
            let bytes = std::fs::read(&path).ok()?;
            let origin = if file.ends_with(".png") {
                picture::read(&bytes)
            } else {
                serde_json::from_slice(&bytes).ok()
            };
            let origin = origin.unwrap_or_default();
            let is = || format!("{} is of {origin}, not of this {}", path.display(), name(&self.path));
            (!self.is_made_into(&origin)).then(is)
        };
        files.iter().filter_map(stranger).collect()
    }

    /// Whether `origin` is this model. What does not say where it comes from can only be of a model that does not either.
    pub fn is_made_into(&self, origin: &Origin) -> bool {
        let own = self.origin();
        match origin.model_md5 {
            None => own.stamp.is_none() && origin.stamp.is_none(),
            Some(_) => *origin == own,
        }
    }
}

fn name(path: &Path) -> String {
    path.file_name().unwrap_or_default().to_string_lossy().into_owned()
}
