//! Folders and files whose names are no UTF-8, which Linux allows.

use crate::{TINY, succeed, trainer};
use host_trainer::train::TrainConfig;
use std::ffi::{OsStr, OsString};
use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

/// `name` behind a byte that is no text.
fn odd(name: &str) -> OsString {
    OsStr::from_bytes(&[b"\xff", name.as_bytes()].concat()).to_owned()
}

/// Two classes of eight pictures each.
fn pictures(dir: &Path) {
    for class in ["dark", "bright"] {
        fs::create_dir_all(dir.join(class)).unwrap();
        for number in 0..8u8 {
            let grey = if class == "dark" { number } else { 255 - number };
            let picture =
                image::GrayImage::from_fn(28, 28, |x, _| image::Luma([if x < 14 { grey } else { 128 }]));
            picture.save(dir.join(class).join(format!("{number}.png"))).unwrap();
        }
    }
}

#[test]
fn paths_that_are_no_text_work_everywhere() {
    let dir = tempfile::tempdir().unwrap();
    let cwd = dir.path().join(odd("work"));
    if let Err(error) = fs::create_dir(&cwd) {
        eprintln!("skipped: this file system takes no such names ({error})");
        return;
    }
    pictures(&cwd.join(odd("pictures")));
    let os = |words: &[&str]| words.iter().map(OsString::from).collect::<Vec<_>>();
    let settings = [os(&TINY), os(&["--name", "one", "--steps", "30", "--set", "seed=3", "--data"])].concat();
    succeed(trainer(&cwd, [settings, vec![odd("pictures")]].concat()));
    let config = TrainConfig::read(&cwd.join("runs/one/config.toml")).unwrap();
    assert_eq!((config.data.dir, config.seed), (Some(cwd.join(odd("pictures"))), 3));

    // From another working folder, as the settings hold the whole path.
    let run = cwd.join("runs/one").into_os_string();
    succeed(trainer(dir.path(), [os(&["--no-judge", "--resume"]), vec![run.clone()]].concat()));
    let [page, sheet] = [odd("page.html"), odd("sheet.png")];
    // The page of a run that has a model has it judged first, which takes a while.
    fs::rename(cwd.join("runs/one/generator.gan"), cwd.join("model.gan")).unwrap();
    succeed(trainer(dir.path(), [os(&["report"]), vec![run, "--out".into(), page.clone()]].concat()));
    let model = cwd.join("model.gan").into_os_string();
    succeed(trainer(dir.path(), [os(&["sample"]), vec![model, "--out".into(), sheet.clone()]].concat()));
    for name in [page, sheet] {
        assert!(dir.path().join(name).exists());
    }
}
