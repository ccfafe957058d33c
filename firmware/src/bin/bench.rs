//! The bench: counts the instructions that a picture takes, and checks pictures against the host's, on Arm's MPS2 and
//! MPS3 boards in QEMU (Cortex-M3, M4, M7, M33, M55; ARMv6-M code runs on the M3).
//!
//! It has no display and embeds no model: it reads a file from the host by semihosting, so one program serves every
//! model. Its command line is `count FILE`, a model file, or `check FILE`, cases as `tools::cases` writes them.
//! Under `-icount` SysTick counts instructions; `cargo xtask bench` knows how many a tick is.
#![no_std]
#![no_main]

use core::ffi::CStr;
use core::hint::black_box;

use cortex_m::peripheral::SYST;
use cortex_m::peripheral::syst::SystClkSource;
use defmt_semihosting as _;
use gan_core::format::EntryRecord;
use gan_core::{Generator, Latent, MAX_CHOICES, Model, ParseError};
use rand_xoshiro::{Xoshiro128PlusPlus, rand_core::SeedableRng};
use semihosting::experimental::env;
use semihosting::{fs, io::Read as _, process};

/// Bytes of the seed of a latent's noise.
const NOISE: usize = 4;
/// SysTick has 24 bits.
const WRAP: u32 = 1 << 24;
/// Ops that the log can name.
const MOST_OPS: usize = 254;
/// What free stack is painted with.
const PAINT: u32 = 0xA5A5_A5A5;

/// A file, at a multiple of 16.
#[repr(align(16))]
struct File([u8; 1 << 20]);
/// An arena for any model.
#[repr(align(16))]
struct Memory([i8; 256 << 10]);

// ARMv6-M has no compare-and-swap, which a safe cell wants.
static mut FILE: File = File([0; 1 << 20]);
static mut MEMORY: Memory = Memory([0; 256 << 10]);

#[cortex_m_rt::entry]
fn main() -> ! {
    enable_vectors();
    let arguments = env::args::<1024>().expect("a command line");
    let mut words = (&arguments).flatten();
    let (Some(command), Some(path)) = (words.next(), words.next()) else {
        panic!("expected `count FILE` or `check FILE`");
    };
    // SAFETY: `main` runs once and nothing else names them.
    let (file, memory) = unsafe { ((&raw mut FILE).as_mut(), (&raw mut MEMORY).as_mut()) };
    let (Some(file), Some(memory)) = (file, memory) else { panic!("statics have addresses") };
    let (file, memory) = (read(path, &mut file.0), &mut memory.0);
    match command {
        "count" => count(file, memory),
        "check" => check(file, memory),
        other => panic!("unknown command {other}"),
    }
    process::exit(0)
}

/// Reads a file of the host into `buffer`.
fn read<'b>(path: &str, buffer: &'b mut [u8]) -> &'b [u8] {
    let mut terminated = [0; 512];
    terminated[..path.len()].copy_from_slice(path.as_bytes());
    let path = CStr::from_bytes_until_nul(&terminated).expect("a path of less than 512 bytes");
    let mut file = fs::File::open(path).expect("the file can be opened");
    let mut length = 0;
    loop {
        match file.read(&mut buffer[length..]).expect("the file can be read") {
            0 => break,
            more => length += more,
        }
    }
    assert!(length < buffer.len(), "a file below 1 MiB");
    &buffer[..length]
}

/// A picture: what is counted, and what `cargo xtask bench` looks at for panics and code size.
#[inline(never)]
#[unsafe(export_name = "gan_bench_picture")]
fn picture(generator: &mut Generator<'_>, latent: &Latent) {
    black_box(generator.generate(latent).values());
}

/// Parsing, counted and looked at as a picture is.
#[inline(never)]
#[unsafe(export_name = "gan_bench_parse")]
fn parse(file: &[u8]) -> Result<Model<'_>, ParseError> {
    Model::parse(file)
}

