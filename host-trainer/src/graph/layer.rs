//! What a node of a graph computes.

use super::Window;

/// What a node computes from its operands, which are the nodes that it reads.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Layer {
    /// Handed in from outside.
    Input(Input),
    /// Its operands, all of one height and width, one behind the other along the channels.
    Concat,
    /// The sum of its operands; one of 1×1×C is added at every place, one of H×W×1 to every channel.
    Add,
    /// Every output reads every input; the output is a vector that the node's shape folds.
    Dense {
        /// Whether it has a bias of its own (not in front of a batch norm).
        bias: bool,
        /// What it begins with.
        begin: Begin,
    },
    /// Normalizes each channel over batch and space (Ioffe and Szegedy 2015, algorithm 1).
    BatchNorm,
    /// Convolution: `kernel`, `stride` and `padding` as in [`Window`].
    Conv {
        /// Kernel, stride and padding; `output_padding` is 0.
        window: Window,
        /// Whether it has a bias of its own.
        bias: bool,
    },
    /// Transposed convolution: the gradient of the convolution with the same [`Window`].
    ConvTranspose {
        /// Kernel, stride, padding and output padding.
        window: Window,
        /// Whether it has a bias of its own.
        bias: bool,
    },
    /// Every pixel becomes `factor` × `factor` equal ones (nearest upsampling).
    Upsample {
        /// Pixels of the output per pixel of the input, along each side.
        factor: usize,
    },
    /// An elementwise function.
    Activation(Activation),
    /// Normalizes each channel of each picture over its own space, then scales and shifts it (Ulyanov et al. 2016, "Instance
    /// normalization").
    InstanceNorm,
    /// Its first operand times its second, and its third added, if there is one; all are broadcast as a sum's operands are.
    Product,
    /// Of each place the values of all places, weighted by the softmax of its query's inner products with their keys (Zhang et
    /// al. 2019). Its operands are queries, keys and values.
    Attention,
    /// A learned tensor: the row of a table that a [`Input::Choice`] chooses; without an operand the table has one row, and
    /// the tensor is a constant.
    Embedding,
    /// A tensor that is not learned: the row of this table, row after row, that a [`Input::Choice`] chooses.
    Fixed(&'static [f32]),
    /// What is drawn already of the picture that a [`Layer::Draw`] makes: per tap the mean over a square of ink, 0 outside of the
    /// picture.
    Window(&'static [Tap]),
    /// The row or the column of the pixel that is drawn, one-hot as a choice is.
    Position(Axis),
    /// A pixel's level by chance: one of these values, as likely as the softmax of its first operand, the logits, says. Its second
    /// operand is an [`Input::Uniform`] of two numbers per pixel, which decides. Whatever reads a window or a position is computed for
    /// each pixel again.
    Draw(&'static [f32]),
    /// The inner product of its first operand with the row of a table that its second, a [`Input::Choice`], chooses: one
    /// number, which a discriminator adds to its logit (Miyato and Koyama 2018). It is trained, but cannot be lowered.
    Projection,
}

/// What a dense layer begins with.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Begin {
    /// Weights N(0, 0.02²) and a bias of 0, as other layers have them.
    Small,
    /// Outputs around this number, as far from it as its inputs are from 0: a gain begins around 1.
    Around(f32),
    /// Weights N(0, 2²): a hundred times the others', so that a step of Adam, which is as long for all, changes them a hundredth as
    /// much. For a layer in front of a batch norm, which takes their scale out again.
    Firm,
}

/// A square of pixels: rows down and columns right from the pixel that is drawn to its middle, and how far it reaches around that.
pub type Tap = [i8; 3];

/// An axis of a picture.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Axis {
    /// From the top down.
    Row,
    /// From left to right.
    Column,
}

/// What is handed in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Input {
    /// Independent standard normal numbers: a latent, or a plane of noise.
    Normal,
    /// Independent uniform numbers from −1 to 1: continuous codes.
    Uniform,
    /// One of as many as the node has channels, one-hot: a class.
    Choice,
    /// A picture in \[−1, 1\].
    Picture,
}

/// An elementwise function.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Activation {
    /// max(x, 0)
    Relu,
    /// x where x > 0, else `slope`·x
    LeakyRelu {
        /// What a negative input is multiplied by.
        slope: f32,
    },
    /// x where x > 0, else e^x − 1 (Clevert et al. 2016, with α = 1), onto (−1, ∞).
    Elu,
    /// Hyperbolic tangent, onto (−1, 1).
    Tanh,
    /// 1 / (1 + e^−x), onto (0, 1).
    Sigmoid,
}

impl Activation {
    /// Its name in tables and in layers' names.
    pub fn name(self) -> &'static str {
        match self {
            Activation::Relu => "relu",
            Activation::LeakyRelu { .. } => "leaky_relu",
            Activation::Elu => "elu",
            Activation::Tanh => "tanh",
            Activation::Sigmoid => "sigmoid",
        }
    }

    /// The function itself.
    pub fn apply(self, x: f32) -> f32 {
        match self {
            Activation::Relu => x.max(0.0),
            Activation::LeakyRelu { slope } => x.max(0.0) + slope * x.min(0.0),
            Activation::Elu => x.max(0.0) + x.min(0.0).exp_m1(),
            Activation::Tanh => x.tanh(),
            Activation::Sigmoid => 1.0 / (1.0 + (-x).exp()),
        }
    }
}
