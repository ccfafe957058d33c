//! The models in one firmware.

use gan_core::{Model, ParseError, arena_bytes};
use heapless::Vec;

/// A model file is not what the build embedded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Refused {
    /// Place of the file, from 0.
    pub place: usize,
    /// What is wrong with it.
    pub error: ParseError,
}

/// Checks all model files, once: from here on nothing can fail.
///
/// # Errors
/// The first one that is refused.
pub fn parse<const N: usize>(files: &[&'static [u8]; N]) -> Result<Vec<Model<'static>, N>, Refused> {
    let mut models = Vec::new();
    for (place, file) in files.iter().enumerate() {
        let model = Model::parse(file).map_err(|error| Refused { place, error })?;
        // There are as many places as files.
        let _ = models.push(model);
    }
    Ok(models)
}

/// Bytes of the arena that serves every one of `files`.
pub const fn arena_of_all(files: &[&[u8]]) -> usize {
    let (mut largest, mut place) = (0, 0);
    while place < files.len() {
        let bytes = arena_bytes(files[place]);
        if bytes > largest {
            largest = bytes;
        }
        place += 1;
    }
    largest
}
