//! Which program installs packages on a system, and what it calls what the project needs.

use std::env;
use std::path::Path;

/// What the project needs of a system's packages.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Need {
    /// QEMU with its Arm boards.
    Qemu,
    /// QEMU's window.
    QemuWindow,
    /// A browser that shows a page without a window.
    Browser,
}

impl Need {
    /// In words, for messages.
    pub fn name(self) -> &'static str {
        match self {
            Need::Qemu => "QEMU 6.2 or newer, with its Arm boards",
            Need::QemuWindow => "QEMU's window",
            Need::Browser => "Chromium",
        }
    }

    /// Where it is to be had on a system that is not known here.
    fn page(self) -> &'static str {
        match self {
            Need::Qemu | Need::QemuWindow => "https://www.qemu.org/download/",
            Need::Browser => "https://www.chromium.org/getting-involved/download-chromium/",
        }
    }
}

/// A program that installs packages.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Manager {
    /// Debian's and Ubuntu's.
    Apt,
    /// Homebrew, on macOS.
    Brew,
    /// MacPorts, on macOS.
    Port,
    /// Fedora's.
    Dnf,
    /// Arch's.
    Pacman,
    /// openSUSE's.
    Zypper,
    /// Alpine's.
    Apk,
    /// Windows' own.
    Winget,
    /// Chocolatey, on Windows.
    Choco,
    /// Scoop, on Windows.
    Scoop,
}

/// Managers of Linux distributions, with the names that those have in `ID` or `ID_LIKE` of os-release(5).
const LINUX: [(Manager, &[&str]); 5] = [
    (Manager::Apt, &["debian", "ubuntu"]),
    (Manager::Dnf, &["fedora", "rhel", "centos"]),
    (Manager::Pacman, &["arch", "manjaro"]),
    (Manager::Zypper, &["suse", "opensuse"]),
    (Manager::Apk, &["alpine"]),
];

impl Manager {
    /// The manager of `system`, [`env::consts::OS`], of whose distribution `os_release` tells: the first that is
    /// `installed`, else the one that the system usually has. `None` for a system that is not known.
    pub fn of(system: &str, os_release: &str, installed: impl Fn(Manager) -> bool) -> Option<Manager> {
        let usual = match system {
            "macos" => vec![Manager::Brew, Manager::Port],
            "windows" => vec![Manager::Winget, Manager::Choco, Manager::Scoop],
            _ => {
                let names = names(os_release);
                let of_names =
                    |(_, known): &&(Manager, &[&str])| known.iter().any(|name| names.contains(name));
                LINUX.iter().filter(of_names).map(|(manager, _)| *manager).collect()
            }
        };
        let others = LINUX.iter().map(|(manager, _)| *manager).chain([Manager::Brew]);
        match usual.is_empty() {
            true => others.into_iter().find(|manager| installed(*manager)),
            false => usual.iter().copied().find(|manager| installed(*manager)).or(usual.first().copied()),
        }
    }

    /// Its program.
    pub fn program(self) -> &'static str {
        match self {
            Manager::Apt => "apt-get",
            Manager::Brew => "brew",
            Manager::Port => "port",
            Manager::Dnf => "dnf",
            Manager::Pacman => "pacman",
            Manager::Zypper => "zypper",
            Manager::Apk => "apk",
            Manager::Winget => "winget",
            Manager::Choco => "choco",
            Manager::Scoop => "scoop",
        }
    }

    /// What installs packages, to be typed in front of their names.
    fn install(self) -> &'static str {
        match self {
            Manager::Apt => "sudo apt-get install --no-install-recommends",
            Manager::Brew => "brew install",
            Manager::Port => "sudo port install",
            Manager::Dnf => "sudo dnf install",
            Manager::Pacman => "sudo pacman -S --needed",
            Manager::Zypper => "sudo zypper install",
            Manager::Apk => "doas apk add",
            Manager::Winget => "winget install --exact --id",
            Manager::Choco => "choco install",
            Manager::Scoop => "scoop install",
        }
    }

    /// Its packages of `need`: none where another need's package holds it, `None` where it has no such package.
    pub fn packages(self, need: Need) -> Option<&'static [&'static str]> {
        Some(match (self, need) {
            (Manager::Apt, Need::Qemu) => &["qemu-system-arm"],
            (Manager::Apt, Need::QemuWindow) => &["qemu-system-gui"],
            (Manager::Dnf | Manager::Pacman | Manager::Apk, Need::Qemu) => &["qemu-system-arm"],
            (Manager::Zypper, Need::Qemu) => &["qemu-arm"],
            (Manager::Dnf | Manager::Pacman | Manager::Apk | Manager::Zypper, Need::QemuWindow) => {
                &["qemu-ui-gtk"]
            }
            (Manager::Brew | Manager::Port | Manager::Choco | Manager::Scoop, Need::Qemu) => &["qemu"],
            (Manager::Winget, Need::Qemu) => &["SoftwareFreedomConservancy.QEMU"],
            (_, Need::QemuWindow) => &[],
            (Manager::Brew, Need::Browser) => &["--cask", "chromium"],
            (Manager::Winget, Need::Browser) => &["Hibbiki.Chromium"],
            (Manager::Port, Need::Browser) => return None,
            (_, Need::Browser) => &["chromium"],
        })
    }
}

