//! Drawing on any display.

use core::marker::PhantomData;

use embedded_graphics_core::draw_target::DrawTarget;
use embedded_graphics_core::geometry::{Dimensions, OriginDimensions, Point, Size};
use embedded_graphics_core::image::ImageDrawable;
use embedded_graphics_core::pixelcolor::{
    Bgr555, Bgr565, Bgr666, Bgr888, BinaryColor, Gray2, Gray4, Gray8, PixelColor, Rgb555, Rgb565, Rgb666,
    Rgb888,
};
use embedded_graphics_core::primitives::Rectangle;
use embedded_graphics_core::{Drawable, Pixel};

use crate::image::Image;

/// A colour that shows a grey, and if it can a colour. All of embedded-graphics' colours are.
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

    /// The colour for a pixel of a colour picture, red, green and blue of 0 to 255. Unless a colour says otherwise, it shows
    /// the grey of the same luminance (ITU-R BT.601: 0.299 R + 0.587 G + 0.114 B).
    fn tint([red, green, blue]: [u8; 3], position: Point) -> Self {
        // Of 256 parts, to the nearest.
        let sum = 77 * u32::from(red) + 150 * u32::from(green) + 29 * u32::from(blue);
        Self::shade(((sum + 128) >> 8) as u8, position)
    }
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
shade_by_conversion!(Gray2, Gray4, Gray8);

macro_rules! tint_by_conversion {
    ($($color:ty),*) => {$(
        impl Shade for $color {
            fn shade(grey: u8, _: Point) -> Self {
                Gray8::new(grey).into()
            }

            fn tint([red, green, blue]: [u8; 3], _: Point) -> Self {
                Rgb888::new(red, green, blue).into()
            }
        }
    )*};
}
tint_by_conversion!(Rgb555, Bgr555, Rgb565, Bgr565, Rgb666, Bgr666, Bgr888);

impl Shade for Rgb888 {
    fn shade(grey: u8, _: Point) -> Self {
        Gray8::new(grey).into()
    }

    fn tint([red, green, blue]: [u8; 3], _: Point) -> Self {
        Rgb888::new(red, green, blue)
    }
}

impl Shade for BinaryColor {
    /// Ordered dithering by the 4×4 threshold matrix of Bayer (1973).
    fn shade(grey: u8, position: Point) -> Self {
        const BAYER: [[u16; 4]; 4] = [[0, 8, 2, 10], [12, 4, 14, 6], [3, 11, 1, 9], [15, 7, 13, 5]];
        let cell = BAYER[(position.y & 3) as usize][(position.x & 3) as usize];
        // Thresholds in the middle of 16 steps: black stays black, white stays white.
        BinaryColor::from(u16::from(grey) > cell * 16 + 8 - 1)
    }
}

/// An image with a place and a size on a display of colour `C`.
#[derive(Debug, Clone, Copy)]
pub struct PlacedImage<'a, C> {
    image: Image<'a>,
    top_left: Point,
    scale: u32,
    color: PhantomData<C>,
}

impl<'a> Image<'a> {
    /// The image at `top_left`, each pixel as a square of `scale` (at least 1) display pixels.
    pub fn at<C: Shade>(self, top_left: Point, scale: u32) -> PlacedImage<'a, C> {
        PlacedImage { image: self, top_left, scale: scale.max(1), color: PhantomData }
    }

    /// The image at this scale without a place, for `embedded_graphics::image::Image`, which gives it one.
    pub fn scaled<C: Shade>(self, scale: u32) -> ScaledImage<'a, C> {
        ScaledImage(self.at(Point::zero(), scale))
    }
}

impl<C: Shade> Dimensions for PlacedImage<'_, C> {
    /// The area it covers. A side that no `u32` holds is cut to the longest that one does.
    fn bounding_box(&self) -> Rectangle {
        let side = |pixels: usize| (pixels as u32).saturating_mul(self.scale);
        Rectangle::new(self.top_left, Size::new(side(self.image.width()), side(self.image.height())))
    }
}

impl<C: Shade> Drawable for PlacedImage<'_, C> {
    type Color = C;
    type Output = ();

    /// Draws what lies on `display`.
    fn draw<D: DrawTarget<Color = C>>(&self, display: &mut D) -> Result<(), D::Error> {
        // What lies outside is not handed over: displays add a side to a corner, which a corner far away overflows.
        let (own, all) = (self.bounding_box(), display.bounding_box());
        let (left, width) = overlap((own.top_left.x, own.size.width), (all.top_left.x, all.size.width));
        let (top, height) = overlap((own.top_left.y, own.size.height), (all.top_left.y, all.size.height));
        if width == 0 || height == 0 {
            return Ok(());
        }
        let area = Rectangle::new(Point::new(left, top), Size::new(width, height));
        display.fill_contiguous(&area, self.pixels_in(area).map(|Pixel(_, color)| color))
    }
}

