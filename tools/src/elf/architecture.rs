//! The core a program was compiled for, from its build attributes.

use super::ElfError;
use super::attributes::{CPU_ARCH, number};

/// A Cortex-M core, as far as the instruction set tells them apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Core {
    /// Cortex-M0: Armv6-M.
    M0,
    /// Cortex-M3: Armv7-M.
    M3,
    /// Cortex-M4: Armv7E-M. A program for it and for an M7 cannot be told apart.
    M4,
    /// Cortex-M7: Armv7E-M.
    M7,
    /// Cortex-M33: Armv8-M Mainline.
    M33,
    /// Cortex-M55: Armv8.1-M Mainline.
    M55,
}

/// The core that `elf` was compiled for; of cores that share an instruction set, the smallest.
///
/// # Errors
/// [`ElfError::Malformed`] and [`ElfError::UnknownCore`].
pub fn core_of(elf: &[u8]) -> Result<Core, ElfError> {
    number(elf, CPU_ARCH)?.map_or(Err(ElfError::UnknownCore(None)), named)
}

fn named(architecture: u64) -> Result<Core, ElfError> {
    match architecture {
        11 | 12 => Ok(Core::M0),
        10 => Ok(Core::M3),
        13 => Ok(Core::M4),
        17 => Ok(Core::M33),
        21 => Ok(Core::M55),
        other => Err(ElfError::UnknownCore(Some(other))),
    }
}
