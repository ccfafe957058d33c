//! Board: TI (Luminary) LM3S6965 evaluation kit, Cortex-M3, as QEMU's `lm3s6965evb` models it: an SSD0323
//! OLED of 128×64, five buttons, semihosting.
//!
//! ```text
//! qemu-system-arm -M lm3s6965evb -kernel ELF -icount shift=4 \
//!     -semihosting-config enable=on,target=native,arg=seed=17,arg=icount=4
//! ```
//! The argument `seed=N` starts at seed N and makes everything that follows repeat; without it seeds come
//! from the host's /dev/urandom. An emulator's time is the host's and says nothing about a board, so the display shows
//! no time but the instructions that a picture took: under `-icount shift=N` an instruction takes 2^N ns, which the
//! argument `icount=N` says; without it the display shows none. defmt frames go to semihosting's stdout. A panic, a fault or a model file
//! that does not parse is logged and ends the emulator with exit status 1.
//!
//! Addresses and bits are those of the LM3S6965 data sheet.
#![no_std]
#![no_main]

use core::{
    cell::RefCell,
    convert::Infallible,
    panic::PanicInfo,
    ptr,
    sync::atomic::{AtomicU32, Ordering},
};

use cortex_m::peripheral::{SYST, syst::SystClkSource};
use cortex_m_rt::{ExceptionFrame, entry, exception};
use critical_section::Mutex;
use defmt_semihosting as _;
use embedded_hal::{
    digital::{ErrorType as PinErrorType, OutputPin},
    spi::{ErrorType as SpiErrorType, Operation, SpiDevice},
};
use firmware::{App, Cost, Meter, Unit, events::ButtonQueue, screen, ssd0323::Ssd0323};
use gan_core::{Arena, Model, arena_bytes, include_model};
use rand_core::SeedableRng;
use rand_xoshiro::Xoshiro128PlusPlus;
use semihosting::{
    experimental::{env, random},
    process,
};
use static_cell::ConstStaticCell;

static MODEL: &[u8] = include_model!(env!("GAN_MODEL_PATH"));
static ARENA: ConstStaticCell<Arena<{ arena_bytes(MODEL) }>> = ConstStaticCell::new(Arena::new());

/// System clock after [`start_clocks`].
const CLOCK_HZ: u32 = 50_000_000;
const TICKS_PER_MILLI: u32 = CLOCK_HZ / 1_000;
const TICKS_PER_MICRO: u32 = CLOCK_HZ / 1_000_000;
const NANOS_PER_TICK: u64 = 1_000_000_000 / CLOCK_HZ as u64;
/// The longest period of SysTick, which has 24 bits.
const LONGEST_PERIOD: u32 = 1 << 24;

/// Milliseconds since the start: SysTick's periods.
static MILLIS: AtomicU32 = AtomicU32::new(0);
/// Filled by SysTick, emptied by the main loop.
static BUTTONS: Mutex<RefCell<ButtonQueue>> = Mutex::new(RefCell::new(ButtonQueue::new()));

#[entry]
fn main() -> ! {
    let core = cortex_m::Peripherals::take().expect("first and only take");
    start_clocks();
    start_pins();
    let systick = start_systick(core.SYST);
    let Ok(mut display) = Ssd0323::new(Ssi::start(), DataCommand);

    let model = match Model::parse(MODEL) {
        Ok(model) => model,
        Err(error) => {
            let Ok(()) =
                screen::message(&mut display, format_args!("Model file: {}", screen::refusal(&error)));
            let Ok(_) = display.flush();
            defmt::error!("model file: {}", error);
            process::exit(1)
        }
    };
    let Arguments { seed, icount_shift } = arguments();
    let mut meter = InstructionCounter { systick, icount_shift };
    // No `expect`: code to print an error that cannot be takes most of a kilobyte.
    let Ok(mut app) = App::new(&model, ARENA.take(), entropy(seed)) else {
        panic!("the arena was sized for the model")
    };
    if let Some(seed) = seed {
        app = app.starting_at(seed);
    }
    defmt::info!(
        "model {=str}: {=usize} classes, arena {=usize} bytes",
        model.name(),
        usize::from(model.classes()),
        model.arena_bytes()
    );

    loop {
        let Ok(shown) = app.draw(&mut display, &mut meter);
        let Ok(_) = display.flush();
        defmt::info!("shown {}", shown);
        while !next_event().is_some_and(|event| app.handle(event)) {}
    }
}

/// Sleeps until SysTick, unless an event waits.
fn next_event() -> Option<firmware::buttons::Event> {
    let event = critical_section::with(|token| BUTTONS.borrow_ref_mut(token).pop());
    if event.is_none() {
        cortex_m::asm::wfi();
    }
    event
}

/// What the emulator's command line says.
#[derive(Default)]
struct Arguments {
    /// `seed=N`: the seed to start at.
    seed: Option<u32>,
    /// `icount=N`: an instruction takes 2^N ns.
    icount_shift: Option<u32>,
}

fn arguments() -> Arguments {
    let mut given = Arguments::default();
    // Without arguments the emulator passes the kernel's path, which may not fit: then none was given.
    let Ok(words) = env::args::<256>() else { return given };
    for word in (&words).flatten() {
        let number =
            |text: &str| text.parse().unwrap_or_else(|_| panic!("argument {word}: expected a number"));
        match word.split_once('=') {
            Some(("seed", text)) => given.seed = Some(number(text)),
            Some(("icount", text)) => given.icount_shift = Some(number(text)),
            _ => {}
        }
    }
    given
}

