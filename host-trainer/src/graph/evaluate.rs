//! The graph straight from its layers' definitions, in plain loops: what Burn and the lowering are held to.

use super::{Graph, Layer, Parameters, Shape, Window};

/// Every node's output for one latent and one class, `[height][width][channel]`.
pub(crate) fn evaluate(
    graph: &Graph,
    parameters: &[Parameters],
    latent: &[f32],
    class: usize,
) -> Vec<Vec<f32>> {
    let mut outputs: Vec<Vec<f32>> = Vec::new();
    for (node, parameters) in graph.nodes.iter().zip(parameters) {
        let read = |index: usize| &outputs[node.inputs[index]];
        let input_shape = || graph.nodes[node.inputs[0]].shape;
        let output = match (node.layer, parameters) {
            (Layer::Latent { .. }, _) => latent.to_vec(),
            (Layer::Class { classes }, _) => {
                (0..classes).map(|index| f32::from(u8::from(index == class))).collect()
            }
            (Layer::Concat, _) => node.inputs.iter().flat_map(|&input| outputs[input].clone()).collect(),
            (Layer::Dense { .. }, Parameters::Linear { weight, bias }) => {
                let products =
                    weight.chunks(read(0).len()).map(|row| row.iter().zip(read(0)).map(|(a, b)| a * b).sum());
                add_bias(products.collect(), bias.as_deref())
            }
            (Layer::BatchNorm, Parameters::BatchNorm { gamma, beta, mean, variance, epsilon }) => {
                let normalize = |(index, &x): (usize, &f32)| {
                    let c = index % gamma.len();
                    gamma[c] * (x - mean[c]) / (variance[c] + epsilon).sqrt() + beta[c]
                };
                read(0).iter().enumerate().map(normalize).collect()
            }
            (Layer::Conv { window, .. }, Parameters::Linear { weight, bias }) => {
                let sums = convolve(false, window, weight, (read(0), input_shape()), node.shape);
                add_bias(sums, bias.as_deref())
            }
            (Layer::ConvTranspose { window, .. }, Parameters::Linear { weight, bias }) => {
                let sums = convolve(true, window, weight, (read(0), input_shape()), node.shape);
                add_bias(sums, bias.as_deref())
            }
            (Layer::Activation(function), _) => read(0).iter().map(|&x| function.apply(x)).collect(),
            (layer, parameters) => panic!("{layer:?} with {parameters:?}"),
        };
        assert_eq!(output.len(), node.shape.size(), "{}", node.name);
        outputs.push(output);
    }
    outputs
}

fn add_bias(mut sums: Vec<f32>, bias: Option<&[f32]>) -> Vec<f32> {
    if let Some(bias) = bias {
        sums.iter_mut().enumerate().for_each(|(index, sum)| *sum += bias[index % bias.len()]);
    }
    sums
}

/// Both convolutions join pixel `small` of the smaller picture with `small · stride − padding + kernel` of the larger.
fn convolve(
    transposed: bool,
    window: Window,
    weight: &[f32],
    (input, from): (&[f32], Shape),
    to: Shape,
) -> Vec<f32> {
    let mut sums = vec![0.0; to.size()];
    let (small, large) = if transposed { (from, to) } else { (to, from) };
    for position in 0..small.height * small.width * window.kernel * window.kernel {
        let (column, rest) = (position % window.kernel, position / window.kernel);
        let (row, pixel) = (rest % window.kernel, rest / window.kernel);
        let y = (pixel / small.width * window.stride + row).checked_sub(window.padding);
        let x = (pixel % small.width * window.stride + column).checked_sub(window.padding);
        let (Some(y), Some(x)) = (y, x) else { continue };
        if y >= large.height || x >= large.width {
            continue;
        }
        let other = y * large.width + x;
        let (read, written) = if transposed { (pixel, other) } else { (other, pixel) };
        for o in 0..to.channels {
            for i in 0..from.channels {
                let index = ((o * window.kernel + row) * window.kernel + column) * from.channels + i;
                sums[written * to.channels + o] += weight[index] * input[read * from.channels + i];
            }
        }
    }
    sums
}
