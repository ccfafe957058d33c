//! A run's folder: made in one step, and owned by the process that writes there.

use super::checkpoint::Checkpoints;
use super::config::{ConfigError, TrainConfig};
use super::owner::{self, Owner, OwnerError};
use crate::files;
use std::fs;
use std::io;
use std::ops::Deref;
use std::path::{Path, PathBuf};

/// Name of the settings in a run's folder.
pub const CONFIG_FILE: &str = "config.toml";
/// Name of the record in a run's folder.
pub const LOSSES_FILE: &str = "losses.csv";

/// What a run that has not come to its first checkpoint has in its folder, besides its owner's files and those that it
/// was made with.
const BEFORE_CHECKPOINTS: [&str; 6] = [
    CONFIG_FILE,
    super::source::DATA_FILE,
    LOSSES_FILE,
    super::fid_path::FID_FILE,
    super::sheets::FOLDER,
    super::checkpoint::FOLDER,
];

/// A run's folder that cannot be had.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum FolderError {
    /// Another run has the name.
    #[error("{0} exists already: choose another --name, or go on with it by --resume {0}")]
    Exists(PathBuf),
    /// Something else has the name.
    #[error("{0} exists already and is no run: choose another --name")]
    NoRun(PathBuf),
    /// Another process is at work there.
    #[error(transparent)]
    Owner(#[from] OwnerError),
    /// The settings cannot be read or written.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// A file or folder cannot be read or written.
    #[error("{path}: {cause}")]
    Io {
        /// The file or folder.
        path: PathBuf,
        /// The cause.
        cause: io::Error,
    },
}

/// Whether a new run may have another name than its settings say.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Naming {
    /// It may not.
    Exact,
    /// Where `name` is taken it becomes `name-2`, `name-3`, …
    OrNumbered,
}

/// The folder of a run, which this process alone writes in until it is dropped; used as its path.
#[derive(Debug)]
pub struct RunFolder {
    dir: PathBuf,
    _owner: Owner,
}

impl Deref for RunFolder {
    type Target = Path;

    fn deref(&self) -> &Path {
        &self.dir
    }
}

impl RunFolder {
    /// The folder `dir` of a run that is there.
    ///
    /// # Errors
    /// It holds no settings, or another process is at work there; nothing was written then.
    pub fn open(dir: &Path) -> Result<RunFolder, FolderError> {
        let settings = dir.join(CONFIG_FILE);
        fs::metadata(&settings).map_err(io_error(&settings))?;
        Ok(RunFolder { dir: dir.into(), _owner: Owner::take(dir)? })
    }

    /// Makes the folder `dir` for a new run, with `files`, by name. A run there that has come to no checkpoint and that
    /// nobody is at work on is replaced: it has nothing that could not be made again.
    ///
    /// # Errors
    /// The name is taken, by a run or something else; or the folder cannot be written.
    pub fn create(dir: &Path, files: &[(&str, Vec<u8>)]) -> Result<RunFolder, FolderError> {
        let parent = files::folder(dir);
        fs::create_dir_all(parent).map_err(io_error(parent))?;
        let created = files::create_folder(dir, files);
        let new = created.is_ok();
        if let Err(cause) = created {
            if !dir.exists() {
                return Err(FolderError::Io { path: dir.into(), cause });
            }
            check_replaceable(dir, files)?;
        }
        // Whoever is the first to lock the folder has the name, whoever made it.
        let run = RunFolder { dir: dir.into(), _owner: Owner::take(dir)? };
        check_replaceable(dir, files)?;
        let as_written =
            |(name, bytes): &(&str, Vec<u8>)| fs::read(run.join(name)).is_ok_and(|there| there == *bytes);
        if !(new && files.iter().all(as_written)) {
            run.replace(files)?;
        }
        Ok(run)
    }

    /// Makes the folder of a new run of `config` in `parent`, with the settings and `more` files in it; returns the
    /// settings with the name that it got.
    ///
    /// # Errors
    /// As [`RunFolder::create`], or a setting is wrong.
    pub fn create_named(
        parent: &Path,
        config: TrainConfig,
        naming: Naming,
        more: &[(&str, Vec<u8>)],
    ) -> Result<(RunFolder, TrainConfig), FolderError> {
        let mut names = names(&config.name);
        loop {
            let name = names.next().expect("there are endless names");
            let config = TrainConfig { name, ..config.clone() };
            config.validate()?;
            let mut files = more.to_vec();
            files.push((CONFIG_FILE, config.to_toml().into_bytes()));
            match RunFolder::create(&parent.join(&config.name), &files) {
                Ok(run) => return Ok((run, config)),
                Err(error) if naming == Naming::OrNumbered && error.is_taken() => {}
                Err(error) => return Err(error),
            }
        }
    }

    /// The run's settings.
    ///
    /// # Errors
    /// They cannot be read, or one is wrong.
    pub fn config(&self) -> Result<TrainConfig, ConfigError> {
        TrainConfig::read(&self.join(CONFIG_FILE))
    }

