//! What is written on the display: the panel beside a picture, the line below many, the gallery, and messages.

use core::fmt::{self, Write};

use embedded_graphics::{draw_target::DrawTarget, primitives::Rectangle};
use gan_core::{Model, ParseError, Shade};

use crate::controls::Control;
use crate::cost::{Cost, Unit};
use crate::gallery::Refused;
use crate::shown::Shown;
use crate::text::{Letters, Mark, Rows, black};

/// The widest row of the panel: a label of five letters, a gap, a value of six, as every cost is.
const PANEL_COLUMNS: u32 = 12;
/// Rows that the panel has room for on any display.
const PANEL_ROWS: u32 = 6;
/// The widest status line: a control, and what a picture cost.
const STATUS_COLUMNS: u32 = 30;
/// Of the gallery and of messages.
const PAGE_COLUMNS: u32 = 24;
const PAGE_ROWS: u32 = 7;

/// Draws the model's name, its controls and what a picture cost into `area`, a row each; of more controls than there are
/// rows, those up to the focus.
pub(crate) fn panel<D>(
    display: &mut D,
    area: Rectangle,
    model: &Model<'_>,
    controls: &[Control],
    shown: &Shown,
) -> Result<(), D::Error>
where
    D: DrawTarget<Color: Shade>,
{
    let rows = Rows::new(area, PANEL_COLUMNS, PANEL_ROWS, controls.len() as u32 + 2);
    let name = letters(|name| name.write_str(model.name()));
    rows.draw(display, 0, name.as_str(), Mark::Bright, "")?;
    let room = rows.count.saturating_sub(2);
    let mut row = 1;
    for (index, control) in in_sight(controls, shown.focus, room) {
        let label = letters(|label| control.write_label(model, label));
        let value = letters(|value| control.write_value(&shown.settings, model, value));
        let mark = if index == shown.focus { Mark::Focus } else { Mark::Dim };
        rows.draw(display, row, label.as_str(), mark, value.as_str())?;
        row += 1;
    }
    let label = shown.cost.map_or("time", |cost| cost.unit.label());
    rows.draw(display, row, label, Mark::Dim, letters(|text| write_cost(shown.cost, text)).as_str())
}

/// Draws the control that has the focus, and what a picture cost in the mean, in one line.
pub(crate) fn status_line<D>(
    display: &mut D,
    area: Rectangle,
    model: &Model<'_>,
    control: Option<&Control>,
    shown: &Shown,
) -> Result<(), D::Error>
where
    D: DrawTarget<Color: Shade>,
{
    let head = letters(|head| {
        let Some(control) = control else { return Ok(()) };
        control.write_label(model, head)?;
        head.write_str(" ")?;
        control.write_value(&shown.settings, model, head)
    });
    let tail = letters(|tail| {
        write_cost(shown.cost, tail)?;
        // A count without a label needs its unit; a time has it.
        let is_count = shown.cost.is_some_and(|cost| cost.unit == Unit::Instructions);
        tail.write_str(if is_count { " ins" } else { "" })
    });
    let rows = Rows::new(area, STATUS_COLUMNS, 1, 1);
    rows.draw(display, 0, head.as_str(), Mark::Focus, tail.as_str())
}

/// Draws the names of `models` over the whole display, that of number `place` marked; of more than there are rows, those
/// up to it.
pub(crate) fn gallery<D>(display: &mut D, models: &[Model<'_>], place: u8) -> Result<(), D::Error>
where
    D: DrawTarget<Color: Shade>,
{
    let rows = Rows::new(display.bounding_box(), PAGE_COLUMNS, PAGE_ROWS, PAGE_ROWS);
    for (row, (index, model)) in (0..).zip(in_sight(models, place, rows.count)) {
        let name = letters(|name| name.write_str(model.name()));
        let mark = if index == place { Mark::Focus } else { Mark::Dim };
        rows.draw(display, row, name.as_str(), mark, "")?;
    }
    Ok(())
}

/// Those of `list`, with their numbers, that `room` rows show, so that number `focus` is among them.
fn in_sight<T>(list: &[T], focus: u8, room: u32) -> impl Iterator<Item = (u8, &T)> {
    let first = (usize::from(focus) + 1).saturating_sub(room as usize);
    (0..).zip(list).skip(first).take(room as usize)
}

/// Says which model file is refused, from 1, and why in a few words: the build has read it, so what is left is damage on the
/// way. The log says it in full; all of [`ParseError`]'s words would take 2 KB of flash.
///
/// # Errors
/// The display's own.
pub fn refusal<D>(display: &mut D, refused: &Refused) -> Result<(), D::Error>
where
    D: DrawTarget<Color: Shade>,
{
    let why = match refused.error {
        ParseError::Truncated => "cut short",
        ParseError::Magic => "not a model",
        ParseError::Version { .. } => "of another format than this firmware reads",
        ParseError::Checksum => "damaged: its checksum does not match",
        ParseError::Layout { .. } => "packed for another core",
        _ => "refused; the log says why",
    };
    message(display, format_args!("Model file {}: {why}", refused.place as u32 + 1))
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
    let rows = Rows::new(display.bounding_box(), PAGE_COLUMNS, PAGE_ROWS, u32::MAX);
    let text = letters(|text| write!(text, "{message}"));
    for (row, chunk) in (0..rows.count).zip(rows.broken(text.as_str())) {
        rows.draw(display, row, chunk, Mark::Bright, "")?;
    }
    Ok(())
}

/// The cost, if it is known.
fn write_cost(cost: Option<Cost>, text: &mut Letters) -> fmt::Result {
    match cost {
        Some(cost) => write!(text, "{cost}"),
        None => text.write_str("-"),
    }
}

/// What `write` writes.
fn letters(write: impl FnOnce(&mut Letters) -> fmt::Result) -> Letters {
    let mut letters = Letters::default();
    // It takes whatever it gets.
    let _ = write(&mut letters);
    letters
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_cost_fits_the_panel_behind_its_label() {
        for amount in [0, 999, 1_000, 9_999, 32_150, 123_456, 1_230_000, u32::MAX] {
            for unit in [Unit::Microseconds, Unit::Instructions] {
                let value = letters(|text| write_cost(Some(Cost { amount, unit }), text));
                let columns = unit.label().len() + " ".len() + value.as_str().len();
                assert!(columns <= PANEL_COLUMNS as usize, "{}", value.as_str());
            }
        }
        assert_eq!(letters(|text| write_cost(None, text)).as_str(), "-");
    }

    #[test]
    fn the_focus_is_in_sight_and_the_list_stands_still_while_it_is_at_the_top() {
        let list = [0, 1, 2, 3, 4, 5];
        let seen = |focus, room| {
            in_sight(&list, focus, room).map(|(index, _)| index).collect::<heapless::Vec<u8, 6>>()
        };
        assert_eq!(seen(0, 3), [0, 1, 2]);
        assert_eq!(seen(2, 3), [0, 1, 2]);
        assert_eq!(seen(4, 3), [2, 3, 4]);
        assert_eq!(seen(5, 9), list);
    }
}
