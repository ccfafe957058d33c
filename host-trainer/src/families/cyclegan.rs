//! CycleGAN (Zhu, Park, Isola and Efros 2017, "Unpaired image-to-image translation using cycle-consistent adversarial
//! networks"): pictures of one domain become pictures of another, learned from both without a pair.
//!
//! The games, their losses and the pool of earlier pictures are [`cycle`]'s. A generator is as in section 4: a convolution that
//! halves the sides, residual blocks with instance norm, a transposed convolution that doubles them, tanh. Smaller than there: one
//! halving and 2 blocks of 16 channels where the paper has two halvings and 6 blocks of 256. A discriminator judges patches: its
//! last layer is a convolution, and each of its outputs sees 16×16 pixels. Weights are averaged, as everywhere here.
//!
//! Both generators are one graph with one input, and one model file with an entry a direction, called by what it makes.

use super::networks::{self, HALVING, KEEPING, LEAKY};
use super::{Domain, Family, Start, System};
use crate::data::{DIVISIONS, Division};
use crate::graph::{Activation, Graph, GraphBuilder, NodeId};
use crate::objectives::cycle::{self, Cycle, CycleConfig, Judge};
use crate::players::{Objective, OutOfRange, Pool};
use serde::{Deserialize, Serialize};

/// See the module.
pub static FAMILY: Family = Family::of::<Settings>(
    "cyclegan",
    "CycleGAN (Zhu et al. 2017): two domains, a generator each way, there and back without loss",
    &cycle::RECORD,
    "steps = 3000\nbatch = 8\nlearning_rate = 0.001\nadam = { beta_1 = 0.5, beta_2 = 0.999 }",
);

/// Its settings.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Settings {
    /// The two domains: `strokes` (thin and bold ones), `folders`, or two classes, such as `6,9`.
    domains: String,
    /// Channels of the generators' layers.
    generator_width: usize,
    /// Residual blocks of each generator.
    blocks: usize,
    /// Channels of the first layer of the discriminators.
    discriminator_width: usize,
    #[serde(flatten)]
    games: CycleConfig,
}

impl Default for Settings {
    fn default() -> Self {
        Settings {
            domains: Division::Strokes.to_string(),
            generator_width: 16,
            blocks: 2,
            discriminator_width: 16,
            games: CycleConfig { cycle: 10.0, identity: 5.0, pool: 50, noise: 0.01 },
        }
    }
}

impl Settings {
    fn division(&self) -> Division {
        self.domains.parse().expect("settings are checked before graphs are asked for")
    }

    /// From `picture` to one of the domain `name`.
    fn restyled(&self, g: &mut GraphBuilder, picture: NodeId, name: &str, domain: &Domain) -> NodeId {
        let normed = |g: &mut GraphBuilder, layer: &str, x: NodeId| {
            let x = g.conv(&format!("{name} {layer}"), x, self.generator_width, KEEPING, false);
            g.instance_norm(&format!("{name} {layer}.norm"), x)
        };
        let x = g.conv(&format!("{name} edges"), picture, self.generator_width, HALVING, true);
        let mut x = g.activation(x, Activation::Relu);
        for block in 1..=self.blocks {
            let inner = normed(g, &format!("parts {block}"), x);
            let inner = g.activation(inner, Activation::Relu);
            let inner = normed(g, &format!("change {block}"), inner);
            x = g.add(&format!("{name} block {block}"), &[x, inner]);
        }
        let x = g.conv_transpose(&format!("{name} picture"), x, domain.shape.channels, HALVING, true);
        g.activation(x, Activation::Tanh)
    }

    /// A picture → a verdict on each of its patches.
    fn judge(&self, name: &str, domain: &Domain) -> Graph {
        let width = self.discriminator_width;
        let mut g = GraphBuilder::new(name);
        let picture = g.picture("picture", domain.shape);
        let x = g.conv("edges", picture, width, HALVING, true);
        let x = g.activation(x, LEAKY);
        let x = g.conv("parts", x, 2 * width, HALVING, false);
        let x = g.instance_norm("parts.norm", x);
        let x = g.activation(x, LEAKY);
        let verdicts = g.conv("verdicts", x, 1, KEEPING, true);
        g.finish(verdicts)
    }
}

impl System for Settings {
    fn check(&self) -> Result<(), OutOfRange> {
        OutOfRange::unless(self.domains.parse::<Division>().is_ok(), "domains", &self.domains, DIVISIONS)?;
        networks::width("generator width", self.generator_width)?;
        networks::width("discriminator width", self.discriminator_width)?;
        OutOfRange::unless((1..=9).contains(&self.blocks), "residual blocks", &self.blocks, "1 to 9")?;
        self.games.check()
    }

    fn domains(&self) -> Option<Division> {
        Some(self.division())
    }

    fn generator(&self, domain: &Domain) -> Graph {
        let [first, second] = self.division().names();
        let mut g = GraphBuilder::new("cyclegan");
        let picture = g.picture("picture", domain.shape);
        let there = self.restyled(&mut g, picture, &second, domain);
        let back = self.restyled(&mut g, picture, &first, domain);
        g.finish_with(&[(&second, there), (&first, back)])
    }

    fn begin(&self, mut start: Start<'_>) -> Box<dyn Objective> {
        let domain = start.domain;
        let generator = start.generator(&self.generator(&domain));
        let judges = ["first-discriminator", "second-discriminator"].map(|name| Judge {
            player: start.player(name, &self.judge(name, &domain)),
            pool: Pool::new(name, self.games.pool, domain.shape.size()),
        });
        Box::new(Cycle::new(generator, judges, self.games.clone()))
    }

    fn batches_per_step(&self) -> usize {
        2
    }
}
