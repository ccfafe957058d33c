//! The slope of a discriminator at pictures, and the penalties on it, by first-order differentiation only.
//!
//! R1 = γ/2 · E ‖∇ₓ D(x)‖² at real pictures (Mescheder, Geiger and Nowozin 2018, equation 9). The gradient penalty
//! = λ · E (‖∇ₓ D(x)‖ − 1)² at pictures between real and generated ones (Gulrajani et al. 2017, equation 3).
//!
//! The gradient of either needs a derivative of a derivative, which Burn does not
//! take. But ‖∇ₓ D(x)‖ is the slope of D along v = ∇ₓ D / ‖∇ₓ D‖, and for v held fixed the central
//! difference (D(x + hv) − D(x − hv)) / 2h measures that slope and is differentiable once more. v
//! maximizes the slope, so its own change adds nothing to first order: the gradient is the penalty's.
//!
//! The loss on real pictures needs their outputs too. Those at x + hv and x − hv serve: the mean of a smooth loss
//! over both differs from the loss at x by O(h²), as the slope does, h moves a pixel by half a grey level, and
//! a third pass of D over the real pictures and back is saved.

use crate::graph::{Input, Net};
use burn::module::Module;
use burn::tensor::Tensor;

/// Length of the step along the gradient, in a picture's [−1, 1] over all of its values.
const STEP: f32 = 0.1;
/// Keeps the gradient's length away from 0.
const TINY: f32 = 1e-12;

/// D's outputs on both sides of pictures, `[batch, 1]` each.
pub struct Slope {
    above: Tensor<2>,
    below: Tensor<2>,
}

impl Slope {
    /// Of a discriminator's `inputs`, in the order of its graph: a step up the gradient at the picture, and one down.
    pub fn of(discriminator: &Net, inputs: &[Tensor<4>]) -> Self {
        let kinds = discriminator.graph().inputs();
        let place = kinds.map(|(_, kind)| kind).position(|kind| kind == Input::Picture);
        let place = place.expect("a discriminator has a picture as an input");
        let step = direction(discriminator, inputs, place) * STEP;
        let pictures = inputs[place].clone();
        let at = |pictures: Tensor<4>| -> Tensor<2> {
            let mut moved = inputs.to_vec();
            moved[place] = pictures;
            discriminator.forward(&moved).flatten(1, 3)
        };
        let above = at(pictures.clone() + step.clone());
        let below = at(pictures - step);
        Slope { above, below }
    }

    /// All outputs, `[2 · batch, 1]`.
    pub fn outputs(&self) -> Tensor<2> {
        Tensor::cat(vec![self.above.clone(), self.below.clone()], 0)
    }

    /// D's first outputs for real pictures, `[n, 1]`, with the penalty R1 of weight `gamma`, then on both sides of them;
    /// without one, at the pictures, where `gamma` is 0.
    pub fn with_r1(discriminator: &Net, inputs: &[Tensor<4>], gamma: f32) -> (Tensor<2>, Option<Tensor<1>>) {
        if gamma > 0.0 {
            let slope = Slope::of(discriminator, inputs);
            (slope.outputs(), Some(slope.r1(gamma)))
        } else {
            (discriminator.forward(inputs).flatten(1, 3), None)
        }
    }

    /// ‖∇ₓ D(x)‖ of each picture, `[batch, 1]`.
    pub fn length(self) -> Tensor<2> {
        (self.above - self.below) / (2.0 * STEP)
    }

    /// The penalty γ/2 · mean(‖∇ₓ D‖²).
    pub fn r1(self, gamma: f32) -> Tensor<1> {
        self.length().square().mean() * (gamma / 2.0)
    }

    /// The penalty λ · mean((‖∇ₓ D‖ − 1)²).
    pub fn gradient_penalty(self, lambda: f32) -> Tensor<1> {
        (self.length() - 1.0).square().mean() * lambda
    }
}

