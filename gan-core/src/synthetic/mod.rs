//! Models of any shape with pseudo-random weights, for tests and benchmarks.
//!
//! ```
//! use gan_core::synthetic::{Activation, Synthetic};
//! use gan_core::{AlignedBytes, Model};
//!
//! let file = Synthetic::new(1, 64)
//!     .dense(7, 7, 64, Activation::Relu)
//!     .conv_transpose(4, 2, 1, 0, 32, Activation::Relu)
//!     .conv_transpose(4, 2, 1, 0, 1, Activation::Tanh)
//!     .finish("three layers");
//! let file = AlignedBytes::new(&file);
//! assert_eq!(Model::parse(&file)?.output_shape(), gan_core::Shape::new(28, 28, 1));
//! # Ok::<(), gan_core::ParseError>(())
//! ```

mod adaptive;
mod branching;
mod numbers;
mod passes;

pub use branching::{branching, drawing};
pub use numbers::Numbers;
pub use passes::{Side, pixel_cnn};

use std::vec::Vec;

use crate::format::{
    ActivationRecord, ColumnsRecord, ConvRecord, DenseRecord, EmbeddingRecord, OpKind, OpRecord, TensorRecord,
};
use crate::geometry::phases::Phases;
use crate::latent::LATENT_SCALE;
use crate::limits::MAX_TENSOR_BYTES;
use crate::model::PICTURE_SCALE;
use crate::shape::Shape;
use crate::write::{Entry, Input, Kind, ModelWriter};
use passes::Drawn;

/// The generator that the field's figures are for: z\[64\] → dense 7×7×64, ReLU → conv_transpose 4×4 s2 p1 to 14×14×32,
/// ReLU → conv_transpose 4×4 s2 p1 to 28×28×1, tanh; of seed 1.
pub fn reference() -> Vec<u8> {
    Synthetic::new(1, 64)
        .dense(7, 7, 64, Activation::Relu)
        .conv_transpose(4, 2, 1, 0, 32, Activation::Relu)
        .conv_transpose(4, 2, 1, 0, 1, Activation::Tanh)
        .finish("reference")
}

/// What follows a layer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Activation {
    /// Nothing: the output takes any value.
    None,
    /// A zero point of −128 and nothing below it.
    Relu,
    /// tanh, by a table.
    Tanh,
}

/// A model that grows op by op.
///
/// A dense layer or a convolution reads the tensor made last, unless [`Synthetic::from`] names another. An op panics
/// that has no output, one of more than [`MAX_TENSOR_BYTES`], or more than 2²⁴ weights or biases. What no engine
/// reads for another reason can be made: [`Model::parse`](crate::Model::parse) refuses it.
#[derive(Debug, Clone)]
pub struct Synthetic {
    state: u64,
    numbers: Numbers,
    /// The choice that the next dense layer or embedding reads.
    joined: Option<(u8, u8)>,
    /// The picture that a pass draws, once it has a place.
    drawn: Option<Drawn>,
    /// The tensor that the next op reads, if it is not the last one.
    source: Option<u8>,
    writer: ModelWriter,
}

impl Synthetic {
    /// A model of `latent` numbers; equal seeds make equal models.
    pub fn new(seed: u64, latent: u16) -> Self {
        let model = Synthetic {
            state: seed,
            numbers: Numbers::Usual,
            joined: None,
            drawn: None,
            source: None,
            writer: ModelWriter::default(),
        };
        model.normal(Shape::new(1, 1, latent))
    }

    /// Says how the numbers of further ops are drawn.
    #[must_use]
    pub fn numbers(mut self, numbers: Numbers) -> Self {
        self.numbers = numbers;
        self
    }

    /// A further input of normal numbers, which becomes the last tensor.
    #[must_use]
    pub fn normal(self, shape: Shape) -> Self {
        self.input("z", shape, LATENT_SCALE, Kind::Normal)
    }

    /// A further input of uniform numbers, which becomes the last tensor.
    #[must_use]
    pub fn uniform(self, shape: Shape) -> Self {
        self.input("u", shape, PICTURE_SCALE, Kind::Uniform)
    }

    /// A further input that is a picture, which becomes the last tensor.
    #[must_use]
    pub fn picture(self, shape: Shape) -> Self {
        self.input("x", shape, PICTURE_SCALE, Kind::Picture)
    }

    fn input(mut self, name: &str, shape: Shape, scale: f32, kind: impl FnOnce(u8) -> Kind) -> Self {
        let tensor = self.tensor(shape, scale, 0);
        self.writer.inputs.push(Input::new(name, kind(tensor)));
        self
    }

    /// A choice of `count` without names; the next dense layer or embedding reads it.
    #[must_use]
    pub fn classes(mut self, count: u8) -> Self {
        self.joined = Some((index(self.writer.inputs.len()), count));
        self.writer.inputs.push(Input::new("class", Kind::Choice(count, std::vec![])));
        self
    }

