//! Where in a folder its data set lies, and which folders or files are its training and test halves.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use super::dir::{self, IdxSet};
use super::folder::Classes;
use super::kind::{contents, holds_picture};
use super::listing::{Listing, name};
use super::{DataError, Loaded, Reading, Split};

/// What folders of the halves are called, in any case, the likeliest first. Pictures to validate by are held out too.
const TRAIN: [&str; 2] = ["train", "training"];
const TEST: [&str; 5] = ["test", "testing", "valid", "validation", "val"];
/// A set is looked for in folders of folders, so many deep: torchvision's is in `MNIST/raw`.
const DEPTH: usize = 3;

/// A data set in a folder.
#[derive(Debug)]
pub(super) struct Found {
    /// Its folders from the one given and its own name, `MNIST/raw/emnist-letters`; empty for one right in the folder.
    name: String,
    /// The folder that holds it.
    dir: PathBuf,
    train: Half,
    test: Option<Half>,
    notes: Vec<String>,
}

/// One half of a data set.
#[derive(Debug)]
enum Half {
    /// This split of these files.
    Idx(IdxSet, Split),
    /// A folder a class.
    Classes(Classes),
}

/// The data set in `dir`: the one called `set`, if that is given.
///
/// # Errors
/// There is none or more than one, or what there is can be understood in more than one way.
pub(super) fn find(dir: &Path, set: Option<&str>) -> Result<Found, DataError> {
    let mut found = candidates(dir, DEPTH, &mut BTreeSet::new())?;
    let names: Vec<String> = found.iter().map(Found::shown_name).collect();
    if found.is_empty() {
        return Err(DataError::Unknown { folder: dir.to_owned(), found: contents(dir)? });
    }
    if let Some(set) = set {
        found.retain(|found| found.is_meant_by(set));
        if found.is_empty() {
            return Err(DataError::NoSuchSet { folder: dir.to_owned(), name: set.to_owned(), found: names });
        }
    }
    if found.len() > 1 {
        let found = found.iter().map(Found::shown_name).collect();
        return Err(DataError::Several { folder: dir.to_owned(), found });
    }
    let mut found = found.remove(0);
    if found.dir != dir {
        found.notes.push(format!("found in {}", found.dir.display()));
    }
    Ok(found)
}

impl Found {
    fn of_idx(set: IdxSet, dir: &Path) -> Found {
        let test = set.has(Split::Test).then(|| Half::Idx(set.clone(), Split::Test));
        let name = set.name().to_owned();
        Found { name, dir: dir.to_owned(), train: Half::Idx(set, Split::Train), test, notes: Vec::new() }
    }

    /// This set, which was found in the folder `inner` of `outer`.
    fn within(mut self, inner: &Path) -> Found {
        let separator = if self.name.is_empty() { "" } else { "/" };
        self.name = format!("{}{separator}{}", name(inner), self.name);
        self
    }

    /// The half that this set is where it lies in a folder for the test half.
    fn into_test(self) -> Half {
        self.test.unwrap_or(match self.train {
            Half::Idx(set, _) => Half::Idx(set, Split::Train),
            classes => classes,
        })
    }

    /// A set right in the folder is called `.`.
    fn shown_name(&self) -> String {
        if self.name.is_empty() { ".".into() } else { self.name.clone() }
    }

    /// Whether the user means this set by `set`: by its whole name, the name of a folder in it, or how it ends:
    /// `letters` is `emnist-letters`.
    fn is_meant_by(&self, set: &str) -> bool {
        let ends_so = |part: &str| part.strip_suffix(set).is_some_and(|start| start.ends_with('-'));
        self.shown_name() == set || self.name.split('/').any(|part| part == set || ends_so(part))
    }

    /// Reads a half; `None` where there is nothing to test by.
    ///
    /// # Errors
    /// What is wrong with the files.
    pub(super) fn load(&self, split: Split, reading: Reading) -> Result<Option<Loaded>, DataError> {
        // The training half's classes have the same numbers in both.
        let (half, train) = match split {
            Split::Train => (Some(&self.train), None),
            Split::Test => (self.test.as_ref(), Some(&self.train)),
        };
        let loaded = half.map(|half| match half {
            Half::Idx(set, files) => {
                let like = if let Some(Half::Idx(train, _)) = train { train.train_labels() } else { None };
                set.load(*files, reading, like.as_deref())
            }
            Half::Classes(classes) => {
                let like = if let Some(Half::Classes(train)) = train { train.names() } else { Vec::new() };
                classes.load(reading, &like)
            }
        });
        let mut loaded = loaded.transpose()?;
        if let Some(loaded) = &mut loaded {
            loaded.summary.notes.splice(..0, self.notes.iter().cloned());
        }
        Ok(loaded)
    }
}

