//! A folder of pictures a class: `shoes/1.png`, `hats/a.jpg`, …

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use rayon::prelude::*;

use super::kind::Kind;
use super::left_out::LeftOut;
use super::listing::{Listing, name};
use super::picture::{Measure, Picture, Small};
use super::summary::{Summary, Told};
use super::tones::Tones;
use super::{DataError, Dataset, Loaded, MOST_CLASSES, Reading, SIDE};

/// The folders of the classes, in the order of their numbers.
#[derive(Debug)]
pub(super) struct Classes {
    dir: PathBuf,
    folders: Vec<PathBuf>,
    /// What lies beside them.
    left_out: LeftOut,
}

/// A picture that was read: its place in its class, its class, and itself.
type Read = (usize, u8, (Measure, Small));

impl Classes {
    /// Every folder in `dir`, which `listing` is of, is a class.
    pub(super) fn new(dir: &Path, listing: Listing) -> Classes {
        let mut left_out = LeftOut::default();
        left_out.unseen(&listing);
        listing.files.iter().for_each(|file| left_out.loose(file));
        Classes { dir: dir.to_owned(), folders: listing.folders, left_out }
    }

    /// What the classes are called.
    pub(super) fn names(&self) -> Vec<String> {
        self.folders.iter().map(|folder| name(folder)).collect()
    }

    /// Reads all pictures, one of each class in turn, so that the first so many are of all classes. Classes have the
    /// numbers that those of their names have in `like`; what that lacks comes behind.
    ///
    /// # Errors
    /// A class without a picture that can be read, or too many classes.
    pub(super) fn load(&self, reading: Reading, like: &[String]) -> Result<Loaded, DataError> {
        let mut names = like.to_vec();
        names.extend(self.names().into_iter().filter(|name| !like.contains(name)));
        if names.len() > MOST_CLASSES {
            let file = self.dir.display().to_string();
            return Err(DataError::ManyClasses { file, classes: names.len() });
        }
        let mut left_out = self.left_out.clone();
        let mut pictures: Vec<Read> = Vec::new();
        for folder in &self.folders {
            let label =
                names.iter().position(|known| *known == name(folder)).expect("every folder's is there");
            let (read, left_out_here) = read_class(folder)?;
            if read.is_empty() {
                return Err(DataError::EmptyClass { folder: folder.clone(), left_out: left_out_here });
            }
            left_out.extend(left_out_here);
            pictures.extend((0..).zip(read).map(|(place, picture)| (place, label as u8, picture)));
        }
        pictures.sort_by_key(|&(place, label, _)| (place, label));
        Ok(assemble(&pictures, reading, names, left_out))
    }
}

fn assemble(pictures: &[Read], reading: Reading, names: Vec<String>, left_out: LeftOut) -> Loaded {
    let measures: Vec<Measure> = pictures.iter().map(|(.., (measure, _))| *measure).collect();
    let (tones, notes) = Tones::decide(&measures, reading);
    let dataset = Dataset {
        labels: pictures.iter().map(|&(_, label, _)| label).collect(),
        images: pictures.par_iter().flat_map_iter(|(.., (_, small))| tones.apply(small)).collect(),
        height: SIDE,
        width: SIDE,
        classes: names.len(),
        names,
        second: None,
    };
    let told = Told { notes, left_out, reading: tones.reading() };
    let summary = Summary::new(&dataset, &measures, told);
    Loaded { dataset, summary }
}

/// The pictures of a class, and what else lies in its folder.
fn read_class(folder: &Path) -> Result<(Vec<(Measure, Small)>, LeftOut), DataError> {
    let listing = Listing::of(folder)?;
    let mut left_out = LeftOut::default();
    left_out.unseen(&listing);
    for inner in &listing.folders {
        left_out.subfolder(inner, files_within(inner, &mut BTreeSet::new()));
    }
    let outcomes: Vec<Outcome> = listing.files.par_iter().map(|file| read(file)).collect();
    let mut pictures = Vec::new();
    for (file, outcome) in listing.files.iter().zip(outcomes) {
        match outcome {
            Outcome::Read(picture) => pictures.push(picture),
            Outcome::Damaged(cause) => left_out.damaged(file, &cause),
            Outcome::NoPicture(what) => left_out.kind(file, what),
        }
    }
    Ok((pictures, left_out))
}

/// What came of a file.
enum Outcome {
    Read((Measure, Small)),
    /// Why it cannot be decoded.
    Damaged(String),
    /// The kind of picture that it is, if it is one.
    NoPicture(Option<&'static str>),
}

fn read(file: &Path) -> Outcome {
    match Kind::of(file) {
        Kind::Picture | Kind::NamedAsPicture => match Picture::open(file) {
            Ok(picture) => Outcome::Read((picture.measure(), picture.resized())),
            Err(cause) => Outcome::Damaged(cause),
        },
        Kind::NotRead(called) => Outcome::NoPicture(Some(called)),
        Kind::Other => Outcome::NoPicture(None),
    }
}

/// How many files there are in `folder` and in what it holds, each folder once however often links lead there.
fn files_within(folder: &Path, seen: &mut BTreeSet<PathBuf>) -> usize {
    let new = folder.canonicalize().is_ok_and(|folder| seen.insert(folder));
    let Ok(listing) = Listing::of(folder) else { return 0 };
    if !new {
        return 0;
    }
    listing.files.len() + listing.folders.iter().map(|inner| files_within(inner, seen)).sum::<usize>()
}

#[cfg(test)]
mod tests;