    /// Puts a new run of `files` in the place of one that has come to no checkpoint.
    fn replace(&self, files: &[(&str, Vec<u8>)]) -> Result<(), FolderError> {
        if self.join(CONFIG_FILE).exists() {
            crate::terminal::say!(
                "{}: there was a run that had come to no checkpoint; it is replaced",
                self.display()
            );
        }
        // A kill in between leaves a run that has come to no checkpoint either.
        for name in BEFORE_CHECKPOINTS {
            let path = self.join(name);
            let removed = if path.is_dir() { fs::remove_dir_all(&path) } else { fs::remove_file(&path) };
            removed.or_else(absent).map_err(io_error(&path))?;
        }
        for (name, bytes) in files {
            let path = self.join(name);
            files::write(&path, bytes).map_err(io_error(&path))?;
        }
        Ok(())
    }
}

/// `name`, and after it `name-2`, `name-3`, …
fn names(name: &str) -> impl Iterator<Item = String> {
    std::iter::once(name.to_owned()).chain((2u64..).map(move |n| format!("{name}-{n}")))
}

/// The name that a new run of `config` in `parent` would get now, by [`RunFolder::create_named`].
pub fn free_name(parent: &Path, config: &TrainConfig, naming: Naming) -> String {
    let free = |name: &String| {
        let dir = parent.join(name);
        !dir.exists() || check_replaceable(&dir, &[]).is_ok()
    };
    match naming {
        Naming::Exact => config.name.clone(),
        Naming::OrNumbered => names(&config.name).find(free).expect("there are endless names"),
    }
}

/// Whether the folder `dir` holds nothing but what a run has before its first checkpoint, made with `files`.
fn check_replaceable(dir: &Path, files: &[(&str, Vec<u8>)]) -> Result<(), FolderError> {
    if !dir.is_dir() {
        return Err(FolderError::NoRun(dir.into()));
    }
    let early = |name: &str| {
        BEFORE_CHECKPOINTS.contains(&name)
            || owner::FILES.contains(&name)
            || files.iter().any(|(file, _)| *file == name)
            || files::is_partial(name)
    };
    let mut more = Checkpoints::of(dir).any().map_err(io_error(dir))?;
    for entry in fs::read_dir(dir).map_err(io_error(dir))? {
        let name = entry.map_err(io_error(dir))?.file_name();
        more |= !name.to_str().is_some_and(early);
    }
    match more {
        false => Ok(()),
        true if dir.join(CONFIG_FILE).exists() => Err(FolderError::Exists(dir.into())),
        true => Err(FolderError::NoRun(dir.into())),
    }
}

fn absent(error: io::Error) -> io::Result<()> {
    if error.kind() == io::ErrorKind::NotFound { Ok(()) } else { Err(error) }
}

impl FolderError {
    /// Whether another name would do.
    fn is_taken(&self) -> bool {
        use FolderError::{Exists, NoRun, Owner};
        matches!(self, Exists(_) | NoRun(_) | Owner(OwnerError::Owned { .. }))
    }
}

fn io_error(path: &Path) -> impl FnOnce(io::Error) -> FolderError {
    let path = path.to_owned();
    move |cause| FolderError::Io { path, cause }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn runs_that_are_made_at_once_have_names_of_their_own() {
        let dir = tempfile::tempdir().unwrap();
        let make =
            || RunFolder::create_named(dir.path(), TrainConfig::default(), Naming::OrNumbered, &[]).unwrap();
        let made: Vec<_> = std::thread::scope(|scope| {
            let threads: Vec<_> = (0..8).map(|_| scope.spawn(make)).collect();
            threads.into_iter().map(|thread| thread.join().unwrap()).collect()
        });
        let mut names: Vec<&str> = made.iter().map(|(_, config)| &config.name[..]).collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), 8);
        for (run, config) in &made {
            assert_eq!(
                (run.config().unwrap(), run.file_name().unwrap()),
                (config.clone(), config.name.as_ref())
            );
        }
    }

    #[test]
    fn a_run_that_is_at_work_keeps_its_name_before_its_first_checkpoint() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("run");
        let files = [("a", b"1".to_vec()), (CONFIG_FILE, b"2".to_vec())];
        let run = RunFolder::create(&path, &files).unwrap();
        let refused = RunFolder::create(&path, &[(CONFIG_FILE, b"3".to_vec())]).unwrap_err();
        assert!(
            refused.to_string().contains("exists already"),
            "a file that the other does not begin with: {refused}"
        );
        let refused = RunFolder::create(&path, &files).unwrap_err();
        assert!(matches!(refused, FolderError::Owner(OwnerError::Owned { .. })), "{refused}");
        drop(run);
        RunFolder::create(&path, &files).unwrap();
        assert_eq!(fs::read(path.join("a")).unwrap(), b"1");
    }
}
