//! The Burn module that trains any [`Graph`].
//!
//! Channels come last, as in the engine: every value is `[batch, height, width, channels]`.

mod adaptive;
mod convolution;
mod export;
mod fake;
mod layers;
mod spectral;
#[cfg(test)]
pub(crate) mod testing;
mod weights;

pub use layers::upsample;

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
    /// `[batch, 1, 1, choices]`.
    pub fn forward_all(&self, inputs: &[Tensor<4>]) -> Vec<Tensor<4>> {
        self.forward_given(inputs, &[])
    }

    /// [`Net::forward_all`] with the values of some nodes given instead of computed: what reads them sees those, and what is in
    /// front of them is not trained through them.
    pub fn forward_given(&self, inputs: &[Tensor<4>], given: &[(NodeId, Tensor<4>)]) -> Vec<Tensor<4>> {
        if self.spectral {
            return self.normalized().forward_given(inputs, given);
        }
        if let Some(quantization) = &self.quantization {
            return self.forward_fake(quantization, inputs, given);
        }
        let reads: Vec<Vec<NodeId>> = (0..self.graph.nodes.len()).map(|node| self.reads(node)).collect();
        let mut readers = vec![0usize; reads.len()];
        reads.iter().flatten().for_each(|&input| readers[input] += 1);
        self.graph.outputs.iter().for_each(|output| readers[output.node] += 1);
        let mut values: Vec<Option<Tensor<4>>> = Vec::with_capacity(readers.len());
        let mut feed = Feed::new(inputs);
        // The last reader takes the tensor itself: an elementwise operation may then reuse its memory.
        let mut read = |values: &mut Vec<Option<Tensor<4>>>, node: NodeId| {
            readers[node] -= 1;
            let value = if readers[node] == 0 { values[node].take() } else { values[node].clone() };
            value.expect("a value stays until its last reader")
        };
        for (index, reads) in reads.iter().enumerate() {
            let operands = reads.iter().map(|&input| read(&mut values, input)).collect();
            let value = given.iter().find(|(node, _)| *node == index).map(|(_, value)| value.clone());
            values.push(value.or_else(|| self.run_upsampling(index, operands, &mut feed)));
        }
        self.graph.outputs.iter().map(|output| read(&mut values, output.node)).collect()
    }

    /// The first of [`Net::forward_all`].
    pub fn forward(&self, inputs: &[Tensor<4>]) -> Tensor<4> {
        self.forward_all(inputs).swap_remove(0)
    }

    /// The value of node `node` alone: what it does not depend on is not computed. Inputs as in [`Net::forward_all`].
    pub fn value_of(&self, node: NodeId, inputs: &[Tensor<4>]) -> Tensor<4> {
        if self.spectral {
            return self.normalized().value_of(node, inputs);
        }
        let mut needed = vec![false; node + 1];
        needed[node] = true;
        for reader in (0..=node).rev() {
            if needed[reader] {
                self.graph.nodes[reader].inputs.iter().for_each(|&input| needed[input] = true);
            }
        }
        let mut feed = Feed::new(inputs);
        let mut values: Vec<Option<Tensor<4>>> = Vec::with_capacity(node + 1);
        for (index, layer) in self.graph.nodes.iter().enumerate().take(node + 1) {
            let is_input = matches!(layer.layer, Layer::Input(_));
            let value = (needed[index] || is_input).then(|| {
                let operands = layer.inputs.iter().filter_map(|&input| values[input].clone()).collect();
                self.run(index, operands, &mut feed)
            });
            values.push(value);
        }
        values.pop().flatten().expect("the node itself is needed")
    }

    /// Puts `rows`, one after the other, in place of the table of node `node`, an embedding.
    pub fn set_table(&mut self, node: NodeId, rows: Vec<f32>) {
        match &mut self.weights[node] {
            Some(Weights::Table(table)) => layers::set_weight(table, rows),
            _ => panic!("{}: it has no table", self.graph.nodes[node].name),
        }
    }

    /// The outputs of all nodes in node order; inputs as in [`Net::forward_all`].
    pub fn forward_nodes(&self, inputs: &[Tensor<4>]) -> Vec<Tensor<4>> {
        if self.spectral {
            return self.normalized().forward_nodes(inputs);
        }
        let mut values: Vec<Tensor<4>> = Vec::with_capacity(self.graph.nodes.len());
        let mut feed = Feed::new(inputs);
        for (index, node) in self.graph.nodes.iter().enumerate() {
            let operands = node.inputs.iter().map(|&input| values[input].clone()).collect();
            values.push(self.run(index, operands, &mut feed));
        }
        values
    }

    /// The nodes that node `index` reads in [`Net::run_upsampling`]; an upsampling that only such convolutions read is not made.
    fn reads(&self, index: NodeId) -> Vec<NodeId> {
        let graph = &self.graph;
        let only_read_through = || {
            let mut readers =
                (0..graph.nodes.len()).filter(|&node| graph.nodes[node].inputs.contains(&index));
            !graph.is_output(index) && readers.all(|node| graph.upsampled_by(node).is_some())
        };
        match (graph.nodes[index].layer, graph.upsampled_by(index)) {
            (_, Some((source, _))) => vec![source],
            (Layer::Upsample { .. }, _) if only_read_through() => Vec::new(),
            _ => graph.nodes[index].inputs.clone(),
        }
    }

    /// A node's output from what it [reads](Net::reads). A convolution behind an upsampling takes that into its kernel: fewer
    /// products, and no large picture in between.
    fn run_upsampling(
        &self,
        index: NodeId,
        operands: Vec<Tensor<4>>,
        feed: &mut Feed<'_>,
    ) -> Option<Tensor<4>> {
        if operands.is_empty() && matches!(self.graph.nodes[index].layer, Layer::Upsample { .. }) {
            return None;
        }
        Some(match self.graph.upsampled_by(index) {
            Some((_, factor)) => self.weights_of(index).upsampled(operands, &self.graph.nodes[index], factor),
            None => self.run(index, operands, feed),
        })
    }

    /// A node's output from its operands.
    fn run(&self, index: NodeId, mut operands: Vec<Tensor<4>>, feed: &mut Feed<'_>) -> Tensor<4> {
        let node = &self.graph.nodes[index];
        match node.layer {
            Layer::Input(_) => feed.inputs.next().expect("a tensor per input of the graph").clone(),
            Layer::Concat => Tensor::cat(operands, 3),
            Layer::Add => operands.into_iter().reduce(|sum, operand| sum + operand).expect("it has operands"),
            Layer::Product => adaptive::product(operands),
            Layer::Attention => adaptive::attention(operands),
            Layer::Fixed(rows) => layers::row_of(operands.remove(0), rows, node.shape),
            Layer::Upsample { factor } => layers::upsample(operands.remove(0), factor),
            Layer::Activation(function) => layers::activate(operands.remove(0), function),
            _ => self.weights_of(index).forward(operands, node, feed.batch),
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

/// The tensors of the input nodes, handed out in node order.
struct Feed<'i> {
    inputs: std::slice::Iter<'i, Tensor<4>>,
    batch: usize,
}

impl<'i> Feed<'i> {
    fn new(inputs: &'i [Tensor<4>]) -> Self {
        Feed { inputs: inputs.iter(), batch: inputs.first().map_or(1, |input| input.dims()[0]) }
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
