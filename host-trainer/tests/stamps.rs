//! A model is never judged as if it were of another step of its run.

mod shapes;

use std::path::Path;
use std::process::Stdio;
use std::time::{Duration, Instant};

use shapes::{TINY, draw, run, trainer};

/// A finished run `runs/one` of 30 steps.
fn finished(cwd: &Path) {
    draw(&cwd.join("shapes"), 40);
    run(cwd, &[&TINY[..], &["--name", "one"]].concat());
}

/// The newest complete checkpoint's step.
fn newest(run: &Path) -> u64 {
    let entries = std::fs::read_dir(run.join("checkpoints")).unwrap();
    let step = |entry: std::io::Result<std::fs::DirEntry>| {
        entry.ok()?.file_name().to_str()?.strip_prefix("step-")?.parse().ok()
    };
    entries.filter_map(step).max().unwrap()
}

/// Lets the run `runs/one` go on by fine-tuning and kills it on its way; returns the step that it has come to.
fn stop_midway(cwd: &Path) -> u64 {
    let dir = cwd.join("runs/one");
    let args = ["--resume", "runs/one", "--qat", "2000", "--no-judge"];
    let mut child = trainer(cwd, &args).stderr(Stdio::null()).spawn().unwrap();
    let deadline = Instant::now() + Duration::from_secs(120);
    // There is a sheet after every 84th step.
    while newest(&dir) < 90 {
        assert_eq!(child.try_wait().unwrap(), None, "the run ended before it could be stopped");
        assert!(Instant::now() < deadline, "no checkpoint came");
        std::thread::sleep(Duration::from_millis(2));
    }
    child.kill().unwrap();
    child.wait().unwrap();
    newest(&dir)
}

fn json(path: &Path) -> serde_json::Value {
    serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap()
}

fn columns(evaluation: &serde_json::Value) -> Vec<&str> {
    let columns = evaluation["columns"].as_array().unwrap();
    columns.iter().map(|column| column["name"].as_str().unwrap()).collect()
}

#[test]
fn an_older_model_is_not_compared_with_newer_floats() {
    let dir = tempfile::tempdir().unwrap();
    let cwd = dir.path();
    finished(cwd);
    let evaluate = ["evaluate", "runs/one", "--count", "100"];
    let said = run(cwd, &evaluate);
    assert!(said.contains("made from step 30 of 30 of the run one"), "{said}");
    assert!(said.contains("float → int8") && !said.contains("note: "), "{said}");

    let step = stop_midway(cwd);
    let older = format!("generator.gan is of step 30; the newest checkpoint is of step {step} of 2030");
    let said = run(cwd, &evaluate);
    for part in [&older, "are left out", "--resume runs/one goes on", "qat_steps was 0, is 2000 now"] {
        assert!(said.contains(part), "no {part} in\n{said}");
    }
    for falsehood in ["float → int8", "Quantization costs"] {
        assert!(!said.contains(falsehood), "{falsehood} in\n{said}");
    }
    let evaluation = json(&cwd.join("runs/one/evaluation.json"));
    assert_eq!((columns(&evaluation), &evaluation["drift"]), (vec!["int8"], &serde_json::Value::Null));
    assert_eq!(evaluation["stamp"]["step"], 30);

    for args in [&["inspect", "runs/one"][..], &["sample", "runs/one/generator.gan"]] {
        let said = run(cwd, args);
        assert!(said.contains(&older), "{args:?}: {said}");
    }
    let said = run(cwd, &["report", "runs/one"]);
    let page = std::fs::read_to_string(cwd.join("runs/one/report.html")).unwrap();
    for part in [&older, "step 30 of 30 of the run one", "later than the model", "qat_steps was 0"] {
        assert!(page.contains(part), "no {part} in the page");
    }
    assert!(said.contains(&older), "{said}");

    // A model that names no step, as those from before, is older than a run that has not ended.
    std::fs::remove_file(cwd.join("runs/one/generator.json")).unwrap();
    let said = run(cwd, &evaluate);
    assert!(said.contains("is of an earlier step, which it does not name"), "{said}");
    assert!(!said.contains("float → int8"), "{said}");
}

