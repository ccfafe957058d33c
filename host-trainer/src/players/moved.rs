//! Real pictures moved a little: what is seen in them stays the same, and how far they lean and how bold they are changes by
//! as much as was drawn.

use crate::random::{Rng, uniforms};
use burn::tensor::{Tensor, TensorData};

/// How far a picture is moved at most.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Reach {
    /// Turned, in radians.
    pub turn: f32,
    /// Slanted: rows shifted by so many pixels per row.
    pub slant: f32,
    /// Stretched along each side, as a share.
    pub stretch: f32,
    /// Shifted along each side, as a share of the side.
    pub shift: f32,
    /// Made bolder or thinner: the share of a dilated or an eroded picture in it, from 0 to 1.
    pub bold: f32,
}

/// How a picture differs from what it was.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Change {
    /// It leans so much more to the right, in pixels per row upwards.
    pub lean: f32,
    /// The share of a dilated picture in it, or less than 0 that of an eroded one.
    pub bold: f32,
}

/// `pictures`, `[batch, height, width, channels]` in \[−1, 1\], each made bolder or thinner, turned, slanted, stretched and
/// shifted by as much as `rng` says, within `reach`; bilinear, black (−1) where nothing was. A constant to autodiff. With them what
/// changed in each.
pub fn moved(pictures: &Tensor<4>, reach: Reach, rng: &mut Rng) -> (Tensor<4>, Vec<Change>) {
    let [batch, height, width, channels] = pictures.dims();
    let size = (height, width, channels);
    let values = super::numbers(pictures.clone());
    let (mut made, mut changes) = (Vec::with_capacity(values.len()), Vec::with_capacity(batch));
    for picture in values.chunks_exact(height * width * channels) {
        let draw = uniforms(rng, 7);
        let [turn, slant, tall, wide, down, right, bold] = draw[..] else { unreachable!("seven were drawn") };
        let (turn, slant, bold) = (turn * reach.turn, slant * reach.slant, bold * reach.bold);
        let scale = (1.0 + tall * reach.stretch, 1.0 + wide * reach.stretch);
        let shift = (down * reach.shift * height as f32, right * reach.shift * width as f32);
        made.extend(placed(&emboldened(picture, size, bold), size, (turn, slant), (scale, shift)));
        changes.push(Change { lean: slant + turn.tan(), bold });
    }
    (Tensor::from_data(TensorData::new(made, [batch, height, width, channels]), &pictures.device()), changes)
}

/// The value of `picture` in a row and a column, black outside.
fn at(
    picture: &[f32],
    (height, width, channels): (usize, usize, usize),
    y: isize,
    x: isize,
    channel: usize,
) -> f32 {
    let inside = (0..height as isize).contains(&y) && (0..width as isize).contains(&x);
    if inside { picture[(y as usize * width + x as usize) * channels + channel] } else { -1.0 }
}

/// All rows and columns.
fn places((height, width, _): (usize, usize, usize)) -> impl Iterator<Item = (usize, usize)> {
    (0..height).flat_map(move |row| (0..width).map(move |column| (row, column)))
}

/// `picture` with the share `bold` of its largest value among each pixel and the four next to it, or below 0 of the smallest.
fn emboldened(picture: &[f32], size: (usize, usize, usize), bold: f32) -> Vec<f32> {
    if bold == 0.0 {
        return picture.to_vec();
    }
    let mut made = Vec::with_capacity(picture.len());
    for (row, column) in places(size) {
        for channel in 0..size.2 {
            let near = [(0, 0), (-1, 0), (1, 0), (0, -1), (0, 1)];
            let near = near.map(|(y, x)| at(picture, size, row as isize + y, column as isize + x, channel));
            let end = if bold > 0.0 {
                near.into_iter().fold(-1.0, f32::max)
            } else {
                near.into_iter().fold(1.0, f32::min)
            };
            made.push(near[0] + bold.abs() * (end - near[0]));
        }
    }
    made
}

