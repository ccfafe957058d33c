//! A dense layer whose weights [`pack`](crate::pack) has laid out for a kernel set.
//!
//! What it computes is said in [`dense`](super::dense).

use crate::constants::check_sum;
use crate::error::OpError;
use crate::format::PackedDenseRecord;
use crate::kernels;
use crate::kernels::set::KernelSet;
use crate::ops::Context;
use crate::ops::dense::{ClassColumns, class_columns};
use crate::plan::Region;
use crate::requantize::Requantize;

/// A checked dense layer.
#[derive(Debug, Clone)]
pub struct PackedDense<'a> {
    /// Whose layout the weights have.
    pub(crate) set: KernelSet,
    /// Length of the input.
    pub(crate) inputs: usize,
    /// Length of the output.
    pub(crate) outputs: usize,
    /// In the kernel set's order.
    pub(crate) weights: &'a [i8],
    /// One an output, or one a channel, repeated.
    pub(crate) bias: &'a [i32],
    /// The class's columns, if the layer reads the class.
    pub(crate) class: Option<ClassColumns<'a>>,
    /// One factor a channel.
    pub(crate) requantize: Requantize<'a>,
    /// Where the input starts in the bytes that hold input and output.
    pub(crate) input: usize,
    /// Where the output starts there.
    pub(crate) output: usize,
}

impl<'a> PackedDense<'a> {
    /// Checks a record; returns the layer and its working memory.
    pub(crate) fn new(
        record: &PackedDenseRecord,
        context: &Context<'a, '_>,
    ) -> Result<(Self, Region), OpError> {
        let PackedDenseRecord { dense, scratch } = record;
        let constants = context.constants;
        let (input, output) = (context.tensor(dense.input)?, context.tensor(dense.output)?);
        let (inputs, outputs) = (input.shape.size(), output.shape.size());
        let channels = usize::from(output.shape.channels);
        inputs.checked_mul(outputs).and_then(|size| size.checked_mul(8)).ok_or(OpError::Bounds)?;
        let (scratch_bytes, weight_bytes) =
            kernels::dense_bytes(context.set, inputs, outputs).ok_or(OpError::Layout)?;
        let weights = constants.packed(dense.weights, weight_bytes)?;
        let bias = constants.words(dense.bias, if dense.bias_per_output { outputs } else { channels })?;
        let class = class_columns(dense, context, outputs)?;
        let class_bound = class.map_or(0, |class| 127 * class.one as u64);
        for output in 0..outputs {
            let sum = kernels::dense_magnitude(context.set, inputs, weights, output).ok_or(OpError::Run)?;
            check_sum(output % channels, bias[output % bias.len()], sum, class_bound)?;
        }
        let requantize =
            constants.requantize(&dense.requantize, &dense.activation, channels, output.zero_point)?;
        let hull = input.region().hull(output.region());
        let layer = PackedDense {
            set: context.set,
            inputs,
            outputs,
            weights,
            bias,
            class,
            requantize,
            input: (input.offset - hull.start) as usize,
            output: (output.offset - hull.start) as usize,
        };
        Ok((layer, Region::of_scratch(*scratch, scratch_bytes)?))
    }

    /// One a weight, and one an output for the class.
    pub(crate) fn macs(&self) -> u64 {
        (self.outputs * (self.inputs + self.class.map_or(0, |_| 1))) as u64
    }
}
