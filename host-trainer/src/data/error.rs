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
        name: &'static str,
        /// The name that some distributions use.
        dotted: &'static str,
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
    /// A label that names no class.
    #[error("{file}: label {index} is {found}, expected less than {classes}")]
    Label {
        /// The file.
        file: String,
        /// Which label, from 0.
        index: usize,
        /// Its value.
        found: u8,
        /// How many classes there are.
        classes: usize,
    },
}
