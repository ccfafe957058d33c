//! How a run's pictures come to be: sheets of the averaged generator, of the same latents or originals, through its training.

use std::path::{Path, PathBuf};

use burn::tensor::Device;

use crate::export::{overview, restyled};
use crate::files;
use crate::graph::Net;
use crate::pictures::{self, Draws, Given, Originals, Pictures};
use crate::stamp::{Origin, Stamp};

/// Name of their folder in a run's folder.
pub(super) const FOLDER: &str = "sheets";
/// How many a run draws, nearly.
const SHEETS: u64 = 24;
/// Pictures of each class.
const COLUMNS: usize = 5;
/// The latents' seed.
const SEED: u64 = 1;

/// Whether a run of `steps` steps draws one after step `step`: after the first steps, where most changes, and then at
/// equal distances.
pub(super) fn is_due(step: u64, steps: u64) -> bool {
    let every = (steps / SHEETS).max(1);
    step.is_multiple_of(every) || step == steps || (step < every && step.is_power_of_two())
}

/// Draws a sheet of `generator`, the run's average that `stamp` names, and writes it into the run's folder `run`.
///
/// # Errors
/// The file that cannot be written.
pub(super) fn draw(
    run: &Path,
    stamp: Stamp,
    generator: &Net,
    originals: &Originals,
    device: &Device,
) -> Result<Pictures, (PathBuf, std::io::Error)> {
    let graph = generator.graph();
    let classes = graph.classes();
    let floats = |given: Given<'_>, count| {
        pictures::floats_of_given(generator, given, (&Draws::of(SEED), count), device)
    };
    let made = floats(Given { entry: 0, originals }, COLUMNS * classes.unwrap_or(10));
    let folder = run.join(FOLDER);
    let path = folder.join(format!("step-{:06}.png", stamp.step));
    let origin = Origin { model_md5: None, stamp: Some(stamp) };
    let sheet = match graph.reads_pictures() {
        true => restyled(graph.outputs.iter().map(|output| &output.name[..]), originals, &[("", &floats)]),
        false => overview("float", &made, classes.unwrap_or(0), COLUMNS),
    };
    let sheet = sheet.made_from(origin).png();
    std::fs::create_dir_all(&folder)
        .and_then(|()| files::write(&path, &sheet))
        .map_err(|error| (path, error))?;
    Ok(made)
}

/// The sheets of the run in `run` with the steps after which they were drawn, the first first.
///
/// # Errors
/// The folder cannot be read; a run without one has none.
pub fn all(run: &Path) -> std::io::Result<Vec<(u64, PathBuf)>> {
    let folder = run.join(FOLDER);
    let mut found = Vec::new();
    if folder.is_dir() {
        for entry in std::fs::read_dir(folder)? {
            let path = entry?.path();
            let name = path.file_name().and_then(|name| name.to_str());
            let step = name.and_then(|name| name.strip_prefix("step-")?.strip_suffix(".png")?.parse().ok());
            found.extend(step.map(|step| (step, path)));
        }
    }
    found.sort();
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sheets_are_few_and_dense_at_the_start() {
        let due = |steps: u64| (1..=steps).filter(|&step| is_due(step, steps)).collect::<Vec<_>>();
        let long = due(4800);
        assert_eq!(long[..9], [1, 2, 4, 8, 16, 32, 64, 128, 200]);
        assert_eq!((long.len(), long.last()), (32, Some(&4800)));
        assert_eq!(due(3), [1, 2, 3]);
        assert_eq!(due(50).last(), Some(&50));
    }
}
