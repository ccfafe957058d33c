//! The multilayer perceptrons of the first papers (Goodfellow et al. 2014, section 5; Mirza and Osindero 2014, section 4.1).
//!
//! Dense layers with ReLU in the generator, tanh at its end, LeakyReLU 0.2 in the discriminator, where the papers have
//! maxout and dropout. The class joins each network's first layer: a dense layer of its own, added to the one of the other
//! input, is the same as more inputs of that.

use super::Domain;
use super::networks::{self, LEAKY};
use crate::graph::{Activation, CLASS, Graph, GraphBuilder, NodeId, Shape};
use crate::players::OutOfRange;
use serde::{Deserialize, Serialize};

/// A generator and a discriminator of two hidden layers each.
///
/// The generator: latent → n → n → the picture, n being its width; nearly all of its weights are the last layer's, one per
/// hidden unit and pixel, and so is its flash: 784 bytes per unit for digits.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Perceptrons {
    /// Length of the latent.
    pub latent: usize,
    /// Hidden units of each of the generator's layers.
    pub generator_width: usize,
    /// Hidden units of each of the discriminator's layers.
    pub discriminator_width: usize,
    /// Whether the class joins both networks.
    pub conditional: bool,
}

impl Perceptrons {
    /// Checks the ranges.
    ///
    /// # Errors
    /// The first setting outside of its range.
    pub fn check(&self) -> Result<(), OutOfRange> {
        networks::latent(self.latent)?;
        networks::width("generator width", self.generator_width)?;
        networks::width("discriminator width", self.discriminator_width)
    }

    /// The generator, called `name`.
    pub fn generator(&self, name: &str, domain: &Domain) -> Graph {
        let hidden = Shape::vector(self.generator_width);
        let mut g = GraphBuilder::new(name);
        let mut x = g.normal("z", Shape::vector(self.latent));
        if self.conditional {
            let class = g.choice(CLASS, domain.classes);
            x = g.concat("input", &[x, class]);
        }
        for layer in ["first", "second"] {
            x = g.dense(layer, x, hidden, false);
            x = g.batch_norm(x);
            x = g.activation(x, Activation::Relu);
        }
        let x = g.dense("picture", x, domain.shape, true);
        let x = g.activation(x, Activation::Tanh);
        g.finish(x)
    }

    /// The discriminator: one number per picture.
    pub fn discriminator(&self, domain: &Domain) -> Graph {
        let hidden = Shape::vector(self.discriminator_width);
        let mut g = GraphBuilder::new("discriminator");
        let picture = g.picture("picture", domain.shape);
        let mut x: NodeId = g.dense("first", picture, hidden, true);
        if self.conditional {
            let class = g.choice(CLASS, domain.classes);
            let of_class = g.dense("first of class", class, hidden, false);
            x = g.add("joined", &[x, of_class]);
        }
        let x = g.activation(x, LEAKY);
        let x = g.dense("second", x, hidden, true);
        let x = g.activation(x, LEAKY);
        let x = g.dense("verdict", x, Shape::vector(1), true);
        g.finish(x)
    }
}
