//! Pictures that a net draws pixel by pixel, and what it would draw next along pictures that are there.

use super::Net;
use crate::graph::{NodeId, Pass, Shape, Tap};
use crate::players::batches::one_hot;
use crate::players::numbers;
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
        let means: Vec<Vec<f32>> = (0..=usize::from(reach.unsigned_abs())).map(|reach| means(&plane, across, reach)).collect();
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
    pub fn given_along(&self, pass: &Pass, pictures: &[f32], device: &burn::tensor::Device) -> Vec<(NodeId, Tensor<4>)> {
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
    pub(super) fn nodes_along(&self, pass: &Pass, pictures: &Tensor<4>, inputs: &[Tensor<4>]) -> Vec<Tensor<4>> {
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
                    .flat_map(|picture| taps.iter().map(move |tap| mean_at(picture, (height, width), (row, column), tap)))
                    .collect();
                given.push((node, Tensor::from_data(TensorData::new(values, [count, 1, 1, taps.len()]), &device)));
            }
            for (nodes, at, side) in [(&pass.rows, row, height), (&pass.columns, column, width)] {
                given.extend(nodes.iter().map(|&node| (node, one_hot(&vec![at as u8; count], side, &device))));
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

fn mean_at(picture: &[f32], (height, width): (usize, usize), (row, column): (usize, usize), tap: &Tap) -> f32 {
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
