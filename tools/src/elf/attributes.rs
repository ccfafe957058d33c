//! A program's build attributes ("Addenda to, and Errata in, the ABI for the Arm Architecture", section "Public aeabi
//! attribute tags").
//!
//! The linker takes them from the first object file: they tell how that was compiled, and stand for the others.

use object::Endianness;
use object::elf::{FileHeader32, SHT_ARM_ATTRIBUTES};
use object::read::elf::{AttributeReader, FileHeader as _, SectionHeader as _};

use super::ElfError;

/// `Tag_CPU_arch`.
pub(super) const CPU_ARCH: u64 = 6;
const CPU_UNALIGNED_ACCESS: u64 = 34;

/// Whether the compiler was allowed to read and write words across their borders: `Tag_CPU_unaligned_access`.
///
/// # Errors
/// [`ElfError::Malformed`].
pub fn allows_unaligned_access(elf: &[u8]) -> Result<bool, ElfError> {
    Ok(number(elf, CPU_UNALIGNED_ACCESS)?.is_some_and(|value| value != 0))
}

/// The value of an attribute that is a number; none if the program does not state it.
pub(super) fn number(elf: &[u8], tag: u64) -> Result<Option<u64>, ElfError> {
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
                if let Some(value) = number_in(scope.attributes(), tag)? {
                    return Ok(Some(value));
                }
            }
        }
    }
    Ok(None)
}

/// Reads up to `wanted`. Whether a value is a number or a text is a matter of its tag.
fn number_in(mut attributes: AttributeReader<'_>, wanted: u64) -> Result<Option<u64>, ElfError> {
    while let Some(tag) = attributes.read_tag()? {
        match tag {
            _ if tag == wanted => return Ok(Some(attributes.read_integer()?)),
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
