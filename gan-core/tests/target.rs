//! Tests that must give the same answer on the host and on every core: run by libtest's command line on both.
//!
//! `cargo test -p gan-core` runs them on the host, `cargo test -p gan-core --target thumbv7em-none-eabihf` in QEMU, and
//! with `CARGO_TARGET_THUMBV7EM_NONE_EABIHF_RUNNER="probe-rs run --chip nRF52840_xxAA"` on a board.
#![cfg_attr(target_os = "none", no_std)]
#![no_main]

#[allow(dead_code, reason = "each test program uses its part")]
mod cases;
mod common;

#[embedded_test::tests]
mod tests {
    use super::cases;
    use gan_core::{
        KernelSet, LATENT_SCALE, Latent, MAX_LATENT, MAX_TRUNCATION, Model, ParseError, arena_bytes, format,
    };
    use rand_xoshiro::{Xoshiro128PlusPlus, rand_core::SeedableRng};

    /// Latents are integers; walks are f32, whose bits must not depend on the core: no fused multiply-add, no libm.
    #[test]
    fn latents_and_walks_have_the_same_bits_everywhere() {
        let mut rng = Xoshiro128PlusPlus::seed_from_u64(11);
        let mut state = cases::hash([]);
        for truncation in [MAX_TRUNCATION, 2.0, 1.0, 0.5, 0.1, f32::NAN] {
            for length in [1, 2, 32, MAX_LATENT] {
                let [from, to] = [(); 2].map(|()| Latent::sample(&mut rng, length, truncation));
                for t in [0.0, 0.1, 0.25, 0.5, 0.7, 0.999, 1.0, -1.0, f32::NAN] {
                    for latent in [from.slerp(&to, t), to.slerp(&from, t), from.slerp(&from, t)] {
                        let values = latent.values().iter().map(|&value| value as u8);
                        state = cases::hash(state.to_le_bytes().into_iter().chain(values));
                    }
                }
            }
        }
        assert_eq!(state, 0x417b_445e_bdd7_f32a);
    }

    /// The golden file was written on the host: equal hashes are equal bits.
    #[test]
    fn pictures_equal_the_hosts_to_the_bit() {
        let mut golden = include_str!("golden/mnist.txt").lines();
        cases::mnist_hashes(|index, latent, picture| {
            let mut columns = golden.next().unwrap().split_whitespace();
            let mut next = || u64::from_str_radix(columns.next().unwrap(), 16).unwrap();
            assert_eq!(latent, next(), "latent {}", index);
            assert_eq!(picture, next(), "picture {}", index);
        });
        assert!(golden.next().is_none());
    }

    #[test]
    fn a_model_with_any_field_corrupted_is_refused_or_runs() {
        let (refused, ran) = cases::corrupt_every_field();
        assert!(refused > 0 && ran > 0);
    }

    /// On a host all kernels run, on a core those made for it.
    #[test]
    fn a_model_packed_for_another_core_is_refused() {
        for set in KernelSet::ALL {
            let mut model = cases::Spoiled::new();
            model.0[format::KERNELS_AT] = set.code();
            assert_eq!(model.parse_or_run(), set.is_compiled_in());
            let refused = Err(ParseError::Layout { found: set.code() });
            let parsed = Model::parse(&model.0).map(|_| ());
            assert!(parsed == if set.is_compiled_in() { Ok(()) } else { refused });
        }
        assert!(cfg!(not(target_os = "none")) || KernelSet::ALL.iter().any(|set| !set.is_compiled_in()));
    }

    #[test]
    fn a_model_mutated_at_random_is_refused_or_runs() {
        let (refused, ran) = cases::mutate_at_random();
        assert!(refused > 0 && ran > 0 && refused + ran == 10_000);
    }

    /// What the README promises of RAM.
    #[test]
    fn the_pretrained_model_fits_its_budget() {
        assert!(cases::MNIST.len() <= 64 * 1024);
        assert!(arena_bytes(cases::MNIST) <= 8 * 1024);
        #[cfg(target_pointer_width = "32")]
        assert!(size_of::<gan_core::Model<'_>>() <= 96);
    }

    #[test]
    fn a_walk_between_two_latents_starts_and_ends_at_them() {
        let mut rng = Xoshiro128PlusPlus::seed_from_u64(5);
        let [from, to] = [(); 2].map(|()| Latent::sample(&mut rng, 32, MAX_TRUNCATION).class(3));
        assert!(from.slerp(&to, 0.0) == from);
        assert!(from.slerp(&to, 1.0) == to);
        assert!(from.slerp(&from, 0.5) == from);
        // Halfway along the arc the length is between the ends': a straight line would cut the corner.
        let length = |latent: &Latent| -> f32 {
            latent
                .values()
                .iter()
                .map(|&value| (f32::from(value) * LATENT_SCALE) * (f32::from(value) * LATENT_SCALE))
                .sum()
        };
        let (shortest, halfway) = (length(&from).min(length(&to)), length(&from.slerp(&to, 0.5)));
        assert!(halfway > 0.9 * shortest);
    }
}
