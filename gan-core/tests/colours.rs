//! A picture on a display of each of embedded-graphics' colours, of a user's own, and of another crate's.

use core::convert::Infallible;
use std::collections::HashMap;
use std::fmt::Debug;

use embedded_graphics::pixelcolor::raw::RawU4;
use embedded_graphics::pixelcolor::{
    Bgr555, Bgr565, Bgr666, Bgr888, BinaryColor, Gray2, Gray4, Gray8, Rgb555, Rgb565, Rgb666, Rgb888,
};
use embedded_graphics::prelude::*;
use gan_core::{AlignedBytes, Generator, Image, Latent, Model, Shade, synthetic};

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
