//! What rounded weights lose on average, for the bias to have it.
//!
//! Of an input whose mean is not 0, rounded weights make an output with another mean: an error that all pictures and all pixels share,
//! and that layers behind do not average out. The bias takes it back, channel by channel (Nagel et al. 2019, "Data-free quantization
//! through weight equalization and bias correction", section 4.2, here with means that were measured instead of those of batch
//! norms).

use super::fold::{Stage, StageKind};
use crate::graph::{Shape, convolve};

/// Per channel of the output of `stage`, of the shape `to`, how much more its weights make on average than their `rounded` values do, of
/// tensors of the shape `from` that follow each other in `read`.
pub(super) fn lost(stage: &Stage, rounded: &[f32], (read, from): (&[f32], Shape), to: Shape) -> Vec<f32> {
    let difference: Vec<f32> =
        stage.weight.iter().zip(rounded).map(|(weight, rounded)| weight - rounded).collect();
    // The layer is linear: what it makes of the mean is the mean of what it makes.
    let mean = mean(read, from.size());
    let sums: Vec<f32> = match stage.kind {
        StageKind::Conv(window) => convolve(false, window, &difference, (&mean, from), to),
        StageKind::ConvTranspose(window) => convolve(true, window, &difference, (&mean, from), to),
        _ => {
            let sum = |row: &[f32]| row.iter().zip(&mean).map(|(weight, value)| weight * value).sum();
            difference.chunks(mean.len()).map(sum).collect()
        }
    };
    self::mean(&sums, to.channels)
}

/// The mean of `values`, `length` at a time.
fn mean(values: &[f32], length: usize) -> Vec<f32> {
    let mut sums = vec![0f64; length];
    values.iter().enumerate().for_each(|(place, &value)| sums[place % length] += f64::from(value));
    let count = (values.len() / length).max(1) as f64;
    sums.into_iter().map(|sum| (sum / count) as f32).collect()
}
