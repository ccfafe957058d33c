//! One step of the game, in the words of Goodfellow et al. 2014, algorithm 1.
//!
//! The algorithm alternates k updates of the discriminator and one of the generator; a step here
//! enters that circle at the generator's update. What the discriminator makes of real pictures then
//! depends on nothing else in the turn, and is computed on a thread of its own.

use super::average::Average;
use super::batches::{Batches, Noise, Pictures};
use super::checkpoint::{self, AVERAGE, CheckpointError};
use super::config::{AdamConfig, TrainConfig};
use super::game::{Exported, Game};
use super::losses::Row;
use crate::generator::Generator;
use crate::graph::Graph;
use crate::nets::Discriminator;
use crate::objectives::{bce, r1};
use crate::random::{self, Rng, Stream};
use burn::module::Module;
use burn::optim::{self, GradientsAccumulator, GradientsParams, ModuleOptimizer};
use burn::tensor::{Device, Tensor};
use std::path::Path;

/// The two players, what moves them, and the average of the generator's weights.
pub struct Players {
    /// G.
    pub generator: Generator,
    /// D.
    pub discriminator: Discriminator,
    /// Moving average of G's weights: what a run is for.
    pub average: Average,
    /// Moves G.
    pub generator_adam: ModuleOptimizer,
    /// Moves D.
    pub discriminator_adam: ModuleOptimizer,
}

/// What the discriminator makes of real pictures.
struct OfReal {
    logits: Vec<f32>,
    penalty: Option<f64>,
    gradients: GradientsParams,
}

/// What the discriminator makes of generated pictures.
struct OfGenerated {
    logits: Vec<f32>,
    spread: f64,
    gradients: GradientsParams,
}

impl Players {
    /// Players at their first step. `device` computes, without autodiff.
    pub fn new(config: &TrainConfig, graph: &Graph, classes: usize, device: &Device) -> Self {
        let mut rng = random::stream(config.seed, Stream::Weights);
        let device = device.clone().autodiff();
        let generator = Generator::new(graph, &mut rng, &device);
        let discriminator = config.net.discriminator(classes, &mut rng, &device);
        let average = Average::new(&generator, config.average_decay);
        let (generator_adam, discriminator_adam) = (adam(&config.adam), adam(&config.adam));
        Players { generator, discriminator, average, generator_adam, discriminator_adam }
    }

    /// The gradient of the loss on generated pictures.
    fn of_generated(&self, noise: Noise) -> OfGenerated {
        let classes = noise.classes.clone();
        let generated = self.generator.clone().no_grad().forward(noise.latents, noise.classes).detach();
        let spread = spread(&generated);
        let logits = self.discriminator.forward(generated, classes);
        let loss = bce::generated_loss(logits.clone());
        let gradients = GradientsParams::from_grads(loss.backward(), &self.discriminator);
        OfGenerated { logits: numbers(logits), spread, gradients }
    }

    /// Updates the generator by descending its loss; returns the loss.
    fn generator_step(&mut self, rate: f64, loss: bce::GeneratorLoss, noise: Noise) -> f64 {
        let classes = noise.classes.clone();
        let generated = self.generator.forward(noise.latents, noise.classes);
        // D judges but does not learn here; its batch norm still works as in its own steps.
        let verdicts = self.discriminator.clone().no_grad().forward(generated, classes);
        let loss = bce::generator_loss(loss, verdicts);
        let gradients = GradientsParams::from_grads(loss.backward(), &self.generator);
        self.generator = self.generator_adam.step(rate, self.generator.clone(), gradients);
        f64::from(loss.into_scalar::<f32>())
    }
}

const GENERATOR: &str = "generator.bpk";
const DISCRIMINATOR: &str = "discriminator.bpk";
const GENERATOR_ADAM: &str = "generator-adam.bpk";
const DISCRIMINATOR_ADAM: &str = "discriminator-adam.bpk";

