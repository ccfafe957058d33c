use burn::tensor::Device;
use gan_core::{AlignedBytes, Generator, Model};

use super::*;
use crate::figure::{Figure, Why};
use crate::graph::evaluate::evaluate;
use crate::graph::{Activation, GraphBuilder, NodeId, Shape, Window, testing};
use crate::pictures::{self, Draws};
use crate::players::numbers;
use crate::random::{Stream, stream};

mod random;

/// A network with every layer there is.
fn graph() -> Graph {
    let mut g = GraphBuilder::new("all layers");
    let class = g.choice("class", 3);
    let latent = g.normal("z", Shape::vector(9));
    let x = g.concat("input", &[class, latent]);
    let x = g.dense("project", x, Shape::new(3, 3, 8), false);
    let x = g.batch_norm(x);
    let x = g.activation(x, Activation::Relu);
    let x = g.conv("smooth", x, 6, Window::new(3, 1, 1), true);
    let x = g.activation(x, Activation::LeakyRelu { slope: 0.2 });
    let x = g.conv_transpose("grow", x, 5, Window { output_padding: 1, ..Window::new(3, 2, 1) }, false);
    let x = g.batch_norm(x);
    let x = g.activation(x, Activation::Sigmoid);
    let x = g.conv_transpose("picture", x, 1, Window::new(4, 2, 1), true);
    let x = g.activation(x, Activation::Tanh);
    g.finish(x)
}

/// Numbers of a size that a trained network has.
fn parameters(graph: &Graph, seed: u64) -> Vec<Parameters> {
    testing::parameters(graph, &mut stream(seed, Stream::Weights))
}

fn float_run(graph: &Graph, parameters: &[Parameters], count: usize, seed: u64) -> FloatRun {
    let latents = Draws::of(seed).latents(count, &graph.into());
    let mut outputs = vec![Vec::new(); graph.nodes.len()];
    for latent in &latents {
        let inputs = pictures::tensors(graph, std::slice::from_ref(latent), &[], &Device::flex());
        let inputs: Vec<Vec<f32>> = inputs.into_iter().map(numbers).collect();
        for (all, own) in outputs.iter_mut().zip(evaluate(graph, parameters, &inputs)) {
            all.extend(own);
        }
    }
    FloatRun { latents, originals: vec![Vec::new()], shown_to: vec![0; graph.nodes.len()], outputs }
}

fn float_runs(graph: &Graph, parameters: &[Parameters]) -> FloatRuns {
    let run = |count, seed| float_run(graph, parameters, count, seed);
    FloatRuns { calibration: run(64, 1), selection: run(32, 2), held_out: run(32, 3) }
}

#[test]
fn every_layer_survives_quantization() {
    let graph = graph();
    for seed in 0..8 {
        let parameters = parameters(&graph, seed);
        let runs = float_runs(&graph, &parameters);
        let report =
            lower(Labels { model: "test", classes: &[] }, &graph, &parameters, Calibration::Auto, &runs)
                .unwrap()
                .report;
        for layer in &report.layers {
            assert!(layer.sqnr.sound() > Some(24.0), "seed {seed}\n{report}");
        }
    }
}

#[test]
fn lowering_is_deterministic() {
    let graph = graph();
    let parameters = parameters(&graph, 3);
    let runs = float_runs(&graph, &parameters);
    let lower = || {
        lower(Labels { model: "test", classes: &[] }, &graph, &parameters, Calibration::Auto, &runs)
            .unwrap()
            .file
    };
    assert_eq!(lower(), lower());
}

#[test]
fn auto_keeps_the_method_that_measures_best() {
    let graph = graph();
    for seed in 0..4 {
        let parameters = parameters(&graph, seed);
        let runs = float_runs(&graph, &parameters);
        let lower = |calibration| {
            lower(Labels { model: "test", classes: &[] }, &graph, &parameters, calibration, &runs).unwrap()
        };
        let auto = lower(Calibration::Auto);
        let alone = [Calibration::MinMax, Calibration::Percentile, Calibration::Mse].map(lower);
        let measured = alone.each_ref().map(|lowered| lowered.report.trials[0].psnr);
        let best = (0..3).max_by(|&a, &b| measured[a].total_cmp(&measured[b])).unwrap();
        assert_eq!(auto.file, alone[best].file, "seed {seed}: {measured:?}");
        let chosen: Vec<usize> = (0..3).filter(|&number| auto.report.trials[number].chosen).collect();
        assert_eq!(chosen, [best]);
    }
}

