//! What can be wrong with a model file or an arena.

use core::fmt;

use crate::kernel_set::KernelSet;
use crate::limits::{MAX_INPUTS, MAX_TENSOR_BYTES, VERSION};

/// Why [`Model::parse`](crate::Model::parse) refuses a file.
///
/// Ops, tensors and inputs are named by their index in the file's order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum ParseError {
    /// The file ends before the fixed fields or before the constants do.
    Truncated,
    /// The first four bytes are not `GAN8`.
    Magic,
    /// The format version is not the one that this engine reads.
    Version {
        /// The version in the file; [`crate::format::VERSION`] was expected.
        found: u16,
    },
    /// A flag is set that this engine does not know.
    Flags(u16),
    /// The bytes in memory do not start at a multiple of 16; see [`crate::include_model!`].
    Alignment,
    /// The checksum does not match: the file is damaged.
    Checksum,
    /// The header does not decode.
    Header,
    /// The weights are laid out for other kernels than those compiled in.
    Layout {
        /// The code of the [`KernelSet`] in the file, which is not compiled in.
        found: u8,
    },
    /// More inputs than [`MAX_INPUTS`].
    Inputs {
        /// How many there are.
        found: u8,
    },
    /// The arena size in the fixed fields is not what the tensors need.
    ArenaSize {
        /// Bytes that the tensors need.
        needed: u32,
        /// Bytes that the file states.
        stated: u32,
    },
    /// An input is wrong.
    Input(u8, InputError),
    /// A tensor is wrong.
    Tensor(u8, TensorError),
    /// An op is wrong.
    Op(u8, OpError),
    /// An entry has no ops, more than 254, ops that the file does not have, or an output that none of them makes.
    Entry(u8),
    /// There is no entry.
    NoEntry,
}

/// What is wrong with an input.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum InputError {
    /// Its tensor does not exist.
    Tensor,
    /// Its tensor is not quantized as its kind is: normal numbers at 3/127 around 0, all others at 1/127.
    Scale,
    /// A choice, a row or a column with nothing to choose from.
    NoChoice,
    /// A choice has names, and not as many as there are to choose from.
    Names,
    /// A second row, or a second column.
    Second,
}

/// What is wrong with a tensor.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum TensorError {
    /// No elements, or more than [`crate::MAX_TENSOR_BYTES`].
    Size,
    /// The scale is not a positive finite number.
    Scale,
    /// It overlaps a tensor that is in use at the same time.
    Overlaps(u8),
    /// Nothing writes it, or two ops do, or an op reads it before.
    Written,
}

/// What is wrong with an op.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum OpError {
    /// It reads or writes a tensor that does not exist.
    Tensor,
    /// It has more or fewer operands than its kind.
    Operands,
    /// The output's shape is not the one that the op makes of its operands.
    Shape,
    /// A kernel or stride of 0, or an output padding that is not smaller than the stride.
    Window,
    /// A constant lies outside the file.
    Bounds,
    /// A constant does not start at a multiple of 16.
    Alignment,
    /// A weight of −128; weights are in −127..=127.
    Weight,
    /// A multiplier that is not positive.
    Multiplier,
    /// A shift outside 1..=62.
    Shift,
    /// A clamp whose lower end is above its upper end.
    Clamp,
    /// The accumulator of this output channel could overflow.
    Overflow(u16),
    /// It reads a choice, and that input is none.
    NoChoice,
    /// It is packed, and no kernels for it are compiled in.
    Layout,
    /// A packed weight outside −127..=127, or a narrow sum that could overflow.
    Run,
    /// Its working memory overlaps a tensor that is in use.
    Scratch,
    /// It is one of the ops that the feature `adaptive` compiles in, and was left out.
    Left,
    /// A tap of a window that reaches further than it may, or to a pixel that is not drawn yet.
    Tap,
    /// A draw that is not its entry's last op, does not make its output, has no uniform input for its randomness or more ops in its pass
    /// than the entry has; or a window that is not in a pass; or something else than a window that reads what a pass draws.
    Pass,
}

/// The arena is smaller than the model needs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct ArenaTooSmall {
    /// Bytes that the arena holds.
    pub holds: usize,
    /// Bytes that the model needs.
    pub needs: usize,
}

