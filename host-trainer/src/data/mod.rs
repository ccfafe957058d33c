//! Pictures with labels: MNIST, embedded in the binary, or a folder of a user's own: IDX files, or pictures.
//!
//! IDX files take one path: the embedded ones are the gzipped files of `data/mnist/`, read by the loader that reads a
//! user's.
//!
//! Of a folder, `layout` finds where its data set lies; `dir` (IDX files) and `folder` (pictures) read it, and `tones`
//! decides how all its greys are read, once for both halves.

mod dir;
mod division;
mod error;
mod fingerprint;
mod folder;
mod idx;
mod kind;
mod layout;
mod left_out;
mod listing;
mod morphology;
mod picture;
mod reading;
mod summary;
#[cfg(test)]
mod testing;
mod tones;

pub use division::{Division, DivisionError, EXPECTED as DIVISIONS};
pub use error::DataError;
pub use fingerprint::{ClassPrint, Fingerprint};
pub use left_out::LeftOut;
pub use reading::{Ground, Reading, Stretch};
pub use summary::Summary;

use std::path::Path;

use idx::File;

/// How many classes MNIST has: the digits.
pub const CLASSES: usize = 10;
/// How many classes a model file can name.
pub const MOST_CLASSES: usize = 255;
/// Rows and columns of every picture that is trained on; others are resized.
pub const SIDE: usize = 28;

/// Which half of a data set.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Split {
    /// What is learned from: the files `train-…`, or the folder `train`.
    Train,
    /// What is only measured against: the files `t10k-…` or `test-…`, or the folder `test`.
    Test,
}

/// A user's pictures, as they are trained on, and what was found on the way.
#[derive(Debug, Clone, PartialEq)]
pub struct Loaded {
    /// 28×28, dark background.
    pub dataset: Dataset,
    /// What to tell the user.
    pub summary: Summary,
}

/// Where a user's pictures are, and how they are read.
#[derive(Debug, Clone, Copy)]
pub struct Source<'a> {
    /// A folder of IDX files, or of a folder of pictures a class, or one that holds such a folder.
    pub dir: &'a Path,
    /// Which of several data sets in it: its name or the end of its name, `letters` for `emnist-letters`.
    pub set: Option<&'a str>,
    /// How greys are read. For [`Split::Test`] it should be the training half's [`Summary::reading`].
    pub reading: Reading,
}

/// The pictures of `source`: IDX files, or a folder of picture files a class. `None` where there are no pictures for
/// [`Split::Test`].
///
/// Files are recognised by what they hold, whatever they are called, and links are followed. The halves may be IDX files
/// beside each other, or folders called `train` or `training` and `test`, `testing`, `valid`, `validation` or `val`, in
/// any case. Folders around the data set are passed through where only one thing can be meant.
///
/// Pictures of another size are resized to 28×28, keeping their proportions. What `source.reading` leaves open is
/// decided by all pictures of the split: a folder of pictures is inverted where most of them are dark on a bright
/// background, and IDX files are left as they are; transparent pictures get the ground on which most of them are seen;
/// greys are not stretched.
///
/// # Errors
/// What is missing or wrong, with the file, what was expected and what was found. A single picture that cannot be
/// read is no error, but in the summary.
pub fn load(source: &Source<'_>, split: Split) -> Result<Option<Loaded>, DataError> {
    let dir = source.dir;
    if dir.is_file() {
        return Err(DataError::NotAFolder { file: dir.to_owned() });
    }
    if !dir.is_dir() {
        return Err(DataError::MissingFolder { folder: dir.to_owned() });
    }
    layout::find(dir, source.set)?.load(split, source.reading)
}

/// Grey pictures with a label each.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Dataset {
    /// `[pictures, height, width]`, 0 is black (the background), 255 white (the ink).
    pub images: Vec<u8>,
    /// One a picture, each below `classes`.
    pub labels: Vec<u8>,
    /// Rows of a picture.
    pub height: usize,
    /// Columns of a picture.
    pub width: usize,
    /// How many classes there are.
    pub classes: usize,
    /// What each class is called: a folder's name, or a label's number.
    pub names: Vec<String>,
    /// The first class of the second of two folders; none of a single one.
    pub second: Option<usize>,
}

