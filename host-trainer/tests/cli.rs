//! What the command line says to wrong arguments: one line that names the thing, and no backtrace.

use std::path::Path;
use std::process::Command;

fn error(cwd: &Path, args: &[&str]) -> String {
    let output = Command::new(env!("CARGO_BIN_EXE_host-trainer"))
        .current_dir(cwd)
        .env("RUST_BACKTRACE", "1")
        .args(args)
        .output()
        .unwrap();
    assert!(!output.status.success(), "{args:?} was accepted");
    let stderr = String::from_utf8(output.stderr).unwrap();
    assert!(!stderr.contains("panicked") && !stderr.contains("stack backtrace"), "{stderr}");
    let found = stderr.lines().find(|line| line.starts_with("error: "));
    found.unwrap_or_else(|| panic!("no error line in {stderr}")).to_owned()
}

#[test]
fn wrong_settings_are_named_before_anything_is_written() {
    let dir = tempfile::tempdir().unwrap();
    let error = |args: &[&str]| error(dir.path(), args);
    assert_eq!(error(&["--batch", "1"]), "error: batch is 1, but must be 2 to 4096");
    assert_eq!(
        error(&["--epochs", "0", "--data-limit", "100"]),
        "error: epochs is 0, but must be at least one step long"
    );
    assert_eq!(
        error(&["--data-limit", "10", "--steps", "1"]),
        "error: 10 pictures are less than one batch of 64"
    );
    for setting in ["steps", "checkpoint-every", "r1-every", "data-limit", "seed", "batch", "k", "width"] {
        let flag = format!("--{setting}");
        for more in [&["--qat", "5"][..], &["--set", "latent=8"], &["--print-config"]] {
            let message = error(&[&[flag.as_str(), "18446744073709551615"], more].concat());
            assert!(message.contains("is 18446744073709551615, but must be "), "{message}");
        }
    }
    assert!(error(&["--qat", "18446744073709551615"]).contains("at most 1000000000"));
    assert!(error(&["--epochs", "1e300", "--data-limit", "100"]).contains("at most 1000000000000000 steps"));
    assert!(error(&["--name", "a/b"]).contains("the run's name is \"a/b\""));
    assert!(error(&["--data", "nowhere"]).contains("nowhere"));
    assert!(error(&["--resume", "runs/none"]).contains("runs/none/config.toml"));
    assert!(error(&["--resume", "runs/x", "--seed", "2"]).contains("--resume"));
    assert!(!dir.path().join("runs").exists());
}

#[test]
fn a_taken_name_is_refused_with_what_to_do() {
    let dir = tempfile::tempdir().unwrap();
    std::fs::create_dir_all(dir.path().join("runs/taken/checkpoints/step-1")).unwrap();
    std::fs::write(dir.path().join("runs/taken/config.toml"), "").unwrap();
    let message = error(dir.path(), &["--name", "taken", "--steps", "1"]);
    assert!(message.contains("runs/taken exists already"), "{message}");
    assert!(message.contains("--resume runs/taken"), "{message}");
}

#[test]
fn a_run_ends_with_figures_that_evaluate_repeats_and_files_that_lower_repeats() {
    let dir = tempfile::tempdir().unwrap();
    let run = |args: &[&str]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_host-trainer"));
        let output = command.current_dir(dir.path()).args(args).output().unwrap();
        let stderr = String::from_utf8(output.stderr).unwrap();
        assert!(output.status.success(), "{stderr}");
        String::from_utf8(output.stdout).unwrap() + &stderr
    };
    let trained =
        run(&["--seed", "2", "--steps", "30", "--batch", "8", "--data-limit", "100", "--width", "4"]);
    let evaluated = run(&["evaluate", "runs/dcgan"]);
    assert!(trained.contains("evaluate runs/dcgan"), "{trained}");
    for row in ["FID", "inception-style score", "class entropy", "class accuracy"] {
        let line = |text: &str| -> Vec<String> {
            let line = text.lines().find(|line| line.starts_with(row)).expect(row);
            line.split_whitespace().map(str::to_owned).collect()
        };
        // The column of real digits is another: the run's hundred against all.
        let (trained, evaluated) = (line(&trained), line(&evaluated));
        let columns = row.split(' ').count() + if row == "class entropy" { 3 } else { 2 };
        assert_eq!(trained[..columns], evaluated[..columns]);
    }

    let read = |name: &str| std::fs::read(dir.path().join("runs/dcgan").join(name)).unwrap();
    let [model, sheet] = ["generator.gan", "samples.png"].map(read);
    std::fs::write(dir.path().join("runs/dcgan/samples.png"), "of the model before").unwrap();
    assert!(run(&["lower", "runs/dcgan"]).contains("the same bytes as before"));
    assert_eq!(["generator.gan", "samples.png"].map(read), [model, sheet], "as the run has left them");
}

