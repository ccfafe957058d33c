//! Dense layer: `output[o] = requantize(bias[o] + Σ_i weight[o][i] · input[i] + one · class_weight[class][o])`.
//!
//! The output may be folded to height × width × channels; factors are per channel, `o % channels`. A one-hot class
//! joined to the input is one column of weights times an integer, not a row of multiplications by zero.

use crate::constants::check_accumulator;
use crate::error::OpError;
use crate::format::DenseRecord;
use crate::kernels;
use crate::ops::Context;
use crate::requantize::Requantize;

/// A checked dense layer.
#[derive(Debug, Clone)]
pub struct Dense<'a> {
    /// Length of the input.
    pub(crate) inputs: usize,
    /// `[output][input]`, in −127..=127.
    pub(crate) weights: &'a [i8],
    /// One an output, or one a channel, repeated.
    pub(crate) bias: &'a [i32],
    /// The class's columns, if the layer reads the class.
    pub(crate) class: Option<ClassColumns<'a>>,
    /// One factor a channel.
    pub(crate) requantize: Requantize<'a>,
}

/// The weights of a one-hot class.
#[derive(Debug, Clone, Copy)]
pub(crate) struct ClassColumns<'a> {
    /// `[class][output]`, in −127..=127.
    pub(crate) weights: &'a [i8],
    /// What stands for 1.0.
    pub(crate) one: i32,
}

impl<'a> Dense<'a> {
    /// Checks a record.
    pub(crate) fn new(record: &DenseRecord, context: &Context<'a, '_>) -> Result<Self, OpError> {
        let constants = context.constants;
        let (input, output) = (context.tensor(record.input)?, context.tensor(record.output)?);
        let (inputs, outputs) = (input.shape.size(), output.shape.size());
        let channels = usize::from(output.shape.channels);
        let weights =
            constants.weights(record.weights, inputs.checked_mul(outputs).ok_or(OpError::Bounds)?)?;
        let bias = constants.words(record.bias, if record.bias_per_output { outputs } else { channels })?;
        let class = class_columns(record, context, outputs)?;
        let class_bound = class.map_or(0, |class| 127 * class.one as u64);
        for (index, row) in weights.chunks_exact(inputs).enumerate() {
            check_accumulator(index % channels, bias[index % bias.len()], row, class_bound)?;
        }
        let requantize =
            constants.requantize(&record.requantize, &record.activation, channels, output.zero_point)?;
        Ok(Dense { inputs, weights, bias, class, requantize })
    }

    /// `class` is below the model's classes.
    pub(crate) fn run(&self, input: &[i8], class: usize, output: &mut [i8]) {
        kernels::direct::dense(self, input, class, output);
    }

    /// One a weight, and one an output for the class.
    pub(crate) fn macs(&self) -> u64 {
        let outputs = self.weights.len() / self.inputs;
        (self.weights.len() + self.class.map_or(0, |_| outputs)) as u64
    }
}

/// The class's columns of a layer, if it reads the class.
pub(crate) fn class_columns<'a>(
    record: &DenseRecord,
    context: &Context<'a, '_>,
    outputs: usize,
) -> Result<Option<ClassColumns<'a>>, OpError> {
    let Some(class) = &record.class else { return Ok(None) };
    if context.classes == 0 {
        return Err(OpError::NoClass);
    }
    let length = usize::from(context.classes).checked_mul(outputs).ok_or(OpError::Bounds)?;
    let weights = context.constants.weights(class.weights, length)?;
    Ok(Some(ClassColumns { weights, one: class.one.into() }))
}

#[cfg(test)]
mod tests;
