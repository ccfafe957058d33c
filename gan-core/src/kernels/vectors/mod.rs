//! Four pixels by two channels with the vector extension (MVE, "Helium"), sixteen products per instruction.
//!
//! VMLADAVA multiplies two vectors of sixteen int8 and adds all products to a register, one of the eight even ones, so
//! eight sums grow side by side: 128 multiply-accumulates in fourteen instructions. Sums are requantized four at a time
//! channels side by side: VRMULH is the multiplication with rounding that the format asks for.
//!
//! Layout. Working memory: bytes `[column][tap row][input channel]`, so that a window is one piece of memory; input
//! channels are filled up to sixteen. Weights: bytes
//! `[column phase][channel pair][tap column][tap row][input channel / 16][2][16]`; of a window of two columns, both tap
//! columns side by side, `[column phase][channel pair][tap row][input channel / 16][tap column][2][16]`.

#[cfg(target_arch = "arm")]
mod asm;
#[cfg(not(target_arch = "arm"))]
mod twin;

use crate::geometry::groups::{Groups, Windows, blocks_of_four_and_three};
use crate::kernels::copy::move_down;
use crate::kernels::magnitude::{Sums, magnitude};
use crate::kernels::requantize::{Activation, Requantize, Shifts};
use crate::kernels::rows::{Channel, Job, RowKernel, by_blocks};

#[cfg(target_arch = "arm")]
use asm::{finish, finish_row, sum, take_columns};
#[cfg(not(target_arch = "arm"))]
use twin::{finish, finish_row, sum, take_columns};

/// Bytes of a vector.
pub(crate) const VECTOR: usize = 16;

/// Copies `from` to the start of `to`, whose length is a multiple of [`VECTOR`].
pub(crate) fn copy(from: &[i8], to: &mut [i8]) {
    let bytes = to.len();
    take_columns(to, Column { bytes, pixel_bytes: bytes, inputs: from.len() }, from);
}

/// Which vector of a window the `index`-th vector of weights belongs to.
pub(crate) fn vector_of(index: usize, taps: usize, column_vectors: usize) -> usize {
    if taps == 2 { index % 2 * column_vectors + index / 2 } else { index }
}

/// Measures of a layer.
#[derive(Clone, Copy)]
pub(crate) struct Vectors {
    columns: Groups,
    width: usize,
    inputs: usize,
    outputs: usize,
    /// Tap rows.
    taps: usize,
    /// Words of a pixel: its channels filled up.
    pixel_words: usize,
    /// Columns of the window.
    window_columns: usize,
    /// Blocks of a row.
    blocks: usize,
}

/// A column of the window.
#[derive(Clone, Copy)]
#[repr(C)]
pub(super) struct Column {
    /// Bytes from one column to the next: of all its rows.
    bytes: usize,
    /// Bytes of one row: of a pixel, its channels filled up.
    pixel_bytes: usize,
    /// Channels of a row that are not filled up.
    inputs: usize,
}

/// What changes from one block of sums to the next.
#[derive(Clone, Copy)]
pub(super) enum Walk {
    /// The pair of channels; the pixels stay.
    Pairs,
    /// The pixels; the pair of channels stays.
    Blocks,
}

/// Blocks of pixels to be summed up, for pairs of channels.
#[derive(Clone, Copy)]
pub(super) struct Products<'p> {
    /// Pixels, from the first one's window on.
    window: &'p [i32],
    /// Bytes of a column: from a pixel's window to the next.
    column_bytes: usize,
    /// Columns of a window.
    taps: usize,
    /// Weights of the channel pairs, from the first on.
    weights: &'p [i8],
    /// Of a block: three or four.
    pixels: usize,
    walk: Walk,
}

/// Sums to be requantized, of channels that follow one another.
#[derive(Clone, Copy)]
pub(super) struct Finish<'f> {
    /// One per channel.
    biases: &'f [i32],
    /// One per channel.
    multipliers: &'f [i32],
    /// Bytes from a pixel to the next.
    step: usize,
    /// Pixels that exist.
    pixels: usize,
    zero_point: i32,
    /// What a scaled sum is clamped to.
    range: (i32, i32),
    /// What it then goes through.
    table: Option<&'f [i8; 256]>,
}

impl RowKernel for Vectors {
    const CHANNELS: usize = 2;

