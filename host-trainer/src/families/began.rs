//! BEGAN (Berthelot, Schumm and Metz 2017, "BEGAN: boundary equilibrium generative adversarial networks"): an autoencoder as
//! the discriminator.
//!
//! L_D = L(x) − k_t L(G(z_D)), L_G = L(G(z_G)), k_{t+1} = k_t + λ_k (γ L(x) − L(G(z_G))): [`equilibrium`], where the measure M is
//! too; k is part of a checkpoint. As in section 3.5 the generator has the shape of the autoencoder's decoder, sides are doubled
//! by nearest upsampling, ELU is between, and nothing is behind the last layer. Smaller than there: a convolution a scale where
//! the paper has two, and z is normal, so that walks and truncation are those of the other families. Beyond the paper there is
//! batch norm in both networks: without it the small autoencoder learns so slowly that G finds what it can give back, strokes.

use super::networks::{self, HALVING, KEEPING};
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
    "steps = 5000\nlearning_rate = 0.0005\nadam = { beta_1 = 0.5, beta_2 = 0.999 }",
);

/// Its settings.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Settings {
    /// Length of the latent.
    latent: usize,
    /// Channels of the generator's narrowest layer.
    generator_width: usize,
    /// Channels of the narrowest layers of the autoencoder.
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
            discriminator_width: 16,
            bottleneck: 32,
            conditional: false,
            control: Control { gamma: 0.75, lambda_k: 0.01 },
        }
    }
}

/// Batch norm, and what is between the layers.
fn normed(g: &mut GraphBuilder, x: NodeId) -> NodeId {
    let x = g.batch_norm(x);
    g.activation(x, Activation::Elu)
}

/// The code, and the class if there is one → h×w×n → h×w×2n → 2h×2w×n → the picture, n being `width`.
fn decoder(
    g: &mut GraphBuilder,
    code: NodeId,
    class: Option<NodeId>,
    width: usize,
    domain: &Domain,
) -> NodeId {
    let Shape { height, width: across, channels } = domain.shape;
    let x = class.map_or(code, |class| g.concat("input", &[code, class]));
    let x = g.dense("project", x, Shape::new(height / 4, across / 4, width), true);
    let x = normed(g, x);
    let x = g.conv("widen", x, 2 * width, KEEPING, true);
    let x = normed(g, x);
    let x = g.upsample(x, 2);
    let x = g.conv("grow", x, width, KEEPING, true);
    let x = normed(g, x);
    let x = g.upsample(x, 2);
    // No tanh: where it saturates, as in black, neither network would get away from a flat picture. Int8 ends at black and white.
    g.conv("picture", x, channels, KEEPING, true)
}

impl Settings {
    fn class(&self, g: &mut GraphBuilder, domain: &Domain) -> Option<NodeId> {
        self.conditional.then(|| g.choice(CLASS, domain.classes))
    }

    fn autoencoder(&self, domain: &Domain) -> Graph {
        let width = self.discriminator_width;
        let mut g = GraphBuilder::new("autoencoder");
        let picture = g.picture("real or generated", domain.shape);
        let class = self.class(&mut g, domain);
        let x = g.conv("edges", picture, width, HALVING, true);
        let x = g.activation(x, Activation::Elu);
        let x = g.conv("parts", x, 2 * width, HALVING, true);
        let x = normed(&mut g, x);
        let code = g.dense("code", x, Shape::vector(self.bottleneck), true);
        let x = decoder(&mut g, code, class, width, domain);
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

    fn generator(&self, domain: &Domain) -> Graph {
        let mut g = GraphBuilder::new("began");
        let z = g.normal("z", Shape::vector(self.latent));
        let class = self.class(&mut g, domain);
        let picture = decoder(&mut g, z, class, self.generator_width, domain);
        g.finish(picture)
    }

    fn begin(&self, mut start: Start<'_>) -> Box<dyn Objective> {
        let domain = start.domain;
        let generator = start.generator(&self.generator(&domain));
        let autoencoder = start.player("autoencoder", &self.autoencoder(&domain));
        Box::new(Boundary::new(generator, autoencoder, self.control.clone()))
    }
}
