//! BigGAN (Brock, Donahue and Simonyan 2019, "Large scale GAN training for high fidelity natural image synthesis").
//!
//! G is of residual up-blocks (figure 15) with conditional batch norm: gains and offsets are dense layers of a class embedding that
//! all blocks share, joined to each block's own part of the latent (section 3.1); self-attention stands at half of the side
//! (Zhang et al. 2019). D judges by the inner product with the class's embedding too (Miyato and Koyama 2018) and is trained
//! twice a step by the [hinge loss](crate::objectives::hinge). Both have spectral norm ([`Graph::with_spectral_norm`]), G
//! orthogonal regularization (equation 3), an average of its weights, and latents that may be truncated (section 3.1), which is
//! the engine's truncation. The record has the singular values of G's layers (section 4.1).
//!
//! At 28×28 the sides are 7 → 14 → 28. Smaller than there: 8 to 32 channels instead of 96 to 1,536, attention in G alone, and in D
//! two strided convolutions and one residual block.

use super::networks::{self, KEEPING};
use super::{Domain, Family, Start, System};
use crate::graph::{Activation, CLASS, Graph, GraphBuilder, NodeId, Shape, Window};
use crate::objectives::hinge::Hinge;
use crate::objectives::singular::{self, Watched};
use crate::objectives::{Game, GameConfig, Hold, Penalty};
use crate::players::{Objective, OutOfRange};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// See the module.
pub static FAMILY: Family = Family::of::<Settings>(
    "biggan",
    "BigGAN (Brock et al. 2019): conditional batch norm, self-attention, spectral norm, hinge loss",
    &singular::RECORD,
    "steps = 3000\nfid_every = 500\nlearning_rate = 0.001\nadam = { beta_1 = 0.0, beta_2 = 0.999 }",
);

/// A convolution of one pixel.
const POINT: Window = Window { kernel: 1, stride: 1, padding: 0, output_padding: 0 };
/// Halves the side without looking beyond two pixels.
const PAIRS: Window = Window { kernel: 2, stride: 2, padding: 0, output_padding: 0 };
/// Numbers of a query and of a key per eight channels that they are made of (Zhang et al. 2019, section 3).
const KEY_SHARE: usize = 8;

/// Its settings.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Settings {
    /// Length of each of the latent's three parts: one for the first layer, one for each block.
    latent: usize,
    /// Length of the shared class embedding.
    embedding: usize,
    /// Channels at the whole side; twice as many at half of it, four times at a quarter.
    generator_width: usize,
    /// Channels of the discriminator's first layer.
    discriminator_width: usize,
    /// Whether the class is told to both.
    conditional: bool,
    /// Discriminator steps per generator step.
    discriminator_steps: usize,
    /// β of the orthogonal regularization.
    orthogonal: f64,
}

impl Default for Settings {
    fn default() -> Self {
        Settings {
            latent: 16,
            embedding: 16,
            generator_width: 8,
            discriminator_width: 16,
            conditional: true,
            discriminator_steps: 2,
            orthogonal: 1e-4,
        }
    }
}

/// Batch norm whose gain, around 1, and offset are dense layers of `condition`, and ReLU.
fn conditional_norm(g: &mut GraphBuilder, name: &str, x: NodeId, condition: NodeId) -> NodeId {
    let channels = Shape::vector(g.shape(x).channels);
    let x = g.batch_norm(x);
    let gain = g.dense_around(&format!("{name} gain"), condition, channels, 1.0);
    let offset = g.dense(&format!("{name} offset"), condition, channels, true);
    let x = g.product(&format!("{name} scaled"), &[x, gain, offset]);
    g.activation(x, Activation::Relu)
}

