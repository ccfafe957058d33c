//! Ops: one file each, with its shape rule, its validation, how it runs, and its tests beside it.

#[cfg(feature = "adaptive")]
pub mod adaptive;
pub mod concat;
pub mod conv;
pub mod conv_transpose;
pub mod dense;
pub mod embedding;
pub(crate) mod overlap;
pub mod packed_conv;
pub mod packed_dense;
pub mod sum;
pub(crate) mod terms;
#[cfg(feature = "std")]
pub mod upsample;

pub use crate::geometry::phases;

use crate::constants::Constants;
use crate::error::OpError;
use crate::format::{ALIGNMENT, ConvRecord, DenseRecord, File, InputKind, OpKind, OpRecord};
use crate::geometry::groups::Windows;
use crate::kernel_set::KernelSet;
use crate::kernels;
use crate::kernels::layers::{Choice, Conv, Dense, PackedConv, PackedDense, Terms};
use crate::limits::MAX_OPERANDS;
#[cfg(feature = "adaptive")]
use crate::ops::adaptive::Adaptive;
use crate::ops::overlap::Overlap;
use crate::region::Region;
#[cfg(feature = "adaptive")]
use crate::shape::Shape;
use crate::tensor::Tensor;

/// An op whose constants lie in the file and whose shapes fit. [`Op::prove`] checks the constants.
#[derive(Debug, Clone)]
pub(crate) struct Op<'a> {
    /// What it reads, in the arena; those behind the last are empty.
    operands: [Region; MAX_OPERANDS],
    /// What it writes, in the arena.
    pub(crate) output: Region,
    /// Its working memory, in the arena.
    pub(crate) scratch: Region,
    /// Whose layout its weights have, if they are packed.
    packed: Option<KernelSet>,
    /// What it computes.
    kind: Kind<'a>,
}

