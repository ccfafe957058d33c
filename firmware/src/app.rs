//! The app: what the buttons do and what is on the display.
//!
//! A picture is named by a seed and by where the model's [`controls`] stand. The latent of a seed is
//! the first one drawn from `Xoshiro128PlusPlus::seed_from_u64(seed)`, so a seed read off the display gives the same picture
//! on the host. A walk leads from each seed's latent to the next seed's in [`WALK_STEPS`](crate::shown::WALK_STEPS) steps.
//!
//! | button | one picture, or many | gallery |
//! |---|---|---|
//! | Up, Down | the control above, below | the model above, below |
//! | Left, Right (held: on and on) | change the control: one back, one on | |
//! | Select | a new seed | takes the model |
//! | Select held | opens the gallery | closes it |
//!
//! The last control of a model that draws its pictures by seeds, `show`, leads from one picture to as many as fit, and back;
//! there the control of the seed turns pages.

use embedded_graphics::{Drawable, draw_target::DrawTarget, geometry::Size};
use gan_core::{ArenaTooSmall, Image, Model, Shade};
use rand_core::Rng;

use crate::{
    buttons::{Button, Event},
    controls::{self, Control, Controls, around},
    cost::{Cost, Meter},
    layout::{GridLayout, PictureLayout},
    making::{Pictures, Wanted, make},
    screen,
    shown::{SEEDS, Settings, Shown},
    text::black,
};

/// The app cannot start.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum StartError {
    /// There is no model.
    NoModel,
    /// The memory is too small for one of the models.
    Arena(ArenaTooSmall),
}

impl core::fmt::Display for StartError {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        match self {
            StartError::NoModel => f.write_str("there is no model"),
            StartError::Arena(error) => write!(f, "{error}"),
        }
    }
}

impl core::error::Error for StartError {}

/// The state machine between buttons and display; `R` is the board's entropy, for new seeds.
pub struct App<'a, R> {
    models: &'a [Model<'a>],
    memory: &'a mut [i8],
    pictures: Pictures<'a>,
    entropy: R,
    /// The model whose pictures are made, and its place.
    model: &'a Model<'a>,
    place: u8,
    controls: Controls,
    /// Place of the control that Left and Right change.
    focus: u8,
    settings: Settings,
    /// Where the gallery is open, the place that the next click takes.
    gallery: Option<u8>,
    /// Pictures on the display last drawn on.
    page: u32,
    /// What the display shows, if anything: another arrangement needs it cleared.
    on_display: Option<Arrangement>,
}

/// What decides where things are on the display.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Arrangement {
    is_gallery: bool,
    many: bool,
    place: u8,
    entry: u8,
}

