//! `report`: a run as one HTML file.

use std::path::{Path, PathBuf};
use std::time::Instant;

use anyhow::{Context, ensure};
use clap::Args;
use gan_core::Model;

use super::source::Moved;
use crate::artifact::inspect::Inspection;
use crate::backend::{self, Backend};
use crate::evaluation::{
    CACHE, EVALUATION_FILE, Evaluation, FORMAT, PAIRS_FILE, SEED, evaluate, originals, pairs_sheet,
    real_pictures,
};
use crate::export::{MODEL_FILE, SHEET_FILE};
use crate::files;
use crate::judge::SAMPLES;
use crate::pictures::Draws;
use crate::report::{Contents, Finished, page, read_sheets};
use crate::stamp::picture;
use crate::subject::Subject;
use crate::terminal::say;
use crate::train::{CONFIG_FILE, FID_FILE, LOSSES_FILE, TrainConfig, read_fid, read_losses};

/// Name of the page in a run's folder.
const REPORT_FILE: &str = "report.html";

/// Which run.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  host-trainer report runs/dcgan                      writes runs/dcgan/report.html; opens from disk, without a network
  host-trainer report runs/dcgan --out dcgan.html

The figures are those of `evaluate runs/dcgan`, taken from its evaluation.json, or computed now. A run that has not
ended has its curves and pictures only.")]
pub(super) struct ReportArgs {
    /// The run's folder
    #[arg(value_name = "RUN")]
    run: PathBuf,
    /// The page to write [default: report.html in the run's folder]
    #[arg(long, value_name = "FILE.html")]
    out: Option<PathBuf>,
    /// Keep what the judge sees in real pictures in this folder
    #[arg(long, value_name = "DIR", default_value = CACHE)]
    cache: PathBuf,
    /// What computes the floats and the classifier
    #[arg(long, value_enum, default_value_t)]
    backend: Backend,
    #[command(flatten)]
    moved: Moved,
}

impl ReportArgs {
    pub(super) fn run(self) -> anyhow::Result<()> {
        let settings = self.run.join(CONFIG_FILE);
        ensure!(settings.exists(), "{}: no {CONFIG_FILE}, so this is no run's folder", self.run.display());
        let config = TrainConfig::read(&settings)?;
        let losses = self.run.join(LOSSES_FILE);
        let rows = read_losses(&losses, config.family.family().record)
            .with_context(|| losses.display().to_string())?;
        let fid_path = self.run.join(FID_FILE);
        let fid = read_fid(&fid_path).with_context(|| fid_path.display().to_string())?;
        let sheets = read_sheets(&self.run)?;
        let out = self.out.clone().unwrap_or_else(|| self.run.join(REPORT_FILE));
        let page = if self.run.join(MODEL_FILE).exists() {
            let subject = Subject::find(&self.run)?;
            for stranger in subject.strangers(&[EVALUATION_FILE, PAIRS_FILE]) {
                say!("note: {stranger}: judged anew");
            }
            let (evaluation, pairs) = self.evaluation(&subject)?;
            let model: Model = Model::parse(&subject.bytes)?;
            let inspection = Inspection::new(&subject.bytes, &model);
            let mut remarks = subject.remarks();
            remarks.extend(subject.strangers(&[SHEET_FILE]));
            remarks.extend(evaluation.remarks.iter().cloned());
            remarks.iter().for_each(|remark| say!("note: {remark}"));
            let result = Finished {
                originals: originals(&model, &subject, &self.moved.reload())?,
                model: &model,
                inspection,
                evaluation: &evaluation,
                pairs,
                subject: &subject,
                remarks,
            };
            page(&Contents { config: &config, rows: &rows, fid: &fid, sheets, result: Some(result) })
        } else {
            page(&Contents { config: &config, rows: &rows, fid: &fid, sheets, result: None })
        };
        files::write(&out, page.as_bytes()).with_context(|| out.display().to_string())?;
        say!("{}", out.display());
        Ok(())
    }

    /// The run's figures and its closest pairs: those that `evaluate` has left, if they are this model's.
    fn evaluation(&self, subject: &Subject) -> anyhow::Result<(Evaluation, Option<Vec<u8>>)> {
        let (json, pairs) = (self.run.join(EVALUATION_FILE), self.run.join(PAIRS_FILE));
        if let Some(left) = left(&json, &pairs, subject) {
            return Ok(left);
        }
        let start = Instant::now();
        let say = |what: &str| say!("{:>5.1} s  {what}", start.elapsed().as_secs_f64());
        let (real, changed) = real_pictures(subject, &self.moved.reload())?;
        let device = backend::device(self.backend);
        let (mut evaluation, pictures) =
            evaluate((subject, &[]), &real, (&Draws::of(SEED), SAMPLES), &device, Some(&self.cache), say)
                .with_context(|| subject.path.display().to_string())?;
        evaluation.remarks.extend(changed);
        files::write(&json, &serde_json::to_vec_pretty(&evaluation)?)
            .with_context(|| json.display().to_string())?;
        if evaluation.closest.is_empty() {
            return Ok((evaluation, None));
        }
        let sheet = pairs_sheet(&evaluation, &pictures, &real.pictures).png();
        files::write(&pairs, &sheet).with_context(|| pairs.display().to_string())?;
        Ok((evaluation, Some(sheet)))
    }
}

/// None unless the evaluation and its pairs are of the model `subject`.
fn left(json: &Path, pairs: &Path, subject: &Subject) -> Option<(Evaluation, Option<Vec<u8>>)> {
    let evaluation: Evaluation = serde_json::from_slice(&std::fs::read(json).ok()?).ok()?;
    if !subject.is_made_into(&evaluation.origin()) {
        return None;
    }
    if evaluation.format != FORMAT {
        say!(
            "{}: of another version of this program (format {}, expected {FORMAT}), whose figures may not be sound where \
             pictures were few: judged anew",
            json.display(),
            evaluation.format
        );
        return None;
    }
    if evaluation.closest.is_empty() {
        return Some((evaluation, None));
    }
    let pairs = std::fs::read(pairs).ok()?;
    let origin = picture::read(&pairs).unwrap_or_default();
    subject.is_made_into(&origin).then_some((evaluation, Some(pairs)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::digest;

    #[test]
    fn an_evaluation_of_a_version_that_doubted_no_figure_is_not_taken() {
        let models = Path::new(env!("CARGO_MANIFEST_DIR")).join("../models");
        let [subject, other] =
            ["mnist.gan", "small.gan"].map(|name| Subject::find(&models.join(name)).unwrap());
        let dir = tempfile::tempdir().unwrap();
        let (json, pairs) = (dir.path().join("evaluation.json"), dir.path().join("nearest.png"));
        let mut evaluation = serde_json::json!({
            "format": FORMAT, "name": "mine", "model_md5": digest::of(&subject.bytes),
            "stamp": subject.sidecar.stamp(), "seed": 1, "count": 2,
            "columns": [], "drift": null, "closest": [], "remarks": []
        });
        std::fs::write(&json, evaluation.to_string()).unwrap();
        assert!(left(&json, &pairs, &subject).is_some());
        assert!(left(&json, &pairs, &other).is_none(), "another model's");
        evaluation.as_object_mut().unwrap().remove("format");
        std::fs::write(&json, evaluation.to_string()).unwrap();
        assert!(left(&json, &pairs, &subject).is_none());
    }
}
