//! Joining batch norms, activations and upsamplings with the layer before or behind them.
//!
//! What is left are *stages*, each of which becomes one op of the model file. A dense layer or a convolution takes in the
//! batch norm and the activation behind it, and a convolution the upsampling in front of it; a sum or a join takes in what
//! follows too. Whatever nothing takes in becomes a sum of one operand, which computes factors per channel and a table.

use gan_core::ops::upsample::weights as upsampled;

use super::LowerError;
use super::norm::{Affine, fold_into};
use super::readers::Readers;
use crate::graph::{Activation, Graph, Input, Layer, Node, NodeId, Parameters, Tap, Window};

/// A graph as ops: its input tensors first, then one tensor per stage.
#[derive(Debug, Clone, PartialEq)]
pub struct Folded {
    /// The nodes of the tensors that are handed in, in node order; a choice has no tensor.
    pub inputs: Vec<NodeId>,
    /// In the order in which they run.
    pub stages: Vec<Stage>,
}

/// A layer with what is folded into it.
#[derive(Debug, Clone, PartialEq)]
pub struct Stage {
    /// The layer's name.
    pub name: String,
    /// What it computes.
    pub kind: StageKind,
    /// The tensors that it reads: numbers of inputs, and behind them of stages.
    pub operands: Vec<usize>,
    /// The node that it reads first, if it reads a tensor.
    pub operand: Option<NodeId>,
    /// The choice that it reads.
    pub choice: Option<ReadChoice>,
    /// Of a linear layer in the order of [`Parameters::Linear`]; of an embedding its table; of all others one factor per
    /// channel.
    pub weight: Vec<f32>,
    /// One per output of a dense layer, one per channel of other layers; an embedding has none.
    pub bias: Vec<f32>,
    /// The layer itself; `None` where it passes its operand on to what follows.
    pub head: Option<NodeId>,
    /// The batch norm that is folded in.
    pub norm: Option<NodeId>,
    /// What follows.
    pub activation: Option<Activation>,
    /// The node whose values go into the activation.
    pub before_activation: NodeId,
    /// The node whose values the stage makes.
    pub output: NodeId,
    /// The nearest upsampling that is folded into a convolution's kernel; 1 is none.
    pub upsample: usize,
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
    /// A sum of operands, each repeated to the output's size.
    Sum,
    /// A join along the channels.
    Concat,
    /// A row of a table, or a constant.
    Embedding,
    /// An instance norm with this ε.
    InstanceNorm {
        /// Keeps the root away from 0.
        epsilon: f32,
    },
    /// A product of two operands, to which a third may be added.
    Product,
    /// An attention.
    Attention,
    /// What is drawn already; it reads the picture of the draw.
    Window(&'static [Tap]),
    /// A pixel by chance, one of these levels.
    Draw(&'static [f32]),
}

/// A choice that a stage reads.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReadChoice {
    /// Its number among the inputs of the model file.
    pub input: usize,
    /// The columns of a dense layer's weights that read it, one-hot; none of an embedding.
    pub columns: std::ops::Range<usize>,
}

/// Folds `graph` into stages; `parameters` holds one entry per node.
///
/// # Errors
/// A layer that is trained only: [`LowerError::Unsupported`]; a weight that is not finite.
pub fn fold(graph: &Graph, parameters: &[Parameters]) -> Result<Folded, LowerError> {
    let inputs: Vec<NodeId> =
        graph.inputs().filter(|&(_, kind)| kind != Input::Choice).map(|(node, _)| node).collect();
    let mut tensor_of = vec![None; graph.nodes.len()];
    inputs.iter().enumerate().for_each(|(tensor, &node)| tensor_of[node] = Some(tensor));
    let mut folding = Folding {
        graph,
        parameters,
        readers: Readers::new(graph),
        folded: vec![false; graph.nodes.len()],
        tensor_of,
        inputs: inputs.len(),
        stages: Vec::new(),
    };
    for id in 0..graph.nodes.len() {
        if !folding.folded[id] {
            folding.node(id)?;
        }
    }
    for output in &graph.outputs {
        // An input that leaves the graph as it came.
        folding.tensor(output.node)?;
    }
    let mut stages = folding.stages;
    if let Some(draw) = stages.iter().position(|stage| matches!(stage.kind, StageKind::Draw(_))) {
        let windows = stages.iter_mut().filter(|stage| matches!(stage.kind, StageKind::Window(_)));
        windows.for_each(|window| window.operands = vec![inputs.len() + draw]);
    }
    Ok(Folded { inputs, stages })
}

struct Folding<'g> {
    graph: &'g Graph,
    parameters: &'g [Parameters],
    readers: Readers,
    /// Nodes that another's stage has taken in.
    folded: Vec<bool>,
    /// The tensor that holds a node's value.
    tensor_of: Vec<Option<usize>>,
    inputs: usize,
    stages: Vec<Stage>,
}

