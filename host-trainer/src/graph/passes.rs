//! Graphs that draw a picture pixel by pixel.

use super::{Graph, Input, Layer, NodeId, Shape, Tap};

/// The nodes of a graph's pass: what is computed again for each pixel begins at windows and positions and ends at the draw.
#[derive(Debug, Clone, PartialEq)]
pub struct Pass {
    /// The [`Layer::Draw`].
    pub draw: NodeId,
    /// Its logits.
    pub logits: NodeId,
    /// The uniform numbers that decide.
    pub randomness: NodeId,
    /// The levels that a pixel may have.
    pub levels: &'static [f32],
    /// All windows.
    pub windows: Vec<(NodeId, &'static [Tap])>,
    /// The rows of pixels.
    pub rows: Vec<NodeId>,
    /// The columns.
    pub columns: Vec<NodeId>,
}

impl Graph {
    /// The pass, of a graph that has one.
    pub fn pass(&self) -> Option<Pass> {
        let draw = self.nodes.iter().position(|node| matches!(node.layer, Layer::Draw(_)))?;
        let Layer::Draw(levels) = self.nodes[draw].layer else { return None };
        let [logits, randomness] = self.nodes[draw].inputs[..] else { return None };
        let mut pass =
            Pass { draw, logits, randomness, levels, windows: vec![], rows: vec![], columns: vec![] };
        for (id, node) in self.nodes.iter().enumerate() {
            match node.layer {
                Layer::Window(taps) => pass.windows.push((id, taps)),
                Layer::Position(super::Axis::Row) => pass.rows.push(id),
                Layer::Position(super::Axis::Column) => pass.columns.push(id),
                _ => {}
            }
        }
        Some(pass)
    }

    /// How many numbers all nodes compute for a picture.
    pub fn numbers(&self) -> usize {
        let pixels = self.pass().map_or(1, |pass| self.nodes[pass.draw].shape.size());
        // What has a height and a width is not computed for each pixel.
        let of_node =
            |shape: Shape| if shape.height * shape.width > 1 { shape.size() } else { shape.size() * pixels };
        self.nodes.iter().map(|node| of_node(node.shape)).sum()
    }

    /// The nodes that are inputs of a model file, in node order: what is handed in, and the positions, which the engine turns.
    pub fn file_inputs(&self) -> impl Iterator<Item = NodeId> {
        let is_one = |layer: Layer| matches!(layer, Layer::Input(_) | Layer::Position(_));
        self.nodes.iter().enumerate().filter(move |(_, node)| is_one(node.layer)).map(|(id, _)| id)
    }

    /// Whether `node` is one-hot: a choice or a position.
    pub fn is_one_hot(&self, node: NodeId) -> bool {
        matches!(self.nodes[node].layer, Layer::Input(Input::Choice) | Layer::Position(_))
    }
}
