//! `cargo xtask ci`: the tests, then everything else that a change must pass.

use crate::bench;
use crate::burn_once;
use crate::disassemble;
use crate::features;
use crate::packages::Consent;
use crate::report_screenshot;
use crate::setup;
use crate::size;
use crate::steps::Steps;
use crate::test;
use clap::Args;

/// How much is checked.
#[derive(Args)]
#[command(after_help = "\
Examples:
  cargo xtask ci          what every change must pass
  cargo xtask ci --all    before a release, or after a change to the engine or to models/: the slow checks, too")]
pub struct Arguments {
    /// The slow checks, too: the instructions of every pretrained model
    #[arg(long)]
    all: bool,
}

/// Runs all of it, up to the first step that fails.
pub fn command(arguments: &Arguments, consent: Consent) -> anyhow::Result<()> {
    let mut steps = Steps::new();
    steps.step("look for rustfmt and clippy", setup::ensure_lints)?;
    // First what fails fast.
    steps.cargo(&["fmt", "--all", "--check"])?;
    steps.step("features: Burn is built once", burn_once::check)?;
    test::tests(&mut steps, consent)?;
    // The user's other backend is another build of Burn; nothing else needs it.
    steps.cargo(&["test", "-p", "host-trainer", "--features", "ndarray", "--test", "backends"])?;
    steps.step("instructions of a picture", || bench::command(&bench::Arguments::default(), consent))?;
    if arguments.all {
        steps.step("instructions of every pretrained model", || {
            bench::command(&bench::Arguments::pretrained(), consent)
        })?;
    }
    steps.step("disassembly of the bench", disassemble::command)?;
    steps.step("sizes of the firmware", || size::command(&size::Arguments::default()))?;
    steps.step("the report in a browser", || {
        report_screenshot::command(&report_screenshot::Arguments::default(), consent)
    })?;
    features::check(&mut steps)?;
    steps.cargo(&["clippy", "--workspace", "--all-targets", "--", "-D", "warnings"])?;
    steps.cargo_with(&[("RUSTDOCFLAGS", "-D warnings")], &["doc", "--workspace", "--no-deps"])?;
    steps.close("cargo xtask ci");
    Ok(())
}
