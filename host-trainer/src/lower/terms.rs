//! Factors of sums and joins, and tables of embeddings, as integers.

use super::fold::{Stage, StageKind};
use super::integers::{QuantizedLayer, multipliers, round_bias};
use crate::graph::{QuantParams, StageTensor};

/// Bits that a channel's factors have together: the accumulator of 31 bits has 8 for an int8 number, and one to spare.
const FACTOR_BITS: i32 = 21;
/// Bits that a channel's constant has at most.
const CONSTANT_BITS: i32 = 29;

/// A sum or a join: the factor of each operand in steps of the channel's accumulator.
///
/// A step is as small as the factors and the constant leave it, but not so small that the requantization's multiplier
/// loses its 20 significant bits: factors then have 12 bits where the scales of operand and output are alike.
pub(super) fn terms(stage: &Stage, operands: &[&StageTensor], output: &StageTensor) -> QuantizedLayer {
    let channels = output.shape.channels;
    let output_scale = output.before_activation.scale;
    // Which operands are a part of a channel.
    let parts = |channel: usize| -> Vec<usize> {
        let mut first = 0;
        let of_join = operands.iter().position(|operand| {
            first += operand.shape.channels;
            channel < first
        });
        match stage.kind {
            StageKind::Concat => of_join.into_iter().collect(),
            _ => (0..operands.len()).collect(),
        }
    };
    let step = |channel: usize| {
        let factor = f64::from(stage.weight[channel].abs());
        let reals =
            parts(channel).into_iter().map(|operand| factor * f64::from(operands[operand].params.scale));
        let least = QuantParams::least_weight_scale(1.0, output_scale);
        let of_factors = reals.sum::<f64>() / f64::from(FACTOR_BITS).exp2();
        let of_constant = f64::from(stage.bias[channel].abs()) / f64::from(CONSTANT_BITS).exp2();
        least.max(of_factors).max(of_constant)
    };
    let steps: Vec<f64> = (0..channels).map(step).collect();
    let factor = |operand: usize, channel: usize| {
        let real = f64::from(stage.weight[channel]) * f64::from(operands[operand].params.scale);
        (real / steps[channel]).round() as i32
    };
    let bias = |channel: usize| {
        let zero = |&operand: &usize| {
            i64::from(operands[operand].params.zero_point) * i64::from(factor(operand, channel))
        };
        round_bias(stage.bias[channel], steps[channel], parts(channel).iter().map(zero).sum())
    };
    let factors = match stage.kind {
        StageKind::Concat => (0..channels).map(|channel| factor(parts(channel)[0], channel)).collect(),
        _ => {
            let all =
                (0..operands.len()).flat_map(|operand| (0..channels).map(move |channel| (operand, channel)));
            all.map(|(operand, channel)| factor(operand, channel)).collect()
        }
    };
    let bias = (0..channels).map(bias).collect();
    let (multipliers, shifts) = multipliers(&steps, 1.0, output_scale);
    QuantizedLayer { factors, bias, multipliers, shifts, ..QuantizedLayer::default() }
}

/// An embedding's table at the scale of its output.
pub(super) fn embedding(stage: &Stage, output: &StageTensor) -> QuantizedLayer {
    QuantizedLayer {
        weights: stage.weight.iter().map(|&value| output.params.quantize(value)).collect(),
        ..QuantizedLayer::default()
    }
}
