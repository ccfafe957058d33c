//! Pictures that a net draws pixel by pixel, and what it would draw next along pictures that are there.

use super::{Net, numbers, one_hot};
use crate::graph::{NodeId, Pass, Shape, Tap};
use burn::tensor::{Tensor, TensorData};
use rayon::prelude::*;

/// Steps of each of the two numbers that decide a pixel, which are −127 to 127.
const STEPS: u64 = 255;

/// The number of the level nearest to each value.
pub fn levels_of(values: &[f32], levels: &[f32]) -> Vec<u8> {
    let nearest = |value: &f32| {
        let distances = levels.iter().map(|level| (level - value).abs());
        let nearest = distances.enumerate().min_by(|a, b| a.1.total_cmp(&b.1));
        nearest.map_or(0, |(number, _)| number as u8)
    };
    values.iter().map(nearest).collect()
}

/// Per picture and pixel, `[pictures][height][width][taps]`, the mean over each tap's square; 0 outside of the picture.
pub fn windows(pictures: &[f32], (height, width): (usize, usize), taps: &[Tap]) -> Vec<f32> {
    let reach = taps.iter().map(|[_, _, reach]| *reach).max().unwrap_or(0);
    let margin = taps.iter().flat_map(|[down, right, reach]| [down.abs() + reach, right.abs() + reach]);
    let margin = usize::from(margin.max().unwrap_or(0).unsigned_abs());
    let across = width + 2 * margin;
    let of_picture = |picture: &[f32]| {
        let mut plane = vec![0f32; (height + 2 * margin) * across];
        for (row, values) in picture.chunks_exact(width).enumerate() {
            plane[(row + margin) * across + margin..][..width].copy_from_slice(values);
        }
        // The means of all squares of a size at once.
        let means: Vec<Vec<f32>> =
            (0..=usize::from(reach.unsigned_abs())).map(|reach| means(&plane, across, reach)).collect();
        let offset = |[down, right, reach]: &Tap| {
            let at = isize::from(*down) * across as isize + isize::from(*right);
            (at, &means[usize::from(reach.unsigned_abs())])
        };
        let offsets: Vec<_> = taps.iter().map(offset).collect();
        let mut found = Vec::with_capacity(height * width * taps.len());
        for pixel in 0..height * width {
            let at = ((pixel / width + margin) * across + pixel % width + margin) as isize;
            found.extend(offsets.iter().map(|(offset, means)| means[(at + offset) as usize]));
        }
        found
    };
    pictures.par_chunks_exact(height * width).flat_map_iter(of_picture).collect()
}

/// The mean over the square of `2 · reach + 1` around each place of a plane, where it is inside.
fn means(plane: &[f32], across: usize, reach: usize) -> Vec<f32> {
    let side = 2 * reach + 1;
    let mut means = plane.to_vec();
    for row in reach..plane.len() / across - reach {
        for column in reach..across - reach {
            let rows = (row - reach..=row + reach).map(|row| &plane[row * across + column - reach..][..side]);
            means[row * across + column] = rows.flatten().sum::<f32>() / (side * side) as f32;
        }
    }
    means
}

impl Net {
    /// What the nodes that a pass gives are at every pixel of `pictures`, `[pictures][height][width]`.
    pub fn given_along(
        &self,
        pass: &Pass,
        pictures: &[f32],
        device: &burn::tensor::Device,
    ) -> Vec<(NodeId, Tensor<4>)> {
        let Shape { height, width, .. } = self.graph().nodes[pass.draw].shape;
        let rows = pictures.len();
        let mut given = Vec::new();
        for &(node, taps) in &pass.windows {
            let values = windows(pictures, (height, width), taps);
            given.push((node, Tensor::from_data(TensorData::new(values, [rows, 1, 1, taps.len()]), device)));
        }
        let place = |of: &dyn Fn(usize) -> usize| (0..rows).map(|pixel| of(pixel) as u8).collect::<Vec<u8>>();
        for &node in &pass.rows {
            given.push((node, one_hot(&place(&|pixel| pixel / width % height), height, device)));
        }
        for &node in &pass.columns {
            given.push((node, one_hot(&place(&|pixel| pixel % width), width, device)));
        }
        given
    }

