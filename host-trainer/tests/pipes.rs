//! No write to a terminal, a pipe or a device ends a run; a command's product is told from its chatter.
#![cfg(target_os = "linux")]

mod trainer;

use std::fs::File;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::Command;

use trainer::{ENDLESS, Running, Terminal, checkpoints, sheets, trainer};

/// Trains for 30 steps.
fn short(dir: &Path, name: &str) -> Command {
    trainer(dir, &[&ENDLESS[2..12], &["--steps", "30", "--no-judge", "--name", name]].concat())
}

fn full() -> File {
    File::options().write(true).open("/dev/full").unwrap()
}

#[test]
fn a_run_outlives_the_reader_of_its_first_line() {
    let dir = tempfile::tempdir().unwrap();
    let (reader, writer) = std::io::pipe().unwrap();
    let mut command = short(dir.path(), "head");
    command.stderr(writer.try_clone().unwrap()).stdout(writer);
    let mut running = Running(command.spawn().unwrap());
    drop(command);
    let mut line = String::new();
    BufReader::new(reader).read_line(&mut line).unwrap();
    assert!(line.starts_with("Training dcgan"), "{line}");
    assert_eq!(running.end().code(), Some(0));
    assert!(dir.path().join("runs/head/generator.gan").exists());
}

#[test]
fn a_run_outlives_a_full_device_and_closed_descriptors() {
    let dir = tempfile::tempdir().unwrap();
    let ended = short(dir.path(), "full").stderr(full()).stdout(full()).status().unwrap();
    assert_eq!(ended.code(), Some(0));
    assert!(dir.path().join("runs/full/generator.gan").exists());
    let mut shell = Command::new("sh");
    shell.current_dir(dir.path()).args(["-c", "exec \"$@\" <&- >&- 2>&-", "sh"]);
    let closed = short(dir.path(), "closed");
    let ended = shell.arg(closed.get_program()).args(closed.get_args()).status().unwrap();
    assert_eq!(ended.code(), Some(0));
    assert!(dir.path().join("runs/closed/generator.gan").exists());
}

#[test]
fn an_error_on_a_full_device_has_its_exit_status() {
    let dir = tempfile::tempdir().unwrap();
    for (args, status) in [(&["inspect", "none.gan"][..], 1), (&["inspect"], 2), (&["--resume", "none"], 1)] {
        let ended = trainer(dir.path(), args).stderr(full()).status().unwrap();
        assert_eq!(ended.code(), Some(status), "{args:?}");
    }
}

#[test]
fn a_product_that_a_full_device_loses_is_an_error_and_one_that_nobody_reads_is_none() {
    let dir = tempfile::tempdir().unwrap();
    let model = Path::new(env!("CARGO_MANIFEST_DIR")).join("../models/mnist.gan");
    let model = model.to_str().unwrap();
    let products: [&[&str]; 8] = [
        &["inspect", model],
        &["inspect", model, "--json"],
        &["completions", "bash"],
        &["--print-config"],
        &["budget", "--width", "4"],
        &["time-steps", "--steps", "1", "--set", "generator_width=4", "--set", "discriminator_width=4"],
        &["--help"],
        &["--version"],
    ];
    for args in products {
        let lost = trainer(dir.path(), args).stdout(full()).output().unwrap();
        let said = String::from_utf8(lost.stderr).unwrap();
        assert_eq!(lost.status.code(), Some(1), "{args:?}: {said}");
        assert!(said.contains("error: standard output: No space left on device"), "{args:?}: {said}");
        // The reading end is closed before the program starts.
        let (reader, writer) = std::io::pipe().unwrap();
        drop(reader);
        let unread = trainer(dir.path(), args).stdout(writer).output().unwrap();
        let said = String::from_utf8(unread.stderr).unwrap();
        assert!(unread.status.success() && !said.contains("error"), "{args:?}: {said}");
    }
}

#[test]
fn ctrl_c_through_tee_saves_and_says_how_to_go_on() {
    let dir = tempfile::tempdir().unwrap();
    // Ctrl-C ends tee, and the pipe to it, at the same time.
    let script = r#"trap : INT; { trap : INT; "$@" 2>&1; echo $? > status; } | tee log"#;
    let mut shell = Command::new("sh");
    shell.current_dir(dir.path()).args(["-c", script, "sh"]);
    let endless = trainer(dir.path(), &ENDLESS);
    shell.arg(endless.get_program()).args(endless.get_args());
    let mut terminal = Terminal::run(&mut shell);
    let run = dir.path().join("runs/endless");
    terminal.running.wait_until("some steps are done", || sheets(&run) >= 3);
    terminal.press("\x03");
    terminal.running.end();
    assert_eq!(std::fs::read_to_string(dir.path().join("status")).unwrap(), "130\n");
    let steps = checkpoints(&run);
    assert_eq!(steps.len(), 1, "{steps:?}");
    let hint = format!("Stopped and saved after step {}. To go on: --resume runs/endless", steps[0]);
    assert!(terminal.seen().contains(&hint), "{}", terminal.seen());
}
