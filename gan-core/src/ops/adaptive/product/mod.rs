//! Product of two tensors, and maybe a third that is added: a picture scaled and shifted by a style.
//!
//! `output[y][x][c] = requantize((x − zero_point_x)(g − zero_point_g) + multiplier[c] · (b − zero_point_b))`
//!
//! x has the output's shape. g and b are repeated to it as a [sum](crate::ops::sum)'s operands are: of 1×1 they are one number per
//! channel (AdaIN's style, Huang and Belongie 2017; the gain and offset of a conditional batch norm), of one channel a mask,
//! of the whole shape a gate. With real numbers r = scale · (q − zero_point) the product has the scale
//! scale_x · scale_g, and multiplier\[c\] is scale_b in units of that, at least 0. Rounded once.

#[cfg(test)]
mod tests;

use crate::error::OpError;
use crate::format::ProductRecord;
use crate::kernels::layers::{Product, Term};
use crate::limits::MAX_OPERANDS;
use crate::ops::Context;
use crate::ops::overlap::Overlap;
use crate::tensor::Tensor;

impl<'a> Product<'a> {
    /// Finds what a record names.
    pub(crate) fn new(
        record: &ProductRecord,
        operands: &[Tensor],
        output: &Tensor,
        context: &Context<'a>,
    ) -> Result<Self, OpError> {
        let shape = output.shape;
        let channels = usize::from(shape.channels);
        match operands {
            [first, _] | [first, _, _] if first.shape == shape => {}
            [_, _] | [_, _, _] => return Err(OpError::Shape),
            _ => return Err(OpError::Operands),
        }
        let multipliers =
            if operands.len() < 3 { &[] } else { context.constants.words(record.multipliers, channels)? };
        let (mut terms, mut zero_points) = ([Term::NONE; MAX_OPERANDS], [0; MAX_OPERANDS]);
        for ((operand, term), zero_point) in operands.iter().zip(&mut terms).zip(&mut zero_points) {
            *term = Term::new(operand, shape, (0, channels), multipliers)?;
            *zero_point = operand.zero_point;
        }
        let requantize = context.constants.requantize(&record.requantize, channels, output.zero_point)?;
        Ok(Product { terms, zero_points, output: shape, multipliers, requantize })
    }

    /// A product is below 255², and each number that is added below 255.
    #[cold] // for size
    pub(crate) fn prove(&self) -> Result<(), OpError> {
        const MOST: i32 = (i32::MAX - 255 * 255) / 255;
        match self.multipliers.iter().position(|multiplier| !(0..=MOST).contains(multiplier)) {
            Some(channel) => Err(OpError::Overflow(channel as u16)),
            None => self.requantize.check(),
        }
    }

    /// As of a sum: elements of an operand of the output's shape lie where the output's do.
    pub(crate) fn overlap(&self, operand: usize) -> Overlap {
        Term::overlap(&self.terms, operand, self.output)
    }

    /// One per element, and one more where a third tensor is added.
    pub(crate) fn macs(&self) -> u64 {
        let terms = if self.multipliers.is_empty() { 1 } else { 2 };
        (terms * self.output.size()) as u64
    }
}
