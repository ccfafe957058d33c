//! Signals: a run saves and ends, whatever else ends at once, and the terminal is given back.
#![cfg(target_os = "linux")]

mod trainer;

use std::fs::File;
use std::io::{BufRead, BufReader, Read};
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Command, Stdio};

use rustix::process::Signal;
use trainer::{ENDLESS, Running, Terminal, checkpoints, sheets, trainer};

/// A step of minutes: a hundred of the discriminator, of 1024 pictures each.
const LONG_STEP: [&str; 8] = ["--k", "100", "--batch", "1024", "--name", "endless", "--steps", "1000"];

/// That exactly one checkpoint was saved, that the run's record ends with it, and that `said` names it and how to go on.
fn assert_saved(dir: &Path, said: &str) {
    let run = dir.join("runs/endless");
    let steps = checkpoints(&run);
    let [step] = steps[..] else { panic!("checkpoints {steps:?}; {said}") };
    let rows = std::fs::read_to_string(run.join("losses.csv")).unwrap().lines().count() as u64 - 1;
    assert_eq!(rows, step);
    let hint = format!("Stopped and saved after step {step}. To go on: --resume runs/endless");
    assert!(said.contains(&hint), "{said}");
}

fn piped(command: &mut Command) -> Running {
    Running(command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap())
}

fn rest(running: &mut Running) -> String {
    let mut said = String::new();
    running.0.stderr.take().unwrap().read_to_string(&mut said).unwrap();
    said
}

#[test]
fn each_signal_saves_the_step_and_has_its_exit_status() {
    for (signal, status) in [(Signal::INT, 130), (Signal::TERM, 143), (Signal::HUP, 129)] {
        let dir = tempfile::tempdir().unwrap();
        let mut running = piped(&mut trainer(dir.path(), &ENDLESS));
        running.wait_until("some steps are done", || sheets(&dir.path().join("runs/endless")) >= 3);
        running.send(signal);
        assert_eq!(running.end().code(), Some(status), "{signal:?}");
        assert_saved(dir.path(), &rest(&mut running));
    }
}

/// `command` as `nohup` starts it.
fn deaf_to_hangups(mut command: Command) -> Command {
    // SAFETY: between fork and exec only a signal's disposition is set.
    unsafe {
        command.pre_exec(|| {
            libc::signal(libc::SIGHUP, libc::SIG_IGN);
            Ok(())
        });
    }
    command
}

#[test]
fn nohup_keeps_a_run_through_a_hangup() {
    let dir = tempfile::tempdir().unwrap();
    let run = dir.path().join("runs/endless");
    let mut running = piped(&mut deaf_to_hangups(trainer(dir.path(), &ENDLESS)));
    running.wait_until("some steps are done", || sheets(&run) >= 3);
    let before = sheets(&run);
    running.send(Signal::HUP);
    running.wait_until("twice as many steps are done", || sheets(&run) > before);
    running.send(Signal::TERM);
    assert_eq!(running.end().code(), Some(143));
    assert_saved(dir.path(), &rest(&mut running));
}

#[test]
fn the_terminal_is_given_back_after_a_signal_and_after_a_key() {
    type Stop = fn(&Terminal);
    let stops: [(Stop, i32); 4] = [
        (|terminal| terminal.running.send(Signal::TERM), 143),
        (|terminal| terminal.running.send(Signal::HUP), 129),
        (|terminal| terminal.running.send(Signal::INT), 130),
        (|terminal| terminal.press("\x03"), 130),
    ];
    for (stop, status) in stops {
        let dir = tempfile::tempdir().unwrap();
        let mut terminal = Terminal::run(&mut trainer(dir.path(), &ENDLESS));
        terminal.wait_for("The averaged generator after step");
        stop(&terminal);
        assert_eq!(terminal.running.end().code(), Some(status));
        terminal.assert_given_back();
        assert_saved(dir.path(), &terminal.said_after_the_view());
    }
}

#[test]
fn a_second_signal_gives_the_terminal_back_and_ends_within_the_step() {
    let dir = tempfile::tempdir().unwrap();
    let mut terminal = Terminal::run(&mut trainer(dir.path(), &LONG_STEP));
    terminal.wait_for("nothing saved yet");
    terminal.running.send(Signal::TERM);
    // Only what differs from the last frame is drawn: of the footer's first words every letter.
    terminal.wait_for("stopping");
    terminal.running.send(Signal::HUP);
    assert_eq!(terminal.running.end().code(), Some(129));
    terminal.assert_given_back();
    let said = terminal.said_after_the_view();
    assert!(said.contains("Ended without saving.") && said.contains("--resume runs/endless"), "{said}");
    assert_eq!(checkpoints(&dir.path().join("runs/endless")), []);
}

#[test]
fn a_run_whose_terminal_hangs_up_is_saved() {
    let dir = tempfile::tempdir().unwrap();
    let mut terminal = Terminal::run(&mut trainer(dir.path(), &ENDLESS));
    terminal.wait_for("The averaged generator after step");
    terminal.hang_up();
    assert_eq!(terminal.running.end().code(), Some(129));
    assert_eq!(checkpoints(&dir.path().join("runs/endless")).len(), 1);
}

