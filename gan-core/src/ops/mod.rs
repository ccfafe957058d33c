//! Ops: one file each, with its shape rule, its validation, how it runs, and its tests beside it.

pub mod conv;
pub mod conv_transpose;
pub mod dense;
pub mod phases;

use crate::constants::Constants;
use crate::error::OpError;
use crate::format::OpRecord;
use crate::plan::Region;
use crate::tensor::Tensor;

/// An op whose constants, shapes and places are checked.
#[derive(Debug, Clone)]
pub(crate) struct Op<'a> {
    /// What it reads, in the arena.
    pub(crate) input: Region,
    /// What it writes, in the arena.
    pub(crate) output: Region,
    /// What it computes.
    pub(crate) kind: Kind<'a>,
}

/// What an op computes.
#[derive(Debug, Clone)]
pub(crate) enum Kind<'a> {
    Dense(dense::Dense<'a>),
    Conv(conv::Conv<'a>),
}

/// What an op's validation may look at.
pub(crate) struct Context<'a, 't> {
    pub(crate) tensors: &'t [Tensor],
    pub(crate) constants: Constants<'a>,
    /// 0 without a class input.
    pub(crate) classes: u8,
}

impl Context<'_, '_> {
    pub(crate) fn tensor(&self, index: u8) -> Result<&Tensor, OpError> {
        self.tensors.get(usize::from(index)).ok_or(OpError::Tensor)
    }
}

impl<'a> Op<'a> {
    /// Checks a record.
    pub(crate) fn new(record: &OpRecord, context: &Context<'a, '_>) -> Result<Self, OpError> {
        let kind = match record {
            OpRecord::Dense(dense) => Kind::Dense(dense::Dense::new(dense, context)?),
            OpRecord::Conv(conv) => Kind::Conv(conv::Conv::new(conv, false, context)?),
            OpRecord::ConvTranspose(conv) => Kind::Conv(conv_transpose::new(conv, context)?),
        };
        let input = context.tensor(record.input())?.region();
        let output = context.tensor(record.output())?.region();
        Ok(Op { input, output, kind })
    }

    /// Runs it; `input` and `output` have the sizes of its regions, `class` is below the model's classes.
    #[inline]
    pub(crate) fn run(&self, input: &[i8], class: usize, output: &mut [i8]) {
        match &self.kind {
            Kind::Dense(dense) => dense.run(input, class, output),
            Kind::Conv(conv) => conv.run(input, output),
        }
    }

    /// Multiply-accumulates, as the definition counts them.
    pub(crate) fn macs(&self) -> u64 {
        match &self.kind {
            Kind::Dense(dense) => dense.macs(),
            Kind::Conv(conv) => conv.macs(),
        }
    }
}

impl OpRecord {
    /// Index of the tensor it reads.
    pub fn input(&self) -> u8 {
        match self {
            OpRecord::Dense(dense) => dense.input,
            OpRecord::Conv(conv) | OpRecord::ConvTranspose(conv) => conv.input,
        }
    }

    /// Index of the tensor it writes.
    pub fn output(&self) -> u8 {
        match self {
            OpRecord::Dense(dense) => dense.output,
            OpRecord::Conv(conv) | OpRecord::ConvTranspose(conv) => conv.output,
        }
    }
}
