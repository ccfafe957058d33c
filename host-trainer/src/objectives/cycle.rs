//! Two games whose generators undo each other (Zhu, Park, Isola and Efros 2017, "Unpaired image-to-image translation using
//! cycle-consistent adversarial networks").
//!
//! G makes pictures of the domain Y from those of X, and F the other way; D_Y and D_X judge. L(G, F, D_X, D_Y) =
//! L_GAN(G, D_Y) + L_GAN(F, D_X) + λ L_cyc + λ_id L_identity (equation 3). L_cyc = E |F(G(x)) − x| + E |G(F(y)) − y|
//! (equation 2) and L_identity = E |G(y) − y| + E |F(x) − x| (section 5.2), means over a picture's values. L_GAN is of least
//! squares (section 4): G descends E (D_Y(G(x)) − 1)², and D_Y ½ E (D_Y(y) − 1)² + ½ E D_Y(G(x))²; the half slows D down, as the
//! authors do. D judges patches: it has an output at each place. It sees generated pictures out of a [`Pool`] of earlier ones,
//! and all pictures through a little noise: real ones have pure black and white, which would give generated ones away.

use super::Loss;
use super::least_squares::LeastSquares;
use crate::graph::Net;
use crate::players::{Chart, Curve, Objective, OutOfRange, Player, Pool, Record, Row, Turn, number, spread};
use crate::random::{Rng, normals};
use burn::module::Module;
use burn::optim::{GradientsAccumulator, GradientsParams};
use burn::tensor::{Tensor, TensorData};
use serde::{Deserialize, Serialize};
use std::slice::from_ref;

/// What a step measures: L_cyc and L_identity, and of both games the losses of generator and discriminator, first that of the
/// pictures made from the first domain.
pub static RECORD: Record = Record {
    columns: &[
        "cycle_loss",
        "identity_loss",
        "generator_loss_there",
        "discriminator_loss_there",
        "generator_loss_back",
        "discriminator_loss_back",
    ],
    charts: &[
        Chart {
            title: "There and back",
            curves: &[
                Curve { label: "cycle", short: "cycle", column: 0 },
                Curve { label: "identity", short: "identity", column: 1 },
            ],
            level: None,
            range: None,
        },
        Chart {
            title: "Game of the second domain",
            curves: &[
                Curve { label: "generator, there", short: "G", column: 2 },
                Curve { label: "discriminator", short: "D_Y", column: 3 },
            ],
            level: None,
            range: None,
        },
        Chart {
            title: "Game of the first domain",
            curves: &[
                Curve { label: "generator, back", short: "F", column: 4 },
                Curve { label: "discriminator", short: "D_X", column: 5 },
            ],
            level: None,
            range: None,
        },
    ],
    signs: &[],
};

/// What the discriminators are to say: 1 of real and 0 of generated pictures; the generators want 1.
const CODINGS: LeastSquares = LeastSquares { a: 0.0, b: 1.0, c: 1.0 };

/// What is open in the games.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct CycleConfig {
    /// λ, the weight of what is lost there and back.
    pub cycle: f64,
    /// λ_id, the weight of what a generator changes in pictures that are of its domain already; 0 leaves it out.
    pub identity: f64,
    /// How many generated pictures of earlier steps each discriminator is shown from; 0 shows it the new ones.
    pub pool: usize,
    /// Standard deviation of the noise on what a discriminator sees, in a picture's −1 to 1.
    pub noise: f64,
}

impl CycleConfig {
    /// Checks the ranges.
    ///
    /// # Errors
    /// The first setting outside of its range.
    pub fn check(&self) -> Result<(), OutOfRange> {
        let CycleConfig { cycle, identity, pool, noise } = *self;
        OutOfRange::unless((0.0..=1000.0).contains(&cycle), "the cycle's weight", &cycle, "0 to 1000")?;
        OutOfRange::unless(
            (0.0..=1000.0).contains(&identity),
            "the identity's weight",
            &identity,
            "0 to 1000",
        )?;
        OutOfRange::unless(pool <= 10_000, "the pool of pictures", &pool, "0 to 10000")?;
        OutOfRange::unless((0.0..=1.0).contains(&noise), "the discriminators' noise", &noise, "0 to 1")
    }
}

