//! The generated picture.

use crate::limits::MAX_TENSOR_BYTES;
use crate::shape::Shape;

/// A picture in the arena, or wherever its values lie: int8, −127 is black, 127 is white.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Image<'a> {
    values: &'a [i8],
    shape: Shape,
}

impl<'a> Image<'a> {
    /// A picture of values that lie elsewhere: a copy of one, kept while the next is made, say. None if there are not as many
    /// values as the shape has, or none at all.
    pub fn from_values(values: &'a [i8], shape: Shape) -> Option<Self> {
        (shape.fits(MAX_TENSOR_BYTES as u64) && shape.size() == values.len())
            .then_some(Image { values, shape })
    }

    /// Height, width and channels.
    pub fn shape(&self) -> Shape {
        self.shape
    }

    pub(crate) fn new(values: &'a [i8], shape: Shape) -> Self {
        Image { values, shape }
    }

    /// Columns of pixels.
    pub fn width(&self) -> usize {
        self.shape.width.into()
    }

    /// Rows of pixels.
    pub fn height(&self) -> usize {
        self.shape.height.into()
    }

    /// The int8 values, row by row, channel last.
    pub fn values(&self) -> &'a [i8] {
        self.values
    }

    /// Grey of the pixel in column `x` and row `y`, 0 to 255, of the first channel.
    ///
    /// # Panics
    /// Outside the picture.
    pub fn grey(&self, x: usize, y: usize) -> u8 {
        assert!(x < self.width() && y < self.height(), "({x}, {y}) is outside the picture");
        to_grey(self.values[(y * self.width() + x) * usize::from(self.shape.channels)])
    }

    /// Red, green and blue of the pixel in column `x` and row `y`, 0 to 255 each, of a picture of three channels; `None` for
    /// others, which are grey.
    ///
    /// # Panics
    /// Outside the picture, of one of three channels.
    pub fn color(&self, x: usize, y: usize) -> Option<[u8; 3]> {
        if self.shape.channels != 3 {
            return None;
        }
        assert!(x < self.width() && y < self.height(), "({x}, {y}) is outside the picture");
        let first = (y * self.width() + x) * 3;
        let channels = self.values.get(first..first + 3).unwrap_or_default();
        channels.try_into().ok().map(|channels: [i8; 3]| channels.map(to_grey))
    }

    /// All pixels' greys, row by row, of the first channel.
    pub fn greys(&self) -> impl ExactSizeIterator<Item = u8> + Clone + use<'a> {
        // At least 1, which the compiler cannot know.
        let channels = usize::from(self.shape.channels).max(1);
        self.values.chunks_exact(channels).map(|pixel| pixel.first().map_or(0, |&value| to_grey(value)))
    }
}

/// −127..=127 onto 0..=255, to the nearest; −128 is black.
fn to_grey(value: i8) -> u8 {
    let steps = (i32::from(value) + 127).max(0);
    ((steps * 255 + 127) / 254) as u8
}
