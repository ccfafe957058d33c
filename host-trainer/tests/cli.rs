//! What the command line says to wrong arguments: one line that names the thing, and no backtrace.

use std::path::Path;
use std::process::Command;

fn error(cwd: &Path, args: &[&str]) -> String {
    let output = Command::new(env!("CARGO_BIN_EXE_host-trainer"))
        .current_dir(cwd)
        .env("RUST_BACKTRACE", "1")
        .args(args)
        .output()
        .unwrap();
    assert!(!output.status.success(), "{args:?} was accepted");
    let stderr = String::from_utf8(output.stderr).unwrap();
    assert!(!stderr.contains("panicked") && !stderr.contains("stack backtrace"), "{stderr}");
    let found = stderr.lines().find(|line| line.starts_with("error: "));
    found.unwrap_or_else(|| panic!("no error line in {stderr}")).to_owned()
}

#[test]
fn wrong_settings_are_named_before_anything_is_written() {
    let dir = tempfile::tempdir().unwrap();
    let error = |args: &[&str]| error(dir.path(), args);
    assert_eq!(error(&["--batch", "1"]), "error: batch is 1, but must be 2 to 4096");
    assert_eq!(
        error(&["--epochs", "0", "--data-limit", "100"]),
        "error: epochs is 0, but must be at least one step long"
    );
    assert_eq!(
        error(&["--data-limit", "10", "--steps", "1"]),
        "error: 10 pictures are less than one batch of 64"
    );
    assert!(error(&["--name", "a/b"]).contains("the run's name is \"a/b\""));
    assert!(error(&["--data", "nowhere"]).contains("nowhere"));
    assert!(error(&["--resume", "runs/none"]).contains("runs/none/config.toml"));
    assert!(error(&["--resume", "runs/x", "--seed", "2"]).contains("--resume"));
    assert!(!dir.path().join("runs").exists());
}

#[test]
fn a_taken_name_is_refused_with_what_to_do() {
    let dir = tempfile::tempdir().unwrap();
    std::fs::create_dir_all(dir.path().join("runs/taken")).unwrap();
    let message = error(dir.path(), &["--name", "taken", "--steps", "1"]);
    assert!(message.contains("runs/taken exists already"), "{message}");
    assert!(message.contains("--resume runs/taken"), "{message}");
}
