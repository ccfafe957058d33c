//! Families that learn from two domains: two folders, two classes, two kinds of strokes.

use std::path::Path;
use std::process::{Command, Output};

fn trainer(cwd: &Path, args: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_host-trainer")).current_dir(cwd).args(args).output().unwrap()
}

fn error(cwd: &Path, args: &[&str]) -> String {
    let output = trainer(cwd, args);
    assert!(!output.status.success(), "{args:?} was accepted");
    let stderr = String::from_utf8(output.stderr).unwrap();
    assert!(!stderr.contains("panicked"), "{stderr}");
    let found = stderr.lines().find(|line| line.starts_with("error: "));
    found.unwrap_or_else(|| panic!("no error line in {stderr}")).to_owned()
}

fn succeed(cwd: &Path, args: &[&str]) -> String {
    let output = trainer(cwd, args);
    let said = String::from_utf8(output.stderr).unwrap() + &String::from_utf8(output.stdout).unwrap();
    assert!(output.status.success(), "{args:?}: {said}");
    said
}

/// A folder of a class `name` of bars, which lie where `upright` is not.
fn bars(folder: &Path, name: &str, upright: bool, count: u32) {
    std::fs::create_dir_all(folder.join(name)).unwrap();
    for number in 0..count {
        let white = |x: u32, y: u32| (if upright { x } else { y }).abs_diff(10 + number % 8) < 2;
        let picture =
            image::GrayImage::from_fn(28, 28, |x, y| image::Luma([if white(x, y) { 250 } else { 3 }]));
        picture.save(folder.join(name).join(format!("{number}.png"))).unwrap();
    }
}

/// A run of two steps.
const TINY: [&str; 11] =
    ["--gan", "cyclegan", "--steps", "2", "--batch", "4", "--width", "4", "--lr", "0.01", "--no-judge"];

#[test]
fn a_second_domain_needs_a_family_that_learns_from_two() {
    let dir = tempfile::tempdir().unwrap();
    let message = error(dir.path(), &["--data", "a", "--data-b", "b"]);
    assert!(message.contains("dcgan learns from one; those that learn from two: cyclegan"), "{message}");
    let message = error(dir.path(), &["--gan", "cyclegan", "--data-b", "b"]);
    assert!(message.contains("--data A --data-b B"), "{message}");
    let message =
        error(dir.path(), &["--gan", "cyclegan", "--data", "a", "--data-b", "b", "--domains", "6,9"]);
    assert!(message.contains("must be \"folders\""), "{message}");
    let message = error(dir.path(), &["--gan", "cyclegan", "--domains", "6"]);
    assert!(message.contains("two classes with a comma between"), "{message}");
    let message = error(dir.path(), &["--gan", "cyclegan", "--domains", "6,x"]);
    assert!(message.contains("no class \"x\""), "{message}");
    let message = error(dir.path(), &["--domains", "6,9"]);
    assert!(message.contains("--domains: the family dcgan has no setting"), "{message}");
    assert!(!dir.path().join("runs").exists());
}

#[test]
fn two_folders_are_two_domains_wherever_they_lie() {
    let dir = tempfile::tempdir().unwrap();
    bars(&dir.path().join("a"), "upright", true, 20);
    bars(&dir.path().join("b"), "lying", false, 31);
    let folders = ["--name", "bars", "--data", "a", "--data-b", "b"];
    succeed(dir.path(), &[&TINY[..], &folders].concat());
    let config = std::fs::read_to_string(dir.path().join("runs/bars/config.toml")).unwrap();
    assert!(config.contains("domains = \"folders\"") && config.contains("dir_b = "), "{config}");
    for entry in ["second", "first"] {
        succeed(dir.path(), &["sample", "runs/bars", "--entry", entry, "--count", "40", "--raw", entry]);
        assert_eq!(std::fs::metadata(dir.path().join(entry)).unwrap().len(), 40 * 784);
    }
    std::fs::rename(dir.path().join("b"), dir.path().join("moved")).unwrap();
    let message = error(dir.path(), &["--resume", "runs/bars", "--no-judge"]);
    assert!(message.contains("no such folder"), "{message}");
    succeed(dir.path(), &["--resume", "runs/bars", "--no-judge", "--data-b", "moved"]);
    std::fs::remove_file(dir.path().join("moved/lying/7.png")).unwrap();
    let message = error(dir.path(), &["--resume", "runs/bars", "--no-judge"]);
    assert!(message.contains("class lying had 31 pictures, has 30 now"), "{message}");
}

#[test]
fn two_classes_are_restyled_into_each_other_and_judged_by_the_other() {
    let dir = tempfile::tempdir().unwrap();
    succeed(
        dir.path(),
        &[&TINY[..], &["--name", "turned", "--domains", "6,9", "--data-limit", "400"]].concat(),
    );
    let message = error(dir.path(), &["sample", "runs/turned", "--entry", "7"]);
    assert!(message.contains("has 9, 6"), "{message}");
    let said = succeed(dir.path(), &["evaluate", "runs/turned", "--count", "20"]);
    assert!(said.contains("to 9: the class asked for in") && said.contains("to 6: "), "{said}");
    let json = std::fs::read(dir.path().join("runs/turned/evaluation.json")).unwrap();
    let evaluation: serde_json::Value = serde_json::from_slice(&json).unwrap();
    let asked =
        |class: usize| evaluation["columns"][0]["report"]["classes"][class]["asked"].as_u64().unwrap();
    assert_eq!((asked(9), asked(6)), (20, 0), "a six is to become a nine");
}
