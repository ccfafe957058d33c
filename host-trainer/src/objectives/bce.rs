//! The two-player game of Goodfellow et al. 2014 on logits: real = 1, generated = 0.
//!
//! V(D, G) = E log D(x) + E log(1 − D(G(z))) with D = σ(logit). D maximizes V, that is it minimizes
//! the binary cross entropy −V. Every logarithm is taken of the logit (log σ(l), and log σ(−l) for
//! log(1 − σ(l))), so none is ever of a rounded 0.

use super::{LOSSES, Loss, mean};
use crate::players::{Bound, Chart, Curve, Record, Sign};
use burn::tensor::Tensor;
use burn::tensor::activation::log_sigmoid;
use serde::{Deserialize, Serialize};

/// V where D can do no better than ½ everywhere: −log 4.
pub const EQUILIBRIUM_VALUE: f64 = -2.0 * std::f64::consts::LN_2;
/// D's verdict at the equilibrium.
pub const EQUILIBRIUM_VERDICT: f64 = 0.5;

/// What a step of the game measures: D's binary cross entropy −V(D, G) without the penalty, G's loss, the penalty in
/// steps that have one, V(D, G), and the means of D(x) and D(G(z)).
pub static RECORD: Record = Record {
    columns: &[
        "discriminator_loss",
        "generator_loss",
        "penalty",
        "value",
        "verdict_real",
        "verdict_generated",
    ],
    charts: &[
        LOSSES,
        Chart {
            title: "Verdicts",
            curves: &[
                Curve { label: "D(x), real", short: "D(x)", column: 4 },
                Curve { label: "D(G(z)), generated", short: "D(G(z))", column: 5 },
            ],
            level: Some(("½", EQUILIBRIUM_VERDICT)),
            range: Some((0.0, 1.0)),
        },
        Chart {
            title: "Value of the game",
            curves: &[Curve { label: "V(D, G)", short: "V", column: 3 }],
            level: Some(("−log 4", EQUILIBRIUM_VALUE)),
            range: None,
        },
    ],
    signs: &SIGNS,
};

/// Of both ends from which such a game does not come back by itself (Goodfellow et al. 2014, section 3 and figure 1).
pub(crate) const SIGNS: [Sign; 2] = [
    Sign {
        bounds: &[Bound::Above(4, 0.97), Bound::Below(5, 0.03)],
        says: "the discriminator is so sure (D(x) near 1, D(G(z)) near 0) that the generator learns little: a larger \
               --r1-gamma or a smaller --discriminator-width helps, and after --loss minimax the non-saturating loss",
    },
    Sign {
        bounds: &[Bound::Below(4, 0.5), Bound::Above(5, 0.5)],
        says: "the generator is ahead (D finds generated pictures more real than real ones): a larger --k, a larger \
               --discriminator-width or a smaller --r1-gamma helps",
    },
];

/// The generator's loss.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum GeneratorLoss {
    /// Maximize log D(G(z)): the same equilibrium, and a gradient even where D is sure (section 3).
    #[default]
    NonSaturating,
    /// Minimize log(1 − D(G(z))): the game as it is stated (equation 1).
    Minimax,
}

/// The binary cross entropy.
#[derive(Debug, Clone, Copy, Default)]
pub struct Bce {
    /// What the generator descends.
    pub generator: GeneratorLoss,
}

impl Loss for Bce {
    fn real(&self, logits: Tensor<2>) -> Tensor<1> {
        -log_sigmoid(logits).mean()
    }

    fn generated(&self, logits: Tensor<2>) -> Tensor<1> {
        -log_sigmoid(-logits).mean()
    }

    fn generator(&self, logits: Tensor<2>) -> Tensor<1> {
        match self.generator {
            GeneratorLoss::NonSaturating => -log_sigmoid(logits).mean(),
            GeneratorLoss::Minimax => log_sigmoid(-logits).mean(),
        }
    }

