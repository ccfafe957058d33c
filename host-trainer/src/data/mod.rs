//! Pictures with labels: MNIST, embedded in the binary, or a folder of a user's own IDX files.
//!
//! Both take one path: the embedded files are the gzipped IDX files of `data/mnist/`, read by the
//! loader that reads a user's.

mod dir;
mod error;
mod idx;

pub use dir::{Split, load_dir, load_split};
pub use error::DataError;

use idx::File;

/// How many classes a data set has: the digits, or ten of anything else.
pub const CLASSES: usize = 10;

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
        )
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
