//! Convolutions, transposed or not, with channels last: a gathering of pixels and a matrix product.
//!
//! Tensors are `[batch, height, width, channels]`, as in the engine. A convolution gathers the pixels
//! under each window into one row and multiplies the rows by the weights. A transposed convolution of
//! stride s does the same at stride 1 for blocks of s×s output pixels at once, which ⌈k/s⌉² input
//! pixels reach, and then puts the pixels of the blocks in their places; or, to few channels, it
//! multiplies first and scatters the products. The gradients are scatterings, gatherings and products of
//! the same kind. On CPU backends this takes a fraction of the time of Burn's own
//! convolutions; the results are the same but for rounding.

use crate::graph::Window;
use burn::tensor::ops::PadMode;
use burn::tensor::{Device, IndexingUpdateOp, Int, Tensor, TensorData};
use std::sync::{Mutex, PoisonError};

/// Convolution of `input` with `weight` `[outputs, inputs, kernel, kernel]`, and a bias an output.
pub(super) fn conv(
    input: Tensor<4>,
    weight: Tensor<4>,
    bias: Option<Tensor<1>>,
    window: Window,
) -> Tensor<4> {
    let [outputs, inputs, kernel, _] = weight.dims();
    let side = |side| window.conv_side(side).expect("the graph's shapes were checked");
    let size = [side(input.dims()[1]), side(input.dims()[2])];
    let patches = gather(input, Pattern::Windows(Window { output_padding: 0, ..window }), size);
    // [o, i, row, column] → [row, column, i, o]: rows in the order of the patches' columns
    let weight = weight.permute([2, 3, 1, 0]).reshape([kernel * kernel * inputs, outputs]);
    add_bias(product(patches, weight), bias)
}

/// Transposed convolution of `input` with `weight` `[inputs, outputs, kernel, kernel]`, and a bias
/// an output: the gradient of [`conv`] with respect to its input.
pub(super) fn conv_transpose(
    input: Tensor<4>,
    weight: Tensor<4>,
    bias: Option<Tensor<1>>,
    window: Window,
) -> Tensor<4> {
    let [inputs, outputs, kernel, _] = weight.dims();
    let Window { stride, .. } = window;
    let [batch, height, width, _] = input.dims();
    let side = |side| window.conv_transpose_side(side).expect("the graph's shapes were checked");
    let size = [side(height), side(width)];
    let taps = kernel.div_ceil(stride);
    if kernel * kernel * outputs < taps * taps * inputs {
        // An input pixel's products for all that it reaches are less than the pixels that reach a block.
        let weight = weight.permute([0, 2, 3, 1]).reshape([inputs, kernel * kernel * outputs]);
        let windows = Pattern::Windows(Window { output_padding: 0, ..window });
        return add_bias(scatter(product(input, weight), windows, size), bias);
    }
    let blocks = [height + taps - 1, width + taps - 1];
    let patches = gather(input, Pattern::Windows(Window::new(taps, 1, taps - 1)), blocks);

    // [i, o, taps·s, taps·s] → [tap, tap, i, s, s, o], the taps in reverse: a block's first input
    // pixel is the one that reaches it with its last tap
    let missing = taps * stride - kernel;
    let weight = match missing {
        0 => weight,
        _ => weight.pad([(0, missing), (0, missing)], PadMode::Constant(0.0)),
    };
    let weight = weight
        .reshape([inputs, outputs, taps, stride, taps, stride])
        .permute([2, 4, 0, 3, 5, 1])
        .flip([0, 1])
        .reshape([taps * taps * inputs, stride * stride * outputs]);

    let blocks = product(patches, weight);
    add_bias(gather(blocks, Pattern::Blocks(window), size).reshape([batch, size[0], size[1], outputs]), bias)
}

/// The kernel `[inputs, outputs, taps, taps]` of [`Window::upsampled`] for a convolution's `[outputs, inputs, kernel,
/// kernel]`: the flipped kernel at each of `factor` × `factor` places, summed.
pub(super) fn upsampled(weight: Tensor<4>, factor: usize) -> Tensor<4> {
    let flipped = weight.swap_dims(0, 1).flip([2, 3]);
    let places = (0..factor * factor).map(|place| [place / factor, place % factor]);
    let at = |[row, column]: [usize; 2]| {
        let around = |before: usize| (before, factor - 1 - before);
        flipped.clone().pad([around(row), around(column)], PadMode::Constant(0.0))
    };
    places.map(at).reduce(|sum, kernel| sum + kernel).expect("a factor is at least 1")
}

/// Which pixels an output pixel takes together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Pattern {
    /// The pixels under a convolution's window, row by row.
    Windows(Window),
    /// The one pixel that a transposed convolution with this window puts there, its input's pixels
    /// being blocks of stride × stride pixels.
    Blocks(Window),
}

