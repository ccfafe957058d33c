//! Product of two tensors, and maybe a third that is added: a picture scaled and shifted by a style.
//!
//! `output[y][x][c] = requantize(bias[c] + multiplier[0][c] · d_0 · d_1 + multiplier[1][c] · d_2)`, d an operand's number less
//! its zero point.
//!
//! Operands are repeated to the output's shape as a [sum](crate::ops::sum)'s are: of 1×1 they are one number per channel (AdaIN's
//! style, Huang and Belongie 2017; the gain and offset of a conditional batch norm), of one channel a mask, or a plane of noise
//! times a strength per channel, of the whole shape a gate. With real numbers r = scale · d, multiplier\[0\] is scale_0 · scale_1 times a common
//! factor that the requantization takes back, multiplier\[1\] is scale_2 times that, and `bias` whatever constant is added, so
//! that factors per channel behind it are part of it. Rounded once.

#[cfg(test)]
mod tests;

use crate::constants::check_sum;
use crate::error::OpError;
use crate::format::TermsRecord;
use crate::kernels::layers::{Product, Term};
use crate::limits::MAX_OPERANDS;
use crate::ops::Context;
use crate::ops::overlap::Overlap;
use crate::tensor::Tensor;

impl<'a> Product<'a> {
    /// Finds what a record names.
    pub(crate) fn new(
        record: &TermsRecord,
        operands: &[Tensor],
        output: &Tensor,
        context: &Context<'a>,
    ) -> Result<Self, OpError> {
        let shape = output.shape;
        let channels = usize::from(shape.channels);
        match operands {
            [_, _] | [_, _, _] => {}
            _ => return Err(OpError::Operands),
        }
        let sets = operands.len() - 1;
        let multipliers = context.constants.words(record.multipliers, sets * channels)?;
        let (mut terms, mut zero_points) = ([Term::NONE; MAX_OPERANDS], [0; MAX_OPERANDS]);
        for ((operand, term), zero_point) in operands.iter().zip(&mut terms).zip(&mut zero_points) {
            *term = Term::new(operand, shape, (0, channels), &[])?;
            *zero_point = operand.zero_point;
        }
        let bias = context.constants.words(record.bias, channels)?;
        let requantize = context.constants.requantize(&record.requantize, channels, output.zero_point)?;
        Ok(Product { terms, zero_points, output: shape, multipliers, bias, requantize })
    }

    /// A product is at most 255², and each number that is added 255.
    #[cold] // for size
    pub(crate) fn prove(&self) -> Result<(), OpError> {
        let channels = self.bias.len();
        for (channel, &bias) in self.bias.iter().enumerate() {
            let factor =
                |set: usize| self.multipliers.get(set * channels + channel).map_or(0, |m| m.unsigned_abs());
            let sum = u64::from(factor(0)) * 255 * 255 + u64::from(factor(1)) * 255;
            check_sum(channel, bias, 0, sum)?;
        }
        self.requantize.check()
    }

    /// As of a sum: elements of an operand of the output's shape lie where the output's do.
    pub(crate) fn overlap(&self, operand: usize) -> Overlap {
        Term::overlap(&self.terms, operand, self.output)
    }

    /// One per element, and one more where a third tensor is added.
    pub(crate) fn macs(&self) -> u64 {
        (self.multipliers.len() * self.output.pixels()) as u64
    }
}
