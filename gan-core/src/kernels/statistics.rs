//! Kernels of the ops that look at a whole picture before they write a number of it, in plain Rust, for any core.

use crate::kernels::inverse::Inverse;
use crate::kernels::layers::{Attention, Norm, Score};
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

/// Bytes of working memory per key: a score, and then a probability.
pub(crate) const WORD: usize = 4;

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
            let probability = probability(layer.score, most.wrapping_sub(score) as u32);
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

/// 65,535 · 2^(−e / 256) for a score that is `below` the largest one.
#[inline(always)]
pub(crate) fn probability((factor, shift): Score, below: u32) -> u32 {
    // Below 2⁶², and the half at most 2⁶¹.
    let steps = (i64::from(below) * i64::from(factor) + (1 << (shift - 1))) >> shift;
    let table = u32::from(POWERS[(steps & 255) as usize]);
    table >> (steps >> 8).min(16)
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

/// round(65,535 · 2^(−i/256)).
#[rustfmt::skip]
static POWERS: [u16; 256] = [
    65_535, 65_358, 65_181, 65_005, 64_829, 64_654, 64_479, 64_305, 64_131, 63_957, 63_784, 63_612, 63_440, 63_268, 63_097, 62_927,
    62_757, 62_587, 62_418, 62_249, 62_081, 61_913, 61_745, 61_578, 61_412, 61_246, 61_080, 60_915, 60_750, 60_586, 60_422, 60_259,
    60_096, 59_933, 59_771, 59_610, 59_449, 59_288, 59_127, 58_968, 58_808, 58_649, 58_491, 58_332, 58_175, 58_017, 57_860, 57_704,
    57_548, 57_392, 57_237, 57_082, 56_928, 56_774, 56_621, 56_468, 56_315, 56_163, 56_011, 55_859, 55_708, 55_558, 55_407, 55_258,
    55_108, 54_959, 54_811, 54_662, 54_515, 54_367, 54_220, 54_074, 53_927, 53_781, 53_636, 53_491, 53_346, 53_202, 53_058, 52_915,
    52_772, 52_629, 52_487, 52_345, 52_203, 52_062, 51_921, 51_781, 51_641, 51_501, 51_362, 51_223, 51_085, 50_947, 50_809, 50_671,
    50_534, 50_398, 50_261, 50_126, 49_990, 49_855, 49_720, 49_586, 49_452, 49_318, 49_184, 49_051, 48_919, 48_787, 48_655, 48_523,
    48_392, 48_261, 48_131, 48_000, 47_871, 47_741, 47_612, 47_483, 47_355, 47_227, 47_099, 46_972, 46_845, 46_718, 46_592, 46_466,
    46_340, 46_215, 46_090, 45_965, 45_841, 45_717, 45_593, 45_470, 45_347, 45_225, 45_102, 44_980, 44_859, 44_737, 44_617, 44_496,
    44_376, 44_256, 44_136, 44_017, 43_898, 43_779, 43_660, 43_542, 43_425, 43_307, 43_190, 43_073, 42_957, 42_841, 42_725, 42_609,
    42_494, 42_379, 42_265, 42_150, 42_036, 41_923, 41_809, 41_696, 41_584, 41_471, 41_359, 41_247, 41_136, 41_024, 40_914, 40_803,
    40_693, 40_583, 40_473, 40_363, 40_254, 40_145, 40_037, 39_929, 39_821, 39_713, 39_606, 39_498, 39_392, 39_285, 39_179, 39_073,
    38_967, 38_862, 38_757, 38_652, 38_548, 38_443, 38_339, 38_236, 38_132, 38_029, 37_926, 37_824, 37_722, 37_620, 37_518, 37_416,
    37_315, 37_214, 37_114, 37_013, 36_913, 36_813, 36_714, 36_615, 36_516, 36_417, 36_318, 36_220, 36_122, 36_025, 35_927, 35_830,
    35_733, 35_637, 35_540, 35_444, 35_348, 35_253, 35_157, 35_062, 34_968, 34_873, 34_779, 34_685, 34_591, 34_497, 34_404, 34_311,
    34_218, 34_126, 34_033, 33_941, 33_850, 33_758, 33_667, 33_576, 33_485, 33_394, 33_304, 33_214, 33_124, 33_035, 32_945, 32_856,
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn powers_are_rounded() {
        for (i, &power) in POWERS.iter().enumerate() {
            assert_eq!(f64::from(power), (65_535.0 * 2f64.powf(-(i as f64) / 256.0)).round());
        }
    }
}