impl<'a, R: Rng> App<'a, R> {
    /// An app that draws the first of `models`, and the others by the gallery, and starts at a seed from `entropy`.
    ///
    /// It works in `memory`, of [`Model::arena_bytes`] of the largest at a multiple of 16, and keeps pictures in `kept`: two of
    /// the largest input that is a picture; none where no model has one.
    ///
    /// # Errors
    /// There is no model, or the memory is smaller than one needs.
    pub fn new(
        models: &'a [Model<'a>],
        memory: &'a mut [i8],
        kept: &'a mut [i8],
        mut entropy: R,
    ) -> Result<Self, StartError> {
        let model = models.first().ok_or(StartError::NoModel)?;
        let (holds, needs) = (memory.len(), models.iter().map(Model::arena_bytes).max().unwrap_or(0));
        if holds < needs {
            return Err(StartError::Arena(ArenaTooSmall { holds, needs }));
        }
        Ok(Self {
            models,
            memory,
            pictures: Pictures::new(kept),
            model,
            place: 0,
            controls: controls::of(model),
            focus: 0,
            settings: Settings::new(new_seed(&mut entropy)),
            entropy,
            gallery: None,
            page: 1,
            on_display: None,
        })
    }

    /// The same app at another seed, counted modulo [`SEEDS`].
    #[must_use]
    pub fn starting_at(mut self, seed: u32) -> Self {
        self.settings.seed = seed % SEEDS;
        self
    }

    /// Does what `event` asks for; returns whether the display must be drawn again.
    pub fn handle(&mut self, event: Event) -> bool {
        let before = (self.gallery, self.place, self.focus, self.settings);
        match (event, self.gallery) {
            (Event::Held(Button::Select), None) => self.gallery = Some(self.place),
            (Event::Held(Button::Select), Some(_)) => self.gallery = None,
            (Event::Clicked(Button::Select), None) => self.draw_seed(),
            (Event::Clicked(Button::Select), Some(place)) => self.enter(place),
            (Event::Pressed(button) | Event::Held(button) | Event::Repeated(button), Some(place)) => {
                self.gallery = Some(moved(place, self.models.len(), button));
            }
            (Event::Pressed(button) | Event::Held(button) | Event::Repeated(button), None) => {
                self.focus = moved(self.focus, self.controls.len(), button);
                match button {
                    Button::Left => self.change(false),
                    Button::Right => self.change(true),
                    _ => {}
                }
            }
            _ => {}
        }
        before != (self.gallery, self.place, self.focus, self.settings)
    }

    /// Changes the control that has the focus.
    fn change(&mut self, forward: bool) {
        let Some(control) = self.controls.get(usize::from(self.focus)) else { return };
        let page = if self.settings.many { self.page } else { 1 };
        control.change(&mut self.settings, self.model, forward, page);
        match control {
            Control::Picture(_) if forward => self.pictures.take(),
            Control::Entry => self.hand_over(),
            _ => {}
        }
    }

    /// A new seed, where the model has one.
    fn draw_seed(&mut self) {
        if self.controls.contains(&Control::Seed) {
            (self.settings.seed, self.settings.step) = (new_seed(&mut self.entropy), 0);
        }
    }

    /// Goes on with another model: at the same seed, and with the picture on the display, if it takes one.
    fn enter(&mut self, place: u8) {
        self.gallery = None;
        if let Some(model) = self.models.get(usize::from(place)).filter(|_| place != self.place) {
            (self.model, self.place, self.focus) = (model, place, 0);
            self.controls = controls::of(model);
            self.settings = Settings::new(self.settings.seed);
            self.hand_over();
        }
    }

    /// What inputs that are pictures show from here on: the picture made last.
    fn hand_over(&mut self) {
        if self.controls.iter().any(|control| matches!(control, Control::Picture(_))) {
            self.pictures.take();
            self.settings.taken = 1;
        }
    }

    /// Generates what the state asks for and draws it on `display`; a picture that is drawn pixel by pixel comes up row by row.
    /// `meter` measures the generating, without the drawing but for such rows.
    ///
    /// # Errors
    /// The display's own.
    pub fn draw<D>(&mut self, display: &mut D, meter: &mut impl Meter) -> Result<Shown, D::Error>
    where
        D: DrawTarget<Color: Shade>,
    {
        let Settings { many, entry, .. } = self.settings;
        let arrangement = Arrangement { is_gallery: self.gallery.is_some(), many, place: self.place, entry };
        if self.on_display.replace(arrangement) != Some(arrangement) {
            display.clear(black())?;
        }
        match self.gallery {
            Some(place) => {
                screen::gallery(display, self.models, place)?;
                Ok(self.shown(0, None))
            }
            None => self.draw_pictures(display, meter),
        }
    }

    /// Draws one picture and the panel, or many and the status line.
    fn draw_pictures<D>(&mut self, display: &mut D, meter: &mut impl Meter) -> Result<Shown, D::Error>
    where
        D: DrawTarget<Color: Shade>,
    {
        let (size, many) = (display.bounding_box().size, self.settings.many);
        let (one, grid) = (PictureLayout::new(size, self.picture()), GridLayout::new(size, self.picture()));
        self.page = if many { grid.cells() } else { 1 };
        // Of the mean: the sum of what each picture adds, and of the remainders, so that no sum leaves 32 bits.
        let (mut unit, mut whole, mut rest) = (None, 0, 0);
        for index in 0..self.page {
            let (corner, scale) =
                if many { (grid.cell(index), grid.scale) } else { (one.picture, one.scale) };
            let wanted = Wanted { controls: &self.controls, settings: &self.settings, further: index };
            let mut drawn = Ok(());
            let show = |row: u16, pixels: Image<'_>| {
                if drawn.is_ok() {
                    drawn = pixels.at(corner + Size::new(0, scale * u32::from(row)), scale).draw(display);
                }
            };
            let made = make(self.model, self.memory, &self.pictures, &wanted, meter, show);
            drawn?;
            // `new` has seen that the memory suffices.
            let Some((image, cost)) = made else { continue };
            let amount = cost.map_or(0, |cost| cost.amount);
            (unit, whole, rest) =
                (cost.map(|cost| cost.unit), whole + amount / self.page, rest + amount % self.page);
            image.at(corner, scale).draw(display)?;
            self.pictures.keep(&image);
        }
        let amount = whole + rest / self.page;
        let shown = self.shown(self.page, unit.map(|unit| Cost { amount, unit }));
        if many {
            let control = self.controls.get(usize::from(self.focus));
            screen::status_line(display, grid.status, self.model, control, &shown)?;
        } else {
            screen::panel(display, one.panel, self.model, &self.controls, &shown)?;
        }
        Ok(shown)
    }

    /// Size of the pictures of the entry in use.
    fn picture(&self) -> Size {
        let entry = self.model.entries().nth(self.settings.entry.into());
        let tensor = entry.and_then(|entry| self.model.tensor(entry.output));
        let shape = tensor.map_or(self.model.output_shape(), |tensor| tensor.shape);
        Size::new(shape.width.into(), shape.height.into())
    }

    fn shown(&self, pictures: u32, cost: Option<Cost>) -> Shown {
        let Self { place: model, gallery, focus, settings, .. } = *self;
        Shown { model, gallery, focus, settings, pictures, cost }
    }
}

/// A seed below [`SEEDS`]; the bias of the remainder, 1 in 4,000, is of no matter here.
fn new_seed(entropy: &mut impl Rng) -> u32 {
    entropy.next_u32() % SEEDS
}

/// The place above or below `place` in a list of `length`, around its ends, as `button` says; others say nothing.
fn moved(place: u8, length: usize, button: Button) -> u8 {
    match button {
        Button::Up => around(place, length as u8, false),
        Button::Down => around(place, length as u8, true),
        _ => place,
    }
}
