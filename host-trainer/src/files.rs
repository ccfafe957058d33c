//! Files that must be whole: written beside their place, brought to the disk, and renamed.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use tempfile::Builder;

/// Writes the file `path` so that whoever looks finds the old one or the new one, both whole: also after a full disk,
/// a kill or a power cut. A link is followed. What is no file, such as a pipe or `/dev/stdout`, is written to as it is.
///
/// # Errors
/// The file cannot be written; what was there before still is.
pub fn write(path: &Path, bytes: &[u8]) -> io::Result<()> {
    write_with(path, |file| file.write_all(bytes))
}

/// [`write()`] of what `fill` writes.
///
/// # Errors
/// As [`write()`], and those of `fill`.
pub fn write_with(path: &Path, fill: impl FnOnce(&mut File) -> io::Result<()>) -> io::Result<()> {
    // A device or a pipe holds nothing that could be lost, and a file in its place would be something else.
    if fs::metadata(path).is_ok_and(|there| !there.is_file() && !there.is_dir()) {
        return fill(&mut File::options().write(true).open(path)?);
    }
    let path = linked(path)?;
    let folder = folder(&path);
    let mut partial = beside(0o666).tempfile_in(folder)?;
    fill(partial.as_file_mut())?;
    partial.as_file().sync_all()?;
    partial.persist(&path).map_err(|error| error.error)?;
    sync(folder)
}

/// Makes the folder `path` with `files`, names and contents, in one step: whoever looks finds all of it or nothing.
///
/// # Errors
/// A folder that is not empty, or a file, is there already, which stays as it is; or the folder cannot be written.
pub fn create_folder(path: &Path, files: &[(&str, Vec<u8>)]) -> io::Result<()> {
    let partial = beside(0o777).tempdir_in(folder(path))?;
    for (name, bytes) in files {
        fs::write(partial.path().join(name), bytes)?;
    }
    settle(partial.path(), path)?;
    // It has left this place.
    let _ = partial.keep();
    Ok(())
}

/// Renames the folder `partial`, which holds files alone, to `path` beside it once all of it is on the disk.
///
/// # Errors
/// As [`create_folder`].
pub fn settle(partial: &Path, path: &Path) -> io::Result<()> {
    for entry in fs::read_dir(partial)? {
        sync(&entry?.path())?;
    }
    sync(partial)?;
    fs::rename(partial, path)?;
    sync(folder(path))
}

/// Brings a file, or a folder's list of names, to the disk.
///
/// # Errors
/// The system refuses.
fn sync(path: &Path) -> io::Result<()> {
    match path.is_dir() {
        // Windows opens no folders, and has none to sync; a file it syncs only for those who may write.
        true if cfg!(windows) => Ok(()),
        true => File::open(path)?.sync_all(),
        false => File::options().write(true).open(path)?.sync_all(),
    }
}

/// The folder that `path` lies in.
pub fn folder(path: &Path) -> &Path {
    path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

/// Whether `name` is that of a file or folder which was not finished.
pub fn is_partial(name: &str) -> bool {
    name.starts_with('.') && name.ends_with(PARTIAL)
}

const PARTIAL: &str = ".tmp";

/// Makes files or folders without a name of their own yet, deleted unless they get one.
fn beside(mode: u32) -> Builder<'static, 'static> {
    let mut builder = Builder::new();
    builder.prefix(".").suffix(PARTIAL);
    // As any that a program makes; the umask takes its part.
    #[cfg(unix)]
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(mode));
    #[cfg(not(unix))]
    let _ = mode;
    builder
}

/// Where a link at `path` leads; `path` if none is there.
fn linked(path: &Path) -> io::Result<PathBuf> {
    match path.is_symlink() {
        true => fs::canonicalize(path),
        false => Ok(path.to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(dir: &Path) -> Vec<String> {
        let names = fs::read_dir(dir).unwrap();
        names.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect()
    }

    #[test]
    fn a_write_that_fails_midway_leaves_the_old_file_and_nothing_else() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("config.toml");
        write(&path, b"old").unwrap();
        let full = |file: &mut File| {
            file.write_all(b"ne")?;
            Err(io::Error::from(io::ErrorKind::StorageFull))
        };
        assert_eq!(write_with(&path, full).unwrap_err().kind(), io::ErrorKind::StorageFull);
        assert_eq!(fs::read(&path).unwrap(), b"old");
        assert_eq!(names(dir.path()), ["config.toml"]);
        write(&path, b"new").unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"new");
        assert_eq!(names(dir.path()), ["config.toml"]);
    }

    #[cfg(unix)]
    #[test]
    fn a_written_file_is_readable_as_any_other() {
        use std::os::unix::fs::PermissionsExt;
        let dir = tempfile::tempdir().unwrap();
        let (ours, plain) = (dir.path().join("ours"), dir.path().join("plain"));
        write(&ours, b"x").unwrap();
        fs::write(&plain, b"x").unwrap();
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode();
        assert_eq!(mode(&ours), mode(&plain));
    }

    #[cfg(unix)]
    #[test]
    fn links_and_devices_stay_what_they_are() {
        let dir = tempfile::tempdir().unwrap();
        let (file, link) = (dir.path().join("file"), dir.path().join("link"));
        fs::write(&file, b"old").unwrap();
        std::os::unix::fs::symlink("file", &link).unwrap();
        write(&link, b"new").unwrap();
        assert_eq!((fs::read(&file).unwrap(), link.is_symlink()), (b"new".to_vec(), true));
        let null = dir.path().join("null");
        std::os::unix::fs::symlink("/dev/null", &null).unwrap();
        write(&null, b"gone").unwrap();
        assert!(null.is_symlink() && !fs::metadata("/dev/null").unwrap().is_file());
    }

    #[test]
    fn a_folder_is_made_whole_and_never_over_another() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("run");
        create_folder(&path, &[("a", b"1".to_vec()), ("b", b"2".to_vec())]).unwrap();
        assert_eq!(
            (fs::read(path.join("a")).unwrap(), fs::read(path.join("b")).unwrap()),
            (b"1".into(), b"2".into())
        );
        create_folder(&path, &[("a", b"3".to_vec())]).unwrap_err();
        assert_eq!(fs::read(path.join("a")).unwrap(), b"1");
        assert_eq!(names(dir.path()), ["run"]);
    }

    #[test]
    fn a_file_is_no_place_for_a_folder() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("run");
        fs::write(&path, b"mine").unwrap();
        create_folder(&path, &[]).unwrap_err();
        assert_eq!(fs::read(&path).unwrap(), b"mine");
    }
}