/// ∇ₓ D / ‖∇ₓ D‖ of each picture, which is input number `place`; a constant to autodiff.
fn direction(discriminator: &Net, inputs: &[Tensor<4>], place: usize) -> Tensor<4> {
    let mut inputs = inputs.to_vec();
    let pictures = inputs[place].clone().detach().require_grad();
    inputs[place] = pictures.clone();
    let outputs: Tensor<2> = discriminator.clone().no_grad().forward(&inputs).flatten(1, 3);
    let gradient = pictures.grad(&outputs.sum().backward()).expect("the outputs read the pictures");
    let [batch, height, width, channels] = gradient.dims();
    // A sum of all values: their order is of no matter, but for rounding, by which runs from before are repeated.
    let squares = gradient.clone().square().reshape([batch, channels, height, width]);
    let length = (squares.sum_dims(&[1, 2, 3]) + TINY).sqrt();
    Tensor::from_inner(gradient / length)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::families::testing;
    use crate::objectives::Loss;
    use crate::objectives::bce::Bce;
    use crate::players::batches::one_hot;
    use crate::random::{Stream, normals, stream};
    use burn::tensor::{Device, TensorData};

    /// A discriminator with eight pictures and their classes.
    fn small(seed: u64) -> (Net, [Tensor<4>; 2]) {
        let device = Device::flex().autodiff();
        let mut rng = stream(seed, Stream::Weights);
        let discriminator = Net::new(&testing::discriminator(4), &mut rng, &device);
        let values = normals(&mut rng, 8 * 784, 0.0, 0.5);
        let pictures = Tensor::from_data(TensorData::new(values, [8, 28, 28, 1]), &device);
        (discriminator, [pictures, one_hot(&[0, 1, 2, 3, 4, 5, 6, 7], 10, &device)])
    }

    fn outputs(net: &Net, inputs: &[Tensor<4>]) -> Tensor<2> {
        net.forward(inputs).flatten(1, 3)
    }

    #[test]
    fn the_penalties_are_those_of_the_gradient() {
        let (discriminator, [pictures, classes]) = small(3);
        let pictures = pictures.require_grad();
        let sum = outputs(&discriminator, &[pictures.clone(), classes.clone()]).sum();
        let gradient = pictures.grad(&sum.backward()).unwrap();
        let lengths: Tensor<4> = gradient.square().sum_dims(&[1, 2, 3]).sqrt();
        let inputs = [pictures.detach(), classes];
        let numbers = |tensor: Tensor<2>| tensor.into_data().try_to_vec::<f32>().unwrap();
        let found = numbers(Slope::of(&discriminator, &inputs).length());
        for (found, expected) in found.iter().zip(numbers(lengths.flatten(1, 3))) {
            assert!(expected > 0.0);
            assert!((found / expected - 1.0).abs() < 0.05, "{found}, by the definition {expected}");
        }
        let mean = |function: &dyn Fn(f32) -> f32| {
            found.iter().map(|&length| function(length)).sum::<f32>() / found.len() as f32
        };
        let scalar = |penalty: Tensor<1>| penalty.into_scalar::<f32>();
        let near = |a: f32, b: f32| assert!((a - b).abs() < 1e-5 * b, "{a}, {b}");
        let slope = || Slope::of(&discriminator, &inputs);
        near(scalar(slope().r1(0.5)), 0.25 * mean(&|length| length.powi(2)));
        near(scalar(slope().gradient_penalty(10.0)), 10.0 * mean(&|length| (length - 1.0).powi(2)));
    }

    #[test]
    fn the_loss_over_both_sides_is_the_loss_at_the_pictures() {
        let (discriminator, inputs) = small(4);
        let loss = |outputs| Bce::default().real(outputs).into_scalar::<f32>();
        let at = loss(outputs(&discriminator, &inputs));
        let slope = Slope::of(&discriminator, &inputs);
        assert_eq!(slope.outputs().dims(), [16, 1]);
        let around = loss(slope.outputs());
        let one_side = loss(slope.above);
        assert!(
            (around - at).abs() < 0.1 * (one_side - at).abs(),
            "at {at}, around {around}, above {one_side}"
        );
    }
}
