//! A graph straight from its layers' definitions, in plain loops: what [`Net`](super::Net) and the lowering are held to.

use super::{Graph, Layer, Node, Parameters, Shape, convolve};

/// Every node's output from one value per input, in node order; all `[height][width][channel]`, a choice one-hot.
pub(crate) fn evaluate(graph: &Graph, parameters: &[Parameters], inputs: &[Vec<f32>]) -> Vec<Vec<f32>> {
    let mut outputs: Vec<Vec<f32>> = Vec::new();
    let mut inputs = inputs.iter();
    for (node, parameters) in graph.nodes.iter().zip(parameters) {
        let operands: Vec<Operand<'_>> = (node.inputs.iter())
            .map(|&input| Operand { shape: graph.nodes[input].shape, values: &outputs[input] })
            .collect();
        let output = match node.layer {
            Layer::Input(_) => inputs.next().expect("a value per input").clone(),
            _ => run(node, parameters, &operands),
        };
        assert_eq!(output.len(), node.shape.size(), "{}", node.name);
        outputs.push(output);
    }
    outputs
}

struct Operand<'v> {
    shape: Shape,
    values: &'v [f32],
}

impl Operand<'_> {
    /// The value at a place of a shape of `times` as many rows and columns, of the one channel where there is one.
    fn at(&self, [y, x, c]: [usize; 3], of: Shape) -> f32 {
        let (y, x) = (y * self.shape.height / of.height, x * self.shape.width / of.width);
        let c = if self.shape.channels == 1 { 0 } else { c };
        self.values[(y * self.shape.width + x) * self.shape.channels + c]
    }
}

fn run(node: &Node, parameters: &Parameters, operands: &[Operand<'_>]) -> Vec<f32> {
    let places = || {
        let Shape { height, width, channels } = node.shape;
        (0..node.shape.size())
            .map(move |i| [i / channels / width % height, i / channels % width, i % channels])
    };
    match (node.layer, parameters) {
        (Layer::Concat, _) => {
            let joined = |[y, x, c]: [usize; 3]| {
                let mut first = 0;
                let part = operands.iter().find_map(|operand| {
                    let (start, channels) = (first, operand.shape.channels);
                    first += channels;
                    (c < first).then(|| operand.values[(y * operand.shape.width + x) * channels + c - start])
                });
                part.expect("every channel is an operand's")
            };
            places().map(joined).collect()
        }
        (Layer::Add | Layer::Upsample { .. }, _) => {
            let sum = |place| operands.iter().map(|operand| operand.at(place, node.shape)).sum();
            places().map(sum).collect()
        }
        (Layer::Product, _) => {
            let at = |operand: usize, place| operands[operand].at(place, node.shape);
            let added = |place| if operands.len() > 2 { at(2, place) } else { 0.0 };
            places().map(|place| at(0, place) * at(1, place) + added(place)).collect()
        }
        (Layer::InstanceNorm, Parameters::InstanceNorm { gain, offset, epsilon }) => {
            let values = operands[0].values;
            let normalize = |(index, &x): (usize, &f32)| {
                let c = index % gain.len();
                let channel = || values.iter().skip(c).step_by(gain.len());
                let count = channel().count() as f32;
                let mean = channel().sum::<f32>() / count;
                let variance = channel().map(|x| (x - mean).powi(2)).sum::<f32>() / count;
                gain[c] * (x - mean) / (variance + epsilon).sqrt() + offset[c]
            };
            values.iter().enumerate().map(normalize).collect()
        }
        (Layer::Attention, _) => {
            let [query, key, value] = [0, 1, 2].map(|operand| &operands[operand]);
            let vectors = |operand: &Operand<'_>| -> Vec<Vec<f32>> {
                operand.values.chunks(operand.shape.channels).map(<[f32]>::to_vec).collect()
            };
            let (keys, values) = (vectors(key), vectors(value));
            let of = |query: Vec<f32>| {
                let score = |key: &Vec<f32>| query.iter().zip(key).map(|(a, b)| a * b).sum::<f32>();
                let most = keys.iter().map(score).fold(f32::MIN, f32::max);
                let weights: Vec<f32> = keys.iter().map(|key| (score(key) - most).exp()).collect();
                let total: f32 = weights.iter().sum();
                let values = &values;
                let mean = move |c: usize| {
                    weights.iter().zip(values).map(|(weight, value)| weight * value[c]).sum::<f32>() / total
                };
                (0..node.shape.channels).map(mean).collect::<Vec<_>>()
            };
            vectors(query).into_iter().flat_map(of).collect()
        }
        (Layer::Activation(function), _) => operands[0].values.iter().map(|&x| function.apply(x)).collect(),
        (Layer::Dense { .. }, Parameters::Linear { weight, bias }) => {
            let input = operands[0].values;
            let row = |row: &[f32]| row.iter().zip(input).map(|(a, b)| a * b).sum();
            add_bias(weight.chunks(input.len()).map(row).collect(), bias.as_deref())
        }
        (Layer::BatchNorm, Parameters::BatchNorm { gamma, beta, mean, variance, epsilon }) => {
            let normalize = |(index, &x): (usize, &f32)| {
                let c = index % gamma.len();
                gamma[c] * (x - mean[c]) / (variance[c] + epsilon).sqrt() + beta[c]
            };
            operands[0].values.iter().enumerate().map(normalize).collect()
        }
        (Layer::Conv { window, .. }, Parameters::Linear { weight, bias }) => add_bias(
            convolve(false, window, weight, (operands[0].values, operands[0].shape), node.shape),
            bias.as_deref(),
        ),
        (Layer::ConvTranspose { window, .. }, Parameters::Linear { weight, bias }) => add_bias(
            convolve(true, window, weight, (operands[0].values, operands[0].shape), node.shape),
            bias.as_deref(),
        ),
        (Layer::Embedding, Parameters::Table(table)) => {
            row(table, operands.first(), node.shape.size()).to_vec()
        }
        (Layer::Fixed(rows), _) => row(rows, operands.first(), node.shape.size()).to_vec(),
        (Layer::Projection, Parameters::Table(table)) => {
            let features = operands[0].values;
            let embedding = row(table, operands.get(1), features.len());
            vec![embedding.iter().zip(features).map(|(a, b)| a * b).sum()]
        }
        (layer, parameters) => panic!("{}: {layer:?} with {parameters:?}", node.name),
    }
}

/// The row of `length` that a one-hot choice has its 1 at; the first without one.
fn row<'t>(table: &'t [f32], choice: Option<&Operand<'_>>, length: usize) -> &'t [f32] {
    let chosen = choice.and_then(|choice| choice.values.iter().position(|&value| value == 1.0));
    &table[chosen.unwrap_or(0) * length..][..length]
}

fn add_bias(mut sums: Vec<f32>, bias: Option<&[f32]>) -> Vec<f32> {
    if let Some(bias) = bias {
        sums.iter_mut().enumerate().for_each(|(index, sum)| *sum += bias[index % bias.len()]);
    }
    sums
}
