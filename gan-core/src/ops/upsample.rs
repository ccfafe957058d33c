//! Nearest-neighbour upsampling and a convolution of stride 1 behind it, as one transposed convolution.
//!
//! Upsampling repeats each input S×S times, so the convolution multiplies it by sums of neighbouring weights: each of
//! the S×S phases of outputs sees a window of its own, and that is what a transposed convolution of stride S and kernel
//! `kernel + S − 1` is. The folded layer has the fast kernels' paths, needs no upsampled picture in RAM, and for a kernel
//! of 3 and S = 2 four multiplications per output where the definition has nine.

use std::vec;
use std::vec::Vec;

use crate::geometry::phases::Phases;

/// Geometry of the folded layer, for a convolution of `kernel` and `padding` behind an upsampling by `scale`.
///
/// `None` if the padding is larger than the kernel allows: `kernel − 1` at most.
pub fn phases(kernel: u8, padding: u8, scale: u8) -> Option<Phases> {
    let padding = kernel.checked_sub(1)?.checked_sub(padding)?;
    let kernel = kernel.checked_add(scale.checked_sub(1)?)?;
    Some(Phases { transposed: true, kernel, stride: scale, padding, output_padding: 0 })
}

/// Weights of the folded layer, `[output][row][column][input]` as `weights` are, `kernel` rows and columns of them.
///
/// # Panics
/// If `weights` are not as many as that, if `scale` is 0, or if the folded layer has more than 2³⁰ weights.
pub fn weights(weights: &[f32], kernel: usize, scale: usize, inputs: usize, outputs: usize) -> Vec<f32> {
    let count = |side: usize| {
        [side, inputs, outputs].into_iter().try_fold(side, |count, factor| count.checked_mul(factor))
    };
    assert_eq!(Some(weights.len()), count(kernel), "weights of a convolution");
    let side = scale.checked_sub(1).and_then(|more| more.checked_add(kernel)).expect("a scale from 1 on");
    let folded = count(side).filter(|&count| count <= 1 << 30).expect("at most 2^30 weights");
    let mut folded = vec![0.0; folded];
    for output in 0..outputs {
        for row in 0..kernel {
            for column in 0..kernel {
                let from = ((output * kernel + row) * kernel + column) * inputs;
                // Copy (r, c) of an input reaches kernel row `r − row + kernel − 1` of the transposed convolution.
                for (copy_row, copy_column) in (0..scale).flat_map(|r| (0..scale).map(move |c| (r, c))) {
                    let to_row = copy_row + kernel - 1 - row;
                    let to_column = copy_column + kernel - 1 - column;
                    let to = ((output * side + to_row) * side + to_column) * inputs;
                    for input in 0..inputs {
                        folded[to + input] += weights[from + input];
                    }
                }
            }
        }
    }
    folded
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::reference::{Factors, PlainConv};
    use crate::shape::Shape;

    proptest! {
        #[test]
        fn the_folded_layer_equals_upsampling_and_convolution(
            kernel in 1usize..=5, scale in 1usize..=3, less in 0usize..=4,
            (height, width, inputs, outputs) in (1u16..=5, 1u16..=5, 1u16..=4, 1u16..=4),
            zero_point: i8, seed: u64,
        ) {
            let padding = (kernel - 1).saturating_sub(less);
            let scaled = |side: u16| side * scale as u16;
            let upsampled = Shape::new(scaled(height), scaled(width), inputs);
            let geometry = |phases: Phases, shape: Shape| {
                Some(Shape::new(phases.output_side(shape.height)?, phases.output_side(shape.width)?, outputs))
            };
            let small = |value: usize| value as u8;
            let convolution = Phases {
                transposed: false, kernel: small(kernel), stride: 1, padding: small(padding), output_padding: 0,
            };
            let Some(output) = geometry(convolution, upsampled) else { return Ok(()) };
            let folded = phases(small(kernel), small(padding), small(scale)).unwrap();
            let input = Shape::new(height, width, inputs);
            prop_assert_eq!(geometry(folded, input), Some(output));

            let mut state = seed | 1;
            let mut next = move || {
                state ^= state << 13;
                state ^= state >> 7;
                state ^= state << 17;
                state as i8
            };
            let count = usize::from(outputs) * kernel * kernel * usize::from(inputs);
            // Sums of up to nine weights stay in the range of int8.
            let plain: Vec<i8> = (0..count).map(|_| next() / 10).collect();
            let pixels: Vec<i8> = (0..input.size()).map(|_| next()).collect();
            let floats: Vec<f32> = plain.iter().map(|&weight| weight.into()).collect();
            let sums = weights(&floats, kernel, scale, inputs.into(), outputs.into());
            let channels = usize::from(outputs);
            let factors = Factors {
                bias: vec![5; channels], multipliers: vec![1 << 28; channels], shifts: vec![32; channels],
                zero_point: 3, clamp: (-128, 127),
            };
            let layer = |transposed, kernel, stride, padding, input, weights: Vec<i8>| PlainConv {
                transposed, kernel, stride, padding, input, output, input_zero_point: zero_point, weights,
                factors: factors.clone(),
            };
            let mut repeated = vec![];
            let channels = usize::from(inputs);
            for y in 0..upsampled.height / scale as u16 * scale as u16 {
                for x in 0..upsampled.width {
                    let pixel = usize::from(y) / scale * usize::from(width) + usize::from(x) / scale;
                    repeated.extend_from_slice(&pixels[pixel * channels..][..channels]);
                }
            }
            let expected = layer(false, kernel, 1, padding, upsampled, plain).run(&repeated);
            let sums = sums.iter().map(|&sum| sum as i8).collect();
            let folded_padding = folded.padding.into();
            let found = layer(true, folded.kernel.into(), scale, folded_padding, input, sums).run(&pixels);
            prop_assert_eq!(found, expected);
        }
    }
}
