//! Dense layer: `output[o] = requantize(bias[o] + Σ_i weight[o][i] · input[i] + one · column[choice][o])`.
//!
//! The output may be folded to height × width × channels; factors are per channel, `o % channels`. A one-hot choice
//! (a class) joined to the input is one column of weights times an integer, not a row of multiplications by zero.
//! `bias[o]` holds −zero_point · Σ_i weight\[o\]\[i\].

use crate::constants::check_accumulator;
use crate::error::OpError;
use crate::format::DenseRecord;
use crate::kernel_set::KernelSet;
use crate::kernels;
use crate::kernels::layers::Columns;
pub use crate::kernels::layers::Dense;
use crate::kernels::magnitude::magnitude;
use crate::ops::{Context, packed_dense};
use crate::tensor::Tensor;

impl<'a> Columns<'a> {
    /// Those of a layer of `outputs` outputs, if it reads a choice.
    #[inline(never)] // small in a firmware: it is called in many places
    pub(crate) fn new(
        record: &DenseRecord,
        context: &Context<'a>,
        outputs: usize,
    ) -> Result<Option<Self>, OpError> {
        let Some(columns) = &record.columns else { return Ok(None) };
        let choice = context.choice(columns.choice)?;
        let length = usize::from(choice.count).checked_mul(outputs).ok_or(OpError::Bounds)?;
        let weights = context.constants.int8(columns.weights, length)?;
        Ok(Some(Columns { choice, weights, one: columns.one }))
    }

    /// Checks the weights; returns the most that they add to a sum.
    #[cold] // for size
    pub(crate) fn prove(&self) -> Result<u64, OpError> {
        magnitude(self.weights).ok_or(OpError::Weight)?;
        Ok(127 * u64::from(self.one))
    }
}

impl<'a> Dense<'a> {
    /// Finds what a record names; returns the working memory's bytes beside, which packed weights need.
    pub(crate) fn new(
        record: &DenseRecord,
        packed: Option<KernelSet>,
        input: &Tensor,
        output: &Tensor,
        context: &Context<'a>,
    ) -> Result<(Self, usize), OpError> {
        let constants = context.constants;
        let (inputs, outputs) = (input.shape.size(), output.shape.size());
        let (scratch, weights) = match packed {
            Some(set) => packed_dense::bytes(set, inputs, outputs)?,
            None => (0, inputs.checked_mul(outputs).ok_or(OpError::Bounds)?),
        };
        let channels = usize::from(output.shape.channels);
        let dense = Dense {
            inputs,
            outputs,
            weights: constants.int8(record.weights, weights)?,
            bias: constants.words(record.bias, if record.bias_per_output { outputs } else { channels })?,
            columns: Columns::new(record, context, outputs)?,
            requantize: constants.requantize(&record.requantize, channels, output.zero_point)?,
        };
        Ok((dense, scratch))
    }

    /// Checks weights and factors.
    pub(crate) fn prove(&self) -> Result<(), OpError> {
        let extra = self.columns.map_or(Ok(0), |columns| columns.prove())?;
        let channels = self.requantize.multipliers.len();
        let rows = self.weights.chunks_exact(self.inputs.max(1));
        for ((index, row), &bias) in rows.enumerate().zip(self.bias.iter().cycle()) {
            check_accumulator(index % channels.max(1), bias, row, extra)?;
        }
        self.requantize.check()
    }

    pub(crate) fn run(&self, input: &[i8], choices: &[u8], output: &mut [i8]) {
        kernels::direct::dense(self, input, choices, output);
    }

    /// One per weight, and one per output for the choice.
    pub(crate) fn macs(&self) -> u64 {
        (self.outputs * (self.inputs + self.columns.map_or(0, |_| 1))) as u64
    }
}

#[cfg(test)]
mod tests;
