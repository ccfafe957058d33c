//! The Burn module that trains any [`Graph`].
//!
//! Channels come last, as in the engine: every value is `[batch, height, width, channels]`.

mod adaptive;
mod convolution;
mod export;
mod fake;
mod layers;
mod pass;
mod spectral;
#[cfg(test)]
pub(crate) mod testing;
mod values;
mod weights;

pub use layers::upsample;
pub use pass::{levels_of, windows};
pub use values::{numbers, one_hot};

use super::{FakeQuantization, Graph, Input, Layer, NodeId};
use crate::random::Rng;
use burn::module::Module;
use burn::tensor::{Device, Tensor};
use std::sync::Arc;
use weights::Weights;

/// A graph with its weights.
#[derive(Module, Debug)]
pub struct Net {
    /// One per node; `None` where the node has no weights of its own.
    weights: Vec<Option<Weights>>,
    #[module(skip)]
    graph: Arc<Graph>,
    /// What [`Net::forward`] goes through while a run fine-tunes for int8.
    #[module(skip)]
    quantization: Option<Arc<FakeQuantization>>,
    /// Whether it computes with weights that are divided by their largest singular values.
    #[module(skip)]
    spectral: bool,
}

impl Net {
    /// The graph with first weights drawn from `rng`.
    pub fn new(graph: &Graph, rng: &mut Rng, device: &Device) -> Self {
        let weights = (0..graph.nodes.len()).map(|node| Weights::new(graph, node, rng, device)).collect();
        Net { weights, graph: Arc::new(graph.clone()), quantization: None, spectral: graph.spectral }
    }

    /// The graph.
    pub fn graph(&self) -> &Graph {
        &self.graph
    }

    /// This net with its forward through `quantization`, or as floats.
    pub fn with_quantization(self, quantization: Option<FakeQuantization>) -> Self {
        Net { quantization: quantization.map(Arc::new), ..self }
    }

    /// The graph's outputs, in its order, from one tensor per input, in node order; a choice is one-hot,
    /// `[batch, 1, 1, choices]`. A graph with a pass draws its picture.
    pub fn forward_all(&self, inputs: &[Tensor<4>]) -> Vec<Tensor<4>> {
        match self.graph.pass() {
            Some(pass) => vec![self.drawn(&pass, inputs)],
            None => self.forward_given(inputs, &[]),
        }
    }

    /// [`Net::forward_all`] with the values of some nodes given instead of computed: what reads them sees those, and what is in
    /// front of them is not trained through them.
    pub fn forward_given(&self, inputs: &[Tensor<4>], given: &[(NodeId, Tensor<4>)]) -> Vec<Tensor<4>> {
        let outputs: Vec<NodeId> = self.graph.outputs.iter().map(|output| output.node).collect();
        self.values(&outputs, inputs, given)
    }

    /// Output number `output` of [`Net::forward_all`]; nothing is computed that it does not need.
    pub fn forward_to(&self, output: usize, inputs: &[Tensor<4>]) -> Tensor<4> {
        match self.graph.pass() {
            Some(pass) => self.drawn(&pass, inputs),
            None => self.value_of(self.graph.outputs[output].node, inputs),
        }
    }

    /// The value of node `node` alone. Inputs as in [`Net::forward_all`].
    pub fn value_of(&self, node: NodeId, inputs: &[Tensor<4>]) -> Tensor<4> {
        self.values(&[node], inputs, &[]).swap_remove(0)
    }

