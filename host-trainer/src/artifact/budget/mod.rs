//! Which boards a configuration will fit, told before it is trained.
//!
//! The generator gets first weights, is lowered as a trained one would be, and packed for each board's core. Bytes do
//! not depend on the weights, but for a few: a channel whose multiplier needs a shift other than 32 makes the layer
//! store a byte a channel, and weights of 100 and more in every product keep a layer from being packed. Trained
//! networks of this project have neither.

mod text;

use std::collections::BTreeMap;

use burn::tensor::Device;
use gan_core::pack::PackError;
use gan_core::{AlignedBytes, Model, ParseError};
use serde::Serialize;

use crate::artifact::boards::{Board, Fit, fits};
use crate::artifact::inspect::{InspectedOp, Inspection};
use crate::backend;
use crate::data::{self, CLASSES, DataError, SIDE, Split};
use crate::families::{Domain, FamilyConfig};
use crate::graph::{Net, Shape};
use crate::lower::{Labels, LowerError, lower_untrained};
use crate::pictures::{self, Draws, Originals};
use crate::random::{self, Stream};
use crate::train::TrainConfig;

/// Seed and number of the latents that ranges are taken from: sizes depend on none of them.
const CALIBRATION: (u64, usize) = (0xCA11, 16);

/// The setting of a family that is varied until a model fits.
const WIDTH: &str = "generator_width";

/// Pictures of the size that training has.
fn digits(classes: usize) -> Domain {
    Domain { shape: Shape::new(SIDE, SIDE, 1), classes }
}

/// What a configuration's model will take.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Budget {
    /// The family with its settings.
    pub family: FamilyConfig,
    /// Classes that it is told of; 0 for none.
    pub classes: u8,
    /// Bytes of the model file.
    pub file_bytes: usize,
    /// Its working memory, before it is packed for a core.
    pub arena_bytes: usize,
    /// Multiply-accumulates a picture.
    pub macs: u64,
    /// In the order in which they run.
    pub layers: Vec<InspectedOp>,
    /// An answer a board.
    pub boards: Vec<Answer>,
}

/// Whether it fits a board.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Answer {
    /// What it takes.
    #[serde(flatten)]
    pub fit: Fit,
    /// The widest generator that would fit where this one does not; 0 where none does.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub widest: Option<usize>,
}

/// Why there is no answer.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum BudgetError {
    /// The training pictures cannot be read for their classes.
    #[error(transparent)]
    Data(#[from] DataError),
    /// The network cannot be lowered.
    #[error(transparent)]
    Lower(#[from] LowerError),
    /// The engine does not hold the model.
    #[error("a generator of width {width}: the engine refuses its model: {cause}")]
    Refused {
        /// The generator's width.
        width: usize,
        /// What the engine says.
        cause: ParseError,
    },
    /// The model cannot be laid out for a core.
    #[error(transparent)]
    Pack(#[from] PackError),
}

/// What the model of `config`, which is valid, will take on `boards`.
///
/// # Errors
/// See [`BudgetError`]. Training pictures are read only if `config` names a folder of them and tells the networks their
/// classes.
pub fn budget(config: &TrainConfig, boards: &'static [Board]) -> Result<Budget, BudgetError> {
    let mut models = Models::new(config)?;
    let width = config.family.count(WIDTH).unwrap_or_default();
    let file = AlignedBytes::new(models.of_width(width)?);
    let parsed: Result<Model, ParseError> = Model::parse(&file);
    let refused = |cause| BudgetError::Refused { width, cause };
    let model = parsed.map_err(refused)?;
    let inspection = Inspection::new(&file, &model);
    let answer = |fit: Fit| {
        let board = Board::named(fit.board).expect("it was found by its name");
        let widest = (!fit.fits).then(|| models.widest(board)).transpose()?;
        Ok(Answer { fit, widest })
    };
    let answers = fits(&file, boards)?.into_iter().map(answer).collect::<Result<_, BudgetError>>()?;
    let Inspection { classes, file_bytes, arena_bytes, macs, layers, .. } = inspection;
    Ok(Budget {
        family: config.family.clone(),
        classes,
        file_bytes,
        arena_bytes,
        macs,
        layers,
        boards: answers,
    })
}

/// Model files of one configuration at any width.
struct Models<'c> {
    config: &'c TrainConfig,
    classes: usize,
    names: Vec<String>,
    device: Device,
    made: BTreeMap<usize, Vec<u8>>,
}

impl<'c> Models<'c> {
    fn new(config: &'c TrainConfig) -> Result<Self, BudgetError> {
        let (classes, names) = match config.data.source() {
            Some(source) if config.family.generator(&digits(CLASSES)).classes().is_some() => {
                let loaded = data::load(&source, Split::Train)?;
                let dataset = loaded.expect("training pictures are there, or an error").dataset;
                (dataset.classes, dataset.names)
            }
            _ => (CLASSES, (0..CLASSES).map(|class| class.to_string()).collect()),
        };
        Ok(Models { config, classes, names, device: backend::device(config.backend), made: BTreeMap::new() })
    }

    fn of_width(&mut self, width: usize) -> Result<&[u8], BudgetError> {
        if !self.made.contains_key(&width) {
            let family = self.config.family.with(WIDTH, width as i64);
            // A family without it has one width.
            let family = family.unwrap_or_else(|_| self.config.family.clone());
            let mut rng = random::stream(self.config.seed, Stream::Weights);
            let generator = Net::new(&family.generator(&digits(self.classes)), &mut rng, &self.device);
            let labels = Labels { model: &self.config.name, classes: &self.names };
            let latents = Draws::of(CALIBRATION.0).latents(CALIBRATION.1, &generator.graph().into());
            let run = pictures::float_run(&generator, (&Originals::default(), 0), latents, &self.device);
            let file = lower_untrained(labels, generator.graph(), &generator.parameters(), &run)?;
            self.made.insert(width, file);
        }
        Ok(&self.made[&width])
    }

    /// The widest generator that fits `board`, narrower than the configured one, which does not: by halving the range.
    fn widest(&mut self, board: &'static Board) -> Result<usize, BudgetError> {
        let (mut fitting, mut too_wide) = (0, self.config.family.count(WIDTH).unwrap_or_default());
        while too_wide - fitting > 1 {
            let width = fitting.midpoint(too_wide);
            let fit = fits(self.of_width(width)?, [board])?;
            *(if fit[0].fits { &mut fitting } else { &mut too_wide }) = width;
        }
        Ok(fitting)
    }
}

#[cfg(test)]
mod tests;
