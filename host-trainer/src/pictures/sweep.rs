//! One number turned from end to end: what a uniform code does, as a sheet.

use crate::pictures::sheet::Sheet;
use crate::pictures::{self, Draws};
use gan_core::{Latent, Model};

/// Rows: a latent each, with every first choice in turn.
const ROWS: usize = 10;
/// Pictures a row; the middle one has the number at 0.
pub const COLUMNS: usize = 11;

/// The latents of the sheet, row by row: in a row the uniform number `number`, counted from 0, goes from −1 at the left to 1
/// at the right; all else stays as `draws` drew it.
///
/// # Panics
/// `model` has no such number.
pub fn latents(model: &Model<'_>, draws: &Draws, number: usize) -> Vec<Latent> {
    let turned = |latent: Latent| {
        (0..COLUMNS).map(move |column| {
            let mut latent = latent.clone();
            let value = 254 * column as i32 / (COLUMNS as i32 - 1) - 127;
            latent.uniform_values_mut()[number] = value as i8;
            latent
        })
    };
    draws.latents(ROWS, &model.into()).into_iter().flat_map(turned).collect()
}

/// Their pictures.
///
/// # Panics
/// `model` has no such number.
pub fn sweep(model: &Model<'_>, draws: &Draws, number: usize) -> Sheet {
    let made = pictures::of_latents(model, &latents(model, draws, number));
    Sheet::grid(&made.greys, made.size, COLUMNS)
}
