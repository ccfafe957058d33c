//! The boundary equilibrium (Berthelot, Schumm and Metz 2017, "BEGAN: boundary equilibrium generative adversarial networks"):
//! the discriminator is an autoencoder, and what it judges by is how well it gives a picture back.
//!
//! L(v) = |v − D(v)|, the mean over a picture's values (equation 1). L_D = L(x) − k_t L(G(z_D)), L_G = L(G(z_G)), and
//! k_{t+1} = k_t + λ_k (γ L(x) − L(G(z_G))), kept in 0…1 (section 3.4): k holds E L(G(z)) at γ E L(x). The measure
//! M = L(x) + |γ L(x) − L(G(z_G))| (section 3.4.1) falls as pictures get better.

use super::judged;
use crate::graph::{Input, Net};
use crate::players::{Chart, Curve, Objective, OutOfRange, Player, Record, Row, Turn, number, spread};
use burn::module::Module;
use burn::optim::{GradientsAccumulator, GradientsParams};
use burn::tensor::Tensor;
use serde::{Deserialize, Serialize};

/// What a step measures: L(x), L(G(z_G)), k_t and M.
pub static RECORD: Record = Record {
    columns: &["real_loss", "generator_loss", "k", "measure"],
    charts: &[
        Chart {
            title: "Measure of convergence",
            curves: &[Curve { label: "M", short: "M", column: 3 }],
            level: None,
            range: None,
        },
        Chart {
            title: "Losses of the autoencoder",
            curves: &[
                Curve { label: "L(x), real", short: "L(x)", column: 0 },
                Curve { label: "L(G(z)), generated", short: "L(G(z))", column: 1 },
            ],
            level: None,
            range: None,
        },
        Chart {
            title: "Control",
            curves: &[Curve { label: "k", short: "k", column: 2 }],
            level: None,
            range: Some((0.0, 1.0)),
        },
    ],
    signs: &[],
};

/// What is open in the control.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Control {
    /// γ, the diversity ratio: E L(G(z)) over E L(x) at the equilibrium; the lower, the better and the more alike the pictures.
    pub gamma: f64,
    /// λ_k, how fast k follows.
    pub lambda_k: f64,
}

impl Control {
    /// Checks the ranges.
    ///
    /// # Errors
    /// The first setting outside of its range.
    pub fn check(&self) -> Result<(), OutOfRange> {
        let Control { gamma, lambda_k } = *self;
        OutOfRange::unless((0.0..=1.0).contains(&gamma), "gamma", &gamma, "0 to 1")?;
        OutOfRange::unless((0.0..=1.0).contains(&lambda_k), "lambda_k", &lambda_k, "0 to 1")
    }

    /// k_{t+1} from k_t, L(x) and L(G(z_G)).
    pub fn next(&self, k: f64, real: f64, generated: f64) -> f64 {
        (k + self.lambda_k * (self.gamma * real - generated)).clamp(0.0, 1.0)
    }

    /// M.
    pub fn measure(&self, real: f64, generated: f64) -> f64 {
        real + (self.gamma * real - generated).abs()
    }
}

/// L(v), the mean over the batch, from pictures and what the autoencoder made of them.
pub fn loss(pictures: Tensor<4>, given_back: Tensor<4>) -> Tensor<1> {
    (pictures - given_back).abs().mean()
}

/// A generator against an autoencoder.
pub struct Boundary {
    generator: Player,
    autoencoder: Player,
    control: Control,
    k: f64,
}

impl Boundary {
    /// A game at its first step, k being 0. The autoencoder's graph has a picture among its inputs and maybe the generator's
    /// choice, and its output has a picture's shape.
    pub fn new(generator: Player, autoencoder: Player, control: Control) -> Self {
        Boundary { generator, autoencoder, control, k: 0.0 }
    }

    /// L of pictures that were made from `drawn`.
    fn of_drawn(&self, net: &Net, pictures: Tensor<4>, drawn: &[Tensor<4>]) -> Tensor<1> {
        let class = self.generator.net.graph().input_of(Input::Choice, drawn);
        loss(pictures.clone(), net.forward(&judged(net.graph(), pictures, class)))
    }

