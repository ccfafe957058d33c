//! All figures of a model: its int8 pictures beside the floats' of the same latents and beside real ones.

mod codes;
mod drift;
mod likelihood;
mod real;
mod restyling;

pub use codes::Code;
pub use drift::{Drift, LayerDrift, tuning_advice};
pub use likelihood::Likelihood;
pub use real::{Real, originals, real_pictures};
pub use restyling::{Restyling, peak_signal_to_noise};

use std::path::{Path, PathBuf};

use burn::tensor::Device;
use gan_core::Model;
use serde::{Deserialize, Serialize};

use crate::data::{CLASSES, DataError, DivisionError};
use crate::digest;
use crate::graph::CLASS;
use crate::judge::{Asked, Judge, JudgeError, Pair, RealPictures, Reference, SIDE, Scores, table};
use crate::lower::LowerError;
use crate::pictures::sheet::{Samples, Sheet};
use crate::pictures::{self, Draws, Given, Pictures};
use crate::stamp::{Origin, Stamp};
use crate::subject::{Floats, Subject, SubjectError};
use crate::train::TrainError;
use drift::LAYER_LATENTS;
use restyling::restylings;

/// Name of an evaluation in a run's folder.
pub const EVALUATION_FILE: &str = "evaluation.json";
/// Name of the sheet of the pictures closest to training pictures, in a run's folder.
pub const PAIRS_FILE: &str = "nearest.png";
/// Seed of the latents that models are judged by.
pub const SEED: u64 = 1;
/// Where what the judge sees in real pictures is kept from one evaluation to the next.
pub const CACHE: &str = "runs/.cache";

/// Raised when the figures of an evaluation change their meaning. 2: one that is not sound says why. 3: with `sure`, `sharpness` and `purity`.
pub const FORMAT: u32 = 3;

/// What a model was found to be worth.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Evaluation {
    /// [`FORMAT`] of the version that wrote it; 0 before there was one.
    #[serde(default)]
    pub format: u32,
    /// The model's name.
    pub name: String,
    /// MD5 of the model file.
    pub model_md5: String,
    /// What the model was made from; none of a model that does not say.
    #[serde(default)]
    pub stamp: Option<Stamp>,
    /// What could not be put beside the model, or could not be checked, a sentence each.
    #[serde(default)]
    pub remarks: Vec<String>,
    /// Where the latents come from.
    pub seed: u64,
    /// What was chosen in all pictures, as CHOICE=WHAT; otherwise the first choice goes through all in turn, and others are the first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub chosen: Vec<String>,
    /// How many latents.
    pub count: usize,
    /// `int8`, `float` if the floats are there, other models' int8 pictures under their names, and `real` if pictures
    /// were held out.
    pub columns: Vec<Column>,
    /// From the floats to int8.
    pub drift: Option<Drift>,
    /// What held-out pictures cost, where the model has a density.
    #[serde(default)]
    pub likelihood: Option<Likelihood>,
    /// What each uniform number of the model changes in its pictures.
    #[serde(default)]
    pub codes: Vec<Code>,
    /// What each entry of a model that restyles makes of its originals.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub restyling: Vec<Restyling>,
    /// The int8 pictures closest to a training picture, the closest first.
    pub closest: Vec<Pair>,
}

/// The figures of one set of pictures.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Column {
    /// What made the pictures.
    pub name: String,
    /// What the judge says.
    pub report: Scores,
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
    /// The pictures do not have the domains that the model restyles.
    #[error(transparent)]
    Division(#[from] DivisionError),
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
    /// A model to be judged beside it.
    #[error("{path}: {cause}")]
    Beside {
        /// The model file.
        path: PathBuf,
        /// What is wrong with it.
        cause: Box<EvaluationError>,
    },
}

