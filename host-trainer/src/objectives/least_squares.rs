//! Least squares (Mao et al. 2017): D's output is drawn to b for real and to a for generated pictures, G draws it to c.
//!
//! min_D ½ E (D(x) − b)² + ½ E (D(G(z)) − a)² and min_G ½ E (D(G(z)) − c)² (equation 9). D has no sigmoid, so the gradient
//! does not vanish where D is sure: a generated picture on the right side of the decision, but far from the real ones, is
//! still pulled towards them. With b − c = 1 and b − a = 2 the game minimizes the Pearson χ² divergence (section 3.3);
//! with b = c = 1 and a = 0 it asks for pictures as real as real ones.

use super::{LOSSES, Loss, mean};
use crate::players::{Chart, Curve, Record};
use burn::tensor::Tensor;
use serde::{Deserialize, Serialize};

/// What a step measures: D's two halves without the penalty, G's loss, the penalty in steps that have one, and the means
/// of D(x) and D(G(z)).
pub static RECORD: Record = Record {
    columns: &["discriminator_loss", "generator_loss", "penalty", "output_real", "output_generated"],
    charts: &[
        LOSSES,
        Chart {
            title: "Outputs",
            curves: &[
                Curve { label: "D(x), real", short: "D(x)", column: 3 },
                Curve { label: "D(G(z)), generated", short: "D(G(z))", column: 4 },
            ],
            level: None,
            range: None,
        },
    ],
    signs: &[],
};

/// Least squares with the codings a, b and c.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct LeastSquares {
    /// What D is to say of generated pictures.
    pub a: f32,
    /// What D is to say of real pictures.
    pub b: f32,
    /// What G wants D to say of generated pictures.
    pub c: f32,
}

impl Loss for LeastSquares {
    fn real(&self, outputs: Tensor<2>) -> Tensor<1> {
        (outputs - self.b).square().mean() * 0.5
    }

    fn generated(&self, outputs: Tensor<2>) -> Tensor<1> {
        (outputs - self.a).square().mean() * 0.5
    }

    fn generator(&self, outputs: Tensor<2>) -> Tensor<1> {
        (outputs - self.c).square().mean() * 0.5
    }

    fn measure(
        &self,
        real: &[f32],
        generated: &[f32],
        generator_loss: f64,
        penalty: Option<f64>,
    ) -> Vec<Option<f64>> {
        let halves = |target: f32| move |output: f64| 0.5 * (output - f64::from(target)).powi(2);
        let loss = mean(real, halves(self.b)) + mean(generated, halves(self.a));
        let output = |output: f64| output;
        vec![
            Some(loss),
            Some(generator_loss),
            penalty,
            Some(mean(real, output)),
            Some(mean(generated, output)),
        ]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::objectives::testing;
    use burn::tensor::Device;

    #[test]
    fn the_three_losses_are_those_of_equation_9() {
        let loss = LeastSquares { a: -1.0, b: 1.0, c: 0.0 };
        let outputs = || Tensor::<2>::from_data([[0.5], [-2.0]], &Device::flex());
        let scalar = |loss: Tensor<1>| loss.into_scalar::<f32>();
        // ½ · mean of (0.5 − 1)² and (−2 − 1)², and so on.
        assert_eq!(scalar(loss.real(outputs())), 0.5 * (0.25 + 9.0) / 2.0);
        assert_eq!(scalar(loss.generated(outputs())), 0.5 * (2.25 + 1.0) / 2.0);
        assert_eq!(scalar(loss.generator(outputs())), 0.5 * (0.25 + 4.0) / 2.0);
        let row = loss.measure(&[0.5, -2.0], &[0.5, -2.0], 7.0, None);
        assert_eq!(row, [Some(2.3125 + 0.8125), Some(7.0), None, Some(-0.75), Some(-0.75)]);
    }

    #[test]
    fn gradients_are_those_of_finite_differences() {
        testing::gradients_are_those_of_finite_differences(&LeastSquares { a: -1.0, b: 1.0, c: 0.0 });
    }
}
