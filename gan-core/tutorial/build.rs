//! Lays the model out for the core that is built for, and tells the linker where flash and RAM are.

use std::{env, fs, path::Path};

use gan_core::{KernelSet, pack::pack};

fn main() {
    let out = env::var("OUT_DIR").expect("cargo sets OUT_DIR");
    let model = env::var("MODEL").unwrap_or("generator.gan".into());
    let file = fs::read(&model).unwrap_or_else(|error| panic!("{model}: {error}; MODEL names another file"));
    let packed = pack(&file, KernelSet::from_build_env()).unwrap_or_else(|error| panic!("{model}: {error}"));
    fs::write(Path::new(&out).join("model.gan"), packed.file).expect("OUT_DIR is writable");
    fs::copy("memory.x", Path::new(&out).join("memory.x")).expect("memory.x lies beside this file");
    println!("cargo::rustc-link-search={out}");
    println!("cargo::rustc-link-arg=-Tlink.x");
    println!("cargo::rustc-link-arg=--nmagic");
    println!("cargo::rerun-if-env-changed=MODEL");
    println!("cargo::rerun-if-changed={model}");
    println!("cargo::rerun-if-changed=memory.x");
}
