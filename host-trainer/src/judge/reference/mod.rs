//! What generated pictures are held against: real ones as the judge sees them.
//!
//! Finding the nearest training picture of each held-out one takes half of the time of an evaluation and always gives
//! the same, so it is kept in a file: named by a checksum of the pictures and of the judge, and sealed with one of its
//! own. A file that is missing, damaged or older is made anew.

use std::path::Path;

use md5::{Digest, Md5};
use serde::{Deserialize, Serialize};

use super::{
    Asked, FEATURES, Judge, JudgeError, K, Manifold, Memorization, Pair, SAMPLES, SIDE, Scores, Seen,
    Statistics, WEIGHTS, fid,
    manifold::Real,
    memorization::{closest, memorization, points},
    neighbours::Points,
};
use crate::data::{DataError, Dataset};
use crate::files;

/// Raised when the cached numbers change their meaning.
const CACHE_VERSION: u8 = 3;

/// The pictures of a data set.
#[derive(Debug, Clone)]
pub struct RealPictures {
    /// What a generator learned from.
    pub train: Dataset,
    /// What it has not seen; without it memorization cannot be told, and `train` stands in for the other figures.
    pub held_out: Option<Dataset>,
    /// Whether the classes are the digits that the judge knows.
    pub digits: bool,
}

impl RealPictures {
    /// MNIST: 60,000 training digits and 10,000 test digits.
    ///
    /// # Errors
    /// None in a sound build.
    pub fn mnist() -> Result<RealPictures, DataError> {
        Ok(RealPictures {
            train: Dataset::mnist_train()?,
            held_out: Some(Dataset::mnist_test()?),
            digits: true,
        })
    }

    /// The first pictures that were learned from, 10,000 at most, with their labels: what real pictures score is measured on them.
    pub fn first_samples(&self) -> (&[u8], &[u8]) {
        let images = first_samples(&self.train);
        (images, &self.train.labels[..images.len() / self.train.picture_len()])
    }

    /// The pictures that others are held against: those held out, or where none were those that were learned from.
    pub fn held_against(&self) -> &[u8] {
        first_samples(self.held_out.as_ref().unwrap_or(&self.train))
    }
}

/// What is computed once for a data set and a judge.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Kept {
    /// Of the first [`SAMPLES`] held-out pictures.
    features: Vec<f32>,
    squared_radii: Vec<f32>,
    /// From each of those pictures to its nearest training picture.
    distances: Vec<f32>,
    /// What the first [`SAMPLES`] training pictures score, with the memorization of the held-out ones.
    floor: Option<Scores>,
}

/// Real pictures, ready to be compared with.
#[derive(Debug)]
pub struct Reference {
    kept: Kept,
    statistics: Statistics,
    real: Real,
    training: Points,
    digits: bool,
}

impl Reference {
    /// Looks at `pictures`, or reads from a file in the folder `cache` what was seen the last time.
    ///
    /// # Errors
    /// The pictures are not 28×28. A cache that cannot be read or written is none.
    pub fn new(
        judge: &Judge,
        pictures: &RealPictures,
        cache: Option<&Path>,
    ) -> Result<Reference, JudgeError> {
        for set in [Some(&pictures.train), pictures.held_out.as_ref()].into_iter().flatten() {
            if (set.height, set.width) != (SIDE, SIDE) {
                return Err(JudgeError::Size { height: set.height, width: set.width });
            }
        }
        let training = points(&pictures.train.images, SIDE * SIDE);
        let file = cache.map(|dir| dir.join(format!("judged-{}.bin", key(pictures))));
        if let Some(kept) = file.as_deref().and_then(read) {
            return Ok(Reference::of(kept, training, pictures.digits));
        }
        let mut reference = Reference::look(judge, pictures, training)?;
        if pictures.held_out.is_some() {
            let (images, labels) = pictures.first_samples();
            let mut floor = reference.judge(&judge.look(images)?, Some(Asked::Class(labels)));
            floor.memorization = Some(memorization(&reference.kept.distances, &reference.kept.distances));
            reference.kept.floor = Some(floor);
        }
        if let Some(file) = file {
            // Without it the next evaluation only takes longer.
            let _ = write(&file, &reference.kept);
        }
        Ok(reference)
    }

