//! The firmware of the emulated OLED board: whether it can be built and run here, building it, its model.

use std::{
    path::{Path, PathBuf},
    process::{Command, Stdio},
    sync::OnceLock,
};

use tools::{
    emulator::{Board, QEMU},
    firmware::{BuildError, FirmwareBoard, default_model},
};

/// The board with the OLED.
const NAME: &str = "lm3s6965evb";

/// The emulator's side of the board.
pub fn oled() -> &'static Board {
    Board::named(NAME).expect("it is in the emulator's table")
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

/// The model file that the firmware is built with: `GAN_MODEL`, else the pretrained one.
pub fn model_path() -> PathBuf {
    std::env::var_os("GAN_MODEL").map_or_else(default_model, PathBuf::from)
}

/// Builds the firmware, once, and returns its ELF file.
///
/// # Errors
/// [`BuildError`]; the compiler's own messages go to stderr.
pub fn firmware() -> Result<&'static Path, BuildError> {
    static BUILT: OnceLock<PathBuf> = OnceLock::new();
    if let Some(path) = BUILT.get() {
        return Ok(path);
    }
    let board = FirmwareBoard::named(NAME).expect("it is in the firmware's table");
    let path = board.build(&model_path())?;
    Ok(BUILT.get_or_init(|| path))
}
