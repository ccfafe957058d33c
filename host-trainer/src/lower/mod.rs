//! From a trained graph of floats to one int8 model file.
//!
//! 0. `equalize`: channels in front of an instance norm are made to reach equally far;
//! 1. `fold`: batch norms and activations join the layer before them, leaving *stages*;
//! 2. `range`: each stage's output gets a scale and a zero point from what the floats do on calibration latents, by a
//!    method of `calibration`;
//! 3. `quantize`: weights per output channel, biases with the input's zero point and what the weights lose by rounding (`bias`) folded
//!    in, multipliers;
//! 4. `emit`: the file, in which gan-core gives the tensors their places in the arena;
//! 5. `verify`: the file is run by gan-core and held against the floats.
//!
//! Where several methods of calibration are tried, steps 2 to 5 are done for each, and the closest file is kept.
//!
//! The arithmetic is that of Jacob et al. (2018), "Quantization and Training of Neural Networks for Efficient
//! Integer-Arithmetic-Only Inference", with one rounding. Lowering is deterministic: the same graph, numbers and
//! calibration give the same bytes.

mod adaptive;
mod bias;
mod calibration;
mod emit;
mod equalize;
mod fake;
mod float_run;
mod fold;
mod integers;
mod norm;
mod quantize;
mod range;
mod readers;
mod report;
mod terms;
mod verify;

pub use calibration::{Calibration, Method};
pub use equalize::Equalized;
pub use fake::fake_quantization;
pub use float_run::{FloatRun, show};
pub use fold::{Folded, ReadChoice, Stage, StageKind, fold};
pub use report::{LayerReport, LoweringReport, Trial};
pub use verify::{Comparison, compare};

use std::borrow::Cow;

use gan_core::ParseError;
use thiserror::Error;

use self::bias::Means;
use crate::graph::{Graph, Parameters, StageTensor};

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
    /// The lowered layer draws what the floats do not.
    #[error(
        "layer {layer}: off by {found:.1} steps after quantization where the floats have no signal, at most {bound:.1} \
         expected"
    )]
    NoSignalError {
        /// The layer's name.
        layer: String,
        /// Root mean square of the error, in steps of the layer's output.
        found: f64,
        /// The most that passes.
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
    /// The lowered model draws other levels than the floats.
    #[error(
        "draws the level that the floats draw, after the same pixels, in {:.1} % of pixels, at least {:.1} % expected",
        100.0 * .found,
        100.0 * .bound
    )]
    DrawError {
        /// As a share.
        found: f64,
        /// The least that passes.
        bound: f64,
    },
    /// A model is held against floats that are not those it was lowered from.
    #[error(
        "the model has other layers than its floats: it was lowered from another network, or by another version of this \
         program; `lower` makes it anew from its floats"
    )]
    OtherNetwork,
    /// gan-core refuses the file: an error in the lowering.
    #[error("gan-core refuses the lowered model: {0}")]
    Refused(ParseError),
}

impl From<ParseError> for LowerError {
    fn from(cause: ParseError) -> LowerError {
        LowerError::Refused(cause)
    }
}

/// A model file and how it compares with the floats.
#[derive(Debug, Clone)]
pub struct Lowered {
    /// The `.gan` file.
    pub file: Vec<u8>,
    /// Sizes and errors, layer by layer.
    pub report: LoweringReport,
}

/// What the floats do on three sets of latents that have none in common.
#[derive(Debug, Clone)]
pub struct FloatRuns {
    /// Ranges are taken from it.
    pub calibration: FloatRun,
    /// The method of calibration is chosen by it.
    pub selection: FloatRun,
    /// The result is verified and reported on it.
    pub held_out: FloatRun,
}

/// What a model and its classes are called.
#[derive(Debug, Clone, Copy)]
pub struct Labels<'a> {
    /// The model's name.
    pub model: &'a str,
    /// One per class; none where they have no names.
    pub classes: &'a [String],
}

/// How a network is lowered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Lowering {
    /// How int8 ranges are chosen.
    pub calibration: Calibration,
    /// Whether the floats were fine-tuned with their weights rounded. If so, biases stay as they were learned; those of others take in
    /// what rounding loses on average.
    pub tuned: bool,
}

