//! The ops of a model file: their constants, and what they are called.

use std::collections::BTreeMap;

use gan_core::Model;
use gan_core::format::{ActivationRecord, OpKind, OpRecord, RequantizeRecord, ShiftRecord};

use crate::boards::LayerKey;

/// Where an op's constants start.
pub(super) fn constants(op: &OpRecord) -> Vec<u32> {
    let mut starts = match &op.kind {
        OpKind::Dense(record) => {
            let columns = record.columns.as_ref().map(|columns| columns.weights);
            [Some(record.weights), Some(record.bias), columns].into_iter().flatten().collect()
        }
        OpKind::Conv(record) => vec![record.weights, record.bias],
        OpKind::Sum(record) | OpKind::Concat(record) => vec![record.multipliers, record.bias],
        OpKind::Embedding(record) => vec![record.table],
    };
    let Some(RequantizeRecord { multipliers, shifts, activation }) = op.kind.requantize() else {
        return starts;
    };
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
    let zero_point = model.tensor(op.output).map_or(0, |output| output.zero_point);
    let activation = match op.kind.requantize().map(|requantize| &requantize.activation) {
        Some(ActivationRecord::Table { .. }) => ", table",
        Some(ActivationRecord::Clamp { min, max: i8::MAX }) if *min == zero_point => ", relu",
        Some(ActivationRecord::Clamp { .. }) | None => "",
    };
    format!("{op}{activation}")
}

/// What the bench tells the layer by: the same for a layer in any layout.
pub(super) fn key(op: &OpRecord, model: &Model<'_>) -> LayerKey {
    let shape = |tensor: u8| {
        let shape = model.tensor(tensor).expect("a parsed model has its tensors").shape;
        [shape.height, shape.width, shape.channels]
    };
    let reads_choice = op.dense().is_some_and(|dense| dense.columns.is_some());
    LayerKey {
        op: describe(op, model),
        inputs: op.operands.iter().map(|&operand| shape(operand)).collect(),
        output: shape(op.output),
        classes: if reads_choice { model.classes() } else { 0 },
    }
}
