//! Tests that must give the same answer on the host and on every core: run by libtest's command line on both.
//!
//! `cargo test -p gan-core` runs them on the host, `cargo test -p gan-core --target thumbv7em-none-eabihf` in QEMU, and
//! with `CARGO_TARGET_THUMBV7EM_NONE_EABIHF_RUNNER="probe-rs run --chip nRF52840_xxAA"` on a board.
#![cfg_attr(target_os = "none", no_std)]
#![no_main]

mod common;

#[embedded_test::tests]
mod tests {
    use gan_core::{Latent, MAX_LATENT, MAX_TRUNCATION};
    use micromath::F32Ext;
    use rand_xoshiro::Xoshiro128PlusPlus;
    use rand_xoshiro::rand_core::SeedableRng;

    /// Fowler, Noll and Vo's hash: one number to hold many bits against.
    fn fnv1a(hash: u64, value: u64) -> u64 {
        (hash ^ value).wrapping_mul(0x0000_0100_0000_01b3)
    }

    const FNV_START: u64 = 0xcbf2_9ce4_8422_2325;

    /// The same seed is the same latent everywhere, and so is every step of the walk between two.
    #[test]
    fn latents_are_the_same_everywhere() {
        let mut hash = FNV_START;
        for seed in 0..32 {
            let mut rng = Xoshiro128PlusPlus::seed_from_u64(seed);
            let from = Latent::sample(&mut rng, MAX_LATENT, MAX_TRUNCATION);
            let to = Latent::sample(&mut rng, MAX_LATENT, MAX_TRUNCATION);
            let between = from.slerp(&to, 0.3);
            for latent in [from, to, between] {
                hash = latent.values().iter().fold(hash, |hash, &value| fnv1a(hash, u64::from(value as u8)));
            }
        }
        assert_eq!(hash, 0);
    }

    /// Latents come from micromath, so its bits must not depend on the core: no fused multiply-add, no other libm.
    #[test]
    fn float_functions_have_the_same_bits_everywhere() {
        let mut hash = FNV_START;
        for step in 1..=1000_u16 {
            let x = f32::from(step) / 1000.0;
            let angle = x * core::f32::consts::TAU;
            // By the trait's name: on the host `x.ln()` would be the standard library's.
            let values = [F32Ext::ln(x), F32Ext::sqrt(x), F32Ext::cos(angle), F32Ext::sin(angle)];
            for value in values {
                hash = fnv1a(hash, u64::from(value.to_bits()));
            }
        }
        assert_eq!(hash, 16_209_421_867_913_530_619);
    }

    /// The runner counts a panic as the pass that it is here.
    #[test]
    #[should_panic]
    fn an_overflowing_index_panics() {
        let table = [0_u8; 4];
        let index = core::hint::black_box(4);
        core::hint::black_box(table[index]);
    }
}
