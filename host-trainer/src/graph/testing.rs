//! Graphs of all layers, at random, and numbers for them.

use super::{Activation, Graph, GraphBuilder, Layer, NodeId, Parameters, Shape, Window};
use crate::random::{Rng, normals};
use rand::RngExt;

/// Numbers of a size that a trained network has.
pub(crate) fn parameters(graph: &Graph, rng: &mut Rng) -> Vec<Parameters> {
    let mut all: Vec<Parameters> = Vec::new();
    for (index, node) in graph.nodes.iter().enumerate() {
        if node.parameters != index {
            all.push(all[node.parameters].clone());
            continue;
        }
        let channels = node.shape.channels;
        let input = node.inputs.first().map(|&input| graph.nodes[input].shape);
        let mut linear = |outputs: usize, inputs: usize, bias: bool| Parameters::Linear {
            weight: normals(rng, outputs * inputs, 0.0, 1.5 / (inputs as f32).sqrt()),
            bias: bias.then(|| normals(rng, outputs, 0.0, 0.3)),
        };
        all.push(match (node.layer, input) {
            (Layer::Dense { bias, .. }, Some(input)) => linear(node.shape.size(), input.size(), bias),
            (Layer::Conv { window, bias } | Layer::ConvTranspose { window, bias }, Some(input)) => {
                linear(channels, window.kernel * window.kernel * input.channels, bias)
            }
            (Layer::BatchNorm, _) => Parameters::BatchNorm {
                gamma: normals(rng, channels, 1.0, 0.2),
                beta: normals(rng, channels, 0.2, 0.3),
                mean: normals(rng, channels, 0.0, 0.2),
                variance: normals(rng, channels, 1.0, 0.1),
                epsilon: 1e-5,
            },
            (Layer::InstanceNorm, _) => Parameters::InstanceNorm {
                gain: normals(rng, channels, 1.0, 0.3),
                offset: normals(rng, channels, 0.2, 0.3),
                epsilon: 1e-5,
            },
            (Layer::Embedding, choice) => {
                let rows = choice.map_or(1, |choice| choice.channels);
                Parameters::Table(normals(rng, rows * node.shape.size(), 0.0, 1.0))
            }
            (Layer::Projection, Some(features)) => {
                let rows = graph.nodes[node.inputs[1]].shape.channels;
                Parameters::Table(normals(rng, rows * features.size(), 0.0, 0.3))
            }
            _ => Parameters::None,
        });
    }
    all
}

/// Kinds of layers that [`random`] draws from: those whose factors are constants, or all that can be lowered.
const FIXED: usize = 10;
const ALL: usize = 13;

/// A graph of two to twelve layers besides its inputs, of every kind whose factors are constants, with shared operands, shared
/// parameters and one or two outputs.
pub(crate) fn random(rng: &mut Rng) -> Graph {
    of_kinds(FIXED, rng)
}

/// The same of every kind that can be lowered, those among them whose factors are known only when the picture is.
pub(crate) fn random_adaptive(rng: &mut Rng) -> Graph {
    of_kinds(ALL, rng)
}

fn of_kinds(kinds: usize, rng: &mut Rng) -> Graph {
    let mut g = GraphBuilder::new("random");
    let latent = rng.random_range(4..=20);
    let mut vectors = vec![g.normal("z", Shape::vector(latent))];
    let mut choices = Vec::new();
    if rng.random() {
        choices.push(g.choice("class", rng.random_range(2..=5)));
    }
    if rng.random() {
        vectors.push(g.uniform("codes", rng.random_range(1..=3)));
    }
    if rng.random() {
        choices.push(g.choice("style", 3));
    }
    // Joined to the latent in every way: alone, with a choice, with numbers, with several.
    let mut joined = vectors;
    joined.extend(choices.first().filter(|_| rng.random_bool(0.8)));
    let mut x = if joined.len() > 1 { g.concat("joined", &joined) } else { joined[0] };
    let (height, width) = (rng.random_range(2..=4), rng.random_range(2..=4));
    x = g.dense("project", x, Shape::new(height, width, rng.random_range(1..=6)), rng.random());
    let mut made = vec![x];
    let mut outputs = Vec::new();
    for number in 0..rng.random_range(1..=10) {
        x = grow(&mut g, rng, (number, kinds), (x, &made, &choices));
        made.push(x);
        if outputs.is_empty() && number > 2 && rng.random_bool(0.1) {
            outputs.push(picture(&mut g, rng, "early", x));
        }
    }
    outputs.push(picture(&mut g, rng, "picture", x));
    let names: Vec<String> = (0..outputs.len()).map(|number| format!("level {number}")).collect();
    let named: Vec<(&str, NodeId)> = names.iter().map(String::as_str).zip(outputs).collect();
    g.finish_with(&named)
}

