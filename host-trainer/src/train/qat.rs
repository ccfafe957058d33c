//! Fine-tuning for int8: the same game, with fake quantization in the generator's forward.
//!
//! It starts from the averaged generator, in the numbers that a lowering of that average has; the other network goes on
//! from where it was, the generator's optimizer and the average begin anew. What is averaged are the floats behind the rounded
//! weights, and they are lowered as those of any run.

use burn::module::Module;
use burn::tensor::Device;

use super::average::Average;
use super::config::TrainConfig;
use super::game::{Exported, Game};
use super::step;
use crate::export;
use crate::generator::{FakeQuantization, Generator};
use crate::lower::{self, LowerError, StageTensor};

/// Puts `game` at the beginning of the fine-tuning; returns the numbers in which it is done.
///
/// # Errors
/// The generator cannot be lowered.
pub(super) fn begin(
    game: &mut dyn Game,
    config: &TrainConfig,
    device: &Device,
) -> Result<Vec<StageTensor>, LowerError> {
    let Exported { generator, adam, average } = game.exported();
    let floats = &average.generator;
    let (graph, parameters) = (floats.graph(), floats.parameters());
    let tensors =
        lower::tensors(graph, &parameters, config.calibration, &export::float_runs(floats, device))?;
    // `valid` copies: the average's running statistics stay its own.
    *generator = floats.valid().train();
    *adam = step::adam(&config.adam);
    *average = Average::new(generator, config.average_decay);
    go_on(generator, &tensors)?;
    Ok(tensors)
}

/// Lets `generator` compute in the numbers that [`begin`] chose.
///
/// # Errors
/// The generator cannot be lowered.
pub(super) fn go_on(generator: &mut Generator, tensors: &[StageTensor]) -> Result<(), LowerError> {
    let fake = FakeQuantization::new(generator.graph(), &generator.parameters(), tensors)?;
    *generator = generator.clone().with_quantization(Some(fake));
    Ok(())
}
