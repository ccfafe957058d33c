//! Shapes and the windows of convolutions.

use serde::{Deserialize, Serialize};

/// Height, width and channels of a tensor; a vector is 1×1×length.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Shape {
    /// Rows.
    pub height: usize,
    /// Columns.
    pub width: usize,
    /// Channels.
    pub channels: usize,
}

impl Shape {
    /// `height` × `width` × `channels`.
    pub fn new(height: usize, width: usize, channels: usize) -> Self {
        Shape { height, width, channels }
    }

    /// 1 × 1 × `length`.
    pub fn vector(length: usize) -> Self {
        Shape::new(1, 1, length)
    }

    /// The larger of both along each axis: what operands that are repeated to one shape make.
    #[must_use]
    pub fn broadcast(self, other: Shape) -> Shape {
        Shape {
            height: self.height.max(other.height),
            width: self.width.max(other.width),
            channels: self.channels.max(other.channels),
        }
    }

    /// Number of elements.
    pub fn size(self) -> usize {
        self.height * self.width * self.channels
    }
}

impl std::fmt::Display for Shape {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let text = if self.height == 1 && self.width == 1 {
            format!("{}", self.channels)
        } else {
            format!("{}×{}×{}", self.height, self.width, self.channels)
        };
        f.pad(&text)
    }
}

/// Kernel, stride and padding of a convolution, the same along both axes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Window {
    /// Side of the kernel.
    pub kernel: usize,
    /// Step of the kernel over the larger picture.
    pub stride: usize,
    /// Rows and columns added around the larger picture.
    pub padding: usize,
    /// Rows and columns added at the bottom and right of a transposed convolution's output, to
    /// choose among the sizes that the convolution would map to one.
    pub output_padding: usize,
}

impl Window {
    /// A window without output padding.
    pub fn new(kernel: usize, stride: usize, padding: usize) -> Self {
        Window { kernel, stride, padding, output_padding: 0 }
    }

    /// Side of a convolution's output for an input of side `side`; `None` where it would be empty.
    pub fn conv_side(self, side: usize) -> Option<usize> {
        let room = (side + 2 * self.padding).checked_sub(self.kernel)?;
        Some(room / self.stride + 1)
    }

    /// Side of a transposed convolution's output; `None` where it would be empty.
    pub fn conv_transpose_side(self, side: usize) -> Option<usize> {
        let full = side.checked_sub(1)? * self.stride + self.kernel + self.output_padding;
        full.checked_sub(2 * self.padding).filter(|&side| side > 0)
    }

    /// The window of the transposed convolution that computes what this one, of stride 1, does behind a nearest upsampling
    /// by `factor`; see [`gan_core::ops::upsample`].
    pub fn upsampled(self, factor: usize) -> Window {
        Window::new(self.kernel + factor - 1, factor, self.kernel - 1 - self.padding)
    }

    /// Whether [`Window::upsampled`] is for this window.
    pub fn can_be_upsampled(self) -> bool {
        self.stride == 1 && self.padding < self.kernel
    }
}
