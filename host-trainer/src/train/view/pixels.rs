//! Grey pictures on a terminal: a half block is two pixels, the upper one its ink, the lower one its paper.

use std::cmp::Reverse;

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Color;
use ratatui::widgets::Widget;

use crate::pictures::Pictures;

/// Terminal pixels between two pictures.
const GAP: usize = 1;
/// A picture smaller than this is hard to read; then fewer are shown.
const LEGIBLE: usize = 13;
/// How many pictures are shown, the most that stay legible.
const COUNTS: [usize; 4] = [40, 30, 20, 10];

/// The first pictures of a set, as many and as large as there is room for.
pub(super) struct Mosaic<'p>(pub(super) &'p Pictures);

/// How pictures are laid out.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Layout {
    columns: usize,
    rows: usize,
    /// Pixels of a picture's longer side.
    side: usize,
}

impl Layout {
    /// The largest pictures, `count` of them, on `width`×`height` pixels.
    fn best(count: usize, (width, height): (usize, usize), largest: usize) -> Layout {
        let layout = |columns: usize| {
            let rows = count.div_ceil(columns);
            let side = |length: usize, number: usize| (length + GAP) / number;
            let side = side(width, columns).min(side(height, rows)).saturating_sub(GAP);
            Layout { columns, rows, side: side.min(largest) }
        };
        // Of those equally large the one with the fewest empty places, then the widest.
        let rank = |layout: &Layout| (layout.side, Reverse(layout.rows * layout.columns), layout.columns);
        (1..=count).map(layout).max_by_key(rank).expect("there is a picture")
    }
}

impl Widget for Mosaic<'_> {
    fn render(self, area: Rect, buffer: &mut Buffer) {
        let (height, width) = self.0.size;
        let room = (usize::from(area.width), 2 * usize::from(area.height));
        let there = self.0.labels.len();
        let layouts = COUNTS.iter().filter(|&&count| count <= there);
        let mut layouts = layouts.map(|&count| (count, Layout::best(count, room, width.max(height))));
        let smallest = there.clamp(1, COUNTS[COUNTS.len() - 1]);
        let (count, layout) = layouts
            .find(|(_, layout)| layout.side >= LEGIBLE)
            .unwrap_or_else(|| (smallest, Layout::best(smallest, room, width.max(height))));
        if layout.side == 0 || there == 0 {
            return;
        }
        let step = layout.side + GAP;
        let pixel = |x: usize, y: usize| -> Option<u8> {
            let number = y / step * layout.columns + x / step;
            let (x, y) = (x % step, y % step);
            let inside = x < layout.side && y < layout.side && number < count && y / step < layout.rows;
            let picture = self.0.greys.chunks(width * height).nth(number)?;
            inside.then(|| shrunk(picture, (width, height), layout.side, (x, y)))
        };
        for row in 0..area.height {
            for column in 0..area.width {
                let (x, y) = (usize::from(column), 2 * usize::from(row));
                if x >= layout.columns * step {
                    continue;
                }
                let [upper, lower] = [pixel(x, y), pixel(x, y + 1)];
                if upper.is_none() && lower.is_none() {
                    continue;
                }
                let colour = |grey: Option<u8>| grey.map_or(Color::Reset, shade);
                let cell = &mut buffer[(area.x + column, area.y + row)];
                match upper {
                    Some(_) => cell.set_symbol("▀").set_fg(colour(upper)).set_bg(colour(lower)),
                    None => cell.set_symbol("▄").set_fg(colour(lower)),
                };
            }
        }
    }
}

/// The mean of the pixels that fall into (`x`, `y`) of a picture with a longer side of `side`.
fn shrunk(picture: &[u8], (width, height): (usize, usize), side: usize, (x, y): (usize, usize)) -> u8 {
    let longer = width.max(height);
    let range = |place: usize, length: usize| {
        let (start, end) = (place * longer / side, ((place + 1) * longer).div_ceil(side));
        start.min(length)..end.min(length)
    };
    let (columns, rows) = (range(x, width), range(y, height));
    let (mut sum, mut count) = (0, 0);
    for row in rows {
        for &pixel in &picture[row * width..][columns.clone()] {
            sum += usize::from(pixel);
            count += 1;
        }
    }
    sum.checked_div(count).unwrap_or(0) as u8
}

/// One of the 24 greys that every terminal of 256 colours has, or black or white.
fn shade(grey: u8) -> Color {
    match (usize::from(grey) * 25 + 127) / 255 {
        0 => Color::Indexed(16),
        25 => Color::Indexed(231),
        step => Color::Indexed(231 + step as u8),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pictures(count: usize) -> Pictures {
        // A white square in the upper left quarter.
        let picture = |_| (0..784).map(|i| if i % 28 < 14 && i / 28 < 14 { 255 } else { 0 });
        Pictures {
            greys: (0..count).flat_map(picture).collect(),
            labels: vec![0; count],
            choice: None,
            size: (28, 28),
        }
    }

    #[test]
    fn a_half_block_is_two_pixels() {
        let area = Rect::new(0, 0, 28, 14);
        let mut buffer = Buffer::empty(area);
        Mosaic(&pictures(1)).render(area, &mut buffer);
        let colours = |x, y| (buffer[(x, y)].symbol(), buffer[(x, y)].fg, buffer[(x, y)].bg);
        let (white, black) = (Color::Indexed(231), Color::Indexed(16));
        assert_eq!(colours(0, 0), ("▀", white, white));
        assert_eq!(colours(13, 6), ("▀", white, white));
        assert_eq!(colours(14, 6), ("▀", black, black));
        assert_eq!(colours(13, 7), ("▀", black, black));
    }

    #[test]
    fn as_many_are_shown_as_stay_legible() {
        assert_eq!(Layout::best(10, (80, 26), 28), Layout { columns: 5, rows: 2, side: 12 });
        assert_eq!(Layout::best(40, (320, 120), 28).side, 28);
        let area = Rect::new(0, 0, 80, 13);
        let mut buffer = Buffer::empty(area);
        Mosaic(&pictures(40)).render(area, &mut buffer);
        let drawn = |x: u16| (0..13).any(|y| buffer[(x, y)].symbol() != " ");
        assert!(drawn(0) && drawn(5 * 13 - 2) && !drawn(5 * 13), "five in a row");
    }

    #[test]
    fn too_little_room_draws_nothing_and_does_not_fail() {
        for (width, height) in [(0, 0), (3, 1), (1, 20)] {
            let area = Rect::new(0, 0, width, height);
            Mosaic(&pictures(10)).render(area, &mut Buffer::empty(area));
        }
    }

    #[test]
    fn shades_run_from_black_to_white() {
        assert_eq!([shade(0), shade(255)], [Color::Indexed(16), Color::Indexed(231)]);
        assert_eq!([shade(10), shade(245)], [Color::Indexed(232), Color::Indexed(255)]);
    }
}
