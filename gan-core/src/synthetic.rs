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
//! assert_eq!(Model::<'_>::parse(&file)?.output_shape(), gan_core::Shape::new(28, 28, 1));
//! # Ok::<(), gan_core::ParseError>(())
//! ```

use std::vec::Vec;

use crate::format::{
    ActivationRecord, ClassRecord, ConvRecord, DenseRecord, InputRecord, OpRecord, RequantizeRecord,
    ShiftRecord, TensorRecord,
};
use crate::latent::LATENT_SCALE;
use crate::ops::phases::Phases;
use crate::shape::Shape;
use crate::tensor::MAX_TENSOR_BYTES;
use crate::write::ModelWriter;

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

/// A model that grows layer by layer.
///
/// A layer panics that has no output, one of more than [`MAX_TENSOR_BYTES`], or more than 2²⁴ weights or biases. What
/// no engine reads for another reason can be made: [`Model::parse`](crate::Model::parse) refuses it.
#[derive(Debug, Clone)]
pub struct Synthetic {
    state: u64,
    numbers: Numbers,
    classes: u8,
    writer: ModelWriter,
}

impl Synthetic {
    /// A model of `latent` numbers; equal seeds make equal models.
    pub fn new(seed: u64, latent: u16) -> Self {
        let mut writer = ModelWriter::default();
        writer.inputs.push(InputRecord::Latent { tensor: 0 });
        let shape = (1, 1, latent);
        writer.tensors.push(tensor(shape, LATENT_SCALE, 0, 0));
        Synthetic { state: seed, numbers: Numbers::Usual, classes: 0, writer }
    }

    /// Draws the numbers of further layers so.
    #[must_use]
    pub fn numbers(mut self, numbers: Numbers) -> Self {
        self.numbers = numbers;
        self
    }

    /// Joins one of `classes` classes to the next dense layer.
    #[must_use]
    pub fn classes(mut self, classes: u8) -> Self {
        self.classes = classes;
        self.writer.inputs.push(InputRecord::Class { classes });
        self
    }

    /// A dense layer to height × width × channels.
    ///
    /// # Panics
    /// If its output, weights or biases are none or too many; see [`Synthetic`].
    #[must_use]
    pub fn dense(mut self, height: u16, width: u16, channels: u16, activation: Activation) -> Self {
        let inputs = self.last().size();
        let shape = checked(Shape::new(height, width, channels));
        let weights = self.weights(inputs.checked_mul(shape.size()));
        let classes = core::mem::take(&mut self.classes);
        let columns = self.weights(usize::from(classes).checked_mul(shape.size()));
        let bias_per_output = self.next().is_multiple_of(2);
        let biases = if bias_per_output { shape.size() } else { channels.into() };
        let (bias, requantize) = (self.biases(biases), self.requantize(channels, inputs.max(1)));
        let constants = &mut self.writer.constants;
        let record = DenseRecord {
            input: 0,
            output: 0,
            weights: constants.bytes(&weights),
            bias: constants.words(&bias),
            bias_per_output,
            class: (classes > 0).then(|| ClassRecord { weights: constants.bytes(&columns), one: 42 }),
            requantize,
            activation: ActivationRecord::Clamp { min: 0, max: 0 },
        };
        self.push(shape, activation, |input, output, activation| {
            OpRecord::Dense(DenseRecord { input, output, activation, ..record })
        })
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

    /// The file.
    ///
    /// # Panics
    /// With more than 254 layers, or as [`ModelWriter::finish`] does.
    pub fn finish(mut self, name: &str) -> Vec<u8> {
        self.writer.name = name.into();
        self.writer.output = index(self.writer.tensors.len() - 1);
        self.writer.finish()
    }

    /// A convolution, transposed or not.
    ///
    /// # Panics
    /// If its output, weights or biases are none or too many; see [`Synthetic`].
    #[must_use]
    pub fn convolution(mut self, phases: Phases, channels: u16, activation: Activation) -> Self {
        let input = self.last();
        let side = |side| phases.output_side(side).expect("the layer has an output");
        let shape = checked(Shape::new(side(input.height), side(input.width), channels));
        let weights = self.weights(phases.weights(input.channels, channels));
        let products = weights.len() / usize::from(channels) / (phases.count() * phases.count());
        let count = phases.count() * phases.count() * usize::from(channels);
        let (bias, requantize) = (self.biases(count), self.requantize(channels, products.max(1)));
        let Phases { transposed, kernel, stride, padding, output_padding } = phases;
        let record = ConvRecord {
            input: 0,
            output: 0,
            kernel,
            stride,
            padding,
            output_padding,
            weights: self.writer.constants.bytes(&weights),
            bias: self.writer.constants.words(&bias),
            requantize,
            activation: ActivationRecord::Clamp { min: 0, max: 0 },
        };
        self.push(shape, activation, |input, output, activation| {
            let record = ConvRecord { input, output, activation, ..record };
            if transposed { OpRecord::ConvTranspose(record) } else { OpRecord::Conv(record) }
        })
    }

    fn last(&self) -> Shape {
        let last = self.writer.tensors.last().expect("there is a latent");
        Shape::new(last.height, last.width, last.channels)
    }

    /// Adds a tensor and the op that writes it.
    fn push(
        mut self,
        shape: Shape,
        activation: Activation,
        op: impl FnOnce(u8, u8, ActivationRecord) -> OpRecord,
    ) -> Self {
        let other = (self.next() % 256) as u8 as i8;
        let (record, zero_point) = match activation {
            Activation::None => (ActivationRecord::Clamp { min: -128, max: 127 }, other),
            Activation::Relu => (ActivationRecord::Clamp { min: -128, max: 127 }, -128),
            Activation::Tanh => {
                let value = |index: i32| (127.0 * (f64::from(index) / 40.0).tanh()).round() as i8;
                let table: Vec<i8> = (-128..=127).map(value).collect();
                let table = self.writer.constants.bytes(&table);
                (ActivationRecord::Table { zero_point: other / 4, table }, 0)
            }
        };
        // Tensors follow one another: no plan, but a valid one.
        let end = self.writer.tensors.iter().map(TensorRecord::end).max().unwrap_or(0);
        let offset = u32::try_from(end).expect("fewer than 256 tensors of at most 1 MiB");
        let output = index(self.writer.tensors.len());
        let sides = (shape.height, shape.width, shape.channels);
        self.writer.tensors.push(tensor(sides, 1.0 / 127.0, zero_point, offset));
        self.writer.ops.push(op(output - 1, output, record));
        self
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
        }
    }
}

/// The shape of an output, if it is none that no engine holds.
fn checked(shape: Shape) -> Shape {
    assert!(shape.fits(MAX_TENSOR_BYTES as u64), "{shape:?}: no elements, or more than {MAX_TENSOR_BYTES}");
    shape
}

/// Index of a tensor.
fn index(tensor: usize) -> u8 {
    u8::try_from(tensor).expect("at most 254 layers")
}

fn tensor(
    (height, width, channels): (u16, u16, u16),
    scale: f32,
    zero_point: i8,
    offset: u32,
) -> TensorRecord {
    TensorRecord { height, width, channels, scale, zero_point, offset }
}
