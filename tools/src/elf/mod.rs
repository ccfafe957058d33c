//! What a target's ELF file tells: its core, its tests, its size.

mod architecture;
mod attributes;
mod embedded_tests;
mod size;

use std::path::{Path, PathBuf};

pub use architecture::{Core, core_of};
pub use attributes::allows_unaligned_access;
pub use embedded_tests::{Test, tests_in};
pub use size::{Size, size_of};

/// An ELF file that is not what it should be.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ElfError {
    /// The file cannot be read from the disk.
    #[error("cannot read {path}", path = path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// What the system says.
        source: std::io::Error,
    },
    /// The bytes are no ELF file for a 32-bit Arm.
    #[error("not an ELF file for a 32-bit Arm core")]
    Malformed(#[from] object::Error),
    /// The build attributes name no core that the project knows.
    #[error(
        "the ELF file's build attributes name architecture {0:?}, expected Armv6-M, 7-M, 7E-M or 8-M Mainline"
    )]
    UnknownCore(Option<u64>),
    /// A symbol of the section `.embedded_test` is not what `embedded-test` 0.7 writes.
    #[error("test symbol {symbol}: {problem}")]
    TestSymbol {
        /// The symbol's name, JSON.
        symbol: String,
        /// What is wrong with it.
        problem: String,
    },
}

/// The bytes of an ELF file.
///
/// # Errors
/// [`ElfError::Read`] with the path.
pub fn read(path: &Path) -> Result<Vec<u8>, ElfError> {
    std::fs::read(path).map_err(|source| ElfError::Read { path: path.to_owned(), source })
}
