//! A dense layer whose weights [`pack`](crate::pack) has laid out for a kernel set.
//!
//! What it computes is said in [`dense`](super::dense).

use crate::constants::check_sum;
use crate::error::OpError;
use crate::kernel_set::KernelSet;
use crate::kernels;
use crate::kernels::layers::Dense;
pub use crate::kernels::layers::PackedDense;

/// Bytes of the working memory and of the weights.
pub(crate) fn bytes(set: KernelSet, inputs: usize, outputs: usize) -> Result<(usize, usize), OpError> {
    inputs.checked_mul(outputs).and_then(|size| size.checked_mul(8)).ok_or(OpError::Bounds)?;
    kernels::dense_bytes(set, inputs, outputs).ok_or(OpError::Layout)
}

/// Checks weights and factors.
#[cold] // for size
pub(crate) fn prove(set: KernelSet, layer: &Dense<'_>) -> Result<(), OpError> {
    let Dense { inputs, outputs, weights, bias, columns, requantize } = layer;
    let extra = columns.map_or(Ok(0), |columns| columns.prove())?;
    let channels = requantize.multipliers.len();
    kernels::check_dense(set, (*inputs, *outputs), weights, &mut |output, sum| {
        // Divided so that no zero can panic; there is none.
        let bias = output.checked_rem(bias.len()).and_then(|index| bias.get(index)).copied();
        check_sum(output.checked_rem(channels).unwrap_or(0), bias.unwrap_or(0), sum.into(), extra)
    })?;
    requantize.check()
}
