//! `cargo xtask`: sets the machine up, tests, runs, flashes, measures. One command a file.

mod bench;
mod burn_once;
mod ci;
mod disassemble;
mod features;
mod flash;
mod keys;
mod models;
mod packages;
mod report_screenshot;
mod run;
mod setup;
mod size;
mod steps;
mod test;

use std::env;
use std::io::{IsTerminal as _, stderr, stdin};
use std::process::ExitCode;

use clap::{Parser, Subcommand};
use packages::Consent;

/// The project's commands.
#[derive(Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask")]
struct Arguments {
    /// Agree that packages are removed where those that are missing cannot be installed otherwise [default: ask; where
    /// the environment has CI=true, yes].
    #[arg(long, global = true)]
    yes: bool,
    #[command(subcommand)]
    command: Command,
}

/// One of them.
#[derive(Subcommand)]
enum Command {
    /// Install what is missing: Rust targets and QEMU.
    Setup,
    /// Set up, then run every test: on the host, and on each emulated core.
    Test,
    /// What CI runs: every test, formatting, lints, documentation, every build, sizes.
    Ci(ci::Arguments),
    /// Boot the firmware on the emulated OLED board.
    Run(run::Arguments),
    /// Flash and RAM of the firmware on each board, held against the sizes of record.
    Size(size::Arguments),
    /// Instructions, stack and arena that a picture takes, counted in the emulator.
    Bench(bench::Arguments),
    /// What a picture's code reaches on each core: no panic, no instruction that the core lacks, its size.
    Disassemble,
    /// A run's report in a headless browser: checked, and saved as a picture.
    ReportScreenshot(report_screenshot::Arguments),
    /// Write the firmware to a board with probe-rs, run it and show its log.
    Flash(flash::Arguments),
}

fn main() -> ExitCode {
    let Arguments { yes, command } = Arguments::parse();
    let terminal = stdin().is_terminal() && stderr().is_terminal();
    let consent = Consent::of(yes, env::var_os("CI").as_deref(), terminal);
    let result = match command {
        Command::Setup => setup::command(consent),
        Command::Test => test::command(consent),
        Command::Ci(arguments) => ci::command(&arguments, consent),
        Command::Run(arguments) => run::command(&arguments, consent),
        Command::Size(arguments) => size::command(&arguments),
        Command::Bench(arguments) => bench::command(&arguments, consent),
        Command::Disassemble => disassemble::command(),
        Command::ReportScreenshot(arguments) => report_screenshot::command(&arguments, consent),
        Command::Flash(arguments) => flash::command(&arguments, consent),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("\nxtask: {error:#}");
            ExitCode::FAILURE
        }
    }
}
