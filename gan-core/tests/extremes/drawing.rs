use core::convert::Infallible;

use embedded_graphics::pixelcolor::{
    Bgr555, Bgr565, Bgr666, Bgr888, BinaryColor, Gray2, Gray4, Gray8, Rgb555, Rgb565, Rgb666, Rgb888,
};
use embedded_graphics::prelude::*;
use embedded_graphics::primitives::Rectangle;
use gan_core::{AlignedBytes, Generator, Image, Latent, Model, Shade, Shape};

use crate::latents::small;
use crate::panics;

const COORDINATES: [i32; 9] = [i32::MIN, i32::MIN + 1, -29, -1, 0, 1, 28, i32::MAX - 1, i32::MAX];
const SCALES: [u32; 7] = [0, 1, 2, 28, 1 << 16, u32::MAX - 1, u32::MAX];

/// A display anywhere, which counts what it is handed.
struct Display {
    area: Rectangle,
    pixels: u64,
}

impl Dimensions for Display {
    fn bounding_box(&self) -> Rectangle {
        self.area
    }
}

impl DrawTarget for Display {
    type Color = BinaryColor;
    type Error = Infallible;

    fn draw_iter<I: IntoIterator<Item = Pixel<BinaryColor>>>(&mut self, pixels: I) -> Result<(), Infallible> {
        self.pixels += pixels.into_iter().count() as u64;
        Ok(())
    }

    fn fill_contiguous<I: IntoIterator<Item = BinaryColor>>(
        &mut self,
        area: &Rectangle,
        colors: I,
    ) -> Result<(), Infallible> {
        let end = |start: i32, length: u32| i64::from(start) + i64::from(length);
        let (own, given) = (self.area, *area);
        assert!(own.top_left.x <= given.top_left.x && own.top_left.y <= given.top_left.y);
        assert!(end(given.top_left.x, given.size.width) <= end(own.top_left.x, own.size.width));
        assert!(end(given.top_left.y, given.size.height) <= end(own.top_left.y, own.size.height));
        let pixels = colors.into_iter().count() as u64;
        assert_eq!(pixels, u64::from(given.size.width) * u64::from(given.size.height));
        self.pixels += pixels;
        Ok(())
    }
}

/// Runs `test` with a picture of 8×8.
fn with_picture(test: impl FnOnce(Image<'_>)) {
    let file = AlignedBytes::new(&small());
    let model = Model::parse(&file).unwrap();
    let mut memory = vec![0; model.arena_bytes() + 15];
    let mut generator = Generator::in_memory(&model, &mut memory).unwrap();
    test(generator.generate(&Latent::from_quantized(&[100, -50, 20, -127, 3])));
}

#[test]
fn a_picture_is_drawn_at_any_place_and_scale_on_a_display_anywhere() {
    with_picture(|picture| {
        let mut drawn = 0;
        for (x, y) in COORDINATES.iter().flat_map(|&x| COORDINATES.map(|y| (x, y))) {
            for scale in SCALES {
                let mut placed = picture.at::<BinaryColor>(Point::new(x, y), scale);
                assert!(placed.bounding_box().size.width >= 8);
                assert!(placed.pixels().take(1000).count() > 0);
                for by in COORDINATES {
                    let moved = placed.translate(Point::new(by, x)).bounding_box().top_left;
                    assert_eq!(moved.x, x.saturating_add(by));
                }
                placed.translate_mut(Point::zero());
                assert_eq!(picture.scaled::<BinaryColor>(scale).size(), placed.bounding_box().size);
                for corner in COORDINATES {
                    for (width, height) in [(0, 0), (1, 1), (9, 3)] {
                        let area = Rectangle::new(Point::new(corner, 0), Size::new(width, height));
                        let mut display = Display { area, pixels: 0 };
                        let Ok(()) = placed.draw(&mut display);
                        drawn += display.pixels;
                    }
                }
            }
        }
        assert!(drawn > 0);
    });
}

/// The display has all of the numbers there are for its places, and the picture fills it.
#[test]
fn what_a_display_shows_of_a_picture_is_what_lies_on_it() {
    with_picture(|picture| {
        for (place, area, pixels) in [
            (Point::zero(), Rectangle::new(Point::zero(), Size::new(28, 28)), 64),
            (Point::new(-4, -6), Rectangle::new(Point::zero(), Size::new(28, 28)), 4 * 2),
            (Point::new(24, 2), Rectangle::new(Point::zero(), Size::new(28, 28)), 4 * 8),
            (Point::new(28, 0), Rectangle::new(Point::zero(), Size::new(28, 28)), 0),
            (Point::new(0, -8), Rectangle::new(Point::zero(), Size::new(28, 28)), 0),
            (
                Point::new(i32::MAX - 3, i32::MAX - 2),
                Rectangle::new(Point::new(i32::MAX - 1, 0), Size::new(9, u32::MAX)),
                2 * 3,
            ),
            (
                Point::new(i32::MIN, i32::MIN),
                Rectangle::new(Point::new(i32::MIN, i32::MIN), Size::new(u32::MAX, u32::MAX)),
                64,
            ),
        ] {
            let mut display = Display { area, pixels: 0 };
            let Ok(()) = picture.at(place, 1).draw(&mut display);
            assert_eq!(display.pixels, pixels, "{place} on {area:?}");
        }
    });
}

#[test]
fn a_grey_outside_the_picture_panics_as_documented_and_only_there() {
    with_picture(|picture| {
        assert_eq!((picture.width(), picture.height()), (8, 8));
        assert_eq!((picture.greys().len(), picture.greys().clone().count()), (64, 64));
        let copy = picture.values().to_vec();
        assert_eq!(Image::from_values(&copy, picture.shape()), Some(picture));
        for shape in [Shape::new(0, 8, 8), Shape::new(8, 8, 2), Shape::new(u16::MAX, u16::MAX, u16::MAX)] {
            assert_eq!(Image::from_values(&copy, shape), None);
        }
        let values = picture.values().to_vec();
        for (x, y) in [0, 1, 7, 8, 27, usize::MAX].iter().flat_map(|&x| [0, 7, 8, usize::MAX].map(|y| (x, y)))
        {
            assert_eq!(panics(move || picture.grey(x, y)), x > 7 || y > 7, "({x}, {y})");
            assert_eq!(picture.color(x, y), None, "grey pictures have none");
        }
        assert_eq!(picture.values(), values);
    });
}

#[test]
fn every_colour_has_a_shade_for_every_grey_at_every_place() {
    fn shades<C: Shade>() {
        for (x, y) in COORDINATES.iter().flat_map(|&x| COORDINATES.map(|y| (x, y))) {
            for grey in 0..=255 {
                std::hint::black_box(C::shade(grey, Point::new(x, y)));
                std::hint::black_box(C::tint([grey, 255 - grey, grey / 2], Point::new(x, y)));
            }
        }
    }
    shades::<BinaryColor>();
    shades::<Gray2>();
    shades::<Gray4>();
    shades::<Gray8>();
    shades::<Rgb555>();
    shades::<Bgr555>();
    shades::<Rgb565>();
    shades::<Bgr565>();
    shades::<Rgb666>();
    shades::<Bgr666>();
    shades::<Rgb888>();
    shades::<Bgr888>();
}
