//! A first run of a few steps ends well: an untrained picture is flat grey, and that is no bad lowering.

use std::path::Path;
use std::process::Command;

/// What the program says on both streams.
fn run(cwd: &Path, args: &[&str]) -> String {
    let output =
        Command::new(env!("CARGO_BIN_EXE_host-trainer")).current_dir(cwd).args(args).output().unwrap();
    let said = String::from_utf8([output.stdout, output.stderr].concat()).unwrap();
    assert!(output.status.success(), "{args:?}: {said}");
    said
}

const SMALL: [&str; 7] = ["--batch", "8", "--data-limit", "100", "--width", "4", "--no-judge"];

#[test]
fn a_run_of_one_step_leaves_a_model_that_every_command_reads() {
    let dir = tempfile::tempdir().unwrap();
    let said = run(dir.path(), &[&["--name", "one", "--steps", "1"], &SMALL[..]].concat());
    assert!(said.contains("hardly been trained") && !said.contains("NaN"), "{said}");
    let model = dir.path().join("runs/one/generator.gan");
    assert!(model.exists() && dir.path().join("runs/one/samples.png").exists());
    let said = run(dir.path(), &["--resume", "runs/one", "--qat", "2", "--no-judge"]);
    assert!(said.contains("hardly been trained") && !said.contains("NaN"), "{said}");

    let said = run(dir.path(), &["evaluate", "runs/one", "--count", "20"]);
    assert!(!said.contains("NaN") && !said.contains("inf"), "{said}");
    let json = std::fs::read_to_string(dir.path().join("runs/one/evaluation.json")).unwrap();
    assert!(json.contains("no_signal"), "{json}");
    run(dir.path(), &["report", "runs/one"]);
    let page = std::fs::read_to_string(dir.path().join("runs/one/report.html")).unwrap();
    assert!(page.contains("of 20 pictures, at least 100 are needed") && !page.contains("NaN"));
    run(dir.path(), &["inspect", "runs/one"]);
    run(dir.path(), &["sample", "runs/one/generator.gan"]);
}

#[test]
fn runs_of_few_steps_end_well_whatever_their_length() {
    let dir = tempfile::tempdir().unwrap();
    for family in ["dcgan", "lsgan", "vae"] {
        for steps in ["2", "5", "15", "40"] {
            let name = format!("{family}-{steps}");
            run(dir.path(), &[&["--name", &name, "--gan", family, "--steps", steps], &SMALL[..]].concat());
            assert!(dir.path().join("runs").join(&name).join("generator.gan").exists());
        }
    }
}
