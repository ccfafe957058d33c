//! What a finished run leaves behind: `generator.gan`, what that was made from in `generator.json`, and `samples.png`.

use std::path::{Path, PathBuf};

use burn::tensor::Device;
use gan_core::{AlignedBytes, Model};

use crate::digest;
use crate::files;
use crate::graph::Net;
use crate::lower::{Calibration, FloatRuns, Labels, LowerError, Lowered, lower};
use crate::pictures::sheet::{Samples, Sheet};
use crate::pictures::{self, Pictures};
use crate::stamp::{Origin, Sidecar, Stamp};

/// Name of the model file in a run's folder.
pub const MODEL_FILE: &str = "generator.gan";
/// Name of the sheet of samples in a run's folder.
pub const SHEET_FILE: &str = "samples.png";

/// Latents that ranges are taken from, and their seed.
const CALIBRATION: (usize, u64) = (512, 0xCA11);
/// Latents that the method of calibration is chosen by, and their seed.
const SELECTION: (usize, u64) = (256, 0x5E1E);
/// Latents that the lowered model is held against the floats on, and their seed.
const HELD_OUT: (usize, u64) = (256, 0x7E57);
/// Pictures a class on the sheet.
const COLUMNS: usize = 10;

/// A model that cannot be made or written.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ExportError {
    /// The lowering fails.
    #[error(transparent)]
    Lower(#[from] LowerError),
    /// A file cannot be written.
    #[error("{path}: {cause}")]
    Io {
        /// The file.
        path: PathBuf,
        /// The cause.
        cause: std::io::Error,
    },
}

/// What the floats of `generator`, which is in evaluation mode on `device`, do on the latents of every lowering.
pub fn float_runs(generator: &Net, device: &Device) -> FloatRuns {
    let run = |(count, seed)| pictures::float_run(generator, seed, count, device);
    FloatRuns { calibration: run(CALIBRATION), selection: run(SELECTION), held_out: run(HELD_OUT) }
}

/// Lowers `generator`, which is in evaluation mode on `device`, to a model of the name of its run whose classes are called
/// `classes`, with ranges by `calibration`; writes it, its `stamp` and a sheet of its samples from latents of `seed`, float above int8, into `dir`.
///
/// # Errors
/// The network cannot be lowered within its bounds, or a file cannot be written.
pub fn export(
    stamp: &Stamp,
    generator: &Net,
    classes: &[String],
    (calibration, seed): (Calibration, u64),
    device: &Device,
    dir: &Path,
) -> Result<Lowered, ExportError> {
    let runs = float_runs(generator, device);
    let labels = Labels { model: &stamp.run, classes };
    let lowered = lower(labels, generator.graph(), &generator.parameters(), calibration, &runs)?;
    let (file, sheet_file) = (dir.join(MODEL_FILE), dir.join(SHEET_FILE));
    let in_file = |path: PathBuf| move |cause| ExportError::Io { path, cause };
    files::write(&file, &lowered.file).map_err(in_file(file.clone()))?;
    // A stop right here leaves a stamp of another model, which its checksum tells.
    Sidecar::write(&file, &lowered.file, stamp).map_err(in_file(Sidecar::path(&file)))?;

    let count = COLUMNS * generator.graph().classes().unwrap_or(10);
    let bytes = AlignedBytes::new(&lowered.file);
    let model = Model::parse(&bytes).map_err(LowerError::from)?;
    let (floats, int8) =
        (pictures::floats(generator, seed, count, device), pictures::int8(&model, seed, count));
    let sheet = Sheet::compare(&[row("float", &floats), row("int8", &int8)], int8.size, COLUMNS);
    let origin = Origin { model_md5: Some(digest::of(&lowered.file)), stamp: Some(stamp.clone()) };
    files::write(&sheet_file, &sheet.made_from(origin).png()).map_err(in_file(sheet_file.clone()))?;
    Ok(lowered)
}

/// Pictures under a name, for a sheet.
pub fn row<'a>(name: &'a str, pictures: &'a Pictures) -> Samples<'a> {
    Samples { name, pictures: &pictures.greys, labels: &pictures.labels }
}

/// A row a class, of at most `columns` pictures; pictures of one class, or of none (`classes` is 0), in rows of equal
/// length.
pub fn overview(name: &str, made: &Pictures, classes: usize, columns: usize) -> Sheet {
    if classes > 1 && made.labels.iter().any(|&label| label != made.labels[0]) {
        return Sheet::by_class(row(name, made), made.size, columns);
    }
    let count = made.labels.len();
    let columns = (1..columns).find(|columns| columns * columns >= count).unwrap_or(columns);
    Sheet::grid(&made.greys, made.size, columns)
}
