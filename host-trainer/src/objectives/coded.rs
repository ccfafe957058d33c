//! A game whose generator is told codes without a meaning, and whose discriminator has to tell them from the picture
//! (Chen et al. 2016, equation 6): min_{G,Q} max_D V(D, G) − λ L_I(G, Q).
//!
//! Q is the other outputs of D's network, which they share but for their last layers: so both descend Q's loss where it
//! concerns generated pictures, G through the picture.

use super::bce::{self, Bce};
use super::information::{change_error, cross_entropy, mutual_information, squared_error};
use super::slope::Slope;
use super::{Loss, Penalty, judged};
use crate::graph::{Input, Net};
use crate::players::moved::{Change, Reach, moved};
use crate::players::{
    Bound, Chart, Curve, Objective, OutOfRange, Player, Record, Row, Sign, Turn, number, numbers, spread,
};
use burn::module::Module;
use burn::optim::{GradientsAccumulator, GradientsParams};
use burn::tensor::{Device, Tensor, TensorData};
use serde::{Deserialize, Serialize};

/// ln 10, what a choice of ten can say at most.
const MOST: f64 = std::f64::consts::LN_10;

/// How much of what was counted before is kept after each step.
const KEPT: f64 = 0.99;

/// What a step measures: the game's numbers as in [`bce::RECORD`], L_I of the choice in nats, the mean squared error of the
/// uniform codes, I(c; c′) on real pictures, and the purity of the choice on real pictures of about the last hundred steps,
/// for which alone their classes are looked at.
pub static RECORD: Record = Record {
    columns: &[
        "discriminator_loss",
        "generator_loss",
        "penalty",
        "value",
        "verdict_real",
        "verdict_generated",
        "information",
        "style_error",
        "consistency",
        "purity",
    ],
    charts: &[
        Chart {
            title: "Information in the code, nats",
            curves: &[
                Curve { label: "L_I, generated pictures", short: "L_I", column: 6 },
                Curve { label: "I(c; c′), real pictures", short: "I", column: 8 },
            ],
            level: Some(("H(c)", MOST)),
            range: None,
        },
        Chart {
            title: "Purity of the code on real pictures",
            curves: &[Curve { label: "purity", short: "purity", column: 9 }],
            level: None,
            range: Some((0.0, 1.0)),
        },
        bce::RECORD.charts[0],
        bce::RECORD.charts[1],
        Chart {
            title: "Error of the uniform codes",
            curves: &[Curve { label: "(c − μ)²", short: "style", column: 7 }],
            level: None,
            range: None,
        },
    ],
    signs: &[
        bce::SIGNS[0],
        bce::SIGNS[1],
        Sign {
            bounds: &[Bound::Below(6, 0.2 * MOST)],
            says: "the code is ignored (L_I stays far below H(c)): a larger --set information=… helps",
        },
    ],
};

/// What the codes weigh.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct CodeWeights {
    /// λ of the choice.
    pub information: f64,
    /// λ of the uniform codes.
    pub style_information: f64,
    /// Of I(c; c′) on real pictures; 0 leaves it out, as the paper does.
    pub consistency: f64,
    /// Of the first two uniform codes' following how a real picture is made to lean and bolder; 0 leaves it out, as the paper
    /// does.
    pub style_consistency: f64,
}

/// How far real pictures are moved.
const REACH: Reach = Reach { turn: 0.3, slant: 0.4, stretch: 0.2, shift: 0.1, bold: 0.8 };
/// What the first uniform code gains with a lean of 1, and the second with a boldness of 1. Real digits' leans and boldness
/// have a standard deviation of about a quarter and a half; that of a uniform code is 0.58.
const GAINS: [f32; 2] = [2.0, 0.8];

impl CodeWeights {
    /// Checks the ranges.
    ///
    /// # Errors
    /// The first setting outside of its range.
    pub fn check(&self) -> Result<(), OutOfRange> {
        for (name, weight) in [
            ("information", self.information),
            ("style information", self.style_information),
            ("consistency", self.consistency),
            ("style consistency", self.style_consistency),
        ] {
            OutOfRange::unless((0.0..=100.0).contains(&weight), name, &weight, "0 to 100")?;
        }
        Ok(())
    }
}

/// Outputs of the discriminator, in its graph's order.
const VERDICT: usize = 0;
const CHOICE: usize = 1;
const STYLES: usize = 2;

