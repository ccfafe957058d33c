//! Text on the display: the panel beside a digit, the line below a grid, and messages.
//!
//! Text is drawn with its background, each line at its full width, so that a redraw overwrites what
//! was there: no clearing, no flicker on displays without a frame buffer.

use core::fmt::{self, Write};

use embedded_graphics::{
    Drawable,
    draw_target::DrawTarget,
    geometry::{Point, Size},
    mono_font::{MonoFont, MonoTextStyleBuilder, ascii},
    primitives::Rectangle,
    text::{Baseline, Text},
};
use gan_core::{Choice, ParseError, Shade};
use heapless::String;

use crate::app::{Shown, View, WALK_STEPS};
use crate::cost::{Cost, Unit};

/// From small to large.
const FONTS: [&MonoFont<'static>; 6] = [
    &ascii::FONT_4X6,
    &ascii::FONT_5X8,
    &ascii::FONT_6X10,
    &ascii::FONT_8X13,
    &ascii::FONT_9X15,
    &ascii::FONT_10X20,
];

/// Greys of text, 0 (black) to 255.
const BRIGHT: u8 = 255;
const DIM: u8 = 120;

/// The widest line of the panel: a label, a space, a value of seven characters.
const PANEL_COLUMNS: u32 = 12;
/// Name, class, seed, walk, cost.
const PANEL_LINES: u32 = 5;
/// The longest label.
const LABEL_COLUMNS: usize = 5;
/// The widest status line.
const STATUS_COLUMNS: u32 = 30;

/// The colour black.
pub(crate) fn black<C: Shade>() -> C {
    C::shade(0, Point::zero())
}

/// Draws model name, class, seed, walk and what a picture cost into `area`, a line each.
pub(crate) fn panel<D>(
    display: &mut D,
    area: &Rectangle,
    name: &str,
    choice: Option<Choice<'_>>,
    shown: &Shown,
) -> Result<(), D::Error>
where
    D: DrawTarget<Color: Shade>,
{
    let line_height = area.size.height / PANEL_LINES;
    let font = font_for(Size::new(area.size.width / PANEL_COLUMNS, line_height));
    let pitch = line_height.min(2 * font.character_size.height);
    let line = |index: u32| area.top_left + Size::new(0, index * pitch);
    let columns = (area.size.width / font.character_size.width) as usize;

    let mut text = Line::new(font, columns);
    text.write(format_args!("{name}")).draw(display, line(0), BRIGHT)?;
    text.labelled(display, line(1), label(choice), chosen(choice, shown))?;
    text.labelled(display, line(2), "seed", format_args!("{}", shown.seed))?;
    text.write(format_args!("walk")).draw(display, line(3), DIM)?;
    walk_bar(display, line(3), columns as u32 * font.character_size.width, font, shown.step)?;
    text.labelled(display, line(4), shown.cost.map_or("time", |cost| cost.unit.label()), cost(shown.cost))
}

/// Draws class, seeds and what a picture cost in the mean in one line.
pub(crate) fn status_line<D>(
    display: &mut D,
    area: &Rectangle,
    choice: Option<Choice<'_>>,
    shown: &Shown,
) -> Result<(), D::Error>
where
    D: DrawTarget<Color: Shade>,
{
    debug_assert_eq!(shown.view, View::Grid);
    let font = font_for(Size::new(area.size.width / STATUS_COLUMNS, area.size.height));
    let columns = area.size.width / font.character_size.width;
    let slack = area.size - Size::new(columns * font.character_size.width, font.character_size.height);
    let corner = area.top_left + slack / 2;
    let mut text = Line::new(font, columns as usize);
    text.write(format_args!("{} {} seeds {}..", label(choice), chosen(choice, shown), shown.seed));
    // A count without a label needs its unit; a time has it.
    let unit = if shown.cost.is_some_and(|cost| cost.unit == Unit::Instructions) { " ins" } else { "" };
    text.end_with(format_args!("{}{unit}", cost(shown.cost))).draw(display, corner, BRIGHT)
}

