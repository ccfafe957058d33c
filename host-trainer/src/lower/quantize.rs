//! Weights, biases and multipliers as integers.

use gan_core::ops::phases::Phases;

use super::fold::{Stage, StageInput, StageKind};
use super::range::StageTensor;
use crate::graph::{Activation, Graph, Shape};

/// The integers of a stage.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct QuantizedLayer {
    /// In the order in which gan-core reads them.
    pub(super) weights: Vec<i8>,
    /// Dense: one a channel or an output; convolutions: `[phase][output channel]`.
    pub(super) bias: Vec<i32>,
    /// Columns of the class, `[class][output]`, and what stands for 1.0.
    pub(super) class: Option<(Vec<i8>, u16)>,
    /// One a channel.
    pub(super) multipliers: Vec<i32>,
    /// One a channel.
    pub(super) shifts: Vec<u8>,
}

/// Quantizes all stages; `tensors` are the latent's and the stages'.
pub(super) fn layers(graph: &Graph, stages: &[Stage], tensors: &[StageTensor]) -> Vec<QuantizedLayer> {
    stages
        .iter()
        .zip(&tensors[1..])
        .map(|(stage, output)| {
            let input = &tensors[stage.input.tensor()];
            match stage.phases() {
                None => dense(graph, stage, input, output),
                Some(phases) => conv(stage, phases, input, output),
            }
        })
        .collect()
}

impl Stage {
    /// The geometry of a convolution.
    pub(super) fn phases(&self) -> Option<Phases> {
        let (window, transposed) = match self.kind {
            StageKind::Dense => return None,
            StageKind::Conv(window) => (window, false),
            StageKind::ConvTranspose(window) => (window, true),
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
    let mut scales = vec![least_weight_scale(input_scale, output_scale); channels];
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

/// The smallest step of a weight that leaves a multiplier of shift 32 its 20 significant bits.
pub(crate) fn least_weight_scale(input_scale: f32, output_scale: f32) -> f64 {
    f64::from(output_scale) / f64::from(input_scale) * (-12f64).exp2()
}

fn round_weight(weight: f32, scale: f64) -> i8 {
    (f64::from(weight) / scale).round().clamp(-127.0, 127.0) as i8
}

fn dense(graph: &Graph, stage: &Stage, input: &StageTensor, output: &StageTensor) -> QuantizedLayer {
    let columns = stage.weight.len() / stage.bias.len();
    let rows = || stage.weight.chunks(columns);
    let channels = output.shape.channels;
    let input_scale = input.numbers.scale;
    let (first, length, class_column) = match stage.input {
        StageInput::Latent { latent_column, class_column } => {
            (latent_column, input.shape.size(), class_column)
        }
        StageInput::Stage(_) => (0, columns, None),
    };
    let classes = class_column.and(graph.classes()).unwrap_or(0);
    let class_column = class_column.unwrap_or(0);
    // A weight of the class counts `one` times as much as one of the input: 1.0 is as far from 0 as `one` steps.
    let one = (1.0 / input_scale).round();
    let own = rows().map(|row| &row[first..first + length]);
    let mut scales = weight_scales(channels, own, &stage.bias, (input_scale, output.before_activation.scale));
    let class_part = class_column..class_column + classes;
    for (index, row) in rows().enumerate() {
        let largest = row[class_part.clone()].iter().fold(0f32, |largest, weight| largest.max(weight.abs()));
        let needed = f64::from(largest) / 127.0 / f64::from(input_scale) / f64::from(one);
        scales[index % channels] = scales[index % channels].max(needed);
    }

    // The zero point of the input counts as 0: fold it into the bias.
    let zero_point = i64::from(input.numbers.zero_point);
    let mut weights = Vec::with_capacity(stage.bias.len() * length);
    let mut bias = Vec::with_capacity(stage.bias.len());
    for (index, (row, &real_bias)) in rows().zip(&stage.bias).enumerate() {
        let scale = scales[index % channels];
        let quantized: Vec<i8> =
            row[first..first + length].iter().map(|&weight| round_weight(weight, scale)).collect();
        let sum: i64 = quantized.iter().map(|&weight| i64::from(weight)).sum();
        bias.push(round_bias(real_bias, f64::from(input_scale) * scale, zero_point * sum));
        weights.extend(quantized);
    }
    if bias.chunks(channels).all(|chunk| chunk == &bias[..channels]) {
        bias.truncate(channels);
    }
    let class = (classes > 0).then(|| {
        let weight = |class: usize, (index, row): (usize, &[f32])| {
            let step = scales[index % channels] * f64::from(input_scale) * f64::from(one);
            round_weight(row[class_part.start + class], step)
        };
        let columns = (0..classes).flat_map(|class| rows().enumerate().map(move |row| weight(class, row)));
        (columns.collect(), one as u16)
    });
    let (multipliers, shifts) = multipliers(&scales, input_scale, output.before_activation.scale);
    QuantizedLayer { weights, bias, class, multipliers, shifts }
}

fn conv(stage: &Stage, phases: Phases, input: &StageTensor, output: &StageTensor) -> QuantizedLayer {
    let (inputs, outputs) = (input.shape.channels, output.shape.channels);
    let kernel = usize::from(phases.kernel);
    let input_scale = input.numbers.scale;
    let rows = stage.weight.chunks(kernel * kernel * inputs);
    let scales = weight_scales(outputs, rows, &stage.bias, (input_scale, output.before_activation.scale));
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
    let zero_point = i64::from(input.numbers.zero_point);
    let fold = |(index, sum): (usize, &i64)| {
        let channel = index % outputs;
        round_bias(stage.bias[channel], f64::from(input_scale) * scales[channel], zero_point * sum)
    };
    let bias = sums.iter().enumerate().map(fold).collect();
    let (multipliers, shifts) = multipliers(&scales, input_scale, output.before_activation.scale);
    QuantizedLayer { weights, bias, class: None, multipliers, shifts }
}

/// `bias / step − folded`; fits, as [`weight_scales`] keeps the step large.
fn round_bias(bias: f32, step: f64, folded: i64) -> i32 {
    ((f64::from(bias) / step).round() as i64 - folded) as i32
}

/// multiplier / 2^shift = input scale · weight scale / output scale: a shift of 32 wherever the multiplier then fits.
fn multipliers(scales: &[f64], input_scale: f32, output_scale: f32) -> (Vec<i32>, Vec<u8>) {
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

/// The int8 table of `function` from `before` to `after`, the entry for −128 first.
pub(super) fn table(function: Activation, tensor: &StageTensor) -> Vec<i8> {
    let (before, after) = (tensor.before_activation, tensor.numbers);
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
