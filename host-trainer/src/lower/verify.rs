//! The written file, run by gan-core, against the floats.

use gan_core::format::OpRecord;
use gan_core::{AlignedBytes, Generator, Model, Tensor};

use super::emit::Written;
use super::fold::{Folded, Stage, StageKind};
use super::report::{LayerReport, LoweringReport, Trial};
use super::{FloatRun, LowerError, show};
use crate::figure::{Figure, Why};
use crate::graph::{Graph, QuantParams, Shape};

/// A layer below this is broken, not just coarse: 8 bits give about 30 dB.
const LEAST_SQNR: f64 = 12.0;
/// Where there is no signal to hold an error against, it may have this root mean square, in steps of the output.
const MOST_STEPS: f64 = 1.0;
/// Least share of pixels that must be drawn as the floats draw them, where both see the same pixels before.
const LEAST_SAME: f64 = 0.98;
/// Pictures below this look different.
const LEAST_PSNR: f64 = 28.0;
/// Steps of a picture from black to white.
const STEPS: f64 = 254.0;

/// How far a model is from the floats that it was lowered from.
#[derive(Debug)]
pub struct Comparison {
    /// Signal to quantization noise of each op's output against the floats, in dB, all error of earlier ops included.
    pub sqnr: Vec<Figure>,
    /// Of a model that draws pixel by pixel the share of pixels that it draws as the floats do, where both see the same pixels
    /// before.
    pub same_draws: Option<f64>,
}

/// Compares `model` with the `graph` and its `folded` stages that it was lowered from, of which `run` holds the floats.
///
/// # Errors
/// The model's ops are not the stages': it was lowered from another network, or by another version.
pub fn compare(
    model: &Model<'_>,
    graph: &Graph,
    folded: &Folded,
    run: &FloatRun,
) -> Result<Comparison, LowerError> {
    let stages = folded.stages.iter().map(|stage| graph.nodes[stage.output].shape);
    let ops = stage_tensors(model).into_iter().map(|Tensor { shape, .. }| {
        Shape::new(shape.height.into(), shape.width.into(), shape.channels.into())
    });
    if !ops.eq(stages) {
        return Err(LowerError::OtherNetwork);
    }
    let noises = noises(model, graph, folded, run);
    Ok(Comparison {
        sqnr: noises.iter().map(Noise::sqnr).collect(),
        same_draws: noises.iter().find_map(Noise::same_draws),
    })
}

fn noises(model: &Model<'_>, graph: &Graph, folded: &Folded, run: &FloatRun) -> Vec<Noise> {
    let stages = &folded.stages;
    let tensors = stage_tensors(model);
    let noise = |(stage, tensor): (&Stage, &Tensor)| Noise {
        drawn: matches!(stage.kind, StageKind::Draw(_)),
        ..Noise::new(tensor, graph.is_output(stage.output))
    };
    let mut noises: Vec<Noise> = stages.iter().zip(&tensors).map(noise).collect();
    let mut memory = vec![0; model.arena_bytes() + 15];
    let mut generator = Generator::in_memory(model, &mut memory).expect("the arena has the model's size");
    for (entered, entry) in model.entries().enumerate() {
        generator.enter(entered);
        for (number, latent) in run.latents.iter().enumerate() {
            let mut pixels = vec![0; stages.len()];
            show(&mut generator, run.originals_of(entered), number);
            generator.generate_altered(latent, |op, output| {
                let op = usize::from(entry.first) + op;
                let stage = &stages[op];
                if !run.holds(stage.output, entered) {
                    return;
                }
                // How often it is run for a picture, and how often it was before.
                let outputs = &run.outputs[stage.output];
                let (times, pixel) = (outputs.len() / run.latents.len() / output.len(), pixels[op]);
                pixels[op] += 1;
                if let StageKind::Draw(_) = stage.kind {
                    // The pixel that it drew; the next ones see the floats' past.
                    let float = outputs[number * output.len() + pixel];
                    let wanted = quantize(&tensors[op], float);
                    noises[op].add(&tensors[op], &output[pixel..=pixel], &[float]);
                    noises[op].same += usize::from(output[pixel] == wanted);
                    output[pixel] = wanted;
                } else {
                    let floats = &outputs[(number * times + pixel) * output.len()..][..output.len()];
                    noises[op].add(&tensors[op], output, floats);
                }
            });
        }
    }
    noises
}

