//! The bytes that the SSD0323 driver sends, seen through a recorded SPI device and pin.

use core::convert::Infallible;
use std::{cell::RefCell, rc::Rc};

use embedded_graphics::{
    Drawable, Pixel, draw_target::DrawTarget, pixelcolor::Gray4, prelude::*, primitives::Rectangle,
};
use embedded_hal::{
    digital::{ErrorType as PinError, OutputPin},
    spi::{ErrorType as SpiError, Operation, SpiDevice},
};
use firmware::ssd0323::Ssd0323;

/// The pin's level, and what crossed the wires: `(is_data, bytes)`, one entry a transaction.
type Recording = (bool, Vec<(bool, Vec<u8>)>);

#[derive(Clone, Default)]
struct Wires(Rc<RefCell<Recording>>);

impl Wires {
    fn take(&self) -> Vec<(bool, Vec<u8>)> {
        std::mem::take(&mut self.0.borrow_mut().1)
    }
}

impl SpiError for Wires {
    type Error = Infallible;
}
impl SpiDevice for Wires {
    fn transaction(&mut self, operations: &mut [Operation<'_, u8>]) -> Result<(), Infallible> {
        let mut wires = self.0.borrow_mut();
        let is_data = wires.0;
        for operation in operations {
            match operation {
                Operation::Write(bytes) => wires.1.push((is_data, bytes.to_vec())),
                other => panic!("a display is only written to, got {other:?}"),
            }
        }
        Ok(())
    }
}
impl PinError for Wires {
    type Error = Infallible;
}
impl OutputPin for Wires {
    fn set_low(&mut self) -> Result<(), Infallible> {
        self.0.borrow_mut().0 = false;
        Ok(())
    }
    fn set_high(&mut self) -> Result<(), Infallible> {
        self.0.borrow_mut().0 = true;
        Ok(())
    }
}

fn display() -> (Wires, Ssd0323<Wires, Wires>) {
    let wires = Wires::default();
    let Ok(display) = Ssd0323::new(wires.clone(), wires.clone());
    (wires, display)
}

#[test]
fn new_clears_the_whole_memory_before_it_switches_the_panel_on() {
    let (wires, _display) = display();
    let sent = wires.take();
    let data: Vec<_> = sent.iter().filter(|(is_data, _)| *is_data).collect();
    assert_eq!(data, [&(true, vec![0; 64 * 64])]);
    assert_eq!(sent.first().map(|(is_data, bytes)| (*is_data, bytes[0])), Some((false, 0xAE)));
    assert_eq!(sent.last(), Some(&(false, vec![0xAF])));
}

#[test]
fn a_flush_sends_the_changed_rows_and_only_those() {
    let (wires, mut display) = display();
    wires.take();
    Pixel(Point::new(0, 3), Gray4::new(0xA)).draw(&mut display).unwrap();
    Pixel(Point::new(1, 3), Gray4::new(0x5)).draw(&mut display).unwrap();
    Pixel(Point::new(127, 4), Gray4::new(0xF)).draw(&mut display).unwrap();
    assert_eq!(display.flush(), Ok(2));

    let mut rows = vec![0; 128];
    rows[0] = 0xA5; // the left pixel is the high nibble
    rows[127] = 0x0F;
    assert_eq!(
        wires.take(),
        [(false, vec![0x15, 0, 63]), (false, vec![0x75, 3, 4]), (true, rows)],
        "column window, row window, then two rows"
    );
}

#[test]
fn redrawing_the_same_picture_sends_nothing() {
    let (wires, mut display) = display();
    display.fill_solid(&Rectangle::new(Point::new(10, 10), Size::new(5, 5)), Gray4::WHITE).unwrap();
    display.flush().unwrap();
    wires.take();
    display.fill_solid(&Rectangle::new(Point::new(10, 10), Size::new(5, 5)), Gray4::WHITE).unwrap();
    assert_eq!(display.flush(), Ok(0));
    assert!(wires.take().is_empty());
}

#[test]
fn what_lies_outside_the_panel_is_clipped() {
    let (wires, mut display) = display();
    wires.take();
    for point in [Point::new(-1, 0), Point::new(0, -1), Point::new(128, 0), Point::new(0, 64)] {
        Pixel(point, Gray4::WHITE).draw(&mut display).unwrap();
    }
    display.fill_solid(&Rectangle::new(Point::new(126, 62), Size::new(50, 50)), Gray4::WHITE).unwrap();
    assert_eq!(display.flush(), Ok(2));
    let sent = wires.take();
    let (_, rows) = &sent[2];
    assert_eq!(rows.iter().filter(|byte| **byte != 0).count(), 2);
    assert_eq!((rows[63], rows[127]), (0xFF, 0xFF));
}
