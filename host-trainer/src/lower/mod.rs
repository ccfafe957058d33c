//! From a trained graph of floats to one int8 model file.
//!
//! 1. `fold`: batch norms and activations join the layer before them, leaving *stages*;
//! 2. `range`: each stage's output gets a scale and a zero point from what the floats do on calibration latents;
//! 3. `quantize`: weights per output channel, biases with the input's zero point folded in, multipliers;
//! 4. `plan`: tensors get their places in the arena;
//! 5. `emit`: the file;
//! 6. `verify`: the file is run by gan-core and held against the floats.
//!
//! The arithmetic is that of Jacob et al. (2018), "Quantization and Training of Neural Networks for Efficient
//! Integer-Arithmetic-Only Inference", with one rounding. Lowering is deterministic: the same graph, numbers and
//! calibration give the same bytes.

mod emit;
mod float_run;
mod fold;
mod plan;
mod quantize;
mod range;
mod report;
mod verify;

pub use float_run::FloatRun;
pub use fold::{Stage, StageInput, StageKind, fold};
pub use report::{LayerReport, Report};

use gan_core::ParseError;
use thiserror::Error;

use crate::graph::{Graph, Parameters};

/// What keeps a graph from being lowered.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum LowerError {
    /// The graph has a layer, or layers in an order, that no op computes.
    #[error("layer {layer}: {what}")]
    Unsupported {
        /// The layer's name.
        layer: String,
        /// What is not supported, and what is.
        what: &'static str,
    },
    /// A float of the trained network, or one that it computes, is not a number.
    #[error("layer {layer}: a weight or output is not finite; was the training run stopped by NaN?")]
    NotFinite {
        /// The layer's name.
        layer: String,
    },
    /// The lowered layer differs too much from the floats.
    #[error("layer {layer}: SQNR {found:.1} dB after quantization, at least {bound:.1} dB expected")]
    LayerError {
        /// The layer's name.
        layer: String,
        /// Signal to quantization noise, in dB.
        found: f64,
        /// The least that passes.
        bound: f64,
    },
    /// The lowered pictures differ too much from the floats'.
    #[error("pictures: PSNR {found:.1} dB after quantization, at least {bound:.1} dB expected")]
    PictureError {
        /// Peak signal to noise, in dB.
        found: f64,
        /// The least that passes.
        bound: f64,
    },
    /// gan-core refuses the file: an error in the lowering.
    #[error("gan-core refuses the lowered model: {0}")]
    Refused(#[from] ParseError),
}

/// A model file and how it compares with the floats.
#[derive(Debug, Clone)]
pub struct Lowered {
    /// The `.gan` file.
    pub file: Vec<u8>,
    /// Sizes and errors, layer by layer.
    pub report: Report,
}

/// Lowers `graph` with the numbers `parameters`, one a node, to a model named `name`.
///
/// Ranges are taken from `calibration`; the file is then verified on `held_out`, a run on other latents.
///
/// # Errors
/// The graph holds what no op computes, or the result is too far from the floats; see [`LowerError`].
pub fn lower(
    name: &str,
    graph: &Graph,
    parameters: &[Parameters],
    calibration: &FloatRun,
    held_out: &FloatRun,
) -> Result<Lowered, LowerError> {
    let (stages, written) = write(name, graph, parameters, calibration)?;
    let report = verify::verify(&written, graph, &stages, held_out)?;
    Ok(Lowered { file: written.file, report })
}

/// The file that [`lower`] writes, not held against the floats: of an untrained network, whose pictures are too faint for
/// that, only the sizes are of interest.
///
/// # Errors
/// As [`lower`], but for the bounds.
pub fn lower_untrained(
    name: &str,
    graph: &Graph,
    parameters: &[Parameters],
    calibration: &FloatRun,
) -> Result<Vec<u8>, LowerError> {
    Ok(write(name, graph, parameters, calibration)?.1.file)
}

fn write(
    name: &str,
    graph: &Graph,
    parameters: &[Parameters],
    calibration: &FloatRun,
) -> Result<(Vec<Stage>, emit::Written), LowerError> {
    let stages = fold(graph, parameters)?;
    let tensors = range::tensors(graph, &stages, calibration)?;
    let layers = quantize::layers(graph, &stages, &tensors);
    let offsets = plan::offsets(&plan::lifetimes(&stages, &tensors));
    let written = emit::file(name, graph, &stages, &tensors, &layers, &offsets);
    Ok((stages, written))
}

#[cfg(test)]
mod tests;
