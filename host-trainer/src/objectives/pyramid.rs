//! A game at each level of a Laplacian pyramid (Denton et al. 2015, "Deep generative image models using a Laplacian pyramid of
//! adversarial networks", section 3.2).
//!
//! A picture I is d(I) at half of its sides and what u(d(I)) lacks of it. The coarsest level's generator makes a picture from
//! noise; that of every other level is given l = u(d(I)) of a real picture and makes a residual, so that l + G(z, l) is judged
//! beside I by a discriminator that sees l too. Only when pictures are made does a level work on what the one below it made.
//! d is the mean of 2×2 pixels, u nearest upsampling.

use super::bce::{self, Bce};
use super::slope::Slope;
use super::{Loss, Penalty};
use crate::graph::net::upsample;
use crate::graph::{Net, NodeId};
use crate::players::{Chart, Curve, Objective, Player, Record, Row, Turn, number, numbers, spread};
use burn::module::Module;
use burn::optim::{GradientsAccumulator, GradientsParams};
use burn::tensor::Tensor;

/// How many levels there are; the first is the whole picture, each other one has half of its sides.
pub const LEVELS: usize = 3;

const fn of_levels(columns: [usize; LEVELS], short: [&'static str; LEVELS]) -> [Curve; LEVELS] {
    let [whole, half, quarter] = columns;
    [
        Curve { label: "whole picture", short: short[0], column: whole },
        Curve { label: "half the sides", short: short[1], column: half },
        Curve { label: "a quarter of the sides", short: short[2], column: quarter },
    ]
}

static VALUES: [Curve; LEVELS] = of_levels([0, 3, 6], ["V 1", "V ½", "V ¼"]);
static REAL: [Curve; LEVELS] = of_levels([1, 4, 7], ["D(x) 1", "½", "¼"]);
static GENERATED: [Curve; LEVELS] = of_levels([2, 5, 8], ["D(G) 1", "½", "¼"]);

/// What a step measures: V(D, G) and the means of D(x) and D(G(z)) of each level, and the sum of the generators' losses.
pub static RECORD: Record = Record {
    columns: &[
        "value_whole",
        "verdict_real_whole",
        "verdict_generated_whole",
        "value_half",
        "verdict_real_half",
        "verdict_generated_half",
        "value_quarter",
        "verdict_real_quarter",
        "verdict_generated_quarter",
        "generator_loss",
    ],
    charts: &[
        Chart {
            title: "Verdicts on generated pictures, by level",
            curves: &GENERATED,
            level: Some(("½", bce::EQUILIBRIUM_VERDICT)),
            range: Some((0.0, 1.0)),
        },
        Chart {
            title: "Value of each level's game",
            curves: &VALUES,
            level: Some(("−log 4", bce::EQUILIBRIUM_VALUE)),
            range: None,
        },
        Chart {
            title: "Verdicts on real pictures, by level",
            curves: &REAL,
            level: Some(("½", bce::EQUILIBRIUM_VERDICT)),
            range: Some((0.0, 1.0)),
        },
        Chart {
            title: "Loss of the generators",
            curves: &[Curve { label: "all levels", short: "G", column: 9 }],
            level: None,
            range: None,
        },
    ],
    signs: &[],
};

/// d: `pictures` at half of their sides.
pub fn halved(pictures: Tensor<4>) -> Tensor<4> {
    let [batch, height, width, channels] = pictures.dims();
    let squares: Tensor<5> = pictures.reshape([batch * height / 2, 2, width / 2, 2, channels]);
    squares.mean_dim(3).mean_dim(1).reshape([batch, height / 2, width / 2, channels])
}

/// u: `pictures` at twice their sides.
pub fn doubled(pictures: Tensor<4>) -> Tensor<4> {
    upsample(pictures, 2)
}

/// A picture of a level, and l, the level below it at this level's sides; none at the coarsest.
#[derive(Debug, Clone)]
struct Level {
    picture: Tensor<4>,
    low: Option<Tensor<4>>,
}

/// The levels of real pictures, the whole picture first.
fn levels(pictures: Tensor<4>) -> [Level; LEVELS] {
    let half = halved(pictures.clone());
    let quarter = halved(half.clone());
    let low = |pictures: &Tensor<4>| Some(doubled(pictures.clone()));
    let (of_half, of_quarter) = (low(&half), low(&quarter));
    [
        Level { picture: pictures, low: of_half },
        Level { picture: half, low: of_quarter },
        Level { picture: quarter, low: None },
    ]
}

/// The games of all levels. The levels' generators are one network, which an own game trains at each level.
pub struct Pyramid {
    generator: Player,
    /// The nodes of the generator that hold l, of the levels that have one.
    lows: [NodeId; LEVELS - 1],
    discriminators: [Player; LEVELS],
    loss: Bce,
    r1: Penalty,
}

/// What a level's discriminator makes of pictures.
struct Verdicts {
    outputs: Vec<f32>,
    gradients: GradientsParams,
}

impl Pyramid {
    /// The games at their first step. The generator's outputs are the pictures of all levels, the whole one first; a level's
    /// discriminator reads a picture, l if there is one, and the class if its graph has it.
    pub fn new(
        (generator, lows): (Player, [NodeId; LEVELS - 1]),
        discriminators: [Player; LEVELS],
        loss: Bce,
        r1: Penalty,
    ) -> Self {
        Pyramid { generator, lows, discriminators, loss, r1 }
    }

    /// The pictures of all levels from `drawn`, each on the real level below it.
    fn pictures(&self, generator: &Net, drawn: &[Tensor<4>], real: &[Level; LEVELS]) -> [Level; LEVELS] {
        let low = |level: usize| real[level].low.clone();
        let given: Vec<_> =
            (0..).zip(self.lows).filter_map(|(level, node)| Some((node, low(level)?))).collect();
        let mut made = generator.forward_given(drawn, &given).into_iter();
        std::array::from_fn(|level| Level {
            picture: made.next().expect("an output a level"),
            low: low(level),
        })
    }

    fn generator_step(
        &mut self,
        rate: f64,
        drawn: &[Tensor<4>],
        real: &[Level; LEVELS],
        classes: &Tensor<4>,
    ) -> f64 {
        let made = self.pictures(&self.generator.net, drawn, real);
        let losses = made.iter().zip(&self.discriminators).map(|(level, player)| {
            let judge = player.net.clone().no_grad();
            self.loss.generator(judge.forward(&inputs(level, classes)).flatten(1, 3))
        });
        let loss = losses.reduce(|sum, loss| sum + loss).expect("there are levels");
        let gradients = GradientsParams::from_grads(loss.backward(), &self.generator.net);
        self.generator.step(rate, gradients);
        number(loss)
    }
}

impl Objective for Pyramid {
    fn players(&mut self) -> Vec<&mut Player> {
        std::iter::once(&mut self.generator).chain(&mut self.discriminators).collect()
    }

    fn generator(&mut self) -> &mut Player {
        &mut self.generator
    }

    fn step(&mut self, turn: Turn<'_, '_>) -> Row {
        let Turn { step, step_in_phase, rate, batches, noise } = turn;
        let graph = self.generator.net.graph();
        let mut draws = [batches.draw(noise, graph), batches.draw(noise, graph)];
        let real = batches.real();
        // What is given to a level is of a real picture, and so is its class.
        draws.iter_mut().for_each(|drawn| graph.choose(drawn, &real.classes));
        let [for_generator, for_discriminators] = draws;
        let classes = real.classes;
        let real = levels(real.pictures);
        let gamma = self.r1.at(step);
        let loss = self.loss;
        // Clones share what autodiff records, and so could not go backward at once; copies do not.
        let copies: Vec<Net> = self.discriminators.iter().map(|player| player.net.valid().train()).collect();
        let (of_real, generator_loss, of_generated, spread) = std::thread::scope(|scope| {
            let (judged, told) = (real.clone(), classes.clone());
            let of_real = scope.spawn(move || {
                let verdicts = |(net, level)| of_real(net, loss, inputs(level, &told), gamma);
                copies.iter().zip(&judged).map(verdicts).collect::<Vec<Verdicts>>()
            });
            let generator_loss = self.generator_step(rate, &for_generator, &real, &classes);
            self.generator.update_average(step_in_phase);
            let generator = self.generator.net.clone().no_grad();
            let made = self.pictures(&generator, &for_discriminators, &real);
            let verdicts = |(level, player): (&Level, &Player)| {
                let level = Level { picture: level.picture.clone().detach(), low: level.low.clone() };
                let outputs: Tensor<2> = player.net.forward(&inputs(&level, &classes)).flatten(1, 3);
                let gradients = loss.generated(outputs.clone()).backward();
                let gradients = GradientsParams::from_grads(gradients, &player.net);
                Verdicts { outputs: numbers(outputs), gradients }
            };
            let of_generated: Vec<Verdicts> = made.iter().zip(&self.discriminators).map(verdicts).collect();
            let of_real = of_real.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic));
            (of_real, generator_loss, of_generated, spread(&made[0].picture))
        });
        let mut values = Vec::with_capacity(RECORD.columns.len());
        for ((player, real), generated) in self.discriminators.iter_mut().zip(of_real).zip(of_generated) {
            let mut gradients = GradientsAccumulator::new();
            gradients.accumulate(&player.net, real.gradients);
            gradients.accumulate(&player.net, generated.gradients);
            player.step(rate, gradients.grads());
            let (real, generated) = (real.outputs, generated.outputs);
            values.push(Some(bce::value(&real, &generated)));
            values.extend([&real, &generated].map(|outputs| Some(bce::verdict(outputs))));
        }
        values.push(Some(generator_loss));
        Row { step, values, spread }
    }
}