#[test]
fn a_folded_batch_norm_computes_what_the_two_layers_did() {
    let graph = graph();
    let parameters = parameters(&graph, 5);
    let mut folded_parameters = parameters.clone();
    for stage in fold(&graph, &parameters).unwrap().stages {
        let node = graph.nodes.iter().position(|node| node.name == stage.name).unwrap();
        if stage.before_activation != node {
            // A batch norm that changes nothing takes the folded one's place.
            let channels = graph.nodes[node].shape.channels;
            folded_parameters[stage.before_activation] = Parameters::BatchNorm {
                gamma: vec![1.0; channels],
                beta: vec![0.0; channels],
                mean: vec![0.0; channels],
                variance: vec![1.0; channels],
                epsilon: 0.0,
            };
        }
        folded_parameters[node] = Parameters::Linear { weight: stage.weight, bias: Some(stage.bias) };
    }
    let latent = vec![0.5, -1.0, 2.0, 0.1, -0.3, 1.2, -2.5, 0.0, 0.7];
    let inputs = [vec![0.0, 0.0, 1.0], latent];
    let [unfolded, folded] = [&parameters, &folded_parameters]
        .map(|parameters| evaluate(&graph, parameters, &inputs)[graph.output()].clone());
    for (a, b) in unfolded.iter().zip(&folded) {
        assert!((a - b).abs() < 1e-4, "{a} became {b}");
    }
}

#[test]
fn a_weight_that_is_no_number_is_named() {
    let graph = graph();
    let mut parameters = parameters(&graph, 0);
    let node = graph.nodes.iter().position(|node| node.name == "smooth").unwrap();
    let Parameters::Linear { weight, .. } = &mut parameters[node] else {
        unreachable!("smooth is a convolution")
    };
    weight[0] = f32::NAN;
    let error = fold(&graph, &parameters).unwrap_err().to_string();
    assert!(error.contains("smooth") && error.contains("not finite"), "{error}");
}

#[test]
fn what_is_trained_only_is_refused_by_name() {
    let mut g = GraphBuilder::new("judge");
    let (z, class) = (g.normal("z", Shape::vector(4)), g.choice("class", 2));
    let x = g.dense("only", z, Shape::new(2, 2, 1), true);
    let x = g.projection("of class", x, class);
    let graph = g.finish(x);
    let error = fold(&graph, &parameters(&graph, 0)).unwrap_err().to_string();
    assert!(error.contains("of class") && error.contains("trained only"), "{error}");
}

/// The numbers of `parameters` with all of a layer's weights and biases times `factor`.
fn scaled(graph: &Graph, mut parameters: Vec<Parameters>, layer: &str, factor: f32) -> Vec<Parameters> {
    let node = graph.nodes.iter().position(|node| node.name == layer).unwrap();
    let Parameters::Linear { weight, bias } = &mut parameters[node] else { panic!("{layer} is linear") };
    weight.iter_mut().chain(bias.iter_mut().flatten()).for_each(|number| *number *= factor);
    parameters
}

fn lowered(graph: &Graph, parameters: &[Parameters]) -> Result<LoweringReport, LowerError> {
    let runs = float_runs(graph, parameters);
    lower(Labels { model: "test", classes: &[] }, graph, parameters, Calibration::Auto, &runs)
        .map(|lowered| lowered.report)
}

#[test]
fn pictures_too_faint_for_a_grey_level_are_no_error_and_said_to_be_flat() {
    let graph = graph();
    // From a trained network's contrast down to none at all: the lowering ends well all the way.
    for factor in [1.0, 0.3, 0.1, 0.03, 0.02, 0.015, 0.01, 0.005, 1e-3, 1e-6, 0.0] {
        let report = lowered(&graph, &scaled(&graph, parameters(&graph, 4), "picture", factor)).unwrap();
        let picture = report.layers.last().unwrap();
        let text = report.to_string();
        assert!(!text.contains("NaN") && !text.contains("inf"), "{text}");
        assert_eq!(report.is_flat(), text.contains("hardly been trained"), "{text}");
        if factor <= 0.005 {
            assert!(report.is_flat(), "{factor}\n{text}");
            assert_eq!(picture.sqnr, Figure::None(Why::NoSignal), "{factor}\n{text}");
        }
        if factor == 1.0 {
            assert!(!report.is_flat() && picture.sqnr.sound().is_some(), "{text}");
        }
    }
}

#[test]
fn a_dead_network_is_lowered_and_said_to_be_flat() {
    let graph = graph();
    let mut parameters = parameters(&graph, 4);
    // No unit of the first layer is ever above 0.
    let Some(Parameters::BatchNorm { beta, .. }) =
        parameters.iter_mut().find(|numbers| matches!(numbers, Parameters::BatchNorm { .. }))
    else {
        panic!("the first layer has a batch norm")
    };
    beta.iter_mut().for_each(|beta| *beta = -1000.0);
    let report = lowered(&graph, &parameters).unwrap();
    assert_eq!(report.layers[0].sqnr, Figure::None(Why::NoSignal), "{report}");
    assert!(report.is_flat() && !report.to_string().contains("NaN"), "{report}");
}

