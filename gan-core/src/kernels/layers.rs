//! Layers as the kernels take them: what was found in the file and proven. [`crate::ops`] makes them.

use crate::geometry::groups::Windows;
use crate::geometry::phases::Phases;
use crate::kernels::requantize::Requantize;
use crate::limits::MAX_OPERANDS;
use crate::part::part;
use crate::region::Region;
use crate::shape::Shape;

/// A choice that an op reads.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Choice {
    /// Index of the input.
    pub(crate) input: u8,
    /// Number of rows.
    pub(crate) count: u8,
}

impl Choice {
    /// The row that is chosen, `choices` being one number per input: one that does not exist is the last.
    pub(crate) fn row(self, choices: &[u8]) -> usize {
        let chosen = choices.get(usize::from(self.input)).copied().unwrap_or(0);
        chosen.min(self.count.saturating_sub(1)).into()
    }
}

/// A dense layer; see [`crate::ops::dense`].
#[derive(Debug, Clone)]
pub struct Dense<'a> {
    /// Length of the input.
    pub(crate) inputs: usize,
    /// Length of the output.
    pub(crate) outputs: usize,
    /// `[output][input]`, in −127..=127, or packed.
    pub(crate) weights: &'a [i8],
    /// One per output, or one per channel, repeated.
    pub(crate) bias: &'a [i32],
    /// The columns of a choice, if the layer reads one.
    pub(crate) columns: Option<Columns<'a>>,
    /// One factor per channel.
    pub(crate) requantize: Requantize<'a>,
}

/// The weights of a one-hot choice.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Columns<'a> {
    /// What chooses the column.
    pub(crate) choice: Choice,
    /// `[row][output]`, in −127..=127.
    pub(crate) weights: &'a [i8],
    /// What stands for 1.0.
    pub(crate) one: u16,
}

impl<'a> Columns<'a> {
    /// The column that is chosen, one weight per output, and what it is multiplied by.
    pub(crate) fn chosen(&self, choices: &[u8], outputs: usize) -> (&'a [i8], i32) {
        (part(self.weights, self.choice.row(choices) * outputs, outputs), self.one.into())
    }
}

/// A dense layer as a kernel set runs it.
#[derive(Debug, Clone, Copy)]
pub struct PackedDense<'a> {
    /// The layer; its weights are in the kernel set's order.
    pub(crate) dense: &'a Dense<'a>,
    /// Where the input starts in the bytes that hold input and output.
    pub(crate) input: usize,
    /// Where the output starts there.
    pub(crate) output: usize,
}

impl<'a> PackedDense<'a> {
    /// A layer that [`packed_dense::bytes`](crate::ops::packed_dense::bytes) has accepted.
    pub(crate) fn new(dense: &'a Dense<'a>, input: Region, output: Region) -> Self {
        let start = input.hull(output).start;
        PackedDense { dense, input: (input.start - start) as usize, output: (output.start - start) as usize }
    }
}

/// A convolution, transposed or not; see [`crate::ops::conv`].
#[derive(Debug, Clone)]
pub struct Conv<'a> {
    /// Which input meets which output.
    pub(crate) phases: Phases,
    /// Shape of the input.
    pub(crate) input: Shape,
    /// Shape of the output.
    pub(crate) output: Shape,
    /// What a read outside the input gives: its zero point.
    pub(crate) padding_value: i8,
    /// In −127..=127, in the order of [`Phases`], or packed.
    pub(crate) weights: &'a [i8],
    /// `[phase][output channel]`.
    pub(crate) bias: &'a [i32],
    /// One factor per output channel.
    pub(crate) requantize: Requantize<'a>,
}

impl<'a> Conv<'a> {
    /// Weights `[output channel][tap row][tap column][input channel]` and biases of phase `phase`,
    /// which is phase row · phases + phase column.
    pub(crate) fn phase(&self, phase: usize) -> (&'a [i8], &'a [i32]) {
        let channels = usize::from(self.output.channels);
        let block = channels * usize::from(self.input.channels);
        let weights = self.phases.phase_weights(phase, block);
        (self.weights.get(weights).unwrap_or_default(), part(self.bias, phase * channels, channels))
    }
}

/// A convolution as a kernel set runs it.
#[derive(Debug, Clone, Copy)]
pub struct PackedConv<'a> {
    /// The convolution; its weights are in the kernel set's order.
    pub(crate) conv: &'a Conv<'a>,
    /// Which input meets which output, row by row.
    pub(crate) windows: Windows,
    /// Where the input starts in the bytes that hold input and output.
    pub(crate) input: usize,
    /// Where the output starts there.
    pub(crate) output: usize,
}

