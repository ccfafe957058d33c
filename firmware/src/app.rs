//! The app: what the buttons do and what is on the display.
//!
//! Two numbers name every picture: a seed and a class. The latent of a seed is the first one drawn from
//! `Xoshiro128PlusPlus::seed_from_u64(seed)`, so a seed read off the display gives the same digit on
//! the host. A walk leads from each seed's latent to the next seed's in [`WALK_STEPS`] steps.
//!
//! | button | one digit | grid |
//! |---|---|---|
//! | Up, Down | next class, class before | the same |
//! | Left, Right (held: on and on) | a step of the walk | a page of seeds |
//! | Select | a new seed | a new page |
//! | Select held | to the grid | to the first digit of the grid |

use embedded_graphics::{Drawable, draw_target::DrawTarget, geometry::Size};
use gan_core::{Arena, ArenaTooSmall, Choice, Generator, Latent, Model, Shade};
use rand_core::{Rng, SeedableRng};
use rand_xoshiro::Xoshiro128PlusPlus;

use crate::{
    buttons::{Button, Event},
    cost::{Cost, Meter},
    layout::{DigitLayout, GridLayout},
    screen,
};

/// Seeds are 0 to 999,999: six digits that a person reads off a display and types.
pub const SEEDS: u32 = 1_000_000;
/// Steps of the walk from one seed's latent to the next one's.
pub const WALK_STEPS: u8 = 8;

/// What is on the display.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum View {
    /// One digit, large, beside its numbers.
    Digit,
    /// As many digits as fit, of one class and of consecutive seeds.
    Grid,
}

/// Which picture is on the display, and what it cost: all that it takes to draw the same display elsewhere.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Shown {
    /// One digit or many.
    pub view: View,
    /// The class, 0 for a model without classes.
    pub class: u8,
    /// The seed of the (first) digit.
    pub seed: u32,
    /// Steps walked from it towards the next seed, below [`WALK_STEPS`].
    pub step: u8,
    /// Pictures generated.
    pub pictures: u32,
    /// What a picture cost, the mean of all, as the display says; `None` where the board cannot tell.
    pub cost: Option<Cost>,
}

/// The state machine between buttons and display; `R` is the board's entropy, for new seeds.
pub struct App<'a, R> {
    generator: Generator<'a>,
    name: &'a str,
    choice: Option<Choice<'a>>,
    picture: Size,
    entropy: R,
    view: View,
    class: u8,
    seed: u32,
    step: u8,
    /// Digits on a grid page of the display last drawn on.
    page: u32,
    /// The view that the display shows, if any: another one needs the display cleared.
    on_display: Option<View>,
}

impl<'a, R: Rng> App<'a, R> {
    /// An app that draws `model`'s pictures, working in `arena`, and starts at a seed from `entropy`.
    ///
    /// # Errors
    /// The arena is smaller than the model needs.
    pub fn new<const BYTES: usize>(
        model: &'a Model<'a>,
        arena: &'a mut Arena<BYTES>,
        mut entropy: R,
    ) -> Result<Self, ArenaTooSmall> {
        let shape = model.output_shape();
        Ok(Self {
            generator: Generator::new(model, arena)?,
            name: model.name(),
            choice: model.choices().next(),
            picture: Size::new(shape.width.into(), shape.height.into()),
            view: View::Digit,
            class: 0,
            seed: new_seed(&mut entropy),
            entropy,
            step: 0,
            page: 1,
            on_display: None,
        })
    }

    /// The same app at another seed, counted modulo [`SEEDS`].
    #[must_use]
    pub fn starting_at(mut self, seed: u32) -> Self {
        self.seed = seed % SEEDS;
        self
    }

    /// Does what `event` asks for; returns whether the display must be drawn again.
    pub fn handle(&mut self, event: Event) -> bool {
        let before = (self.view, self.class, self.seed, self.step);
        match event {
            Event::Pressed(button) | Event::Held(button) | Event::Repeated(button)
                if button != Button::Select =>
            {
                self.move_by(button)
            }
            Event::Clicked(Button::Select) => {
                self.seed = new_seed(&mut self.entropy);
                self.step = 0;
            }
            Event::Held(Button::Select) => {
                self.view = match self.view {
                    View::Digit => View::Grid,
                    View::Grid => View::Digit,
                };
                self.step = 0;
            }
            _ => {}
        }
        before != (self.view, self.class, self.seed, self.step)
    }

