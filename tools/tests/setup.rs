//! `cargo xtask setup` takes nothing away that its user did not agree to: the real program, with programs in its PATH that
//! answer as apt-get and sudo do and record what they are told.
#![cfg(target_os = "linux")]

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use tempfile::TempDir;

/// apt-get on Debian 12 with qemu-utils from backports: QEMU cannot be installed beside it.
const APT_GET: &str = r#"
case " $* " in
*" --version "*) ;;
*" --simulate "*) cat "$APT/would-remove.txt" ;;
*" update "*) ;;
*" install "*" --no-remove "*) cat "$APT/refused.txt"; exit 100 ;;
*" install "*) : > "$DIR/installed" ;;
*) exit 100 ;;
esac"#;

/// A machine without QEMU where nobody is root.
struct Machine {
    dir: TempDir,
}

impl Machine {
    fn new() -> Machine {
        let machine = Machine { dir: tempfile::tempdir().unwrap() };
        let bin = machine.path("bin");
        fs::create_dir(&bin).unwrap();
        let program = |name: &str, script: &str| {
            let path = bin.join(name);
            let record = format!("echo \"{name} $*\" >> \"$DIR/log\"");
            fs::write(&path, format!("#!/bin/sh\n{record}\n{script}\n")).unwrap();
            fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
        };
        program("apt-get", APT_GET);
        program("sudo", "test \"$1\" = --non-interactive && shift\ntest \"$1\" = --version || exec \"$@\"");
        program("id", "echo 1000");
        program("rustc", "echo \"$DIR/sysroot\"");
        program("qemu-system-arm", "test -e \"$DIR/installed\"");
        for name in ["env", "cat"] {
            let place = ["/usr/bin", "/bin"].map(|folder| Path::new(folder).join(name));
            std::os::unix::fs::symlink(place.iter().find(|path| path.exists()).unwrap(), bin.join(name))
                .unwrap();
        }
        for target in tools::emulator::BOARDS.map(|board| board.target) {
            let libraries = machine.path("sysroot/lib/rustlib").join(target).join("lib");
            fs::create_dir_all(&libraries).unwrap();
            fs::write(libraries.join("libcore.rlib"), "").unwrap();
        }
        machine
    }

    fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    /// Whether `xtask setup` with `arguments` ends well where CI is `ci`, and what it says. Nobody is at a terminal.
    fn setup(&self, arguments: &[&str], ci: Option<&str>) -> (bool, String) {
        let mut command = Command::new(env!("CARGO_BIN_EXE_xtask"));
        command.arg("setup").args(arguments).env_remove("CI").envs(ci.map(|ci| ("CI", ci)));
        command.env("PATH", self.path("bin")).env("DIR", self.dir.path());
        command.env("APT", Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/apt"));
        let output = command.stdin(Stdio::null()).output().unwrap();
        let said = [output.stdout, output.stderr].concat();
        (output.status.success(), String::from_utf8(said).unwrap())
    }

    /// The calls of apt-get that change what is installed.
    fn installs(&self) -> Vec<String> {
        let log = fs::read_to_string(self.path("log")).unwrap();
        let installs = log.lines().filter(|line| line.starts_with("apt-get install"));
        installs.map(str::to_owned).collect()
    }
}

const KEEPING: &str = "apt-get install -y --no-remove --no-install-recommends qemu-system-arm";
const REMOVING: &str = "apt-get install -y --no-install-recommends qemu-system-arm";

/// A display would want QEMU's window too.
fn without_window(call: &str) -> String {
    call.trim_end_matches(" qemu-system-gui").to_owned()
}

#[test]
fn nothing_is_removed_that_nobody_agreed_to() {
    let machine = Machine::new();
    let (well, said) = machine.setup(&[], None);
    assert!(!well && !machine.path("installed").exists(), "{said}");
    assert_eq!(machine.installs().iter().map(|call| without_window(call)).collect::<Vec<_>>(), [KEEPING]);
    for part in ["would remove qemu-utils 1:10.0.2", "cargo xtask setup --yes", "sudo apt-get install"] {
        assert!(said.contains(part), "no {part:?} in\n{said}");
    }
}

#[test]
fn who_agrees_beforehand_is_served() {
    for (arguments, ci) in [(&["--yes"][..], None), (&[][..], Some("true"))] {
        let machine = Machine::new();
        let (well, said) = machine.setup(arguments, ci);
        assert!(well && machine.path("installed").exists(), "{said}");
        let installs: Vec<String> = machine.installs().iter().map(|call| without_window(call)).collect();
        assert_eq!(installs, [KEEPING, REMOVING]);
        assert!(said.contains("would remove qemu-utils"), "what goes is told all the same:\n{said}");
        let (well, said) = machine.setup(&[], None);
        assert!(well && said.contains("Nothing to do"), "{said}");
    }
}
