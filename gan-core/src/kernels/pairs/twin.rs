//! The inner loop in plain Rust: the same arithmetic, word for word.

use super::{OFFSET, Run, SHIFT};

/// Adds a run of products to the sums of two channels, or starts them with it; see [`super`].
pub(super) fn run(inputs: &[i32], weights: &[[i32; 2]], sums: &mut [i32], run: &Run, start: bool) {
    let steps = run.bytes / 8;
    for block in 0..run.blocks {
        let inputs = &inputs[block * run.block_bytes / 4..][..2 * steps];
        for channel in 0..2 {
            let [(low, middle, high), (next_low, next_middle, next_high)] = [0, 1].map(|pair| {
                let start = i64::from(OFFSET) + (i64::from(OFFSET) << SHIFT);
                let products = inputs.chunks(2).zip(weights);
                let sum = products.fold(start, |sum, (inputs, weights)| {
                    sum.wrapping_add(i64::from(inputs[pair]) * i64::from(weights[channel]))
                });
                let mask = (1 << SHIFT) - 1;
                ((sum & mask) as i32, ((sum >> SHIFT) & mask) as i32, (sum >> (2 * SHIFT)) as i32)
            });
            let sums = &mut sums[4 * block + channel * run.channel_bytes / 4..][..5];
            if start {
                // The first of the five belongs to the block before.
                sums[1..].fill(run.bias[channel]);
            }
            for (sum, more) in sums.iter_mut().zip([low, middle, high + next_low, next_middle, next_high]) {
                *sum = sum.wrapping_add(more);
            }
        }
    }
}
