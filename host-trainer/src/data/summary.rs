//! What a user is told of a data set before a run trains on it.

use std::fmt;

use super::picture::Measure;
use super::{Dataset, LeftOut, Reading, SIDE};

/// Fewer pictures than this are learned by heart.
const FEW: usize = 5_000;
/// Fewer pictures of a class than this are hardly a class.
const FEW_IN_CLASS: usize = 100;
/// The largest class against the smallest.
const UNBALANCED: usize = 5;
/// Names and files that are listed before the rest is only counted.
const LISTED: usize = 5;

/// Columns and rows.
type Size = (usize, usize);

/// What was found in a data set.
#[derive(Debug, Clone, PartialEq)]
pub struct Summary {
    /// What each class is called.
    pub names: Vec<String>,
    /// Pictures of each class.
    pub counts: Vec<usize>,
    /// The smallest and the largest picture, columns and rows.
    sizes: (Size, Size),
    /// What was done to the pictures, and what should be known of them.
    pub notes: Vec<String>,
    /// Files that were not read, and why.
    pub left_out: LeftOut,
    /// How the pictures were read, with everything decided: what a run keeps, and the other half is read by.
    pub reading: Reading,
}

/// What a loader has to tell besides the pictures.
pub(super) struct Told {
    pub(super) notes: Vec<String>,
    pub(super) left_out: LeftOut,
    pub(super) reading: Reading,
}

impl Summary {
    /// Of `set`, whose pictures had these measures before they were resized.
    pub(super) fn new(set: &Dataset, pictures: &[Measure], told: Told) -> Summary {
        let names = set.names.clone();
        let mut counts = vec![0; names.len()];
        set.labels.iter().for_each(|&label| counts[usize::from(label)] += 1);
        let by_area = |(width, height): &Size| width * height;
        let sizes = || pictures.iter().map(|picture| picture.size);
        let (smallest, largest) = (sizes().min_by_key(by_area), sizes().max_by_key(by_area));
        let sizes = (smallest.unwrap_or_default(), largest.unwrap_or_default());
        let Told { mut notes, left_out, reading } = told;
        notes.extend(warnings(set, &names, &counts).into_iter().map(|warning| format!("warning: {warning}")));
        Summary { names, counts, sizes, notes, left_out, reading }
    }
}

fn warnings(set: &Dataset, names: &[String], counts: &[usize]) -> Vec<String> {
    let mut warnings = Vec::new();
    if set.len() < FEW {
        warnings.push(format!("few pictures: below {FEW} a generator soon repeats them"));
    }
    let by_count = || counts.iter().zip(names);
    if let (Some((least, small)), Some((most, large))) = (by_count().min(), by_count().max()) {
        if *most > least * UNBALANCED {
            warnings.push(format!("unbalanced: {most} of class {large}, but {least} of class {small}"));
        }
        if *least < FEW_IN_CLASS {
            let few: Vec<String> = by_count()
                .filter(|(count, _)| **count < FEW_IN_CLASS)
                .map(|(count, name)| format!("{count} of {name}"))
                .collect();
            warnings.push(format!("classes of less than {FEW_IN_CLASS} pictures: {}", listed(&few)));
        }
    }
    let constant = |index: &usize| set.picture(*index).iter().all(|pixel| *pixel == set.picture(*index)[0]);
    let constant: Vec<usize> = (0..set.len()).filter(constant).collect();
    if let Some(&first) = constant.first() {
        let class = &names[usize::from(set.labels[first])];
        let count = constant.len();
        warnings.push(format!("{count} pictures are of one grey all over, the first of class {class}"));
    }
    warnings
}

fn listed(items: &[String]) -> String {
    let rest = items.len().saturating_sub(LISTED);
    let shown = items[..items.len() - rest].join(", ");
    if rest == 0 { shown } else { format!("{shown} and {rest} more") }
}

impl fmt::Display for Summary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (least, most) = (self.counts.iter().min().unwrap_or(&0), self.counts.iter().max().unwrap_or(&0));
        let each = if least == most { format!("{least} each") } else { format!("{least} to {most} each") };
        let pictures: usize = self.counts.iter().sum();
        let size = |(width, height): Size| format!("{width}×{height}");
        let (small, large) = self.sizes;
        let sizes = if small == large { size(small) } else { format!("{} to {}", size(small), size(large)) };
        let resized = if (small, large) == ((SIDE, SIDE), (SIDE, SIDE)) { "" } else { ", resized to 28×28" };
        write!(f, "{pictures} pictures of {sizes}{resized}; {} classes, {each}: ", self.names.len())?;
        match &self.names[..] {
            [first, .., last] if self.names.len() > 12 => write!(f, "{first}, … {last}")?,
            names => write!(f, "{}", names.join(", "))?,
        }
        for note in &self.notes {
            write!(f, "\n  {note}")?;
        }
        let left_out = self.left_out.count();
        if left_out > 0 {
            let reasons = self.left_out.to_string().replace('\n', "\n    ");
            write!(f, "\n  warning: {left_out} of {} files left out:\n    {reasons}", pictures + left_out)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn summary(counts: &[usize]) -> String {
        let labels: Vec<u8> = (0..).zip(counts).flat_map(|(class, &count)| vec![class; count]).collect();
        let mut images = vec![0; labels.len() * 784];
        images.chunks_mut(784).skip(1).for_each(|picture| picture[5] = 9);
        let names: Vec<String> = (0..counts.len()).map(|class| format!("c{class}")).collect();
        let set =
            Dataset { images, labels, height: 28, width: 28, classes: counts.len(), names, second: None };
        let picture = Measure { size: (28, 28), extremes: Some((0, 9)), paper: Some(0), ink: 0 };
        let told = Told { notes: vec![], left_out: LeftOut::default(), reading: Reading::default() };
        Summary::new(&set, &[picture], told).to_string()
    }

    #[test]
    fn what_is_wrong_is_warned_of_with_its_class() {
        let text = summary(&[700, 90]);
        assert!(text.starts_with("790 pictures of 28×28; 2 classes, 90 to 700 each: c0, c1\n"), "{text}");
        for warning in [
            "few pictures: below 5000",
            "unbalanced: 700 of class c0, but 90 of class c1",
            "classes of less than 100 pictures: 90 of c1",
            "1 pictures are of one grey all over, the first of class c0",
        ] {
            assert!(text.contains(warning), "no {warning} in {text}");
        }
    }

    #[test]
    fn good_data_are_not_warned_of() {
        let mut text = summary(&[3000, 3001]);
        // But for the one grey picture that this test's set always has.
        text.truncate(text.find("\n  warning: 1 pictures").unwrap());
        assert_eq!(text, "6001 pictures of 28×28; 2 classes, 3000 to 3001 each: c0, c1");
    }
}
