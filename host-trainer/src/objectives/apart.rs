//! How far the pictures of a class are apart.
//!
//! A generator that makes one picture of each class may win against a discriminator that looks at one picture at a time. A batch
//! shows it (Karras et al. 2018, "Progressive growing of GANs", section 3, where the discriminator is told the deviation over the
//! batch; here it is a loss of its own, by class, as classes alone make a batch diverse).

use crate::players::batches::RealBatch;
use crate::players::number;
use burn::tensor::{Tensor, activation};

/// What keeps the root of a variance away from 0, where it has no slope.
const LEAST_VARIANCE: f32 = 1e-8;

/// max(0, 1 − d / d_real)², d being the [`deviation`] of generated pictures, of these classes if they were told one, and d_real
/// that of real ones.
pub fn too_close(generated: &Tensor<4>, class: Option<&Tensor<4>>, real: &RealBatch) -> Tensor<1> {
    let real = number(deviation(&real.pictures, class.map(|_| &real.classes)));
    activation::relu(-deviation(generated, class) / real as f32 + 1.0).square()
}

/// The standard deviation of each pixel over the pictures of a class, one-hot `[pictures, 1, 1, classes]`, or over all without one; a
/// mean over pixels and pictures.
pub fn deviation(pictures: &Tensor<4>, class: Option<&Tensor<4>>) -> Tensor<1> {
    let pixels: Tensor<2> = pictures.clone().flatten(1, 3);
    let groups: Tensor<2> = match class {
        Some(class) => class.clone().flatten(1, 3),
        None => Tensor::ones([pixels.dims()[0], 1], &pixels.device()),
    };
    let counts = groups.clone().sum_dim(0).clamp_min(1.0).transpose();
    let mean_of = |x: Tensor<2>| groups.clone().transpose().matmul(x) / counts.clone();
    let apart = pixels.clone() - groups.clone().matmul(mean_of(pixels));
    let deviations = (mean_of(apart.powi_scalar(2)) + LEAST_VARIANCE).sqrt().mean_dim(1);
    groups.clone().matmul(deviations).mean()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::objectives::testing::gradient_is_that_of_finite_differences;
    use crate::players::batches::one_hot;
    use burn::tensor::Device;

    fn pictures(device: &Device) -> Tensor<4> {
        Tensor::from_data([[[[1f32], [3.0]]], [[[5.0], [3.0]]], [[[3.0], [9.0]]]], device)
    }

    #[test]
    fn a_deviation_is_over_the_pictures_of_a_class_or_over_all() {
        let device = Device::flex();
        let pictures = pictures(&device);
        // The first class: deviations of 2 and 0, for two pictures; the second has one picture.
        let by_class = number(deviation(&pictures, Some(&one_hot(&[0, 0, 1], 4, &device))));
        assert!((by_class - 2.0 / 3.0).abs() < 1e-3, "{by_class}");
        // The variances of 1, 5, 3 and of 3, 3, 9.
        let of_all = number(deviation(&pictures, None));
        assert!((of_all - ((8f64 / 3.0).sqrt() + 8f64.sqrt()) / 2.0).abs() < 1e-5, "{of_all}");
    }

    #[test]
    fn pictures_that_are_as_far_apart_as_real_ones_cost_nothing() {
        let device = Device::flex();
        let classes = one_hot(&[0, 0, 1], 4, &device);
        let real = RealBatch { pictures: pictures(&device), classes: classes.clone() };
        let cost = |factor: f32| number(too_close(&(pictures(&device) * factor), Some(&classes), &real));
        assert!((cost(0.5) - 0.25).abs() < 1e-3, "{}", cost(0.5));
        assert_eq!([cost(1.01), cost(3.0)], [0.0, 0.0]);
    }

    #[test]
    fn its_gradient_is_that_of_finite_differences() {
        gradient_is_that_of_finite_differences("the deviation", &[0.4, -0.3, 0.9, 0.2], &|x| {
            let classes = one_hot(&[0, 0], 2, &x.device());
            deviation(&x.reshape([2, 1, 2, 1]), Some(&classes))
        });
    }
}
