//! Writing a graph down, layer after layer.

use super::{Activation, Axis, Begin, Graph, Input, Layer, Node, NodeId, Output, Shape, Tap, Window};

/// Builds a [`Graph`]; each method adds a layer and returns its node.
///
/// ```
/// use host_trainer::graph::{Activation, GraphBuilder, Shape, Window};
///
/// let mut g = GraphBuilder::new("tiny");
/// let z = g.normal("z", Shape::vector(32));
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
/// What cannot be built is a mistake in the architecture's code, and panics with the layer's name: an output that would
/// be empty, operands whose shapes do not go together, two layers of one name.
pub struct GraphBuilder {
    name: String,
    nodes: Vec<Node>,
}

impl GraphBuilder {
    /// An empty graph.
    pub fn new(name: &str) -> Self {
        GraphBuilder { name: name.into(), nodes: Vec::new() }
    }

    /// Input of standard normal numbers: a latent is a vector of them.
    pub fn normal(&mut self, name: &str, shape: Shape) -> NodeId {
        self.push(name, Layer::Input(Input::Normal), vec![], shape)
    }

    /// Input of `length` uniform numbers from −1 to 1.
    pub fn uniform(&mut self, name: &str, length: usize) -> NodeId {
        self.push(name, Layer::Input(Input::Uniform), vec![], Shape::vector(length))
    }

    /// Input of two uniform numbers per pixel of a picture of `height` × `width`: what a draw decides by.
    pub fn randomness(&mut self, name: &str, height: usize, width: usize) -> NodeId {
        self.push(name, Layer::Input(Input::Uniform), vec![], Shape::new(height, width, 2))
    }

    /// What is drawn already around the pixel that is drawn, one number per tap.
    pub fn window(&mut self, name: &str, taps: &'static [Tap]) -> NodeId {
        let comes_before = |[down, right, reach]: &Tap| {
            let last = down + reach;
            last < 0 || last == 0 && right + reach < 0
        };
        assert!(taps.iter().all(comes_before), "layer {name}: a tap that is not drawn yet");
        self.push(name, Layer::Window(taps), vec![], Shape::vector(taps.len()))
    }

    /// The row or the column, one of `count`, of the pixel that is drawn.
    pub fn position(&mut self, name: &str, axis: Axis, count: usize) -> NodeId {
        self.push(name, Layer::Position(axis), vec![], Shape::vector(count))
    }

    /// The picture that is drawn pixel by pixel: each one of `levels`, by the softmax of `logits` and the `randomness` at its place.
    pub fn draw(&mut self, name: &str, logits: NodeId, randomness: NodeId, levels: &'static [f32]) -> NodeId {
        let Shape { height, width, channels } = self.shape(randomness);
        assert!(
            self.shape(logits) == Shape::vector(levels.len()) && channels == 2,
            "layer {name}: a logit per level, and two uniform numbers per pixel"
        );
        self.push(name, Layer::Draw(levels), vec![logits, randomness], Shape::new(height, width, 1))
    }

    /// Input of one of `count`, one-hot.
    pub fn choice(&mut self, name: &str, count: usize) -> NodeId {
        self.push(name, Layer::Input(Input::Choice), vec![], Shape::vector(count))
    }