/// An image at a scale, as embedded-graphics' own image formats are.
///
/// ```
/// use embedded_graphics::{image::Image, mock_display::MockDisplay, pixelcolor::Gray8, prelude::*};
///
/// let picture = gan_core::Image::from_values(&[-127, 127], gan_core::Shape::new(1, 2, 1)).unwrap();
/// let mut display = MockDisplay::<Gray8>::new();
/// Image::new(&picture.scaled(2), Point::new(3, 0)).translate(Point::new(0, 1)).draw(&mut display)?;
/// assert_eq!(display.get_pixel(Point::new(5, 2)), Some(Gray8::WHITE));
/// # Ok::<(), core::convert::Infallible>(())
/// ```
#[derive(Debug, Clone, Copy)]
pub struct ScaledImage<'a, C>(PlacedImage<'a, C>);

impl<C: Shade> OriginDimensions for ScaledImage<'_, C> {
    fn size(&self) -> Size {
        self.0.bounding_box().size
    }
}

impl<C: Shade> ImageDrawable for ScaledImage<'_, C> {
    type Color = C;

    fn draw<D: DrawTarget<Color = C>>(&self, target: &mut D) -> Result<(), D::Error> {
        Drawable::draw(&self.0, target)
    }

    fn draw_sub_image<D: DrawTarget<Color = C>>(
        &self,
        target: &mut D,
        area: &Rectangle,
    ) -> Result<(), D::Error> {
        let area = area.intersection(&self.0.bounding_box());
        let pixels = self.0.pixels_in(area);
        target.draw_iter(pixels.map(|Pixel(point, color)| Pixel(point - area.top_left, color)))
    }
}

impl<C: Shade> PlacedImage<'_, C> {
    /// The same image elsewhere, as `embedded_graphics::transform::Transform` has it.
    #[must_use]
    pub fn translate(mut self, by: Point) -> Self {
        self.translate_mut(by);
        self
    }

    /// Moves the image. Coordinates that no `i32` holds are those nearest to them.
    pub fn translate_mut(&mut self, by: Point) -> &mut Self {
        let Point { x, y } = self.top_left;
        self.top_left = Point::new(x.saturating_add(by.x), y.saturating_add(by.y));
        self
    }

    /// Its display pixels, row by row: those of its bounding box that a [`Point`] can name.
    pub fn pixels(&self) -> impl Iterator<Item = Pixel<C>> + '_ {
        let Rectangle { top_left, size } = self.bounding_box();
        let nameable = |start: i32, length: u32| overlap((start, length), (start, length));
        let (left, width) = nameable(top_left.x, size.width);
        let (top, height) = nameable(top_left.y, size.height);
        self.pixels_in(Rectangle::new(Point::new(left, top), Size::new(width, height)))
    }

    /// The pixels in `area`, which lies inside the bounding box.
    fn pixels_in(&self, area: Rectangle) -> impl Iterator<Item = Pixel<C>> + '_ {
        let Rectangle { top_left: corner, size } = area;
        // Differences of coordinates, which a u32 holds even where an i32 does not.
        let skipped_columns = corner.x.wrapping_sub(self.top_left.x) as u32;
        let skipped_rows = corner.y.wrapping_sub(self.top_left.y) as u32;
        (0..size.height).flat_map(move |row| {
            (0..size.width).map(move |column| {
                let position =
                    Point::new(corner.x.wrapping_add_unsigned(column), corner.y.wrapping_add_unsigned(row));
                let index = |skipped: u32, further: u32| ((skipped + further) / self.scale) as usize;
                let (x, y) = (index(skipped_columns, column), index(skipped_rows, row));
                let color = match self.image.color(x, y) {
                    Some(color) => C::tint(color, position),
                    None => C::shade(self.image.grey(x, y), position),
                };
                Pixel(position, color)
            })
        })
    }
}

/// What two spans, each with its start and its length, have in common, as far as coordinates reach.
fn overlap(first: (i32, u32), second: (i32, u32)) -> (i32, u32) {
    let end = |(start, length): (i32, u32)| i64::from(start) + i64::from(length);
    let start = first.0.max(second.0);
    // Coordinates end at the largest i32.
    let length = end(first).min(end(second)).min(1 << 31) - i64::from(start);
    (start, length.max(0) as u32)
}
