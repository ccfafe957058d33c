//! What cargo calls to run anything built for a Cortex-M: tests one emulator each, any other program with its log.

use std::env;
use std::ffi::OsString;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context as _, bail};
use libtest_mimic::{Arguments, Trial};
use tools::elf::Test;
use tools::emulator::{Board, Emulator, Exit, Options, Program};

/// A program that is no test runs until it ends by itself.
const NO_LIMIT: Duration = Duration::from_secs(30 * 24 * 3600);

/// What embedded-test ends with after a panic.
const PANICKED: i32 = 134;

fn main() -> ExitCode {
    run().unwrap_or_else(|error| {
        eprintln!("target-runner: {error:#}");
        ExitCode::FAILURE
    })
}

fn run() -> anyhow::Result<ExitCode> {
    let mut arguments = env::args_os().skip(1);
    let path = arguments.next().context("usage: target-runner <ELF file> [arguments]; cargo calls it")?;
    let mut program = Program::read(&PathBuf::from(path))?;
    let board = program.board()?;
    match program.tests.take() {
        Some(tests) => Ok(run_tests(program, board, tests, arguments)),
        None => run_program(&program, board, arguments),
    }
}

/// Runs tests as libtest would: its command line, its output, its exit code.
fn run_tests(
    program: Program,
    board: &'static Board,
    tests: Vec<Test>,
    arguments: impl Iterator<Item = OsString>,
) -> ExitCode {
    let arguments = Arguments::from_iter(std::iter::once(OsString::from("target-runner")).chain(arguments));
    if !arguments.list {
        eprintln!("     Emulator {} (QEMU, {:?})", board.name, board.core);
    }
    let echo = arguments.nocapture;
    let program = Arc::new(program);
    let trials = tests.into_iter().map(|test| {
        let program = Arc::clone(&program);
        let ignored = test.ignored;
        Trial::test(test.name.clone(), move || {
            run_test(&program, board, &test, echo).map_err(|error| format!("{error:#}").into())
        })
        .with_ignored_flag(ignored)
    });
    libtest_mimic::run(&arguments, trials.collect()).exit_code()
}

fn run_test(program: &Program, board: &'static Board, test: &Test, echo: bool) -> anyhow::Result<()> {
    let arguments = vec!["run_addr".into(), test.address.to_string()];
    let options = Options { arguments, echo, ..Options::default() };
    let mut emulator = Emulator::start(board, program, &options)?;
    let exit = emulator.wait(test.timeout)?;
    let problem = match (exit, test.should_panic) {
        (Exit::Code(0), false) => return Ok(()),
        (Exit::Code(PANICKED), true) => return Ok(()),
        (Exit::Code(0), true) => "it should have panicked and did not".to_owned(),
        (Exit::Code(code), _) => format!("it ended with code {code}"),
        (Exit::Signal, _) => "the emulator was killed".to_owned(),
        (Exit::TimedOut, _) => format!("it was still running after {:?}", test.timeout),
    };
    let said = [emulator.log().text(), emulator.complaints(), format!("on {}: {problem}", board.name)];
    bail!("{}", said.join("\n").trim_start())
}

/// Runs a program that is no test; its exit code is passed on.
fn run_program(
    program: &Program,
    board: &'static Board,
    arguments: impl Iterator<Item = OsString>,
) -> anyhow::Result<ExitCode> {
    let arguments = arguments.map(|argument| argument.to_string_lossy().into_owned()).collect();
    let options = Options { arguments, echo: true, ..Options::default() };
    let mut emulator = Emulator::start(board, program, &options)?;
    let exit = emulator.wait(NO_LIMIT)?;
    let complaints = emulator.complaints();
    Ok(match exit {
        Exit::Code(0) => ExitCode::SUCCESS,
        Exit::Code(code) => {
            eprintln!("{complaints}\n{} on {} ended with code {code}", program.path.display(), board.name);
            ExitCode::from(u8::try_from(code).unwrap_or(1))
        }
        Exit::Signal | Exit::TimedOut => {
            eprintln!("{complaints}\nthe emulator was killed");
            ExitCode::FAILURE
        }
    })
}
