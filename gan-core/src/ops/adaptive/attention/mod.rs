//! Attention: every place of a picture takes in the values of all places, the more the better its query meets their keys
//! (Zhang et al. 2019, "Self-attention generative adversarial networks").
//!
//! output_i = Σ_j softmax_j(q_i · k_j) v_j, by integers alone, for one query after the other, so that the map of all pairs is
//! never whole in memory: working memory is one number of 32 bits per key. Each operand less its zero point:
//!
//! ```text
//! s_j = Σ q_i k_j        t = max_j s_j
//! e_j = ((t − s_j) · factor + 2^(score shift − 1)) >> score shift            in 256ths of a power of two
//! p_j = table[e_j mod 256] >> min(⌊e_j / 256⌋, 16)                           table[i] = round(65,535 · 2^(−i/256))
//! (m, r):  m · 2^−r = 1 / Σ p_j                                              31 bits, off by at most 2⁻²⁸ of itself
//! M = (gain[c] · m + 2³⁰) >> 31
//! output = clamp(zero_point + ((((Σ_j p_j v_j[c]) · M) >> (shift[c] + r − 47)) + 2¹⁵) >> 16))
//! ```
//! factor · 2^−(score shift) is 256 · log2 e · scale_q · scale_k (over √channels, where the definition wants it), and
//! gain\[c\] · 2^−shift\[c\] is the values' scale over the output's, times whatever factor follows. A probability is off by at most
//! 0.14 % of itself and 1/65,535.
//!
//! Queries have any height and width; keys and values have the same, of at most [`MAX_KEYS`] places.

#[cfg(test)]
mod tests;

use crate::error::OpError;
use crate::format::AttentionRecord;
use crate::kernels::inverse::SHIFTS;
use crate::kernels::layers::{Attention, Score};
use crate::kernels::statistics::WORD;
use crate::ops::Context;
use crate::tensor::Tensor;

/// Places that a query may look at: with these a sum of values times probabilities stays below 2³² in magnitude.
pub const MAX_KEYS: usize = 256;
/// Numbers of a query or a key: with these a score stays below 2³¹, and so does the difference of two.
const MOST: u16 = 1 << 14;

/// Checks what differences of a softmax's scores are multiplied by.
#[cold] // for size
pub(crate) fn check_score((factor, shift): Score) -> Result<(), OpError> {
    if factor <= 0 {
        Err(OpError::Multiplier)
    } else if (1..=62).contains(&shift) {
        Ok(())
    } else {
        Err(OpError::Shift)
    }
}

impl<'a> Attention<'a> {
    /// Finds what a record names, and how many bytes of working memory it takes.
    pub(crate) fn new(
        record: &AttentionRecord,
        operands: &[Tensor],
        output: &Tensor,
        context: &Context<'a>,
    ) -> Result<(Self, usize), OpError> {
        let [query, key, value] = operands else { return Err(OpError::Operands) };
        let side = |tensor: &Tensor| (tensor.shape.height, tensor.shape.width);
        let keys = key.shape.pixels();
        if side(query) != side(output)
            || side(key) != side(value)
            || query.shape.channels != key.shape.channels
            || value.shape.channels != output.shape.channels
            || keys > MAX_KEYS
            || query.shape.channels > MOST
        {
            return Err(OpError::Shape);
        }
        let channels = usize::from(output.shape.channels);
        let requantize = context.constants.requantize(&record.requantize, channels, output.zero_point)?;
        let attention = Attention {
            sizes: [query.shape.pixels(), keys, query.shape.channels.into(), channels],
            zero_points: [query.zero_point, key.zero_point, value.zero_point],
            score: (record.factor, record.score_shift),
            requantize,
        };
        Ok((attention, WORD * keys))
    }

    #[cold] // for size
    pub(crate) fn prove(&self) -> Result<(), OpError> {
        check_score(self.score)?;
        self.requantize.check_shifts(SHIFTS)
    }

    /// Per query and key one per number of the key and of the value.
    pub(crate) fn macs(&self) -> u64 {
        let [queries, keys, numbers, channels] = self.sizes.map(|size| size as u64);
        queries * keys * (numbers + channels)
    }
}
