//! Inner loops. All give the bits of the definitions in [`crate::ops`].
//!
//! # Which kernel runs what
//! A file is written in the portable layout, which [`direct`] runs on any core. [`pack`](crate::pack) lays a layer out for
//! the [`KernelSet`] of a core if that set covers it; what is not covered stays portable.
//!
//! | layer | armv6m: Cortex-M0, M0+, M1 | armv7m: Cortex-M3 | dsp: Cortex-M4, M7, M33 | mve: Cortex-M55, M85 |
//! |---|---|---|---|---|
//! | conv of stride 1, kernel up to 8×8 | [`planes`] | [`pairs`] | [`pairs`] | [`vectors`] |
//! | conv of another stride or a larger kernel | [`direct::conv`] | [`direct::conv`] | [`direct::conv`] | [`direct::conv`] |
//! | conv transposed of any stride, ⌈kernel / stride⌉ up to 8 | [`planes`] | [`pairs`] | [`pairs`] | [`vectors`] |
//! | conv transposed of a larger kernel | [`direct::conv`] | [`direct::conv`] | [`direct::conv`] | [`direct::conv`] |
//! | dense | [`dense::bytes`] | [`dense::quads`] where the sums fit | [`dense::halves`] where the sums fit | [`dense::vectors`] |
//! | sum, concat | [`direct::terms`] | [`direct::terms`] | [`direct::terms`] | [`direct::terms`] |
//! | product | [`direct::product`] | [`direct::product`] | [`direct::product`] | [`direct::product`] |
//! | instance norm, attention | [`statistics`] | [`statistics`] | [`statistics`] | [`statistics`] |
//! | window, draw | [`pixels`] | [`pixels`] | [`pixels`] | [`pixels`] |
//! | embedding | a copy, [`crate::ops::embedding`] | a copy | a copy | a copy |
//!
//! Channels, heights and widths are any. Portable is [`direct`] throughout. A host has all sets compiled in, by their plain
//! twins; a device those of its core (`gan-core/build.rs`).
//!
//! # What each does
//! The layout of weights stands in [`format`](mod@crate::format) in full, that of the working memory at each kernel.
//!
//! | kernel | at once | packed weights | what is filled up | exact while |
//! |---|---|---|---|---|
//! | [`planes`] | four or three pixels by one channel, MULS | i8 `[phase column][channel][tap column][tap row][input channel]` | nothing | always |
//! | [`pairs`] | two pixels by two taps in one SMLAL, of two channels | i32 `[phase column][channel / 2][tap column / 2][tap row][input channel][2]`, in front of each two channels the length of their runs | input channels to 4 | always: packing finds runs short enough |
//! | [`vectors`] | four or three pixels by two channels, sixteen products in one VMLADAVA | i8 `[phase column][channel / 2][tap column][tap row][input channel / 16][2][16]`; both columns of two side by side | input channels to 16 | always |
//! | [`dense::bytes`] | four outputs by one input, MULS | i8 `[output / 4][input][4]` | outputs to 4 | always |
//! | [`dense::quads`] | four outputs by one input in two SMLAL | i8 `[output / 4][input][4]`, two of the four with 128 added | outputs and inputs to 4 | Σ\|weight\| · 128 < 2²³ per output |
//! | [`dense::halves`] | two outputs by two inputs in two SMLAD | i16 `[output / 2][input]`, a + 256 · b | outputs to 2, inputs to 8 | (256 · Σ\|b\| + Σ\|a\|) · 128 < 2³¹ per two outputs |
//! | [`dense::vectors`] | eight outputs by sixteen inputs, VMLADAVA | i8 `[output / 8][input / 16][8][16]` | outputs to 8, inputs to 16 | always |
//!
//! The inner loop of a kernel `k` of convolutions is `k/asm.rs` for its cores and `k/twin.rs`, in plain Rust, elsewhere; of a
//! dense one both stand in its file. [`vectors`] is fastest with an even number of output channels and a shift of 32 for all of
//! them: an odd number goes pair by pair, other shifts go through [`Requantize::store`](requantize::Requantize::store).
//!
//! # What they share
//! [`rows`] goes down a picture row by row for every convolution, [`mod@dense`] along the outputs for every dense layer: a
//! kernel is what their traits [`RowKernel`](rows::RowKernel) and [`DenseKernel`](dense::DenseKernel) ask for, named in
//! `for_conv!` or `for_dense!` below. [`layers`] are what is run, [`requantize`] ends each sum, [`store`] writes rows of
//! results, [`magnitude`] adds up weights for the proof that sums suffice, [`copy`] moves words.
#![allow(
    unsafe_code,
    reason = "assembly; each block has a safe wrapper beside it that checks what it touches"
)]

