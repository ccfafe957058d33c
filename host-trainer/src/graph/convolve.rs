//! Convolutions straight from their definition, in plain loops.

use super::{Shape, Window};

/// The convolution of a tensor, given as its values and its shape, with `weight`, `[output][row][column][input]`, to the shape `to`; or
/// the transposed one. Both join pixel `small` of the smaller picture with `small · stride − padding + kernel` of the larger.
pub(crate) fn convolve(
    transposed: bool,
    window: Window,
    weight: &[f32],
    (values, from): (&[f32], Shape),
    to: Shape,
) -> Vec<f32> {
    let mut sums = vec![0.0; to.size()];
    let (small, large) = if transposed { (from, to) } else { (to, from) };
    for position in 0..small.height * small.width * window.kernel * window.kernel {
        let (column, rest) = (position % window.kernel, position / window.kernel);
        let (row, pixel) = (rest % window.kernel, rest / window.kernel);
        let y = (pixel / small.width * window.stride + row).checked_sub(window.padding);
        let x = (pixel % small.width * window.stride + column).checked_sub(window.padding);
        let (Some(y), Some(x)) = (y, x) else { continue };
        if y >= large.height || x >= large.width {
            continue;
        }
        let other = y * large.width + x;
        let (read, written) = if transposed { (pixel, other) } else { (other, pixel) };
        for o in 0..to.channels {
            for i in 0..from.channels {
                let index = ((o * window.kernel + row) * window.kernel + column) * from.channels + i;
                sums[written * to.channels + o] += weight[index] * values[read * from.channels + i];
            }
        }
    }
    sums
}
