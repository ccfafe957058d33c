//! The 44 bytes that an op takes in the header.

use bytemuck::{Pod, Zeroable};

use super::op::{
    ActivationRecord, AttentionRecord, ColumnsRecord, ConvRecord, DenseRecord, DrawRecord, EmbeddingRecord,
    NormRecord, OpKind, OpRecord, RequantizeRecord, ShiftRecord, TermsRecord, WindowRecord,
};
use crate::geometry::phases::Phases;
use crate::limits::MAX_OPERANDS;

/// Bytes of an encoded [`OpRecord`].
pub const OP_BYTES: usize = size_of::<Fields>();
/// No operand, no choice.
const NONE: u8 = u8::MAX;

/// An op as it lies in the file, in this order and little-endian. What a kind has no use for is 0, or 255 where that is said.
#[derive(Clone, Copy, Pod, Zeroable)]
#[repr(C)]
struct Fields {
    /// 0 dense, 1 convolution, 2 transposed convolution, 3 sum, 4 concat, 5 embedding or constant, 6 instance norm, 7 product,
    /// 8 attention, 9 window, 10 draw.
    kind: u8,
    /// Indices of tensors; behind the last of them 255.
    operands: [u8; MAX_OPERANDS],
    /// Index of a tensor.
    output: u8,
    /// 1 packed, 2 a bias per output, 4 a table behind the rounding, 8 a shift per channel; their sum.
    flags: u8,
    /// The clamp's lower end, or the zero point in front of the table.
    low: i8,
    /// The clamp's upper end.
    high: i8,
    /// Of a convolution; of a draw [`DrawRecord::ops`].
    kernel: u8,
    stride: u8,
    /// Of a window [`WindowRecord::outside`].
    padding: u8,
    output_padding: u8,
    /// Index of the input that is the choice of a dense layer's columns or of an embedding's row; 255 without.
    choice: u8,
    /// The shift of all channels.
    shift: u8,
    /// [`ColumnsRecord::one`], [`AttentionRecord::score_shift`] or [`DrawRecord::score_shift`].
    one: u16,
    scratch: u32,
    /// Offsets of constants: weights; of a sum, concat or product the operands' multipliers, of an embedding the table, of a
    /// window the taps, of a draw the levels.
    weights: u32,
    bias: u32,
    /// Of a dense layer an offset; no offset: [`NormRecord::epsilon`], [`AttentionRecord::factor`], [`DrawRecord::factor`].
    columns: u32,
    multipliers: u32,
    shifts: u32,
    table: u32,
}

const PACKED: u8 = 1;
const BIAS_PER_OUTPUT: u8 = 2;
const TABLE: u8 = 4;
const SHIFT_PER_CHANNEL: u8 = 8;

impl OpRecord {
    /// The op in `bytes`; `None` for a kind or a flag that there is none of.
    pub(crate) fn decode(bytes: &[u8; OP_BYTES]) -> Option<Self> {
        let fields: Fields = bytemuck::pod_read_unaligned(bytes);
        if fields.flags > PACKED + BIAS_PER_OUTPUT + TABLE + SHIFT_PER_CHANNEL {
            return None;
        }
        let has = |flag: u8| fields.flags & flag != 0;
        let requantize = RequantizeRecord {
            multipliers: fields.multipliers,
            shifts: match has(SHIFT_PER_CHANNEL) {
                true => ShiftRecord::PerChannel(fields.shifts),
                false => ShiftRecord::All(fields.shift),
            },
            activation: match has(TABLE) {
                true => ActivationRecord::Table { zero_point: fields.low, table: fields.table },
                false => ActivationRecord::Clamp { min: fields.low, max: fields.high },
            },
        };
        let Fields { kernel, stride, padding, output_padding, weights, bias, one, .. } = fields;
        let choice = (fields.choice != NONE).then_some(fields.choice);
        let kind = match fields.kind {
            0 => OpKind::Dense(DenseRecord {
                weights,
                bias,
                bias_per_output: has(BIAS_PER_OUTPUT),
                columns: choice.map(|choice| ColumnsRecord { choice, weights: fields.columns, one }),
                requantize,
            }),
            kind @ (1 | 2) => {
                let phases = Phases { transposed: kind == 2, kernel, stride, padding, output_padding };
                OpKind::Conv(ConvRecord { phases, weights, bias, requantize })
            }
            3 => OpKind::Sum(TermsRecord { multipliers: weights, bias, requantize }),
            4 => OpKind::Concat(TermsRecord { multipliers: weights, bias, requantize }),
            5 => OpKind::Embedding(EmbeddingRecord { table: weights, choice }),
            6 => OpKind::Norm(NormRecord { bias, epsilon: fields.columns, requantize }),
            7 => OpKind::Product(TermsRecord { multipliers: weights, bias, requantize }),
            8 => OpKind::Attention(AttentionRecord {
                factor: fields.columns as i32,
                score_shift: u8::try_from(one).ok()?,
                requantize,
            }),
            9 => OpKind::Window(WindowRecord { taps: weights, outside: padding as i8, requantize }),
            10 => OpKind::Draw(DrawRecord {
                levels: weights,
                factor: fields.columns as i32,
                score_shift: u8::try_from(one).ok()?,
                ops: kernel,
            }),
            _ => return None,
        };
        let operands = fields.operands.into_iter().take_while(|&operand| operand != NONE).collect();
        Some(OpRecord { operands, output: fields.output, packed: has(PACKED), scratch: fields.scratch, kind })
    }