    fn look(judge: &Judge, pictures: &RealPictures, training: Points) -> Result<Reference, JudgeError> {
        let real = pictures.held_against();
        let features = judge.features(real)?;
        let distances = match pictures.held_out {
            None => Vec::new(),
            Some(_) => {
                let nearest = training.nearest_to(&points(real, SIDE * SIDE));
                nearest.iter().map(|nearest| nearest.distance).collect()
            }
        };
        let squared_radii = Points::new(&features, FEATURES).squared_radii(K);
        let kept = Kept { features, squared_radii, distances, floor: None };
        Ok(Reference::of(kept, training, pictures.digits))
    }

    fn of(kept: Kept, training: Points, digits: bool) -> Reference {
        let real = Real::new(Points::new(&kept.features, FEATURES), kept.squared_radii.clone());
        Reference { statistics: Statistics::of(&kept.features, FEATURES), real, training, digits, kept }
    }

    /// What real pictures score: the first 10,000 training pictures against the held-out ones; its memorization is
    /// that of the held-out ones. `None` where nothing was held out.
    pub fn floor(&self) -> Option<&Scores> {
        self.kept.floor.as_ref()
    }

    /// All figures but memorization, for pictures of which `seen` is known.
    fn judge(&self, seen: &Seen, asked: Option<Asked<'_>>) -> Scores {
        let fid = fid(&Statistics::of(&seen.features, FEATURES), &self.statistics);
        let asked = asked.filter(|_| self.digits);
        let manifold: Manifold = self.real.compare(&Points::new(&seen.features, FEATURES));
        Scores { manifold: Some(manifold), ..Scores::new(fid, asked, seen) }
    }

    /// How near `pictures` come to training pictures, and the closest pairs.
    fn memorized(&self, pictures: &[u8]) -> Option<(Memorization, Vec<Pair>)> {
        if self.kept.distances.is_empty() {
            return None;
        }
        let found = self.training.nearest_to(&points(pictures, SIDE * SIDE));
        let distances: Vec<f32> = found.iter().map(|nearest| nearest.distance).collect();
        Some((memorization(&distances, &self.kept.distances), closest(&found)))
    }
}

/// What [`Judge::judge`] finds.
#[derive(Debug, Clone, PartialEq)]
pub struct Judged {
    /// All figures.
    pub report: Scores,
    /// The pictures closest to a training picture; none where nothing was held out.
    pub pairs: Vec<Pair>,
    /// The class seen in each picture.
    pub classes: Vec<u8>,
}

impl Judge {
    /// All figures of `pictures`, `n·28·28` bytes, picture `i` made for number `i` of `asked`.
    ///
    /// # Errors
    /// As [`Judge::report`].
    pub fn judge(
        &self,
        pictures: &[u8],
        asked: Option<Asked<'_>>,
        reference: &Reference,
    ) -> Result<Judged, JudgeError> {
        let seen = self.look(pictures)?;
        seen.check(asked.filter(|_| reference.digits))?;
        let report = reference.judge(&seen, asked);
        let (memorization, pairs) = reference.memorized(pictures).unzip();
        let report = Scores { memorization, ..report };
        Ok(Judged { report, pairs: pairs.unwrap_or_default(), classes: seen.classes })
    }
}

fn first_samples(set: &Dataset) -> &[u8] {
    &set.images[..set.images.len().min(SAMPLES * SIDE * SIDE)]
}

/// Of everything that [`Kept`] depends on.
fn key(pictures: &RealPictures) -> String {
    let mut sum = Md5::new();
    sum.update([CACHE_VERSION, K as u8, u8::from(pictures.digits)]);
    sum.update(WEIGHTS);
    for set in [Some(&pictures.train), pictures.held_out.as_ref()].into_iter().flatten() {
        sum.update((set.images.len() as u64).to_le_bytes());
        sum.update(&set.images);
        sum.update(&set.labels);
    }
    hex(&sum.finalize())
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// None if the file is not there or not what was written.
fn read(file: &Path) -> Option<Kept> {
    let bytes = std::fs::read(file).ok()?;
    let (seal, body) = bytes.split_first_chunk::<16>()?;
    (Md5::digest(body)[..] == seal[..]).then(|| postcard::from_bytes(body).ok())?
}

fn write(file: &Path, kept: &Kept) -> std::io::Result<()> {
    let body = postcard::to_stdvec(kept).expect("numbers and lists of them");
    let mut bytes = Md5::digest(&body).to_vec();
    bytes.extend(body);
    std::fs::create_dir_all(files::folder(file))?;
    files::write(file, &bytes)
}

#[cfg(test)]
mod tests;
