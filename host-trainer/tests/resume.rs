//! A run that was killed or interrupted and resumed ends, to the bit, where an unbroken one ends.

use host_trainer::families;
use host_trainer::graph::Parameters;
use host_trainer::train::{self, DataConfig, Outcome, TrainConfig};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::sync::atomic::AtomicBool;
use std::time::{Duration, Instant};

/// A run whose steps take some milliseconds, with a checkpoint every other step.
const TINY: [&str; 8] = ["--batch", "8", "--data-limit", "100", "--checkpoint-every", "2", "--width", "4"];

fn trainer(cwd: &Path, args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_host-trainer"));
    command.current_dir(cwd).args(args).arg("--no-judge").stderr(Stdio::piped()).stdout(Stdio::piped());
    command
}

fn tiny(cwd: &Path, more: &[&str]) -> Command {
    let mut command = trainer(cwd, &TINY);
    command.args(more);
    command
}

fn succeed(mut command: Command) -> String {
    let Output { status, stderr, .. } = command.output().unwrap();
    let stderr = String::from_utf8(stderr).unwrap();
    assert!(status.success(), "{command:?}: {status}\n{stderr}");
    stderr
}

/// What a run ends with: its record, and its averaged generator's numbers.
fn end(run: PathBuf) -> (String, Vec<Parameters>) {
    let Outcome::Finished(trained) = train::resume(&run, &AtomicBool::new(false)).unwrap() else {
        panic!("{} is not finished", run.display());
    };
    (std::fs::read_to_string(run.join("losses.csv")).unwrap(), trained.generator.parameters())
}

fn checkpoints(run: &Path) -> Vec<u64> {
    let Ok(entries) = std::fs::read_dir(run.join("checkpoints")) else { return Vec::new() };
    let name = |entry: std::io::Result<std::fs::DirEntry>| entry.ok()?.file_name().into_string().ok();
    entries.filter_map(|entry| name(entry)?.strip_prefix("step-")?.parse().ok()).collect()
}

/// Waits for a checkpoint newer than `step`, then `delay`, to hit all sorts of instants.
fn wait_for_checkpoint(run: &Path, child: &mut Child, step: u64, delay: Duration) {
    let deadline = Instant::now() + Duration::from_secs(120);
    while !checkpoints(run).iter().any(|&found| found > step) {
        assert_eq!(child.try_wait().unwrap(), None, "the run ended before it could be stopped");
        assert!(Instant::now() < deadline, "no checkpoint after step {step} came");
        std::thread::sleep(Duration::from_millis(1));
    }
    std::thread::sleep(delay);
}

/// Kills a tiny run of 30 steps with the settings `more` after checkpoints, again and again, the last time after step
/// `late`, and holds its end to an unbroken one's, which it returns.
fn kill_and_compare(more: &[&str], late: u64) -> (String, Vec<Parameters>) {
    let dir = tempfile::tempdir().unwrap();
    let named = |name| tiny(dir.path(), &[more, &["--name", name]].concat());
    succeed(named("unbroken"));
    let broken = dir.path().join("runs/broken");
    let mut child = named("broken").spawn().unwrap();
    let mut step = 0;
    for (after, delay) in [(0, 0), (0, 7), (late, 23)] {
        wait_for_checkpoint(&broken, &mut child, step.max(after), Duration::from_millis(delay));
        child.kill().unwrap(); // SIGKILL
        child.wait().unwrap();
        step = checkpoints(&broken).into_iter().max().expect("a complete checkpoint is always there");
        assert!(step < 30, "the kill came too late to prove anything");
        child = trainer(dir.path(), &["--resume", "runs/broken"]).spawn().unwrap();
    }
    assert!(child.wait_with_output().unwrap().status.success());
    let (unbroken, broken) = (end(dir.path().join("runs/unbroken")), end(broken));
    assert_eq!(unbroken.0.lines().count(), 31, "a header and a row a step");
    assert_eq!(unbroken.0, broken.0, "losses.csv");
    assert_eq!(unbroken.1, broken.1, "weights");
    unbroken
}

