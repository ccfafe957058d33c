//! `sample`: pictures of a model file.

use std::path::PathBuf;

use anyhow::{Context, ensure};
use clap::Args;
use gan_core::{MAX_TRUNCATION, Model};

use super::choose::{Choose, choice};
use crate::evaluation::originals;
use crate::export::overview;
use crate::files;
use crate::pictures::sweep::{Swept, sweep};
use crate::pictures::walk::Walk;
use crate::pictures::{self, Draws, Given};
use crate::subject::Subject;
use crate::terminal::say;
use crate::train::Reload;

/// Pictures on a row of the sheet, at most.
const MOST_COLUMNS: usize = 20;

/// Pixels of the walk a pixel of a picture.
const SCALE: usize = 4;

/// What to draw.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  host-trainer sample models/mnist.gan                              a hundred digits: samples.png
  host-trainer sample models/mnist.gan --seed 7 --out others.png    others
  host-trainer sample models/mnist.gan --class 7 --count 20         twenty sevens
  host-trainer sample models/mnist.gan --truncation 1               more typical, less varied
  host-trainer sample models/mnist.gan --gif walk.gif               all classes, walking from latent to latent
  host-trainer sample models/mnist.gan --gif three.gif --class 3 --stops 12
  host-trainer sample models/infogan.gan --sweep 1                  the first uniform number from -1 to 1, a latent a row
  host-trainer sample models/stylegan.gan --sweep crossover         from which layer on the second style decides
  host-trainer sample models/stylegan.gan --choose truncation=0.5   styles half as far from the mean style
  host-trainer sample models/mnist.gan --count 10000 --raw digits.u8
                                              10,000 × 784 bytes, 0 black to 255 white, picture i of class i mod 10
  host-trainer sample models/lapgan.gan --entry half                another of its entries
  host-trainer sample models/cyclegan.gan --entry thin --count 10000 --raw thin.u8
                                              picture i is test digit i of the bold domain, restyled")]
pub(super) struct SampleArgs {
    /// The model file, or the folder of a run that has ended
    #[arg(value_name = "MODEL.gan|RUN")]
    model: PathBuf,
    /// How many pictures, of each class in turn
    #[arg(long, default_value_t = 100, value_parser = clap::value_parser!(u32).range(1..=10_000_000))]
    count: u32,
    /// Which of the model's entries draws them, by its name [default: the first]
    #[arg(long, value_name = "NAME")]
    entry: Option<String>,
    /// Where the latents come from
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Only this class
    #[arg(long)]
    class: Option<u8>,
    #[command(flatten)]
    choose: Choose,
    /// Draw latents beyond ± this again, above 0 and at most 3: less is more typical and less varied
    #[arg(long, default_value_t = MAX_TRUNCATION, value_parser = truncation)]
    truncation: f32,
    /// The sheet to write [default: samples.png, unless --gif or --raw is given]
    #[arg(long, value_name = "FILE.png")]
    out: Option<PathBuf>,
    /// Write an animated walk from latent to latent, and back to the first
    #[arg(long, value_name = "FILE.gif")]
    gif: Option<PathBuf>,
    /// How many latents the walk passes
    #[arg(long, default_value_t = 6, requires = "gif", value_parser = clap::value_parser!(u16).range(1..=1000))]
    stops: u16,
    /// A sheet on which one input is turned, a latent a row: a uniform number of the model, counted from 1, goes from -1 to 1; of a
    /// choice, by its name, there is a column for each that there is to choose from
    #[arg(long, value_name = "NUMBER|CHOICE", conflicts_with_all = ["gif", "raw", "count"])]
    sweep: Option<String>,
    /// Write the pictures' bytes
    #[arg(long, value_name = "FILE")]
    raw: Option<PathBuf>,
}

fn truncation(text: &str) -> Result<f32, String> {
    let ok = |value: &f32| *value > 0.0 && *value <= MAX_TRUNCATION;
    text.parse().ok().filter(ok).ok_or_else(|| format!("must be above 0 and at most {MAX_TRUNCATION}"))
}

