//! The Burn module that trains a [`Graph`].
//!
//! Inside, channels come last, as in the engine; at its edge they come first, as Burn's users expect.

mod export;
mod fake;

pub use fake::FakeQuantization;

use crate::graph::{Activation, Graph, Layer, Node, Shape};
use crate::nets::convolution::{conv, conv_transpose};
use crate::nets::layers;
use crate::random::Rng;
use burn::module::{Module, Param};
use burn::nn::conv::{Conv2d, ConvTranspose2d};
use burn::nn::{BatchNorm, Linear};
use burn::tensor::{Device, Tensor, activation};
use std::sync::Arc;

/// A graph with its weights.
#[derive(Module, Debug)]
pub struct Generator {
    /// One a node; `None` where the node has no weights.
    weights: Vec<Option<Weights>>,
    #[module(skip)]
    graph: Arc<Graph>,
    /// What [`Generator::forward`] goes through while a run fine-tunes for int8.
    #[module(skip)]
    quantization: Option<Arc<FakeQuantization>>,
}

/// A node's weights, in Burn's layer.
#[derive(Module, Debug)]
enum Weights {
    Dense(Linear),
    BatchNorm(BatchNorm),
    Conv(Conv2d),
    ConvTranspose(ConvTranspose2d),
}

impl Generator {
    /// The graph with first weights drawn from `rng`.
    pub fn new(graph: &Graph, rng: &mut Rng, device: &Device) -> Self {
        let weights = graph.nodes.iter().map(|node| Weights::new(graph, node, rng, device)).collect();
        Generator { weights, graph: Arc::new(graph.clone()), quantization: None }
    }

    /// The graph.
    pub fn graph(&self) -> &Graph {
        &self.graph
    }

    /// Pictures `[batch, 1, height, width]` from `latents` `[batch, latent length]` and `classes`
    /// `[batch, classes]`, one-hot, which a graph with a class input needs and another ignores.
    pub fn forward(&self, latents: Tensor<2>, classes: Option<Tensor<2>>) -> Tensor<4> {
        if let Some(quantization) = &self.quantization {
            return self.forward_fake(quantization, latents, classes);
        }
        let mut readers = vec![0usize; self.graph.nodes.len()];
        self.graph.nodes.iter().flat_map(|node| &node.inputs).for_each(|&input| readers[input] += 1);
        readers[self.graph.output] += 1;
        let mut values: Vec<Option<Tensor<4>>> = Vec::with_capacity(readers.len());
        let mut inputs = Inputs::new(latents, classes);
        for index in 0..readers.len() {
            // The last reader takes the tensor itself: an elementwise operation may then reuse its memory.
            let read = self.graph.nodes[index].inputs.iter().map(|&input| {
                readers[input] -= 1;
                let value = if readers[input] == 0 { values[input].take() } else { values[input].clone() };
                value.expect("a value stays until its last reader")
            });
            let read = read.collect();
            values.push(Some(self.run(index, read, &mut inputs)));
        }
        channels_first(values.swap_remove(self.graph.output).expect("the picture is read here last"))
    }

    /// The outputs of all nodes in node order, each `[batch, channels, height, width]`; a vector is
    /// `[batch, length, 1, 1]`. Inputs as in [`Generator::forward`].
    pub fn forward_nodes(&self, latents: Tensor<2>, classes: Option<Tensor<2>>) -> Vec<Tensor<4>> {
        let mut inputs = Inputs::new(latents, classes);
        let mut values: Vec<Tensor<4>> = Vec::with_capacity(self.graph.nodes.len());
        for (index, node) in self.graph.nodes.iter().enumerate() {
            let read = node.inputs.iter().map(|&input| values[input].clone()).collect();
            values.push(self.run(index, read, &mut inputs));
        }
        values.into_iter().map(channels_first).collect()
    }

