//! The records of a model file's header.

use std::collections::BTreeMap;

use gan_core::Model;
use gan_core::format::{
    self, ActivationRecord, ConvRecord, InputRecord, OpRecord, PackedConvRecord, PackedDenseRecord, Preamble,
    RequantizeRecord, ShiftRecord, TensorRecord,
};

use crate::boards::LayerKey;

/// A model file's header.
pub(super) struct Header<'f> {
    pub(super) preamble: Preamble<'f>,
    pub(super) inputs: Vec<InputRecord>,
    pub(super) ops: Vec<OpRecord>,
    /// Fixed fields and records, with the padding behind them.
    pub(super) bytes: usize,
}

impl Header<'_> {
    /// Of a file that gan-core accepts.
    pub(super) fn of(file: &[u8]) -> Header<'_> {
        const PARSED: &str = "the header of a parsed model";
        let word = |at: usize| u32::from_le_bytes(file[at..at + 4].try_into().expect(PARSED)) as usize;
        let end = format::HEADER_START + word(8);
        let header = &file[format::HEADER_START..end];
        let (preamble, mut rest) = postcard::take_from_bytes::<Preamble<'_>>(header).expect(PARSED);
        let inputs: Vec<InputRecord> = take(&mut rest, preamble.inputs);
        let _: Vec<TensorRecord> = take(&mut rest, preamble.tensors);
        let ops: Vec<OpRecord> = take(&mut rest, preamble.ops);
        Header { preamble, inputs, ops, bytes: end.next_multiple_of(format::ALIGNMENT) }
    }
}

/// The next `count` records of a header.
fn take<'f, T: serde::Deserialize<'f>>(rest: &mut &'f [u8], count: u8) -> Vec<T> {
    let mut next = || {
        let (record, behind) = postcard::take_from_bytes(rest).expect("the header of a parsed model");
        *rest = behind;
        record
    };
    (0..count).map(|_| next()).collect()
}

/// Where an op's constants start.
pub(super) fn constants(op: &OpRecord) -> Vec<u32> {
    let (mut starts, requantize, activation) = match op {
        OpRecord::Dense(dense) | OpRecord::PackedDense(PackedDenseRecord { dense, .. }) => {
            let class = dense.class.as_ref().map(|class| class.weights);
            let starts =
                [Some(dense.weights), Some(dense.bias), class].into_iter().flatten().collect::<Vec<u32>>();
            (starts, &dense.requantize, &dense.activation)
        }
        OpRecord::Conv(conv)
        | OpRecord::ConvTranspose(conv)
        | OpRecord::PackedConv(PackedConvRecord { conv, .. }) => {
            (vec![conv.weights, conv.bias], &conv.requantize, &conv.activation)
        }
    };
    let RequantizeRecord { multipliers, shifts } = requantize;
    starts.push(*multipliers);
    if let ShiftRecord::PerChannel(shifts) = shifts {
        starts.push(*shifts);
    }
    if let ActivationRecord::Table { table, .. } = activation {
        starts.push(*table);
    }
    starts
}

/// From each constant to the next, or to the end: lengths follow from shapes, and the file does not repeat them.
pub(super) fn constant_sizes(ops: &[OpRecord], end: usize) -> BTreeMap<u32, usize> {
    let mut starts: Vec<u32> = ops.iter().flat_map(constants).collect();
    starts.sort_unstable();
    starts.dedup();
    let ends = starts.iter().skip(1).map(|&start| start as usize).chain([end]);
    starts.iter().zip(ends).map(|(&start, end)| (start, end - start as usize)).collect()
}

/// An op in words, with its activation.
pub(super) fn describe(op: &OpRecord, model: &Model<'_>) -> String {
    let output = model.tensors()[usize::from(op.output())];
    let window = |name: &str, conv: &ConvRecord| {
        let ConvRecord { kernel, stride, padding, .. } = conv;
        format!("{name} {kernel}×{kernel} s{stride} p{padding}")
    };
    let (name, activation) = match op {
        OpRecord::Dense(dense) => ("dense".to_owned(), &dense.activation),
        OpRecord::Conv(conv) => (window("conv", conv), &conv.activation),
        OpRecord::ConvTranspose(conv) => (window("conv_transpose", conv), &conv.activation),
        OpRecord::PackedDense(PackedDenseRecord { dense, .. }) => {
            ("packed dense".to_owned(), &dense.activation)
        }
        OpRecord::PackedConv(PackedConvRecord { conv, transposed: false, .. }) => {
            (window("packed conv", conv), &conv.activation)
        }
        OpRecord::PackedConv(PackedConvRecord { conv, .. }) => {
            (window("packed conv_transpose", conv), &conv.activation)
        }
    };
    match activation {
        ActivationRecord::Table { .. } => name + ", table",
        ActivationRecord::Clamp { min, max: i8::MAX } if *min == output.zero_point => name + ", relu",
        ActivationRecord::Clamp { .. } => name,
    }
}

/// What the bench tells the layer by: the same for a layer in any layout.
pub(super) fn key(op: &OpRecord, model: &Model<'_>) -> LayerKey {
    let shape = |tensor: u8| {
        let shape = model.tensors()[usize::from(tensor)].shape;
        [shape.height, shape.width, shape.channels]
    };
    let reads_class = match op {
        OpRecord::Dense(dense) | OpRecord::PackedDense(PackedDenseRecord { dense, .. }) => {
            dense.class.is_some()
        }
        OpRecord::Conv(_) | OpRecord::ConvTranspose(_) | OpRecord::PackedConv(_) => false,
    };
    LayerKey {
        op: describe(op, model).trim_start_matches("packed ").to_owned(),
        input: shape(op.input()),
        output: shape(op.output()),
        classes: if reads_class { model.classes() } else { 0 },
    }
}