/// Where further seeds come from: the seed to start at, if one was given.
fn entropy(seed: Option<u32>) -> Xoshiro128PlusPlus {
    let state = match seed {
        Some(seed) => u64::from(seed),
        None => {
            let mut bytes = [0; 8];
            if random::fill_bytes(&mut bytes).is_err() {
                defmt::warn!("the host has no /dev/urandom: the seeds repeat at every start");
            }
            u64::from_le_bytes(bytes)
        }
    };
    Xoshiro128PlusPlus::seed_from_u64(state)
}

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
fn start_clocks() {
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

fn start_pins() {
    Port::C.outputs(DATA_COMMAND);
    Port::D.outputs(OLED_SELECT);
    Port::E.inputs(DIRECTIONS);
    Port::F.inputs(SELECT);
    Port::A.register(Port::ALTERNATE_FUNCTION).write(SSI_PINS);
    Port::A.register(Port::DIGITAL_ENABLE).write(SSI_PINS);
}

/// The levels of Up, Down, Left, Right and Select.
fn pressed() -> [bool; 5] {
    let directions = Port::E.data(DIRECTIONS).read();
    let select = Port::F.data(SELECT).read();
    let is_low = |bit: u32| directions & 1 << bit == 0;
    [is_low(0), is_low(1), is_low(2), is_low(3), select == 0]
}

/// The data/command pin.
struct DataCommand;

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
struct Ssi;

impl Ssi {
    const CONTROL_0: Register = Register(0x4000_8000);
    const CONTROL_1: Register = Register(0x4000_8004);
    const DATA: Register = Register(0x4000_8008);
    const STATUS: Register = Register(0x4000_800C);
    const PRESCALE: Register = Register(0x4000_8010);

    const TRANSMIT_NOT_FULL: u32 = 1 << 1;
    const RECEIVE_NOT_EMPTY: u32 = 1 << 2;

    /// Eight bits, mode 0, 50 MHz / 6, and the OLED selected: it shares the bus with nothing in use.
    fn start() -> Self {
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

fn start_systick(mut systick: SYST) -> SYST {
    systick.set_clock_source(SystClkSource::Core);
    systick.set_reload(TICKS_PER_MILLI - 1);
    systick.clear_current();
    systick.enable_counter();
    systick.enable_interrupt();
    systick
}

/// SysTick's periods so far, and its count, which goes down to 0 in each.
fn systick() -> (u32, u32) {
    loop {
        let (periods, count) = (MILLIS.load(Ordering::Relaxed), SYST::get_current());
        // A period may have ended between the two readings: then read again.
        if periods == MILLIS.load(Ordering::Relaxed) {
            return (periods, count);
        }
    }
}

/// Microseconds since the start; wraps around after 71 minutes.
fn micros() -> u32 {
    let (millis, count) = systick();
    let ticks = TICKS_PER_MILLI - 1 - count.min(TICKS_PER_MILLI - 1);
    millis.wrapping_mul(1_000).wrapping_add(ticks / TICKS_PER_MICRO)
}

#[exception]
fn SysTick() {
    end_millisecond();
}

fn end_millisecond() {
    MILLIS.fetch_add(1, Ordering::Relaxed);
    critical_section::with(|token| BUTTONS.borrow_ref_mut(token).sample(pressed()));
}

/// Counts instructions by the emulator's time, of which each takes the same.
struct InstructionCounter {
    systick: SYST,
    /// An instruction takes 2 to the power of this, in nanoseconds; `None` where time is not by instructions.
    icount_shift: Option<u32>,
}

impl Meter for InstructionCounter {
    fn measure<T>(&mut self, work: impl FnOnce() -> T) -> (T, Option<Cost>) {
        let start = self.start();
        let made = work();
        (made, start.and_then(|start| self.stop(start)))
    }
}

impl InstructionCounter {
    /// An interrupt each millisecond would be counted too; so from here on one comes after 20 million instructions.
    #[inline(never)]
    fn start(&mut self) -> Option<(u32, u32)> {
        self.icount_shift?;
        self.restart(LONGEST_PERIOD);
        Some(systick())
    }

    /// The instructions since [`start`](Self::start); from here on an interrupt comes each millisecond.
    #[inline(never)]
    fn stop(&mut self, (first_period, start): (u32, u32)) -> Option<Cost> {
        let (last_period, end) = systick();
        self.restart(TICKS_PER_MILLI);
        let periods = last_period.wrapping_sub(first_period);
        // 32 bits of ticks are 86 seconds.
        let ticks =
            periods.wrapping_mul(LONGEST_PERIOD).wrapping_add(start.wrapping_sub(end) % LONGEST_PERIOD);
        // The milliseconds that went by uncounted: time goes on, and a button held all the while is seen to be.
        for _ in periods..ticks / TICKS_PER_MILLI {
            end_millisecond();
        }
        let amount = (u64::from(ticks) * NANOS_PER_TICK).checked_shr(self.icount_shift?)?;
        Some(Cost { amount: u32::try_from(amount).unwrap_or(u32::MAX), unit: Unit::Instructions })
    }

    /// Begins a period of `ticks` ticks, which all that follow have too.
    fn restart(&mut self, ticks: u32) {
        self.systick.set_reload(ticks - 1);
        self.systick.clear_current();
    }
}

#[exception]
unsafe fn HardFault(frame: &ExceptionFrame) -> ! {
    defmt::error!("hard fault at {=u32:#x}, called from {=u32:#x}", frame.pc(), frame.lr());
    process::exit(1)
}

#[panic_handler]
fn panic(info: &PanicInfo<'_>) -> ! {
    defmt::error!("{}", defmt::Display2Format(info));
    process::exit(1)
}

defmt::timestamp!("{=u32:us}", micros());
