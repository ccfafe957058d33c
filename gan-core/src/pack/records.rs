//! A file's constants, copied.

use std::vec::Vec;

use crate::format::{
    ActivationRecord, AttentionRecord, ColumnsRecord, ConvRecord, DenseRecord, DrawRecord, EmbeddingRecord,
    File, InputKind, NormRecord, OpKind, OpRecord, RequantizeRecord, ShiftRecord, TensorRecord, TermsRecord,
    WindowRecord,
};
use crate::shape::Shape;
use crate::write::ConstantsWriter;

/// What an op's constants are copied from.
pub(super) struct Source<'s, 'f> {
    pub(super) file: &'s File<'f>,
    pub(super) tensors: &'s [TensorRecord],
}

/// Shape of a tensor.
pub(super) fn shape(tensor: &TensorRecord) -> Shape {
    Shape::new(tensor.height, tensor.width, tensor.channels)
}

impl Source<'_, '_> {
    /// Shape of the tensor with index `index`.
    pub(super) fn shape(&self, index: u8) -> Shape {
        shape(&self.tensors[usize::from(index)])
    }

    /// Shapes of an op's only operand and of its output.
    pub(super) fn shapes(&self, op: &OpRecord) -> (Shape, Shape) {
        (self.shape(op.operands[0]), self.shape(op.output))
    }

    pub(super) fn bytes(&self, offset: u32, length: usize) -> &[i8] {
        bytemuck::cast_slice(&self.file.constants[offset as usize..][..length])
    }

    fn words(&self, offset: u32, length: usize, to: &mut ConstantsWriter) -> u32 {
        let words = self.file.constants[offset as usize..][..4 * length].chunks_exact(4);
        let words: Vec<i32> = words.map(|word| i32::from_le_bytes(word.try_into().expect("four"))).collect();
        to.words(&words)
    }

    /// Rows of a choice.
    fn rows(&self, input: u8) -> usize {
        match self.file.inputs.iter().nth(input.into()).map(|input| input.kind) {
            Some(
                InputKind::Choice { count, .. } | InputKind::Row { count } | InputKind::Column { count },
            ) => count.into(),
            _ => unreachable!("parse has seen the choice"),
        }
    }

    /// An op in the portable layout, with its constants copied.
    pub(super) fn copy(&self, op: &OpRecord, to: &mut ConstantsWriter) -> OpRecord {
        let channels = usize::from(self.shape(op.output).channels);
        let kind = match &op.kind {
            OpKind::Dense(dense) => {
                let (input, output) = self.shapes(op);
                let weights = self.bytes(dense.weights, input.size() * output.size());
                OpKind::Dense(self.copy_dense(op, dense, weights, to))
            }
            OpKind::Conv(conv) => OpKind::Conv(self.copy_conv(op, conv, self.conv_weights(op, conv), to)),
            OpKind::Sum(sum) => OpKind::Sum(self.copy_terms(sum, op.operands.len(), channels, to)),
            OpKind::Concat(concat) => OpKind::Concat(self.copy_terms(concat, 1, channels, to)),
            OpKind::Embedding(EmbeddingRecord { table, choice }) => {
                let rows = choice.map_or(1, |input| self.rows(input));
                let table = to.bytes(self.bytes(*table, rows * self.shape(op.output).size()));
                OpKind::Embedding(EmbeddingRecord { table, choice: *choice })
            }
            OpKind::Norm(norm) => OpKind::Norm(NormRecord {
                bias: self.words(norm.bias, channels, to),
                epsilon: norm.epsilon,
                requantize: self.copy_requantize(&norm.requantize, channels, to),
            }),
            OpKind::Product(product) => {
                OpKind::Product(self.copy_terms(product, op.operands.len() - 1, channels, to))
            }
            OpKind::Attention(attention) => OpKind::Attention(AttentionRecord {
                requantize: self.copy_requantize(&attention.requantize, channels, to),
                ..attention.clone()
            }),
            OpKind::Window(window) => OpKind::Window(WindowRecord {
                taps: to.bytes(self.bytes(window.taps, 3 * channels)),
                requantize: self.copy_requantize(&window.requantize, channels, to),
                ..window.clone()
            }),
            OpKind::Draw(draw) => {
                let levels = self.shape(op.operands[0]).channels;
                let levels = to.bytes(self.bytes(draw.levels, levels.into()));
                OpKind::Draw(DrawRecord { levels, ..draw.clone() })
            }
        };
        OpRecord { kind, ..op.clone() }
    }

    /// Weights of a convolution in the portable order.
    pub(super) fn conv_weights(&self, op: &OpRecord, conv: &ConvRecord) -> &[i8] {
        let (input, output) = self.shapes(op);
        let count = conv.phases.weights(input.channels, output.channels);
        self.bytes(conv.weights, count.expect("parse has counted them"))
    }

    /// The record with `weights` in place of its own and all else copied.
    pub(super) fn copy_dense(
        &self,
        op: &OpRecord,
        dense: &DenseRecord,
        weights: &[i8],
        to: &mut ConstantsWriter,
    ) -> DenseRecord {
        let output = self.shape(op.output);
        let biases = if dense.bias_per_output { output.size() } else { output.channels.into() };
        DenseRecord {
            weights: to.bytes(weights),
            bias: self.words(dense.bias, biases, to),
            bias_per_output: dense.bias_per_output,
            columns: dense.columns.as_ref().map(|columns| {
                let weights = self.bytes(columns.weights, self.rows(columns.choice) * output.size());
                ColumnsRecord { weights: to.bytes(weights), ..columns.clone() }
            }),
            requantize: self.copy_requantize(&dense.requantize, output.channels.into(), to),
        }
    }

    /// The record with `weights` in place of its own and all else copied.
    pub(super) fn copy_conv(
        &self,
        op: &OpRecord,
        conv: &ConvRecord,
        weights: &[i8],
        to: &mut ConstantsWriter,
    ) -> ConvRecord {
        let channels = usize::from(self.shape(op.output).channels);
        let phases = conv.phases.count();
        ConvRecord {
            weights: to.bytes(weights),
            bias: self.words(conv.bias, phases * phases * channels, to),
            requantize: self.copy_requantize(&conv.requantize, channels, to),
            ..conv.clone()
        }
    }

    /// The record with all of its constants copied, `sets` multipliers per channel among them.
    fn copy_terms(
        &self,
        terms: &TermsRecord,
        sets: usize,
        channels: usize,
        to: &mut ConstantsWriter,
    ) -> TermsRecord {
        TermsRecord {
            multipliers: self.words(terms.multipliers, sets * channels, to),
            bias: self.words(terms.bias, channels, to),
            requantize: self.copy_requantize(&terms.requantize, channels, to),
        }
    }

    fn copy_requantize(
        &self,
        record: &RequantizeRecord,
        channels: usize,
        to: &mut ConstantsWriter,
    ) -> RequantizeRecord {
        RequantizeRecord {
            multipliers: self.words(record.multipliers, channels, to),
            shifts: match record.shifts {
                ShiftRecord::All(shift) => ShiftRecord::All(shift),
                ShiftRecord::PerChannel(offset) => {
                    ShiftRecord::PerChannel(to.bytes(self.bytes(offset, channels)))
                }
            },
            activation: match record.activation {
                ActivationRecord::Clamp { .. } => record.activation.clone(),
                ActivationRecord::Table { zero_point, table } => {
                    ActivationRecord::Table { zero_point, table: to.bytes(self.bytes(table, 256)) }
                }
            },
        }
    }
}
