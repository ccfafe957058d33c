//! Weights, biases and multipliers as integers.

use gan_core::ops::phases::Phases;

use super::adaptive::{attention, draw, instance_norm, product, window};
use super::bias::{Means, lost};
use super::fold::{Folded, Stage, StageKind};
use super::integers::{QuantizedLayer, multipliers, round_bias};
use super::terms::{embedding, terms};
use crate::graph::{Activation, QuantParams, Shape, StageTensor};

/// Quantizes all stages; `tensors` are those of the model, the inputs' first. Biases make up for what rounded weights lose of `means`,
/// if these are given.
pub(super) fn layers(folded: &Folded, tensors: &[StageTensor], means: Option<&Means>) -> Vec<QuantizedLayer> {
    let layer = |(number, (stage, output)): (usize, (&Stage, &StageTensor))| {
        let operands: Vec<&StageTensor> = stage.operands.iter().map(|&operand| &tensors[operand]).collect();
        let mean = means.and_then(|means| means.get(number));
        match (stage.kind, stage.phases()) {
            (_, Some(phases)) => conv(stage, phases, operands[0], output, mean),
            (StageKind::Sum | StageKind::Concat, _) => terms(stage, &operands, output),
            (StageKind::Embedding, _) => embedding(stage, output),
            (StageKind::InstanceNorm { epsilon }, _) => instance_norm(stage, epsilon, operands[0], output),
            (StageKind::Product, _) => product(stage, &operands, output),
            (StageKind::Attention, _) => attention(&operands, output),
            (StageKind::Window(taps), _) => window(stage, taps, operands[0], output),
            (StageKind::Draw(levels), _) => draw(levels, operands[0], output),
            _ => dense(stage, operands[0], output, mean),
        }
    };
    folded.stages.iter().zip(&tensors[folded.inputs.len()..]).enumerate().map(layer).collect()
}

impl Stage {
    /// The geometry of a convolution.
    pub(super) fn phases(&self) -> Option<Phases> {
        let (window, transposed) = match self.kind {
            StageKind::Conv(window) => (window, false),
            StageKind::ConvTranspose(window) => (window, true),
            _ => return None,
        };
        let side = |side: usize| u8::try_from(side).expect("windows are far smaller than 256");
        Some(Phases {
            transposed,
            kernel: side(window.kernel),
            stride: side(window.stride),
            padding: side(window.padding),
            output_padding: side(window.output_padding),
        })
    }
}

/// Real value of a weight of 1, for each of `channels` channels, whose weights are `rows` in turn, channel after channel.
///
/// The largest weight becomes 127; but the accumulator's step is kept so large that the bias fits with room, and that
/// a shift of 32 leaves the multiplier 20 significant bits: below that the weights have no visible effect.
fn weight_scales<'r>(
    channels: usize,
    rows: impl Iterator<Item = &'r [f32]>,
    bias: &[f32],
    (input_scale, output_scale): (f32, f32),
) -> Vec<f64> {
    let mut scales = vec![QuantParams::least_weight_scale(input_scale, output_scale); channels];
    for (index, row) in rows.enumerate() {
        let scale = &mut scales[index % channels];
        let largest = row.iter().fold(0f32, |largest, weight| largest.max(weight.abs()));
        *scale = scale.max(f64::from(largest) / 127.0);
    }
    for (index, bias) in bias.iter().enumerate() {
        let scale = &mut scales[index % channels];
        *scale = scale.max(f64::from(bias.abs()) / f64::from(input_scale) / 29f64.exp2());
    }
    scales
}

/// Each weight in steps of `step` of its place.
fn round_weights(weights: &[f32], step: impl Fn(usize) -> f64) -> Vec<i8> {
    let round = |(place, &weight): (usize, &f32)| (f64::from(weight) / step(place)).round();
    weights.iter().enumerate().map(|weight| round(weight).clamp(-127.0, 127.0) as i8).collect()
}