impl SampleArgs {
    /// The number of the entry that is asked for.
    fn entry_of(&self, model: &Model<'_>) -> anyhow::Result<usize> {
        let Some(name) = &self.entry else { return Ok(0) };
        let names: Vec<&str> = model.entries().map(|entry| entry.name).collect();
        let found = names.iter().position(|own| own == name);
        found.with_context(|| format!("--entry {name}: {} has {}", self.model.display(), names.join(", ")))
    }

    /// The input that `--sweep` asks for.
    fn swept(&self, model: &Model<'_>, what: &str) -> anyhow::Result<Swept> {
        let (path, count) = (self.model.display(), model.uniform_length());
        if let Ok(number) = what.parse::<usize>() {
            ensure!(count > 0, "--sweep {number}: {path} has no uniform numbers");
            ensure!(
                (1..=count).contains(&number),
                "--sweep {number}: {path} has the uniform numbers 1 to {count}"
            );
            return Ok(Swept::Uniform(number - 1));
        }
        let (place, choice) = choice(model, what)
            .with_context(|| path.to_string())
            .with_context(|| format!("--sweep {what}"))?;
        Ok(Swept::Choice { place, count: choice.count.into() })
    }

    pub(super) fn run(self) -> anyhow::Result<()> {
        let subject = Subject::find(&self.model)?;
        let model: Model = Model::parse(&subject.bytes)?;
        subject.remarks().iter().for_each(|remark| say!("note: {remark}"));
        let classes = model.classes();
        if let Some(class) = self.class {
            let model = self.model.display();
            ensure!(classes > 0, "--class {class}: {model} was trained without classes");
            ensure!(class < classes, "--class {class}: {model} has the classes 0 to {}", classes - 1);
        }
        let mut chosen = self.choose.of(&model, &self.model)?;
        chosen.extend(self.class.map(|class| (0, class)));
        let draws = Draws { seed: self.seed, chosen, truncation: self.truncation };
        let say = |what: &str, path: &PathBuf| {
            say!("{what} of {}, seed {}: {}", self.model.display(), self.seed, path.display());
        };
        let write = |path: &PathBuf, bytes: &[u8]| {
            files::write(path, bytes).with_context(|| path.display().to_string())
        };
        let entry = self.entry_of(&model)?;
        if let Some(path) = &self.gif {
            let name = self.model.display();
            ensure!(
                model.latent_length() > 0,
                "--gif: {name} reads no latent: there is nothing to walk between"
            );
            let walk = Walk::new(&model, &draws, self.stops.into());
            write(path, &walk.gif(SCALE, &subject.origin()))?;
            say(&format!("{} frames", walk.len()), path);
        }
        let default = PathBuf::from("samples.png");
        if let Some(what) = &self.sweep {
            let path = self.out.as_ref().unwrap_or(&default);
            let swept = self.swept(&model, what)?;
            write(path, &sweep(&model, &draws, swept).made_from(subject.origin()).png())?;
            say(
                &match swept {
                    Swept::Uniform(_) => format!("uniform number {what} from -1 to 1"),
                    Swept::Choice { count, .. } => format!("the {count} choices of {what}"),
                },
                path,
            );
            return Ok(());
        }
        let unless_others = (self.gif.is_none() && self.raw.is_none()).then_some(&default);
        let sheet = self.out.as_ref().or(unless_others);
        if sheet.is_none() && self.raw.is_none() {
            return Ok(());
        }
        let latents = draws.latents(self.count as usize, &(&model).into());
        // Any pictures can be restyled.
        let reload = Reload { accept_changes: true, ..Reload::default() };
        let originals = originals(&model, &subject, &reload)?;
        let made = pictures::of_given(&model, Given { entry, originals: &originals }, &latents);
        let pictures = format!("{} pictures", self.count);
        if let Some(path) = sheet {
            // A row a class; of a single class rows of any length.
            let rows = if draws.class().is_none() { usize::from(classes).max(1) } else { 1 };
            let columns = made.labels.len().div_ceil(rows).min(MOST_COLUMNS);
            write(path, &overview("int8", &made, classes.into(), columns).made_from(subject.origin()).png())?;
            say(&pictures, path);
        }
        if let Some(path) = &self.raw {
            write(path, &made.greys)?;
            say(&pictures, path);
        }
        Ok(())
    }
}
