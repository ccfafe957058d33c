//! Fits as text.

use std::fmt::Write;

use super::{Fit, Memory, Part};
use crate::artifact::layers::grouped;

/// Columns of a number.
const NUMBER: usize = 10;

/// A line a board; empty without boards.
pub fn table(fits: &[Fit]) -> String {
    let Some(first) = fits.first() else { return String::new() };
    let width = fits.iter().map(|fit| fit.board.len()).max().unwrap_or(0).max(5);
    let head = |memory: &Memory| -> String {
        let names = memory.parts.iter().map(|part| part.name).chain(["left"]);
        names.map(|name| format!("{name:>NUMBER$}")).collect::<String>() + " of      "
    };
    let left = |name: &str, memory: &Memory| format!("{name:<width$}", width = head(memory).chars().count());
    let mut text = format!("{:width$}        {}  {}\n", "", left("     flash", &first.flash), "     RAM");
    let _ =
        writeln!(text, "{:width$}  core  {}  {}", "board", head(&first.flash), head(&first.ram).trim_end());
    for fit in fits {
        let numbers = |memory: &Memory| -> String {
            let about = |place| if place == 0 && fit.estimated_from.is_some() { "~" } else { "" };
            let number = |(place, part): (usize, &Part)| {
                format!("{:>NUMBER$}", format!("{}{}", about(place), grouped(part.bytes as u64)))
            };
            let sign = if memory.missing() > 0 { "−" } else { "" };
            let left = format!("{sign}{}", grouped(memory.left().unsigned_abs()));
            memory.parts.iter().enumerate().map(number).collect::<String>()
                + &format!("{left:>NUMBER$} of {:>4}K", memory.total / 1024)
        };
        let (flash, ram) = (numbers(&fit.flash), numbers(&fit.ram));
        let _ = writeln!(text, "{:width$}  {:4}  {flash}  {ram}  {}", fit.board, fit.core, verdict(fit));
    }
    if fits.iter().any(|fit| fit.estimated_from.is_some()) {
        text += "~ no firmware of this project: an estimate, what it takes on ";
        let mut models: Vec<&str> = fits.iter().filter_map(|fit| fit.estimated_from).collect();
        models.sort_unstable();
        models.dedup();
        let of = |model: &str| {
            let like = fits.iter().filter(|fit| fit.estimated_from == Some(model)).map(|fit| fit.board);
            format!("{model} (for {})", like.collect::<Vec<_>>().join(", "))
        };
        text += &models.into_iter().map(of).collect::<Vec<_>>().join(" and ");
        text.push('\n');
    }
    text + "stack: a picture's; drawing it is not counted\n"
}

/// `fits`, or what is too large.
pub fn verdict(fit: &Fit) -> String {
    let too_large =
        [("flash", &fit.flash), ("RAM", &fit.ram)].into_iter().filter(|(_, memory)| memory.missing() > 0);
    let said = too_large
        .map(|(name, memory)| format!("{name}: {} bytes too many", grouped(memory.missing() as u64)));
    let said = said.collect::<Vec<_>>().join("; ");
    if said.is_empty() { "fits".into() } else { said }
}