    fn new(windows: &Windows) -> Self {
        let columns = windows.columns;
        let inputs = windows.inputs();
        let blocks = |phase| blocks_of_four_and_three(columns.outputs(phase));
        let slots = (0..columns.stride).map(blocks).map(|(fours, threes)| 4 * fours + 3 * threes).max();
        let slots = slots.unwrap_or(0);
        let most_blocks = (0..columns.stride).map(blocks).map(|(fours, threes)| fours + threes).max();
        Vectors {
            columns,
            width: windows.input.width.into(),
            inputs,
            outputs: windows.output.channels.into(),
            taps: windows.rows.taps,
            pixel_words: inputs.next_multiple_of(VECTOR) / 4,
            window_columns: slots + columns.taps - 1 + columns.start(0),
            blocks: most_blocks.unwrap_or(0),
        }
    }

    fn window_words(self) -> usize {
        self.window_columns * self.taps * self.pixel_words
    }

    fn sums_words(self) -> usize {
        (2 * self.window_columns).max(8 * (self.outputs / 2)).max(8 * self.blocks)
    }

    fn weight_bytes(self) -> usize {
        2 * 4 * self.columns.taps * self.taps * self.pixel_words
    }

    fn magnitudes(self, weights: &[i8]) -> Option<Sums> {
        let mut sums = Sums::default();
        for vectors in weights.chunks_exact(2 * VECTOR) {
            for (sum, vector) in sums.iter_mut().zip(vectors.chunks_exact(VECTOR)) {
                *sum += magnitude(vector)?;
            }
        }
        Some(sums)
    }

    fn pad(self, window: &mut [i32], padding: i8) {
        window.fill(i32::from_ne_bytes([padding as u8; 4]));
    }

    /// Columns outside the input stay what [`Self::pad`] has made them.
    fn take_row(self, window: &mut [i32], row: Option<&[i8]>, padding: i8) {
        let pixel_bytes = 4 * self.pixel_words;
        let column = Column { bytes: self.taps * pixel_bytes, pixel_bytes, inputs: self.inputs };
        let left = (-self.columns.first).max(0) as usize;
        let skipped = self.columns.first.max(0) as usize;
        let inside = self.width.saturating_sub(skipped).min(self.window_columns.saturating_sub(left));
        let bytes: &mut [i8] = bytemuck::try_cast_slice_mut(window).unwrap_or_default();
        let inside = bytes
            .get_mut(left * column.bytes..)
            .and_then(|bytes| bytes.get_mut(..inside * column.bytes))
            .unwrap_or_default();
        if let Some(row) = row {
            take_columns(inside, column, row.get(skipped * self.inputs..).unwrap_or_default());
            return;
        }
        let mut rest = inside;
        while let Some((own, behind)) = rest.split_at_mut_checked(column.bytes)
            && !own.is_empty()
        {
            rest = behind;
            let kept = own.len().saturating_sub(pixel_bytes);
            move_down(bytemuck::try_cast_slice_mut(own).unwrap_or_default(), self.pixel_words);
            own.get_mut(kept..).unwrap_or_default().fill(padding);
        }
    }