/// |a − b|, the mean over all values.
pub fn distance(a: Tensor<4>, b: Tensor<4>) -> Tensor<1> {
    (a - b).abs().mean()
}

/// What a generator descends of its game, from the discriminator's outputs for what it made.
pub fn generator_loss(outputs: Tensor<2>) -> Tensor<1> {
    CODINGS.generator(outputs) * 2.0
}

/// What a discriminator descends, from its outputs for real and for generated pictures.
pub fn discriminator_loss(real: Tensor<2>, generated: Tensor<2>) -> Tensor<1> {
    CODINGS.real(real) + CODINGS.generated(generated)
}

/// A discriminator, and the pool of what it is shown.
pub struct Judge {
    /// The discriminator; its graph reads a picture, and its output has any number of places.
    pub player: Player,
    /// Of generated pictures of its domain.
    pub pool: Pool,
}

/// Two generators in one network against a discriminator each.
pub struct Cycle {
    generator: Player,
    /// Of the first domain, and of the second.
    judges: [Judge; 2],
    config: CycleConfig,
}

/// What one direction of a step leads to: from a domain to the other one and back.
struct Round {
    /// The made pictures, of the other domain.
    made: Tensor<4>,
    cycle: f64,
    identity: f64,
    /// The generator's loss in the other domain's game.
    loss: f64,
    gradients: GradientsParams,
}

impl Cycle {
    /// The games at their first step. The generator's graph reads one picture and has two outputs: output 0 is G's picture of the
    /// second domain, output 1 is F's of the first. `judges` are D_X and D_Y.
    pub fn new(generator: Player, judges: [Judge; 2], config: CycleConfig) -> Self {
        Cycle { generator, judges, config }
    }
}

/// Takes `pictures` of domain `from` there and back by `generator`; `judge` is of the other domain.
fn round(
    generator: &Net,
    judge: &Net,
    (pictures, from): (Tensor<4>, usize),
    noise: Tensor<4>,
    config: &CycleConfig,
) -> Round {
    let (there, back) = (from, 1 - from);
    let made = generator.forward_to(there, from_ref(&pictures));
    let cycle = distance(generator.forward_to(back, from_ref(&made)), pictures.clone());
    let outputs = judge.forward(&[made.clone() + noise]);
    let loss = generator_loss(outputs.flatten(1, 3));
    let mut descended = loss.clone() + cycle.clone() * config.cycle as f32;
    let mut of_identity = 0.0;
    if config.identity > 0.0 {
        let identity = distance(generator.forward_to(back, from_ref(&pictures)), pictures);
        of_identity = number(identity.clone());
        descended = descended + identity * config.identity as f32;
    }
    Round {
        made: made.detach(),
        cycle: number(cycle),
        identity: of_identity,
        loss: number(loss),
        gradients: GradientsParams::from_grads(descended.backward(), generator),
    }
}

impl Judge {
    /// Learns to tell `real` from what the pool has for `made`; gives its loss.
    fn learn(&mut self, rate: f64, [real, shown]: [Tensor<4>; 2]) -> f64 {
        let outputs = |pictures| self.player.net.forward(&[pictures]).flatten(1, 3);
        let loss = discriminator_loss(outputs(real), outputs(shown));
        let gradients = GradientsParams::from_grads(loss.backward(), &self.player.net);
        self.player.step(rate, gradients);
        number(loss)
    }
}

/// Noise of the shape of `pictures`.
fn noise(pictures: &Tensor<4>, deviation: f64, rng: &mut Rng) -> Tensor<4> {
    let shape = pictures.dims();
    let values = normals(rng, shape.iter().product(), 0.0, deviation as f32);
    Tensor::from_data(TensorData::new(values, shape), &pictures.device())
}

impl Objective for Cycle {
    fn players(&mut self) -> Vec<&mut Player> {
        let [first, second] = &mut self.judges;
        vec![&mut self.generator, &mut first.player, &mut second.player]
    }

    fn generator(&mut self) -> &mut Player {
        &mut self.generator
    }

    fn pools(&mut self) -> Vec<&mut Pool> {
        self.judges.iter_mut().map(|judge| &mut judge.pool).collect()
    }

