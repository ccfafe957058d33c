//! One step of a variational autoencoder (Kingma and Welling 2014, algorithm 1).

use super::average::Average;
use super::batches::Batches;
use super::checkpoint::{self, AVERAGE, CheckpointError};
use super::config::TrainConfig;
use super::game::{Exported, Game};
use super::losses::Row;
use super::step::{adam, spread};
use crate::generator::Generator;
use crate::graph::Graph;
use crate::nets::Encoder;
use crate::objectives::elbo;
use crate::random::{self, Rng, Stream};
use burn::module::Module;
use burn::optim::{GradientsParams, ModuleOptimizer};
use burn::tensor::{Device, Tensor};
use std::path::Path;

/// An encoder and the generator as its decoder.
pub struct Autoencoder {
    decoder: Generator,
    encoder: Encoder,
    average: Average,
    decoder_adam: ModuleOptimizer,
    encoder_adam: ModuleOptimizer,
}

impl Autoencoder {
    /// At its first step. `device` computes, without autodiff.
    pub fn new(config: &TrainConfig, graph: &Graph, classes: usize, device: &Device) -> Self {
        let mut rng = random::stream(config.seed, Stream::Weights);
        let device = device.clone().autodiff();
        let decoder = Generator::new(graph, &mut rng, &device);
        let encoder = Encoder::new(&config.net, classes, &mut rng, &device);
        let average = Average::new(&decoder, config.average_decay);
        let (decoder_adam, encoder_adam) = (adam(&config.adam), adam(&config.adam));
        Autoencoder { decoder, encoder, average, decoder_adam, encoder_adam }
    }
}

const DECODER: &str = "generator.bpk";
const ENCODER: &str = "encoder.bpk";
const DECODER_ADAM: &str = "generator-adam.bpk";
const ENCODER_ADAM: &str = "encoder-adam.bpk";

impl Game for Autoencoder {
    fn step(&mut self, config: &TrainConfig, step: u64, batches: &mut Batches<'_>, noise: &mut Rng) -> Row {
        let rate = config.learning_rate_at(step);
        let real = batches.real();
        let noise = batches.noise(noise, config.net.latent).latents;
        let [mean, log_variance] = self.encoder.forward(real.pictures.clone(), real.classes.clone());
        let latents = elbo::sample(mean.clone(), log_variance.clone(), noise);
        let drawn = self.decoder.forward(latents, real.classes);
        let spread = spread(&drawn);
        let reconstruction = elbo::reconstruction(drawn, real.pictures);
        let divergence = elbo::divergence(mean, log_variance);
        let mut gradients = (reconstruction.clone() + divergence.clone()).backward();
        let of_decoder = GradientsParams::from_module(&mut gradients, &self.decoder);
        let of_encoder = GradientsParams::from_module(&mut gradients, &self.encoder);
        self.decoder = self.decoder_adam.step(rate, self.decoder.clone(), of_decoder);
        self.encoder = self.encoder_adam.step(rate, self.encoder.clone(), of_encoder);
        self.average.update(&self.decoder, config.step_in_phase(step));
        let number = |loss: Tensor<1>| f64::from(loss.into_scalar::<f32>());
        let (reconstruction, divergence) = (number(reconstruction), number(divergence));
        let elbo = -reconstruction - divergence;
        Row { step, values: vec![Some(reconstruction), Some(divergence), Some(elbo)], spread }
    }

    fn average(&self) -> &Average {
        &self.average
    }

    fn exported(&mut self) -> Exported<'_> {
        Exported { generator: &mut self.decoder, adam: &mut self.decoder_adam, average: &mut self.average }
    }

    fn save(&self, dir: &Path) -> Result<(), CheckpointError> {
        checkpoint::save(self.decoder.valid(), &dir.join(DECODER))?;
        checkpoint::save(self.encoder.valid(), &dir.join(ENCODER))?;
        checkpoint::save(self.average.generator.clone(), &dir.join(AVERAGE))?;
        checkpoint::save_adam(&self.decoder_adam, &dir.join(DECODER_ADAM))?;
        checkpoint::save_adam(&self.encoder_adam, &dir.join(ENCODER_ADAM))
    }

    fn load(&mut self, dir: &Path, config: &TrainConfig) -> Result<(), CheckpointError> {
        let average = checkpoint::load_module(self.average.generator.clone(), &dir.join(AVERAGE))?;
        self.average = Average::new(&average, config.average_decay);
        self.decoder = checkpoint::load_module(self.decoder.clone(), &dir.join(DECODER))?;
        self.encoder = checkpoint::load_module(self.encoder.clone(), &dir.join(ENCODER))?;
        self.decoder_adam = checkpoint::adam_of(&config.adam, &dir.join(DECODER_ADAM))?;
        self.encoder_adam = checkpoint::adam_of(&config.adam, &dir.join(ENCODER_ADAM))?;
        Ok(())
    }
}
