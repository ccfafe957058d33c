//! A net's forward with fake quantization: floats that take only the values that the engine's integers can.
//!
//! Batch norm is folded into weights and bias with its running statistics, which stay as they are (Jacob et al. 2018,
//! section 3.2; Krishnamoorthi 2018, section 3.2); weights and activations are rounded as the lowering rounds them.
//! Rounding passes gradients through unchanged (the straight-through estimator, Bengio et al. 2013); what is clamped has
//! gradient 0. Biases are left alone: their step is hundreds of times finer than the output's.

use burn::nn::BatchNorm;
use burn::tensor::{Int, Tensor};

use super::convolution::{conv, conv_transpose, upsampled};
use super::layers::activate;
use super::weights::Weights;
use super::{Feed, Needs, Net};
use crate::graph::{FakeQuantization, FakeStage, Input, Layer, NodeId, QuantParams};

impl Net {
    /// [`Net::values`] through `quantization`.
    pub(super) fn values_fake(
        &self,
        quantization: &FakeQuantization,
        (wanted, needs): (&[NodeId], &Needs),
        inputs: &[Tensor<4>],
        given: &[(NodeId, Tensor<4>)],
    ) -> Vec<Tensor<4>> {
        let mut feed = Feed::new(inputs, given);
        let batch = feed.batch;
        let mut values: Vec<Option<Tensor<4>>> = vec![None; self.graph.nodes.len()];
        for (index, node) in self.graph.nodes.iter().enumerate() {
            let stage = quantization.stages.iter().find(|stage| stage.first() == index);
            let handed_in = feed.next_of(&node.layer);
            if let Some((_, value)) = given.iter().find(|(node, _)| *node == index) {
                values[index] = Some(value.clone());
                continue;
            }
            let is_needed = |node: NodeId| needs.readers[node] > 0;
            match (node.layer, stage) {
                (layer, None) if !is_needed(index) && !matches!(layer, Layer::Input(_)) => {}
                (Layer::Input(kind), _) => {
                    let value = handed_in.expect("a tensor per input of the graph");
                    values[index] = Some(match kind {
                        Input::Choice => value,
                        Input::Normal => fake(value, QuantParams::NORMAL),
                        Input::Uniform | Input::Picture => fake(value, QuantParams::PICTURE),
                    });
                }
                (_, Some(stage)) if is_needed(stage.output) => {
                    values[stage.output] = Some(self.run_fake(stage, &values, batch));
                }
                // What an op takes in on its way: a join in front of a dense layer, an upsampling.
                (_, None) if values[index].is_none() && self.all_there(index, &values) => {
                    values[index] = Some(self.run(index, operands(&node.inputs, &values), batch));
                }
                // Made by the stage whose last node it is.
                _ => {}
            }
        }
        wanted.iter().map(|&node| values[node].clone().expect("a stage makes what is wanted")).collect()
    }

    /// Whether each operand of a node has a value.
    fn all_there(&self, node: NodeId, values: &[Option<Tensor<4>>]) -> bool {
        self.graph.nodes[node].inputs.iter().all(|&input| values[input].is_some())
    }

    fn run_fake(&self, stage: &FakeStage, values: &[Option<Tensor<4>>], batch: usize) -> Tensor<4> {
        let operand =
            || stage.operand.and_then(|node| values[node].clone()).expect("an earlier node has run");
        let linear = |head: &NodeId| {
            matches!(
                self.graph.nodes[*head].layer,
                Layer::Dense { .. } | Layer::Conv { .. } | Layer::ConvTranspose { .. }
            )
        };
        let sums = match stage.head {
            Some(head) if linear(&head) => self.run_fake_linear(stage, head, operand()),
            head => {
                let x = match head {
                    Some(head) => self.run(head, operands(&self.graph.nodes[head].inputs, values), batch),
                    None => operand(),
                };
                match stage.norm.map(|norm| self.weights_of(norm)) {
                    Some(Weights::BatchNorm(norm)) => {
                        let (factor, offset) = affine(norm);
                        x * along(factor, 3) + along(offset, 3)
                    }
                    _ => x,
                }
            }
        };
        let sums = fake(sums, stage.tensor.before_activation);
        match stage.activation {
            None => sums,
            Some(function) => fake(activate(sums, function), stage.tensor.params),
        }
    }

