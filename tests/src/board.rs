//! The firmware of the emulated OLED board: whether it can be built and run here, building it, its model.

use std::{
    path::{Path, PathBuf},
    process::{Command, Stdio},
    sync::OnceLock,
};

use anyhow::{Context, Result, bail};
use tools::emulator::{Board, QEMU};

/// The board with the OLED.
pub fn oled() -> &'static Board {
    Board::named("lm3s6965evb").expect("it is in the tools' table")
}

/// What is missing to build the firmware and run it, or `None`.
pub fn missing() -> Option<String> {
    let runs = |program: &str| {
        let mut command = Command::new(program);
        command.arg("--version").stdout(Stdio::null()).stderr(Stdio::null());
        command.status().is_ok_and(|status| status.success())
    };
    if !runs(QEMU) {
        return Some(format!("{QEMU} is not installed"));
    }
    let target = oled().target;
    let libdir = Command::new("rustc").args(["--print", "target-libdir", "--target", target]).output();
    let installed =
        libdir.is_ok_and(|output| Path::new(String::from_utf8_lossy(&output.stdout).trim()).is_dir());
    (!installed).then(|| format!("the Rust target {target} is not installed"))
}

/// The workspace's folder.
fn workspace() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("this crate lies in the workspace")
}

/// The model file that firmware built here embeds: `GAN_MODEL`, else the pretrained one.
pub fn model_path() -> PathBuf {
    let given = std::env::var_os("GAN_MODEL").map(PathBuf::from);
    // As the firmware's build script reads it: a relative path counts from the firmware's folder.
    workspace().join("firmware").join(given.unwrap_or_else(|| "../models/mnist.gan".into()))
}

/// Builds the firmware of the OLED board, once, and returns its ELF file.
///
/// # Errors
/// With the compiler's own messages on stderr.
pub fn firmware() -> Result<&'static Path> {
    static BUILT: OnceLock<PathBuf> = OnceLock::new();
    if let Some(path) = BUILT.get() {
        return Ok(path);
    }
    let path = build()?;
    Ok(BUILT.get_or_init(|| path))
}

fn build() -> Result<PathBuf> {
    let board = oled();
    let output = Command::new(env!("CARGO"))
        .current_dir(workspace())
        .args(["build", "--release", "--package", "firmware", "--bin", board.name])
        .args(["--features", &format!("board-{}", board.name), "--target", board.target])
        .arg("--message-format=json-render-diagnostics")
        .stderr(Stdio::inherit())
        .output()
        .context("cargo")?;
    if !output.status.success() {
        bail!("the firmware of {} does not build", board.name);
    }
    let executable = String::from_utf8(output.stdout)?
        .lines()
        .filter_map(|line| serde_json::from_str::<serde_json::Value>(line).ok())
        .find_map(|message| Some(PathBuf::from(message.get("executable")?.as_str()?)));
    executable.context("cargo built no executable")
}
