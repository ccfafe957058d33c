//! The comparison as one HTML file that needs nothing else.

use super::table::{PUBLISHED, kept, of_real};
use super::{Comparison, Shown};
use crate::pictures::sheet::Sheet;
use base64::{Engine, engine::general_purpose::STANDARD};
use maud::{DOCTYPE, PreEscaped, html};

/// Pictures a model, in rows of ten.
pub(super) const PICTURES: usize = 50;

/// The page; `comparison` is of the models `all`.
pub fn page(comparison: &Comparison, all: &[Shown]) -> String {
    let kept = kept(comparison);
    let page = html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                title { "Families" }
                style { (PreEscaped(include_str!("../report/page.css"))) }
            }
            body {
                h1 { "Families" }
                p { "Each judged on " (comparison.entries.first().map_or(0, |entry| entry.int8.pictures))
                    " int8 pictures of one seed, nothing picked. Lower FID is better; the floor is what real digits score." }
                div class="wide" {
                    table {
                        thead { tr { @for (heading, _) in &kept { th { (heading) } } } }
                        tbody {
                            @for entry in &comparison.entries {
                                tr { @for (place, (_, cell)) in kept.iter().enumerate() {
                                    @if place == 0 { th { (cell(entry)) } } @else { td { (cell(entry)) } }
                                } }
                            }
                            @if let Some(real) = &comparison.real {
                                tr { @for (place, cell) in of_real(real, &kept).into_iter().enumerate() {
                                    @if place == 0 { th { (cell) } } @else { td { (cell) } }
                                } }
                            }
                        }
                    }
                }
                p { (PUBLISHED) }
                div class="charts" {
                    @for shown in all {
                        figure {
                            figcaption {
                                strong { (shown.entry.name) }
                                span class="key" { (shown.entry.about.as_deref().unwrap_or_default()) }
                            }
                            img alt=(format!("Pictures of {}", shown.entry.name))
                                src=(format!("data:image/png;base64,{}", STANDARD.encode(pictures(shown).png())));
                        }
                    }
                }
            }
        }
    };
    page.into_string()
}

/// The model's first pictures in rows of ten.
fn pictures(shown: &Shown) -> Sheet {
    let area = shown.pictures.size.0 * shown.pictures.size.1;
    Sheet::grid(&shown.pictures.greys[..PICTURES * area], shown.pictures.size, 10)
}
