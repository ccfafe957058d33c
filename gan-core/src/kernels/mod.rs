//! Inner loops. All give the bits of the definitions in [`crate::ops`].
//!
//! [`direct`] runs any op, in the layout in which files are written. The others run layers that
//! [`pack`](crate::pack) has laid out for a family of cores: [`rows`] and [`dense`] are what they share, the inner loops
//! below are in assembly for their cores and in plain Rust, word for word the same, elsewhere. The layouts stand in
//! [`format`](mod@crate::format), what the working memory holds at each kernel.
//!
//! | kernel set | cores | conv, at stride 1 and transposed | dense | sum, concat, embedding, other conv |
//! |---|---|---|---|---|
//! | portable | any; a host's evaluation | [`direct`] | [`direct`] | [`direct`] |
//! | armv6m | Cortex-M0, M0+, M1 | [`planes`]: four pixels by one channel | [`dense::bytes`]: four outputs by one input | [`direct`] |
//! | armv7m | Cortex-M3 | [`pairs`]: two pixels by two taps in one SMLAL | [`dense::quads`]: four outputs by one input in two | [`direct`] |
//! | dsp | Cortex-M4, M7, M33 | [`pairs`] | [`dense::halves`]: two outputs by two inputs in SMLAD | [`direct`] |
//! | mve | Cortex-M55, M85 | [`vectors`]: four pixels by two channels, sixteen products in one VMLADAVA | [`dense::vectors`] | [`direct`] |
//!
//! [`magnitude`] adds up weights for the proof that sums suffice, [`store`] writes rows of results, [`copy`] moves words.
#![allow(
    unsafe_code,
    reason = "assembly; each block has a safe wrapper beside it that checks what it touches"
)]

mod copy;
pub(crate) mod dense;
pub(crate) mod direct;
pub(crate) mod layers;
pub(crate) mod magnitude;
#[cfg(any(gan_kernels = "armv7m", gan_kernels = "dsp"))]
pub(crate) mod pairs;
#[cfg(gan_kernels = "armv6m")]
pub(crate) mod planes;
pub(crate) mod requantize;
pub(crate) mod rows;
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
