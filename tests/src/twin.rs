//! The firmware's app on the host: fed the same events, it must show the same screen.

use anyhow::{Result, anyhow};
use embedded_graphics::{
    framebuffer::{Framebuffer, buffer_size},
    image::GetPixel,
    pixelcolor::{
        Gray4,
        raw::{BigEndian, RawU4},
    },
    prelude::*,
};
use firmware::{
    App, Cost, Meter, Shown,
    buttons::Event,
    ssd0323::{HEIGHT, WIDTH},
};
use gan_core::{Aligned, AlignedBytes, Model};
use rand_core::SeedableRng;
use rand_xoshiro::Xoshiro128PlusPlus;
use tools::emulator::Screen;

/// For the arena, and for the kept pictures, of any model that fits the board.
const RAM_BYTES: usize = 64 * 1024;

/// A display of the OLED's size and greys.
type Canvas = Framebuffer<Gray4, RawU4, BigEndian, WIDTH, HEIGHT, { buffer_size::<Gray4>(WIDTH, HEIGHT) }>;

/// Runs `test` with the app that the firmware with these model files starts when it is given `seed=SEED`.
///
/// # Errors
/// What is wrong with a model file, or what `test` returns.
pub fn with_twin<T>(files: &[Vec<u8>], seed: u32, test: impl FnOnce(Twin<'_>) -> Result<T>) -> Result<T> {
    let files: Vec<AlignedBytes> = files.iter().map(|file| AlignedBytes::new(file)).collect();
    let parse = |file| Model::parse(file).map_err(|error| anyhow!("a model file: {error}"));
    let models = files.iter().map(|file| parse(file)).collect::<Result<Vec<_>>>()?;
    let (mut arena, mut kept) = (Aligned([0; RAM_BYTES]), [0; RAM_BYTES]);
    let entropy = Xoshiro128PlusPlus::seed_from_u64(seed.into());
    let app = App::new(&models, &mut arena.0, &mut kept, entropy)?;
    test(Twin { app: app.starting_at(seed), canvas: Canvas::new() })
}

/// What was measured elsewhere.
struct Measured(Option<Cost>);

impl Meter for Measured {
    fn measure<T>(&mut self, work: impl FnOnce() -> T) -> (T, Option<Cost>) {
        (work(), self.0)
    }
}

/// The app and its display.
pub struct Twin<'a> {
    app: App<'a, Xoshiro128PlusPlus>,
    canvas: Canvas,
}

impl Twin<'_> {
    /// What the firmware does on `event`.
    pub fn handle(&mut self, event: Event) {
        self.app.handle(event);
    }

    /// Draws as the firmware did, whose board measured `cost` for a picture, if it made one.
    pub fn draw(&mut self, cost: Option<Cost>) -> (Shown, Screen) {
        let Ok(shown) = self.app.draw(&mut self.canvas, &mut Measured(cost));
        (shown, self.screen())
    }

    /// The display as the emulator would dump it: 16 greys spread over 0 to 255.
    fn screen(&self) -> Screen {
        let area = self.canvas.bounding_box();
        let grey = |point| self.canvas.pixel(point).map_or(0, |grey| grey.luma() * 17);
        let rgb = area.points().map(|point| [grey(point); 3]).collect();
        Screen { width: WIDTH, height: HEIGHT, rgb }
    }
}
