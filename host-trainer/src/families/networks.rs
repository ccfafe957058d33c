//! The convolutional networks that several families share (Radford, Metz and Chintala 2015, section 3).
//!
//! Strided convolutions in the discriminator, transposed ones in the generator, no pooling; batch
//! norm everywhere but in the generator's last and the discriminator's first and last layers; ReLU
//! in the generator with tanh at its end, LeakyReLU 0.2 in the discriminator. The class joins the
//! generator's latent as a one-hot vector (Mirza and Osindero 2014) and the discriminator's output as
//! an inner product (Miyato and Koyama 2018).

use super::{Domain, Duel, Start};
use crate::graph::{Activation, CLASS, Graph, GraphBuilder, NodeId, Shape, Window};
use crate::objectives::{Loss, Penalty};
use crate::players::{Objective, OutOfRange};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// Slope of the discriminator's LeakyReLU below 0.
pub const LEAKY: Activation = Activation::LeakyRelu { slope: 0.2 };
/// Halves a picture's side in a convolution and doubles it in a transposed one.
pub const HALVING: Window = Window { kernel: 4, stride: 2, padding: 1, output_padding: 0 };
/// Keeps a picture's side.
pub const KEEPING: Window = Window { kernel: 3, stride: 1, padding: 1, output_padding: 0 };

/// A generator: latent and class → h×w×n → h×w×2n → 2h×2w×n → the picture, n being its width, and h and w a quarter of the
/// picture's sides.
///
/// The 3×3 convolution at the quarter costs few weights (the dense layer in front holds most of them) and
/// lets the dense layer be half as wide.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct GeneratorConfig {
    /// Length of the latent.
    pub latent: usize,
    /// Channels of the generator's narrowest layer.
    pub generator_width: usize,
    /// Whether the class joins the generator's input, and the other network.
    pub conditional: bool,
    /// Whether sides are doubled by nearest upsampling and a 3×3 convolution, instead of a transposed convolution (Odena,
    /// Dumoulin and Olah 2016, "Deconvolution and checkerboard artifacts").
    pub upsample: bool,
    /// What is behind the last layer, and so the range of the pictures.
    pub output: OutputFunction,
}

/// What is behind a generator's last layer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum OutputFunction {
    /// Pictures in −1 to 1 (Radford et al. 2015, section 4).
    #[default]
    Tanh,
    /// Pictures in 0 to 1 (Goodfellow et al. 2014, section 5).
    Sigmoid,
}

impl OutputFunction {
    /// The layer.
    pub fn activation(self) -> Activation {
        match self {
            OutputFunction::Tanh => Activation::Tanh,
            OutputFunction::Sigmoid => Activation::Sigmoid,
        }
    }
}

impl Default for GeneratorConfig {
    fn default() -> Self {
        GeneratorConfig {
            latent: 32,
            generator_width: 16,
            conditional: true,
            upsample: false,
            output: OutputFunction::Tanh,
        }
    }
}

impl GeneratorConfig {
    /// Checks the ranges.
    ///
    /// # Errors
    /// The first setting outside of its range.
    pub fn check(&self) -> Result<(), OutOfRange> {
        latent(self.latent)?;
        width("generator width", self.generator_width)
    }

    /// The graph, called `name`.
    pub fn graph(&self, name: &str, domain: &Domain) -> Graph {
        let mut g = GraphBuilder::new(name);
        let mut x = g.normal("z", Shape::vector(self.latent));
        if self.conditional {
            let class = g.choice(CLASS, domain.classes);
            x = g.concat("input", &[x, class]);
        }
        let x = self.body(&mut g, x, domain);
        g.finish(x)
    }

    /// From all inputs, joined in `x`, to the picture.
    pub fn body(&self, g: &mut GraphBuilder, x: NodeId, domain: &Domain) -> NodeId {
        let width = self.generator_width;
        let Shape { height, width: picture_width, channels } = domain.shape;
        let x = g.dense("project", x, Shape::new(height / 4, picture_width / 4, width), false);
        let x = g.batch_norm(x);
        let x = g.activation(x, Activation::Relu);
        let x = g.conv("widen", x, 2 * width, KEEPING, false);
        let x = g.batch_norm(x);
        let x = g.activation(x, Activation::Relu);
        let x = self.double(g, "grow", x, width, false);
        let x = g.batch_norm(x);
        let x = g.activation(x, Activation::Relu);
        let x = self.double(g, "picture", x, channels, true);
        g.activation(x, self.output.activation())
    }

    fn double(&self, g: &mut GraphBuilder, name: &str, x: NodeId, channels: usize, bias: bool) -> NodeId {
        if self.upsample {
            let x = g.upsample(x, 2);
            g.conv(name, x, channels, KEEPING, bias)
        } else {
            g.conv_transpose(name, x, channels, HALVING, bias)
        }
    }
}