/// `mean` is that of what it reads, the choice's columns among it.
fn dense(stage: &Stage, input: &StageTensor, output: &StageTensor, mean: Option<&[f32]>) -> QuantizedLayer {
    let columns = stage.weight.len() / stage.bias.len();
    let rows = || stage.weight.chunks(columns);
    let channels = output.shape.channels;
    let input_scale = input.params.scale;
    let choice = stage.choice.as_ref().map_or(0..0, |choice| choice.columns.clone());
    // The input's columns lie in front of the choice's, or behind them.
    let length = input.shape.size();
    let first = if choice.start == 0 { choice.end } else { 0 };
    // A weight of the choice counts `one` times as much as one of the input: 1.0 is as far from 0 as `one` steps.
    let one = (1.0 / input_scale).round();
    let own = rows().map(|row| &row[first..first + length]);
    let mut scales = weight_scales(channels, own, &stage.bias, (input_scale, output.before_activation.scale));
    for (index, row) in rows().enumerate() {
        let largest = row[choice.clone()].iter().fold(0f32, |largest, weight| largest.max(weight.abs()));
        let needed = f64::from(largest) / 127.0 / f64::from(input_scale) / f64::from(one);
        scales[index % channels] = scales[index % channels].max(needed);
    }

    // What a step of the weight at a place is worth.
    let step = |place: usize| {
        let of_choice = choice.contains(&(place % columns));
        let count = if of_choice { f64::from(input_scale) * f64::from(one) } else { 1.0 };
        scales[place / columns % channels] * count
    };
    let rounded = round_weights(&stage.weight, step);
    let lost = lost(stage, (&rounded, step), (mean, Shape::vector(columns)), output.shape);

    // The zero point of the input counts as 0: fold it into the bias.
    let zero_point = i64::from(input.params.zero_point);
    let mut weights = Vec::with_capacity(stage.bias.len() * length);
    let mut bias = Vec::with_capacity(stage.bias.len());
    for (index, (row, &real_bias)) in rounded.chunks(columns).zip(&stage.bias).enumerate() {
        let scale = scales[index % channels];
        let quantized = &row[first..first + length];
        let sum: i64 = quantized.iter().map(|&weight| i64::from(weight)).sum();
        let real_bias = real_bias + lost[index % channels];
        bias.push(round_bias(real_bias, f64::from(input_scale) * scale, zero_point * sum));
        weights.extend_from_slice(quantized);
    }
    if bias.chunks(channels).all(|chunk| chunk == &bias[..channels]) {
        bias.truncate(channels);
    }
    let columns = (!choice.is_empty()).then(|| {
        let column = |column: usize| rounded.chunks(columns).map(move |row| row[column]);
        let columns = choice.clone().flat_map(column);
        (columns.collect(), one as u16)
    });
    let (multipliers, shifts) = multipliers(&scales, input_scale, output.before_activation.scale);
    QuantizedLayer { weights, bias, columns, multipliers, shifts, ..QuantizedLayer::default() }
}

/// `mean` is that of what it reads.
fn conv(
    stage: &Stage,
    phases: Phases,
    input: &StageTensor,
    output: &StageTensor,
    mean: Option<&[f32]>,
) -> QuantizedLayer {
    let (inputs, outputs) = (input.shape.channels, output.shape.channels);
    let kernel = usize::from(phases.kernel);
    let input_scale = input.params.scale;
    let row = kernel * kernel * inputs;
    let rows = stage.weight.chunks(row);
    let scales = weight_scales(outputs, rows, &stage.bias, (input_scale, output.before_activation.scale));
    let step = |place: usize| scales[place / row];
    let rounded = round_weights(&stage.weight, step);
    let lost = lost(stage, (&rounded, step), (mean, input.shape), output.shape);
    let mut weights = vec![0; stage.weight.len()];
    let mut sums = vec![0i64; phases.count() * phases.count() * outputs];
    for (index, &weight) in rounded.iter().enumerate() {
        let (input, rest) = (index % inputs, index / inputs);
        let (column, rest) = (rest % kernel, rest / kernel);
        let (row, output) = (rest % kernel, rest / kernel);
        weights[phases.weight_index((row, column), (input, inputs), (output, outputs))] = weight;
        sums[phases.phase_of(row, column) * outputs + output] += i64::from(weight);
    }
    let zero_point = i64::from(input.params.zero_point);
    let fold = |(index, sum): (usize, &i64)| {
        let channel = index % outputs;
        let bias = stage.bias[channel] + lost[channel];
        round_bias(bias, f64::from(input_scale) * scales[channel], zero_point * sum)
    };
    let bias = sums.iter().enumerate().map(fold).collect();
    let (multipliers, shifts) = multipliers(&scales, input_scale, output.before_activation.scale);
    QuantizedLayer { weights, bias, multipliers, shifts, ..QuantizedLayer::default() }
}

/// The int8 table of `function` from `before` to `after`, the entry for −128 first.
pub(super) fn table(function: Activation, tensor: &StageTensor) -> Vec<i8> {
    let (before, after) = (tensor.before_activation, tensor.params);
    (-128i32..=127)
        .map(|quantized| {
            let real = before.scale * (quantized - i32::from(before.zero_point)) as f32;
            let steps = (function.apply(real) / after.scale).round() + f32::from(after.zero_point);
            // Pictures are symmetric: −128 is not used.
            steps.clamp(if after.zero_point == 0 { -127.0 } else { -128.0 }, 127.0) as i8
        })
        .collect()
}

/// Shape in the file's 16 bits.
pub(super) fn sides(shape: Shape) -> [u16; 3] {
    [shape.height, shape.width, shape.channels].map(|side| u16::try_from(side).expect("sides below 65,536"))
}