    fn run_fake_linear(&self, stage: &FakeStage, head: NodeId, x: Tensor<4>) -> Tensor<4> {
        let node = &self.graph.nodes[head];
        let channels = node.shape.channels;
        let weights = self.weights_of(head);
        // The axis of the output channels, in four dimensions.
        let (weight, axis) = match weights {
            Weights::Dense(layer) => {
                let [inputs, outputs] = layer.weight.dims();
                (layer.weight.val().reshape([inputs, outputs / channels, channels, 1]), 2)
            }
            Weights::Conv(layer) if stage.upsample > 1 => (upsampled(layer.weight.val(), stage.upsample), 1),
            Weights::Conv(layer) => (layer.weight.val(), 0),
            Weights::ConvTranspose(layer) => (layer.weight.val(), 1),
            Weights::BatchNorm(_) | Weights::InstanceNorm(_) | Weights::Table(_) => {
                unreachable!("{} is linear", node.name)
            }
        };
        let device = weight.device();
        let bias = match weights.bias() {
            Some(bias) => bias.reshape([-1, channels as i32]),
            None => Tensor::zeros([1, channels], &device),
        };
        let (weight, bias) = match stage.norm.map(|norm| self.weights_of(norm)) {
            Some(Weights::BatchNorm(norm)) => fold_norm(norm, weight, bias, axis),
            _ => (weight, bias),
        };
        let weight = fake_weight(stage, weight, bias.clone(), axis);
        let bias_of_channel = || Some(bias.clone().reshape([channels]));
        match node.layer {
            Layer::Conv { window, .. } if stage.upsample > 1 => {
                conv_transpose(x, weight, bias_of_channel(), window.upsampled(stage.upsample))
            }
            Layer::Conv { window, .. } => conv(x, weight, bias_of_channel(), window),
            Layer::ConvTranspose { window, .. } => conv_transpose(x, weight, bias_of_channel(), window),
            _ => {
                let x: Tensor<2> = x.flatten(1, 3);
                let [batch, inputs] = x.dims();
                let [of_bias, _] = bias.dims();
                let sums = x.matmul(weight.reshape([inputs as i32, -1]));
                let sums: Tensor<3> = sums.reshape([batch as i32, -1, channels as i32]);
                let sums = sums + bias.reshape([1, of_bias, channels]);
                sums.reshape([batch, node.shape.height, node.shape.width, channels])
            }
        }
    }
}

impl FakeStage {
    /// The first node that it takes in: where it runs.
    fn first(&self) -> NodeId {
        self.head.or(self.norm).unwrap_or(self.output)
    }
}

fn operands(inputs: &[NodeId], values: &[Option<Tensor<4>>]) -> Vec<Tensor<4>> {
    inputs.iter().map(|&input| values[input].clone().expect("an earlier node has run")).collect()
}

/// One number per channel, along `axis` of four.
fn along(numbers: Tensor<1>, axis: usize) -> Tensor<4> {
    let mut shape = [1; 4];
    shape[axis] = numbers.dims()[0];
    numbers.reshape(shape)
}

/// μ and f = γ / √(σ² + ε) of a batch norm with its running statistics, one per channel.
fn statistics(norm: &BatchNorm) -> (Tensor<1>, Tensor<1>) {
    let (mean, variance) = (norm.running_mean.value().detach(), norm.running_var.value().detach());
    (mean, norm.gamma.val() / (variance + norm.epsilon).sqrt())
}

/// f and β − f μ, one per channel: what a batch norm with its running statistics computes.
fn affine(norm: &BatchNorm) -> (Tensor<1>, Tensor<1>) {
    let (mean, factor) = statistics(norm);
    (factor.clone(), norm.beta.val() - mean * factor)
}

