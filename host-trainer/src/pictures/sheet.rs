//! Grey pictures on one PNG sheet, a class a row; or float above int8.
//!
//! Pictures are drawn twice as large. Each row says its class, and where two models are compared,
//! which of them it shows.

use std::{io, path::Path};

use embedded_graphics::{
    Drawable, Pixel,
    geometry::{OriginDimensions, Point, Size},
    mono_font::{MonoTextStyle, ascii::FONT_6X10},
    pixelcolor::{Gray8, GrayColor},
    prelude::DrawTarget,
    text::{Baseline, Text},
};

use crate::files;
use crate::stamp::{Origin, picture};

/// Sheet pixels a picture pixel.
const SCALE: usize = 2;
/// Between pictures, and around the sheet.
const GAP: usize = 2;
const MARGIN: usize = 8;
/// Between classes where each has several rows.
const CLASS_GAP: usize = 8;
/// Width of the class and of a model's name (six pixels a letter).
const LETTER: usize = 6;

const PAPER: Gray8 = Gray8::new(40);
const INK: Gray8 = Gray8::new(230);
const PALE_INK: Gray8 = Gray8::new(150);

/// Pictures made for classes, by one model.
#[derive(Debug, Clone, Copy)]
pub struct Samples<'a> {
    /// What made them, ASCII; shown only where there are several. `"int8"`, say.
    pub name: &'a str,
    /// `[pictures, height, width]`, 0 black, 255 white.
    pub pictures: &'a [u8],
    /// The class of each.
    pub labels: &'a [u8],
}

/// A finished sheet: `[height, width]` grey bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sheet {
    pixels: Vec<u8>,
    width: usize,
    /// What the PNG file says that its pictures were made from.
    origin: Option<Origin>,
}

impl Sheet {
    /// One row a class, in each the first `columns` pictures of that class.
    ///
    /// `size` is a picture's height and width. A class with fewer pictures leaves its row's end empty;
    /// a class with none has no row.
    ///
    /// # Panics
    /// When `pictures` is not `size` times the number of labels.
    pub fn by_class(samples: Samples<'_>, size: (usize, usize), columns: usize) -> Sheet {
        Sheet::compare(&[samples], size, columns)
    }

