//! Channels made alike where what follows can take the factors back: in front of an instance norm, and in front of a convolution
//! that reads what a style scales.
//!
//! An instance norm divides each channel by that channel's own deviation, so what a channel is multiplied by in front of it is of no
//! matter. A tensor has one scale for all of its channels: a faint one takes few of the steps, and the norm makes its rounding as
//! loud as the rest. So the weights in front of a norm are multiplied, channel by channel, until all channels reach equally far
//! (Nagel et al. 2019, "Data-free quantization through weight equalization and bias correction", section 4.1, where the next
//! layer takes the factor back; here the norm does). ReLU and LeakyReLU, noise with a learned strength and a batch norm may stand
//! between, since factors pass through them. And between a style's gain and offset and the convolution that reads the product, each
//! channel's factor is what makes the channel reach as far as its weights do (equation 11 there).

use super::{FloatRun, FloatRuns};
use crate::graph::{Activation, Graph, Layer, Node, NodeId, Parameters, Shape};
use std::borrow::Cow;

/// The least variance of a channel, in ε of the norm behind it, for ε to be of no matter: of fainter ones it is part of what the norm
/// computes.
const LEAST: f32 = 100.0;

/// A graph's numbers with channels made alike.
pub struct Equalized {
    /// One per node, as [`fold`](super::fold) takes them.
    pub parameters: Vec<Parameters>,
    /// What each channel of a node's output is multiplied by; none where that is 1.
    factors: Vec<Option<Vec<f32>>>,
}

impl Equalized {
    /// Those of `graph` with the numbers `parameters`, by how far the channels reach in the run that `calibration` gives, which is
    /// asked for only where there is something to make alike.
    pub fn of<'r>(
        graph: &Graph,
        parameters: &[Parameters],
        calibration: impl FnOnce() -> Cow<'r, FloatRun>,
    ) -> Equalized {
        let none = vec![None; graph.nodes.len()];
        let mut equalized = Equalized { parameters: parameters.to_vec(), factors: none };
        let nodes = || 0..graph.nodes.len();
        let chains: Vec<Chain> = nodes().filter_map(|norm| Chain::before(graph, norm)).collect();
        let styles: Vec<Style> = nodes().filter_map(|product| Style::of(graph, product)).collect();
        if chains.is_empty() && styles.is_empty() {
            return equalized;
        }
        let calibration = calibration();
        for Chain { norm, end, scaled, outputs } in chains {
            let epsilon = match parameters[norm] {
                Parameters::InstanceNorm { epsilon, .. } => epsilon,
                _ => 0.0,
            };
            let factors = factors(&calibration.outputs[end], graph.nodes[end].shape, epsilon);
            for &id in &scaled {
                scale(&mut equalized.parameters[id], rows(&graph.nodes[id]), &factors);
            }
            outputs.iter().for_each(|&id| equalized.factors[id] = Some(factors.clone()));
        }
        styles.iter().for_each(|style| equalized.balance(graph, style, &calibration));
        equalized
    }

    /// Makes each channel that `style` scales reach as far as the weights that read it.
    fn balance(&mut self, graph: &Graph, style: &Style, calibration: &FloatRun) {
        let channels = graph.nodes[style.product].shape.channels;
        let Parameters::Linear { weight, .. } = &mut self.parameters[style.reader] else { return };
        let [values, weights] =
            [&calibration.outputs[style.product], &*weight].map(|all| reaches(all, channels));
        let factor = |(value, weight): (&f32, &f32)| {
            let factor = (weight / value).sqrt();
            if factor.is_finite() && factor > 0.0 { factor } else { 1.0 }
        };
        let factors: Vec<f32> = values.iter().zip(&weights).map(factor).collect();
        weight.iter_mut().zip(factors.iter().cycle()).for_each(|(weight, factor)| *weight /= factor);
        for &id in &style.dense {
            scale(&mut self.parameters[id], rows(&graph.nodes[id]), &factors);
        }
        for id in style.dense.iter().chain([&style.product]).chain(&style.upsample) {
            self.factors[*id] = Some(factors.clone());
        }
    }

    /// What the floats do with these numbers, from what they did with the others.
    pub fn run(&self, mut run: FloatRun) -> FloatRun {
        for (outputs, factors) in run.outputs.iter_mut().zip(&self.factors) {
            let Some(factors) = factors else { continue };
            outputs.iter_mut().zip(factors.iter().cycle()).for_each(|(value, factor)| *value *= factor);
        }
        run
    }

    /// The same of all three; no copy where nothing changes.
    pub fn runs<'r>(&self, runs: &'r FloatRuns) -> Cow<'r, FloatRuns> {
        if self.factors.iter().all(Option::is_none) {
            return Cow::Borrowed(runs);
        }
        let FloatRuns { calibration, selection, held_out } = runs;
        let run = |run: &FloatRun| self.run(run.clone());
        let [calibration, selection, held_out] = [calibration, selection, held_out].map(run);
        Cow::Owned(FloatRuns { calibration, selection, held_out })
    }
}