#[test]
fn an_evaluation_says_all_and_writes_it() {
    let dir = tempfile::tempdir().unwrap();
    let model = Path::new(env!("CARGO_MANIFEST_DIR")).join("../models/mnist.gan");
    let output = Command::new(env!("CARGO_BIN_EXE_host-trainer"))
        .current_dir(dir.path())
        .arg("evaluate")
        .arg(&model)
        .arg("--beside")
        .arg(&model)
        .args(["--count", "300", "--json", "all.json", "--pairs", "pairs.png", "--cache", "cache"])
        .output()
        .unwrap();
    let stdout = String::from_utf8(output.stdout).unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    for row in ["FID", "precision", "coverage", "class entropy", "suspiciously close", "class 9", "PSNR"] {
        assert!(stdout.contains(row), "no {row} in\n{stdout}");
    }
    let json: serde_json::Value =
        serde_json::from_slice(&std::fs::read(dir.path().join("all.json")).unwrap()).unwrap();
    let names: Vec<_> = (0..4).map(|column| json["columns"][column]["name"].as_str().unwrap()).collect();
    assert_eq!(names, ["int8", "float", "mnist", "real"]);
    assert_eq!(json["columns"][0]["report"], json["columns"][2]["report"], "the same model beside itself");
    let fid = json["columns"][0]["report"]["fid"].as_f64().unwrap();
    assert!(stdout.contains(&format!("{fid:.2}")), "{fid} in\n{stdout}");
    assert!(json["drift"]["psnr_db"].as_f64().unwrap() > 30.0);
    assert_eq!(json["closest"].as_array().unwrap().len(), 10);
    assert!(std::fs::read(dir.path().join("pairs.png")).unwrap().starts_with(b"\x89PNG"));
    assert_eq!(std::fs::read_dir(dir.path().join("cache")).unwrap().count(), 1);
}

#[test]
fn what_cannot_be_evaluated_is_named() {
    let dir = tempfile::tempdir().unwrap();
    std::fs::create_dir_all(dir.path().join("runs/half")).unwrap();
    std::fs::write(dir.path().join("no.gan"), "no model").unwrap();
    let error = |args: &[&str]| error(dir.path(), args);
    assert!(error(&["evaluate", "runs/half"]).starts_with("error: runs/half: no generator.gan"));
    assert!(error(&["evaluate", "none.gan"]).contains("none.gan: No such file"));
    assert!(error(&["evaluate", "no.gan"]).contains("no.gan: "));
    let model = Path::new(env!("CARGO_MANIFEST_DIR")).join("../models/mnist.gan");
    assert!(error(&["evaluate", model.to_str().unwrap(), "--beside", "no.gan"]).contains("no.gan: "));
}

