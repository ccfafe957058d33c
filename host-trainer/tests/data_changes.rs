//! A run goes on, and is judged, with the pictures that it began with, or with others that the user accepts.

mod shapes;

use std::path::Path;

use shapes::{TINY, draw, draw_one, error, run};

const RESUME: [&str; 3] = ["--resume", "runs/one", "--no-judge"];

/// A finished run `runs/one` on the folder `shapes`.
fn finished(cwd: &Path, more: &[&str]) {
    draw(&cwd.join("shapes"), 40);
    run(cwd, &[&TINY[..], &["--name", "one"], more].concat());
}

fn resume(more: &[&'static str]) -> Vec<&'static str> {
    [&RESUME[..], more].concat()
}

fn read(path: &Path) -> String {
    std::fs::read_to_string(path).unwrap()
}

#[test]
fn a_renamed_class_is_refused_and_can_be_accepted() {
    let dir = tempfile::tempdir().unwrap();
    let cwd = dir.path();
    finished(cwd, &[]);
    std::fs::rename(cwd.join("shapes/bars"), cwd.join("shapes/dots")).unwrap();
    let record = cwd.join("runs/one/data.json");
    let before = read(&record);
    let message = error(cwd, &resume(&["--qat", "4"]));
    assert!(
        message.contains("runs/one: its pictures have changed: class 0 was bars, is dots now"),
        "{message}"
    );
    assert!(message.contains("--accept-changed-data") && message.contains("--data DIR"), "{message}");
    assert_eq!(read(&record), before);
    assert!(
        read(&cwd.join("runs/one/config.toml")).contains("qat_steps = 0"),
        "nothing is set in a refused run"
    );

    let said = run(cwd, &resume(&["--accept-changed-data", "--qat", "4"]));
    assert!(said.contains("goes on with other pictures: class 0 was bars, is dots now"), "{said}");
    assert!(!run(cwd, &resume(&[])).contains("other pictures"), "it is said once");
    let record: serde_json::Value = serde_json::from_str(&read(&record)).unwrap();
    assert_eq!(
        (&record["since"], &record["fingerprint"]["classes"][0]["name"]),
        (&30.into(), &"dots".into())
    );
    let said = run(cwd, &["inspect", "runs/one"]);
    assert!(said.contains("(others until step 30)"), "{said}");
}

#[test]
fn exchanged_added_and_missing_pictures_are_refused() {
    let dir = tempfile::tempdir().unwrap();
    let cwd = dir.path();
    finished(cwd, &[]);
    draw_one(&cwd.join("shapes/rings"), 3, true);
    let changed = |what: &str| {
        let message = error(cwd, &resume(&[]));
        assert!(message.contains(what), "no {what} in {message}");
    };
    changed("have changed: class rings has other pictures, or in another order. ");
    draw_one(&cwd.join("shapes/rings"), 3, false);
    run(cwd, &resume(&[]));
    draw_one(&cwd.join("shapes/bars"), 40, true);
    changed("class bars had 40 pictures, has 41 now");
    std::fs::remove_file(cwd.join("shapes/bars/40.png")).unwrap();
    std::fs::remove_file(cwd.join("shapes/bars/39.png")).unwrap();
    changed("class bars had 40 pictures, has 39 now");
}

#[test]
fn another_number_of_classes_cannot_be_accepted() {
    let dir = tempfile::tempdir().unwrap();
    let cwd = dir.path();
    finished(cwd, &[]);
    std::fs::create_dir(cwd.join("shapes/new")).unwrap();
    (0..40).for_each(|number| draw_one(&cwd.join("shapes/new"), number, true));
    for accepting in [&[][..], &["--accept-changed-data"]] {
        let message = error(cwd, &resume(accepting));
        for part in ["2 classes are 3 now; class new is new", "built for 2 classes and cannot go on with 3"] {
            assert!(message.contains(part), "no {part} in {message}");
        }
    }
    std::fs::remove_dir_all(cwd.join("shapes/new")).unwrap();
    std::fs::remove_dir_all(cwd.join("shapes/rings")).unwrap();
    assert!(error(cwd, &resume(&[])).contains("class rings is gone"));
}

#[test]
fn networks_without_classes_can_go_on_with_another_number() {
    let dir = tempfile::tempdir().unwrap();
    let cwd = dir.path();
    finished(cwd, &["--unconditional"]);
    std::fs::create_dir(cwd.join("shapes/new")).unwrap();
    (0..40).for_each(|number| draw_one(&cwd.join("shapes/new"), number, true));
    assert!(error(cwd, &resume(&[])).contains("class new is new. --data DIR"));
    assert!(run(cwd, &resume(&["--accept-changed-data"])).contains("class new is new"));
}

#[test]
fn pictures_that_have_moved_are_found_with_data() {
    let dir = tempfile::tempdir().unwrap();
    let cwd = dir.path();
    finished(cwd, &[]);
    std::fs::rename(cwd.join("shapes"), cwd.join("moved")).unwrap();
    let hint = "where the run's pictures lie in another folder now, --data DIR says so";
    for args in [&resume(&[])[..], &["evaluate", "runs/one"], &["report", "runs/one"]] {
        let message = error(cwd, args);
        assert!(message.contains("shapes: no such folder") && message.contains(hint), "{message}");
    }
    run(cwd, &["evaluate", "runs/one", "--count", "100", "--data", "moved"]);

    let config = cwd.join("runs/one/config.toml");
    let before = read(&config);
    draw(&cwd.join("others"), 39);
    let message = error(cwd, &resume(&["--data", "others"]));
    assert!(message.contains("class bars had 40 pictures, has 39 now"), "{message}");
    assert_eq!(read(&config), before);
    run(cwd, &resume(&["--data", "moved"]));
    assert_eq!(read(&config), before.replace("/shapes\"", "/moved\""));
    run(cwd, &resume(&[]));
    run(cwd, &["report", "runs/one"]);
}

#[test]
fn a_model_is_not_judged_by_pictures_that_it_was_not_trained_on() {
    let dir = tempfile::tempdir().unwrap();
    let cwd = dir.path();
    finished(cwd, &[]);
    draw_one(&cwd.join("shapes/rings"), 3, true);
    for command in ["evaluate", "report"] {
        let message = error(cwd, &[command, "runs/one"]);
        let changed = "runs/one: its pictures have changed: class rings has other pictures";
        assert!(message.contains(changed), "{message}");
    }
    let said = run(cwd, &["evaluate", "runs/one", "--count", "100", "--accept-changed-data"]);
    let note = "judged by other pictures than it was trained on: class rings has other pictures";
    assert!(said.contains(&format!("note: {note}")), "{said}");
    // The report takes the figures from there, with what is to be known of them.
    run(cwd, &["report", "runs/one"]);
    assert!(read(&cwd.join("runs/one/report.html")).contains(note));
}

#[test]
fn a_run_from_before_gets_its_record_when_it_goes_on() {
    let dir = tempfile::tempdir().unwrap();
    let cwd = dir.path();
    finished(cwd, &[]);
    let record = cwd.join("runs/one/data.json");
    let before = read(&record);
    std::fs::remove_file(&record).unwrap();
    let said = run(cwd, &resume(&[]));
    assert!(
        said.contains("no data.json, as in runs from before there was one: the 80 pictures of 2 classes"),
        "{said}"
    );
    assert_eq!(read(&record), before);
    assert!(!run(cwd, &resume(&[])).contains("data.json"));
}

#[test]
fn only_a_runs_pictures_can_be_said_anew_when_it_goes_on() {
    let dir = tempfile::tempdir().unwrap();
    let error = |args: &[&str]| error(dir.path(), args);
    for setting in [["--seed", "2"], ["--data-limit", "9"], ["--set", "data.limit=9"], ["--config", "x.toml"]]
    {
        let message = error(&[&["--resume", "runs/x"], &setting[..]].concat());
        assert!(message.contains("cannot be used with"), "{message}");
    }
    assert!(error(&["--resume", "runs/x", "--data", "here"]).contains("runs/x/config.toml"));
    assert!(error(&["--accept-changed-data"]).contains("required"));
}
