//! Kernels of the ops that look at one pixel of a picture while it is drawn, in plain Rust, for any core.

use crate::kernels::layers::{Draw, Window};
use crate::kernels::statistics::probability;
use crate::part::part;
use crate::region::Region;

/// See [`crate::ops::adaptive::window`]. `picture` is `[height, width]`, `output` one number per tap, `choices` one number per input
/// of the model.
pub(crate) fn window(layer: &Window<'_>, choices: &[u8], picture: &[i8], output: &mut [i8]) {
    let (height, width) = (i32::from(layer.picture.height), i32::from(layer.picture.width));
    let [row, column] = layer.position.map(|choice| choice.row(choices) as i32);
    let (zero_point, outside) = (i32::from(layer.zero_point), i32::from(layer.outside));
    for ((channel, &[down, right, reach]), slot) in layer.taps.iter().enumerate().zip(output) {
        let [down, right, reach] = [down, right, reach].map(i32::from);
        // Ends of a range of rows or columns, cut to those that the picture has.
        let cut = |middle: i32, side: i32| ((middle - reach).max(0), (middle + reach + 1).min(side));
        let ((top, bottom), (left, end)) = (cut(row + down, height), cut(column + right, width));
        let length = (end - left).max(0);
        let (mut sum, mut inside) = (0, 0);
        for y in top..bottom {
            let pixels = part(picture, (y * width + left) as usize, length as usize);
            sum += pixels.iter().map(|&pixel| i32::from(pixel)).sum::<i32>();
            inside += length;
        }
        let all = (2 * reach + 1) * (2 * reach + 1);
        sum += (all - inside) * outside - all * zero_point;
        *slot = layer.requantize.apply(sum, channel);
    }
}

/// Values that a pixel's two numbers of randomness have together.
const VALUES: u64 = 255 * 255;

/// See [`crate::ops::adaptive::draw`]. `operands` are the logits and the plane of randomness, `choices` one number per input of the model.
pub(crate) fn draw(
    layer: &Draw<'_>,
    [logits, randomness]: [Region; 2],
    choices: &[u8],
    output: Region,
    memory: &mut [i8],
) {
    let [row, column] = layer.position.map(|choice| choice.row(choices));
    let pixel = row * layer.width + column;
    // From 0 to 254.
    let number = |&value: &i8| (i64::from(value) + 127).max(0) as u64;
    let pair = part(memory, randomness.start as usize + 2 * pixel, 2);
    let chance = pair.iter().map(number).fold(0, |chance, number| 255 * chance + number);
    let logits = part(memory, logits.start as usize, layer.levels.len());
    let most = logits.iter().copied().max().unwrap_or(0);
    let weight = |logit: i8| probability(layer.score, i32::from(most).abs_diff(logit.into()));
    // At most 16 times 65,535.
    let total: u32 = logits.iter().map(|&logit| weight(logit)).sum();
    let below = chance * u64::from(total);
    let mut sum = 0;
    let drawn = logits.iter().zip(layer.levels).find_map(|(&logit, &level)| {
        sum += weight(logit);
        (u64::from(sum) * VALUES > below).then_some(level)
    });
    // Chance is below all values, so one is found.
    if let (Some(slot), Some(level)) = (memory.get_mut(output.start as usize + pixel), drawn) {
        *slot = level;
    }
}