    /// For factors that the vector instructions do not have: plain loops.
    fn sum(self, phase: usize, window: &[i32], weights: &[i8], bias: [i32; 2], sums: &mut [i32]) {
        let window: &[i8] = bytemuck::try_cast_slice(window).unwrap_or_default();
        let pixel = 4 * self.taps * self.pixel_words;
        let (first, second) = sums.split_at_mut_checked(self.window_columns).unwrap_or_default();
        for (channel, sums) in [first, second].into_iter().enumerate() {
            let columns = (self.columns.start(phase)..).take(self.columns.outputs(phase));
            for (sum, column) in sums.iter_mut().zip(columns) {
                let window = window.get(column * pixel..).unwrap_or_default();
                let weights = weights.chunks_exact(VECTOR).skip(channel).step_by(2).enumerate();
                let products = weights.flat_map(|(index, weights)| {
                    let vector = vector_of(index, self.columns.taps, pixel / VECTOR);
                    window.get(VECTOR * vector..).unwrap_or_default().iter().zip(weights)
                });
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
        let requantize = &job.layer.conv.requantize;
        let Shifts::All(32) = requantize.shifts else {
            by_blocks(self, job, window, sums, data);
            return;
        };
        if job.outputs().is_multiple_of(2) {
            self.all_channels(job, window, sums, data);
        } else {
            self.pair_by_pair(job, window, sums, data);
        }
    }
}

impl Vectors {
    /// Makes a row whose channels follow one another: block by block of pixels, all channels of a row phase at once.
    #[inline(never)]
    fn all_channels(&self, job: &Job<'_>, window: &[i32], sums: &mut [i32], data: &mut [i8]) {
        let (outputs, requantize) = (job.outputs(), &job.layer.conv.requantize);
        let sums = sums.as_chunks_mut().0.get_mut(..outputs / 2).unwrap_or_default();
        let (fours, _) = blocks_of_four_and_three(job.count);
        let mut weights = job.weights;
        for row_phase in 0..job.layer.windows.rows.stride {
            let own = weights;
            weights = weights.get(outputs / 2 * self.weight_bytes()..).unwrap_or_default();
            let first = Channel { row_phase, output: 0 };
            let Some((start, _)) = job.place(first) else { continue };
            let biases = job.layer.conv.bias.get(job.bias(first)..).unwrap_or_default();
            let mut numbers = numbers(requantize, biases, requantize.multipliers, job);
            let (mut pixel, mut block) = (0, 0);
            while pixel < job.count {
                let pixels = if block < fours { 4 } else { 3 };
                sum(&self.products(job, window, own, (pixel, pixels), Walk::Pairs), sums);
                numbers.pixels = pixels.min(job.count - pixel);
                let at = start + pixel * job.step;
                finish(&numbers, sums, data.get_mut(at..).unwrap_or_default());
                pixel += pixels;
                block += 1;
            }
        }
    }

    /// Makes a row whose channels do not pair within a row phase: all pixels at once, pair by pair of channels.
    #[inline(never)]
    fn pair_by_pair(&self, job: &Job<'_>, window: &[i32], sums: &mut [i32], data: &mut [i8]) {
        let (outputs, requantize) = (job.outputs(), &job.layer.conv.requantize);
        let (fours, threes) = blocks_of_four_and_three(job.count);
        let sums = sums.get_mut(..8 * (fours + threes)).unwrap_or_default();
        let mut channel = Channel::default();
        let mut weights = job.weights;
        while let Some((own, behind)) = weights.split_at_checked(self.weight_bytes())
            && !own.is_empty()
        {
            weights = behind;
            let pair = [channel, channel.next(outputs)];
            channel = pair[1].next(outputs);
            let places = pair.map(|channel| job.place(channel));
            if places == [None; 2] {
                continue;
            }
            let blocks = sums.as_chunks_mut().0;
            let (of_four, of_three) = blocks.split_at_mut_checked(fours).unwrap_or_default();
            sum(&self.products(job, window, own, (0, 4), Walk::Blocks), of_four);
            sum(&self.products(job, window, own, (4 * fours, 3), Walk::Blocks), of_three);
            for (index, (channel, place)) in pair.into_iter().zip(places).enumerate() {
                let Some((start, end)) = place else { continue };
                let biases = job.layer.conv.bias.get(job.bias(channel)..).unwrap_or_default();
                let multipliers = requantize.multipliers.get(channel.output..).unwrap_or_default();
                let numbers = numbers(requantize, biases, multipliers, job);
                let sums = sums.get(index..).unwrap_or_default();
                finish_row(&numbers, sums, fours, data.get_mut(start..end).unwrap_or_default());
            }
        }
    }

    fn products<'p>(
        &self,
        job: &Job<'_>,
        window: &'p [i32],
        weights: &'p [i8],
        (pixel, pixels): (usize, usize),
        walk: Walk,
    ) -> Products<'p> {
        let column_words = self.taps * self.pixel_words;
        Products {
            window: window.get((self.columns.start(job.phase) + pixel) * column_words..).unwrap_or_default(),
            column_bytes: 4 * column_words,
            taps: self.columns.taps,
            weights,
            pixels,
            walk,
        }
    }
}

/// What a layer's factors are for a row.
fn numbers<'f>(
    requantize: &Requantize<'f>,
    biases: &'f [i32],
    multipliers: &'f [i32],
    job: &Job<'_>,
) -> Finish<'f> {
    let (range, table) = match requantize.activation {
        Activation::Clamp { min, max } => ((min.into(), max.into()), None),
        Activation::Table(table) => ((-128, 127), Some(table)),
    };
    let zero_point = requantize.zero_point.into();
    Finish { biases, multipliers, step: job.step, pixels: job.count, zero_point, range, table }
}
