//! R1: a penalty on the discriminator's slope at the real pictures (Mescheder, Geiger and Nowozin
//! 2018, equation 9), by first-order differentiation only.
//!
//! R1 = γ/2 · E ‖∇ₓ D(x)‖². Its gradient needs a derivative of a derivative, which Burn does not
//! take. But ‖∇ₓ D(x)‖ is the slope of D along v = ∇ₓ D / ‖∇ₓ D‖, and for v held fixed the central
//! difference (D(x + hv) − D(x − hv)) / 2h measures that slope and is differentiable once more. v
//! maximizes the slope, so its own change adds nothing to first order: the gradient is R1's.
//!
//! The loss on real pictures needs their logits too. Those at x + hv and x − hv serve: the mean of a smooth loss
//! over both differs from the loss at x by O(h²), as the slope does, h moves a pixel by half a grey level, and
//! a third pass of D over the real pictures and back is saved.

use crate::nets::Discriminator;
use burn::module::Module;
use burn::tensor::Tensor;

/// Length of the step along the gradient, in a picture's [−1, 1] over all of its pixels.
const STEP: f32 = 0.1;
/// Keeps the gradient's length away from 0.
const TINY: f32 = 1e-12;

/// D's logits on both sides of real pictures, `[batch, 1]` each.
pub struct Sides {
    above: Tensor<2>,
    below: Tensor<2>,
}

impl Sides {
    /// Of `pictures` `[batch, 1, height, width]` of `classes`: a step up the gradient of D, and one down.
    pub fn of(discriminator: &Discriminator, pictures: Tensor<4>, classes: Option<Tensor<2>>) -> Self {
        let step = direction(discriminator, pictures.clone(), classes.clone()) * STEP;
        let above = discriminator.forward(pictures.clone() + step.clone(), classes.clone());
        let below = discriminator.forward(pictures - step, classes);
        Sides { above, below }
    }

    /// All logits, `[2 · batch, 1]`.
    pub fn logits(&self) -> Tensor<2> {
        Tensor::cat(vec![self.above.clone(), self.below.clone()], 0)
    }

    /// The penalty γ/2 · mean(slope²).
    pub fn penalty(self, gamma: f32) -> Tensor<1> {
        let slope = (self.above - self.below) / (2.0 * STEP);
        slope.square().mean() * (gamma / 2.0)
    }
}

/// ∇ₓ D / ‖∇ₓ D‖ of each picture, D meaning the logit; a constant to autodiff.
fn direction(discriminator: &Discriminator, pictures: Tensor<4>, classes: Option<Tensor<2>>) -> Tensor<4> {
    let pictures = pictures.detach().require_grad();
    let logits = discriminator.clone().no_grad().forward(pictures.clone(), classes);
    let gradient = pictures.grad(&logits.sum().backward()).expect("the logits read the pictures");
    let length = (gradient.clone().square().sum_dims(&[1, 2, 3]) + TINY).sqrt();
    Tensor::from_inner(gradient / length)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::nets::NetConfig;
    use crate::objectives::bce::real_loss;
    use crate::random::{Stream, normals, stream};
    use crate::train::batches::one_hot;
    use burn::tensor::{Device, TensorData};

    /// A discriminator with eight pictures and their classes.
    fn small(seed: u64) -> (Discriminator, Tensor<4>, Option<Tensor<2>>) {
        let device = Device::flex().autodiff();
        let mut rng = stream(seed, Stream::Weights);
        let config = NetConfig { discriminator_width: 4, ..NetConfig::default() };
        let discriminator = config.discriminator(10, &mut rng, &device);
        let values = normals(&mut rng, 8 * 784, 0.0, 0.5);
        let pictures = Tensor::from_data(TensorData::new(values, [8, 1, 28, 28]), &device);
        (discriminator, pictures, Some(one_hot(&[0, 1, 2, 3, 4, 5, 6, 7], 10, &device)))
    }

    #[test]
    fn the_penalty_is_half_gamma_times_the_squared_gradient() {
        let (discriminator, pictures, classes) = small(3);
        let pictures = pictures.require_grad();

        let logits = discriminator.forward(pictures.clone(), classes.clone());
        let gradient = pictures.grad(&logits.sum().backward()).unwrap();
        let expected = (gradient.square().sum() / 8.0 * 0.25).into_scalar::<f32>();
        let sides = Sides::of(&discriminator, pictures.detach(), classes);
        let found = sides.penalty(0.5).into_scalar::<f32>();
        assert!(expected > 0.0);
        assert!((found / expected - 1.0).abs() < 0.05, "{found}, by the definition {expected}");
    }

    #[test]
    fn the_loss_over_both_sides_is_the_loss_at_the_pictures() {
        let (discriminator, pictures, classes) = small(4);

        let at = real_loss(discriminator.forward(pictures.clone(), classes.clone())).into_scalar::<f32>();
        let sides = Sides::of(&discriminator, pictures, classes);
        assert_eq!(sides.logits().dims(), [16, 1]);
        let around = real_loss(sides.logits()).into_scalar::<f32>();
        let one_side = real_loss(sides.above).into_scalar::<f32>();
        assert!(
            (around - at).abs() < 0.1 * (one_side - at).abs(),
            "at {at}, around {around}, above {one_side}"
        );
    }
}