#[test]
fn a_run_killed_again_and_again_ends_as_an_unbroken_one() {
    kill_and_compare(&["--steps", "30"], 0);
}

#[test]
fn a_run_killed_in_its_fine_tuning_ends_as_an_unbroken_one() {
    // So few steps need large ones to draw anything that can be lowered.
    kill_and_compare(&["--steps", "8", "--qat", "22", "--lr", "0.01"], 8);
}

#[test]
fn every_family_survives_kills() {
    for family in families::ALL {
        kill_and_compare(&["--steps", "30", "--gan", family.name], 0);
    }
    for form in ["--unconditional", "--upsample", "--penalty=gradient"] {
        let family = if form.starts_with("--penalty") { "wgan" } else { "lsgan" };
        kill_and_compare(&["--steps", "30", "--gan", family, form], 0);
    }
}

#[test]
fn an_autoencoder_learns_and_survives_kills_too() {
    let (losses, _) = kill_and_compare(&["--steps", "30", "--gan", "vae"], 0);
    let mut lines = losses.lines().map(|line| line.split(','));
    let column = lines.next().unwrap().position(|name| name == "elbo").expect("a column of the bound");
    let bounds: Vec<f64> = lines.map(|mut row| row.nth(column).unwrap().parse().unwrap()).collect();
    let mean = |rows: &[f64]| rows.iter().sum::<f64>() / rows.len() as f64;
    let (first, last) = (mean(&bounds[..5]), mean(&bounds[25..]));
    assert!(last > first + 30.0, "the bound rises by more than batches differ: from {first} to {last}");
}

#[test]
fn a_run_killed_before_its_first_checkpoint_starts_over() {
    let dir = tempfile::tempdir().unwrap();
    let config = TrainConfig { steps: 3, batch: 8, ..TrainConfig::default() };
    let config = TrainConfig { data: DataConfig { limit: Some(64), ..DataConfig::default() }, ..config };
    let whole = dir.path().join("whole");
    train::start(config.clone(), &whole, &AtomicBool::new(false)).unwrap();
    // What a kill leaves: the settings, half a record, half a checkpoint.
    let killed = dir.path().join("killed");
    std::fs::create_dir_all(killed.join("checkpoints/step-2.tmp")).unwrap();
    config.write(&killed.join("config.toml")).unwrap();
    std::fs::write(killed.join("losses.csv"), "step,discr").unwrap();
    assert_eq!(end(killed), end(whole));
}

#[test]
fn one_seed_has_one_outcome_and_another_another() {
    let dir = tempfile::tempdir().unwrap();
    for (name, seed) in [("a", "5"), ("b", "5"), ("c", "6")] {
        succeed(tiny(dir.path(), &["--steps", "30", "--name", name, "--seed", seed]));
    }
    let [a, b, c] = ["a", "b", "c"].map(|name| end(dir.path().join("runs").join(name)));
    assert_eq!(a, b);
    assert_ne!(a, c);
}

#[cfg(unix)]
#[test]
fn ctrl_c_saves_and_says_how_to_go_on() {
    let dir = tempfile::tempdir().unwrap();
    let run = dir.path().join("runs/stopped");
    let mut child = tiny(dir.path(), &["--steps", "30", "--name", "stopped"]).spawn().unwrap();
    wait_for_checkpoint(&run, &mut child, 0, Duration::ZERO);
    assert!(Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap().success());
    let Output { status, stderr, .. } = child.wait_with_output().unwrap();
    let stderr = String::from_utf8(stderr).unwrap();
    assert_eq!(status.code(), Some(130), "{stderr}");
    assert!(stderr.contains("--resume runs/stopped"), "{stderr}");
    succeed(trainer(dir.path(), &["--resume", "runs/stopped"]));
    succeed(tiny(dir.path(), &["--steps", "30", "--name", "unbroken"]));
    assert_eq!(end(run), end(dir.path().join("runs/unbroken")));
}
