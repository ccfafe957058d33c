//! The chip's clocks, pins and serial bus. Addresses and bits are those of the LM3S6965 data sheet.

use core::convert::Infallible;
use core::ptr;

use embedded_hal::{
    digital::{ErrorType as PinErrorType, OutputPin},
    spi::{ErrorType as SpiErrorType, Operation, SpiDevice},
};

/// System clock after [`start_clocks`].
const CLOCK_HZ: u32 = 50_000_000;
/// Ticks of the system clock.
pub const TICKS_PER_MILLI: u32 = CLOCK_HZ / 1_000;
/// The same in a microsecond.
pub const TICKS_PER_MICRO: u32 = CLOCK_HZ / 1_000_000;
/// A tick in nanoseconds.
pub const NANOS_PER_TICK: u64 = 1_000_000_000 / CLOCK_HZ as u64;

/// A memory-mapped register.
#[derive(Clone, Copy)]
struct Register(usize);

impl Register {
    fn write(self, value: u32) {
        // SAFETY: every `Register` in this file is the address of a 32-bit register of the LM3S6965, and
        // none of them makes the hardware access memory.
        unsafe { ptr::write_volatile(self.0 as *mut u32, value) }
    }

    fn read(self) -> u32 {
        // SAFETY: as in `write`.
        unsafe { ptr::read_volatile(self.0 as *const u32) }
    }
}

/// 8 MHz crystal → PLL, 200 MHz → divided by 4; and clocks for SSI0 and the ports in use.
pub fn start_clocks() {
    const RCC: Register = Register(0x400F_E060);
    const RIS: Register = Register(0x400F_E050);
    const RCGC1: Register = Register(0x400F_E104);
    const RCGC2: Register = Register(0x400F_E108);
    const BYPASS: u32 = 1 << 11;
    const USE_DIVIDER: u32 = 1 << 22;
    const DIVIDE_BY_4: u32 = 3 << 23;
    const XTAL_8_MHZ: u32 = 0xE << 6;
    const PLL_LOCKED: u32 = 1 << 6;

    RCC.write(BYPASS | USE_DIVIDER | DIVIDE_BY_4 | XTAL_8_MHZ);
    while RIS.read() & PLL_LOCKED == 0 {}
    RCC.write(USE_DIVIDER | DIVIDE_BY_4 | XTAL_8_MHZ);
    RCGC1.write(1 << 4); // SSI0
    RCGC2.write(0b11_1101); // ports A, C, D, E, F
    RCGC2.read(); // the ports answer a few clocks after this
}

/// A GPIO port, by its base address.
#[derive(Clone, Copy)]
struct Port(usize);

impl Port {
    const A: Port = Port(0x4000_4000);
    const C: Port = Port(0x4000_6000);
    const D: Port = Port(0x4000_7000);
    const E: Port = Port(0x4002_4000);
    const F: Port = Port(0x4002_5000);

    const DIRECTION: usize = 0x400;
    const ALTERNATE_FUNCTION: usize = 0x420;
    const PULL_UP: usize = 0x510;
    const DIGITAL_ENABLE: usize = 0x51C;

    fn register(self, offset: usize) -> Register {
        Register(self.0 + offset)
    }

    /// The data register, seen through address bits that mask all but `pins`.
    fn data(self, pins: u32) -> Register {
        self.register((pins as usize) << 2)
    }

    fn outputs(self, pins: u32) {
        self.register(Self::DIRECTION).write(pins);
        self.register(Self::DIGITAL_ENABLE).write(pins);
    }

    fn inputs(self, pins: u32) {
        self.register(Self::PULL_UP).write(pins);
        self.register(Self::DIGITAL_ENABLE).write(pins);
    }
}

/// PC7: data (high) or command.
const DATA_COMMAND: u32 = 1 << 7;
/// PD0: selects the OLED when high.
const OLED_SELECT: u32 = 1 << 0;
/// PA2 clock, PA3 frame, PA5 transmit: SSI0.
const SSI_PINS: u32 = 1 << 2 | 1 << 3 | 1 << 5;
/// PE0–PE3: Up, Down, Left, Right, low when pressed.
const DIRECTIONS: u32 = 0b1111;
/// PF1: Select, low when pressed.
const SELECT: u32 = 1 << 1;

