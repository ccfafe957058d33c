//! Ops: what each is and where its constants lie.

use crate::geometry::phases::Phases;
use crate::limits::MAX_OPERANDS;

/// Indices of the tensors that an op reads.
pub type Operands = heapless::Vec<u8, MAX_OPERANDS>;

/// An op: what it reads, writes and computes.
#[derive(Debug, Clone, PartialEq)]
pub struct OpRecord {
    /// Indices of the tensors that it reads, in the order of its definition.
    pub operands: Operands,
    /// Index of the tensor that it writes.
    pub output: u8,
    /// Whether its weights are laid out for the file's kernel set.
    pub packed: bool,
    /// First byte in the arena of its working memory, a multiple of 16; only packed ops have one.
    pub scratch: u32,
    /// What it computes.
    pub kind: OpKind,
}

/// What an op computes, and where its constants lie.
#[derive(Debug, Clone, PartialEq)]
pub enum OpKind {
    /// See [`crate::ops::dense`].
    Dense(DenseRecord),
    /// See [`crate::ops::conv`].
    Conv(ConvRecord),
    /// See [`crate::ops::sum`].
    Sum(TermsRecord),
    /// See [`crate::ops::concat`].
    Concat(TermsRecord),
    /// See [`crate::ops::embedding`].
    Embedding(EmbeddingRecord),
    /// See [`crate::ops::adaptive::norm`].
    Norm(NormRecord),
    /// See [`crate::ops::adaptive::product`].
    Product(TermsRecord),
    /// See [`crate::ops::adaptive::attention`].
    Attention(AttentionRecord),
    /// See [`crate::ops::adaptive::window`].
    Window(WindowRecord),
    /// See [`crate::ops::adaptive::draw`].
    Draw(DrawRecord),
}

impl OpKind {
    /// Whether an engine runs it only with the feature `adaptive`.
    pub fn is_adaptive(&self) -> bool {
        matches!(
            self,
            OpKind::Norm(_) | OpKind::Product(_) | OpKind::Attention(_) | OpKind::Window(_) | OpKind::Draw(_)
        )
    }

    /// From the accumulator to int8; an embedding and a draw have no accumulator.
    pub fn requantize(&self) -> Option<&RequantizeRecord> {
        match self {
            OpKind::Dense(record) => Some(&record.requantize),
            OpKind::Conv(record) => Some(&record.requantize),
            OpKind::Sum(record) | OpKind::Concat(record) | OpKind::Product(record) => {
                Some(&record.requantize)
            }
            OpKind::Norm(record) => Some(&record.requantize),
            OpKind::Attention(record) => Some(&record.requantize),
            OpKind::Window(record) => Some(&record.requantize),
            OpKind::Embedding(_) | OpKind::Draw(_) => None,
        }
    }

    /// The same, to be changed.
    #[cfg(feature = "std")]
    pub(crate) fn requantize_mut(&mut self) -> Option<&mut RequantizeRecord> {
        match self {
            OpKind::Dense(record) => Some(&mut record.requantize),
            OpKind::Conv(record) => Some(&mut record.requantize),
            OpKind::Sum(record) | OpKind::Concat(record) | OpKind::Product(record) => {
                Some(&mut record.requantize)
            }
            OpKind::Norm(record) => Some(&mut record.requantize),
            OpKind::Attention(record) => Some(&mut record.requantize),
            OpKind::Window(record) => Some(&mut record.requantize),
            OpKind::Embedding(_) | OpKind::Draw(_) => None,
        }
    }
}

/// A dense layer, of one operand.
#[derive(Debug, Clone, PartialEq)]
pub struct DenseRecord {
    /// i8 `[output][input]`.
    pub weights: u32,
    /// i32, one per channel, or one per output where `bias_per_output` is set.
    pub bias: u32,
    /// Whether every output has a bias of its own.
    pub bias_per_output: bool,
    /// The columns of a one-hot choice joined to the operand.
    pub columns: Option<ColumnsRecord>,
    /// From the accumulator to int8.
    pub requantize: RequantizeRecord,
}

/// The columns of a dense layer that belong to a one-hot choice.
#[derive(Debug, Clone, PartialEq)]
pub struct ColumnsRecord {
    /// Index of the input, a [`InputKind::Choice`](super::InputKind::Choice).
    pub choice: u8,
    /// i8 `[row][output]`.
    pub weights: u32,
    /// The integer that stands for the one-hot vector's 1.0.
    pub one: u16,
}

/// A convolution, transposed or not, of one operand.
#[derive(Debug, Clone, PartialEq)]
pub struct ConvRecord {
    /// Kernel, stride and padding, and whether it is transposed; see [`crate::ops::conv_transpose`].
    pub phases: Phases,
    /// i8, in the order of [`crate::ops::phases`].
    pub weights: u32,
    /// i32 `[phase][output channel]`; the operand's zero point is folded in, see [`crate::ops::conv`].
    pub bias: u32,
    /// From the accumulator to int8.
    pub requantize: RequantizeRecord,
}