/// An up-block to `channels` channels and twice the side; the way around it is upsampled behind its convolution, which is the
/// same and cheaper.
fn up_block(g: &mut GraphBuilder, name: &str, x: NodeId, condition: NodeId, channels: usize) -> NodeId {
    let inner = conditional_norm(g, &format!("{name} first"), x, condition);
    let inner = g.upsample(inner, 2);
    let inner = g.conv(&format!("{name} grow"), inner, channels, KEEPING, true);
    let inner = conditional_norm(g, &format!("{name} second"), inner, condition);
    let inner = g.conv(&format!("{name} refine"), inner, channels, KEEPING, true);
    let around = g.conv(&format!("{name} around"), x, channels, POINT, true);
    let around = g.upsample(around, 2);
    g.add(&format!("{name} sum"), &[inner, around])
}

/// x + γ · o, o being attention (Zhang et al. 2019, equations 1 to 3) to keys and values at half of the side, as the paper's own
/// code has them, by a convolution instead of pooling; γ is learned and begins near 0.
fn self_attention(g: &mut GraphBuilder, x: NodeId) -> NodeId {
    let channels = g.shape(x).channels;
    let keys = (channels / KEY_SHARE).max(1);
    let queries = g.conv("queries", x, keys, POINT, true);
    let keys = g.conv("keys", x, keys, PAIRS, true);
    let values = g.conv("values", x, (channels / 2).max(1), PAIRS, true);
    let found = g.attention("attention", [queries, keys, values]);
    let found = g.conv("attended", found, channels, POINT, true);
    let gamma = g.constant("gamma", Shape::vector(1));
    g.product("attention sum", &[found, gamma, x])
}

impl Settings {
    fn game(&self) -> GameConfig {
        let hold = Hold::R1(Penalty { gamma: 0.0, every: 1 });
        GameConfig { orthogonal: self.orthogonal, ..GameConfig::of(self.discriminator_steps, hold) }
    }
}

impl System for Settings {
    fn check(&self) -> Result<(), OutOfRange> {
        networks::latent(3 * self.latent)?;
        networks::width("embedding", self.embedding)?;
        networks::width("generator width", self.generator_width)?;
        networks::width("discriminator width", self.discriminator_width)?;
        self.game().check()
    }

    fn generator(&self, domain: &Domain) -> Graph {
        let Shape { height, width: across, channels } = domain.shape;
        let narrow = self.generator_width;
        let mut g = GraphBuilder::new("biggan");
        let part = Shape::vector(self.latent);
        let z = g.normal("z", part);
        let class = self.conditional.then(|| g.choice(CLASS, domain.classes));
        let parts = [g.normal("z of block 1", part), g.normal("z of block 2", part)];
        let embedding =
            class.map(|class| g.embedding("class embedding", class, Shape::vector(self.embedding)));
        let [first, second] = [("condition 1", parts[0]), ("condition 2", parts[1])]
            .map(|(name, part)| embedding.map_or(part, |embedding| g.concat(name, &[embedding, part])));
        let x = embedding.map_or(z, |embedding| g.concat("input", &[z, embedding]));
        let x = g.dense("project", x, Shape::new(height / 4, across / 4, 4 * narrow), true);
        let x = up_block(&mut g, "block 1", x, first, 2 * narrow);
        let x = self_attention(&mut g, x);
        let x = up_block(&mut g, "block 2", x, second, narrow);
        let x = g.batch_norm(x);
        let x = g.activation(x, Activation::Relu);
        let x = g.conv("picture", x, channels, KEEPING, true);
        let x = g.activation(x, Activation::Tanh);
        g.finish(x).with_spectral_norm()
    }

    fn begin(&self, mut start: Start<'_>) -> Box<dyn Objective> {
        let domain = start.domain;
        let generator = start.generator(&self.generator(&domain));
        let judge = networks::residual_discriminator(self.discriminator_width, self.conditional, &domain);
        let discriminator = start.player("discriminator", &judge);
        Box::new(Watched::new(Game::new(generator, discriminator, Arc::new(Hinge), self.game())))
    }

    fn batches_per_step(&self) -> usize {
        self.discriminator_steps
    }
}
