//! `cargo xtask`: sets the machine up, tests, runs, flashes, measures. One command a file.

mod bench;
mod burn_once;
mod ci;
mod disassemble;
mod features;
mod flash;
mod keys;
mod report_screenshot;
mod run;
mod setup;
mod size;
mod steps;
mod test;

use std::process::ExitCode;

use clap::Parser;

/// The project's commands.
#[derive(Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask")]
enum Command {
    /// Install what is missing: Rust targets and QEMU.
    Setup,
    /// Set up, then run every test: on the host, and on each emulated core.
    Test,
    /// What CI runs: every test, formatting, lints, documentation, every build, sizes.
    Ci,
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
    let result = match Command::parse() {
        Command::Setup => setup::command(),
        Command::Test => test::command(),
        Command::Ci => ci::command(),
        Command::Run(arguments) => run::command(&arguments),
        Command::Size(arguments) => size::command(&arguments),
        Command::Bench(arguments) => bench::command(&arguments),
        Command::Disassemble => disassemble::command(),
        Command::ReportScreenshot(arguments) => report_screenshot::command(&arguments),
        Command::Flash(arguments) => flash::command(&arguments),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("\nxtask: {error:#}");
            ExitCode::FAILURE
        }
    }
}
