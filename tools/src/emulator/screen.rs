//! A picture of the board's screen.

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
    /// Reads QEMU's picture, a binary PPM file, in which each of the board's pixels is a square of `scale`.
    pub(super) fn decode(ppm: &[u8], scale: usize) -> Result<Self, EmulatorError> {
        let mut rest = ppm;
        let header: [&[u8]; 4] = std::array::from_fn(|_| word(&mut rest));
        let [magic, large_width, height, depth] = header.map(|word| std::str::from_utf8(word).unwrap_or(""));
        let side = |text: &str| text.parse::<usize>().ok();
        let (Some(large_width), Some(large_height)) = (side(large_width), side(height)) else {
            return Err(EmulatorError::Screen(format!("its header is {header:?}, expected P6 and a size")));
        };
        if magic != "P6" || depth != "255" || Some(rest.len()) != large_width.checked_mul(3 * large_height) {
            let bytes = rest.len();
            return Err(EmulatorError::Screen(format!(
                "{magic} of depth {depth} with {bytes} bytes, expected P6 of depth 255 and {large_width}×{large_height}"
            )));
        }
        let (width, height) = (large_width / scale, large_height / scale);
        let rgb = (0..height)
            .flat_map(|y| (0..width).map(move |x| (x, y)))
            .map(|(x, y)| {
                let at = 3 * (y * scale * large_width + x * scale);
                [rest[at], rest[at + 1], rest[at + 2]]
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

/// The bytes before the next white space, which goes too.
fn word<'data>(rest: &mut &'data [u8]) -> &'data [u8] {
    let end = rest.iter().position(u8::is_ascii_whitespace).unwrap_or(rest.len());
    let (word, behind) = rest.split_at(end);
    *rest = behind.get(1..).unwrap_or(&[]);
    word
}

#[cfg(test)]
mod tests {
    use super::Screen;

    /// 3×2 pixels of greys 0, 17, 34 …, each as a square of 2.
    fn ppm() -> Vec<u8> {
        let mut file = b"P6\n6 4\n255\n".to_vec();
        for y in 0..4_u8 {
            for x in 0..6_u8 {
                file.extend([17 * (y / 2 * 3 + x / 2); 3]);
            }
        }
        file
    }

    #[test]
    fn a_dump_is_read_in_the_boards_pixels() {
        let screen = Screen::decode(&ppm(), 2).unwrap();
        assert_eq!((screen.width, screen.height), (3, 2));
        assert_eq!(screen.grey4(), [0, 1, 2, 3, 4, 5]);
        assert_eq!(screen.pixel(1, 1), [68, 68, 68]);
    }

    #[test]
    fn a_dump_cut_short_is_refused() {
        let mut file = ppm();
        file.pop();
        assert!(Screen::decode(&file, 2).is_err());
        assert!(Screen::decode(b"", 2).is_err());
    }

    #[test]
    fn a_written_picture_has_the_scaled_size_and_colours() {
        let screen = Screen::decode(&ppm(), 2).unwrap();
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("screen.png");
        screen.write_png(&path, 4).unwrap();
        let file = std::io::BufReader::new(std::fs::File::open(&path).unwrap());
        let mut reader = png::Decoder::new(file).read_info().unwrap();
        let mut bytes = vec![0; reader.output_buffer_size().unwrap()];
        let info = reader.next_frame(&mut bytes).unwrap();
        assert_eq!((info.width, info.height), (12, 8));
        assert_eq!(bytes[3 * (12 * 7 + 11)..], [85, 85, 85]);
    }
}
