//! What held-out pictures cost in bits, by a model of an explicit density.

use crate::data::Dataset;
use crate::graph::net::levels_of;
use crate::graph::{Net, Pass, PictureRange};
use crate::objectives::pixels::nats;
use crate::players::batches::one_hot;
use burn::tensor::{Device, Tensor, TensorData};
use serde::{Deserialize, Serialize};
use std::f64::consts::LN_2;

/// Pictures whose pixels are asked for at once.
const BATCH: usize = 50;

/// −log p a dimension of pictures that the model was not trained on, each pixel the level nearest to its grey.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Likelihood {
    /// In bits, by the floats.
    pub bits: f64,
    /// In bits where each pixel is by itself, as likely as it was at its place in the training pictures of its class.
    pub independent_bits: f64,
    /// How many levels a pixel has.
    pub levels: usize,
    /// Of how many pictures.
    pub pictures: usize,
}

/// Of the pictures `held_out` by `generator`, which was trained on `train`; none of a generator without a density.
pub(super) fn likelihood(
    generator: &Net,
    train: &Dataset,
    held_out: &Dataset,
    device: &Device,
) -> Option<Likelihood> {
    let pass = generator.graph().pass()?;
    let range = generator.graph().picture_range();
    let pixels = held_out.height * held_out.width;
    let mut sum = 0.0;
    for (number, labels) in held_out.labels.chunks(BATCH).enumerate() {
        let greys = &held_out.images[number * BATCH * pixels..][..labels.len() * pixels];
        let values: Vec<f32> = greys.iter().map(|&grey| range.of_grey(grey)).collect();
        let shape = [labels.len(), held_out.height, held_out.width, 1];
        let pictures = Tensor::from_data(TensorData::new(values, shape), device);
        let classes = one_hot(labels, generator.graph().classes().unwrap_or(held_out.classes), device);
        let mean = nats(generator, &pass, pictures, &classes).into_scalar::<f32>();
        sum += f64::from(mean) * labels.len() as f64;
    }
    let count = held_out.labels.len();
    Some(Likelihood {
        bits: sum / count as f64 / LN_2,
        independent_bits: independent(&pass, range, train, held_out),
        levels: pass.levels.len(),
        pictures: count,
    })
}

/// Bits a dimension of `held_out` where each pixel has the frequencies of its place and class in `train`, one picture of each level
/// more.
fn independent(pass: &Pass, range: PictureRange, train: &Dataset, held_out: &Dataset) -> f64 {
    let levels = pass.levels.len();
    let pixels = train.height * train.width;
    let of_grey: Vec<f32> = (0..=255).map(|grey| range.of_grey(grey)).collect();
    let level = levels_of(&of_grey, pass.levels);
    let mut counts = vec![1u32; train.classes * pixels * levels];
    let place = |label: u8, pixel: usize, grey: u8| {
        (usize::from(label) * pixels + pixel) * levels + usize::from(level[usize::from(grey)])
    };
    for (picture, &label) in train.images.chunks_exact(pixels).zip(&train.labels) {
        picture.iter().enumerate().for_each(|(pixel, &grey)| counts[place(label, pixel, grey)] += 1);
    }
    let mut bits = 0.0;
    for (picture, &label) in held_out.images.chunks_exact(pixels).zip(&held_out.labels) {
        for (pixel, &grey) in picture.iter().enumerate() {
            let at = place(label, pixel, grey);
            let all: u32 = counts[at / levels * levels..][..levels].iter().sum();
            bits -= (f64::from(counts[at]) / f64::from(all)).log2();
        }
    }
    bits / held_out.images.len() as f64
}

impl std::fmt::Display for Likelihood {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Likelihood { bits, independent_bits, levels, pictures } = *self;
        write!(
            f,
            "−log p of {pictures} held-out pictures in {levels} greys: {bits:.4} bits a dimension ({:.4} nats); of independent pixels, \
             by class: {independent_bits:.4} bits",
            bits * LN_2
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::graph::{GraphBuilder, Shape};
    use crate::random::{Stream, stream};

    static LEVELS: [f32; 2] = [0.0, 1.0];

    /// Pictures of one pixel.
    fn set(greys: &[u8]) -> Dataset {
        let (images, labels) = (greys.to_vec(), vec![0; greys.len()]);
        Dataset { images, labels, height: 1, width: 1, classes: 1, names: vec!["0".into()], second: None }
    }

    #[test]
    fn bits_are_those_of_frequencies_worked_out_by_hand() {
        let mut g = GraphBuilder::new("even");
        let randomness = g.randomness("randomness", 1, 1);
        let constant = g.constant("constant", Shape::vector(1));
        let logits = g.dense("logits", constant, Shape::vector(2), false);
        let picture = g.draw("picture", logits, randomness, &LEVELS);
        let device = Device::flex();
        let net = Net::new(&g.finish(picture), &mut stream(1, Stream::Weights), &device);
        // Three of four are white, and one of each is counted more: 4/6 and 2/6.
        let found = likelihood(&net, &set(&[255, 200, 130, 0]), &set(&[255, 10]), &device).unwrap();
        let expected = -((4.0f64 / 6.0).log2() + (2.0f64 / 6.0).log2()) / 2.0;
        assert!((found.independent_bits - expected).abs() < 1e-12, "{found}, expected {expected}");
        // Logits near 0: a bit.
        assert!((found.bits - 1.0).abs() < 1e-3, "{found}");
        assert_eq!((found.levels, found.pictures), (2, 2));
    }
}
