//! `lower`: a model anew from the floats that lie beside it.

use std::path::PathBuf;

use anyhow::{Context, bail};
use clap::Args;
use gan_core::Model;

use super::source::Moved;
use crate::backend::{self, Backend};
use crate::data::{Fingerprint, Split};
use crate::export::{Export, SHEET_FILE};
use crate::lower::Labels;
use crate::pictures::Originals;
use crate::subject::{Floats, Subject};
use crate::terminal::say;
use crate::train::domains;

/// What to lower.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  host-trainer lower runs/dcgan                     a run that an older version of this program lowered
  host-trainer lower models/mnist.gan --out mine.gan  from models/mnist.bpk, by the settings in models/mnist.toml")]
pub(super) struct LowerArgs {
    /// A run's folder, or a model file that has its settings (NAME.toml) and its floats (NAME.bpk) beside it
    #[arg(value_name = "RUN|MODEL.gan")]
    subject: PathBuf,
    /// The file to write [default: in place of the model]
    #[arg(long, value_name = "FILE.gan")]
    out: Option<PathBuf>,
    /// What computes the floats
    #[arg(long, value_enum, default_value_t)]
    backend: Backend,
    #[command(flatten)]
    moved: Moved,
}

impl LowerArgs {
    pub(super) fn run(self) -> anyhow::Result<()> {
        let subject = Subject::find(&self.subject)?;
        let (model, path): (Model, _) = (Model::parse(&subject.bytes)?, subject.path.display());
        let device = backend::device(self.backend);
        let classes = usize::from(model.classes()).max(1);
        let (generator, config) = match (subject.floats(classes, &device)?, &subject.config) {
            (Floats::Own(generator) | Floats::Unchecked(generator), Some(config)) => (generator, config),
            (Floats::Others, _) => bail!(subject.other_floats()),
            _ => bail!("{path}: its settings and floats do not lie beside it: there is nothing to lower"),
        };
        // As at the end of its run: what it was trained on.
        let originals = match generator.graph().reads_pictures() {
            true => {
                let reload = self.moved.reload();
                let (config, train) = reload.load(config)?;
                reload.accept(&subject.path, subject.data_changed(&Fingerprint::of(&train)))?;
                Originals::of(domains(&config, &train, Split::Train)?)
            }
            false => Originals::default(),
        };
        let first = model.choices().next();
        let named =
            first.iter().flat_map(|choice| (0..choice.count).filter_map(|number| choice.name_of(number)));
        let names: Vec<String> = named.map(str::to_owned).collect();
        let labels = Labels { model: model.name(), classes: &names };
        let stamp = subject.sidecar.stamp();
        let export = Export { generator: &generator, labels, originals: &originals, stamp, device: &device };
        let out = self.out.as_ref().unwrap_or(&subject.path);
        let lowered = export.model(config.lowering(), out).with_context(|| path.to_string())?;
        // A run's samples stand beside its model.
        if let (None, Some(run)) = (&self.out, &subject.run) {
            export.sheet(&lowered.file, config.seed, &run.join(SHEET_FILE))?;
        }
        super::print(&lowered.report.to_string())?;
        let change =
            if lowered.file == subject.bytes[..] { "the same bytes as before" } else { "lowered anew" };
        say!("{}: {change}", out.display());
        Ok(())
    }
}
