//! Draws the app's screens on the host, as PNG: what a model looks like on displays that are not at hand.
//!
//! `cargo run -p firmware --example screens -- models/mnist.gan FOLDER`

use std::{env, error::Error, fs::File, path::Path};

use embedded_graphics::{
    framebuffer::{Framebuffer, buffer_size},
    image::GetPixel,
    pixelcolor::{
        BinaryColor, Gray4, Gray8, Rgb565, Rgb888,
        raw::{BigEndian, RawU1, RawU4, RawU16},
    },
    prelude::*,
};
use firmware::{
    App, Stopwatch,
    buttons::{Button, Event},
};
use gan_core::{Aligned, AlignedBytes, Model, Shade};
use rand_core::SeedableRng;
use rand_xoshiro::Xoshiro128PlusPlus;

type Oled = Framebuffer<Gray4, RawU4, BigEndian, 128, 64, { buffer_size::<Gray4>(128, 64) }>;
type Mono = Framebuffer<BinaryColor, RawU1, BigEndian, 128, 64, { buffer_size::<BinaryColor>(128, 64) }>;
type Portrait = Framebuffer<Rgb565, RawU16, BigEndian, 240, 320, { buffer_size::<Rgb565>(240, 320) }>;
type Landscape = Framebuffer<Rgb565, RawU16, BigEndian, 320, 240, { buffer_size::<Rgb565>(320, 240) }>;
type Square = Framebuffer<Rgb565, RawU16, BigEndian, 240, 240, { buffer_size::<Rgb565>(240, 240) }>;

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = env::args().skip(1);
    let (Some(model), Some(folder)) = (arguments.next(), arguments.next()) else {
        return Err("usage: screens MODEL.gan FOLDER".into());
    };
    let file = AlignedBytes::new(&std::fs::read(&model).map_err(|error| format!("{model}: {error}"))?);
    let model = Model::parse(&file).map_err(|error| format!("{model}: {error}"))?;
    let folder = Path::new(&folder);
    screens(&model, Oled::new(), 4, &folder.join("oled"), |grey| Gray8::from(grey).luma())?;
    screens(&model, Mono::new(), 4, &folder.join("mono"), |ink| if ink.is_on() { 255 } else { 0 })?;
    let luma = |color: Rgb565| Rgb888::from(color).g();
    screens(&model, Portrait::new(), 2, &folder.join("portrait"), luma)?;
    screens(&model, Landscape::new(), 2, &folder.join("landscape"), luma)?;
    screens(&model, Square::new(), 2, &folder.join("square"), luma)
}

/// Draws one picture, one with the controls moved, many, and the gallery on `display`, into `NAME-one.png` and so on.
fn screens<D>(
    model: &Model<'_>,
    mut display: D,
    scale: u32,
    name: &Path,
    grey: impl Fn(<D as DrawTarget>::Color) -> u8,
) -> Result<(), Box<dyn Error>>
where
    D: DrawTarget<Color: Shade, Error: std::fmt::Debug> + GetPixel<Color = <D as DrawTarget>::Color>,
{
    let models = [*model];
    let mut arena = Aligned([0; 64 * 1024]);
    let mut app = App::new(&models, &mut arena.0, &mut [], Xoshiro128PlusPlus::seed_from_u64(0))?;
    let mut now = 0;
    let mut stopwatch = Stopwatch(|| {
        now += 12_345;
        now
    });
    for (view, events) in [
        ("one", vec![]),
        ("moved", [Button::Right, Button::Down, Button::Down, Button::Right].map(Event::Pressed).to_vec()),
        (
            "many",
            [Button::Up, Button::Up, Button::Up, Button::Right, Button::Down].map(Event::Pressed).to_vec(),
        ),
        ("gallery", vec![Event::Held(Button::Select)]),
    ] {
        for event in events {
            app.handle(event);
        }
        app.draw(&mut display, &mut stopwatch).map_err(|error| format!("{view}: {error:?}"))?;
        let path = name.with_file_name(format!("{}-{view}.png", name.file_name().unwrap().display()));
        let Size { width, height } = display.bounding_box().size;
        let mut encoder = png::Encoder::new(File::create(path)?, width * scale, height * scale);
        encoder.set_color(png::ColorType::Grayscale);
        let pixel = |x, y| display.pixel(Point::new((x / scale) as i32, (y / scale) as i32));
        let pixels: Vec<u8> = (0..height * scale)
            .flat_map(|y| (0..width * scale).map(move |x| (x, y)))
            .map(|(x, y)| pixel(x, y).map_or(0, &grey))
            .collect();
        encoder.write_header()?.write_image_data(&pixels)?;
    }
    Ok(())
}
