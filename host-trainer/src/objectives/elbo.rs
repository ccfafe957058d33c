//! The evidence lower bound of a conditional variational autoencoder (Kingma and Welling 2014, equation 10 with one
//! sample; Sohn et al. 2015, equation 5, with the prior N(0, 1) whatever the class).
//!
//! ELBO = E log p(x | z, c) − KL(q(z | x, c) ‖ N(0, 1)), with z = μ + σ·ε, ε from N(0, 1).
//!
//! The likelihood is Bernoulli, a pixel's grey being taken for the probability that it is white: with x̂ = (x + 1)/2 and
//! p = ½ + (½ − [`MARGIN`])·y, y in \[−1, 1\] the decoder's tanh,
//! log p(x | z, c) = Σ x̂ log p + (1 − x̂) log(1 − p). The margin keeps each logarithm finite, and unlike a clamp it
//! lets every pixel have a gradient. Both terms are sums over pixels or latents and means over the batch, in nats.

use crate::players::{Chart, Curve, Record};
use burn::tensor::Tensor;

/// How near to 0 or 1 a probability comes: a hundredth of one of 256 greys.
pub const MARGIN: f32 = 4e-5;

/// What a step measures: −log p(x | z, c), the KL divergence and the ELBO, in nats a picture.
pub static RECORD: Record = Record {
    columns: &["reconstruction", "divergence", "elbo"],
    charts: &[
        Chart {
            title: "Reconstruction",
            curves: &[Curve { label: "−log p(x | z), nats", short: "−log p", column: 0 }],
            level: None,
            range: None,
        },
        Chart {
            title: "Divergence",
            curves: &[Curve { label: "KL(q(z | x) ‖ N(0, 1)), nats", short: "KL", column: 1 }],
            level: None,
            range: None,
        },
        Chart {
            title: "Evidence lower bound",
            curves: &[Curve { label: "ELBO, nats", short: "ELBO", column: 2 }],
            level: None,
            range: None,
        },
    ],
    signs: &[],
};

/// −log p(x | z, c) of `pictures` for the decoder's `drawn`, both `[batch, height, width, channels]` in \[−1, 1\].
pub fn reconstruction(drawn: Tensor<4>, pictures: Tensor<4>) -> Tensor<1> {
    let batch = pictures.dims()[0] as f32;
    let white = (pictures + 1.0) / 2.0;
    let half = 0.5 - MARGIN;
    let log_white = (drawn.clone() * half + 0.5).log();
    let log_black = (drawn * -half + 0.5).log();
    -(white.clone() * log_white + (-white + 1.0) * log_black).sum() / batch
}

/// KL(N(μ, σ²) ‖ N(0, 1)) = ½ Σ (μ² + σ² − 1 − log σ²) (Kingma and Welling 2014, appendix B), from μ and log σ²
/// `[batch, latent length]`.
pub fn divergence(mean: Tensor<2>, log_variance: Tensor<2>) -> Tensor<1> {
    let batch = mean.dims()[0] as f32;
    (mean.square() + log_variance.clone().exp() - 1.0 - log_variance).sum() / (2.0 * batch)
}

/// z = μ + σ·ε.
pub fn sample(mean: Tensor<2>, log_variance: Tensor<2>, noise: Tensor<2>) -> Tensor<2> {
    mean + (log_variance / 2.0).exp() * noise
}

#[cfg(test)]
mod tests {
    use super::*;
    use burn::tensor::Device;

    fn scalar(loss: Tensor<1>) -> f32 {
        loss.into_scalar::<f32>()
    }

    #[test]
    fn the_prior_diverges_from_itself_by_nothing() {
        let zeros = || Tensor::<2>::zeros([3, 5], &Device::flex());
        assert_eq!(scalar(divergence(zeros(), zeros())), 0.0);
    }

    #[test]
    fn the_divergence_of_a_known_case() {
        // ½(4 + ¼ − 1 − log ¼) and ½(0 + 9 − 1 − log 9), a picture each.
        let device = Device::flex();
        let mean = Tensor::from_data([[2.0], [0.0]], &device);
        let log_variance = Tensor::from_data([[0.25f32.ln()], [9f32.ln()]], &device);
        let expected = (0.5 * (3.25 - 0.25f32.ln()) + 0.5 * (8.0 - 9f32.ln())) / 2.0;
        let found = scalar(divergence(mean, log_variance));
        assert!((found - expected).abs() < 1e-5, "{found}, closed form {expected}");
    }

    #[test]
    fn the_likelihood_is_bernoullis_and_finite_at_the_ends() {
        let device = Device::flex();
        let picture = |values: [f32; 2]| Tensor::<4>::from_data([[[values]]], &device);
        // x̂ = ¾ and ¼, p = ½ and ½.
        let found = scalar(reconstruction(picture([0.0, 0.0]), picture([0.5, -0.5])));
        assert!((found - 2.0 * 2f32.ln()).abs() < 1e-6, "{found}");
        let wrong = scalar(reconstruction(picture([1.0, -1.0]), picture([-1.0, 1.0])));
        assert!((wrong + 2.0 * MARGIN.ln()).abs() < 0.01, "{wrong}");
    }

    #[test]
    fn gradients_are_those_of_finite_differences() {
        let device = Device::flex().autodiff();
        let loss = |mean: Tensor<2>, log_variance: Tensor<2>| {
            let noise = Tensor::from_data([[0.7, -1.1]], &device);
            let z = sample(mean.clone(), log_variance.clone(), noise);
            let picture = Tensor::<4>::from_data([[[[0.5, -0.9]]]], &device);
            reconstruction(z.tanh().reshape([1, 1, 1, 2]), picture) + divergence(mean, log_variance)
        };
        let at = |values: [f32; 2]| Tensor::<2>::from_data([values], &device);
        let (mean, log_variance) = (at([0.3, -0.2]).require_grad(), at([-0.5, 0.4]).require_grad());
        let gradients = loss(mean.clone(), log_variance.clone()).backward();
        let first = |tensor: Tensor<2>| tensor.into_data().try_to_vec::<f32>().unwrap()[0];
        let h = 0.01;
        let slope = |above: Tensor<1>, below: Tensor<1>| (scalar(above) - scalar(below)) / (2.0 * h);
        let by_mean =
            slope(loss(at([0.3 + h, -0.2]), at([-0.5, 0.4])), loss(at([0.3 - h, -0.2]), at([-0.5, 0.4])));
        let by_variance =
            slope(loss(at([0.3, -0.2]), at([-0.5 + h, 0.4])), loss(at([0.3, -0.2]), at([-0.5 - h, 0.4])));
        let found = first(Tensor::from_inner(mean.grad(&gradients).unwrap()));
        assert!((found - by_mean).abs() < 2e-3, "{found}, {by_mean}");
        let found = first(Tensor::from_inner(log_variance.grad(&gradients).unwrap()));
        assert!((found - by_variance).abs() < 2e-3, "{found}, {by_variance}");
    }
}
