//! The classifier that judges: a small LeNet (LeCun et al. 1998, section II) with ReLUs.

use burn::{
    module::{Module, Param, ParamId},
    nn::{
        Linear, LinearConfig,
        conv::{Conv2d, Conv2dConfig},
        pool::{MaxPool2d, MaxPool2dConfig},
    },
    tensor::{Device, Tensor, TensorData, activation::relu},
};
use rand::{RngExt, SeedableRng};
use rand_xoshiro::Xoshiro256PlusPlus;

use super::{FEATURES, SIDE};
use crate::data::CLASSES;

/// Mean and standard deviation of MNIST's training pixels, as fractions of white.
const PIXELS: (f32, f32) = (0.1307, 0.3081);

/// conv 5×5 1→20, ReLU, max-pool 2, conv 5×5 20→40, ReLU, max-pool 2, dense 640→128, ReLU,
/// dense 128→10.
#[derive(Module, Debug)]
pub struct Classifier {
    conv1: Conv2d,
    conv2: Conv2d,
    pool: MaxPool2d,
    dense: Linear,
    head: Linear,
}

impl Classifier {
    /// A classifier that has learned nothing: weights and biases uniform in ±1/√inputs, from `seed`.
    pub fn init(seed: u64, device: &Device) -> Classifier {
        let mut rng = Xoshiro256PlusPlus::seed_from_u64(seed);
        let mut ids = 1..;
        // Fixed ids, because they are saved with the weights: a training repeated gives the same file.
        let mut uniform = |shape: &[usize], inputs: usize| {
            let bound = (inputs as f32).recip().sqrt();
            let values = (0..shape.iter().product()).map(|_| rng.random_range(-bound..bound)).collect();
            let id = ParamId::from(ids.next().expect("a range without end"));
            (id, TensorData::new::<f32, _>(values, shape))
        };
        let mut classifier = Classifier::unset(device);
        for conv in [&mut classifier.conv1, &mut classifier.conv2] {
            let shape = conv.weight.lazy_shape().dims::<4>();
            let inputs = shape[1..].iter().product();
            conv.weight = parameter(uniform(&shape, inputs), device);
            conv.bias = Some(parameter(uniform(&shape[..1], inputs), device));
        }
        for dense in [&mut classifier.dense, &mut classifier.head] {
            let [inputs, outputs] = dense.weight.lazy_shape().dims::<2>();
            dense.weight = parameter(uniform(&[inputs, outputs], inputs), device);
            dense.bias = Some(parameter(uniform(&[outputs], inputs), device));
        }
        classifier
    }

    /// A classifier whose weights are still to be loaded.
    pub(super) fn unset(device: &Device) -> Classifier {
        Classifier {
            conv1: Conv2dConfig::new([1, 20], [5, 5]).init(device),
            conv2: Conv2dConfig::new([20, 40], [5, 5]).init(device),
            pool: MaxPool2dConfig::new([2, 2]).with_strides([2, 2]).init(),
            dense: LinearConfig::new(40 * 4 * 4, FEATURES).init(device),
            head: LinearConfig::new(FEATURES, CLASSES).init(device),
        }
    }

    /// `pictures` is `[pictures, 1, 28, 28]` as [`Classifier::input`] makes them; the result is
    /// `[pictures, 128]`, each at least 0.
    pub fn features(&self, pictures: Tensor<4>) -> Tensor<2> {
        // Pooling before the ReLU gives the same numbers as after it, with a quarter of the work.
        let x = relu(self.pool.forward(self.conv1.forward(pictures)));
        let x = relu(self.pool.forward(self.conv2.forward(x)));
        relu(self.dense.forward(x.flatten(1, 3)))
    }

    /// `features` is `[pictures, 128]`, the logits `[pictures, 10]`.
    pub fn logits(&self, features: Tensor<2>) -> Tensor<2> {
        self.head.forward(features)
    }

    /// Grey pictures, `n·28·28` bytes of 0 (background) to 255 (ink), as the input `[n, 1, 28, 28]`.
    pub fn input(pictures: &[u8], device: &Device) -> Tensor<4> {
        let (mean, deviation) = PIXELS;
        let values = pictures.iter().map(|&pixel| (f32::from(pixel) / 255.0 - mean) / deviation).collect();
        let shape = [pictures.len() / (SIDE * SIDE), 1, SIDE, SIDE];
        Tensor::from_data(TensorData::new::<f32, _>(values, shape), device)
    }
}

fn parameter<const D: usize>((id, data): (ParamId, TensorData), device: &Device) -> Param<Tensor<D>> {
    Param::initialized(id, Tensor::from_data(data, device).require_grad())
}
