//! Sets of IDX files under the names that MNIST and its relatives use.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use rayon::prelude::*;

use super::idx::{self, File};
use super::left_out::LeftOut;
use super::listing::{Listing, name};
use super::picture::{Measure, Picture};
use super::summary::{Summary, Told};
use super::tones::Tones;
use super::{DataError, Loaded, Reading, SIDE, Split};

/// How files of pictures end, after `train-` or so; labels likewise, the last ones QMNIST's.
const IMAGES: &str = "images-idx3-ubyte";
const LABELS: [&str; 2] = ["labels-idx1-ubyte", "labels-idx2-int"];

/// One set of those in a folder.
#[derive(Debug, Clone)]
pub(super) struct IdxSet {
    dir: PathBuf,
    /// What stands before `train-` in its files' names: nothing, `emnist-letters-`, …
    prefix: String,
    /// All IDX files of the folder under their usual names.
    files: BTreeMap<String, PathBuf>,
}

/// Whether a file of this name would be one of a set.
pub(super) fn is_idx(name: &str) -> bool {
    let name = usual(name);
    name.ends_with(IMAGES) || LABELS.iter().any(|end| name.ends_with(end))
}

/// The sets in `dir`, which `listing` is of.
pub(super) fn sets(dir: &Path, listing: &Listing) -> Vec<IdxSet> {
    // Some programs unpack `train-images-idx3-ubyte.gz` into a folder of that name.
    let unpacked = listing.folders.iter().filter(|folder| is_idx(&name(folder)));
    let unpacked = unpacked.flat_map(|folder| Listing::of(folder).unwrap_or_default().files);
    let mut files = BTreeMap::new();
    for file in listing.files.iter().cloned().chain(unpacked) {
        files.entry(usual(&name(&file))).or_insert(file);
    }
    files.retain(|name, _| is_idx(name));
    let prefix = |name: &String| {
        let stem = name.strip_suffix(IMAGES)?;
        let starts = [Split::Train, Split::Test].into_iter().flat_map(starts);
        starts.filter_map(|start| stem.strip_suffix(start)).map(str::to_owned).next()
    };
    let prefixes: BTreeSet<String> = files.keys().filter_map(prefix).collect();
    let set = |prefix| IdxSet { dir: dir.to_owned(), prefix, files: files.clone() };
    prefixes.into_iter().map(set).collect()
}

/// What precedes `images-idx3-ubyte` in the names of a split's files.
fn starts(split: Split) -> &'static [&'static str] {
    match split {
        Split::Train => &["train-"],
        Split::Test => &["t10k-", "test-"],
    }
}

/// `train-images.idx3-ubyte.gz` is usually called `train-images-idx3-ubyte`.
fn usual(name: &str) -> String {
    let name = name.strip_suffix(".gz").unwrap_or(name);
    match name.rsplit_once(".idx") {
        Some((start, end)) => format!("{start}-idx{end}"),
        None => name.to_owned(),
    }
}

impl IdxSet {
    /// What the set is called, if it has a name: `emnist-letters`.
    pub(super) fn name(&self) -> &str {
        self.prefix.trim_end_matches('-')
    }

    /// What precedes `images-idx3-ubyte` in the names of this split's files, if they are there.
    fn stem(&self, split: Split) -> Option<String> {
        let mut stems = starts(split).iter().map(|start| format!("{}{start}", self.prefix));
        stems.find(|stem| self.files.contains_key(&format!("{stem}{IMAGES}")))
    }

    /// Whether it has pictures of this split.
    pub(super) fn has(&self, split: Split) -> bool {
        self.stem(split).is_some()
    }

    fn labels(&self, stem: &str) -> Result<&PathBuf, DataError> {
        let found = LABELS.iter().find_map(|end| self.files.get(&format!("{stem}{end}")));
        found.ok_or_else(|| self.missing(stem, LABELS[0]))
    }

    fn missing(&self, stem: &str, end: &str) -> DataError {
        let (name, dotted) = (format!("{stem}{end}"), format!("{stem}{}", end.replace("-idx", ".idx")));
        DataError::MissingFile { folder: self.dir.clone(), name, dotted }
    }

    /// The labels of the training half, if they are there: how they are numbered holds for the other half too.
    pub(super) fn train_labels(&self) -> Option<PathBuf> {
        self.labels(&self.stem(Split::Train)?).ok().cloned()
    }

    /// Reads the pictures of a split, and brings them to 28×28. Classes are numbered as in the file of labels `like`.
    ///
    /// # Errors
    /// What is wrong with a file; there are no pictures of this split.
    pub(super) fn load(
        &self,
        split: Split,
        reading: Reading,
        like: Option<&Path>,
    ) -> Result<Loaded, DataError> {
        let first = || format!("{}{}", self.prefix, starts(split)[0]);
        let stem = self.stem(split).ok_or_else(|| self.missing(&first(), IMAGES))?;
        let like = like.map_or(Ok(Vec::new()), |like| idx::label_values(&File::open(like)?))?;
        let images = &self.files[&format!("{stem}{IMAGES}")];
        let mut set = idx::pair(&File::open(images)?, &File::open(self.labels(&stem)?)?, &like)?;
        let (height, width) = (set.height, set.width);
        // EMNIST's pictures are stored column by column.
        let transposed = self.prefix.starts_with("emnist-");
        let picture = |pixels: &[u8]| {
            let picture = Picture::new(pixels, width, height);
            if transposed { picture.transposed() } else { picture }
        };
        let measures: Vec<Measure> =
            set.images.par_chunks(height * width).map(|pixels| picture(pixels).measure()).collect();
        // Unlike pictures of paper, these files mostly are what their makers want to be learned.
        let asked = Reading { invert: reading.invert.or(Some(false)), ..reading };
        let (tones, mut notes) = Tones::decide(&measures, asked);
        if transposed {
            notes.push("EMNIST stores its pictures on their side: turned".to_owned());
        }
        if reading.invert.is_none() && tones.mostly_bright(&measures) {
            notes.push("warning: the background seems to be bright: --invert turns it dark".into());
        }
        set.images = set
            .images
            .par_chunks(height * width)
            .flat_map_iter(|pixels| tones.apply(&picture(pixels).resized()))
            .collect();
        (set.height, set.width) = (SIDE, SIDE);
        let told = Told { notes, left_out: LeftOut::default(), reading: tones.reading() };
        let summary = Summary::new(&set, &measures, told);
        Ok(Loaded { dataset: set, summary })
    }
}

#[cfg(test)]
mod tests;
