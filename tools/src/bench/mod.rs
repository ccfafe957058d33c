//! The bench: what a picture costs on each core, counted in the emulator, and that it is the right picture.
//!
//! `firmware/src/bin/bench.rs` is the program; it reads models and cases from the host. Here are the cores that it runs
//! on, how it is built for one, and what comes back.

mod cases;
mod cores;
mod count;
pub mod models;
mod peers;

pub use cases::{Case, check};
pub use cores::{BenchCore, CORES};
pub use count::{Count, OpCount, count};
pub use peers::{PEERS, Peer};

use std::path::PathBuf;

use crate::elf::ElfError;
use crate::emulator::EmulatorError;
use crate::firmware::BuildError;

/// What can go wrong around the bench. Show it with its causes: anyhow's `{:#}`.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum BenchError {
    /// The program cannot be built.
    #[error("the bench for {core}")]
    Build {
        /// The core.
        core: &'static str,
        /// Why.
        source: BuildError,
    },
    /// The emulator cannot run it.
    #[error("the bench on {board}")]
    Emulator {
        /// The board.
        board: &'static str,
        /// Why.
        source: EmulatorError,
    },
    /// The program failed.
    #[error("the bench for {core} ended with {exit} on {board}\n{log}")]
    Failed {
        /// The core.
        core: &'static str,
        /// The board.
        board: &'static str,
        /// How it ended.
        exit: String,
        /// What it and the emulator said.
        log: String,
    },
    /// The program said something unexpected.
    #[error("an unexpected log of the bench:\n{0}")]
    Log(String),
    /// The model cannot be laid out for the core's kernels.
    #[error(transparent)]
    Pack(#[from] gan_core::pack::PackError),
    /// A file for the program cannot be written.
    #[error("{path}", path = path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// What the system says.
        source: std::io::Error,
    },
    /// The program's file cannot be read.
    #[error("{path}", path = path.display())]
    Elf {
        /// The ELF file.
        path: PathBuf,
        /// What is wrong with it.
        source: ElfError,
    },
}
