//! The exported numbers, evaluated straight from the layers' definitions, give what Burn gives.

use super::*;
use crate::graph::{GraphBuilder, Parameters, Window};
use crate::random::{Stream, normals, stream};
use burn::tensor::TensorData;

const BATCH: usize = 3;

/// A picture as the engine keeps it: `[height][width][channel]`.
struct Hwc {
    shape: Shape,
    values: Vec<f32>,
}

impl Hwc {
    fn at(&self, y: usize, x: usize, c: usize) -> f32 {
        self.values[(y * self.shape.width + x) * self.shape.channels + c]
    }
}

/// A graph that has every layer, odd windows, and a dense layer in the middle.
fn graph() -> Graph {
    let mut g = GraphBuilder::new("every layer");
    let (z, class) = (g.latent(7), g.class(3));
    let x = g.concat(&[z, class]);
    let x = g.dense("fold", x, Shape::new(3, 2, 4), true);
    let x = g.activation(x, Activation::LeakyRelu { slope: 0.2 });
    let x = g.dense("refold", x, Shape::new(3, 4, 3), false);
    let x = g.batch_norm(x);
    let x = g.activation(x, Activation::Relu);
    let x = g.conv("conv", x, 5, Window::new(3, 2, 1), true);
    let x = g.activation(x, Activation::Sigmoid);
    let window = Window { output_padding: 1, ..Window::new(3, 2, 1) };
    let x = g.conv_transpose("grow", x, 2, window, true);
    let x = g.batch_norm(x);
    let x = g.activation(x, Activation::Tanh);
    g.finish(x)
}

#[test]
fn exported_parameters_evaluate_to_what_burn_computes() {
    let graph = graph();
    let mut rng = stream(11, Stream::Weights);
    let device = Device::flex().autodiff();
    let generator = Generator::new(&graph, &mut rng, &device);
    let latents = normals(&mut rng, BATCH * 7, 0.0, 1.0);
    let classes = [[0.0, 1.0, 0.0], [1.0, 0.0, 0.0], [0.0, 0.0, 1.0]];
    let latent_tensor =
        |device: &Device| Tensor::<2>::from_data(TensorData::new(latents.clone(), [BATCH, 7]), device);
    // Training passes move the running statistics away from 0 and 1, so that a swap of them shows.
    for _ in 0..3 {
        generator.forward(latent_tensor(&device), Some(Tensor::from_data(classes, &device)));
    }

    let parameters = generator.parameters();
    let plain = Device::flex();
    let nodes =
        generator.valid().forward_nodes(latent_tensor(&plain), Some(Tensor::from_data(classes, &plain)));
    let picture = generator.valid().forward(latent_tensor(&plain), Some(Tensor::from_data(classes, &plain)));
    assert_eq!(picture.into_data(), nodes[graph.output].clone().into_data());

    for sample in 0..BATCH {
        let latent = &latents[sample * 7..][..7];
        let naive = evaluate(&graph, &parameters, latent, &classes[sample]);
        for ((node, expected), burn) in graph.nodes.iter().zip(&naive).zip(&nodes) {
            let burn = burn.clone().slice_dim(0, sample..sample + 1).permute([0, 2, 3, 1]);
            let burn: Vec<f32> = burn.into_data().try_to_vec().unwrap();
            assert_eq!(burn.len(), node.shape.size(), "{}", node.name);
            for (index, (burn, naive)) in burn.iter().zip(&expected.values).enumerate() {
                assert!((burn - naive).abs() < 1e-5, "{}[{index}]: {burn}, by definition {naive}", node.name);
            }
        }
    }
}

#[test]
fn first_weights_depend_on_the_seed_alone() {
    let draw =
        |seed| Generator::new(&graph(), &mut stream(seed, Stream::Weights), &Device::flex()).parameters();
    assert_eq!(draw(1), draw(1));
    assert_ne!(draw(1), draw(2));
}

