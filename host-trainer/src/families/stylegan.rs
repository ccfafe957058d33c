//! The style-based generator (Karras, Laine and Aila 2019, "A style-based generator architecture for generative adversarial
//! networks").
//!
//! A mapping network makes a style w of the latent z (figure 1b); the synthesis network begins at a learned constant, and behind
//! each of its convolutions stand noise times a learned strength per channel and AdaIN: y · (x − μ(x)) / σ(x) + b, of which y
//! and b come from w (equation 1). The loss is the non-saturating one with R1, as in the paper's appendix C: [`bce`],
//! [`slope`](crate::objectives::slope). Style mixing (section 3.1) and the mean style w̄ are [`style`]'s; truncation is
//! w' = w̄ + ψ (w − w̄) (appendix B). A run has the path of its FID (`fid.csv`).
//!
//! The class joins what the mapping makes of z: w is the sum of both. Joined in front of the mapping, as the official code has it,
//! the class's share of w grew and that of z fell, until each class was one picture. The mapping learns a hundred times as slowly as
//! the rest ([`Begin::Firm`](crate::graph::Begin)), as in the official code, and the class's share begins small: a mapping that is
//! free to, sorts z into two or three styles per class, and what is drawn of those between is two digits, one over the other. Fewer
//! pictures than in the paper have mixed styles, since five layers have few to mix.
//!
//! D is a [residual one with spectral norm](networks::residual_discriminator), trained twice a step: beside one with batch norm, which
//! takes out of a batch what is alike in it, G's pictures were best after an eighth of a run and then drifted.
//!
//! At 28×28 the sides are 7 → 14 → 28, with two convolutions a side and one at 28. Smaller than there: a mapping of two layers,
//! with batch norm, instead of eight; nearest upsampling instead of bilinear; a plane of noise a side instead of one a layer;
//! w̄ is a mean per class. Left out: growing the picture step by step, which 28×28 does not need.

use super::networks::{self, KEEPING, LEAKY};
use super::{Domain, Duel, Family, Start, System};
use crate::graph::{Activation, CLASS, Graph, GraphBuilder, NodeId, Shape};
use crate::objectives::bce::{self, Bce, GeneratorLoss};
use crate::objectives::style::{self, MeanStyle, Styled};
use crate::objectives::{Game, Penalty};
use crate::players::{Objective, OutOfRange};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// See the module.
pub static FAMILY: Family = Family::of::<Settings>(
    "stylegan",
    "style-based GAN (Karras et al. 2019): a mapping, AdaIN, noise, style mixing, truncation",
    &bce::RECORD,
    "steps = 5000\nfid_every = 250\nlearning_rate = 0.0015\nadam = { beta_1 = 0.0, beta_2 = 0.999 }",
);

/// Layers that a style steers.
const LAYERS: usize = 5;
/// By crossover, which is none or the first layer of the second style: whether a layer, counted from 1, has the second style.
/// The layer before them has none to choose from.
static SECOND: [[f32; LAYERS]; LAYERS - 1] =
    [[0., 1., 0., 0., 0.], [0., 1., 1., 0., 0.], [0., 1., 1., 1., 0.], [0., 1., 1., 1., 1.]];
/// The rest of [`SECOND`].
static FIRST: [[f32; LAYERS]; LAYERS - 1] =
    [rest(&SECOND[0]), rest(&SECOND[1]), rest(&SECOND[2]), rest(&SECOND[3])];
/// What there is to choose from in the crossover and in ψ.
pub const CROSSOVERS: [&str; LAYERS] = ["none", "7x7 second", "14x14 first", "14x14 second", "28x28"];
/// See [`CROSSOVERS`].
pub const TRUNCATIONS: [&str; 4] = ["1", "0.85", "0.7", "0.5"];
/// ψ, by choice.
static PSI: [f32; TRUNCATIONS.len()] = [1.0, 0.85, 0.7, 0.5];
/// 1 − ψ.
static REST: [f32; TRUNCATIONS.len()] = rest(&PSI);

/// What is missing from each share to 1.
const fn rest<const N: usize>(shares: &[f32; N]) -> [f32; N] {
    let mut rest = [0.0; N];
    let mut place = 0;
    while place < N {
        rest[place] = 1.0 - shares[place];
        place += 1;
    }
    rest
}

/// Its settings.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Settings {
    /// Length of the latent, and of the second one.
    latent: usize,
    /// Length of the style.
    style: usize,
    /// Units of the mapping's hidden layer.
    mapping_width: usize,
    /// Channels at the whole side; twice as many at half of it, four times at a quarter.
    generator_width: usize,
    /// Channels of the discriminator's first layer.
    discriminator_width: usize,
    /// Whether the class joins the style, and the discriminator.
    conditional: bool,
    #[serde(flatten)]
    duel: Duel,
}

impl Default for Settings {
    fn default() -> Self {
        Settings {
            latent: 32,
            style: 24,
            mapping_width: 64,
            generator_width: 9,
            discriminator_width: 16,
            conditional: true,
            duel: Duel { discriminator_steps: 2, r1: Penalty { gamma: 0.03, every: 4 } },
        }
    }
}

/// The generator while it is written down.
struct Writing {
    g: GraphBuilder,
    /// The style and the second style, truncated.
    styles: [NodeId; 2],
    crossover: NodeId,
    layers: usize,
}

impl Writing {
    /// The style of the next layer.
    fn style(&mut self) -> NodeId {
        let (layer, [first, second]) = (self.layers, self.styles);
        let Some(choice) = layer.checked_sub(1) else { return first };
        let g = &mut self.g;
        let share = g.fixed(&format!("first {layer}"), self.crossover, Shape::vector(1), &FIRST[choice]);
        let kept = g.product(&format!("of first {layer}"), &[first, share]);
        let share = g.fixed(&format!("second {layer}"), self.crossover, Shape::vector(1), &SECOND[choice]);
        g.product(&format!("style {layer}"), &[second, share, kept])
    }