#[test]
fn samples_of_one_class_differ_with_seed_and_truncation() {
    let dir = tempfile::tempdir().unwrap();
    let model = Path::new(env!("CARGO_MANIFEST_DIR")).join("../models/mnist.gan");
    let model = model.to_str().unwrap();
    let sample = |args: &[&str]| {
        let output = Command::new(env!("CARGO_BIN_EXE_host-trainer"))
            .current_dir(dir.path())
            .args(["sample", model, "--count", "3", "--raw", "raw"])
            .args(args)
            .output()
            .unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        std::fs::read(dir.path().join("raw")).unwrap()
    };
    let sevens = sample(&["--class", "7", "--gif", "walk.gif", "--stops", "2", "--out", "sheet.png"]);
    assert_eq!(sevens.len(), 3 * 784);
    assert!(std::fs::read(dir.path().join("walk.gif")).unwrap().starts_with(b"GIF89a"));
    assert!(std::fs::read(dir.path().join("sheet.png")).unwrap().starts_with(b"\x89PNG"));
    assert_eq!(sample(&["--class", "7"]), sevens);
    assert_ne!(sample(&["--class", "7", "--seed", "2"]), sevens);
    assert_ne!(sample(&["--class", "7", "--truncation", "0.5"]), sevens);
    assert_ne!(sample(&["--class", "8"]), sevens);
    assert_eq!(sample(&["--choose", "class=7"]), sevens);

    let error = |args: &[&str]| error(dir.path(), &[&["sample", model], args].concat());
    assert!(error(&["--class", "10"]).ends_with("mnist.gan has the classes 0 to 9"));
    assert!(error(&["--truncation", "0"]).contains("must be above 0 and at most 3"));
    assert!(error(&["--stops", "3"]).contains("required"));
    assert!(error(&["--choose", "class"]).contains("expected a choice and what is chosen"));
    assert!(error(&["--choose", "size=3"]).contains("no choice size; its choices: class"));
    assert!(error(&["--sweep", "size"]).contains("no choice size; its choices: class"));
    assert!(error(&["--choose", "class=ten"]).contains("there is no ten in class; there are 0, 1, 2,"));
}

/// A folder of two classes of `count` pictures each: dark rings and bars on bright paper, 40×30.
fn pictures(dir: &Path, count: u32) {
    for (class, bar) in [("bars", true), ("rings", false)] {
        std::fs::create_dir_all(dir.join(class)).unwrap();
        for number in 0..count {
            let middle = 15.0 + f64::from(number % 5);
            let dark = |x: u32, y: u32| {
                let (x, y) = (f64::from(x) - middle, f64::from(y) - 15.0);
                if bar { x.abs() < 3.0 } else { (x.hypot(y) - 8.0).abs() < 2.0 }
            };
            let picture =
                image::GrayImage::from_fn(40, 30, |x, y| image::Luma([if dark(x, y) { 20 } else { 240 }]));
            picture.save(dir.join(class).join(format!("{number}.png"))).unwrap();
        }
    }
}

#[test]
fn a_folder_of_pictures_trains_and_says_what_it_found() {
    let dir = tempfile::tempdir().unwrap();
    pictures(&dir.path().join("shapes"), 40);
    std::fs::write(dir.path().join("shapes/bars/broken.png"), "x").unwrap();
    let run = |args: &[&str]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_host-trainer"));
        let output = command.current_dir(dir.path()).args(args).output().unwrap();
        let stderr = String::from_utf8(output.stderr).unwrap();
        assert!(output.status.success(), "{stderr}");
        stderr + &String::from_utf8(output.stdout).unwrap()
    };
    let size = ["--steps", "40", "--batch", "8", "--width", "4", "--discriminator-width", "4"];
    let said = run(&[&["--data", "shapes", "--name", "shapes"], &size[..]].concat());
    for part in [
        "80 pictures of 40×30, resized to 28×28; 2 classes, 40 each: bars, rings",
        "dark on bright in 80 of them",
        "few pictures",
        "1 of 81 files left out",
        "1 that cannot be read: ",
        "shapes/bars/broken.png: unexpected end of file",
    ] {
        assert!(said.contains(part), "no {part} in\n{said}");
    }
    let said = run(&["evaluate", "runs/shapes", "--count", "100"]);
    assert!(said.contains("FID") && !said.contains("class accuracy"), "{said}");

    std::fs::create_dir(dir.path().join("shapes/none")).unwrap();
    let message = error(dir.path(), &["--data", "shapes", "--name", "other"]);
    assert!(message.contains("shapes/none: no picture in this class's folder"), "{message}");
    assert!(!dir.path().join("runs/other").exists());
}