impl Dataset {
    /// The 60,000 training digits of MNIST (LeCun, Cortes, Burges; see `data/NOTICE`).
    ///
    /// # Errors
    /// None in a sound build: the embedded files go through the checks that a user's own go through.
    pub fn mnist_train() -> Result<Dataset, DataError> {
        idx::pair(
            &File::embedded(
                "data/mnist/train-images-idx3-ubyte.gz",
                include_bytes!("../../../data/mnist/train-images-idx3-ubyte.gz"),
            )?,
            &File::embedded(
                "data/mnist/train-labels-idx1-ubyte.gz",
                include_bytes!("../../../data/mnist/train-labels-idx1-ubyte.gz"),
            )?,
            &[],
        )
    }

    /// The 10,000 test digits of MNIST, which no generator here is trained on.
    ///
    /// # Errors
    /// As [`Dataset::mnist_train`].
    pub fn mnist_test() -> Result<Dataset, DataError> {
        idx::pair(
            &File::embedded(
                "data/mnist/t10k-images-idx3-ubyte.gz",
                include_bytes!("../../../data/mnist/t10k-images-idx3-ubyte.gz"),
            )?,
            &File::embedded(
                "data/mnist/t10k-labels-idx1-ubyte.gz",
                include_bytes!("../../../data/mnist/t10k-labels-idx1-ubyte.gz"),
            )?,
            &[],
        )
    }

    /// This set and `other`, whose pictures have the same size, in turns, and behind them the rest of the larger. The classes of
    /// `other` come after this one's.
    #[must_use]
    pub fn beside(&self, other: Dataset) -> Dataset {
        let mut both = Dataset { second: Some(self.classes), ..self.without_pictures() };
        both.classes += other.classes;
        both.names.extend(other.names.iter().cloned());
        for number in 0..self.len().max(other.len()) {
            for (set, first) in [(self, 0), (&other, self.classes)] {
                if number < set.len() {
                    both.images.extend(set.picture(number));
                    both.labels.push(set.labels[number] + first as u8);
                }
            }
        }
        both
    }

    /// A set of the same classes and sizes with no picture yet.
    fn without_pictures(&self) -> Dataset {
        let (images, labels, names) = (Vec::new(), Vec::new(), self.names.clone());
        let Dataset { height, width, classes, second, .. } = *self;
        Dataset { images, labels, height, width, classes, names, second }
    }

    /// How many pictures there are.
    pub fn len(&self) -> usize {
        self.labels.len()
    }

    /// Whether there is no picture; a loaded set has at least one.
    pub fn is_empty(&self) -> bool {
        self.labels.is_empty()
    }

    /// Bytes a picture: height · width.
    pub fn picture_len(&self) -> usize {
        self.height * self.width
    }

    /// Picture `index`, row by row.
    ///
    /// # Panics
    /// When there is no such picture.
    pub fn picture(&self, index: usize) -> &[u8] {
        &self.images[index * self.picture_len()..][..self.picture_len()]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mnist_is_whole() {
        for (set, len) in
            [(Dataset::mnist_train().unwrap(), 60_000), (Dataset::mnist_test().unwrap(), 10_000)]
        {
            assert_eq!((set.len(), set.height, set.width, set.classes), (len, 28, 28, 10));
            assert_eq!(set.images.len(), len * 28 * 28);
            let mut of_class = [0; CLASSES];
            set.labels.iter().for_each(|&label| of_class[usize::from(label)] += 1);
            assert!(of_class.iter().all(|&count| count * 12 > len), "a tenth each, nearly: {of_class:?}");
        }
    }

    #[test]
    fn a_picture_is_its_rows_of_the_images() {
        let set = Dataset::mnist_test().unwrap();
        assert_eq!(set.picture(3), &set.images[3 * 784..4 * 784]);
        assert_eq!(set.labels[..5], [7, 2, 1, 0, 4], "the first test digits");
    }
}
