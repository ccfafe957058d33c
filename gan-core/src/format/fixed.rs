//! The first 32 bytes of a file.

use crate::error::ParseError;
use crate::limits::VERSION;

/// The first four bytes.
pub const MAGIC: [u8; 4] = *b"GAN8";
/// Constants, and the file itself in memory, start at multiples of this.
pub const ALIGNMENT: usize = 16;
/// Where the checksum lies.
pub const CRC_AT: usize = 8;
/// Where the bytes start that the checksum covers.
pub const CRC_FROM: usize = 12;
/// Where the file's length lies.
const LENGTH_AT: usize = 12;
/// Where the header's length lies.
pub const HEADER_AT: usize = 16;
/// Where the arena's size lies.
pub const ARENA_AT: usize = 20;
/// Where the numbers of records lie.
const COUNTS_AT: usize = 24;
/// Where the code of the kernel set lies.
pub const KERNELS_AT: usize = 28;
/// Where the header starts.
pub const HEADER_START: usize = 32;

/// Checksum of everything behind [`CRC_FROM`].
pub fn checksum(covered: &[u8]) -> u32 {
    const CRC: crc::Crc<u32> = crc::Crc::<u32>::new(&crc::CRC_32_ISO_HDLC);
    CRC.checksum(covered)
}

/// Writes the checksum of `file` into its place; for tests and tools that edit files.
///
/// # Panics
/// If `file` is shorter than the fixed fields.
pub fn seal(file: &mut [u8]) {
    assert!(file.len() >= HEADER_START, "the model file is cut short");
    let checksum = checksum(&file[CRC_FROM..]);
    file[CRC_AT..CRC_FROM].copy_from_slice(&checksum.to_le_bytes());
}

/// Arena bytes of a model file, read from their fixed place at compile time:
/// `Arena::<{ arena_bytes(MODEL) }>::new()`.
///
/// # Panics
/// If `file` is shorter than the fixed fields; in a constant that is a compile error.
pub const fn arena_bytes(file: &[u8]) -> usize {
    assert!(file.len() >= HEADER_START, "the model file is cut short");
    word(file, ARENA_AT) as usize
}

/// Length of the model file that starts `file`, which may be longer: a flash partition, say.
///
/// # Panics
/// If `file` is shorter than the fixed fields; in a constant that is a compile error.
pub const fn file_bytes(file: &[u8]) -> usize {
    assert!(file.len() >= HEADER_START, "the model file is cut short");
    word(file, LENGTH_AT) as usize
}

/// A number of the fixed fields, which are there.
const fn word(file: &[u8], at: usize) -> u32 {
    u32::from_le_bytes([file[at], file[at + 1], file[at + 2], file[at + 3]])
}

/// The fixed fields, and what they divide the file into.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Fixed<'f> {
    pub(crate) header: &'f [u8],
    pub(crate) constants: &'f [u8],
    pub(crate) arena_bytes: u32,
    pub(crate) tensors: u8,
    pub(crate) inputs: u8,
    pub(crate) entries: u8,
    pub(crate) ops: u8,
    pub(crate) kernels: u8,
}

impl<'f> Fixed<'f> {
    /// Checks them, and the checksum.
    #[cold] // for size
    pub(crate) fn read(file: &'f [u8]) -> Result<Self, ParseError> {
        // The version first: another format's fields lie elsewhere.
        let start: &[u8; 8] = file.first_chunk().ok_or(ParseError::Truncated)?;
        if start[..4] != MAGIC {
            return Err(ParseError::Magic);
        }
        let version = u16::from_le_bytes([start[4], start[5]]);
        if version != VERSION {
            return Err(ParseError::Version { found: version });
        }
        let flags = u16::from_le_bytes([start[6], start[7]]);
        if flags != 0 {
            return Err(ParseError::Flags(flags));
        }
        let fixed: &[u8; HEADER_START] = file.first_chunk().ok_or(ParseError::Truncated)?;
        if !file.as_ptr().addr().is_multiple_of(ALIGNMENT) {
            return Err(ParseError::Alignment);
        }
        let file = file.get(..word(fixed, LENGTH_AT) as usize).ok_or(ParseError::Truncated)?;
        let behind = file.get(HEADER_START..).ok_or(ParseError::Truncated)?;
        let header_bytes = word(fixed, HEADER_AT) as usize;
        let header = behind.get(..header_bytes).ok_or(ParseError::Truncated)?;
        // Cannot overflow: the header lies inside the file.
        let constants_start = (HEADER_START + header_bytes).next_multiple_of(ALIGNMENT);
        let constants = file.get(constants_start..).ok_or(ParseError::Truncated)?;
        if checksum(file.get(CRC_FROM..).unwrap_or_default()) != word(fixed, CRC_AT) {
            return Err(ParseError::Checksum);
        }
        if fixed[KERNELS_AT + 1..] != [0; 3] {
            return Err(ParseError::Header);
        }
        let [tensors, inputs, entries, ops] =
            [fixed[COUNTS_AT], fixed[COUNTS_AT + 1], fixed[COUNTS_AT + 2], fixed[COUNTS_AT + 3]];
        let (arena_bytes, kernels) = (word(fixed, ARENA_AT), fixed[KERNELS_AT]);
        Ok(Fixed { header, constants, arena_bytes, tensors, inputs, entries, ops, kernels })
    }

    /// The bytes, with `header` and `constants` behind them; the checksum is made.
    ///
    /// # Panics
    /// If the file would have 4 GiB or more.
    #[cfg(feature = "std")]
    pub(crate) fn write(&self) -> std::vec::Vec<u8> {
        let constants_start = (HEADER_START + self.header.len()).next_multiple_of(ALIGNMENT);
        let length = u32::try_from(constants_start + self.constants.len()).expect("a file below 4 GiB");
        let mut file = std::vec::Vec::with_capacity(length as usize);
        file.extend(MAGIC);
        file.extend(VERSION.to_le_bytes());
        file.extend([0; 2 + 4]);
        file.extend(length.to_le_bytes());
        file.extend((self.header.len() as u32).to_le_bytes());
        file.extend(self.arena_bytes.to_le_bytes());
        file.extend([self.tensors, self.inputs, self.entries, self.ops, self.kernels, 0, 0, 0]);
        file.extend(self.header);
        file.resize(constants_start, 0);
        file.extend(self.constants);
        seal(&mut file);
        file
    }
}
