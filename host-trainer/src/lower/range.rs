//! Scales and zero points from what the floats do.

use super::fold::{Stage, StageInput};
use super::{FloatRun, LowerError};
use crate::graph::{Activation, Graph, NodeId, Shape};

/// The share of values that may lie outside a range on each side: a rare outlier would cost every other value precision.
const OUTSIDE: f64 = 1e-4;

/// How a tensor's numbers are quantized: real = scale · (q − zero_point).
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Numbers {
    pub(super) scale: f32,
    pub(super) zero_point: i8,
}

/// A tensor of the model file.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct StageTensor {
    pub(super) shape: Shape,
    /// Of the tensor itself.
    pub(super) numbers: Numbers,
    /// In front of an activation table; the tensor's own where there is none.
    pub(super) before_activation: Numbers,
}

/// The latent's tensor first, then one a stage.
pub(super) fn tensors(
    graph: &Graph,
    stages: &[Stage],
    run: &FloatRun,
) -> Result<Vec<StageTensor>, LowerError> {
    let latent = Numbers { scale: gan_core::LATENT_SCALE, zero_point: 0 };
    let shape = Shape::vector(graph.latent_length());
    let mut tensors = vec![StageTensor { shape, numbers: latent, before_activation: latent }];
    for stage in stages {
        let shape = graph.nodes[stage.output].shape;
        let range = |node: NodeId| {
            observed(&run.outputs[node]).ok_or_else(|| LowerError::NotFinite { layer: stage.name.clone() })
        };
        let numbers = if stage.output == graph.output {
            // Pictures: −1 is −127, +1 is 127.
            Numbers { scale: 1.0 / 127.0, zero_point: 0 }
        } else {
            affine(range(stage.output)?)
        };
        let before_activation = match stage.activation {
            None | Some(Activation::Relu) => numbers,
            Some(function) => {
                let (low, high) = range(stage.before_activation)?;
                let limit = saturation(function);
                affine((low.max(-limit), high.min(limit)))
            }
        };
        tensors.push(StageTensor { shape, numbers, before_activation });
    }
    Ok(tensors)
}

impl StageInput {
    /// Index in [`tensors`]' result.
    pub(super) fn tensor(self) -> usize {
        match self {
            StageInput::Latent { .. } => 0,
            StageInput::Stage(stage) => stage + 1,
        }
    }
}

/// Lowest and highest value but for the rarest; `None` where a value is not finite.
fn observed(values: &[f32]) -> Option<(f32, f32)> {
    if !values.iter().all(|value| value.is_finite()) {
        return None;
    }
    let mut sorted = values.to_vec();
    let outside = (values.len() as f64 * OUTSIDE) as usize;
    let (_, &mut low, _) = sorted.select_nth_unstable_by(outside, f32::total_cmp);
    let (_, &mut high, _) = sorted.select_nth_unstable_by(values.len() - 1 - outside, f32::total_cmp);
    Some((low, high))
}

/// The numbers that cover `low..=high` and 0 with 256 steps. A ReLU's output, which starts at 0, gets zero point −128.
fn affine((low, high): (f32, f32)) -> Numbers {
    let (low, high) = (low.min(0.0), high.max(0.0));
    // A tensor that is 0 throughout gets any scale.
    let scale = if high > low { (high - low) / 255.0 } else { 1.0 };
    let zero_point = (-128.0 - low / scale).round().clamp(-128.0, 127.0) as i8;
    Numbers { scale, zero_point }
}

/// Where the function is within half an int8 step of its limit: beyond, nothing is to be seen.
fn saturation(function: Activation) -> f32 {
    match function {
        Activation::Tanh => (1.0f32 - 0.5 / 127.0).atanh(),
        Activation::Sigmoid => (2.0f32 * 255.0 - 1.0).ln(),
        Activation::Relu | Activation::LeakyRelu { .. } => f32::INFINITY,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_range_from_zero_has_its_zero_at_the_lowest_step() {
        assert_eq!(affine((0.0, 2.55)), Numbers { scale: 0.01, zero_point: -128 });
    }

    #[test]
    fn zero_is_always_a_step() {
        for range in [(0.5, 1.0), (-3.0, -1.0), (-1.0, 0.3), (0.0, 0.0)] {
            let Numbers { scale, zero_point } = affine(range);
            for end in [range.0, range.1] {
                let quantized = (end / scale).round() + f32::from(zero_point);
                assert!((-128.0..=127.0).contains(&quantized), "{range:?} ends at {quantized}");
            }
        }
    }

    #[test]
    fn a_rare_outlier_does_not_stretch_the_range() {
        let mut values = vec![0.5; 100_000];
        values[7] = 1000.0;
        assert_eq!(observed(&values), Some((0.5, 0.5)));
        values[8] = f32::NAN;
        assert_eq!(observed(&values), None);
    }
}
