//! A folder of pictures, small runs on it, and what the real program says of them.

use std::path::Path;
use std::process::{Command, Output};

/// A run of a second or two on the folder `shapes`.
pub const TINY: [&str; 13] = [
    "--data",
    "shapes",
    "--steps",
    "30",
    "--batch",
    "8",
    "--checkpoint-every",
    "2",
    "--width",
    "4",
    "--discriminator-width",
    "4",
    "--no-judge",
];

/// A folder of two classes, `bars` and `rings`, of `count` pictures each: dark on bright paper, 28×28.
pub fn draw(dir: &Path, count: u32) {
    for class in ["bars", "rings"] {
        std::fs::create_dir_all(dir.join(class)).unwrap();
        (0..count).for_each(|number| draw_one(&dir.join(class), number, class == "bars"));
    }
}

/// Picture `number` of a class, as `number.png` in its folder.
pub fn draw_one(class: &Path, number: u32, bar: bool) {
    let middle = 10.0 + f64::from(number % 9);
    let dark = |x: u32, y: u32| {
        let (x, y) = (f64::from(x) - middle, f64::from(y) - 14.0);
        if bar { x.abs() < 3.0 } else { (x.hypot(y) - 7.0).abs() < 2.0 }
    };
    let picture = image::GrayImage::from_fn(28, 28, |x, y| image::Luma([if dark(x, y) { 20 } else { 240 }]));
    picture.save(class.join(format!("{number}.png"))).unwrap();
}

/// The program, to be run in the folder `cwd`.
pub fn trainer(cwd: &Path, args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_host-trainer"));
    command.current_dir(cwd).args(args);
    command
}

/// What the program says when all is well: its standard output, then its standard error.
pub fn run(cwd: &Path, args: &[&str]) -> String {
    let Output { status, stdout, stderr } = trainer(cwd, args).output().unwrap();
    let said = String::from_utf8(stdout).unwrap() + &String::from_utf8(stderr).unwrap();
    assert!(status.success(), "{args:?}: {status}\n{said}");
    said
}

/// The line in which the program refuses.
pub fn error(cwd: &Path, args: &[&str]) -> String {
    let Output { status, stderr, .. } = trainer(cwd, args).output().unwrap();
    let stderr = String::from_utf8(stderr).unwrap();
    assert!(!status.success(), "{args:?} was accepted:\n{stderr}");
    let found = stderr.lines().find(|line| line.starts_with("error: "));
    found.unwrap_or_else(|| panic!("no error line in {stderr}")).to_owned()
}
