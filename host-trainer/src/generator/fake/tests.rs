use burn::module::Module;
use burn::optim::{GradientsParams, SgdConfig};
use burn::tensor::{Device, TensorData};
use gan_core::{AlignedBytes, Model};

use super::*;
use crate::export::float_runs;
use crate::lower::{self, Calibration};
use crate::pictures;
use crate::random::{Stream, stream};
use crate::train::batches;

fn pretrained() -> Generator {
    let models = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../models");
    let config = crate::train::TrainConfig::read(&models.join("mnist.toml")).unwrap();
    let graph = config.net.generator(10);
    crate::train::checkpoint::load_average(&models.join("mnist.bpk"), &graph, &Device::flex()).unwrap()
}

#[test]
fn fake_quantization_draws_what_the_engine_draws() {
    let (generator, device) = (pretrained(), Device::flex());
    let (graph, parameters) = (generator.graph(), generator.parameters());
    let runs = float_runs(&generator, &device);
    let file = lower::lower(
        lower::Labels { model: "mnist", classes: &[] },
        graph,
        &parameters,
        Calibration::Auto,
        &runs,
    )
    .unwrap()
    .file;
    let tensors = lower::tensors(graph, &parameters, Calibration::Auto, &runs).unwrap();
    let fake = FakeQuantization::new(graph, &parameters, &tensors).unwrap();
    let bytes = AlignedBytes::new(&file);
    let model: Model = Model::parse(&bytes).unwrap();
    let int8 = pictures::int8(&model, 9, 200).greys;
    let floats = pictures::floats(&generator, 9, 200, &device).greys;
    let fake = pictures::floats(&generator.with_quantization(Some(fake)), 9, 200, &device).greys;
    // An int8 step of a picture is one grey or two.
    let within = |pictures: &[u8]| {
        let close = int8.iter().zip(pictures).filter(|(a, b)| a.abs_diff(**b) <= 2).count();
        close as f64 / int8.len() as f64
    };
    let (of_fake, of_floats) = (within(&fake), within(&floats));
    assert!(
        of_fake > 0.99 && of_fake > of_floats,
        "within a step: {of_fake} of fakes, {of_floats} of floats"
    );
}

#[test]
fn gradients_pass_through_rounding_and_stop_at_the_clamp() {
    let numbers = Numbers { scale: 0.5, zero_point: -128 };
    let device = Device::flex().autodiff();
    let x = Tensor::<1>::from_data([-0.3, 0.2, 0.3, 1.0, 200.0], &device).require_grad();
    let y = fake(x.clone(), numbers);
    let values: Vec<f32> = y.clone().into_data().try_to_vec().unwrap();
    assert_eq!(values, [0.0, 0.0, 0.5, 1.0, 127.5]);
    // The loss's own slope at the rounded value, 2 y, where x is inside; 0 where it was clamped.
    let gradients = (y.clone() * y).sum().backward();
    let gradient: Vec<f32> = x.grad(&gradients).unwrap().into_data().try_to_vec().unwrap();
    assert_eq!(gradient, [0.0, 0.0, 1.0, 2.0, 0.0]);
}

/// The pretrained network with a channel that is always 0, but whose weights in the layer behind are `factor` times as
/// large as any other: they widen the steps in which all others are rounded.
fn with_outlier_weights(factor: f32) -> Generator {
    let mut generator = pretrained();
    let index = |name: &str| generator.graph.nodes.iter().position(|node| node.name == name).unwrap();
    let (norm, grow) = (index("widen.norm"), index("grow"));
    let first = |value: f32, rest: f32, channels: usize| {
        let values: Vec<f32> = (0..channels).map(|channel| if channel == 0 { value } else { rest }).collect();
        Tensor::<1>::from_data(TensorData::new(values, [channels]), &Device::flex())
    };
    let Some(Weights::BatchNorm(layer)) = &mut generator.weights[norm] else { panic!("a batch norm") };
    let channels = layer.gamma.dims()[0];
    layer.gamma = layer.gamma.clone().map(|gamma| gamma * first(0.0, 1.0, channels));
    layer.beta = layer.beta.clone().map(|beta| beta * first(0.0, 1.0, channels));
    let Some(Weights::ConvTranspose(layer)) = &mut generator.weights[grow] else { panic!("a convolution") };
    let largest = layer.weight.val().abs().max().into_scalar::<f32>();
    let keep = first(0.0, 1.0, channels).reshape([channels, 1, 1, 1]);
    let outlier = first(factor * largest, 0.0, channels).reshape([channels, 1, 1, 1]);
    layer.weight = layer.weight.clone().map(|weight| weight * keep.clone() + outlier.clone());
    generator
}

#[test]
fn fine_tuning_brings_a_network_that_is_hard_to_quantize_closer_to_its_floats() {
    const STEPS: usize = 60;
    let device = Device::flex();
    let floats = with_outlier_weights(6.0);
    let target = pictures::floats(&floats, 9, 200, &device).greys;
    // Mean squared difference of the int8 pictures of `generator` to the pictures of `floats`, in greys.
    let error = |generator: &Generator| {
        let runs = float_runs(generator, &device);
        let lowered = lower::lower(
            lower::Labels { model: "hard", classes: &[] },
            generator.graph(),
            &generator.parameters(),
            Calibration::MinMax,
            &runs,
        );
        let bytes = AlignedBytes::new(&lowered.unwrap().file);
        let int8 = pictures::int8(&Model::parse(&bytes).unwrap() as &Model, 9, 200).greys;
        let squares = int8.iter().zip(&target).map(|(a, b)| f64::from(a.abs_diff(*b)).powi(2));
        squares.sum::<f64>() / target.len() as f64
    };
    let tensors = lower::tensors(
        floats.graph(),
        &floats.parameters(),
        Calibration::MinMax,
        &float_runs(&floats, &device),
    );
    let fake = FakeQuantization::new(floats.graph(), &floats.parameters(), &tensors.unwrap()).unwrap();
    let mut tuned = floats.valid().train().with_quantization(Some(fake));
    let mut descent = SgdConfig::new().init();
    let mut rng = stream(5, Stream::Noise);
    for _ in 0..STEPS {
        let draw = |rng: &mut _, device: &Device| batches::noise(rng, 32, 32, Some(10), device);
        let wanted = draw(&mut rng.clone(), &device);
        let wanted = Tensor::from_inner(floats.forward(wanted.latents, wanted.classes));
        let noise = draw(&mut rng, &device.clone().autodiff());
        let loss = (tuned.forward(noise.latents, noise.classes) - wanted).square().mean();
        let gradients = GradientsParams::from_grads(loss.backward(), &tuned);
        tuned = descent.step(0.03, tuned, gradients);
    }
    let (before, after) = (error(&floats), error(&tuned.valid().with_quantization(None)));
    assert!(after < 0.8 * before, "{before:.2} greys squared before, {after:.2} after");
}
