//! Convolution:
//! `output[y][x][o] = requantize(bias[o] + Σ weight[o][r][c][i] · input[y · stride − padding + r][x · stride − padding + c][i])`.
//!
//! The input's zero point is folded into `bias`, which holds `bias − zero_point · Σ weight` over all weights of the
//! output, those that meet the padding too: so a read outside the input gives the zero point, which then counts as 0.
//! The phases of a transposed convolution see different weights, so each has biases of its own:
//! `[phase row][phase column][output channel]`.

use crate::constants::check_accumulator;
use crate::error::OpError;
use crate::format::ConvRecord;
use crate::geometry::phases::Phases;
use crate::kernel_set::KernelSet;
use crate::kernels;
pub use crate::kernels::layers::Conv;
use crate::ops::{Context, packed_conv};
use crate::part::part;
use crate::shape::Shape;
use crate::tensor::Tensor;

impl<'a> Conv<'a> {
    /// Finds what a record names; returns the working memory's bytes beside, which packed weights need.
    pub(crate) fn new(
        record: &ConvRecord,
        packed: Option<KernelSet>,
        input: &Tensor,
        output: &Tensor,
        context: &Context<'a>,
    ) -> Result<(Self, usize), OpError> {
        let constants = context.constants;
        let phases = geometry(record, input.shape, output.shape)?;
        let (scratch, weights) = match packed {
            Some(set) => packed_conv::bytes(set, phases, input.shape, output.shape)?,
            None => {
                let weights = phases.weights(input.shape.channels, output.shape.channels);
                (0, weights.ok_or(OpError::Bounds)?)
            }
        };
        let channels = usize::from(output.shape.channels);
        let conv = Conv {
            phases,
            input: input.shape,
            output: output.shape,
            padding_value: input.zero_point,
            weights: constants.int8(record.weights, weights)?,
            bias: constants.words(record.bias, phases.count() * phases.count() * channels)?,
            requantize: constants.requantize(&record.requantize, channels, output.zero_point)?,
        };
        Ok((conv, scratch))
    }

    /// Checks weights and factors.
    #[cold] // for size
    pub(crate) fn prove(&self) -> Result<(), OpError> {
        for phase in 0..self.phases.count() * self.phases.count() {
            let (weights, bias) = self.phase(phase);
            let taps = weights.len() / bias.len().max(1);
            for (channel, &bias) in bias.iter().enumerate() {
                check_accumulator(channel, bias, part(weights, channel * taps, taps), 0)?;
            }
        }
        self.requantize.check()
    }

    pub(crate) fn run(&self, input: &[i8], output: &mut [i8]) {
        kernels::direct::conv(self, input, output);
    }

    pub(crate) fn macs(&self) -> u64 {
        self.phases.macs(self.input.channels, self.output)
    }
}

/// Checks that a record's window makes the output of the input.
#[inline(never)] // small in a firmware: it is called in many places
pub(crate) fn geometry(record: &ConvRecord, input: Shape, output: Shape) -> Result<Phases, OpError> {
    let phases = record.phases;
    let Phases { transposed, kernel, stride, output_padding, .. } = phases;
    // A convolution has no output padding.
    let extra_limit = if transposed { stride } else { 1 };
    if kernel == 0 || stride == 0 || output_padding >= extra_limit {
        return Err(OpError::Window);
    }
    let side = |side| phases.output_side(side);
    if side(input.height) != Some(output.height) || side(input.width) != Some(output.width) {
        return Err(OpError::Shape);
    }
    Ok(phases)
}

#[cfg(test)]
mod tests;