/// A sum of one to three operands, two or three joined along their channels, or a product of two to which a third may be added.
#[derive(Debug, Clone, PartialEq)]
pub struct TermsRecord {
    /// i32, of any sign: of a sum `[operand][output channel]`, of a join `[output channel]`; of a product `[output channel]`, and
    /// as many for what is added.
    pub multipliers: u32,
    /// i32 `[output channel]`; the operands' zero points are folded in, but for a product's.
    pub bias: u32,
    /// From the accumulator to int8.
    pub requantize: RequantizeRecord,
}

/// A row of a table, of no operand.
#[derive(Debug, Clone, PartialEq)]
pub struct EmbeddingRecord {
    /// i8 `[row][output]`.
    pub table: u32,
    /// Index of the input, a [`InputKind::Choice`](super::InputKind::Choice), whose row is taken; without one there is one row, a constant.
    pub choice: Option<u8>,
}

/// An instance norm, of one operand.
#[derive(Debug, Clone, PartialEq)]
pub struct NormRecord {
    /// i32 `[channel]`, in 65,536ths of the output's steps.
    pub bias: u32,
    /// ε', no offset; at least 1.
    pub epsilon: u32,
    /// Its multipliers are gains, of any sign; its shifts are in 17..=48.
    pub requantize: RequantizeRecord,
}

/// An attention, of queries, keys and values.
#[derive(Debug, Clone, PartialEq)]
pub struct AttentionRecord {
    /// From differences of scores to 256ths of a power of two; positive.
    pub factor: i32,
    /// By how much its product is shifted right, in 1..=62.
    pub score_shift: u8,
    /// Its multipliers are gains, of any sign; its shifts are in 17..=48.
    pub requantize: RequantizeRecord,
}

/// A window onto the picture that a pass draws, its only operand.
#[derive(Debug, Clone, PartialEq)]
pub struct WindowRecord {
    /// i8 `[output channel][3]`: rows down and columns right from the pixel being drawn to the middle of the tap's square, and
    /// how far the square reaches around it.
    pub taps: u32,
    /// What a pixel outside of the picture counts as.
    pub outside: i8,
    /// From the sums over the squares to int8.
    pub requantize: RequantizeRecord,
}

/// A draw, of logits and a plane of uniform numbers: the last op of an entry, and of its pass.
#[derive(Debug, Clone, PartialEq)]
pub struct DrawRecord {
    /// i8 `[level]`: what each level is in the picture.
    pub levels: u32,
    /// From differences of logits to 256ths of a power of two; positive.
    pub factor: i32,
    /// By how much its product is shifted right, in 1..=62.
    pub score_shift: u8,
    /// How many ops at the entry's end, this one included, are its pass: run once for each pixel.
    pub ops: u8,
}

/// From the accumulator to int8: see the page's section of that name.
#[derive(Debug, Clone, PartialEq)]
pub struct RequantizeRecord {
    /// i32 `[output channel]`, positive.
    pub multipliers: u32,
    /// By how much the product is shifted right.
    pub shifts: ShiftRecord,
    /// What follows in the same op.
    pub activation: ActivationRecord,
}

/// Shifts, in 1..=62.
#[derive(Debug, Clone, PartialEq)]
pub enum ShiftRecord {
    /// The same for every channel; 32 wherever the multipliers keep 20 significant bits.
    All(u8),
    /// u8 `[output channel]`.
    PerChannel(u32),
}

/// What follows the rounding.
#[derive(Debug, Clone, PartialEq)]
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

impl ActivationRecord {
    /// No activation: all of int8.
    pub const NONE: ActivationRecord = ActivationRecord::Clamp { min: i8::MIN, max: i8::MAX };
}

/// An op's kind and window: `dense`, `conv 3×3 s1 p1`, `sum of 2`.
impl core::fmt::Display for OpRecord {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        match &self.kind {
            OpKind::Dense(_) => f.write_str("dense"),
            OpKind::Conv(ConvRecord {
                phases: Phases { transposed, kernel, stride, padding, .. }, ..
            }) => {
                let name = if *transposed { "conv_transpose" } else { "conv" };
                write!(f, "{name} {kernel}×{kernel} s{stride} p{padding}")
            }
            OpKind::Sum(_) => write!(f, "sum of {}", self.operands.len()),
            OpKind::Concat(_) => write!(f, "concat of {}", self.operands.len()),
            OpKind::Embedding(EmbeddingRecord { choice: None, .. }) => f.write_str("constant"),
            OpKind::Embedding(_) => f.write_str("embedding"),
            OpKind::Norm(_) => f.write_str("instance norm"),
            OpKind::Product(_) if self.operands.len() > 2 => f.write_str("product and sum"),
            OpKind::Product(_) => f.write_str("product"),
            OpKind::Attention(_) => f.write_str("attention"),
            OpKind::Window(_) => f.write_str("window"),
            OpKind::Draw(_) => f.write_str("draw"),
        }
    }
}
