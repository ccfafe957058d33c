//! Burn's layers with a GAN's first weights, drawn from our own random numbers.
//!
//! Weights are N(0, 0.02²), batch norm's gammas N(1, 0.02²), everything else 0 where a layer says nothing more (Radford, Metz and
//! Chintala 2015, section 4).

use crate::graph::{Activation, Begin, Shape, Window};
use crate::random::{self, Rng};
use burn::module::Param;
use burn::nn::conv::{Conv2d, Conv2dConfig, ConvTranspose2d, ConvTranspose2dConfig};
use burn::nn::{BatchNorm, BatchNormConfig, Initializer, Linear, LinearConfig, PaddingConfig2d};
use burn::tensor::{Device, Tensor, TensorData, activation};

/// Standard deviation of every first weight.
const DEVIATION: f32 = 0.02;

/// A dense layer; its weight is `[inputs, outputs]`.
pub(super) fn linear(
    rng: &mut Rng,
    sizes: [usize; 2],
    (bias, begin): (bool, Begin),
    device: &Device,
) -> Linear {
    let [inputs, outputs] = sizes;
    let config = LinearConfig::new(inputs, outputs).with_bias(bias).with_initializer(Initializer::Zeros);
    let mut layer = config.init(device);
    let (deviation, around) = match begin {
        Begin::Small => (DEVIATION, 0.0),
        Begin::Around(around) => ((inputs as f32).sqrt().recip(), around),
        Begin::Firm => (100.0 * DEVIATION, 0.0),
    };
    layer.weight = drawn(rng, sizes, (0.0, deviation), device);
    layer.bias = bias.then(|| Param::from_tensor(Tensor::full([outputs], around, device)));
    layer
}

/// A convolution; its weight is `[outputs, inputs, kernel, kernel]`.
pub(super) fn conv(
    rng: &mut Rng,
    channels: [usize; 2],
    window: Window,
    bias: bool,
    device: &Device,
) -> Conv2d {
    let [inputs, outputs] = channels;
    let Window { kernel, stride, padding, .. } = window;
    let config = Conv2dConfig::new(channels, [kernel; 2])
        .with_stride([stride; 2])
        .with_padding(PaddingConfig2d::Explicit(padding, padding, padding, padding))
        .with_bias(bias)
        .with_initializer(Initializer::Zeros);
    let mut layer = config.init(device);
    layer.weight = weights(rng, [outputs, inputs, kernel, kernel], 0.0, device);
    layer.bias = zeros(bias, outputs, device);
    layer
}

/// A transposed convolution; its weight is `[inputs, outputs, kernel, kernel]`.
pub(super) fn conv_transpose(
    rng: &mut Rng,
    channels: [usize; 2],
    window: Window,
    bias: bool,
    device: &Device,
) -> ConvTranspose2d {
    let [inputs, outputs] = channels;
    let Window { kernel, stride, padding, output_padding } = window;
    let config = ConvTranspose2dConfig::new(channels, [kernel; 2])
        .with_stride([stride; 2])
        .with_padding([padding; 2])
        .with_padding_out([output_padding; 2])
        .with_bias(bias)
        .with_initializer(Initializer::Zeros);
    let mut layer = config.init(device);
    layer.weight = weights(rng, [inputs, outputs, kernel, kernel], 0.0, device);
    layer.bias = zeros(bias, outputs, device);
    layer
}

/// A batch norm of `channels` channels.
pub(super) fn batch_norm(rng: &mut Rng, channels: usize, device: &Device) -> BatchNorm {
    let mut layer = BatchNormConfig::new(channels).init(device);
    layer.gamma = weights(rng, [channels], 1.0, device);
    layer
}

/// x where x > 0, else `slope`·x, for slopes below 1.
fn leaky_relu(x: Tensor<4>, slope: f32) -> Tensor<4> {
    // Cheaper than Burn's, whose gradient goes through a mask.
    activation::relu(x.clone()) * (1.0 - slope) + x * slope
}

/// An elementwise function.
pub(super) fn activate(x: Tensor<4>, function: Activation) -> Tensor<4> {
    match function {
        Activation::Relu => activation::relu(x),
        Activation::LeakyRelu { slope } => leaky_relu(x, slope),
        // min(x, 0) = −relu(−x)
        Activation::Elu => activation::relu(x.clone()) + (-activation::relu(-x)).exp() - 1.0,
        Activation::Tanh => x.tanh(),
        Activation::Sigmoid => activation::sigmoid(x),
    }
}

/// The rows of a fixed table, `[batch, …]` of `shape`, by one-hot choices.
pub(super) fn row_of(choice: Tensor<4>, rows: &[f32], shape: Shape) -> Tensor<4> {
    let [batch, _, _, choices] = choice.dims();
    let table = TensorData::new(rows.to_vec(), [choices, shape.size()]);
    let chosen: Tensor<2> = choice.clone().flatten(1, 3);
    let rows = chosen.matmul(Tensor::from_data(table, &choice.device()));
    rows.reshape([batch, shape.height, shape.width, shape.channels])
}

/// Puts other numbers in place of a layer's weight, row after row.
pub(super) fn set_weight(layer: &mut Linear, values: Vec<f32>) {
    let weight =
        std::mem::replace(&mut layer.weight, Param::from_tensor(Tensor::empty([1, 1], &Device::flex())));
    let shape = weight.dims();
    layer.weight = weight.map(|old| {
        let new = Tensor::from_data(TensorData::new(values, shape), &old.device());
        if old.is_require_grad() { new.require_grad() } else { new }
    });
}

/// Every pixel of `[batch, height, width, channels]` as `factor` × `factor` equal ones.
pub fn upsample(x: Tensor<4>, factor: usize) -> Tensor<4> {
    let [batch, height, width, channels] = x.dims();
    let x: Tensor<5> = x.reshape([batch * height, 1, width, 1, channels]);
    let x = x.expand([batch * height, factor, width, factor, channels]);
    x.reshape([batch, height * factor, width * factor, channels])
}

/// Batch norm of `[batch, height, width, channels]`.
pub(super) fn normalize(norm: &BatchNorm, x: Tensor<4>) -> Tensor<4> {
    let [batch, height, width, channels] = x.dims();
    let rows: Tensor<2> = x.reshape([batch * height * width, channels]);
    norm.forward(rows).reshape([batch, height, width, channels])
}

/// A bias of `outputs` numbers, if there is to be one. Burn's own comes into being at its first use, and if that is by a clone which
/// is not to learn, the original does not learn it either.
fn zeros(bias: bool, outputs: usize, device: &Device) -> Option<Param<Tensor<1>>> {
    bias.then(|| Param::from_data(TensorData::new(vec![0f32; outputs], [outputs]), device))
}

/// First weights of standard deviation [`DEVIATION`] around `mean`.
pub(super) fn weights<const D: usize>(
    rng: &mut Rng,
    shape: [usize; D],
    mean: f32,
    device: &Device,
) -> Param<Tensor<D>> {
    drawn(rng, shape, (mean, DEVIATION), device)
}

fn drawn<const D: usize>(
    rng: &mut Rng,
    shape: [usize; D],
    (mean, deviation): (f32, f32),
    device: &Device,
) -> Param<Tensor<D>> {
    let values = random::normals(rng, shape.iter().product(), mean, deviation);
    Param::from_data(TensorData::new(values, shape), device)
}
