//! The game of a generator and a discriminator, in the words of Goodfellow et al. 2014, algorithm 1, whatever its loss.
//!
//! The algorithm alternates k updates of the discriminator and one of the generator; a step here
//! enters that circle at the generator's update. What the discriminator makes of real pictures then
//! depends on nothing else in the turn, and is computed on a thread of its own.

use super::slope::Slope;
use crate::graph::{Graph, Input, Net};
use crate::players::batches::{Batches, RealBatch};
use crate::players::{Chart, Curve, Objective, OutOfRange, Player, Row, Turn, number, numbers, spread};
use crate::random::{Rng, shares};
use burn::module::Module;
use burn::optim::{GradientsAccumulator, GradientsParams};
use burn::tensor::{Tensor, TensorData};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// A loss as three functions of D's outputs `[batch, 1]`; each is the mean over the batch and is descended.
///
/// They are called from two threads at once, and must depend on their argument alone.
///
/// ```
/// use burn::tensor::{Device, Tensor};
/// use host_trainer::objectives::{Loss, bce::Bce};
///
/// // A discriminator that is undecided: log 2 for each half, −V = log 4 in all.
/// let outputs = || Tensor::<2>::zeros([8, 1], &Device::flex());
/// let half = |loss: Tensor<1>| loss.into_scalar::<f32>();
/// let loss = Bce::default();
/// assert_eq!(half(loss.real(outputs())) + half(loss.generated(outputs())), 4f32.ln());
/// ```
pub trait Loss: Send + Sync {
    /// The part of the discriminator's loss that is about real pictures, from its outputs for them.
    fn real(&self, outputs: Tensor<2>) -> Tensor<1>;

    /// The other part: about generated pictures, from its outputs for them.
    fn generated(&self, outputs: Tensor<2>) -> Tensor<1>;

    /// The generator's loss, from the discriminator's outputs for generated pictures.
    fn generator(&self, outputs: Tensor<2>) -> Tensor<1>;

    /// A row of the family's record, from D's outputs for real and for generated pictures, the generator's loss, and the
    /// penalty in steps that have one.
    fn measure(
        &self,
        real: &[f32],
        generated: &[f32],
        generator_loss: f64,
        penalty: Option<f64>,
    ) -> Vec<Option<f64>>;
}

/// The chart of a game with a penalty, whose record begins with the discriminator's loss, the generator's and the penalty.
pub(crate) const LOSSES: Chart = Chart {
    title: "Losses",
    curves: &[
        Curve { label: "discriminator", short: "D", column: 0 },
        Curve { label: "generator", short: "G", column: 1 },
        Curve { label: "penalty", short: "R1", column: 2 },
    ],
    level: None,
    range: None,
};

/// The R1 penalty (see [`super::slope`]).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Penalty {
    /// γ; 0 leaves the penalty out.
    pub gamma: f64,
    /// The penalty joins every so many discriminator steps, as many times as heavy (Karras et al.
    /// 2020, "lazy regularization").
    pub every: u64,
}

impl Penalty {
    /// γ in the discriminator step `turn`: 0 where the penalty does not join.
    pub(crate) fn at(&self, turn: u64) -> f32 {
        if turn.is_multiple_of(self.every) { self.gamma as f32 * self.every as f32 } else { 0.0 }
    }
}

/// What holds the discriminator's slope.
#[derive(Debug, Clone, PartialEq)]
pub enum Hold {
    /// A penalty on it at real pictures.
    R1(Penalty),
    /// λ, the weight of a penalty on its distance from 1 between real and generated pictures (Gulrajani et al. 2017).
    Gradient(f64),
    /// c: after each step every weight is clipped to −c…c (Arjovsky et al. 2017, algorithm 1).
    Clip(f64),
}

/// What is open in a game.
#[derive(Debug, Clone, PartialEq)]
pub struct GameConfig {
    /// Discriminator steps per generator step: the papers' k.
    pub discriminator_steps: usize,
    /// What holds the discriminator's slope.
    pub hold: Hold,
    /// β, the weight of the generator's orthogonal regularization, [`Net::orthogonality`]; 0 leaves it out.
    pub orthogonal: f64,
}