    /// The values of the nodes `wanted` with those of the nodes `given` given; nothing that they do not depend on is computed.
    pub fn values(
        &self,
        wanted: &[NodeId],
        inputs: &[Tensor<4>],
        given: &[(NodeId, Tensor<4>)],
    ) -> Vec<Tensor<4>> {
        if self.spectral {
            return self.normalized().values(wanted, inputs, given);
        }
        let needs = Needs::of(self, wanted, given);
        if let Some(quantization) = &self.quantization {
            return self.values_fake(quantization, (wanted, &needs), inputs, given);
        }
        let mut readers = needs.readers.clone();
        let mut values: Vec<Option<Tensor<4>>> = Vec::with_capacity(readers.len());
        let mut feed = Feed::new(inputs, given);
        // The last reader takes the tensor itself: an elementwise operation may then reuse its memory.
        let mut read = |values: &mut Vec<Option<Tensor<4>>>, node: NodeId| {
            readers[node] -= 1;
            let value = if readers[node] == 0 { values[node].take() } else { values[node].clone() };
            value.expect("a value stays until its last reader")
        };
        for (index, reads) in needs.reads.iter().enumerate() {
            let handed_in = feed.next_of(&self.graph.nodes[index].layer);
            let value = given.iter().find(|(node, _)| *node == index).map(|(_, value)| value.clone());
            let value = match (needs.readers[index], value.or(handed_in)) {
                (0, _) => None,
                (_, Some(value)) => Some(value),
                (_, None) => {
                    let operands = reads.iter().map(|&input| read(&mut values, input)).collect();
                    Some(self.run_upsampling(index, operands, feed.batch))
                }
            };
            values.push(value);
        }
        wanted.iter().map(|&node| read(&mut values, node)).collect()
    }

    /// The first of [`Net::forward_all`].
    pub fn forward(&self, inputs: &[Tensor<4>]) -> Tensor<4> {
        self.forward_to(0, inputs)
    }

    /// Puts `rows`, one after the other, in place of the table of node `node`, an embedding; of a dense layer those are the weights,
    /// `[input][output]`.
    pub fn set_table(&mut self, node: NodeId, rows: Vec<f32>) {
        match &mut self.weights[node] {
            Some(Weights::Table(table) | Weights::Dense(table)) => layers::set_weight(table, rows),
            _ => panic!("{}: it has no table", self.graph.nodes[node].name),
        }
    }

    /// The outputs of all nodes in node order; inputs as in [`Net::forward_all`]. In a graph with a pass whatever is computed again
    /// for each pixel has as many times the batch, picture after picture and row after row.
    pub fn forward_nodes(&self, inputs: &[Tensor<4>]) -> Vec<Tensor<4>> {
        if self.spectral {
            return self.normalized().forward_nodes(inputs);
        }
        match self.graph.pass() {
            Some(pass) => self.nodes_along(&pass, &self.drawn(&pass, inputs), inputs),
            None => self.nodes_given(inputs, &[]),
        }
    }

    /// The outputs of all nodes but those in front of what is `given`.
    fn nodes_given(&self, inputs: &[Tensor<4>], given: &[(NodeId, Tensor<4>)]) -> Vec<Tensor<4>> {
        let mut values: Vec<Tensor<4>> = Vec::with_capacity(self.graph.nodes.len());
        let mut feed = Feed::new(inputs, given);
        for (index, node) in self.graph.nodes.iter().enumerate() {
            let handed_in = feed.next_of(&node.layer);
            let value = given.iter().find(|(node, _)| *node == index).map(|(_, value)| value.clone());
            values.push(value.or(handed_in).unwrap_or_else(|| {
                let operands = self.reads(index).into_iter().map(|input| values[input].clone()).collect();
                self.run_upsampling(index, operands, feed.batch)
            }));
        }
        values
    }

    /// What node `index` reads in [`Net::run_upsampling`].
    fn reads(&self, index: NodeId) -> Vec<NodeId> {
        match self.graph.upsampled_by(index) {
            Some((source, _)) => vec![source],
            None => self.graph.nodes[index].inputs.clone(),
        }
    }

    /// A node's output from what it [reads](Net::reads). A convolution behind an upsampling takes that into its kernel: fewer
    /// products, and no large picture in between.
    fn run_upsampling(&self, index: NodeId, operands: Vec<Tensor<4>>, batch: usize) -> Tensor<4> {
        match self.graph.upsampled_by(index) {
            Some((_, factor)) => self.weights_of(index).upsampled(operands, &self.graph.nodes[index], factor),
            None => self.run(index, operands, batch),
        }
    }

