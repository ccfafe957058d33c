//! How long a training step takes here.

use super::{TrainConfig, begin, domains};
use crate::backend::{self, Backend};
use crate::data::{Dataset, DivisionError, Split};
use crate::families::Domain;
use crate::pictures::Originals;
use crate::players::Turn;
use crate::players::batches::{Batches, Position};
use crate::random::{self, Stream};
use std::time::{Duration, Instant};

/// The times of all steps of `config` but the first, on `backend`.
///
/// # Errors
/// The data set does not have the family's domains.
pub fn time_steps(
    config: &TrainConfig,
    dataset: &Dataset,
    backend: Backend,
) -> Result<Vec<Duration>, DivisionError> {
    let device = backend::device(backend);
    let mut objective = begin(config, Domain::of(dataset), &device);
    let originals = Originals::of(domains(config, dataset, Split::Train)?);
    let learned = originals.learned(dataset);
    let position = Position::start(random::stream(config.seed, Stream::Order), learned.len());
    let range = objective.generator().net.graph().picture_range();
    let mut batches = Batches::new(&learned, config.batch, device.autodiff(), &position, range);
    let mut noise = random::stream(config.seed, Stream::Noise);
    let mut timed = |step| {
        let start = Instant::now();
        // A step reads its losses, so it is done when it returns, on a GPU too.
        let rate = config.learning_rate;
        let (batches, noise) = (&mut batches, &mut noise);
        objective.step(Turn { step, step_in_phase: step, rate, batches, noise });
        start.elapsed()
    };
    timed(1);
    Ok((2..=config.steps).map(timed).collect())
}
