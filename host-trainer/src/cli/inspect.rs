//! `inspect`: what is inside a model file.

use std::path::PathBuf;

use clap::Args;
use gan_core::Model;

use crate::artifact::inspect::Inspection;
use crate::subject::Subject;
use crate::terminal::say;

/// What to take apart.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  host-trainer inspect models/mnist.gan               layers, sizes, the arena over time, boards, instructions
  host-trainer inspect runs/dcgan --json | jq '.layers[] | {op, bytes, macs}'
  host-trainer inspect models/mnist.gan --json | jq '.boards[] | select(.fits) | .board'

What a board without firmware of this project takes for code and variables is an estimate, marked by ~. Instructions
are what `cargo xtask bench` has counted on layers of the same shapes; where it has counted none, none are shown.")]
pub(super) struct InspectArgs {
    /// A model file, or the folder of a run that has ended
    #[arg(value_name = "MODEL.gan|RUN")]
    model: PathBuf,
    /// As JSON
    #[arg(long)]
    json: bool,
}

impl InspectArgs {
    pub(super) fn run(self) -> anyhow::Result<()> {
        let subject = Subject::find(&self.model)?;
        let inspection = Inspection {
            stamp: subject.sidecar.stamp().cloned(),
            ..Inspection::new(&subject.bytes, &Model::parse(&subject.bytes)?)
        };
        let remarks: Vec<String> = subject.remarks().iter().map(|remark| format!("note: {remark}")).collect();
        if self.json {
            remarks.iter().for_each(|remark| say!("{remark}"));
            return Ok(super::print(&(serde_json::to_string_pretty(&inspection)? + "\n"))?);
        }
        let made_from = format!("made from {}", subject.made_from());
        let lines: Vec<String> = std::iter::once(made_from).chain(remarks).collect();
        Ok(super::print(&format!("{inspection}\n{}\n", lines.join("\n")))?)
    }
}
