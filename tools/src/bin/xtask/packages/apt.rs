//! Installing by apt-get, which may have to remove what is there: that is the user's to decide.

use std::io;
use std::process::{Command, Stdio};

use anyhow::{Context as _, bail};

use super::consent::{Consent, ask};
use crate::setup::is_root;
use crate::steps::{run, works};

/// Says to apt-get that nobody is asked what packages want to know.
const QUIET: &str = "DEBIAN_FRONTEND=noninteractive";

/// apt-get and the user, or what stands for both in a test.
pub trait Apt {
    /// Runs apt-get as root.
    ///
    /// # Errors
    /// It cannot run, or fails.
    fn run(&mut self, arguments: &[&str]) -> anyhow::Result<()>;

    /// What apt-get says that it would do.
    ///
    /// # Errors
    /// It cannot run, or fails.
    fn simulate(&mut self, arguments: &[&str]) -> anyhow::Result<String>;

    /// Whether the user says yes.
    ///
    /// # Errors
    /// They cannot be asked.
    fn ask(&mut self, question: &str) -> io::Result<bool>;
}

/// Installs `packages`; where others must be removed for them, only if the user agrees.
///
/// # Errors
/// apt-get fails, or the user has not agreed; then nothing was changed.
pub fn install(apt: &mut impl Apt, packages: &[&str], consent: Consent) -> anyhow::Result<()> {
    // A machine where the lists were never fetched finds no package; one broken source must not stop the rest.
    if let Err(error) = apt.run(&["update"]) {
        println!("Going on although {error:#}.");
    }
    let keeping = ["install", "-y", "--no-remove", "--no-install-recommends"];
    let Err(refused) = apt.run(&[&keeping, packages].concat()) else { return Ok(()) };
    let install = [&["install", "--no-install-recommends"], packages].concat();
    let removed = removed(&apt.simulate(&install)?);
    if removed.is_empty() {
        return Err(refused);
    }
    let (packages, removed) = (packages.join(" "), removed.join(", "));
    println!("To install {packages}, apt-get would remove {removed}.");
    let agreed = match consent {
        Consent::Given => true,
        Consent::Askable => apt.ask(&format!("Remove {removed}?"))?,
        Consent::Absent => false,
    };
    if !agreed {
        bail!(
            "nothing was installed, as {removed} would be removed for {packages}; to agree to that, run \
             `cargo xtask setup --yes`, or `sudo apt-get {}` to decide there",
            install.join(" ")
        );
    }
    apt.run(&[&["install", "-y"], &install[1..]].concat())
}

/// The packages that a simulation removes, each with its version.
fn removed(simulation: &str) -> Vec<String> {
    // `Remv qemu-utils [1:10.0.2]`, and `Purg` where the configuration goes too.
    let removal = |line: &str| {
        let rest = line.strip_prefix("Remv ").or(line.strip_prefix("Purg "))?;
        let mut words = rest.split_whitespace();
        let (name, version) = (words.next()?, words.next().unwrap_or_default());
        Some(format!("{name} {}", version.trim_matches(['[', ']'])).trim_end().to_owned())
    };
    simulation.lines().filter_map(removal).collect()
}

/// This machine's apt-get, and the user at the terminal.
pub struct AptGet {
    /// What runs it as root.
    root: Vec<&'static str>,
}

impl AptGet {
    /// With `sudo` where this is not root; that asks for a password only where there is a `terminal`.
    ///
    /// # Errors
    /// This is not root and `sudo` is not here.
    pub fn new(packages: &[&str], terminal: bool) -> anyhow::Result<AptGet> {
        let root = match (is_root(), terminal) {
            (true, _) => vec![],
            (false, true) => vec!["sudo"],
            (false, false) => vec!["sudo", "--non-interactive"],
        };
        if !root.is_empty() && !works("sudo", "--version") {
            bail!(
                "installing packages needs root: run `apt-get install --no-install-recommends {}` as root, then this \
                 again",
                packages.join(" ")
            );
        }
        Ok(AptGet { root })
    }
}

impl Apt for AptGet {
    fn run(&mut self, arguments: &[&str]) -> anyhow::Result<()> {
        let words = [&self.root, &["env", QUIET, "apt-get"][..], arguments].concat();
        println!("    {}", words.join(" "));
        let mut command = Command::new(words[0]);
        command.args(&words[1..]);
        run(command, &words.join(" "))
    }

    fn simulate(&mut self, arguments: &[&str]) -> anyhow::Result<String> {
        let mut command = Command::new("apt-get");
        command.arg("--simulate").args(arguments).env("LC_ALL", "C").stdin(Stdio::null());
        let said = format!("apt-get --simulate {}", arguments.join(" "));
        let output = command.output().with_context(|| format!("cannot run `{said}`"))?;
        if !output.status.success() {
            bail!("`{said}` failed ({}): {}", output.status, String::from_utf8_lossy(&output.stderr).trim());
        }
        Ok(String::from_utf8_lossy(&output.stdout).into_owned())
    }

