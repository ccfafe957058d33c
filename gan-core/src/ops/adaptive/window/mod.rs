//! Window: sums over squares of the picture that a pass draws, all of them drawn before the present pixel.
//!
//! ```text
//! output[t] = requantize_t( Σ_i Σ_j (x[row + dy_t + i][column + dx_t + j] − zero_point) )        i, j in −reach_t..=reach_t
//! ```
//! row and column are the present pixel's. A pixel outside of the picture counts as the record's value for it. Each tap t has
//! its own multiplier, which carries the 1/side² of a mean. Taps near the pixel are single pixels, those further away squares:
//! a large field of view for few numbers, from which the layers behind it make what the masked convolutions of the PixelCNN
//! (van den Oord et al. 2016, "Pixel recurrent neural networks") make of a stack of pictures.

#[cfg(test)]
mod tests;

use crate::error::OpError;
use crate::format::WindowRecord;
use crate::kernels::layers::Window;
use crate::ops::Context;
use crate::tensor::Tensor;

/// How far a square reaches, at most.
pub const MOST_REACH: i8 = 3;

impl<'a> Window<'a> {
    /// Finds what a record names.
    pub(crate) fn new(
        record: &WindowRecord,
        operand: &Tensor,
        output: &Tensor,
        context: &Context<'a>,
    ) -> Result<Self, OpError> {
        let position = context.position(operand.shape)?;
        let channels = usize::from(output.shape.channels);
        if output.shape.pixels() != 1 || operand.shape.channels != 1 {
            return Err(OpError::Shape);
        }
        let (taps, _) = context.constants.int8(record.taps, 3 * channels)?.as_chunks();
        let requantize = context.constants.requantize(&record.requantize, channels, output.zero_point)?;
        let (picture, zero_point) = (operand.shape, operand.zero_point);
        Ok(Window { position, picture, zero_point, outside: record.outside, taps, requantize })
    }

    /// A sum of at most 49 differences of int8 fits; what is left is that its pixels come before the present one.
    #[cold] // for size
    pub(crate) fn prove(&self) -> Result<(), OpError> {
        let comes_before = |[down, right, reach]: &[i8; 3]| {
            let last = down.saturating_add(*reach);
            (0..=MOST_REACH).contains(reach) && (last < 0 || last == 0 && right.saturating_add(*reach) < 0)
        };
        if self.taps.iter().all(comes_before) { self.requantize.check() } else { Err(OpError::Tap) }
    }

    /// One per pixel that is read, inside of the picture or not.
    pub(crate) fn macs(&self) -> u64 {
        self.taps.iter().map(|[_, _, reach]| (2 * u64::from(reach.unsigned_abs()) + 1).pow(2)).sum()
    }
}
