//! Weights, biases and multipliers as integers.

use gan_core::ops::phases::Phases;

use super::FloatRun;
use super::adaptive::{attention, draw, instance_norm, product, window};
use super::bias::lost;
use super::fold::{Folded, Stage, StageKind};
use super::integers::{QuantizedLayer, multipliers, round_bias};
use super::terms::{embedding, terms};
use crate::graph::{Activation, QuantParams, Shape, StageTensor};

/// Quantizes all stages; `tensors` are those of the model, the inputs' first. What the floats do, in `run`, tells what the biases are to
/// make up for.
pub(super) fn layers(
    folded: &Folded,
    tensors: &[StageTensor],
    run: Option<&FloatRun>,
) -> Vec<QuantizedLayer> {
    let layer = |(stage, output): (&Stage, &StageTensor)| {
        let operands: Vec<&StageTensor> = stage.operands.iter().map(|&operand| &tensors[operand]).collect();
        let read = run.zip(stage.operand).map_or(&[][..], |(run, node)| &run.outputs[node]);
        match (stage.kind, stage.phases()) {
            (_, Some(phases)) => conv(stage, phases, operands[0], output, read),
            (StageKind::Sum | StageKind::Concat, _) => terms(stage, &operands, output),
            (StageKind::Embedding, _) => embedding(stage, output),
            (StageKind::InstanceNorm { epsilon }, _) => instance_norm(stage, epsilon, operands[0], output),
            (StageKind::Product, _) => product(stage, &operands, output),
            (StageKind::Attention, _) => attention(&operands, output),
            (StageKind::Window(taps), _) => window(stage, taps, operands[0], output),
            (StageKind::Draw(levels), _) => draw(levels, operands[0], output),
            _ => dense(stage, operands[0], output, read),
        }
    };
    folded.stages.iter().zip(&tensors[folded.inputs.len()..]).map(layer).collect()
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

/// What a weight is worth once it is rounded to steps of `scale`.
fn rounded(weight: f32, scale: f64) -> f32 {
    (scale * f64::from(round_weight(weight, scale))) as f32
}

fn round_weight(weight: f32, scale: f64) -> i8 {
    (f64::from(weight) / scale).round().clamp(-127.0, 127.0) as i8
}

/// `read` is what the floats read, the choice's columns among it.
fn dense(stage: &Stage, input: &StageTensor, output: &StageTensor, read: &[f32]) -> QuantizedLayer {
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

    // What a step of a weight is, in an output's row and in a column.
    let step = |index: usize, column: usize| {
        let count = if choice.contains(&column) { f64::from(input_scale) * f64::from(one) } else { 1.0 };
        scales[index % channels] * count
    };
    let rounded: Vec<f32> = (stage.weight.iter().enumerate())
        .map(|(place, &weight)| rounded(weight, step(place / columns, place % columns)))
        .collect();
    let lost = lost(stage, &rounded, (read, Shape::vector(columns)), output.shape);

    // The zero point of the input counts as 0: fold it into the bias.
    let zero_point = i64::from(input.params.zero_point);
    let mut weights = Vec::with_capacity(stage.bias.len() * length);
    let mut bias = Vec::with_capacity(stage.bias.len());
    for (index, (row, &real_bias)) in rows().zip(&stage.bias).enumerate() {
        let scale = scales[index % channels];
        let quantized: Vec<i8> =
            row[first..first + length].iter().map(|&weight| round_weight(weight, scale)).collect();
        let sum: i64 = quantized.iter().map(|&weight| i64::from(weight)).sum();
        let real_bias = real_bias + lost[index % channels];
        bias.push(round_bias(real_bias, f64::from(input_scale) * scale, zero_point * sum));
        weights.extend(quantized);
    }
    if bias.chunks(channels).all(|chunk| chunk == &bias[..channels]) {
        bias.truncate(channels);
    }
    let columns = (!choice.is_empty()).then(|| {
        let weight = |row: usize, (index, weights): (usize, &[f32])| {
            let column = choice.start + row;
            round_weight(weights[column], step(index, column))
        };
        let columns =
            (0..choice.len()).flat_map(|row| rows().enumerate().map(move |weights| weight(row, weights)));
        (columns.collect(), one as u16)
    });
    let (multipliers, shifts) = multipliers(&scales, input_scale, output.before_activation.scale);
    QuantizedLayer { weights, bias, columns, multipliers, shifts, ..QuantizedLayer::default() }
}

/// `read` is what the floats read.
fn conv(
    stage: &Stage,
    phases: Phases,
    input: &StageTensor,
    output: &StageTensor,
    read: &[f32],
) -> QuantizedLayer {
    let (inputs, outputs) = (input.shape.channels, output.shape.channels);
    let kernel = usize::from(phases.kernel);
    let input_scale = input.params.scale;
    let row = kernel * kernel * inputs;
    let rows = stage.weight.chunks(row);
    let scales = weight_scales(outputs, rows, &stage.bias, (input_scale, output.before_activation.scale));
    let rounded: Vec<f32> = (stage.weight.iter().enumerate())
        .map(|(place, &weight)| rounded(weight, scales[place / row]))
        .collect();
    let lost = lost(stage, &rounded, (read, input.shape), output.shape);
    let mut weights = vec![0; stage.weight.len()];
    let mut sums = vec![0i64; phases.count() * phases.count() * outputs];
    for (index, &weight) in stage.weight.iter().enumerate() {
        let (input, rest) = (index % inputs, index / inputs);
        let (column, rest) = (rest % kernel, rest / kernel);
        let (row, output) = (rest % kernel, rest / kernel);
        let weight = round_weight(weight, scales[output]);
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
