//! The firmware of the emulated OLED board: whether it can be built and run here, building it, its models.

use std::{
    fs,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    sync::{Mutex, OnceLock, PoisonError},
};

use anyhow::Result;
use tools::{
    emulator::{Board, QEMU},
    firmware::{FirmwareBoard, default_model},
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

/// All pretrained models, in galleries that fit the board's flash.
///
/// # Errors
/// A file cannot be read or packed.
pub fn galleries() -> Result<Vec<Vec<PathBuf>>> {
    Ok(tools::galleries::galleries(firmware_board())?)
}

/// Builds the firmware with [`model_path`], once, and returns its ELF file.
///
/// # Errors
/// The build fails; the compiler's own messages go to stderr.
pub fn firmware() -> Result<&'static Path> {
    static BUILT: OnceLock<PathBuf> = OnceLock::new();
    if let Some(path) = BUILT.get() {
        return Ok(path);
    }
    let path = firmware_of(&[model_path()])?;
    Ok(BUILT.get_or_init(|| path))
}

/// Builds the firmware with `models` and returns a copy of its ELF file, which the next build leaves alone.
///
/// # Errors
/// As [`firmware()`].
pub fn firmware_of(models: &[PathBuf]) -> Result<PathBuf> {
    // A build's ELF file has one place, whatever its models.
    static ONE_AT_A_TIME: Mutex<()> = Mutex::new(());
    let _guard = ONE_AT_A_TIME.lock().unwrap_or_else(PoisonError::into_inner);
    let names: Vec<_> = models.iter().filter_map(|path| path.file_stem()?.to_str()).collect();
    let built = firmware_board().build(models)?;
    let copy = built.with_file_name(format!("{NAME}-{}.elf", names.join("-")));
    fs::copy(&built, &copy)?;
    Ok(copy)
}

fn firmware_board() -> &'static FirmwareBoard {
    FirmwareBoard::named(NAME).expect("it is in the firmware's table")
}
