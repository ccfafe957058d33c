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

mod branching;

pub use branching::branching;

use std::vec::Vec;

use crate::format::{
    ActivationRecord, ColumnsRecord, ConvRecord, DenseRecord, EmbeddingRecord, OpKind, OpRecord,
    RequantizeRecord, ShiftRecord, TensorRecord, TermsRecord,
};
use crate::geometry::phases::Phases;
use crate::latent::LATENT_SCALE;
use crate::limits::MAX_TENSOR_BYTES;
use crate::model::PICTURE_SCALE;
use crate::shape::Shape;
use crate::write::{Entry, Input, Kind, ModelWriter};

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
    /// A table.
    Tanh,
}

/// How a model's numbers are drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Numbers {
    /// Weights bell-shaped like trained ones, sums scaled into the range of int8.
    Usual,
    /// Weights, multipliers and shifts of any size, extremes often: sums saturate.
    Extreme,
}

/// The most weights, and the most biases, of a layer.
const MOST_NUMBERS: usize = 1 << 24;

/// A model that grows op by op.
///
/// A dense layer or a convolution reads the tensor made last, unless [`Synthetic::from`] names another. An op panics
/// that has no output, one of more than [`MAX_TENSOR_BYTES`], or more than 2²⁴ weights or biases. What no engine
/// reads for another reason can be made: [`Model::parse`](crate::Model::parse) refuses it.
#[derive(Debug, Clone)]
pub struct Synthetic {
    state: u64,
    numbers: Numbers,
    /// The choice that the next dense layer reads.
    joined: Option<(u8, u8)>,
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
            source: None,
            writer: ModelWriter::default(),
        };
        model.normal(Shape::new(1, 1, latent))
    }

    /// Draws the numbers of further ops so.
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

    /// A choice of `count` without names; the next dense layer reads it.
    #[must_use]
    pub fn classes(mut self, count: u8) -> Self {
        self.joined = Some((index(self.writer.inputs.len()), count));
        self.writer.inputs.push(Input::new("class", Kind::Choice(count, std::vec![])));
        self
    }

    /// Index of the tensor made last.
    pub fn last(&self) -> u8 {
        index(self.writer.tensors.len() - 1)
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

    /// A convolution.
    ///
    /// # Panics
    /// If its output, weights or biases are none or too many; see [`Synthetic`].
    #[must_use]
    pub fn conv(self, kernel: u8, stride: u8, padding: u8, channels: u16, activation: Activation) -> Self {
        let phases = Phases { transposed: false, kernel, stride, padding, output_padding: 0 };
        self.convolution(phases, channels, activation)
    }

    /// A transposed convolution.
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

    /// A row of a table by a choice of `rows`; of no rows it is a constant.
    ///
    /// # Panics
    /// If the output is none or too large, or the table has more than 2²⁴ numbers.
    #[must_use]
    pub fn embedding(mut self, rows: u8, shape: Shape) -> Self {
        let choice = (rows > 0).then(|| {
            self.writer.inputs.push(Input::new("row", Kind::Choice(rows, std::vec![])));
            index(self.writer.inputs.len() - 1)
        });
        let table = self.weights(checked(shape).size().checked_mul(rows.max(1).into()));
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

    /// The file. A model without entries gets one of all ops.
    ///
    /// # Panics
    /// With more than 254 ops, or as [`ModelWriter::finish`] does.
    pub fn finish(mut self, name: &str) -> Vec<u8> {
        self.writer.name = name.into();
        if self.writer.entries.is_empty() {
            let output = self.last();
            self.writer.enter_all(output);
        }
        self.writer.finish()
    }

    /// A convolution, transposed or not.
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
        let operands = operands.iter().copied().collect();
        self.writer.ops.push(OpRecord { operands, output, packed: false, scratch: 0, kind });
        self
    }

    /// Factors of a sum, of any sign.
    fn multipliers(&mut self, count: usize) -> u32 {
        let draw = |model: &mut Self| match (model.numbers, model.next()) {
            (Numbers::Usual, bits) => ((bits % (1 << 17)) as i32 - (1 << 16)) | 1,
            // Three of the largest and the largest bias still fit.
            (Numbers::Extreme, bits) => match bits % 4 {
                0 => 5_000_000,
                1 => -5_000_000,
                _ => (bits >> 32) as i32 % 5_000_000,
            },
        };
        let multipliers: Vec<i32> = (0..count).map(|_| draw(self)).collect();
        self.writer.constants.words(&multipliers)
    }

    /// Numbers of a sum or a join, with so many multipliers.
    fn terms(&mut self, multipliers: usize, channels: u16) -> TermsRecord {
        let multipliers = self.multipliers(multipliers);
        let bias = self.biases(channels.into());
        let bias = self.writer.constants.words(&bias);
        TermsRecord { multipliers, bias, requantize: self.requantize_terms(channels) }
    }

    /// Factors behind a sum of multipliers of 16 bits: operands of any size come out at about their own.
    fn requantize_terms(&mut self, channels: u16) -> RequantizeRecord {
        if self.numbers == Numbers::Extreme {
            return self.requantize(channels, 1);
        }
        let multipliers: Vec<i32> =
            (0..channels).map(|_| (1 << 30) + (self.next() % (1 << 29)) as i32).collect();
        let multipliers = self.writer.constants.words(&multipliers);
        RequantizeRecord { multipliers, shifts: ShiftRecord::All(46), activation: ActivationRecord::NONE }
    }

    /// Splitmix64.
    fn next(&mut self) -> u64 {
        self.state = self.state.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mixed = (self.state ^ (self.state >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    /// As many weights as that, unless they are too many.
    fn weights(&mut self, count: Option<usize>) -> Vec<i8> {
        let count = count.filter(|&count| count <= MOST_NUMBERS).expect("at most 2^24 weights");
        let draw = |model: &mut Self| match model.numbers {
            Numbers::Usual => {
                // The mean of four uniform numbers: a standard deviation of 37, as a layer has whose largest weight is 127.
                let bytes = (model.next() as u32).to_le_bytes().map(|byte| i32::from(byte as i8));
                (bytes.iter().sum::<i32>() / 4).clamp(-127, 127) as i8
            }
            Numbers::Extreme => match model.next() % 8 {
                0 => 127,
                1 => -127,
                _ => (model.next() as i8).max(-127),
            },
        };
        (0..count).map(|_| draw(self)).collect()
    }

    /// As many biases as that, unless they are too many.
    fn biases(&mut self, count: usize) -> Vec<i32> {
        assert!(count <= MOST_NUMBERS, "at most 2^24 biases");
        let bits = match self.numbers {
            Numbers::Usual => 13,
            Numbers::Extreme => 20,
        };
        (0..count).map(|_| (self.next() as i32) >> (32 - bits)).collect()
    }

    fn requantize(&mut self, channels: u16, products: usize) -> RequantizeRecord {
        // Products of standard deviations 37 and about 60 add up to this; it shall become about 50.
        let spread = 37.0 * 60.0 * (products as f64).sqrt();
        let usual = (50.0 / spread * 4_294_967_296.0) as u64;
        let multipliers: Vec<i32> = (0..channels)
            .map(|_| match self.numbers {
                Numbers::Usual => (usual + self.next() % (usual / 4 + 1)).min(i32::MAX as u64) as i32,
                Numbers::Extreme => match self.next() % 4 {
                    0 => i32::MAX,
                    1 => 1,
                    _ => (self.next() as i32 & i32::MAX).max(1) >> (self.next() % 12),
                }
                .max(1),
            })
            .collect();
        let any_shifts = self.numbers == Numbers::Extreme && self.next().is_multiple_of(2);
        let shifts: Vec<u8> = (0..channels).map(|_| 28 + (self.next() % 16) as u8).collect();
        let constants = &mut self.writer.constants;
        RequantizeRecord {
            multipliers: constants.words(&multipliers),
            shifts: if any_shifts {
                ShiftRecord::PerChannel(constants.shifts(&shifts))
            } else {
                ShiftRecord::All(32)
            },
            activation: ActivationRecord::NONE,
        }
    }
}

/// The shape of an output, if it is none that no engine holds.
fn checked(shape: Shape) -> Shape {
    assert!(shape.fits(MAX_TENSOR_BYTES as u64), "{shape:?}: no elements, or more than {MAX_TENSOR_BYTES}");
    shape
}

/// An index, or a number of ops.
fn index(index: usize) -> u8 {
    u8::try_from(index).expect("at most 254 ops and as many tensors and inputs")
}
