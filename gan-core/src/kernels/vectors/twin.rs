//! The inner loops in plain Rust.

use super::{Column, Finish, Products, VECTOR, Walk, vector_of};

/// Sums up blocks of pixels; see [`super`].
pub(super) fn sum(products: &Products<'_>, sums: &mut [[i32; 8]]) {
    let Products { window, column_bytes, taps, weights, pixels, walk } = *products;
    let window: &[i8] = bytemuck::cast_slice(window);
    let vectors = taps * column_bytes / VECTOR;
    for (number, sums) in sums.iter_mut().enumerate() {
        let (pair, block) = match walk {
            Walk::Pairs => (number, 0),
            Walk::Blocks => (0, number),
        };
        let weights = &weights[2 * VECTOR * vectors * pair..][..2 * VECTOR * vectors];
        for (index, sum) in sums.iter_mut().take(2 * pixels).enumerate() {
            let window = &window[(pixels * block + index / 2) * column_bytes..];
            let own = weights.chunks(VECTOR).skip(index % 2).step_by(2).enumerate();
            let products = own.flat_map(|(index, weights)| {
                window[VECTOR * vector_of(index, taps, column_bytes / VECTOR)..].iter().zip(weights)
            });
            *sum = products.map(|(&input, &weight)| i32::from(input) * i32::from(weight)).sum();
        }
    }
}

/// Requantizes a row of pixels of one channel; see [`super`].
pub(super) fn finish_row(finish: &Finish<'_>, sums: &[i32], fours: usize, output: &mut [i8]) {
    for pixel in 0..finish.pixels {
        let behind = pixel.saturating_sub(4 * fours);
        let (block, inside) =
            if pixel < 4 * fours { (pixel / 4, pixel % 4) } else { (fours + behind / 3, behind % 3) };
        output[pixel * finish.step] = finish.value(sums[8 * block + 2 * inside], 0);
    }
}

impl Finish<'_> {
    fn value(&self, sum: i32, channel: usize) -> i8 {
        let product =
            i64::from(sum.wrapping_add(self.biases[channel])) * i64::from(self.multipliers[channel]);
        let scaled = ((product + (1 << 31)) >> 32) as i32 + self.zero_point;
        let clamped = scaled.clamp(self.range.0, self.range.1);
        self.table.map_or(clamped as i8, |table| table[(clamped + 128) as usize])
    }
}

/// Requantizes sums of channels that follow one another, pixel by pixel; see [`super`].
pub(super) fn finish(finish: &Finish<'_>, sums: &[[i32; 8]], output: &mut [i8]) {
    for pixel in 0..finish.pixels {
        for channel in 0..2 * sums.len() {
            let value = finish.value(sums[channel / 2][2 * pixel + channel % 2], channel);
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
