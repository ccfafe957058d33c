//! The core a program was compiled for, from its build attributes ("Addenda to, and Errata in, the ABI for the Arm
//! Architecture", section "Public aeabi attribute tags").

use object::Endianness;
use object::elf::{FileHeader32, SHT_ARM_ATTRIBUTES};
use object::read::elf::{AttributeReader, FileHeader as _, SectionHeader as _};

use super::ElfError;

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

const CPU_ARCH: u64 = 6;

/// The core that `elf` was compiled for; of cores that share an instruction set, the smallest.
///
/// # Errors
/// [`ElfError::Malformed`] and [`ElfError::UnknownCore`].
pub fn core_of(elf: &[u8]) -> Result<Core, ElfError> {
    let header = FileHeader32::<Endianness>::parse(elf)?;
    let endian = header.endian()?;
    let sections = header.sections(endian, elf)?;
    for section in sections.iter() {
        if section.sh_type(endian) != SHT_ARM_ATTRIBUTES {
            continue;
        }
        let mut vendors = section.attributes(endian, elf)?.subsections()?;
        while let Some(vendor) = vendors.next()? {
            if vendor.vendor() != b"aeabi" {
                continue;
            }
            let mut scopes = vendor.subsubsections();
            while let Some(scope) = scopes.next()? {
                if let Some(architecture) = architecture(scope.attributes())? {
                    return named(architecture);
                }
            }
        }
    }
    Err(ElfError::UnknownCore(None))
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

/// Reads up to `Tag_CPU_arch`. Whether a value is a number or a text is a matter of its tag.
fn architecture(mut attributes: AttributeReader<'_>) -> Result<Option<u64>, ElfError> {
    while let Some(tag) = attributes.read_tag()? {
        match tag {
            CPU_ARCH => return Ok(Some(attributes.read_integer()?)),
            32 => {
                attributes.read_integer()?;
                attributes.read_string()?;
            }
            4 | 5 => drop(attributes.read_string()?),
            _ if tag > 32 && tag % 2 == 1 => drop(attributes.read_string()?),
            _ => drop(attributes.read_integer()?),
        }
    }
    Ok(None)
}
