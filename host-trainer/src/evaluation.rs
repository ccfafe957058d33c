//! All figures of a model: its int8 pictures beside the floats' of the same latents and beside real ones.

use std::path::Path;

use burn::tensor::Device;
use gan_core::Model;
use md5::{Digest, Md5};
use serde::{Deserialize, Serialize};

use crate::data::{self, CLASSES, DataError, Split};
use crate::generator::Generator;
use crate::judge::{Judge, JudgeError, Judged, Pair, RealPictures, Reference, Report, SIDE, table};
use crate::lower::{self, LowerError, Stage};
use crate::pictures::{self, Pictures};
use crate::sheet::{Samples, Sheet};
use crate::subject::{Subject, SubjectError};
use crate::train::{self, TrainConfig, TrainError};

/// Name of an evaluation in a run's folder.
pub const EVALUATION_FILE: &str = "evaluation.json";
/// Name of the sheet of the pictures closest to training pictures, in a run's folder.
pub const PAIRS_FILE: &str = "nearest.png";
/// Seed of the latents that models are judged by.
pub const SEED: u64 = 1;
/// The first so many latents show what quantization changed in each layer.
const LAYER_LATENTS: usize = 256;
/// From this share of the floats' FID on, what quantization costs is worth fine-tuning.
const WORTH_TUNING: f64 = 0.05;
/// Where what the judge sees in real pictures is kept from one evaluation to the next.
pub const CACHE: &str = "runs/.cache";

/// What a model was found to be worth.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Evaluation {
    /// The model's name.
    pub name: String,
    /// MD5 of the model file.
    pub model_md5: String,
    /// Where the latents come from.
    pub seed: u64,
    /// How many latents.
    pub count: usize,
    /// `int8`, `float` if the floats are there, and `real` if pictures were held out.
    pub columns: Vec<Column>,
    /// From the floats to int8.
    pub drift: Option<Drift>,
    /// The int8 pictures closest to a training picture, the closest first.
    pub closest: Vec<Pair>,
}

/// The figures of one set of pictures.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Column {
    /// What made the pictures.
    pub name: String,
    /// What the judge says.
    pub report: Report,
}

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

/// Why a model cannot be evaluated.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum EvaluationError {
    /// The model, its settings or its floats.
    #[error(transparent)]
    Subject(#[from] SubjectError),
    /// The pictures that it was trained on.
    #[error(transparent)]
    Data(#[from] DataError),
    /// The same, by the run's settings.
    #[error(transparent)]
    Train(#[from] TrainError),
    /// The floats are of no network that the model can come from.
    #[error(transparent)]
    Lower(#[from] LowerError),
    /// The judge.
    #[error(transparent)]
    Judge(#[from] JudgeError),
    /// The model draws what the judge cannot read.
    #[error("draws {height}×{width}, but the judge reads {SIDE}×{SIDE}")]
    Size {
        /// Rows.
        height: usize,
        /// Columns.
        width: usize,
    },
    /// The model has other classes than the digits that it is judged by.
    #[error("has {0} classes, but there are {CLASSES} digits")]
    Classes(usize),
}

/// Draws and judges `count` pictures of the latents of `seed`. `say` is told what is being done.
///
/// # Errors
/// See [`EvaluationError`].
pub fn evaluate(
    subject: &Subject,
    real: &RealPictures,
    (seed, count): (u64, usize),
    device: &Device,
    cache: Option<&Path>,
    mut say: impl FnMut(&str),
) -> Result<(Evaluation, Pictures), EvaluationError> {
    let model: Model = Model::parse(&subject.bytes).expect("a subject's model was parsed");
    let shape = model.output_shape();
    let (height, width) = (shape.height.into(), shape.width.into());
    if (height, width) != (SIDE, SIDE) {
        return Err(EvaluationError::Size { height, width });
    }
    let classes = usize::from(model.classes());
    if real.digits && ![0, CLASSES].contains(&classes) {
        return Err(EvaluationError::Classes(classes));
    }
    say("drawing");
    let int8 = pictures::int8(&model, seed, count);
    let mut sets = vec![("int8", int8)];
    let mut layers = Vec::new();
    if let Some(generator) = subject.floats(classes.max(1), device)? {
        layers = layer_drifts(&model, &generator, (seed, count.min(LAYER_LATENTS)), device)?;
        sets.push(("float", pictures::floats(&generator, seed, count, device)));
    }
    say("looking at real pictures (kept for the next time)");
    let judge = Judge::pretrained(device)?;
    let reference = Reference::new(&judge, real, cache)?;
    let mut judged = Vec::new();
    for (name, set) in &sets {
        say(&format!("judging {name}"));
        let asked = (classes > 0).then_some(&set.labels[..]);
        judged.push(judge.judge(&set.greys, asked, &reference)?);
    }
    let drift = match (&sets[..], &judged[..]) {
        ([(_, int8), (_, float)], [int8_judged, float_judged]) => {
            Some(drift((&int8.greys, int8_judged), (&float.greys, float_judged), layers))
        }
        _ => None,
    };
    let closest = judged[0].pairs.clone();
    let column = |name: &str, report: Report| Column { name: name.into(), report };
    let mut columns: Vec<Column> =
        sets.iter().zip(judged).map(|((name, _), judged)| column(name, judged.report)).collect();
    columns.extend(reference.floor().map(|floor| column("real", floor.clone())));
    let evaluation = Evaluation {
        name: model.name().into(),
        model_md5: checksum(&subject.bytes),
        seed,
        count,
        columns,
        drift,
        closest,
    };
    Ok((evaluation, sets.swap_remove(0).1))
}

/// What the run or model `config` belongs to was trained on, and what its data held out; MNIST where that is not known.
///
/// # Errors
/// The pictures cannot be read.
pub fn real_pictures(config: Option<&TrainConfig>) -> Result<RealPictures, EvaluationError> {
    let mut real = RealPictures::mnist()?;
    let Some(config) = config else { return Ok(real) };
    (real.train, _) = train::dataset(config)?;
    if let Some(dir) = &config.data.dir {
        real.digits = false;
        real.held_out = data::load(dir, Split::Test, config.data.invert)?.map(|loaded| loaded.dataset);
    }
    Ok(real)
}

/// The MD5 of a model file, in hexadecimal.
pub fn checksum(file: &[u8]) -> String {
    Md5::digest(file).iter().map(|byte| format!("{byte:02x}")).collect()
}

fn layer_drifts(
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

fn drift(int8: (&[u8], &Judged), float: (&[u8], &Judged), layers: Vec<LayerDrift>) -> Drift {
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

/// The closest pairs as a sheet: generated pictures above the training pictures that they come nearest to.
pub fn pairs_sheet(pairs: &[Pair], pictures: &Pictures, real: &RealPictures) -> Sheet {
    let size = pictures.size;
    let area = size.0 * size.1;
    let generated: Vec<u8> =
        pairs.iter().flat_map(|pair| &pictures.greys[pair.picture * area..][..area]).copied().collect();
    let training: Vec<u8> =
        pairs.iter().flat_map(|pair| real.train.picture(pair.training)).copied().collect();
    let labels = vec![0; pairs.len()];
    let row = |name, pictures| Samples { name, pictures, labels: &labels };
    Sheet::rows(&[row("int8", &generated), row("training", &training)], size)
}

impl std::fmt::Display for Evaluation {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let columns: Vec<(&str, &Report)> =
            self.columns.iter().map(|column| (column.name.as_str(), &column.report)).collect();
        writeln!(f, "{}", table(&columns, false))?;
        if let Some(drift) = &self.drift {
            writeln!(f, "{drift}")?;
        }
        Ok(())
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
