//! Shapes of tensors.

/// Height, width and channels of a tensor, stored row by row, channel last; a vector is 1×1×length.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Shape {
    /// Rows, at least 1 in a parsed model.
    pub height: u16,
    /// Columns, at least 1 in a parsed model.
    pub width: u16,
    /// Channels, at least 1 in a parsed model; the length of a vector.
    pub channels: u16,
}

impl Shape {
    /// `height` × `width` × `channels`.
    pub const fn new(height: u16, width: u16, channels: u16) -> Self {
        Shape { height, width, channels }
    }

    /// Number of elements.
    ///
    /// A parsed model's shapes hold at most [`crate::MAX_TENSOR_BYTES`] elements; for others this may wrap.
    pub const fn size(self) -> usize {
        self.pixels().wrapping_mul(self.channels as usize)
    }

    /// Rows times columns.
    pub(crate) const fn pixels(self) -> usize {
        (self.height as usize).wrapping_mul(self.width as usize)
    }

    /// Whether it has elements, and no more than `limit`.
    pub(crate) const fn fits(self, limit: u64) -> bool {
        let size = self.height as u64 * self.width as u64 * self.channels as u64;
        0 < size && size <= limit
    }
}
