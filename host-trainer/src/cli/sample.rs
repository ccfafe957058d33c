//! `sample`: pictures of a model file.

use std::path::PathBuf;

use anyhow::Context;
use clap::Args;
use gan_core::Model;

use crate::export::row;
use crate::pictures;
use crate::sheet::Sheet;

/// Pictures on a row of the sheet, at most.
const MOST_COLUMNS: usize = 20;

/// What to draw.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  host-trainer sample models/mnist.gan                              a hundred digits: samples.png
  host-trainer sample models/mnist.gan --seed 7 --out seven.png     others
  host-trainer sample models/mnist.gan --count 10000 --raw digits.u8
                                              10,000 × 784 bytes, 0 black to 255 white, picture i of class i mod 10")]
pub(super) struct SampleArgs {
    /// The model file
    #[arg(value_name = "MODEL.gan")]
    model: PathBuf,
    /// How many pictures, of each class in turn
    #[arg(long, default_value_t = 100, value_parser = clap::value_parser!(u32).range(1..=10_000_000))]
    count: u32,
    /// Where the latents come from
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// The sheet to write
    #[arg(long, value_name = "FILE", default_value = "samples.png", conflicts_with = "raw")]
    out: PathBuf,
    /// Write the pictures' bytes instead of a sheet
    #[arg(long, value_name = "FILE")]
    raw: Option<PathBuf>,
}

impl SampleArgs {
    pub(super) fn run(self) -> anyhow::Result<()> {
        let bytes = pictures::read_model(&self.model)?;
        let model: Model = Model::parse(&bytes)?;
        let made = pictures::int8(&model, self.seed, self.count as usize);
        let (path, bytes) = match &self.raw {
            Some(path) => (path, made.greys),
            None => {
                let columns = made.labels.len().div_ceil(usize::from(model.classes().max(1)));
                let sheet = Sheet::by_class(row("int8", &made), made.size, columns.min(MOST_COLUMNS));
                (&self.out, sheet.png())
            }
        };
        std::fs::write(path, bytes).with_context(|| format!("{}", path.display()))?;
        eprintln!(
            "{} pictures of {}, seed {}: {}",
            self.count,
            self.model.display(),
            self.seed,
            path.display()
        );
        Ok(())
    }
}
