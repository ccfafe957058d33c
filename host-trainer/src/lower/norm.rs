//! Folding a batch norm into what comes before it.

use crate::graph::Parameters;

/// A batch norm as factor · (x − mean) + beta, with factor = γ / √(σ² + ε); one of each per channel.
pub(super) struct Affine<'p> {
    factors: Vec<f64>,
    means: &'p [f32],
    betas: &'p [f32],
}

impl<'p> Affine<'p> {
    /// Of a batch norm's parameters; `None` of others.
    pub(super) fn of(norm: &'p Parameters) -> Option<Self> {
        let Parameters::BatchNorm { gamma, beta, mean, variance, epsilon } = norm else { return None };
        let factor = |(&gamma, &variance): (&f32, &f32)| {
            f64::from(gamma) / (f64::from(variance) + f64::from(*epsilon)).sqrt()
        };
        Some(Affine { factors: gamma.iter().zip(variance).map(factor).collect(), means: mean, betas: beta })
    }
}

/// γ (W x + b − μ) / √(σ² + ε) + β as weights and biases: with f = γ / √(σ² + ε), W' = f W and b' = f (b − μ) + β
/// (Jacob et al. 2018, section 3.2).
///
/// Outputs come one channel after the other, again and again: both a folded dense layer's, height × width × channel,
/// and a convolution's, where every channel comes once.
pub(super) fn fold_into(norm: &Affine<'_>, channels: usize, weight: &mut [f32], bias: &mut [f32]) {
    let inputs = weight.len() / bias.len();
    for (output, (row, bias)) in weight.chunks_mut(inputs).zip(bias).enumerate() {
        let channel = output % channels;
        let factor = norm.factors[channel];
        row.iter_mut().for_each(|weight| *weight = (f64::from(*weight) * factor) as f32);
        let centred = f64::from(*bias) - f64::from(norm.means[channel]);
        *bias = (factor * centred + f64::from(norm.betas[channel])) as f32;
    }
}
