//! Commands run one after the other, each named before it runs, up to the first that fails.

use std::env;
use std::ffi::OsStr;
use std::process::Command;
use std::time::Instant;

use anyhow::{Context as _, bail};
use tools::firmware;

/// A run of steps, and what to say at its end.
pub struct Steps {
    done: usize,
    start: Instant,
}

impl Steps {
    /// No step yet.
    pub fn new() -> Self {
        Self { done: 0, start: Instant::now() }
    }

    /// Runs `cargo` with `arguments` in the project's folder.
    ///
    /// # Errors
    /// Names the command if it cannot run or fails.
    pub fn cargo(&mut self, arguments: &[&str]) -> anyhow::Result<()> {
        self.cargo_with(&[], arguments)
    }

    /// As [`cargo`](Self::cargo), with more environment variables.
    pub fn cargo_with(&mut self, variables: &[(&str, &str)], arguments: &[&str]) -> anyhow::Result<()> {
        let set: String = variables.iter().map(|(name, value)| format!("{name}=\"{value}\" ")).collect();
        let said = format!("{set}cargo {}", arguments.join(" "));
        self.announce(&said);
        let mut command = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
        command.args(arguments).envs(variables.iter().copied()).current_dir(firmware::project());
        run(command, &said)
    }

    /// A step that is no command: `what` says what it does.
    pub fn step(&mut self, what: &str, action: impl FnOnce() -> anyhow::Result<()>) -> anyhow::Result<()> {
        self.announce(what);
        action().with_context(|| what.to_owned())
    }

    /// The closing line.
    pub fn close(&self, name: &str) {
        let seconds = self.start.elapsed().as_secs();
        println!("\n{name}: {} steps passed in {} min {:02} s", self.done, seconds / 60, seconds % 60);
    }

    fn announce(&mut self, what: &str) {
        self.done += 1;
        println!("\n── {what}");
    }
}

/// Runs `command`, which messages call `said`.
///
/// # Errors
/// Names the command if it cannot run or fails.
pub fn run(mut command: Command, said: &str) -> anyhow::Result<()> {
    let status = command.status().with_context(|| format!("cannot run `{said}`"))?;
    if !status.success() {
        bail!("`{said}` failed ({status})");
    }
    Ok(())
}

/// Whether `program` runs with `argument`; its output is thrown away.
pub fn works(program: impl AsRef<OsStr>, argument: &str) -> bool {
    Command::new(program).arg(argument).output().is_ok_and(|output| output.status.success())
}