fn picture(g: &mut GraphBuilder, rng: &mut Rng, name: &str, x: NodeId) -> NodeId {
    let x = g.conv(name, x, rng.random_range(1..=3), Window::new(3, 1, 1), true);
    g.activation(x, Activation::Tanh)
}

/// A layer behind `x`, which may also read what was `made` before, or one of the `choices`.
fn grow(
    g: &mut GraphBuilder,
    rng: &mut Rng,
    (number, kinds): (usize, usize),
    (x, made, choices): (NodeId, &[NodeId], &[NodeId]),
) -> NodeId {
    let name = format!("layer{number}");
    let shape = g.shape(x);
    let small = shape.height.max(shape.width) <= 7;
    let alike: Vec<NodeId> = made.iter().copied().filter(|&node| g.shape(node) == shape).collect();
    let other = alike[rng.random_range(0..alike.len())];
    let choice = choices.first().copied().filter(|_| rng.random());
    match rng.random_range(0..kinds) {
        0 => g.conv(&name, x, rng.random_range(1..=6), Window::new(3, 1, 1), rng.random()),
        1 if small => g.conv_transpose(&name, x, rng.random_range(1..=5), Window::new(4, 2, 1), rng.random()),
        2 if small => {
            let up = g.upsample(x, 2);
            match rng.random_range(0..3) {
                0 => up,
                1 => g.conv(&name, up, rng.random_range(1..=5), Window::new(3, 1, 1), true),
                // Read by two: by a convolution's kernel and as it is.
                _ => {
                    let conv = g.conv(&name, up, shape.channels, Window::new(3, 1, 1), false);
                    g.add(&format!("{name}.sum"), &[conv, up])
                }
            }
        }
        3 => g.batch_norm(x),
        4 => {
            let all = [
                Activation::Relu,
                Activation::LeakyRelu { slope: 0.2 },
                Activation::Elu,
                Activation::Tanh,
                Activation::Sigmoid,
            ];
            let named = g.conv(&name, x, shape.channels, Window::new(1, 1, 0), true);
            let normed = if rng.random() { g.batch_norm(named) } else { named };
            g.activation(normed, all[rng.random_range(0..all.len())])
        }
        5 => g.add(&name, &[x, other]),
        6 => {
            let plane = Shape::new(shape.height, shape.width, 1);
            let row = Shape::vector(shape.channels);
            let constant = match choice {
                Some(choice) => {
                    g.embedding(&format!("{name}.style"), choice, if rng.random() { plane } else { row })
                }
                None => g.constant(&format!("{name}.constant"), shape),
            };
            g.add(&name, &[x, constant])
        }
        7 if shape.channels <= 12 => g.concat(&name, &[x, other]),
        8 => {
            let first = g.conv(&name, x, shape.channels, Window::new(3, 1, 1), true);
            let act = g.activation(first, Activation::Relu);
            g.again(&format!("{name}.again"), first, &[act])
        }
        9 => g.dense(&name, x, Shape::new(3, 2, rng.random_range(1..=4)), true),
        10 if shape.height * shape.width > 1 => {
            let normed = g.instance_norm(&name, x);
            if rng.random() { g.activation(normed, Activation::Relu) } else { normed }
        }
        11 => {
            let gain = match choice {
                Some(choice) => g.embedding(&format!("{name}.gain"), choice, Shape::vector(shape.channels)),
                None => g.constant(&format!("{name}.gain"), Shape::vector(shape.channels)),
            };
            let scaled =
                if rng.random() { g.product(&name, &[x, gain]) } else { g.product(&name, &[x, gain, other]) };
            if rng.random() { g.batch_norm(scaled) } else { scaled }
        }
        12 if shape.height * shape.width <= 64 => {
            // Of scores without bounds the softmax is a choice of the largest, which any rounding may turn.
            let narrow = |g: &mut GraphBuilder, what: &str| {
                let x = g.conv(&format!("{name}.{what}"), x, 2, Window::new(1, 1, 0), true);
                g.activation(x, Activation::Tanh)
            };
            let (queries, keys) = (narrow(g, "queries"), narrow(g, "keys"));
            g.attention(&name, [queries, keys, x])
        }
        // Too large for what was drawn.
        _ => g.conv(&name, x, 2, Window::new(3, 2, 1), true),
    }
}
