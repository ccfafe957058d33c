//! Figures of too few pictures are not there, or in doubt, and the reason stands under the table, in the JSON and on the
//! page of the report.

use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

/// What the program says on both streams.
fn run(cwd: &Path, args: &[&str]) -> String {
    let output =
        Command::new(env!("CARGO_BIN_EXE_host-trainer")).current_dir(cwd).args(args).output().unwrap();
    let said = String::from_utf8([output.stdout, output.stderr].concat()).unwrap();
    assert!(output.status.success(), "{args:?}: {said}");
    said
}

/// The pretrained model in `dir` with its floats, said to be trained on a few pictures: those are soon searched.
fn model(dir: &Path) -> PathBuf {
    let models = Path::new(env!("CARGO_MANIFEST_DIR")).join("../models");
    for name in ["mnist.gan", "mnist.bpk"] {
        std::fs::copy(models.join(name), dir.join(name)).unwrap();
    }
    let settings = std::fs::read_to_string(models.join("mnist.toml")).unwrap();
    let settings = settings.replace("[data]", "[data]\nlimit = 300");
    std::fs::write(dir.join("mnist.toml"), settings).unwrap();
    dir.join("mnist.gan")
}

/// The cells of the row `name`, words apart.
fn cells<'t>(table: &'t str, name: &str) -> Vec<&'t str> {
    let line =
        table.lines().find(|line| line.starts_with(name)).unwrap_or_else(|| panic!("no {name} in\n{table}"));
    line[name.len()..].split_whitespace().collect()
}

#[test]
fn two_pictures_have_no_recall_and_their_fid_is_biased() {
    let dir = tempfile::tempdir().unwrap();
    let model = model(dir.path());
    let evaluate = |count: &str| {
        let json = format!("{count}.json");
        let text = run(
            dir.path(),
            &["evaluate", model.to_str().unwrap(), "--count", count, "--json", &json, "--cache", "cache"],
        );
        let json: Value = serde_json::from_slice(&std::fs::read(dir.path().join(json)).unwrap()).unwrap();
        (text, json)
    };
    let (text, json) = evaluate("2");
    let report = &json["columns"][0]["report"];
    for name in ["precision", "recall", "density", "coverage"] {
        assert_eq!(cells(&text, name)[..2], ["–", "–"], "{name} in\n{text}");
        let figure = &report["manifold"][name];
        assert!(figure["value"].is_null() && figure["why"]["too_few"]["needed"] == 6, "{figure}");
    }
    assert!(
        text.contains("precision, recall, density, coverage (int8, float): of 2 pictures, at least 6"),
        "{text}"
    );
    assert_eq!(cells(&text, "FID")[1], "*", "{text}");
    assert!(text.contains("* FID (int8, float): biased upwards") && text.contains("from 129 on"), "{text}");
    assert!(report["fid"]["value"].is_f64() && report["fid"]["why"]["singular"]["needed"] == 129, "{report}");
    assert_eq!(cells(&text, "inception-style score")[1], "*", "{text}");
    assert_eq!(cells(&text, "  closest 1 %")[..2], ["–", "–"], "{text}");
    assert!(text.contains("95 % interval for so few pictures: int8 "), "{text}");
    assert!(text.contains("different numbers of pictures do not compare"), "{text}");
    assert!(text.contains("recall –"), "the drift too:\n{text}");

    // Of k + 1 pictures there is a recall, from the feature's dimension on the distance is not singular.
    let (_, json) = evaluate("6");
    assert!(json["columns"][0]["report"]["manifold"]["recall"].is_f64(), "{json}");
    let (text, json) = evaluate("129");
    assert!(json["columns"][0]["report"]["fid"].is_f64() && !text.contains("singular"), "{text}");
}
