//! All pretrained models on a board whose flash does not hold them at once.

use std::fs;
use std::path::PathBuf;

use gan_core::KernelSet;
use gan_core::pack::pack;

use crate::firmware::{FirmwareBoard, is_adaptive, project};

/// What the code of the ops behind the feature `adaptive` takes, at most.
const ADAPTIVE_CODE_BYTES: u64 = 10 * 1024;

/// A model that cannot be put into a gallery.
#[derive(Debug, thiserror::Error)]
#[error("{path}: {cause}", path = path.display())]
pub struct GalleryError {
    /// The file, or the folder of the models.
    pub path: PathBuf,
    /// What is wrong with it.
    pub cause: Box<dyn std::error::Error + Send + Sync>,
}

/// All models in `models/`, by name, in galleries that fit the flash of `board`: each in the first that has room.
///
/// # Errors
/// A file cannot be read or packed.
pub fn galleries(board: &FirmwareBoard) -> Result<Vec<Vec<PathBuf>>, GalleryError> {
    let folder = project().join("models");
    let failed = |path: &PathBuf| {
        let path = path.clone();
        move |cause: std::io::Error| GalleryError { path, cause: cause.into() }
    };
    let mut paths = Vec::new();
    for entry in fs::read_dir(&folder).map_err(failed(&folder))? {
        let path = entry.map_err(failed(&folder))?.path();
        if path.extension().is_some_and(|extension| extension == "gan") {
            paths.push(path);
        }
    }
    paths.sort();
    let kernels = KernelSet::of_target(board.target, None);
    let flash = board.flash_bytes - board.code_budget_bytes;
    let mut galleries: Vec<(u64, Vec<PathBuf>)> = Vec::new();
    for path in paths {
        let file = fs::read(&path).map_err(failed(&path))?;
        let packed =
            pack(&file, kernels).map_err(|cause| GalleryError { path: path.clone(), cause: cause.into() })?;
        // Its ops' code comes along, with each of them: a gallery of two such models has some room left.
        let code = if is_adaptive(&file) { ADAPTIVE_CODE_BYTES } else { 0 };
        let bytes = packed.file.len().next_multiple_of(16) as u64 + code;
        match galleries.iter_mut().find(|(free, _)| bytes <= *free) {
            Some((free, gallery)) => {
                *free -= bytes;
                gallery.push(path);
            }
            None => galleries.push((flash.saturating_sub(bytes), vec![path])),
        }
    }
    Ok(galleries.into_iter().map(|(_, gallery)| gallery).collect())
}