#[test]
fn a_terminal_that_breaks_takes_the_view_and_not_the_run() {
    let dir = tempfile::tempdir().unwrap();
    let run = dir.path().join("runs/endless");
    let mut terminal = Terminal::run(&mut deaf_to_hangups(trainer(dir.path(), &ENDLESS)));
    terminal.wait_for("The averaged generator after step");
    let before = sheets(&run);
    terminal.hang_up();
    terminal.running.wait_until("twice as many steps are done", || sheets(&run) > before + 1);
    terminal.running.send(Signal::TERM);
    assert_eq!(terminal.running.end().code(), Some(143));
    assert_eq!(checkpoints(&run).len(), 1);
}

#[test]
fn a_view_that_is_left_leaves_the_run_alone() {
    let dir = tempfile::tempdir().unwrap();
    let mut terminal = Terminal::run(&mut trainer(dir.path(), &ENDLESS));
    terminal.wait_for("The averaged generator after step");
    terminal.press("q");
    terminal.wait_for("\x1b[?1049l");
    terminal.running.wait_until("more steps are done", || sheets(&dir.path().join("runs/endless")) >= 8);
    terminal.press("\x03");
    assert_eq!(terminal.running.end().code(), Some(130));
    terminal.assert_given_back();
    let said = terminal.said_after_the_view();
    assert!(said.contains("step ") && said.contains("left"), "no line of progress: {said}");
    assert_saved(dir.path(), &said);
}

#[test]
fn before_the_first_step_a_signal_ends_at_once() {
    for (signal, status) in [(Signal::INT, 130), (Signal::TERM, 143), (Signal::HUP, 129)] {
        let dir = tempfile::tempdir().unwrap();
        // Settings that never come: it waits where it reads what it needs.
        let settings = dir.path().join("settings.toml");
        assert!(Command::new("mkfifo").arg(&settings).status().unwrap().success());
        let mut running = piped(&mut trainer(dir.path(), &["--config", "settings.toml"]));
        // Opens once the program opens it, too.
        let _never_written = File::options().write(true).open(&settings).unwrap();
        running.send(signal);
        assert_eq!(running.end().code(), Some(status), "{signal:?}");
        let said = rest(&mut running);
        assert!(said.contains("Stopped before the first step"), "{said}");
        assert!(!dir.path().join("runs").exists());
    }
}

/// Runs the program and sends it SIGINT when it says `moment`; returns its exit status and what it said after that.
fn interrupt_at(dir: &Path, args: &[&str], moment: &str) -> (Option<i32>, String) {
    let mut running = piped(&mut trainer(dir, args));
    let mut lines = BufReader::new(running.0.stderr.take().unwrap()).lines();
    let mut said = lines.by_ref().map(Result::unwrap);
    assert!(said.any(|line| line.contains(moment)), "{args:?} never say {moment:?}");
    running.send(Signal::INT);
    let after: Vec<String> = said.collect();
    (running.end().code(), after.join("\n"))
}

#[test]
fn judging_ends_at_once() {
    let dir = tempfile::tempdir().unwrap();
    let model = Path::new(env!("CARGO_MANIFEST_DIR")).join("../models/mnist.gan");
    let evaluate = ["evaluate", model.to_str().unwrap(), "--count", "1000000"];
    let (status, said) = interrupt_at(dir.path(), &evaluate, "drawing");
    assert_eq!((status, said.as_str()), (Some(130), ""));
}

#[test]
fn after_the_last_step_a_signal_ends_at_once_and_a_resumed_run_is_lowered() {
    let dir = tempfile::tempdir().unwrap();
    let args = [&ENDLESS[2..], &["--steps", "30"]].concat();
    // The lowering is short, the judge's figures after it are not.
    let (status, said) = interrupt_at(dir.path(), &args, "Lowering to int8");
    assert_eq!(status, Some(130), "{said}");
    assert!(
        said.contains("All steps are done and saved. To lower the generator: --resume runs/endless"),
        "{said}"
    );
    let again = trainer(dir.path(), &["--resume", "runs/endless", "--no-judge"]).output().unwrap();
    assert!(again.status.success(), "{}", String::from_utf8_lossy(&again.stderr));
    assert!(dir.path().join("runs/endless/generator.gan").exists());
}

#[test]
fn fine_tuning_begins_only_after_everything_is_saved() {
    let dir = tempfile::tempdir().unwrap();
    let run = dir.path().join("runs/endless");
    let tuned = [&ENDLESS[2..], &["--steps", "8", "--lr", "0.01", "--qat", "1000000"]].concat();
    let mut running = piped(&mut trainer(dir.path(), &tuned));
    // By itself this run saves nothing before its end.
    running.wait_until("the last ordinary step is saved", || checkpoints(&run).contains(&8));
    running.send(Signal::INT);
    assert_eq!(running.end().code(), Some(130));
    let said = rest(&mut running);
    assert!(said.contains("saved after step") && said.contains("To go on: --resume runs/endless"), "{said}");
    assert!(checkpoints(&run).iter().all(|&step| step >= 8));
}
