use burn::tensor::Device;
use gan_core::{AlignedBytes, Model};

use super::*;
use crate::export::float_runs;
use crate::lower::{self, Calibration};
use crate::pictures;

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
    let file = lower::lower("mnist", graph, &parameters, Calibration::Auto, &runs).unwrap().file;
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
