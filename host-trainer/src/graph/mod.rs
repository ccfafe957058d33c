//! A generator written down once: a list of layers with shapes.
//!
//! Two things read it: the Burn module that trains it ([`crate::generator`]) and the lowering
//! that quantizes it ([`crate::lower`]). No architecture has export code of its own.

mod build;
#[cfg(test)]
pub(crate) mod evaluate;
mod parameters;
mod shape;

pub use build::GraphBuilder;
pub use parameters::Parameters;
pub use shape::{Shape, Window};

use serde::{Deserialize, Serialize};

/// Index of a node in [`Graph::nodes`].
pub type NodeId = usize;

/// Layers in the order in which they run; a node only reads nodes before it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Graph {
    /// The architecture's name, such as `"dcgan"`.
    pub name: String,
    /// All layers, inputs first.
    pub nodes: Vec<Node>,
    /// The node that holds the picture.
    pub output: NodeId,
}

/// One layer, what it reads, and the shape of what it makes.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Node {
    /// Unique in the graph; tables and errors name a layer by it.
    pub name: String,
    /// What it computes.
    pub layer: Layer,
    /// The nodes it reads.
    pub inputs: Vec<NodeId>,
    /// Shape of its output.
    pub shape: Shape,
}

/// What a node computes.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub enum Layer {
    /// Input: `length` independent standard normal numbers, shape 1×1×length.
    Latent {
        /// How many.
        length: usize,
    },
    /// Input: the class as a one-hot vector, shape 1×1×classes.
    Class {
        /// How many classes.
        classes: usize,
    },
    /// Its inputs one behind the other along the channels.
    Concat,
    /// Every output reads every input; the output is a vector that the node's shape folds.
    Dense {
        /// Whether it has a bias of its own (not in front of a batch norm).
        bias: bool,
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
    /// An elementwise function.
    Activation(Activation),
}

/// An elementwise function.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub enum Activation {
    /// max(x, 0)
    Relu,
    /// x where x > 0, else `slope`·x
    LeakyRelu {
        /// What a negative input is multiplied by.
        slope: f32,
    },
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
            Activation::Tanh => "tanh",
            Activation::Sigmoid => "sigmoid",
        }
    }

    /// The function itself.
    pub fn apply(self, x: f32) -> f32 {
        match self {
            Activation::Relu => x.max(0.0),
            Activation::LeakyRelu { slope } => x.max(0.0) + slope * x.min(0.0),
            Activation::Tanh => x.tanh(),
            Activation::Sigmoid => 1.0 / (1.0 + (-x).exp()),
        }
    }
}

impl Graph {
    /// Length of the normal latent, summed over all [`Layer::Latent`] nodes.
    pub fn latent_length(&self) -> usize {
        self.nodes
            .iter()
            .map(|node| match node.layer {
                Layer::Latent { length } => length,
                _ => 0,
            })
            .sum()
    }

    /// Number of classes, `None` for an unconditional generator.
    pub fn classes(&self) -> Option<usize> {
        self.nodes.iter().find_map(|node| match node.layer {
            Layer::Class { classes } => Some(classes),
            _ => None,
        })
    }

    /// Shape of the picture.
    pub fn output_shape(&self) -> Shape {
        self.nodes[self.output].shape
    }
}
