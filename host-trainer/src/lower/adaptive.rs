//! Instance norms, products and attentions as integers; the definitions are gan-core's.

use super::fold::Stage;
use super::integers::{QuantizedLayer, round_bias};
use crate::graph::{StageTensor, Tap};
use std::ops::RangeInclusive;

/// Shifts of a gain that gan-core takes.
const GAIN_SHIFTS: RangeInclusive<i32> = 17..=48;
/// Shifts of a requantization that it takes.
const SHIFTS: RangeInclusive<i32> = 1..=62;
/// Bits that a channel's factors have together, times the largest product of two operands: 31, and one to spare.
const PRODUCT_BITS: i32 = 14;
/// The same for what is added, times the largest number of int8.
const ADDED_BITS: i32 = 21;
/// Bits that a channel's constant has at most.
const CONSTANT_BITS: i32 = 28;

/// multiplier · 2^−shift = `gain`, of any sign, with 31 bits where the `shifts` allow them.
fn gain(gain: f64, shifts: &RangeInclusive<i32>) -> (i32, u8) {
    let exponent = if gain == 0.0 { 0.0 } else { gain.abs().log2().floor() };
    let shift = (30 - exponent as i32).clamp(*shifts.start(), *shifts.end());
    let multiplier = (gain * f64::from(shift).exp2()).round();
    (multiplier.clamp(f64::from(-i32::MAX), f64::from(i32::MAX)) as i32, shift as u8)
}

/// See [`gan_core::ops::adaptive::norm`].
pub(super) fn instance_norm(
    stage: &Stage,
    epsilon: f32,
    input: &StageTensor,
    output: &StageTensor,
) -> QuantizedLayer {
    let scale = f64::from(output.before_activation.scale);
    let gains = stage.weight.iter().map(|&weight| gain(f64::from(weight) / scale, &GAIN_SHIFTS));
    let (multipliers, shifts) = gains.unzip();
    let count = (input.shape.height * input.shape.width) as f64;
    let epsilon = f64::from(epsilon) * (count / f64::from(input.params.scale)).powi(2);
    let bias = |&offset: &f32| (f64::from(offset) / scale * 65_536.0).round() as i32;
    QuantizedLayer {
        bias: stage.bias.iter().map(bias).collect(),
        multipliers,
        shifts,
        epsilon: epsilon.round().clamp(1.0, u32::MAX.into()) as u32,
        ..QuantizedLayer::default()
    }
}

/// See [`gan_core::ops::adaptive::product`].
pub(super) fn product(stage: &Stage, operands: &[&StageTensor], output: &StageTensor) -> QuantizedLayer {
    let output_scale = f64::from(output.before_activation.scale);
    let scale = |operand: usize| f64::from(operands[operand].params.scale);
    let added = if operands.len() > 2 { scale(2) } else { 0.0 };
    let step = |channel: usize| {
        let factor = f64::from(stage.weight[channel].abs());
        [
            // Of factors that are all 0.
            output_scale / 30f64.exp2(),
            factor * scale(0) * scale(1) / f64::from(PRODUCT_BITS).exp2(),
            factor * added / f64::from(ADDED_BITS).exp2(),
            f64::from(stage.bias[channel].abs()) / f64::from(CONSTANT_BITS).exp2(),
        ]
        .into_iter()
        .fold(0.0, f64::max)
    };
    let channels = output.shape.channels;
    let steps: Vec<f64> = (0..channels).map(step).collect();
    let factors = |real: f64| {
        let steps = &steps;
        (0..channels)
            .map(move |channel| (f64::from(stage.weight[channel]) * real / steps[channel]).round() as i32)
    };
    let mut all: Vec<i32> = factors(scale(0) * scale(1)).collect();
    if operands.len() > 2 {
        all.extend(factors(added));
    }
    let bias = (0..channels).map(|channel| round_bias(stage.bias[channel], steps[channel], 0)).collect();
    let (multipliers, shifts) = steps.iter().map(|step| gain(step / output_scale, &SHIFTS)).unzip();
    QuantizedLayer { factors: all, bias, multipliers, shifts, ..QuantizedLayer::default() }
}

/// Factor and shift from differences of scores at `scale` a step to 256ths of a power of two.
fn score(scale: f64) -> (i32, u8) {
    let steps = 256.0 * std::f64::consts::LOG2_E * scale;
    let shift = (30.0 - steps.log2().floor()).clamp(1.0, 62.0);
    let factor = (steps * shift.exp2()).round().clamp(1.0, i32::MAX.into());
    (factor as i32, shift as u8)
}

/// See [`gan_core::ops::adaptive::window`].
pub(super) fn window(
    stage: &Stage,
    taps: &[Tap],
    picture: &StageTensor,
    output: &StageTensor,
) -> QuantizedLayer {
    let scale = f64::from(picture.params.scale) / f64::from(output.before_activation.scale);
    let gains = stage.weight.iter().map(|&mean| gain(f64::from(mean) * scale, &SHIFTS));
    let (multipliers, shifts) = gains.unzip();
    QuantizedLayer { weights: taps.concat(), multipliers, shifts, ..QuantizedLayer::default() }
}

/// See [`gan_core::ops::adaptive::draw`].
pub(super) fn draw(levels: &[f32], logits: &StageTensor, picture: &StageTensor) -> QuantizedLayer {
    let weights = levels.iter().map(|&level| picture.params.quantize(level)).collect();
    QuantizedLayer { weights, score: score(f64::from(logits.params.scale)), ..QuantizedLayer::default() }
}

/// See [`gan_core::ops::adaptive::attention`].
pub(super) fn attention(operands: &[&StageTensor], output: &StageTensor) -> QuantizedLayer {
    let scale = |operand: usize| f64::from(operands[operand].params.scale);
    let (multiplier, shift) = gain(scale(2) / f64::from(output.before_activation.scale), &GAIN_SHIFTS);
    let channels = output.shape.channels;
    QuantizedLayer {
        multipliers: vec![multiplier; channels],
        shifts: vec![shift; channels],
        score: score(scale(0) * scale(1)),
        ..QuantizedLayer::default()
    }
}