    fn move_by(&mut self, button: Button) {
        let (classes, last_step) = (self.choice.map_or(1, |choice| choice.count), WALK_STEPS - 1);
        match (button, self.view) {
            (Button::Up, _) => self.class = (self.class + 1) % classes,
            (Button::Down, _) => self.class = (self.class + classes - 1) % classes,
            (Button::Right, View::Digit) if self.step < last_step => self.step += 1,
            (Button::Right, View::Digit) => (self.seed, self.step) = (seed_after(self.seed, 1), 0),
            (Button::Left, View::Digit) if self.step > 0 => self.step -= 1,
            (Button::Left, View::Digit) => {
                (self.seed, self.step) = (seed_after(self.seed, SEEDS - 1), last_step)
            }
            (Button::Right, View::Grid) => self.seed = seed_after(self.seed, self.page),
            (Button::Left, View::Grid) => self.seed = seed_after(self.seed, SEEDS - self.page),
            (Button::Select, _) => {}
        }
    }

    /// Generates what the state asks for and draws it on `display`. `meter` measures the generating alone, without the
    /// drawing.
    ///
    /// # Errors
    /// The display's own.
    pub fn draw<D>(&mut self, display: &mut D, meter: &mut impl Meter) -> Result<Shown, D::Error>
    where
        D: DrawTarget<Color: Shade>,
    {
        if self.on_display.replace(self.view) != Some(self.view) {
            display.clear(screen::black())?;
        }
        match self.view {
            View::Digit => self.draw_digit(display, meter),
            View::Grid => self.draw_grid(display, meter),
        }
    }

    fn draw_digit<D>(&mut self, display: &mut D, meter: &mut impl Meter) -> Result<Shown, D::Error>
    where
        D: DrawTarget<Color: Shade>,
    {
        let layout = DigitLayout::new(display.bounding_box().size, self.picture);
        let latent = self.latent();
        let (digit, cost) = meter.measure(|| self.generator.generate(&latent));
        digit.at(layout.picture, layout.scale).draw(display)?;
        let shown = self.shown(1, cost);
        screen::panel(display, &layout.panel, self.name, self.choice, &shown)?;
        Ok(shown)
    }

    fn draw_grid<D>(&mut self, display: &mut D, meter: &mut impl Meter) -> Result<Shown, D::Error>
    where
        D: DrawTarget<Color: Shade>,
    {
        let layout = GridLayout::new(display.bounding_box().size, self.picture);
        self.page = layout.cells();
        // Of the mean: the sum of what each picture adds, and of the remainders, so that no sum leaves 32 bits.
        let (mut unit, mut whole, mut rest) = (None, 0, 0);
        for index in 0..self.page {
            let latent = self.seed_latent(seed_after(self.seed, index));
            let (digit, cost) = meter.measure(|| self.generator.generate(&latent));
            let amount = cost.map_or(0, |cost| cost.amount);
            (unit, whole, rest) =
                (cost.map(|cost| cost.unit), whole + amount / self.page, rest + amount % self.page);
            digit.at(layout.cell(index), layout.scale).draw(display)?;
        }
        let amount = whole + rest / self.page;
        let shown = self.shown(self.page, unit.map(|unit| Cost { amount, unit }));
        screen::status_line(display, &layout.status, self.choice, &shown)?;
        Ok(shown)
    }

    fn shown(&self, pictures: u32, cost: Option<Cost>) -> Shown {
        Shown { view: self.view, class: self.class, seed: self.seed, step: self.step, pictures, cost }
    }

    /// The latent of where the walk stands.
    fn latent(&self) -> Latent {
        let from = self.seed_latent(self.seed);
        if self.step == 0 {
            return from;
        }
        let to = self.seed_latent(seed_after(self.seed, 1));
        from.slerp(&to, f32::from(self.step) / f32::from(WALK_STEPS))
    }

    fn seed_latent(&self, seed: u32) -> Latent {
        let mut rng = Xoshiro128PlusPlus::seed_from_u64(seed.into());
        self.generator.latent(&mut rng).class(self.class)
    }
}

/// A seed below [`SEEDS`]; the bias of the remainder, 1 in 4,000, is of no matter here.
fn new_seed(entropy: &mut impl Rng) -> u32 {
    entropy.next_u32() % SEEDS
}

/// The seed `count` (at most [`SEEDS`]) after `seed`, around the end.
fn seed_after(seed: u32, count: u32) -> u32 {
    (seed + count) % SEEDS
}
