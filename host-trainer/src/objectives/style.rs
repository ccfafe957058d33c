//! What a game of a style-based generator has beside the game (Karras, Laine and Aila 2019, "A style-based generator
//! architecture for generative adversarial networks").
//!
//! Style mixing (section 3.1): for a share of the pictures a second latent decides the styles from a random layer on. The mean
//! style of each class, w̄ = E w, towards which truncation goes (appendix B), follows the styles of each step.

use super::Game;
use super::game::Draw;
use crate::graph::{Graph, Input, NodeId};
use crate::players::batches::{Batches, one_hot};
use crate::players::{Objective, Player, Row, Turn, numbers};
use crate::random::{self, Rng};
use burn::module::Module;
use burn::tensor::Tensor;
use rand::RngExt;

/// What w̄ keeps of itself in a step: as in the paper's official code.
const KEPT: f32 = 0.995;

/// The nodes of a generator's graph that the mean style is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MeanStyle {
    /// w, a vector.
    pub style: NodeId,
    /// w̄, an embedding as long: a row per class, or one.
    pub mean: NodeId,
}

/// A game whose generator knows its mean style.
pub struct Styled {
    game: Game,
    mean: MeanStyle,
    /// w̄, row after row, as the generator has it.
    rows: Vec<f32>,
}

impl Styled {
    /// A game at its first step, w̄ being 0; its inputs are drawn by `draw`.
    pub fn new(game: Game, draw: Draw, mean: MeanStyle) -> Self {
        let mut game = game.drawing(draw);
        let graph = game.generator().net.graph();
        let classes =
            graph.nodes[mean.mean].inputs.first().map_or(1, |&class| graph.nodes[class].shape.channels);
        let rows = vec![0.0; classes * graph.nodes[mean.style].shape.size()];
        Styled { game, mean, rows }
    }

    /// Moves w̄ towards the styles of these inputs.
    fn follow(&mut self, inputs: &[Tensor<4>]) {
        let player = self.game.generator();
        let net = player.net.valid();
        let styles = numbers(net.value_of(self.mean.style, inputs));
        let length = net.graph().nodes[self.mean.style].shape.size();
        let rows = self.rows.len() / length;
        let class = (rows > 1).then(|| net.graph().input_of(Input::Choice, inputs)).flatten();
        let class = class.map(|class| numbers(class.clone()));
        let row_of = |picture: usize| match &class {
            Some(chosen) => chosen[picture * rows..][..rows].iter().position(|&one| one > 0.5).unwrap_or(0),
            None => 0,
        };
        for (picture, style) in styles.chunks_exact(length).enumerate() {
            // As many steps as the class has pictures in a batch on average.
            let kept = KEPT.powf(rows as f32 / (styles.len() / length) as f32);
            let row = row_of(picture);
            for (mean, value) in self.rows[row * length..].iter_mut().zip(style) {
                *mean += (1.0 - kept) * (value - *mean);
            }
        }
        player.net.set_table(self.mean.mean, self.rows.clone());
    }
}

impl Objective for Styled {
    fn players(&mut self) -> Vec<&mut Player> {
        self.game.players()
    }

    fn generator(&mut self) -> &mut Player {
        self.game.generator()
    }

    fn step(&mut self, turn: Turn<'_, '_>) -> Row {
        let Turn { step, step_in_phase, rate, batches, noise } = turn;
        let row =
            self.game.step(Turn { step, step_in_phase, rate, batches: &mut *batches, noise: &mut *noise });
        let inputs = batches.draw(noise, self.game.generator().net.graph());
        self.follow(&inputs);
        row
    }

    fn state(&self) -> Vec<f64> {
        self.rows.iter().map(|&number| f64::from(number)).collect()
    }

    fn set_state(&mut self, state: &[f64]) {
        self.rows = state.iter().map(|&number| number as f32).collect();
    }
}

/// Draws of a graph's inputs with mixed styles in half of the pictures and nothing truncated: its last two choices are from which
/// layer on the second latent decides, 0 being nowhere, and how far styles are truncated, 0 being not at all.
pub fn mixed(batches: &Batches<'_>, rng: &mut Rng, graph: &Graph) -> Vec<Tensor<4>> {
    let mut inputs = batches.draw(rng, graph);
    let choices = graph.inputs().enumerate().filter(|(_, (_, kind))| *kind == Input::Choice);
    let places: Vec<usize> = choices.map(|(place, _)| place).collect();
    let [.., crossover, truncation] = places[..] else { return inputs };
    let (device, [count, _, _, layers]) = (inputs[crossover].device(), inputs[crossover].dims());
    let mixes = random::classes(rng, count, layers - 1);
    let from: Vec<u8> = mixes.iter().map(|layer| if rng.random() { layer + 1 } else { 0 }).collect();
    inputs[crossover] = one_hot(&from, layers, &device);
    inputs[truncation] = one_hot(&vec![0; count], inputs[truncation].dims()[3], &device);
    inputs
}