impl<'a> PackedConv<'a> {
    /// A convolution that [`packed_conv::bytes`](crate::ops::packed_conv::bytes) has accepted.
    pub(crate) fn new(conv: &'a Conv<'a>, input: Region, output: Region) -> Option<Self> {
        let windows = Windows::new(conv.phases, conv.input, conv.output)?;
        let start = input.hull(output).start;
        let (input, output) = ((input.start - start) as usize, (output.start - start) as usize);
        Some(PackedConv { conv, windows, input, output })
    }
}

/// A sum or a join; see [`crate::ops::sum`] and [`crate::ops::concat`].
#[derive(Debug, Clone)]
pub(crate) struct Terms<'a> {
    /// Those behind the last operand have no channels.
    pub(crate) terms: [Term<'a>; MAX_OPERANDS],
    /// Shape of the output.
    pub(crate) output: Shape,
    /// `[output channel]`.
    pub(crate) bias: &'a [i32],
    /// One factor per output channel.
    pub(crate) requantize: Requantize<'a>,
}

/// An operand of a sum or a join, and which output channels it is a part of.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Term<'a> {
    /// Shape of the operand.
    pub(crate) shape: Shape,
    /// Output rows per row of it.
    pub(crate) rows: u16,
    /// Output columns per column of it.
    pub(crate) columns: u16,
    /// The first output channel that it is a part of.
    pub(crate) first: usize,
    /// How many output channels it is a part of; an operand of one channel is a part of each of them.
    pub(crate) channels: usize,
    /// One per output channel that it is a part of.
    pub(crate) multipliers: &'a [i32],
}

/// A product; see [`crate::ops::adaptive::product`].
#[cfg(feature = "adaptive")]
#[derive(Debug, Clone)]
pub(crate) struct Product<'a> {
    /// Both factors, and what is added, if there is that.
    pub(crate) terms: [Term<'a>; MAX_OPERANDS],
    /// Theirs.
    pub(crate) zero_points: [i8; MAX_OPERANDS],
    /// Shape of the output.
    pub(crate) output: Shape,
    /// `[output channel]`, and as many for what is added, if there is that.
    pub(crate) multipliers: &'a [i32],
    /// `[output channel]`.
    pub(crate) bias: &'a [i32],
    /// One factor per output channel.
    pub(crate) requantize: Requantize<'a>,
}

/// An instance norm; see [`crate::ops::adaptive::norm`].
#[cfg(feature = "adaptive")]
#[derive(Debug, Clone)]
pub(crate) struct Norm<'a> {
    /// Shape of operand and output.
    pub(crate) shape: Shape,
    /// The operand's.
    pub(crate) zero_point: i8,
    /// `[channel]`, in steps of 2⁻¹⁶ of the output.
    pub(crate) bias: &'a [i32],
    /// What is added under the root.
    pub(crate) epsilon: u32,
    /// One gain per channel, of any sign.
    pub(crate) requantize: Requantize<'a>,
}

/// An attention; see [`crate::ops::adaptive::attention`].
#[cfg(feature = "adaptive")]
#[derive(Debug, Clone)]
pub(crate) struct Attention<'a> {
    /// Number of queries, of keys and values, of numbers in a key, and in a value.
    pub(crate) sizes: [usize; 4],
    /// Of queries, keys and values.
    pub(crate) zero_points: [i8; MAX_OPERANDS],
    /// Of its scores.
    pub(crate) score: Score,
    /// One gain per channel, of any sign.
    pub(crate) requantize: Requantize<'a>,
}

/// From a difference of a softmax's scores to 256ths of a power of two: factor · 2^−shift.
#[cfg(feature = "adaptive")]
pub(crate) type Score = (i32, u8);

/// A window; see [`crate::ops::adaptive::window`].
#[cfg(feature = "adaptive")]
#[derive(Debug, Clone)]
pub(crate) struct Window<'a> {
    /// Row and column of the present pixel.
    pub(crate) position: [Choice; 2],
    /// Shape of the operand, of one channel.
    pub(crate) picture: Shape,
    /// The operand's.
    pub(crate) zero_point: i8,
    /// What a pixel outside of the picture counts as.
    pub(crate) outside: i8,
    /// Rows down, columns right, reach: one per channel.
    pub(crate) taps: &'a [[i8; 3]],
    /// One factor per channel.
    pub(crate) requantize: Requantize<'a>,
}

/// A draw; see [`crate::ops::adaptive::draw`].
#[cfg(feature = "adaptive")]
#[derive(Debug, Clone)]
pub(crate) struct Draw<'a> {
    /// Row and column of the present pixel.
    pub(crate) position: [Choice; 2],
    /// Columns of the picture.
    pub(crate) width: usize,
    /// What each level is in the picture: one per logit.
    pub(crate) levels: &'a [i8],
    /// Of its logits.
    pub(crate) score: Score,
}
