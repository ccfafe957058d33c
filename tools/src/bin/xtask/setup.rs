//! `cargo xtask setup`: installs what is missing, and says what before it does so.

use std::env;
use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context as _, bail};
use tools::emulator::{BOARDS, QEMU};

use crate::packages::{self, Consent, Need};
use crate::steps::{run, works};

/// Programs that the page's check runs in, the preferred one first.
const BROWSERS: [&str; 3] = ["chromium", "chromium-browser", "google-chrome"];

/// Installs what is missing; says so when nothing was.
pub fn command(consent: Consent) -> anyhow::Result<()> {
    if ensure(consent)? {
        println!("Everything is installed now.");
    } else {
        println!("Nothing to do: the Rust targets and QEMU are installed.");
    }
    Ok(())
}

/// Installs what is missing for tests and firmware, silently if nothing is. Whether anything was.
pub fn ensure(consent: Consent) -> anyhow::Result<bool> {
    let targets = ensure_targets()?;
    Ok(ensure_qemu(consent)? || targets)
}

/// Installs the lints' programs, which only CI needs, if they are missing.
pub fn ensure_lints() -> anyhow::Result<()> {
    for (program, component) in [("cargo-fmt", "rustfmt"), ("cargo-clippy", "clippy")] {
        if !works(program, "--version") {
            println!("Installing {component}: rustup component add {component}");
            rustup(&["component", "add", component])?;
        }
    }
    Ok(())
}

/// Installs the disassembler, which only CI and `cargo xtask disassemble` need, if it is missing. Returns its path.
pub fn ensure_disassembler() -> anyhow::Result<PathBuf> {
    let version = said_by_rustc(&["-vV"])?;
    let host =
        version.lines().find_map(|line| line.strip_prefix("host: ")).context("`rustc -vV` names no host")?;
    let name = format!("llvm-objdump{}", env::consts::EXE_SUFFIX);
    let objdump = sysroot()?.join("lib/rustlib").join(host).join("bin").join(name);
    if !works(&objdump, "--version") {
        println!("Installing the disassembler: rustup component add llvm-tools");
        rustup(&["component", "add", "llvm-tools"])?;
    }
    if !works(&objdump, "--version") {
        bail!("{} was installed but does not run", objdump.display());
    }
    Ok(objdump)
}

/// The folder of the compiler and its libraries.
fn sysroot() -> anyhow::Result<PathBuf> {
    Ok(PathBuf::from(said_by_rustc(&["--print", "sysroot"])?.trim()))
}

fn said_by_rustc(arguments: &[&str]) -> anyhow::Result<String> {
    let output = Command::new("rustc").args(arguments).output().context("cannot run rustc")?;
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}

/// The targets of all boards, each once.
fn targets() -> Vec<&'static str> {
    let mut targets = BOARDS.map(|board| board.target).to_vec();
    targets.dedup();
    targets
}

fn ensure_targets() -> anyhow::Result<bool> {
    let sysroot = sysroot()?;
    let is_missing = |target: &&str| {
        let libraries = sysroot.join("lib/rustlib").join(target).join("lib");
        libraries.read_dir().map_or(true, |mut files| files.next().is_none())
    };
    let missing: Vec<&str> = targets().into_iter().filter(is_missing).collect();
    if missing.is_empty() {
        return Ok(false);
    }
    println!("Installing Rust targets: rustup target add {}", missing.join(" "));
    if let Err(error) = rustup(&[&["target", "add"], missing.as_slice()].concat()) {
        bail!("the Rust targets {} are missing: {error:#}\n{WITHOUT_RUSTUP}", missing.join(", "));
    }
    Ok(true)
}

/// For a distribution's Rust, or where rustup reaches no server.
const WITHOUT_RUSTUP: &str = "\
Where rustup cannot fetch them, a target's core library can be built from source, for instance with Debian's packages \
rustc-web, cargo-web, rust-web-src, rust-web-llvm and lld-22: in an empty library crate run
    RUSTC_BOOTSTRAP=1 RUSTFLAGS=-Cembed-bitcode=yes cargo build --release -Zbuild-std=core,alloc,compiler_builtins \
-Zbuild-std-features=compiler-builtins-mem --target TARGET
and copy the three .rlib files from target/TARGET/release/deps to $(rustc --print sysroot)/lib/rustlib/TARGET/lib/";

fn rustup(arguments: &[&str]) -> anyhow::Result<()> {
    let mut command = Command::new("rustup");
    command.args(arguments);
    run(command, &format!("rustup {}", arguments.join(" ")))
}

fn ensure_qemu(consent: Consent) -> anyhow::Result<bool> {
    if works(QEMU, "--version") {
        return Ok(false);
    }
    let needs: &[Need] = if has_display() { &[Need::Qemu, Need::QemuWindow] } else { &[Need::Qemu] };
    packages::install(needs, consent)?;
    if !works(QEMU, "--version") {
        bail!("{QEMU} was installed but does not run: is it in PATH?");
    }
    Ok(true)
}

/// Installs the browser, which only CI and `cargo xtask report-screenshot` need, if it is missing. Returns its program.
pub fn ensure_browser(consent: Consent) -> anyhow::Result<&'static str> {
    let installed = || BROWSERS.into_iter().find(|browser| works(browser, "--version"));
    if let Some(browser) = installed() {
        return Ok(browser);
    }
    packages::install(&[Need::Browser], consent)?;
    let expected = || format!("Chromium was installed but does not run as one of {}", BROWSERS.join(", "));
    installed().with_context(expected)
}

/// Whether this is root, which a browser refuses to be in its sandbox.
pub fn is_root() -> bool {
    Command::new("id").arg("-u").output().is_ok_and(|output| output.stdout.trim_ascii() == b"0")
}

/// Whether a window could be opened.
pub fn has_display() -> bool {
    let is_set = |name: &str| env::var_os(name).is_some_and(|value| !value.is_empty());
    cfg!(target_os = "macos") || is_set("DISPLAY") || is_set("WAYLAND_DISPLAY")
}

#[cfg(test)]
mod tests {
    use super::targets;

    #[test]
    fn each_target_is_installed_once() {
        let mut sorted = targets();
        sorted.sort_unstable();
        sorted.dedup();
        assert_eq!(sorted.len(), targets().len());
        assert_eq!(sorted.len(), 4);
    }
}
