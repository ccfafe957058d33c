//! A disk that is full in the middle of a file leaves the file that was there before.

#![cfg(unix)]

use crate::{fail, files, succeed, tiny, trainer};
use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

/// The trainer where no file can grow beyond 512 bytes: writing on fails as on a full disk.
fn full(cwd: &Path, args: &[&str]) -> Command {
    let mut command = Command::new("sh");
    let limited = "trap '' XFSZ; ulimit -f 1; exec \"$@\"";
    command.current_dir(cwd).args(["-c", limited, "sh", env!("CARGO_BIN_EXE_host-trainer")]).args(args);
    command.stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

#[test]
fn settings_survive_a_full_disk() {
    let dir = tempfile::tempdir().unwrap();
    // So long a name that the settings do not fit.
    let name = "n".repeat(200);
    succeed(tiny(dir.path(), &["--name", &name, "--steps", "30"]));
    let run = format!("runs/{name}");
    let before = files(&dir.path().join(&run));
    assert!(before[&dir.path().join(&run).join("config.toml")].len() > 512);
    let message = fail(full(dir.path(), &["--resume", &run, "--qat", "5"]));
    assert!(message.contains("config.toml: "), "{message}");
    assert!(files(&dir.path().join(&run)) == before, "something of the run has changed");
    succeed(trainer(dir.path(), ["--resume", &run, "--no-judge"]));
}

#[test]
fn pictures_and_pages_survive_a_full_disk() {
    let dir = tempfile::tempdir().unwrap();
    let model = Path::new(env!("CARGO_MANIFEST_DIR")).join("../models/mnist.gan");
    let model = model.to_str().unwrap();
    fs::create_dir(dir.path().join("run")).unwrap();
    fs::copy(Path::new(model).with_extension("toml"), dir.path().join("run/config.toml")).unwrap();
    fs::write(dir.path().join("run/losses.csv"), "").unwrap();
    for name in ["old.png", "old.gif", "old.raw", "old.html"] {
        fs::write(dir.path().join(name), "old").unwrap();
    }
    let before = files(dir.path());
    let commands: [&[&str]; 4] = [
        &["sample", model, "--count", "10", "--out", "old.png"],
        &["sample", model, "--gif", "old.gif", "--stops", "2"],
        &["sample", model, "--count", "10", "--raw", "old.raw"],
        &["report", "run", "--out", "old.html"],
    ];
    for command in commands {
        let message = fail(full(dir.path(), command));
        assert!(message.contains(": old."), "{message}");
    }
    assert!(files(dir.path()) == before, "something has changed");
}
