//! Convolution:
//! `output[y][x][o] = requantize(bias[o] + Σ weight[o][r][c][i] · input[y · stride − padding + r][x · stride − padding + c][i])`.
//!
//! A read outside the input gives the input's zero point, which counts as 0: it is folded into `bias`,
//! `bias − zero_point · Σ weight`. The phases of a transposed convolution see different weights, so each has biases
//! of its own: `[phase row][phase column][output channel]`.

use crate::constants::check_accumulator;
use crate::error::OpError;
use crate::format::ConvRecord;
use crate::kernels;
use crate::ops::Context;
use crate::ops::phases::Phases;
use crate::part::part;
use crate::requantize::Requantize;
use crate::shape::Shape;

/// A checked convolution, transposed or not.
#[derive(Debug, Clone)]
pub struct Conv<'a> {
    /// Which input meets which output.
    pub(crate) phases: Phases,
    /// Shape of the input.
    pub(crate) input: Shape,
    /// Shape of the output.
    pub(crate) output: Shape,
    /// What a read outside the input gives: its zero point.
    pub(crate) padding_value: i8,
    /// In −127..=127, in the order of [`Phases`].
    pub(crate) weights: &'a [i8],
    /// `[phase][output channel]`.
    pub(crate) bias: &'a [i32],
    /// One factor an output channel.
    pub(crate) requantize: Requantize<'a>,
}

impl<'a> Conv<'a> {
    /// Checks a record; `transposed` says which of the two convolutions it is.
    pub(crate) fn new(
        record: &ConvRecord,
        transposed: bool,
        context: &Context<'a, '_>,
    ) -> Result<Self, OpError> {
        let constants = context.constants;
        let (input, output) = (context.tensor(record.input)?, context.tensor(record.output)?);
        let phases = geometry(record, transposed, input.shape, output.shape)?;
        let (inputs, outputs) = (input.shape.channels, output.shape.channels);
        let channels = usize::from(outputs);
        let weights =
            constants.weights(record.weights, phases.weights(inputs, outputs).ok_or(OpError::Bounds)?)?;
        let bias = constants.words(record.bias, phases.count() * phases.count() * channels)?;
        let requantize =
            constants.requantize(&record.requantize, &record.activation, channels, output.zero_point)?;
        let conv = Conv {
            phases,
            input: input.shape,
            output: output.shape,
            padding_value: input.zero_point,
            weights,
            bias,
            requantize,
        };
        for phase in 0..phases.count() * phases.count() {
            let (weights, bias) = conv.phase(phase);
            let taps = weights.len() / channels;
            for (channel, &bias) in bias.iter().enumerate() {
                check_accumulator(channel, bias, &weights[channel * taps..][..taps], 0)?;
            }
        }
        Ok(conv)
    }

    /// Weights `[output channel][tap row][tap column][input channel]` and biases of phase `phase`,
    /// which is phase row · phases + phase column.
    pub(crate) fn phase(&self, phase: usize) -> (&'a [i8], &'a [i32]) {
        let channels = usize::from(self.output.channels);
        let block = channels * usize::from(self.input.channels);
        let weights = self.phases.phase_weights(phase, block);
        (self.weights.get(weights).unwrap_or_default(), part(self.bias, phase * channels, channels))
    }

    pub(crate) fn run(&self, input: &[i8], output: &mut [i8]) {
        kernels::direct::conv(self, input, output);
    }

    pub(crate) fn macs(&self) -> u64 {
        self.phases.macs(self.input.channels, self.output)
    }
}

/// Checks that a record's window makes the output of the input.
pub(crate) fn geometry(
    record: &ConvRecord,
    transposed: bool,
    input: Shape,
    output: Shape,
) -> Result<Phases, OpError> {
    let ConvRecord { kernel, stride, padding, output_padding, .. } = *record;
    let phases = Phases { transposed, kernel, stride, padding, output_padding };
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