impl Folding<'_> {
    fn node(&mut self, id: NodeId) -> Result<(), LowerError> {
        let node = &self.graph.nodes[id];
        let stage = match node.layer {
            Layer::Input(_) | Layer::Position(_) => return Ok(()),
            Layer::Window(taps) => {
                let mean = |[_, _, reach]: &Tap| (2.0 * f32::from(*reach) + 1.0).powi(-2);
                let stage = self.stage(id, StageKind::Window(taps), id);
                let weight = taps.iter().map(mean).collect();
                return self.keep(Stage { operand: None, weight, ..stage });
            }
            Layer::Draw(levels) => {
                let stage = self.of_operands(id, StageKind::Draw(levels))?;
                return self.keep(stage);
            }
            Layer::Concat if self.readers.joins_a_choice(self.graph, id) => return Ok(()),
            Layer::Upsample { .. } if self.readers.all_upsample(self.graph, id) => return Ok(()),
            Layer::Dense { .. } => self.dense(id)?,
            Layer::Conv { .. } | Layer::ConvTranspose { .. } => self.conv(id)?,
            Layer::Add | Layer::Concat | Layer::Upsample { .. } => self.terms(id)?,
            Layer::BatchNorm => {
                let stage = self.passing(id, node.inputs[0])?;
                let stage = self.with_norm(stage, id)?;
                return self.keep_with_activation(stage);
            }
            Layer::Activation(function) => {
                let stage = self.passing(id, node.inputs[0])?;
                let before_activation = node.inputs[0];
                return self.keep(Stage { activation: Some(function), before_activation, ..stage });
            }
            Layer::InstanceNorm => {
                let Parameters::InstanceNorm { gain, offset, epsilon } = &self.parameters[id] else {
                    return Err(unsupported(node, "no gain was given"));
                };
                let kind = StageKind::InstanceNorm { epsilon: *epsilon };
                Stage { weight: gain.clone(), bias: offset.clone(), ..self.of_operands(id, kind)? }
            }
            Layer::Product => self.of_operands(id, StageKind::Product)?,
            Layer::Attention => {
                // Its values have no constant added: what follows is an op of its own.
                let stage = self.of_operands(id, StageKind::Attention)?;
                return self.keep_with_activation(stage);
            }
            Layer::Embedding => {
                let Parameters::Table(table) = &self.parameters[id] else {
                    return Err(unsupported(node, "no table was given"));
                };
                let choice = node.inputs.first().map(|&choice| self.input_number(choice));
                return self.keep_embedding(id, choice, table.clone());
            }
            Layer::Fixed(rows) => {
                let choice = self.input_number(node.inputs[0]);
                return self.keep_embedding(id, Some(choice), rows.to_vec());
            }
            Layer::Projection => {
                return Err(unsupported(node, "a projection is trained only: no op computes it"));
            }
        };
        let stage = match self.readers.only(id) {
            Some(norm) if self.graph.nodes[norm].layer == Layer::BatchNorm => self.with_norm(stage, norm)?,
            _ => stage,
        };
        self.keep_with_activation(stage)
    }

    /// The stage of node `id`, before anything is folded into it.
    fn stage(&self, id: NodeId, kind: StageKind, operand: NodeId) -> Stage {
        let channels = self.graph.nodes[id].shape.channels;
        Stage {
            name: self.graph.nodes[id].name.clone(),
            kind,
            operands: Vec::new(),
            operand: Some(operand),
            choice: None,
            weight: vec![1.0; channels],
            bias: vec![0.0; channels],
            head: Some(id),
            norm: None,
            activation: None,
            before_activation: id,
            output: id,
            upsample: 1,
        }
    }

    /// A stage that passes the values of node `operand` on, at the place of node `id`.
    fn passing(&mut self, id: NodeId, operand: NodeId) -> Result<Stage, LowerError> {
        let operands = vec![self.tensor(operand)?];
        Ok(Stage { operands, head: None, ..self.stage(id, StageKind::Sum, operand) })
    }

    /// A stage of kind `kind` that reads what node `id` reads.
    fn of_operands(&mut self, id: NodeId, kind: StageKind) -> Result<Stage, LowerError> {
        let inputs = &self.graph.nodes[id].inputs;
        let operands = inputs.iter().map(|&operand| self.tensor(operand)).collect::<Result<_, _>>()?;
        Ok(Stage { operands, ..self.stage(id, kind, inputs[0]) })
    }

    /// A sum, a join, or an upsampling by itself.
    fn terms(&mut self, id: NodeId) -> Result<Stage, LowerError> {
        let node = &self.graph.nodes[id];
        let kind = if node.layer == Layer::Concat { StageKind::Concat } else { StageKind::Sum };
        let mut operands = Vec::new();
        for &operand in &node.inputs {
            // A sum repeats its operands itself.
            let upsampled = kind == StageKind::Sum && self.readers.all_upsample(self.graph, operand);
            let operand = if upsampled { self.graph.nodes[operand].inputs[0] } else { operand };
            operands.push(self.tensor(operand)?);
        }
        Ok(Stage { operands, ..self.stage(id, kind, node.inputs[0]) })
    }

    /// A linear layer's numbers, the bias 0 where there is none.
    fn linear(&self, id: NodeId, biases: usize) -> Result<(Vec<f32>, Vec<f32>), LowerError> {
        match &self.parameters[id] {
            Parameters::Linear { weight, bias } => {
                Ok((weight.clone(), bias.clone().unwrap_or_else(|| vec![0.0; biases])))
            }
            _ => Err(unsupported(&self.graph.nodes[id], "no weights were given")),
        }
    }

    fn dense(&mut self, id: NodeId) -> Result<Stage, LowerError> {
        let node = &self.graph.nodes[id];
        let (weight, bias) = self.linear(id, node.shape.size())?;
        let source = node.inputs[0];
        let (mut tensor, mut choice) = (source, None);
        if self.readers.joins_a_choice(self.graph, source) {
            let mut column = 0;
            for &part in &self.graph.nodes[source].inputs {
                let length = self.graph.nodes[part].shape.channels;
                match self.graph.nodes[part].layer {
                    Layer::Input(Input::Choice) => {
                        let (input, columns) = (self.input_number(part), column..column + length);
                        choice = Some(ReadChoice { input, columns });
                    }
                    _ => tensor = part,
                }
                column += length;
            }
        }
        let operands = vec![self.tensor(tensor)?];
        Ok(Stage { operands, choice, weight, bias, ..self.stage(id, StageKind::Dense, source) })
    }

    fn conv(&mut self, id: NodeId) -> Result<Stage, LowerError> {
        let node = &self.graph.nodes[id];
        let (mut weight, bias) = self.linear(id, node.shape.channels)?;
        let (mut operand, mut upsample) = (node.inputs[0], 1);
        let kind = match (node.layer, self.graph.nodes[operand].layer) {
            (Layer::Conv { window, .. }, Layer::Upsample { factor })
                if self.readers.all_upsample(self.graph, operand) =>
            {
                operand = self.graph.nodes[operand].inputs[0];
                upsample = factor;
                let [inputs, outputs] = [self.graph.nodes[operand].shape.channels, node.shape.channels];
                weight = upsampled(&weight, window.kernel, factor, inputs, outputs);
                StageKind::ConvTranspose(window.upsampled(factor))
            }
            (Layer::Conv { window, .. }, _) => StageKind::Conv(window),
            (Layer::ConvTranspose { window, .. }, _) => StageKind::ConvTranspose(window),
            (layer, _) => unreachable!("{layer:?} is no convolution"),
        };
        let operands = vec![self.tensor(operand)?];
        Ok(Stage { operands, weight, bias, upsample, ..self.stage(id, kind, operand) })
    }

    /// `stage` with the batch norm `norm` of its output folded in.
    fn with_norm(&mut self, mut stage: Stage, norm: NodeId) -> Result<Stage, LowerError> {
        let node = &self.graph.nodes[norm];
        let affine = Affine::of(&self.parameters[norm]);
        let affine = affine.ok_or_else(|| unsupported(node, "no statistics were given"))?;
        fold_into(&affine, node.shape.channels, &mut stage.weight, &mut stage.bias);
        self.folded[norm] = true;
        Ok(Stage { norm: Some(norm), before_activation: norm, output: norm, ..stage })
    }

    /// Keeps `stage` with the activation behind it, if that alone reads it.
    fn keep_with_activation(&mut self, stage: Stage) -> Result<(), LowerError> {
        match self.readers.only(stage.output).map(|reader| (reader, self.graph.nodes[reader].layer)) {
            Some((output, Layer::Activation(function))) => {
                self.folded[output] = true;
                self.keep(Stage { activation: Some(function), output, ..stage })
            }
            _ => self.keep(stage),
        }
    }

    fn keep(&mut self, stage: Stage) -> Result<(), LowerError> {
        if !stage.weight.iter().chain(&stage.bias).all(|number| number.is_finite()) {
            return Err(LowerError::NotFinite { layer: stage.name });
        }
        self.tensor_of[stage.output] = Some(self.inputs + self.stages.len());
        self.stages.push(stage);
        Ok(())
    }

    /// Keeps the stage that makes node `id` of the rows `table` by the choice that is input number `choice`.
    fn keep_embedding(
        &mut self,
        id: NodeId,
        choice: Option<usize>,
        table: Vec<f32>,
    ) -> Result<(), LowerError> {
        let choice = choice.map(|input| ReadChoice { input, columns: 0..0 });
        let stage = self.stage(id, StageKind::Embedding, id);
        self.keep(Stage { operand: None, choice, weight: table, bias: Vec::new(), ..stage })
    }

    /// The tensor that holds the value of `node`. A choice that something reads as numbers becomes its one-hot vector.
    fn tensor(&mut self, node: NodeId) -> Result<usize, LowerError> {
        if self.tensor_of[node].is_none() && self.graph.nodes[node].layer == Layer::Input(Input::Choice) {
            let rows = self.graph.nodes[node].shape.channels;
            let one_hot = (0..rows * rows).map(|index| f32::from(u8::from(index / rows == index % rows)));
            self.keep_embedding(node, Some(self.input_number(node)), one_hot.collect())?;
        }
        Ok(self.tensor_of[node].expect("a node is folded before its readers"))
    }

    fn input_number(&self, node: NodeId) -> usize {
        self.graph.file_inputs().position(|input| input == node).expect("it is an input")
    }
}

fn unsupported(node: &Node, what: &'static str) -> LowerError {
    LowerError::Unsupported { layer: node.name.clone(), what }
}
