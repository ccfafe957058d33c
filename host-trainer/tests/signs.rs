//! Runs that are made to fail say so while they do, once.

mod trainer;

use trainer::trainer;

/// What a run of small batches says; where it is to fail, on pictures that can be learned by heart.
fn said(args: &[&str]) -> String {
    let dir = tempfile::tempdir().unwrap();
    let tiny = ["--batch", "8", "--steps", "450", "--no-judge"];
    let output = trainer(dir.path(), &[&tiny[..], args].concat()).output().unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(output.status.success(), "{said}");
    said
}

fn warnings(said: &str) -> Vec<&str> {
    said.lines().filter(|line| line.starts_with("warning: step ")).collect()
}

#[test]
fn a_discriminator_that_learns_by_heart_is_told_of() {
    // Perceptrons, many steps of a wide discriminator for each of a narrow generator, whose loss saturates.
    let game =
        ["--data-limit", "100", "--gan", "vanilla", "--loss", "minimax", "--k", "5", "--r1-gamma", "0"];
    let networks = ["--width", "2", "--latent", "2", "--discriminator-width", "128", "--lr", "0.001"];
    let said = said(&[&game[..], &networks].concat());
    let sure: Vec<&str> =
        warnings(&said).into_iter().filter(|line| line.contains("discriminator is so sure")).collect();
    assert!(sure.len() == 1 && sure[0].contains("--r1-gamma"), "{said}");
}

#[test]
fn a_code_that_nobody_asks_for_is_told_of() {
    let nothing = ["information", "style_information", "consistency", "style_consistency"]
        .map(|key| format!("{key}=0"));
    let mut args = vec!["--gan", "infogan", "--width", "2", "--discriminator-width", "2"];
    nothing.iter().for_each(|setting| args.extend(["--set", setting.as_str()]));
    let said = said(&args);
    assert_eq!(warnings(&said).iter().filter(|line| line.contains("code is ignored")).count(), 1, "{said}");
}

#[test]
fn a_sound_run_is_told_nothing() {
    let said = said(&["--gan", "dcgan", "--width", "8", "--discriminator-width", "4"]);
    assert!(warnings(&said).is_empty(), "{said}");
}

#[test]
fn classes_that_are_lost_are_told_of() {
    let dir = tempfile::tempdir().unwrap();
    let said = |args: &[&str]| {
        let output = trainer(dir.path(), args).output().unwrap();
        let said = String::from_utf8(output.stderr).unwrap();
        assert!(output.status.success(), "{said}");
        said
    };
    let lost =
        |said: &str| warnings(said).iter().filter(|line| line.contains("fewer classes are drawn")).count();
    let sound = ["--gan", "cgan", "--name", "run", "--batch", "16", "--steps", "300", "--no-judge"];
    let sound = said(&[&sound[..], &["--set", "fid_every=100"]].concat());
    assert!(sound.contains("class entropy") && lost(&sound) == 0, "{sound}");
    // The same run goes on, at a rate at which nothing that it has learned is kept.
    let file = dir.path().join("runs/run/config.toml");
    let changed = std::fs::read_to_string(&file).unwrap();
    let changed =
        changed.replace("learning_rate = 0.002", "learning_rate = 0.5").replace("steps = 300", "steps = 500");
    std::fs::write(&file, changed).unwrap();
    let collapsed = said(&["--resume", "runs/run", "--no-judge"]);
    assert_eq!(lost(&collapsed), 1, "{collapsed}");
}
