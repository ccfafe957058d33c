//! The boards that have firmware, and how the firmware is built for one.

use std::env;
use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::LazyLock;

use gan_core::AlignedBytes;
use gan_core::format::File;
use serde::Deserialize;

/// A board that the firmware has a file for: `firmware/src/bin/NAME.rs`, or a folder of that name, behind the feature `board-NAME`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FirmwareBoard {
    /// Name of the program and of the board; if QEMU has the board, of its machine too.
    pub name: &'static str,
    /// The Rust target.
    pub target: &'static str,
    /// In bytes; what the firmware with its model may take.
    pub flash_bytes: u64,
    /// In bytes; what the firmware may take of the flash without its model.
    pub code_budget_bytes: u64,
    /// In bytes; what variables and stack may take.
    pub ram_bytes: u64,
    /// Its chip, as probe-rs calls it; none if the board is only emulated.
    pub chip: Option<&'static str>,
}

/// All of them, from `firmware/boards.json`, which also lists boards that have no file.
pub static BOARDS: LazyLock<Vec<FirmwareBoard>> = LazyLock::new(|| {
    let listed: Vec<Listed<'static>> = serde_json::from_str(include_str!("../../firmware/boards.json"))
        .expect("firmware/boards.json is a list of boards");
    listed.into_iter().filter_map(Listed::with_firmware).collect()
});

/// A board of `firmware/boards.json`.
#[derive(Deserialize)]
struct Listed<'j> {
    name: &'j str,
    target: &'j str,
    flash_bytes: u64,
    ram_bytes: u64,
    #[serde(borrow)]
    firmware: Firmware<'j>,
}

/// Its firmware; where that is another board's, `own` is missing.
#[derive(Deserialize)]
struct Firmware<'j> {
    #[serde(borrow)]
    own: Option<Own<'j>>,
}

#[derive(Deserialize)]
struct Own<'j> {
    code_budget_bytes: u64,
    probe_rs_chip: Option<&'j str>,
}

impl Listed<'static> {
    fn with_firmware(self) -> Option<FirmwareBoard> {
        let Listed { name, target, flash_bytes, ram_bytes, firmware } = self;
        let Own { code_budget_bytes, probe_rs_chip: chip } = firmware.own?;
        Some(FirmwareBoard { name, target, flash_bytes, code_budget_bytes, ram_bytes, chip })
    }
}

/// The firmware could not be built.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum BuildError {
    /// Cargo cannot be started.
    #[error("cannot run cargo")]
    Cargo(#[from] std::io::Error),
    /// Cargo failed; its messages stand above.
    #[error("`{0}` failed")]
    Failed(String),
    /// Cargo said nothing about a program.
    #[error("`{0}` built no program")]
    NoProgram(String),
    /// A model file to embed is missing.
    #[error("no model file at {path}", path = path.display())]
    Model {
        /// Where it was looked for.
        path: PathBuf,
        /// What the system says.
        source: std::io::Error,
    },
    /// A path that no list of paths can hold.
    #[error("the models' paths make no list")]
    List(#[from] env::JoinPathsError),
}

/// The project's folder.
///
/// # Panics
/// Never: this crate lies in the project's folder.
#[must_use]
pub fn project() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("tools/ lies in the project's folder")
}

/// The model that is embedded unless another is named.
#[must_use]
pub fn default_model() -> PathBuf {
    project().join("models/mnist.gan")
}

impl FirmwareBoard {
    /// The board of that name.
    #[must_use]
    pub fn named(name: &str) -> Option<&'static Self> {
        BOARDS.iter().find(|board| board.name == name)
    }

    /// All names, for a message.
    #[must_use]
    pub fn names() -> String {
        BOARDS.iter().map(|board| board.name).collect::<Vec<_>>().join(", ")
    }

    /// The command that builds it in release mode, without the cargo in front.
    #[must_use]
    pub fn build_arguments(&self) -> Vec<String> {
        build_arguments((self.name, &[]), self.target)
    }

    /// Builds the firmware in release mode with `models` embedded and returns its ELF file. Does next to nothing when it
    /// is up to date.
    ///
    /// # Errors
    /// [`BuildError`]; the compiler's own messages, and what does not fit the board, go to stderr.
    pub fn build(&self, models: &[PathBuf]) -> Result<PathBuf, BuildError> {
        let found = |path: &PathBuf| {
            let absolute = std::path::absolute(path).and_then(|path| path.metadata().map(|_| path));
            absolute.map_err(|source| BuildError::Model { path: path.clone(), source })
        };
        let models = models.iter().map(found).collect::<Result<Vec<_>, _>>()?;
        let features: &[&str] =
            if models.iter().any(|path| is_adaptive(&std::fs::read(path).unwrap_or_default())) {
                &["adaptive"]
            } else {
                &[]
            };
        build_program((self.name, features), self.target, None, Some(&env::join_paths(models)?))
    }
}

