//! Four pixels by two channels with the vector extension (MVE, "Helium"), sixteen products an instruction.
//!
//! VMLADAVA multiplies two vectors of sixteen int8 and adds all products to a register, one of the eight even ones, so
//! eight sums grow side by side: 128 multiply-accumulates in fourteen instructions. Sums are requantized four at a time
//! where they are: VRMULH is the multiplication with rounding that the format asks for, and a scatter store puts each
//! pixel where it belongs.
//!
//! Layout. Working memory: bytes `[column][tap row][input channel]`, so that a window is one piece of memory; input
//! channels are filled up to sixteen. Weights: bytes
//! `[column phase][channel pair][tap column][tap row][input channel / 16][2][16]`.

#[cfg(target_arch = "arm")]
mod asm;
#[cfg(not(target_arch = "arm"))]
mod twin;

use crate::kernels::copy::move_down;
use crate::kernels::rows::{Channel, Job, RowKernel, by_blocks};
use crate::ops::groups::{Groups, Windows, blocks_of_four_and_three};
use crate::requantize::{Activation, Shifts};

#[cfg(target_arch = "arm")]
use asm::strip;
#[cfg(not(target_arch = "arm"))]
use twin::strip;

/// Bytes of a vector.
pub(crate) const VECTOR: usize = 16;

/// Measures of a layer.
#[derive(Clone, Copy)]
pub(crate) struct Vectors {
    columns: Groups,
    width: usize,
    inputs: usize,
    /// Tap rows.
    taps: usize,
    /// Words of a pixel: its channels filled up.
    pixel_words: usize,
    /// Columns of the window.
    window_columns: usize,
}

/// A row of pixels to be made for pairs of channels.
pub(super) struct Strip<'s> {
    /// From the first pixel's window on.
    window: &'s [i32],
    /// Words from a pixel's window to the next.
    pixel_words: usize,
    /// From the first pair's on.
    weights: &'s [i8],
    /// Vectors of a window.
    vectors: usize,
    /// Two a pair.
    biases: &'s [i32],
    /// Two a pair.
    multipliers: &'s [i32],
    /// Where the first pixel of a pair's channels goes, if anywhere; of the next pair, two bytes on.
    outputs: [Option<usize>; 2],
    /// Bytes from a pixel to the next.
    step: usize,
    /// What is added to a scaled sum.
    zero_point: i32,
    /// What it is clamped to.
    range: (i32, i32),
    /// What it then goes through.
    table: Option<&'s [i8; 256]>,
    /// Pixels.
    count: usize,
    /// Channel pairs.
    pairs: usize,
}

impl RowKernel for Vectors {
    const CHANNELS: usize = 2;

    fn new(windows: &Windows) -> Self {
        let columns = windows.columns;
        let inputs = windows.inputs();
        let slots = |phase| {
            let (fours, threes) = blocks_of_four_and_three(columns.outputs(phase));
            4 * fours + 3 * threes
        };
        let slots = (0..columns.stride).map(slots).max().unwrap_or(0);
        Vectors {
            columns,
            width: windows.input.width.into(),
            inputs,
            taps: windows.rows.taps,
            pixel_words: inputs.next_multiple_of(VECTOR) / 4,
            window_columns: slots + columns.taps - 1 + columns.start(0),
        }
    }

    fn window_words(self) -> usize {
        self.window_columns * self.taps * self.pixel_words
    }

    fn sums_words(self) -> usize {
        2 * self.window_columns
    }

    fn weight_bytes(self) -> usize {
        2 * 4 * self.columns.taps * self.taps * self.pixel_words
    }

    fn magnitude(self, weights: &[i8], channel: usize, _run: usize) -> Option<u64> {
        let vectors = weights.chunks_exact(VECTOR).skip(channel).step_by(2).flatten();
        vectors.map(|&weight| (weight != i8::MIN).then_some(u64::from(weight.unsigned_abs()))).sum()
    }

