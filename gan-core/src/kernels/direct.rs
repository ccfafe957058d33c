//! Kernels in plain Rust, for any core.

use crate::geometry::phases::Axis;
#[cfg(feature = "adaptive")]
use crate::kernels::layers::Product;
use crate::kernels::layers::{Conv, Dense, Term, Terms};
use crate::limits::MAX_OPERANDS;
use crate::part::{part, part_mut};
use crate::region::Region;
use crate::shape::Shape;

/// See [`crate::ops::dense`]. `input` is `[inputs]`, `output` is `[outputs]`, `choices` one number per input of the model.
pub(crate) fn dense(layer: &Dense<'_>, input: &[i8], choices: &[u8], output: &mut [i8]) {
    let channels = layer.requantize.multipliers.len();
    let (column, one) = layer.columns.map_or((&[][..], 0), |columns| columns.chosen(choices, output.len()));
    let mut weights = layer.weights;
    let channel_biases = layer.bias.iter().cycle().zip((0..channels).cycle());
    for ((index, out), (&bias, channel)) in output.iter_mut().enumerate().zip(channel_biases) {
        let (row, others) = weights.split_at_checked(layer.inputs).unwrap_or_default();
        weights = others;
        let joined = column.get(index).map_or(0, |&weight| i32::from(weight) * one);
        *out = layer.requantize.apply(bias + joined + dot(row, input), channel);
    }
}

/// See [`crate::ops::conv`]. `input` and `output` are `[height, width, channels]`.
pub(crate) fn conv(layer: &Conv<'_>, input: &[i8], output: &mut [i8]) {
    let phases = layer.phases.count();
    for row in 0..phases {
        for column in 0..phases {
            let axes =
                [layer.phases.axis(row, layer.output.height), layer.phases.axis(column, layer.output.width)];
            conv_phase(layer, row * phases + column, axes, input, output);
        }
    }
}

/// One phase: every `step`-th row and column of the output.
fn conv_phase(layer: &Conv<'_>, phase: usize, [rows, columns]: [Axis; 2], input: &[i8], output: &mut [i8]) {
    let (weights, bias) = layer.phase(phase);
    let channels = usize::from(layer.output.channels);
    let width = usize::from(layer.output.width);
    let row_bytes = usize::from(layer.input.width) * usize::from(layer.input.channels);
    for row in 0..rows.count {
        let window_rows = Overlap::new(rows, row, layer.input.height);
        for column in 0..columns.count {
            let window = Overlap::new(columns, column, layer.input.width).times(layer.input.channels);
            let pixel = (rows.start + rows.step * row) * width + columns.start + columns.step * column;
            let output = part_mut(output, pixel * channels, channels);
            for ((channel, out), &bias) in output.iter_mut().enumerate().zip(bias) {
                let taps = window_rows.taps * window.taps;
                let weights = part(weights, channel * taps, taps);
                let mut sum = bias;
                for tap_row in 0..window_rows.taps {
                    let weights = part(weights, tap_row * window.taps, window.taps);
                    // Outside the input every read gives the padding value.
                    let inside = if window_rows.inside(tap_row) {
                        window
                    } else {
                        Overlap { skip: 0, length: 0, ..window }
                    };
                    let (before, rest) = weights.split_at_checked(inside.skip).unwrap_or_default();
                    let (within, after) = rest.split_at_checked(inside.length).unwrap_or_default();
                    let outside: i32 = before.iter().chain(after).map(|&weight| i32::from(weight)).sum();
                    sum += outside * i32::from(layer.padding_value);
                    if inside.length > 0 {
                        let start =
                            (window_rows.first + tap_row - window_rows.skip) * row_bytes + inside.first;
                        sum += dot(within, part(input, start, inside.length));
                    }
                }
                *out = layer.requantize.apply(sum, channel);
            }
        }
    }
}

