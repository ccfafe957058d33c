//! Trained weights in the order in which the engine walks.
//!
//! Burn keeps channels in front of rows and columns, in activations and in weights; the engine keeps
//! them last.

use super::{Generator, Weights};
use crate::graph::{Parameters, Shape};
use burn::module::{Module, Param, RunningState};
use burn::nn::{BatchNorm, Linear};
use burn::tensor::Tensor;

impl Generator {
    /// Each node's numbers, in the orders that [`Parameters`] states. Running statistics are read as
    /// an evaluation would read them.
    pub fn parameters(&self) -> Vec<Parameters> {
        // `valid` also folds in the statistics of the last training batch.
        let evaluated = self.valid();
        let nodes = evaluated.graph.nodes.iter().zip(&evaluated.weights);
        nodes
            .map(|(node, weights)| match weights {
                None => Parameters::None,
                Some(Weights::Dense(layer)) => {
                    let input = evaluated.graph.nodes[node.inputs[0]].shape;
                    dense(layer, input, node.shape)
                }
                Some(Weights::BatchNorm(layer)) => batch_norm(layer),
                // [out, in, row, column] → [out, row, column, in]
                Some(Weights::Conv(layer)) => {
                    linear(layer.weight.val().permute([0, 2, 3, 1]), layer.bias.as_ref())
                }
                // [in, out, row, column] → [out, row, column, in]
                Some(Weights::ConvTranspose(layer)) => {
                    linear(layer.weight.val().permute([1, 2, 3, 0]), layer.bias.as_ref())
                }
            })
            .collect()
    }
}

fn dense(layer: &Linear, input: Shape, output: Shape) -> Parameters {
    let split = |shape: Shape| [shape.channels, shape.height, shape.width];
    let ([c_in, h_in, w_in], [c, h, w]) = (split(input), split(output));
    // [in c, in h, in w, out c, out h, out w] → outputs in front, channels last in both
    let weight = layer.weight.val().reshape([c_in, h_in, w_in, c, h, w]).permute([4, 5, 3, 1, 2, 0]);
    let bias = layer.bias.as_ref().map(|bias| numbers(bias.val().reshape([c, h, w]).permute([1, 2, 0])));
    Parameters::Linear { weight: numbers(weight), bias }
}

fn linear(weight: Tensor<4>, bias: Option<&Param<Tensor<1>>>) -> Parameters {
    Parameters::Linear { weight: numbers(weight), bias: bias.map(|bias| numbers(bias.val())) }
}

fn batch_norm(layer: &BatchNorm) -> Parameters {
    let running = |state: &RunningState<Tensor<1>>| numbers(state.value());
    Parameters::BatchNorm {
        gamma: numbers(layer.gamma.val()),
        beta: numbers(layer.beta.val()),
        mean: running(&layer.running_mean),
        variance: running(&layer.running_var),
        epsilon: layer.epsilon as f32,
    }
}

fn numbers<const D: usize>(tensor: Tensor<D>) -> Vec<f32> {
    tensor.into_data().try_to_vec().expect("weights are f32")
}
