//! Explicit density, pixel by pixel (van den Oord, Kalchbrenner and Kavukcuoglu 2016, "Pixel recurrent neural networks").
//!
//! p(x) = Π_i p(x_i | x_1 … x_{i−1}) (equation 1), each factor a softmax over the levels that a pixel may have; the loss is −log p,
//! a mean over pixels, in nats a dimension. All pixels of a real picture are asked for at once, each with the real ones before
//! it: nothing is drawn in training, and there is no second network.

use crate::graph::net::levels_of;
use crate::graph::{Graph, Input, Net, Pass};
use crate::players::{Chart, Curve, Objective, Player, Record, Row, Turn, number, numbers};
use burn::optim::GradientsParams;
use burn::tensor::{Int, Tensor, TensorData, activation};
use std::f64::consts::LN_2;

/// What a step measures: −log p a dimension, in nats and in bits.
pub static RECORD: Record = Record {
    columns: &["nats", "bits"],
    charts: &[Chart {
        title: "Bits a dimension",
        curves: &[Curve { label: "of real pictures", short: "bits", column: 1 }],
        level: None,
        range: None,
    }],
    signs: &[],
};

/// A generator that is trained by likelihood.
pub struct Pixels {
    generator: Player,
    pass: Pass,
}

impl Pixels {
    /// The training at its first step; the generator's graph has a pass.
    ///
    /// # Panics
    /// It has none.
    pub fn new(generator: Player) -> Self {
        let pass = generator.net.graph().pass().expect("a graph that draws pixel by pixel");
        Pixels { generator, pass }
    }
}

/// −log p of pictures, `[pictures, height, width, 1]`, each of whose pixels counts as the level nearest to it; a mean over pixels, in
/// nats. `classes` is one-hot, `[pictures, 1, 1, classes]`.
pub fn nats(net: &Net, pass: &Pass, pictures: Tensor<4>, classes: &Tensor<4>) -> Tensor<1> {
    let device = pictures.device();
    let levels = levels_of(&numbers(pictures), pass.levels);
    let values: Vec<f32> = levels.iter().map(|&level| pass.levels[usize::from(level)]).collect();
    let logits = net.logits_along(pass, &values, &told(net.graph(), classes));
    let targets: Vec<i64> = levels.iter().map(|&level| level.into()).collect();
    let count = targets.len();
    let targets = Tensor::<2, Int>::from_data(TensorData::new(targets, [count, 1]), &device);
    -activation::log_softmax(logits, 1).gather(1, targets).mean()
}

/// A graph's inputs for pictures of these classes; what decides pixels is not read where they are there.
fn told(graph: &Graph, classes: &Tensor<4>) -> Vec<Tensor<4>> {
    let count = classes.dims()[0];
    let input = |(_, kind): (usize, Input)| match kind {
        Input::Choice => classes.clone(),
        _ => Tensor::zeros([count, 1, 1, 1], &classes.device()),
    };
    graph.inputs().map(input).collect()
}

impl Objective for Pixels {
    fn players(&mut self) -> Vec<&mut Player> {
        vec![&mut self.generator]
    }

    fn generator(&mut self) -> &mut Player {
        &mut self.generator
    }

    fn step(&mut self, turn: Turn<'_, '_>) -> Row {
        let Turn { step, step_in_phase, rate, batches, .. } = turn;
        let real = batches.real();
        let spread = crate::players::spread(&real.pictures);
        let loss = nats(&self.generator.net, &self.pass, real.pictures, &real.classes);
        let gradients = GradientsParams::from_grads(loss.backward(), &self.generator.net);
        self.generator.step(rate, gradients);
        self.generator.update_average(step_in_phase);
        let nats = number(loss);
        Row { step, values: vec![Some(nats), Some(nats / LN_2)], spread }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::graph::{GraphBuilder, Shape};
    use crate::objectives::testing::gradient_is_that_of_finite_differences;
    use crate::players::batches::one_hot;
    use crate::random::{Stream, stream};
    use burn::tensor::Device;

    static LEVELS: [f32; 2] = [0.0, 1.0];

    /// A pixel whose logits are 0 and the weight times the pixel above.
    fn net(weight: f32, device: &Device) -> Net {
        let mut g = GraphBuilder::new("above");
        let class = g.choice("class", 2);
        let randomness = g.randomness("randomness", 2, 1);
        let above = g.window("window", &[[-1, 0, 0]]);
        let told = g.embedding("told", class, Shape::vector(2));
        let logits = g.dense("logits", above, Shape::vector(2), false);
        let logits = g.add("sum", &[logits, told]);
        let picture = g.draw("picture", logits, randomness, &LEVELS);
        let mut net = Net::new(&g.finish(picture), &mut stream(1, Stream::Weights), device);
        net.set_table(3, vec![0.0, 0.0, 0.0, 1.0]);
        net.set_table(4, vec![0.0, weight]);
        net
    }

    fn loss(net: &Net, device: &Device) -> Tensor<1> {
        let pictures = Tensor::from_data([[[[0.9]], [[0.8]]], [[[0.1]], [[1.0]]]], device);
        nats(net, &net.graph().pass().unwrap(), pictures, &one_hot(&[0, 1], 2, device))
    }

    #[test]
    fn the_loss_is_the_mean_of_minus_log_p() {
        let device = Device::flex();
        let found = number(loss(&net(3.0, &device), &device));
        // Picture 0, white and white: ln 2, then a logit of 3. Picture 1, black and white, its class adding 1 to white.
        let softplus = |x: f64| (1.0 + x.exp()).ln();
        let expected = (2f64.ln() + softplus(-3.0) + softplus(1.0) + softplus(-1.0)) / 4.0;
        assert!((found - expected).abs() < 1e-6, "{found}, expected {expected}");
    }

    #[test]
    fn its_gradient_is_that_of_finite_differences() {
        let plain = Device::flex();
        gradient_is_that_of_finite_differences("the weight", &[0.7], &|weight| {
            // ∂ of the two pixels that have one above: white above white alone reads the weight.
            let p = activation::log_sigmoid(weight.clone());
            -p / 4.0
        });
        let at = |weight: f32| number(loss(&net(weight, &plain), &plain));
        let slope = (at(0.71) - at(0.69)) / 0.02;
        let expected = -1.0 / (1.0 + 0.7f64.exp()) / 4.0;
        assert!((slope - expected).abs() < 1e-3, "{slope}, expected {expected}");
    }
}
