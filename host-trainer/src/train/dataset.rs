//! The pictures that a run learns from.

use super::{TrainConfig, TrainError};
use crate::data::{Dataset, DivisionError, Loaded, Split, Summary};

/// A run's training pictures, brought to the size that its networks are built for, and what was found in them if they
/// are a user's own.
///
/// # Errors
/// The pictures cannot be read, or are less than a batch.
pub fn dataset(config: &TrainConfig) -> Result<(Dataset, Option<Summary>), TrainError> {
    let (mut dataset, summary) = match config.data.load(Split::Train)? {
        None => (Dataset::mnist_train()?, None),
        Some(Loaded { dataset, summary }) => (dataset, Some(summary)),
    };
    if let Some(limit) = config.data.limit {
        dataset.images.truncate(limit.saturating_mul(dataset.picture_len()));
        dataset.labels.truncate(limit);
    }
    let domains = domains(config, &dataset, Split::Train)?;
    let fewest = domains.iter().map(Dataset::len).min().unwrap_or(dataset.len());
    if fewest < config.batch {
        return Err(TrainError::Few { pictures: fewest, batch: config.batch });
    }
    Ok((dataset, summary))
}

/// The domains of `dataset`, its half `split`, that a run of `config` learns from; none where it learns from the set as it is.
///
/// # Errors
/// The data set does not have them.
pub fn domains(config: &TrainConfig, dataset: &Dataset, split: Split) -> Result<Vec<Dataset>, DivisionError> {
    match config.family.system().domains() {
        None => Ok(Vec::new()),
        Some(division) => Ok(division.divide(dataset, split)?.into()),
    }
}
