//! BEGAN (Berthelot, Schumm and Metz 2017, "BEGAN: boundary equilibrium generative adversarial networks"): an autoencoder as
//! the discriminator.
//!
//! L_D = L(x) − k_t L(G(z_D)), L_G = L(G(z_G)), k_{t+1} = k_t + λ_k (γ L(x) − L(G(z_G))): [`equilibrium`], where the measure M is
//! too; k is part of a checkpoint. As in section 3.5 the generator doubles sides by nearest upsampling and has ELU between its
//! layers. Pictures are in 0 to 1.
//!
//! Otherwise than there, for 28×28 and a quarter of an hour: the autoencoder is wide and shallow, a convolution down to half of the
//! side, a code, a transposed convolution up, with LeakyReLU and batch norm. It gives digits back after a few hundred steps; one in
//! the shape of the generator learns so slowly that G finds what it can give back, strokes that are no digits. λ_k is a hundred
//! times the paper's: L is a mean over pixels most of which are black, 0.04, and at 0.001 k was 0.03 after 2,000 steps, while G drew
//! less and less, which is given back best. At γ 0.9 the entropy of classes was 0.947
//! of its maximum; at 0.95, and at 1, it is 0.967. z is normal, so that walks and truncation are those of the other families.

use super::networks::{self, HALVING, KEEPING, LEAKY};
use super::{Domain, Family, Start, System};
use crate::graph::{Activation, CLASS, Graph, GraphBuilder, NodeId, Shape};
use crate::objectives::equilibrium::{self, Boundary, Control};
use crate::players::{Objective, OutOfRange};
use serde::{Deserialize, Serialize};

/// See the module.
pub static FAMILY: Family = Family::of::<Settings>(
    "began",
    "BEGAN (Berthelot et al. 2017): an autoencoder as discriminator, held at an equilibrium",
    &equilibrium::RECORD,
    "steps = 6000\nlearning_rate = 0.0005\nadam = { beta_1 = 0.5, beta_2 = 0.999 }",
);

/// Its settings.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Settings {
    /// Length of the latent.
    latent: usize,
    /// Channels of the generator's narrowest layer.
    generator_width: usize,
    /// Channels of the autoencoder, at half of the sides.
    discriminator_width: usize,
    /// Length of the autoencoder's code.
    bottleneck: usize,
    /// Whether the class joins the latent and the autoencoder's code.
    conditional: bool,
    #[serde(flatten)]
    control: Control,
}

impl Default for Settings {
    fn default() -> Self {
        Settings {
            latent: 32,
            generator_width: 16,
            discriminator_width: 32,
            bottleneck: 32,
            conditional: false,
            control: Control { gamma: 0.95, lambda_k: 0.1 },
        }
    }
}

/// Batch norm, and what is between the layers.
fn normed(g: &mut GraphBuilder, x: NodeId, between: Activation) -> NodeId {
    let x = g.batch_norm(x);
    g.activation(x, between)
}

impl Settings {
    fn class(&self, g: &mut GraphBuilder, domain: &Domain) -> Option<NodeId> {
        self.conditional.then(|| g.choice(CLASS, domain.classes))
    }

    /// The picture → h/2×w/2×n → the code, and the class if there is one → h/2×w/2×n → the picture, n being the width.
    fn autoencoder(&self, domain: &Domain) -> Graph {
        let Shape { height, width: across, channels } = domain.shape;
        let width = self.discriminator_width;
        let mut g = GraphBuilder::new("autoencoder");
        let picture = g.picture("real or generated", domain.shape);
        let class = self.class(&mut g, domain);
        let x = g.conv("edges", picture, width, HALVING, true);
        let x = g.activation(x, LEAKY);
        let x = g.dense("code", x, Shape::vector(self.bottleneck), true);
        let code = normed(&mut g, x, LEAKY);
        let x = class.map_or(code, |class| g.concat("input", &[code, class]));
        let x = g.dense("project", x, Shape::new(height / 2, across / 2, width), true);
        let x = normed(&mut g, x, LEAKY);
        let x = g.conv_transpose("picture", x, channels, HALVING, true);
        let x = g.activation(x, Activation::Sigmoid);
        g.finish(x)
    }
}

impl System for Settings {
    fn check(&self) -> Result<(), OutOfRange> {
        networks::latent(self.latent)?;
        networks::width("generator width", self.generator_width)?;
        networks::width("discriminator width", self.discriminator_width)?;
        networks::width("bottleneck", self.bottleneck)?;
        self.control.check()
    }

    /// The latent, and the class if there is one → h/4×w/4×n → h/4×w/4×2n → h/2×w/2×n → the picture, n being the width.
    fn generator(&self, domain: &Domain) -> Graph {
        let Shape { height, width: across, channels } = domain.shape;
        let width = self.generator_width;
        let mut g = GraphBuilder::new("began");
        let z = g.normal("z", Shape::vector(self.latent));
        let class = self.class(&mut g, domain);
        let x = class.map_or(z, |class| g.concat("input", &[z, class]));
        let x = g.dense("project", x, Shape::new(height / 4, across / 4, width), true);
        let x = normed(&mut g, x, Activation::Elu);
        let x = g.conv("widen", x, 2 * width, KEEPING, true);
        let x = normed(&mut g, x, Activation::Elu);
        let x = g.upsample(x, 2);
        let x = g.conv("grow", x, width, KEEPING, true);
        let x = normed(&mut g, x, Activation::Elu);
        let x = g.upsample(x, 2);
        let x = g.conv("picture", x, channels, KEEPING, true);
        let x = g.activation(x, Activation::Sigmoid);
        g.finish(x)
    }

    fn begin(&self, mut start: Start<'_>) -> Box<dyn Objective> {
        let domain = start.domain;
        let generator = start.generator(&self.generator(&domain));
        let autoencoder = start.player("autoencoder", &self.autoencoder(&domain));
        Box::new(Boundary::new(generator, autoencoder, self.control.clone()))
    }
}
