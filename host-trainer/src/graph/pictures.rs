//! In which range a network's pictures lie.

use super::{Activation, Graph, Layer, QuantParams};
use burn::tensor::Tensor;

/// The range of a picture's values, from black to white.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PictureRange {
    /// −1 to 1, as behind tanh.
    Signed,
    /// 0 to 1, as behind a sigmoid.
    Unit,
}

impl PictureRange {
    /// The value of a grey, 0 black to 255 white.
    pub fn of_grey(self, grey: u8) -> f32 {
        match self {
            PictureRange::Signed => f32::from(grey) / 127.5 - 1.0,
            PictureRange::Unit => f32::from(grey) / 255.0,
        }
    }

    /// The grey of a value; beyond the range, its end.
    pub fn to_grey(self, value: f32) -> u8 {
        match self {
            PictureRange::Signed => ((value.clamp(-1.0, 1.0) + 1.0) * 127.5).round() as u8,
            PictureRange::Unit => (value.clamp(0.0, 1.0) * 255.0).round() as u8,
        }
    }

    /// Values of this range in −1 to 1.
    pub fn signed(self, pictures: Tensor<4>) -> Tensor<4> {
        match self {
            PictureRange::Signed => pictures,
            PictureRange::Unit => pictures * 2.0 - 1.0,
        }
    }

    /// How they are int8: black is −127 and white 127, whatever the range.
    pub fn params(self) -> QuantParams {
        match self {
            PictureRange::Signed => QuantParams::PICTURE,
            PictureRange::Unit => QuantParams { scale: 1.0 / 254.0, zero_point: -127 },
        }
    }
}

impl Graph {
    /// The range of the pictures that it makes.
    pub fn picture_range(&self) -> PictureRange {
        match self.nodes[self.output()].layer {
            Layer::Activation(Activation::Sigmoid) | Layer::Draw(_) => PictureRange::Unit,
            _ => PictureRange::Signed,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use burn::tensor::Device;

    #[test]
    fn greys_come_back_and_ends_are_black_and_white() {
        for range in [PictureRange::Signed, PictureRange::Unit] {
            assert!((0..=255).all(|grey| range.to_grey(range.of_grey(grey)) == grey));
            assert_eq!([-9.0, 9.0].map(|value| range.to_grey(value)), [0, 255]);
            let ends = [0, 255].map(|grey| range.of_grey(grey));
            assert_eq!(ends.map(|end| range.params().quantize(end)), [-127, 127]);
            let picture = Tensor::<4>::from_data([[[ends]]], &Device::flex());
            assert_eq!(range.signed(picture).into_data().try_to_vec::<f32>().unwrap(), [-1.0, 1.0]);
        }
    }
}