fn evaluate(graph: &Graph, parameters: &[Parameters], latent: &[f32], class: &[f32]) -> Vec<Hwc> {
    let mut values: Vec<Hwc> = Vec::new();
    let mut latent = latent.iter().copied();
    for (node, parameters) in graph.nodes.iter().zip(parameters) {
        let inputs: Vec<&Hwc> = node.inputs.iter().map(|&input| &values[input]).collect();
        let out = match (node.layer, parameters) {
            (Layer::Latent { length }, Parameters::None) => latent.by_ref().take(length).collect(),
            (Layer::Class { .. }, Parameters::None) => class.to_vec(),
            (Layer::Concat, Parameters::None) => {
                inputs.iter().flat_map(|input| input.values.clone()).collect()
            }
            (Layer::Activation(function), Parameters::None) => {
                inputs[0].values.iter().map(|&x| function.apply(x)).collect()
            }
            (Layer::Dense { .. }, Parameters::Linear { weight, bias }) => {
                dense(&inputs[0].values, weight, bias.as_deref())
            }
            (Layer::BatchNorm, Parameters::BatchNorm { gamma, beta, mean, variance, epsilon }) => {
                let normalize = |(i, x): (usize, &f32)| {
                    let c = i % node.shape.channels;
                    gamma[c] * (x - mean[c]) / (variance[c] + epsilon).sqrt() + beta[c]
                };
                inputs[0].values.iter().enumerate().map(normalize).collect()
            }
            (Layer::Conv { window, .. }, Parameters::Linear { weight, bias }) => {
                conv(inputs[0], node.shape, window, weight, bias.as_deref())
            }
            (Layer::ConvTranspose { window, .. }, Parameters::Linear { weight, bias }) => {
                conv_transpose(inputs[0], node.shape, window, weight, bias.as_deref())
            }
            (layer, parameters) => panic!("{}: {layer:?} with {parameters:?}", node.name),
        };
        values.push(Hwc { shape: node.shape, values: out });
    }
    values
}

fn dense(input: &[f32], weight: &[f32], bias: Option<&[f32]>) -> Vec<f32> {
    let rows = weight.chunks(input.len()).enumerate();
    rows.map(|(o, row)| {
        row.iter().zip(input).map(|(w, x)| w * x).sum::<f32>() + bias.map_or(0.0, |bias| bias[o])
    })
    .collect()
}

/// out[y][x][o] = bias[o] + Σ weight[o][r][s][i] · in[y·stride − padding + r][x·stride − padding + s][i]
fn conv(input: &Hwc, out: Shape, window: Window, weight: &[f32], bias: Option<&[f32]>) -> Vec<f32> {
    let mut values = Vec::new();
    for (y, x, o) in positions(out) {
        let mut sum = bias.map_or(0.0, |bias| bias[o]);
        for (r, s, i) in positions(Shape::new(window.kernel, window.kernel, input.shape.channels)) {
            let row = (y * window.stride + r).checked_sub(window.padding);
            let column = (x * window.stride + s).checked_sub(window.padding);
            let (Some(row), Some(column)) = (row, column) else { continue };
            if row < input.shape.height && column < input.shape.width {
                sum += tap(weight, window, input.shape.channels, [o, r, s, i]) * input.at(row, column, i);
            }
        }
        values.push(sum);
    }
    values
}

/// in[y][x][i] adds weight[o][r][s][i] times itself to out[y·stride + r − padding][x·stride + s − padding][o].
fn conv_transpose(input: &Hwc, out: Shape, window: Window, weight: &[f32], bias: Option<&[f32]>) -> Vec<f32> {
    let mut values: Vec<f32> = positions(out).map(|(_, _, o)| bias.map_or(0.0, |bias| bias[o])).collect();
    for (y, x, i) in positions(input.shape) {
        for (r, s, o) in positions(Shape::new(window.kernel, window.kernel, out.channels)) {
            let row = (y * window.stride + r).checked_sub(window.padding);
            let column = (x * window.stride + s).checked_sub(window.padding);
            let (Some(row), Some(column)) = (row, column) else { continue };
            if row < out.height && column < out.width {
                values[(row * out.width + column) * out.channels + o] +=
                    tap(weight, window, input.shape.channels, [o, r, s, i]) * input.at(y, x, i);
            }
        }
    }
    values
}

fn tap(weight: &[f32], window: Window, inputs: usize, [o, r, s, i]: [usize; 4]) -> f32 {
    weight[((o * window.kernel + r) * window.kernel + s) * inputs + i]
}

fn positions(shape: Shape) -> impl Iterator<Item = (usize, usize, usize)> {
    (0..shape.height)
        .flat_map(move |y| (0..shape.width).flat_map(move |x| (0..shape.channels).map(move |c| (y, x, c))))
}
