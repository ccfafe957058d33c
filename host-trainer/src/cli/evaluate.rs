//! `evaluate`: what the judge says of a model's pictures.

use std::path::PathBuf;
use std::time::Instant;

use anyhow::Context;
use clap::Args;
use gan_core::Model;

use super::choose::Choose;
use super::source::Moved;
use crate::backend::{self, Backend};
use crate::evaluation::{
    CACHE, EVALUATION_FILE, PAIRS_FILE, SEED, evaluate, pairs_sheet, real_pictures, tuning_advice,
};
use crate::files;
use crate::judge::SAMPLES;
use crate::pictures::Draws;
use crate::subject::Subject;
use crate::terminal::say;

/// What to judge.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  host-trainer evaluate models/mnist.gan          the int8 model beside the floats it was lowered from and real digits
  host-trainer evaluate runs/dcgan                a run: also writes evaluation.json and nearest.png into its folder
  host-trainer evaluate runs/dcgan --beside models/vae.gan
  host-trainer evaluate models/stylegan.gan --choose truncation=0.7
  host-trainer evaluate runs/dcgan --json all.json --pairs closest.png

Figures:
  FID                    Fréchet distance of the judge's features to held-out pictures; 'real' is the floor
  inception-style score  1 to 10: classes that the judge is sure of, and all of them
  precision, density     generated pictures that lie where real ones lie (fidelity)
  recall, coverage       real pictures that lie where generated ones lie (variety); k = 5 neighbours
  class entropy          3.32 bits where all ten classes are as frequent; less where modes collapse
  to nearest training    distance over pixels in 0 to 1; under 'real' that of held-out pictures
  suspiciously close     share closer to a training picture than the closest 1 % of held-out pictures are
A model that restyles pictures is given the test pictures of its first domain, and its first entry is judged by the second; of
each entry is told how often the class asked for is seen, how wide the strokes are, and what is lost there and back.
A figure that so few pictures do not have is –, one that they leave in doubt is marked *; the reasons stand below.
They come from the project's own classifier: compare them with each other, not with an Inception network's.")]
pub(super) struct EvaluateArgs {
    /// A run's folder, or a model file; the floats that lie beside it are judged beside it
    #[arg(value_name = "RUN|MODEL.gan")]
    subject: PathBuf,
    /// Pictures to judge; FIDs of different counts do not compare
    #[arg(long, default_value_t = SAMPLES as u32, value_parser = clap::value_parser!(u32).range(2..=1_000_000))]
    count: u32,
    /// Where the latents come from
    #[arg(long, default_value_t = SEED)]
    seed: u64,
    #[command(flatten)]
    choose: Choose,
    /// Judge this model's int8 pictures of the same latents too, in a column under its name; repeatable
    #[arg(long, value_name = "RUN|MODEL.gan", conflicts_with = "choose")]
    beside: Vec<PathBuf>,
    /// Write all figures, unrounded
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,
    /// Write the ten pictures closest to a training picture, each above it
    #[arg(long, value_name = "FILE.png")]
    pairs: Option<PathBuf>,
    /// Keep what the judge sees in real pictures in this folder
    #[arg(long, value_name = "DIR", default_value = CACHE)]
    cache: PathBuf,
    /// What computes the floats and the classifier
    #[arg(long, value_enum, default_value_t)]
    backend: Backend,
    #[command(flatten)]
    moved: Moved,
}

impl EvaluateArgs {
    pub(super) fn run(self) -> anyhow::Result<()> {
        let start = Instant::now();
        let subject = Subject::find(&self.subject)?;
        let beside = self.beside.iter().map(|path| Subject::find(path)).collect::<Result<Vec<_>, _>>()?;
        let name = || subject.path.display().to_string();
        let (real, changed) = real_pictures(&subject, &self.moved.reload())?;
        let say = |what: &str| say!("{:>5.1} s  {what}", start.elapsed().as_secs_f64());
        let model: Model = Model::parse(&subject.bytes)?;
        let chosen = self.choose.of(&model, &subject.path)?;
        let draws = Draws { chosen, ..Draws::of(self.seed) };
        let how = (&draws, self.count as usize);
        let device = backend::device(self.backend);
        let (mut evaluation, pictures) =
            evaluate((&subject, &beside), &real, how, &device, Some(&self.cache), say).with_context(name)?;
        evaluation.remarks.extend(changed);
        evaluation.chosen = self.choose.words().to_vec();
        let chosen: String = evaluation.chosen.iter().map(|text| format!(", {text}")).collect();
        let (count, seed, made_from) = (self.count, self.seed, subject.made_from());
        let mut text = format!(
            "{}: {count} latents of seed {seed}{chosen}\nmade from {made_from}\n\n{evaluation}",
            name()
        );
        let remarks = std::iter::once(&subject).chain(&beside).flat_map(Subject::remarks);
        text.extend(remarks.map(|remark| format!("note: {remark}\n")));
        if !real.pictures.digits {
            text += "The judge knows digits: on other pictures its features and classes only tell alike from unlike.\n";
        }
        let fid = |name| evaluation.columns.iter().find(|column| column.name == name).map(|c| c.report.fid);
        if let (Some(int8), Some(float), Some(run)) = (fid("int8"), fid("float"), &subject.run) {
            text.extend(tuning_advice((int8, float), run).map(|advice| advice + "\n"));
        }
        super::print(&text)?;
        // The run's report is of what its model draws where nobody chooses.
        let run = subject.run.as_ref().filter(|_| draws.chosen.is_empty());
        let in_run = |file| run.map(|run| run.join(file));
        let json = serde_json::to_string_pretty(&evaluation)?;
        write(&self.json, &in_run(EVALUATION_FILE), json.as_bytes())?;
        if !evaluation.closest.is_empty() {
            let sheet = pairs_sheet(&evaluation, &pictures, &real.pictures).png();
            write(&self.pairs, &in_run(PAIRS_FILE), &sheet)?;
        }
        say("done");
        Ok(())
    }
}

/// Writes `bytes` to the files that the user wants and into the run.
fn write(wanted: &Option<PathBuf>, in_run: &Option<PathBuf>, bytes: &[u8]) -> anyhow::Result<()> {
    for path in wanted.iter().chain(in_run) {
        files::write(path, bytes).with_context(|| path.display().to_string())?;
        say!("         {}", path.display());
    }
    Ok(())
}
