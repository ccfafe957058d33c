//! Tests that must give the same answer on the host and on every core: run by libtest's command line on both.
//!
//! `cargo test -p gan-core` runs them on the host, `cargo test -p gan-core --target thumbv7em-none-eabihf` in QEMU, and
//! with `CARGO_TARGET_THUMBV7EM_NONE_EABIHF_RUNNER="probe-rs run --chip nRF52840_xxAA"` on a board.
#![cfg_attr(target_os = "none", no_std)]
#![no_main]

mod common;

#[embedded_test::tests]
mod tests {
    use micromath::F32Ext;

    /// Latents come from micromath, so its bits must not depend on the core: no fused multiply-add, no other libm.
    #[test]
    fn float_functions_have_the_same_bits_everywhere() {
        let mut hash = 0xcbf2_9ce4_8422_2325_u64;
        for step in 1..=1000_u16 {
            let x = f32::from(step) / 1000.0;
            let angle = x * core::f32::consts::TAU;
            // By the trait's name: on the host `x.ln()` would be the standard library's.
            let values = [F32Ext::ln(x), F32Ext::sqrt(x), F32Ext::cos(angle), F32Ext::sin(angle)];
            for value in values {
                hash = (hash ^ u64::from(value.to_bits())).wrapping_mul(0x0000_0100_0000_01b3);
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
