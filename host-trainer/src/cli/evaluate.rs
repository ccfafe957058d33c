//! `evaluate`: what the judge says of a model's pictures.

use std::path::{Path, PathBuf};

use anyhow::ensure;
use burn::tensor::Device;
use clap::Args;
use gan_core::Model;

use crate::{
    backend::{self, Backend},
    data::CLASSES,
    generator::Generator,
    judge::{Judge, SAMPLES, SIDE, table},
    pictures::{self, Pictures},
    train::{
        CONFIG_FILE, TrainConfig,
        checkpoint::{self, Checkpoints},
    },
};

/// What to judge.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  host-trainer evaluate models/mnist.gan            the int8 model, and the floor: what real digits score
  host-trainer evaluate runs/dcgan/generator.gan    beside the floats of the run that it lies in")]
pub(super) struct EvaluateArgs {
    /// The model file; where it lies in a run's folder, the run's floats are judged beside it
    #[arg(value_name = "MODEL.gan")]
    model: PathBuf,
    /// Pictures to judge; FIDs of different counts do not compare
    #[arg(long, default_value_t = SAMPLES as u32, value_parser = clap::value_parser!(u32).range(2..))]
    count: u32,
    /// Where the latents come from
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// What computes the floats and the classifier
    #[arg(long, value_enum, default_value_t)]
    backend: Backend,
}

impl EvaluateArgs {
    pub(super) fn run(self) -> anyhow::Result<()> {
        let device = backend::device(self.backend);
        let bytes = pictures::read_model(&self.model)?;
        let model: Model = Model::parse(&bytes)?;
        let count = self.count as usize;
        let mut sets = vec![("int8", pictures::int8(&model, self.seed, count))];
        if let Some(generator) = self.model.parent().map(|run| floats(run, &device)).transpose()?.flatten() {
            sets.push(("float", pictures::floats(&generator, self.seed, count, &device)));
        }
        let (height, width) = sets[0].1.size;
        ensure!(
            (height, width) == (SIDE, SIDE),
            "{}: draws {height}×{width}, but the judge knows digits of {SIDE}×{SIDE}",
            self.model.display()
        );
        let judge = Judge::pretrained(&device)?;
        match usize::from(model.classes()) {
            CLASSES => println!("{}", accuracy_and_fid(&judge, &sets)?),
            0 => println!("{}", fid_alone(&judge, &sets)?),
            classes => {
                anyhow::bail!(
                    "{}: has {classes} classes, but the judge knows {CLASSES}",
                    self.model.display()
                )
            }
        }
        Ok(())
    }
}

/// The floats of the run in `dir`: the average at its newest checkpoint. None if there is no run, or no checkpoint yet.
fn floats(dir: &Path, device: &Device) -> anyhow::Result<Option<Generator>> {
    let file = dir.join(CONFIG_FILE);
    if !file.exists() {
        return Ok(None);
    }
    let config = TrainConfig::read(&file)?;
    let graph = config.net.generator(CLASSES);
    let Some(newest) = Checkpoints::of(dir).newest()? else { return Ok(None) };
    Ok(Some(checkpoint::load_average(&newest.join(checkpoint::AVERAGE), &graph, device)?))
}

/// A column a set, and one for real digits.
fn accuracy_and_fid(judge: &Judge, sets: &[(&str, Pictures)]) -> anyhow::Result<String> {
    let mut reports = Vec::new();
    for (name, set) in sets {
        reports.push((*name, judge.report(&set.greys, &set.labels)?));
    }
    reports.push(("real digits (floor)", judge.floor()?));
    let columns: Vec<_> = reports.iter().map(|(name, report)| (*name, report)).collect();
    Ok(table(&columns))
}

/// For models that are not asked for a class.
fn fid_alone(judge: &Judge, sets: &[(&str, Pictures)]) -> anyhow::Result<String> {
    let mut text = String::new();
    for (name, set) in sets {
        text += &format!("FID, {name}: {:.2}\n", judge.fid(&set.greys)?);
    }
    Ok(text + &format!("FID, real digits (floor): {:.2}", judge.floor()?.fid))
}
