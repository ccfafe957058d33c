//! A run's folder has one owner, is made in one step, survives a full disk, and is repaired where it can be.

mod durability;
mod ownership;
#[cfg(target_os = "linux")]
mod paths;
mod repair;

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

/// Settings of a run whose steps take some milliseconds, with a checkpoint every other step. After some thirty of them it
/// draws what can be lowered.
const TINY: [&str; 11] = [
    "--batch",
    "8",
    "--data-limit",
    "100",
    "--checkpoint-every",
    "2",
    "--width",
    "4",
    "--discriminator-width",
    "4",
    "--no-judge",
];

fn trainer<A: AsRef<OsStr>>(cwd: &Path, args: impl IntoIterator<Item = A>) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_host-trainer"));
    command.current_dir(cwd).args(args).stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

fn tiny(cwd: &Path, more: &[&str]) -> Command {
    trainer(cwd, TINY.iter().chain(more))
}

/// What a command that succeeds says.
fn succeed(mut command: Command) -> String {
    let Output { status, stderr, .. } = command.output().unwrap();
    let stderr = String::from_utf8_lossy(&stderr).into_owned();
    assert!(status.success(), "{command:?}: {status}\n{stderr}");
    stderr
}

/// The error of a command that fails as it should, without a panic.
fn fail(mut command: Command) -> String {
    let Output { status, stderr, .. } = command.output().unwrap();
    let stderr = String::from_utf8_lossy(&stderr).into_owned();
    assert!(!status.success() && !stderr.contains("panicked"), "{command:?}: {status}\n{stderr}");
    let error = stderr.lines().find(|line| line.starts_with("error: "));
    error.unwrap_or_else(|| panic!("no error line in {stderr}")).to_owned()
}

/// All files below `dir` with their bytes.
fn files(dir: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut all = BTreeMap::new();
    for entry in std::fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        match path.is_dir() {
            true => all.extend(files(&path)),
            false => drop(all.insert(path.clone(), std::fs::read(path).unwrap())),
        }
    }
    all
}

fn names(dir: &Path) -> Vec<String> {
    let names = std::fs::read_dir(dir).unwrap().map(|entry| entry.unwrap().file_name());
    let mut names: Vec<String> = names.map(|name| name.into_string().unwrap()).collect();
    names.sort();
    names
}
