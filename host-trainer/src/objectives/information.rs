//! How much a code says of a picture, and a picture of its code.
//!
//! Of generated pictures: L_I(G, Q) = E log Q(c | G(z, c)) + H(c) ≤ I(c; G(z, c)) (Chen et al. 2016, equation 5), for a choice c by
//! the cross entropy of Q's logits, for uniform codes by the squared error of Q's means, that is with a Gaussian Q of variance
//! 1 and without its constant.
//!
//! Of real pictures, which have no code: I(c; c′) between the choices that Q makes of a picture and of the same picture moved a
//! little (Ji, Henriques and Vedaldi 2019, "Invariant information clustering", equation 3). It is large where Q is sure, uses
//! all choices, and sees in both the same: without it Q reads from generated pictures any mark that G hides in them, and its
//! choices mean nothing in real ones.

use burn::tensor::Tensor;
use burn::tensor::activation::{log_softmax, softmax};

/// Keeps logarithms finite.
const TINY: f32 = 1e-6;

/// −E log Q(c | x), from Q's logits `[batch, choices]` and the choices one-hot: H(c) − L_I, in nats.
pub fn cross_entropy(logits: Tensor<2>, chosen: Tensor<2>) -> Tensor<1> {
    let batch = logits.dims()[0] as f32;
    -(log_softmax(logits, 1) * chosen).sum() / batch
}

/// −E log Q(c | x) of uniform codes but for a constant: ½ Σ (c − μ)², the mean over the batch.
pub fn squared_error(means: Tensor<2>, codes: Tensor<2>) -> Tensor<1> {
    let batch = means.dims()[0] as f32;
    (means - codes).square().sum() / (2.0 * batch)
}

/// I(c; c′) in nats, from Q's logits `[batch, choices]` for pictures and for the same pictures moved: of the batch's joint
/// distribution P = ½ (M + Mᵀ), M = E p(c | x) p(c | x′)ᵀ.
pub fn mutual_information(logits: Tensor<2>, of_moved: Tensor<2>) -> Tensor<1> {
    let [batch, choices] = logits.dims();
    let product = softmax(logits, 1).transpose().matmul(softmax(of_moved, 1)) / batch as f32;
    let joint = (product.clone() + product.transpose()) / 2.0;
    let marginal = joint.clone().sum_dim(1).reshape([choices, 1]);
    let log = |tensor: Tensor<2>| (tensor + TINY).log();
    let independent = log(marginal.clone()) + log(marginal).transpose();
    (joint.clone() * (log(joint) - independent)).sum()
}