#[test]
fn a_model_beside_others_says_whose_it_is() {
    let dir = tempfile::tempdir().unwrap();
    let cwd = dir.path();
    finished(cwd);
    run(cwd, &[&TINY[..], &["--name", "two", "--seed", "2", "--data-limit", "70"]].concat());
    let beside = ["evaluate", "runs/one", "--count", "100", "--beside", "runs/two"];
    let said = run(cwd, &beside);
    let other = "runs/two/generator.gan was made from other pictures than runs/one/generator.gan";
    assert!(said.contains(other), "{said}");

    // Of two runs' files that lie together, each says whose it is.
    std::fs::copy(cwd.join("runs/two/generator.gan"), cwd.join("runs/one/generator.gan")).unwrap();
    let said = run(cwd, &["evaluate", "runs/one", "--count", "100"]);
    for part in ["generator.json is not of this generator.gan", "are left out"] {
        assert!(said.contains(part), "no {part} in\n{said}");
    }
    assert!(!said.contains("float → int8"), "{said}");
    std::fs::copy(cwd.join("runs/two/generator.json"), cwd.join("runs/one/generator.json")).unwrap();
    let said = run(cwd, &["evaluate", "runs/one", "--count", "100", "--accept-changed-data"]);
    assert!(said.contains("of the run two") && said.contains("are left out"), "{said}");
    assert!(said.contains("judged by other pictures than it was trained on"), "{said}");
    assert!(shapes::error(cwd, &["evaluate", "runs/one"]).contains("--accept-changed-data"));
    let said = run(cwd, &["report", "runs/one"]);
    assert!(said.contains("samples.png is of step 30 of the run one, not of this generator.gan"), "{said}");
}

/// The comment of a GIF file: blocks behind 0x21 0xFE, each with its length before it, up to an empty one.
fn comment(path: &Path) -> Vec<u8> {
    let gif = std::fs::read(path).unwrap();
    let start = gif.windows(2).position(|pair| pair == [0x21, 0xFE]).expect("a comment") + 2;
    let (mut rest, mut text) = (&gif[start..], Vec::new());
    while let [length, blocks @ ..] = rest
        && *length > 0
    {
        let (block, behind) = blocks.split_at(usize::from(*length));
        text.extend(block);
        rest = behind;
    }
    text
}

#[test]
fn every_artefact_names_what_it_was_made_from() {
    let dir = tempfile::tempdir().unwrap();
    let cwd = dir.path();
    finished(cwd);
    let one = cwd.join("runs/one");
    run(cwd, &["evaluate", "runs/one", "--count", "100", "--pairs", "pairs.png"]);
    run(
        cwd,
        &["sample", "runs/one/generator.gan", "--out", "sheet.png", "--gif", "walk.gif", "--stops", "1"],
    );
    let sidecar = json(&one.join("generator.json"));
    let stamp = &sidecar["stamp"];
    assert_eq!(stamp["step"], 30);
    assert_eq!(stamp["settings"]["family.generator_width"], "4");
    assert_eq!(stamp["data"], json(&one.join("data.json"))["fingerprint"]["digest"]);
    let origin = |path: &Path| {
        let file = std::io::BufReader::new(std::fs::File::open(path).unwrap());
        let reader = png::Decoder::new(file).read_info().unwrap();
        let text = reader.info().utf8_text[0].get_text().unwrap();
        serde_json::from_str::<serde_json::Value>(&text).unwrap()
    };
    for path in [one.join("samples.png"), cwd.join("sheet.png")] {
        assert_eq!(origin(&path), sidecar, "{}", path.display());
    }
    for path in [one.join("losses.png"), one.join("sheets/step-000030.png")] {
        assert_eq!(origin(&path)["stamp"], *stamp, "{}", path.display());
    }
    assert_eq!(origin(&one.join("sheets/step-000004.png"))["stamp"]["step"], 4);
    let evaluation = json(&one.join("evaluation.json"));
    assert_eq!((&evaluation["stamp"], &evaluation["model_md5"]), (stamp, &sidecar["model_md5"]));
    let comment: serde_json::Value = serde_json::from_slice(&comment(&cwd.join("walk.gif"))).unwrap();
    assert_eq!(comment, sidecar);
    let inspected: serde_json::Value =
        serde_json::from_slice(&trainer(cwd, &["inspect", "runs/one", "--json"]).output().unwrap().stdout)
            .unwrap();
    assert_eq!(inspected["stamp"], *stamp);
}

#[test]
fn a_model_from_before_is_judged_with_a_word() {
    let dir = tempfile::tempdir().unwrap();
    let cwd = dir.path();
    finished(cwd);
    std::fs::remove_file(cwd.join("runs/one/generator.json")).unwrap();
    let said = run(cwd, &["evaluate", "runs/one", "--count", "100"]);
    assert!(said.contains("float → int8"), "{said}");
    assert_eq!(said.matches("made before models named their step").count(), 2, "{said}");
    // The run writes it anew with its model.
    run(cwd, &["--resume", "runs/one", "--no-judge"]);
    assert!(!run(cwd, &["evaluate", "runs/one", "--count", "100"]).contains("note: "));
}
