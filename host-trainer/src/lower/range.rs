//! Scales and zero points from what the floats do.

use serde::{Deserialize, Serialize};

use super::fold::{Stage, StageInput};
use super::{FloatRun, LowerError, Method};
use crate::graph::{Activation, Graph, NodeId, Shape};

/// How a tensor's numbers are quantized: real = scale · (q − zero_point).
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Numbers {
    /// Real value of a step, above 0.
    pub scale: f32,
    /// The step that stands for 0.
    pub zero_point: i8,
}

impl Numbers {
    /// The lowest step in use: pictures and latents are symmetric, and do not use −128.
    pub fn lowest(self) -> i8 {
        if self.zero_point == 0 { -127 } else { -128 }
    }

    /// The nearest step, of two the higher.
    pub fn quantize(self, real: f32) -> i8 {
        let steps = (real / self.scale + 0.5).floor() + f32::from(self.zero_point);
        steps.clamp(f32::from(self.lowest()), 127.0) as i8
    }

    /// What a step stands for.
    pub fn real(self, step: i8) -> f32 {
        self.scale * (f32::from(step) - f32::from(self.zero_point))
    }
}

/// A tensor of the model file.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct StageTensor {
    /// Height, width, channels.
    pub shape: Shape,
    /// Of the tensor itself.
    pub numbers: Numbers,
    /// In front of an activation table; the tensor's own where there is none.
    pub before_activation: Numbers,
}

/// The latent's tensor first, then one a stage.
pub(super) fn tensors(
    graph: &Graph,
    stages: &[Stage],
    run: &FloatRun,
    method: Method,
) -> Result<Vec<StageTensor>, LowerError> {
    let latent = Numbers { scale: gan_core::LATENT_SCALE, zero_point: 0 };
    let shape = Shape::vector(graph.latent_length());
    let mut tensors = vec![StageTensor { shape, numbers: latent, before_activation: latent }];
    for stage in stages {
        let shape = graph.nodes[stage.output].shape;
        let range = |node: NodeId, limit: f32| {
            let range = method.range(&run.outputs[node], limit);
            range.map(affine).ok_or_else(|| LowerError::NotFinite { layer: stage.name.clone() })
        };
        let numbers = if stage.output == graph.output {
            // Pictures: −1 is −127, +1 is 127.
            Numbers { scale: 1.0 / 127.0, zero_point: 0 }
        } else {
            range(stage.output, f32::INFINITY)?
        };
        let before_activation = match stage.activation {
            None | Some(Activation::Relu) => numbers,
            Some(function) => range(stage.before_activation, saturation(function))?,
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

/// The numbers that cover `low..=high` and 0 with 256 steps. A ReLU's output, which starts at 0, gets zero point −128.
pub(super) fn affine((low, high): (f32, f32)) -> Numbers {
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
}
