//! `completions`: scripts for shells.

use clap::{Args, Command};
use clap_complete::{Shell, generate};

/// For which shell.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  host-trainer completions bash > ~/.local/share/bash-completion/completions/host-trainer
  host-trainer completions fish > ~/.config/fish/completions/host-trainer.fish")]
pub(super) struct CompletionsArgs {
    /// The shell
    #[arg(value_enum)]
    shell: Shell,
}

impl CompletionsArgs {
    /// Writes the script for `program` to the standard output.
    ///
    /// # Errors
    /// The standard output refuses.
    pub(super) fn run(self, program: &mut Command) -> anyhow::Result<()> {
        let mut script = Vec::new();
        generate(self.shell, program, "host-trainer", &mut script);
        Ok(super::print(&String::from_utf8(script)?)?)
    }
}
