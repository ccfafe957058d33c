//! Models side by side: what each is worth, and what it costs.

mod block;
mod card;
mod measured;
mod page;
mod table;
mod train;

pub use block::{NoPart, part, with_part};
pub use card::card;
pub use measured::{Counted, counted};
pub use page::page;
pub use table::{PUBLISHED, markdown};
pub use train::{Job, train};

use crate::artifact::inspect::Inspection;
use crate::digest;
use crate::evaluation::{Code, Evaluation, Likelihood, Real, Restyling, asked, evaluate};
use crate::figure::Figure;
use crate::judge::{RealPictures, Scores};
use crate::pictures::sheet::{Samples, Sheet};
use crate::pictures::{self, Draws, Given, Pictures};
use crate::subject::Subject;
use burn::tensor::Device;
use gan_core::Model;
use serde::{Deserialize, Serialize};
use std::path::Path;

/// Pictures of each model on the sheet.
const COLUMNS: usize = 20;

/// What is known of one model.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Entry {
    /// What it is called.
    pub name: String,
    /// Its family; none of a model that does not say.
    pub family: Option<String>,
    /// What it is, in a line with its paper; none of a model that does not say.
    pub about: Option<String>,
    /// MD5 of the model file.
    pub model_md5: String,
    /// Whether it is told the class.
    pub conditional: bool,
    /// Of its int8 pictures.
    pub int8: Scores,
    /// Of its floats' pictures, if they lie beside it.
    pub float: Option<Scores>,
    /// Peak signal to noise of the int8 pictures against the floats', in dB.
    pub psnr_db: Option<Figure>,
    /// Of a model that draws pixel by pixel the share of pixels that int8 draws as the floats do, after the same pixels.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub same_draws: Option<f64>,
    /// What held-out pictures cost, where the model has a density.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub likelihood: Option<Likelihood>,
    /// What its uniform numbers change.
    pub codes: Vec<Code>,
    /// What each of its entries makes of pictures, if it restyles.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub restyling: Vec<Restyling>,
    /// What real pictures of the domain score that its first entry makes, if it restyles.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub domain: Option<Scores>,
    /// Seconds of training, where this command trained it.
    pub seconds: Option<f64>,
    /// Bytes of the model file.
    pub bytes: usize,
    /// Bytes of the arena in the portable layout.
    pub arena_bytes: usize,
    /// Multiply-accumulates a picture.
    pub macs: u64,
    /// What the emulator has counted; none of a model that the bench has not run.
    pub counted: Option<Counted>,
}

/// All models of a comparison, and what real digits score.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Comparison {
    /// In the order in which they were given.
    pub entries: Vec<Entry>,
    /// The floor.
    pub real: Option<Scores>,
}

/// A compared model with the pictures that are shown of it.
#[derive(Debug)]
pub struct Shown {
    /// Its figures.
    pub entry: Entry,
    /// Its first pictures, not picked.
    pub pictures: Pictures,
}

/// Judges `count` int8 pictures of the latents of `seed` of `subject`, and its floats' beside them. With the model what real
/// digits score. `say` is told what is being done.
///
/// # Errors
/// The model cannot be judged.
pub fn look(
    (subject, seconds): (&Subject, Option<f64>),
    real: &RealPictures,
    (seed, count): (u64, usize),
    device: &Device,
    cache: Option<&Path>,
    say: impl FnMut(&str),
) -> anyhow::Result<(Shown, Option<Scores>)> {
    let own = Real::of(subject.config.as_ref(), real.clone())?;
    let (evaluation, pictures) =
        evaluate((subject, &[]), &own, (&Draws::of(seed), count), device, cache, say)?;
    let model: Model = Model::parse(&subject.bytes)?;
    let inspection = Inspection::new(&subject.bytes, &model);
    let Evaluation { name, model_md5, mut columns, drift, likelihood, codes, restyling, .. } = evaluation;
    let mut take = |name: &str| {
        let place = columns.iter().position(|column| column.name == name)?;
        Some(columns.swap_remove(place).report)
    };
    let of_real = take("real");
    let (domain, floor) = if restyling.is_empty() { (None, of_real) } else { (of_real, None) };
    let conditional = asked(&pictures).is_some_and(|asked| asked.classes().is_some());
    let entry = Entry {
        family: subject.config.as_ref().map(|config| config.family.family().name.to_owned()),
        about: subject.config.as_ref().map(|config| config.family.family().about.to_owned()),
        counted: counted(&name, &model_md5),
        name,
        model_md5,
        conditional,
        int8: take("int8").ok_or_else(|| anyhow::anyhow!("an evaluation has int8 figures"))?,
        float: take("float"),
        codes,
        domain,
        restyling,
        psnr_db: drift.as_ref().map(|drift| drift.psnr_db),
        same_draws: drift.as_ref().and_then(|drift| drift.same_draws),
        likelihood,
        seconds,
        bytes: inspection.file_bytes,
        arena_bytes: inspection.arena_bytes,
        macs: inspection.macs,
    };
    Ok((Shown { entry, pictures }, floor))
}

/// What `known`, an earlier comparison of the same pictures by the same seed, says of `subject`; none where it says nothing of this
/// very file. What the emulator has counted is looked up anew.
///
/// # Errors
/// The pictures of its data cannot be divided into its domains.
pub fn again(
    subject: &Subject,
    real: &RealPictures,
    known: &Comparison,
    seed: u64,
) -> anyhow::Result<Option<Shown>> {
    let model: Model = Model::parse(&subject.bytes)?;
    let model_md5 = digest::of(&subject.bytes);
    let same = |entry: &&Entry| entry.model_md5 == model_md5 && entry.name == model.name();
    let Some(entry) = known.entries.iter().find(same) else { return Ok(None) };
    let own = Real::of(subject.config.as_ref(), real.clone())?;
    let given = Given { entry: 0, originals: &own.originals };
    let latents = Draws::of(seed).latents(page::PICTURES.max(COLUMNS), &(&model).into());
    let entry = Entry { counted: counted(&entry.name, &model_md5), ..entry.clone() };
    Ok(Some(Shown { entry, pictures: pictures::of_given(&model, given, &latents) }))
}

/// The first pictures of each model, a row a model; of a model that is told the class each class in turn.
pub fn sheet(all: &[Shown]) -> Sheet {
    let row = |shown: &Shown| {
        let area = shown.pictures.size.0 * shown.pictures.size.1;
        (shown.entry.name.clone(), shown.pictures.greys[..COLUMNS * area].to_vec())
    };
    let rows: Vec<(String, Vec<u8>)> = all.iter().map(row).collect();
    let rows: Vec<Samples<'_>> =
        rows.iter().map(|(name, pictures)| Samples { name, pictures, labels: &[0; COLUMNS] }).collect();
    Sheet::rows(&rows, all.first().map_or((1, 1), |shown| shown.pictures.size))
}

/// The project's own comparison, in its folder of models.
pub const RECORD_FILE: &str = "families.json";

/// Names of what a comparison writes into its folder.
pub mod files {
    /// All figures, unrounded.
    pub const JSON: &str = "comparison.json";
    /// The table in Markdown.
    pub const TABLE: &str = "comparison.md";
    /// The page.
    pub const PAGE: &str = "comparison.html";
    /// The sheet of pictures.
    pub const SHEET: &str = "comparison.png";
}
