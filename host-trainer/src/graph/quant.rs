//! How floats are rounded to int8: of a tensor, and all along a network.

use serde::{Deserialize, Serialize};

use super::{Activation, NodeId, Shape};

/// How a tensor is quantized: real = scale · (q − zero_point).
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct QuantParams {
    /// Real value of a step, above 0.
    pub scale: f32,
    /// The step that stands for 0.
    pub zero_point: i8,
}

impl QuantParams {
    /// Of a picture, and of uniform numbers: −1 is −127, +1 is 127.
    pub const PICTURE: QuantParams = QuantParams { scale: 1.0 / 127.0, zero_point: 0 };
    /// Of standard normal numbers.
    pub const NORMAL: QuantParams = QuantParams { scale: gan_core::LATENT_SCALE, zero_point: 0 };

    /// The lowest step in use: symmetric tensors, as pictures and latents are, do not use −128.
    pub fn lowest(self) -> i8 {
        if self.zero_point == 0 { -127 } else { -128 }
    }

    /// The nearest step, of two the higher.
    pub fn quantize(self, real: f32) -> i8 {
        let steps = (real / self.scale + 0.5).floor() + f32::from(self.zero_point);
        steps.clamp(f32::from(self.lowest()), 127.0) as i8
    }

    /// The smallest step of a weight between an input and an output of these scales that leaves a multiplier of shift 32
    /// its 20 significant bits.
    pub fn least_weight_scale(input_scale: f32, output_scale: f32) -> f64 {
        f64::from(output_scale) / f64::from(input_scale) * (-12f64).exp2()
    }

    /// What a step stands for.
    pub fn real(self, step: i8) -> f32 {
        self.scale * (f32::from(step) - f32::from(self.zero_point))
    }
}

/// A tensor of a model file.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct StageTensor {
    /// Height, width, channels.
    pub shape: Shape,
    /// Of the tensor itself.
    pub params: QuantParams,
    /// In front of an activation table; the tensor's own where there is none.
    pub before_activation: QuantParams,
}

/// Where a network's values are rounded when it runs as its int8 model would: see [`Net::with_quantization`](super::Net::with_quantization).
#[derive(Debug, Clone, PartialEq)]
pub struct FakeQuantization {
    /// What each op of the model computes.
    pub stages: Vec<FakeStage>,
}

/// The nodes that became one op.
#[derive(Debug, Clone, PartialEq)]
pub struct FakeStage {
    /// The layer that the op computes; `None` where it passes its operand on to what follows.
    pub head: Option<NodeId>,
    /// The node whose value it reads first.
    pub operand: Option<NodeId>,
    /// The batch norm that is folded in.
    pub norm: Option<NodeId>,
    /// The elementwise function behind.
    pub activation: Option<Activation>,
    /// The node whose value it makes.
    pub output: NodeId,
    /// The nearest upsampling that is folded into a convolution's kernel; 1 is none.
    pub upsample: usize,
    /// The columns of a dense layer's weights that read a choice.
    pub choice_columns: std::ops::Range<usize>,
    /// How the (first) operand is quantized.
    pub input: QuantParams,
    /// The op's output.
    pub tensor: StageTensor,
}