/// The tensors that the ops of a lowered model write, in the stages' order.
fn stage_tensors(model: &Model<'_>) -> Vec<Tensor> {
    let output = |op: OpRecord| model.tensor(op.output).expect("a parsed model has its tensors");
    model.file().ops.iter().map(output).collect()
}

/// Runs the file on the latents of `run` and compares.
pub(super) fn report(
    written: &Written,
    graph: &Graph,
    folded: &Folded,
    trials: Vec<Trial>,
    run: &FloatRun,
) -> Result<LoweringReport, LowerError> {
    let aligned = AlignedBytes::new(&written.file);
    let model: Model = Model::parse(&aligned)?;
    let errors = noises(&model, graph, folded, run);
    let stages = &folded.stages;
    let layers = (stages
        .iter()
        .zip(&errors)
        .zip(written.constant_bytes.iter().zip(model.macs()))
        .zip(&stage_tensors(&model)))
    .map(|(((stage, noise), (&bytes, macs)), tensor)| LayerReport {
        name: stage.name.clone(),
        op: stage.describe(),
        shape: graph.nodes[stage.output].shape,
        scale: tensor.scale,
        range: (dequantize(tensor, -128), dequantize(tensor, 127)),
        sqnr: noise.sqnr(),
        error_steps: noise.error_steps(),
        same_draws: noise.same_draws(),
        bytes,
        macs,
    })
    .collect::<Vec<_>>();
    let pictures = errors.iter().filter(|noise| noise.fixed);
    let psnr = pictures.map(Noise::psnr).fold(f64::INFINITY, f64::min);
    let (file_bytes, arena_bytes, pictures) = (written.file.len(), model.arena_bytes(), run.latents.len());
    let white = STEPS * f64::from(graph.picture_range().params().scale);
    let contrast = contrast(&run.outputs[graph.output()], graph.output_shape().size(), white);
    Ok(LoweringReport { layers, file_bytes, arena_bytes, psnr, contrast, pictures, trials })
}

/// Refuses what is too far from the floats. Where they have no signal to compare with, as before any training, a layer
/// must not add one of its own.
pub(super) fn check(report: &LoweringReport) -> Result<(), LowerError> {
    for LayerReport { name, sqnr, error_steps, same_draws, .. } in &report.layers {
        let layer = name.clone();
        if let Some(found) = *same_draws {
            // Levels differ whole or not at all: a ratio of squares says little.
            match found < LEAST_SAME {
                true => return Err(LowerError::DrawError { found, bound: LEAST_SAME }),
                false => return Ok(()),
            }
        }
        match (*sqnr, *error_steps) {
            (Figure::None(Why::NotFinite), _) => return Err(LowerError::NotFinite { layer }),
            (Figure::None(_), found) if found > MOST_STEPS => {
                return Err(LowerError::NoSignalError { layer, found, bound: MOST_STEPS });
            }
            (Figure::Sound(found) | Figure::Doubtful(found, _), _) if found < LEAST_SQNR => {
                return Err(LowerError::LayerError { layer, found, bound: LEAST_SQNR });
            }
            _ => {}
        }
    }
    match report.psnr < LEAST_PSNR {
        true => Err(LowerError::PictureError { found: report.psnr, bound: LEAST_PSNR }),
        false => Ok(()),
    }
}

fn quantize(tensor: &Tensor, real: f32) -> i8 {
    QuantParams { scale: tensor.scale, zero_point: tensor.zero_point }.quantize(real)
}

fn dequantize(tensor: &Tensor, value: i8) -> f32 {
    tensor.scale * (f32::from(value) - f32::from(tensor.zero_point))
}

