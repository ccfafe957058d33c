//! Tensors, inputs and entries, as the header has them.

use serde::{Deserialize, Serialize};

/// Bytes of an encoded [`TensorRecord`].
pub const TENSOR_BYTES: usize = 15;

/// A tensor: its shape, its numbers, its place in the arena. All numbers have fixed lengths: 15 bytes.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct TensorRecord {
    /// Rows, at least 1.
    #[serde(with = "postcard::fixint::le")]
    pub height: u16,
    /// Columns, at least 1.
    #[serde(with = "postcard::fixint::le")]
    pub width: u16,
    /// Channels, at least 1; a vector's length.
    #[serde(with = "postcard::fixint::le")]
    pub channels: u16,
    /// real = scale · (q − zero_point)
    pub scale: f32,
    /// The int8 value of 0.
    pub zero_point: i8,
    /// First byte in the arena.
    #[serde(with = "postcard::fixint::le")]
    pub offset: u32,
}

/// What the caller hands in before the first op.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct InputRecord<'f> {
    /// What a display calls it: `z`, `digit`, `stroke width`.
    pub name: &'f str,
    /// What its numbers are, and where they go.
    #[serde(borrow)]
    pub kind: InputKind<'f>,
}

/// Kinds of inputs.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub enum InputKind<'f> {
    /// Standard normal numbers, at 3/127 per step: a latent, or a plane of noise.
    Normal {
        /// Index of the tensor, of any shape.
        tensor: u8,
    },
    /// Numbers from −1 to 1, at 1/127 per step.
    Uniform {
        /// Index of the tensor, of any shape.
        tensor: u8,
    },
    /// One of `count`: ops read it as a row's number.
    Choice {
        /// How many there are to choose from.
        count: u8,
        /// Their names, each followed by a line feed; an empty string where they have none.
        names: &'f str,
    },
    /// A picture, at 1/127 per step.
    Picture {
        /// Index of the tensor.
        tensor: u8,
    },
    /// A choice that the engine turns itself: the row of the pixel that a pass draws. Outside of passes it is 0.
    Row {
        /// Rows of the picture that is drawn.
        count: u8,
    },
    /// The same for its column.
    Column {
        /// Columns of the picture that is drawn.
        count: u8,
    },
}

impl InputKind<'_> {
    /// Index of the tensor that the caller writes; a choice has none, and neither have a row and a column.
    pub fn tensor(&self) -> Option<u8> {
        match *self {
            InputKind::Normal { tensor } | InputKind::Uniform { tensor } | InputKind::Picture { tensor } => {
                Some(tensor)
            }
            InputKind::Choice { .. } | InputKind::Row { .. } | InputKind::Column { .. } => None,
        }
    }
}

/// A generator in the file: consecutive ops, and the tensor that holds their picture. Entries may share ops and constants.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct EntryRecord<'f> {
    /// What a display calls the generator.
    pub name: &'f str,
    /// Index of its first op.
    pub first: u8,
    /// Number of its ops.
    pub ops: u8,
    /// Index of the tensor that holds the picture.
    pub output: u8,
}