    /// For each class one row a model, below each other: float above int8, say. Columns then compare
    /// the same latent, if the models were given the same latents in the same order.
    ///
    /// # Panics
    /// As [`Sheet::by_class`].
    pub fn compare(models: &[Samples<'_>], size: (usize, usize), columns: usize) -> Sheet {
        for model in models {
            assert_eq!(
                model.pictures.len(),
                model.labels.len() * size.0 * size.1,
                "pictures of {}",
                model.name
            );
        }
        let mut classes: Vec<u8> = models.iter().flat_map(|model| model.labels).copied().collect();
        classes.sort_unstable();
        classes.dedup();

        let named = models.len() > 1;
        let name_letters =
            if named { models.iter().map(|model| model.name.len()).max().unwrap_or(0) + 1 } else { 0 };
        let left = MARGIN + LETTER * (3 + name_letters);
        let (cell_height, cell_width) = (size.0 * SCALE + GAP, size.1 * SCALE + GAP);
        let class_gap = if named { CLASS_GAP } else { 0 };
        let class_height = models.len() * cell_height + class_gap;
        let mut sheet = Sheet::blank(
            left + columns * cell_width - GAP + MARGIN,
            (2 * MARGIN + classes.len() * class_height).saturating_sub(GAP + class_gap),
        );
        for (row, &class) in classes.iter().enumerate() {
            let top = MARGIN + row * class_height;
            let middle = top + (class_height - class_gap - GAP) / 2;
            sheet.text(&class.to_string(), MARGIN, middle, INK);
            for (line, model) in models.iter().enumerate() {
                let top = top + line * cell_height;
                if named {
                    sheet.text(model.name, MARGIN + 3 * LETTER, top + size.0 * SCALE / 2, PALE_INK);
                }
                let of_class = model.pictures.chunks(size.0 * size.1).zip(model.labels);
                let of_class = of_class.filter(|&(_, &label)| label == class).take(columns);
                for (column, (picture, _)) in of_class.enumerate() {
                    sheet.picture(picture, size.1, left + column * cell_width, top);
                }
            }
        }
        sheet
    }

    /// One row a model, below each other, whatever the classes: a column compares the pictures of one place.
    ///
    /// # Panics
    /// As [`Sheet::by_class`].
    pub fn rows(models: &[Samples<'_>], size: (usize, usize)) -> Sheet {
        let letters = models.iter().map(|model| model.name.len()).max().unwrap_or(0) + 1;
        let columns = models.iter().map(|model| model.labels.len()).max().unwrap_or(0);
        let left = MARGIN + LETTER * letters;
        let (cell_height, cell_width) = (size.0 * SCALE + GAP, size.1 * SCALE + GAP);
        let mut sheet = Sheet::blank(
            left + (columns * cell_width).saturating_sub(GAP) + MARGIN,
            (2 * MARGIN + models.len() * cell_height).saturating_sub(GAP),
        );
        for (row, model) in models.iter().enumerate() {
            assert_eq!(
                model.pictures.len(),
                model.labels.len() * size.0 * size.1,
                "pictures of {}",
                model.name
            );
            let top = MARGIN + row * cell_height;
            sheet.text(model.name, MARGIN, top + size.0 * SCALE / 2, PALE_INK);
            for (column, picture) in model.pictures.chunks(size.0 * size.1).enumerate() {
                sheet.picture(picture, size.1, left + column * cell_width, top);
            }
        }
        sheet
    }

    /// All of `greys`, in rows of `columns`.
    ///
    /// # Panics
    /// `greys` is no whole number of pictures of `size`.
    pub fn grid(greys: &[u8], size: (usize, usize), columns: usize) -> Sheet {
        let area = size.0 * size.1;
        let labels = vec![0; columns];
        let row = |pictures| Samples { name: "", pictures, labels: &labels[..pictures.len() / area] };
        Sheet::rows(&greys.chunks(columns * area).map(row).collect::<Vec<_>>(), size)
    }

    /// The same sheet, whose PNG file will say that its pictures were made from `origin`.
    pub fn made_from(self, origin: Origin) -> Sheet {
        Sheet { origin: Some(origin), ..self }
    }

    /// Width and height in pixels.
    pub fn size(&self) -> (usize, usize) {
        (self.width, self.pixels.len() / self.width)
    }

    /// Writes the sheet as a grey PNG.
    ///
    /// # Errors
    /// When the file cannot be written; the error names it.
    pub fn write_png(&self, path: &Path) -> io::Result<()> {
        files::write(path, &self.png())
            .map_err(|cause| io::Error::new(cause.kind(), format!("{}: {cause}", path.display())))
    }

    /// The bytes of a grey PNG.
    pub fn png(&self) -> Vec<u8> {
        let mut bytes = Vec::new();
        let (width, height) = self.size();
        let mut encoder = png::Encoder::new(&mut bytes, width as u32, height as u32);
        encoder.set_color(png::ColorType::Grayscale);
        let marked = self.origin.as_ref().map_or(Ok(()), |origin| picture::mark(&mut encoder, origin));
        marked
            .and_then(|()| encoder.write_header())
            .and_then(|mut writer| writer.write_image_data(&self.pixels))
            .expect("a Vec takes all, and the pixels are width times height");
        bytes
    }

    fn blank(width: usize, height: usize) -> Sheet {
        Sheet { pixels: vec![PAPER.luma(); width * height], width, origin: None }
    }

    fn picture(&mut self, picture: &[u8], picture_width: usize, left: usize, top: usize) {
        let picture_height = picture.len() / picture_width;
        for row in 0..picture_height * SCALE {
            let line = &mut self.pixels[(top + row) * self.width + left..][..picture_width * SCALE];
            let source = &picture[row / SCALE * picture_width..];
            line.iter_mut().enumerate().for_each(|(column, pixel)| *pixel = source[column / SCALE]);
        }
    }

    fn text(&mut self, text: &str, left: usize, middle: usize, ink: Gray8) {
        let style = MonoTextStyle::new(&FONT_6X10, ink);
        let text = Text::with_baseline(text, Point::new(left as i32, middle as i32), style, Baseline::Middle);
        match text.draw(self) {
            Ok(_) => {}
            Err(never) => match never {},
        }
    }
}

impl OriginDimensions for Sheet {
    fn size(&self) -> Size {
        let (width, height) = Sheet::size(self);
        Size::new(width as u32, height as u32)
    }
}

impl DrawTarget for Sheet {
    type Color = Gray8;
    type Error = std::convert::Infallible;

    fn draw_iter<I: IntoIterator<Item = Pixel<Gray8>>>(&mut self, pixels: I) -> Result<(), Self::Error> {
        let (width, height) = Sheet::size(self);
        for Pixel(Point { x, y }, colour) in pixels {
            let (Ok(x), Ok(y)) = (usize::try_from(x), usize::try_from(y)) else { continue };
            if x < width && y < height {
                self.pixels[y * width + x] = colour.luma();
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Pictures of 2×3 pixels, picture `i` all of value `10·i`, for classes 1 0 1 0 …
    fn samples(name: &'static str) -> (Vec<u8>, Vec<u8>, &'static str) {
        let pictures = (0..6u8).flat_map(|i| [10 * i; 6]).collect();
        (pictures, vec![1, 0, 1, 0, 1, 0], name)
    }

    fn view<'a>((pictures, labels, name): &'a (Vec<u8>, Vec<u8>, &'static str)) -> Samples<'a> {
        Samples { name, pictures, labels }
    }

    impl Sheet {
        fn pixel(&self, x: usize, y: usize) -> u8 {
            self.pixels[y * self.width + x]
        }
    }

    #[test]
    fn a_row_shows_the_first_pictures_of_its_class() {
        let sheet = Sheet::by_class(view(&samples("float")), (2, 3), 2);
        let left = MARGIN + 3 * LETTER;
        assert_eq!(sheet.size(), (left + 2 * 6 + GAP + MARGIN, 2 * MARGIN + 2 * 4 + GAP));
        let at = |row: usize, column: usize| {
            let (x, y) = (left + column * (6 + GAP), MARGIN + row * (4 + GAP));
            assert_eq!(sheet.pixel(x, y), sheet.pixel(x + 5, y + 3), "twice as large");
            sheet.pixel(x, y)
        };
        assert_eq!([at(0, 0), at(0, 1), at(1, 0), at(1, 1)], [10, 30, 0, 20]);
        assert_eq!(sheet.pixel(left + 6, MARGIN), PAPER.luma(), "a gap between pictures");
    }

    #[test]
    fn models_stand_below_each_other_in_every_class() {
        let (float, mut int8) = (samples("float"), samples("int8"));
        int8.0.iter_mut().for_each(|pixel| *pixel += 1);
        let sheet = Sheet::compare(&[view(&float), view(&int8)], (2, 3), 3);
        let left = MARGIN + (3 + 6) * LETTER;
        let tops = [0, 6, 12 + CLASS_GAP, 18 + CLASS_GAP].map(|top| MARGIN + top);
        assert_eq!(tops.map(|top| sheet.pixel(left, top)), [10, 11, 0, 1]);
    }

    #[test]
    fn rows_compare_place_by_place() {
        let (float, int8) = (samples("float"), samples("int8"));
        let sheet = Sheet::rows(&[view(&float), view(&int8)], (2, 3));
        let left = MARGIN + 6 * LETTER;
        for column in 0..6 {
            let x = left + column * 8;
            assert_eq!([sheet.pixel(x, MARGIN), sheet.pixel(x, MARGIN + 6)], [10 * column as u8; 2]);
        }
    }

    #[test]
    fn the_png_holds_the_pixels() {
        let sheet = Sheet::by_class(view(&samples("float")), (2, 3), 3);
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("sheet.png");
        sheet.write_png(&path).unwrap();
        let file = io::BufReader::new(std::fs::File::open(&path).unwrap());
        let mut reader = png::Decoder::new(file).read_info().unwrap();
        let mut pixels = vec![0; reader.output_buffer_size().unwrap()];
        let info = reader.next_frame(&mut pixels).unwrap();
        assert_eq!((info.width as usize, info.height as usize), sheet.size());
        assert_eq!(pixels, sheet.pixels);
    }

    #[test]
    fn a_file_that_cannot_be_written_is_named() {
        let sheet = Sheet::by_class(view(&samples("float")), (2, 3), 3);
        let error = sheet.write_png(Path::new("/no/such/folder/sheet.png")).unwrap_err();
        assert!(error.to_string().starts_with("/no/such/folder/sheet.png: "), "{error}");
    }
}