/// What stands in front of a norm and carries a factor per channel.
struct Chain {
    /// The norm.
    norm: NodeId,
    /// The node that it reads.
    end: NodeId,
    /// The nodes whose numbers are multiplied.
    scaled: Vec<NodeId>,
    /// The nodes whose outputs are.
    outputs: Vec<NodeId>,
}

impl Chain {
    /// The chain in front of `norm`, if that is an instance norm and nothing else reads the chain.
    fn before(graph: &Graph, norm: NodeId) -> Option<Chain> {
        if graph.nodes[norm].layer != Layer::InstanceNorm {
            return None;
        }
        let mut id = graph.nodes[norm].inputs[0];
        let mut chain = Chain { norm, end: id, scaled: Vec::new(), outputs: Vec::new() };
        loop {
            let node = &graph.nodes[id];
            if !is_own(graph, id) {
                return None;
            }
            chain.outputs.push(id);
            match (node.layer, &node.inputs[..]) {
                (Layer::Activation(Activation::Relu | Activation::LeakyRelu { .. }), _) => {}
                // Noise times a strength per channel, added.
                (Layer::Product, &[_, strength, added])
                    if is_constant(graph, strength)
                        && is_own(graph, strength)
                        && graph.nodes[added].shape == node.shape =>
                {
                    chain.scaled.push(strength);
                    chain.outputs.push(strength);
                    id = added;
                    continue;
                }
                (
                    Layer::BatchNorm
                    | Layer::Conv { .. }
                    | Layer::ConvTranspose { .. }
                    | Layer::Dense { .. }
                    | Layer::Embedding,
                    _,
                ) => {
                    chain.scaled.push(id);
                    return Some(chain);
                }
                _ => return None,
            }
            id = node.inputs[0];
        }
    }
}

/// A product by a style, and the convolution that alone reads it.
struct Style {
    product: NodeId,
    /// The dense layers that make its gain and its offset.
    dense: Vec<NodeId>,
    /// The upsampling between, if there is one.
    upsample: Option<NodeId>,
    reader: NodeId,
}

impl Style {
    /// That of node `product`, if it is one.
    fn of(graph: &Graph, product: NodeId) -> Option<Style> {
        let node = &graph.nodes[product];
        let (Layer::Product, [_, gain, offset]) = (node.layer, &node.inputs[..]) else { return None };
        let is_dense =
            |id: &NodeId| matches!(graph.nodes[*id].layer, Layer::Dense { .. }) && is_own(graph, *id);
        let only_reader = |id: NodeId| {
            let place = graph.nodes.iter().position(|node| node.inputs.contains(&id));
            place.filter(|_| is_own(graph, id))
        };
        let mut reader = only_reader(product)?;
        let mut upsample = None;
        if let Layer::Upsample { .. } = graph.nodes[reader].layer {
            (upsample, reader) = (Some(reader), only_reader(reader)?);
        }
        let is_conv = matches!(graph.nodes[reader].layer, Layer::Conv { .. } | Layer::ConvTranspose { .. });
        let dense = vec![*gain, *offset];
        let fits = is_conv && dense.iter().all(is_dense) && is_unshared(graph, reader);
        fits.then_some(Style { product, dense, upsample, reader })
    }
}

/// Whether one node alone reads `id`, and its numbers are no other's.
fn is_own(graph: &Graph, id: NodeId) -> bool {
    let readers = graph.nodes.iter().filter(|node| node.inputs.contains(&id)).count();
    readers == 1 && !graph.is_output(id) && is_unshared(graph, id)
}

fn is_unshared(graph: &Graph, id: NodeId) -> bool {
    graph.nodes.iter().filter(|node| node.parameters == graph.nodes[id].parameters).count() == 1
}