/// Weights that all round to 0 beside one that does not: what they lose on average, many steps, is in the bias.
#[test]
fn means_stay_what_they_are_however_coarse_the_weights_are() {
    type Build = fn(&mut GraphBuilder, NodeId) -> NodeId;
    let forms: [(&str, Build); 4] = [
        ("dense", |g, x| g.dense("coarse", x, Shape::new(2, 2, 3), true)),
        ("convolution", |g, x| g.conv("coarse", x, 3, Window::new(3, 1, 1), true)),
        ("transposed convolution", |g, x| g.conv_transpose("coarse", x, 3, Window::new(4, 2, 1), false)),
        ("convolution behind an upsampling", |g, x| {
            let x = g.upsample(x, 2);
            g.conv("coarse", x, 3, Window::new(3, 1, 1), true)
        }),
    ];
    for (form, build) in forms {
        let mut g = GraphBuilder::new("coarse");
        let z = g.normal("z", Shape::vector(9));
        let x = g.dense("project", z, Shape::new(4, 4, 16), true);
        let x = g.activation(x, Activation::Relu);
        let x = build(&mut g, x);
        let x = g.conv("picture", x, 1, Window::new(1, 1, 0), true);
        let x = g.activation(x, Activation::Tanh);
        let graph = g.finish(x);
        let mut parameters = parameters(&graph, 6);
        let node = graph.nodes.iter().position(|node| node.name == "coarse").unwrap();
        let Parameters::Linear { weight, .. } = &mut parameters[node] else { panic!("{form} is linear") };
        let row = weight.len() / if form == "dense" { 12 } else { 3 };
        for row in weight.chunks_mut(row) {
            row.fill(0.1 / 127.0);
            row[0] = 0.5;
        }
        let runs = float_runs(&graph, &parameters);
        let folded = fold(&graph, &parameters).unwrap();
        let labels = Labels { model: "coarse", classes: &[] };
        // How far the mean of each channel is from the floats', in steps, at most.
        let off = |tuned: bool| {
            let means = (!tuned).then(|| Means::of(&folded, &graph, &runs.calibration));
            let how = (&runs.calibration, Method::MinMax);
            let file = write(labels, &graph, &folded, how, means.as_ref()).unwrap().1.file;
            let bytes = AlignedBytes::new(&file);
            let model: Model = Model::parse(&bytes).unwrap();
            let tensor = model.tensor(model.file().ops.iter().nth(1).unwrap().output).unwrap();
            let mut memory = vec![0; model.arena_bytes() + 15];
            let mut generator = Generator::in_memory(&model, &mut memory).unwrap();
            let mut differences = [0.0; 3];
            let floats = runs.calibration.outputs[node].chunks(graph.nodes[node].shape.size());
            let count = runs.calibration.outputs[node].len() as f64 / 3.0;
            for (latent, floats) in runs.calibration.latents.iter().zip(floats) {
                generator.generate_altered(latent, |op, output| {
                    for (place, (&step, float)) in output.iter().zip(floats).enumerate().filter(|_| op == 1) {
                        let real = tensor.scale * (f32::from(step) - f32::from(tensor.zero_point));
                        differences[place % 3] += f64::from((real - float) / tensor.scale) / count;
                    }
                });
            }
            differences.into_iter().map(f64::abs).fold(0.0, f64::max)
        };
        let (kept, corrected) = (off(true), off(false));
        assert!(
            kept > 1.0 && corrected < kept / 4.0,
            "{form}: off by {kept:.2} steps, with the bias by {corrected:.2}"
        );
    }
}

#[test]
fn a_bad_lowering_is_refused_by_its_layer() {
    let graph = graph();
    let parameters = parameters(&graph, 4);
    let mut runs = float_runs(&graph, &parameters);
    // Ranges far too narrow, and far too wide for what the floats do then.
    for factor in [0.01, 100.0] {
        let mut bad = runs.clone();
        bad.calibration.outputs.iter_mut().flatten().for_each(|value| *value *= factor);
        let error =
            lower(Labels { model: "test", classes: &[] }, &graph, &parameters, Calibration::MinMax, &bad)
                .unwrap_err();
        assert!(matches!(error, LowerError::LayerError { found, .. } if found < 12.0), "{factor}: {error}");
    }
    // Floats that draw nothing, of a network whose int8 model draws.
    for run in [&mut runs.selection, &mut runs.held_out] {
        run.outputs[graph.output()].iter_mut().for_each(|value| *value *= 1e-4);
    }
    let error =
        lower(Labels { model: "test", classes: &[] }, &graph, &parameters, Calibration::MinMax, &runs)
            .unwrap_err();
    assert!(matches!(&error, LowerError::NoSignalError { layer, .. } if layer == "picture"), "{error}");
}