/// As `lower::fold` folds: f W and f (b − μ) + β.
fn fold_norm(norm: &BatchNorm, weight: Tensor<4>, bias: Tensor<2>, axis: usize) -> (Tensor<4>, Tensor<2>) {
    let (mean, factor) = statistics(norm);
    let row = |numbers: Tensor<1>| numbers.unsqueeze::<2>();
    let bias = (bias - row(mean)) * row(factor.clone()) + row(norm.beta.val());
    (weight * along(factor, axis), bias)
}

/// Weights in the steps of `lower::quantize`: one per channel, and that of a choice's columns times the steps of 1.0.
fn fake_weight(stage: &FakeStage, weight: Tensor<4>, bias: Tensor<2>, axis: usize) -> Tensor<4> {
    let (input, output) = (stage.input.scale, stage.tensor.before_activation.scale);
    let inputs = weight.dims()[0];
    // What 1.0 of the choice counts, in steps of a weight.
    let one = (1.0 / input).round() * input;
    let choice = &stage.choice_columns;
    let counts = match choice.is_empty() {
        true => Tensor::ones([1, 1, 1, 1], &weight.device()),
        false => {
            let rows = Tensor::<1, Int>::arange(0..inputs as i64, &weight.device());
            let in_choice = rows.clone().greater_equal_elem(choice.start as i64).int()
                * rows.lower_elem(choice.end as i64).int();
            along(in_choice.float() * (one - 1.0) + 1.0, 0)
        }
    };
    let channels = weight.dims()[axis];
    let largest = (weight.clone().detach().abs() / counts.clone()).swap_dims(0, axis);
    let largest = largest.reshape([channels as i32, -1]).max_dim(1).reshape([channels]) / 127.0;
    let of_bias = bias.detach().abs().max_dim(0).reshape([channels]) / (f64::from(input) * 29f64.exp2());
    let scale = largest.max_pair(of_bias).clamp_min(QuantParams::least_weight_scale(input, output));
    let step = along(scale, axis) * counts;
    let limit = step.clone() * 127.0;
    let rounded = (weight.clone().detach() / step.clone() + 0.5).floor() * step;
    let rounded = rounded.min_pair(limit.clone()).max_pair(limit.neg());
    straight_through(weight, rounded)
}

/// Activations in the steps of `params`; beyond the last step the gradient is 0.
fn fake<const D: usize>(x: Tensor<D>, params: QuantParams) -> Tensor<D> {
    let x = x.clamp(params.real(params.lowest()), params.real(127));
    let rounded = (x.clone().detach() / params.scale + 0.5).floor() * params.scale;
    straight_through(x, rounded)
}

/// `rounded`, with the gradient of `x`: x + (rounded − x), the bracket a constant (Bengio et al. 2013, section 4).
fn straight_through<const D: usize>(x: Tensor<D>, rounded: Tensor<D>) -> Tensor<D> {
    let difference = rounded - x.clone().detach();
    x + difference
}

#[cfg(test)]
mod tests {
    use super::*;
    use burn::tensor::Device;

    #[test]
    fn gradients_pass_through_rounding_and_stop_at_the_clamp() {
        let params = QuantParams { scale: 0.5, zero_point: -128 };
        let device = Device::flex().autodiff();
        let x = Tensor::<1>::from_data([-0.3, 0.2, 0.3, 1.0, 200.0], &device).require_grad();
        let y = fake(x.clone(), params);
        let values: Vec<f32> = y.clone().into_data().try_to_vec().unwrap();
        assert_eq!(values, [0.0, 0.0, 0.5, 1.0, 127.5]);
        // The loss's own slope at the rounded value, 2 y, where x is inside; 0 where it was clamped.
        let gradients = (y.clone() * y).sum().backward();
        let gradient: Vec<f32> = x.grad(&gradients).unwrap().into_data().try_to_vec().unwrap();
        assert_eq!(gradient, [0.0, 0.0, 1.0, 2.0, 0.0]);
    }
}