/// What an op computes.
#[derive(Debug, Clone)]
enum Kind<'a> {
    Dense(Dense<'a>),
    Conv(Conv<'a>),
    Terms(Terms<'a>),
    Embedding(embedding::Embedding<'a>),
    #[cfg(feature = "adaptive")]
    Adaptive(Adaptive<'a>),
}

/// What an op's validation may look at.
pub(crate) struct Context<'a> {
    pub(crate) file: &'a File<'a>,
    pub(crate) constants: Constants<'a>,
    /// Whose layout packed ops have.
    pub(crate) set: KernelSet,
}

impl Context<'_> {
    #[inline(never)] // small in a firmware: it is called in many places
    pub(crate) fn tensor(&self, index: u8) -> Result<Tensor, OpError> {
        let record = self.file.tensors.get(index).ok_or(OpError::Tensor)?;
        Tensor::new(&record).map_err(|_| OpError::Tensor)
    }

    /// The place of a tensor that parse has checked.
    #[inline(never)] // small in a firmware: it is called in many places
    pub(crate) fn region(&self, index: u8) -> Region {
        self.tensor(index).unwrap_or(Tensor::NONE).region()
    }

    /// The choice that is input `input`.
    #[inline(never)] // small in a firmware: it is called in several places
    pub(crate) fn choice(&self, input: u8) -> Result<Choice, OpError> {
        match self.file.inputs.iter().nth(input.into()).map(|record| record.kind) {
            Some(
                InputKind::Choice { count, .. } | InputKind::Row { count } | InputKind::Column { count },
            ) => Ok(Choice { input, count }),
            _ => Err(OpError::NoChoice),
        }
    }

    /// The row and the column that are turned for each pixel of a picture of `shape`.
    #[cfg(feature = "adaptive")]
    pub(crate) fn position(&self, shape: Shape) -> Result<[Choice; 2], OpError> {
        let mut position = [None; 2];
        for (record, input) in self.file.inputs.iter().zip(0..) {
            let (slot, side, count) = match record.kind {
                InputKind::Row { count } => (0, shape.height, count),
                InputKind::Column { count } => (1, shape.width, count),
                _ => continue,
            };
            if side != count.into() {
                return Err(OpError::Shape);
            }
            position[slot] = Some(Choice { input, count });
        }
        match position {
            [Some(row), Some(column)] => Ok([row, column]),
            _ => Err(OpError::NoChoice),
        }
    }
}

impl<'a> Op<'a> {
    /// Finds what a record names: the places, and the constants without looking at them.
    pub(crate) fn new(record: &OpRecord, context: &Context<'a>) -> Result<Self, OpError> {
        let mut tensors = [Tensor::NONE; MAX_OPERANDS];
        for (tensor, &operand) in tensors.iter_mut().zip(&record.operands) {
            *tensor = context.tensor(operand)?;
        }
        let output = context.tensor(record.output)?;
        let operands = tensors.get(..record.operands.len()).unwrap_or_default();
        let packed = record.packed.then_some(context.set);
        let (kind, scratch) = match &record.kind {
            OpKind::Dense(dense) => {
                let (layer, scratch) = Dense::new(dense, packed, only(operands)?, &output, context)?;
                (Kind::Dense(layer), scratch)
            }
            OpKind::Conv(conv) => {
                let (layer, scratch) = Conv::new(conv, packed, only(operands)?, &output, context)?;
                (Kind::Conv(layer), scratch)
            }
            _ if record.packed => return Err(OpError::Layout),
            OpKind::Sum(terms) | OpKind::Concat(terms) => {
                let joined = matches!(record.kind, OpKind::Concat(_));
                (Kind::Terms(Terms::new(terms, joined, operands, &output, context)?), 0)
            }
            OpKind::Embedding(embedding) => {
                (Kind::Embedding(embedding::Embedding::new(embedding, operands, &output, context)?), 0)
            }
            #[cfg(feature = "adaptive")]
            kind => {
                let (layer, scratch) = Adaptive::new(kind, operands, &output, context)?;
                (Kind::Adaptive(layer), scratch)
            }
            #[cfg(not(feature = "adaptive"))]
            _ => return Err(OpError::Left),
        };
        let scratch = if scratch > 0 { working_memory(record.scratch, scratch)? } else { Region::EMPTY };
        let operands = tensors.map(|tensor| tensor.region());
        Ok(Op { operands, output: output.region(), scratch, packed, kind })
    }

    /// Checks the constants: that no sum can overflow, and that factors are in their ranges. Looks at all weights.
    #[cold] // for size
    pub(crate) fn prove(&self) -> Result<(), OpError> {
        match (&self.kind, self.packed) {
            (Kind::Dense(dense), None) => dense.prove(),
            (Kind::Conv(conv), None) => conv.prove(),
            (Kind::Dense(dense), Some(set)) => packed_dense::prove(set, dense),
            (Kind::Conv(conv), Some(set)) => packed_conv::prove(set, conv),
            (Kind::Terms(terms), _) => terms.prove(),
            #[cfg(feature = "adaptive")]
            (Kind::Adaptive(adaptive), _) => adaptive.prove(),
            // Any int8 may be copied.
            (Kind::Embedding(_), _) => Ok(()),
        }
    }

    /// What it reads.
    pub(crate) fn operands(&self) -> impl Iterator<Item = Region> {
        self.operands.into_iter().filter(|region| region.length > 0)
    }

    /// Runs it in `memory`, the arena; `choices` has one number per input.
    #[inline(never)] // small in a firmware: once
    pub(crate) fn run(&self, memory: &mut [i8], choices: &[u8]) {
        let [first, ..] = self.operands;
        match (&self.kind, self.packed) {
            (Kind::Dense(dense), None) => {
                let (input, output) = first.split(self.output, memory);
                dense.run(input, choices, output);
            }
            (Kind::Conv(conv), None) => {
                let (input, output) = first.split(self.output, memory);
                conv.run(input, output);
            }
            (Kind::Dense(dense), Some(set)) => {
                let (data, scratch) = first.hull(self.output).split_words(self.scratch, memory);
                let layer = PackedDense::new(dense, first, self.output);
                kernels::packed_dense(set, &layer, choices, data, scratch);
            }
            (Kind::Conv(conv), Some(set)) => {
                let (data, scratch) = first.hull(self.output).split_words(self.scratch, memory);
                if let Some(layer) = PackedConv::new(conv, first, self.output) {
                    kernels::packed_conv(set, &layer, data, scratch);
                }
            }
            (Kind::Terms(terms), _) => kernels::direct::terms(terms, self.operands, self.output, memory),
            (Kind::Embedding(embedding), _) => embedding.run(choices, self.output.of(memory)),
            #[cfg(feature = "adaptive")]
            (Kind::Adaptive(adaptive), _) => {
                adaptive.run(self.operands, self.output, self.scratch, choices, memory);
            }
        }
    }

    /// How its output may lie over operand number `operand`.
    pub(crate) fn overlap(&self, operand: usize) -> Overlap {
        match (&self.kind, self.packed) {
            (Kind::Dense(_), Some(_)) => Overlap::Anyhow,
            (Kind::Conv(conv), Some(_)) => {
                Windows::new(conv.phases, conv.input, conv.output).map_or(Overlap::Never, Overlap::Rows)
            }
            (Kind::Terms(terms), _) => terms.overlap(operand),
            #[cfg(feature = "adaptive")]
            (Kind::Adaptive(adaptive), _) => adaptive.overlap(operand),
            (Kind::Dense(_) | Kind::Conv(_) | Kind::Embedding(_), _) => Overlap::Never,
        }
    }

    /// Multiply-accumulates, as the definition counts them.
    pub(crate) fn macs(&self) -> u64 {
        match &self.kind {
            Kind::Dense(dense) => dense.macs(),
            Kind::Conv(conv) => conv.macs(),
            Kind::Terms(terms) => terms.macs(),
            Kind::Embedding(_) => 0,
            #[cfg(feature = "adaptive")]
            Kind::Adaptive(adaptive) => adaptive.macs(),
        }
    }
}

/// The operand of an op of one.
fn only(operands: &[Tensor]) -> Result<&Tensor, OpError> {
    match operands {
        [operand] => Ok(operand),
        _ => Err(OpError::Operands),
    }
}

/// Working memory of `bytes` bytes, to be read as words.
fn working_memory(start: u32, bytes: usize) -> Result<Region, OpError> {
    let length = u32::try_from(bytes).map_err(|_| OpError::Bounds)?;
    if start.is_multiple_of(ALIGNMENT as u32) {
        Ok(Region { start, length })
    } else {
        Err(OpError::Alignment)
    }
}

impl OpRecord {
    /// The record of a dense layer.
    pub fn dense(&self) -> Option<&DenseRecord> {
        match &self.kind {
            OpKind::Dense(record) => Some(record),
            _ => None,
        }
    }

    /// The record of a convolution, transposed or not.
    pub fn conv(&self) -> Option<&ConvRecord> {
        match &self.kind {
            OpKind::Conv(record) => Some(record),
            _ => None,
        }
    }
}
