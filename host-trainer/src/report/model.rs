//! The model as its layers, and its arena over time.

use maud::{Markup, html};

use crate::artifact::inspect::{Inspection, shape_text};
use crate::artifact::layers::grouped;

/// The map's size, in its own units.
const MAP_WIDTH: f64 = 960.0;
const ROW: f64 = 26.0;
const NAMES: f64 = 220.0;
/// The narrowest box that its tensor's shape fits into.
const LABELLED: f64 = 70.0;

/// A box a layer, with bars for its bytes and MACs.
pub(super) fn layers(model: &Inspection) -> Markup {
    let most_bytes = model.layers.iter().map(|layer| layer.bytes).max().unwrap_or(1).max(1);
    let most_macs = model.layers.iter().map(|layer| layer.macs).max().unwrap_or(1).max(1);
    let percent = |part: f64| format!("width:{:.1}%", 100.0 * part);
    html! {
        div class="layers" {
            div class="layer input" {
                strong { "latent " (model.latent) }
                @if model.classes > 0 { span { "and one of " (model.classes) " classes" } }
            }
            @for layer in &model.layers {
                @let tensor = &model.tensors[layer.output];
                div class="layer" {
                    strong { (layer.op) }
                    span { (shape_text(tensor.shape)) }
                    span class="small" { "scale " (format!("{:.5}", tensor.scale)) ", zero point " (tensor.zero_point) }
                    span class="bar" style=(percent(layer.bytes as f64 / most_bytes as f64)) {}
                    span { (grouped(layer.bytes as u64)) " bytes" }
                    span class="bar macs" style=(percent(layer.macs as f64 / most_macs as f64)) {}
                    span { (grouped(layer.macs)) " MACs" }
                }
            }
        }
        p {
            "Flash " (grouped(model.file_bytes as u64)) " bytes, arena " (grouped(model.arena_bytes as u64)) " bytes, "
            (grouped(model.macs)) " multiply-accumulates a picture."
        }
    }
}

/// A row a step, a box a tensor that is in use then, from its first byte to its last.
pub(super) fn arena(model: &Inspection) -> Markup {
    let steps = model.steps();
    let height = ROW * steps.len() as f64;
    let place = |byte: usize| NAMES + (MAP_WIDTH - NAMES) * byte as f64 / model.arena_bytes.max(1) as f64;
    html! {
        figure {
            figcaption { strong { "The arena over time" } span class="key" { (grouped(model.arena_bytes as u64)) " bytes from left to right" } }
            svg viewBox={ "0 0 " (MAP_WIDTH) " " (height) } role="img" aria-label="The arena over time" {
                @for (row, (name, live)) in steps.iter().enumerate() {
                    @let y = ROW * row as f64;
                    text x="0" y=(y + ROW * 0.65) { (name) }
                    line class="grid" x1=(NAMES) x2=(MAP_WIDTH) y1=(y + ROW - 2.0) y2=(y + ROW - 2.0) {}
                    @for &index in live {
                        @let tensor = &model.tensors[index];
                        @let (left, right) = (place(tensor.offset), place(tensor.offset + tensor.bytes));
                        rect class={ "t" (index % 4) } x=(format!("{left:.1}")) y=(y + 2.0)
                            width=(format!("{:.1}", right - left)) height=(ROW - 6.0) {
                            title { (shape_text(tensor.shape)) ", " (grouped(tensor.bytes as u64)) " bytes at " (grouped(tensor.offset as u64)) }
                        }
                        @if right - left >= LABELLED {
                            text class="below inside" x=((left + right) / 2.0) y=(y + ROW * 0.65) { (shape_text(tensor.shape)) }
                        }
                    }
                }
            }
        }
    }
}
