//! Drawing on any display.

use core::ops::RangeInclusive;

use embedded_graphics_core::Pixel;
use embedded_graphics_core::draw_target::DrawTarget;
use embedded_graphics_core::geometry::{Point, Size};
use embedded_graphics_core::pixelcolor::{
    Bgr555, Bgr565, Bgr666, Bgr888, BinaryColor, Gray2, Gray4, Gray8, PixelColor, Rgb555, Rgb565, Rgb666,
    Rgb888,
};
use embedded_graphics_core::primitives::Rectangle;

use crate::image::Image;

/// A colour that shows a grey. All of embedded-graphics' colours are.
///
/// For a colour of your own, say which one a grey is:
///
/// ```
/// use embedded_graphics::{pixelcolor::raw::RawU4, prelude::*};
/// use gan_core::Shade;
///
/// /// Amber on black, in 16 steps.
/// #[derive(Debug, Clone, Copy, PartialEq)]
/// struct Amber(u8);
///
/// impl PixelColor for Amber {
///     type Raw = RawU4;
/// }
///
/// impl Shade for Amber {
///     fn shade(grey: u8, _: Point) -> Self {
///         Amber(grey >> 4)
///     }
/// }
///
/// assert_eq!(Amber::shade(255, Point::zero()), Amber(15));
/// ```
///
/// A colour of another crate's, for which nobody but that crate can implement this trait, is reached by
/// embedded-graphics' own conversion: such a display takes any colour from which its own can be made.
///
/// ```
/// # mod panel {
/// #     use embedded_graphics::pixelcolor::{BinaryColor, raw::RawU2};
/// #     #[derive(Debug, Clone, Copy, PartialEq)]
/// #     pub enum Tricolor { White, Black, Red }
/// #     impl embedded_graphics::prelude::PixelColor for Tricolor { type Raw = RawU2; }
/// #     impl From<BinaryColor> for Tricolor {
/// #         fn from(ink: BinaryColor) -> Self { if ink.is_on() { Tricolor::White } else { Tricolor::Black } }
/// #     }
/// # }
/// # use panel::Tricolor;
/// use embedded_graphics::{pixelcolor::BinaryColor, prelude::*};
/// use gan_core::Image;
///
/// /// Draws on electronic paper, whose driver has a colour type with a `From<BinaryColor>`.
/// fn draw<D: DrawTarget<Color = Tricolor>>(digit: Image<'_>, paper: &mut D) -> Result<(), D::Error> {
///     digit.at(Point::new(8, 4), 2).draw(&mut paper.color_converted::<BinaryColor>())
/// }
/// ```
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
shade_by_conversion!(Gray2, Gray4, Gray8, Rgb555, Bgr555, Rgb565, Bgr565, Rgb666, Bgr666, Rgb888, Bgr888);

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
    /// The area it covers. A side that no `u32` holds is cut to the longest that one does.
    pub fn bounding_box(&self) -> Rectangle {
        let side = |pixels: usize| (pixels as u32).saturating_mul(self.scale);
        Rectangle::new(self.top_left, Size::new(side(self.image.width()), side(self.image.height())))
    }

    /// Draws what lies on `display`.
    ///
    /// # Errors
    /// The display's own.
    pub fn draw<D>(&self, display: &mut D) -> Result<(), D::Error>
    where
        D: DrawTarget,
        D::Color: Shade,
    {
        let area = display.bounding_box();
        if area.is_zero_sized() {
            return Ok(());
        }
        let Rectangle { top_left, size } = area;
        let columns = self.columns(i64::from(top_left.x) + i64::from(size.width));
        let rows = self.rows(i64::from(top_left.y) + i64::from(size.height));
        // What lies outside is not handed over: displays add a side to a corner, which a corner far away overflows.
        let columns = top_left.x.max(*columns.start())..=*columns.end();
        let rows = top_left.y.max(*rows.start())..=*rows.end();
        if columns.is_empty() || rows.is_empty() {
            return Ok(());
        }
        // Neither is longer than the display's.
        let length = |span: &RangeInclusive<i32>| span.end().wrapping_sub(*span.start()) as u32 + 1;
        let corner = Point::new(*columns.start(), *rows.start());
        let area = Rectangle::new(corner, Size::new(length(&columns), length(&rows)));
        display.fill_contiguous(&area, self.colors(columns, rows).map(|Pixel(_, color)| color))
    }

    /// Its display pixels, row by row, as far as a [`Point`] can name them.
    pub fn pixels<C: Shade>(&self) -> impl Iterator<Item = Pixel<C>> + '_ {
        self.colors(self.columns(i64::MAX), self.rows(i64::MAX))
    }

    /// The pixels where `columns` and `rows`, which lie inside it, cross.
    fn colors<C: Shade>(
        &self,
        columns: RangeInclusive<i32>,
        rows: RangeInclusive<i32>,
    ) -> impl Iterator<Item = Pixel<C>> + '_ {
        // From the top left corner a difference may be larger than an i32, but no larger than a u32.
        let index = |at: i32, start: i32| (at.wrapping_sub(start) as u32 / self.scale) as usize;
        rows.flat_map(move |y| {
            columns.clone().map(move |x| {
                let position = Point::new(x, y);
                let grey = self.image.grey(index(x, self.top_left.x), index(y, self.top_left.y));
                Pixel(position, C::shade(grey, position))
            })
        })
    }

    /// The columns that it covers in front of column `end`.
    fn columns(&self, end: i64) -> RangeInclusive<i32> {
        self.span(self.top_left.x, self.image.width(), end)
    }

    /// The rows that it covers above row `end`.
    fn rows(&self, end: i64) -> RangeInclusive<i32> {
        self.span(self.top_left.y, self.image.height(), end)
    }

    /// What `pixels` of the image cover from `start` on and in front of `end`, which is above the least i32.
    fn span(&self, start: i32, pixels: usize, end: i64) -> RangeInclusive<i32> {
        let own_end = i64::from(start) + pixels as i64 * i64::from(self.scale);
        let last = own_end.min(end).min(1 << 31) - 1;
        start..=last as i32
    }
}