    /// Input of one of these, one-hot, the first of which is meant where nobody chooses.
    pub fn choice_of(&mut self, name: &str, names: &'static [&'static str]) -> NodeId {
        let choice = self.choice(name, names.len());
        self.nodes[choice].names = names;
        choice
    }

    /// Input of a picture in \[−1, 1\].
    pub fn picture(&mut self, name: &str, shape: Shape) -> NodeId {
        self.push(name, Layer::Input(Input::Picture), vec![], shape)
    }

    /// Joins two or three operands along the channels.
    pub fn concat(&mut self, name: &str, operands: &[NodeId]) -> NodeId {
        let first = self.shape(operands[0]);
        let sides = |shape: Shape| (shape.height, shape.width);
        let fit = operands.iter().all(|&operand| sides(self.shape(operand)) == sides(first));
        assert!(
            fit && (2..=3).contains(&operands.len()),
            "layer {name}: two or three operands of one height and width"
        );
        let channels = operands.iter().map(|&operand| self.shape(operand).channels).sum();
        self.push(name, Layer::Concat, operands.to_vec(), Shape { channels, ..first })
    }

    /// Adds two or three operands. The first has the shape of the sum; others have it too, or are 1×1×C or H×W×1.
    pub fn add(&mut self, name: &str, operands: &[NodeId]) -> NodeId {
        let shape = self.shape(operands[0]);
        self.assert_broadcast(name, shape, operands);
        self.push(name, Layer::Add, operands.to_vec(), shape)
    }

    /// `operands[0] · operands[1] (+ operands[2])`. Each has the shape of the product, or is 1×1×C or H×W×1 of it: a style's
    /// gain and offset, a mask, a gate, a plane of noise times its strength per channel.
    pub fn product(&mut self, name: &str, operands: &[NodeId]) -> NodeId {
        let shapes = operands.iter().map(|&operand| self.shape(operand));
        let shape = shapes.reduce(Shape::broadcast).expect("it has operands");
        self.assert_broadcast(name, shape, operands);
        self.push(name, Layer::Product, operands.to_vec(), shape)
    }

    /// Instance norm of a picture.
    pub fn instance_norm(&mut self, name: &str, input: NodeId) -> NodeId {
        let shape = self.shape(input);
        self.push(name, Layer::InstanceNorm, vec![input], shape)
    }

    /// What each place of `queries` finds among the places of `keys`, whose values are `values`.
    pub fn attention(&mut self, name: &str, [queries, keys, values]: [NodeId; 3]) -> NodeId {
        let [query, key, value] = [queries, keys, values].map(|node| self.shape(node));
        assert!(
            query.channels == key.channels && (key.height, key.width) == (value.height, value.width),
            "layer {name}: as many numbers a query as a key, as many keys as values"
        );
        let shape = Shape { channels: value.channels, ..query };
        self.push(name, Layer::Attention, vec![queries, keys, values], shape)
    }

    /// A dense layer whose output is folded to `shape`.
    pub fn dense(&mut self, name: &str, input: NodeId, shape: Shape, bias: bool) -> NodeId {
        self.push(name, Layer::Dense { bias, begin: Begin::Small }, vec![input], shape)
    }

    /// A dense layer whose outputs begin [around](Begin::Around) `around`.
    pub fn dense_around(&mut self, name: &str, input: NodeId, shape: Shape, around: f32) -> NodeId {
        self.push(name, Layer::Dense { bias: true, begin: Begin::Around(around) }, vec![input], shape)
    }

    /// A dense layer that learns slowly ([`Begin::Firm`]), behind a batch norm of its own.
    pub fn dense_firm(&mut self, name: &str, input: NodeId, shape: Shape) -> NodeId {
        self.push(name, Layer::Dense { bias: false, begin: Begin::Firm }, vec![input], shape)
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

    /// Nearest upsampling to `factor` times the sides. In front of a convolution of stride 1 it costs nothing in the
    /// lowered model: the two become one transposed convolution.
    pub fn upsample(&mut self, input: NodeId, factor: usize) -> NodeId {
        let name = format!("{}.up", self.nodes[input].name);
        let shape = self.shape(input);
        let shape =
            resized(&name, shape, shape.channels, |side| Some(side * factor).filter(|&side| side > 0));
        self.push(&name, Layer::Upsample { factor }, vec![input], shape)
    }

    /// An elementwise function.
    pub fn activation(&mut self, input: NodeId, activation: Activation) -> NodeId {
        let base = self.nodes[input].name.trim_end_matches(".norm").to_owned();
        let shape = self.shape(input);
        self.push(&format!("{base}.{}", activation.name()), Layer::Activation(activation), vec![input], shape)
    }

    /// A learned tensor for each that `choice`, a [`GraphBuilder::choice`], has to choose from.
    pub fn embedding(&mut self, name: &str, choice: NodeId, shape: Shape) -> NodeId {
        self.assert_choice(name, choice);
        self.push(name, Layer::Embedding, vec![choice], shape)
    }

    /// A tensor that is not learned, for each that `choice` has to choose from: a row of `rows` each.
    pub fn fixed(&mut self, name: &str, choice: NodeId, shape: Shape, rows: &'static [f32]) -> NodeId {
        self.assert_choice(name, choice);
        let choices = self.shape(choice).channels;
        assert_eq!(rows.len(), choices * shape.size(), "layer {name}: the numbers of {choices} rows");
        self.push(name, Layer::Fixed(rows), vec![choice], shape)
    }

    /// A learned constant.
    pub fn constant(&mut self, name: &str, shape: Shape) -> NodeId {
        self.push(name, Layer::Embedding, vec![], shape)
    }

    /// The inner product of `features` with an embedding of `choice`: one number.
    pub fn projection(&mut self, name: &str, features: NodeId, choice: NodeId) -> NodeId {
        self.assert_choice(name, choice);
        self.push(name, Layer::Projection, vec![features, choice], Shape::vector(1))
    }

    /// The layer `node` once more, with the same parameters, of `operands` of the same shapes as its own.
    pub fn again(&mut self, name: &str, node: NodeId, operands: &[NodeId]) -> NodeId {
        let Node { layer, ref inputs, shape, parameters, .. } = self.nodes[node];
        let shapes = |ids: &[NodeId]| ids.iter().map(|&id| self.shape(id)).collect::<Vec<_>>();
        assert_eq!(
            shapes(inputs),
            shapes(operands),
            "layer {name}: the shapes that {} reads",
            self.nodes[node].name
        );
        let again = self.push(name, layer, operands.to_vec(), shape);
        self.nodes[again].parameters = parameters;
        again
    }

    /// The graph whose one output is `output`.
    pub fn finish(self, output: NodeId) -> Graph {
        let name = self.nodes[output].name.clone();
        self.finish_with(&[(&name, output)])
    }

    /// The graph with these named outputs.
    pub fn finish_with(self, outputs: &[(&str, NodeId)]) -> Graph {
        let output = |&(name, node): &(&str, NodeId)| Output { name: name.into(), node };
        let outputs = outputs.iter().map(output).collect();
        Graph { name: self.name, nodes: self.nodes, outputs, spectral: false }
    }

    /// Shape of a node's output.
    pub fn shape(&self, node: NodeId) -> Shape {
        self.nodes[node].shape
    }

    /// Two or three operands, of this shape, or 1×1×C or H×W×1 of it.
    fn assert_broadcast(&self, name: &str, shape: Shape, operands: &[NodeId]) {
        let fits = |&operand: &NodeId| {
            let own = self.shape(operand);
            let space = [(1, 1), (shape.height, shape.width)].contains(&(own.height, own.width));
            space && [1, shape.channels].contains(&own.channels)
        };
        assert!(
            operands.iter().all(fits) && (2..=3).contains(&operands.len()),
            "layer {name}: two or three operands that fit {shape}"
        );
    }

    fn assert_choice(&self, name: &str, choice: NodeId) {
        let is_choice = matches!(self.nodes[choice].layer, Layer::Input(Input::Choice) | Layer::Position(_));
        assert!(is_choice, "layer {name}: {} is no choice", self.nodes[choice].name);
    }

    fn push(&mut self, name: &str, layer: Layer, inputs: Vec<NodeId>, shape: Shape) -> NodeId {
        assert!(self.nodes.iter().all(|node| node.name != name), "two layers are named {name}");
        let parameters = self.nodes.len();
        self.nodes.push(Node { name: name.into(), layer, inputs, shape, parameters, names: &[] });
        parameters
    }
}

fn resized(name: &str, input: Shape, channels: usize, side: impl Fn(usize) -> Option<usize>) -> Shape {
    let side = |input| {
        side(input).unwrap_or_else(|| panic!("layer {name}: the window leaves nothing of a side of {input}"))
    };
    Shape::new(side(input.height), side(input.width), channels)
}
