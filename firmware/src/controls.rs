//! The controls of a model: what its inputs and entries let a person change.
//!
//! | where the model has | there is | from … to |
//! |---|---|---|
//! | more than one entry | the entry, by its name | around |
//! | a choice | what is chosen, by its name or else its number | around |
//! | an input of up to [`FEW`] uniform numbers | a slider for each of them | −1.0 … 1.0, in tenths |
//! | normal numbers, or more uniform ones | one seed for all of them | around |
//! | | the walk to the next seed, in steps | on and on |
//! | normal numbers | their truncation | 0.2 … 3.0, in fifths |
//! | a picture as an input | the picture on the display taken for it, or a digit of the font | |
//! | a seed | one picture, or many of consecutive seeds | |

use core::fmt::{self, Write};

use gan_core::format::InputKind;
use gan_core::{MAX_CHOICES, Model};
use heapless::Vec;

use crate::shown::{MAX_SLIDERS, SEEDS, SLIDER_STEPS, Settings, TRUNCATION_STEPS, WALK_STEPS, seed_after};

/// An input of at most so many uniform numbers is a row of sliders; more are drawn by the seed.
pub const FEW: usize = 4;
/// The most controls of a model: entry, choices, sliders, and the last five of [`Control`].
pub const MAX_CONTROLS: usize = 1 + MAX_CHOICES + MAX_SLIDERS + 5;

/// A setting that Left and Right change.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum Control {
    /// Which of the model's entries makes the picture.
    Entry,
    /// What is chosen in the model's choice with this number.
    Choice(u8),
    /// A uniform number.
    Slider(Slider),
    /// The seed of all numbers that are drawn.
    Seed,
    /// How far the walk to the next seed has come.
    Walk,
    /// Beyond which size normal numbers are drawn anew.
    Truncation,
    /// What inputs that are pictures show; the first of them has this number among the inputs.
    Picture(u8),
    /// One picture or many.
    Show,
}

/// A slider's places.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Slider {
    /// Among the sliders of [`Settings`].
    pub number: u8,
    /// Among the uniform numbers of a [`Latent`](gan_core::Latent).
    pub uniform: u8,
    /// Of its input among the inputs.
    pub input: u8,
    /// Among the numbers of its input, from 1; 0 where that has no other.
    pub part: u8,
}

/// A model's controls, from top to bottom.
pub type Controls = Vec<Control, MAX_CONTROLS>;

/// The controls that `model`'s inputs and entries call for. Choices beyond [`MAX_CHOICES`] and uniform numbers beyond
/// [`MAX_SLIDERS`] have none.
pub fn of(model: &Model<'_>) -> Controls {
    let mut controls = Controls::new();
    let mut add = |control| {
        // The list has room for all of them.
        let _ = controls.push(control);
    };
    if model.entries().count() > 1 {
        add(Control::Entry);
    }
    let (mut choices, mut sliders, mut uniform) = (0, 0, 0);
    let (mut is_drawn, mut picture) = (false, None);
    for (record, input) in model.inputs().zip(0..) {
        let tensor = record.kind.tensor().and_then(|tensor| model.tensor(tensor));
        let numbers = tensor.map_or(0, |tensor| tensor.shape.size());
        match record.kind {
            InputKind::Normal { .. } => is_drawn = true,
            // Randomness, which comes from the seed as noise does, and is no part of the uniform numbers.
            InputKind::Uniform { .. } if tensor.is_some_and(|tensor| tensor.is_plane()) => is_drawn = true,
            InputKind::Choice { .. } => {
                if choices < MAX_CHOICES as u8 {
                    add(Control::Choice(choices));
                }
                choices += 1;
            }
            InputKind::Uniform { .. } if numbers <= FEW && sliders + numbers <= MAX_SLIDERS => {
                for part in 0..numbers {
                    add(Control::Slider(Slider {
                        number: (sliders + part) as u8,
                        uniform: (uniform + part) as u8,
                        input,
                        part: if numbers > 1 { part as u8 + 1 } else { 0 },
                    }));
                }
                sliders += numbers;
                uniform += numbers;
            }
            InputKind::Uniform { .. } => {
                is_drawn = true;
                uniform += numbers;
            }
            InputKind::Picture { .. } => picture = picture.or(Some(input)),
            // The engine turns them.
            InputKind::Row { .. } | InputKind::Column { .. } => {}
        }
    }
    if is_drawn {
        add(Control::Seed);
        add(Control::Walk);
    }
    if model.latent_length() > 0 {
        add(Control::Truncation);
    }
    if let Some(input) = picture {
        add(Control::Picture(input));
    }
    if is_drawn {
        add(Control::Show);
    }
    controls
}