/// No interval is longer: all of them are exact as a float.
const MOST_STEPS: u64 = 1_000_000_000_000_000;

impl GameConfig {
    /// A game of `discriminator_steps` per generator step and nothing beside the losses but `hold`.
    pub fn of(discriminator_steps: usize, hold: Hold) -> Self {
        GameConfig { discriminator_steps, hold, orthogonal: 0.0 }
    }

    /// Checks the ranges.
    ///
    /// # Errors
    /// The first setting outside of its range.
    pub fn check(&self) -> Result<(), OutOfRange> {
        let k = self.discriminator_steps;
        OutOfRange::unless((1..=100).contains(&k), "k, the discriminator steps,", &k, "1 to 100")?;
        let ok = (0.0..=1.0).contains(&self.orthogonal);
        OutOfRange::unless(ok, "beta of the orthogonal regularization", &self.orthogonal, "0 to 1")?;
        match &self.hold {
            Hold::R1(Penalty { gamma, every }) => {
                OutOfRange::unless((0.0..=1000.0).contains(gamma), "R1 gamma", gamma, "0 to 1000")?;
                let interval = (1..=MOST_STEPS).contains(every);
                OutOfRange::unless(interval, "R1 interval", every, "1 to 1000000000000000")
            }
            Hold::Gradient(lambda) => {
                let ok = (0.0..=1000.0).contains(lambda);
                OutOfRange::unless(ok, "lambda of the gradient penalty", lambda, "0 to 1000")
            }
            Hold::Clip(limit) => {
                let ok = *limit > 0.0 && *limit <= 10.0;
                OutOfRange::unless(ok, "the clipping of weights", limit, "above 0 and at most 10")
            }
        }
    }
}

/// A generator against a discriminator.
pub struct Game {
    generator: Player,
    discriminator: Player,
    loss: Arc<dyn Loss>,
    config: GameConfig,
    draw: Draw,
}