    /// Index of the tensor made last; of a picture, once it is drawn.
    pub fn last(&self) -> u8 {
        match (&self.drawn, self.writer.ops.last().map(|op| &op.kind)) {
            (Some(drawn), Some(OpKind::Draw(_))) => drawn.picture,
            _ => index(self.writer.tensors.len() - 1),
        }
    }

    /// The next dense layer or convolution reads `tensor`.
    #[must_use]
    pub fn from(mut self, tensor: u8) -> Self {
        self.source = Some(tensor);
        self
    }

    /// Number of inputs so far.
    pub fn inputs(&self) -> usize {
        self.writer.inputs.len()
    }

    /// Shape of a tensor.
    ///
    /// # Panics
    /// If there is none with that index.
    pub fn shape(&self, tensor: u8) -> Shape {
        let TensorRecord { height, width, channels, .. } = self.writer.tensors[usize::from(tensor)];
        Shape::new(height, width, channels)
    }

    /// A dense layer to height × width × channels.
    ///
    /// # Panics
    /// If its output, weights or biases are none or too many; see [`Synthetic`].
    #[must_use]
    pub fn dense(mut self, height: u16, width: u16, channels: u16, activation: Activation) -> Self {
        let input = self.source.take().unwrap_or(self.last());
        let inputs = self.shape(input).size();
        let shape = checked(Shape::new(height, width, channels));
        let weights = self.weights(inputs.checked_mul(shape.size()));
        let joined = self.joined.take().filter(|&(_, count)| count > 0);
        let rows = joined.map_or(0, |(_, count)| usize::from(count));
        let columns = self.weights(rows.checked_mul(shape.size()));
        let bias_per_output = self.next().is_multiple_of(2);
        let biases = if bias_per_output { shape.size() } else { channels.into() };
        let (bias, requantize) = (self.biases(biases), self.requantize(channels, inputs.max(1)));
        let constants = &mut self.writer.constants;
        let record = DenseRecord {
            weights: constants.bytes(&weights),
            bias: constants.words(&bias),
            bias_per_output,
            columns: joined.map(|(choice, _)| ColumnsRecord {
                choice,
                weights: constants.bytes(&columns),
                one: 42,
            }),
            requantize,
        };
        self.push(shape, activation, &[input], OpKind::Dense(record))
    }

    /// A convolution to `channels` channels.
    ///
    /// # Panics
    /// If its output, weights or biases are none or too many; see [`Synthetic`].
    #[must_use]
    pub fn conv(self, kernel: u8, stride: u8, padding: u8, channels: u16, activation: Activation) -> Self {
        let phases = Phases { transposed: false, kernel, stride, padding, output_padding: 0 };
        self.convolution(phases, channels, activation)
    }

    /// A transposed convolution to `channels` channels.
    ///
    /// # Panics
    /// If its output, weights or biases are none or too many; see [`Synthetic`].
    #[must_use]
    pub fn conv_transpose(
        self,
        kernel: u8,
        stride: u8,
        padding: u8,
        output_padding: u8,
        channels: u16,
        activation: Activation,
    ) -> Self {
        let phases = Phases { transposed: true, kernel, stride, padding, output_padding };
        self.convolution(phases, channels, activation)
    }

    /// A sum of `operands`, repeated to `shape`; see [`crate::ops::sum`].
    ///
    /// # Panics
    /// If there are more operands than [`MAX_OPERANDS`](crate::format::MAX_OPERANDS), or if the output is none or too large.
    #[must_use]
    pub fn sum(mut self, operands: &[u8], shape: Shape, activation: Activation) -> Self {
        let channels = usize::from(checked(shape).channels);
        let record = self.terms(operands.len() * channels, shape.channels);
        self.push(shape, activation, operands, OpKind::Sum(record))
    }

    /// `operands` joined along their channels; see [`crate::ops::concat`].
    ///
    /// # Panics
    /// If there are none or more operands than [`MAX_OPERANDS`](crate::format::MAX_OPERANDS), or if the output is too large.
    #[must_use]
    pub fn concat(mut self, operands: &[u8], activation: Activation) -> Self {
        let channels: u16 = operands.iter().map(|&operand| self.shape(operand).channels).sum();
        let shape = checked(Shape { channels, ..self.shape(operands[0]) });
        let record = self.terms(channels.into(), channels);
        self.push(shape, activation, operands, OpKind::Concat(record))
    }

