//! QEMU without a window: start a program on a board, follow its log, press its buttons, see its screen.
//!
//! ```no_run
//! use std::time::Duration;
//! use tools::emulator::{Board, Emulator, Program};
//!
//! let board = Board::named("lm3s6965evb").expect("in the table");
//! let program = Program::read("target/thumbv7m-none-eabi/release/lm3s6965evb".as_ref())?;
//! let mut emulator = Emulator::start(board, &program, &Default::default())?;
//! emulator.wait_for_log("ready", Duration::from_secs(20))?;
//! emulator.press("right", Duration::from_millis(300))?;
//! let screen = emulator.screendump()?;
//! assert_eq!((screen.width, screen.height), (128, 64));
//! # Ok::<(), tools::emulator::EmulatorError>(())
//! ```

mod board;
mod log;
mod process;
mod program;
mod qmp;
mod screen;

use std::path::PathBuf;
use std::time::Duration;

pub use board::{BOARDS, Board, OLED_BUTTONS};
pub use log::Log;
pub use process::{Emulator, Exit, Options, QEMU};
pub use program::Program;
pub use screen::Screen;

use crate::elf::ElfError;

/// What can go wrong around an emulator. Show it with its causes: anyhow's `{:#}`.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum EmulatorError {
    /// QEMU is not installed.
    #[error("{QEMU} is not installed: run `cargo xtask setup`")]
    NoQemu,
    /// QEMU, its socket or a file of the session cannot be used.
    #[error("{what}")]
    Io {
        /// What was tried.
        what: String,
        /// What the system says.
        source: std::io::Error,
    },
    /// The program is not one for a board of ours.
    #[error("{path}", path = path.display())]
    Program {
        /// The ELF file.
        path: PathBuf,
        /// What is wrong with it.
        source: ElfError,
    },
    /// The program's defmt table cannot be read.
    #[error("{path}: its log cannot be decoded: {problem}", path = path.display())]
    LogTable {
        /// The ELF file.
        path: PathBuf,
        /// What the decoder says.
        problem: String,
    },
    /// No board of that name.
    #[error("no board {0:?}, expected one of {boards}", boards = Board::names())]
    NoBoard(String),
    /// A line did not come in time.
    #[error("no log line with {text:?} within {waited:?}; the log so far:\n{log}")]
    NoSuchLine {
        /// What was waited for.
        text: String,
        /// For how long.
        waited: Duration,
        /// What came instead.
        log: String,
    },
    /// QEMU refused a command.
    #[error("QEMU refused {command}: {answer}")]
    Refused {
        /// The command.
        command: &'static str,
        /// Its answer.
        answer: String,
    },
    /// A picture of the screen cannot be read.
    #[error("the screen's picture cannot be read: {0}")]
    Screen(String),
}

/// Adds to a system's error what was tried.
fn io(what: impl Into<String>) -> impl FnOnce(std::io::Error) -> EmulatorError {
    |source| EmulatorError::Io { what: what.into(), source }
}
