//! A convolution, transposed or not, whose weights [`pack`](crate::pack) has laid out for a kernel set.
//!
//! What it computes is said in [`conv`](super::conv) and [`conv_transpose`](super::conv_transpose).

use crate::constants::check_sum;
use crate::error::OpError;
use crate::kernels;
use crate::kernels::set::KernelSet;
use crate::ops::conv::Conv;
use crate::ops::groups::Windows;
use crate::ops::phases::Phases;
use crate::region::Region;
use crate::shape::Shape;

/// A convolution as a kernel set runs it.
#[derive(Debug, Clone, Copy)]
pub struct PackedConv<'a> {
    /// The convolution; its weights are in the kernel set's order.
    pub(crate) conv: &'a Conv<'a>,
    /// Which input meets which output, row by row.
    pub(crate) windows: Windows,
    /// Where the input starts in the bytes that hold input and output.
    pub(crate) input: usize,
    /// Where the output starts there.
    pub(crate) output: usize,
}

impl<'a> PackedConv<'a> {
    /// A convolution that [`bytes`] has accepted.
    pub(crate) fn new(conv: &'a Conv<'a>, input: Region, output: Region) -> Option<Self> {
        let windows = Windows::new(conv.phases, conv.input, conv.output)?;
        let start = input.hull(output).start;
        let (input, output) = ((input.start - start) as usize, (output.start - start) as usize);
        Some(PackedConv { conv, windows, input, output })
    }
}

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
