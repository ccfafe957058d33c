//! The figures of a model's card.

use super::Entry;
use super::table::{decibels, pair, percent, share, thousandths};
use crate::artifact::layers::grouped;
use crate::evaluation::{Likelihood, Restyling};
use crate::figure::Figure;
use crate::judge::Scores;

/// A row of the figures: its name, and what it shows of a set of pictures.
type Row = (&'static str, fn(&Scores) -> Option<String>);

const ROWS: [Row; 10] = [
    ("FID", |scores| Some(scores.fid.show(|x| format!("{x:.2}")))),
    ("class accuracy", |scores| scores.accuracy.map(percent)),
    ("purity of the code", |scores| scores.purity.map(percent)),
    ("judge at least 90 % sure", |scores| Some(percent(scores.sure))),
    ("class entropy, of 3.322 bits", |scores| Some(thousandths(scores.entropy_bits))),
    ("precision, recall", |scores| scores.manifold.map(|m| pair(m.precision, m.recall))),
    ("density, coverage", |scores| scores.manifold.map(|m| pair(m.density, m.coverage))),
    ("sharpness", |scores| Some(thousandths(scores.sharpness))),
    ("inception-style score", |scores| Some(scores.inception_score.show(|x| format!("{x:.2}")))),
    ("closer to a training digit than the closest 1 % of held-out digits", |scores| {
        scores.memorization.map(|memorization| percent(memorization.suspicious))
    }),
];

/// The tables of the model's card: what its pictures are worth beside the floats' and real digits, and what it costs.
pub fn card(entry: &Entry, real: Option<&Scores>) -> String {
    let mut text = String::from("| figure | int8 | float | real digits (floor) |\n|---|---|---|---|\n");
    let real = entry.domain.as_ref().or(real);
    for (name, show) in ROWS {
        let Some(int8) = show(&entry.int8) else { continue };
        let other = |scores: Option<&Scores>| scores.and_then(show).unwrap_or_else(|| "–".into());
        text += &format!("| {name} | {int8} | {} | {} |\n", other(entry.float.as_ref()), other(real));
    }
    text += &format!(
        "\n`cargo run -p host-trainer -- evaluate models/{}.gan`: {} pictures of seed 1, nothing picked. FID on the \
         features of\n`judge.bpk`, not Inception's.\n\n| | |\n|---|---|\n",
        entry.name,
        grouped(entry.int8.pictures as u64)
    );
    let mut row = |name: &str, value: String| text += &format!("| {name} | {value} |\n");
    row("flash", format!("{} bytes", grouped(entry.bytes as u64)));
    row("arena, portable layout", format!("{} bytes", grouped(entry.arena_bytes as u64)));
    row("multiply-accumulates a picture", grouped(entry.macs));
    // Of a model that draws by chance, pictures part ways at the first pixel that differs.
    match (entry.same_draws, entry.psnr_db) {
        (Some(same), _) => row("drawn as by the floats, after the same pixels", share(same)),
        (None, Some(psnr)) => row("PSNR against the floats, over all these pictures", decibels(psnr)),
        (None, None) => (),
    }
    if let Some(Likelihood { bits, independent_bits, levels, pictures }) = entry.likelihood {
        let of =
            format!("{} held-out pictures in {levels} greys: bits a dimension", grouped(pictures as u64));
        row(&format!("{of}, by the floats"), format!("{bits:.4}"));
        row(&format!("{of}, were pixels independent, by class"), format!("{independent_bits:.4}"));
    }
    for code in &entry.codes {
        let show = |figure: Figure| figure.show(|x| format!("{x:+.2}"));
        row(
            &format!("uniform code {}: correlation with slant, with ink", code.number),
            format!("{}, {}", show(code.slant), show(code.ink)),
        );
    }
    for Restyling { entry, class, width_before, width, width_wanted, there_and_back_db } in &entry.restyling {
        let pixels = |figure: Figure| figure.show(|x| format!("{x:.2}"));
        row(&format!("to {entry}: class asked for"), class.map_or("–".into(), percent));
        row(
            &format!("to {entry}: width of the strokes, before, of the other domain"),
            format!("{}, {}, {} pixels", pixels(*width), pixels(*width_before), pixels(*width_wanted)),
        );
        row(&format!("to {entry} and back: PSNR"), decibels(*there_and_back_db));
    }
    for (core, of_core) in entry.counted.iter().flat_map(|counted| &counted.cores) {
        row(
            &format!("on {core}: instructions, estimated cycles, arena in its layout"),
            format!(
                "{}, {}, {} bytes",
                grouped(of_core.instructions),
                grouped(of_core.estimated_cycles),
                grouped(of_core.arena_bytes)
            ),
        );
    }
    text
}