/// `picture` turned and slanted, stretched and shifted, about its middle.
fn placed(
    picture: &[f32],
    size: (usize, usize, usize),
    (turn, slant): (f32, f32),
    ((tall, wide), (down, right)): ((f32, f32), (f32, f32)),
) -> Vec<f32> {
    let (sine, cosine) = turn.sin_cos();
    let center = ((size.0 - 1) as f32 / 2.0, (size.1 - 1) as f32 / 2.0);
    let mut made = Vec::with_capacity(picture.len());
    for (row, column) in places(size) {
        // Where this pixel comes from.
        let (y, x) = (row as f32 - center.0 - down, column as f32 - center.1 - right);
        let (y, x) = ((cosine * y - sine * x) * tall, (sine * y + cosine * x) * wide);
        let (y, x) = (y + center.0, x + slant * y + center.1);
        let (top, left) = (y.floor(), x.floor());
        let (below, beside) = (y - top, x - left);
        let (top, left) = (top as isize, left as isize);
        for channel in 0..size.2 {
            let value = |y, x| at(picture, size, y, x, channel);
            let upper = value(top, left) * (1.0 - beside) + value(top, left + 1) * beside;
            let lower = value(top + 1, left) * (1.0 - beside) + value(top + 1, left + 1) * beside;
            made.push(upper * (1.0 - below) + lower * below);
        }
    }
    made
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::judge::strokes::slant;
    use crate::random::{Stream, stream};
    use burn::tensor::Device;

    const NOTHING: Reach = Reach { turn: 0.0, slant: 0.0, stretch: 0.0, shift: 0.0, bold: 0.0 };
    const SIDE: usize = 28;

    /// An upright white bar, three pixels wide.
    fn bar() -> Tensor<4> {
        let mut values = vec![-1f32; SIDE * SIDE];
        for (row, column) in (8..20).flat_map(|row| (13..16).map(move |column| (row, column))) {
            values[row * SIDE + column] = 1.0;
        }
        Tensor::from_data(TensorData::new(values, [1, SIDE, SIDE, 1]), &Device::flex())
    }

    fn values(pictures: &Tensor<4>) -> Vec<f32> {
        pictures.clone().into_data().try_to_vec().unwrap()
    }

    fn bytes(picture: &[f32]) -> Vec<u8> {
        picture.iter().map(|value| ((value + 1.0) * 127.5) as u8).collect()
    }

    fn ink(picture: &[f32]) -> f32 {
        picture.iter().map(|value| (value + 1.0) / 2.0).sum()
    }

    #[test]
    fn nothing_moves_without_reach() {
        let (made, changes) = moved(&bar(), NOTHING, &mut stream(1, Stream::Noise));
        assert_eq!(values(&made), values(&bar()));
        assert_eq!(changes, [Change { lean: 0.0, bold: 0.0 }]);
    }

    #[test]
    fn each_picture_is_moved_by_its_own_draw_and_leans_as_it_says() {
        let pictures = Tensor::cat(vec![bar(); 8], 0);
        for reach in [Reach { slant: 0.5, ..NOTHING }, Reach { turn: 0.4, ..NOTHING }] {
            let (made, changes) = moved(&pictures, reach, &mut stream(1, Stream::Noise));
            let made = values(&made);
            let leans: Vec<f32> = changes.iter().map(|change| change.lean).collect();
            assert!(
                leans.iter().any(|&lean| lean > 0.1) && leans.iter().any(|&lean| lean < -0.1),
                "{leans:?}"
            );
            for (picture, lean) in made.chunks(SIDE * SIDE).zip(leans) {
                let found = slant(&bytes(picture), SIDE);
                assert!((found - f64::from(lean)).abs() < 0.06, "leans {found}, said to {lean}");
                assert!((ink(picture) - 36.0).abs() < 3.0, "{}", ink(picture));
            }
        }
        let again = |seed| {
            values(&moved(&pictures, Reach { slant: 0.5, ..NOTHING }, &mut stream(seed, Stream::Noise)).0)
        };
        assert_eq!(again(1), again(1), "the same draw, the same pictures");
        assert_ne!(again(1), again(2));
    }

    #[test]
    fn bolder_pictures_have_more_ink_and_thinner_ones_less() {
        let pictures = Tensor::cat(vec![bar(); 8], 0);
        let reach = Reach { bold: 1.0, ..NOTHING };
        let (made, changes) = moved(&pictures, reach, &mut stream(3, Stream::Noise));
        for (picture, change) in values(&made).chunks(SIDE * SIDE).zip(changes) {
            // A bar of 3 × 12 gains 2 · 3 + 2 · 12 at its edges, and loses 36 − 1 · 10.
            let expected = 36.0 + if change.bold > 0.0 { 30.0 * change.bold } else { 26.0 * change.bold };
            assert!((ink(picture) - expected).abs() < 0.01, "{} of {expected}", ink(picture));
        }
    }
}
