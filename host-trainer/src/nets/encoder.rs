//! The encoder of a variational autoencoder: the discriminator's convolutions with another end.

use super::dcgan::{HALVING, SIDE, features};
use super::{NetConfig, layers};
use crate::random::Rng;
use burn::module::Module;
use burn::nn::conv::Conv2d;
use burn::nn::{BatchNorm, Linear};
use burn::tensor::{Device, Tensor};

/// 28×28×1 → 14×14×w → 7×7×2w → μ and log σ², w being the discriminator's width.
///
/// The class joins the 7×7×2w features as a one-hot vector (Sohn et al. 2015): a dense layer of its own is the same as
/// more inputs of the last one.
#[derive(Module, Debug)]
pub struct Encoder {
    edges: Conv2d,
    parts: Conv2d,
    parts_norm: BatchNorm,
    posterior: Linear,
    class: Option<Linear>,
}

impl Encoder {
    /// With first weights drawn from `rng`.
    pub fn new(config: &NetConfig, classes: usize, rng: &mut Rng, device: &Device) -> Self {
        let width = config.discriminator_width;
        let outputs = 2 * config.latent;
        Encoder {
            edges: layers::conv(rng, [1, width], HALVING, true, device),
            parts: layers::conv(rng, [width, 2 * width], HALVING, false, device),
            parts_norm: layers::batch_norm(rng, 2 * width, device),
            posterior: layers::linear(rng, SIDE * SIDE * 2 * width, outputs, true, device),
            class: config.conditional.then(|| layers::linear(rng, classes, outputs, false, device)),
        }
    }

    /// μ and log σ² of q(z | x, c), `[batch, latent length]` each, for `pictures` `[batch, 1, 28, 28]` in \[−1, 1\] of
    /// `classes` `[batch, classes]`, one-hot.
    pub fn forward(&self, pictures: Tensor<4>, classes: Option<Tensor<2>>) -> [Tensor<2>; 2] {
        let features = features(pictures, &self.edges, &self.parts, &self.parts_norm);
        let posterior = self.posterior.forward(features);
        let posterior = match (&self.class, classes) {
            (Some(class), Some(classes)) => posterior + class.forward(classes),
            _ => posterior,
        };
        let latent = posterior.dims()[1] / 2;
        [posterior.clone().narrow(1, 0, latent), posterior.narrow(1, latent, latent)]
    }
}
