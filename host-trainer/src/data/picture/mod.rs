//! Single pictures: from a file of any size to greys and opacity, and to the size that is trained on.
//!
//! Greys have 16 bits until they are given their [tones](super::tones), so that a set of dark 16-bit pictures keeps its
//! precision. A picture is turned as its EXIF orientation says. Colour profiles and gamma are not applied: greys are
//! what the file stores, as with the tools that others train with. Nearly all pictures are sRGB, with or without saying
//! so, and for these a profile changes nothing; `gAMA` chunks are often wrong; and no profile tells what the display at
//! the end shows.

use std::path::Path;

use image::metadata::Orientation;
use image::{DynamicImage, ImageBuffer, ImageDecoder, ImageReader, Luma, imageops};

use super::SIDE;

/// The brightest grey, and full opacity.
pub(super) const FULL: u16 = u16::MAX;
/// Above it is opaque.
const HALF: u16 = FULL / 2;

/// One value of 16 bits a pixel.
type Plane = ImageBuffer<Luma<u16>, Vec<u16>>;

/// A grey picture of any size, 0 black to 65535 white.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Picture {
    grey: Plane,
    /// 0 is fully transparent; `None` where nothing is.
    opacity: Option<Plane>,
}

/// What a set's [tones](super::tones) are decided by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Measure {
    /// Columns and rows.
    pub(super) size: (usize, usize),
    /// The darkest and the brightest grey that is seen; `None` where all is transparent.
    pub(super) extremes: Option<(u16, u16)>,
    /// The median of the border; `None` where most of the border is transparent.
    pub(super) paper: Option<u16>,
    /// The mean of what is opaque.
    pub(super) ink: u16,
}

/// A picture of 28×28 whose tones are not decided yet.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Small {
    /// Greys, times opacity: what is transparent has none.
    pub(super) grey: Vec<u16>,
    /// `None` where nothing is transparent.
    pub(super) opacity: Option<Vec<u16>>,
}

impl Picture {
    /// `pixels` row by row, of 8 bits.
    pub(super) fn new(pixels: &[u8], width: usize, height: usize) -> Picture {
        let pixels = pixels.iter().map(|&pixel| u16::from(pixel) * 257).collect();
        let grey = Plane::from_raw(width as u32, height as u32, pixels);
        Picture { grey: grey.expect("the pixels are width times height"), opacity: None }
    }

    /// Reads a file, whatever its name says: its first picture, upright.
    ///
    /// # Errors
    /// Why it cannot be read.
    pub(super) fn open(path: &Path) -> Result<Picture, String> {
        let reader = ImageReader::open(path).and_then(ImageReader::with_guessed_format);
        let reader = reader.map_err(|error| error.to_string())?;
        decode(reader).map(|image| Picture::of(&image)).map_err(|error| error.to_string())
    }

    fn of(image: &DynamicImage) -> Picture {
        if !image.color().has_alpha() {
            return Picture { grey: image.to_luma16(), opacity: None };
        }
        let both = image.to_luma_alpha16();
        let plane = |channel: usize| {
            let values = both.pixels().map(|pixel| pixel.0[channel]).collect();
            Plane::from_raw(both.width(), both.height(), values).expect("a value a pixel")
        };
        let opacity = plane(1);
        let transparent = opacity.pixels().any(|pixel| pixel.0[0] < FULL);
        Picture { grey: plane(0), opacity: transparent.then_some(opacity) }
    }

    /// Rows become columns.
    pub(super) fn transposed(&self) -> Picture {
        let transposed = |plane: &Plane| imageops::flip_horizontal(&imageops::rotate90(plane));
        Picture { grey: transposed(&self.grey), opacity: self.opacity.as_ref().map(transposed) }
    }

