//! Networks written down once: layers with shapes, and what each reads.
//!
//! Every network is a graph: generators, discriminators, encoders. Two things read it: [`Net`], the one Burn module that
//! trains any graph, and the lowering ([`crate::lower`]) that quantizes those that make pictures. No architecture has code
//! of its own in either.

mod build;
mod convolve;
#[cfg(test)]
pub(crate) mod evaluate;
mod layer;
pub mod net;
mod parameters;
mod passes;
mod pictures;
mod quant;
mod shape;
#[cfg(test)]
pub(crate) mod testing;

pub use build::GraphBuilder;
pub(crate) use convolve::convolve;
pub use layer::{Activation, Axis, Begin, Input, Layer, Tap};
pub use net::Net;
pub use parameters::Parameters;
pub use passes::Pass;
pub use pictures::PictureRange;
pub use quant::{FakeQuantization, FakeStage, QuantParams, StageTensor};
pub use shape::{Shape, Window};

/// What the choice is called that tells a network which of the data's classes its picture is to show.
pub const CLASS: &str = "class";

/// Index of a node in [`Graph::nodes`].
pub type NodeId = usize;

/// Layers in the order in which they run; a node only reads nodes before it.
#[derive(Debug, Clone, PartialEq)]
pub struct Graph {
    /// Whose network it is.
    pub name: String,
    /// All layers.
    pub nodes: Vec<Node>,
    /// What the network is for, at least one.
    pub outputs: Vec<Output>,
    /// Whether each weight is divided by its largest singular value: [`Graph::with_spectral_norm`].
    pub spectral: bool,
}

/// One layer, what it reads, and the shape of what it makes.
#[derive(Debug, Clone, PartialEq)]
pub struct Node {
    /// Unique in the graph; tables and errors name a layer by it.
    pub name: String,
    /// What it computes.
    pub layer: Layer,
    /// The nodes it reads.
    pub inputs: Vec<NodeId>,
    /// Shape of its output.
    pub shape: Shape,
    /// The node whose parameters it computes with: itself, or an earlier one of the same layer.
    pub parameters: NodeId,
    /// Of a choice whose meaning is the network's own, what there is to choose from is called; a class's names are the data's.
    pub names: &'static [&'static str],
}

/// A value of the graph that leaves it: a picture, a logit, an intermediate picture of a pyramid.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Output {
    /// Unique among the graph's outputs; in a model file the entry's name, where there are several.
    pub name: String,
    /// The node that makes it.
    pub node: NodeId,
}

impl Graph {
    /// The same with spectral norm: whatever multiplies does so with its weight divided by its largest singular value (Miyato et
    /// al. 2018). In a lowered model that is part of the weights.
    #[must_use]
    pub fn with_spectral_norm(self) -> Graph {
        Graph { spectral: true, ..self }
    }

    /// The nodes that are handed in from outside, in node order, with their kinds.
    pub fn inputs(&self) -> impl Iterator<Item = (NodeId, Input)> {
        self.nodes.iter().enumerate().filter_map(|(id, node)| match node.layer {
            Layer::Input(kind) => Some((id, kind)),
            _ => None,
        })
    }

    /// How many numbers all inputs of a kind have, but for the planes of noise.
    pub fn input_length(&self, kind: Input) -> usize {
        let numbers = self.inputs().filter(|&(id, own)| own == kind && !self.is_noise(id, kind));
        numbers.map(|(id, _)| self.nodes[id].shape.size()).sum()
    }

    /// How many numbers a latent has for it: those of all [`Input::Normal`] but the planes of noise.
    pub fn latent_length(&self) -> usize {
        self.input_length(Input::Normal)
    }

    /// Whether the node `id`, an input of this kind, is a plane of noise: normal or uniform numbers with a height and a width.
    pub fn is_noise(&self, id: NodeId, kind: Input) -> bool {
        let Shape { height, width, .. } = self.nodes[id].shape;
        matches!(kind, Input::Normal | Input::Uniform) && height * width > 1
    }

    /// Whether one of its inputs is a picture: it restyles, or judges.
    pub fn reads_pictures(&self) -> bool {
        self.inputs().any(|(_, kind)| kind == Input::Picture)
    }

    /// How many there are to choose from in each [`Input::Choice`], in node order.
    pub fn choices(&self) -> impl Iterator<Item = usize> {
        self.inputs().filter(|&(_, kind)| kind == Input::Choice).map(|(id, _)| self.nodes[id].shape.channels)
    }

    /// How many there are to choose from in the first [`Input::Choice`], as a rule the classes; `None` without one.
    pub fn classes(&self) -> Option<usize> {
        self.choices().next()
    }

    /// What the first [`Input::Choice`] is called; `None` without one.
    pub fn first_choice(&self) -> Option<&str> {
        let (node, _) = self.inputs().find(|&(_, kind)| kind == Input::Choice)?;
        Some(&self.nodes[node].name)
    }

    /// What the convolution `node` reads and by how many times it repeats that itself, if it stands behind a nearest upsampling
    /// that its kernel can take in.
    pub fn upsampled_by(&self, node: NodeId) -> Option<(NodeId, usize)> {
        let Layer::Conv { window, .. } = self.nodes[node].layer else { return None };
        let operand = &self.nodes[self.nodes[node].inputs[0]];
        match operand.layer {
            Layer::Upsample { factor } if window.can_be_upsampled() => Some((operand.inputs[0], factor)),
            _ => None,
        }
    }

    /// The first output's node.
    pub fn output(&self) -> NodeId {
        self.outputs[0].node
    }

    /// Shape of the first output.
    pub fn output_shape(&self) -> Shape {
        self.nodes[self.output()].shape
    }

    /// For each node whether one of `wanted` depends on it, or is it.
    pub fn needed(&self, wanted: &[NodeId]) -> Vec<bool> {
        let mut needed = vec![false; self.nodes.len()];
        wanted.iter().for_each(|&node| needed[node] = true);
        for (index, node) in self.nodes.iter().enumerate().rev() {
            if needed[index] {
                node.inputs.iter().for_each(|&input| needed[input] = true);
            }
        }
        needed
    }

    /// Whether `node` leaves the graph.
    pub fn is_output(&self, node: NodeId) -> bool {
        self.outputs.iter().any(|output| output.node == node)
    }
}