/// Whether a model has an op that its firmware's engine needs the feature `adaptive` for. A file that is no model has none: the
/// build says what is wrong with it.
pub(crate) fn is_adaptive(file: &[u8]) -> bool {
    File::open(&AlignedBytes::new(file)).is_ok_and(|file| file.ops.iter().any(|op| op.kind.is_adaptive()))
}

fn build_arguments((program, features): (&str, &[&str]), target: &str) -> Vec<String> {
    let board = format!("board-{program}");
    let features = [&[board.as_str()], features].concat().join(",");
    let words = ["build", "--release", "-p", "firmware", "--bin", program, "--features", &features];
    words.into_iter().chain(["--target", target]).map(str::to_owned).collect()
}

/// Builds a program of the firmware with these features in release mode, for `cpu` where the target alone does not say it, with the list `models`
/// embedded; returns its ELF file.
pub(crate) fn build_program(
    (program, features): (&str, &[&str]),
    target: &str,
    cpu: Option<&str>,
    models: Option<&OsStr>,
) -> Result<PathBuf, BuildError> {
    let mut arguments = build_arguments((program, features), target);
    if let Some(cpu) = cpu {
        // In a folder of its own: another cpu is another build of everything.
        let targets = env::var_os("CARGO_TARGET_DIR").map_or_else(|| project().join("target"), PathBuf::from);
        arguments.extend(["--target-dir".into(), targets.join(cpu).display().to_string()]);
    }
    let said = format!("cargo {}", arguments.join(" "));
    let mut command = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.args(&arguments).args(["--quiet", "--message-format", "json-render-diagnostics"]);
    if let Some(cpu) = cpu {
        command.env("CARGO_ENCODED_RUSTFLAGS", format!("-Ctarget-cpu={cpu}"));
    }
    if let Some(models) = models {
        command.env("GAN_MODELS", models).env_remove("GAN_MODEL");
    }
    let output = command.current_dir(project()).stderr(Stdio::inherit()).output()?;
    if !output.status.success() {
        return Err(BuildError::Failed(said));
    }
    let messages = String::from_utf8_lossy(&output.stdout);
    executable(&messages, program).ok_or(BuildError::NoProgram(said))
}

/// Cargo's JSON message about a finished target, the part that matters.
#[derive(Deserialize)]
struct Artifact {
    target: Target,
    executable: Option<PathBuf>,
}

#[derive(Deserialize)]
struct Target {
    name: String,
}

/// Path of the program `name` in cargo's JSON messages, one a line.
fn executable(messages: &str, name: &str) -> Option<PathBuf> {
    messages
        .lines()
        .filter_map(|line| serde_json::from_str::<Artifact>(line).ok())
        .find_map(|artifact| artifact.executable.filter(|_| artifact.target.name == name))
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::Path;

    use super::{BOARDS, executable, project};

    #[test]
    fn a_board_has_the_memory_that_its_linker_script_hands_out() {
        for board in BOARDS.iter() {
            let path = project().join(format!("firmware/memory/{}.x", board.name));
            let script = fs::read_to_string(&path).expect("each board has a memory layout");
            let length = |region: &str| {
                let line = script.lines().find(|line| line.trim_start().starts_with(region)).expect(region);
                let kib = line.rsplit("LENGTH = ").next().and_then(|text| text.strip_suffix('K'));
                1024 * kib.expect("a length in K").parse::<u64>().expect("a number")
            };
            assert_eq!(
                (length("FLASH"), length("RAM")),
                (board.flash_bytes, board.ram_bytes),
                "{}",
                board.name
            );
        }
        assert_eq!(BOARDS.len(), 2);
    }

    #[test]
    fn the_program_is_found_in_cargos_messages() {
        let messages = r#"{"reason":"compiler-artifact","target":{"name":"firmware"},"executable":null}
{"reason":"build-script-executed","package_id":"firmware"}
{"reason":"compiler-artifact","target":{"name":"pico2"},"executable":"/t/release/pico2"}
{"reason":"build-finished","success":true}"#;
        assert_eq!(executable(messages, "pico2").as_deref(), Some(Path::new("/t/release/pico2")));
        assert_eq!(executable(messages, "firmware"), None);
    }
}
