//! The hinge loss (Lim and Ye 2017, "Geometric GAN"; as Brock, Donahue and Simonyan 2019 use it): D is trained only by pictures
//! that it is not yet sure of.
//!
//! L_D = E max(0, 1 − D(x)) + E max(0, 1 + D(G(z))), L_G = −E D(G(z)).

use super::{Loss, mean};
use burn::tensor::{Tensor, activation};

/// The hinge loss of outputs without bounds.
#[derive(Debug, Clone, Copy, Default)]
pub struct Hinge;

impl Loss for Hinge {
    fn real(&self, outputs: Tensor<2>) -> Tensor<1> {
        activation::relu(-outputs + 1.0).mean()
    }

    fn generated(&self, outputs: Tensor<2>) -> Tensor<1> {
        activation::relu(outputs + 1.0).mean()
    }

    fn generator(&self, outputs: Tensor<2>) -> Tensor<1> {
        -outputs.mean()
    }

    fn measure(
        &self,
        real: &[f32],
        generated: &[f32],
        generator_loss: f64,
        _penalty: Option<f64>,
    ) -> Vec<Option<f64>> {
        let loss = mean(real, |d| (1.0 - d).max(0.0)) + mean(generated, |d| (1.0 + d).max(0.0));
        let plain = |outputs| Some(mean(outputs, |d| d));
        vec![Some(loss), Some(generator_loss), plain(real), plain(generated)]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::objectives::testing;
    use burn::tensor::Device;

    #[test]
    fn only_pictures_within_the_margin_count() {
        let outputs = || Tensor::<2>::from_data([[1.5], [-0.5], [-3.0]], &Device::flex());
        let scalar = |loss: Tensor<1>| loss.into_scalar::<f32>();
        // (0 + 1.5 + 4) / 3, (2.5 + 0.5 + 0) / 3, −(1.5 − 0.5 − 3) / 3
        let near = |found: f32, expected: f32| assert!((found - expected).abs() < 1e-6, "{found}");
        near(scalar(Hinge.real(outputs())), 5.5 / 3.0);
        near(scalar(Hinge.generated(outputs())), 1.0);
        near(scalar(Hinge.generator(outputs())), 2.0 / 3.0);
        let row = Hinge.measure(&[2.0, 0.0], &[1.0, -3.0], 0.25, None);
        assert_eq!(row, [Some(0.5 + 1.0), Some(0.25), Some(1.0), Some(-1.0)]);
    }

    #[test]
    fn gradients_are_those_of_finite_differences() {
        testing::gradients_are_those_of_finite_differences(&Hinge);
    }
}
