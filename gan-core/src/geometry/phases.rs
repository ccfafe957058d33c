//! Convolutions, transposed or not, as dense products over windows of the input.
//!
//! A transposed convolution of stride S is S×S ordinary convolutions, its *phases*, each of which makes every
//! S-th row and column of the output (Shi et al. 2016, "Is the deconvolution layer the same as a convolutional
//! layer?"). A convolution is one phase. Accumulators then stay in registers: the output is gathered, never scattered.
//!
//! Weights lie phase by phase in the order in which the kernels read them:
//! `[phase row][phase column][output channel][tap row][tap column][input channel]`, where taps run in the direction
//! in which the input's rows and columns do. [`Phases::weight_index`] maps a kernel's row and column to that order.

use core::ops::Range;

use crate::shape::Shape;

/// One axis of one phase: output `start + step · n` reads inputs `origin + advance · n + 0..taps`, for n in 0..count.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Axis {
    /// First output.
    pub start: usize,
    /// Distance between outputs.
    pub step: usize,
    /// Number of outputs.
    pub count: usize,
    /// First input of the first output; negative in the padding.
    pub origin: i32,
    /// Distance between the first inputs of neighbouring outputs.
    pub advance: usize,
    /// Inputs that an output reads.
    pub taps: usize,
}

/// A convolution's geometry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Phases {
    /// Whether it is transposed.
    pub transposed: bool,
    /// Side of the kernel, at least 1.
    pub kernel: u8,
    /// Step of the kernel over the larger picture, at least 1.
    pub stride: u8,
    /// Rows and columns around the larger picture.
    pub padding: u8,
    /// Rows and columns added at the bottom and right of a transposed convolution's output, below the stride.
    pub output_padding: u8,
}

impl Phases {
    /// Side of the output for an input of side `input`; `None` where there is none, or one that no `u16` holds, and for
    /// a kernel or stride of 0.
    pub fn output_side(self, input: u16) -> Option<u16> {
        if self.kernel == 0 || self.stride == 0 {
            return None;
        }
        let [input, kernel, stride, padding, extra]: [i32; 5] = [
            input.into(),
            self.kernel.into(),
            self.stride.into(),
            self.padding.into(),
            self.output_padding.into(),
        ];
        let side: i32 = if self.transposed {
            (input - 1) * stride - 2 * padding + kernel + extra
        } else {
            let room = input + 2 * padding - kernel;
            if room < 0 { 0 } else { room / stride + 1 }
        };
        u16::try_from(side).ok().filter(|&side| side > 0)
    }

    /// Phases along one axis.
    pub fn count(self) -> usize {
        if self.transposed { usize::from(self.stride).max(1) } else { 1 }
    }

    /// Phase `phase` along an axis whose output has `output` rows (or columns). One that does not exist makes nothing.
    pub fn axis(self, phase: usize, output: u16) -> Axis {
        let stride = usize::from(self.stride).max(1);
        let padding = usize::from(self.padding);
        let output = usize::from(output);
        if phase >= self.count() {
            return Axis { start: 0, step: stride, count: 0, origin: 0, advance: 1, taps: 0 };
        }
        let taps = self.taps(phase);
        if !self.transposed {
            return Axis {
                start: 0,
                step: 1,
                count: output,
                origin: -(padding as i32),
                advance: stride,
                taps,
            };
        }
        // Outputs y of this phase have y + padding = phase + stride · i; kernel row phase + stride · j meets input i − j.
        let start = (phase + stride - padding % stride) % stride;
        let first_input = (start + padding - phase) / stride;
        Axis {
            start,
            step: stride,
            count: output.saturating_sub(start).div_ceil(stride),
            origin: first_input as i32 - taps as i32 + 1,
            advance: 1,
            taps,
        }
    }

    /// Kernel rows (or columns) that meet phase `phase`.
    fn taps(self, phase: usize) -> usize {
        usize::from(self.kernel).saturating_sub(phase).div_ceil(self.count())
    }

    /// Where the weights of a phase lie, with `block` weights per tap: input channels times output channels.
    pub(crate) fn phase_weights(self, phase: usize, block: usize) -> Range<usize> {
        let (row, column) = (phase / self.count(), phase % self.count());
        let kernel = usize::from(self.kernel);
        let rows_before: usize = (0..row).map(|row| self.taps(row)).sum();
        let columns_before: usize = (0..column).map(|column| self.taps(column)).sum();
        let start = block * (rows_before * kernel + columns_before * self.taps(row));
        start..start + block * self.taps(row) * self.taps(column)
    }

    /// The phase that reads the weight of kernel row `row` and column `column`.
    pub fn phase_of(self, row: usize, column: usize) -> usize {
        row % self.count() * self.count() + column % self.count()
    }

    /// Number of weights; `None` where no `usize` holds it.
    pub fn weights(self, inputs: u16, outputs: u16) -> Option<usize> {
        let area = usize::from(self.kernel) * usize::from(self.kernel);
        area.checked_mul(usize::from(inputs))?.checked_mul(usize::from(outputs))
    }

    /// Where the weight of kernel row `row` and column `column` lies, from channel `input` of `inputs` to
    /// channel `output` of `outputs`.
    ///
    /// For a transposed convolution, kernel row r adds input row i to output row i · stride − padding + r.
    ///
    /// # Panics
    /// If the row or the column is outside the kernel, a channel not below its number, or no `usize` holds the number of
    /// weights.
    pub fn weight_index(
        self,
        (row, column): (usize, usize),
        (input, inputs): (usize, usize),
        (output, outputs): (usize, usize),
    ) -> usize {
        let kernel = usize::from(self.kernel);
        assert!(row < kernel && column < kernel, "row {row}, column {column} of a kernel of side {kernel}");
        assert!(input < inputs && output < outputs, "channels {input} of {inputs}, {output} of {outputs}");
        let weights = inputs.checked_mul(outputs).and_then(|block| block.checked_mul(kernel * kernel));
        assert!(weights.is_some(), "{inputs} times {outputs} channels are too many");
        let phases = self.count();
        let (phase_row, phase_column) = (row % phases, column % phases);
        let (taps_row, taps_column) = (self.taps(phase_row), self.taps(phase_column));
        // Of a transposed convolution, a later kernel row meets an earlier input row.
        let tap = |index: usize, taps: usize| {
            if self.transposed { taps - 1 - index / phases } else { index }
        };
        let start = self.phase_weights(self.phase_of(row, column), inputs * outputs).start;
        let (tap_row, tap_column) = (tap(row, taps_row), tap(column, taps_column));
        start + ((output * taps_row + tap_row) * taps_column + tap_column) * inputs + input
    }

    /// Multiply-accumulates for an output of `shape`, those in the padding included.
    pub(crate) fn macs(self, inputs: u16, shape: Shape) -> u64 {
        let side = |output| -> u64 {
            (0..self.count())
                .map(|phase| self.axis(phase, output))
                .map(|axis| (axis.count * axis.taps) as u64)
                .sum()
        };
        side(shape.height) * side(shape.width) * u64::from(inputs) * u64::from(shape.channels)
    }
}
