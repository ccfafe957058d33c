//! InfoGAN (Chen et al. 2016, "InfoGAN: interpretable representation learning by information maximizing generative adversarial
//! nets"): what a class was elsewhere is a code that nobody gave a meaning, and which the pictures are to show.
//!
//! min_{G,Q} max_D V(D, G) − λ L_I(G, Q) (equation 6): [`coded`]; the bound L_I (equation 5): [`information`]. As in appendix C.1
//! the codes are one choice of ten and two uniform ones on [−1, 1], and Q is a dense layer of 128 with batch norm and
//! LeakyReLU on D's features. No labels are used in training.
//!
//! The paper's networks are about fifty times as large. In small ones the code becomes a mark that Q reads and nobody else
//! does; so two things are added that are not in the paper, and that 0 leaves out. `consistency`: Q's choice is to be the same
//! for a real picture and for that picture moved a little. `style_consistency`: Q's first uniform code is to follow how much
//! the moved picture leans more, the second how much bolder it is; which of all that varies the codes stand for is else luck.
//!
//! [`information`]: crate::objectives::information

use super::networks::{self, GeneratorConfig, OutputFunction};
use super::{Domain, Family, Start, System};
use crate::graph::{Graph, GraphBuilder, Shape};
use crate::objectives::bce::{Bce, GeneratorLoss};
use crate::objectives::coded::{self, CodeWeights, Coded};
use crate::objectives::{GameConfig, Hold, Penalty};
use crate::players::{Objective, OutOfRange};
use serde::{Deserialize, Serialize};

/// See the module.
pub static FAMILY: Family = Family::of::<Settings>(
    "infogan",
    "InfoGAN (Chen et al. 2016): codes that the pictures are to show, without labels",
    &coded::RECORD,
    "steps = 6000",
);

/// Its settings.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Settings {
    /// Length of the latent without the codes.
    latent: usize,
    /// How many there are to choose from in the code.
    choices: usize,
    /// How many uniform codes.
    styles: usize,
    /// Channels of the generator's narrowest layer.
    generator_width: usize,
    /// Whether sides are doubled by upsampling instead of transposed convolutions.
    upsample: bool,
    /// Channels of the discriminator's first layer.
    discriminator_width: usize,
    /// Units of Q's hidden layer.
    code_width: usize,
    /// What the codes weigh.
    #[serde(flatten)]
    weights: CodeWeights,
    /// The penalty on the discriminator.
    r1: Penalty,
}

impl Default for Settings {
    fn default() -> Self {
        Settings {
            latent: 32,
            choices: 10,
            styles: 2,
            generator_width: 16,
            upsample: false,
            discriminator_width: 16,
            code_width: 128,
            weights: CodeWeights {
                information: 1.0,
                style_information: 0.5,
                consistency: 1.0,
                style_consistency: 1.0,
            },
            r1: Penalty { gamma: 0.3, every: 1 },
        }
    }
}

impl Settings {
    /// The convolutional generator that is told no class.
    fn body(&self) -> GeneratorConfig {
        GeneratorConfig {
            latent: self.latent,
            generator_width: self.generator_width,
            conditional: false,
            upsample: self.upsample,
            output: OutputFunction::Tanh,
        }
    }

    /// D and Q: the features → the verdict, a logit per choice, and a number per uniform code.
    fn judge(&self, domain: &Domain) -> Graph {
        let mut g = GraphBuilder::new("discriminator");
        let picture = g.picture("picture", domain.shape);
        let features = networks::features(&mut g, picture, self.discriminator_width, true);
        let verdict = g.dense("verdict", features, Shape::vector(1), true);
        let x = g.dense("code features", features, Shape::vector(self.code_width), false);
        let x = g.batch_norm(x);
        let x = g.activation(x, networks::LEAKY);
        let choice = g.dense("code", x, Shape::vector(self.choices), true);
        let styles = g.dense("styles", x, Shape::vector(self.styles), true);
        g.finish_with(&[("verdict", verdict), ("code", choice), ("styles", styles)])
    }
}

impl System for Settings {
    fn check(&self) -> Result<(), OutOfRange> {
        networks::latent(self.latent + self.styles)?;
        networks::width("generator width", self.generator_width)?;
        networks::width("discriminator width", self.discriminator_width)?;
        networks::width("code width", self.code_width)?;
        OutOfRange::unless((2..=100).contains(&self.choices), "choices", &self.choices, "2 to 100")?;
        OutOfRange::unless((1..=8).contains(&self.styles), "styles", &self.styles, "1 to 8")?;
        self.weights.check()?;
        GameConfig::of(1, Hold::R1(self.r1.clone())).check()
    }

    fn generator(&self, domain: &Domain) -> Graph {
        let mut g = GraphBuilder::new("infogan");
        let z = g.normal("z", Shape::vector(self.latent));
        let styles = g.uniform("style", self.styles);
        let code = g.choice("code", self.choices);
        let noise = g.concat("noise", &[z, styles]);
        let input = g.concat("input", &[noise, code]);
        let picture = self.body().body(&mut g, input, domain);
        g.finish(picture)
    }

    fn begin(&self, mut start: Start<'_>) -> Box<dyn Objective> {
        let domain = start.domain;
        let generator = start.generator(&self.generator(&domain));
        let discriminator = start.player("discriminator", &self.judge(&domain));
        let loss = Bce { generator: GeneratorLoss::NonSaturating };
        Box::new(Coded::new(
            (generator, discriminator),
            (self.choices, domain.classes),
            (loss, self.weights.clone(), self.r1.clone()),
        ))
    }
}
