//! Which greys a set's pictures get: decided by all of them together, then given to each.

use super::picture::{FULL, Measure, Small};
use super::reading::{Ground, Reading, Stretch};

/// Of the pictures, one in so many may be unlike the others: have a grey outside of the range that is stretched, by a
/// sensor's fault, say, or a background of its own.
const OUTLIERS: usize = 100;
/// A set that uses less than the greys' so many-th part is dark or flat.
const NARROW: u16 = 4;
/// Steps between two greys of 8 bits.
const STEP: u16 = 257;

/// A [`Reading`] whose decisions are all made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Tones {
    invert: bool,
    ground: Ground,
    /// The grey that becomes black and the one that becomes white.
    range: Option<[u16; 2]>,
}

impl Tones {
    /// As `asked`, and the rest by what the pictures are like; and what the user is to be told of it.
    ///
    /// The stretch comes first, since what is bright depends on it; then the ground; then the inversion.
    pub(super) fn decide(pictures: &[Measure], asked: Reading) -> (Tones, Vec<String>) {
        let mut notes = Vec::new();
        let range = range(pictures, asked.stretch, &mut notes);
        let ground = ground(pictures, asked.ground, range, &mut notes);
        let tones = Tones { invert: false, ground, range };
        let invert = tones.inversion(pictures, asked.invert, &mut notes);
        (Tones { invert, ..tones }, notes)
    }

    /// As a run keeps them.
    pub(super) fn reading(self) -> Reading {
        let stretch = self.range.map_or(Stretch::Measured(false), Stretch::Range);
        Reading { invert: Some(self.invert), ground: Some(self.ground), stretch: Some(stretch) }
    }

    /// Whether most pictures are dark on bright, unless the user knows.
    fn inversion(self, pictures: &[Measure], asked: Option<bool>, notes: &mut Vec<String>) -> bool {
        let (all, bright) = (pictures.len(), self.bright(pictures));
        let invert = asked.unwrap_or(self.mostly_bright(pictures));
        if invert && asked.is_none() {
            notes.push(format!(
                "dark on bright in {bright} of them: turned to bright on dark (--invert=false keeps it)"
            ));
        }
        if bright.min(all - bright) > all / OUTLIERS {
            notes.push(format!(
                "warning: mixed polarity: the background is bright in {bright} of {all} pictures, dark in the \
                 other {}",
                all - bright
            ));
        }
        invert
    }

    /// Whether the background of most pictures is bright before any inversion.
    pub(super) fn mostly_bright(self, pictures: &[Measure]) -> bool {
        2 * self.bright(pictures) > pictures.len()
    }

    /// How many pictures have a bright background before any inversion.
    fn bright(self, pictures: &[Measure]) -> usize {
        let bright = |picture: &&Measure| {
            picture.paper.map_or(self.ground == Ground::White, |paper| is_bright(paper, self.range))
        };
        pictures.iter().filter(bright).count()
    }

    /// The pixels of `picture`, 0 black to 255 white.
    pub(super) fn apply(self, picture: &Small) -> Vec<u8> {
        let opacity = |index: usize| picture.opacity.as_ref().map_or(FULL, |opacity| opacity[index]);
        picture.grey.iter().enumerate().map(|(index, &grey)| self.tone(grey, opacity(index))).collect()
    }

    /// The grey of a pixel of which `grey`, multiplied by `opacity` already, is known.
    fn tone(self, grey: u16, opacity: u16) -> u8 {
        let share = |value: u16| f64::from(value) / f64::from(FULL);
        let [low, high] = self.range.unwrap_or([0, FULL]).map(share);
        let opacity = share(opacity);
        let drawn = ((share(grey) - low * opacity) / (high - low)).clamp(0.0, opacity);
        let ground = if self.ground == Ground::White { 1.0 - opacity } else { 0.0 };
        let shade = (255.0 * (drawn + ground)).round() as u8;
        if self.invert { 255 - shade } else { shade }
    }
}

/// The range that is stretched, if any; a warning where one should be.
fn range(pictures: &[Measure], asked: Option<Stretch>, notes: &mut Vec<String>) -> Option<[u16; 2]> {
    if let Some(Stretch::Range(range)) = asked {
        return Some(range);
    }
    let [low, high] = measured(pictures)?;
    if asked == Some(Stretch::Measured(true)) {
        notes.push(format!(
            "stretched: greys {low} to {high} of 65535 become black to white (--stretch=false keeps them)"
        ));
        return Some([low, high]);
    }
    if asked.is_none() && high - low < FULL / NARROW {
        let (first, last) = (low / STEP, high / STEP);
        notes.push(format!(
            "warning: dark or flat: the pictures use {} of 256 greys, {first} to {last} ({low} to {high} of \
             65535): --stretch spreads them over all",
            last - first + 1
        ));
    }
    None
}

/// The darkest and the brightest grey of the set, but for the outliers of single pictures; `None` where all is of one
/// grey. By pictures and not by pixels: in drawings of thin lines a thousandth of the pixels may be all that counts.
fn measured(pictures: &[Measure]) -> Option<[u16; 2]> {
    let (mut lows, mut highs): (Vec<u16>, Vec<u16>) =
        pictures.iter().filter_map(|picture| picture.extremes).unzip();
    let outliers = lows.len() / OUTLIERS;
    lows.sort_unstable();
    highs.sort_unstable_by(|one, other| other.cmp(one));
    let range = [*lows.get(outliers)?, *highs.get(outliers)?];
    (range[0] < range[1]).then_some(range)
}

/// The ground on which most of the transparent pictures are seen; without any, what most of the others have.
fn ground(
    pictures: &[Measure],
    asked: Option<Ground>,
    range: Option<[u16; 2]>,
    notes: &mut Vec<String>,
) -> Ground {
    let drawn = || pictures.iter().filter(|picture| picture.paper.is_none());
    let all = drawn().count();
    let bright = drawn().filter(|picture| is_bright(picture.ink, range)).count();
    let dark = all - bright;
    if all == 0 {
        let papers = pictures.iter().filter_map(|picture| picture.paper);
        let bright = papers.filter(|&paper| is_bright(paper, range)).count();
        return asked.unwrap_or(if 2 * bright > pictures.len() { Ground::White } else { Ground::Black });
    }
    let ground = asked.unwrap_or(if bright > dark { Ground::Black } else { Ground::White });
    let (like, unlike) = match ground {
        Ground::Black => ("dark", dark),
        Ground::White => ("bright", bright),
    };
    notes.push(format!("transparent: {all} of {}, put on {ground} ground (--ground)", pictures.len()));
    if unlike > 0 {
        notes.push(format!(
            "warning: mixed polarity: of the transparent pictures {dark} are drawn dark, {bright} bright; on \
             {ground} ground the {unlike} {like} ones are hardly seen"
        ));
    }
    ground
}

fn is_bright(grey: u16, range: Option<[u16; 2]>) -> bool {
    let [darkest, brightest] = range.unwrap_or([0, FULL]);
    grey > darkest.midpoint(brightest)
}

#[cfg(test)]
mod tests;