    /// A node's output from its operands.
    fn run(&self, index: NodeId, mut operands: Vec<Tensor<4>>, batch: usize) -> Tensor<4> {
        let node = &self.graph.nodes[index];
        match node.layer {
            Layer::Input(_) | Layer::Window(_) | Layer::Position(_) | Layer::Draw(_) => {
                unreachable!("{}: it is handed in, or given by a pass", node.name)
            }
            Layer::Concat => Tensor::cat(operands, 3),
            Layer::Add => operands.into_iter().reduce(|sum, operand| sum + operand).expect("it has operands"),
            Layer::Product => adaptive::product(operands),
            Layer::Attention => adaptive::attention(operands),
            Layer::Fixed(rows) => layers::row_of(operands.remove(0), rows, node.shape),
            Layer::Upsample { factor } => layers::upsample(operands.remove(0), factor),
            Layer::Activation(function) => layers::activate(operands.remove(0), function),
            _ => self.weights_of(index).forward(operands, node, batch),
        }
    }

    /// The weights that a node computes with.
    fn weights_of(&self, index: NodeId) -> &Weights {
        let node = &self.graph.nodes[index];
        self.weights[node.parameters]
            .as_ref()
            .unwrap_or_else(|| unreachable!("{}: {:?} was built with weights", node.name, node.layer))
    }
}

/// Who reads what when some nodes are wanted.
struct Needs {
    /// What each node reads.
    reads: Vec<Vec<NodeId>>,
    /// How many needed nodes read each, being wanted counting as one; 0 where a node is not needed.
    readers: Vec<usize>,
}

impl Needs {
    fn of(net: &Net, wanted: &[NodeId], given: &[(NodeId, Tensor<4>)]) -> Needs {
        let reads: Vec<Vec<NodeId>> = (0..net.graph.nodes.len()).map(|node| net.reads(node)).collect();
        let mut readers = vec![0usize; reads.len()];
        wanted.iter().for_each(|&node| readers[node] += 1);
        for node in (0..reads.len()).rev() {
            let is_given = given.iter().any(|(given, _)| *given == node);
            if readers[node] > 0 && !is_given {
                reads[node].iter().for_each(|&input| readers[input] += 1);
            }
        }
        Needs { reads, readers }
    }
}

/// The tensors of the input nodes, handed out in node order.
struct Feed<'i> {
    inputs: std::slice::Iter<'i, Tensor<4>>,
    batch: usize,
}

impl<'i> Feed<'i> {
    fn new(inputs: &'i [Tensor<4>], given: &[(NodeId, Tensor<4>)]) -> Self {
        let first = given.first().map(|(_, value)| value).or(inputs.first());
        Feed { inputs: inputs.iter(), batch: first.map_or(1, |tensor| tensor.dims()[0]) }
    }

    /// The tensor of a node of this layer, if that is an input.
    fn next_of(&mut self, layer: &Layer) -> Option<Tensor<4>> {
        matches!(layer, Layer::Input(_))
            .then(|| self.inputs.next().expect("a tensor per input of the graph").clone())
    }
}

impl Graph {
    /// The tensor of the first input of kind `kind` among `inputs`, which are in node order.
    pub fn input_of<'i>(&self, kind: Input, inputs: &'i [Tensor<4>]) -> Option<&'i Tensor<4>> {
        let place = self.inputs().position(|(_, own)| own == kind)?;
        inputs.get(place)
    }

    /// Puts `chosen` in place of the first choice among `inputs`, if there is one.
    pub fn choose(&self, inputs: &mut [Tensor<4>], chosen: &Tensor<4>) {
        if let Some(place) = self.inputs().position(|(_, own)| own == Input::Choice) {
            inputs[place] = chosen.clone();
        }
    }
}

#[cfg(test)]
mod tests;
