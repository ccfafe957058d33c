//! A picture of the board's screen.

use std::io::{BufRead, Seek};
use std::path::Path;

use super::{EmulatorError, io};

/// What a board's screen shows, in the board's own pixels.
#[derive(Clone, PartialEq, Eq)]
pub struct Screen {
    /// In pixels.
    pub width: usize,
    /// In pixels.
    pub height: usize,
    /// Red, green and blue of each pixel, row by row from the top left.
    pub rgb: Vec<[u8; 3]>,
}

impl Screen {
    /// Reads QEMU's PNG file, in which each of the board's pixels is a square of `scale`.
    pub(super) fn decode(png: impl BufRead + Seek, scale: usize) -> Result<Self, EmulatorError> {
        let broken = |error: png::DecodingError| EmulatorError::Screen(error.to_string());
        let mut decoder = png::Decoder::new(png);
        decoder.set_transformations(png::Transformations::normalize_to_color8());
        let mut reader = decoder.read_info().map_err(broken)?;
        let size =
            reader.output_buffer_size().ok_or_else(|| EmulatorError::Screen("it is too large".into()))?;
        let mut bytes = vec![0; size];
        let info = reader.next_frame(&mut bytes).map_err(broken)?;
        let channels = info.color_type.samples();
        if channels < 3 {
            return Err(EmulatorError::Screen(format!("it is {:?}, expected RGB", info.color_type)));
        }
        let (large_width, large_height) = (info.width as usize, info.height as usize);
        let (width, height) = (large_width / scale, large_height / scale);
        let rgb = (0..height)
            .flat_map(|y| (0..width).map(move |x| (x, y)))
            .map(|(x, y)| {
                let at = (y * scale * large_width + x * scale) * channels;
                [bytes[at], bytes[at + 1], bytes[at + 2]]
            })
            .collect();
        Ok(Self { width, height, rgb })
    }

    /// Pixel at column `x` of row `y`.
    ///
    /// # Panics
    /// Outside the screen.
    #[must_use]
    pub fn pixel(&self, x: usize, y: usize) -> [u8; 3] {
        assert!(x < self.width && y < self.height, "({x}, {y}) is outside {}×{}", self.width, self.height);
        self.rgb[y * self.width + x]
    }

    /// Each pixel's brightness in the 16 steps, 0 to 15, of a display of 4-bit grey; row by row.
    #[must_use]
    pub fn grey4(&self) -> Vec<u8> {
        self.rgb.iter().map(|&[red, _, _]| red / 17).collect()
    }

    /// Writes it as a PNG file, each pixel as a square of `scale`.
    ///
    /// # Errors
    /// [`EmulatorError::Io`] with the path.
    pub fn write_png(&self, path: &Path, scale: usize) -> Result<(), EmulatorError> {
        let rows = self.rgb.chunks(self.width).flat_map(|row| std::iter::repeat_n(row, scale));
        let bytes: Vec<u8> =
            rows.flatten().flat_map(|pixel| std::iter::repeat_n(pixel, scale)).flatten().copied().collect();
        let failed = |error: png::EncodingError| io(path.display().to_string())(error.into());
        let file = std::fs::File::create(path).map_err(io(path.display().to_string()))?;
        let side = |pixels: usize| u32::try_from(pixels * scale).expect("a screen's side fits 32 bits");
        let mut encoder =
            png::Encoder::new(std::io::BufWriter::new(file), side(self.width), side(self.height));
        encoder.set_color(png::ColorType::Rgb);
        encoder.set_depth(png::BitDepth::Eight);
        encoder.write_header().and_then(|mut writer| writer.write_image_data(&bytes)).map_err(failed)
    }
}

impl std::fmt::Debug for Screen {
    /// As text art, so that a failing comparison shows the picture.
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        writeln!(formatter, "Screen {}×{}", self.width, self.height)?;
        for row in self.grey4().chunks(self.width) {
            let row: String =
                row.iter().map(|&grey| b" .:-=+*#%@"[usize::from(grey) * 10 / 16] as char).collect();
            writeln!(formatter, "{row}")?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::Screen;

    #[test]
    fn a_screen_survives_its_png_file() {
        let rgb = (0..6_u8).map(|i| [i * 17, i * 17, i * 17]).collect();
        let screen = Screen { width: 3, height: 2, rgb };
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("screen.png");
        screen.write_png(&path, 4).unwrap();
        let file = std::io::BufReader::new(std::fs::File::open(&path).unwrap());
        assert_eq!(Screen::decode(file, 4).unwrap(), screen);
        assert_eq!(screen.grey4(), [0, 1, 2, 3, 4, 5]);
    }
}