    /// What stands behind a convolution: noise, LeakyReLU, AdaIN.
    fn styled(&mut self, x: NodeId, noise: NodeId) -> NodeId {
        let style = self.style();
        let (layer, g) = (self.layers, &mut self.g);
        self.layers += 1;
        let channels = Shape::vector(g.shape(x).channels);
        let strength = g.constant(&format!("strength {layer}"), channels);
        let x = g.product(&format!("noisy {layer}"), &[noise, strength, x]);
        let x = g.activation(x, LEAKY);
        let x = g.instance_norm(&format!("normed {layer}"), x);
        let gain = g.dense_around(&format!("gain {layer}"), style, channels, 1.0);
        let offset = g.dense_around(&format!("offset {layer}"), style, channels, 0.0);
        g.product(&format!("styled {layer}"), &[x, gain, offset])
    }

    fn conv(&mut self, name: &str, x: NodeId, channels: usize) -> NodeId {
        self.g.conv(name, x, channels, KEEPING, true)
    }
}

impl Settings {
    /// The generator, and its nodes w and w̄.
    fn synthesis(&self, domain: &Domain) -> (Graph, MeanStyle) {
        let Shape { height, width: across, channels } = domain.shape;
        let mut g = GraphBuilder::new("stylegan");
        let latent = Shape::vector(self.latent);
        let z = g.normal("z", latent);
        let class = self.conditional.then(|| g.choice(CLASS, domain.classes));
        let second = g.normal("second z", latent);
        let crossover = g.choice_of("crossover", &CROSSOVERS);
        let truncation = g.choice_of("truncation", &TRUNCATIONS);
        let mut noise = |name: &str, part: usize| g.normal(name, Shape::new(height / part, across / part, 1));
        let planes = [noise("noise 7", 4), noise("noise 14", 2), noise("noise 28", 1)];
        // The mapping network.
        let hidden = g.dense_firm("mapping", z, Shape::vector(self.mapping_width));
        let hidden_norm = g.batch_norm(hidden);
        let x = g.activation(hidden_norm, LEAKY);
        let last = g.dense_firm("w of z", x, Shape::vector(self.style));
        let of_z = g.batch_norm(last);
        let x = g.again("second mapping", hidden, &[second]);
        let x = g.again("second mapping.norm", hidden_norm, &[x]);
        let x = g.activation(x, LEAKY);
        let x = g.again("second w of z", last, &[x]);
        let second_of_z = g.again("second w of z.norm", of_z, &[x]);
        let of_class = class.map(|class| g.embedding("w of class", class, Shape::vector(self.style)));
        let style = of_class.map_or(of_z, |of_class| g.add("w", &[of_z, of_class]));
        // w̄ + ψ (w − w̄), for both styles, as ψ times what is of z, and the rest: a rounding less than by way of w.
        let mean = match class {
            Some(class) => g.embedding("mean w", class, Shape::vector(self.style)),
            None => g.constant("mean w", Shape::vector(self.style)),
        };
        let psi = g.fixed("psi", truncation, Shape::vector(1), &PSI);
        let rest = g.fixed("rest", truncation, Shape::vector(1), &REST);
        let mut towards = g.product("towards mean", &[mean, rest]);
        if let Some(of_class) = of_class {
            towards = g.product("towards mean of class", &[of_class, psi, towards]);
        }
        let styles = [("truncated w", of_z), ("truncated second w", second_of_z)]
            .map(|(name, of_z)| g.product(name, &[of_z, psi, towards]));
        // The synthesis network.
        let narrow = self.generator_width;
        let (middle, wide) = (2 * narrow, 4 * narrow);
        let x = g.constant("constant", Shape::new(height / 4, across / 4, wide));
        let mut w = Writing { g, styles, crossover, layers: 0 };
        let x = w.styled(x, planes[0]);
        let x = w.conv("shape", x, wide);
        let x = w.styled(x, planes[0]);
        let x = w.g.upsample(x, 2);
        let x = w.conv("grow", x, middle);
        let x = w.styled(x, planes[1]);
        let x = w.conv("parts", x, middle);
        let x = w.styled(x, planes[1]);
        let x = w.g.upsample(x, 2);
        let x = w.conv("grow more", x, narrow);
        let x = w.styled(x, planes[2]);
        let x = w.conv("picture", x, channels);
        let x = w.g.activation(x, Activation::Tanh);
        (w.g.finish(x), MeanStyle { style, mean })
    }
}

impl System for Settings {
    fn check(&self) -> Result<(), OutOfRange> {
        networks::latent(2 * self.latent)?;
        networks::width("style", self.style)?;
        networks::width("mapping width", self.mapping_width)?;
        networks::width("generator width", self.generator_width)?;
        networks::width("discriminator width", self.discriminator_width)?;
        self.duel.check()
    }

    fn generator(&self, domain: &Domain) -> Graph {
        self.synthesis(domain).0
    }

    fn begin(&self, mut start: Start<'_>) -> Box<dyn Objective> {
        let domain = start.domain;
        let (graph, mean) = self.synthesis(&domain);
        let generator = start.generator(&graph);
        let judge = networks::residual_discriminator(self.discriminator_width, self.conditional, &domain);
        let judge = start.player("discriminator", &judge);
        let loss = Arc::new(Bce { generator: GeneratorLoss::NonSaturating });
        let game = Game::new(generator, judge, loss, self.duel.config());
        Box::new(Styled::new(game, style::mixed, mean))
    }

    fn batches_per_step(&self) -> usize {
        self.duel.discriminator_steps
    }
}
