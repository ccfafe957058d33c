//! The exported numbers, evaluated straight from the layers' definitions, give what Burn gives.

use super::*;
use crate::graph::evaluate::evaluate;
use crate::graph::{Activation, GraphBuilder, Shape, Window, testing};
use crate::players::{batches, numbers};
use crate::random::{Stream, stream};

const BATCH: usize = 3;

/// A graph that has every layer, odd windows, a dense layer in the middle, layers applied twice, and two outputs.
fn graph() -> Graph {
    let mut g = GraphBuilder::new("every layer");
    let (z, class) = (g.normal("z", Shape::vector(7)), g.choice("class", 3));
    let codes = g.uniform("codes", 2);
    let x = g.concat("input", &[z, class, codes]);
    let x = g.dense("fold", x, Shape::new(3, 2, 4), true);
    let x = g.activation(x, Activation::LeakyRelu { slope: 0.2 });
    let x = g.dense("refold", x, Shape::new(3, 4, 3), false);
    let x = g.batch_norm(x);
    let x = g.activation(x, Activation::Relu);
    let (style, constant) =
        (g.embedding("style", class, Shape::vector(3)), g.constant("constant", Shape::new(3, 4, 1)));
    let x = g.add("styled", &[x, style, constant]);
    let x = g.instance_norm("own", x);
    let gain = g.embedding("gain", class, Shape::vector(3));
    let x = g.product("gained", &[x, gain, constant]);
    let gate = g.product("gate", &[x, x]);
    let x = g.attention("attention", [x, gate, gate]);
    let up = g.upsample(x, 2);
    let x = g.conv("conv", up, 5, Window::new(3, 2, 1), true);
    let x = g.activation(x, Activation::Sigmoid);
    let same = g.conv("same", x, 5, Window::new(3, 1, 1), true);
    let x = g.activation(same, Activation::Elu);
    let x = g.again("same again", same, &[x]);
    let window = Window { output_padding: 1, ..Window::new(3, 2, 1) };
    let x = g.conv_transpose("grow", x, 2, window, true);
    let x = g.batch_norm(x);
    let x = g.activation(x, Activation::Tanh);
    let projection = g.projection("projection", x, class);
    g.finish_with(&[("picture", x), ("projection", projection)])
}

/// Burn's outputs of all nodes are those of plain loops on the exported numbers.
fn assert_evaluates(graph: &Graph, seed: u64) {
    let mut rng = stream(seed, Stream::Weights);
    let device = Device::flex().autodiff();
    let net = Net::new(graph, &mut rng, &device);
    // Training passes move the running statistics away from 0 and 1, so that a swap of them shows.
    for _ in 0..3 {
        net.forward_all(&batches::draw(graph, &mut rng, BATCH, &device));
    }
    let parameters = net.parameters();
    let inputs = batches::draw(graph, &mut rng, BATCH, &Device::flex());
    let nodes = net.valid().forward_nodes(&inputs);
    for (number, (output, value)) in graph.outputs.iter().zip(net.valid().forward_all(&inputs)).enumerate() {
        let expected = nodes[output.node].clone().into_data();
        assert_eq!(value.into_data(), expected);
        assert_eq!(net.valid().forward_to(number, &inputs).into_data(), expected, "alone");
    }
    let sample = |tensor: &Tensor<4>, sample: usize| numbers(tensor.clone().slice_dim(0, sample..sample + 1));
    for number in 0..BATCH {
        let values: Vec<Vec<f32>> = inputs.iter().map(|input| sample(input, number)).collect();
        let naive = evaluate(graph, &parameters, &values);
        for ((node, expected), burn) in graph.nodes.iter().zip(&naive).zip(&nodes) {
            let burn = sample(burn, number);
            assert_eq!(burn.len(), node.shape.size(), "{}", node.name);
            for (index, (burn, naive)) in burn.iter().zip(expected).enumerate() {
                let bound = 1e-5 * naive.abs().max(1.0);
                assert!(
                    (burn - naive).abs() < bound,
                    "{}[{index}]: {burn}, by definition {naive}",
                    node.name
                );
            }
        }
    }
}

#[test]
fn exported_parameters_evaluate_to_what_burn_computes() {
    assert_evaluates(&graph(), 11);
}

#[test]
fn what_an_output_does_not_need_is_not_trained_by_it() {
    let mut g = GraphBuilder::new("two ways");
    let [x, unread] = ["picture", "unread"].map(|name| g.picture(name, Shape::new(4, 4, 1)));
    let window = Window::new(3, 1, 1);
    let [there, back] = ["there", "back"].map(|name| g.conv(name, x, 1, window, true));
    let back = g.add("sum", &[back, unread]);
    let graph = g.finish_with(&[("there", there), ("back", back)]);
    assert_eq!(graph.needed(&[there]), [true, false, true, false, false]);
    let net = Net::new(&graph, &mut stream(1, Stream::Weights), &Device::flex().autodiff());
    let inputs = [0.5f32, -0.25].map(|value| Tensor::full([2, 4, 4, 1], value, &Device::flex().autodiff()));
    for (output, trained) in [(0, [true, false]), (1, [false, true])] {
        let gradients = net.forward_to(output, &inputs).sum().backward();
        let has_gradient = |node: NodeId| match net.weights_of(node) {
            Weights::Conv(layer) => layer.weight.val().grad(&gradients).is_some(),
            _ => panic!("a convolution"),
        };
        assert_eq!([has_gradient(2), has_gradient(3)], trained);
    }
}

#[test]
fn a_net_learns_all_its_biases_even_if_a_clone_that_does_not_comes_first() {
    let mut g = GraphBuilder::new("biases");
    let x = g.picture("picture", Shape::new(4, 4, 1));
    let window = Window::new(3, 1, 1);
    let x = g.conv("conv", x, 1, window, true);
    let x = g.conv_transpose("grow", x, 1, window, true);
    let x = g.dense("dense", x, Shape::vector(1), true);
    let device = Device::flex().autodiff();
    let net = Net::new(&g.finish(x), &mut stream(1, Stream::Weights), &device);
    let picture = [Tensor::ones([2, 4, 4, 1], &device)];
    net.clone().no_grad().forward(&picture);
    let gradients = net.forward(&picture).sum().backward();
    for node in 1..4 {
        let bias = net.weights_of(node).bias().expect("it has one");
        assert!(bias.grad(&gradients).is_some(), "{}", net.graph.nodes[node].name);
    }
}

#[test]
fn of_random_graphs_too() {
    for seed in 0..40 {
        for random in [testing::random, testing::random_adaptive] {
            assert_evaluates(&random(&mut stream(seed, Stream::Order)), seed);
        }
    }
}

#[test]
fn first_weights_depend_on_the_seed_alone() {
    let draw = |seed| Net::new(&graph(), &mut stream(seed, Stream::Weights), &Device::flex()).parameters();
    assert_eq!(draw(4), draw(4));
    assert_ne!(draw(4), draw(5));
}
