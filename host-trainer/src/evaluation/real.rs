//! The real pictures that a model is held against.

use super::EvaluationError;
use crate::data::{DivisionError, Fingerprint, Split};
use crate::judge::RealPictures;
use crate::pictures::{Originals, reads_pictures};
use crate::subject::Subject;
use crate::train::{Reload, TrainConfig, domains};
use gan_core::Model;

/// What a model learned from, and what its data held out.
#[derive(Debug, Clone)]
pub struct Real {
    /// What its first entry's pictures are held against; of a model that restyles those of the domain that it makes.
    pub pictures: RealPictures,
    /// What it restyles: the domains of the pictures that were held out, or where none were, of all.
    pub originals: Originals,
}

impl Real {
    /// Those of a model of `config`, from the pictures of its data as they are.
    ///
    /// # Errors
    /// The data does not have the domains that the model is for.
    pub fn of(config: Option<&TrainConfig>, pictures: RealPictures) -> Result<Real, DivisionError> {
        let whole = Real { originals: Originals::default(), pictures };
        let Some(config) = config else { return Ok(whole) };
        let RealPictures { train, held_out, digits } = &whole.pictures;
        let learned = Originals::of(domains(config, train, Split::Train)?);
        let Some(train) = learned.made_by(0).cloned() else { return Ok(whole) };
        let (originals, held_out) = match held_out {
            None => (learned, None),
            Some(held_out) => {
                let originals = Originals::of(domains(config, held_out, Split::Test)?);
                let held_out = originals.made_by(0).cloned();
                (originals, held_out)
            }
        };
        Ok(Real { pictures: RealPictures { train, held_out, digits: *digits }, originals })
    }
}

/// What `subject` was trained on, loaded as `reload` says, and what its data held out; MNIST where that is not known. With
/// them what has changed in the training pictures, if that is accepted.
///
/// # Errors
/// The pictures cannot be read, or are others than the model was trained on: figures against those would mean nothing.
pub fn real_pictures(subject: &Subject, reload: &Reload) -> Result<(Real, Option<String>), EvaluationError> {
    let mut real = RealPictures::mnist()?;
    let Some(config) = &subject.config else { return Ok((Real::of(None, real)?, None)) };
    let (config, train) = reload.load(config)?;
    let whose = subject.run.as_ref().unwrap_or(&subject.path);
    let changes = reload.accept(whose, subject.data_changed(&Fingerprint::of(&train)))?;
    real.train = train;
    if config.data.dir.is_some() {
        real.digits = false;
        real.held_out = config.data.load(Split::Test)?.map(|loaded| loaded.dataset);
    }
    let changes =
        changes.map(|changes| format!("judged by other pictures than it was trained on: {changes}"));
    Ok((Real::of(Some(&config), real)?, changes))
}

/// What `model`, that of `subject`, restyles, loaded as `reload` says; none of a model that reads no pictures.
///
/// # Errors
/// As [`real_pictures`].
pub fn originals(
    model: &Model<'_>,
    subject: &Subject,
    reload: &Reload,
) -> Result<Originals, EvaluationError> {
    match reads_pictures(model) {
        true => Ok(real_pictures(subject, reload)?.0.originals),
        false => Ok(Originals::default()),
    }
}
