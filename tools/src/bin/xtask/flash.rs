//! `cargo xtask flash`: the firmware on a real board, by probe-rs.

use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context as _, bail};
use tools::firmware::{FirmwareBoard, default_model};

use crate::packages::Consent;
use crate::setup;
use crate::steps::{run, works};

/// What `flash` takes.
#[derive(clap::Args)]
pub struct Arguments {
    /// The board: pico2.
    #[arg(long)]
    board: String,
    /// The model file to embed instead of models/mnist.gan.
    #[arg(long, value_name = "FILE")]
    model: Option<PathBuf>,
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
    let model = arguments.model.clone().unwrap_or_else(default_model);
    println!("── cargo {} (model {})", board.build_arguments().join(" "), model.display());
    let program = board.build(&model)?;
    let said = format!("probe-rs run --chip {chip} {}", program.display());
    println!("── {said}");
    let mut command = Command::new("probe-rs");
    command.args(["run", "--chip", chip]).arg(&program);
    run(command, &said)
}