    /// A row of a table by the choice that was named last, or else by a new one of `rows`; of no rows it is a constant.
    ///
    /// # Panics
    /// If the output is none or too large, or the table has more than 2²⁴ numbers.
    #[must_use]
    pub fn embedding(mut self, rows: u8, shape: Shape) -> Self {
        if self.joined.is_none() && rows > 0 {
            self = self.classes(rows);
        }
        let choice = self.joined.take();
        let rows = choice.map_or(1, |(_, rows)| rows);
        let table = self.weights(checked(shape).size().checked_mul(rows.into()));
        let choice = choice.map(|(choice, _)| choice);
        let record = EmbeddingRecord { table: self.writer.constants.bytes(&table), choice };
        self.push(shape, Activation::None, &[], OpKind::Embedding(record))
    }

    /// An entry of all ops from number `first` on, whose picture is the last tensor.
    ///
    /// # Panics
    /// With more than 255 ops, or fewer than `first`.
    #[must_use]
    pub fn entry(mut self, name: &str, first: u8) -> Self {
        let ops = index(self.writer.ops.len()).checked_sub(first).expect("the first op of an entry");
        let output = self.last();
        self.writer.entries.push(Entry { name: name.into(), first, ops, output });
        self
    }

    /// The bytes of the model file. A model without entries gets one of all ops.
    ///
    /// # Panics
    /// With more than 254 ops, or as [`ModelWriter::finish`] does.
    pub fn finish(mut self, name: &str) -> Vec<u8> {
        self.writer.name = name.into();
        if self.writer.entries.is_empty() {
            let output = self.last();
            self.writer.enter_all(output);
        }
        self.writer.place_working_memories();
        self.writer.finish()
    }

    /// Its records, to be spoiled.
    #[cfg(test)]
    pub(crate) fn into_writer(self) -> ModelWriter {
        self.writer
    }

    /// A convolution of any geometry to `channels` channels.
    ///
    /// # Panics
    /// If its output, weights or biases are none or too many; see [`Synthetic`].
    #[must_use]
    pub fn convolution(mut self, phases: Phases, channels: u16, activation: Activation) -> Self {
        let operand = self.source.take().unwrap_or(self.last());
        let input = self.shape(operand);
        let side = |side| phases.output_side(side).expect("the layer has an output");
        let shape = checked(Shape::new(side(input.height), side(input.width), channels));
        let weights = self.weights(phases.weights(input.channels, channels));
        let products = weights.len() / usize::from(channels) / (phases.count() * phases.count());
        let count = phases.count() * phases.count() * usize::from(channels);
        let (bias, requantize) = (self.biases(count), self.requantize(channels, products.max(1)));
        let weights = self.writer.constants.bytes(&weights);
        let bias = self.writer.constants.words(&bias);
        let record = ConvRecord { phases, weights, bias, requantize };
        self.push(shape, activation, &[operand], OpKind::Conv(record))
    }

    /// Adds a tensor behind all others: no plan, but a valid one.
    fn tensor(&mut self, shape: Shape, scale: f32, zero_point: i8) -> u8 {
        let end = self.writer.tensors.iter().map(TensorRecord::end).max().unwrap_or(0);
        let offset = u32::try_from(end).expect("fewer than 256 tensors of at most 1 MiB");
        let Shape { height, width, channels } = shape;
        self.writer.tensors.push(TensorRecord { height, width, channels, scale, zero_point, offset });
        index(self.writer.tensors.len() - 1)
    }

    /// Adds a tensor and the op that writes it, with this activation behind what it computes.
    fn push(mut self, shape: Shape, activation: Activation, operands: &[u8], mut kind: OpKind) -> Self {
        let other = (self.next() % 256) as u8 as i8;
        let (activation, zero_point) = match activation {
            Activation::None => (ActivationRecord::NONE, other),
            Activation::Relu => (ActivationRecord::NONE, -128),
            Activation::Tanh => {
                let value = |index: i32| (127.0 * (f64::from(index) / 40.0).tanh()).round() as i8;
                let table: Vec<i8> = (-128..=127).map(value).collect();
                let table = self.writer.constants.bytes(&table);
                (ActivationRecord::Table { zero_point: other / 4, table }, 0)
            }
        };
        let output = self.tensor(shape, 1.0 / 127.0, zero_point);
        if let Some(requantize) = kind.requantize_mut() {
            requantize.activation = activation;
        }
        self.write(output, operands, kind);
        self
    }

    /// Adds the op that writes `output`.
    fn write(&mut self, output: u8, operands: &[u8], kind: OpKind) {
        let operands = operands.iter().copied().collect();
        self.writer.ops.push(OpRecord { operands, output, packed: false, scratch: 0, kind });
    }
}

/// The shape of an output, which every engine must be able to hold.
fn checked(shape: Shape) -> Shape {
    assert!(shape.fits(MAX_TENSOR_BYTES as u64), "{shape:?}: no elements, or more than {MAX_TENSOR_BYTES}");
    shape
}

/// An index, or a number of ops.
fn index(index: usize) -> u8 {
    u8::try_from(index).expect("at most 254 ops and as many tensors and inputs")
}
