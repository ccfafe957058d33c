//! Layers whose factors are known only when the picture is.

use super::layers;
use crate::random::Rng;
use burn::module::{Module, Param};
use burn::tensor::{Device, Tensor, activation};

/// What keeps the root away from 0.
pub(super) const EPSILON: f32 = 1e-5;

/// Each channel of each picture by its own mean and variance.
#[derive(Module, Debug)]
pub(super) struct InstanceNorm {
    /// One per channel.
    pub(super) gain: Param<Tensor<1>>,
    /// One per channel.
    pub(super) offset: Param<Tensor<1>>,
}

impl InstanceNorm {
    pub(super) fn new(rng: &mut Rng, channels: usize, device: &Device) -> Self {
        let offset = Param::from_tensor(Tensor::zeros([channels], device));
        InstanceNorm { gain: layers::weights(rng, [channels], 1.0, device), offset }
    }

    /// Of `[batch, height, width, channels]`.
    pub(super) fn forward(&self, x: Tensor<4>) -> Tensor<4> {
        let [batch, height, width, channels] = x.dims();
        let rows: Tensor<3> = x.reshape([batch, height * width, channels]);
        let centred = rows.clone() - rows.mean_dim(1);
        let variance = centred.clone().powi_scalar(2).mean_dim(1);
        let along = |numbers: Tensor<1>| numbers.reshape([1, 1, channels]);
        let scaled = centred / (variance + EPSILON).sqrt() * along(self.gain.val());
        (scaled + along(self.offset.val())).reshape([batch, height, width, channels])
    }
}

/// x · gain (+ offset), each broadcast to the first.
pub(super) fn product(operands: Vec<Tensor<4>>) -> Tensor<4> {
    let mut operands = operands.into_iter();
    let mut next = || operands.next();
    match (next(), next(), next()) {
        (Some(x), Some(gain), Some(offset)) => x * gain + offset,
        (Some(x), Some(gain), None) => x * gain,
        _ => unreachable!("a product has two operands or three"),
    }
}

/// softmax(q kᵀ) v, over the places of each picture.
pub(super) fn attention(operands: Vec<Tensor<4>>) -> Tensor<4> {
    let [batch, height, width, _] = operands[0].dims();
    let rows = |x: Tensor<4>| -> Tensor<3> {
        let [batch, height, width, channels] = x.dims();
        x.reshape([batch, height * width, channels])
    };
    let [query, key, value] =
        <[Tensor<4>; 3]>::try_from(operands).expect("queries, keys and values").map(rows);
    let channels = value.dims()[2];
    let weights = activation::softmax(query.matmul(key.swap_dims(1, 2)), 2);
    weights.matmul(value).reshape([batch, height, width, channels])
}
