//! Fine-tuning for int8: the same objective, with fake quantization in the generator's forward.
//!
//! It starts from the averaged generator, in the steps that a lowering of that average has; other networks go on
//! from where they were, the generator's optimizer and the average begin anew. What is averaged are the floats behind the
//! rounded weights, and they are lowered as those of any run.

use burn::tensor::Device;

use super::config::TrainConfig;
use crate::export;
use crate::graph::{Net, StageTensor};
use crate::lower::{self, LowerError};
use crate::pictures::Originals;
use crate::players::Player;

/// Puts `generator` at the beginning of the fine-tuning; returns the tensors in whose steps it is done.
///
/// # Errors
/// The generator cannot be lowered.
pub(super) fn begin(
    generator: &mut Player,
    config: &TrainConfig,
    originals: &Originals,
    device: &Device,
) -> Result<Vec<StageTensor>, LowerError> {
    let floats = &generator.average.as_ref().expect("a generator has an average").net;
    let (graph, parameters) = (floats.graph(), floats.parameters());
    let runs = export::float_runs(floats, originals, device);
    let tensors = lower::tensors(graph, &parameters, config.calibration, &runs)?;
    generator.restart_from_average();
    go_on(&mut generator.net, &tensors)?;
    Ok(tensors)
}

/// Lets `generator` compute in the steps that [`begin`] chose.
///
/// # Errors
/// The generator cannot be lowered.
pub(super) fn go_on(generator: &mut Net, tensors: &[StageTensor]) -> Result<(), LowerError> {
    let fake = lower::fake_quantization(generator.graph(), &generator.parameters(), tensors)?;
    *generator = generator.clone().with_quantization(Some(fake));
    Ok(())
}