impl Control {
    /// Changes `settings` of `model` by one step, forward or back. A step of the seed is as many seeds as the display
    /// shows, `page`, at most [`SEEDS`].
    pub fn change(self, settings: &mut Settings, model: &Model<'_>, forward: bool, page: u32) {
        match self {
            Control::Entry => {
                settings.entry = around(settings.entry, model.entries().count() as u8, forward);
            }
            Control::Choice(number) => {
                let count = model.choices().nth(number.into()).map_or(1, |choice| choice.count);
                if let Some(chosen) = settings.choices.get_mut(usize::from(number)) {
                    *chosen = around(*chosen, count, forward);
                }
            }
            Control::Slider(Slider { number, .. }) => {
                if let Some(slider) = settings.sliders.get_mut(usize::from(number)) {
                    *slider = (*slider + step(forward)).clamp(-SLIDER_STEPS, SLIDER_STEPS);
                }
            }
            Control::Seed => {
                settings.seed = seed_after(settings.seed, if forward { page } else { SEEDS - page });
            }
            Control::Walk => {
                settings.step = around(settings.step, WALK_STEPS, forward);
                match (forward, settings.step) {
                    (true, 0) => settings.seed = seed_after(settings.seed, 1),
                    (false, step) if step == WALK_STEPS - 1 => {
                        settings.seed = seed_after(settings.seed, SEEDS - 1);
                    }
                    _ => {}
                }
            }
            Control::Truncation => {
                let fifths = settings.truncation.saturating_add_signed(step(forward));
                settings.truncation = fifths.clamp(1, TRUNCATION_STEPS);
            }
            Control::Picture(_) => settings.taken = if forward { settings.taken % u8::MAX + 1 } else { 0 },
            Control::Show => settings.many = !settings.many,
        }
    }

    /// Writes what the control is called: by the model, where it is one of the model's inputs.
    ///
    /// # Errors
    /// Those of `text`.
    pub fn write_label(self, model: &Model<'_>, text: &mut dyn Write) -> fmt::Result {
        let input = |number: u8| model.inputs().nth(number.into()).map_or("", |input| input.name);
        text.write_str(match self {
            Control::Entry => "entry",
            Control::Choice(number) => model.choices().nth(number.into()).map_or("", |choice| choice.name),
            Control::Slider(Slider { input: number, .. }) | Control::Picture(number) => input(number),
            Control::Seed => "seed",
            Control::Walk => "walk",
            Control::Truncation => "trunc",
            Control::Show => "show",
        })?;
        match self {
            Control::Slider(Slider { part: part @ 1.., .. }) => write_number(text, " ", part.into()),
            _ => Ok(()),
        }
    }

    /// Writes where the control stands in `settings`.
    ///
    /// # Errors
    /// Those of `text`.
    pub fn write_value(self, settings: &Settings, model: &Model<'_>, text: &mut dyn Write) -> fmt::Result {
        match self {
            Control::Entry => {
                text.write_str(model.entries().nth(settings.entry.into()).map_or("", |entry| entry.name))
            }
            Control::Choice(number) => {
                let chosen = settings.choices.get(usize::from(number)).copied().unwrap_or(0);
                match model.choices().nth(number.into()).and_then(|choice| choice.name_of(chosen)) {
                    Some(name) => text.write_str(name),
                    None => write_number(text, "", chosen.into()),
                }
            }
            Control::Slider(Slider { number, .. }) => {
                let tenths = settings.sliders.get(usize::from(number)).copied().unwrap_or(0);
                text.write_str(if tenths < 0 { "-" } else { "" })?;
                write_tenths(text, tenths.unsigned_abs())
            }
            Control::Seed => write_number(text, "", settings.seed),
            Control::Walk => {
                write_number(text, "", settings.step.into())?;
                write_number(text, "/", WALK_STEPS.into())
            }
            Control::Truncation => write_tenths(text, 2 * settings.truncation),
            Control::Picture(_) if settings.taken == 0 => text.write_str("font"),
            Control::Picture(_) => write_number(text, "", settings.taken.into()),
            Control::Show => text.write_str(if settings.many { "many" } else { "one" }),
        }
    }
}

/// `number` of `count` (at least 1) plus or minus 1, around the ends.
pub(crate) fn around(number: u8, count: u8, forward: bool) -> u8 {
    match forward {
        true if number < count.saturating_sub(1) => number + 1,
        true => 0,
        false if number > 0 => number - 1,
        false => count.saturating_sub(1),
    }
}

fn step(forward: bool) -> i8 {
    if forward { 1 } else { -1 }
}

/// Writes `number` behind `before`.
#[inline(never)] // small: it is called in many places
fn write_number(text: &mut dyn Write, before: &str, number: u32) -> fmt::Result {
    text.write_str(before)?;
    write!(text, "{number}")
}

#[inline(never)] // as above
fn write_tenths(text: &mut dyn Write, tenths: u8) -> fmt::Result {
    write_number(text, "", u32::from(tenths / 10))?;
    write_number(text, ".", u32::from(tenths % 10))
}
