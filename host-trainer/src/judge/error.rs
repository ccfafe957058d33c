//! What can be wrong with what is judged.

use burn::store::RecordError;

use crate::data::DataError;

/// Why pictures could not be judged.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum JudgeError {
    /// The bytes are not a whole number of pictures.
    #[error("{bytes} bytes are no whole number of 28×28 pictures (784 bytes each)")]
    PartOfAPicture {
        /// How many bytes.
        bytes: usize,
    },
    /// There is not one label a picture.
    #[error("{pictures} pictures, but {labels} labels: expected as many")]
    Counts {
        /// How many pictures.
        pictures: usize,
        /// How many labels.
        labels: usize,
    },
    /// A covariance needs two pictures.
    #[error(
        "{pictures} pictures are too few to judge: expected at least 2, and 10000 for comparable figures"
    )]
    TooFew {
        /// How many pictures.
        pictures: usize,
    },
    /// Pictures of another size than the classifier's.
    #[error("pictures of {height}×{width}, but the judge reads 28×28")]
    Size {
        /// Rows.
        height: usize,
        /// Columns.
        width: usize,
    },
    /// A label that names no digit.
    #[error("label {label}: expected a digit, 0 to 9")]
    Label {
        /// The label.
        label: u8,
    },
    /// The weights are those of another classifier.
    #[error("models/judge.bpk does not fit the classifier: {0}")]
    Weights(RecordError),
    /// The embedded digits could not be read.
    #[error(transparent)]
    Data(#[from] DataError),
}

impl From<RecordError> for JudgeError {
    fn from(cause: RecordError) -> JudgeError {
        JudgeError::Weights(cause)
    }
}