/// How far Q's means for a picture and for that picture changed are from differing by as much as was changed: ½ Σ of squares,
/// the mean over the batch. As many codes are looked at as `changes`, `[batch, changes]`, has columns.
pub fn change_error(means: Tensor<2>, of_changed: Tensor<2>, changes: Tensor<2>) -> Tensor<1> {
    let columns = changes.dims()[1];
    squared_error((of_changed - means).narrow(1, 0, columns), changes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::objectives::testing;
    use burn::tensor::Device;

    fn scalar(loss: Tensor<1>) -> f32 {
        loss.into_scalar::<f32>()
    }

    #[test]
    fn an_ignorant_q_knows_nothing_and_a_sure_one_all() {
        let device = Device::flex();
        let chosen = || Tensor::<2>::from_data([[1.0, 0.0, 0.0, 0.0], [0.0, 0.0, 1.0, 0.0]], &device);
        let ignorant = cross_entropy(Tensor::zeros([2, 4], &device), chosen());
        assert!((scalar(ignorant) - 4f32.ln()).abs() < 1e-6);
        assert!(scalar(cross_entropy(chosen() * 30.0, chosen())) < 1e-6);
        // log of e^1 / (e^1 + 3) and of 1 / (e^1 + 3).
        let logits = Tensor::<2>::from_data([[1.0, 0.0, 0.0, 0.0], [1.0, 0.0, 0.0, 0.0]], &device);
        let e = 1f32.exp();
        let expected = -((e / (e + 3.0)).ln() + (1.0 / (e + 3.0)).ln()) / 2.0;
        assert!((scalar(cross_entropy(logits, chosen())) - expected).abs() < 1e-6);
    }

    #[test]
    fn the_error_of_uniform_codes_is_half_the_square() {
        let tensor = |values: [[f32; 2]; 2]| Tensor::<2>::from_data(values, &Device::flex());
        let error = squared_error(tensor([[0.5, -1.0], [0.0, 0.0]]), tensor([[0.0, 1.0], [0.0, 1.0]]));
        assert_eq!(scalar(error), (0.25 + 4.0 + 1.0) / 4.0);
    }

    #[test]
    fn codes_that_follow_a_change_have_no_error() {
        let tensor = |values: [[f32; 3]; 1]| Tensor::<2>::from_data(values, &Device::flex());
        let changes = || Tensor::<2>::from_data([[0.5, -1.0]], &Device::flex());
        let followed = change_error(tensor([[0.0, 0.5, 9.0]]), tensor([[0.5, -0.5, 3.0]]), changes());
        assert_eq!(scalar(followed), 0.0, "the third code is free");
        let still = change_error(tensor([[0.0; 3]]), tensor([[0.0; 3]]), changes());
        assert_eq!(scalar(still), (0.25 + 1.0) / 2.0);
    }

    #[test]
    fn the_information_of_known_joint_distributions() {
        let device = Device::flex();
        let sure = |of: [usize; 4]| {
            let mut values = [[-15f32; 2]; 4];
            of.into_iter().zip(&mut values).for_each(|(choice, row)| row[choice] = 15.0);
            Tensor::<2>::from_data(values, &device)
        };
        let near = |information: Tensor<1>, expected: f32| {
            let found = scalar(information);
            assert!((found - expected).abs() < 1e-4, "{found}, in closed form {expected}");
        };
        near(mutual_information(sure([0, 1, 0, 1]), sure([0, 1, 0, 1])), 2f32.ln());
        near(mutual_information(sure([0, 0, 0, 0]), sure([0, 0, 0, 0])), 0.0);
        // Each of the four pairs of choices as often: independent.
        near(mutual_information(sure([0, 0, 1, 1]), sure([0, 1, 0, 1])), 0.0);
        // P = [[¼, ⅛], [⅛, ½]]: marginals ⅜ and ⅝. In eighths: 2 + 1 + 1 + 4, which four pictures hold as 0→0, ½ of 0→1, …
        let half = Tensor::<2>::from_data([[15.0, -15.0], [0.0, 0.0], [-15.0, 15.0], [-15.0, 15.0]], &device);
        // Of the second picture both choices have ½, its partner chose 1 for sure: M = [[¼, ⅛], [0, ⅝]].
        let p = [[0.25f32, 0.0625], [0.0625, 0.625]];
        let marginal = [0.3125f32, 0.6875];
        let expected: f32 = (0..2)
            .flat_map(|i| (0..2).map(move |j| (i, j)))
            .map(|(i, j)| p[i][j] * (p[i][j] / (marginal[i] * marginal[j])).ln())
            .sum();
        near(mutual_information(half, sure([0, 1, 1, 1])), expected);
    }

    #[test]
    fn gradients_are_those_of_finite_differences() {
        let check = testing::gradient_is_that_of_finite_differences;
        let values = [0.3f32, -0.8, 0.5, 0.1, 0.9, -0.4];
        let square = |values: Tensor<1>| values.reshape([2, 3]);
        check("cross entropy", &values, &|values| {
            let chosen = Tensor::from_data([[0.0, 1.0, 0.0], [1.0, 0.0, 0.0]], &values.device());
            cross_entropy(square(values), chosen)
        });
        check("squared error", &values, &|values| {
            let codes = Tensor::from_data([[0.0, 1.0, 0.2], [-1.0, 0.5, 0.0]], &values.device());
            squared_error(square(values), codes)
        });
        check("change", &values, &|values| {
            let moved = Tensor::from_data([[1.0, 0.2, -0.3], [0.4, -1.0, 0.6]], &values.device());
            let changes = Tensor::from_data([[0.1, 0.2], [-0.5, 0.0]], &values.device());
            change_error(square(values), moved, changes)
        });
        check("information", &values, &|values| {
            let moved = Tensor::from_data([[1.0, 0.2, -0.3], [0.4, -1.0, 0.6]], &values.device());
            mutual_information(square(values), moved)
        });
    }
}