/// What to do on this system about `needs` that are missing, as a half-sentence.
pub fn advice(manager: Option<Manager>, needs: &[Need]) -> String {
    let page = || format!("install it from {}", needs[0].page());
    let Some(manager) = manager else { return page() };
    let packages: Option<Vec<_>> = needs.iter().map(|need| manager.packages(*need)).collect();
    match packages.map(|packages| packages.concat()).filter(|packages| !packages.is_empty()) {
        Some(packages) => format!("run `{} {}`", manager.install(), packages.join(" ")),
        None => page(),
    }
}

/// Whether `program` is in one of the folders of `PATH`.
pub fn in_path(program: &str) -> bool {
    let endings = ["", ".exe", ".cmd", ".bat"];
    let is_in = |dir: &Path| endings.iter().any(|ending| dir.join(format!("{program}{ending}")).is_file());
    env::var_os("PATH").is_some_and(|path| env::split_paths(&path).any(|dir| is_in(&dir)))
}

/// The distribution's own name and those of the ones that it is like.
fn names(os_release: &str) -> Vec<&str> {
    os_release
        .lines()
        .filter_map(|line| line.strip_prefix("ID=").or(line.strip_prefix("ID_LIKE=")))
        .flat_map(|value| value.trim().trim_matches(['"', '\'']).split([' ', '-']))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const FEDORA: &str = "NAME=\"Fedora Linux\"\nVERSION=\"43\"\nID=fedora\nVERSION_ID=43\n";
    const LEAP: &str = "NAME=\"openSUSE Leap\"\nID=\"opensuse-leap\"\nID_LIKE=\"suse opensuse\"\n";
    const ENDEAVOUR: &str = "NAME=EndeavourOS\nID=endeavouros\nID_LIKE=arch\n";
    const MINT: &str = "NAME=\"Linux Mint\"\nID=linuxmint\nID_LIKE=\"ubuntu debian\"\n";
    const VOID: &str = "NAME=Void\nID='void'\n";

    /// What is said of `needs` where the programs `installed` are there.
    fn said(system: &str, os_release: &str, installed: &[Manager], needs: &[Need]) -> String {
        advice(Manager::of(system, os_release, |manager| installed.contains(&manager)), needs)
    }

    #[test]
    fn each_system_is_told_its_own_command() {
        let qemu = [Need::Qemu, Need::QemuWindow];
        for (system, os_release, expected) in [
            (
                "linux",
                MINT,
                "run `sudo apt-get install --no-install-recommends qemu-system-arm qemu-system-gui`",
            ),
            ("linux", FEDORA, "run `sudo dnf install qemu-system-arm qemu-ui-gtk`"),
            ("linux", ENDEAVOUR, "run `sudo pacman -S --needed qemu-system-arm qemu-ui-gtk`"),
            ("linux", LEAP, "run `sudo zypper install qemu-arm qemu-ui-gtk`"),
            ("linux", "ID=alpine\n", "run `doas apk add qemu-system-arm qemu-ui-gtk`"),
            ("macos", "", "run `brew install qemu`"),
            ("windows", "", "run `winget install --exact --id SoftwareFreedomConservancy.QEMU`"),
            ("linux", VOID, "install it from https://www.qemu.org/download/"),
            ("netbsd", "", "install it from https://www.qemu.org/download/"),
        ] {
            assert_eq!(said(system, os_release, &[], &qemu), expected, "{os_release}");
        }
        assert_eq!(said("linux", FEDORA, &[], &[Need::Browser]), "run `sudo dnf install chromium`");
    }

    #[test]
    fn a_manager_that_is_installed_comes_before_one_that_is_usual() {
        assert_eq!(said("macos", "", &[Manager::Port], &[Need::Qemu]), "run `sudo port install qemu`");
        assert_eq!(said("windows", "", &[Manager::Scoop], &[Need::Qemu]), "run `scoop install qemu`");
        assert_eq!(said("linux", VOID, &[Manager::Brew], &[Need::Qemu]), "run `brew install qemu`");
        // Fedora has apt-get as a package, which installs nothing there.
        assert_eq!(Manager::of("linux", FEDORA, |manager| manager == Manager::Apt), Some(Manager::Dnf));
    }

    #[test]
    fn what_a_manager_has_no_package_for_is_fetched_from_its_page() {
        let chromium = "install it from https://www.chromium.org/getting-involved/download-chromium/";
        assert_eq!(said("macos", "", &[Manager::Port], &[Need::Browser]), chromium);
        // Homebrew's QEMU has its window.
        assert_eq!(
            said("macos", "", &[], &[Need::QemuWindow]),
            "install it from https://www.qemu.org/download/"
        );
    }
}