/// How the inputs of generated pictures are drawn: [`Batches::draw`], or something that calls it.
pub type Draw = fn(&Batches<'_>, &mut Rng, &Graph) -> Vec<Tensor<4>>;

/// What the discriminator makes of real pictures.
struct OfReal {
    outputs: Vec<f32>,
    penalty: Option<f64>,
    gradients: GradientsParams,
}

/// What the discriminator makes of generated pictures.
struct OfGenerated {
    pictures: Tensor<4>,
    outputs: Vec<f32>,
    spread: f64,
    gradients: GradientsParams,
}

impl Game {
    /// A game at its first step. The generator has an average; the discriminator's graph has a picture among its inputs and
    /// maybe the generator's first choice, and its first output is one number per picture.
    pub fn new(generator: Player, discriminator: Player, loss: Arc<dyn Loss>, config: GameConfig) -> Self {
        Game { generator, discriminator, loss, config, draw: |batches, rng, graph| batches.draw(rng, graph) }
    }

    /// The same with inputs that are drawn by `draw`.
    #[must_use]
    pub fn drawing(self, draw: Draw) -> Self {
        Game { draw, ..self }
    }

    /// The gradient of the loss on generated pictures.
    fn of_generated(&self, drawn: &[Tensor<4>]) -> OfGenerated {
        let generated = self.generator.net.clone().no_grad().forward(drawn).detach();
        let spread = spread(&generated);
        let outputs = self.judge(&self.discriminator.net, generated.clone(), drawn);
        let loss = self.loss.generated(outputs.clone());
        let gradients = GradientsParams::from_grads(loss.backward(), &self.discriminator.net);
        OfGenerated { pictures: generated, outputs: numbers(outputs), spread, gradients }
    }

    /// The gradient penalty of weight λ and its gradient, at x̂ = ε x + (1 − ε) G(z), one ε per picture (Gulrajani et al.
    /// 2017, algorithm 1). The pictures between have the real ones' classes.
    fn of_slope(
        &self,
        (real, shares, lambda): (RealBatch, Vec<f32>, f64),
        generated: Tensor<4>,
    ) -> (f64, GradientsParams) {
        let count = shares.len();
        let device = real.pictures.device();
        let share = Tensor::<4>::from_data(TensorData::new(shares, [count, 1, 1, 1]), &device);
        let between = real.pictures * share.clone() + generated * (-share + 1.0);
        let net = &self.discriminator.net;
        let inputs = judged(net.graph(), between, Some(&real.classes));
        let penalty = Slope::of(net, &inputs).gradient_penalty(lambda as f32);
        let gradients = GradientsParams::from_grads(penalty.backward(), net);
        (number(penalty), gradients)
    }

    /// Updates the generator by descending its loss; returns the loss.
    fn generator_step(&mut self, rate: f64, drawn: &[Tensor<4>]) -> f64 {
        let generated = self.generator.net.forward(drawn);
        // D judges but does not learn here; its batch norm still works as in its own steps.
        let judge = self.discriminator.net.clone().no_grad();
        let loss = self.loss.generator(self.judge(&judge, generated, drawn));
        let regularization = match self.config.orthogonal {
            0.0 => None,
            beta => self.generator.net.orthogonality().map(|sum| sum * beta as f32),
        };
        let descended = regularization.map_or_else(|| loss.clone(), |more| loss.clone() + more);
        let gradients = GradientsParams::from_grads(descended.backward(), &self.generator.net);
        self.generator.step(rate, gradients);
        number(loss)
    }

    /// D's outputs for pictures that were made from `drawn`.
    fn judge(&self, discriminator: &Net, generated: Tensor<4>, drawn: &[Tensor<4>]) -> Tensor<2> {
        let class = self.generator.net.graph().input_of(Input::Choice, drawn);
        outputs(discriminator, &judged(discriminator.graph(), generated, class))
    }
}

impl Objective for Game {
    fn players(&mut self) -> Vec<&mut Player> {
        vec![&mut self.generator, &mut self.discriminator]
    }

    fn generator(&mut self) -> &mut Player {
        &mut self.generator
    }

    /// One generator step, then k discriminator steps.
    fn step(&mut self, turn: Turn<'_, '_>) -> Row {
        let Turn { step, step_in_phase, rate, batches, noise } = turn;
        let k = self.config.discriminator_steps as u64;
        let mut for_generator = Some((self.draw)(batches, noise, self.generator.net.graph()));
        let (mut generator_loss, mut last) = (None, None);
        for turn in (step - 1) * k..step * k {
            let gamma = match &self.config.hold {
                Hold::R1(penalty) => penalty.at(turn),
                _ => 0.0,
            };
            let real = batches.real();
            let between = match self.config.hold {
                Hold::Gradient(lambda) => {
                    Some((real.clone(), shares(noise, real.pictures.dims()[0]), lambda))
                }
                _ => None,
            };
            let mut for_discriminator = (self.draw)(batches, noise, self.generator.net.graph());
            if between.is_some() {
                // A picture between two is of the class of both.
                self.generator.net.graph().choose(&mut for_discriminator, &real.classes);
            }
            // Clones share what autodiff records, and so could not go backward at once; a copy does not.
            let copy = self.discriminator.net.valid().train();
            let (of_real, of_generated) = std::thread::scope(|scope| {
                let loss = self.loss.clone();
                let of_real = scope.spawn(move || of_real(&copy, loss.as_ref(), real, gamma));
                if let Some(drawn) = for_generator.take() {
                    generator_loss = Some(self.generator_step(rate, &drawn));
                    self.generator.update_average(step_in_phase);
                }
                let of_generated = self.of_generated(&for_discriminator);
                (of_real.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)), of_generated)
            });
            // Updates the discriminator by descending the gradients of both halves of its loss, and the penalty's.
            let mut gradients = GradientsAccumulator::new();
            gradients.accumulate(&self.discriminator.net, of_real.gradients);
            gradients.accumulate(&self.discriminator.net, of_generated.gradients);
            let mut penalty = of_real.penalty;
            if let Some(between) = between {
                let (of_slope, gradient) = self.of_slope(between, of_generated.pictures);
                gradients.accumulate(&self.discriminator.net, gradient);
                penalty = Some(of_slope);
            }
            self.discriminator.step(rate, gradients.grads());
            if let Hold::Clip(limit) = self.config.hold {
                self.discriminator.clip(limit);
            }
            last = Some((of_real.outputs, penalty, of_generated.outputs, of_generated.spread));
        }
        let generator_loss = generator_loss.expect("k is at least 1");
        let (real, penalty, generated, spread) = last.expect("k is at least 1");
        Row { step, values: self.loss.measure(&real, &generated, generator_loss, penalty), spread }
    }
}

