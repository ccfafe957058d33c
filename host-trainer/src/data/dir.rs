//! A folder of IDX files under the names that MNIST and its relatives use.

use std::path::{Path, PathBuf};

use super::{
    DataError, Loaded, SIDE, Split,
    idx::{self, File},
    picture::{self, Grey},
    summary::Summary,
};

/// How the files of pictures end, after `train-` or so; labels likewise.
const IMAGES: [&str; 2] = ["images-idx3-ubyte", "images.idx3-ubyte"];
const LABELS: [&str; 2] = ["labels-idx1-ubyte", "labels.idx1-ubyte"];

/// The files of one half of a data set.
#[derive(Debug)]
pub(super) struct Files {
    images: PathBuf,
    labels: PathBuf,
    /// Those of the training half, whose classes' numbers hold for the other half too.
    train_labels: Option<PathBuf>,
    /// EMNIST's pictures are stored column by column.
    transposed: bool,
}

/// The files of `dir`, whatever stands before `train-` in their names; `None` where there are no pictures.
///
/// # Errors
/// There are several, or pictures without labels.
pub(super) fn find(dir: &Path, split: Split) -> Result<Option<Files>, DataError> {
    let mut names = names(dir)?;
    names.sort();
    let starts: &[&str] = match split {
        Split::Train => &["train-"],
        Split::Test => &["t10k-", "test-"],
    };
    // What precedes `images-idx3-ubyte`, of each file of pictures: "train-", "emnist-letters-train-".
    let mut found: Vec<&str> = names
        .iter()
        .filter_map(|name| IMAGES.iter().find_map(|end| unzipped(name).strip_suffix(end)))
        .filter(|stem| starts.iter().any(|start| stem.ends_with(start)))
        .collect();
    found.dedup();
    let stem = match found[..] {
        [] => return Ok(None),
        [stem] => stem,
        _ => {
            let found = found.iter().map(|stem| format!("{stem}{}", IMAGES[0])).collect();
            return Err(DataError::Several { folder: dir.to_owned(), found });
        }
    };
    let file = |stem: &str, ends: [&str; 2]| {
        let is = |name: &&String| ends.iter().any(|end| unzipped(name) == format!("{stem}{end}"));
        names.iter().find(is).map(|name| dir.join(name))
    };
    let missing = |[name, dotted]: [&str; 2]| DataError::MissingFile {
        folder: dir.to_owned(),
        name: format!("{stem}{name}"),
        dotted: format!("{stem}{dotted}"),
    };
    let start = starts.iter().find(|start| stem.ends_with(*start)).expect("it was found by one");
    let train_stem = format!("{}train-", stem.strip_suffix(start).expect("it was found by it"));
    Ok(Some(Files {
        images: file(stem, IMAGES).ok_or_else(|| missing(IMAGES))?,
        labels: file(stem, LABELS).ok_or_else(|| missing(LABELS))?,
        train_labels: (split == Split::Test).then(|| file(&train_stem, LABELS)).flatten(),
        transposed: stem.starts_with("emnist-"),
    }))
}

fn names(dir: &Path) -> Result<Vec<String>, DataError> {
    let fail = |cause| DataError::Unreadable { file: dir.display().to_string(), cause };
    let entries = std::fs::read_dir(dir).map_err(fail)?;
    let names = entries.map(|entry| entry.map(|entry| entry.file_name().into_string().unwrap_or_default()));
    names.collect::<Result<_, _>>().map_err(fail)
}

fn unzipped(name: &str) -> &str {
    name.strip_suffix(".gz").unwrap_or(name)
}

impl Files {
    /// Reads them, and brings the pictures to 28×28.
    ///
    /// # Errors
    /// What is wrong with a file.
    pub(super) fn load(&self, invert: Option<bool>) -> Result<Loaded, DataError> {
        let like = match &self.train_labels {
            Some(path) => idx::label_values(&File::open(path)?)?,
            None => Vec::new(),
        };
        let (mut set, values) = idx::pair(&File::open(&self.images)?, &File::open(&self.labels)?, &like)?;
        let mut notes = Vec::new();
        let (height, width) = (set.height, set.width);
        let as_trained = (height, width) == (SIDE, SIDE) && !self.transposed;
        if !as_trained {
            let picture = |pixels: &[u8]| {
                let grey = Grey::new(pixels.to_vec(), width, height);
                (if self.transposed { grey.transposed() } else { grey }).resized()
            };
            set.images = set.images.chunks(height * width).flat_map(picture).collect();
            (set.height, set.width) = (SIDE, SIDE);
        }
        if self.transposed {
            notes.push("EMNIST stores its pictures on their side: turned".to_owned());
        }
        let bright = picture::bright_background(&set.images);
        match invert {
            Some(true) => picture::invert(&mut set.images),
            None if bright => {
                notes.push("warning: the background seems to be bright: --invert turns it dark".into())
            }
            _ => {}
        }
        let names = values.iter().map(u8::to_string).collect();
        let size = ((width, height), (width, height));
        let summary = Summary::new(&set, names, size, notes, Vec::new());
        Ok(Loaded { dataset: set, summary })
    }
}

#[cfg(test)]
mod tests;
