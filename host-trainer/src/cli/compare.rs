//! `compare`: families side by side.

use super::train::RUNS;
use crate::backend::{self, Backend};
use crate::comparison::{self, Comparison, Job, PUBLISHED, Shown, files as names, markdown};
use crate::evaluation::{CACHE, SEED};
use crate::families::{self, FamilyConfig};
use crate::files;
use crate::interrupt;
use crate::judge::{RealPictures, SAMPLES};
use crate::subject::Subject;
use crate::terminal::say;
use crate::train::TrainConfig;
use anyhow::{Context, bail};
use clap::Args;
use std::path::{Path, PathBuf};
use std::time::Instant;

/// Forms of the deep convolutional GAN, each with its settings.
const VARIANTS: [(&str, &[(&str, &str)]); 4] = [
    ("dcgan", &[]),
    ("dcgan-upsample", &[("upsample", "true")]),
    ("dcgan-sigmoid", &[("output", "\"sigmoid\"")]),
    ("dcgan-minimax", &[("generator_loss", "\"minimax\"")]),
];

/// A model, and the seconds that it was trained if this command did it.
type Trained = (PathBuf, Option<f64>);

/// What to compare.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  host-trainer compare                          the pretrained models of all families, as they lie in models/
  host-trainer compare runs/dcgan models/vae.gan
  host-trainer compare --seconds 300            trains every family for five minutes first, into runs/
  host-trainer compare --seconds 300 --gan vanilla --gan cgan
  host-trainer compare --seconds 300 --dcgan-variants
  host-trainer compare --update                 and write the table, the picture and the figures of the cards into the project
  host-trainer compare --update --keep          … judging only the models that have changed since

Writes comparison.html, which needs nothing else, comparison.png, comparison.md and comparison.json into --out.")]
pub(super) struct CompareArgs {
    /// Runs' folders or model files [default: of each family, models/NAME.gan]
    #[arg(value_name = "RUN|MODEL.gan", conflicts_with_all = ["seconds", "gan", "dcgan_variants"])]
    models: Vec<PathBuf>,
    /// Train each family for so long first
    #[arg(long, value_parser = clap::value_parser!(u64).range(1..))]
    seconds: Option<u64>,
    /// Only this family; repeatable
    #[arg(long, value_name = "NAME")]
    gan: Vec<String>,
    /// Forms of the deep convolutional GAN instead of families: transposed convolution, upsampling, sigmoid, minimax
    #[arg(long, requires = "seconds", conflicts_with = "gan")]
    dcgan_variants: bool,
    /// Where the table, the page and the pictures go
    #[arg(long, value_name = "DIR", default_value = "runs/comparison")]
    out: PathBuf,
    /// Write what the project says of its pretrained models, too: README.md's table, docs/families.png, the figures of the
    /// models' cards, models/families.json
    #[arg(long, conflicts_with_all = ["models", "seconds", "gan"])]
    update: bool,
    /// With --update: take the figures of models whose files are those of the last one from models/families.json
    #[arg(long, requires = "update", conflicts_with_all = ["count", "seed"])]
    keep: bool,
    /// Pictures to judge of each model
    #[arg(long, default_value_t = SAMPLES as u32, value_parser = clap::value_parser!(u32).range(50..=1_000_000))]
    count: u32,
    /// Where the latents come from, and each run's seed
    #[arg(long, default_value_t = SEED)]
    seed: u64,
    /// Keep what the judge sees in real pictures in this folder
    #[arg(long, value_name = "DIR", default_value = CACHE)]
    cache: PathBuf,
    /// What computes the floats and the classifier
    #[arg(long, value_enum, default_value_t)]
    backend: Backend,
}

/// Writes `comparison` into the project's documents, which are in the folder that the command runs in.
fn update(comparison: &Comparison, all: &[Shown]) -> anyhow::Result<()> {
    let write =
        |path: &Path, bytes: &[u8]| files::write(path, bytes).with_context(|| path.display().to_string());
    let replace = |path: &Path, name: &str, text: &str| {
        let named = || path.display().to_string();
        let document = std::fs::read_to_string(path).with_context(named)?;
        let changed = comparison::with_part(&document, name, text).with_context(named)?;
        write(path, changed.as_bytes())
    };
    let models = Path::new("models");
    replace(Path::new("README.md"), "families", &markdown(comparison, Some("models")))?;
    for entry in &comparison.entries {
        let card = comparison::card(entry, comparison.real.as_ref());
        replace(&models.join(&entry.name).with_extension("md"), "figures", &card)?;
    }
    write(Path::new("docs/families.png"), &comparison::sheet(all).png())?;
    write(
        &models.join(comparison::RECORD_FILE),
        (serde_json::to_string_pretty(comparison)? + "\n").as_bytes(),
    )
}

/// The project's own comparison, as it was written last.
fn known() -> anyhow::Result<Comparison> {
    let path = Path::new("models").join(comparison::RECORD_FILE);
    let text = std::fs::read_to_string(&path).with_context(|| path.display().to_string())?;
    serde_json::from_str(&text).with_context(|| path.display().to_string())
}