#[test]
fn how_pictures_are_read_is_told_and_kept_with_the_run() {
    let dir = tempfile::tempdir().unwrap();
    let case = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/twelve-bit");
    let run = |args: &[&str]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_host-trainer"));
        let output = command.current_dir(dir.path()).args(args).output().unwrap();
        let stderr = String::from_utf8(output.stderr).unwrap();
        assert!(output.status.success(), "{stderr}");
        stderr
    };
    let size = ["--steps", "40", "--batch", "4", "--width", "4", "--discriminator-width", "4", "--no-judge"];
    let said = run(&[&["--data", case.to_str().unwrap(), "--name", "dark", "--stretch"], &size[..]].concat());
    assert!(said.contains("stretched: greys 0 to 4095 of 65535"), "{said}");
    let config = std::fs::read_to_string(dir.path().join("runs/dark/config.toml")).unwrap();
    let config: toml::Table = config.parse().unwrap();
    let data = config["data"].as_table().unwrap();
    assert_eq!(data["stretch"].as_array().unwrap(), &[toml::Value::from(0), toml::Value::from(4095)]);
    assert!(data["invert"].is_bool() && data["ground"].is_str(), "{data}");
    run(&["evaluate", "runs/dark", "--count", "20"]);

    std::fs::write(dir.path().join("mnist.npz"), "x").unwrap();
    let error = |args: &[&str]| error(dir.path(), args);
    let message = error(&["--data", "mnist.npz"]);
    assert!(message.contains("mnist.npz: is a file, expected a folder"), "{message}");
    assert!(error(&["--stretch=much"]).contains("DARKEST,BRIGHTEST"));
    assert!(error(&["--stretch=9,9"]).contains("a darker and a brighter grey"));
}

#[test]
fn a_configuration_is_layered_and_its_mistakes_are_named() {
    let dir = tempfile::tempdir().unwrap();
    std::fs::write(dir.path().join("mine.toml"), "batch = 32\nsteps = 7\n[family]\nlatent = 8\n").unwrap();
    std::fs::write(dir.path().join("bad.toml"), "[family]\nlatnet = 8\n").unwrap();
    std::fs::write(dir.path().join("big.toml"), "batch = 5000\n").unwrap();
    let output = Command::new(env!("CARGO_BIN_EXE_host-trainer"))
        .current_dir(dir.path())
        .args([
            "--config",
            "mine.toml",
            "--batch",
            "16",
            "--latent",
            "9",
            "--set",
            "family.latent=10",
            "--print-config",
        ])
        .output()
        .unwrap();
    let config: toml::Table = String::from_utf8(output.stdout).unwrap().parse().unwrap();
    let net = config["family"].as_table().unwrap();
    let numbers = [&config["steps"], &config["batch"], &net["latent"], &net["generator_width"]];
    assert_eq!(
        numbers.map(|number| number.as_integer().unwrap()),
        [7, 16, 10, 16],
        "file, flag, --set, recipe"
    );
    assert_eq!(config["name"].as_str(), Some("dcgan"));

    let error = |args: &[&str]| error(dir.path(), args);
    let expected = "error: bad.toml: unknown key \"family.latnet\"; did you mean \"family.latent\"?";
    assert_eq!(error(&["--config", "bad.toml"]), expected);
    assert_eq!(error(&["--config", "big.toml"]), "error: batch is 5000, but must be 2 to 4096");
    assert!(error(&["--config", "none.toml"]).contains("none.toml: No such file"));
    assert!(error(&["--set", "steps=soon"]).starts_with("error: --set: steps = \"soon\": invalid type"));
    assert!(error(&["--resume", "runs/x", "--set", "steps=1"]).contains("--resume"));
    assert!(!dir.path().join("runs").exists());
}

