//! How much of a board's memory a program takes before it has run.

use object::Object as _;
use object::elf::{SHF_ALLOC, SHF_WRITE, SHT_NOBITS, SectionFlags};
use object::read::elf::{ElfFile32, FileHeader as _, SectionHeader as _};

use super::ElfError;

/// Memory that a program takes, from its sections.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Size {
    /// Code, constants and the initial values of variables, in bytes.
    pub flash_bytes: u64,
    /// Variables, in bytes; the stack comes on top.
    pub static_ram_bytes: u64,
}

/// The size of the program in `elf`.
///
/// # Errors
/// [`ElfError::Malformed`].
pub fn size_of(elf: &[u8]) -> Result<Size, ElfError> {
    let file = ElfFile32::<object::Endianness>::parse(elf)?;
    let endian = file.endianness();
    let header = file.elf_header();
    let mut size = Size { flash_bytes: 0, static_ram_bytes: 0 };
    for section in header.sections(endian, elf)?.iter() {
        let bytes = u64::from(section.sh_size(endian));
        size.add(section.sh_type(endian) != SHT_NOBITS, section.sh_flags(endian), bytes);
    }
    Ok(size)
}

impl Size {
    /// A section of `bytes`: what has contents is stored in flash, what is written to stands in RAM, and a variable
    /// with an initial value does both.
    fn add(&mut self, has_contents: bool, flags: SectionFlags, bytes: u64) {
        if !flags.contains(SHF_ALLOC) {
            return;
        }
        if has_contents {
            self.flash_bytes += bytes;
        }
        if flags.contains(SHF_WRITE) {
            self.static_ram_bytes += bytes;
        }
    }
}

#[cfg(test)]
mod tests {
    use object::elf::SHF_MERGE;

    use super::{SHF_ALLOC, SHF_WRITE, Size};

    #[test]
    fn each_section_counts_where_it_lies() {
        let mut size = Size { flash_bytes: 0, static_ram_bytes: 0 };
        size.add(true, SHF_ALLOC, 1000); // .text
        size.add(true, SHF_ALLOC | SHF_WRITE, 10); // .data
        size.add(false, SHF_ALLOC | SHF_WRITE, 200); // .bss
        size.add(true, SHF_MERGE, 50_000); // .debug_info
        assert_eq!(size, Size { flash_bytes: 1010, static_ram_bytes: 210 });
    }
}
