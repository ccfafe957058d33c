//! Writing a graph down, layer after layer.

use super::{Activation, Graph, Layer, Node, NodeId, Shape, Window};

/// Builds a [`Graph`]; each method adds a layer and returns its node.
///
/// ```
/// use host_trainer::graph::{Activation, GraphBuilder, Shape, Window};
///
/// let mut g = GraphBuilder::new("tiny");
/// let z = g.latent(32);
/// let x = g.dense("project", z, Shape::new(7, 7, 16), false);
/// let x = g.batch_norm(x);
/// let x = g.activation(x, Activation::Relu);
/// let x = g.conv_transpose("picture", x, 1, Window::new(4, 4, 0), true);
/// let x = g.activation(x, Activation::Tanh);
/// let graph = g.finish(x);
/// assert_eq!(graph.output_shape(), Shape::new(28, 28, 1));
/// ```
///
/// # Panics
/// A layer whose output would be empty is a mistake in the architecture's code and panics with the layer's name.
pub struct GraphBuilder {
    name: String,
    nodes: Vec<Node>,
}

impl GraphBuilder {
    /// An empty graph.
    pub fn new(name: &str) -> Self {
        GraphBuilder { name: name.into(), nodes: Vec::new() }
    }

    /// Input of `length` standard normal numbers.
    pub fn latent(&mut self, length: usize) -> NodeId {
        self.push("latent", Layer::Latent { length }, vec![], Shape::vector(length))
    }

    /// Input of the class, one-hot.
    pub fn class(&mut self, classes: usize) -> NodeId {
        self.push("class", Layer::Class { classes }, vec![], Shape::vector(classes))
    }

    /// Joins `inputs` along the channels.
    pub fn concat(&mut self, inputs: &[NodeId]) -> NodeId {
        let first = self.shape(inputs[0]);
        let channels = inputs.iter().map(|&input| self.shape(input).channels).sum();
        self.push("concat", Layer::Concat, inputs.to_vec(), Shape { channels, ..first })
    }

    /// A dense layer whose output is folded to `shape`.
    pub fn dense(&mut self, name: &str, input: NodeId, shape: Shape, bias: bool) -> NodeId {
        self.push(name, Layer::Dense { bias }, vec![input], shape)
    }

    /// Batch norm of the layer before it, which should have no bias.
    pub fn batch_norm(&mut self, input: NodeId) -> NodeId {
        let name = format!("{}.norm", self.nodes[input].name);
        let shape = self.shape(input);
        self.push(&name, Layer::BatchNorm, vec![input], shape)
    }

    /// A convolution to `channels` channels.
    pub fn conv(&mut self, name: &str, input: NodeId, channels: usize, window: Window, bias: bool) -> NodeId {
        let shape = resized(name, self.shape(input), channels, |side| window.conv_side(side));
        self.push(name, Layer::Conv { window, bias }, vec![input], shape)
    }

    /// A transposed convolution to `channels` channels.
    pub fn conv_transpose(
        &mut self,
        name: &str,
        input: NodeId,
        channels: usize,
        window: Window,
        bias: bool,
    ) -> NodeId {
        let shape = resized(name, self.shape(input), channels, |side| window.conv_transpose_side(side));
        self.push(name, Layer::ConvTranspose { window, bias }, vec![input], shape)
    }

    /// An elementwise function.
    pub fn activation(&mut self, input: NodeId, activation: Activation) -> NodeId {
        let base = self.nodes[input].name.trim_end_matches(".norm").to_owned();
        let shape = self.shape(input);
        self.push(&format!("{base}.{}", activation.name()), Layer::Activation(activation), vec![input], shape)
    }

    /// The graph whose picture is `output`.
    pub fn finish(self, output: NodeId) -> Graph {
        Graph { name: self.name, nodes: self.nodes, output }
    }

    fn shape(&self, node: NodeId) -> Shape {
        self.nodes[node].shape
    }

    fn push(&mut self, name: &str, layer: Layer, inputs: Vec<NodeId>, shape: Shape) -> NodeId {
        assert!(self.nodes.iter().all(|node| node.name != name), "two layers are named {name}");
        self.nodes.push(Node { name: name.into(), layer, inputs, shape });
        self.nodes.len() - 1
    }
}

fn resized(name: &str, input: Shape, channels: usize, side: impl Fn(usize) -> Option<usize>) -> Shape {
    let side = |input| {
        side(input).unwrap_or_else(|| panic!("layer {name}: the window leaves nothing of a side of {input}"))
    };
    Shape::new(side(input.height), side(input.width), channels)
}