/// All data sets in `dir` that a user can mean by it: those right in it, or else those in its folders.
fn candidates(dir: &Path, depth: usize, seen: &mut BTreeSet<PathBuf>) -> Result<Vec<Found>, DataError> {
    let listing = Listing::of(dir)?;
    let sets = dir::sets(dir, &listing);
    if !sets.is_empty() {
        return Ok(sets.into_iter().map(|set| Found::of_idx(set, dir)).collect());
    }
    let (pictured, others): (Vec<&PathBuf>, Vec<&PathBuf>) =
        listing.folders.iter().partition(|folder| holds_picture(folder));
    let found = halves(dir, &pictured, &others, depth)?;
    if !found.is_empty() {
        return Ok(found);
    }
    if !pictured.is_empty() {
        if pictured.iter().all(|folder| is_half(folder)) {
            return Err(DataError::HalvesWithoutClasses { folder: dir.to_owned(), halves: names(&pictured) });
        }
        let train = Half::Classes(Classes::new(dir, listing));
        return Ok(vec![Found {
            name: String::new(),
            dir: dir.to_owned(),
            train,
            test: None,
            notes: vec![],
        }]);
    }
    let mut found = Vec::new();
    for folder in others.iter().filter(|_| depth > 0) {
        // Links may lead in a circle, and what cannot be looked into is no set of this user's.
        if folder.canonicalize().is_ok_and(|folder| seen.insert(folder)) {
            match candidates(folder, depth - 1, seen) {
                Err(DataError::Unreadable { .. }) => {}
                inner => found.extend(inner?.into_iter().map(|found| found.within(folder))),
            }
        }
    }
    Ok(found)
}

/// The sets of which the training half lies in a folder called so, and the other in another.
///
/// A folder called `train` is a half if it holds folders of classes or IDX files, and a class if it holds pictures.
fn halves(
    dir: &Path,
    pictured: &[&PathBuf],
    others: &[&PathBuf],
    depth: usize,
) -> Result<Vec<Found>, DataError> {
    let inner = |folder: &Path| candidates(folder, depth.saturating_sub(1), &mut BTreeSet::new());
    let called = |names: &'static [&str]| {
        names.iter().flat_map(|name| others.iter().filter(|folder| is_called(folder, &[name])))
    };
    let mut trains = Vec::new();
    for folder in called(&TRAIN) {
        trains.push((folder, inner(folder)?));
    }
    trains.retain(|(_, sets)| !sets.is_empty());
    let Some((first, _)) = trains.first() else { return Ok(Vec::new()) };
    let (unused, classes): (Vec<&PathBuf>, Vec<&PathBuf>) =
        pictured.iter().partition(|folder| is_half(folder));
    if !classes.is_empty() {
        let half = name(first);
        return Err(DataError::HalfAmongClasses { folder: dir.to_owned(), half, classes: names(&classes) });
    }
    let mut tests = Vec::new();
    for folder in called(&TEST) {
        if tests.is_empty() {
            tests = inner(folder)?;
        }
    }
    let mut notes = Vec::new();
    if !unused.is_empty() {
        notes.push(format!("left out: {}: pictures, but no folder of each class", names(&unused).join(", ")));
    }
    let several = trains.len() > 1;
    let mut found = Vec::new();
    for (folder, sets) in trains {
        for set in sets {
            let place = tests.iter().position(|test| test.name == set.name);
            let test = place.map(|place| tests.remove(place).into_test());
            let set = Found { dir: dir.to_owned(), test, notes: notes.clone(), ..set };
            found.push(if several { set.within(folder) } else { set });
        }
    }
    Ok(found)
}

fn is_half(folder: &Path) -> bool {
    is_called(folder, &TRAIN) || is_called(folder, &TEST)
}

/// Whether a folder has one of these names, in any case.
fn is_called(folder: &Path, names: &[&str]) -> bool {
    names.iter().any(|called| name(folder).eq_ignore_ascii_case(called))
}

fn names(folders: &[&PathBuf]) -> Vec<String> {
    folders.iter().map(|folder| name(folder)).collect()
}

#[cfg(test)]
mod tests;