/// Whether `id` is a learned constant of one number per channel.
fn is_constant(graph: &Graph, id: NodeId) -> bool {
    let node = &graph.nodes[id];
    node.layer == Layer::Embedding && node.inputs.is_empty() && node.shape.height * node.shape.width == 1
}

/// What makes all channels of pictures of `shape` reach as far as the one that reaches farthest; 1 for those that are so faint that
/// ε counts.
fn factors(outputs: &[f32], shape: Shape, epsilon: f32) -> Vec<f32> {
    let reach = reaches(outputs, shape.channels);
    let most = reach.iter().copied().fold(0.0, f32::max);
    let counts = |variance: f32| variance < LEAST * epsilon;
    let factor = |(&reach, variance): (&f32, f32)| if counts(variance) { 1.0 } else { most / reach };
    reach.iter().zip(variances(outputs, shape)).map(factor).collect()
}

/// The variance of each channel over a picture, a mean over pictures.
fn variances(outputs: &[f32], shape: Shape) -> Vec<f32> {
    let (channels, pixels) = (shape.channels, (shape.height * shape.width) as f32);
    let mut all = vec![0f32; channels];
    let pictures = outputs.chunks_exact(shape.size());
    let count = pictures.len() as f32;
    for picture in pictures {
        for (channel, all) in all.iter_mut().enumerate() {
            let values = || picture.iter().skip(channel).step_by(channels);
            let mean = values().sum::<f32>() / pixels;
            *all += values().map(|value| (value - mean).powi(2)).sum::<f32>() / pixels / count;
        }
    }
    all
}

/// How far each channel is from 0 at most.
fn reaches(values: &[f32], channels: usize) -> Vec<f32> {
    let mut reach = vec![0f32; channels];
    for (place, value) in values.iter().enumerate() {
        reach[place % channels] = reach[place % channels].max(value.abs());
    }
    reach
}

/// Rows of weights of a linear layer: one per output of a dense layer, one per channel of a convolution.
fn rows(node: &Node) -> usize {
    if let Layer::Dense { .. } = node.layer { node.shape.size() } else { node.shape.channels }
}

