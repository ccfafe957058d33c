//! Draw: one pixel's level by chance, each as likely as the softmax of its logits says (van den Oord et al. 2016, "Pixel
//! recurrent neural networks").
//!
//! By integers alone, of n logits, and of two numbers h and l of the randomness at the pixel, each −127..=127 (−128 counts as
//! −127):
//!
//! ```text
//! e_k = ((max logit − logit_k) · factor + 2^(score shift − 1)) >> score shift     in 256ths of a power of two
//! w_k = table[e_k mod 256] >> min(⌊e_k / 256⌋, 16)                                table[i] = round(65,535 · 2^(−i/256))
//! u = 255 (h + 127) + l + 127                                                     one of 65,025, all equally likely
//! k = the first with 65,025 · (w_0 + … + w_k) > u · Σ w
//! picture[row][column] = level[k]
//! ```
//! factor · 2^−(score shift) is 256 · log2 e · scale of the logits, over the temperature if there is one. A weight is off by at most
//! 0.14 % of itself and 1/65,535; of the 65,025 values of u each level has its share to within 1.
//!
//! It is the last op of its entry, and says how many ops make its pass.

#[cfg(test)]
mod tests;

use core::ops::RangeInclusive;

use crate::error::OpError;
use crate::format::DrawRecord;
use crate::kernels::layers::Draw;
use crate::ops::Context;
use crate::ops::adaptive::attention::check_score;
use crate::shape::Shape;
use crate::tensor::Tensor;

/// How many levels a pixel may have.
pub const LEVELS: RangeInclusive<u16> = 2..=16;

impl<'a> Draw<'a> {
    /// Finds what a record names.
    pub(crate) fn new(
        record: &DrawRecord,
        operands: &[Tensor],
        output: &Tensor,
        context: &Context<'a>,
    ) -> Result<Self, OpError> {
        let [logits, randomness] = operands else { return Err(OpError::Operands) };
        let levels = logits.shape.channels;
        let position = context.position(output.shape)?;
        if logits.shape.pixels() != 1
            || !LEVELS.contains(&levels)
            || output.shape.channels != 1
            || randomness.shape != (Shape { channels: 2, ..output.shape })
        {
            return Err(OpError::Shape);
        }
        let levels = context.constants.int8(record.levels, levels.into())?;
        let score = (record.factor, record.score_shift);
        Ok(Draw { position, width: output.shape.width.into(), levels, score })
    }

    #[cold] // for size
    pub(crate) fn prove(&self) -> Result<(), OpError> {
        check_score(self.score)
    }

    /// One per level.
    pub(crate) fn macs(&self) -> u64 {
        self.levels.len() as u64
    }
}
