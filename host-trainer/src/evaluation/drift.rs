//! What quantization changed, from the floats to int8.

use std::path::Path;

use burn::tensor::Device;
use gan_core::Model;
use serde::{Deserialize, Serialize};

use crate::generator::Generator;
use crate::judge::{Judged, Report};
use crate::lower::{self, LowerError, Stage};
use crate::pictures;
use crate::train;

/// The first so many latents show what quantization changed in each layer.
pub(super) const LAYER_LATENTS: usize = 256;
/// From this share of the floats' FID on, what quantization costs is worth fine-tuning.
const WORTH_TUNING: f64 = 0.05;

/// What quantization changed; differences are int8 minus float.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Drift {
    /// Peak signal to noise of the int8 pictures against the floats', in dB; none where they are equal.
    pub psnr_db: Option<f64>,
    /// Share of the latents of which the judge sees the same class in both pictures.
    pub same_class: f64,
    /// Fréchet distance.
    pub fid: f64,
    /// Inception-style score.
    pub inception_score: f64,
    /// Class entropy, bits.
    pub entropy_bits: f64,
    /// Precision.
    pub precision: f64,
    /// Recall.
    pub recall: f64,
    /// Density.
    pub density: f64,
    /// Coverage.
    pub coverage: f64,
    /// Class accuracy, as a share.
    pub accuracy: Option<f64>,
    /// Every layer's output, in the order in which they run.
    #[serde(default)]
    pub layers: Vec<LayerDrift>,
}

/// What quantization changed in a layer's output, all change of earlier layers included.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct LayerDrift {
    /// The layer's name.
    pub name: String,
    /// Signal to quantization noise over the first latents, in dB; none where it is no finite number.
    pub sqnr_db: Option<f64>,
}

pub(super) fn layer_drifts(
    model: &Model<'_>,
    generator: &Generator,
    (seed, count): (u64, usize),
    device: &Device,
) -> Result<Vec<LayerDrift>, LowerError> {
    let stages = lower::fold(generator.graph(), &generator.parameters())?;
    let run = pictures::float_run(generator, seed, count, device);
    let sqnrs = lower::sqnr(model, &stages, &run);
    let layer = |(stage, sqnr): (&Stage, f64)| LayerDrift {
        name: stage.name.clone(),
        sqnr_db: Some(sqnr).filter(|sqnr| sqnr.is_finite()),
    };
    Ok(stages.iter().zip(sqnrs).map(layer).collect())
}

pub(super) fn drift(int8: (&[u8], &Judged), float: (&[u8], &Judged), layers: Vec<LayerDrift>) -> Drift {
    let squares =
        int8.0.iter().zip(float.0).map(|(&a, &b)| (f64::from(a) - f64::from(b)).powi(2)).sum::<f64>();
    let same = int8.1.classes.iter().zip(&float.1.classes).filter(|(a, b)| a == b).count();
    let (a, b) = (&int8.1.report, &float.1.report);
    let manifold = |report: &Report| report.manifold.expect("an evaluation compares manifolds");
    let (inside_a, inside_b) = (manifold(a), manifold(b));
    Drift {
        psnr_db: (squares > 0.0).then(|| 10.0 * (255.0 * 255.0 * int8.0.len() as f64 / squares).log10()),
        same_class: same as f64 / int8.1.classes.len() as f64,
        fid: a.fid - b.fid,
        inception_score: a.inception_score - b.inception_score,
        entropy_bits: a.entropy_bits - b.entropy_bits,
        precision: inside_a.precision - inside_b.precision,
        recall: inside_a.recall - inside_b.recall,
        density: inside_a.density - inside_b.density,
        coverage: inside_a.coverage - inside_b.coverage,
        accuracy: a.accuracy.zip(b.accuracy).map(|(a, b)| a - b),
        layers,
    }
}

impl std::fmt::Display for Drift {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let psnr = self.psnr_db.map_or("equal pictures".into(), |psnr| format!("PSNR {psnr:.1} dB"));
        let Drift { fid, inception_score, precision, recall, density, coverage, .. } = self;
        write!(
            f,
            "float → int8: {psnr}, the same class seen in {:.2} %; FID {fid:+.2}, score {inception_score:+.3}, \
             precision {precision:+.3}, recall {recall:+.3}, density {density:+.3}, coverage {coverage:+.3}",
            100.0 * self.same_class
        )?;
        if let Some(accuracy) = self.accuracy {
            write!(f, ", accuracy {:+.2} %", 100.0 * accuracy)?;
        }
        let layer = |layer: &LayerDrift| match layer.sqnr_db {
            Some(sqnr) => format!("{} {sqnr:.1} dB", layer.name),
            None => format!("{} –", layer.name),
        };
        let layers: Vec<String> = self.layers.iter().map(layer).collect();
        write!(f, "; SQNR of the layers: {}", layers.join(", "))
    }
}

/// What to do where the FID of `int8` is more than 5 % above that of `float`; `run` is the run's folder.
pub fn tuning_advice((int8, float): (f64, f64), run: &Path) -> Option<String> {
    let cost = int8 / float - 1.0;
    (cost > WORTH_TUNING).then(|| {
        format!(
            "Quantization costs {:.1} % of FID. Fine-tuning with quantization may win it back: \
             host-trainer --resume {} --qat {}",
            100.0 * cost,
            run.display(),
            train::QAT_STEPS
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fine_tuning_is_advised_from_five_percent_of_fid_on() {
        let advice = |int8, float| tuning_advice((int8, float), Path::new("runs/mine"));
        assert_eq!(advice(10.4, 10.0), None);
        assert_eq!(advice(9.0, 10.0), None);
        let advice = advice(10.6, 10.0).unwrap();
        assert!(advice.contains("6.0 %") && advice.contains("--resume runs/mine --qat"), "{advice}");
    }
}