/// The game.
pub struct Coded {
    generator: Player,
    discriminator: Player,
    loss: Bce,
    weights: CodeWeights,
    r1: Penalty,
    /// How often each choice was made for a picture of each class, the newest counting most.
    counts: Vec<f64>,
    choices: usize,
}

/// What D and Q make of real pictures.
struct OfReal {
    outputs: Vec<f32>,
    penalty: Option<f64>,
    consistency: Option<f64>,
    choices: Vec<u8>,
    gradients: GradientsParams,
}

impl Coded {
    /// A game at its first step. The generator's inputs are normal numbers, a choice and uniform codes; the discriminator's
    /// outputs the verdict, a logit per choice, and a number per uniform code.
    pub fn new(
        (generator, discriminator): (Player, Player),
        (choices, classes): (usize, usize),
        (loss, weights, r1): (Bce, CodeWeights, Penalty),
    ) -> Self {
        let counts = vec![0.0; choices * classes];
        Coded { generator, discriminator, loss, weights, r1, counts, choices }
    }

    /// What Q is still to learn of the codes `drawn`: the weighted loss, the choice's part and the styles' part.
    fn of_codes(&self, outputs: &[Tensor<4>], drawn: &[Tensor<4>]) -> (Tensor<1>, [Tensor<1>; 2]) {
        let graph = self.generator.net.graph();
        let drawn = |kind| flat(graph.input_of(kind, drawn).expect("the generator is told codes"));
        let choice = cross_entropy(flat(&outputs[CHOICE]), drawn(Input::Choice));
        let styles = squared_error(flat(&outputs[STYLES]), drawn(Input::Uniform));
        let CodeWeights { information, style_information, .. } = self.weights;
        let loss = choice.clone() * information as f32 + styles.clone() * style_information as f32;
        (loss, [choice, styles])
    }

    fn generator_step(&mut self, rate: f64, drawn: &[Tensor<4>]) -> f64 {
        let pictures = self.generator.net.forward(drawn);
        let judge = self.discriminator.net.clone().no_grad();
        let outputs = judge.forward_all(&judged(judge.graph(), pictures, None));
        let of_game = self.loss.generator(flat(&outputs[VERDICT]));
        let (of_codes, _) = self.of_codes(&outputs, drawn);
        let gradients =
            GradientsParams::from_grads((of_game.clone() + of_codes).backward(), &self.generator.net);
        self.generator.step(rate, gradients);
        number(of_game)
    }

    /// Takes the choices that Q made of pictures of these classes into the counts; the purity of all.
    fn count(&mut self, choices: &[u8], classes: &[u8]) -> f64 {
        let all = self.counts.len() / self.choices;
        self.counts.iter_mut().for_each(|count| *count *= KEPT);
        for (&choice, &class) in choices.iter().zip(classes) {
            self.counts[usize::from(choice) * all + usize::from(class)] += 1.0;
        }
        let most: f64 = self.counts.chunks(all).map(|row| row.iter().copied().fold(0.0, f64::max)).sum();
        most / self.counts.iter().sum::<f64>()
    }
}

impl Objective for Coded {
    fn players(&mut self) -> Vec<&mut Player> {
        vec![&mut self.generator, &mut self.discriminator]
    }

    fn generator(&mut self) -> &mut Player {
        &mut self.generator
    }