/// Counts the ticks that a picture takes, as a whole and op by op.
fn count(file: &[u8], memory: &mut [i8]) {
    let mut systick = cortex_m::Peripherals::take().expect("taken once").SYST;
    systick.set_clock_source(SystClkSource::Core);
    systick.set_reload(WRAP - 1);
    systick.clear_current();
    systick.enable_counter();

    // The first reading after enabling is 0: take one and drop it.
    black_box(SYST::get_current());
    let floor = stack::paint();
    let start = SYST::get_current();
    let parsed = parse(black_box(file));
    let parsing = elapsed(start);
    let parsing_stack = stack::used(floor);
    let model = match parsed {
        Ok(model) => model,
        Err(error) => panic!("{error}"),
    };
    let mut generator = Generator::in_memory(&model, memory).expect("an arena of at most 256 KiB");
    let latent = generator.latent(&mut Xoshiro128PlusPlus::seed_from_u64(1)).class(3);

    let floor = stack::paint();
    let start = SYST::get_current();
    picture(&mut generator, black_box(&latent));
    let whole = elapsed(start);
    let used = stack::used(floor);

    // Once more with a reading after each op; the readings themselves are a handful of instructions.
    let mut ticks = [0; MOST_OPS];
    let mut last = SYST::get_current();
    generator.generate_observed(black_box(&latent), |op, _| {
        if let Some(ticks) = ticks.get_mut(op) {
            *ticks += elapsed(last);
        }
        last = SYST::get_current();
    });
    // A picture that is drawn pixel by pixel may take longer than SysTick counts; no op does. So the ops, which take nearly all of
    // it, say how often it wrapped.
    let of_ops: u32 = ticks.iter().sum();
    let whole = whole + (of_ops.saturating_sub(whole) + WRAP / 2) / WRAP * WRAP;
    defmt::info!(
        "bench model {=str} ticks {=u32} stack {=u32} parsed {=usize} parsing {=u32} parsing-stack {=u32}",
        model.name(),
        whole,
        used,
        size_of_val(&model),
        parsing,
        parsing_stack
    );
    for (op, (ticks, macs)) in ticks.iter().zip(model.macs()).enumerate() {
        defmt::info!("bench op {=usize} ticks {=u32} macs {=u64}", op, *ticks, macs);
    }
}

/// Makes the pictures of all cases in a file and compares them: `[length of the model, latents: u32]`, the model, and of each
/// latent its normal and uniform numbers, its choices, the seed of its noise and the picture of each entry, all filled up to 16 bytes.
fn check(file: &[u8], memory: &mut [i8]) {
    let (mut rest, mut cases) = (file, 0);
    while let Some((head, behind)) = rest.split_at_checked(16) {
        let word =
            |at: usize| u32::from_le_bytes([head[at], head[at + 1], head[at + 2], head[at + 3]]) as usize;
        let (length, latents) = (word(0), word(4));
        let (model, mut behind) = behind.split_at(length.next_multiple_of(16));
        let model = match Model::parse(&model[..length]) {
            Ok(model) => model,
            Err(error) => panic!("case {cases}: {error}"),
        };
        let (normal, uniform) = (model.latent_length(), model.uniform_length());
        let pixels =
            |entry: EntryRecord<'_>| model.tensor(entry.output).map_or(0, |tensor| tensor.shape.size());
        let all_pixels: usize = model.entries().map(pixels).sum();
        let mut generator = Generator::in_memory(&model, memory).expect("an arena of at most 256 KiB");
        for number in 0..latents {
            let length = normal + uniform + MAX_CHOICES + NOISE + all_pixels;
            let (own, next) = behind.split_at(length.next_multiple_of(16));
            behind = next;
            // SAFETY: u8 and i8 have one layout.
            let own: &[i8] = unsafe { core::slice::from_raw_parts(own.as_ptr().cast(), own.len()) };
            let (values, own) = own.split_at(normal);
            let (uniform_values, own) = own.split_at(uniform);
            let (choices, own) = own.split_at(MAX_CHOICES);
            let (noise, mut expected) = own.split_at(NOISE);
            let noise = noise.iter().rev().fold(0, |seed, &byte| seed << 8 | u32::from(byte as u8));
            let mut latent = Latent::from_quantized(values)
                .with_uniform(&mut Xoshiro128PlusPlus::seed_from_u64(0), uniform)
                .with_noise(noise);
            latent.uniform_values_mut().copy_from_slice(uniform_values);
            for (choice, &chosen) in choices.iter().enumerate() {
                latent = latent.choose(choice, chosen as u8);
            }
            for entry in 0..model.entries().count() {
                generator.enter(entry);
                // As the host did.
                generator.show(|slots| {
                    slots.iter_mut().zip(latent.noise_values()).for_each(|(slot, value)| *slot = value)
                });
                let image = generator.generate(&latent);
                let differing = image.values().iter().zip(expected).position(|(a, b)| a != b);
                if let Some(pixel) = differing {
                    let (found, expected) = (image.values()[pixel], expected[pixel]);
                    panic!(
                        "case {cases}, latent {number}, entry {entry}: value {pixel} is {found}, expected {expected}"
                    );
                }
                expected = &expected[image.values().len()..];
            }
        }
        (rest, cases) = (behind, cases + 1);
    }
    assert!(rest.is_empty(), "the file ends inside a case");
    defmt::info!("checked {=u32} cases", cases);
}

/// The registers that vector instructions use, which a Cortex-M55 leaves switched off.
fn enable_vectors() {
    #[cfg(target_abi = "eabihf")]
    {
        const CPACR: *mut u32 = 0xE000_ED88 as *mut u32;
        // SAFETY: the coprocessor access control register; access to floating point and vector registers disturbs nothing.
        unsafe { CPACR.write_volatile(CPACR.read_volatile() | 0xF << 20) };
        cortex_m::asm::dsb();
        cortex_m::asm::isb();
    }
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
            // SAFETY: 16 KiB below the stack pointer are free stack: the boards have 2 MiB and more, and little else in
            // them.
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