/// Why the embedded model is refused, in a few words: the build has parsed it, so what is left is damage on the way. The log
/// says it in full; all of [`ParseError`]'s words would take 2 KB of flash.
pub fn refusal(error: &ParseError) -> &'static str {
    match error {
        ParseError::Truncated => "cut short",
        ParseError::Magic => "not a model",
        ParseError::Version { .. } => "of another format than this firmware reads",
        ParseError::Checksum => "damaged: its checksum does not match",
        ParseError::Layout { .. } => "packed for another core",
        _ => "refused; the log says why",
    }
}

/// Fills the display with a message, broken at its right edge.
///
/// # Errors
/// The display's own.
pub fn message<D>(display: &mut D, message: impl fmt::Display) -> Result<(), D::Error>
where
    D: DrawTarget<Color: Shade>,
{
    display.clear(black())?;
    let size = display.bounding_box().size;
    let font = font_for(Size::new(size.width / 24, size.height / 7));
    let columns = (size.width / font.character_size.width) as usize;
    let mut text: String<256> = String::new();
    // A message longer than the display is cut.
    let _ = write!(text, "{message}");
    let mut line = Line::new(font, columns);
    let mut corner = Point::zero();
    for chunk in text.as_bytes().chunks(columns.max(1)) {
        let chunk = core::str::from_utf8(chunk).unwrap_or("?");
        line.write(format_args!("{chunk}")).draw(display, corner, BRIGHT)?;
        corner.y += font.character_size.height as i32;
    }
    Ok(())
}

/// The walk as a row of steps: those done are full, those to come a line at the bottom.
fn walk_bar<D>(
    display: &mut D,
    line: Point,
    width: u32,
    font: &MonoFont<'_>,
    step: u8,
) -> Result<(), D::Error>
where
    D: DrawTarget<Color: Shade>,
{
    let Size { width: character, height } = font.character_size;
    let pitch = width.saturating_sub(5 * character) / u32::from(WALK_STEPS);
    // Flush with the values, whose last column is a gap too.
    let right = line.x + width as i32;
    let steps = (0..WALK_STEPS).map(|index| right - (u32::from(WALK_STEPS - index) * pitch) as i32);
    let segment = Size::new(pitch.saturating_sub(1 + pitch / 8), height - 2);
    for (index, x) in (0..).zip(steps) {
        let area = Rectangle::new(Point::new(x, line.y), segment);
        let done = index < step;
        display.fill_solid(&area, D::Color::shade(if done { BRIGHT } else { 0 }, Point::zero()))?;
        if !done {
            let thickness = height / 8;
            let bottom = Point::new(x, line.y + (segment.height - thickness) as i32);
            let area = Rectangle::new(bottom, Size::new(segment.width, thickness));
            display.fill_solid(&area, D::Color::shade(DIM, Point::zero()))?;
        }
    }
    Ok(())
}

/// The cost, if it is known.
fn cost(cost: Option<Cost>) -> impl fmt::Display + use<> {
    fmt::from_fn(move |f| match cost {
        Some(cost) => write!(f, "{cost}"),
        None => f.write_str("-"),
    })
}

/// What the model calls its choice, as far as there is room; a model without one has no classes.
fn label(choice: Option<Choice<'_>>) -> &str {
    let name = choice.map_or("class", |choice| choice.name);
    name.get(..LABEL_COLUMNS).unwrap_or(name)
}

/// What is chosen, by its name or else its number.
fn chosen<'c>(choice: Option<Choice<'c>>, shown: &Shown) -> impl fmt::Display + use<'c> {
    let number = shown.class;
    fmt::from_fn(move |f| match choice.map(|choice| choice.name_of(number)) {
        Some(Some(name)) => f.write_str(name),
        Some(None) => write!(f, "{number}"),
        None => f.write_str("-"),
    })
}

/// The largest font whose characters fit in `cell`, else the smallest there is.
fn font_for(cell: Size) -> &'static MonoFont<'static> {
    let fits = |font: &&&MonoFont<'_>| {
        font.character_size.width <= cell.width && font.character_size.height <= cell.height
    };
    FONTS.iter().rev().find(fits).unwrap_or(&FONTS[0])
}

