//! What a finished run leaves behind: `generator.gan`, what that was made from in `generator.json`, and `samples.png`.

use std::path::{Path, PathBuf};

use burn::tensor::Device;
use gan_core::{AlignedBytes, Model};

use crate::digest;
use crate::files;
use crate::graph::Net;
use crate::lower::{FloatRun, FloatRuns, Labels, LowerError, Lowered, Lowering, lower};
use crate::pictures::sheet::{Samples, Sheet};
use crate::pictures::{self, Draws, Given, Originals, Pictures, of_all_choices};
use crate::stamp::{Origin, Sidecar, Stamp};

/// Name of the model file in a run's folder.
pub const MODEL_FILE: &str = "generator.gan";
/// Name of the sheet of samples in a run's folder.
pub const SHEET_FILE: &str = "samples.png";

/// Seed and number of the latents that ranges are taken from; originals are taken one after another.
const CALIBRATION: (u64, usize) = (0xCA11, 512);
/// Those that the method of calibration is chosen by.
const SELECTION: (u64, usize) = (0x5E1E, 256);
/// Those that the lowered model is held against the floats on.
const HELD_OUT: (u64, usize) = (0x7E57, 256);
/// Pictures a class on the sheet.
const COLUMNS: usize = 10;
/// Originals of each entry on the sheet of a model that restyles.
const RESTYLED: usize = 20;

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

/// What the floats of `generator` do on `count` latents of `seed`, with all that there is to choose from, and on `originals` from number
/// `first` on.
fn run(
    (generator, originals): (&Net, &Originals),
    first: usize,
    (seed, count): (u64, usize),
    device: &Device,
) -> FloatRun {
    let graph = generator.graph();
    let latents = of_all_choices(graph, Draws::of(seed).latents(count, &graph.into()));
    pictures::float_run(generator, (originals, first), latents, device)
}

/// What the floats of `generator` do on the latents that ranges are taken from; see [`float_runs`].
pub fn calibration_run(generator: &Net, originals: &Originals, device: &Device) -> FloatRun {
    run((generator, originals), 0, CALIBRATION, device)
}

/// What the floats of `generator`, which is in evaluation mode on `device`, do on the latents of every lowering, and on the first of
/// `originals`.
pub fn float_runs(generator: &Net, originals: &Originals, device: &Device) -> FloatRuns {
    let run = |first, how| run((generator, originals), first, how, device);
    let (selection, held_out) = (CALIBRATION.1, CALIBRATION.1 + SELECTION.1);
    FloatRuns {
        calibration: calibration_run(generator, originals, device),
        selection: run(selection, SELECTION),
        held_out: run(held_out, HELD_OUT),
    }
}

/// A trained generator, and what its files are made from.
pub struct Export<'a> {
    /// In evaluation mode on `device`.
    pub generator: &'a Net,
    /// What the model and its classes are called.
    pub labels: Labels<'a>,
    /// What it reads, if it restyles.
    pub originals: &'a Originals,
    /// What the generator is, if that is known.
    pub stamp: Option<&'a Stamp>,
    /// What computes the floats.
    pub device: &'a Device,
}

impl Export<'_> {
    /// Lowers the generator in the way `how`, and writes the model to `path` and its stamp beside it.
    ///
    /// # Errors
    /// The network cannot be lowered within its bounds, or a file cannot be written.
    pub fn model(&self, how: impl Into<Lowering>, path: &Path) -> Result<Lowered, ExportError> {
        let Export { generator, labels, originals, stamp, device } = *self;
        let runs = float_runs(generator, originals, device);
        let lowered = lower(labels, generator.graph(), &generator.parameters(), how, &runs)?;
        write(path, &lowered.file)?;
        // A stop right here leaves a stamp of another model, which its checksum tells.
        if let Some(stamp) = stamp {
            Sidecar::write(path, &lowered.file, stamp).map_err(|cause| io(Sidecar::path(path), cause))?;
        }
        Ok(lowered)
    }

    /// Writes samples from latents of `seed`, float above those of the int8 model `file`, to the PNG file `path`.
    ///
    /// # Errors
    /// gan-core refuses the model, or the file cannot be written.
    pub fn sheet(&self, file: &[u8], seed: u64, path: &Path) -> Result<(), ExportError> {
        let Export { generator, originals, stamp, device, .. } = *self;
        let bytes = AlignedBytes::new(file);
        let model: Model = Model::parse(&bytes).map_err(LowerError::from)?;
        let graph = generator.graph();
        let floats = |given: Given<'_>, count| {
            pictures::floats_of_given(generator, given, (&Draws::of(seed), count), device)
        };
        let int8 = |given: Given<'_>, count| {
            pictures::of_given(&model, given, &Draws::of(seed).latents(count, &(&model).into()))
        };
        let sheet = match graph.reads_pictures() {
            true => restyled(
                graph.outputs.iter().map(|output| &output.name[..]),
                originals,
                &[("", &floats), ("int8 ", &int8)],
            ),
            false => {
                let (given, count) = (Given { entry: 0, originals }, COLUMNS * graph.classes().unwrap_or(10));
                let (floats, int8) = (floats(given, count), int8(given, count));
                Sheet::compare(&[row("float", &floats), row("int8", &int8)], int8.size, COLUMNS)
            }
        };
        let origin = Origin { model_md5: Some(digest::of(file)), stamp: stamp.cloned() };
        write(path, &sheet.made_from(origin).png())
    }
}

fn io(path: PathBuf, cause: std::io::Error) -> ExportError {
    ExportError::Io { path, cause }
}

fn write(path: &Path, bytes: &[u8]) -> Result<(), ExportError> {
    files::write(path, bytes).map_err(|cause| io(path.to_owned(), cause))
}

/// What makes so many pictures of what is given.
pub type Maker<'m> = &'m dyn Fn(Given<'_>, usize) -> Pictures;

/// For each of `entries`, by their names, its first `originals`, and below them what each of `makers` makes of them, called by its
/// name and the entry's.
pub fn restyled<'e>(
    entries: impl Iterator<Item = &'e str>,
    originals: &Originals,
    makers: &[(&str, Maker<'_>)],
) -> Sheet {
    let rows = entries.enumerate().flat_map(|(entry, name)| {
        let given = Given { entry, originals };
        let made =
            makers.iter().map(move |(by, maker)| (format!("{by}{name}"), maker(given, RESTYLED).greys));
        std::iter::once(("original".to_owned(), originals.greys(entry, 0..RESTYLED))).chain(made)
    });
    let rows: Vec<(String, Vec<u8>)> = rows.collect();
    let size = originals.read_by(0);
    let row = |(name, pictures)| Samples { name, pictures, labels: &[0; RESTYLED] };
    let rows: Vec<Samples<'_>> = rows.iter().map(|(name, greys)| row((&name[..], &greys[..]))).collect();
    Sheet::rows(&rows, (size.height, size.width))
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
