//! One process at a time, from the making of the folder to the last file.

use crate::{fail, files, names, succeed, tiny, trainer};
use host_trainer::train::{self, DataConfig, Outcome, TrainConfig};
use std::fs;
use std::sync::atomic::AtomicBool;

#[cfg(unix)]
#[test]
fn a_second_process_is_refused_before_it_touches_the_run() {
    use std::process::Command;
    use std::time::{Duration, Instant};

    let dir = tempfile::tempdir().unwrap();
    let run = dir.path().join("runs/one");
    let mut first = tiny(dir.path(), &["--name", "one", "--steps", "60"]).spawn().unwrap();
    let deadline = Instant::now() + Duration::from_secs(120);
    while !run.join("checkpoints/step-2").exists() {
        assert!(Instant::now() < deadline && first.try_wait().unwrap().is_none(), "no checkpoint came");
        std::thread::sleep(Duration::from_millis(1));
    }
    // Stopped, not ended: it would go on.
    assert!(Command::new("kill").args(["-STOP", &first.id().to_string()]).status().unwrap().success());
    std::thread::sleep(Duration::from_millis(100));
    let before = files(&run);
    let message = fail(trainer(dir.path(), ["--resume", "runs/one", "--qat", "7", "--no-judge"]));
    let who = format!("runs/one belongs to process {} since 20", first.id());
    assert!(message.contains(&who) && message.contains(" UTC"), "{message}");
    assert!(files(&run) == before, "the refused process has changed the run");

    first.kill().unwrap();
    first.wait().unwrap();
    succeed(trainer(dir.path(), ["--resume", "runs/one", "--no-judge"]));
    assert_eq!(fs::read_to_string(run.join("losses.csv")).unwrap().lines().count(), 61);
    assert!(run.join("generator.gan").exists() && !run.join("owner.txt").exists());
}

#[test]
fn a_run_is_its_owners_until_all_that_it_leaves_is_written() {
    let dir = tempfile::tempdir().unwrap();
    let run = dir.path().join("run");
    let config = TrainConfig { steps: 1, batch: 8, ..TrainConfig::default() };
    let config = TrainConfig { data: DataConfig { limit: Some(8), ..DataConfig::default() }, ..config };
    let flag = AtomicBool::new(false);
    let Outcome::Finished(trained) = train::start(config, &run, &flag).unwrap() else { panic!("stopped") };
    let message = train::resume(&run, &flag).err().unwrap().to_string();
    assert!(message.contains(&format!("belongs to process {} since", std::process::id())), "{message}");
    drop(trained);
    train::resume(&run, &flag).unwrap();
}

#[test]
fn two_runs_that_begin_at_once_get_two_names() {
    let dir = tempfile::tempdir().unwrap();
    let pair = [(); 2].map(|()| tiny(dir.path(), &["--steps", "30"]).spawn().unwrap());
    for child in pair {
        let output = child.wait_with_output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    }
    assert_eq!(names(&dir.path().join("runs")), ["dcgan", "dcgan-2"]);
    for name in ["dcgan", "dcgan-2"] {
        let run = dir.path().join("runs").join(name);
        assert_eq!(TrainConfig::read(&run.join("config.toml")).unwrap().name, name);
        assert!(run.join("generator.gan").exists());
    }
}

#[test]
fn a_run_that_has_come_to_no_checkpoint_takes_no_name() {
    let dir = tempfile::tempdir().unwrap();
    let runs = dir.path().join("runs");
    // What a kill leaves before the first checkpoint, and what a crash left that could not write its settings.
    let [killed, empty, worked, foreign] =
        ["killed", "dcgan", "worked", "foreign"].map(|name| runs.join(name));
    fs::create_dir_all(killed.join("checkpoints/step-2.tmp")).unwrap();
    TrainConfig { name: "killed".into(), ..TrainConfig::default() }
        .write(&killed.join("config.toml"))
        .unwrap();
    fs::write(killed.join("losses.csv"), "step,discr").unwrap();
    fs::create_dir(&empty).unwrap();
    let said = succeed(tiny(dir.path(), &["--name", "killed", "--steps", "30", "--seed", "5"]));
    assert!(
        said.contains("runs/killed: there was a run that had come to no checkpoint; it is replaced"),
        "{said}"
    );
    assert_eq!(TrainConfig::read(&killed.join("config.toml")).unwrap().seed, 5);
    assert!(!killed.join("checkpoints/step-2.tmp").exists() && killed.join("generator.gan").exists());
    let said = succeed(tiny(dir.path(), &["--steps", "30"]));
    assert!(said.contains("into runs/dcgan\n") && !said.contains("replaced"), "{said}");

    // A checkpoint, or a file that no run begins with, is somebody's.
    fs::create_dir_all(worked.join("checkpoints/step-2")).unwrap();
    fs::create_dir_all(&foreign).unwrap();
    fs::write(worked.join("config.toml"), "").unwrap();
    fs::write(foreign.join("notes.txt"), "mine").unwrap();
    let before = files(&runs);
    let message = fail(tiny(dir.path(), &["--name", "worked", "--steps", "1"]));
    assert!(
        message.contains("runs/worked exists already: ") && message.contains("--resume runs/worked"),
        "{message}"
    );
    let message = fail(tiny(dir.path(), &["--name", "foreign", "--steps", "1"]));
    assert!(message.contains("runs/foreign exists already and is no run"), "{message}");
    assert!(files(&runs) == before);
    assert_eq!(names(&runs), ["dcgan", "foreign", "killed", "worked"]);
}
