//! The architectures, each in a file of its own: a generator as a graph, and its discriminator.

pub(crate) mod convolution;
mod dcgan;
mod encoder;
pub(crate) mod layers;

pub use encoder::Encoder;

use crate::graph::Graph;
use crate::random::Rng;
use burn::module::Module;
use burn::tensor::{Device, Tensor};
use clap::ValueEnum;
use serde::{Deserialize, Serialize};

/// The architectures by name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Family {
    /// Deep convolutional GAN (Radford, Metz and Chintala 2015), with a projection discriminator.
    #[default]
    Dcgan,
}

impl std::fmt::Display for Family {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let value = self.to_possible_value().expect("no family is hidden");
        f.pad(value.get_name())
    }
}

/// What is open in an architecture.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NetConfig {
    /// Which architecture.
    pub family: Family,
    /// Length of the latent.
    pub latent: usize,
    /// Channels of the generator's narrowest layer.
    pub generator_width: usize,
    /// Channels of the discriminator's first layer.
    pub discriminator_width: usize,
    /// Whether the class joins the generator's input and the discriminator.
    pub conditional: bool,
}

impl Default for NetConfig {
    fn default() -> Self {
        NetConfig {
            family: Family::Dcgan,
            latent: 32,
            generator_width: 16,
            discriminator_width: 16,
            conditional: true,
        }
    }
}

impl NetConfig {
    /// The generator for 28×28 pictures of `classes` classes.
    pub fn generator(&self, classes: usize) -> Graph {
        match self.family {
            Family::Dcgan => dcgan::generator(self, classes),
        }
    }

    /// The discriminator, with first weights drawn from `rng`.
    pub fn discriminator(&self, classes: usize, rng: &mut Rng, device: &Device) -> Discriminator {
        match self.family {
            Family::Dcgan => Discriminator::Dcgan(dcgan::Discriminator::new(self, classes, rng, device)),
        }
    }

    /// How many classes the networks are told of: `classes`, or `None` when they are told none.
    pub fn classes(&self, classes: usize) -> Option<usize> {
        self.conditional.then_some(classes)
    }
}

/// The discriminator of any architecture.
#[derive(Module, Debug)]
pub enum Discriminator {
    /// Of [`Family::Dcgan`].
    Dcgan(dcgan::Discriminator),
}

impl Discriminator {
    /// Its logits `[batch, 1]` for `pictures` `[batch, 1, 28, 28]` in [−1, 1] of `classes`
    /// `[batch, classes]`, one-hot; D(x) is the logit's sigmoid.
    pub fn forward(&self, pictures: Tensor<4>, classes: Option<Tensor<2>>) -> Tensor<2> {
        match self {
            Discriminator::Dcgan(net) => net.forward(pictures, classes),
        }
    }
}