impl Pattern {
    /// Calls `take` with the place `[row, column]` of each pixel that output pixel `[y, x]` takes,
    /// `None` where that is outside of the `size` of the input.
    fn each(self, [y, x]: [usize; 2], size: [usize; 2], mut take: impl FnMut(Option<[usize; 2]>)) {
        match self {
            Pattern::Windows(Window { kernel, stride, padding, .. }) => {
                for row in 0..kernel {
                    for column in 0..kernel {
                        let place = (y * stride + row).checked_sub(padding);
                        let place = place.zip((x * stride + column).checked_sub(padding));
                        let inside = place.filter(|&(row, column)| row < size[0] && column < size[1]);
                        take(inside.map(|(row, column)| [row, column]));
                    }
                }
            }
            Pattern::Blocks(Window { padding, .. }) => {
                let place = [y + padding, x + padding];
                take((place[0] < size[0] && place[1] < size[1]).then_some(place));
            }
        }
    }

    /// Pixels an output pixel takes.
    fn taps(self) -> usize {
        match self {
            Pattern::Windows(window) => window.kernel * window.kernel,
            Pattern::Blocks(_) => 1,
        }
    }

    /// Side of the blocks that the input's pixels are.
    fn block(self) -> usize {
        match self {
            Pattern::Windows(_) => 1,
            Pattern::Blocks(window) => window.stride,
        }
    }
}

/// `[batch, height, width, block²·channels]` → `[batch, out height, out width, taps·channels]`.
fn gather(x: Tensor<4>, pattern: Pattern, out: [usize; 2]) -> Tensor<4> {
    let [batch, height, width, channels] = x.dims();
    let block = pattern.block();
    let channels = channels / (block * block);
    let pixels = batch * height * width * block * block;
    let device = x.device();
    let autodiff = device.is_autodiff();
    let indices = indices(Key { pattern, input: [batch, height, width], out, device, autodiff });
    let mut pixels = x.reshape([pixels, channels]);
    if indices.some_outside {
        // They read a pixel of zeros at the end.
        let zeros = Tensor::zeros([1, channels], &pixels.device());
        pixels = Tensor::cat(vec![pixels, zeros], 0);
    }
    pixels.select(0, indices.values).reshape([batch, out[0], out[1], pattern.taps() * channels])
}

/// The gathering's gradient: `[batch, height, width, taps·channels]` → `[batch, out height, out width,
/// channels]`, each pixel of the output the sum of what `pattern` would take from it.
fn scatter(x: Tensor<4>, pattern: Pattern, out: [usize; 2]) -> Tensor<4> {
    let [batch, height, width, channels] = x.dims();
    let (taps, device) = (pattern.taps(), x.device());
    let channels = channels / taps;
    let autodiff = device.is_autodiff();
    let input = [batch, out[0], out[1]];
    let indices = indices(Key { pattern, input, out: [height, width], device: device.clone(), autodiff });
    let pixels = batch * out[0] * out[1];
    // The last one takes what falls outside.
    let zeros = Tensor::<2>::zeros([pixels + 1, channels], &device);
    let x = x.reshape([batch * height * width * taps, channels]);
    let sums = zeros.select_assign(0, indices.values, x, IndexingUpdateOp::Add);
    sums.narrow(0, 0, pixels).reshape([batch, out[0], out[1], channels])
}

/// What a gathering's indices depend on.
#[derive(Clone, PartialEq)]
struct Key {
    pattern: Pattern,
    input: [usize; 3],
    out: [usize; 2],
    device: Device,
    /// Devices are equal whether they differentiate or not; their tensors do not mix.
    autodiff: bool,
}

/// For each pixel that a gathering takes, its place among the input's pixels.
#[derive(Clone)]
struct Indices {
    values: Tensor<1, Int>,
    /// Some pixels are outside of the input; their place is one behind its last pixel.
    some_outside: bool,
}

/// So many gatherings' indices are kept; a training step of any network here needs fewer.
const KNOWN_INDICES: usize = 64;

/// Indices are the same at every step of a run, and for all of its threads; a network has a handful
/// of gatherings.
static INDICES: Mutex<Vec<(Key, Indices)>> = Mutex::new(Vec::new());

fn indices(key: Key) -> Indices {
    // A thread that panics in here leaves the list as it was.
    let mut known = INDICES.lock().unwrap_or_else(PoisonError::into_inner);
    match known.iter().find(|(other, _)| *other == key) {
        Some((_, indices)) => indices.clone(),
        None => {
            let indices = make_indices(&key);
            if known.len() == KNOWN_INDICES {
                known.remove(0);
            }
            known.push((key, indices.clone()));
            indices
        }
    }
}