/// What a level's discriminator reads: the picture, l, the class.
fn inputs(level: &Level, classes: &Tensor<4>) -> Vec<Tensor<4>> {
    let mut inputs = vec![level.picture.clone()];
    inputs.extend(level.low.clone());
    inputs.push(classes.clone());
    inputs
}

fn of_real(net: &Net, loss: Bce, inputs: Vec<Tensor<4>>, gamma: f32) -> Verdicts {
    let (outputs, penalty) = Slope::with_r1(net, &inputs, gamma);
    let descended = loss.real(outputs.clone());
    let descended = penalty.into_iter().fold(descended, |sum, penalty| sum + penalty);
    let gradients = GradientsParams::from_grads(descended.backward(), net);
    Verdicts { outputs: numbers(outputs), gradients }
}

#[cfg(test)]
mod tests {
    use super::*;
    use burn::tensor::{Device, TensorData};

    fn picture(values: Vec<f32>, side: usize) -> Tensor<4> {
        Tensor::from_data(TensorData::new(values, [1, side, side, 1]), &Device::flex())
    }

    fn values(tensor: Tensor<4>) -> Vec<f32> {
        tensor.into_data().try_to_vec().unwrap()
    }

    #[test]
    fn halving_takes_means_and_doubling_repeats() {
        let whole = picture((0..16).map(|value| value as f32).collect(), 4);
        // Rows 0 1 4 5 → 2.5, and so on.
        assert_eq!(values(halved(whole.clone())), [2.5, 4.5, 10.5, 12.5]);
        let doubled = values(doubled(halved(whole)));
        assert_eq!(doubled[..8], [2.5, 2.5, 4.5, 4.5, 2.5, 2.5, 4.5, 4.5]);
    }

    #[test]
    fn each_level_is_the_one_below_it_and_what_that_lacks() {
        let whole = picture((0..64).map(|value| (value as f32 * 0.37).sin()).collect(), 8);
        let [first, half, quarter] = levels(whole.clone());
        assert_eq!(quarter.picture.dims(), [1, 2, 2, 1]);
        assert!(quarter.low.is_none());
        let (low, below) = (half.low.unwrap(), doubled(quarter.picture));
        assert_eq!(values(low), values(below));
        let residual = first.picture.clone() - first.low.clone().unwrap();
        assert_eq!(values(first.low.unwrap()), values(doubled(half.picture)));
        assert!(
            values(halved(residual)).iter().all(|mean| mean.abs() < 1e-6),
            "nothing that is below is missing"
        );
    }
}
