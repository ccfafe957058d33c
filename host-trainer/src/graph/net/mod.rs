//! The Burn module that trains any [`Graph`].
//!
//! Channels come last, as in the engine: every value is `[batch, height, width, channels]`.

mod adaptive;
mod convolution;
mod export;
mod fake;
mod layers;
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
}

impl Net {
    /// The graph with first weights drawn from `rng`.
    pub fn new(graph: &Graph, rng: &mut Rng, device: &Device) -> Self {
        let weights = (0..graph.nodes.len()).map(|node| Weights::new(graph, node, rng, device)).collect();
        Net { weights, graph: Arc::new(graph.clone()), quantization: None }
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
        let outputs: Vec<NodeId> = self.graph.outputs.iter().map(|output| output.node).collect();
        self.forward_through(inputs, given, &outputs)
    }

    /// Output number `output` of [`Net::forward_all`]; nothing is computed that it does not need.
    pub fn forward_to(&self, output: usize, inputs: &[Tensor<4>]) -> Tensor<4> {
        self.forward_through(inputs, &[], &[self.graph.outputs[output].node]).swap_remove(0)
    }

    /// The values of the nodes `wanted`.
    fn forward_through(
        &self,
        inputs: &[Tensor<4>],
        given: &[(NodeId, Tensor<4>)],
        wanted: &[NodeId],
    ) -> Vec<Tensor<4>> {
        let needed = self.graph.needed(wanted);
        if let Some(quantization) = &self.quantization {
            return self.forward_fake(quantization, inputs, given, (wanted, &needed));
        }
        let mut readers = vec![0usize; self.graph.nodes.len()];
        let read_here = self.graph.nodes.iter().zip(&needed).filter(|(_, needed)| **needed);
        read_here.flat_map(|(node, _)| &node.inputs).chain(wanted).for_each(|&input| readers[input] += 1);
        let mut values: Vec<Option<Tensor<4>>> = Vec::with_capacity(readers.len());
        let mut feed = Feed::new(inputs);
        // The last reader takes the tensor itself: an elementwise operation may then reuse its memory.
        let mut read = |values: &mut Vec<Option<Tensor<4>>>, node: NodeId| {
            readers[node] -= 1;
            let value = if readers[node] == 0 { values[node].take() } else { values[node].clone() };
            value.expect("a value stays until its last reader")
        };
        for (index, node) in self.graph.nodes.iter().enumerate() {
            let is_input = matches!(node.layer, Layer::Input(_));
            if !needed[index] && !is_input {
                values.push(None);
                continue;
            }
            let operands = node.inputs.iter().map(|&input| read(&mut values, input)).collect();
            let value = given.iter().find(|(node, _)| *node == index).map(|(_, value)| value.clone());
            values.push(Some(value.unwrap_or_else(|| self.run(index, operands, &mut feed))));
        }
        wanted.iter().map(|&node| read(&mut values, node)).collect()
    }

    /// The first of [`Net::forward_all`].
    pub fn forward(&self, inputs: &[Tensor<4>]) -> Tensor<4> {
        self.forward_to(0, inputs)
    }

    /// The outputs of all nodes in node order; inputs as in [`Net::forward_all`].
    pub fn forward_nodes(&self, inputs: &[Tensor<4>]) -> Vec<Tensor<4>> {
        let mut values: Vec<Tensor<4>> = Vec::with_capacity(self.graph.nodes.len());
        let mut feed = Feed::new(inputs);
        for (index, node) in self.graph.nodes.iter().enumerate() {
            let operands = node.inputs.iter().map(|&input| values[input].clone()).collect();
            values.push(self.run(index, operands, &mut feed));
        }
        values
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
