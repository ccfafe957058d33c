//! A node's weights, in Burn's layers.

use super::adaptive::InstanceNorm;
use super::convolution::{conv, conv_transpose, upsampled};
use super::layers;
use crate::graph::{Begin, Graph, Layer, Node, NodeId, Shape};
use crate::random::Rng;
use burn::module::{Module, Param};
use burn::nn::conv::{Conv2d, ConvTranspose2d};
use burn::nn::{BatchNorm, Linear};
use burn::tensor::{Device, Tensor};

/// The weights of a node that has some.
#[derive(Module, Debug)]
pub(super) enum Weights {
    Dense(Linear),
    BatchNorm(BatchNorm),
    Conv(Conv2d),
    ConvTranspose(ConvTranspose2d),
    InstanceNorm(InstanceNorm),
    /// `[row, values]`, a row per choice.
    Table(Linear),
}

/// How a table begins, as a dense layer of a one-hot choice.
const TABLE: (bool, Begin) = (false, Begin::Small);

impl Weights {
    /// First weights for node `index`, unless it has none, or shares another's.
    pub(super) fn new(graph: &Graph, index: NodeId, rng: &mut Rng, device: &Device) -> Option<Weights> {
        let node = &graph.nodes[index];
        if node.parameters != index {
            return None;
        }
        let shape_of = |operand: usize| graph.nodes[node.inputs[operand]].shape;
        let channels = || [shape_of(0).channels, node.shape.channels];
        Some(match node.layer {
            Layer::Input(_)
            | Layer::Concat
            | Layer::Add
            | Layer::Upsample { .. }
            | Layer::Activation(_)
            | Layer::Product
            | Layer::Attention
            | Layer::Fixed(_)
            | Layer::Window(_)
            | Layer::Position(_)
            | Layer::Draw(_) => return None,
            Layer::InstanceNorm => Weights::InstanceNorm(InstanceNorm::new(rng, node.shape.channels, device)),
            Layer::Dense { bias, begin } => {
                let sizes = [shape_of(0).size(), node.shape.size()];
                Weights::Dense(layers::linear(rng, sizes, (bias, begin), device))
            }
            Layer::BatchNorm => Weights::BatchNorm(layers::batch_norm(rng, node.shape.channels, device)),
            Layer::Conv { window, bias } => {
                Weights::Conv(layers::conv(rng, channels(), window, bias, device))
            }
            Layer::ConvTranspose { window, bias } => {
                Weights::ConvTranspose(layers::conv_transpose(rng, channels(), window, bias, device))
            }
            Layer::Embedding => {
                let rows = node.inputs.first().map_or(1, |&choice| graph.nodes[choice].shape.channels);
                Weights::Table(layers::linear(rng, [rows, node.shape.size()], TABLE, device))
            }
            Layer::Projection => {
                let (features, rows) = (shape_of(0).size(), shape_of(1).channels);
                Weights::Table(layers::linear(rng, [rows, features], TABLE, device))
            }
        })
    }

    /// The output of `node`, `batch` times, from its operands.
    pub(super) fn forward(&self, mut operands: Vec<Tensor<4>>, node: &Node, batch: usize) -> Tensor<4> {
        let value = |bias: &Option<Param<Tensor<1>>>| bias.as_ref().map(|bias| bias.val());
        let rows = |x: Tensor<4>| -> Tensor<2> { x.flatten(1, 3) };
        match (self, node.layer) {
            (Weights::Dense(layer), _) => fold(layer.forward(rows(operands.remove(0))), node.shape),
            (Weights::BatchNorm(layer), _) => layers::normalize(layer, operands.remove(0)),
            (Weights::InstanceNorm(layer), _) => layer.forward(operands.remove(0)),
            (Weights::Conv(layer), Layer::Conv { window, .. }) => {
                conv(operands.remove(0), layer.weight.val(), value(&layer.bias), window)
            }
            (Weights::ConvTranspose(layer), Layer::ConvTranspose { window, .. }) => {
                conv_transpose(operands.remove(0), layer.weight.val(), value(&layer.bias), window)
            }
            (Weights::Table(table), Layer::Embedding) => {
                let table = table.weight.val();
                let chosen = match operands.pop() {
                    Some(choice) => rows(choice).matmul(table),
                    None => table.expand([batch, node.shape.size()]),
                };
                fold(chosen, node.shape)
            }
            (Weights::Table(table), Layer::Projection) => {
                let [features, choice] = <[Tensor<4>; 2]>::try_from(operands).expect("features and a choice");
                fold((table.forward(rows(choice)) * rows(features)).sum_dim(1), node.shape)
            }
            (_, layer) => unreachable!("{}: {layer:?} was built with other weights", node.name),
        }
    }

    /// The output of `node`, a convolution, from what an upsampling by `factor` in front of it would read.
    pub(super) fn upsampled(&self, mut operands: Vec<Tensor<4>>, node: &Node, factor: usize) -> Tensor<4> {
        let (Weights::Conv(layer), Layer::Conv { window, .. }) = (self, node.layer) else {
            unreachable!("{} is a convolution", node.name)
        };
        let bias = layer.bias.as_ref().map(|bias| bias.val());
        let weight = upsampled(layer.weight.val(), factor);
        conv_transpose(operands.remove(0), weight, bias, window.upsampled(factor))
    }

    /// The bias of a linear layer.
    pub(super) fn bias(&self) -> Option<Tensor<1>> {
        let bias = match self {
            Weights::Dense(layer) => &layer.bias,
            Weights::Conv(layer) => &layer.bias,
            Weights::ConvTranspose(layer) => &layer.bias,
            Weights::BatchNorm(_) | Weights::InstanceNorm(_) | Weights::Table(_) => &None,
        };
        bias.as_ref().map(|bias| bias.val())
    }
}

/// `[batch, values]` → `[batch, height, width, channels]`.
fn fold(x: Tensor<2>, Shape { height, width, channels }: Shape) -> Tensor<4> {
    let batch = x.dims()[0];
    x.reshape([batch, height, width, channels])
}
