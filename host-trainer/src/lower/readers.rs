//! Who reads what in a graph.

use crate::graph::{Graph, Input, Layer, NodeId};

/// The readers of each node; leaving the graph counts as being read by someone unknown.
pub(super) struct Readers {
    readers: Vec<Vec<Option<NodeId>>>,
}

impl Readers {
    pub(super) fn new(graph: &Graph) -> Self {
        let mut readers = vec![Vec::new(); graph.nodes.len()];
        for (reader, node) in graph.nodes.iter().enumerate() {
            node.inputs.iter().for_each(|&input| readers[input].push(Some(reader)));
        }
        graph.outputs.iter().for_each(|output| readers[output.node].push(None));
        Readers { readers }
    }

    /// The node that alone reads `node`.
    pub(super) fn only(&self, node: NodeId) -> Option<NodeId> {
        match self.readers[node][..] {
            [reader] => reader,
            _ => None,
        }
    }

    fn all(&self, node: NodeId, what: impl Fn(NodeId) -> bool) -> bool {
        let readers = &self.readers[node];
        !readers.is_empty() && readers.iter().all(|reader| reader.is_some_and(&what))
    }

    /// Whether `node` joins one tensor and one choice for dense layers alone, which read both without a join.
    pub(super) fn joins_a_choice(&self, graph: &Graph, node: NodeId) -> bool {
        let Layer::Concat = graph.nodes[node].layer else { return false };
        let choice = |&&input: &&NodeId| graph.nodes[input].layer == Layer::Input(Input::Choice);
        let inputs = &graph.nodes[node].inputs;
        let joined = inputs.len() == 2 && inputs.iter().filter(choice).count() == 1;
        joined && self.all(node, |reader| matches!(graph.nodes[reader].layer, Layer::Dense { .. }))
    }

    /// Whether all that read `node`, an upsampling, upsample for themselves: convolutions by their kernel, sums by
    /// repeating their operand.
    pub(super) fn all_upsample(&self, graph: &Graph, node: NodeId) -> bool {
        let Layer::Upsample { .. } = graph.nodes[node].layer else { return false };
        self.all(node, |reader| match graph.nodes[reader].layer {
            Layer::Conv { window, .. } => window.can_be_upsampled(),
            Layer::Add => true,
            _ => false,
        })
    }
}
