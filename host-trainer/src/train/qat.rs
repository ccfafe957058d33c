//! Fine-tuning for int8: the same game, with fake quantization in the generator's forward.
//!
//! It starts from the averaged generator, in the numbers that a lowering of that average has; D goes on from where it
//! was, the generator's optimizer and the average begin anew. What is averaged are the floats behind the rounded
//! weights, and they are lowered as those of any run.

use burn::module::Module;
use burn::tensor::Device;

use super::average::Average;
use super::config::TrainConfig;
use super::step::{Players, adam};
use crate::export;
use crate::generator::FakeQuantization;
use crate::lower::{self, LowerError, StageTensor};

/// Puts `players` at the beginning of the fine-tuning; returns the numbers in which it is done.
///
/// # Errors
/// The generator cannot be lowered.
pub(super) fn begin(
    players: &mut Players,
    config: &TrainConfig,
    device: &Device,
) -> Result<Vec<StageTensor>, LowerError> {
    let average = &players.average.generator;
    let (graph, parameters) = (average.graph(), average.parameters());
    let tensors =
        lower::tensors(graph, &parameters, config.calibration, &export::float_runs(average, device))?;
    // `valid` copies: the average's running statistics stay its own.
    players.generator = average.valid().train();
    players.generator_adam = adam();
    players.average = Average::new(&players.generator, config.average_decay);
    go_on(players, &tensors)?;
    Ok(tensors)
}

/// Lets the generator of `players` compute in the numbers that [`begin`] chose.
///
/// # Errors
/// The generator cannot be lowered.
pub(super) fn go_on(players: &mut Players, tensors: &[StageTensor]) -> Result<(), LowerError> {
    let generator = players.generator.clone();
    let fake = FakeQuantization::new(generator.graph(), &generator.parameters(), tensors)?;
    players.generator = generator.with_quantization(Some(fake));
    Ok(())
}
