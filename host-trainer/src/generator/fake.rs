//! The generator's forward with fake quantization: floats that take only the values that the engine's integers can.
//!
//! Batch norm is folded into weights and bias with its running statistics, which stay as they are (Jacob et al. 2018,
//! section 3.2; Krishnamoorthi 2018, section 3.2); weights and activations are rounded as the lowering rounds them.
//! Rounding passes gradients through unchanged (the straight-through estimator, Bengio et al. 2013); what is clamped has
//! gradient 0. Biases are left alone: their step is hundreds of times finer than the output's.

use std::sync::Arc;

use burn::nn::BatchNorm;
use burn::tensor::{Int, Tensor};

use super::{Generator, Inputs, Weights, activate, channels_first};
use crate::graph::{Activation, Graph, Layer, NodeId, Parameters};
use crate::lower::{LowerError, Numbers, Stage, StageInput, StageTensor, fold, least_weight_scale};
use crate::nets::convolution::{conv, conv_transpose};

/// Where a generator's values are rounded, stage by stage.
#[derive(Debug, Clone, PartialEq)]
pub struct FakeQuantization {
    latent: Numbers,
    stages: Vec<FakeStage>,
}

/// A linear node with what is folded into it.
#[derive(Debug, Clone, PartialEq)]
struct FakeStage {
    node: NodeId,
    norm: Option<NodeId>,
    activation: Option<Activation>,
    /// The node whose value this makes.
    output: NodeId,
    input: Numbers,
    /// The columns of a dense layer's weights that read the class.
    class_columns: std::ops::Range<usize>,
    tensor: StageTensor,
}

impl FakeQuantization {
    /// That of the model lowered from `graph` and `parameters` with `tensors`, see [`crate::lower::tensors`].
    ///
    /// # Errors
    /// The graph cannot be lowered.
    pub fn new(
        graph: &Graph,
        parameters: &[Parameters],
        tensors: &[StageTensor],
    ) -> Result<Self, LowerError> {
        let stages = fold(graph, parameters)?;
        let stage = |(stage, tensor): (&Stage, &StageTensor)| {
            let by_name = |node: &crate::graph::Node| node.name == stage.name;
            let node = graph.nodes.iter().position(by_name).expect("a stage has its linear node's name");
            let (input, class_columns) = match stage.input {
                StageInput::Latent { class_column, .. } => {
                    let first = class_column.unwrap_or(0);
                    let classes = class_column.and(graph.classes()).unwrap_or(0);
                    (0, first..first + classes)
                }
                StageInput::Stage(stage) => (stage + 1, 0..0),
            };
            FakeStage {
                node,
                norm: (stage.before_activation != node).then_some(stage.before_activation),
                activation: stage.activation,
                output: stage.output,
                input: tensors[input].numbers,
                class_columns,
                tensor: *tensor,
            }
        };
        let latent = tensors[0].numbers;
        Ok(FakeQuantization { latent, stages: stages.iter().zip(&tensors[1..]).map(stage).collect() })
    }
}

impl Generator {
    /// This generator with its forward through `quantization`, or as floats.
    pub fn with_quantization(self, quantization: Option<FakeQuantization>) -> Self {
        Generator { quantization: quantization.map(Arc::new), ..self }
    }

    /// [`Generator::forward`] through `quantization`.
    pub(super) fn forward_fake(
        &self,
        quantization: &FakeQuantization,
        latents: Tensor<2>,
        classes: Option<Tensor<2>>,
    ) -> Tensor<4> {
        let mut inputs = Inputs::new(latents, classes);
        let mut values: Vec<Option<Tensor<4>>> = vec![None; self.graph.nodes.len()];
        for (index, node) in self.graph.nodes.iter().enumerate() {
            let mut read = node.inputs.iter().filter_map(|&input| values[input].clone()).collect::<Vec<_>>();
            if let Some(stage) = quantization.stages.iter().find(|stage| stage.node == index) {
                values[stage.output] = Some(self.run_fake(stage, read.remove(0)));
            } else if let Layer::Latent { .. } = node.layer {
                values[index] = Some(fake(self.run(index, read, &mut inputs), quantization.latent));
            } else if let Layer::Class { .. } | Layer::Concat = node.layer {
                values[index] = Some(self.run(index, read, &mut inputs));
            }
        }
        channels_first(values.swap_remove(self.graph.output).expect("the last stage makes the picture"))
    }

