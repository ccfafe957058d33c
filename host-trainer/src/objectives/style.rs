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

/// The share of pictures that have mixed styles.
const MIXED: f64 = 0.1;

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

/// Draws of a graph's inputs with mixed styles in a tenth of the pictures and nothing truncated: its last two choices are from which
/// layer on the second latent decides, 0 being nowhere, and how far styles are truncated, 0 being not at all.
pub fn mixed(batches: &Batches<'_>, rng: &mut Rng, graph: &Graph) -> Vec<Tensor<4>> {
    let mut inputs = batches.draw(rng, graph);
    let choices = graph.inputs().enumerate().filter(|(_, (_, kind))| *kind == Input::Choice);
    let places: Vec<usize> = choices.map(|(place, _)| place).collect();
    let [.., crossover, truncation] = places[..] else { return inputs };
    let (device, [count, _, _, layers]) = (inputs[crossover].device(), inputs[crossover].dims());
    let mixes = random::classes(rng, count, layers - 1);
    let from: Vec<u8> =
        mixes.iter().map(|layer| if rng.random::<f64>() < MIXED { layer + 1 } else { 0 }).collect();
    inputs[crossover] = one_hot(&from, layers, &device);
    inputs[truncation] = one_hot(&vec![0; count], inputs[truncation].dims()[3], &device);
    inputs
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::families::testing;
    use crate::graph::{Net, PictureRange};
    use crate::players::batches::Position;
    use crate::random::{Stream, stream};
    use burn::tensor::Device;

    fn node(net: &Net, name: &str) -> NodeId {
        let names = net.graph().nodes.iter().map(|node| node.name.as_str());
        names.into_iter().position(|own| own == name).unwrap_or_else(|| panic!("no node {name}"))
    }

    fn inputs(net: &Net, [crossover, truncation]: [u8; 2], device: &Device) -> Vec<Tensor<4>> {
        let set = testing::pictures(40, 7);
        let start = Position::start(stream(5, Stream::Order), 1);
        let batches = Batches::new(&[&set], 20, device.clone(), &start, PictureRange::Signed);
        let mut inputs = batches.draw(&mut stream(6, Stream::Noise), net.graph());
        for (name, chosen) in [("crossover", crossover), ("truncation", truncation)] {
            let place = net.graph().inputs().position(|(id, _)| id == node(net, name)).unwrap();
            let choices = inputs[place].dims()[3];
            inputs[place] = one_hot(&[chosen; 20], choices, device);
        }
        inputs
    }

    #[test]
    fn the_crossover_says_which_layers_have_the_second_style() {
        let device = Device::flex().autodiff();
        let mut objective = testing::styled(&device);
        let net = &objective.generator().net.valid();
        for crossover in 0..5u8 {
            let inputs = inputs(net, [crossover, 0], &Device::flex());
            let of = |name: &str| numbers(net.value_of(node(net, name), &inputs));
            for layer in 1..5u8 {
                let second = crossover > 0 && layer >= crossover;
                // With nothing truncated that is w.
                let expected = of(if second { "truncated second w" } else { "truncated w" });
                assert_eq!(of(&format!("style {layer}")), expected, "crossover {crossover}, layer {layer}");
            }
        }
    }

    #[test]
    fn a_tenth_of_the_pictures_has_mixed_styles_and_none_is_truncated() {
        let set = testing::pictures(40, 7);
        let device = Device::flex().autodiff();
        let mut objective = testing::styled(&device);
        let graph = objective.generator().net.graph().clone();
        let start = Position::start(stream(5, Stream::Order), 1);
        let batches = Batches::new(&[&set], 40, device, &start, PictureRange::Signed);
        let mut rng = stream(7, Stream::Noise);
        let mut counts = [0.0; 5];
        for _ in 0..50 {
            let inputs = mixed(&batches, &mut rng, &graph);
            let sums = |place: usize| numbers(inputs[place].clone().sum_dim(0));
            let places: Vec<usize> = graph
                .inputs()
                .enumerate()
                .filter(|(_, (_, kind))| *kind == Input::Choice)
                .map(|(at, _)| at)
                .collect();
            sums(places[1]).iter().zip(&mut counts).for_each(|(sum, count)| *count += sum);
            assert_eq!(sums(places[2]), [40.0, 0.0, 0.0, 0.0]);
        }
        assert!((counts[0] - 1800.0).abs() < 60.0, "{counts:?}");
        assert!(counts[1..].iter().all(|count| (count - 50.0).abs() < 30.0), "{counts:?}");
    }

    #[test]
    fn truncation_goes_towards_the_mean_style_of_the_class() {
        let set = testing::pictures(40, 7);
        let device = Device::flex().autodiff();
        let mut objective = testing::styled(&device);
        let start = Position::start(stream(5, Stream::Order), 1);
        let mut batches = Batches::new(&[&set], 20, device, &start, PictureRange::Signed);
        let mut noise = stream(8, Stream::Noise);
        for step in 1..=3 {
            let turn =
                Turn { step, step_in_phase: step, rate: 1e-3, batches: &mut batches, noise: &mut noise };
            objective.step(turn);
        }
        let state = objective.state();
        let player = objective.generator();
        let length = player.net.graph().nodes[node(&player.net, "w")].shape.size();
        assert_eq!(state.len(), 10 * length);
        assert!(state.iter().any(|mean| mean.abs() > 1e-3));
        let net = &objective.generator().net.valid();
        let inputs = inputs(net, [0, 3], &Device::flex());
        let of = |name: &str| numbers(net.value_of(node(net, name), &inputs));
        let (style, mean, truncated) = (of("w"), of("mean w"), of("truncated w"));
        for ((style, mean), truncated) in style.iter().zip(&mean).zip(&truncated) {
            let expected = mean + 0.5 * (style - mean);
            assert!((truncated - expected).abs() < 1e-5);
        }
        let class = numbers(net.graph().input_of(Input::Choice, &inputs).unwrap().clone());
        let class = class[..10].iter().position(|&one| one == 1.0).unwrap();
        for (found, expected) in mean[..length].iter().zip(&state[class * length..]) {
            assert_eq!(f64::from(*found), *expected);
        }
        // It goes on where it was: tested for every family in tests/resume.rs; here that the state is the whole of it.
        let mut other = testing::styled(&Device::flex().autodiff());
        other.set_state(&state);
        assert_eq!(other.state(), state);
    }
}
