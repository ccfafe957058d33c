//! A convolution, transposed or not, whose weights [`pack`](crate::pack) has laid out for a kernel set.
//!
//! What it computes is said in [`conv`](super::conv) and [`conv_transpose`](super::conv_transpose).

use crate::constants::check_sum;
use crate::error::OpError;
use crate::format::PackedConvRecord;
use crate::kernels;
use crate::kernels::set::KernelSet;
use crate::ops::Context;
use crate::ops::conv::geometry;
use crate::ops::groups::Windows;
use crate::ops::phases::Phases;
use crate::plan::Region;
use crate::requantize::Requantize;

/// A checked convolution.
#[derive(Debug, Clone)]
pub struct PackedConv<'a> {
    /// Whose layout the weights have.
    pub(crate) set: KernelSet,
    /// Which input meets which output.
    pub(crate) phases: Phases,
    /// The same, row by row.
    pub(crate) windows: Windows,
    /// What a read outside the input gives: its zero point.
    pub(crate) padding_value: i8,
    /// In the kernel set's order.
    pub(crate) weights: &'a [i8],
    /// `[phase][output channel]`, as in [`Conv`](super::conv::Conv).
    pub(crate) bias: &'a [i32],
    /// One factor an output channel.
    pub(crate) requantize: Requantize<'a>,
    /// Where the input starts in the bytes that hold input and output.
    pub(crate) input: usize,
    /// Where the output starts there.
    pub(crate) output: usize,
}

impl<'a> PackedConv<'a> {
    /// Checks a record; returns the layer and its working memory.
    pub(crate) fn new(
        record: &PackedConvRecord,
        context: &Context<'a, '_>,
    ) -> Result<(Self, Region), OpError> {
        let PackedConvRecord { conv, transposed, scratch } = record;
        let constants = context.constants;
        let (input, output) = (context.tensor(conv.input)?, context.tensor(conv.output)?);
        let phases = geometry(conv, *transposed, input.shape, output.shape)?;
        let windows = Windows::new(phases, input.shape, output.shape).ok_or(OpError::Window)?;
        let (scratch_bytes, weight_bytes) =
            kernels::conv_bytes(context.set, &windows).ok_or(OpError::Layout)?;
        let channels = usize::from(output.shape.channels);
        let weights = constants.packed(conv.weights, weight_bytes)?;
        let bias = constants.words(conv.bias, phases.count() * phases.count() * channels)?;
        let requantize =
            constants.requantize(&conv.requantize, &conv.activation, channels, output.zero_point)?;
        for phase in 0..windows.columns.stride {
            for channel in 0..windows.channels() {
                let (row_phase, output) = (channel / channels, channel % channels);
                let sum = kernels::conv_magnitude(context.set, &windows, weights, (phase, channel))
                    .ok_or(OpError::Run)?;
                let bias = bias[(row_phase * windows.columns.stride + phase) * channels + output];
                check_sum(output, bias, sum, 0)?;
            }
        }
        let hull = input.region().hull(output.region());
        let layer = PackedConv {
            set: context.set,
            phases,
            windows,
            padding_value: input.zero_point,
            weights,
            bias,
            requantize,
            input: (input.offset - hull.start) as usize,
            output: (output.offset - hull.start) as usize,
        };
        Ok((layer, Region::of_scratch(*scratch, scratch_bytes)?))
    }

    /// Multiply-accumulates, as the definition counts them.
    pub(crate) fn macs(&self) -> u64 {
        self.phases.macs(self.windows.input.channels, self.windows.output)
    }
}
