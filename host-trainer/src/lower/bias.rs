//! What rounded weights lose on average, for the bias to have it.
//!
//! Of an input whose mean is not 0, rounded weights make an output with another mean: an error that all pictures and all pixels share,
//! and that layers behind do not average out. The bias takes it back, channel by channel (Nagel et al. 2019, "Data-free quantization
//! through weight equalization and bias correction", section 4.2, here with means that were measured instead of those of batch
//! norms).

use super::FloatRun;
use super::fold::{Folded, Stage, StageKind};
use crate::graph::{Graph, Shape, convolve};

/// For each stage of weights, the mean of the tensors that it reads.
pub(super) struct Means(Vec<Option<Vec<f32>>>);

impl Means {
    /// What the stages of `folded`, made from `graph`, read when the floats do what they do in `run`.
    pub(super) fn of(folded: &Folded, graph: &Graph, run: &FloatRun) -> Means {
        let read = |stage: &Stage| {
            let linear =
                matches!(stage.kind, StageKind::Dense | StageKind::Conv(_) | StageKind::ConvTranspose(_));
            let node = stage.operand.filter(|_| linear)?;
            Some(mean(&run.outputs[node], graph.nodes[node].shape.size()))
        };
        Means(folded.stages.iter().map(read).collect())
    }

    /// That of the stage with this number; none of a stage without weights.
    pub(super) fn get(&self, stage: usize) -> Option<&[f32]> {
        self.0[stage].as_deref()
    }
}

/// Per channel of the output of `stage`, of the shape `to`, how much more its weights make on average than the `rounded` ones, each in
/// steps of `step` of its place, of tensors of the shape `from` whose mean is `mean`; 0 where there is no mean.
pub(super) fn lost(
    stage: &Stage,
    (rounded, step): (&[i8], impl Fn(usize) -> f64),
    (mean, from): (Option<&[f32]>, Shape),
    to: Shape,
) -> Vec<f32> {
    let Some(mean) = mean else { return vec![0.0; to.channels] };
    let difference = |(place, (weight, &rounded)): (usize, (&f32, &i8))| {
        weight - (step(place) * f64::from(rounded)) as f32
    };
    let difference: Vec<f32> = stage.weight.iter().zip(rounded).enumerate().map(difference).collect();
    // The layer is linear: what it makes of the mean is the mean of what it makes.
    let sums: Vec<f32> = match stage.kind {
        StageKind::Conv(window) => convolve(false, window, &difference, (mean, from), to),
        StageKind::ConvTranspose(window) => convolve(true, window, &difference, (mean, from), to),
        _ => {
            let sum = |row: &[f32]| row.iter().zip(mean).map(|(weight, value)| weight * value).sum();
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