    /// A node's output, from and to `[batch, height, width, channels]`.
    fn run(&self, index: usize, mut read: Vec<Tensor<4>>, inputs: &mut Inputs) -> Tensor<4> {
        let node = &self.graph.nodes[index];
        match (node.layer, &self.weights[index]) {
            (Layer::Latent { length }, _) => inputs.latent(length),
            (Layer::Class { .. }, _) => inputs.class(),
            (Layer::Concat, _) => Tensor::cat(read, 3),
            (Layer::Activation(function), _) => activate(read.remove(0), function),
            (_, Some(weights)) => weights.forward(read.remove(0), node),
            (layer, None) => unreachable!("{}: {layer:?} was built with weights", node.name),
        }
    }
}

impl Weights {
    fn new(graph: &Graph, node: &Node, rng: &mut Rng, device: &Device) -> Option<Weights> {
        let channels = || [graph.nodes[node.inputs[0]].shape.channels, node.shape.channels];
        Some(match node.layer {
            Layer::Latent { .. } | Layer::Class { .. } | Layer::Concat | Layer::Activation(_) => return None,
            Layer::Dense { bias } => {
                let inputs = graph.nodes[node.inputs[0]].shape.size();
                Weights::Dense(layers::linear(rng, inputs, node.shape.size(), bias, device))
            }
            Layer::BatchNorm => Weights::BatchNorm(layers::batch_norm(rng, node.shape.channels, device)),
            Layer::Conv { window, bias } => {
                Weights::Conv(layers::conv(rng, channels(), window, bias, device))
            }
            Layer::ConvTranspose { window, bias } => {
                Weights::ConvTranspose(layers::conv_transpose(rng, channels(), window, bias, device))
            }
        })
    }

    fn forward(&self, x: Tensor<4>, node: &Node) -> Tensor<4> {
        let value = |bias: &Option<Param<Tensor<1>>>| bias.as_ref().map(|bias| bias.val());
        match (self, node.layer) {
            (Weights::Dense(layer), _) => {
                let x: Tensor<2> = x.flatten(1, 3);
                let (batch, Shape { height, width, channels }) = (x.dims()[0], node.shape);
                layer.forward(x).reshape([batch, height, width, channels])
            }
            (Weights::BatchNorm(layer), _) => layers::normalize(layer, x),
            (Weights::Conv(layer), Layer::Conv { window, .. }) => {
                conv(x, layer.weight.val(), value(&layer.bias), window)
            }
            (Weights::ConvTranspose(layer), Layer::ConvTranspose { window, .. }) => {
                conv_transpose(x, layer.weight.val(), value(&layer.bias), window)
            }
            (_, layer) => unreachable!("{}: {layer:?} was built with other weights", node.name),
        }
    }
}

/// `[b, h, w, c]` → `[b, c, h, w]`.
fn channels_first(x: Tensor<4>) -> Tensor<4> {
    x.permute([0, 3, 1, 2])
}

/// What the input nodes hand out.
struct Inputs {
    latents: Tensor<2>,
    taken: usize,
    classes: Option<Tensor<2>>,
}

impl Inputs {
    fn new(latents: Tensor<2>, classes: Option<Tensor<2>>) -> Self {
        Inputs { latents, taken: 0, classes }
    }

    fn latent(&mut self, length: usize) -> Tensor<4> {
        let batch = self.latents.dims()[0];
        let columns = self.taken..self.taken + length;
        self.taken = columns.end;
        self.latents.clone().slice([0..batch, columns]).reshape([batch, 1, 1, length])
    }

    fn class(&self) -> Tensor<4> {
        let classes = self.classes.clone().expect("a graph with a class input is given classes");
        let [batch, length] = classes.dims();
        classes.reshape([batch, 1, 1, length])
    }
}

fn activate(x: Tensor<4>, function: Activation) -> Tensor<4> {
    match function {
        Activation::Relu => activation::relu(x),
        Activation::LeakyRelu { slope } => layers::leaky_relu(x, slope),
        Activation::Tanh => x.tanh(),
        Activation::Sigmoid => activation::sigmoid(x),
    }
}

#[cfg(test)]
mod tests;