    fn take_row(self, window: &mut [i32], row: Option<&[i8]>, padding: i8) {
        let mut rest = window;
        for column in (self.columns.first..).take(self.window_columns) {
            let Some((rows, behind)) = rest.split_at_mut_checked(self.taps * self.pixel_words) else { return };
            rest = behind;
            let kept = rows.len().saturating_sub(self.pixel_words);
            move_down(rows, self.pixel_words);
            let lowest: &mut [i8] = bytemuck::cast_slice_mut(rows.get_mut(kept..).unwrap_or_default());
            let pixel = usize::try_from(column)
                .ok()
                .filter(|&column| column < self.width)
                .and_then(|column| row?.get(column * self.inputs..)?.get(..self.inputs));
            match pixel {
                Some(pixel) => lowest.iter_mut().zip(pixel).for_each(|(byte, &value)| *byte = value),
                None => lowest.fill(padding),
            }
        }
    }

    /// For factors that the vector instructions do not have: plain loops.
    fn sum(
        self,
        phase: usize,
        window: &[i32],
        weights: &[i8],
        _run: usize,
        bias: [i32; 2],
        sums: &mut [i32],
    ) {
        let window: &[i8] = bytemuck::cast_slice(window);
        let pixel = 4 * self.taps * self.pixel_words;
        let (first, second) = sums.split_at_mut_checked(self.window_columns).unwrap_or_default();
        for (channel, sums) in [first, second].into_iter().enumerate() {
            let columns = (self.columns.start(phase)..).take(self.columns.outputs(phase));
            for (sum, column) in sums.iter_mut().zip(columns) {
                let inputs = window.get(column * pixel..).unwrap_or_default().chunks_exact(VECTOR);
                let weights = weights.chunks_exact(VECTOR).skip(channel).step_by(2);
                let products = inputs.zip(weights).flat_map(|(inputs, weights)| inputs.iter().zip(weights));
                let bias = bias.get(channel).copied().unwrap_or(0);
                *sum = products.fold(bias, |sum, (&input, &weight)| {
                    sum.wrapping_add(i32::from(input) * i32::from(weight))
                });
            }
        }
    }

    fn sums_of(self, sums: &[i32], channel: usize) -> &[i32] {
        sums.get(channel * self.window_columns..).unwrap_or_default()
    }

    fn row(self, job: &Job<'_>, window: &[i32], sums: &mut [i32], data: &mut [i8]) {
        let requantize = &job.layer.requantize;
        let Shifts::All(32) = requantize.shifts else {
            by_blocks(self, job, window, sums, data);
            return;
        };
        let ((min, max), table) = match requantize.activation {
            Activation::Clamp { min, max } => ((min.into(), max.into()), None),
            Activation::Table(table) => ((-128, 127), Some(table)),
        };
        let pixel_words = self.taps * self.pixel_words;
        let outputs = job.outputs();
        let mut strip_of = |weights, biases: &[i32], multipliers: &[i32], places: [Option<usize>; 2], pairs| {
            let job = Strip {
                window: window.get(self.columns.start(job.phase) * pixel_words..).unwrap_or_default(),
                pixel_words,
                weights,
                vectors: self.columns.taps * pixel_words * 4 / VECTOR,
                biases,
                multipliers,
                outputs: places,
                step: job.step.get(),
                zero_point: requantize.zero_point.into(),
                range: (min, max),
                table,
                count: job.count,
                pairs,
            };
            strip(&job, data);
        };
        let place = |channel| Some(job.place(channel)?.0);
        if outputs.is_multiple_of(2) {
            // All channels of a row phase follow one another.
            let mut weights = job.weights;
            for row_phase in 0..job.layer.windows.rows.stride {
                let own = weights;
                weights = weights.get(outputs / 2 * self.weight_bytes()..).unwrap_or_default();
                let first = Channel { row_phase, output: 0 };
                if let Some(start) = place(first) {
                    let biases = job.layer.bias.get(job.bias(first)..).unwrap_or_default();
                    let places = [Some(start), Some(start + 1)];
                    strip_of(own, biases, requantize.multipliers, places, outputs / 2);
                }
            }
        } else {
            let mut channel = Channel::default();
            let mut weights = job.weights;
            while let Some((own, behind)) = weights.split_at_checked(self.weight_bytes()) {
                if own.is_empty() {
                    return;
                }
                weights = behind;
                let pair = [channel, channel.next(outputs)];
                channel = pair[1].next(outputs);
                let biases = pair.map(|channel| job.layer.bias.get(job.bias(channel)).copied().unwrap_or(0));
                let multipliers =
                    pair.map(|channel| requantize.multipliers.get(channel.output).copied().unwrap_or(1));
                strip_of(own, &biases, &multipliers, pair.map(place), 1);
            }
        }
    }
}
