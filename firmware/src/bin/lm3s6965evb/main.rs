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
//! [`chip`] is the hardware, [`time`] the clock, the buttons and the count of instructions.
#![no_std]
#![no_main]

mod chip;
mod time;

use core::panic::PanicInfo;

use cortex_m_rt::{ExceptionFrame, entry, exception};
use defmt_semihosting as _;
use firmware::{
    App,
    gallery::{self, arena_of_all},
    screen,
    ssd0323::Ssd0323,
};
use gan_core::Aligned;
use rand_core::SeedableRng;
use rand_xoshiro::Xoshiro128PlusPlus;
use semihosting::{
    experimental::{env, random},
    process,
};
use static_cell::ConstStaticCell;

use crate::chip::{DataCommand, Ssi};
use crate::time::InstructionCounter;

include!(concat!(env!("OUT_DIR"), "/models.rs"));

/// For the largest of the models.
static ARENA: ConstStaticCell<Aligned<[i8; arena_of_all(&MODELS)]>> =
    ConstStaticCell::new(Aligned([0; arena_of_all(&MODELS)]));
/// The picture made last, and the one that inputs show.
static PICTURES: ConstStaticCell<[i8; 2 * PICTURE_BYTES]> = ConstStaticCell::new([0; 2 * PICTURE_BYTES]);

#[entry]
fn main() -> ! {
    let core = cortex_m::Peripherals::take().expect("first and only take");
    chip::start_clocks();
    chip::start_pins();
    let systick = time::start(core.SYST);
    let Ok(mut display) = Ssd0323::new(Ssi::start(), DataCommand);

    let models = match gallery::parse(&MODELS) {
        Ok(models) => models,
        Err(refused) => {
            let Ok(()) = screen::refusal(&mut display, &refused);
            let Ok(_) = display.flush();
            defmt::error!("model file {=usize}: {}", refused.place + 1, refused.error);
            process::exit(1)
        }
    };
    let Arguments { seed, icount_shift } = arguments();
    let mut meter = InstructionCounter { systick, icount_shift };
    // No `expect`: code to print an error that cannot be takes most of a kilobyte.
    let Ok(mut app) = App::new(&models, &mut ARENA.take().0, PICTURES.take(), entropy(seed)) else {
        panic!("the memory was sized for the models")
    };
    if let Some(seed) = seed {
        app = app.starting_at(seed);
    }
    for model in &models {
        defmt::info!("model {=str}: arena {=usize} bytes", model.name(), model.arena_bytes());
    }

    loop {
        let Ok(shown) = app.draw(&mut display, &mut meter);
        let Ok(_) = display.flush();
        defmt::info!("shown {}", shown);
        while !time::next_event().is_some_and(|event| app.handle(event)) {}
    }
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

defmt::timestamp!("{=u32:us}", time::micros());
