//! Real pictures moved a little: what is seen in them stays the same.

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
}

/// `pictures`, `[batch, height, width, channels]` in \[−1, 1\], each turned, slanted, stretched and shifted by as much as `rng`
/// says, within `reach`; bilinear, black (−1) where nothing was. A constant to autodiff.
pub fn moved(pictures: &Tensor<4>, reach: Reach, rng: &mut Rng) -> Tensor<4> {
    let [batch, height, width, channels] = pictures.dims();
    let values = super::numbers(pictures.clone());
    let mut made = Vec::with_capacity(values.len());
    for picture in values.chunks_exact(height * width * channels) {
        let [turn, slant, tall, wide, down, right] = uniforms(rng, 6)[..] else {
            unreachable!("six were drawn")
        };
        let (sine, cosine) = (turn * reach.turn).sin_cos();
        let (tall, wide) = (1.0 + tall * reach.stretch, 1.0 + wide * reach.stretch);
        let center = ((height - 1) as f32 / 2.0, (width - 1) as f32 / 2.0);
        let shift = (down * reach.shift * height as f32, right * reach.shift * width as f32);
        let at = |y: isize, x: isize, channel: usize| {
            let inside = (0..height as isize).contains(&y) && (0..width as isize).contains(&x);
            if inside { picture[(y as usize * width + x as usize) * channels + channel] } else { -1.0 }
        };
        for (row, column) in (0..height).flat_map(|row| (0..width).map(move |column| (row, column))) {
            // Where this pixel comes from.
            let (y, x) = (row as f32 - center.0 - shift.0, column as f32 - center.1 - shift.1);
            let (y, x) = ((cosine * y - sine * x) * tall, (sine * y + cosine * x) * wide);
            let (y, x) = (y + center.0, x + slant * reach.slant * y + center.1);
            let (top, left) = (y.floor(), x.floor());
            let (down, right) = (y - top, x - left);
            let (top, left) = (top as isize, left as isize);
            made.extend((0..channels).map(|channel| {
                let upper = at(top, left, channel) * (1.0 - right) + at(top, left + 1, channel) * right;
                let lower =
                    at(top + 1, left, channel) * (1.0 - right) + at(top + 1, left + 1, channel) * right;
                upper * (1.0 - down) + lower * down
            }));
        }
    }
    Tensor::from_data(TensorData::new(made, [batch, height, width, channels]), &pictures.device())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::{Stream, stream};
    use burn::tensor::Device;

    const NOTHING: Reach = Reach { turn: 0.0, slant: 0.0, stretch: 0.0, shift: 0.0 };

    fn bar() -> Tensor<4> {
        // 9×9, a white bar of three pixels in the middle of the middle column.
        let mut values = vec![-1f32; 81];
        [3, 4, 5].into_iter().for_each(|row| values[row * 9 + 4] = 1.0);
        Tensor::from_data(TensorData::new(values, [1, 9, 9, 1]), &Device::flex())
    }

    fn values(pictures: Tensor<4>) -> Vec<f32> {
        pictures.into_data().try_to_vec().unwrap()
    }

    #[test]
    fn nothing_moves_without_reach() {
        let mut rng = stream(1, Stream::Noise);
        assert_eq!(values(moved(&bar(), NOTHING, &mut rng)), values(bar()));
    }

    #[test]
    fn each_picture_is_moved_by_its_own_draw_and_keeps_its_ink_inside() {
        let mut rng = stream(1, Stream::Noise);
        let two = Tensor::cat(vec![bar(), bar()], 0);
        let reach = Reach { turn: 0.4, slant: 0.3, stretch: 0.0, shift: 0.2 };
        let made = values(moved(&two, reach, &mut rng));
        let (first, second) = made.split_at(81);
        assert!(first != second && first != &values(bar())[..]);
        let ink = |picture: &[f32]| picture.iter().map(|value| (value + 1.0) / 2.0).sum::<f32>();
        for picture in [first, second] {
            assert!(picture.iter().all(|value| (-1.0..=1.0).contains(value)));
            assert!((ink(picture) - 3.0).abs() < 0.6, "{}", ink(picture));
        }
        let again = values(moved(&two, reach, &mut stream(1, Stream::Noise)));
        assert_eq!(again, made, "the same draw, the same pictures");
    }

    #[test]
    fn a_quarter_turn_lays_the_bar_down() {
        // The draw is a share of the reach, so a search finds one that is near the whole of it.
        let quarter = Reach { turn: std::f32::consts::FRAC_PI_2, ..NOTHING };
        let lain = (0..200).any(|seed| {
            let made = values(moved(&bar(), quarter, &mut stream(seed, Stream::Noise)));
            [3, 4, 5].into_iter().all(|column| made[4 * 9 + column] > 0.9)
        });
        assert!(lain);
    }
}
