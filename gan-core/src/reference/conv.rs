//! A layer's numbers in plain order, and a convolution of them.

use std::vec::Vec;

use crate::shape::Shape;

/// Numbers of a layer, the factors with one entry per channel.
#[derive(Debug, Clone)]
pub(crate) struct Factors {
    pub(crate) bias: Vec<i32>,
    pub(crate) multipliers: Vec<i32>,
    pub(crate) shifts: Vec<u8>,
    pub(crate) zero_point: i8,
    pub(crate) clamp: (i8, i8),
}

impl Factors {
    pub(crate) fn requantize(&self, accumulator: i128, channel: usize) -> i8 {
        let (multiplier, shift) = (i128::from(self.multipliers[channel]), self.shifts[channel]);
        let rounded = (accumulator * multiplier + (1 << (shift - 1))) >> shift;
        let (min, max) = self.clamp;
        (rounded + i128::from(self.zero_point)).clamp(min.into(), max.into()) as i8
    }
}

/// Geometry and weights `[output][kernel row][kernel column][input]` of a convolution.
#[derive(Debug, Clone)]
pub(crate) struct PlainConv {
    pub(crate) transposed: bool,
    pub(crate) kernel: usize,
    pub(crate) stride: usize,
    pub(crate) padding: usize,
    pub(crate) input: Shape,
    pub(crate) output: Shape,
    pub(crate) input_zero_point: i8,
    pub(crate) weights: Vec<i8>,
    pub(crate) factors: Factors,
}

impl PlainConv {
    fn weight(&self, output: usize, row: usize, column: usize, input: usize) -> i128 {
        let inputs = usize::from(self.input.channels);
        self.weights[((output * self.kernel + row) * self.kernel + column) * inputs + input].into()
    }

    /// `bias` without the zero point folded in, on inputs with their zero point taken off.
    pub(crate) fn run(&self, input: &[i8]) -> Vec<i8> {
        let [in_height, in_width, in_channels] = sides(self.input);
        let [out_height, out_width, out_channels] = sides(self.output);
        let mut sums = std::vec![0i128; self.output.size()];
        // Both convolutions join a pixel of the smaller picture with stride · pixel − padding + kernel index of the larger.
        let ((small_height, small_width), (large_height, large_width)) = if self.transposed {
            ((in_height, in_width), (out_height, out_width))
        } else {
            ((out_height, out_width), (in_height, in_width))
        };
        for small_y in 0..small_height {
            for small_x in 0..small_width {
                for row in 0..self.kernel {
                    for column in 0..self.kernel {
                        let large_y = (small_y * self.stride + row).checked_sub(self.padding);
                        let large_x = (small_x * self.stride + column).checked_sub(self.padding);
                        let (Some(large_y), Some(large_x)) = (large_y, large_x) else { continue };
                        if large_y >= large_height || large_x >= large_width {
                            continue;
                        }
                        let (small, large) =
                            (small_y * small_width + small_x, large_y * large_width + large_x);
                        let (from, to) = if self.transposed { (small, large) } else { (large, small) };
                        for i in 0..in_channels {
                            let value =
                                i128::from(input[from * in_channels + i]) - i128::from(self.input_zero_point);
                            for o in 0..out_channels {
                                sums[to * out_channels + o] += self.weight(o, row, column, i) * value;
                            }
                        }
                    }
                }
            }
        }
        let finish = |(index, sum): (usize, i128)| {
            let channel = index % out_channels;
            self.factors.requantize(sum + i128::from(self.factors.bias[channel]), channel)
        };
        sums.into_iter().enumerate().map(finish).collect()
    }
}

fn sides(shape: Shape) -> [usize; 3] {
    [shape.height.into(), shape.width.into(), shape.channels.into()]
}
