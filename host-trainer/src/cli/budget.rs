//! `budget`: which boards a configuration will fit.

use std::path::PathBuf;

use anyhow::ensure;
use clap::Args;

use super::source::Source;
use super::train::{Ending, Settings};
use crate::artifact::boards::Board;
use crate::artifact::budget::budget;
use crate::train::CONFIG_FILE;

/// What would be trained, and for which board.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  host-trainer budget                               the default configuration, on every board
  host-trainer budget --width 24 --latent 64        with any of training's settings
  host-trainer budget mine.toml --board pico2       exit status 1 if it does not fit
  host-trainer budget runs/wide --json | jq '.boards[] | {board, fits}'

The network is built with first weights and lowered as training would: sizes are those of the trained model. With
--data the folder is read for its number of classes.")]
pub(super) struct BudgetArgs {
    /// A configuration, or the folder of a run; the settings below come after it
    #[arg(value_name = "CONFIG.toml|RUN", conflicts_with = "config")]
    subject: Option<PathBuf>,
    /// Only this board; exit status 1 if the model does not fit it
    #[arg(long, value_name = "NAME")]
    board: Option<String>,
    /// As JSON
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    source: Source,
    #[command(flatten)]
    settings: Settings,
}

impl BudgetArgs {
    pub(super) fn run(mut self) -> anyhow::Result<()> {
        if let Some(subject) = self.subject {
            self.settings.config = Some(if subject.is_dir() { subject.join(CONFIG_FILE) } else { subject });
        }
        let boards = match &self.board {
            None => Board::all(),
            Some(name) => {
                let board = Board::named(name);
                let known = board.map(std::slice::from_ref);
                known
                    .ok_or_else(|| anyhow::anyhow!("no board {name:?}, expected one of {}", Board::names()))?
            }
        };
        let (config, _) = self.settings.config(self.source, &Ending::default())?;
        let budget = budget(&config, boards)?;
        let text = match self.json {
            true => serde_json::to_string_pretty(&budget)? + "\n",
            false => budget.to_string(),
        };
        super::print(&text)?;
        if let Some(board) = &self.board {
            let fits = budget.boards.iter().all(|answer| answer.fit.fits);
            ensure!(fits, "the model does not fit {board}");
        }
        Ok(())
    }
}
