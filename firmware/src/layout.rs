//! Where things go on a display, from its size and the picture's.

use embedded_graphics::{
    geometry::{Point, Size},
    primitives::Rectangle,
};

/// A grid has room for at least so many pictures; its scale is the largest that leaves it.
const GRID_CELLS: u32 = 8;

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
            let panel_width = (display.width / 4).max(12 * 5);
            let scale = scale_to_fit(
                Size::new(display.width - panel_width.min(display.width), display.height),
                picture,
            );
            let drawn = picture * scale;
            let margin = display.height.saturating_sub(drawn.height) / 2;
            let left = 2 * margin + drawn.width;
            Self {
                scale,
                picture: Point::new(margin as i32, margin as i32),
                panel: Rectangle::new(
                    Point::new(left as i32, margin as i32),
                    Size::new(display.width.saturating_sub(left + margin.min(3)), drawn.height),
                ),
            }
        } else {
            let panel_height = (display.height / 4).max(5 * 8);
            let scale = scale_to_fit(
                Size::new(display.width, display.height - panel_height.min(display.height)),
                picture,
            );
            let drawn = picture * scale;
            let margin = (display.width.saturating_sub(drawn.width) / 2).min(8);
            let left = display.width.saturating_sub(drawn.width) / 2;
            let top = 2 * margin + drawn.height;
            Self {
                scale,
                picture: Point::new(left as i32, margin as i32),
                panel: Rectangle::new(
                    Point::new(left as i32, top as i32),
                    Size::new(drawn.width, display.height.saturating_sub(top + margin / 2)),
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
        for display in DISPLAYS {
            let whole = Rectangle::new(Point::zero(), display);
            let layout = PictureLayout::new(display, PICTURE);
            let drawn = Rectangle::new(layout.picture, PICTURE * layout.scale);
            assert!(inside(whole, drawn) && inside(whole, layout.panel), "{display}: {layout:?}");
            assert!(drawn.intersection(&layout.panel).is_zero_sized(), "{display}: {layout:?}");
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
