//! What uniform codes change in the pictures.

use crate::figure::Figure;
use crate::judge::strokes::{correlation, ink, slant};
use crate::pictures::{Draws, Pictures};
use gan_core::Model;
use serde::{Deserialize, Serialize};

/// How a uniform number goes with what can be measured of a picture, from −1 to 1 (Pearson's correlation).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Code {
    /// Which one, counted from 1.
    pub number: usize,
    /// With how far the digit leans to the right.
    pub slant: Figure,
    /// With how much ink it has.
    pub ink: Figure,
}

/// Of each uniform number of `model`, over its `pictures` of the latents of `seed`.
pub(super) fn codes(model: &Model<'_>, pictures: &Pictures, seed: u64) -> Vec<Code> {
    let count = model.uniform_length();
    if count == 0 {
        return Vec::new();
    }
    let latents = Draws::of(seed).latents(pictures.labels.len(), &model.into());
    let (height, side) = pictures.size;
    let each = || pictures.greys.chunks_exact(height * side);
    let slants: Vec<f64> = each().map(|picture| slant(picture, side)).collect();
    let inks: Vec<f64> = each().map(ink).collect();
    let code = |number: usize| {
        let values: Vec<f64> =
            latents.iter().map(|latent| f64::from(latent.uniform_values()[number])).collect();
        let with = |measured: &[f64]| Figure::of(correlation(&values, measured));
        Code { number: number + 1, slant: with(&slants), ink: with(&inks) }
    };
    (0..count).map(code).collect()
}

impl std::fmt::Display for Code {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let show = |figure: Figure| figure.show(|value| format!("{value:+.2}"));
        let Code { number, slant, ink } = *self;
        write!(
            f,
            "uniform code {number}: correlation with the slant {}, with the ink {}",
            show(slant),
            show(ink)
        )
    }
}
