//! How good generated digits are: do they show the class that was asked for, and are they
//! distributed like real ones? are they more than copies of them?
//!
//! A classifier trained on MNIST here in the project judges. Accuracy is the share of pictures in
//! which it sees the class asked for; FID is the Fréchet distance between its features of the
//! pictures and of MNIST's test digits. Figures of this FID are no figures of the Inception FID of
//! the literature, and another training of the classifier shifts them: [`Judge::floor`], what real
//! digits score, belongs beside each.

mod asked;
mod classifier;
mod diversity;
mod error;
mod fid;
mod interval;
mod manifold;
mod memorization;
mod neighbours;
mod reference;
mod scores;
mod sharpness;
pub mod strokes;
mod table;
mod train;

pub use asked::Asked;
pub use classifier::Classifier;
pub use error::JudgeError;
pub use fid::{Statistics, fid, frechet_distance};
pub use manifold::{K, Manifold};
pub use memorization::{Memorization, PAIRS, Pair};
pub use neighbours::{Nearest, Points};
pub use reference::{Judged, RealPictures, Reference};
pub use scores::{ClassScores, Scores};
pub use table::{Row, Table, table};
pub use train::{Progress, Training};

use std::sync::OnceLock;

use burn::{
    module::Module,
    store::ModuleRecord,
    tensor::{Bytes, Device, Tensor},
};

use crate::data::{CLASSES, Dataset};

/// Rows and columns of a picture that is judged.
pub const SIDE: usize = 28;

/// Length of a picture's feature vector.
pub const FEATURES: usize = 128;

pub use crate::figure::SAMPLES;

/// The pretrained judge.
const WEIGHTS: &[u8] = include_bytes!("../../../models/judge.bpk");

/// Pictures a pass through the classifier.
const BATCH: usize = 500;

/// The classifier, with the statistics of the test digits against which it measures.
#[derive(Debug)]
pub struct Judge {
    classifier: Classifier,
    device: Device,
    test_digits: OnceLock<Statistics>,
}

/// What the classifier sees in some pictures.
#[derive(Debug, Clone, PartialEq)]
pub struct Seen {
    /// `[pictures, 128]`, each at least 0.
    pub features: Vec<f32>,
    /// `[pictures, 10]`, each row of sum 1.
    pub probabilities: Vec<f32>,
    /// The likeliest class, one a picture.
    pub classes: Vec<u8>,
    /// Mean length of the pictures' gradient, in whites per pixel.
    pub sharpness: f64,
}

impl Seen {
    /// Checks that there are enough pictures, and a digit for each if digits were asked for.
    fn check(&self, asked: Option<Asked<'_>>) -> Result<(), JudgeError> {
        let pictures = self.classes.len();
        if let Some(asked) = asked {
            let (Asked::Class(labels) | Asked::Code(labels)) = asked;
            if pictures != labels.len() {
                return Err(JudgeError::Counts { pictures, labels: labels.len() });
            }
            if let Some(&label) =
                asked.classes().unwrap_or_default().iter().find(|&&label| usize::from(label) >= CLASSES)
            {
                return Err(JudgeError::Label { label });
            }
        }
        if pictures < 2 { Err(JudgeError::TooFew { pictures }) } else { Ok(()) }
    }
}

impl Judge {
    /// The judge of `models/judge.bpk`, which is part of the binary.
    ///
    /// # Errors
    /// When this build's classifier is not the one whose weights are embedded.
    pub fn pretrained(device: &Device) -> Result<Judge, JudgeError> {
        let record = ModuleRecord::from_bytes(Bytes::from_bytes_vec(WEIGHTS.to_vec()))?;
        Ok(Judge::new(Classifier::unset(device).try_load_record(record)?, device))
    }

    /// A judge with another classifier.
    pub fn new(classifier: Classifier, device: &Device) -> Judge {
        Judge { classifier, device: device.clone(), test_digits: OnceLock::new() }
    }

