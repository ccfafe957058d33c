//! What lies in a folder: files and folders apart, links followed, without what systems leave there.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};

use super::DataError;

/// What systems put into any folder, in any case; nobody misses it.
const LITTER: [&str; 5] = ["__macosx", ".ds_store", "thumbs.db", "ehthumbs.db", "desktop.ini"];

/// What is in a folder, in the order of the names; those that are numbers by their value.
#[derive(Debug, Default)]
pub(super) struct Listing {
    /// Files, and links to files.
    pub(super) files: Vec<PathBuf>,
    /// Folders, and links to folders.
    pub(super) folders: Vec<PathBuf>,
    /// What begins with a dot.
    pub(super) hidden: Vec<PathBuf>,
    /// Links to nothing.
    pub(super) broken_links: Vec<PathBuf>,
    /// Links to this folder, or to one that it lies in: who follows them never ends.
    pub(super) loops: Vec<PathBuf>,
}

impl Listing {
    /// # Errors
    /// The folder cannot be read.
    pub(super) fn of(dir: &Path) -> Result<Listing, DataError> {
        let fail = |cause| DataError::Unreadable { file: dir.display().to_string(), cause };
        let paths = std::fs::read_dir(dir).map_err(fail)?.map(|entry| entry.map(|entry| entry.path()));
        let mut paths: Vec<PathBuf> = paths.collect::<Result<_, _>>().map_err(fail)?;
        paths.sort_by_cached_key(|path| (name(path).parse::<u64>().unwrap_or(u64::MAX), path.clone()));
        let here = dir.canonicalize().map_err(fail)?;
        let mut listing = Listing::default();
        for path in paths.into_iter().filter(|path| !is_litter(path)) {
            let place = if name(&path).starts_with('.') {
                &mut listing.hidden
            } else if path.is_dir() {
                let above = path.is_symlink() && path.canonicalize().is_ok_and(|to| here.starts_with(to));
                if above { &mut listing.loops } else { &mut listing.folders }
            } else if path.exists() {
                &mut listing.files
            } else {
                &mut listing.broken_links
            };
            place.push(path);
        }
        Ok(listing)
    }
}

fn is_litter(path: &Path) -> bool {
    let name = name(path);
    // macOS keeps a file's attributes beside it under this name where the disk has no place for them.
    name.starts_with("._") || LITTER.iter().any(|litter| name.eq_ignore_ascii_case(litter))
}

/// The last part of a path, as it is shown.
pub(super) fn name(path: &Path) -> String {
    path.file_name().map(OsStr::to_string_lossy).unwrap_or_default().into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(paths: &[PathBuf]) -> Vec<String> {
        paths.iter().map(|path| name(path)).collect()
    }

    #[test]
    fn litter_is_not_there_and_the_rest_is_told_apart() {
        let dir = tempfile::tempdir().unwrap();
        for litter in ["__MACOSX", ".DS_Store", "Thumbs.db", "desktop.ini", "._1.png"] {
            std::fs::write(dir.path().join(litter), "x").unwrap();
        }
        for file in ["10.png", "2.png", "b.png", ".kept"] {
            std::fs::write(dir.path().join(file), "x").unwrap();
        }
        std::fs::create_dir(dir.path().join("folder")).unwrap();
        let listing = Listing::of(dir.path()).unwrap();
        assert_eq!(names(&listing.files), ["10.png", "2.png", "b.png"]);
        assert_eq!(
            (names(&listing.folders), names(&listing.hidden)),
            (vec!["folder".into()], vec![".kept".into()])
        );
    }

    #[cfg(unix)]
    #[test]
    fn links_are_followed_unless_they_lead_nowhere_or_back() {
        use std::os::unix::fs::symlink;
        let (dir, elsewhere) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        std::fs::write(elsewhere.path().join("1.png"), "x").unwrap();
        let inner = dir.path().join("inner");
        std::fs::create_dir(&inner).unwrap();
        symlink(elsewhere.path(), inner.join("folder")).unwrap();
        symlink(elsewhere.path().join("1.png"), inner.join("file")).unwrap();
        symlink("gone", inner.join("broken")).unwrap();
        symlink(".", inner.join("self")).unwrap();
        symlink(dir.path(), inner.join("up")).unwrap();
        symlink("ring-2", inner.join("ring-1")).unwrap();
        symlink("ring-1", inner.join("ring-2")).unwrap();
        let listing = Listing::of(&inner).unwrap();
        assert_eq!(
            (names(&listing.files), names(&listing.folders)),
            (vec!["file".into()], vec!["folder".into()])
        );
        assert_eq!(names(&listing.broken_links), ["broken", "ring-1", "ring-2"]);
        assert_eq!(names(&listing.loops), ["self", "up"]);
    }
}
