//! A row of a table by a choice, or, without a choice, a constant: `output[i] = table[row][i]`.
//!
//! The table is int8 at the output's scale and zero point: nothing is rounded here.

use crate::error::OpError;
use crate::format::EmbeddingRecord;
use crate::kernels::layers::Choice;
use crate::ops::Context;
use crate::part::part;
use crate::tensor::Tensor;

/// A checked embedding.
#[derive(Debug, Clone)]
pub(crate) struct Embedding<'a> {
    /// `[row][output]`.
    table: &'a [i8],
    /// What chooses the row; without one there is one row.
    choice: Option<Choice>,
}

impl<'a> Embedding<'a> {
    /// Finds what a record names.
    pub(crate) fn new(
        record: &EmbeddingRecord,
        operands: &[Tensor],
        output: &Tensor,
        context: &Context<'a>,
    ) -> Result<Self, OpError> {
        if !operands.is_empty() {
            return Err(OpError::Operands);
        }
        let choice = record.choice.map(|input| context.choice(input)).transpose()?;
        let rows = choice.map_or(1, |choice| choice.count.into());
        // At most 255 rows of at most a mebibyte.
        let table = context.constants.int8(record.table, output.shape.size() * rows)?;
        Ok(Embedding { table, choice })
    }

    pub(crate) fn run(&self, choices: &[u8], output: &mut [i8]) {
        let row = self.choice.map_or(0, |choice| choice.row(choices));
        let chosen = part(self.table, row * output.len(), output.len());
        for (to, from) in output.iter_mut().zip(chosen) {
            *to = *from;
        }
    }
}