/// Calls `each` for the pixels of an output of shape `shape`, row by row, with the places in the arena where it starts and
/// where the pixels of `terms` that it is made of start.
#[inline(always)]
fn pixels(
    shape: Shape,
    (terms, operands): (&[Term<'_>; MAX_OPERANDS], [Region; MAX_OPERANDS]),
    output: Region,
    mut each: impl FnMut(usize, [usize; MAX_OPERANDS]),
) {
    let mut to = output.start as usize;
    for y in 0..usize::from(shape.height) {
        for x in 0..usize::from(shape.width) {
            let mut from = [0; MAX_OPERANDS];
            for ((pixel, term), operand) in from.iter_mut().zip(terms).zip(operands) {
                let row = y.checked_div(term.rows.into()).unwrap_or(0);
                let column = x.checked_div(term.columns.into()).unwrap_or(0);
                let index = row * usize::from(term.shape.width) + column;
                *pixel = operand.start as usize + index * usize::from(term.shape.channels);
            }
            each(to, from);
            to += usize::from(shape.channels);
        }
    }
}

/// Output channels that are summed before they are stored.
const TOGETHER: usize = 16;
/// From so many channels on that is faster than one at a time.
const MANY: usize = 4;

/// See [`crate::ops::sum`] and [`crate::ops::concat`]: elements are read ahead of what is written, so that the output may lie over
/// an operand whose elements lie in the same order.
pub(crate) fn terms(layer: &Terms<'_>, operands: [Region; MAX_OPERANDS], output: Region, memory: &mut [i8]) {
    if layer.bias.len() < MANY {
        return few_terms(layer, operands, output, memory);
    }
    pixels(layer.output, (&layer.terms, operands), output, |to, from| {
        for start in (0..layer.bias.len()).step_by(TOGETHER) {
            let biases = layer.bias.get(start..).unwrap_or_default();
            let mut sums = [0; TOGETHER];
            for (term, pixel) in layer.terms.iter().zip(from) {
                // What it is a part of, of the channels from `start` on.
                let (skip, own) = (term.first.saturating_sub(start), start.saturating_sub(term.first));
                let sums = sums.get_mut(skip..).unwrap_or_default();
                let multipliers = term.multipliers.get(own..).unwrap_or_default();
                if term.shape.channels == 1 {
                    let value = memory.get(pixel).copied().map_or(0, i32::from);
                    sums.iter_mut().zip(multipliers).for_each(|(sum, multiplier)| *sum += multiplier * value);
                } else {
                    let values = memory.get(pixel + own..).unwrap_or_default();
                    for ((sum, &multiplier), &value) in sums.iter_mut().zip(multipliers).zip(values) {
                        *sum += multiplier * i32::from(value);
                    }
                }
            }
            let slots = memory.get_mut(to + start..).unwrap_or_default();
            layer.requantize.store_channels(start, &sums, biases, slots);
        }
    });
}

/// [`terms`] of few channels, one element at a time.
fn few_terms(layer: &Terms<'_>, operands: [Region; MAX_OPERANDS], output: Region, memory: &mut [i8]) {
    pixels(layer.output, (&layer.terms, operands), output, |to, from| {
        for (channel, &bias) in layer.bias.iter().enumerate() {
            let mut sum = bias;
            for (term, pixel) in layer.terms.iter().zip(from) {
                let Some(own) = channel.checked_sub(term.first) else { continue };
                let Some(&multiplier) = term.multipliers.get(own) else { continue };
                let at = if term.shape.channels == 1 { pixel } else { pixel + own };
                sum += multiplier * memory.get(at).copied().map_or(0, i32::from);
            }
            if let Some(slot) = memory.get_mut(to + channel) {
                *slot = layer.requantize.apply(sum, channel);
            }
        }
    });
}

/// See [`crate::ops::adaptive::product`]; in the same order.
#[cfg(feature = "adaptive")]
pub(crate) fn product(
    layer: &Product<'_>,
    operands: [Region; MAX_OPERANDS],
    output: Region,
    memory: &mut [i8],
) {
    let (of_product, of_added) = layer.multipliers.split_at_checked(layer.bias.len()).unwrap_or_default();
    pixels(layer.output, (&layer.terms, operands), output, |to, from| {
        for start in (0..layer.bias.len()).step_by(TOGETHER) {
            let biases = layer.bias.get(start..).unwrap_or_default();
            // The numbers of each operand, less their zero points.
            let mut values = [[0; TOGETHER]; MAX_OPERANDS];
            let terms = layer.terms.iter().zip(layer.zero_points).zip(from);
            for (values, ((term, zero_point), pixel)) in values.iter_mut().zip(terms) {
                let zero_point = i32::from(zero_point);
                if term.shape.channels == 1 {
                    *values = [memory.get(pixel).copied().map_or(0, i32::from) - zero_point; TOGETHER];
                } else {
                    let own = memory.get(pixel + start..).unwrap_or_default();
                    values
                        .iter_mut()
                        .zip(own)
                        .for_each(|(slot, &value)| *slot = i32::from(value) - zero_point);
                }
            }
            let [first, second, third] = &mut values;
            let factors = of_product.get(start..).unwrap_or_default();
            for ((sum, second), &factor) in first.iter_mut().zip(second).zip(factors) {
                *sum *= *second * factor;
            }
            let factors = of_added.get(start..).unwrap_or_default();
            for ((sum, third), &factor) in first.iter_mut().zip(third).zip(factors) {
                *sum += *third * factor;
            }
            let slots = memory.get_mut(to + start..).unwrap_or_default();
            layer.requantize.store_channels(start, first, biases, slots);
        }
    });
}

/// The part of a window of `taps` that lies inside the input: the taps from `skip`, `length` of them, the first of
/// which reads input `first`.
#[derive(Clone, Copy)]
struct Overlap {
    taps: usize,
    skip: usize,
    length: usize,
    first: usize,
}

impl Overlap {
    /// For output `index` of an axis over an input of `side`.
    fn new(axis: Axis, index: usize, side: u16) -> Self {
        let start = axis.origin + (axis.advance * index) as i32;
        let end = start + axis.taps as i32;
        let (from, to) = (start.clamp(0, side.into()), end.clamp(0, side.into()));
        let length = (to - from) as usize;
        // Where nothing overlaps, all taps are skipped or none is: their sum is the same.
        let skip = if length == 0 { 0 } else { (from - start) as usize };
        Overlap { taps: axis.taps, skip, length, first: from as usize }
    }

    /// In elements of `channels` a step.
    fn times(self, channels: u16) -> Self {
        let channels = usize::from(channels);
        Overlap {
            taps: self.taps * channels,
            skip: self.skip * channels,
            length: self.length * channels,
            first: self.first * channels,
        }
    }

    fn inside(&self, tap: usize) -> bool {
        (self.skip..self.skip + self.length).contains(&tap)
    }
}

/// Σ weight · input.
#[inline(always)]
fn dot(weights: &[i8], input: &[i8]) -> i32 {
    weights.iter().zip(input).map(|(&weight, &value)| i32::from(weight) * i32::from(value)).sum()
}