impl CompareArgs {
    pub(super) fn run(self) -> anyhow::Result<()> {
        let Some(models) = self.models()? else { return Ok(()) };
        let (start, device) = (Instant::now(), backend::device(self.backend));
        let real = RealPictures::mnist()?;
        let known = self.keep.then(known).transpose()?;
        let (mut all, mut floor): (Vec<Shown>, _) =
            (Vec::new(), known.as_ref().and_then(|known| known.real.clone()));
        for (path, seconds) in &models {
            let subject = Subject::find(path)?;
            let name = path.display();
            let say = |what: &str| say!("{:>6.1} s  {name}: {what}", start.elapsed().as_secs_f64());
            if let Some(known) = &known
                && let Some(shown) = comparison::again(&subject, &real, known, self.seed)?
            {
                say("as before");
                all.push(shown);
                continue;
            }
            let how = (self.seed, self.count as usize);
            let looked = comparison::look((&subject, *seconds), &real, how, &device, Some(&self.cache), say);
            let (shown, of_real) = looked.with_context(|| name.to_string())?;
            all.push(shown);
            floor = of_real.or(floor);
        }
        let entries = all.iter().map(|shown| shown.entry.clone()).collect();
        let comparison = Comparison { entries, real: floor };
        let table = markdown(&comparison, None);
        std::fs::create_dir_all(&self.out).with_context(|| self.out.display().to_string())?;
        let write = |name: &str, bytes: &[u8]| {
            let path = self.out.join(name);
            files::write(&path, bytes).with_context(|| path.display().to_string())
        };
        write(names::JSON, (serde_json::to_string_pretty(&comparison)? + "\n").as_bytes())?;
        write(names::TABLE, format!("{table}\n{PUBLISHED}\n").as_bytes())?;
        write(names::SHEET, &comparison::sheet(&all).png())?;
        write(names::PAGE, comparison::page(&comparison, &all).as_bytes())?;
        if self.update {
            update(&comparison, &all)?;
        }
        super::print(&format!("{table}\n{PUBLISHED}\n"))?;
        say!(
            "{}/{}: the page; {}, {}, {} beside it",
            self.out.display(),
            names::PAGE,
            names::SHEET,
            names::TABLE,
            names::JSON
        );
        Ok(())
    }

    /// The models with the seconds that they were trained, if that was now; none if the user stopped a training.
    fn models(&self) -> anyhow::Result<Option<Vec<Trained>>> {
        if !self.models.is_empty() {
            return Ok(Some(self.models.iter().map(|path| (path.clone(), None)).collect()));
        }
        let Some(seconds) = self.seconds else { return self.pretrained().map(Some) };
        let mut trained = Vec::new();
        for config in self.configs()? {
            say!("training {} for {seconds} s", config.name);
            let job = Job { config: TrainConfig { seed: self.seed, ..config }, seconds: seconds as f64 };
            match comparison::train(&job, Path::new(RUNS), interrupt::flag())? {
                Some((dir, seconds)) => trained.push((dir, Some(seconds))),
                None => return Ok(None),
            }
        }
        Ok(Some(trained))
    }

    /// The families' models in `models/`. The default family's is the firmware's.
    fn pretrained(&self) -> anyhow::Result<Vec<Trained>> {
        let default = FamilyConfig::default().family().name;
        let mut found = Vec::new();
        for name in self.families()? {
            let file = if name == default { "mnist" } else { name };
            let path = Path::new("models").join(file).with_extension("gan");
            match path.exists() {
                true => found.push((path, None)),
                false => say!("note: no {}: left out", path.display()),
            }
        }
        if found.is_empty() {
            bail!(
                "no model of a family in models/: run it in the project's folder, or name models, or --seconds"
            );
        }
        Ok(found)
    }

    /// The names that are asked for, all of them without one.
    fn families(&self) -> anyhow::Result<Vec<&'static str>> {
        if self.gan.is_empty() {
            return Ok(families::ALL.map(|family| family.name).to_vec());
        }
        self.gan.iter().map(|name| Ok(FamilyConfig::named(name)?.family().name)).collect()
    }

    /// What is to be trained.
    fn configs(&self) -> anyhow::Result<Vec<TrainConfig>> {
        if !self.dcgan_variants {
            let config = |name: &str| Ok(TrainConfig::of(FamilyConfig::named(name)?.family()));
            return self.families()?.into_iter().map(config).collect();
        }
        let variant = |(name, settings): (&str, &[(&str, &str)])| {
            let plain = TrainConfig { name: name.to_owned(), ..TrainConfig::default() };
            settings.iter().try_fold(plain, |config, (key, value)| {
                Ok(config.with_assignment(&format!("family.{key}={value}"))?)
            })
        };
        VARIANTS.into_iter().map(variant).collect()
    }
}
