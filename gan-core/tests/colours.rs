//! A picture on a display of each of embedded-graphics' colours, of a user's own, and of another crate's.

use core::convert::Infallible;
use std::collections::HashMap;
use std::fmt::Debug;

use embedded_graphics::pixelcolor::raw::RawU4;
use embedded_graphics::pixelcolor::{
    Bgr555, Bgr565, Bgr666, Bgr888, BinaryColor, Gray2, Gray4, Gray8, Rgb555, Rgb565, Rgb666, Rgb888,
};
use embedded_graphics::prelude::*;
use gan_core::{AlignedBytes, Generator, Image, Latent, Model, Shade, Shape, synthetic};

const SIDE: i32 = 40;
const PLACE: Point = Point::new(3, 5);
const SCALE: u32 = 2;

/// A display of colour `C`.
struct Display<C>(HashMap<(i32, i32), C>);

impl<C> OriginDimensions for Display<C> {
    fn size(&self) -> Size {
        Size::new(SIDE as u32, SIDE as u32)
    }
}

impl<C: PixelColor> DrawTarget for Display<C> {
    type Color = C;
    type Error = Infallible;

    fn draw_iter<I: IntoIterator<Item = Pixel<C>>>(&mut self, pixels: I) -> Result<(), Infallible> {
        self.0.extend(pixels.into_iter().map(|Pixel(place, color)| ((place.x, place.y), color)));
        Ok(())
    }
}

/// Runs `test` with a picture of 8×8 in all greys.
fn with_picture(test: impl FnOnce(Image<'_>)) {
    let file = synthetic::Synthetic::new(1, 8).dense(8, 8, 1, synthetic::Activation::Tanh).finish("greys");
    let file = AlignedBytes::new(&file);
    let model = Model::parse(&file).unwrap();
    let mut memory = vec![0; model.arena_bytes() + 15];
    let mut generator = Generator::in_memory(&model, &mut memory).unwrap();
    let picture = generator.generate(&Latent::from_quantized(&[120, -90, 60, -30, 90, 10, -70, 127]));
    let greys: Vec<u8> = picture.greys().collect();
    assert!(greys.iter().any(|&grey| grey < 40) && greys.iter().any(|&grey| grey > 215), "{greys:?}");
    test(picture);
}

/// Draws the picture on a display of colour `C`; each pixel must be the shade of its grey, and nothing else is touched.
fn draws<C: Shade + Debug>(black: C, white: C) {
    with_picture(|picture| {
        let mut display = Display::<C>(HashMap::new());
        let Ok(()) = picture.at(PLACE, SCALE).draw(&mut display);
        assert_eq!(display.0.len(), 16 * 16);
        for (&(x, y), &color) in &display.0 {
            let [column, row] = [x - PLACE.x, y - PLACE.y].map(|offset| offset as usize / SCALE as usize);
            assert_eq!(color, C::shade(picture.grey(column, row), Point::new(x, y)));
        }
    });
    assert_eq!((C::shade(0, PLACE), C::shade(255, PLACE)), (black, white));
}

#[test]
fn a_picture_is_drawn_in_each_of_the_colours_of_embedded_graphics() {
    draws(BinaryColor::Off, BinaryColor::On);
    draws(Gray2::BLACK, Gray2::WHITE);
    draws(Gray4::BLACK, Gray4::WHITE);
    draws(Gray8::BLACK, Gray8::WHITE);
    draws(Rgb555::BLACK, Rgb555::WHITE);
    draws(Bgr555::BLACK, Bgr555::WHITE);
    draws(Rgb565::BLACK, Rgb565::WHITE);
    draws(Bgr565::BLACK, Bgr565::WHITE);
    draws(Rgb666::BLACK, Rgb666::WHITE);
    draws(Bgr666::BLACK, Bgr666::WHITE);
    draws(Rgb888::BLACK, Rgb888::WHITE);
    draws(Bgr888::BLACK, Bgr888::WHITE);
}

/// A picture of three channels on a display of colour `C`, whose colour for red, green and blue is `of`.
fn tints<C: Shade + Debug>(of: impl Fn([u8; 3]) -> C) {
    // A row of black, red, green, blue, white and something between.
    let values =
        [-127, -127, -127, 127, -127, -127, -127, 127, -127, -127, -127, 127, 127, 127, 127, 0, -60, 90];
    let picture = Image::from_values(&values, Shape::new(1, 6, 3)).unwrap();
    assert_eq!(picture.color(5, 0), Some([128, 67, 218]));
    let mut display = Display::<C>(HashMap::new());
    let Ok(()) = picture.at(PLACE, SCALE).draw(&mut display);
    assert_eq!(display.0.len(), 6 * 4);
    for (&(x, _), &color) in &display.0 {
        let column = (x - PLACE.x) as usize / SCALE as usize;
        assert_eq!(color, of(picture.color(column, 0).unwrap()), "column {column}");
    }
}

#[test]
fn a_picture_of_three_channels_is_drawn_in_colour_or_by_its_luminance() {
    tints::<Rgb888>(|[r, g, b]| Rgb888::new(r, g, b));
    tints::<Rgb565>(|[r, g, b]| Rgb888::new(r, g, b).into());
    tints::<Bgr666>(|[r, g, b]| Rgb888::new(r, g, b).into());
    let luminance =
        |[r, g, b]: [u8; 3]| (0.299 * f64::from(r) + 0.587 * f64::from(g) + 0.114 * f64::from(b) + 0.5) as u8;
    for (color, grey) in
        [([255, 0, 0], 77), ([0, 255, 0], 149), ([0, 0, 255], 29), ([255; 3], 255), ([0; 3], 0)]
    {
        assert!(Gray8::tint(color, PLACE).luma().abs_diff(grey) <= 1, "{color:?}");
        assert!(grey.abs_diff(luminance(color)) <= 1, "{color:?}");
    }
    tints::<Gray8>(|color| Gray8::tint(color, PLACE));
    tints::<Amber>(|color| Amber(Gray8::tint(color, PLACE).luma() >> 4));
}

/// A colour of a user's own.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Amber(u8);

impl PixelColor for Amber {
    type Raw = RawU4;
}

impl Shade for Amber {
    fn shade(grey: u8, _: Point) -> Self {
        Amber(grey >> 4)
    }
}

#[test]
fn a_picture_is_drawn_in_a_users_own_colour() {
    draws(Amber(0), Amber(15));
}

/// Stands for a colour of another crate, which has no [`Shade`] and cannot be given one.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Tricolor {
    White,
    Black,
}

impl PixelColor for Tricolor {
    type Raw = ();
}

impl From<BinaryColor> for Tricolor {
    fn from(ink: BinaryColor) -> Self {
        if ink.is_on() { Tricolor::White } else { Tricolor::Black }
    }
}

#[test]
fn a_picture_is_drawn_by_conversion_in_a_colour_that_has_no_shades() {
    with_picture(|picture| {
        let mut display = Display::<Tricolor>(HashMap::new());
        let Ok(()) = picture.at(PLACE, SCALE).draw(&mut display.color_converted::<BinaryColor>());
        let of = |color| display.0.values().filter(|&&found| found == color).count();
        let (white, black) = (of(Tricolor::White), of(Tricolor::Black));
        assert!(white > 20 && black > 20 && white + black == 16 * 16);
    });
}