fn make_indices(key: &Key) -> Indices {
    let ([batch, height, width], block) = (key.input, key.pattern.block());
    let nowhere = batch * height * width * block * block;
    let mut values = Vec::new();
    for sample in 0..batch {
        for y in 0..key.out[0] {
            for x in 0..key.out[1] {
                key.pattern.each([y, x], [height * block, width * block], |place| {
                    values.push(place.map_or(nowhere, |[row, column]| {
                        let pixel = (sample * height + row / block) * width + column / block;
                        (pixel * block + row % block) * block + column % block
                    }) as i64);
                });
            }
        }
    }
    let (count, some_outside) = (values.len(), values.contains(&(nowhere as i64)));
    Indices { values: Tensor::from_data(TensorData::new(values, [count]), &key.device), some_outside }
}

/// Each pixel's channels times `weight` `[inputs, outputs]`.
fn product(x: Tensor<4>, weight: Tensor<2>) -> Tensor<4> {
    let [batch, height, width, inputs] = x.dims();
    let outputs = weight.dims()[1];
    let y = x.reshape([batch * height * width, inputs]).matmul(weight);
    y.reshape([batch, height, width, outputs])
}

fn add_bias(x: Tensor<4>, bias: Option<Tensor<1>>) -> Tensor<4> {
    match bias {
        Some(bias) => x + bias.unsqueeze(),
        None => x,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::{Stream, normals, stream};
    use burn::tensor::module::{conv_transpose2d, conv2d};
    use burn::tensor::ops::{ConvOptions, ConvTransposeOptions};
    use burn::tensor::{Device, TensorData, Tolerance};
    use proptest::prelude::*;

    fn random<const D: usize>(seed: u64, shape: [usize; D]) -> Tensor<D> {
        let values = normals(&mut stream(seed, Stream::Noise), shape.iter().product(), 0.0, 1.0);
        Tensor::from_data(TensorData::new(values, shape), &Device::flex().autodiff()).require_grad()
    }

    fn windows() -> impl Strategy<Value = Window> {
        (1usize..=5, 1usize..=3).prop_flat_map(|(kernel, stride)| {
            (0..=2.min(kernel - 1), 0..stride).prop_map(move |(padding, output_padding)| Window {
                kernel,
                stride,
                padding,
                output_padding,
            })
        })
    }

    /// Outputs and all gradients of `ours` are those of `burns`.
    fn agree(input: Tensor<4>, weight: Tensor<4>, bias: Tensor<1>, ours: Tensor<4>, burns: Tensor<4>) {
        let ours = ours.permute([0, 3, 1, 2]);
        let tolerance = Tolerance::absolute(1e-4).set_relative(1e-4);
        ours.clone().into_data().assert_approx_eq::<f32>(&burns.clone().into_data(), tolerance);
        let weights_of = random(9, ours.dims()).detach();
        let (ours, burns) =
            ((ours * weights_of.clone()).sum().backward(), (burns * weights_of).sum().backward());
        let same = |a: TensorData, b: TensorData| a.assert_approx_eq::<f32>(&b, tolerance);
        same(input.grad(&ours).unwrap().into_data(), input.grad(&burns).unwrap().into_data());
        same(weight.grad(&ours).unwrap().into_data(), weight.grad(&burns).unwrap().into_data());
        same(bias.grad(&ours).unwrap().into_data(), bias.grad(&burns).unwrap().into_data());
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        #[test]
        fn conv_is_burns(window in windows(), size in (5usize..8, 5usize..8), channels in (1usize..4, 1usize..4)) {
            let (input, bias) = (random(1, [2, channels.0, size.0, size.1]), random(3, [channels.1]));
            let weight = random(2, [channels.1, channels.0, window.kernel, window.kernel]);
            let window = Window { output_padding: 0, ..window };
            let last = input.clone().permute([0, 2, 3, 1]);
            let ours = conv(last, weight.clone(), Some(bias.clone()), window);
            let options = ConvOptions::new([window.stride; 2], [window.padding; 2], [1; 2], 1);
            let burns = conv2d(input.clone(), weight.clone(), Some(bias.clone()), options);
            agree(input, weight, bias, ours, burns);
        }

        #[test]
        fn conv_transpose_is_burns(
            window in windows(), size in (2usize..5, 2usize..5), channels in (1usize..4, 1usize..4),
        ) {
            prop_assume!(window.conv_transpose_side(2).is_some());
            let (input, bias) = (random(1, [2, channels.0, size.0, size.1]), random(3, [channels.1]));
            let weight = random(2, [channels.0, channels.1, window.kernel, window.kernel]);
            let last = input.clone().permute([0, 2, 3, 1]);
            let ours = conv_transpose(last, weight.clone(), Some(bias.clone()), window);
            let Window { stride, padding, output_padding, .. } = window;
            let options =
                ConvTransposeOptions::new([stride; 2], [padding; 2], [output_padding; 2], [1; 2], 1);
            let burns = conv_transpose2d(input.clone(), weight.clone(), Some(bias.clone()), options);
            agree(input, weight, bias, ours, burns);
        }
    }
}