    /// The logits, `[pictures · height · width, levels]`, of each pixel of `pictures` by those before it; `inputs` as in
    /// [`Net::forward_all`], for as many pictures.
    pub fn logits_along(&self, pass: &Pass, pictures: &[f32], inputs: &[Tensor<4>]) -> Tensor<2> {
        let pixels = self.graph().nodes[pass.draw].shape.size();
        let given = self.given_along(pass, pictures, &inputs[0].device());
        self.values(&[pass.logits], &repeated(inputs, pixels), &given).swap_remove(0).flatten(1, 3)
    }

    /// All nodes' outputs along `pictures`, which are the draw's.
    pub(super) fn nodes_along(
        &self,
        pass: &Pass,
        pictures: &Tensor<4>,
        inputs: &[Tensor<4>],
    ) -> Vec<Tensor<4>> {
        let pixels = self.graph().nodes[pass.draw].shape.size();
        let mut given = self.given_along(pass, &numbers(pictures.clone()), &pictures.device());
        given.push((pass.draw, pictures.clone()));
        self.nodes_given(&repeated(inputs, pixels), &given)
    }

    /// The pictures that these inputs draw.
    pub(super) fn drawn(&self, pass: &Pass, inputs: &[Tensor<4>]) -> Tensor<4> {
        let graph = self.graph();
        let Shape { height, width, .. } = graph.nodes[pass.draw].shape;
        let place = graph.inputs().position(|(node, _)| node == pass.randomness);
        let randomness = numbers(inputs[place.expect("a draw reads an input")].clone());
        let (count, device) = (inputs[0].dims()[0], inputs[0].device());
        let inputs = repeated(inputs, 1);
        let net = if self.spectral { &self.normalized() } else { self };
        let mut pictures = vec![0f32; count * height * width];
        let chunk = |pixel: usize| [pixel / width, pixel % width];
        for pixel in 0..height * width {
            let [row, column] = chunk(pixel);
            let mut given = Vec::new();
            for &(node, taps) in &pass.windows {
                let values: Vec<f32> = pictures
                    .chunks_exact(height * width)
                    .flat_map(|picture| {
                        taps.iter().map(move |tap| mean_at(picture, (height, width), (row, column), tap))
                    })
                    .collect();
                given.push((
                    node,
                    Tensor::from_data(TensorData::new(values, [count, 1, 1, taps.len()]), &device),
                ));
            }
            for (nodes, at, side) in [(&pass.rows, row, height), (&pass.columns, column, width)] {
                given
                    .extend(nodes.iter().map(|&node| (node, one_hot(&vec![at as u8; count], side, &device))));
            }
            let logits = numbers(net.values(&[pass.logits], &inputs, &given).swap_remove(0));
            for (number, logits) in logits.chunks_exact(pass.levels.len()).enumerate() {
                let decides = &randomness[2 * (number * height * width + pixel)..][..2];
                pictures[number * height * width + pixel] = pass.levels[level(logits, decides)];
            }
        }
        Tensor::from_data(TensorData::new(pictures, [count, height, width, 1]), &device)
    }
}

/// The level that two uniform numbers choose, as [`gan_core::ops::adaptive::draw`] does it in integers.
fn level(logits: &[f32], decides: &[f32]) -> usize {
    let steps = |value: f32| ((f64::from(value) * 127.0).round() as i64 + 127) as u64;
    let u = (STEPS * steps(decides[0]) + steps(decides[1])) as f64 / (STEPS * STEPS) as f64;
    let most = logits.iter().copied().fold(f32::MIN, f32::max);
    let weights: Vec<f64> = logits.iter().map(|logit| f64::from(logit - most).exp()).collect();
    let threshold = u * weights.iter().sum::<f64>();
    let mut sum = 0.0;
    let reached = |weight: &f64| {
        sum += weight;
        sum > threshold
    };
    weights.iter().position(reached).unwrap_or(weights.len() - 1)
}

