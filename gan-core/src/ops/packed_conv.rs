//! A convolution, transposed or not, whose weights [`pack`](crate::pack) has laid out for a kernel set.
//!
//! What it computes is said in [`conv`](super::conv) and [`conv_transpose`](super::conv_transpose).

use crate::constants::check_sum;
use crate::error::OpError;
use crate::geometry::groups::Windows;
use crate::geometry::phases::Phases;
use crate::kernel_set::KernelSet;
use crate::kernels;
use crate::kernels::layers::Conv;
pub use crate::kernels::layers::PackedConv;
use crate::shape::Shape;

/// Bytes of the working memory and of the weights.
pub(crate) fn bytes(
    set: KernelSet,
    phases: Phases,
    input: Shape,
    output: Shape,
) -> Result<(usize, usize), OpError> {
    let windows = Windows::new(phases, input, output).ok_or(OpError::Window)?;
    kernels::conv_bytes(set, &windows).ok_or(OpError::Layout)
}

/// Checks weights and factors.
#[cold] // for size
pub(crate) fn prove(set: KernelSet, conv: &Conv<'_>) -> Result<(), OpError> {
    let windows = Windows::new(conv.phases, conv.input, conv.output).ok_or(OpError::Window)?;
    let channels = usize::from(conv.output.channels);
    kernels::check_conv(set, &windows, conv.weights, &mut |phase, channel, sum| {
        // Divided so that no zero can panic; there is none.
        let row_phase = channel.checked_div(channels).unwrap_or(0);
        let output = channel - row_phase * channels;
        let bias = (row_phase * windows.columns.stride + phase) * channels + output;
        check_sum(output, conv.bias.get(bias).copied().unwrap_or(0), sum.into(), 0)
    })?;
    conv.requantize.check()
}
