//! Kernels of the ops that look at a whole picture before they write a number of it, in plain Rust, for any core.

use crate::kernels::inverse::Inverse;
use crate::kernels::layers::{Attention, Norm};
use crate::limits::MAX_OPERANDS;
use crate::part::{part, part_mut};
use crate::region::Region;

/// See [`crate::ops::adaptive::norm`]: one channel after the other, so that the output may lie over the operand where both start at the
/// same place.
pub(crate) fn norm(layer: &Norm<'_>, operand: Region, output: Region, memory: &mut [i8]) {
    let (count, channels) = (layer.shape.pixels(), usize::from(layer.shape.channels));
    let zero_point = i32::from(layer.zero_point);
    for (channel, &bias) in (0..channels).zip(layer.bias) {
        let (mut sum, mut squares) = (0i32, 0u32);
        let read = part(memory, operand.start as usize, count * channels);
        for value in read.iter().skip(channel).step_by(channels) {
            let value = i32::from(*value) - zero_point;
            sum += value;
            squares += (value * value) as u32;
        }
        let variance =
            (count as u64 * u64::from(squares)).wrapping_sub((i64::from(sum) * i64::from(sum)) as u64);
        let inverse = Inverse::of_root(variance.saturating_add(layer.epsilon.into()));
        let factor = layer.requantize.gain(channel, inverse);
        for pixel in 0..count {
            let at = pixel * channels + channel;
            let value = memory.get(operand.start as usize + at).copied().map_or(0, i32::from) - zero_point;
            let scaled = factor.apply((count as i32 * value - sum).into()) + i64::from(bias);
            if let Some(slot) = memory.get_mut(output.start as usize + at) {
                *slot = layer.requantize.round(scaled);
            }
        }
    }
}

/// Bytes of a score, or of a probability.
const WORD: usize = 4;

/// See [`crate::ops::adaptive::attention`].
pub(crate) fn attention(
    layer: &Attention<'_>,
    operands: [Region; MAX_OPERANDS],
    output: Region,
    scratch: Region,
    memory: &mut [i8],
) {
    let [queries, keys, numbers, channels] = layer.sizes;
    let [at_queries, at_keys, at_values] = operands.map(|operand| operand.start as usize);
    let at_word = |key: usize| scratch.start as usize + WORD * key;
    let value_zero_point = i64::from(layer.zero_points[2]);
    for query in 0..queries {
        let mut most = i32::MIN;
        for key in 0..keys {
            let score = score(
                layer,
                part(memory, at_queries + query * numbers, numbers),
                part(memory, at_keys + key * numbers, numbers),
            );
            most = most.max(score);
            write_word(memory, at_word(key), score as u32);
        }
        let mut total = 0;
        for key in 0..keys {
            let score = read_word(memory, at_word(key)) as i32;
            let probability = probability(layer, most.wrapping_sub(score) as u32);
            total += probability;
            write_word(memory, at_word(key), probability);
        }
        let inverse = Inverse::of(total);
        for channel in 0..channels {
            let mut sum = -value_zero_point * i64::from(total);
            for key in 0..keys {
                let value = memory.get(at_values + key * channels + channel).copied().unwrap_or(0);
                sum += i64::from(read_word(memory, at_word(key))) * i64::from(value);
            }
            let scaled = layer.requantize.gain(channel, inverse).apply(sum);
            if let Some(slot) = memory.get_mut(output.start as usize + query * channels + channel) {
                *slot = layer.requantize.round(scaled);
            }
        }
    }
}

/// Σ (q − zero_point)(k − zero_point).
#[inline(always)]
fn score(layer: &Attention<'_>, query: &[i8], key: &[i8]) -> i32 {
    let [of_query, of_key, _] = layer.zero_points.map(i32::from);
    query.iter().zip(key).map(|(&q, &k)| (i32::from(q) - of_query) * (i32::from(k) - of_key)).sum()
}

/// 65,535 · 2^(−e / 64) for a score that is `below` the largest one.
#[inline(always)]
fn probability(layer: &Attention<'_>, below: u32) -> u32 {
    let (factor, shift) = layer.score;
    // Below 2⁶², and the half at most 2⁶¹.
    let steps = (i64::from(below) * i64::from(factor) + (1 << (shift - 1))) >> shift;
    let table = u32::from(POWERS[(steps & 63) as usize]);
    table >> (steps >> 6).min(16)
}

fn read_word(memory: &[i8], at: usize) -> u32 {
    let mut word = 0;
    for (byte, &value) in part(memory, at, WORD).iter().enumerate() {
        word |= u32::from(value as u8) << (8 * byte);
    }
    word
}

fn write_word(memory: &mut [i8], at: usize, word: u32) {
    for (to, from) in part_mut(memory, at, WORD).iter_mut().zip(word.to_le_bytes()) {
        *to = from as i8;
    }
}

/// round(65,535 · 2^(−i/64)).
#[rustfmt::skip]
static POWERS: [u16; 64] = [
    65_535, 64_829, 64_131, 63_440, 62_757, 62_081, 61_412, 60_750,
    60_096, 59_449, 58_808, 58_175, 57_548, 56_928, 56_315, 55_708,
    55_108, 54_515, 53_927, 53_346, 52_772, 52_203, 51_641, 51_085,
    50_534, 49_990, 49_452, 48_919, 48_392, 47_871, 47_355, 46_845,
    46_340, 45_841, 45_347, 44_859, 44_376, 43_898, 43_425, 42_957,
    42_494, 42_036, 41_584, 41_136, 40_693, 40_254, 39_821, 39_392,
    38_967, 38_548, 38_132, 37_722, 37_315, 36_913, 36_516, 36_122,
    35_733, 35_348, 34_968, 34_591, 34_218, 33_850, 33_485, 33_124,
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn powers_are_rounded() {
        for (i, &power) in POWERS.iter().enumerate() {
            assert_eq!(f64::from(power), (65_535.0 * 2f64.powf(-(i as f64) / 64.0)).round());
        }
    }
}
