//! A record that disagrees with the checkpoint, and checkpoints that are damaged.

use crate::{fail, files, names, succeed, tiny, trainer};
use host_trainer::graph::Parameters;
use host_trainer::train::{self, CONFIG_FILE, DataConfig, Outcome, TrainConfig};
use std::fs;
use std::path::Path;
use std::sync::atomic::AtomicBool;

fn config(steps: u64) -> TrainConfig {
    let mut config = TrainConfig { steps, batch: 8, checkpoint_every: 2, ..TrainConfig::default() };
    config.data = DataConfig { limit: Some(64), ..DataConfig::default() };
    for width in ["generator_width", "discriminator_width"] {
        config.family = config.family.with(width, 4).unwrap();
    }
    config
}

/// Trains `steps` steps into the new folder `run`.
fn start(run: &Path, steps: u64) {
    train::start(config(steps), run, &AtomicBool::new(false)).unwrap();
}

/// Goes on with `run` to step `steps`: the steps of its record, and its weights.
fn go_on(run: &Path, steps: u64) -> (Vec<u64>, Vec<Parameters>) {
    config(steps).write(&run.join(CONFIG_FILE)).unwrap();
    let Outcome::Finished(trained) = train::resume(run, &AtomicBool::new(false)).unwrap() else {
        panic!("stopped")
    };
    let rows = train::read_losses(&run.join("losses.csv"), trained.config.family.family().record).unwrap();
    (rows.iter().map(|row| row.step).collect(), trained.generator.parameters())
}

#[test]
fn whatever_the_record_holds_the_run_goes_on_from_its_checkpoint() {
    let dir = tempfile::tempdir().unwrap();
    let whole = dir.path().join("whole");
    start(&whole, 4);
    let record = fs::read_to_string(whole.join("losses.csv")).unwrap();
    let (steps, weights) = go_on(&whole, 6);
    assert_eq!(steps, [1, 2, 3, 4, 5, 6]);
    let lines: Vec<&str> = record.split_inclusive('\n').collect();
    let cases: [(&str, Option<String>, &[u64]); 6] = [
        ("gone", None, &[5, 6]),
        ("empty", Some(String::new()), &[5, 6]),
        ("short", Some(lines[..3].concat()), &[1, 2, 5, 6]),
        ("holed", Some(record.replace(lines[2], "\0\0\0\n")), &[1, 3, 4, 5, 6]),
        ("doubled", Some(record.clone() + lines[3] + lines[2] + "7,0,0"), &[1, 2, 3, 4, 5, 6]),
        ("another's", Some(record.replace("step,", "steps,")), &[5, 6]),
    ];
    for (name, text, expected) in cases {
        let run = dir.path().join(name);
        start(&run, 4);
        match text {
            None => fs::remove_file(run.join("losses.csv")).unwrap(),
            Some(text) => fs::write(run.join("losses.csv"), text).unwrap(),
        }
        let (steps, found) = go_on(&run, 6);
        assert_eq!(steps, expected, "{name}");
        assert!(found == weights, "{name}: other weights");
    }
}

#[test]
fn a_repair_is_told() {
    let dir = tempfile::tempdir().unwrap();
    succeed(tiny(dir.path(), &["--name", "one", "--steps", "30"]));
    let record = dir.path().join("runs/one/losses.csv");
    let text = fs::read_to_string(&record).unwrap();
    fs::write(&record, text.lines().take(29).map(|line| line.to_owned() + "\n").collect::<String>()).unwrap();
    let said = succeed(trainer(dir.path(), ["--resume", "runs/one", "--no-judge"]));
    let words = "runs/one/losses.csv: 2 of 30 rows are missing or damaged, the first that of step 29";
    assert!(said.contains(words) && said.contains("goes on whole from step 30"), "{said}");
    let said = succeed(trainer(dir.path(), ["--resume", "runs/one", "--no-judge"]));
    assert!(said.contains("2 of 30 rows"), "the gap stays, and is told: {said}");
}

#[test]
fn a_damaged_checkpoint_leads_back_to_an_older_one() {
    let dir = tempfile::tempdir().unwrap();
    let run = dir.path().join("run");
    start(&run, 2);
    let [older, newer] = ["step-2", "step-4"].map(|name| run.join("checkpoints").join(name));
    let kept = files(&older);
    let end = go_on(&run, 4);
    fs::create_dir(&older).unwrap();
    kept.iter().for_each(|(path, bytes)| fs::write(path, bytes).unwrap());
    let weights = fs::read(newer.join("discriminator.bpk")).unwrap();
    fs::write(newer.join("discriminator.bpk"), &weights[..weights.len() / 2]).unwrap();
    assert!(go_on(&run, 4) == end, "from step 2 it ends where it had ended");
    assert_eq!(names(&run.join("checkpoints")), ["step-4", "step-4.damaged"]);
}

#[test]
fn a_damaged_checkpoint_without_an_older_one_is_named_with_what_to_do() {
    let dir = tempfile::tempdir().unwrap();
    let run = dir.path().join("run");
    start(&run, 2);
    let checkpoint = run.join("checkpoints/step-2");
    let whole = files(&checkpoint);
    assert_eq!(whole.len(), 6, "five networks and optimizers, and the state");
    for (path, bytes) in &whole {
        fs::write(path, &bytes[..bytes.len() / 2]).unwrap();
        let before = files(&run.join("checkpoints"));
        let message = train::resume(&run, &AtomicBool::new(false)).err().unwrap().to_string();
        let advice = format!("delete {} to begin at the first step", run.join("checkpoints").display());
        assert!(message.contains(&format!("{}: ", path.display())) && message.contains(&advice), "{message}");
        assert!(files(&run.join("checkpoints")) == before);
        fs::write(path, bytes).unwrap();
    }
    fs::remove_file(checkpoint.join("state.json")).unwrap();
    let message = fail(trainer(dir.path(), ["--resume", "run", "--no-judge"]));
    assert!(message.contains("run/checkpoints/step-2/state.json: "), "{message}");
}
