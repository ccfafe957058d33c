//! The deep convolutional GAN for 28×28 pictures (Radford, Metz and Chintala 2015).
//!
//! Strided convolutions in the discriminator, transposed ones in the generator, no pooling; batch
//! norm everywhere but in the generator's last and the discriminator's first and last layers; ReLU
//! in the generator with tanh at its end, LeakyReLU 0.2 in the discriminator. The class joins the
//! generator's latent as a one-hot vector (Mirza and Osindero 2014) and the discriminator's logit as
//! an inner product (Miyato and Koyama 2018).

use super::convolution::conv;
use super::{NetConfig, layers};
use crate::graph::{Activation, Graph, GraphBuilder, Shape, Window};
use crate::random::Rng;
use burn::module::Module;
use burn::nn::conv::Conv2d;
use burn::nn::{BatchNorm, Linear};
use burn::tensor::{Device, Tensor};

/// Slope of the discriminator's LeakyReLU below 0.
const SLOPE: f32 = 0.2;
/// Halves a picture's side in a convolution and doubles it in a transposed one.
pub(super) const HALVING: Window = Window { kernel: 4, stride: 2, padding: 1, output_padding: 0 };
/// Side of a picture after two halvings.
pub(super) const SIDE: usize = 7;

/// Latent and class → 7×7×w → 7×7×2w → 14×14×w → 28×28×1, w being the generator's width.
///
/// The 3×3 convolution at 7×7 costs few weights (the dense layer in front holds most of them) and
/// lets the dense layer be half as wide.
pub(super) fn generator(config: &NetConfig, classes: usize) -> Graph {
    let width = config.generator_width;
    let mut g = GraphBuilder::new("dcgan");
    let mut x = g.latent(config.latent);
    if config.conditional {
        let class = g.class(classes);
        x = g.concat(&[x, class]);
    }
    let x = g.dense("project", x, Shape::new(SIDE, SIDE, width), false);
    let x = g.batch_norm(x);
    let x = g.activation(x, Activation::Relu);
    let x = g.conv("widen", x, 2 * width, Window::new(3, 1, 1), false);
    let x = g.batch_norm(x);
    let x = g.activation(x, Activation::Relu);
    let x = g.conv_transpose("grow", x, width, HALVING, false);
    let x = g.batch_norm(x);
    let x = g.activation(x, Activation::Relu);
    let x = g.conv_transpose("picture", x, 1, HALVING, true);
    let x = g.activation(x, Activation::Tanh);
    g.finish(x)
}

/// 28×28×1 → 14×14×w → 7×7×2w → logit, plus the class's embedding · the 7×7×2w features.
#[derive(Module, Debug)]
pub struct Discriminator {
    edges: Conv2d,
    parts: Conv2d,
    parts_norm: BatchNorm,
    verdict: Linear,
    /// `[classes, features]`: row c is class c's embedding.
    embedding: Option<Linear>,
}

impl Discriminator {
    /// With first weights drawn from `rng`.
    pub(super) fn new(config: &NetConfig, classes: usize, rng: &mut Rng, device: &Device) -> Self {
        let width = config.discriminator_width;
        let features = SIDE * SIDE * 2 * width;
        Discriminator {
            edges: layers::conv(rng, [1, width], HALVING, true, device),
            parts: layers::conv(rng, [width, 2 * width], HALVING, false, device),
            parts_norm: layers::batch_norm(rng, 2 * width, device),
            verdict: layers::linear(rng, features, 1, true, device),
            embedding: config.conditional.then(|| layers::linear(rng, classes, features, false, device)),
        }
    }

    /// Logits `[batch, 1]`; shapes as in [`super::Discriminator::forward`].
    pub(super) fn forward(&self, pictures: Tensor<4>, classes: Option<Tensor<2>>) -> Tensor<2> {
        let features = features(pictures, &self.edges, &self.parts, &self.parts_norm);
        let logits = self.verdict.forward(features.clone());
        match (&self.embedding, classes) {
            (Some(embedding), Some(classes)) => logits + (embedding.forward(classes) * features).sum_dim(1),
            _ => logits,
        }
    }
}

/// `[batch, 7·7·2w]` of `pictures` `[batch, 1, 28, 28]`: two halving convolutions, the second normalized, each behind
/// LeakyReLU. What a discriminator and an encoder make of a picture.
pub(super) fn features(
    pictures: Tensor<4>,
    edges: &Conv2d,
    parts: &Conv2d,
    parts_norm: &BatchNorm,
) -> Tensor<2> {
    let [batch, _, height, width] = pictures.dims();
    let x = pictures.reshape([batch, height, width, 1]);
    let bias = edges.bias.as_ref().map(|bias| bias.val());
    let x = layers::leaky_relu(conv(x, edges.weight.val(), bias, HALVING), SLOPE);
    let x = layers::normalize(parts_norm, conv(x, parts.weight.val(), None, HALVING));
    layers::leaky_relu(x, SLOPE).flatten(1, 3)
}
