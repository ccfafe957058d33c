//! Tensors: shape, numbers, place.

use crate::error::TensorError;
use crate::format::TensorRecord;
use crate::limits::MAX_TENSOR_BYTES;
use crate::region::Region;
use crate::shape::Shape;

/// A checked tensor.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Tensor {
    /// Height, width and channels.
    pub shape: Shape,
    /// real = scale · (q − zero_point)
    pub scale: f32,
    /// The int8 value of 0.
    pub zero_point: i8,
    /// First byte in the arena.
    pub offset: u32,
}

impl Tensor {
    /// No bytes.
    pub(crate) const NONE: Tensor =
        Tensor { shape: Shape::new(0, 0, 0), scale: 1.0, zero_point: 0, offset: 0 };

    pub(crate) fn new(record: &TensorRecord) -> Result<Self, TensorError> {
        let TensorRecord { height, width, channels, scale, zero_point, offset } = *record;
        let shape = Shape { height, width, channels };
        if !shape.fits(MAX_TENSOR_BYTES as u64) {
            return Err(TensorError::Size);
        }
        if !(scale.is_finite() && scale > 0.0) {
            return Err(TensorError::Scale);
        }
        Ok(Tensor { shape, scale, zero_point, offset })
    }

    pub(crate) fn region(&self) -> Region {
        Region { start: self.offset, length: self.shape.size() as u32 }
    }

    /// Whether it has a height or a width: as an input of normal or uniform numbers it is a plane of noise.
    pub fn is_plane(&self) -> bool {
        (self.shape.height | self.shape.width) > 1
    }
}