/// Directions, pull-ups and functions of the pins in use.
pub fn start_pins() {
    Port::C.outputs(DATA_COMMAND);
    Port::D.outputs(OLED_SELECT);
    Port::E.inputs(DIRECTIONS);
    Port::F.inputs(SELECT);
    Port::A.register(Port::ALTERNATE_FUNCTION).write(SSI_PINS);
    Port::A.register(Port::DIGITAL_ENABLE).write(SSI_PINS);
}

/// The levels of Up, Down, Left, Right and Select.
pub fn pressed() -> [bool; 5] {
    let directions = Port::E.data(DIRECTIONS).read();
    let select = Port::F.data(SELECT).read();
    let is_low = |bit: u32| directions & 1 << bit == 0;
    [is_low(0), is_low(1), is_low(2), is_low(3), select == 0]
}

/// The data/command pin.
pub struct DataCommand;

impl PinErrorType for DataCommand {
    type Error = Infallible;
}

impl OutputPin for DataCommand {
    fn set_low(&mut self) -> Result<(), Infallible> {
        Port::C.data(DATA_COMMAND).write(0);
        Ok(())
    }

    fn set_high(&mut self) -> Result<(), Infallible> {
        Port::C.data(DATA_COMMAND).write(DATA_COMMAND);
        Ok(())
    }
}

/// SSI0, a PL022, with the OLED as its only device.
pub struct Ssi;

impl Ssi {
    const CONTROL_0: Register = Register(0x4000_8000);
    const CONTROL_1: Register = Register(0x4000_8004);
    const DATA: Register = Register(0x4000_8008);
    const STATUS: Register = Register(0x4000_800C);
    const PRESCALE: Register = Register(0x4000_8010);

    const TRANSMIT_NOT_FULL: u32 = 1 << 1;
    const RECEIVE_NOT_EMPTY: u32 = 1 << 2;

    /// Eight bits, mode 0, 50 MHz / 6, and the OLED selected: it shares the bus with nothing in use.
    pub fn start() -> Self {
        Port::D.data(OLED_SELECT).write(OLED_SELECT);
        Self::CONTROL_1.write(0);
        Self::PRESCALE.write(6);
        Self::CONTROL_0.write(7);
        Self::CONTROL_1.write(1 << 1);
        Ssi
    }

    /// Sends a byte and returns the one received meanwhile; waiting for it keeps the receive FIFO empty, and
    /// the line idle when this returns.
    fn exchange(&mut self, byte: u8) -> u8 {
        while Self::STATUS.read() & Self::TRANSMIT_NOT_FULL == 0 {}
        Self::DATA.write(byte.into());
        while Self::STATUS.read() & Self::RECEIVE_NOT_EMPTY == 0 {}
        Self::DATA.read() as u8
    }
}

impl SpiErrorType for Ssi {
    type Error = Infallible;
}

impl SpiDevice for Ssi {
    fn transaction(&mut self, operations: &mut [Operation<'_, u8>]) -> Result<(), Infallible> {
        for operation in operations {
            match operation {
                Operation::Read(words) => words.iter_mut().for_each(|word| *word = self.exchange(0)),
                Operation::Write(words) => words.iter().for_each(|word| {
                    self.exchange(*word);
                }),
                Operation::Transfer(read, write) => {
                    for index in 0..read.len().max(write.len()) {
                        let received = self.exchange(write.get(index).copied().unwrap_or(0));
                        if let Some(word) = read.get_mut(index) {
                            *word = received;
                        }
                    }
                }
                Operation::TransferInPlace(words) => {
                    words.iter_mut().for_each(|word| *word = self.exchange(*word))
                }
                Operation::DelayNs(nanos) => cortex_m::asm::delay(*nanos / 1_000 * TICKS_PER_MICRO + 1),
            }
        }
        Ok(())
    }
}
