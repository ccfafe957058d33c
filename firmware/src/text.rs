//! Rows of text: a head at the left, a tail at the right edge, in a fixed-width font.
//!
//! A row is drawn at its full width with its background, so that a redraw overwrites what was there: no clearing, no
//! flicker on displays without a frame buffer. Each row is one block of pixels, which a display on a bus takes at once.

use core::fmt::{self, Write};

use embedded_graphics::{
    draw_target::DrawTarget,
    geometry::{OriginDimensions, Point, Size},
    image::{GetPixel, ImageRaw},
    mono_font::{MonoFont, ascii},
    pixelcolor::BinaryColor,
    primitives::{PointsIter, Rectangle},
};
use gan_core::Shade;
use heapless::String;

/// What is used of a font: without the rest, 400 bytes of code are not reached.
struct Font {
    /// Letters in rows of as many as fit.
    letters: ImageRaw<'static, BinaryColor>,
    /// Size of one letter.
    cell: Size,
}

/// From small to large. A larger one takes 2 KB and more.
static FONTS: [Font; 4] = [
    Font::of(&ascii::FONT_4X6),
    Font::of(&ascii::FONT_5X8),
    Font::of(&ascii::FONT_6X10),
    Font::of(&ascii::FONT_8X13),
];
/// The fonts' first letter, behind which the others follow as in ASCII.
const FIRST_LETTER: u8 = b' ';
/// Letters of a head that a long tail leaves.
const HEAD_COLUMNS: usize = 5;
/// Greys, 0 (black) to 255, of what is bright and what is dim.
const BRIGHT: u8 = 255;
const DIM: u8 = 120;

/// How a row's head is drawn; its tail is bright.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mark {
    /// A label.
    Dim,
    /// What is to be read.
    Bright,
    /// What has the focus: black on bright, which black-and-white displays show too.
    Focus,
}

/// Letters of the longest message; a row of any display is shorter.
const MOST_LETTERS: usize = 128;

/// Text that takes what it has room for, and forgets the rest. Letters that the fonts lack become question marks.
#[derive(Default)]
pub(crate) struct Letters(String<MOST_LETTERS>);

impl Letters {
    /// The letters, one byte each.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Write for Letters {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        for letter in text.chars() {
            let known = if matches!(letter, ' '..='~') { letter } else { '?' };
            // Full: what is left is forgotten.
            let _ = self.0.push(known);
        }
        Ok(())
    }
}

/// Rows of text that fill an area from the top.
pub(crate) struct Rows {
    font: &'static Font,
    corner: Point,
    columns: usize,
    pitch: u32,
    /// How many fit.
    pub count: u32,
}

impl Rows {
    /// Rows of at least `columns` letters in the largest font of which `lines` fit, else in the smallest there is. They
    /// are spread over `area` for `wanted` of them, as far as that looks like a block of text.
    pub fn new(area: Rectangle, columns: u32, lines: u32, wanted: u32) -> Self {
        let cell = Size::new(area.size.width / columns, area.size.height / lines);
        let fits = |font: &&Font| font.cell.width <= cell.width && font.cell.height <= cell.height;
        let font = FONTS.iter().rev().find(fits).unwrap_or(&FONTS[0]);
        let Size { width, height } = font.cell;
        let count = (area.size.height / height).max(1);
        let pitch = (area.size.height / wanted.clamp(1, count)).min(2 * height);
        Self { font, corner: area.top_left, columns: (area.size.width / width) as usize, pitch, count }
    }

    /// Draws row `row` of the area, `head` marked so at its left edge and `tail` at its right, each [`cut`] where it must be.
    pub fn draw<D>(
        &self,
        display: &mut D,
        row: u32,
        head: &str,
        mark: Mark,
        tail: &str,
    ) -> Result<(), D::Error>
    where
        D: DrawTarget<Color: Shade>,
    {
        let (head, tail) = cut(head.as_bytes(), tail.as_bytes(), self.columns);
        let tail_from = self.columns - tail.len();

        let cell = self.font.cell;
        let corner = self.corner + Size::new(0, row * self.pitch);
        let size = Size::new(self.columns as u32 * cell.width, cell.height);
        // By places in the row, so that a display's coordinates are no matter.
        let places = Rectangle::new(Point::zero(), size).points();
        let colors = places.map(|Point { x, y }| {
            let (column, x) = (x / cell.width as i32, x % cell.width as i32);
            let column = column as usize;
            let letter = head.get(column).or_else(|| tail.get(column.checked_sub(tail_from)?));
            let ink = self.font.ink(letter.copied().unwrap_or(FIRST_LETTER), Point::new(x, y));
            let in_head = column < head.len();
            let grey = match (mark, in_head) {
                (Mark::Focus, true) => BRIGHT * u8::from(!ink),
                (Mark::Dim, true) => DIM * u8::from(ink),
                _ => BRIGHT * u8::from(ink),
            };
            // All of it as at one place: dithered, letters could not be read.
            D::Color::shade(grey, Point::zero())
        });
        display.fill_contiguous(&Rectangle::new(corner, size), colors)
    }

