//! The Wasserstein distance as a game (Arjovsky, Chintala and Bottou 2017, algorithm 1): a critic f in place of the
//! discriminator, without sigmoid or logarithm.
//!
//! W(P_r, P_g) = sup over 1-Lipschitz f of E f(x) − E f(G(z)) (equation 2); the critic ascends the difference, the generator
//! ascends E f(G(z)). The difference is an estimate of the distance, up to the critic's Lipschitz constant, and falls as
//! pictures get better. What holds the critic's slope is the game's [`Hold`](super::Hold).

use super::{Loss, mean};
use crate::players::{Chart, Curve, Record};
use burn::tensor::Tensor;

/// What a step measures: the critic's loss without the penalty, the generator's, the penalty, and the estimated distance
/// E f(x) − E f(G(z)).
pub static RECORD: Record = Record {
    columns: &["critic_loss", "generator_loss", "penalty", "distance"],
    charts: &[
        Chart {
            title: "Distance",
            curves: &[Curve { label: "E f(x) − E f(G(z))", short: "W", column: 3 }],
            level: None,
            range: None,
        },
        Chart {
            title: "Losses",
            curves: &[
                Curve { label: "generator", short: "G", column: 1 },
                Curve { label: "penalty", short: "slope", column: 2 },
            ],
            level: None,
            range: None,
        },
    ],
    signs: &[],
};

/// The critic's loss.
#[derive(Debug, Clone, Copy, Default)]
pub struct Wasserstein;

impl Loss for Wasserstein {
    fn real(&self, outputs: Tensor<2>) -> Tensor<1> {
        -outputs.mean()
    }

    fn generated(&self, outputs: Tensor<2>) -> Tensor<1> {
        outputs.mean()
    }

    fn generator(&self, outputs: Tensor<2>) -> Tensor<1> {
        -outputs.mean()
    }

    fn measure(
        &self,
        real: &[f32],
        generated: &[f32],
        generator_loss: f64,
        penalty: Option<f64>,
    ) -> Vec<Option<f64>> {
        let distance = mean(real, |output| output) - mean(generated, |output| output);
        vec![Some(-distance), Some(generator_loss), penalty, Some(distance)]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::objectives::testing;
    use burn::tensor::Device;

    #[test]
    fn the_losses_are_differences_of_means() {
        let outputs = || Tensor::<2>::from_data([[1.5], [-0.5]], &Device::flex());
        let scalar = |loss: Tensor<1>| loss.into_scalar::<f32>();
        let loss = Wasserstein;
        assert_eq!([loss.real(outputs()), loss.generated(outputs())].map(scalar), [-0.5, 0.5]);
        assert_eq!(scalar(loss.generator(outputs())), -0.5);
        let row = loss.measure(&[2.0, 4.0], &[1.0, -3.0], 0.25, Some(0.5));
        assert_eq!(row, [Some(-4.0), Some(0.25), Some(0.5), Some(4.0)]);
    }

    #[test]
    fn gradients_are_those_of_finite_differences() {
        testing::gradients_are_those_of_finite_differences(&Wasserstein);
    }
}
