//! Sums of weights' magnitudes, four weights at a time: what parse proves that accumulators suffice by.

/// The most outputs (or channels) that a kernel sums up together.
pub(crate) const MOST_TOGETHER: usize = 8;

/// Σ|weight| of the outputs or channels that a kernel sums up together.
pub(crate) type Sums = [u32; MOST_TOGETHER];

/// Σ|byte| of the bytes of words, of each of the four for itself.
#[derive(Clone, Copy, Default)]
pub(crate) struct Lanes {
    sums: [u32; 4],
    beyond: u32,
}

impl Lanes {
    /// Adds words of four weights, each of which `weights_of` makes of a word as it lies there.
    #[inline(always)]
    pub(crate) fn add(&mut self, words: &[u32], weights_of: impl Fn(u32) -> u32) {
        // As pairs of 16 bits, which 256 words fill.
        for part in words.chunks(256) {
            let (mut even, mut odd, mut beyond) = (0, 0, 0);
            for &word in part {
                let word = weights_of(word);
                let negative = (word >> 7) & 0x0101_0101;
                // A negative byte is inverted and one is added, which carries into no other byte.
                let sizes = (word ^ (negative << 8).wrapping_sub(negative)).wrapping_add(negative);
                beyond |= sizes;
                even += sizes & 0x00FF_00FF;
                odd += (sizes >> 8) & 0x00FF_00FF;
            }
            self.beyond |= beyond;
            for (sum, more) in self.sums.iter_mut().zip([even & 0xFFFF, odd & 0xFFFF, even >> 16, odd >> 16])
            {
                *sum = sum.wrapping_add(more);
            }
        }
    }

    /// The sums of bytes 0, 1, 2, 3; `None` if one was −128.
    pub(crate) fn sums(self) -> Option<[u32; 4]> {
        (self.beyond & 0x8080_8080 == 0).then_some(self.sums)
    }
}

/// Σ|weight| of all of them; `None` if one is −128.
#[inline(never)] // small in a firmware: it is called in many places
pub(crate) fn magnitude(weights: &[i8]) -> Option<u32> {
    let (head, words, tail) = bytemuck::pod_align_to::<i8, u32>(weights);
    let mut lanes = Lanes::default();
    lanes.add(words, |word| word);
    let mut sum: u32 = lanes.sums()?.into_iter().sum();
    for &weight in head.iter().chain(tail) {
        sum += u32::from(weight.unsigned_abs());
        if weight == i8::MIN {
            return None;
        }
    }
    Some(sum)
}

#[cfg(test)]
mod tests {
    use super::magnitude;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn magnitudes_are_added_up_whatever_the_number_of_weights(
            weights in prop::collection::vec(prop_oneof![-127i8..=127, Just(-127i8), Just(127i8)], 0..4000),
            at: prop::sample::Index,
        ) {
            let sum: u32 = weights.iter().map(|weight| u32::from(weight.unsigned_abs())).sum();
            prop_assert_eq!(magnitude(&weights), Some(sum));
            if !weights.is_empty() {
                let mut weights = weights.clone();
                let spoiled = at.index(weights.len());
                weights[spoiled] = -128;
                prop_assert_eq!(magnitude(&weights), None);
            }
        }
    }
}
