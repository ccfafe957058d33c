//! The comparison as a table.

use super::{Comparison, Entry};
use crate::artifact::layers::grouped;
use crate::figure::Figure;
use crate::judge::Scores;

/// Published figures of MNIST, which are on other scales: an Inception network's features, networks a hundred times as large.
pub const PUBLISHED: &str = include_str!("published.md");

/// A column: its heading, and its cell.
type Column = (&'static str, fn(&Entry) -> String);

pub(super) const COLUMNS: [Column; 14] = [
    ("model", |entry| entry.name.clone()),
    ("family", |entry| entry.family.clone().unwrap_or_else(|| "–".into())),
    ("FID (float)", |entry| with_float(entry, |scores| Some(scores.fid), |x| format!("{x:.2}"))),
    ("precision, recall", |entry| entry.int8.manifold.map_or("–".into(), |m| pair(m.precision, m.recall))),
    ("coverage", |entry| entry.int8.manifold.map_or("–".into(), |m| thousandths(m.coverage))),
    ("class", |entry| match (entry.int8.accuracy, entry.int8.purity) {
        (Some(accuracy), _) => percent(accuracy),
        (None, Some(purity)) => format!("purity {}", percent(purity)),
        (None, None) => "–".into(),
    }),
    ("sure", |entry| percent(entry.int8.sure)),
    ("entropy", |entry| thousandths(entry.int8.entropy_bits)),
    ("sharpness", |entry| thousandths(entry.int8.sharpness)),
    ("PSNR", |entry| entry.psnr_db.map_or("–".into(), decibels)),
    ("trained", |entry| entry.seconds.map_or("–".into(), |seconds| format!("{seconds:.0} s"))),
    ("bytes", |entry| grouped(entry.bytes as u64)),
    ("M3 instructions", |entry| instructions(entry, "M3")),
    ("M4 instructions", |entry| instructions(entry, "M4")),
];

/// The table in Markdown, a row a model and one of real digits; a column that says nothing of any model is left out. Names are
/// links to the cards in the folder `cards`, if that is given.
pub fn markdown(comparison: &Comparison, cards: Option<&str>) -> String {
    let kept = kept(comparison);
    let line = |cells: Vec<String>| format!("| {} |\n", cells.join(" | "));
    let mut text = line(kept.iter().map(|(heading, _)| (*heading).to_owned()).collect());
    text += &format!("|{}\n", "---|".repeat(kept.len()));
    for entry in &comparison.entries {
        let mut cells: Vec<String> = kept.iter().map(|(_, cell)| cell(entry)).collect();
        if let (Some(folder), Some(name)) = (cards, cells.first_mut()) {
            *name = format!("[{name}]({folder}/{name}.md)");
        }
        text += &line(cells);
    }
    if let Some(real) = &comparison.real {
        text += &line(of_real(real, &kept));
    }
    text
}

/// The columns that say something.
pub(super) fn kept(comparison: &Comparison) -> Vec<Column> {
    let says = |(_, cell): &Column| comparison.entries.iter().any(|entry| cell(entry) != "–");
    COLUMNS.into_iter().filter(says).collect()
}

/// The row of real digits.
pub(super) fn of_real(real: &Scores, kept: &[Column]) -> Vec<String> {
    let as_entry = Entry {
        name: "real digits".into(),
        family: None,
        about: None,
        model_md5: String::new(),
        conditional: true,
        int8: real.clone(),
        float: None,
        psnr_db: None,
        same_draws: None,
        likelihood: None,
        codes: Vec::new(),
        restyling: Vec::new(),
        domain: None,
        seconds: None,
        bytes: 0,
        arena_bytes: 0,
        macs: 0,
        counted: None,
    };
    let cell = |(heading, cell): &Column| if *heading == "bytes" { "–".into() } else { cell(&as_entry) };
    kept.iter().map(cell).collect()
}

fn with_float(entry: &Entry, get: fn(&Scores) -> Option<Figure>, format: fn(f64) -> String) -> String {
    let show = |scores: &Scores| get(scores).map(|figure| figure.show(format));
    let int8 = show(&entry.int8).unwrap_or_else(|| "–".into());
    match entry.float.as_ref().and_then(show) {
        Some(float) => format!("{int8} ({float})"),
        None => int8,
    }
}

pub(super) fn thousandths(figure: Figure) -> String {
    figure.show(|x| format!("{x:.3}"))
}

pub(super) fn decibels(figure: Figure) -> String {
    figure.show(|x| format!("{x:.1} dB"))
}

pub(super) fn pair(a: Figure, b: Figure) -> String {
    format!("{}, {}", thousandths(a), thousandths(b))
}

pub(super) fn percent(figure: Figure) -> String {
    figure.show(share)
}

/// A share in percent.
pub(super) fn share(share: f64) -> String {
    format!("{:.2} %", 100.0 * share)
}

fn instructions(entry: &Entry, core: &str) -> String {
    let of_core = entry.counted.as_ref().and_then(|counted| counted.cores.get(core));
    of_core.map_or("–".into(), |of_core| grouped(of_core.instructions))
}
