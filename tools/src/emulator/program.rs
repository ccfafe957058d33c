//! A program to be run: the ELF file with what was read from it.

use std::env;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use defmt_decoder::Table;

use super::{Board, EmulatorError, io};
use crate::elf::{self, Core, ElfError, Test};

/// Names the board to use instead of the program's usual one.
const BOARD_VARIABLE: &str = "GAN_BOARD";

/// A program for a Cortex-M.
pub struct Program {
    /// The ELF file.
    pub path: PathBuf,
    /// The core that it was compiled for.
    pub core: Core,
    /// Its tests, if it is a test program.
    pub tests: Option<Vec<Test>>,
    /// How its log is to be decoded, if it logs by defmt.
    pub(super) log: Option<Arc<Table>>,
}

impl Program {
    /// Reads the ELF file at `path`.
    ///
    /// # Errors
    /// [`EmulatorError::Io`] if it cannot be read, [`EmulatorError::Program`] if it is no ELF file for a Cortex-M, [`EmulatorError::LogTable`] if its log cannot be
    /// decoded by this version of defmt.
    pub fn read(path: &Path) -> Result<Self, EmulatorError> {
        let wrong = |source: ElfError| EmulatorError::Program { path: path.to_owned(), source };
        let bytes = std::fs::read(path).map_err(io(path.display().to_string()))?;
        let core = elf::core_of(&bytes).map_err(wrong)?;
        let tests = elf::tests_in(&bytes).map_err(wrong)?;
        let log = Table::parse(&bytes)
            .map_err(|error| EmulatorError::LogTable { path: path.to_owned(), problem: error.to_string() })?
            .map(Arc::new);
        Ok(Self { path: path.to_owned(), core, tests, log })
    }

    /// The board to run it on: the one that GAN_BOARD names, else the one that the program is named for, else the
    /// first one with its core.
    ///
    /// # Errors
    /// [`EmulatorError::NoBoard`] if GAN_BOARD names none.
    pub fn board(&self) -> Result<&'static Board, EmulatorError> {
        if let Ok(name) = env::var(BOARD_VARIABLE) {
            return Board::named(&name).ok_or(EmulatorError::NoBoard(name));
        }
        let own = self.path.file_stem().and_then(|stem| Board::named(stem.to_str()?));
        Ok(own.unwrap_or_else(|| Board::for_core(self.core)))
    }
}
