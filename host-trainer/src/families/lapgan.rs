//! LAPGAN (Denton et al. 2015, "Deep generative image models using a Laplacian pyramid of adversarial networks"): a small
//! picture from noise, then residuals that make it twice as large, and twice again.
//!
//! I_k = u(I_{k+1}) + G_k(z_k, u(I_{k+1})) (equation 5): each level is a conditional game of its own, [`pyramid`]. As in section
//! 3.2 the coarsest networks are perceptrons and the others convolutional without pooling; a level's generator reads the
//! upsampled picture, a plane of noise, and a plane made from the class. Smaller than there: 8 and 16 channels where the paper has 64
//! to 128; batch norm is added in the generators.
//!
//! All levels' generators are one graph and one model file, with an entry per level, the whole picture first.

use super::networks::{self, HALVING, KEEPING, LEAKY};
use super::{Domain, Family, Start, System};
use crate::graph::{Activation, CLASS, Graph, GraphBuilder, NodeId, Shape};
use crate::objectives::bce::{Bce, GeneratorLoss};
use crate::objectives::pyramid::{self, LEVELS, Pyramid};
use crate::objectives::{GameConfig, Hold, Penalty};
use crate::players::{Objective, OutOfRange};
use serde::{Deserialize, Serialize};

/// See the module.
pub static FAMILY: Family = Family::of::<Settings>(
    "lapgan",
    "LAPGAN (Denton et al. 2015): a conditional game a level of a Laplacian pyramid",
    &pyramid::RECORD,
    "steps = 4500\nbatch = 48",
);

/// Its settings.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Settings {
    /// Length of the coarsest level's latent.
    latent: usize,
    /// Hidden units of the coarsest level's networks.
    coarse_width: usize,
    /// Channels of the whole picture's generator; a level of half the sides has twice as many.
    generator_width: usize,
    /// Channels of the first layer of the other levels' discriminators.
    discriminator_width: usize,
    /// Whether all networks are told the class.
    conditional: bool,
    /// The penalty on each discriminator.
    r1: Penalty,
}

impl Default for Settings {
    fn default() -> Self {
        Settings {
            latent: 32,
            coarse_width: 128,
            generator_width: 8,
            discriminator_width: 16,
            conditional: true,
            r1: Penalty { gamma: 0.3, every: 1 },
        }
    }
}

/// What the entries and layers of each level are called: by how many times the sides are smaller.
const NAMES: [&str; LEVELS] = ["whole", "half", "quarter"];

impl Settings {
    fn shape(level: usize, domain: &Domain) -> Shape {
        let Shape { height, width, channels } = domain.shape;
        Shape::new(height >> level, width >> level, channels)
    }

    /// All levels' generators, and the nodes that hold what is below a level, the whole picture's first.
    fn generators(&self, domain: &Domain) -> (Graph, [NodeId; LEVELS - 1]) {
        let mut g = GraphBuilder::new("lapgan");
        let z = g.normal("z", Shape::vector(self.latent));
        let class = self.conditional.then(|| g.choice(CLASS, domain.classes));
        let x = class.map_or(z, |class| g.concat("input", &[z, class]));
        let x = g.dense("coarse", x, Shape::vector(self.coarse_width), false);
        let x = g.batch_norm(x);
        let x = g.activation(x, Activation::Relu);
        let x = g.dense(NAMES[2], x, Self::shape(2, domain), true);
        let quarter = g.activation(x, Activation::Tanh);
        let (half, of_half) = self.finer(&mut g, quarter, class, 1, domain);
        let (whole, of_whole) = self.finer(&mut g, half, class, 0, domain);
        let graph = g.finish_with(&[(NAMES[0], whole), (NAMES[1], half), (NAMES[2], quarter)]);
        (graph, [of_whole, of_half])
    }

    /// The picture of `level`, made from the one below it, and that one at this level's sides.
    fn finer(
        &self,
        g: &mut GraphBuilder,
        below: NodeId,
        class: Option<NodeId>,
        level: usize,
        domain: &Domain,
    ) -> (NodeId, NodeId) {
        let (name, shape) = (NAMES[level], Self::shape(level, domain));
        let plane = Shape { channels: 1, ..shape };
        let low = g.upsample(below, 2);
        let noise = g.normal(&format!("{name} noise"), plane);
        let of_class = class.map(|class| g.embedding(&format!("{name} class"), class, plane));
        let operands: Vec<NodeId> = [low, noise].into_iter().chain(of_class).collect();
        let mut x = g.concat(&format!("{name} input"), &operands);
        for layer in ["edges", "parts"] {
            x = g.conv(&format!("{name} {layer}"), x, self.generator_width << level, KEEPING, false);
            x = g.batch_norm(x);
            x = g.activation(x, Activation::Relu);
        }
        let residual = g.conv(&format!("{name} residual"), x, shape.channels, KEEPING, true);
        (g.add(name, &[low, residual]), low)
    }

    /// The discriminator of `level`: the features of the picture and of what is below it → one number.
    fn judge(&self, level: usize, domain: &Domain) -> Graph {
        let shape = Self::shape(level, domain);
        let mut g = GraphBuilder::new(NAMES[level]);
        let picture = g.picture("picture", shape);
        let features = if level + 1 == LEVELS {
            let x = g.dense("first", picture, Shape::vector(self.coarse_width), true);
            let x = g.activation(x, LEAKY);
            let x = g.dense("second", x, Shape::vector(self.coarse_width), true);
            g.activation(x, LEAKY)
        } else {
            let low = g.picture("low", shape);
            let pair = g.concat("pair", &[picture, low]);
            let x = g.conv("edges", pair, self.discriminator_width, HALVING, true);
            let x = g.activation(x, LEAKY);
            let x = g.conv("parts", x, 2 * self.discriminator_width, HALVING, false);
            let x = g.batch_norm(x);
            g.activation(x, LEAKY)
        };
        let verdict = g.dense("verdict", features, Shape::vector(1), true);
        // Last among the inputs, as the game hands them in; not read where nobody is told the class.
        let class = g.choice(CLASS, domain.classes);
        if !self.conditional {
            return g.finish(verdict);
        }
        let projection = g.projection("projection", features, class);
        let output = g.add("output", &[verdict, projection]);
        g.finish(output)
    }
}

impl System for Settings {
    fn check(&self) -> Result<(), OutOfRange> {
        networks::latent(self.latent)?;
        networks::width("coarse width", self.coarse_width)?;
        networks::width("generator width", self.generator_width)?;
        networks::width("discriminator width", self.discriminator_width)?;
        GameConfig::of(1, Hold::R1(self.r1.clone())).check()
    }

    fn generator(&self, domain: &Domain) -> Graph {
        self.generators(domain).0
    }

    fn begin(&self, mut start: Start<'_>) -> Box<dyn Objective> {
        let domain = start.domain;
        let (graph, lows) = self.generators(&domain);
        let generator = start.generator(&graph);
        let names = ["whole-discriminator", "half-discriminator", "quarter-discriminator"];
        let discriminators =
            std::array::from_fn(|level| start.player(names[level], &self.judge(level, &domain)));
        let loss = Bce { generator: GeneratorLoss::NonSaturating };
        Box::new(Pyramid::new((generator, lows), discriminators, loss, self.r1.clone()))
    }
}
