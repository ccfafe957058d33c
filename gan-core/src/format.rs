//! The model file, byte for byte.
//!
//! ```text
//! offset  bytes
//!      0      4  magic "GAN8"
//!      4      2  format version
//!      6      2  flags, 0
//!      8      4  length of the header
//!     12      4  arena bytes
//!     16      4  CRC-32 (ISO-HDLC) of everything behind this field
//!     20      …  header: Preamble, then its InputRecords, TensorRecords and OpRecords, all postcard
//!      …      …  zeros up to a multiple of 16
//!      …      …  constants: weights, biases, multipliers, tables, each at a multiple of 16
//! ```
//! Integers are little-endian. An offset of a constant counts from the start of the constants; its length
//! follows from the shapes. Numbers that follow from others (MACs, lengths) are not stored: they cannot disagree.
//!
//! The records say what is stored; [`Model::parse`](crate::Model::parse) says what it must obey.

use serde::{Deserialize, Serialize};

/// The first four bytes.
pub const MAGIC: [u8; 4] = *b"GAN8";
/// The format that this engine reads.
pub const VERSION: u16 = 1;
/// Constants and the file itself start at multiples of this.
pub const ALIGNMENT: usize = 16;
/// Where the header starts.
pub const HEADER_START: usize = 20;
/// Where the checksum lies; it covers everything from [`HEADER_START`].
pub const CRC_AT: usize = 16;
/// Where the arena size lies.
pub const ARENA_AT: usize = 12;

/// Checksum of the header, the padding and the constants.
pub fn checksum(covered: &[u8]) -> u32 {
    const CRC: crc::Crc<u32> = crc::Crc::<u32>::new(&crc::CRC_32_ISO_HDLC);
    CRC.checksum(covered)
}

/// Writes the checksum of `file` into its place; for tests and tools that edit files.
///
/// # Panics
/// If `file` is shorter than the fixed fields.
pub fn seal(file: &mut [u8]) {
    let checksum = checksum(&file[HEADER_START..]);
    file[CRC_AT..HEADER_START].copy_from_slice(&checksum.to_le_bytes());
}

/// Arena bytes of a model file, read from their fixed place at compile time:
/// `Arena::<{ arena_bytes(MODEL) }>::new()`.
///
/// # Panics
/// If `file` is shorter than the fixed fields; in a constant that is a compile error.
pub const fn arena_bytes(file: &[u8]) -> usize {
    assert!(file.len() >= HEADER_START, "the model file is cut short");
    u32::from_le_bytes([file[ARENA_AT], file[ARENA_AT + 1], file[ARENA_AT + 2], file[ARENA_AT + 3]]) as usize
}

/// The first record of the header.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Preamble<'a> {
    /// The model's name, for display.
    pub name: &'a str,
    /// The [`KernelSet`](crate::KernelSet) that packed ops are laid out for, by its code.
    pub layout: u8,
    /// How many [`InputRecord`]s follow.
    pub inputs: u8,
    /// How many [`TensorRecord`]s follow those.
    pub tensors: u8,
    /// How many [`OpRecord`]s follow those.
    pub ops: u8,
    /// Index of the tensor that holds the picture.
    pub output: u8,
}

/// What the caller hands in before the first op.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum InputRecord {
    /// Standard normal numbers, written to a tensor at 3/127 a step.
    Latent {
        /// Index of the tensor.
        tensor: u8,
    },
    /// A class below `classes`; ops read it as a number, not as a one-hot tensor.
    Class {
        /// Number of classes.
        classes: u8,
    },
}

/// A tensor: its shape, its numbers, its place in the arena.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TensorRecord {
    /// Rows.
    pub height: u16,
    /// Columns.
    pub width: u16,
    /// Channels.
    pub channels: u16,
    /// real = scale · (q − zero_point)
    pub scale: f32,
    /// The int8 value of 0.
    pub zero_point: i8,
    /// First byte in the arena.
    pub offset: u32,
}

/// An op and where its constants lie.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum OpRecord {
    /// See [`crate::ops::dense`].
    Dense(DenseRecord),
    /// See [`crate::ops::conv`].
    Conv(ConvRecord),
    /// See [`crate::ops::conv_transpose`].
    ConvTranspose(ConvRecord),
    /// See [`crate::ops::packed_dense`].
    PackedDense(PackedDenseRecord),
    /// See [`crate::ops::packed_conv`].
    PackedConv(PackedConvRecord),
}

/// A dense layer.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct DenseRecord {
    /// Tensor it reads.
    pub input: u8,
    /// Tensor it writes.
    pub output: u8,
    /// i8 `[output][input]`.
    pub weights: u32,
    /// i32, one a channel, or one an output where `bias_per_output` is set.
    pub bias: u32,
    /// Whether every output has a bias of its own.
    pub bias_per_output: bool,
    /// The columns of a one-hot class joined to the input.
    pub class: Option<ClassRecord>,
    /// From the accumulator to int8.
    pub requantize: RequantizeRecord,
    /// What follows in the same op.
    pub activation: ActivationRecord,
}

/// The columns of a dense layer that belong to a one-hot class.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ClassRecord {
    /// i8 `[class][output]`.
    pub weights: u32,
    /// The integer that stands for the one-hot vector's 1.0.
    pub one: u16,
}

/// A convolution, transposed or not.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ConvRecord {
    /// Tensor it reads.
    pub input: u8,
    /// Tensor it writes.
    pub output: u8,
    /// Side of the kernel.
    pub kernel: u8,
    /// Step of the kernel over the larger picture.
    pub stride: u8,
    /// Rows and columns around the larger picture.
    pub padding: u8,
    /// Rows and columns added at the bottom and right of a transposed convolution's output; 0 otherwise.
    pub output_padding: u8,
    /// i8, in the order of [`crate::ops::phases`].
    pub weights: u32,
    /// i32 `[phase][output channel]`; the input's zero point is folded in, see [`crate::ops::conv`].
    pub bias: u32,
    /// From the accumulator to int8.
    pub requantize: RequantizeRecord,
    /// What follows in the same op.
    pub activation: ActivationRecord,
}

/// A dense layer whose weights are laid out for a kernel set.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PackedDenseRecord {
    /// The layer; `weights` are in the kernel set's order.
    pub dense: DenseRecord,
    /// First byte in the arena of the working memory, a multiple of 16.
    pub scratch: u32,
}

/// A convolution whose weights are laid out for a kernel set.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PackedConvRecord {
    /// The layer; `weights` are in the kernel set's order.
    pub conv: ConvRecord,
    /// Whether it is a transposed convolution.
    pub transposed: bool,
    /// First byte in the arena of the working memory, a multiple of 16.
    pub scratch: u32,
}

/// Where the factors from the accumulator to int8 lie, one an output channel.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RequantizeRecord {
    /// i32, positive.
    pub multipliers: u32,
    /// By how much the product is shifted right.
    pub shifts: ShiftRecord,
}

/// Shifts, in 1..=62.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum ShiftRecord {
    /// The same for every channel; 32 wherever the multipliers keep 20 significant bits.
    All(u8),
    /// u8, one a channel.
    PerChannel(u32),
}

/// What follows the requantization.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum ActivationRecord {
    /// Into `min..=max`, around the output's zero point: no activation, or a ReLU.
    Clamp {
        /// Lower end.
        min: i8,
        /// Upper end.
        max: i8,
    },
    /// Through a table: any function.
    Table {
        /// The zero point in front of the table.
        zero_point: i8,
        /// i8, the output for −128, −127, …, 127.
        table: u32,
    },
}