/// Draws and judges the first `count` pictures of `draws`, and those of the models `beside` of the same latents. `say`
/// is told what is being done.
///
/// Floats beside the model that it was not lowered from are left out, with a remark.
///
/// # Errors
/// See [`EvaluationError`].
pub fn evaluate(
    (subject, beside): (&Subject, &[Subject]),
    real: &Real,
    (draws, count): (&Draws, usize),
    device: &Device,
    cache: Option<&Path>,
    mut say: impl FnMut(&str),
) -> Result<(Evaluation, Pictures), EvaluationError> {
    let model = judgeable(subject, &real.pictures)?;
    let others = beside.iter().map(|other| {
        let in_file = |error| EvaluationError::Beside { path: other.path.clone(), cause: Box::new(error) };
        judgeable(other, &real.pictures).map_err(in_file)
    });
    let others = others.collect::<Result<Vec<_>, _>>()?;
    say("drawing");
    let given = Given { entry: 0, originals: &real.originals };
    let int8 = |model: &Model<'_>| pictures::of_given(model, given, &draws.latents(count, &model.into()));
    let mut sets = vec![("int8", int8(&model))];
    let (mut layers, mut density) = (Default::default(), None);
    let mut remarks: Vec<String> = beside.iter().filter_map(|other| subject.other_data(other)).collect();
    let floats = match subject.floats(usize::from(model.classes()).max(1), device)? {
        Floats::Absent => None,
        Floats::Own(generator) => Some(generator),
        Floats::Unchecked(generator) => {
            remarks.push(subject.unchecked_floats());
            Some(generator)
        }
        Floats::Others => {
            remarks.push(subject.other_floats());
            None
        }
    };
    if let Some(generator) = floats {
        layers = drift::layer_drifts(
            &model,
            &generator,
            given.originals,
            (draws, count.min(LAYER_LATENTS)),
            device,
        )?;
        sets.push(("float", pictures::floats_of_given(&generator, given, (draws, count), device)));
        let pictures = &real.pictures;
        density = pictures
            .held_out
            .as_ref()
            .and_then(|held_out| likelihood::likelihood(&generator, &pictures.train, held_out, device));
    }
    let own = sets.len();
    sets.extend(others.iter().map(|other| (other.name(), int8(other))));
    say("looking at real pictures (kept for the next time)");
    let judge = Judge::pretrained(device)?;
    let reference = Reference::new(&judge, &real.pictures, cache)?;
    let mut judged = Vec::new();
    for (name, set) in &sets {
        say(&format!("judging {name}"));
        judged.push(judge.judge(&set.greys, asked(set), &reference)?);
    }
    let drift = match (&sets[..own], &judged[..own]) {
        ([(_, int8), (_, float)], [int8_judged, float_judged]) => {
            Some(drift::drift((&int8.greys, int8_judged), (&float.greys, float_judged), layers))
        }
        _ => None,
    };
    let closest = judged[0].pairs.clone();
    let column = |name: &str, report: Scores| Column { name: name.into(), report };
    let mut columns: Vec<Column> =
        sets.iter().zip(judged).map(|((name, ..), judged)| column(name, judged.report)).collect();
    columns.extend(reference.floor().map(|floor| column("real", floor.clone())));
    let evaluation = Evaluation {
        format: FORMAT,
        name: model.name().into(),
        model_md5: digest::of(&subject.bytes),
        stamp: subject.sidecar.stamp().cloned(),
        remarks,
        seed: draws.seed,
        chosen: Vec::new(),
        count,
        columns,
        drift,
        likelihood: density,
        codes: codes::codes(&model, &sets[0].1, draws.seed),
        restyling: restylings(&model, &real.originals, (count, real.pictures.digits), &judge)?,
        closest,
    };
    Ok((evaluation, sets.swap_remove(0).1))
}

/// What `pictures` were made for.
pub(crate) fn asked(pictures: &Pictures) -> Option<Asked<'_>> {
    pictures.choice.as_deref().map(|name| Asked::by(name, &pictures.labels))
}

/// The model of `subject`, if the judge can read what it draws.
fn judgeable<'s>(subject: &'s Subject, real: &RealPictures) -> Result<Model<'s>, EvaluationError> {
    let model: Model = Model::parse(&subject.bytes).expect("a subject's model was parsed");
    let shape = model.output_shape();
    let (height, width) = (shape.height.into(), shape.width.into());
    if (height, width) != (SIDE, SIDE) {
        return Err(EvaluationError::Size { height, width });
    }
    let asked = model.choices().next().filter(|choice| choice.name == CLASS);
    match asked.map(|choice| usize::from(choice.count)) {
        Some(classes) if real.digits && classes != CLASSES => Err(EvaluationError::Classes(classes)),
        _ => Ok(model),
    }
}

/// The closest pairs of `evaluation` as a sheet: generated pictures above the training pictures that they come nearest to.
pub fn pairs_sheet(evaluation: &Evaluation, pictures: &Pictures, real: &RealPictures) -> Sheet {
    let pairs = &evaluation.closest;
    let size = pictures.size;
    let area = size.0 * size.1;
    let generated: Vec<u8> =
        pairs.iter().flat_map(|pair| &pictures.greys[pair.picture * area..][..area]).copied().collect();
    let training: Vec<u8> =
        pairs.iter().flat_map(|pair| real.train.picture(pair.training)).copied().collect();
    let labels = vec![0; pairs.len()];
    let row = |name, pictures| Samples { name, pictures, labels: &labels };
    Sheet::rows(&[row("int8", &generated), row("training", &training)], size).made_from(evaluation.origin())
}

impl Evaluation {
    /// The model that was judged.
    pub fn origin(&self) -> Origin {
        Origin { model_md5: Some(self.model_md5.clone()), stamp: self.stamp.clone() }
    }
}

impl std::fmt::Display for Evaluation {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let columns: Vec<(&str, &Scores)> =
            self.columns.iter().map(|column| (column.name.as_str(), &column.report)).collect();
        writeln!(f, "{}", table(&columns, false))?;
        if let Some(drift) = &self.drift {
            writeln!(f, "{drift}")?;
        }
        self.likelihood.iter().try_for_each(|likelihood| writeln!(f, "{likelihood}"))?;
        self.codes.iter().try_for_each(|code| writeln!(f, "{code}"))?;
        self.restyling.iter().try_for_each(|restyling| writeln!(f, "{restyling}"))?;
        self.remarks.iter().try_for_each(|remark| writeln!(f, "note: {remark}"))
    }
}
