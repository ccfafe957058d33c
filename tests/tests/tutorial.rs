//! The firmware that gan-core's crate page shows, built as a crate outside the workspace for a Cortex-M0 and an M4, run in
//! the emulator, and its picture compared with the host's.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use gan_core::{AlignedBytes, Generator, Model};
use rand_xoshiro::{Xoshiro128PlusPlus, rand_core::SeedableRng as _};
use tools::emulator::{Emulator, Exit, Options, Program};

/// The project's root.
fn project() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// The picture as the firmware prints it.
fn expected(model: &Path) -> Result<String> {
    let file = AlignedBytes::new(&fs::read(model)?);
    let model = Model::parse(&file)?;
    let mut memory = vec![0; model.arena_bytes() + 15];
    let mut generator = Generator::in_memory(&model, &mut memory)?;
    let latent = generator.latent(&mut Xoshiro128PlusPlus::seed_from_u64(1)).class(7);
    let digit = generator.generate(&latent);
    let row = |y| (0..digit.width()).map(|x| format!("{:02x}", digit.grey(x, y))).collect::<String>();
    Ok((0..digit.height()).map(row).collect::<Vec<_>>().join("\n"))
}

/// Copies the tutorial out of the workspace, with the workspace's versions of what it depends on.
fn copy_to(folder: &Path) -> Result<()> {
    let tutorial = project().join("gan-core/tutorial");
    fs::create_dir_all(folder.join("src"))?;
    for file in ["build.rs", "memory.x", "src/main.rs"] {
        fs::copy(tutorial.join(file), folder.join(file)).with_context(|| file.to_owned())?;
    }
    let manifest = fs::read_to_string(tutorial.join("Cargo.toml"))?;
    let core = fs::canonicalize(project().join("gan-core"))?;
    ensure!(manifest.matches("path = \"..\"").count() == 2, "the tutorial depends on gan-core twice");
    let manifest = manifest.replace("path = \"..\"", &format!("path = {:?}", core.display().to_string()));
    fs::write(folder.join("Cargo.toml"), manifest)?;
    fs::copy(project().join("Cargo.lock"), folder.join("Cargo.lock"))?;
    Ok(())
}

fn prints_the_hosts_picture(target: &str) -> Result<()> {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("tutorial").join(target);
    copy_to(&folder)?;
    let model = fs::canonicalize(project().join("models/small.gan"))?;
    let cargo = Command::new(env!("CARGO"))
        .args(["build", "--release", "--quiet", "--target", target, "--target-dir"])
        .arg(folder.join("target"))
        .current_dir(&folder)
        .env("MODEL", &model)
        // Those of the tests' own build would be taken for this one's.
        .env_remove("CARGO_ENCODED_RUSTFLAGS")
        .env_remove("RUSTFLAGS")
        .output()?;
    let complaints = String::from_utf8_lossy(&cargo.stderr);
    ensure!(
        cargo.status.success(),
        "cargo build for {target} (`cargo xtask setup` installs it):\n{complaints}"
    );
    let program = Program::read(&folder.join("target").join(target).join("release/digits"))?;
    let mut process = Emulator::start(program.board()?, &program, &Options::default())?;
    let exit = process.wait(Duration::from_secs(60))?;
    let log = process.log().text();
    ensure!(exit == Exit::Code(0), "{exit:?}\n{log}\n{}", process.complaints());
    ensure!(log.trim() == expected(&model)?, "another picture than the host's:\n{log}");
    Ok(())
}

#[test]
fn the_tutorials_firmware_prints_the_hosts_picture_on_a_cortex_m0() -> Result<()> {
    prints_the_hosts_picture("thumbv6m-none-eabi")
}

#[test]
fn the_tutorials_firmware_prints_the_hosts_picture_on_a_cortex_m4() -> Result<()> {
    prints_the_hosts_picture("thumbv7em-none-eabihf")
}
