//! `cargo xtask flash`: the firmware on a real board, by probe-rs.

use std::process::Command;

use anyhow::{Context as _, bail};
use tools::firmware::FirmwareBoard;

use crate::models::{Models, build};
use crate::packages::Consent;
use crate::setup;
use crate::steps::{run, works};

/// What `flash` takes.
#[derive(clap::Args)]
pub struct Arguments {
    /// The board: pico2.
    #[arg(long)]
    board: String,
    #[command(flatten)]
    models: Models,
}

/// Builds, flashes, and shows the log until Ctrl-C.
pub fn command(arguments: &Arguments, consent: Consent) -> anyhow::Result<()> {
    let board = FirmwareBoard::named(&arguments.board).with_context(|| {
        format!("no board {:?}, expected one of {}", arguments.board, FirmwareBoard::names())
    })?;
    let chip = board
        .chip
        .with_context(|| format!("{} exists in the emulator only: use `cargo xtask run`", board.name))?;
    if !works("probe-rs", "--version") {
        bail!(
            "probe-rs is not installed: `cargo install probe-rs-tools --locked`, or see https://probe.rs for ready-made \
             programs and, on Linux, the udev rules that debug probes need"
        );
    }
    setup::ensure(consent)?;
    let program = build(board, &arguments.models.files(board)?)?;
    let said = format!("probe-rs run --chip {chip} {}", program.display());
    println!("── {said}");
    let mut command = Command::new("probe-rs");
    command.args(["run", "--chip", chip]).arg(&program);
    run(command, &said)
}
