//! Where a net rounds while it is fine-tuned for int8.

use super::fold::{Folded, Stage};
use super::{LowerError, fold};
use crate::graph::{FakeQuantization, FakeStage, Graph, Parameters, QuantParams, StageTensor};

/// The roundings of the model that is lowered from `graph` and `parameters` with `tensors`, see [`super::tensors`].
///
/// # Errors
/// The graph cannot be lowered.
pub fn fake_quantization(
    graph: &Graph,
    parameters: &[Parameters],
    tensors: &[StageTensor],
) -> Result<FakeQuantization, LowerError> {
    let Folded { inputs, stages } = fold(graph, parameters)?;
    let stage = |(stage, tensor): (Stage, &StageTensor)| FakeStage {
        head: stage.head,
        operand: stage.operand,
        norm: stage.norm,
        activation: stage.activation,
        output: stage.output,
        upsample: stage.upsample,
        choice_columns: stage.choice.map_or(0..0, |choice| choice.columns),
        // An embedding reads none.
        input: stage.operands.first().map_or(QuantParams::PICTURE, |&operand| tensors[operand].params),
        tensor: *tensor,
    };
    Ok(FakeQuantization { stages: stages.into_iter().zip(&tensors[inputs.len()..]).map(stage).collect() })
}

#[cfg(test)]
mod tests;
