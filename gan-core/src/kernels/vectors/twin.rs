//! The inner loop in plain Rust.

use super::{Strip, VECTOR};

/// Makes a row of pixels; see [`super`].
pub(super) fn strip(strip: &Strip<'_>, data: &mut [i8]) {
    let window: &[i8] = bytemuck::cast_slice(strip.window);
    for pair in 0..strip.pairs {
        let weights = &strip.weights[2 * VECTOR * strip.vectors * pair..];
        for (channel, output) in strip.outputs.iter().enumerate() {
            let Some(output) = output else { continue };
            for pixel in 0..strip.count {
                let inputs = window[4 * strip.pixel_words * pixel..].chunks(VECTOR).take(strip.vectors);
                let weights = weights.chunks(VECTOR).skip(channel).step_by(2);
                let products = inputs.zip(weights).flat_map(|(inputs, weights)| inputs.iter().zip(weights));
                let sum = products.fold(strip.biases[2 * pair + channel], |sum, (&input, &weight)| {
                    sum.wrapping_add(i32::from(input) * i32::from(weight))
                });
                let product = i64::from(sum) * i64::from(strip.multipliers[2 * pair + channel]);
                let scaled = ((product + (1 << 31)) >> 32) as i32 + strip.zero_point;
                let clamped = scaled.clamp(strip.range.0, strip.range.1);
                let value = strip.table.map_or(clamped as i8, |table| table[(clamped + 128) as usize]);
                data[output + 2 * pair + strip.step * pixel] = value;
            }
        }
    }
}
