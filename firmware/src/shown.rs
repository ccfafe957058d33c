//! What is on the display: all that it takes to draw the same display elsewhere.

use gan_core::MAX_CHOICES;

use crate::cost::Cost;

/// Seeds are 0 to 999,999: six digits that a person reads off a display and types.
pub const SEEDS: u32 = 1_000_000;
/// Steps of the walk from one seed's latent to the next one's.
pub const WALK_STEPS: u8 = 8;
/// The most sliders of a model.
pub const MAX_SLIDERS: usize = 8;
/// A slider goes from minus so many steps, −1, to as many, +1.
pub const SLIDER_STEPS: i8 = 10;
/// A truncation is at most so many steps of a fifth: 3.0, where latents end.
pub const TRUNCATION_STEPS: u8 = 15;

/// Where all controls of a model stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Settings {
    /// The entry whose picture is made.
    pub entry: u8,
    /// What is chosen in each of the model's choices, in their order.
    pub choices: [u8; MAX_CHOICES],
    /// The sliders, in tenths: within ±[`SLIDER_STEPS`].
    pub sliders: [i8; MAX_SLIDERS],
    /// The seed of the (first) picture, below [`SEEDS`].
    pub seed: u32,
    /// Steps walked from it towards the next seed, below [`WALK_STEPS`].
    pub step: u8,
    /// The truncation of normal numbers in fifths, 1 to [`TRUNCATION_STEPS`].
    pub truncation: u8,
    /// What picture inputs show: a digit of the display's font, if 0; else the picture that was taken last, of so many taken.
    pub taken: u8,
    /// As many pictures as fit, of consecutive seeds, or one.
    pub many: bool,
}

impl Settings {
    /// One picture of `seed`: the first of each choice, sliders in the middle, no truncation.
    pub fn new(seed: u32) -> Self {
        Self {
            entry: 0,
            choices: [0; MAX_CHOICES],
            sliders: [0; MAX_SLIDERS],
            seed,
            step: 0,
            truncation: TRUNCATION_STEPS,
            taken: 0,
            many: false,
        }
    }
}

/// What is on the display, and what it cost.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Shown {
    /// Place in the gallery of the model whose pictures are made.
    pub model: u8,
    /// Where the gallery is open: the place of the model that the next click takes.
    pub gallery: Option<u8>,
    /// The control, counted from the top, that Left and Right change.
    pub focus: u8,
    /// Where the controls stand.
    pub settings: Settings,
    /// Pictures generated.
    pub pictures: u32,
    /// What a picture cost, the mean of all, as the display says; `None` where the board cannot tell.
    pub cost: Option<Cost>,
}

/// The seed `count` (at most [`SEEDS`]) after `seed`, around the end.
pub(crate) fn seed_after(seed: u32, count: u32) -> u32 {
    (seed + count) % SEEDS
}
