//! The firmware with the models that a command line names.

use std::path::PathBuf;

use anyhow::{bail, ensure};
use tools::firmware::{BuildError, FirmwareBoard, default_model};
use tools::galleries::galleries;

/// The models of a command line: the files that it names, or a gallery of all pretrained ones.
#[derive(clap::Args)]
pub struct Models {
    /// A model file to embed instead of models/mnist.gan; several, each behind a --model, are a gallery, which the
    /// firmware opens by hold:select.
    #[arg(long = "model", value_name = "FILE")]
    models: Vec<PathBuf>,
    /// All pretrained models: the first of the galleries that it takes on this board, or the one of this number.
    #[arg(long, value_name = "NUMBER", num_args = 0..=1, default_missing_value = "1", conflicts_with = "models")]
    gallery: Option<usize>,
}

impl Models {
    /// The files, for `board`; says which galleries there are if one is asked for.
    pub fn files(&self, board: &FirmwareBoard) -> anyhow::Result<Vec<PathBuf>> {
        let Some(number) = self.gallery else { return Ok(self.models.clone()) };
        let all = galleries(board)?;
        ensure!(!all.is_empty(), "no model in models/");
        for (gallery, place) in all.iter().zip(1..) {
            let names = gallery.iter().filter_map(|path| path.file_stem()?.to_str());
            let chosen = if place == number { "  ← this one" } else { "" };
            println!("gallery {place} of {}: {}{chosen}", all.len(), names.collect::<Vec<_>>().join(", "));
        }
        match number.checked_sub(1).and_then(|place| all.into_iter().nth(place)) {
            Some(gallery) => Ok(gallery),
            None => bail!("--gallery {number}: there is no such gallery of {}", board.name),
        }
    }
}

/// Says what it builds, and builds it: with `models`, or with the pretrained one if there are none.
pub fn build(board: &FirmwareBoard, models: &[PathBuf]) -> Result<PathBuf, BuildError> {
    let pretrained = [default_model()];
    let models = if models.is_empty() { &pretrained } else { models };
    let names: Vec<String> = models.iter().map(|path| path.display().to_string()).collect();
    println!("── cargo {} (model {})", board.build_arguments().join(" "), names.join(", "));
    board.build(models)
}
