//! Dense layers with packed weights.
//!
//! The input is unpacked once into working memory in the form that a kernel set's inner loop reads; the inner loop then
//! makes the sums of a chunk of outputs at a time, and those are requantized while they are at hand. The input is read
//! before the first output is written, so the output may lie over it.

#[cfg(gan_kernels = "armv6m")]
pub(crate) mod bytes;
#[cfg(gan_kernels = "dsp")]
pub(crate) mod halves;
#[cfg(gan_kernels = "armv7m")]
pub(crate) mod quads;
#[cfg(gan_kernels = "mve")]
pub(crate) mod vectors;

use crate::error::OpError;
use crate::kernels::layers::PackedDense;
use crate::kernels::magnitude::Sums;
use crate::kernels::requantize::Requantize;

/// The inner loop of a kernel set.
pub(crate) trait DenseKernel {
    /// Outputs that are summed up together: a block.
    const OUTPUTS: usize;

    /// Words of the unpacked input.
    fn input_words(inputs: usize) -> usize;

    /// Bytes of a block's weights.
    fn block_bytes(inputs: usize) -> usize;

    /// Σ|weight| of the outputs of a block with these weights; `None` if a weight is not in −127..=127, or if a narrow sum
    /// could overflow.
    fn magnitudes(weights: &[i8]) -> Option<Sums>;

    /// Unpacks the input.
    fn unpack(input: &[i8], words: &mut [i32]);

    /// Sums up as many blocks as there are weights for.
    fn sum(inputs: usize, unpacked: &[i32], weights: &[i8], sums: &mut [i32]);

    /// [`Requantize::store_channels`], perhaps faster.
    #[inline(always)]
    fn store(requantize: &Requantize<'_>, channel: usize, sums: &[i32], biases: &[i32], output: &mut [i8]) {
        requantize.store_channels(channel, sums, biases, output);
    }
}

/// Outputs that are requantized at once.
const CHUNK: usize = 128;

/// Bytes of working memory.
pub(crate) fn scratch_bytes<K: DenseKernel>(inputs: usize) -> usize {
    4 * (K::input_words(inputs) + CHUNK)
}

/// Bytes of all weights.
pub(crate) fn weight_bytes<K: DenseKernel>(inputs: usize, outputs: usize) -> usize {
    outputs.div_ceil(K::OUTPUTS) * K::block_bytes(inputs)
}

/// Hands `check` each output and its [`DenseKernel::magnitudes`].
#[cold] // for size
pub(crate) fn check<K: DenseKernel>(
    inputs: usize,
    outputs: usize,
    weights: &[i8],
    check: &mut dyn FnMut(usize, u32) -> Result<(), OpError>,
) -> Result<(), OpError> {
    for (index, block) in weights.chunks_exact(K::block_bytes(inputs).max(1)).enumerate() {
        let sums = K::magnitudes(block).ok_or(OpError::Run)?;
        for (output, &sum) in (index * K::OUTPUTS..outputs).zip(&sums).take(K::OUTPUTS) {
            check(output, sum)?;
        }
    }
    Ok(())
}

/// Runs a layer: `data` holds its input and its output, `scratch` its working memory.
///
/// Parse has proven that every `get` here finds its elements.
pub(crate) fn run<K: DenseKernel>(
    layer: &PackedDense<'_>,
    choices: &[u8],
    data: &mut [i8],
    scratch: &mut [i32],
) {
    let PackedDense { dense, input, output, .. } = layer;
    let Some((unpacked, sums)) = scratch.split_at_mut_checked(K::input_words(dense.inputs)) else { return };
    let input = data.get(*input..).and_then(|input| input.get(..dense.inputs));
    K::unpack(input.unwrap_or_default(), unpacked);
    let output = data.get_mut(*output..).and_then(|output| output.get_mut(..dense.outputs));
    let mut output = output.unwrap_or_default();
    let mut weights = dense.weights;
    let chunk_bytes = CHUNK / K::OUTPUTS * K::block_bytes(dense.inputs);
    let (mut column, one) =
        dense.columns.map_or((&[][..], 0), |columns| columns.chosen(choices, dense.outputs));
    let channels = dense.requantize.multipliers.len();
    let (mut done, mut channel) = (0, 0);
    while !output.is_empty() {
        let (own, behind) = weights.split_at_checked(chunk_bytes).unwrap_or((weights, &[]));
        weights = behind;
        K::sum(dense.inputs, unpacked, own, sums);
        for (sum, class_weight) in sums.iter_mut().zip(column) {
            *sum = sum.wrapping_add(i32::from(*class_weight) * one);
        }
        column = column.get(CHUNK..).unwrap_or_default();
        let mut ready: &[i32] = sums;
        while !ready.is_empty() && !output.is_empty() {
            // As far as channels follow one another.
            let count = ready.len().min(output.len()).min(channels.saturating_sub(channel).max(1));
            let biases = if dense.bias.len() == channels { channel } else { done };
            let Some((chunk, behind)) = output.split_at_mut_checked(count) else { return };
            let biases = dense.bias.get(biases..).unwrap_or_default();
            K::store(&dense.requantize, channel, ready, biases, chunk);
            output = behind;
            ready = ready.get(count..).unwrap_or_default();
            done += count;
            channel = if channel + count < channels { channel + count } else { 0 };
        }
    }
}
