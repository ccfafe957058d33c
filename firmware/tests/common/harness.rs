//! The app on the host, as the boards run it.

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
    App, Cost, Meter, Shown, Unit,
    buttons::{Button, Event},
};
use gan_core::{Aligned, AlignedBytes, Model};
use rand_core::SeedableRng;
use rand_xoshiro::Xoshiro128PlusPlus;

use super::{SIDE, model};

/// A display of the OLED's size and greys.
pub type Oled = Framebuffer<Gray4, RawU4, BigEndian, 128, 64, { buffer_size::<Gray4>(128, 64) }>;

/// Bytes of arena for any model of these tests.
pub const ARENA: usize = 8 * 1024;

/// Runs `test` with an app of a model of `classes` classes, starting at `seed`.
pub fn with_app(classes: u8, seed: u32, test: impl FnOnce(App<'_, Xoshiro128PlusPlus>)) {
    with_gallery(&[model(classes)], seed, test);
}

/// Runs `test` with an app of these models.
pub fn with_gallery(files: &[AlignedBytes], seed: u32, test: impl FnOnce(App<'_, Xoshiro128PlusPlus>)) {
    let models: Vec<Model<'_>> = files.iter().map(|file| Model::parse(file).unwrap()).collect();
    let (mut arena, mut kept) = (Aligned([0; ARENA]), [0; 2 * SIDE * SIDE]);
    let entropy = Xoshiro128PlusPlus::seed_from_u64(1);
    test(App::new(&models, &mut arena.0, &mut kept, entropy).unwrap().starting_at(seed));
}

/// What [`clock`] measures.
pub const COST: Option<Cost> = Some(Cost { amount: 700, unit: Unit::Microseconds });

/// By this meter every picture costs the same.
pub struct Always(pub Option<Cost>);

impl Meter for Always {
    fn measure<T>(&mut self, work: impl FnOnce() -> T) -> (T, Option<Cost>) {
        (work(), self.0)
    }
}

/// By this clock every picture takes `amount` microseconds.
pub fn takes(amount: u32) -> Always {
    Always(Some(Cost { amount, unit: Unit::Microseconds }))
}

/// By this one every picture takes 700.
pub fn clock() -> Always {
    Always(COST)
}

/// Draws afresh on an OLED.
pub fn draw(app: &mut App<'_, Xoshiro128PlusPlus>) -> (Shown, Oled) {
    let mut oled = Oled::new();
    (app.draw(&mut oled, &mut clock()).unwrap(), oled)
}

/// A short press.
pub fn press(app: &mut App<'_, Xoshiro128PlusPlus>, button: Button) {
    app.handle(Event::Pressed(button));
    app.handle(Event::Clicked(button));
}

/// Moves the focus from the top to the control at `place`.
pub fn focus(app: &mut App<'_, Xoshiro128PlusPlus>, place: u8) {
    (0..place).for_each(|_| press(app, Button::Down));
}

/// What pixels of the picture on the OLED have.
pub fn picture(oled: &Oled) -> Vec<Gray4> {
    let points = (0..56).flat_map(|y| (0..56).map(move |x| Point::new(4 + x, 4 + y)));
    points.map(|point| oled.pixel(point).unwrap()).collect()
}
