//! Transposed convolution: the gradient of a convolution with the same window, so that
//! `output[y · stride − padding + r][x · stride − padding + c][o] += weight[o][r][c][i] · input[y][x][i]`,
//! then bias and requantization.
//!
//! It runs as [`Phases`](super::phases::Phases), by the same kernels as a convolution.

use crate::error::OpError;
use crate::format::ConvRecord;
use crate::ops::Context;
use crate::ops::conv::Conv;

/// Checks a record.
pub(crate) fn new<'a>(record: &ConvRecord, context: &Context<'a, '_>) -> Result<Conv<'a>, OpError> {
    Conv::new(record, true, context)
}
