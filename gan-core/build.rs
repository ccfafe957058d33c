//! Links the tests for a Cortex-M: start-up code, log and test tables, and a memory layout that suits the target.
//!
//! The library itself needs none of this, and what a firmware links is the firmware's affair: every flag printed here
//! is for this package's own integration tests.

use std::env;
use std::fs;
use std::path::PathBuf;

/// Memory layouts shared with the emulator's table of boards.
const LAYOUTS: &str = "../tools/memory";

fn main() {
    println!("cargo:rerun-if-changed=build.rs");
    println!("cargo:rerun-if-env-changed=GAN_MEMORY_X");
    // The macro of embedded-test asks for this cfg.
    println!("cargo:rustc-check-cfg=cfg(rust_analyzer)");
    select_kernels();
    if env::var("CARGO_CFG_TARGET_OS").as_deref() != Ok("none") {
        return;
    }
    let target = env::var("TARGET").expect("cargo sets TARGET");
    let layout = match env::var_os("GAN_MEMORY_X") {
        Some(path) => PathBuf::from(path),
        None => match layout_of(&target) {
            Some(name) => PathBuf::from(LAYOUTS).join(name),
            // Such a target still builds the library; its tests want GAN_MEMORY_X, and the linker says so.
            None => return,
        },
    };
    println!("cargo:rerun-if-changed={}", layout.display());
    let Ok(text) = fs::read(&layout) else {
        println!("cargo:warning=no memory layout at {}: tests will not link for {target}", layout.display());
        return;
    };
    let out = PathBuf::from(env::var_os("OUT_DIR").expect("cargo sets OUT_DIR"));
    fs::write(out.join("memory.x"), text).expect("OUT_DIR is writable");
    // `-L` as an argument of the tests only: a link-search would reach every firmware that uses this crate and
    // compete with its own memory.x.
    println!("cargo:rustc-link-arg-tests=-L{}", out.display());
    for script in ["link.x", "defmt.x", "embedded-test.x"] {
        println!("cargo:rustc-link-arg-tests=-T{script}");
    }
}

/// Compiles in the kernels of the target's cores, and on a host the plain twins of all: `cfg(gan_kernels = "…")`.
///
/// Cargo tells a build script no target feature that Rust has not stabilized, so the core is known by the target's name,
/// by `-Ctarget-cpu` and by `-Ctarget-feature=-dsp`; `KernelSet::from_build_env` says the same to whoever packs a model.
fn select_kernels() {
    println!("cargo:rerun-if-env-changed=CARGO_ENCODED_RUSTFLAGS");
    println!("cargo:rustc-check-cfg=cfg(gan_kernels, values(\"armv6m\", \"armv7m\", \"dsp\", \"mve\"))");
    let target = env::var("TARGET").expect("cargo sets TARGET");
    let flags = env::var("CARGO_ENCODED_RUSTFLAGS").unwrap_or_default();
    let vectors = ["cortex-m52", "cortex-m55", "cortex-m85"].iter().any(|cpu| flags.contains(cpu));
    // A core of ARMv8-M may be made without the DSP extension; the last word on a feature counts.
    let features =
        flags.split('\u{1f}').filter_map(|flag| flag.split_once("target-feature=")).map(|(_, all)| all);
    let dsp = features.flat_map(|all| all.split(',')).rfind(|one| one.ends_with("dsp"));
    let without_dsp = dsp.is_some_and(|dsp| dsp.starts_with('-'));
    let sets: &[&str] = match target.split('-').next() {
        Some("thumbv8m.main") if vectors => &["mve"],
        Some("thumbv7em" | "thumbv8m.main") if without_dsp => &["armv7m"],
        Some("thumbv7em" | "thumbv8m.main") => &["dsp"],
        Some("thumbv7m") => &["armv7m"],
        Some("thumbv6m" | "thumbv8m.base") => &["armv6m"],
        _ if env::var("CARGO_CFG_TARGET_OS").as_deref() == Ok("none") => &[],
        _ => &["armv6m", "armv7m", "dsp", "mve"],
    };
    for set in sets {
        println!("cargo:rustc-cfg=gan_kernels=\"{set}\"");
    }
}

/// The layout in [`LAYOUTS`] for a target triple.
fn layout_of(target: &str) -> Option<&'static str> {
    match target.split('-').next()? {
        "thumbv6m" => Some("microbit.x"),
        "thumbv7m" | "thumbv7em" => Some("flash0.x"),
        "thumbv8m.main" => Some("an505.x"),
        _ => None,
    }
}