fn mean_at(
    picture: &[f32],
    (height, width): (usize, usize),
    (row, column): (usize, usize),
    tap: &Tap,
) -> f32 {
    let [down, right, reach] = tap.map(isize::from);
    let (middle, centre) = (row as isize + down, column as isize + right);
    let rows = (middle - reach).max(0)..(middle + reach + 1).min(height as isize);
    let columns = (centre - reach).max(0)..(centre + reach + 1).min(width as isize);
    let sum: f32 = rows
        .flat_map(|row| columns.clone().map(move |column| picture[row as usize * width + column as usize]))
        .sum();
    sum / ((2 * reach + 1) * (2 * reach + 1)) as f32
}

/// Inputs of vectors so many times in a row each, as many pixels read them; a plane, which only the draw reads, is none of them.
fn repeated(inputs: &[Tensor<4>], times: usize) -> Vec<Tensor<4>> {
    let repeat = |input: &Tensor<4>| {
        let [count, height, width, channels] = input.dims();
        if height * width > 1 {
            return Tensor::zeros([count * times, 1, 1, 1], &input.device());
        }
        let rows: Tensor<3> = input.clone().reshape([count, 1, channels]);
        rows.expand([count, times, channels]).reshape([count * times, 1, 1, channels])
    };
    inputs.iter().map(repeat).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::graph::{Activation, Axis, Graph, GraphBuilder};
    use crate::lower::{self, Calibration, FloatRuns, Labels};
    use crate::pictures;
    use crate::random::{Stream, normals, stream};
    use burn::tensor::Device;
    use gan_core::{AlignedBytes, Model};
    use proptest::prelude::*;

    static TAPS: [Tap; 6] = [[-1, 0, 0], [0, -1, 0], [-1, 2, 0], [-3, 1, 1], [-3, -4, 2], [-1, -3, 0]];
    static LEVELS: [f32; 3] = [0.0, 0.5, 1.0];

    /// A graph that draws 6 × 7 pixels and reads all that a pass has.
    fn graph() -> Graph {
        let mut g = GraphBuilder::new("small");
        let class = g.choice("class", 3);
        let randomness = g.randomness("randomness", 6, 7);
        let window = g.window("window", &TAPS);
        let (row, column) = (g.position("row", Axis::Row, 6), g.position("column", Axis::Column, 7));
        let told = g.concat("told", &[window, class]);
        let seen = g.dense_around("see", told, Shape::vector(8), 0.0);
        let (row, column) = (
            g.embedding("of row", row, Shape::vector(8)),
            g.embedding("of column", column, Shape::vector(8)),
        );
        let x = g.add("place", &[seen, row, column]);
        let x = g.activation(x, Activation::Relu);
        let logits = g.dense_around("logits", x, Shape::vector(3), 0.0);
        let picture = g.draw("picture", logits, randomness, &LEVELS);
        g.finish(picture)
    }

    fn net(seed: u64) -> Net {
        Net::new(&graph(), &mut stream(seed, Stream::Weights), &Device::flex())
    }

    proptest! {
        #[test]
        fn windows_are_means_of_what_is_drawn_already(
            (height, width) in (1usize..=9, 1usize..=9), seed: u64,
            taps in prop::collection::vec((-9i8..=0, -9i8..=9, 0i8..=3), 1..=6),
        ) {
            let taps: Vec<Tap> = taps.into_iter().map(|(down, right, reach)| [down, right, reach]).collect();
            let pictures = normals(&mut stream(seed, Stream::Noise), 2 * height * width, 0.0, 1.0);
            let found = windows(&pictures, (height, width), &taps);
            for (number, found) in found.chunks_exact(taps.len()).enumerate() {
                let (picture, pixel) = (number / (height * width), number % (height * width));
                let picture = &pictures[picture * height * width..][..height * width];
                for (tap, found) in taps.iter().zip(found) {
                    let expected = mean_at(picture, (height, width), (pixel / width, pixel % width), tap);
                    prop_assert!((found - expected).abs() < 1e-5, "{found}, expected {expected}");
                }
            }
        }
    }

    /// The float that decides a pixel and the integers' are one number: each level is as likely in both.
    #[test]
    fn levels_are_drawn_as_often_as_they_are_likely() {
        let logits = [0.3f32, -1.0, 1.2];
        let mut counts = [0u32; 3];
        for high in -127..=127 {
            for low in -127..=127 {
                counts[level(&logits, &[high as f32 / 127.0, low as f32 / 127.0])] += 1;
            }
        }
        let total: f64 = logits.iter().map(|&logit| f64::from(logit).exp()).sum();
        for (count, logit) in counts.iter().zip(logits) {
            let expected = f64::from(logit).exp() / total * 65_025.0;
            assert!((f64::from(*count) - expected).abs() <= 1.0, "{counts:?}");
        }
    }

    /// What a picture was drawn by is what the net says along it: drawing again by that gives the picture.
    #[test]
    fn a_drawn_picture_is_what_the_logits_along_it_draw() {
        let (net, device) = (net(3), Device::flex());
        let pass = net.graph().pass().unwrap();
        let latents = pictures::Draws::of(5).latents(4, &net.graph().into());
        let inputs = pictures::tensors(net.graph(), &latents, &[], &device);
        let drawn = numbers(net.forward(&inputs));
        assert!(LEVELS.iter().all(|level| drawn.contains(level)));
        let logits = numbers(net.logits_along(&pass, &drawn, &inputs));
        let randomness = numbers(inputs[1].clone());
        for ((pixel, logits), decides) in drawn.iter().zip(logits.chunks(3)).zip(randomness.chunks(2)) {
            assert_eq!(*pixel, LEVELS[level(logits, decides)]);
        }
        // All of it hangs on what comes before: other pixels at the end change nothing in front of them.
        let mut other = drawn.clone();
        other[41] = 0.5 - other[41] / 2.0;
        let along = numbers(net.logits_along(&pass, &other, &inputs));
        assert_eq!(logits[..42 * 3], along[..42 * 3]);
        other[0] = 1.0 - other[0] / 2.0;
        let along = numbers(net.logits_along(&pass, &other, &inputs));
        assert_eq!(logits[..3], along[..3]);
        assert_ne!(logits[3..6], along[3..6]);
    }

    #[test]
    fn a_pass_is_lowered_and_draws_as_the_floats_do() {
        let (net, device) = (net(4), Device::flex());
        let none = pictures::Originals::default();
        let run = |seed| {
            let latents = pictures::Draws::of(seed).latents(60, &net.graph().into());
            pictures::float_run(&net, (&none, 0), latents, &device)
        };
        let runs = FloatRuns { calibration: run(1), selection: run(2), held_out: run(3) };
        let labels = Labels { model: "small", classes: &[] };
        let lowered = lower::lower(labels, net.graph(), &net.parameters(), Calibration::Auto, &runs).unwrap();
        let same = lowered.report.layers.last().unwrap().same_draws.unwrap();
        assert!(same > 0.98, "{same}");
        let bytes = AlignedBytes::new(&lowered.file);
        let model = Model::parse(&bytes).unwrap();
        // 5 taps of one pixel and so on: all that is computed, 42 times.
        assert_eq!(lowered.report.macs() % 42, 0);
        assert_eq!((model.choices().count(), model.uniform_length(), model.noise_planes()), (1, 0, 1));
        // The first pixel has no past: float and int8 draw it alike but where they are undecided.
        let (float, int8) = (pictures::floats(&net, 9, 100, &device), pictures::int8(&model, 9, 100));
        let alike = (0..100).filter(|number| float.greys[number * 42] == int8.greys[number * 42]).count();
        assert!(alike >= 97, "{alike}");
    }
}
