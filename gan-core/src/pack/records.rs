//! The records of a model file, and its constants copied.

use std::vec::Vec;

use serde::Deserialize;

use crate::format::{
    ActivationRecord, ClassRecord, ConvRecord, DenseRecord, InputRecord, OpRecord, Preamble,
    RequantizeRecord, ShiftRecord, TensorRecord,
};
use crate::model::split_file;
use crate::ops::phases::Phases;
use crate::shape::Shape;
use crate::write::ConstantsWriter;

/// All of a file.
pub(super) struct Records<'f> {
    pub(super) preamble: Preamble<'f>,
    pub(super) inputs: Vec<InputRecord>,
    pub(super) tensors: Vec<TensorRecord>,
    pub(super) ops: Vec<OpRecord>,
    pub(super) constants: &'f [u8],
}

/// Reads a file that parse has accepted.
pub(super) fn read(file: &[u8]) -> Records<'_> {
    fn next<'f, T: Deserialize<'f>>(rest: &mut &'f [u8]) -> T {
        let (record, behind) = postcard::take_from_bytes(rest).expect("parse has read it");
        *rest = behind;
        record
    }
    let (header, constants, _) = split_file(file).expect("parse has split it");
    let mut rest = header;
    let preamble: Preamble<'_> = next(&mut rest);
    let inputs = (0..preamble.inputs).map(|_| next(&mut rest)).collect();
    let tensors = (0..preamble.tensors).map(|_| next(&mut rest)).collect();
    let ops = (0..preamble.ops).map(|_| next(&mut rest)).collect();
    Records { preamble, inputs, tensors, ops, constants }
}

/// What an op's constants are copied from.
pub(super) struct Source<'s> {
    pub(super) constants: &'s [u8],
    pub(super) tensors: &'s [TensorRecord],
    pub(super) inputs: &'s [InputRecord],
}

/// Shape of a tensor.
pub(super) fn shape(tensor: &TensorRecord) -> Shape {
    Shape::new(tensor.height, tensor.width, tensor.channels)
}

/// Geometry of a convolution.
pub(super) fn phases(record: &ConvRecord, transposed: bool) -> Phases {
    let ConvRecord { kernel, stride, padding, output_padding, .. } = *record;
    Phases { transposed, kernel, stride, padding, output_padding }
}

impl Source<'_> {
    pub(super) fn tensor(&self, index: u8) -> &TensorRecord {
        &self.tensors[usize::from(index)]
    }

    pub(super) fn bytes(&self, offset: u32, length: usize) -> &[i8] {
        bytemuck::cast_slice(&self.constants[offset as usize..][..length])
    }

    fn words(&self, offset: u32, length: usize, to: &mut ConstantsWriter) -> u32 {
        let words = self.constants[offset as usize..][..4 * length].chunks_exact(4);
        let words: Vec<i32> = words.map(|word| i32::from_le_bytes(word.try_into().expect("four"))).collect();
        to.words(&words)
    }

    /// An op in the portable layout, with its constants copied.
    pub(super) fn copy(&self, op: &OpRecord, to: &mut ConstantsWriter) -> OpRecord {
        match op {
            OpRecord::Dense(dense) => {
                let weights = self.bytes(dense.weights, self.dense_weights(dense));
                OpRecord::Dense(self.copy_dense(dense, weights, to))
            }
            OpRecord::Conv(conv) => {
                OpRecord::Conv(self.copy_conv(conv, false, self.conv_weights(conv, false), to))
            }
            OpRecord::ConvTranspose(conv) => {
                OpRecord::ConvTranspose(self.copy_conv(conv, true, self.conv_weights(conv, true), to))
            }
            OpRecord::PackedDense(_) | OpRecord::PackedConv(_) => unreachable!("the file is portable"),
        }
    }

    fn dense_weights(&self, dense: &DenseRecord) -> usize {
        shape(self.tensor(dense.input)).size() * shape(self.tensor(dense.output)).size()
    }

    /// Weights of a convolution in the portable order.
    pub(super) fn conv_weights(&self, conv: &ConvRecord, transposed: bool) -> &[i8] {
        let (inputs, outputs) = (self.tensor(conv.input).channels, self.tensor(conv.output).channels);
        let count = phases(conv, transposed).weights(inputs, outputs).expect("parse has counted them");
        self.bytes(conv.weights, count)
    }

    /// The record with `weights` in place of its own and all else copied.
    pub(super) fn copy_dense(
        &self,
        dense: &DenseRecord,
        weights: &[i8],
        to: &mut ConstantsWriter,
    ) -> DenseRecord {
        let output = shape(self.tensor(dense.output));
        let classes = self.inputs.iter().find_map(|input| match input {
            InputRecord::Class { classes } => Some(usize::from(*classes)),
            InputRecord::Latent { .. } => None,
        });
        let biases = if dense.bias_per_output { output.size() } else { output.channels.into() };
        let class = dense.class.as_ref().map(|class| {
            let columns = self.bytes(class.weights, classes.unwrap_or(0) * output.size());
            ClassRecord { weights: to.bytes(columns), ..class.clone() }
        });
        DenseRecord {
            weights: to.bytes(weights),
            bias: self.words(dense.bias, biases, to),
            class,
            requantize: self.copy_requantize(&dense.requantize, output.channels.into(), to),
            activation: self.copy_activation(&dense.activation, to),
            ..dense.clone()
        }
    }

    /// The record with `weights` in place of its own and all else copied.
    pub(super) fn copy_conv(
        &self,
        conv: &ConvRecord,
        transposed: bool,
        weights: &[i8],
        to: &mut ConstantsWriter,
    ) -> ConvRecord {
        let channels = usize::from(self.tensor(conv.output).channels);
        let phases = phases(conv, transposed).count();
        ConvRecord {
            weights: to.bytes(weights),
            bias: self.words(conv.bias, phases * phases * channels, to),
            requantize: self.copy_requantize(&conv.requantize, channels, to),
            activation: self.copy_activation(&conv.activation, to),
            ..conv.clone()
        }
    }

    fn copy_requantize(
        &self,
        record: &RequantizeRecord,
        channels: usize,
        to: &mut ConstantsWriter,
    ) -> RequantizeRecord {
        let shifts = match record.shifts {
            ShiftRecord::All(shift) => ShiftRecord::All(shift),
            ShiftRecord::PerChannel(offset) => {
                ShiftRecord::PerChannel(to.bytes(self.bytes(offset, channels)))
            }
        };
        RequantizeRecord { multipliers: self.words(record.multipliers, channels, to), shifts }
    }

    fn copy_activation(&self, record: &ActivationRecord, to: &mut ConstantsWriter) -> ActivationRecord {
        match *record {
            ActivationRecord::Clamp { .. } => record.clone(),
            ActivationRecord::Table { zero_point, table } => {
                ActivationRecord::Table { zero_point, table: to.bytes(self.bytes(table, 256)) }
            }
        }
    }
}