#[test]
fn shells_get_completions() {
    for (shell, mark) in [("bash", "complete -F"), ("zsh", "#compdef"), ("fish", "complete -c")] {
        let output =
            Command::new(env!("CARGO_BIN_EXE_host-trainer")).args(["completions", shell]).output().unwrap();
        let script = String::from_utf8(output.stdout).unwrap();
        assert!(output.status.success() && script.contains(mark) && script.contains("evaluate"), "{shell}");
    }
    let message = error(Path::new("."), &["completions", "tcl"]);
    assert!(message.contains("tcl"), "{message}");
}

#[cfg(unix)]
#[test]
fn a_reader_that_goes_away_is_no_error() {
    let model = Path::new(env!("CARGO_MANIFEST_DIR")).join("../models/mnist.gan");
    for args in [&["inspect", model.to_str().unwrap()][..], &["completions", "bash"], &["--print-config"]] {
        // The reading end is closed before the program starts.
        let (reader, writer) = std::io::pipe().unwrap();
        drop(reader);
        let output =
            Command::new(env!("CARGO_BIN_EXE_host-trainer")).args(args).stdout(writer).output().unwrap();
        let stderr = String::from_utf8(output.stderr).unwrap();
        assert!(output.status.success() && stderr.is_empty(), "{args:?}: {stderr}");
    }
}

#[test]
fn an_inspection_is_text_or_json() {
    let model = Path::new(env!("CARGO_MANIFEST_DIR")).join("../models/mnist.gan");
    let inspect = |args: &[&str]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_host-trainer"));
        let output = command.arg("inspect").arg(&model).args(args).output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    };
    assert!(inspect(&[]).contains("arena 4,704 bytes"));
    let json: serde_json::Value = serde_json::from_str(&inspect(&["--json"])).unwrap();
    assert_eq!(json["arena_bytes"], 4704);
    assert_eq!(json["layers"].as_array().unwrap().len(), 4);
    assert_eq!(json["boards"][0]["board"], "lm3s6965evb");
    assert_eq!(json["instructions"]["same_weights"], true);
    let shown = inspect(&[]);
    let line = shown.lines().find(|line| line.starts_with("pico2 ")).expect("a line a board");
    for part in json["boards"][1]["ram"]["parts"].as_array().unwrap() {
        let bytes = part["bytes"].as_u64().unwrap();
        let text =
            if bytes < 1000 { bytes.to_string() } else { format!("{},{:03}", bytes / 1000, bytes % 1000) };
        assert!(line.contains(&text), "no {text} in {line}");
    }
}

#[test]
fn a_budgets_exit_status_says_whether_the_board_holds_it() {
    let dir = tempfile::tempdir().unwrap();
    let budget = |args: &[&str]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_host-trainer"));
        let output = command.current_dir(dir.path()).arg("budget").args(args).output().unwrap();
        (output.status.code(), String::from_utf8(output.stdout).unwrap())
    };
    std::fs::create_dir(dir.path().join("run")).unwrap();
    std::fs::write(dir.path().join("run/config.toml"), "[family]\ngenerator_width = 64\n").unwrap();
    let (status, text) = budget(&["run", "--board", "lm3s6965evb"]);
    assert_eq!(status, Some(1), "{text}");
    assert!(text.contains("bytes too many") && text.contains("The widest that fits: --width "), "{text}");
    let (status, json) = budget(&["run", "--board", "lm3s6965evb", "--width", "8", "--json"]);
    let json: serde_json::Value = serde_json::from_str(&json).unwrap();
    assert_eq!((status, &json["family"]["generator_width"]), (Some(0), &8.into()));
    assert_eq!(json["boards"].as_array().unwrap().len(), 1);
    // Without a board named it only tells.
    assert_eq!(budget(&["run/config.toml"]).0, Some(0));

    let error = |args: &[&str]| error(dir.path(), args);
    assert!(
        error(&["budget", "--board", "esp32"]).contains("no board \"esp32\", expected one of lm3s6965evb, ")
    );
    assert!(error(&["budget", "none.toml"]).contains("none.toml: No such file"));
    assert!(error(&["budget", "run", "--config", "x.toml"]).contains("cannot be used with"));
}
