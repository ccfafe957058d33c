//! The variational autoencoder (Kingma and Welling 2014, "Auto-encoding variational Bayes", algorithm 1), the
//! explicit-density rival of the GANs, by default with the class in both networks (Sohn et al. 2015).
//!
//! max E log p(x | z, c) − KL(q(z | x, c) ‖ N(0, 1)), z = μ + σ·ε: the three terms are [`elbo`]'s. The decoder is the
//! generator of [`networks`], the encoder its discriminator's convolutions with another end.

use super::networks::{self, GeneratorConfig};
use super::{Domain, Family, Start, System};
use crate::graph::{CLASS, Graph, GraphBuilder, Input, Shape};
use crate::objectives::{elbo, judged};
use crate::players::{Objective, OutOfRange, Player, Row, Turn, number, spread};
use burn::optim::GradientsParams;
use burn::tensor::Tensor;
use serde::{Deserialize, Serialize};

/// See the module.
pub static FAMILY: Family = Family::of::<Settings>(
    "vae",
    "variational autoencoder (Kingma and Welling 2014): an encoder in place of the discriminator",
    &elbo::RECORD,
    "",
);

/// Its settings.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Settings {
    #[serde(flatten)]
    generator: GeneratorConfig,
    /// Channels of the encoder's first layer.
    encoder_width: usize,
}

impl Default for Settings {
    fn default() -> Self {
        Settings { generator: GeneratorConfig { latent: 8, ..GeneratorConfig::default() }, encoder_width: 16 }
    }
}

impl Settings {
    /// The features → μ and log σ² of q(z | x, c), `latent` channels each.
    ///
    /// The class joins the features as a one-hot vector: a dense layer of its own is the same as more inputs of the other
    /// one.
    fn encoder(&self, domain: &Domain) -> Graph {
        let mut g = GraphBuilder::new("encoder");
        let picture = g.picture("picture", domain.shape);
        let features = networks::features(&mut g, picture, self.encoder_width, true);
        let outputs = Shape::vector(2 * self.generator.latent);
        let posterior = g.dense("posterior", features, outputs, true);
        if !self.generator.conditional {
            return g.finish(posterior);
        }
        let class = g.choice(CLASS, domain.classes);
        let of_class = g.dense("posterior of class", class, outputs, false);
        let posterior = g.add("joined posterior", &[posterior, of_class]);
        g.finish(posterior)
    }
}

impl System for Settings {
    fn check(&self) -> Result<(), OutOfRange> {
        self.generator.check()?;
        networks::width("encoder width", self.encoder_width)
    }

    fn generator(&self, domain: &Domain) -> Graph {
        self.generator.graph("vae", domain)
    }

    fn begin(&self, mut start: Start<'_>) -> Box<dyn Objective> {
        let domain = start.domain;
        let decoder = start.generator(&self.generator(&domain));
        let encoder = start.player("encoder", &self.encoder(&domain));
        Box::new(Autoencoder { decoder, encoder })
    }
}

/// An encoder and the generator as its decoder.
struct Autoencoder {
    decoder: Player,
    encoder: Player,
}

impl Objective for Autoencoder {
    fn players(&mut self) -> Vec<&mut Player> {
        vec![&mut self.decoder, &mut self.encoder]
    }

    fn generator(&mut self) -> &mut Player {
        &mut self.decoder
    }

    fn step(&mut self, turn: Turn<'_, '_>) -> Row {
        let real = turn.batches.real();
        // ε takes the place of z; the class is the picture's own.
        let graph = self.decoder.net.graph();
        let mut inputs = turn.batches.draw(turn.noise, graph);
        let encoder = &self.encoder.net;
        let encoded = encoder.forward(&judged(encoder.graph(), real.pictures.clone(), Some(&real.classes)));
        let posterior: Tensor<2> = encoded.flatten(1, 3);
        let latent = posterior.dims()[1] / 2;
        let mean = posterior.clone().narrow(1, 0, latent);
        let log_variance = posterior.narrow(1, latent, latent);
        for ((_, kind), input) in graph.inputs().zip(&mut inputs) {
            *input = match kind {
                Input::Choice => real.classes.clone(),
                _ => {
                    let noise: Tensor<2> = input.clone().flatten(1, 3);
                    let latents = elbo::sample(mean.clone(), log_variance.clone(), noise);
                    latents.reshape(input.dims())
                }
            };
        }
        let drawn = self.decoder.net.forward(&inputs);
        let spread = spread(&drawn);
        let range = self.decoder.net.graph().picture_range();
        let reconstruction = elbo::reconstruction(range.signed(drawn), range.signed(real.pictures));
        let divergence = elbo::divergence(mean, log_variance);
        let mut gradients = (reconstruction.clone() + divergence.clone()).backward();
        let of_decoder = GradientsParams::from_module(&mut gradients, &self.decoder.net);
        let of_encoder = GradientsParams::from_module(&mut gradients, &self.encoder.net);
        self.decoder.step(turn.rate, of_decoder);
        self.encoder.step(turn.rate, of_encoder);
        self.decoder.update_average(turn.step_in_phase);
        let (reconstruction, divergence) = (number(reconstruction), number(divergence));
        let elbo = -reconstruction - divergence;
        Row { step: turn.step, values: vec![Some(reconstruction), Some(divergence), Some(elbo)], spread }
    }
}