/// Multiplies what makes each channel; a linear layer has `rows` rows of weights.
fn scale(parameters: &mut Parameters, rows: usize, factors: &[f32]) {
    let by_channel = |values: &mut [f32]| {
        values.iter_mut().zip(factors.iter().cycle()).for_each(|(value, factor)| *value *= factor);
    };
    match parameters {
        Parameters::Linear { weight, bias } => {
            // A row an output, and of a convolution one a channel.
            let inputs = (weight.len() / rows).max(1);
            for (row, factor) in weight.chunks_mut(inputs).zip(factors.iter().cycle()) {
                row.iter_mut().for_each(|weight| *weight *= factor);
            }
            bias.iter_mut().for_each(|bias| by_channel(bias));
        }
        Parameters::BatchNorm { gamma, beta, .. } => {
            [gamma, beta].into_iter().for_each(|part| by_channel(part))
        }
        Parameters::Table(table) => by_channel(table),
        Parameters::InstanceNorm { .. } | Parameters::None => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::graph::evaluate::evaluate;
    use crate::graph::{GraphBuilder, Window};
    use crate::random::{Stream, normals, stream};

    /// A norm behind all that a chain may have, and one behind a constant.
    fn graph() -> Graph {
        let mut g = GraphBuilder::new("chain");
        let z = g.normal("z", Shape::vector(4));
        let noise = g.normal("noise", Shape::new(6, 6, 1));
        let x = g.dense("project", z, Shape::new(6, 6, 3), true);
        let conv = g.conv("conv", x, 5, Window::new(3, 1, 1), true);
        let strength = g.constant("strength", Shape::vector(5));
        let x = g.product("noisy", &[noise, strength, conv]);
        let x = g.activation(x, Activation::LeakyRelu { slope: 0.2 });
        let x = g.instance_norm("norm", x);
        let gain = g.dense_around("gain", z, Shape::vector(5), 1.0);
        let offset = g.dense("offset", z, Shape::vector(5), true);
        let styled = g.product("styled", &[x, gain, offset]);
        let styled = g.upsample(styled, 2);
        let x = g.conv("grow", styled, 5, Window::new(4, 2, 1), true);
        let constant = g.constant("constant", Shape::new(6, 6, 5));
        let constant = g.instance_norm("norm of constant", constant);
        let x = g.add("sum", &[x, constant]);
        let x = g.conv("picture", x, 1, Window::new(3, 1, 1), true);
        let x = g.activation(x, Activation::Tanh);
        g.finish(x)
    }

    /// Numbers of a network whose channels reach differently far: channel c `share` as far as channel c − 1.
    fn uneven(graph: &Graph, share: f32) -> Vec<Parameters> {
        let mut rng = stream(3, Stream::Weights);
        let mut parameters = crate::graph::testing::parameters(graph, &mut rng);
        let steps: Vec<f32> = (0..5).map(|channel| share.powi(channel)).collect();
        for (node, own) in graph.nodes.iter().zip(&mut parameters) {
            if ["conv", "strength", "constant", "gain", "offset"].contains(&node.name.as_str()) {
                scale(own, rows(node), &steps);
            }
        }
        parameters
    }

    #[test]
    fn the_network_stays_what_it_is_and_its_channels_reach_equally_far() {
        let graph = graph();
        let parameters = uneven(&graph, 0.5);
        let values = |parameters: &[Parameters]| {
            let mut rng = stream(4, Stream::Noise);
            let inputs = [normals(&mut rng, 4, 0.0, 1.0), normals(&mut rng, 36, 0.0, 1.0)];
            evaluate(&graph, parameters, &inputs)
        };
        let outputs = values(&parameters);
        let run = FloatRun {
            latents: Vec::new(),
            originals: vec![Vec::new()],
            shown_to: vec![0; graph.nodes.len()],
            outputs: outputs.clone(),
        };
        let equalized = Equalized::of(&graph, &parameters, || Cow::Borrowed(&run));
        let scaled = values(&equalized.parameters);
        for ((node, a), b) in graph.nodes.iter().zip(&scaled).zip(&equalized.run(run).outputs) {
            // ε counts for a little more where a channel was faint.
            let off = a.iter().zip(b).map(|(a, b)| (a - b).abs() / b.abs().max(1.0)).fold(0.0, f32::max);
            assert!(off < 0.02, "{}: {off}", node.name);
        }
        let place = |name: &str| graph.nodes.iter().position(|node| node.name == name).unwrap();
        for name in ["noisy.leaky_relu", "constant"] {
            let reach = factors(&scaled[place(name)], Shape::new(6, 6, 5), 0.0);
            assert!(reach.iter().all(|factor| (factor - 1.0).abs() < 1e-3), "{name}: {reach:?}");
        }
        // A style's channels reach as far as the weights that read them, whose input channels come last.
        let Parameters::Linear { weight, .. } = &equalized.parameters[place("grow")] else { unreachable!() };
        for (value, weight) in reaches(&scaled[place("styled")], 5).iter().zip(reaches(weight, 5)) {
            assert!((value / weight - 1.0).abs() < 1e-3, "{value} and {weight}");
        }
        assert_ne!(outputs[place("conv")], scaled[place("conv")]);
        assert_eq!(outputs[place("project")], scaled[place("project")], "it is not in front of a norm alone");
    }

    #[test]
    fn a_channel_so_faint_that_epsilon_counts_is_left_alone() {
        // Two pictures of two pixels: variances 1 and 4, and of the second channel a hundredth of that.
        let outputs = [0.0, 0.0, 2.0, 0.2, -1.0, -0.1, 3.0, 0.3];
        let shape = Shape::new(2, 1, 2);
        let near = |found: Vec<f32>, expected: [f32; 2]| {
            let off = found.iter().zip(expected).map(|(found, expected)| (found - expected).abs());
            assert!(off.fold(0.0, f32::max) < 1e-5, "{found:?}, expected {expected:?}");
        };
        near(variances(&outputs, shape), [2.5, 0.025]);
        near(factors(&outputs, shape, 2e-4), [1.0, 10.0]);
        near(factors(&outputs, shape, 3e-4), [1.0, 1.0]);
        near(factors(&[0.0; 8], shape, 1e-5), [1.0, 1.0]);
    }

    #[test]
    fn what_others_read_too_is_left_alone() {
        let mut g = GraphBuilder::new("read twice");
        let z = g.normal("z", Shape::vector(4));
        let x = g.dense("project", z, Shape::new(3, 3, 2), true);
        let normed = g.instance_norm("norm", x);
        let x = g.add("sum", &[x, normed]);
        let graph = g.finish(x);
        assert!(Chain::before(&graph, 2).is_none());
    }
}
