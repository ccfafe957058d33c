//! Networks with a fault, for tests of what mends it.

use super::{Net, Weights};
use burn::tensor::{Device, Tensor, TensorData};

/// `net` with a channel, the first behind the batch norm `norm`, that is always 0, but whose weights in the transposed
/// convolution `behind` are `factor` times as large as any other: they widen the steps in which all others are rounded.
pub(crate) fn with_outlier_weights(mut net: Net, [norm, behind]: [&str; 2], factor: f32) -> Net {
    let index = |name: &str| net.graph.nodes.iter().position(|node| node.name == name).unwrap();
    let (norm, behind) = (index(norm), index(behind));
    let first = |value: f32, rest: f32, channels: usize| {
        let values: Vec<f32> = (0..channels).map(|channel| if channel == 0 { value } else { rest }).collect();
        Tensor::<1>::from_data(TensorData::new(values, [channels]), &Device::flex())
    };
    let Some(Weights::BatchNorm(layer)) = &mut net.weights[norm] else { panic!("a batch norm") };
    let channels = layer.gamma.dims()[0];
    layer.gamma = layer.gamma.clone().map(|gamma| gamma * first(0.0, 1.0, channels));
    layer.beta = layer.beta.clone().map(|beta| beta * first(0.0, 1.0, channels));
    let Some(Weights::ConvTranspose(layer)) = &mut net.weights[behind] else { panic!("a convolution") };
    let largest = layer.weight.val().abs().max().into_scalar::<f32>();
    let keep = first(0.0, 1.0, channels).reshape([channels, 1, 1, 1]);
    let outlier = first(factor * largest, 0.0, channels).reshape([channels, 1, 1, 1]);
    layer.weight = layer.weight.clone().map(|weight| weight * keep.clone() + outlier.clone());
    net
}
