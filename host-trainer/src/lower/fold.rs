//! Joining batch norms and activations with the layer before them.

use super::LowerError;
use crate::graph::{Activation, Graph, Layer, NodeId, Parameters, Window};

/// A linear layer with its batch norm folded in and the activation behind it.
#[derive(Debug, Clone, PartialEq)]
pub struct Stage {
    /// The linear layer's name.
    pub name: String,
    /// What it computes.
    pub kind: StageKind,
    /// What it reads.
    pub input: StageInput,
    /// Weights in the order of [`Parameters::Linear`].
    pub weight: Vec<f32>,
    /// One an output of a dense layer, one an output channel of a convolution.
    pub bias: Vec<f32>,
    /// What follows.
    pub activation: Option<Activation>,
    /// The node whose values go into the activation.
    pub before_activation: NodeId,
    /// The node whose values the stage makes.
    pub output: NodeId,
}

/// What a stage computes.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum StageKind {
    /// A dense layer.
    Dense,
    /// A convolution.
    Conv(Window),
    /// A transposed convolution.
    ConvTranspose(Window),
}

/// What a stage reads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StageInput {
    /// The latent, in columns `latent_column..` of a dense layer's weights, and where the class's columns start.
    Latent {
        /// First column of the latent.
        latent_column: usize,
        /// First column of the one-hot class, if it is joined.
        class_column: Option<usize>,
    },
    /// The output of an earlier stage.
    Stage(usize),
}

/// Folds `graph` into stages, in the order in which they run; `parameters` holds one entry a node.
///
/// # Errors
/// A layer that no stage can take in: [`LowerError::Unsupported`]; a weight that is not finite.
pub fn fold(graph: &Graph, parameters: &[Parameters]) -> Result<Vec<Stage>, LowerError> {
    let mut stages: Vec<Stage> = Vec::new();
    let mut folded = vec![false; graph.nodes.len()];
    for (id, node) in graph.nodes.iter().enumerate() {
        let unsupported = |what| LowerError::Unsupported { layer: node.name.clone(), what };
        let kind = match node.layer {
            Layer::Latent { .. } | Layer::Class { .. } | Layer::Concat => continue,
            Layer::BatchNorm | Layer::Activation(_) if folded[id] => continue,
            Layer::BatchNorm => {
                return Err(unsupported("a batch norm must follow a dense layer or a convolution"));
            }
            Layer::Activation(_) => {
                return Err(unsupported("an activation must follow a linear layer or a batch norm"));
            }
            Layer::Dense { .. } => StageKind::Dense,
            Layer::Conv { window, .. } => StageKind::Conv(window),
            Layer::ConvTranspose { window, .. } => StageKind::ConvTranspose(window),
        };
        let Parameters::Linear { weight, bias } = &parameters[id] else {
            return Err(unsupported("no weights were given"));
        };
        let (mut weight, mut bias) = (weight.clone(), bias.clone());
        let mut output = id;
        let mut activation = None;
        if let Some(norm) = only_reader(graph, output)
            && let Parameters::BatchNorm { .. } = &parameters[norm]
        {
            let biases = if kind == StageKind::Dense { node.shape.size() } else { node.shape.channels };
            let bias = bias.get_or_insert_with(|| vec![0.0; biases]);
            fold_batch_norm(&parameters[norm], node.shape.channels, &mut weight, bias);
            folded[norm] = true;
            output = norm;
        }
        let before_activation = output;
        if let Some(reader) = only_reader(graph, output)
            && let Layer::Activation(function) = graph.nodes[reader].layer
        {
            folded[reader] = true;
            activation = Some(function);
            output = reader;
        }
        let biases = if kind == StageKind::Dense { node.shape.size() } else { node.shape.channels };
        let bias = bias.unwrap_or_else(|| vec![0.0; biases]);
        if !weight.iter().chain(&bias).all(|number| number.is_finite()) {
            return Err(LowerError::NotFinite { layer: node.name.clone() });
        }
        let input = input(graph, &stages, id)?;
        let name = node.name.clone();
        stages.push(Stage { name, kind, input, weight, bias, activation, before_activation, output });
    }
    match stages.last() {
        Some(last) if last.output == graph.output => Ok(stages),
        _ => Err(LowerError::Unsupported {
            layer: graph.nodes[graph.output].name.clone(),
            what: "the picture must be the last stage's output",
        }),
    }
}

/// γ (W x + b − μ) / √(σ² + ε) + β as weights and biases: with f = γ / √(σ² + ε), W' = f W and b' = f (b − μ) + β
/// (Jacob et al. 2018, section 3.2).
///
/// Outputs come one channel after the other, again and again: both a folded dense layer's, height × width × channel,
/// and a convolution's, where every channel comes once.
fn fold_batch_norm(norm: &Parameters, channels: usize, weight: &mut [f32], bias: &mut [f32]) {
    let Parameters::BatchNorm { gamma, beta, mean, variance, epsilon } = norm else { return };
    let inputs = weight.len() / bias.len();
    for (output, (row, bias)) in weight.chunks_mut(inputs).zip(bias).enumerate() {
        let channel = output % channels;
        let factor = f64::from(gamma[channel]) / (f64::from(variance[channel]) + f64::from(*epsilon)).sqrt();
        row.iter_mut().for_each(|weight| *weight = (f64::from(*weight) * factor) as f32);
        let centred = f64::from(*bias) - f64::from(mean[channel]);
        *bias = (factor * centred + f64::from(beta[channel])) as f32;
    }
}

/// The node that alone reads `id`.
fn only_reader(graph: &Graph, id: NodeId) -> Option<NodeId> {
    let mut readers = (0..graph.nodes.len()).filter(|&reader| graph.nodes[reader].inputs.contains(&id));
    match (readers.next(), readers.next()) {
        (Some(reader), None) => Some(reader),
        _ => None,
    }
}

fn input(graph: &Graph, stages: &[Stage], id: NodeId) -> Result<StageInput, LowerError> {
    let node = &graph.nodes[id];
    let unsupported = |what| Err(LowerError::Unsupported { layer: node.name.clone(), what });
    let source = node.inputs[0];
    if let Some(stage) = stages.iter().position(|stage| stage.output == source) {
        return Ok(StageInput::Stage(stage));
    }
    let parts = match graph.nodes[source].layer {
        Layer::Concat => graph.nodes[source].inputs.clone(),
        _ => vec![source],
    };
    let (mut latent_column, mut class_column, mut column) = (None, None, 0);
    for part in parts {
        match graph.nodes[part].layer {
            Layer::Latent { .. } if latent_column.is_none() => latent_column = Some(column),
            Layer::Class { .. } if class_column.is_none() => class_column = Some(column),
            _ => return unsupported("it must read one earlier layer, or one latent with or without a class"),
        }
        column += graph.nodes[part].shape.channels;
    }
    match latent_column {
        Some(latent_column) if matches!(node.layer, Layer::Dense { .. }) => {
            Ok(StageInput::Latent { latent_column, class_column })
        }
        _ => unsupported("only a dense layer can read the latent"),
    }
}