    /// What the classifier sees in `pictures`, `n·28·28` bytes of 0 (background) to 255 (ink).
    ///
    /// # Errors
    /// When the bytes are not whole pictures.
    pub fn look(&self, pictures: &[u8]) -> Result<Seen, JudgeError> {
        if !pictures.len().is_multiple_of(SIDE * SIDE) {
            return Err(JudgeError::PartOfAPicture { bytes: pictures.len() });
        }
        let sharpness = sharpness::sharpness(pictures, SIDE);
        let mut seen = Seen { features: vec![], probabilities: vec![], classes: vec![], sharpness };
        for batch in pictures.chunks(BATCH * SIDE * SIDE) {
            let features = self.classifier.features(Classifier::input(batch, &self.device));
            let logits = floats(self.classifier.logits(features.clone()));
            seen.features.extend(floats(features));
            seen.probabilities.extend(diversity::softmax(&logits));
            seen.classes.extend(logits.chunks(CLASSES).map(highest));
        }
        Ok(seen)
    }

    /// The features of `pictures`: [`Seen::features`].
    ///
    /// # Errors
    /// As [`Judge::look`].
    pub fn features(&self, pictures: &[u8]) -> Result<Vec<f32>, JudgeError> {
        Ok(self.look(pictures)?.features)
    }

    /// Judges `pictures`, `n·28·28` bytes, against the test digits: what takes seconds only. Picture `i` was made for
    /// number `i` of `asked`, if for any.
    ///
    /// # Errors
    /// When there is not one label a picture, a label is not below 10, or there are less than two
    /// pictures.
    pub fn report(&self, pictures: &[u8], asked: Option<Asked<'_>>) -> Result<Scores, JudgeError> {
        self.report_against(pictures, asked, self.test_digits()?)
    }

    /// [`Judge::report`] against other real pictures than the test digits, by their [`Judge::statistics`].
    ///
    /// # Errors
    /// As there.
    pub fn report_against(
        &self,
        pictures: &[u8],
        asked: Option<Asked<'_>>,
        real: &Statistics,
    ) -> Result<Scores, JudgeError> {
        let seen = self.look(pictures)?;
        seen.check(asked)?;
        let fid = fid(&Statistics::of(&seen.features, FEATURES), real);
        Ok(Scores::new(fid, asked, &seen))
    }

    /// What [`Judge::report_against`] needs to know of real pictures, `n·28·28` bytes.
    ///
    /// # Errors
    /// As [`Judge::look`].
    pub fn statistics(&self, pictures: &[u8]) -> Result<Statistics, JudgeError> {
        Ok(Statistics::of(&self.features(pictures)?, FEATURES))
    }

    /// What real digits score: 10,000 training digits, judged as if they were generated.
    ///
    /// # Errors
    /// None in a sound build.
    pub fn floor(&self) -> Result<Scores, JudgeError> {
        let digits = Dataset::mnist_train()?;
        self.report(&digits.images[..SAMPLES * SIDE * SIDE], Some(Asked::Class(&digits.labels[..SAMPLES])))
    }

    /// Statistics of the 10,000 test digits, computed once.
    fn test_digits(&self) -> Result<&Statistics, JudgeError> {
        if let Some(statistics) = self.test_digits.get() {
            return Ok(statistics);
        }
        let statistics = self.statistics(&Dataset::mnist_test()?.images)?;
        Ok(self.test_digits.get_or_init(|| statistics))
    }
}

fn floats(tensor: Tensor<2>) -> Vec<f32> {
    tensor.into_data().as_slice::<f32>().expect("the classifier computes in f32").to_vec()
}

/// The index of the highest logit.
fn highest(logits: &[f32]) -> u8 {
    let best = logits.iter().enumerate().max_by(|a, b| a.1.total_cmp(b.1));
    best.map_or(0, |(class, _)| class as u8)
}

#[cfg(test)]
mod tests;
