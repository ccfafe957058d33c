//! The firmware with the models that a command line names.

use std::path::PathBuf;

use tools::firmware::{BuildError, FirmwareBoard, default_model};

/// Says what it builds, and builds it: with `models`, or with the pretrained one if there are none.
pub fn build(board: &FirmwareBoard, models: &[PathBuf]) -> Result<PathBuf, BuildError> {
    let pretrained = [default_model()];
    let models = if models.is_empty() { &pretrained } else { models };
    let names: Vec<String> = models.iter().map(|path| path.display().to_string()).collect();
    println!("── cargo {} (model {})", board.build_arguments().join(" "), names.join(", "));
    board.build(models)
}