    fn run_fake(&self, stage: &FakeStage, x: Tensor<4>) -> Tensor<4> {
        let node = &self.graph.nodes[stage.node];
        let channels = node.shape.channels;
        let weights = self.weights[stage.node].as_ref().expect("a linear node has weights");
        // The axis of the output channels, in four dimensions.
        let (weight, bias, axis) = match weights {
            Weights::Dense(layer) => {
                let [inputs, outputs] = layer.weight.dims();
                let weight = layer.weight.val().reshape([inputs, outputs / channels, channels, 1]);
                (weight, &layer.bias, 2)
            }
            Weights::Conv(layer) => (layer.weight.val(), &layer.bias, 0),
            Weights::ConvTranspose(layer) => (layer.weight.val(), &layer.bias, 1),
            Weights::BatchNorm(_) => unreachable!("a batch norm is no linear node"),
        };
        let device = weight.device();
        let bias = match bias {
            Some(bias) => bias.val().reshape([-1, channels as i32]),
            None => Tensor::zeros([1, channels], &device),
        };
        let (weight, bias) = match stage.norm.and_then(|norm| self.weights[norm].as_ref()) {
            Some(Weights::BatchNorm(norm)) => fold_norm(norm, weight, bias, axis),
            _ => (weight, bias),
        };
        let weight = fake_weight(stage, weight, bias.clone(), axis);
        let bias_of_channel = || Some(bias.clone().reshape([channels]));
        let sums = match (weights, node.layer) {
            (_, Layer::Conv { window, .. }) => conv(x, weight, bias_of_channel(), window),
            (_, Layer::ConvTranspose { window, .. }) => conv_transpose(x, weight, bias_of_channel(), window),
            _ => {
                let x: Tensor<2> = x.flatten(1, 3);
                let [batch, inputs] = x.dims();
                let [of_bias, _] = bias.dims();
                let sums = x.matmul(weight.reshape([inputs as i32, -1]));
                let sums: Tensor<3> = sums.reshape([batch as i32, -1, channels as i32]);
                let sums = sums + bias.reshape([1, of_bias, channels]);
                sums.reshape([batch, node.shape.height, node.shape.width, channels])
            }
        };
        let sums = fake(sums, stage.tensor.before_activation);
        match stage.activation {
            None => sums,
            Some(function) => fake(activate(sums, function), stage.tensor.numbers),
        }
    }
}

/// A number a channel, along `axis` of four.
fn along(numbers: Tensor<1>, axis: usize) -> Tensor<4> {
    let mut shape = [1; 4];
    shape[axis] = numbers.dims()[0];
    numbers.reshape(shape)
}

/// As `lower::fold` folds: with f = γ / √(σ² + ε), f W and f (b − μ) + β.
fn fold_norm(norm: &BatchNorm, weight: Tensor<4>, bias: Tensor<2>, axis: usize) -> (Tensor<4>, Tensor<2>) {
    let (mean, variance) = (norm.running_mean.value().detach(), norm.running_var.value().detach());
    let factor = norm.gamma.val() / (variance + norm.epsilon).sqrt();
    let row = |numbers: Tensor<1>| numbers.unsqueeze::<2>();
    let bias = (bias - row(mean)) * row(factor.clone()) + row(norm.beta.val());
    (weight * along(factor, axis), bias)
}

/// Weights in the steps of `lower::quantize`: one a channel, and that of the class's columns times the steps of 1.0.
fn fake_weight(stage: &FakeStage, weight: Tensor<4>, bias: Tensor<2>, axis: usize) -> Tensor<4> {
    let (input, output) = (stage.input.scale, stage.tensor.before_activation.scale);
    let inputs = weight.dims()[0];
    // What 1.0 of the class counts, in steps of a weight.
    let one = (1.0 / input).round() * input;
    let class = &stage.class_columns;
    let counts = match class.is_empty() {
        true => Tensor::ones([1, 1, 1, 1], &weight.device()),
        false => {
            let rows = Tensor::<1, Int>::arange(0..inputs as i64, &weight.device());
            let in_class = rows.clone().greater_equal_elem(class.start as i64).int()
                * rows.lower_elem(class.end as i64).int();
            along(in_class.float() * (one - 1.0) + 1.0, 0)
        }
    };
    let channels = weight.dims()[axis];
    let largest = (weight.clone().detach().abs() / counts.clone()).swap_dims(0, axis);
    let largest = largest.reshape([channels as i32, -1]).max_dim(1).reshape([channels]) / 127.0;
    let of_bias = bias.detach().abs().max_dim(0).reshape([channels]) / (f64::from(input) * 29f64.exp2());
    let scale = largest.max_pair(of_bias).clamp_min(least_weight_scale(input, output));
    let step = along(scale, axis) * counts;
    let limit = step.clone() * 127.0;
    let rounded = (weight.clone().detach() / step.clone() + 0.5).floor() * step;
    let rounded = rounded.min_pair(limit.clone()).max_pair(limit.neg());
    straight_through(weight, rounded)
}

/// Activations in the steps of `numbers`; beyond the last step the gradient is 0.
pub(super) fn fake<const D: usize>(x: Tensor<D>, numbers: Numbers) -> Tensor<D> {
    let x = x.clamp(numbers.real(numbers.lowest()), numbers.real(127));
    let rounded = (x.clone().detach() / numbers.scale + 0.5).floor() * numbers.scale;
    straight_through(x, rounded)
}

/// `rounded`, with the gradient of `x`: x + (rounded − x), the bracket a constant (Bengio et al. 2013, section 4).
fn straight_through<const D: usize>(x: Tensor<D>, rounded: Tensor<D>) -> Tensor<D> {
    let difference = rounded - x.clone().detach();
    x + difference
}

#[cfg(test)]
mod tests;