/// A text that takes what it has room for, and forgets the rest.
struct Cut<const BYTES: usize>(String<BYTES>);

impl<const BYTES: usize> Write for Cut<BYTES> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        // The fonts have no other letters.
        let letters = text.chars().map(|letter| if letter.is_ascii() { letter } else { '?' });
        letters.take_while(|&letter| self.0.push(letter).is_ok()).for_each(drop);
        Ok(())
    }
}

/// A line of text of a fixed number of columns.
struct Line {
    font: &'static MonoFont<'static>,
    columns: usize,
    text: String<64>,
}

impl Line {
    fn new(font: &'static MonoFont<'static>, columns: usize) -> Self {
        Self { font, columns: columns.min(64), text: String::new() }
    }

    /// Starts anew with `text`, which is cut where it is too long.
    fn write(&mut self, text: fmt::Arguments<'_>) -> &mut Self {
        self.text.clear();
        // Too long for any display's line: cut.
        let _ = self.text.write_fmt(text);
        while self.text.len() > self.columns {
            self.text.pop();
        }
        self
    }

    /// Adds `value` at the right edge, in place of what stands there.
    fn end_with(&mut self, value: impl fmt::Display) -> &mut Self {
        let mut end = Cut::<16>(String::new());
        // Too long for its place, a name of a user's own, say: cut.
        let _ = write!(end, "{value}");
        let end = end.0;
        while self.text.len() + end.len() > self.columns && self.text.pop().is_some() {}
        while self.text.len() + end.len() < self.columns {
            let _ = self.text.push(' ');
        }
        let _ = self.text.push_str(&end);
        self
    }

    /// Draws the line, filled up with spaces, at `corner`.
    fn draw<D>(&mut self, display: &mut D, corner: Point, grey: u8) -> Result<(), D::Error>
    where
        D: DrawTarget<Color: Shade>,
    {
        while self.text.len() < self.columns && self.text.push(' ').is_ok() {}
        let style = MonoTextStyleBuilder::new()
            .font(self.font)
            .text_color(D::Color::shade(grey, Point::zero()))
            .background_color(black())
            .build();
        Text::with_baseline(&self.text, corner, style, Baseline::Top).draw(display).map(|_| ())
    }

    /// Draws `label` dim at the left and `value` bright at the right.
    fn labelled<D>(
        &mut self,
        display: &mut D,
        corner: Point,
        label: &str,
        value: impl fmt::Display,
    ) -> Result<(), D::Error>
    where
        D: DrawTarget<Color: Shade>,
    {
        let label_width = label.len() as u32 * self.font.character_size.width;
        let columns = self.columns;
        self.columns = label.len();
        self.write(format_args!("{label}")).draw(display, corner, DIM)?;
        self.columns = columns - label.len();
        let drawn = self.write(format_args!("")).end_with(value).draw(
            display,
            corner + Size::new(label_width, 0),
            BRIGHT,
        );
        self.columns = columns;
        drawn
    }
}

#[cfg(test)]
mod tests {
    extern crate std;
    use std::string::ToString;

    use super::*;

    #[test]
    fn every_cost_fits_the_panel_behind_its_label() {
        for amount in [0, 999, 1_000, 9_999, 32_150, 123_456, 1_230_000, u32::MAX] {
            for unit in [Unit::Microseconds, Unit::Instructions] {
                let value = cost(Some(Cost { amount, unit })).to_string();
                assert!(unit.label().len() + " ".len() + value.len() <= PANEL_COLUMNS as usize, "{value}");
            }
        }
        assert_eq!(cost(None).to_string(), "-");
    }

    #[test]
    fn the_end_of_a_line_is_never_cut() {
        let mut line = Line::new(FONTS[0], 30);
        line.write(format_args!("class 255 seeds 999999..")).end_with("4.29G ins");
        assert_eq!(line.text.as_str(), "class 255 seeds 99999"[..21].to_string() + "4.29G ins");
    }
}
