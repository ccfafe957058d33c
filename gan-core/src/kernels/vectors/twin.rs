//! The inner loops in plain Rust.

use super::{Column, Finish, Products, VECTOR};

/// Sums up a block of pixels for all pairs of channels; see [`super`].
pub(super) fn sum(products: &Products<'_>, sums: &mut [[i32; 8]]) {
    let Products { window, column_bytes, taps, weights, pixels } = *products;
    let window: &[i8] = bytemuck::cast_slice(window);
    let vectors = taps * column_bytes / VECTOR;
    for (sums, weights) in sums.iter_mut().zip(weights.chunks(2 * VECTOR * vectors)) {
        for (index, sum) in sums.iter_mut().take(2 * pixels).enumerate() {
            let inputs = window[index / 2 * column_bytes..].chunks(VECTOR);
            let own = weights.chunks(VECTOR).skip(index % 2).step_by(2);
            let products = inputs.zip(own).flat_map(|(inputs, weights)| inputs.iter().zip(weights));
            *sum = products.map(|(&input, &weight)| i32::from(input) * i32::from(weight)).sum();
        }
    }
}

/// Requantizes sums of channels that follow one another, pixel by pixel; see [`super`].
pub(super) fn finish(finish: &Finish<'_>, sums: &[[i32; 8]], output: &mut [i8]) {
    for pixel in 0..finish.pixels {
        for channel in 0..2 * sums.len() {
            let sum = sums[channel / 2][2 * pixel + channel % 2].wrapping_add(finish.biases[channel]);
            let product = i64::from(sum) * i64::from(finish.multipliers[channel]);
            let scaled = ((product + (1 << 31)) >> 32) as i32 + finish.zero_point;
            let clamped = scaled.clamp(finish.range.0, finish.range.1);
            let value = finish.table.map_or(clamped as i8, |table| table[(clamped + 128) as usize]);
            output[pixel * finish.step + channel] = value;
        }
    }
}

/// Moves each column's rows up by one and puts a pixel below them; see [`super`].
pub(super) fn take_columns(columns: &mut [i8], column: Column, pixels: &[i8]) {
    for (column_bytes, pixel) in columns.chunks_mut(column.bytes).zip(pixels.chunks(column.inputs)) {
        column_bytes.copy_within(column.pixel_bytes.., 0);
        let lowest = column.bytes - column.pixel_bytes;
        column_bytes[lowest..][..column.inputs].copy_from_slice(pixel);
    }
}
