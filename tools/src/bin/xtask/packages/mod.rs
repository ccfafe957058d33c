//! The operating system's packages: installed by apt-get and Homebrew; on any other system the user is told how.

mod apt;
mod consent;
mod system;

use std::env;
use std::fs;
use std::process::Command;

use anyhow::bail;

pub use consent::Consent;
pub use system::Need;

use crate::steps::run;
use apt::AptGet;
use system::{Manager, in_path};

/// Installs `needs`, which are missing. Where packages of the user's must go for them, only with their `consent`.
///
/// # Errors
/// The system's packages are not ours to install, or installing them fails; the message says what to do.
pub fn install(needs: &[Need], consent: Consent) -> anyhow::Result<()> {
    let manager = manager();
    let packages = |manager: Manager| {
        let packages: Option<Vec<_>> = needs.iter().map(|need| manager.packages(*need)).collect();
        packages.unwrap_or_default().concat()
    };
    let missing = needs[0].name();
    match manager.filter(|manager| in_path(manager.program())) {
        Some(Manager::Apt) => {
            let packages = packages(Manager::Apt);
            println!("Installing {missing} by apt-get.");
            apt::install(&mut AptGet::new(&packages, consent == Consent::Askable)?, &packages, consent)
        }
        Some(Manager::Brew) => brew(&packages(Manager::Brew)),
        _ => bail!("{missing} is missing: {}, then this again", system::advice(manager, needs)),
    }
}

/// What to do on this system about `need`, as a half-sentence.
pub fn advice(need: Need) -> String {
    system::advice(manager(), &[need])
}

/// This machine's.
fn manager() -> Option<Manager> {
    let files = ["/etc/os-release", "/usr/lib/os-release"];
    let os_release = files.iter().find_map(|file| fs::read_to_string(file).ok()).unwrap_or_default();
    Manager::of(env::consts::OS, &os_release, |manager| in_path(manager.program()))
}

/// Installs packages by Homebrew, which shall neither upgrade nor clear away what is there.
fn brew(packages: &[&str]) -> anyhow::Result<()> {
    let said = format!("brew install {}", packages.join(" "));
    println!("Installing by Homebrew: {said}");
    let mut command = Command::new("brew");
    command.arg("install").args(packages);
    for kept in ["HOMEBREW_NO_INSTALL_CLEANUP", "HOMEBREW_NO_INSTALL_UPGRADE"] {
        command.env(kept, "1");
    }
    run(command, &said)
}