/// What the families of these networks with a generator against a discriminator have in common: all but the loss.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Versus {
    /// The generator.
    #[serde(flatten)]
    pub generator: GeneratorConfig,
    /// Channels of the discriminator's first layer.
    pub discriminator_width: usize,
    /// The rules of the game.
    #[serde(flatten)]
    pub duel: Duel,
}

impl Default for Versus {
    fn default() -> Self {
        Versus {
            generator: GeneratorConfig::default(),
            discriminator_width: 16,
            duel: Duel { discriminator_steps: 1, r1: Penalty { gamma: 0.3, every: 1 } },
        }
    }
}

impl Versus {
    /// Checks the ranges.
    ///
    /// # Errors
    /// The first setting outside of its range.
    pub fn check(&self) -> Result<(), OutOfRange> {
        self.generator.check()?;
        width("discriminator width", self.discriminator_width)?;
        self.duel.check()
    }

    /// The game by `loss` at its first step, its generator being `graph`.
    pub fn begin(&self, start: Start<'_>, graph: &Graph, loss: Arc<dyn Loss>) -> Box<dyn Objective> {
        let judge = discriminator(self.discriminator_width, self.generator.conditional, &start.domain);
        self.duel.begin(start, graph, &judge, loss)
    }
}

/// Checks the length of a latent.
///
/// # Errors
/// It is outside of its range.
pub fn latent(latent: usize) -> Result<(), OutOfRange> {
    let ok = (1..=gan_core::MAX_LATENT).contains(&latent);
    OutOfRange::unless(ok, "latent length", &latent, "1 to 128, what the engine holds")
}

/// Checks the width of a network, its setting `name`.
///
/// # Errors
/// It is outside of its range.
pub fn width(name: &'static str, width: usize) -> Result<(), OutOfRange> {
    OutOfRange::unless((1..=512).contains(&width), name, &width, "1 to 512")
}

/// A picture's features, h×w×2n, n being `width`: two halving convolutions, the second normalized if `norm` says so, each
/// behind LeakyReLU.
pub fn features(g: &mut GraphBuilder, picture: NodeId, width: usize, norm: bool) -> NodeId {
    let x = g.conv("edges", picture, width, HALVING, true);
    let x = g.activation(x, LEAKY);
    let x = g.conv("parts", x, 2 * width, HALVING, !norm);
    let x = if norm { g.batch_norm(x) } else { x };
    g.activation(x, LEAKY)
}

/// A discriminator of this `width`: a dense layer of the [`features`], and if it is `conditional` the class's embedding ·
/// the features.
pub fn discriminator(width: usize, conditional: bool, domain: &Domain) -> Graph {
    judge("discriminator", (width, true), conditional, domain)
}

/// The same for an output without bounds. Batch norm (`norm`) stays out where something is asked of the slope at each picture,
/// which is then to depend on no other picture (Gulrajani et al. 2017, section 4).
pub fn critic(width: usize, norm: bool, conditional: bool, domain: &Domain) -> Graph {
    judge("critic", (width, norm), conditional, domain)
}

/// A discriminator with spectral norm and a residual block behind its halving convolutions, and no batch norm: two strided
/// convolutions to h×w×2n, n being `width`, x + conv(LeakyReLU(conv(LeakyReLU(x)))), and the end that all have.
pub fn residual_discriminator(width: usize, conditional: bool, domain: &Domain) -> Graph {
    let mut g = GraphBuilder::new("discriminator");
    let picture = g.picture("picture", domain.shape);
    let x = g.conv("edges", picture, width, HALVING, true);
    let x = g.activation(x, LEAKY);
    let x = g.conv("parts", x, 2 * width, HALVING, true);
    let activated = g.activation(x, LEAKY);
    let inner = g.conv("first", activated, 2 * width, KEEPING, true);
    let inner = g.activation(inner, LEAKY);
    let inner = g.conv("second", inner, 2 * width, KEEPING, true);
    let x = g.add("block", &[inner, x]);
    let features = g.activation(x, LEAKY);
    verdict(g, features, conditional, domain).with_spectral_norm()
}

fn judge(name: &str, (width, norm): (usize, bool), conditional: bool, domain: &Domain) -> Graph {
    let mut g = GraphBuilder::new(name);
    let picture = g.picture("picture", domain.shape);
    let features = features(&mut g, picture, width, norm);
    verdict(g, features, conditional, domain)
}

/// The end of a discriminator: a dense layer of its features, and if it is `conditional` the class's embedding · the features.
fn verdict(mut g: GraphBuilder, features: NodeId, conditional: bool, domain: &Domain) -> Graph {
    let output = g.dense("verdict", features, Shape::vector(1), true);
    if !conditional {
        return g.finish(output);
    }
    let class = g.choice(CLASS, domain.classes);
    let projection = g.projection("projection", features, class);
    let output = g.add("output", &[output, projection]);
    g.finish(output)
}