    /// `text` of one-byte letters in pieces as long as a row.
    pub fn broken<'t>(&self, text: &'t str) -> impl Iterator<Item = &'t str> {
        let columns = self.columns.max(1);
        (0..text.len())
            .step_by(columns)
            .filter_map(move |from| text.get(from..text.len().min(from + columns)))
    }
}

/// Whether there is ink at each pixel of an area of this `size`, row after row, that shows one letter as large as fits, in the middle.
pub(crate) fn large_letter(letter: u8, size: Size) -> impl Iterator<Item = bool> {
    let font = &FONTS[FONTS.len() - 1];
    let scale = (size.width / font.cell.width).min(size.height / font.cell.height);
    let corner = (size - font.cell * scale) / 2;
    let places = Rectangle::new(Point::zero() - corner, size).points();
    places.map(move |place| {
        let drawn = Rectangle::new(Point::zero(), font.cell * scale);
        drawn.contains(place) && font.ink(letter, place / scale as i32)
    })
}

/// The letters of a head and a tail that a row of `columns` shows: of a tail that is too long what [`HEAD_COLUMNS`] of the head
/// and a gap leave, and of the head what a gap and the tail leave.
fn cut<'t>(head: &'t [u8], tail: &'t [u8], columns: usize) -> (&'t [u8], &'t [u8]) {
    let for_tail = columns.saturating_sub(head.len().min(HEAD_COLUMNS) + 1);
    let tail = tail.get(..for_tail).unwrap_or(tail);
    let for_head = columns.saturating_sub(if tail.is_empty() { 0 } else { tail.len() + 1 });
    (head.get(..for_head).unwrap_or(head), tail)
}

impl Font {
    const fn of(font: &MonoFont<'static>) -> Self {
        Self { letters: font.image, cell: font.character_size }
    }

    /// Whether `letter` has ink at `place` of its cell.
    fn ink(&self, letter: u8, place: Point) -> bool {
        let Size { width, height } = self.cell;
        let index = u32::from(letter.saturating_sub(FIRST_LETTER));
        let in_row = self.letters.size().width / width;
        let corner = Point::new((index % in_row * width) as i32, (index / in_row * height) as i32);
        self.letters.pixel(corner + place) == Some(BinaryColor::On)
    }
}

/// The colour black.
pub(crate) fn black<C: Shade>() -> C {
    C::shade(0, Point::zero())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_head_gives_way_to_the_tail_and_a_tail_to_five_letters_of_the_head() {
        for (head, tail, shown) in [
            ("class", "3", ("class", "3")),
            ("crossover", "12", ("crossover", "12")),
            ("crossovers", "12", ("crossover", "12")),
            ("class", "ankle boot", ("class", "ankle ")),
            ("wardrobe", "ankle boot", ("wardr", "ankle ")),
            ("z", "ankle boots", ("z", "ankle boot")),
            ("a name of a model", "", ("a name of a ", "")),
        ] {
            assert_eq!(cut(head.as_bytes(), tail.as_bytes(), 12), (shown.0.as_bytes(), shown.1.as_bytes()));
        }
        assert_eq!(cut(b"head", b"tail", 0), (&b""[..], &b""[..]));
    }

    #[test]
    fn letters_that_no_font_has_are_marked_and_those_without_room_forgotten() {
        let mut letters = Letters::default();
        for _ in 0..MOST_LETTERS {
            letters.write_str("Stöckel\u{7f}").unwrap();
        }
        assert!(letters.as_str().starts_with("St?ckel?St?ckel?") && letters.as_str().len() == MOST_LETTERS);
    }

    #[test]
    fn each_font_has_ink_where_a_letter_has_it() {
        for font in &FONTS {
            let inks = |letter| {
                let places = Rectangle::new(Point::zero(), font.cell).points();
                places.filter(|&place| font.ink(letter, place)).count()
            };
            assert_eq!(inks(b' '), 0);
            assert!(inks(b'#') > inks(b'.') && inks(b'.') > 0 && inks(b'~') > 0);
        }
    }
}
