//! The integers that a stage is written with, and what all kinds of stages make of a bias and a scale.

/// The integers of a stage.
#[derive(Debug, Clone, PartialEq, Default)]
pub(super) struct QuantizedLayer {
    /// In the order in which gan-core reads them; of an embedding its table.
    pub(super) weights: Vec<i8>,
    /// Factors of a sum, `[operand][channel]`, of a join, `[channel]`, of a product, `[channel]` and as many for what is added.
    pub(super) factors: Vec<i32>,
    /// Dense: one per channel or per output; convolutions: `[phase][output channel]`; all others: one per channel.
    pub(super) bias: Vec<i32>,
    /// Columns of the choice, `[row][output]`, and what stands for 1.0.
    pub(super) columns: Option<(Vec<i8>, u16)>,
    /// One per channel.
    pub(super) multipliers: Vec<i32>,
    /// One per channel.
    pub(super) shifts: Vec<u8>,
    /// ε' of an instance norm.
    pub(super) epsilon: u32,
    /// Factor and shift of an attention's scores.
    pub(super) score: (i32, u8),
}

/// `bias / step − folded`; fits, as the step is kept large.
pub(super) fn round_bias(bias: f32, step: f64, folded: i64) -> i32 {
    ((f64::from(bias) / step).round() as i64 - folded) as i32
}

/// multiplier / 2^shift = input scale · weight scale / output scale, one per channel: a shift of 32 wherever the
/// multiplier then fits.
pub(super) fn multipliers(scales: &[f64], input_scale: f32, output_scale: f32) -> (Vec<i32>, Vec<u8>) {
    let one = |scale: &f64| {
        let factor = scale * f64::from(input_scale) / f64::from(output_scale);
        let mut shift = 32u8;
        while (factor * f64::from(shift).exp2()).round() > f64::from(i32::MAX) && shift > 1 {
            shift -= 1;
        }
        ((factor * f64::from(shift).exp2()).round() as i32, shift)
    };
    scales.iter().map(one).unzip()
}