    /// Every pixel's grey and opacity.
    fn pixels(&self) -> impl Iterator<Item = (u32, u32, u16, u16)> {
        self.grey.enumerate_pixels().map(|(x, y, grey)| {
            let opacity = self.opacity.as_ref().map_or(FULL, |plane| plane.get_pixel(x, y).0[0]);
            (x, y, grey.0[0], opacity)
        })
    }

    /// What it adds to the decisions about its set.
    pub(super) fn measure(&self) -> Measure {
        let (width, height) = self.grey.dimensions();
        let seen = || self.pixels().filter(|&(.., opacity)| opacity > HALF).map(|(_, _, grey, _)| grey);
        let (sum, weight) = self.pixels().fold((0, 0), |(sum, weight), (_, _, grey, opacity)| {
            (sum + u128::from(grey) * u128::from(opacity), weight + u128::from(opacity))
        });
        Measure {
            size: (width as usize, height as usize),
            extremes: seen().min().zip(seen().max()),
            paper: self.paper(),
            ink: sum.checked_div(weight).unwrap_or(0) as u16,
        }
    }

    /// The median of the border, unless most of it is transparent.
    fn paper(&self) -> Option<u16> {
        let (width, height) = self.grey.dimensions();
        let at_border = |x: u32, y: u32| x == 0 || y == 0 || x + 1 == width || y + 1 == height;
        let border = || self.pixels().filter(|&(x, y, ..)| at_border(x, y));
        let mut opaque: Vec<u16> =
            border().filter(|&(.., opacity)| opacity > HALF).map(|(_, _, grey, _)| grey).collect();
        if 2 * opaque.len() < border().count() {
            return None;
        }
        opaque.sort_unstable();
        opaque.get(opaque.len() / 2).copied()
    }

    /// The picture at 28×28: its proportions are kept, and the rest is filled with its background.
    pub(super) fn resized(&self) -> Small {
        let Some(opacity) = &self.opacity else {
            let grey = fitted(&self.grey, self.paper().unwrap_or(0));
            return Small { grey, opacity: None };
        };
        let mut grey = self.grey.clone();
        for (grey, opacity) in grey.pixels_mut().zip(opacity.pixels()) {
            let product = u64::from(grey.0[0]) * u64::from(opacity.0[0]);
            grey.0[0] = ((product + u64::from(HALF)) / u64::from(FULL)) as u16;
        }
        let (paper, paper_opacity) = self.paper().map_or((0, 0), |paper| (paper, FULL));
        Small { grey: fitted(&grey, paper), opacity: Some(fitted(opacity, paper_opacity)) }
    }
}

/// What the file holds, turned as it says that it should be.
fn decode(reader: ImageReader<impl std::io::BufRead + std::io::Seek>) -> image::ImageResult<DynamicImage> {
    let mut decoder = reader.into_decoder()?;
    // Damaged metadata are no reason to do without the picture.
    let orientation = decoder.orientation().unwrap_or(Orientation::NoTransforms);
    let mut image = DynamicImage::from_decoder(decoder)?;
    image.apply_orientation(orientation);
    Ok(image)
}

/// A plane at 28×28 between `filling`.
fn fitted(plane: &Plane, filling: u16) -> Vec<u16> {
    let (width, height) = plane.dimensions();
    let side = SIDE as u32;
    if (width, height) == (side, side) {
        return plane.to_vec();
    }
    let scale = f64::from(side) / f64::from(width.max(height));
    let scaled = |length: u32| ((f64::from(length) * scale).round() as u32).clamp(1, side);
    let (new_width, new_height) = (scaled(width), scaled(height));
    // Averages over all pixels that fall into one: a thin line fades, but does not vanish.
    let small = imageops::resize(plane, new_width, new_height, imageops::FilterType::Triangle);
    let mut whole = Plane::from_pixel(side, side, Luma([filling]));
    let (left, top) = ((side - new_width) / 2, (side - new_height) / 2);
    imageops::replace(&mut whole, &small, left.into(), top.into());
    whole.into_raw()
}

#[cfg(test)]
mod tests;
