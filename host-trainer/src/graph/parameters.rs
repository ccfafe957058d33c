//! The numbers of a trained graph, free of any framework.

/// A node's trained numbers. A graph's parameters are one of these per node, in node order; nodes that share theirs have
/// equal ones.
///
/// Weights are in the order in which gan-core walks: output channel first, input channel last.
#[derive(Debug, Clone, PartialEq)]
pub enum Parameters {
    /// The layer has none.
    None,
    /// Of a dense layer, a convolution or a transposed convolution.
    Linear {
        /// Dense: `[output][input]`, outputs in the order height, width, channel of the node's shape.
        /// Convolutions, transposed or not: `[output channel][kernel row][kernel column][input channel]`.
        weight: Vec<f32>,
        /// Dense: one per output, in the same order; convolutions: one per output channel.
        bias: Option<Vec<f32>>,
    },
    /// Of an embedding or a projection: `[row][height][width][channel]`, one row per choice.
    Table(Vec<f32>),
    /// Of an instance norm, one number per channel: y = gain · (x − mean) / √(variance + epsilon) + offset.
    InstanceNorm {
        /// Learned scale.
        gain: Vec<f32>,
        /// Learned offset.
        offset: Vec<f32>,
        /// Keeps the root away from 0.
        epsilon: f32,
    },
    /// Of a batch norm, one number per channel: y = gamma · (x − mean) / √(variance + epsilon) + beta.
    BatchNorm {
        /// Learned scale.
        gamma: Vec<f32>,
        /// Learned offset.
        beta: Vec<f32>,
        /// Running mean.
        mean: Vec<f32>,
        /// Running (biased) variance.
        variance: Vec<f32>,
        /// Keeps the root away from 0.
        epsilon: f32,
    },
}
