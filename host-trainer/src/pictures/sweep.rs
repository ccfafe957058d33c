//! One input turned from end to end, as a sheet: what a uniform code does, or a choice.

use crate::pictures::sheet::Sheet;
use crate::pictures::{self, Draws};
use gan_core::{Latent, Model};

/// Rows: a latent each, with every first choice in turn.
const ROWS: usize = 10;
/// Pictures a row of a uniform number; the middle one has it at 0.
pub const COLUMNS: usize = 11;

/// What is turned.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Swept {
    /// The uniform number of this place, counted from 0: from −1 at the left to 1 at the right.
    Uniform(usize),
    /// The choice of this place among the model's choices: a column for each that there is to choose from.
    Choice {
        /// Its place, counted from 0.
        place: usize,
        /// How many there are to choose from.
        count: usize,
    },
}

impl Swept {
    /// Pictures a row.
    pub fn columns(self) -> usize {
        match self {
            Swept::Uniform(_) => COLUMNS,
            Swept::Choice { count, .. } => count,
        }
    }

    fn turn(self, latent: Latent, column: usize) -> Latent {
        match self {
            Swept::Uniform(number) => {
                let mut latent = latent;
                let value = 254 * column as i32 / (COLUMNS as i32 - 1) - 127;
                latent.uniform_values_mut()[number] = value as i8;
                latent
            }
            Swept::Choice { place, .. } => latent.choose(place, column as u8),
        }
    }
}

/// The latents of the sheet, row by row: all but `swept` stays along a row as `draws` drew it.
///
/// # Panics
/// `model` has no such number.
pub fn latents(model: &Model<'_>, draws: &Draws, swept: Swept) -> Vec<Latent> {
    let turned = |latent: Latent| (0..swept.columns()).map(move |column| swept.turn(latent.clone(), column));
    draws.latents(ROWS, &model.into()).into_iter().flat_map(turned).collect()
}

/// Their pictures.
///
/// # Panics
/// `model` has no such number.
pub fn sweep(model: &Model<'_>, draws: &Draws, swept: Swept) -> Sheet {
    let made = pictures::of_latents(model, &latents(model, draws, swept));
    Sheet::grid(&made.greys, made.size, swept.columns())
}