/// The inputs of a discriminator, an encoder or the like with the inputs of `graph`: a picture and what it is told of it.
pub(crate) fn judged(graph: &Graph, picture: Tensor<4>, class: Option<&Tensor<4>>) -> Vec<Tensor<4>> {
    let input = |(_, kind)| match kind {
        Input::Choice => class.expect("who is told the class is given it").clone(),
        _ => picture.clone(),
    };
    graph.inputs().map(input).collect()
}

/// The first output as `[batch, 1]`.
fn outputs(net: &Net, inputs: &[Tensor<4>]) -> Tensor<2> {
    net.forward(inputs).flatten(1, 3)
}

/// The gradient of the loss on real pictures, with the penalty of weight `gamma` unless that is 0.
fn of_real(discriminator: &Net, loss: &dyn Loss, real: RealBatch, gamma: f32) -> OfReal {
    let inputs = judged(discriminator.graph(), real.pictures, Some(&real.classes));
    let (outputs, penalty) = Slope::with_r1(discriminator, &inputs, gamma);
    let mut loss = loss.real(outputs.clone());
    if let Some(penalty) = penalty.clone() {
        loss = loss + penalty;
    }
    let gradients = GradientsParams::from_grads(loss.backward(), discriminator);
    OfReal { outputs: numbers(outputs), penalty: penalty.map(number), gradients }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::families::testing;
    use crate::objectives::bce::Bce;
    use crate::players::batches::one_hot;
    use crate::players::{AdamConfig, Optimizer};
    use crate::random::{self, Stream};
    use burn::tensor::{Device, TensorData};

    #[test]
    fn a_copy_has_the_gradients_of_its_original_even_at_once() {
        let device = Device::flex().autodiff();
        let mut rng = random::stream(3, Stream::Weights);
        let graph = testing::discriminator(4);
        let mut original =
            Player::new("d", &graph, Optimizer::Adam(AdamConfig::default()), &mut rng, &device);
        let copy = original.net.valid().train();
        let values = random::normals(&mut rng, 4 * 784, 0.0, 0.5);
        let pictures = || RealBatch {
            pictures: Tensor::from_data(TensorData::new(values.clone(), [4, 28, 28, 1]), &device),
            classes: one_hot(&[0, 3, 6, 9], 10, &device),
        };
        let loss = Bce::default();
        let (of_copy, of_original) = std::thread::scope(|scope| {
            let of_copy = scope.spawn(|| of_real(&copy, &loss, pictures(), 0.5));
            let of_original = of_real(&original.net, &loss, pictures(), 0.5);
            (of_copy.join().unwrap(), of_original)
        });
        // Where a step along the gradients leads shows all of them.
        let first = original.net.clone();
        let mut outputs_after = |gradients| {
            original = Player::new(
                "d",
                &graph,
                Optimizer::Adam(AdamConfig::default()),
                &mut random::stream(3, Stream::Weights),
                &device,
            );
            original.net = first.clone();
            original.step(1e-2, gradients);
            let real = pictures();
            let inputs = judged(&graph, real.pictures, Some(&real.classes));
            numbers(outputs(&original.net, &inputs))
        };
        assert_eq!(outputs_after(of_copy.gradients), outputs_after(of_original.gradients));
        assert_eq!((of_copy.outputs, of_copy.penalty), (of_original.outputs, of_original.penalty));
    }
}