impl fmt::Display for ParseError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ParseError::Truncated => f.write_str("the model file is cut short"),
            ParseError::Magic => f.write_str("not a model file: it does not start with GAN8"),
            ParseError::Version { found } => {
                write!(f, "model format {found}, this engine reads format {VERSION}")
            }
            ParseError::Flags(flags) => write!(f, "unknown flags {flags:#06x} in the model file"),
            ParseError::Alignment => f.write_str("the model is not aligned to 16 bytes in memory"),
            ParseError::Checksum => f.write_str("the model file is damaged: its checksum does not match"),
            ParseError::Header => f.write_str("the model's header does not decode"),
            ParseError::Layout { found } => {
                f.write_str("the model is packed for ")?;
                match KernelSet::from_code(*found) {
                    Some(set) => write!(f, "{set} kernels")?,
                    None => write!(f, "unknown kernels ({found})")?,
                }
                f.write_str(", this engine has")?;
                KernelSet::ALL
                    .iter()
                    .filter(|set| set.is_compiled_in())
                    .try_for_each(|set| write!(f, " {set}"))
            }
            ParseError::Inputs { found } => {
                write!(f, "the model has {found} inputs, this engine reads at most {MAX_INPUTS}")
            }
            ParseError::ArenaSize { needed, stated } => {
                write!(f, "the model states an arena of {stated} bytes, its tensors need {needed}")
            }
            ParseError::Input(index, error) => write!(f, "input {index}: {error}"),
            ParseError::Tensor(index, error) => write!(f, "tensor {index}: {error}"),
            ParseError::Op(index, error) => write!(f, "op {index}: {error}"),
            ParseError::Entry(index) => {
                write!(
                    f,
                    "entry {index}: no ops, ops that are not there, or an output that none of them makes"
                )
            }
            ParseError::NoEntry => f.write_str("the model has no entry"),
        }
    }
}

impl fmt::Display for InputError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            InputError::Tensor => f.write_str("its tensor does not exist"),
            InputError::Scale => {
                f.write_str("not quantized as its kind is: at 3/127 (normal) or 1/127 around 0")
            }
            InputError::NoChoice => f.write_str("a choice of none"),
            InputError::Names => f.write_str("not as many names as there are to choose from"),
            InputError::Second => f.write_str("a second row or column"),
        }
    }
}

impl fmt::Display for TensorError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            TensorError::Size => {
                write!(f, "no elements, or more than {MAX_TENSOR_BYTES}")
            }
            TensorError::Scale => f.write_str("the scale is not a positive finite number"),
            TensorError::Overlaps(other) => write!(f, "overlaps tensor {other} while both are in use"),
            TensorError::Written => f.write_str("not written exactly once before it is read"),
        }
    }
}

impl fmt::Display for OpError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            OpError::Tensor => f.write_str("a tensor that does not exist"),
            OpError::Operands => f.write_str("more or fewer operands than its kind has"),
            OpError::Shape => f.write_str("the output's shape is not what the op makes of its operands"),
            OpError::Window => f.write_str("an impossible kernel, stride or output padding"),
            OpError::Bounds => f.write_str("a constant outside the file"),
            OpError::Alignment => f.write_str("a constant that is not aligned to 16 bytes"),
            OpError::Weight => f.write_str("a weight outside -127..=127"),
            OpError::Multiplier => f.write_str("a multiplier that is not positive"),
            OpError::Shift => f.write_str("a shift outside 1..=62"),
            OpError::Clamp => f.write_str("a clamp whose ends are in the wrong order"),
            OpError::Overflow(channel) => write!(f, "the accumulator of channel {channel} could overflow"),
            OpError::NoChoice => f.write_str("reads a choice that the model does not have"),
            OpError::Layout => f.write_str("packed for kernels that are not compiled in"),
            OpError::Run => f.write_str("a packed weight or a run of products out of range"),
            OpError::Scratch => f.write_str("its working memory overlaps a tensor in use"),
            OpError::Left => f.write_str("left out of this engine: its feature `adaptive` is off"),
            OpError::Tap => f.write_str("a tap that reaches too far"),
            OpError::Pass => f.write_str("out of place in a pass"),
        }
    }
}

impl fmt::Display for ArenaTooSmall {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the arena holds {} bytes, the model needs {}", self.holds, self.needs)
    }
}

impl core::error::Error for ParseError {}
impl core::error::Error for InputError {}
impl core::error::Error for TensorError {}
impl core::error::Error for OpError {}
impl core::error::Error for ArenaTooSmall {}
