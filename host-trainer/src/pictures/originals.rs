//! What is restyled: pictures for the inputs of a model that are pictures.

use crate::data::Dataset;
use crate::graph::{PictureRange, QuantParams};
use std::ops::Range;
use std::sync::{Arc, LazyLock};

/// Where there are no domains, as for a model file that lies alone.
static DIGITS: LazyLock<Dataset> =
    LazyLock::new(|| Dataset::mnist_test().expect("the embedded files are sound"));

/// The domains between which a model restyles: entry number e reads pictures of domain e and makes such as those of the next. Of a
/// family without domains there is none, and what reads a picture all the same is shown the test digits.
#[derive(Debug, Clone, Default)]
pub struct Originals {
    domains: Arc<[Dataset]>,
}

/// What is given to a model besides latents.
#[derive(Debug, Clone, Copy)]
pub struct Given<'o> {
    /// The number of the entry that it makes pictures by, which is the number of the graph's output.
    pub entry: usize,
    /// What it restyles; of a model that reads no picture nothing.
    pub originals: &'o Originals,
}

impl Originals {
    /// The pictures of `domains`.
    pub fn of(domains: Vec<Dataset>) -> Self {
        Originals { domains: domains.into() }
    }

    /// The data sets that a run learns from: the domains, or without them `dataset`.
    pub fn learned<'d>(&'d self, dataset: &'d Dataset) -> Vec<&'d Dataset> {
        if self.domains.is_empty() { vec![dataset] } else { self.domains.iter().collect() }
    }

    /// What entry number `entry` reads.
    pub fn read_by(&self, entry: usize) -> &Dataset {
        match self.domains.len() {
            0 => &DIGITS,
            count => &self.domains[entry % count],
        }
    }

    /// What entry number `entry` is to make; none without domains.
    pub fn made_by(&self, entry: usize) -> Option<&Dataset> {
        let count = self.domains.len();
        (count > 0).then(|| &self.domains[(entry + 1) % count])
    }

    /// The classes that the pictures made of `numbers` are to show: those of the originals, or where the other domain has no such
    /// class, the first that it has.
    pub fn asked(&self, entry: usize, numbers: Range<usize>) -> Vec<u8> {
        let mut shown = [self.made_by(entry).is_none(); 256];
        let labels = self.made_by(entry).map_or(&[][..], |domain| &domain.labels[..]);
        labels.iter().for_each(|&label| shown[usize::from(label)] = true);
        let read = self.read_by(entry);
        let class = |number: usize| {
            let own = read.labels[number % read.len()];
            if shown[usize::from(own)] { own } else { labels.first().copied().unwrap_or(own) }
        };
        numbers.map(class).collect()
    }

    /// The greys of the originals `numbers` of entry `entry`, one picture after another; behind the last comes the first again.
    pub fn greys(&self, entry: usize, numbers: Range<usize>) -> Vec<u8> {
        let read = self.read_by(entry);
        numbers.flat_map(|number| read.picture(number % read.len())).copied().collect()
    }

    /// The same as the engine reads them.
    pub fn values(&self, entry: usize, numbers: Range<usize>) -> Vec<i8> {
        as_originals(&self.greys(entry, numbers))
    }
}

/// `greys` as the engine reads them.
pub fn as_originals(greys: &[u8]) -> Vec<i8> {
    let quantized = |&grey: &u8| QuantParams::PICTURE.quantize(PictureRange::Signed.of_grey(grey));
    greys.iter().map(quantized).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::{Division, Split};

    #[test]
    fn an_entry_reads_its_domain_and_makes_the_next() {
        let digits = Dataset::mnist_test().unwrap();
        let domains = |text: &str| {
            Originals::of(text.parse::<Division>().unwrap().divide(&digits, Split::Test).unwrap().into())
        };
        let strokes = domains("strokes");
        assert_eq!(strokes.asked(0, 0..5), [7, 2, 1, 0, 4], "a thin seven becomes a bold one");
        assert_eq!(strokes.made_by(1).unwrap(), strokes.read_by(0));
        assert_eq!(strokes.greys(0, 10_000..10_001), strokes.greys(0, 0..1));
        let classes = domains("6,9");
        assert_eq!((classes.asked(0, 0..3), classes.asked(1, 0..3)), (vec![9; 3], vec![6; 3]));
        let none = Originals::default();
        assert_eq!((none.asked(0, 0..2), none.greys(1, 2..3)), (vec![7, 2], digits.picture(2).to_vec()));
        assert_eq!(none.learned(&digits), [&digits]);
    }
}
