//! Where things go on a display, from its size and the picture's.

use embedded_graphics::{
    geometry::{Point, Size},
    primitives::Rectangle,
};

/// A grid has room for at least so many pictures; its scale is the largest that leaves it.
const GRID_CELLS: u32 = 8;

/// Between the display's edges and what lies there, at most.
const MARGIN: u32 = 8;

/// One picture, and a panel beside it (or below it, on a display that is not wider than high).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PictureLayout {
    /// Display pixels a picture pixel.
    pub scale: u32,
    /// The picture's top left corner.
    pub picture: Point,
    /// What is left for text.
    pub panel: Rectangle,
}

impl PictureLayout {
    /// The largest whole scale at which a quarter of the display, and enough for 12 narrow characters
    /// across or five lines down, is left for the panel.
    pub fn new(display: Size, picture: Size) -> Self {
        if display.width > display.height {
            let room = display.width.saturating_sub((display.width / 4).max(12 * 5));
            let scale = scale_to_fit(Size::new(room, display.height), picture);
            let drawn = picture * scale;
            let top = display.height.saturating_sub(drawn.height) / 2;
            let side = top.min(room.saturating_sub(drawn.width) / 2);
            let (left, margin) = (drawn.width + 2 * side, top.min(MARGIN));
            Self {
                scale,
                picture: Point::new(side as i32, top as i32),
                panel: Rectangle::new(
                    Point::new(left as i32, margin as i32),
                    Size::new(
                        display.width.saturating_sub(left + side.min(3)),
                        display.height.saturating_sub(2 * margin),
                    ),
                ),
            }
        } else {
            let room = display.height.saturating_sub((display.height / 4).max(5 * 8));
            let scale = scale_to_fit(Size::new(display.width, room), picture);
            let drawn = picture * scale;
            let left = display.width.saturating_sub(drawn.width) / 2;
            let margin = left.min(MARGIN).min(room.saturating_sub(drawn.height) / 2);
            let top = 2 * margin + drawn.height;
            Self {
                scale,
                picture: Point::new(left as i32, margin as i32),
                panel: Rectangle::new(
                    Point::new(left.min(MARGIN) as i32, top as i32),
                    Size::new(
                        display.width.saturating_sub(2 * left.min(MARGIN)),
                        display.height.saturating_sub(top + margin / 2),
                    ),
                ),
            }
        }
    }
}

/// Pictures in rows and columns above a line of text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct GridLayout {
    /// Display pixels a picture pixel.
    pub scale: u32,
    /// The line of text at the bottom.
    pub status: Rectangle,
    columns: u32,
    rows: u32,
    /// From the display's corner to the first cell.
    origin: Point,
    /// From one cell to the next.
    pitch: Size,
}

impl GridLayout {
    /// As many pictures as fit at the largest scale at which at least eight do.
    pub fn new(display: Size, picture: Size) -> Self {
        let status_height = (display.height / 8).clamp(8, 16);
        let area = Size::new(display.width, display.height.saturating_sub(status_height));
        let fitting = |scale: u32| {
            let cell = picture * scale;
            (area.width / cell.width, area.height / cell.height)
        };
        let cells = |scale| fitting(scale).0 * fitting(scale).1;
        let mut scale = 1;
        while cells(scale + 1) >= GRID_CELLS {
            scale += 1;
        }
        let (columns, rows) = fitting(scale);
        let (columns, rows) = (columns.max(1), rows.max(1));
        let cell = picture * scale;
        let gap = Size::new(
            area.width.saturating_sub(columns * cell.width) / (columns + 1),
            area.height.saturating_sub(rows * cell.height) / (rows + 1),
        );
        let pitch = cell + gap;
        // What the division left over is shared by both sides.
        let left = area.width.saturating_sub(columns * pitch.width - gap.width) / 2;
        let top = area.height.saturating_sub(rows * pitch.height - gap.height) / 2;
        Self {
            scale,
            status: Rectangle::new(
                Point::new(0, area.height as i32),
                Size::new(display.width, status_height),
            ),
            columns,
            rows,
            origin: Point::new(left as i32, top as i32),
            pitch,
        }
    }

    /// Number of pictures.
    pub fn cells(&self) -> u32 {
        self.columns * self.rows
    }

    /// Top left corner of picture `index`, counted row by row.
    pub fn cell(&self, index: u32) -> Point {
        let (column, row) = (index % self.columns, index / self.columns);
        self.origin + Size::new(column * self.pitch.width, row * self.pitch.height)
    }
}

/// The largest whole scale, at least 1, at which `picture` fits in `area`.
fn scale_to_fit(area: Size, picture: Size) -> u32 {
    (area.width / picture.width).min(area.height / picture.height).max(1)
}

#[cfg(test)]
mod tests {
    extern crate std;
    use std::format;

    use super::*;

    const PICTURE: Size = Size::new(28, 28);

    /// The displays of the boards, and others of common sizes.
    const DISPLAYS: [Size; 5] = [
        Size::new(128, 64),
        Size::new(240, 320),
        Size::new(320, 240),
        Size::new(240, 240),
        Size::new(135, 240),
    ];

    fn inside(outer: Rectangle, inner: Rectangle) -> bool {
        outer.intersection(&inner) == inner
    }

    #[test]
    fn the_oled_shows_a_picture_of_56_by_56_beside_a_panel() {
        let layout = PictureLayout::new(Size::new(128, 64), PICTURE);
        assert_eq!((layout.scale, layout.picture), (2, Point::new(4, 4)));
        assert_eq!(layout.panel.top_left, Point::new(64, 4));
    }

    #[test]
    fn the_oled_grid_is_four_by_two() {
        let layout = GridLayout::new(Size::new(128, 64), PICTURE);
        assert_eq!((layout.scale, layout.columns, layout.rows), (1, 4, 2));
    }

    #[test]
    fn picture_and_panel_lie_on_the_display_and_do_not_overlap() {
        for picture in [PICTURE, Size::new(32, 32), Size::new(64, 64), Size::new(60, 20), Size::new(10, 40)] {
            for display in DISPLAYS {
                let whole = Rectangle::new(Point::zero(), display);
                let layout = PictureLayout::new(display, picture);
                let drawn = Rectangle::new(layout.picture, picture * layout.scale);
                let said = format!("{picture} on {display}: {layout:?}");
                assert!(inside(whole, drawn) && inside(whole, layout.panel), "{said}");
                assert!(drawn.intersection(&layout.panel).is_zero_sized(), "{said}");
                assert!(layout.panel.size.width >= 12 * 4 && layout.panel.size.height >= 5 * 8, "{said}");
            }
        }
    }

    #[test]
    fn grid_cells_lie_above_the_status_line_and_do_not_overlap() {
        for display in DISPLAYS {
            let layout = GridLayout::new(display, PICTURE);
            let area =
                Rectangle::new(Point::zero(), Size::new(display.width, layout.status.top_left.y as u32));
            let cell = |index| Rectangle::new(layout.cell(index), PICTURE * layout.scale);
            assert!(layout.cells() >= GRID_CELLS, "{display}: {layout:?}");
            for index in 0..layout.cells() {
                assert!(inside(area, cell(index)), "{display}: cell {index} of {layout:?}");
                for other in 0..index {
                    assert!(cell(index).intersection(&cell(other)).is_zero_sized(), "{index} over {other}");
                }
            }
        }
    }
}
