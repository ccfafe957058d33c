//! What a model that restyles pictures makes of them, entry by entry.

use crate::figure::{Figure, Why};
use crate::judge::{Judge, JudgeError, strokes};
use crate::pictures::{self, Given, Originals, Pictures};
use gan_core::{Latent, Model};
use serde::{Deserialize, Serialize};

/// Figures of an entry.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Restyling {
    /// What the entry is called: as a rule the domain that it makes.
    pub entry: String,
    /// Share of the pictures in which the judge sees the class that was asked for, which is the original's where the other domain
    /// has it; none of pictures that it does not know.
    pub class: Option<Figure>,
    /// Mean width of the strokes in pixels, see [`strokes::width`]: of the originals.
    pub width_before: Figure,
    /// Of what the entry makes of them.
    pub width: Figure,
    /// Of the domain that it is to make.
    pub width_wanted: Figure,
    /// Peak signal to noise of what the next entry makes of that against the originals, in dB: there and back.
    pub there_and_back_db: Figure,
}

/// Of each entry of `model`, on the first `count` of its `originals`, of which the judge knows the classes if they are `digits`;
/// nothing of a model that reads no pictures, or without domains.
pub(super) fn restylings(
    model: &Model<'_>,
    originals: &Originals,
    (count, digits): (usize, bool),
    judge: &Judge,
) -> Result<Vec<Restyling>, JudgeError> {
    if !pictures::reads_pictures(model) || originals.made_by(0).is_none() {
        return Ok(Vec::new());
    }
    let latents = vec![Latent::from_quantized(&[]); count];
    let entries = model.entries().count();
    let mut all = Vec::with_capacity(entries);
    for (entry, record) in model.entries().enumerate() {
        let Pictures { greys, labels, size, .. } =
            pictures::of_given(model, Given { entry, originals }, &latents);
        let before = originals.greys(entry, 0..count);
        let back =
            pictures::restyled(model, (entry + 1) % entries, &pictures::as_originals(&greys), &latents);
        let wanted = originals.made_by(entry).map_or(&[][..], |domain| &domain.images);
        let class = match digits {
            true => {
                let seen = judge.look(&greys)?.classes;
                let right = seen.iter().zip(&labels).filter(|(seen, asked)| seen == asked).count();
                Some(Figure::of(right as f64 / count as f64))
            }
            false => None,
        };
        all.push(Restyling {
            entry: record.name.to_owned(),
            class,
            width_before: mean_width(&before, size),
            width: mean_width(&greys, size),
            width_wanted: mean_width(wanted, size),
            there_and_back_db: peak_signal_to_noise(&before, &back.greys),
        });
    }
    Ok(all)
}

/// Mean width of the strokes of `greys`, pictures of `size`.
fn mean_width(greys: &[u8], (height, width): (usize, usize)) -> Figure {
    let pictures = greys.chunks_exact(height * width);
    let count = pictures.len() as f64;
    Figure::of(pictures.map(|picture| strokes::width(picture, width)).sum::<f64>() / count)
}

/// Peak signal to noise of two sets of pictures, in dB, 255 being the peak; none where they are equal.
pub fn peak_signal_to_noise(a: &[u8], b: &[u8]) -> Figure {
    let squares = a.iter().zip(b).map(|(&a, &b)| (f64::from(a) - f64::from(b)).powi(2)).sum::<f64>();
    match squares > 0.0 {
        true => Figure::of(10.0 * (255.0 * 255.0 * a.len() as f64 / squares).log10()),
        false => Figure::None(Why::NoError),
    }
}

impl std::fmt::Display for Restyling {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let pixels = |figure: Figure| figure.show(|width| format!("{width:.2}"));
        write!(f, "to {}: ", self.entry)?;
        if let Some(class) = self.class {
            write!(f, "the class asked for in {}, ", class.show(|share| format!("{:.2} %", 100.0 * share)))?;
        }
        write!(
            f,
            "strokes {} pixels wide, were {}, of the domain {}; there and back PSNR {}",
            pixels(self.width),
            pixels(self.width_before),
            pixels(self.width_wanted),
            self.there_and_back_db.show(|value| format!("{value:.1} dB"))
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn peak_signal_to_noise_counts_squares() {
        assert_eq!(peak_signal_to_noise(&[3, 200], &[3, 200]), Figure::None(Why::NoError));
        // An error of 51 in one value of four: 255² · 4 / 51² = 100.
        let found = peak_signal_to_noise(&[0, 0, 0, 0], &[0, 0, 51, 0]).value().unwrap();
        assert!((found - 20.0).abs() < 1e-9, "{found}");
    }

    #[test]
    fn figures_of_an_entry_are_said_in_a_line() {
        let restyling = Restyling {
            entry: "bold".into(),
            class: Some(Figure::of(0.975)),
            width_before: Figure::of(2.0),
            width: Figure::of(4.125),
            width_wanted: Figure::of(4.0),
            there_and_back_db: Figure::of(21.5),
        };
        let text = "to bold: the class asked for in 97.50 %, strokes 4.12 pixels wide, were 2.00, of the domain 4.00; there \
                    and back PSNR 21.5 dB";
        assert_eq!(restyling.to_string(), text);
        let json = serde_json::to_string(&restyling).unwrap();
        assert_eq!(serde_json::from_str::<Restyling>(&json).unwrap(), restyling);
    }
}
