//! A message of several causes says each once.

use std::path::Path;
use std::process::Command;

/// A text that is shorter may well be there twice.
const LONG: usize = 12;

#[test]
fn no_cause_is_printed_twice() {
    let dir = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| std::fs::write(dir.path().join(name), text).unwrap();
    let model = Path::new(env!("CARGO_MANIFEST_DIR")).join("../models/mnist.gan");
    let model = model.to_str().unwrap();
    write("no-model-at-all.gan", "a text");
    write("no-configuration.toml", "batch = \"");
    for run in ["run-without-record", "run-with-damage"] {
        std::fs::create_dir(dir.path().join(run)).unwrap();
    }
    write("run-with-damage/config.toml", "batch = \"");
    let config = Command::new(env!("CARGO_BIN_EXE_host-trainer")).arg("--print-config").output().unwrap();
    write("run-without-record/config.toml", std::str::from_utf8(&config.stdout).unwrap());
    let failing: [&[&str]; 17] = [
        &["--resume", "no-such-folder"],
        &["--resume", "run-with-damage"],
        &["--config", "no-such-file.toml"],
        &["--config", "no-configuration.toml"],
        &["--data", "no-such-folder"],
        &["--set", "batch=\"soon\""],
        &["inspect", "no-such-file.gan"],
        &["inspect", "no-model-at-all.gan"],
        &["sample", "no-such-file.gan"],
        &["sample", "no-model-at-all.gan"],
        &["sample", model, "--count", "1", "--out", "no-such-folder/sheet.png"],
        &["evaluate", "no-such-file.gan"],
        &["evaluate", model, "--beside", "no-model-at-all.gan"],
        &["report", "no-such-folder"],
        &["report", "run-without-record"],
        &["budget", "no-such-file.toml"],
        &["budget", "run-with-damage"],
    ];
    for args in failing {
        let output =
            Command::new(env!("CARGO_BIN_EXE_host-trainer")).current_dir(&dir).args(args).output().unwrap();
        assert_eq!(output.status.code(), Some(1), "{args:?}");
        let said = String::from_utf8(output.stderr).unwrap();
        let mut parts: Vec<&str> = said.split(':').map(str::trim).filter(|part| part.len() >= LONG).collect();
        let all = parts.len();
        parts.sort_unstable();
        parts.dedup();
        assert_eq!(parts.len(), all, "{args:?}: {said}");
    }
}
