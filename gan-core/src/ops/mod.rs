//! Ops: one file each, with its shape rule, its validation, how it runs, and its tests beside it.

pub mod conv;
pub mod conv_transpose;
pub mod dense;
pub(crate) mod groups;
pub mod packed_conv;
pub mod packed_dense;
pub mod phases;

use crate::constants::Constants;
use crate::error::OpError;
use crate::format::{OpRecord, PackedConvRecord, PackedDenseRecord};
use crate::kernels;
use crate::kernels::set::KernelSet;
use crate::plan::Region;
use crate::tensor::Tensor;

/// An op whose constants, shapes and places are checked.
#[derive(Debug, Clone)]
pub(crate) struct Op<'a> {
    /// What it reads, in the arena.
    pub(crate) input: Region,
    /// What it writes, in the arena.
    pub(crate) output: Region,
    /// Its working memory, in the arena.
    pub(crate) scratch: Region,
    /// What it computes.
    pub(crate) kind: Kind<'a>,
}

/// What an op computes.
#[derive(Debug, Clone)]
pub(crate) enum Kind<'a> {
    Dense(dense::Dense<'a>),
    Conv(conv::Conv<'a>),
    PackedDense(packed_dense::PackedDense<'a>),
    PackedConv(packed_conv::PackedConv<'a>),
}

/// What an op's validation may look at.
pub(crate) struct Context<'a, 't> {
    pub(crate) tensors: &'t [Tensor],
    pub(crate) constants: Constants<'a>,
    /// 0 without a class input.
    pub(crate) classes: u8,
    /// Whose layout packed ops have.
    pub(crate) set: KernelSet,
}

impl Context<'_, '_> {
    pub(crate) fn tensor(&self, index: u8) -> Result<&Tensor, OpError> {
        self.tensors.get(usize::from(index)).ok_or(OpError::Tensor)
    }
}

impl<'a> Op<'a> {
    /// Checks a record.
    pub(crate) fn new(record: &OpRecord, context: &Context<'a, '_>) -> Result<Self, OpError> {
        let (kind, scratch) = match record {
            OpRecord::Dense(dense) => (Kind::Dense(dense::Dense::new(dense, context)?), Region::EMPTY),
            OpRecord::Conv(conv) => (Kind::Conv(conv::Conv::new(conv, false, context)?), Region::EMPTY),
            OpRecord::ConvTranspose(conv) => (Kind::Conv(conv_transpose::new(conv, context)?), Region::EMPTY),
            OpRecord::PackedDense(dense) => {
                let (dense, scratch) = packed_dense::PackedDense::new(dense, context)?;
                (Kind::PackedDense(dense), scratch)
            }
            OpRecord::PackedConv(conv) => {
                let (conv, scratch) = packed_conv::PackedConv::new(conv, context)?;
                (Kind::PackedConv(conv), scratch)
            }
        };
        let input = context.tensor(record.input())?.region();
        let output = context.tensor(record.output())?.region();
        Ok(Op { input, output, scratch, kind })
    }

    /// Runs it in `memory`, the arena; `class` is below the model's classes.
    pub(crate) fn run(&self, memory: &mut [i8], class: usize) {
        match &self.kind {
            Kind::Dense(dense) => {
                let (input, output) = self.input.split(self.output, memory);
                dense.run(input, class, output);
            }
            Kind::Conv(conv) => {
                let (input, output) = self.input.split(self.output, memory);
                conv.run(input, output);
            }
            Kind::PackedDense(dense) => {
                let (data, scratch) = self.input.hull(self.output).split_off(self.scratch, memory);
                kernels::packed_dense(dense, class, data, scratch);
            }
            Kind::PackedConv(conv) => {
                let (data, scratch) = self.input.hull(self.output).split_off(self.scratch, memory);
                kernels::packed_conv(conv, data, scratch);
            }
        }
    }

    /// Whether its output may lie over its input where they do.
    pub(crate) fn may_overlap(&self) -> bool {
        match &self.kind {
            Kind::Dense(_) | Kind::Conv(_) => false,
            // Reads all of its input before it writes.
            Kind::PackedDense(_) => true,
            Kind::PackedConv(conv) => {
                conv.windows.may_overlap(self.input.start.into(), self.output.start.into())
            }
        }
    }

    /// Multiply-accumulates, as the definition counts them.
    pub(crate) fn macs(&self) -> u64 {
        match &self.kind {
            Kind::Dense(dense) => dense.macs(),
            Kind::Conv(conv) => conv.macs(),
            Kind::PackedDense(dense) => dense.macs(),
            Kind::PackedConv(conv) => conv.macs(),
        }
    }
}

impl OpRecord {
    /// Index of the tensor it reads.
    pub fn input(&self) -> u8 {
        match self {
            OpRecord::Dense(dense) | OpRecord::PackedDense(PackedDenseRecord { dense, .. }) => dense.input,
            OpRecord::Conv(conv)
            | OpRecord::ConvTranspose(conv)
            | OpRecord::PackedConv(PackedConvRecord { conv, .. }) => conv.input,
        }
    }

    /// Index of the tensor it writes.
    pub fn output(&self) -> u8 {
        match self {
            OpRecord::Dense(dense) | OpRecord::PackedDense(PackedDenseRecord { dense, .. }) => dense.output,
            OpRecord::Conv(conv)
            | OpRecord::ConvTranspose(conv)
            | OpRecord::PackedConv(PackedConvRecord { conv, .. }) => conv.output,
        }
    }
}