    /// The op as it lies in the file.
    #[cfg(feature = "std")]
    pub(crate) fn encode(&self) -> [u8; OP_BYTES] {
        let mut fields = Fields { choice: NONE, operands: [NONE; MAX_OPERANDS], ..Fields::zeroed() };
        for (field, &operand) in fields.operands.iter_mut().zip(&self.operands) {
            *field = operand;
        }
        fields.output = self.output;
        fields.scratch = self.scratch;
        fields.flags = if self.packed { PACKED } else { 0 };
        match &self.kind {
            OpKind::Dense(dense) => {
                (fields.kind, fields.weights, fields.bias) = (0, dense.weights, dense.bias);
                fields.flags += if dense.bias_per_output { BIAS_PER_OUTPUT } else { 0 };
                if let Some(ColumnsRecord { choice, weights, one }) = dense.columns {
                    (fields.choice, fields.columns, fields.one) = (choice, weights, one);
                }
            }
            OpKind::Conv(ConvRecord { phases, weights, bias, .. }) => {
                fields.kind = if phases.transposed { 2 } else { 1 };
                (fields.weights, fields.bias) = (*weights, *bias);
                (fields.kernel, fields.stride) = (phases.kernel, phases.stride);
                (fields.padding, fields.output_padding) = (phases.padding, phases.output_padding);
            }
            OpKind::Sum(terms) | OpKind::Concat(terms) => {
                fields.kind = if matches!(self.kind, OpKind::Sum(_)) { 3 } else { 4 };
                (fields.weights, fields.bias) = (terms.multipliers, terms.bias);
            }
            OpKind::Embedding(embedding) => {
                (fields.kind, fields.weights) = (5, embedding.table);
                fields.choice = embedding.choice.unwrap_or(NONE);
            }
            OpKind::Norm(norm) => {
                (fields.kind, fields.bias, fields.columns) = (6, norm.bias, norm.epsilon);
            }
            OpKind::Product(product) => {
                (fields.kind, fields.weights, fields.bias) = (7, product.multipliers, product.bias);
            }
            OpKind::Attention(attention) => {
                (fields.kind, fields.columns) = (8, attention.factor as u32);
                fields.one = attention.score_shift.into();
            }
            OpKind::Window(window) => {
                (fields.kind, fields.weights, fields.padding) = (9, window.taps, window.outside as u8);
            }
            OpKind::Draw(draw) => {
                (fields.kind, fields.weights, fields.columns) = (10, draw.levels, draw.factor as u32);
                (fields.one, fields.kernel) = (draw.score_shift.into(), draw.ops);
            }
        }
        if let Some(RequantizeRecord { multipliers, shifts, activation }) = self.kind.requantize() {
            fields.multipliers = *multipliers;
            match *shifts {
                ShiftRecord::All(shift) => fields.shift = shift,
                ShiftRecord::PerChannel(shifts) => {
                    (fields.shifts, fields.flags) = (shifts, fields.flags + SHIFT_PER_CHANNEL);
                }
            }
            match *activation {
                ActivationRecord::Clamp { min, max } => (fields.low, fields.high) = (min, max),
                ActivationRecord::Table { zero_point, table } => {
                    (fields.low, fields.table) = (zero_point, table);
                    fields.flags += TABLE;
                }
            }
        }
        bytemuck::bytes_of(&fields).try_into().expect("as many bytes")
    }
}
