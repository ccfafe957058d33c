//! Single pictures: from a file of any size to grey, and to the size that is trained on.

use std::path::Path;

use image::{DynamicImage, GrayImage, ImageReader, imageops};

use super::SIDE;

/// Mid-grey: above it is bright.
const BRIGHT: u8 = 127;

/// A grey picture of any size, 0 black to 255 white.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Grey(GrayImage);

impl Grey {
    /// `pixels` row by row.
    pub(super) fn new(pixels: Vec<u8>, width: usize, height: usize) -> Grey {
        let image = GrayImage::from_raw(width as u32, height as u32, pixels);
        Grey(image.expect("the pixels are width times height"))
    }

    /// Reads a PNG or JPEG file, whatever its name says.
    ///
    /// # Errors
    /// Why it cannot be read.
    pub(super) fn open(path: &Path) -> Result<Grey, String> {
        let reader = ImageReader::open(path).and_then(ImageReader::with_guessed_format);
        let image = reader.map_err(|error| error.to_string())?.decode().map_err(|error| error.to_string())?;
        Ok(Grey(flattened(&image)))
    }

    /// Columns and rows.
    pub(super) fn size(&self) -> (usize, usize) {
        (self.0.width() as usize, self.0.height() as usize)
    }

    /// Rows become columns.
    pub(super) fn transposed(&self) -> Grey {
        Grey(imageops::flip_horizontal(&imageops::rotate90(&self.0)))
    }

    /// Whether most of its border is bright.
    pub(super) fn has_bright_background(&self) -> bool {
        median(border(&self.0)) > BRIGHT
    }

    /// The pixels of the picture at 28×28: its proportions are kept, and the rest is filled with its background.
    pub(super) fn resized(&self) -> Vec<u8> {
        let (width, height) = self.0.dimensions();
        let side = SIDE as u32;
        if (width, height) == (side, side) {
            return self.0.to_vec();
        }
        let scale = f64::from(side) / f64::from(width.max(height));
        let scaled = |length: u32| ((f64::from(length) * scale).round() as u32).clamp(1, side);
        let (new_width, new_height) = (scaled(width), scaled(height));
        // Averages over all pixels that fall into one: a thin line fades, but does not vanish.
        let small = imageops::resize(&self.0, new_width, new_height, imageops::FilterType::Triangle);
        let mut whole = GrayImage::from_pixel(side, side, image::Luma([median(border(&self.0))]));
        let (left, top) = ((side - new_width) / 2, (side - new_height) / 2);
        imageops::replace(&mut whole, &small, left.into(), top.into());
        whole.into_raw()
    }
}

/// Black to white, in place.
pub(super) fn invert(pixels: &mut [u8]) {
    pixels.iter_mut().for_each(|pixel| *pixel = 255 - *pixel);
}

/// Whether the background is bright in more than half of these pictures of 28×28.
pub(super) fn bright_background(pictures: &[u8]) -> bool {
    let pictures = pictures.chunks(SIDE * SIDE);
    let count = pictures.len();
    let bright = pictures.filter(|picture| Grey::new(picture.to_vec(), SIDE, SIDE).has_bright_background());
    2 * bright.count() > count
}

/// Colours to grey; what is transparent becomes the opposite of what is drawn.
fn flattened(image: &DynamicImage) -> GrayImage {
    let grey = image.to_luma_alpha8();
    let ink = grey.pixels().map(|pixel| (u64::from(pixel.0[0]), u64::from(pixel.0[1])));
    let (sum, weight) = ink.fold((0, 0), |(sum, weight), (grey, alpha)| (sum + grey * alpha, weight + alpha));
    let paper = if sum > weight * u64::from(BRIGHT) { 0 } else { 255 };
    GrayImage::from_fn(grey.width(), grey.height(), |x, y| {
        let [grey, alpha] = grey.get_pixel(x, y).0.map(u32::from);
        image::Luma([((grey * alpha + paper * (255 - alpha) + 127) / 255) as u8])
    })
}

fn border(image: &GrayImage) -> Vec<u8> {
    let (width, height) = image.dimensions();
    let at_border = |x: u32, y: u32| x == 0 || y == 0 || x + 1 == width || y + 1 == height;
    image.enumerate_pixels().filter(|&(x, y, _)| at_border(x, y)).map(|(_, _, pixel)| pixel.0[0]).collect()
}

/// The middle one; 0 of none.
fn median(mut values: Vec<u8>) -> u8 {
    values.sort_unstable();
    values.get(values.len() / 2).copied().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use image::{LumaA, Rgb, RgbImage};

    #[test]
    fn a_wide_picture_keeps_its_proportions_between_its_own_background() {
        let mut image = GrayImage::from_pixel(56, 28, image::Luma([200]));
        imageops::replace(&mut image, &GrayImage::new(28, 14), 14, 7);
        let small = Grey(image).resized();
        assert_eq!((small[0], small[27 * 28]), (200, 200), "above and below");
        assert!(small[14 * 28 + 14] < 5, "the black middle is still in the middle");
        assert_eq!(small[14 * 28 + 2], 200, "and beside it the background");
        let black = small.iter().filter(|&&pixel| pixel < 100).count();
        assert!((80..=110).contains(&black), "14 × 7 pixels, nearly: {black}");
    }

    #[test]
    fn colours_and_transparency_become_grey() {
        let red = DynamicImage::ImageRgb8(RgbImage::from_pixel(2, 2, Rgb([255, 0, 0])));
        assert!((50..90).contains(&flattened(&red).get_pixel(0, 0).0[0]));
        for (ink, paper) in [(0, 255), (255, 0)] {
            let mut drawing = image::GrayAlphaImage::from_pixel(3, 1, LumaA([ink, 0]));
            drawing.put_pixel(1, 0, LumaA([ink, 255]));
            assert_eq!(flattened(&drawing.into()).into_raw(), [paper, ink, paper]);
        }
    }

    #[test]
    fn the_border_tells_the_background() {
        let mut pixels = vec![255; 64];
        pixels[9..15].fill(0);
        assert!(Grey::new(pixels.clone(), 8, 8).has_bright_background());
        invert(&mut pixels);
        assert!(!Grey::new(pixels, 8, 8).has_bright_background());
    }

    #[test]
    fn transposing_swaps_rows_and_columns() {
        let grey = Grey::new(vec![1, 2, 3, 4, 5, 6], 3, 2);
        assert_eq!(grey.transposed(), Grey::new(vec![1, 4, 2, 5, 3, 6], 2, 3));
    }
}
