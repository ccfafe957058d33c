//! Prints a digit as text.
#![no_std]
#![no_main]

use gan_core::{Arena, Generator, Model, arena_bytes, include_model};
use rand_xoshiro::{Xoshiro128PlusPlus, rand_core::SeedableRng};
use semihosting::{print, println, process};

/// In flash, at a multiple of 16.
static MODEL: &[u8] = include_model!(concat!(env!("OUT_DIR"), "/model.gan"));

#[cortex_m_rt::entry]
fn main() -> ! {
    // Once: everything is checked. From here on nothing can fail.
    let model = Model::parse(MODEL).expect("the build script has packed it");
    let mut arena = Arena::<{ arena_bytes(MODEL) }>::new();
    let mut generator = Generator::new(&model, &mut arena).expect("an arena of the model's own size");

    // Seed it from your chip's random number generator.
    let mut rng = Xoshiro128PlusPlus::seed_from_u64(1);
    let latent = generator.latent(&mut rng).class(7);
    let digit = generator.generate(&latent);
    for y in 0..digit.height() {
        for x in 0..digit.width() {
            print!("{:02x}", digit.grey(x, y));
        }
        println!();
    }
    process::exit(0)
}