impl Game for Players {
    /// One generator step, then k discriminator steps.
    fn step(&mut self, config: &TrainConfig, step: u64, batches: &mut Batches<'_>, noise: &mut Rng) -> Row {
        let rate = config.learning_rate_at(step);
        let k = config.discriminator_steps as u64;
        let mut for_generator = Some(batches.noise(noise, config.net.latent));
        let (mut generator_loss, mut verdicts) = (None, None);
        for turn in (step - 1) * k..step * k {
            let gamma = match turn.is_multiple_of(config.r1.every) {
                true => config.r1.gamma * config.r1.every as f32,
                false => 0.0,
            };
            let real = batches.real();
            let for_discriminator = batches.noise(noise, config.net.latent);
            // Clones share what autodiff records, and so could not go backward at once; a copy does not.
            let copy = self.discriminator.valid().train();
            let (of_real, of_generated) = std::thread::scope(|scope| {
                let of_real = scope.spawn(move || of_real(&copy, real, gamma));
                if let Some(noise) = for_generator.take() {
                    generator_loss = Some(self.generator_step(rate, config.generator_loss, noise));
                    self.average.update(&self.generator, config.step_in_phase(step));
                }
                let of_generated = self.of_generated(for_discriminator);
                (of_real.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)), of_generated)
            });
            // Updates the discriminator by ascending the gradient of V (and descending the penalty's).
            let mut gradients = GradientsAccumulator::new();
            gradients.accumulate(&self.discriminator, of_real.gradients);
            gradients.accumulate(&self.discriminator, of_generated.gradients);
            let adam = &mut self.discriminator_adam;
            self.discriminator = adam.step(rate, self.discriminator.clone(), gradients.grads());
            verdicts = Some((of_real.logits, of_real.penalty, of_generated.logits, of_generated.spread));
        }
        let generator_loss = generator_loss.expect("k is at least 1");
        let (real, penalty, generated, spread) = verdicts.expect("k is at least 1");

        let value = bce::value(&real, &generated);
        let (verdict_real, verdict_generated) = (bce::verdict(&real), bce::verdict(&generated));
        let values = vec![
            Some(-value),
            Some(generator_loss),
            penalty,
            Some(value),
            Some(verdict_real),
            Some(verdict_generated),
        ];
        Row { step, values, spread }
    }

    fn average(&self) -> &Average {
        &self.average
    }

    fn exported(&mut self) -> Exported<'_> {
        Exported {
            generator: &mut self.generator,
            adam: &mut self.generator_adam,
            average: &mut self.average,
        }
    }

    fn save(&self, dir: &Path) -> Result<(), CheckpointError> {
        checkpoint::save(self.generator.valid(), &dir.join(GENERATOR))?;
        checkpoint::save(self.discriminator.valid(), &dir.join(DISCRIMINATOR))?;
        checkpoint::save(self.average.generator.clone(), &dir.join(AVERAGE))?;
        checkpoint::save_adam(&self.generator_adam, &dir.join(GENERATOR_ADAM))?;
        checkpoint::save_adam(&self.discriminator_adam, &dir.join(DISCRIMINATOR_ADAM))
    }

    fn load(&mut self, dir: &Path, config: &TrainConfig) -> Result<(), CheckpointError> {
        let average = checkpoint::load_module(self.average.generator.clone(), &dir.join(AVERAGE))?;
        self.average = Average::new(&average, config.average_decay);
        self.generator = checkpoint::load_module(self.generator.clone(), &dir.join(GENERATOR))?;
        self.discriminator = checkpoint::load_module(self.discriminator.clone(), &dir.join(DISCRIMINATOR))?;
        self.generator_adam = checkpoint::adam_of(&config.adam, &dir.join(GENERATOR_ADAM))?;
        self.discriminator_adam = checkpoint::adam_of(&config.adam, &dir.join(DISCRIMINATOR_ADAM))?;
        Ok(())
    }
}