mod copy;
pub(crate) mod dense;
pub(crate) mod direct;
#[cfg(feature = "adaptive")]
pub(crate) mod inverse;
pub(crate) mod layers;
pub(crate) mod magnitude;
#[cfg(any(gan_kernels = "armv7m", gan_kernels = "dsp"))]
pub(crate) mod pairs;
#[cfg(feature = "adaptive")]
pub(crate) mod pixels;
#[cfg(gan_kernels = "armv6m")]
pub(crate) mod planes;
pub(crate) mod requantize;
pub(crate) mod rows;
#[cfg(feature = "adaptive")]
pub(crate) mod statistics;
pub(crate) mod store;
#[cfg(gan_kernels = "mve")]
pub(crate) mod vectors;

use crate::error::OpError;
use crate::geometry::groups::Windows;
use crate::kernel_set::KernelSet;
use layers::{PackedConv, PackedDense};

/// Calls `$function` for the kernels of `$set`; `$none` where they are not compiled in.
macro_rules! for_conv {
    ($set:expr, $function:ident($($argument:expr),*), $none:expr) => {
        match $set {
            #[cfg(gan_kernels = "armv6m")]
            KernelSet::Armv6m => rows::$function::<planes::Planes>($($argument),*),
            #[cfg(gan_kernels = "armv7m")]
            KernelSet::Armv7m => rows::$function::<pairs::Pairs>($($argument),*),
            #[cfg(gan_kernels = "dsp")]
            KernelSet::Dsp => rows::$function::<pairs::Pairs>($($argument),*),
            #[cfg(gan_kernels = "mve")]
            KernelSet::Mve => rows::$function::<vectors::Vectors>($($argument),*),
            _ => $none,
        }
    };
}

/// The same for dense layers.
macro_rules! for_dense {
    ($set:expr, $function:ident($($argument:expr),*), $none:expr) => {
        match $set {
            #[cfg(gan_kernels = "armv6m")]
            KernelSet::Armv6m => dense::$function::<dense::bytes::Bytes>($($argument),*),
            #[cfg(gan_kernels = "armv7m")]
            KernelSet::Armv7m => dense::$function::<dense::quads::Quads>($($argument),*),
            #[cfg(gan_kernels = "dsp")]
            KernelSet::Dsp => dense::$function::<dense::halves::Halves>($($argument),*),
            #[cfg(gan_kernels = "mve")]
            KernelSet::Mve => dense::$function::<dense::vectors::Vectors>($($argument),*),
            _ => $none,
        }
    };
}

pub(crate) fn packed_conv(set: KernelSet, layer: &PackedConv<'_>, data: &mut [i8], scratch: &mut [i32]) {
    for_conv!(set, run(layer, data, scratch), ());
}

pub(crate) fn packed_dense(
    set: KernelSet,
    layer: &PackedDense<'_>,
    choices: &[u8],
    data: &mut [i8],
    scratch: &mut [i32],
) {
    for_dense!(set, run(layer, choices, data, scratch), ());
}

/// Bytes of working memory and of weights of a convolution.
pub(crate) fn conv_bytes(set: KernelSet, windows: &Windows) -> Option<(usize, usize)> {
    let scratch = for_conv!(set, scratch_bytes(windows), return None);
    Some((scratch, for_conv!(set, weight_bytes(windows), return None)))
}

/// Checks the weights of a convolution: hands `check` each column phase, channel and its Σ|weight|; see
/// [`rows::RowKernel::magnitudes`].
pub(crate) fn check_conv(
    set: KernelSet,
    windows: &Windows,
    weights: &[i8],
    check: &mut dyn FnMut(usize, usize, u32) -> Result<(), OpError>,
) -> Result<(), OpError> {
    for_conv!(set, check(windows, weights, check), Err(OpError::Layout))
}

/// Bytes of working memory and of weights of a dense layer.
pub(crate) fn dense_bytes(set: KernelSet, inputs: usize, outputs: usize) -> Option<(usize, usize)> {
    let scratch = for_dense!(set, scratch_bytes(inputs), return None);
    Some((scratch, for_dense!(set, weight_bytes(inputs, outputs), return None)))
}

/// Checks the weights of a dense layer: hands `check` each output and its Σ|weight|; see
/// [`dense::DenseKernel::magnitudes`].
pub(crate) fn check_dense(
    set: KernelSet,
    (inputs, outputs): (usize, usize),
    weights: &[i8],
    check: &mut dyn FnMut(usize, u32) -> Result<(), OpError>,
) -> Result<(), OpError> {
    for_dense!(set, check(inputs, outputs, weights, check), Err(OpError::Layout))
}