    fn generator_step(&mut self, rate: f64, drawn: &[Tensor<4>]) -> f64 {
        let pictures = self.generator.net.forward(drawn);
        let judge = self.autoencoder.net.clone().no_grad();
        let loss = self.of_drawn(&judge, pictures, drawn);
        let gradients = GradientsParams::from_grads(loss.backward(), &self.generator.net);
        self.generator.step(rate, gradients);
        number(loss)
    }
}

impl Objective for Boundary {
    fn players(&mut self) -> Vec<&mut Player> {
        vec![&mut self.generator, &mut self.autoencoder]
    }

    fn generator(&mut self) -> &mut Player {
        &mut self.generator
    }

    fn step(&mut self, turn: Turn<'_, '_>) -> Row {
        let Turn { step, step_in_phase, rate, batches, noise } = turn;
        let graph = self.generator.net.graph();
        let (for_generator, for_autoencoder) = (batches.draw(noise, graph), batches.draw(noise, graph));
        let real = batches.real();
        // Clones share what autodiff records, and so could not go backward at once; a copy does not.
        let copy = self.autoencoder.net.valid().train();
        let ((of_real, real_gradients), generator_loss, pictures, of_generated) =
            std::thread::scope(|scope| {
                let of_real = scope.spawn(move || {
                    let inputs = judged(copy.graph(), real.pictures.clone(), Some(&real.classes));
                    let loss = loss(real.pictures, copy.forward(&inputs));
                    (number(loss.clone()), GradientsParams::from_grads(loss.backward(), &copy))
                });
                let generator_loss = self.generator_step(rate, &for_generator);
                self.generator.update_average(step_in_phase);
                let pictures = self.generator.net.clone().no_grad().forward(&for_autoencoder).detach();
                let loss = self.of_drawn(&self.autoencoder.net, pictures.clone(), &for_autoencoder);
                let descended = loss * -(self.k as f32);
                let gradients = GradientsParams::from_grads(descended.backward(), &self.autoencoder.net);
                let of_real = of_real.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic));
                (of_real, generator_loss, pictures, gradients)
            });
        let mut gradients = GradientsAccumulator::new();
        gradients.accumulate(&self.autoencoder.net, real_gradients);
        gradients.accumulate(&self.autoencoder.net, of_generated);
        self.autoencoder.step(rate, gradients.grads());
        self.k = self.control.next(self.k, of_real, generator_loss);
        let measure = self.control.measure(of_real, generator_loss);
        let values = [of_real, generator_loss, self.k, measure].map(Some).to_vec();
        Row { step, values, spread: spread(&pictures) }
    }

    fn state(&self) -> Vec<f64> {
        vec![self.k]
    }

    fn set_state(&mut self, state: &[f64]) {
        self.k = state[0];
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::objectives::testing;
    use burn::tensor::Device;

    #[test]
    fn the_control_is_that_of_section_3_4() {
        let control = Control { gamma: 0.5, lambda_k: 0.1 };
        // γ L(x) − L(G(z)) = 0.1 − 0.06, and 0.1 − 0.3.
        assert!((control.next(0.2, 0.2, 0.06) - 0.204).abs() < 1e-12);
        assert!((control.measure(0.2, 0.06) - 0.24).abs() < 1e-12);
        assert!((control.measure(0.2, 0.3) - 0.4).abs() < 1e-12);
        assert_eq!(control.next(0.01, 0.2, 0.3), 0.0, "never below 0");
        assert_eq!(control.next(0.999, 1.0, 0.0), 1.0, "never above 1");
    }

    #[test]
    fn the_loss_is_the_mean_distance_and_its_gradient_the_differences() {
        let device = Device::flex();
        let picture = Tensor::<4>::from_data([[[[1.0], [-1.0]]]], &device);
        let given_back = Tensor::<4>::from_data([[[[0.5], [0.0]]]], &device);
        assert_eq!(loss(picture, given_back).into_scalar::<f32>(), 0.75);
        testing::gradient_is_that_of_finite_differences("L1", &[0.3, -0.4, 0.9, 0.1], &|values| {
            let picture = Tensor::from_data([[[[0.5], [0.5]], [[-0.5], [-0.5]]]], &values.device());
            loss(picture, values.reshape([1, 2, 2, 1]))
        });
    }
}