    fn measure(
        &self,
        real: &[f32],
        generated: &[f32],
        generator_loss: f64,
        penalty: Option<f64>,
    ) -> Vec<Option<f64>> {
        let value = value(real, generated);
        vec![
            Some(-value),
            Some(generator_loss),
            penalty,
            Some(value),
            Some(verdict(real)),
            Some(verdict(generated)),
        ]
    }
}

/// D's mean verdict, the mean of σ(logit).
pub fn verdict(logits: &[f32]) -> f64 {
    mean(logits, |logit| 1.0 / (1.0 + (-logit).exp()))
}

/// V(D, G), from the logits for real and generated pictures.
pub fn value(real: &[f32], generated: &[f32]) -> f64 {
    // log σ(l) = −log(1 + e^−l) = min(l, 0) − log(1 + e^−|l|)
    let log_sigmoid = |logit: f64| logit.min(0.0) - (-logit.abs()).exp().ln_1p();
    mean(real, log_sigmoid) + mean(generated, |logit| log_sigmoid(-logit))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::objectives::testing;
    use burn::tensor::{Device, TensorData};

    fn column(values: &[f32]) -> Tensor<2> {
        Tensor::from_data(TensorData::new(values.to_vec(), [values.len(), 1]), &Device::flex())
    }

    fn scalar(loss: Tensor<1>) -> f64 {
        f64::from(loss.into_scalar::<f32>())
    }

    #[test]
    fn an_undecided_discriminator_is_at_the_equilibrium() {
        assert_eq!(value(&[0.0; 4], &[0.0; 4]), EQUILIBRIUM_VALUE);
        assert_eq!(verdict(&[0.0; 4]), EQUILIBRIUM_VERDICT);
        let loss =
            scalar(Bce::default().real(column(&[0.0; 4])) + Bce::default().generated(column(&[0.0; 4])));
        assert!((loss + EQUILIBRIUM_VALUE).abs() < 1e-6, "{loss}");
    }

    #[test]
    fn losses_are_cross_entropies_of_sigmoids() {
        let (real, generated) = ([1.5f32, -0.3], [0.7f32, -2.0]);
        let sigmoid = |l: f32| 1.0 / (1.0 + (-f64::from(l)).exp());
        let mean_log = |f: &dyn Fn(f32) -> f64, of: &[f32]| of.iter().map(|&l| f(l).ln()).sum::<f64>() / 2.0;
        let v = mean_log(&sigmoid, &real) + mean_log(&|l| 1.0 - sigmoid(l), &generated);
        assert!((value(&real, &generated) - v).abs() < 1e-12);
        assert!(
            (scalar(Bce::default().real(column(&real)) + Bce::default().generated(column(&generated))) + v)
                .abs()
                < 1e-6
        );
        let heuristic = scalar(Bce::default().generator(column(&generated)));
        assert!((heuristic + mean_log(&sigmoid, &generated)).abs() < 1e-6);
        let minimax = scalar(Bce { generator: GeneratorLoss::Minimax }.generator(column(&generated)));
        assert!((minimax - mean_log(&|l| 1.0 - sigmoid(l), &generated)).abs() < 1e-6);
    }

    #[test]
    fn gradients_are_those_of_finite_differences() {
        for generator in [GeneratorLoss::NonSaturating, GeneratorLoss::Minimax] {
            testing::gradients_are_those_of_finite_differences(&Bce { generator });
        }
    }

    #[test]
    fn sure_verdicts_give_finite_losses_and_gradients() {
        let device = Device::flex().autodiff();
        let logits = Tensor::<2>::from_data([[-200.0], [200.0], [-80.0], [80.0]], &device).require_grad();
        let loss = Bce::default().real(logits.clone())
            + Bce::default().generated(logits.clone())
            + Bce::default().generator(logits.clone());
        let gradient = logits.grad(&loss.backward()).expect("the loss reads the logits");
        assert!(loss.into_scalar::<f32>().is_finite());
        assert!(gradient.into_data().iter::<f32>().all(f32::is_finite));
        assert!(value(&[-200.0, 200.0], &[-200.0, 200.0]).is_finite());
    }
}
