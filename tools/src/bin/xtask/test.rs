//! `cargo xtask test`: every test, on the host and on each emulated core.

use tools::emulator::Board;
use tools::firmware::{BOARDS, default_model};

use crate::packages::Consent;
use crate::setup;
use crate::steps::Steps;

/// One board a core, and the OLED board through the host's tests.
const CORES: [&str; 5] = ["microbit", "mps2-an385", "mps2-an386", "mps2-an500", "mps2-an505"];

/// Sets up and runs all tests.
pub fn command(consent: Consent) -> anyhow::Result<()> {
    let mut steps = Steps::new();
    tests(&mut steps, consent)?;
    steps.close("cargo xtask test");
    Ok(())
}

/// The steps of `test`; CI begins with them.
pub fn tests(steps: &mut Steps, consent: Consent) -> anyhow::Result<()> {
    steps.step("look for the Rust targets and QEMU, install what is missing", || {
        setup::ensure(consent).map(drop)
    })?;
    // Before the host's tests: those of the crate `tests` boot it.
    firmware(steps)?;
    steps.cargo(&["test"])?;
    for name in CORES {
        let board = Board::named(name).expect("CORES are in the table");
        steps.cargo_with(&[("GAN_BOARD", name)], &["test", "-p", "gan-core", "--target", board.target])?;
    }
    Ok(())
}

/// The firmware for every board.
fn firmware(steps: &mut Steps) -> anyhow::Result<()> {
    for board in BOARDS.iter() {
        let command = format!("cargo {}", board.build_arguments().join(" "));
        steps.step(&command, || Ok(board.build(&[default_model()]).map(drop)?))?;
    }
    Ok(())
}
