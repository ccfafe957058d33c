//! Board: Raspberry Pi Pico 2 (RP2350, Cortex-M33) with an ST7789 display of 240×320 and five buttons.
//!
//! | signal | pin |
//! |---|---|
//! | display clock, data in (SPI0) | GP18, GP19 |
//! | display chip select, data/command, backlight, reset | GP17, GP16, GP20, GP21 |
//! | buttons to ground: Up, Down, Left, Right, Select | GP12, GP13, GP14, GP15, GP22 |
//!
//! Logs by defmt over RTT: `probe-rs run --chip RP235x`. A panic is logged and stops the core; what the
//! display shows then stays.
#![no_std]
#![no_main]

use core::cell::RefCell;

use critical_section::Mutex;
use defmt_rtt as _;
use embassy_executor::{InterruptExecutor, Spawner};
use embassy_rp::{
    bind_interrupts,
    gpio::{Input, Level, Output, Pull},
    interrupt,
    interrupt::{InterruptExt, Priority},
    peripherals::TRNG,
    spi::{self, Spi},
    trng::{self, Trng},
};
use embassy_time::{Delay, Instant, Ticker, Timer};
use embedded_hal_bus::spi::ExclusiveDevice;
use firmware::{
    App, Stopwatch,
    buttons::{Event, SAMPLE_MS},
    events::ButtonQueue,
    gallery::{self, arena_of_all},
    screen,
};
use gan_core::Aligned;
use mipidsi::{Builder, interface::SpiInterface, models::ST7789, options::ColorInversion};
use panic_probe as _;
use rand_core::SeedableRng;
use rand_xoshiro::Xoshiro128PlusPlus;
use static_cell::ConstStaticCell;

include!(concat!(env!("OUT_DIR"), "/models.rs"));

/// For the largest of the models.
static ARENA: ConstStaticCell<Aligned<[i8; arena_of_all(&MODELS)]>> =
    ConstStaticCell::new(Aligned([0; arena_of_all(&MODELS)]));
/// The picture made last, and the one that inputs show.
static PICTURES: ConstStaticCell<[i8; 2 * PICTURE_BYTES]> = ConstStaticCell::new([0; 2 * PICTURE_BYTES]);
/// Pixels on their way to the display.
static PIXELS: ConstStaticCell<[u8; 4096]> = ConstStaticCell::new([0; 4096]);

/// Filled by the sampling task, emptied by the main loop.
static BUTTONS: Mutex<RefCell<ButtonQueue>> = Mutex::new(RefCell::new(ButtonQueue::new()));
/// Runs the sampling task: as an interrupt, so that no press is lost while a picture is generated.
static SAMPLER: InterruptExecutor = InterruptExecutor::new();

bind_interrupts!(struct Interrupts {
    TRNG_IRQ => trng::InterruptHandler<TRNG>;
});

#[embassy_executor::main]
async fn main(_spawner: Spawner) {
    let board = embassy_rp::init(Default::default());

    let mut config = spi::Config::default();
    config.frequency = 62_500_000; // the ST7789's limit for writing
    let bus = Spi::new_blocking_txonly(board.SPI0, board.PIN_18, board.PIN_19, config);
    let select = Output::new(board.PIN_17, Level::High);
    let Ok(device) = ExclusiveDevice::new(bus, select, Delay);
    let data_command = Output::new(board.PIN_16, Level::Low);
    let interface = SpiInterface::new(device, data_command, PIXELS.take());
    let mut display = Builder::new(ST7789, interface)
        .display_size(240, 320)
        .invert_colors(ColorInversion::Inverted)
        .reset_pin(Output::new(board.PIN_21, Level::High))
        .init(&mut Delay)
        .expect("pins and SPI of the RP2350 do not fail");
    let _backlight = Output::new(board.PIN_20, Level::High);

    let up = Input::new(board.PIN_12, Pull::Up);
    let down = Input::new(board.PIN_13, Pull::Up);
    let left = Input::new(board.PIN_14, Pull::Up);
    let right = Input::new(board.PIN_15, Pull::Up);
    let select = Input::new(board.PIN_22, Pull::Up);
    interrupt::SWI_IRQ_0.set_priority(Priority::P2);
    let sampler = SAMPLER.start(interrupt::SWI_IRQ_0);
    sampler.spawn(sample([up, down, left, right, select]).expect("the first and only sampling task"));

    let models = match gallery::parse(&MODELS) {
        Ok(models) => models,
        Err(refused) => {
            let _ = screen::refusal(&mut display, &refused);
            defmt::panic!("model file {=usize}: {}", refused.place + 1, refused.error);
        }
    };
    let mut seed = [0; 16];
    Trng::new(board.TRNG, Interrupts, trng::Config::default()).fill_bytes(&mut seed).await;
    let entropy = Xoshiro128PlusPlus::from_seed(seed);
    // No `expect`: code to print an error that cannot be takes most of a kilobyte.
    let Ok(mut app) = App::new(&models, &mut ARENA.take().0, PICTURES.take(), entropy) else {
        panic!("the memory was sized for the models")
    };

    let mut stopwatch = Stopwatch(|| Instant::now().as_micros() as u32);
    loop {
        let shown = app.draw(&mut display, &mut stopwatch);
        defmt::info!("shown {}", shown.expect("pins and SPI of the RP2350 do not fail"));
        while !app.handle(next_event().await) {}
    }
}

/// Waits for a button.
async fn next_event() -> Event {
    loop {
        if let Some(event) = critical_section::with(|token| BUTTONS.borrow_ref_mut(token).pop()) {
            return event;
        }
        Timer::after_millis(SAMPLE_MS.into()).await;
    }
}

/// Samples the buttons, low when pressed, for ever.
#[embassy_executor::task]
async fn sample(pins: [Input<'static>; 5]) {
    let mut ticker = Ticker::every(embassy_time::Duration::from_millis(SAMPLE_MS.into()));
    loop {
        let pressed = core::array::from_fn(|index| pins[index].is_low());
        critical_section::with(|token| BUTTONS.borrow_ref_mut(token).sample(pressed));
        ticker.next().await;
    }
}

#[interrupt]
unsafe fn SWI_IRQ_0() {
    // SAFETY: this is the handler of the interrupt that the executor was started with.
    unsafe { SAMPLER.on_interrupt() }
}

defmt::timestamp!("{=u64:us}", Instant::now().as_micros());
