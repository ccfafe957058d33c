//! Convolutions that go down the input row by row.
//!
//! The rows that a window covers are unpacked into working memory in the form that a kernel set's inner loop reads,
//! with the padding around them, so that the inner loop knows no border. An input row is read once: output may lie
//! over input that was read already, and two large tensors share their memory.

use core::num::NonZeroUsize;

use crate::ops::groups::Windows;
use crate::ops::packed_conv::PackedConv;

/// The inner loop of a kernel set, with the measures of its working memory for one layer.
///
/// A *channel* here is a row phase and an output channel, in this order: all that one column phase makes of one window.
pub(crate) trait RowKernel: Copy {
    /// Channels that are summed up together.
    const CHANNELS: usize;

    /// The measures for a layer.
    fn new(windows: &Windows) -> Self;

    /// Words that hold the unpacked rows.
    fn window_words(self) -> usize;

    /// Words that hold the sums of [`Self::CHANNELS`] channels for a row of outputs.
    fn sums_words(self) -> usize;

    /// Bytes of the weights of [`Self::CHANNELS`] channels for one column phase.
    fn weight_bytes(self) -> usize;

    /// Σ|weight| of a channel, `weights` being those of its block; `None` if a weight is not in −127..=127, or if `run`
    /// products could overflow a narrow sum.
    fn magnitude(self, weights: &[i8], channel: usize, run: usize) -> Option<u64>;

    /// Forgets the topmost row of `window` and unpacks `row` as the lowest; no row is a row of padding.
    fn take_row(self, window: &mut [i32], row: Option<&[i8]>, padding: i8);

    /// Sums up a row of outputs of column phase `phase` for a block of channels, from their biases on.
    fn sum(
        self,
        phase: usize,
        window: &[i32],
        weights: &[i8],
        run: usize,
        bias: [i32; 2],
        sums: &mut [i32],
    );

    /// The sums of channel `channel` of the block that was summed up last, one an output.
    fn sums_of(self, sums: &[i32], channel: usize) -> &[i32];
}

/// Bytes of working memory.
pub(crate) fn scratch_bytes<K: RowKernel>(windows: &Windows) -> usize {
    let kernel = K::new(windows);
    4 * (kernel.window_words() + kernel.sums_words())
}

/// Bytes of all weights.
pub(crate) fn weight_bytes<K: RowKernel>(windows: &Windows) -> usize {
    windows.columns.stride * windows.channels().div_ceil(K::CHANNELS) * K::new(windows).weight_bytes()
}

/// [`RowKernel::magnitude`] of channel `channel` in column phase `phase`.
pub(crate) fn magnitude<K: RowKernel>(
    windows: &Windows,
    weights: &[i8],
    run: usize,
    (phase, channel): (usize, usize),
) -> Option<u64> {
    let kernel = K::new(windows);
    let block = phase * windows.channels().div_ceil(K::CHANNELS) + channel / K::CHANNELS;
    let weights = weights.get(block * kernel.weight_bytes()..)?.get(..kernel.weight_bytes())?;
    kernel.magnitude(weights, channel % K::CHANNELS, run)
}

/// A row phase and an output channel.
#[derive(Clone, Copy, Default)]
struct Channel {
    row_phase: usize,
    output: usize,
}

impl Channel {
    fn next(self, outputs: usize) -> Self {
        if self.output + 1 < outputs {
            Channel { output: self.output + 1, ..self }
        } else {
            Channel { row_phase: self.row_phase + 1, output: 0 }
        }
    }
}

/// Runs a layer: `data` holds its input and its output, `scratch` its working memory.
///
/// What parse has proven makes every `get` here find something.
pub(crate) fn run<K: RowKernel>(layer: &PackedConv<'_>, data: &mut [i8], scratch: &mut [i32]) {
    let Windows { rows, columns, input, output } = layer.windows;
    let kernel = K::new(&layer.windows);
    let Some((window, sums)) = scratch.split_at_mut_checked(kernel.window_words()) else { return };
    let input_row = usize::from(input.width) * usize::from(input.channels);
    let outputs = usize::from(output.channels);
    let output_row = usize::from(output.width) * outputs;
    let blocks = layer.windows.channels().div_ceil(K::CHANNELS);

    let Some(step) = NonZeroUsize::new(columns.stride * outputs) else { return };
    let mut taken = rows.first;
    for group in 0..rows.count {
        while taken < rows.first + (group + rows.taps) as i32 {
            let row = usize::try_from(taken)
                .ok()
                .filter(|&row| row < usize::from(input.height))
                .and_then(|row| data.get(layer.input + row * input_row..)?.get(..input_row));
            kernel.take_row(window, row, layer.padding_value);
            taken += 1;
        }
        let mut weights = layer.weights;
        for phase in 0..columns.stride {
            let (own, rest) = weights.split_at_checked(blocks * kernel.weight_bytes()).unwrap_or_default();
            weights = rest;
            // A narrow output can be without some phases.
            let Some(first_column) = columns.output(columns.start(phase), phase) else { continue };
            let count = columns.outputs(phase);
            let mut weights = own;
            let mut channel = Channel::default();
            for _ in 0..blocks {
                let (own, rest) = weights.split_at_checked(kernel.weight_bytes()).unwrap_or_default();
                weights = rest;
                let first = channel;
                let mut wanted = false;
                let mut bias = [0; 2];
                for bias in bias.iter_mut().take(K::CHANNELS) {
                    let at = (channel.row_phase * columns.stride + phase) * outputs + channel.output;
                    *bias = layer.bias.get(at).copied().unwrap_or(0);
                    wanted |= channel.row_phase < rows.stride && rows.output(group, channel.row_phase).is_some();
                    channel = channel.next(outputs);
                }
                if !wanted {
                    continue;
                }
                kernel.sum(phase, window, own, layer.run, bias, sums);
                let mut done = first;
                for index in 0..K::CHANNELS {
                    if done.row_phase < rows.stride
                        && let Some(row) = rows.output(group, done.row_phase)
                    {
                        let start = layer.output + row * output_row + first_column * outputs + done.output;
                        let end = layer.output + (row + 1) * output_row;
                        layer.requantize.store(
                            done.output,
                            kernel.sums_of(sums, index).get(..count).unwrap_or_default(),
                            data.get_mut(start..end).unwrap_or_default(),
                            step,
                        );
                    }
                    done = done.next(outputs);
                }
            }
        }
    }
}
