//! Trained weights in the order in which the engine walks.
//!
//! Burn keeps a convolution's channels in front of its rows and columns; the engine keeps them last.
//! Activations have their channels last in both, so a dense layer is only transposed.

use super::adaptive::EPSILON;
use super::{Net, Weights};
use crate::graph::Parameters;
use burn::module::{Module, Param, RunningState};
use burn::nn::BatchNorm;
use burn::tensor::Tensor;

impl Net {
    /// Each node's numbers, in the orders that [`Parameters`] states. Running statistics are read as
    /// an evaluation would read them.
    pub fn parameters(&self) -> Vec<Parameters> {
        // `valid` also folds in the statistics of the last training batch.
        let evaluated = self.valid();
        let evaluated = if self.spectral { evaluated.normalized() } else { evaluated };
        (evaluated.graph.nodes.iter())
            .map(|node| match &evaluated.weights[node.parameters] {
                None => Parameters::None,
                Some(Weights::Table(table)) => Parameters::Table(numbers(table.weight.val())),
                Some(Weights::Dense(layer)) => linear(layer.weight.val().transpose(), layer.bias.as_ref()),
                Some(Weights::BatchNorm(layer)) => batch_norm(layer),
                Some(Weights::InstanceNorm(layer)) => Parameters::InstanceNorm {
                    gain: numbers(layer.gain.val()),
                    offset: numbers(layer.offset.val()),
                    epsilon: EPSILON,
                },
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

fn linear<const D: usize>(weight: Tensor<D>, bias: Option<&Param<Tensor<1>>>) -> Parameters {
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
