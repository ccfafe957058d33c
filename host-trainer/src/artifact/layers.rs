//! The ops of a model file: their constants, and what they are called.

use std::collections::BTreeMap;

use gan_core::format::{ActivationRecord, OpKind, OpRecord, RequantizeRecord, ShiftRecord};
use gan_core::{Model, ParseError};

/// What tells layers apart whose instructions differ.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LayerKey {
    /// Kind, window and activation.
    pub op: String,
    /// Height, width, channels of what it reads.
    pub inputs: Vec<[u16; 3]>,
    /// Height, width, channels of what it writes.
    pub output: [u16; 3],
    /// Classes that it reads beside; 0 for none.
    pub classes: u8,
}

/// Where an op's constants start.
pub(super) fn constants(op: &OpRecord) -> Vec<u32> {
    let mut starts = match &op.kind {
        OpKind::Dense(record) => {
            let columns = record.columns.as_ref().map(|columns| columns.weights);
            [Some(record.weights), Some(record.bias), columns].into_iter().flatten().collect()
        }
        OpKind::Conv(record) => vec![record.weights, record.bias],
        OpKind::Sum(record) | OpKind::Concat(record) | OpKind::Product(record) => {
            vec![record.multipliers, record.bias]
        }
        OpKind::Embedding(record) => vec![record.table],
        OpKind::Norm(record) => vec![record.bias],
        OpKind::Attention(_) => vec![],
        OpKind::Window(record) => vec![record.taps],
        OpKind::Draw(record) => vec![record.levels],
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
fn key(op: &OpRecord, model: &Model<'_>) -> LayerKey {
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

/// What the bench tells the layers of `file` by.
///
/// # Errors
/// gan-core refuses the file.
pub(super) fn layer_keys(file: &[u8]) -> Result<Vec<LayerKey>, ParseError> {
    let model = Model::parse(file)?;
    let ops: Vec<OpRecord> = model.file().ops.iter().collect();
    Ok(keys(&ops, &model))
}

/// What the bench tells these layers of `model` by.
pub(super) fn keys(ops: &[OpRecord], model: &Model<'_>) -> Vec<LayerKey> {
    ops.iter().map(|op| key(op, model)).collect()
}

/// `12345678` as `12,345,678`.
pub fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}
