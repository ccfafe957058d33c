//! Driver of the Solomon Systech SSD0323, a 128×64 OLED controller with four bits of grey a pixel.
//!
//! The driver keeps the picture in RAM (4 KiB, two pixels a byte, the left one in the high nibble) and
//! sends only the rows that changed since the last [`flush`](Ssd0323::flush). It speaks to any
//! [`SpiDevice`] and any [`OutputPin`] wired to the controller's data/command input (high = data).

use core::ops::RangeInclusive;

use embedded_graphics::{
    Pixel,
    draw_target::DrawTarget,
    geometry::{OriginDimensions, Point, Size},
    pixelcolor::{Gray4, GrayColor},
    primitives::Rectangle,
};
use embedded_hal::{digital::OutputPin, spi::SpiDevice};

/// Width of the display in pixels.
pub const WIDTH: usize = 128;
/// Height of the display in pixels.
pub const HEIGHT: usize = 64;
/// Bytes of one row: two pixels a byte.
const ROW_BYTES: usize = WIDTH / 2;

/// Commands, by the names of the datasheet's command table.
mod command {
    pub const SET_COLUMN_ADDRESS: u8 = 0x15;
    pub const SET_ROW_ADDRESS: u8 = 0x75;
    pub const SET_CONTRAST: u8 = 0x81;
    pub const FULL_CURRENT_RANGE: u8 = 0x86;
    pub const SET_REMAP: u8 = 0xA0;
    pub const SET_START_LINE: u8 = 0xA1;
    pub const SET_OFFSET: u8 = 0xA2;
    pub const NORMAL_DISPLAY: u8 = 0xA4;
    pub const SET_MULTIPLEX_RATIO: u8 = 0xA8;
    pub const DISPLAY_OFF: u8 = 0xAE;
    pub const DISPLAY_ON: u8 = 0xAF;
}

/// Remap: nibbles swapped (bit 1: the left pixel is the high nibble), COM order reversed (bit 4), COM
/// lines split odd and even (bit 6); the column address increments first (bit 2 clear).
const REMAP: u8 = 0b0101_0010;

/// Sent once, before the display is switched on. Arguments are sent as commands too.
const SETUP: [u8; 13] = [
    command::DISPLAY_OFF,
    command::SET_CONTRAST,
    0x60, // of 0x7F; the panel ages faster at the top of the range
    command::FULL_CURRENT_RANGE,
    command::SET_REMAP,
    REMAP,
    command::SET_START_LINE,
    0,
    command::SET_OFFSET,
    0,
    command::SET_MULTIPLEX_RATIO,
    HEIGHT as u8 - 1,
    command::NORMAL_DISPLAY,
];

/// What went wrong on the way to the controller: the SPI bus or the data/command pin.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum Error<S, P> {
    /// The SPI transfer failed.
    Spi(S),
    /// The data/command pin could not be set.
    DataCommand(P),
}

impl<S: core::fmt::Debug, P: core::fmt::Debug> core::fmt::Display for Error<S, P> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        match self {
            Self::Spi(error) => write!(f, "SSD0323: SPI transfer failed: {error:?}"),
            Self::DataCommand(error) => write!(f, "SSD0323: data/command pin could not be set: {error:?}"),
        }
    }
}

impl<S: core::fmt::Debug, P: core::fmt::Debug> core::error::Error for Error<S, P> {}

/// The display: a frame in RAM, and the controller that shows it.
pub struct Ssd0323<SPI, DC> {
    spi: SPI,
    data_command: DC,
    frame: [u8; ROW_BYTES * HEIGHT],
    /// Rows whose bytes differ from what the controller holds.
    dirty: Option<RangeInclusive<usize>>,
}

impl<SPI: SpiDevice, DC: OutputPin> Ssd0323<SPI, DC> {
    /// Sets the controller up, clears its memory (undefined after power-up) and switches the panel on.
    ///
    /// # Errors
    /// When the bus or the pin reports an error.
    pub fn new(spi: SPI, data_command: DC) -> Result<Self, Error<SPI::Error, DC::Error>> {
        let mut display =
            Self { spi, data_command, frame: [0; ROW_BYTES * HEIGHT], dirty: Some(0..=HEIGHT - 1) };
        display.commands(&SETUP)?;
        display.flush()?;
        display.commands(&[command::DISPLAY_ON])?;
        Ok(display)
    }

    /// Sends the rows that changed since the last flush; returns how many.
    ///
    /// # Errors
    /// When the bus or the pin reports an error; the rows stay marked and the next flush sends them.
    pub fn flush(&mut self) -> Result<usize, Error<SPI::Error, DC::Error>> {
        let Some(rows) = self.dirty.clone() else { return Ok(0) };
        let (first, last) = (*rows.start(), *rows.end());
        self.commands(&[command::SET_COLUMN_ADDRESS, 0, ROW_BYTES as u8 - 1])?;
        self.commands(&[command::SET_ROW_ADDRESS, first as u8, last as u8])?;
        self.data_command.set_high().map_err(Error::DataCommand)?;
        self.spi.write(&self.frame[first * ROW_BYTES..(last + 1) * ROW_BYTES]).map_err(Error::Spi)?;
        self.dirty = None;
        Ok(last - first + 1)
    }

    fn commands(&mut self, bytes: &[u8]) -> Result<(), Error<SPI::Error, DC::Error>> {
        self.data_command.set_low().map_err(Error::DataCommand)?;
        self.spi.write(bytes).map_err(Error::Spi)
    }
}

impl<SPI, DC> Ssd0323<SPI, DC> {
    /// Sets one pixel, `grey` in 0..=15. A write that changes nothing leaves its row clean, so that
    /// redrawing the same text costs no transfer.
    fn set(&mut self, x: usize, y: usize, grey: u8) {
        let byte = &mut self.frame[y * ROW_BYTES + x / 2];
        let value = if x.is_multiple_of(2) { *byte & 0x0F | grey << 4 } else { *byte & 0xF0 | grey };
        if *byte != value {
            *byte = value;
            self.dirty = Some(match self.dirty.take() {
                Some(rows) => y.min(*rows.start())..=y.max(*rows.end()),
                None => y..=y,
            });
        }
    }
}

impl<SPI, DC> OriginDimensions for Ssd0323<SPI, DC> {
    fn size(&self) -> Size {
        Size::new(WIDTH as u32, HEIGHT as u32)
    }
}

impl<SPI, DC> DrawTarget for Ssd0323<SPI, DC> {
    type Color = Gray4;
    /// Drawing only touches the frame in RAM.
    type Error = core::convert::Infallible;

    fn draw_iter<I: IntoIterator<Item = Pixel<Gray4>>>(&mut self, pixels: I) -> Result<(), Self::Error> {
        for Pixel(Point { x, y }, grey) in pixels {
            if let (Ok(x @ 0..WIDTH), Ok(y @ 0..HEIGHT)) = (usize::try_from(x), usize::try_from(y)) {
                self.set(x, y, grey.luma());
            }
        }
        Ok(())
    }

    fn fill_solid(&mut self, area: &Rectangle, grey: Gray4) -> Result<(), Self::Error> {
        let area = area.intersection(&Rectangle::new(Point::zero(), self.size()));
        for y in area.rows() {
            for x in area.columns() {
                self.set(x as usize, y as usize, grey.luma());
            }
        }
        Ok(())
    }
}
