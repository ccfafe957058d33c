//! What quantization changed, from the floats to int8.

use std::borrow::Cow;
use std::path::Path;

use burn::tensor::Device;
use gan_core::Model;
use serde::{Deserialize, Serialize};

use super::restyling::peak_signal_to_noise;
use crate::export;
use crate::figure::{Figure, Why};
use crate::graph::Net;
use crate::judge::{Judged, Scores};
use crate::lower::{self, Comparison, Equalized, LowerError, Stage};
use crate::pictures::{self, Draws, Originals};
use crate::train;

/// The first so many latents show what quantization changed in each layer.
pub(super) const LAYER_LATENTS: usize = 256;
/// From this share of the floats' FID on, what quantization costs is worth fine-tuning.
const WORTH_TUNING: f64 = 0.05;

/// What quantization changed; differences are int8 minus float.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Drift {
    /// Peak signal to noise of the int8 pictures against the floats', in dB; none where they are equal.
    pub psnr_db: Figure,
    /// Of a model that draws pixel by pixel the share of pixels that int8 draws as the floats do, after the same pixels.
    #[serde(default)]
    pub same_draws: Option<f64>,
    /// Share of the latents of which the judge sees the same class in both pictures.
    pub same_class: f64,
    /// Fréchet distance.
    pub fid: Figure,
    /// Inception-style score.
    pub inception_score: Figure,
    /// Class entropy, bits.
    pub entropy_bits: Figure,
    /// Precision.
    pub precision: Figure,
    /// Recall.
    pub recall: Figure,
    /// Density.
    pub density: Figure,
    /// Coverage.
    pub coverage: Figure,
    /// Class accuracy, as a share.
    pub accuracy: Option<Figure>,
    /// Every layer's output, in the order in which they run.
    #[serde(default)]
    pub layers: Vec<LayerDrift>,
}

/// What quantization changed in a layer's output, all change of earlier layers included.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct LayerDrift {
    /// The layer's name.
    pub name: String,
    /// Signal to quantization noise over the first latents, in dB; none without signal, or without noise.
    pub sqnr_db: Figure,
}

pub(super) fn layer_drifts(
    model: &Model<'_>,
    generator: &Net,
    originals: &Originals,
    (draws, count): (&Draws, usize),
    device: &Device,
) -> Result<(Vec<LayerDrift>, Option<f64>), LowerError> {
    let calibration = || Cow::Owned(export::calibration_run(generator, originals, device));
    let equalized = Equalized::of(generator.graph(), &generator.parameters(), calibration);
    let latents = draws.latents(count, &generator.graph().into());
    let folded = lower::fold(generator.graph(), &equalized.parameters)?;
    let run = equalized.run(pictures::float_run(generator, (originals, 0), latents, device));
    let Comparison { sqnr, same_draws } = lower::compare(model, generator.graph(), &folded, &run)?;
    let layer = |(stage, sqnr_db): (&Stage, Figure)| LayerDrift { name: stage.name.clone(), sqnr_db };
    Ok((folded.stages.iter().zip(sqnr).map(layer).collect(), same_draws))
}

pub(super) fn drift(
    int8: (&[u8], &Judged),
    float: (&[u8], &Judged),
    (layers, same_draws): (Vec<LayerDrift>, Option<f64>),
) -> Drift {
    let same = int8.1.classes.iter().zip(&float.1.classes).filter(|(a, b)| a == b).count();
    let (a, b) = (&int8.1.report, &float.1.report);
    let manifold = |report: &Scores| report.manifold.expect("an evaluation compares manifolds");
    let (inside_a, inside_b) = (manifold(a), manifold(b));
    Drift {
        psnr_db: match same_draws {
            Some(_) => Figure::None(Why::DrawnApart),
            None => peak_signal_to_noise(int8.0, float.0),
        },
        same_draws,
        same_class: same as f64 / int8.1.classes.len() as f64,
        fid: a.fid.minus(b.fid),
        inception_score: a.inception_score.minus(b.inception_score),
        entropy_bits: a.entropy_bits.minus(b.entropy_bits),
        precision: inside_a.precision.minus(inside_b.precision),
        recall: inside_a.recall.minus(inside_b.recall),
        density: inside_a.density.minus(inside_b.density),
        coverage: inside_a.coverage.minus(inside_b.coverage),
        accuracy: a.accuracy.zip(b.accuracy).map(|(a, b)| a.minus(b)),
        layers,
    }
}

