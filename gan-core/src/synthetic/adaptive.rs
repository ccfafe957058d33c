//! Ops whose factors are known only when the picture is.

use std::vec::Vec;

use super::{Activation, Numbers, Synthetic};
use crate::format::{AttentionRecord, NormRecord, OpKind};
use crate::shape::Shape;

impl Synthetic {
    /// An instance norm of `operand`; see [`crate::ops::adaptive::norm`].
    ///
    /// # Panics
    /// If there is no such tensor.
    #[must_use]
    pub fn norm(mut self, operand: u8, activation: Activation) -> Self {
        let shape = self.shape(operand);
        let bias = self.biases(shape.channels.into());
        // Offsets of up to about 40 steps.
        let bias: Vec<i32> = bias.into_iter().map(|bias| bias.saturating_mul(1 << 9)).collect();
        let epsilon = if self.next().is_multiple_of(4) { 1 } else { 1 + (self.next() as u32 >> 16) };
        let record = NormRecord {
            bias: self.writer.constants.words(&bias),
            epsilon,
            requantize: self.gains(shape.channels, 40.0),
        };
        self.push(shape, activation, &[operand], OpKind::Norm(record))
    }

    /// The first of `operands` times the second, and the third added if there is one, all repeated to the largest; see
    /// [`crate::ops::adaptive::product`].
    ///
    /// # Panics
    /// If there are no operands, or more than [`MAX_OPERANDS`](crate::format::MAX_OPERANDS).
    #[must_use]
    pub fn product(mut self, operands: &[u8], activation: Activation) -> Self {
        let larger = |a: Shape, b: Shape| {
            Shape::new(a.height.max(b.height), a.width.max(b.width), a.channels.max(b.channels))
        };
        let shapes = operands.iter().map(|&operand| self.shape(operand));
        let shape = shapes.reduce(larger).unwrap_or(Shape::new(1, 1, 1));
        let record = self.factors(shape.channels, operands.len() > 2);
        self.push(shape, activation, operands, OpKind::Product(record))
    }

    /// Attention of the queries `operands[0]` to the keys `operands[1]` and values `operands[2]`; see [`crate::ops::adaptive::attention`].
    ///
    /// # Panics
    /// If there is no such tensor.
    #[must_use]
    pub fn attention(mut self, operands: [u8; 3], activation: Activation) -> Self {
        let [query, _, value] = operands.map(|operand| self.shape(operand));
        let shape = Shape { channels: value.channels, ..query };
        let usual = self.numbers == Numbers::Usual;
        let record = AttentionRecord {
            factor: if usual { 1 << 24 } else { (self.next() as i32 & i32::MAX).max(1) },
            score_shift: if usual { 28 } else { 1 + (self.next() % 62) as u8 },
            requantize: self.gains(shape.channels, 1.0),
        };
        self.push(shape, activation, &operands, OpKind::Attention(record))
    }
}
