//! Drawing on any display.

use embedded_graphics_core::Pixel;
use embedded_graphics_core::draw_target::DrawTarget;
use embedded_graphics_core::geometry::{Point, Size};
use embedded_graphics_core::pixelcolor::{BinaryColor, Gray2, Gray4, Gray8, PixelColor, Rgb565, Rgb888};
use embedded_graphics_core::primitives::Rectangle;

use crate::image::Image;

/// A colour that shows a grey.
pub trait Shade: PixelColor {
    /// The colour for `grey` (0 is black, 255 is white) at `position` on the display; a display of few greys may
    /// use the position to dither.
    fn shade(grey: u8, position: Point) -> Self;
}

macro_rules! shade_by_conversion {
    ($($color:ty),*) => {$(
        impl Shade for $color {
            fn shade(grey: u8, _: Point) -> Self {
                Gray8::new(grey).into()
            }
        }
    )*};
}
shade_by_conversion!(Gray8, Gray4, Gray2, Rgb565, Rgb888);

impl Shade for BinaryColor {
    /// Ordered dithering by the 4×4 threshold matrix of Bayer (1973).
    fn shade(grey: u8, position: Point) -> Self {
        const BAYER: [[u16; 4]; 4] = [[0, 8, 2, 10], [12, 4, 14, 6], [3, 11, 1, 9], [15, 7, 13, 5]];
        let cell = BAYER[(position.y & 3) as usize][(position.x & 3) as usize];
        // Thresholds in the middle of 16 steps: black stays black, white stays white.
        BinaryColor::from(u16::from(grey) > cell * 16 + 8 - 1)
    }
}

/// An image with a place and a size on a display.
#[derive(Debug, Clone, Copy)]
pub struct PlacedImage<'a> {
    image: Image<'a>,
    top_left: Point,
    scale: u32,
}

impl<'a> Image<'a> {
    /// The image at `top_left`, each pixel as a square of `scale` (at least 1) display pixels.
    pub fn at(self, top_left: Point, scale: u32) -> PlacedImage<'a> {
        PlacedImage { image: self, top_left, scale: scale.max(1) }
    }
}

impl PlacedImage<'_> {
    /// The area it covers.
    pub fn bounding_box(&self) -> Rectangle {
        let size = Size::new(self.image.width() as u32, self.image.height() as u32);
        Rectangle::new(self.top_left, size * self.scale)
    }

    /// Draws it.
    ///
    /// # Errors
    /// The display's own.
    pub fn draw<D>(&self, display: &mut D) -> Result<(), D::Error>
    where
        D: DrawTarget,
        D::Color: Shade,
    {
        let area = self.bounding_box();
        display.fill_contiguous(&area, self.pixels().map(|Pixel(_, color)| color))
    }

    /// Its display pixels, row by row.
    pub fn pixels<C: Shade>(&self) -> impl Iterator<Item = Pixel<C>> + '_ {
        let size = self.bounding_box().size;
        (0..size.height).flat_map(move |y| {
            (0..size.width).map(move |x| {
                let position = self.top_left + Point::new(x as i32, y as i32);
                let grey = self.image.grey((x / self.scale) as usize, (y / self.scale) as usize);
                Pixel(position, C::shade(grey, position))
            })
        })
    }
}
