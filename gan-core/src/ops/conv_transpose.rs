//! Transposed convolution: the gradient of a convolution with the same window, so that
//! `output[y · stride − padding + r][x · stride − padding + c][o] += weight[o][r][c][i] · input[y][x][i]`,
//! then bias and requantization.
//!
//! It runs as [`Phases`](super::phases::Phases), by the same kernels as a [convolution](super::conv). An output in row y
//! and column x is of phase row (y + padding) mod stride and phase column (x + padding) mod stride, and meets the kernel
//! rows r and columns c that are those numbers mod stride. As in a convolution, `bias` of a phase holds
//! −zero_point · Σ weight over *all* of the phase's weights, also where they meet no input: there the input reads as its
//! zero point.
