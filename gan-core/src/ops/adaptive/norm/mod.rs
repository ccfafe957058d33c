//! Instance norm: each channel of a picture by its own mean and variance, times a gain, plus an offset
//! (Ulyanov et al. 2016, "Instance normalization").
//!
//! y = γ (x − mean) / √(variance + ε) + β over the N = height · width numbers of a channel, by integers alone. With
//! d = x − zero_point:
//!
//! ```text
//! S = Σ d    Q = Σ d²    V = N · Q − S²                     exact; N cancels, so mean and variance are never rounded
//! (m, e):  m · 2^−e = 1 / √(V + ε')                          31 bits, off by at most 2⁻²⁸ of itself
//! M = (γ'[c] · m + 2³⁰) >> 31
//! output = clamp(zero_point + ((((N · d − S) · M) >> (shift[c] + e − 47)) + β'[c] + 2¹⁵) >> 16))
//! ```
//! γ'\[c\] · 2^−shift\[c\] is γ\[c\] over the output's scale, β' is β in 65,536ths of the output's steps, and ε' is N² · ε over the
//! square of the operand's scale, at least 1. Where a channel is constant, or has one number, d · N = S and the output is β.
//! Beside the exact quotient the result is off by less than 2⁻¹⁶ + 2⁻²⁷ · |result| steps before the rounding, where γ' has
//! 31 bits.

#[cfg(test)]
mod tests;

use crate::error::OpError;
use crate::format::NormRecord;
use crate::kernels::inverse::SHIFTS;
use crate::kernels::layers::Norm;
use crate::ops::Context;
use crate::tensor::Tensor;

/// Numbers of a channel, at most: their squares add up to less than 2³².
const MOST: usize = 1 << 16;

impl<'a> Norm<'a> {
    /// Finds what a record names.
    pub(crate) fn new(
        record: &NormRecord,
        operand: &Tensor,
        output: &Tensor,
        context: &Context<'a>,
    ) -> Result<Self, OpError> {
        let shape = output.shape;
        if operand.shape != shape || shape.pixels() > MOST {
            return Err(OpError::Shape);
        }
        let channels = usize::from(shape.channels);
        let bias = context.constants.words(record.bias, channels)?;
        let requantize = context.constants.requantize(&record.requantize, channels, output.zero_point)?;
        Ok(Norm { shape, zero_point: operand.zero_point, bias, epsilon: record.epsilon, requantize })
    }

    #[cold] // for size
    pub(crate) fn prove(&self) -> Result<(), OpError> {
        if self.epsilon == 0 { Err(OpError::Multiplier) } else { self.requantize.check_shifts(SHIFTS) }
    }

    /// Two per element: its square, and its factor.
    pub(crate) fn macs(&self) -> u64 {
        2 * self.shape.size() as u64
    }
}
