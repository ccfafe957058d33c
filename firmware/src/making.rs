//! From settings to a picture.

use embedded_graphics::geometry::Size;
use gan_core::format::InputKind;
use gan_core::{Generator, Image, Latent, Model, Shape};
use rand_core::SeedableRng;
use rand_xoshiro::Xoshiro128PlusPlus;

use crate::controls::{Control, Slider};
use crate::cost::{Cost, Meter};
use crate::shown::{SLIDER_STEPS, Settings, TRUNCATION_STEPS, WALK_STEPS, seed_after};
use crate::text::large_letter;

/// What picture inputs show where no picture was taken.
const DIGIT: u8 = b'5';
/// A picture's 1, white; its −1 is black.
const WHITE: i8 = 127;
/// A truncation of 3.0, by steps.
const TRUNCATION_STEP: f32 = gan_core::MAX_TRUNCATION / TRUNCATION_STEPS as f32;

/// The last picture made, and the one taken for the inputs that are pictures.
///
/// Memory is two pictures of the largest such input; where no model has one, it is none, and nothing is kept.
pub struct Pictures<'a> {
    made: Kept<'a>,
    taken: Kept<'a>,
}

/// A copy of a picture, if its shape has a size at all.
struct Kept<'a> {
    values: &'a mut [i8],
    shape: Shape,
}

impl<'a> Pictures<'a> {
    /// None kept yet, in `memory`.
    pub fn new(memory: &'a mut [i8]) -> Self {
        let (made, taken) = memory.split_at_mut(memory.len() / 2);
        let kept = |values| Kept { values, shape: Shape::new(0, 0, 0) };
        Self { made: kept(made), taken: kept(taken) }
    }

    /// Keeps a picture that was made. One that is larger than any input is not kept.
    pub fn keep(&mut self, image: &Image<'_>) {
        let place = self.made.values.get_mut(..image.values().len());
        self.made.shape = place.map_or(Shape::new(0, 0, 0), |place| {
            place.copy_from_slice(image.values());
            image.shape()
        });
    }

    /// Takes the picture made last.
    pub fn take(&mut self) {
        core::mem::swap(&mut self.made, &mut self.taken);
    }

    /// Hands the taken picture to the inputs of its shape, and a digit of the display's font to others, and to all if
    /// `is_taken` is not.
    fn hand_in(&self, generator: &mut Generator<'_>, is_taken: bool) {
        let model = *generator.model();
        for (record, input) in model.inputs().zip(0..) {
            let InputKind::Picture { tensor } = record.kind else { continue };
            let Some(tensor) = model.tensor(tensor) else { continue };
            let Shape { height, width, channels } = tensor.shape;
            let values = generator.input_mut(input);
            if is_taken && tensor.shape == self.taken.shape {
                values.iter_mut().zip(self.taken.values.iter()).for_each(|(value, &kept)| *value = kept);
                continue;
            }
            let pixels = values.chunks_exact_mut(usize::from(channels).max(1));
            for (pixel, ink) in pixels.zip(large_letter(DIGIT, Size::new(width.into(), height.into()))) {
                pixel.fill(if ink { WHITE } else { -WHITE });
            }
        }
    }
}

/// What is asked for.
pub struct Wanted<'a> {
    /// The controls that the model has.
    pub controls: &'a [Control],
    /// Where they stand.
    pub settings: &'a Settings,
    /// So many seeds further on.
    pub further: u32,
}

/// Makes a picture in `memory`; `meter` measures the making. A picture that is drawn pixel by pixel shows each row to `show`,
/// which is measured too. None if `memory` is too small for `model`.
pub fn make<'m>(
    model: &Model<'m>,
    memory: &'m mut [i8],
    pictures: &Pictures<'_>,
    wanted: &Wanted<'_>,
    meter: &mut impl Meter,
    show: impl FnMut(u16, Image<'_>),
) -> Option<(Image<'m>, Option<Cost>)> {
    let mut generator = Generator::in_memory(model, memory).ok()?;
    generator.enter(wanted.settings.entry.into());
    let latent = latent(&generator, wanted);
    pictures.hand_in(&mut generator, wanted.settings.taken > 0);
    Some(meter.measure(|| generator.into_image_by_rows(&latent, show)))
}

/// The latent of where seed, walk, choices and sliders stand.
fn latent(generator: &Generator<'_>, &Wanted { controls, settings, further }: &Wanted<'_>) -> Latent {
    let truncation = f32::from(settings.truncation) * TRUNCATION_STEP;
    let drawn = |further| {
        let seed = seed_after(settings.seed, further);
        generator.truncated_latent(&mut Xoshiro128PlusPlus::seed_from_u64(seed.into()), truncation)
    };
    let mut latent = drawn(further);
    if settings.step > 0 {
        latent = latent.slerp(&drawn(further + 1), f32::from(settings.step) / f32::from(WALK_STEPS));
    }
    for control in controls {
        let Control::Slider(Slider { number, uniform, .. }) = *control else { continue };
        let tenths = settings.sliders.get(usize::from(number)).copied().unwrap_or(0);
        if let Some(value) = latent.uniform_values_mut().get_mut(usize::from(uniform)) {
            *value = slider_value(tenths);
        }
    }
    (0..).zip(settings.choices).fold(latent, |latent, (choice, chosen)| latent.choose(choice, chosen))
}

/// Tenths as a uniform number at 1/127 a step, to the nearest.
fn slider_value(tenths: i8) -> i8 {
    let tenths = tenths.clamp(-SLIDER_STEPS, SLIDER_STEPS);
    let doubled = 2 * 127 * i32::from(tenths) / i32::from(SLIDER_STEPS);
    ((doubled + doubled.signum()) / 2) as i8
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slider_goes_from_minus_one_to_one_to_the_nearest_step() {
        for (tenths, value) in [(-10, -127), (-5, -64), (-1, -13), (0, 0), (1, 13), (3, 38), (10, 127)] {
            assert_eq!(slider_value(tenths), value, "{tenths}");
        }
    }

    #[test]
    fn the_largest_truncation_is_none() {
        assert_eq!(f32::from(TRUNCATION_STEPS) * TRUNCATION_STEP, gan_core::MAX_TRUNCATION);
    }
}
