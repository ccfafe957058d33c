//! The table of a lowering.

use std::fmt;

use super::Method;
use crate::figure::Figure;
use crate::graph::Shape;

/// Pictures that differ less from one another, in levels of 255, are flat: nothing is to be seen in them.
const FLAT: f64 = 4.0;

/// What a lowered model costs, and how far it is from the floats.
#[derive(Debug, Clone, PartialEq)]
pub struct LoweringReport {
    /// One a layer, in the order in which they run.
    pub layers: Vec<LayerReport>,
    /// Bytes of the file: the flash it takes.
    pub file_bytes: usize,
    /// Bytes of working memory.
    pub arena_bytes: usize,
    /// Peak signal to noise of the pictures against the floats', in dB; infinite where they are equal.
    pub psnr: f64,
    /// How far the floats' pictures are from their mean, root mean square, in levels of 255.
    pub contrast: f64,
    /// Pictures that [`LoweringReport::psnr`] was measured on.
    pub pictures: usize,
    /// What each method of calibration that was tried led to.
    pub trials: Vec<Trial>,
}

/// What a method of calibration led to, on latents that neither ranges nor the rest of the report come from.
#[derive(Debug, Clone, PartialEq)]
pub struct Trial {
    /// The method.
    pub method: Method,
    /// Peak signal to noise of the pictures against the floats', in dB; infinite where they are equal.
    pub psnr: f64,
    /// Signal to quantization noise of each layer, in dB.
    pub sqnr: Vec<Figure>,
    /// Whether the model is this one.
    pub chosen: bool,
}

/// A line of the table.
#[derive(Debug, Clone, PartialEq)]
pub struct LayerReport {
    /// The layer's name.
    pub name: String,
    /// What it computes, activation included.
    pub op: String,
    /// Shape of its output.
    pub shape: Shape,
    /// Real value of one step of its output.
    pub scale: f32,
    /// Lowest and highest real value that its output can hold.
    pub range: (f32, f32),
    /// Signal to quantization noise against the floats, in dB, all error of earlier layers included; none where there is
    /// no signal, or one too faint for the steps of its output.
    pub sqnr: Figure,
    /// The error's root mean square, in steps of its output.
    pub error_steps: f64,
    /// Of a draw the share of pixels that get the level that the floats give them, where both see the same pixels before.
    pub same_draws: Option<f64>,
    /// Bytes of its weights, biases, multipliers and tables.
    pub bytes: usize,
    /// Multiply-accumulates.
    pub macs: u64,
}

impl LoweringReport {
    /// Multiply-accumulates a picture.
    pub fn macs(&self) -> u64 {
        self.layers.iter().map(|layer| layer.macs).sum()
    }

    /// Whether the floats draw the same picture from every latent, or nearly so.
    pub fn is_flat(&self) -> bool {
        self.contrast < FLAT
    }
}

impl fmt::Display for LoweringReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name_width = self.layers.iter().map(|layer| layer.name.len()).max().unwrap_or(0).max(5);
        let op_width = self.layers.iter().map(|layer| layer.op.chars().count()).max().unwrap_or(0);
        writeln!(
            f,
            "{:name_width$}  {:op_width$}  {:>9}  {:>8}  {:>16}  {:>8}  {:>7}  {:>9}",
            "layer", "op", "shape", "scale", "range", "SQNR dB", "bytes", "MACs"
        )?;
        let one_digit = |value: f64| format!("{value:.1}");
        for layer in &self.layers {
            let range = format!("{:.2} … {:.2}", layer.range.0, layer.range.1);
            let LayerReport { name, op, shape, scale, bytes, macs, .. } = layer;
            let sqnr = layer.sqnr.show(one_digit);
            writeln!(
                f,
                "{name:name_width$}  {op:op_width$}  {shape:>9}  {scale:>8.5}  {range:>16}  {sqnr:>8}  {bytes:>7}  {macs:>9}"
            )?;
        }
        for Trial { method, psnr, sqnr, chosen } in &self.trials {
            let layers: Vec<String> = sqnr.iter().map(|sqnr| sqnr.show(one_digit)).collect();
            let mark = if *chosen { "  (chosen)" } else { "" };
            let layers = layers.join(" ");
            writeln!(f, "calibration {method:10}  {}, layers' SQNR {layers} dB{mark}", decibels(*psnr, 2))?;
        }
        writeln!(
            f,
            "flash {} bytes, arena {} bytes, {} MACs a picture; {} against the floats over {} latents",
            self.file_bytes,
            self.arena_bytes,
            self.macs(),
            decibels(self.psnr, 1),
            self.pictures
        )?;
        for share in self.layers.iter().filter_map(|layer| layer.same_draws) {
            writeln!(
                f,
                "the same level as the floats draw, after the same pixels: {:.2} % of pixels",
                100.0 * share
            )?;
        }
        if self.is_flat() {
            writeln!(
                f,
                "The floats draw nearly the same from every latent (their pictures differ by {:.1} levels of 255): the \
                 network has hardly been trained, or has collapsed. The model holds what there is; \
                 train for more steps.",
                self.contrast
            )?;
        }
        Ok(())
    }
}

/// A peak signal to noise ratio in words.
fn decibels(psnr: f64, digits: usize) -> String {
    match psnr.is_finite() {
        true => format!("PSNR {psnr:.digits$} dB"),
        false => "no difference".to_owned(),
    }
}
