//! Convolutions that go down the input row by row.
//!
//! The rows that a window covers are unpacked into working memory in the form that a kernel set's inner loop reads,
//! with the padding around them, so that the inner loop knows no border. An input row is read once: output may lie
//! over input that was read already, and two large tensors share their memory.

use crate::error::OpError;
use crate::geometry::groups::Windows;
use crate::kernels::layers::PackedConv;
use crate::kernels::magnitude::Sums;

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

    /// Σ|weight| of the channels of a block with these weights; `None` if a weight is not in −127..=127, or if a narrow sum
    /// could overflow.
    fn magnitudes(self, weights: &[i8]) -> Option<Sums>;

    /// Fills the window with padding.
    fn pad(self, window: &mut [i32], padding: i8);

    /// Forgets the topmost row of `window` and unpacks `row` as the lowest; no row is a row of padding.
    fn take_row(self, window: &mut [i32], row: Option<&[i8]>, padding: i8);

    /// Sums up a row of outputs of column phase `phase` for a block of channels, from their biases on.
    fn sum(self, phase: usize, window: &[i32], weights: &[i8], bias: [i32; 2], sums: &mut [i32]);

    /// Makes a row of outputs of all channels.
    #[inline(always)]
    fn row(self, job: &Job<'_>, window: &[i32], sums: &mut [i32], data: &mut [i8]) {
        by_blocks(self, job, window, sums, data);
    }

    /// The sums of channel `channel` of the block that was summed up last, one per output.
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

/// Hands `check` each column phase, channel and its [`RowKernel::magnitudes`].
#[cold] // for size
pub(crate) fn check<K: RowKernel>(
    windows: &Windows,
    weights: &[i8],
    check: &mut dyn FnMut(usize, usize, u32) -> Result<(), OpError>,
) -> Result<(), OpError> {
    let kernel = K::new(windows);
    let blocks = windows.channels().div_ceil(K::CHANNELS).max(1);
    for (index, block) in weights.chunks_exact(kernel.weight_bytes().max(1)).enumerate() {
        let sums = kernel.magnitudes(block).ok_or(OpError::Run)?;
        // `blocks` is at least 1, which the compiler loses sight of.
        let phase = index.checked_div(blocks).unwrap_or(0);
        let first = (index - phase * blocks) * K::CHANNELS;
        for (channel, &sum) in (first..windows.channels()).zip(&sums).take(K::CHANNELS) {
            check(phase, channel, sum)?;
        }
    }
    Ok(())
}

/// A row of outputs to be made: of one group of rows and one column phase, all channels.
pub(crate) struct Job<'j> {
    pub(crate) layer: &'j PackedConv<'j>,
    /// The group of rows.
    pub(crate) group: usize,
    /// The column phase.
    pub(crate) phase: usize,
    /// The first output column.
    pub(crate) first_column: usize,
    /// Number of output columns.
    pub(crate) count: usize,
    /// Bytes from an output column to the next.
    pub(crate) step: usize,
    /// Weights of the column phase.
    pub(crate) weights: &'j [i8],
}

impl Job<'_> {
    /// Number of output channels.
    pub(crate) fn outputs(&self) -> usize {
        self.layer.windows.output.channels.into()
    }

    /// The output row that `row_phase` makes, if it exists.
    fn row(&self, row_phase: usize) -> Option<usize> {
        let rows = self.layer.windows.rows;
        if row_phase < rows.stride { rows.output(self.group, row_phase) } else { None }
    }

    /// Where a channel's first output lies in `data`, and where its row ends, if the row exists.
    pub(crate) fn place(&self, channel: Channel) -> Option<(usize, usize)> {
        let width = usize::from(self.layer.windows.output.width);
        let start = self.layer.output + self.row(channel.row_phase)? * width * self.outputs();
        let first = start + self.first_column * self.outputs() + channel.output;
        Some((first, start + width * self.outputs()))
    }

    /// Index of a channel's bias.
    pub(crate) fn bias(&self, channel: Channel) -> usize {
        (channel.row_phase * self.layer.windows.columns.stride + self.phase) * self.outputs() + channel.output
    }
}

/// A row phase and an output channel.
#[derive(Clone, Copy, Default)]
pub(crate) struct Channel {
    pub(crate) row_phase: usize,
    pub(crate) output: usize,
}

impl Channel {
    /// The channel that follows.
    pub(crate) fn next(self, outputs: usize) -> Self {
        if self.output + 1 < outputs {
            Channel { output: self.output + 1, ..self }
        } else {
            Channel { row_phase: self.row_phase + 1, output: 0 }
        }
    }
}

/// Makes a row block by block: sums first, which are then requantized.
#[inline(always)]
pub(crate) fn by_blocks<K: RowKernel>(
    kernel: K,
    job: &Job<'_>,
    window: &[i32],
    sums: &mut [i32],
    data: &mut [i8],
) {
    let layer = job.layer;
    let mut weights = job.weights;
    let mut channel = Channel::default();
    while let Some((own, behind)) = weights.split_at_checked(kernel.weight_bytes())
        && !own.is_empty()
    {
        weights = behind;
        let mut places = [None; 2];
        let mut bias = [0; 2];
        let first = channel;
        for (place, bias) in places.iter_mut().zip(&mut bias).take(K::CHANNELS) {
            *place = job.place(channel);
            *bias = layer.conv.bias.get(job.bias(channel)).copied().unwrap_or(0);
            channel = channel.next(job.outputs());
        }
        if places == [None; 2] {
            continue;
        }
        kernel.sum(job.phase, window, own, bias, sums);
        let mut done = first;
        for (index, place) in places.iter().enumerate().take(K::CHANNELS) {
            if let Some((start, end)) = *place {
                let sums = kernel.sums_of(sums, index).get(..job.count).unwrap_or_default();
                let output = data.get_mut(start..end).unwrap_or_default();
                layer.conv.requantize.store(done.output, sums, output, job.step);
            }
            done = done.next(job.outputs());
        }
    }
}

/// Runs a layer: `data` holds its input and its output, `scratch` its working memory.
///
/// Parse has proven that every `get` here finds its elements.
pub(crate) fn run<K: RowKernel>(layer: &PackedConv<'_>, data: &mut [i8], scratch: &mut [i32]) {
    let Windows { rows, columns, input, output } = layer.windows;
    let kernel = K::new(&layer.windows);
    let Some((window, sums)) = scratch.split_at_mut_checked(kernel.window_words()) else { return };
    let step = columns.stride * usize::from(output.channels);
    let input_row = usize::from(input.width) * usize::from(input.channels);
    let phase_bytes = layer.windows.channels().div_ceil(K::CHANNELS) * kernel.weight_bytes();

    // The rows above the input.
    kernel.pad(window, layer.conv.padding_value);
    let mut taken = rows.first.max(0);
    for group in 0..rows.count {
        while taken < rows.first + (group + rows.taps) as i32 {
            let row = usize::try_from(taken)
                .ok()
                .filter(|&row| row < usize::from(input.height))
                .and_then(|row| data.get(layer.input + row * input_row..)?.get(..input_row));
            kernel.take_row(window, row, layer.conv.padding_value);
            taken += 1;
        }
        let mut rest = layer.conv.weights;
        for phase in 0..columns.stride {
            let (weights, behind) = rest.split_at_checked(phase_bytes).unwrap_or_default();
            rest = behind;
            // A narrow output can be without some phases.
            let Some(first_column) = columns.output(columns.start(phase), phase) else { continue };
            let count = columns.outputs(phase);
            let job = Job { layer, group, phase, first_column, count, step, weights };
            kernel.row(&job, window, sums, data);
        }
    }
}
