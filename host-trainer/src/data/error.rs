//! What can be wrong with a data set.

use std::{io, path::PathBuf};

/// What is wrong with a data set, naming the file, what was expected and what was found.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum DataError {
    /// The folder does not exist, or is a file.
    #[error("{}: no such folder", .folder.display())]
    MissingFolder {
        /// As it was given.
        folder: PathBuf,
    },
    /// None of the names that a file may have is in the folder.
    #[error("{}: no file {name}, plain or .gz (nor {dotted})", .folder.display())]
    MissingFile {
        /// The folder searched.
        folder: PathBuf,
        /// The usual name.
        name: String,
        /// The name that some distributions use.
        dotted: String,
    },
    /// The operating system or the decompressor refused.
    #[error("{file}: cannot be read: {cause}")]
    Unreadable {
        /// The file.
        file: String,
        /// The cause.
        cause: io::Error,
    },
    /// Not an IDX file of the kind expected: unsigned bytes with three axes (pictures) or one (labels).
    #[error("{file}: magic number is {found:#010x}, expected {expected:#010x} ({what})")]
    Magic {
        /// The file.
        file: String,
        /// What the magic number should say.
        what: &'static str,
        /// The number that says so.
        expected: u32,
        /// The file's first four bytes, big-endian.
        found: u32,
    },
    /// The file ends before what its header promises.
    #[error("{file}: truncated: expected {expected} bytes, found {found}")]
    Truncated {
        /// The file.
        file: String,
        /// Bytes, uncompressed, with the header.
        expected: u64,
        /// Bytes, uncompressed.
        found: u64,
    },
    /// The file goes on behind what its header promises.
    #[error("{file}: too long: expected {expected} bytes, found {found}")]
    TooLong {
        /// The file.
        file: String,
        /// Bytes, uncompressed, with the header.
        expected: u64,
        /// Bytes, uncompressed.
        found: u64,
    },
    /// The header promises nothing: no item, or pictures without rows or columns.
    #[error("{file}: empty: the header says {sizes:?}, expected at least 1 along each axis")]
    Empty {
        /// The file.
        file: String,
        /// Items, and for pictures rows and columns.
        sizes: Vec<u32>,
    },
    /// There is not one label a picture.
    #[error(
        "{images_file} holds {images} pictures, but {labels_file} holds {labels} labels: expected as many"
    )]
    Counts {
        /// The file of the pictures.
        images_file: String,
        /// How many pictures.
        images: usize,
        /// The file of the labels.
        labels_file: String,
        /// How many labels.
        labels: usize,
    },
    /// More classes than a model file can name.
    #[error("{file}: {classes} classes, expected at most {}", super::MOST_CLASSES)]
    ManyClasses {
        /// The file of the labels, or the folder of the classes' folders.
        file: String,
        /// How many classes.
        classes: usize,
    },
    /// A folder that holds no data set of a kind that is known.
    #[error(
        "{}: neither IDX files (train-images-idx3-ubyte, plain or .gz) nor a folder of PNG or JPEG pictures a class",
        .folder.display()
    )]
    Unknown {
        /// As it was given.
        folder: PathBuf,
    },
    /// Two data sets in one folder.
    #[error("{}: several data sets, expected one: {}", .folder.display(), .found.join(", "))]
    Several {
        /// As it was given.
        folder: PathBuf,
        /// The files that each could be the one meant.
        found: Vec<String>,
    },
    /// A class without a picture that can be read.
    #[error("{}: no picture in this class's folder: expected PNG or JPEG files{}", .folder.display(), broken(.skipped))]
    EmptyClass {
        /// The class's folder.
        folder: PathBuf,
        /// Why each of its files was skipped.
        skipped: Vec<String>,
    },
}

fn broken(skipped: &[String]) -> String {
    match skipped.first() {
        None => String::new(),
        Some(first) => format!("; {} cannot be read, the first: {first}", skipped.len()),
    }
}
