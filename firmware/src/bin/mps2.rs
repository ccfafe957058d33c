//! The bench: counts the instructions that a picture takes, on Arm's MPS2 boards (Cortex-M3, M4, M7).
//!
//! It has no display. Under QEMU's `-icount shift=4` an instruction is 16 ns of virtual time, and SysTick, at 25 MHz,
//! ticks every 40 ns: instructions = ticks · 5 / 2. `cargo xtask bench` runs it and prints the table.
#![no_std]
#![no_main]

use core::hint::black_box;

use cortex_m::peripheral::SYST;
use cortex_m::peripheral::syst::SystClkSource;
use defmt_semihosting as _;
use gan_core::{Arena, Generator, Model, arena_bytes, include_model};
use rand_xoshiro::{Xoshiro128PlusPlus, rand_core::SeedableRng};
use semihosting::process;

static MODEL: &[u8] = include_model!(env!("GAN_MODEL_PATH"));

/// SysTick has 24 bits.
const WRAP: u32 = 1 << 24;
/// Ops that the log can name.
const MOST_OPS: usize = 12;
/// What free stack is painted with.
const PAINT: u32 = 0xA5A5_A5A5;

#[cortex_m_rt::entry]
fn main() -> ! {
    let mut systick = cortex_m::Peripherals::take().expect("taken once").SYST;
    systick.set_clock_source(SystClkSource::Core);
    systick.set_reload(WRAP - 1);
    systick.clear_current();
    systick.enable_counter();

    let model: Model<'_, MOST_OPS> = Model::parse(MODEL).expect("the build embeds a model that parses");
    let mut arena = Arena::<{ arena_bytes(MODEL) }>::new();
    let mut generator = Generator::new(&model, &mut arena).expect("the arena has the model's size");
    let latent = generator.latent(&mut Xoshiro128PlusPlus::seed_from_u64(1)).class(3);

    // The first reading after enabling is 0: take one and drop it.
    black_box(SYST::get_current());
    let floor = stack::paint();
    let start = SYST::get_current();
    black_box(generator.generate(black_box(&latent)).values());
    let whole = elapsed(start);
    let used = stack::used(floor);

    // Once more with a reading after each op; the readings themselves are a handful of instructions.
    let mut ticks = [0; MOST_OPS];
    let mut last = SYST::get_current();
    generator.generate_observed(black_box(&latent), |op, _| {
        ticks[op] = elapsed(last);
        last = SYST::get_current();
    });
    defmt::info!(
        "bench model {=str} ticks {=u32} stack {=u32} parsed {=usize}",
        model.name(),
        whole,
        used,
        size_of_val(&model)
    );
    for (op, (ticks, macs)) in ticks.iter().zip(model.macs()).enumerate() {
        defmt::info!("bench op {=usize} ticks {=u32} macs {=u64}", op, *ticks, macs);
    }
    defmt::info!("bench done");
    process::exit(0)
}

/// Ticks since the reading `start`: SysTick counts down.
fn elapsed(start: u32) -> u32 {
    start.wrapping_sub(SYST::get_current()) % WRAP
}

/// How deep the stack got.
mod stack {
    use super::PAINT;

    /// More than any picture takes.
    const WORDS: usize = 4096;
    /// Left alone below the stack pointer: the frames of the calls that look.
    const MARGIN: usize = 64;

    /// Paints the free stack below here; returns its lowest painted address.
    #[inline(never)]
    pub fn paint() -> *mut u32 {
        let top = cortex_m::register::msp::read() as *mut u32;
        let floor = top.wrapping_sub(WORDS);
        for word in 0..WORDS - MARGIN {
            // SAFETY: 16 KiB below the stack pointer are free stack: the board has 4 MiB and little else in them.
            unsafe { floor.add(word).write_volatile(PAINT) };
        }
        floor
    }

    /// Bytes between the top of what was painted and the deepest word written since.
    #[inline(never)]
    pub fn used(floor: *mut u32) -> u32 {
        // SAFETY: as in `paint`.
        let untouched = (0..WORDS).take_while(|&word| unsafe { floor.add(word).read_volatile() } == PAINT);
        ((WORDS - untouched.count()) * 4) as u32
    }
}

#[panic_handler]
fn panic(info: &core::panic::PanicInfo<'_>) -> ! {
    defmt::error!("{}", defmt::Display2Format(info));
    process::abort()
}
