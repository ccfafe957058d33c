//! Whose a run's folder is: one process at a time writes there.
//!
//! A process owns a run by an advisory lock on `owner.lock` in its folder. The system frees the lock when the process
//! ends, however it ends. The locked file is empty, and who has locked it stands in `owner.txt` beside it: Windows lets
//! nobody read a file that another process has locked.

use crate::files;
use std::fs::{self, File, TryLockError};
use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

const LOCK_FILE: &str = "owner.lock";
const TEXT_FILE: &str = "owner.txt";
/// Names of the files that an owner leaves in a run's folder.
pub(super) const FILES: [&str; 2] = [LOCK_FILE, TEXT_FILE];

/// A run that cannot be owned.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum OwnerError {
    /// Another process has the run.
    #[error("{run} belongs to {who}, which is still at work there: wait until it has ended, or end it")]
    Owned {
        /// The run's folder.
        run: PathBuf,
        /// The process, and since when.
        who: String,
    },
    /// A file of the lock cannot be written.
    #[error("{path}: {cause}")]
    Io {
        /// The file.
        path: PathBuf,
        /// The cause.
        cause: std::io::Error,
    },
}

/// The ownership of a run's folder, given up when it is dropped.
#[derive(Debug)]
pub struct Owner {
    /// Closed, it frees the lock.
    _lock: File,
    text: PathBuf,
}

impl Owner {
    /// Takes the run in the folder `dir` for this process.
    ///
    /// # Errors
    /// Another process has it, or the folder cannot be written.
    pub fn take(dir: &Path) -> Result<Owner, OwnerError> {
        let (path, text) = (dir.join(LOCK_FILE), dir.join(TEXT_FILE));
        let io_error = |path: &Path| {
            let path = path.to_owned();
            move |cause| OwnerError::Io { path, cause }
        };
        let options = File::options().write(true).create(true).truncate(false).open(&path);
        let lock = options.map_err(io_error(&path))?;
        match lock.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                return Err(OwnerError::Owned { run: dir.into(), who: read(&text) });
            }
            // Some network drives have no locks. A run there is worth more than the certainty.
            Err(TryLockError::Error(cause)) => {
                let path = path.display();
                crate::terminal::say!(
                    "{path}: cannot be locked ({cause}), so nothing keeps a second process out of this run"
                );
            }
        }
        let who = format!("process {} since {}\n", std::process::id(), utc(SystemTime::now()));
        files::write(&text, who.as_bytes()).map_err(io_error(&text))?;
        Ok(Owner { _lock: lock, text })
    }
}

impl Drop for Owner {
    fn drop(&mut self) {
        // While the lock is held, since after it the text may be another's. One that stays does no harm.
        let _ = fs::remove_file(&self.text);
    }
}

/// Who owns a run, in words.
fn read(text: &Path) -> String {
    let who = fs::read_to_string(text).unwrap_or_default();
    if who.trim().is_empty() { "another process".into() } else { who.trim().into() }
}

/// A time as `2026-03-01 09:05:59 UTC`.
fn utc(time: SystemTime) -> String {
    let seconds = time.duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs());
    let (year, month, day) = date(seconds / 86_400);
    let (hour, minute, second) = (seconds / 3600 % 24, seconds / 60 % 60, seconds % 60);
    format!("{year}-{month:02}-{day:02} {hour:02}:{minute:02}:{second:02} UTC")
}

/// Year, month and day of the Gregorian calendar, `days` after 1970-01-01.
fn date(days: u64) -> (u64, u64, u64) {
    // Counted from 0000-03-01, leap days come last in a year and the 400-year cycle is whole (Hinnant, "chrono-compatible
    // low-level date algorithms", civil_from_days).
    let days = days + 719_468;
    let (era, day_of_era) = (days / 146_097, days % 146_097);
    let year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let march_month = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * march_month + 2) / 5 + 1;
    let month = if march_month < 10 { march_month + 3 } else { march_month - 9 };
    (era * 400 + year_of_era + u64::from(month <= 2), month, day)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    #[test]
    fn a_run_has_one_owner_at_a_time_who_is_named() {
        let dir = tempfile::tempdir().unwrap();
        let owner = Owner::take(dir.path()).unwrap();
        let message = Owner::take(dir.path()).unwrap_err().to_string();
        let who = format!("{} belongs to process {} since 2", dir.path().display(), std::process::id());
        assert!(message.starts_with(&who), "{message}");
        drop(owner);
        Owner::take(dir.path()).unwrap();
    }

    #[test]
    fn what_a_killed_owner_leaves_keeps_nobody_out() {
        let dir = tempfile::tempdir().unwrap();
        fs::write(dir.path().join(LOCK_FILE), "").unwrap();
        fs::write(dir.path().join(TEXT_FILE), "process 1 since 1970-01-01 00:00:00 UTC").unwrap();
        let _owner = Owner::take(dir.path()).unwrap();
        let message = Owner::take(dir.path()).unwrap_err().to_string();
        assert!(message.contains(&format!("process {} since", std::process::id())), "{message}");
    }

    #[test]
    fn times_are_those_of_the_calendar() {
        let utc = |seconds| utc(UNIX_EPOCH + Duration::from_secs(seconds));
        assert_eq!(utc(0), "1970-01-01 00:00:00 UTC");
        assert_eq!(utc(951_827_696), "2000-02-29 12:34:56 UTC");
        assert_eq!(utc(4_107_542_399), "2100-02-28 23:59:59 UTC");
        assert_eq!(utc(4_107_542_400), "2100-03-01 00:00:00 UTC");
        assert_eq!(utc(1_767_225_599), "2025-12-31 23:59:59 UTC");
    }
}
