use burn::module::{Module, ModuleMapper, Param};
use burn::optim::{GradientsParams, SgdConfig};
use burn::tensor::{Device, Tensor};
use gan_core::{AlignedBytes, Model};

use super::*;
use crate::export::float_runs;
use crate::families::testing::DIGITS;
use crate::graph::net::testing::with_outlier_weights;
use crate::graph::{Graph, Net, testing};
use crate::lower::{self, Calibration, Lowering};
use crate::pictures::{self, Originals};
use crate::players::batches;
use crate::random::{Rng, Stream, stream};
use std::ops::Range;

fn pretrained() -> Net {
    let models = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../models");
    let config = crate::train::TrainConfig::read(&models.join("mnist.toml")).unwrap();
    let graph = config.family.generator(&DIGITS);
    crate::train::checkpoint::load_average(&models.join("mnist.bpk"), &graph, &Device::flex()).unwrap()
}

#[test]
fn fake_quantization_draws_what_the_engine_draws() {
    let (generator, device) = (pretrained(), Device::flex());
    let (graph, parameters) = (generator.graph(), generator.parameters());
    let runs = float_runs(&generator, &Originals::default(), &device);
    let file = lower::lower(
        lower::Labels { model: "mnist", classes: &[] },
        graph,
        &parameters,
        Lowering { calibration: Calibration::Auto, tuned: true },
        &runs,
    )
    .unwrap()
    .file;
    let tensors = lower::tensors(graph, &parameters, Calibration::Auto, &runs).unwrap();
    let fake = fake_quantization(graph, &parameters, &tensors).unwrap();
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
fn fine_tuning_brings_a_network_that_is_hard_to_quantize_closer_to_its_floats() {
    const STEPS: usize = 60;
    let device = Device::flex();
    let floats = with_outlier_weights(pretrained(), ["widen.norm", "grow"], 6.0);
    let target = pictures::floats(&floats, 9, 200, &device).greys;
    // Mean squared difference of the int8 pictures of `generator` to the pictures of `floats`, in greys.
    let error = |generator: &Net| {
        let runs = float_runs(generator, &Originals::default(), &device);
        let lowered = lower::lower(
            lower::Labels { model: "hard", classes: &[] },
            generator.graph(),
            &generator.parameters(),
            Lowering { calibration: Calibration::MinMax, tuned: true },
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
        &float_runs(&floats, &Originals::default(), &device),
    );
    let fake = fake_quantization(floats.graph(), &floats.parameters(), &tensors.unwrap()).unwrap();
    let mut tuned = floats.valid().train().with_quantization(Some(fake));
    let mut descent = SgdConfig::new().init();
    let mut rng = stream(5, Stream::Noise);
    for _ in 0..STEPS {
        let draw = |rng: &mut _, device: &Device| batches::draw(floats.graph(), rng, 32, device);
        let wanted = Tensor::from_inner(floats.forward(&draw(&mut rng.clone(), &device)));
        let drawn = draw(&mut rng, &device.clone().autodiff());
        let loss = (tuned.forward(&drawn) - wanted).square().mean();
        let gradients = GradientsParams::from_grads(loss.backward(), &tuned);
        tuned = descent.step(0.03, tuned, gradients);
    }
    let (before, after) = (error(&floats), error(&tuned.valid().with_quantization(None)));
    assert!(after < 0.8 * before, "{before:.2} greys squared before, {after:.2} after");
}

/// Makes first weights as large as a trained network's.
struct Grow;

impl ModuleMapper for Grow {
    fn map_float<const D: usize>(&mut self, param: Param<Tensor<D>>) -> Param<Tensor<D>> {
        if D == 1 { param } else { param.map(|weight| weight * 15.0) }
    }
}

#[test]
fn of_random_graphs_fake_quantization_draws_what_the_engine_draws_too() {
    assert_draws_alike(0..20, testing::random, (95, 98));
}

/// Other seeds, and other layers: where few pixels hang on one channel, one step that is rounded otherwise moves many of them.
#[test]
fn of_random_adaptive_graphs_too() {
    assert_draws_alike(20..40, testing::random_adaptive, (80, 97));
}

/// So many of a hundred pixels, of each graph and of all, are within two levels of the engine's, and more than the floats'.
fn assert_draws_alike(seeds: Range<u64>, random: impl Fn(&mut Rng) -> Graph, (each, whole): (usize, usize)) {
    let device = Device::flex();
    let (mut of_fake, mut of_floats, mut all) = (0, 0, 0);
    for seed in seeds {
        let mut rng = stream(seed, Stream::Order);
        let graph = random(&mut rng);
        let training = Net::new(&graph, &mut rng, &device.clone().autodiff()).map(&mut Grow);
        // Batch norms get statistics of what they see.
        for _ in 0..20 {
            training.forward_all(&batches::draw(&graph, &mut rng, 32, &device.clone().autodiff()));
        }
        let net = training.valid();
        let (parameters, runs) = (net.parameters(), float_runs(&net, &Originals::default(), &device));
        let labels = lower::Labels { model: "random", classes: &[] };
        let file = lower::lower_untrained(labels, &graph, &parameters, &runs.calibration).unwrap();
        let tensors = lower::tensors(&graph, &parameters, Calibration::MinMax, &runs).unwrap();
        let fake = fake_quantization(&graph, &parameters, &tensors).unwrap();
        let bytes = AlignedBytes::new(&file);
        let model: Model = Model::parse(&bytes).unwrap();
        let int8 = pictures::int8(&model, 9, 100).greys;
        let close = |net: &Net| {
            let greys = pictures::floats(net, 9, 100, &device).greys;
            int8.iter().zip(&greys).filter(|(a, b)| a.abs_diff(**b) <= 2).count()
        };
        of_floats += close(&net);
        let fakes = close(&net.with_quantization(Some(fake)));
        assert!(fakes * 100 > int8.len() * each, "seed {seed}: {fakes} of {}\n{graph:#?}", int8.len());
        of_fake += fakes;
        all += int8.len();
    }
    assert!(of_fake > of_floats && of_fake * 100 > all * whole, "{of_fake}, {of_floats} of {all}");
}
