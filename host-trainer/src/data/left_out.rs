//! What lies among a set's pictures and was not read, and why.

use std::collections::BTreeMap;
use std::fmt;
use std::path::Path;

use super::listing::{Listing, name};

/// How many are named of each reason, before the rest is only counted.
const LISTED: usize = 3;

/// Why something was left out, in the order in which it is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Reason {
    Damaged,
    Kind,
    Subfolder,
    Loose,
    Hidden,
    BrokenLink,
    Loop,
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Reason::Damaged => "that cannot be read",
            Reason::Kind => "of a kind that is not read",
            Reason::Subfolder => "in subfolders of a class",
            Reason::Loose => "beside the classes' folders",
            Reason::Hidden => "hidden",
            Reason::BrokenLink => "links to nothing",
            Reason::Loop => "links back to a folder above",
        })
    }
}

/// Files that were left out, counted by reason, with examples.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct LeftOut(BTreeMap<Reason, Group>);

/// What was left out for one reason.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct Group {
    files: usize,
    /// The first few names.
    examples: Vec<String>,
    /// There are more names.
    more: bool,
}

impl Group {
    fn add(&mut self, files: usize, examples: impl IntoIterator<Item = String>) {
        self.files += files;
        self.examples.extend(examples);
        self.more |= self.examples.len() > LISTED;
        self.examples.truncate(LISTED);
    }
}

impl LeftOut {
    /// How many files, all reasons together.
    pub fn count(&self) -> usize {
        self.0.values().map(|group| group.files).sum()
    }

    /// Adds a picture that cannot be decoded.
    pub(super) fn damaged(&mut self, file: &Path, cause: &str) {
        self.add(Reason::Damaged, 1, format!("{}: {cause}", file.display()));
    }

    /// Adds a file that is no picture of a kind that is read; `what` says what it is, where that is known.
    pub(super) fn kind(&mut self, file: &Path, what: Option<&str>) {
        let what = what.map_or(String::new(), |what| format!(" ({what})"));
        self.add(Reason::Kind, 1, name(file) + &what);
    }

    /// Adds a file beside the folders of the classes.
    pub(super) fn loose(&mut self, file: &Path) {
        self.add(Reason::Loose, 1, name(file));
    }

    /// Adds a folder within a class's folder, with `files` files.
    pub(super) fn subfolder(&mut self, folder: &Path, files: usize) {
        self.add(Reason::Subfolder, files, folder.display().to_string());
    }

    /// Adds what a listing holds besides files and folders.
    pub(super) fn unseen(&mut self, listing: &Listing) {
        for (reason, paths) in [
            (Reason::Hidden, &listing.hidden),
            (Reason::BrokenLink, &listing.broken_links),
            (Reason::Loop, &listing.loops),
        ] {
            paths.iter().for_each(|path| self.add(reason, 1, name(path)));
        }
    }

    /// Adds all of `other`.
    pub(super) fn extend(&mut self, other: LeftOut) {
        for (reason, group) in other.0 {
            let place = self.0.entry(reason).or_default();
            place.add(group.files, group.examples);
            place.more |= group.more;
        }
    }

    fn add(&mut self, reason: Reason, files: usize, example: String) {
        self.0.entry(reason).or_default().add(files, [example]);
    }
}

/// One line a reason: `3 of a kind that is not read: notes.txt, a.avif (AVIF), b.txt`.
impl fmt::Display for LeftOut {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, (reason, group)) in self.0.iter().enumerate() {
            let line_break = if index == 0 { "" } else { "\n" };
            let more = if group.more { ", …" } else { "" };
            write!(f, "{line_break}{} {reason}: {}{more}", group.files, group.examples.join(", "))?;
        }
        Ok(())
    }
}
