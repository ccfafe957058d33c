//! The boards that the model fits, and the instructions that it takes.

use maud::{Markup, html};

use crate::artifact::boards::{Fit, Memory, verdict};
use crate::artifact::inspect::Inspection;
use crate::artifact::layers::grouped;

/// A row a board: a bar a memory, as long as what is used of it.
pub(super) fn boards(fits: &[Fit]) -> Markup {
    html! {
        div class="boards" {
            @for fit in fits {
                div class={ "board" @if !fit.fits { " full" } } data-board=(fit.board) {
                    div { strong { (fit.title) } span class="small" { " Cortex-" (fit.core) } }
                    (memory("flash", &fit.flash, fit.estimated_from.is_some()))
                    (memory("RAM", &fit.ram, fit.estimated_from.is_some()))
                    strong class="verdict" { (verdict(fit)) }
                }
            }
        }
        p class="keys" {
            @for (number, name) in ["code, variables", "model, arena", "parsed model", "stack of a picture"].iter().enumerate() {
                span class="key part" { span class={ "swatch t" (number) } {} (name) }
            }
        }
        p {
            "Packed for each board's core, as the firmware's build does it. "
            @if fits.iter().any(|fit| fit.estimated_from.is_some()) {
                "~ There is no firmware of this project for the board: its code and variables are an estimate, those of "
                "another board's."
            }
        }
    }
}

fn memory(name: &str, memory: &Memory, estimated: bool) -> Markup {
    // A memory that is too small ends where its board does: what is too much is in the verdict.
    let whole = memory.total.max(memory.used) as f64;
    let percent = |bytes: usize| format!("width:{:.2}%", 100.0 * bytes as f64 / whole);
    html! {
        div class="memory" {
            span class="small" {
                (name) " " @if estimated { "~" } (grouped(memory.used as u64)) " of " (grouped(memory.total as u64))
            }
            div class="used" {
                @for (number, part) in memory.parts.iter().enumerate() {
                    span class={ "t" (number) } style=(percent(part.bytes))
                        title={ (part.name) ", " (grouped(part.bytes as u64)) " bytes" } {}
                }
            }
        }
    }
}

/// A row a layer, a column a core; nothing where the bench has counted none of the layers.
pub(super) fn instructions(model: &Inspection) -> Markup {
    let counts = &model.instructions;
    let Some(first) = counts.layers.iter().flatten().next() else { return html! {} };
    let cores: Vec<&str> = first.instructions.keys().copied().collect();
    html! {
        div class="wide" {
            table class="instructions" {
                thead { tr { th { "instructions" } @for core in &cores { th { "Cortex-" (core) } } } }
                tbody {
                    @for (layer, count) in model.layers.iter().zip(&counts.layers) {
                        tr {
                            th { (layer.op) }
                            @for core in &cores {
                                td { @match count { Some(count) => (grouped(count.instructions[core])), None => "–" } }
                            }
                        }
                    }
                    @if !counts.picture.is_empty() {
                        tr { th { "a picture" } @for core in &cores { td { (grouped(counts.picture[core])) } } }
                    }
                }
            }
        }
        p { "Counted in the emulator on " (counts.origin()) ": instructions, not cycles." }
    }
}