/// The gradient of the loss on real pictures, with the penalty of weight `gamma` unless that is 0.
fn of_real(discriminator: &Discriminator, real: Pictures, gamma: f32) -> OfReal {
    let (logits, penalty) = if gamma > 0.0 {
        let sides = r1::Sides::of(discriminator, real.pictures, real.classes);
        (sides.logits(), Some(sides.penalty(gamma)))
    } else {
        (discriminator.forward(real.pictures, real.classes), None)
    };
    let mut loss = bce::real_loss(logits.clone());
    if let Some(penalty) = penalty.clone() {
        loss = loss + penalty;
    }
    let gradients = GradientsParams::from_grads(loss.backward(), discriminator);
    let penalty = penalty.map(|penalty| f64::from(penalty.into_scalar::<f32>()));
    OfReal { logits: numbers(logits), penalty, gradients }
}

/// Adam with the decays of `config` and ε = 1e-8 (Kingma and Ba 2015, algorithm 1).
pub fn adam(config: &AdamConfig) -> ModuleOptimizer {
    let adam = optim::AdamConfig::new().with_beta_1(config.beta_1).with_beta_2(config.beta_2);
    adam.with_epsilon(1e-8).init()
}

fn numbers<const D: usize>(tensor: Tensor<D>) -> Vec<f32> {
    tensor.into_data().try_to_vec().expect("the networks compute in f32")
}

/// Standard deviation of a pixel over the batch, averaged over the pixels: 0 when all are one picture.
pub(super) fn spread(pictures: &Tensor<4>) -> f64 {
    let pixels = pictures.dims()[2] * pictures.dims()[3];
    let values = numbers(pictures.clone());
    let count = (values.len() / pixels) as f64;
    let (mut sums, mut squares) = (vec![0f64; pixels], vec![0f64; pixels]);
    for picture in values.chunks_exact(pixels) {
        for ((sum, square), &value) in sums.iter_mut().zip(&mut squares).zip(picture) {
            *sum += f64::from(value);
            *square += f64::from(value) * f64::from(value);
        }
    }
    let deviation = |(sum, square): (&f64, &f64)| {
        let mean = sum / count;
        // Rounding may leave a hair below 0; NaN must stay NaN, which `max` would hide.
        let variance = square / count - mean * mean;
        if variance < 0.0 { 0.0 } else { variance.sqrt() }
    };
    sums.iter().zip(&squares).map(deviation).sum::<f64>() / pixels as f64
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::nets::NetConfig;
    use crate::train::batches::one_hot;
    use burn::tensor::TensorData;

    #[test]
    fn a_copy_has_the_gradients_of_its_original_even_at_once() {
        let device = Device::flex().autodiff();
        let mut rng = random::stream(3, Stream::Weights);
        let config = NetConfig { discriminator_width: 4, ..NetConfig::default() };
        let original = config.discriminator(10, &mut rng, &device);
        let copy = original.valid().train();
        let values = random::normals(&mut rng, 4 * 784, 0.0, 0.5);
        let pictures = || Pictures {
            pictures: Tensor::from_data(TensorData::new(values.clone(), [4, 1, 28, 28]), &device),
            classes: Some(one_hot(&[0, 3, 6, 9], 10, &device)),
        };
        let (of_copy, of_original) = std::thread::scope(|scope| {
            let of_copy = scope.spawn(|| of_real(&copy, pictures(), 0.5));
            let of_original = of_real(&original, pictures(), 0.5);
            (of_copy.join().unwrap(), of_original)
        });
        // Where a step along the gradients leads shows all of them.
        let verdicts_after = |gradients| {
            let stepped = adam(&AdamConfig::default()).step(1e-2, original.clone(), gradients);
            numbers(stepped.forward(pictures().pictures, pictures().classes))
        };
        assert_eq!(verdicts_after(of_copy.gradients), verdicts_after(of_original.gradients));
        assert_eq!((of_copy.logits, of_copy.penalty), (of_original.logits, of_original.penalty));
    }

    #[test]
    fn spread_is_the_pixels_deviation_over_the_batch() {
        let pictures = Tensor::from_data([[[[1.0, 0.5]]], [[[-1.0, 0.5]]]], &Device::flex());
        assert_eq!(spread(&pictures), 0.5);
    }
}