impl Stage {
    fn describe(&self) -> String {
        let linear = match self.kind {
            StageKind::Dense => "dense".to_owned(),
            StageKind::Conv(window) => {
                format!("conv {0}×{0} s{1} p{2}", window.kernel, window.stride, window.padding)
            }
            StageKind::Sum => format!("sum of {}", self.operands.len()),
            StageKind::Concat => format!("join of {}", self.operands.len()),
            StageKind::Embedding => "embedding".to_owned(),
            StageKind::InstanceNorm { .. } => "instance norm".to_owned(),
            StageKind::Product => format!("product of {}", self.operands.len()),
            StageKind::Attention => "attention".to_owned(),
            StageKind::Window(taps) => format!("window of {}", taps.len()),
            StageKind::Draw(levels) => format!("draw of {}", levels.len()),
            StageKind::ConvTranspose(window) => {
                format!("conv_transpose {0}×{0} s{1} p{2}", window.kernel, window.stride, window.padding)
            }
        };
        match self.activation {
            None => linear,
            Some(function) => format!("{linear}, {}", function.name()),
        }
    }
}

/// How far `pictures`, of `size` values each of which black and white are `white` apart, are from their mean: root mean square, in levels of 255.
fn contrast(pictures: &[f32], size: usize, white: f64) -> f64 {
    let count = (pictures.len() / size) as f64;
    let mut mean = vec![0f64; size];
    for picture in pictures.chunks(size) {
        mean.iter_mut().zip(picture).for_each(|(mean, &value)| *mean += f64::from(value) / count);
    }
    let squares =
        pictures.iter().zip(mean.iter().cycle()).map(|(&value, mean)| (f64::from(value) - mean).powi(2));
    (squares.sum::<f64>() / pictures.len() as f64).sqrt() * 255.0 / white
}

/// Sums of squares of a layer's floats and of its error.
#[derive(Debug, Clone)]
struct Noise {
    signal: f64,
    error: f64,
    values: usize,
    /// Real value of a step of the layer's output.
    step: f64,
    /// Whether the step is the same for every network, however faint its signal: a picture's.
    fixed: bool,
    /// Whether it is a draw.
    drawn: bool,
    /// Pixels that it draws as the floats do.
    same: usize,
}

impl Noise {
    fn new(tensor: &Tensor, fixed: bool) -> Self {
        Noise {
            signal: 0.0,
            error: 0.0,
            values: 0,
            step: f64::from(tensor.scale),
            fixed,
            drawn: false,
            same: 0,
        }
    }

    fn add(&mut self, tensor: &Tensor, quantized: &[i8], floats: &[f32]) {
        // What is blacker than black or whiter than white is seen as black or white.
        let ends =
            if self.fixed { [-127, 127].map(|end| dequantize(tensor, end)) } else { [f32::MIN, f32::MAX] };
        let seen = |float: f32| if float.is_nan() { float } else { float.clamp(ends[0], ends[1]) };
        for (&quantized, &float) in quantized.iter().zip(floats) {
            let float = seen(float);
            let difference = f64::from(dequantize(tensor, quantized) - float);
            self.signal += f64::from(float).powi(2);
            self.error += difference.powi(2);
        }
        self.values += floats.len();
    }

    /// Whether the floats are too faint to be judged by a ratio: an error of [`MOST_STEPS`] alone would fail. A step that
    /// was made for the floats is small enough for any but 0.
    fn is_faint(&self) -> bool {
        let least = if self.fixed { MOST_STEPS * self.step * 10f64.powf(LEAST_SQNR / 20.0) } else { 0.0 };
        self.signal <= self.values as f64 * least.powi(2)
    }

    fn sqnr(&self) -> Figure {
        match (self.is_faint(), self.error > 0.0) {
            (true, _) => Figure::None(Why::NoSignal),
            (false, false) => Figure::None(Why::NoError),
            (false, true) => Figure::of(10.0 * (self.signal / self.error).log10()),
        }
    }

    fn same_draws(&self) -> Option<f64> {
        self.drawn.then(|| self.same as f64 / self.values as f64)
    }

    fn error_steps(&self) -> f64 {
        (self.error / self.values as f64).sqrt() / self.step
    }

    fn psnr(&self) -> f64 {
        10.0 * ((STEPS * self.step).powi(2) * self.values as f64 / self.error).log10()
    }
}