    /// A step of both generators, then one of each discriminator.
    fn step(&mut self, turn: Turn<'_, '_>) -> Row {
        let Turn { step, step_in_phase, rate, batches, noise: rng } = turn;
        let real = [0, 1].map(|domain| batches.real_of(domain).pictures);
        let deviation = self.config.noise;
        let mut seen = |pictures: &Tensor<4>| noise(pictures, deviation, rng);
        let [of_first, of_second] = [seen(&real[1]), seen(&real[0])];
        // Clones share what autodiff records, and so could not go backward at once; a copy does not.
        let copy = self.generator.net.valid().train();
        let judges = self.judges.each_ref().map(|judge| judge.player.net.clone().no_grad());
        let (there, back) = std::thread::scope(|scope| {
            let back = scope.spawn(|| round(&copy, &judges[0], (real[1].clone(), 1), of_first, &self.config));
            let net = &self.generator.net;
            let there = round(net, &judges[1], (real[0].clone(), 0), of_second, &self.config);
            (there, back.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)))
        });
        let mut gradients = GradientsAccumulator::new();
        gradients.accumulate(&self.generator.net, there.gradients);
        gradients.accumulate(&self.generator.net, back.gradients);
        self.generator.step(rate, gradients.grads());
        self.generator.update_average(step_in_phase);

        let spread = spread(&there.made);
        let [first, second] = &mut self.judges;
        let mut shown = |judge: &mut Judge, real: &Tensor<4>, made: Tensor<4>| {
            let shown = judge.pool.exchange(made, rng);
            [real.clone() + noise(real, deviation, rng), shown.clone() + noise(&shown, deviation, rng)]
        };
        let for_first = shown(first, &real[0], back.made);
        let for_second = shown(second, &real[1], there.made);
        let (of_first, of_second) = std::thread::scope(|scope| {
            let of_first = scope.spawn(|| first.learn(rate, for_first));
            let of_second = second.learn(rate, for_second);
            (of_first.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)), of_second)
        });
        let values = [
            there.cycle + back.cycle,
            there.identity + back.identity,
            there.loss,
            of_second,
            back.loss,
            of_first,
        ];
        Row { step, values: values.map(Some).to_vec(), spread }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::graph::{GraphBuilder, Shape, Window};
    use crate::objectives::testing;
    use crate::players::{AdamConfig, Optimizer, numbers};
    use crate::random::{Stream, stream};
    use burn::tensor::Device;

    fn scalar(loss: Tensor<1>) -> f32 {
        loss.into_scalar::<f32>()
    }

    #[test]
    fn the_games_are_of_least_squares_and_the_discriminator_has_the_half() {
        let outputs = |values: [f32; 2]| Tensor::<2>::from_data([values], &Device::flex());
        // The means of (0.5 − 1)² and (−1 − 1)²; then ½ of it and of 0.5² and 1².
        assert_eq!(scalar(generator_loss(outputs([0.5, -1.0]))), (0.25 + 4.0) / 2.0);
        let real = 0.5 * (0.25 + 4.0) / 2.0;
        let generated = 0.5 * (0.25 + 1.0) / 2.0;
        assert_eq!(scalar(discriminator_loss(outputs([0.5, -1.0]), outputs([0.5, -1.0]))), real + generated);
        let pictures = |values: [f32; 2]| Tensor::<4>::from_data([[[values]]], &Device::flex());
        assert_eq!(scalar(distance(pictures([1.0, -0.5]), pictures([0.5, 0.5]))), 0.75);
    }

    #[test]
    fn gradients_are_those_of_finite_differences() {
        let values = [0.7f32, -1.3, 0.2, 2.5];
        testing::gradient_is_that_of_finite_differences("generator", &values, &|outputs| {
            generator_loss(outputs.reshape([2, 2]))
        });
        testing::gradient_is_that_of_finite_differences("discriminator", &values, &|outputs| {
            let outputs: Tensor<2> = outputs.reshape([2, 2]);
            let [real, generated] = [0, 1].map(|row| outputs.clone().slice_dim(0, row..row + 1));
            discriminator_loss(real, generated)
        });
        testing::gradient_is_that_of_finite_differences("distance", &values, &|pictures| {
            let wanted = Tensor::from_data([[[[0.5], [0.5]], [[-0.5], [-0.5]]]], &pictures.device());
            distance(pictures.reshape([1, 2, 2, 1]), wanted)
        });
    }

    /// G doubles a value, F adds a quarter; a judge says what it is shown.
    fn nets() -> (Net, Net) {
        let device = Device::flex().autodiff();
        let mut g = GraphBuilder::new("two ways");
        let x = g.picture("picture", Shape::new(1, 1, 1));
        let doubled = g.add("doubled", &[x, x]);
        let quarter = g.constant("quarter", Shape::new(1, 1, 1));
        let raised = g.add("raised", &[x, quarter]);
        let graph = g.finish_with(&[("doubled", doubled), ("raised", raised)]);
        let mut rng = stream(1, Stream::Weights);
        let mut generator =
            Player::new("g", &graph, Optimizer::Adam(AdamConfig::default()), &mut rng, &device);
        // Adam without a past moves by the rate, against the gradient's sign: to the constant ¼ in one step.
        let was = numbers(generator.net.forward_to(1, &[Tensor::zeros([1, 1, 1, 1], &device)]))[0];
        let at = generator.net.forward_to(1, &[Tensor::zeros([1, 1, 1, 1], &device)]).sum();
        let gradients = GradientsParams::from_grads((at * -1.0).backward(), &generator.net);
        generator.step(f64::from(0.25 - was), gradients);
        let mut j = GraphBuilder::new("judge");
        let x = j.picture("picture", Shape::new(1, 1, 1));
        let none = j.constant("none", Shape::new(1, 1, 1));
        let difference = j.product("difference", &[none, none]);
        let seen = j.add("seen", &[x, difference]);
        (generator.net, Net::new(&j.finish(seen), &mut rng, &device))
    }

    #[test]
    fn a_round_goes_there_and_back() {
        let (generator, judge) = nets();
        let picture = |value: f32| Tensor::<4>::full([2, 1, 1, 1], value, &Device::flex().autodiff());
        let config = CycleConfig { cycle: 10.0, identity: 5.0, pool: 50, noise: 0.0 };
        let near =
            |found: f64, expected: f64| assert!((found - expected).abs() < 2e-3, "{found}, {expected}");
        // x = 0.3: G(x) = 0.6, F(G(x)) = 0.85, F(x) = 0.55; D(0.6) = 0.6.
        let there = round(&generator, &judge, (picture(0.3), 0), picture(0.0), &config);
        assert!(numbers(there.made).iter().all(|value| (value - 0.6).abs() < 2e-3));
        near(there.cycle, 0.55);
        near(there.identity, 0.25);
        near(there.loss, 0.16);
        // y = 0.3: F(y) = 0.55, G(F(y)) = 1.1, G(y) = 0.6; D(0.55 + 0.1) = 0.65.
        let back = round(&generator, &judge, (picture(0.3), 1), picture(0.1), &config);
        near(back.cycle, 0.8);
        near(back.identity, 0.3);
        near(back.loss, 0.1225);
        let without = CycleConfig { identity: 0.0, ..config };
        near(round(&generator, &judge, (picture(0.3), 1), picture(0.1), &without).identity, 0.0);
    }

    #[test]
    fn a_judge_that_learns_tells_domains_apart() {
        let device = Device::flex().autodiff();
        let mut j = GraphBuilder::new("judge");
        let x = j.picture("picture", Shape::new(4, 4, 1));
        let patches = j.conv("patches", x, 1, Window::new(3, 1, 1), true);
        let graph = j.finish(patches);
        let mut rng = stream(1, Stream::Weights);
        let player = Player::new("j", &graph, Optimizer::Adam(AdamConfig::default()), &mut rng, &device);
        let mut judge = Judge { player, pool: Pool::new("j", 4, 16) };
        let picture = |value: f32| Tensor::<4>::full([2, 4, 4, 1], value, &device);
        let losses: Vec<f64> = (0..200).map(|_| judge.learn(0.02, [picture(0.5), picture(-0.5)])).collect();
        assert!((0.3..0.7).contains(&losses[0]) && losses[199] < 0.1, "{} {}", losses[0], losses[199]);
    }
}
