//! The written file, run by gan-core, against the floats.

use gan_core::{AlignedBytes, Generator, Model, Tensor};

use super::emit::Written;
use super::fold::{Stage, StageKind};
use super::report::{LayerReport, Report, Trial};
use super::{FloatRun, LowerError};
use crate::graph::Graph;

/// A layer below this is broken, not just coarse: 8 bits give about 30 dB.
const LEAST_SQNR: f64 = 12.0;
/// Pictures below this look different.
const LEAST_PSNR: f64 = 28.0;

/// Signal to quantization noise of each op's output against the floats, in dB, all error of earlier ops included.
///
/// `model` was lowered from `stages`, of which `run` holds the floats.
pub fn sqnr(model: &Model<'_>, stages: &[Stage], run: &FloatRun) -> Vec<f64> {
    noises(model, stages, run).iter().map(Noise::sqnr).collect()
}

fn noises(model: &Model<'_>, stages: &[Stage], run: &FloatRun) -> Vec<Noise> {
    let mut noises = vec![Noise::default(); stages.len()];
    let mut memory = vec![0; model.arena_bytes()];
    let mut generator = Generator::in_memory(model, &mut memory).expect("the arena has the model's size");
    for (number, latent) in run.latents.iter().enumerate() {
        generator.generate_observed(latent, |op, output| {
            let tensor = &model.tensors()[op + 1];
            let floats = &run.outputs[stages[op].output][number * output.len()..][..output.len()];
            noises[op].add(tensor, output, floats);
        });
    }
    noises
}

/// Runs the file on the latents of `run` and compares.
pub(super) fn report(
    written: &Written,
    graph: &Graph,
    stages: &[Stage],
    trials: Vec<Trial>,
    run: &FloatRun,
) -> Result<Report, LowerError> {
    let aligned = AlignedBytes::new(&written.file);
    let model: Model = Model::parse(&aligned)?;
    let errors = noises(&model, stages, run);
    let layers = (stages
        .iter()
        .zip(&errors)
        .zip(written.constant_bytes.iter().zip(model.macs()))
        .zip(&model.tensors()[1..]))
    .map(|(((stage, noise), (&bytes, macs)), tensor)| LayerReport {
        name: stage.name.clone(),
        op: stage.describe(),
        shape: graph.nodes[stage.output].shape,
        scale: tensor.scale,
        range: (dequantize(tensor, -128), dequantize(tensor, 127)),
        sqnr: noise.sqnr(),
        bytes,
        macs,
    })
    .collect::<Vec<_>>();
    let psnr = errors.last().map_or(f64::INFINITY, Noise::psnr);
    let (file_bytes, arena_bytes, pictures) = (written.file.len(), model.arena_bytes(), run.latents.len());
    Ok(Report { layers, file_bytes, arena_bytes, psnr, pictures, trials })
}

/// Refuses what is too far from the floats.
pub(super) fn check(report: &Report) -> Result<(), LowerError> {
    if let Some(layer) = report.layers.iter().find(|layer| layer.sqnr < LEAST_SQNR) {
        let (layer, found) = (layer.name.clone(), layer.sqnr);
        return Err(LowerError::LayerError { layer, found, bound: LEAST_SQNR });
    }
    match report.psnr < LEAST_PSNR {
        true => Err(LowerError::PictureError { found: report.psnr, bound: LEAST_PSNR }),
        false => Ok(()),
    }
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

/// Sums of squares of a layer's floats and of its error.
#[derive(Debug, Clone, Default)]
struct Noise {
    signal: f64,
    error: f64,
    values: usize,
}

impl Noise {
    fn add(&mut self, tensor: &Tensor, quantized: &[i8], floats: &[f32]) {
        for (&quantized, &float) in quantized.iter().zip(floats) {
            let difference = f64::from(dequantize(tensor, quantized) - float);
            self.signal += f64::from(float).powi(2);
            self.error += difference.powi(2);
        }
        self.values += floats.len();
    }

    fn sqnr(&self) -> f64 {
        10.0 * (self.signal / self.error).log10()
    }

    /// Pictures span −1 to 1: the peak is 2.
    fn psnr(&self) -> f64 {
        10.0 * (4.0 * self.values as f64 / self.error).log10()
    }
}