    fn ask(&mut self, question: &str) -> io::Result<bool> {
        ask(question, &mut io::stdin().lock(), &mut io::stderr())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What a real apt-get said on Debian 12 with qemu-utils from backports.
    const WOULD_REMOVE: &str = include_str!("../../../../tests/apt/would-remove.txt");

    /// Answers as apt-get does and records what it was told to do.
    struct Recorded {
        simulation: &'static str,
        /// Whether there is a conflict that only removing solves.
        conflict: bool,
        answer: bool,
        said: Vec<String>,
    }

    impl Apt for Recorded {
        fn run(&mut self, arguments: &[&str]) -> anyhow::Result<()> {
            self.said.push(arguments.join(" "));
            let refused = self.conflict && arguments.contains(&"--no-remove");
            if refused || arguments == ["update"] { bail!("E: from apt-get") } else { Ok(()) }
        }

        fn simulate(&mut self, arguments: &[&str]) -> anyhow::Result<String> {
            self.said.push(format!("--simulate {}", arguments.join(" ")));
            Ok(self.simulation.to_owned())
        }

        fn ask(&mut self, question: &str) -> io::Result<bool> {
            self.said.push(question.to_owned());
            Ok(self.answer)
        }
    }

    const UPDATE: &str = "update";
    const KEEPING: &str = "install -y --no-remove --no-install-recommends qemu-system-arm";
    const SIMULATED: &str = "--simulate install --no-install-recommends qemu-system-arm";
    const QUESTION: &str = "Remove qemu-utils 1:10.0.2+ds-2+deb13u1~bpo12+1?";
    const REMOVING: &str = "install -y --no-install-recommends qemu-system-arm";

    fn conflict(answer: bool, consent: Consent) -> (Vec<String>, Result<(), String>) {
        let mut apt = Recorded { simulation: WOULD_REMOVE, conflict: true, answer, said: vec![] };
        let result = install(&mut apt, &["qemu-system-arm"], consent);
        (apt.said, result.map_err(|error| error.to_string()))
    }

    #[test]
    fn where_nothing_is_removed_nothing_is_asked() {
        let mut apt = Recorded { simulation: "", conflict: false, answer: false, said: vec![] };
        install(&mut apt, &["qemu-system-arm"], Consent::Absent).unwrap();
        assert_eq!(apt.said, [UPDATE, KEEPING]);
    }

    #[test]
    fn what_would_be_removed_is_asked_and_a_no_changes_nothing() {
        let (said, result) = conflict(false, Consent::Askable);
        assert_eq!(said, [UPDATE, KEEPING, SIMULATED, QUESTION]);
        let error = result.unwrap_err();
        assert!(error.contains("qemu-utils") && error.contains("cargo xtask setup --yes"), "{error}");
        let (said, result) = conflict(true, Consent::Askable);
        assert_eq!(
            (said, result),
            ([UPDATE, KEEPING, SIMULATED, QUESTION, REMOVING].map(str::to_owned).into(), Ok(()))
        );
    }

    #[test]
    fn a_given_consent_is_not_asked_for_and_an_absent_one_is_a_no() {
        let (said, result) = conflict(false, Consent::Given);
        assert_eq!(
            (said, result),
            ([UPDATE, KEEPING, SIMULATED, REMOVING].map(str::to_owned).into(), Ok(()))
        );
        let (said, result) = conflict(true, Consent::Absent);
        assert_eq!(said, [UPDATE, KEEPING, SIMULATED]);
        assert!(result.unwrap_err().contains("sudo apt-get install --no-install-recommends qemu-system-arm"));
    }

    #[test]
    fn a_failure_that_removing_does_not_solve_stays_the_error() {
        let simulation = "Inst qemu-system-arm (1:7.2 Debian:12 [amd64])\n";
        let mut apt = Recorded { simulation, conflict: true, answer: true, said: vec![] };
        let error = install(&mut apt, &["qemu-system-arm"], Consent::Given).unwrap_err();
        assert_eq!((error.to_string().as_str(), apt.said.len()), ("E: from apt-get", 3));
    }

    #[test]
    fn removals_are_read_with_their_versions() {
        assert_eq!(removed(WOULD_REMOVE), ["qemu-utils 1:10.0.2+ds-2+deb13u1~bpo12+1"]);
        assert_eq!(
            removed("Purg a [1]\nRemv b\nInst c (2 Debian)\nRemv d [3] [e:amd64 ]\n"),
            ["a 1", "b", "d 3"]
        );
    }
}