impl std::fmt::Display for Drift {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let decibels = |figure: Figure| figure.show(|value| format!("{value:.1} dB"));
        let psnr = match (self.psnr_db, self.same_draws) {
            (_, Some(same)) => format!("the same level drawn after the same pixels in {:.2} %", 100.0 * same),
            (Figure::None(Why::NoError), _) => "equal pictures".into(),
            (psnr, _) => format!("PSNR {}", decibels(psnr)),
        };
        write!(f, "float → int8: {psnr}, the same class seen in {:.2} %; ", 100.0 * self.same_class)?;
        write!(f, "FID {}", self.fid.show(|value| format!("{value:+.2}")))?;
        let Drift { inception_score, precision, recall, density, coverage, .. } = *self;
        let thousandths = [
            ("score", inception_score),
            ("precision", precision),
            ("recall", recall),
            ("density", density),
            ("coverage", coverage),
        ];
        for (name, figure) in thousandths {
            write!(f, ", {name} {}", figure.show(|value| format!("{value:+.3}")))?;
        }
        if let Some(accuracy) = self.accuracy {
            write!(f, ", accuracy {}", accuracy.show(|share| format!("{:+.2} %", 100.0 * share)))?;
        }
        let layer = |layer: &LayerDrift| format!("{} {}", layer.name, decibels(layer.sqnr_db));
        let layers: Vec<String> = self.layers.iter().map(layer).collect();
        write!(f, "; SQNR of the layers: {}", layers.join(", "))
    }
}

/// What to do where the FID of `int8` is more than 5 % above that of `float`, and both are sound; `run` is the run's
/// folder.
pub fn tuning_advice((int8, float): (Figure, Figure), run: &Path) -> Option<String> {
    let cost = int8.sound()? / float.sound().filter(|float| *float > 0.0)? - 1.0;
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
    use crate::figure::Set;

    #[test]
    fn fine_tuning_is_advised_from_five_percent_of_fid_on() {
        let advise = |int8, float| tuning_advice((int8, float), Path::new("runs/mine"));
        let advice = |int8, float| advise(Figure::Sound(int8), Figure::Sound(float));
        assert_eq!(advice(10.4, 10.0), None);
        assert_eq!(advice(9.0, 10.0), None);
        let advice = advice(10.6, 10.0).unwrap();
        assert!(advice.contains("6.0 %") && advice.contains("--resume runs/mine --qat"), "{advice}");
        let why = Why::Singular { set: Set::Judged, pictures: 9, needed: 129 };
        assert_eq!(advise(Figure::Doubtful(10.6, why), Figure::Sound(10.0)), None, "not for a biased figure");
        assert_eq!(advise(Figure::Sound(1.0), Figure::Sound(0.0)), None);
    }

    #[test]
    fn equal_pictures_and_undefined_figures_have_no_numbers() {
        let none = Figure::None(Why::TooFew { set: Set::Judged, pictures: 2, needed: 6 });
        let doubtful = Figure::Doubtful(-0.25, Why::FewForClasses { pictures: 2, needed: 100 });
        let drift = Drift {
            psnr_db: Figure::None(Why::NoError),
            same_draws: None,
            same_class: 1.0,
            fid: doubtful,
            inception_score: doubtful,
            entropy_bits: doubtful,
            precision: none,
            recall: none,
            density: none,
            coverage: none,
            accuracy: None,
            layers: vec![LayerDrift { name: "dense".into(), sqnr_db: Figure::None(Why::NoSignal) }],
        };
        assert_eq!(
            drift.to_string(),
            "float → int8: equal pictures, the same class seen in 100.00 %; FID -0.25 *, score -0.250 *, precision –, \
             recall –, density –, coverage –; SQNR of the layers: dense –"
        );
        let json = serde_json::to_value(&drift).unwrap();
        assert!(json["psnr_db"]["value"].is_null() && json["psnr_db"]["why"] == "no_error", "{json}");
        assert_eq!(serde_json::from_value::<Drift>(json).unwrap(), drift);
    }
}
