//! What is inside a model file: layers, tensors, constants, who lies where in the arena at what time, what of it the
//! bench has counted, and which boards hold it.

mod text;

pub use text::shape_text;

use gan_core::Model;
use gan_core::format::OpRecord;
use gan_core::lifetime::{Life, Lifetimes};
use serde::Serialize;

use crate::artifact::boards::{self, Board, Counts, Fit};
use crate::artifact::layers::{constant_sizes, constants, describe, keys};
use crate::stamp::Stamp;

/// A model file, taken apart.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Inspection {
    /// The model's name.
    pub name: String,
    /// What it was made from, where that is known; the file itself does not say.
    pub stamp: Option<Stamp>,
    /// Length of the latent.
    pub latent: usize,
    /// Number of classes; 0 without.
    pub classes: u8,
    /// The whole file: the flash that it takes.
    pub file_bytes: usize,
    /// Fixed fields and header, with the padding behind them.
    pub header_bytes: usize,
    /// Weights, biases, multipliers, tables.
    pub constant_bytes: usize,
    /// Working memory.
    pub arena_bytes: usize,
    /// Multiply-accumulates a picture.
    pub macs: u64,
    /// In the order in which they run.
    pub layers: Vec<InspectedOp>,
    /// In the file's order.
    pub tensors: Vec<Placed>,
    /// Instructions, where the bench has counted such layers.
    pub instructions: Counts,
    /// What the model takes on each board; of a packed file, on the boards of its core.
    pub boards: Vec<Fit>,
}

/// An op of the file.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct InspectedOp {
    /// What it computes, activation included.
    pub op: String,
    /// The tensors it reads.
    pub inputs: Vec<usize>,
    /// The tensor it writes.
    pub output: usize,
    /// Bytes of its constants, with the padding behind each.
    pub bytes: usize,
    /// Multiply-accumulates.
    pub macs: u64,
}

/// A tensor and its place.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Placed {
    /// Height, width, channels.
    pub shape: [u16; 3],
    /// real = scale · (q − zero_point)
    pub scale: f32,
    /// The int8 value of 0.
    pub zero_point: i8,
    /// First byte in the arena.
    pub offset: usize,
    /// Bytes that it takes there.
    pub bytes: usize,
    /// When it is written: 0 with the inputs, n by the n-th layer.
    pub written: usize,
    /// When it is read for the last time.
    pub read: usize,
}

impl Inspection {
    /// Takes `file` apart, which `model` was parsed from.
    ///
    /// # Panics
    /// When `model` was parsed from another file.
    pub fn new(file: &[u8], model: &Model<'_>) -> Inspection {
        let ops: Vec<OpRecord> = model.file().ops.iter().collect();
        let constant_bytes = model.file().constants.len();
        let file_bytes = gan_core::file_bytes(file);
        let sizes = constant_sizes(&ops, constant_bytes);
        let layer = |(op, macs): (&OpRecord, u64)| InspectedOp {
            op: if op.packed { format!("packed {}", describe(op, model)) } else { describe(op, model) },
            inputs: op.operands.iter().map(|&operand| operand.into()).collect(),
            output: op.output.into(),
            bytes: constants(op).iter().map(|offset| sizes[offset]).sum(),
            macs,
        };
        let layers: Vec<InspectedOp> = ops.iter().zip(model.macs()).map(layer).collect();
        Inspection {
            name: model.name().into(),
            stamp: None,
            latent: model.latent_length(),
            classes: model.classes(),
            file_bytes,
            header_bytes: file_bytes - constant_bytes,
            constant_bytes,
            arena_bytes: model.arena_bytes(),
            macs: model.macs().sum(),
            tensors: placed(model),
            layers,
            instructions: boards::counts(file, &keys(&ops, model)),
            boards: boards::fits(file, Board::all()).expect("a parsed model"),
        }
    }

    /// What each step of a picture has in the arena: the inputs, then each layer's input and output; with the tensors'
    /// indices.
    pub fn steps(&self) -> Vec<(String, Vec<usize>)> {
        let names =
            std::iter::once("inputs".to_owned()).chain(self.layers.iter().map(|layer| layer.op.clone()));
        let live = |step: usize| {
            let lives = |tensor: &Placed| (tensor.written..=tensor.read).contains(&step);
            self.tensors
                .iter()
                .enumerate()
                .filter(|(_, tensor)| lives(tensor))
                .map(|(index, _)| index)
                .collect()
        };
        names.enumerate().map(|(step, name)| (name, live(step))).collect()
    }
}

/// The tensors, and when the first entry uses them.
fn placed(model: &Model<'_>) -> Vec<Placed> {
    let entry = model.entries().next().expect("a parsed model has an entry");
    let lives = Lifetimes::of(model.file(), &entry).expect("a parsed model writes before it reads");
    let tensor = |(index, tensor): (u8, gan_core::Tensor)| {
        let Life { written, read } = lives.get(index);
        Placed {
            shape: [tensor.shape.height, tensor.shape.width, tensor.shape.channels],
            scale: tensor.scale,
            zero_point: tensor.zero_point,
            offset: tensor.offset as usize,
            bytes: tensor.shape.size(),
            written: written.into(),
            read: read.min(entry.ops).into(),
        }
    };
    (0..=u8::MAX).zip(model.tensors()).map(tensor).collect()
}

#[cfg(test)]
mod tests;