    fn step(&mut self, turn: Turn<'_, '_>) -> Row {
        let Turn { step, step_in_phase, rate, batches, noise } = turn;
        let graph = self.generator.net.graph();
        let (for_generator, for_discriminator) = (batches.draw(noise, graph), batches.draw(noise, graph));
        let real = batches.real();
        let classes = highest(&flat(&real.classes));
        let weights = self.weights.clone();
        let moves = weights.consistency > 0.0 || weights.style_consistency > 0.0;
        let moved = moves.then(|| moved(&real.pictures, REACH, noise));
        let gamma = self.r1.at(step);
        // Clones share what autodiff records, and so could not go backward at once; a copy does not.
        let copy = self.discriminator.net.valid().train();
        let loss = self.loss;
        let (of_real, generator_loss, pictures, outputs) = std::thread::scope(|scope| {
            let of_real = scope.spawn(move || of_real(&copy, loss, real.pictures, moved, (gamma, &weights)));
            let generator_loss = self.generator_step(rate, &for_generator);
            self.generator.update_average(step_in_phase);
            let pictures = self.generator.net.clone().no_grad().forward(&for_discriminator).detach();
            let net = &self.discriminator.net;
            let outputs = net.forward_all(&judged(net.graph(), pictures.clone(), None));
            let of_real = of_real.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic));
            (of_real, generator_loss, pictures, outputs)
        });
        let verdicts = flat(&outputs[VERDICT]);
        let (of_codes, [choice, styles]) = self.of_codes(&outputs, &for_discriminator);
        let descended = self.loss.generated(verdicts.clone()) + of_codes;
        let of_generated = GradientsParams::from_grads(descended.backward(), &self.discriminator.net);
        let mut gradients = GradientsAccumulator::new();
        gradients.accumulate(&self.discriminator.net, of_real.gradients);
        gradients.accumulate(&self.discriminator.net, of_generated);
        self.discriminator.step(rate, gradients.grads());

        let mut values =
            self.loss.measure(&of_real.outputs, &numbers(verdicts), generator_loss, of_real.penalty);
        let most = (self.choices as f64).ln();
        values.push(Some(most - number(choice)));
        values.push(Some(2.0 * number(styles) / outputs[STYLES].dims()[3] as f64));
        values.push(of_real.consistency);
        values.push(Some(self.count(&of_real.choices, &classes)));
        Row { step, values, spread: spread(&pictures) }
    }

    fn state(&self) -> Vec<f64> {
        self.counts.clone()
    }

    fn set_state(&mut self, state: &[f64]) {
        self.counts = state.to_vec();
    }
}

fn of_real(
    net: &Net,
    loss: Bce,
    pictures: Tensor<4>,
    moved: Option<(Tensor<4>, Vec<Change>)>,
    (gamma, weights): (f32, &CodeWeights),
) -> OfReal {
    let all = |pictures: Tensor<4>| net.forward_all(&judged(net.graph(), pictures, None));
    let outputs = all(pictures.clone());
    let choices = highest(&flat(&outputs[CHOICE]));
    // Without a penalty the outputs are there already.
    let (verdicts, penalty) = if gamma > 0.0 {
        Slope::with_r1(net, &judged(net.graph(), pictures, None), gamma)
    } else {
        (flat(&outputs[VERDICT]), None)
    };
    let mut descended = loss.real(verdicts.clone());
    if let Some(penalty) = penalty.clone() {
        descended = descended + penalty;
    }
    let consistency = moved.map(|(moved, changes)| {
        let of_moved = all(moved);
        let information = mutual_information(flat(&outputs[CHOICE]), flat(&of_moved[CHOICE]));
        let styles = [&outputs, &of_moved].map(|outputs| flat(&outputs[STYLES]));
        let [before, after] = styles;
        let changes = gained(&changes, before.dims()[1], &before.device());
        (information, change_error(before, after, changes))
    });
    if let Some((information, error)) = consistency.clone() {
        descended = descended - information * weights.consistency as f32;
        descended = descended + error * weights.style_consistency as f32;
    }
    let gradients = GradientsParams::from_grads(descended.backward(), net);
    OfReal {
        outputs: numbers(verdicts),
        penalty: penalty.map(number),
        consistency: consistency.map(|(information, _)| number(information)),
        choices,
        gradients,
    }
}

/// What the first of `styles` codes are to gain with these changes, `[batch, 2]` or as many columns as there are codes.
fn gained(changes: &[Change], styles: usize, device: &Device) -> Tensor<2> {
    let columns = styles.min(GAINS.len());
    let gain = |change: &Change| [change.lean * GAINS[0], change.bold * GAINS[1]].into_iter().take(columns);
    let values: Vec<f32> = changes.iter().flat_map(gain).collect();
    Tensor::from_data(TensorData::new(values, [changes.len(), columns]), device)
}

/// `[batch, 1, 1, n]` as `[batch, n]`.
fn flat(tensor: &Tensor<4>) -> Tensor<2> {
    tensor.clone().flatten(1, 3)
}

/// The place of the highest number of each row.
fn highest(rows: &Tensor<2>) -> Vec<u8> {
    let columns = rows.dims()[1];
    let place = |row: &[f32]| {
        let best = row.iter().enumerate().max_by(|a, b| a.1.total_cmp(b.1));
        best.map_or(0, |(place, _)| place as u8)
    };
    numbers(rows.clone()).chunks_exact(columns).map(place).collect()
}