/// Of floats that were trained as floats.
impl From<Calibration> for Lowering {
    fn from(calibration: Calibration) -> Self {
        Lowering { calibration, tuned: false }
    }
}

/// Lowers `graph` with the numbers `parameters`, one per node, to a model with these `labels`.
///
/// # Errors
/// The graph holds what no op computes, or the result is too far from the floats; see [`LowerError`].
pub fn lower(
    labels: Labels<'_>,
    graph: &Graph,
    parameters: &[Parameters],
    how: impl Into<Lowering>,
    runs: &FloatRuns,
) -> Result<Lowered, LowerError> {
    let equalized = Equalized::of(graph, parameters, || Cow::Borrowed(&runs.calibration));
    let (folded, runs) = (fold(graph, &equalized.parameters)?, &equalized.runs(runs));
    let (best, trials) = closest(labels, graph, &folded, how.into(), runs)?;
    let report = verify::report(&best.written, graph, &folded, trials, &runs.held_out)?;
    verify::check(&report)?;
    Ok(Lowered { file: best.written.file, report })
}

/// The file that [`lower`] writes, not held against the floats: of an untrained network, whose pictures are too faint for
/// that, only the sizes are of interest.
///
/// # Errors
/// As [`lower`], but for the bounds.
pub fn lower_untrained(
    labels: Labels<'_>,
    graph: &Graph,
    parameters: &[Parameters],
    calibration: &FloatRun,
) -> Result<Vec<u8>, LowerError> {
    let folded = fold(graph, parameters)?;
    Ok(write(labels, graph, &folded, (calibration, Method::MinMax), None)?.1.file)
}

/// The tensors of the model that [`lower`] makes of tuned floats, however far that is from the floats: the inputs', then one per stage of
/// [`fold`]'s.
///
/// # Errors
/// The graph holds what no op computes, or a number that is not finite.
pub fn tensors(
    graph: &Graph,
    parameters: &[Parameters],
    calibration: Calibration,
    runs: &FloatRuns,
) -> Result<Vec<StageTensor>, LowerError> {
    let labels = Labels { model: &graph.name, classes: &[] };
    let how = Lowering { calibration, tuned: true };
    let (best, _) = closest(labels, graph, &fold(graph, parameters)?, how, runs)?;
    Ok(best.tensors)
}

/// A file by one method of calibration.
struct Candidate {
    tensors: Vec<StageTensor>,
    written: emit::Written,
    psnr: f64,
}

/// The candidate whose pictures are closest to the floats', of two alike the first, and what was tried.
fn closest(
    labels: Labels<'_>,
    graph: &Graph,
    folded: &Folded,
    Lowering { calibration, tuned }: Lowering,
    runs: &FloatRuns,
) -> Result<(Candidate, Vec<Trial>), LowerError> {
    let means = (!tuned).then(|| Means::of(folded, graph, &runs.calibration));
    let (mut best, mut trials): (Option<(usize, Candidate)>, Vec<Trial>) = (None, Vec::new());
    for &method in calibration.methods() {
        let (tensors, written) = write(labels, graph, folded, (&runs.calibration, method), means.as_ref())?;
        let measured = verify::report(&written, graph, folded, Vec::new(), &runs.selection)?;
        let psnr = measured.psnr;
        let sqnr = measured.layers.iter().map(|layer| layer.sqnr).collect();
        if best.as_ref().is_none_or(|(_, best)| psnr > best.psnr) {
            best = Some((trials.len(), Candidate { tensors, written, psnr }));
        }
        trials.push(Trial { method, psnr, sqnr, chosen: false });
    }
    let (number, best) = best.expect("a calibration has a method");
    trials[number].chosen = true;
    Ok((best, trials))
}

/// The tensors, with ranges of what the floats do, and the file; biases make up for what rounded weights lose of `means`, if these are
/// given.
fn write(
    labels: Labels<'_>,
    graph: &Graph,
    folded: &Folded,
    (run, method): (&FloatRun, Method),
    means: Option<&Means>,
) -> Result<(Vec<StageTensor>, emit::Written), LowerError> {
    let tensors = range::tensors(graph, folded, run, method)?;
    let layers = quantize::layers(folded, &tensors, means);
    let written = emit::file(labels, graph, folded, &tensors, &layers);
    Ok((tensors, written))
}

#[cfg(test)]
mod tests;
