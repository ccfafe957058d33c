//! What can be wrong with a data set.

use std::io;
use std::path::{Path, PathBuf};

use super::LeftOut;
use super::kind::kinds_read;

/// What is wrong with a data set, naming the file, what was expected and what was found.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum DataError {
    /// There is nothing of this name.
    #[error("{}: no such folder", .folder.display())]
    MissingFolder {
        /// As it was given.
        folder: PathBuf,
    },
    /// A file where a folder is expected.
    #[error("{}: is a file, expected a folder: of IDX files, or of a folder of pictures a class{}", .file.display(), advice(.file))]
    NotAFolder {
        /// As it was given.
        file: PathBuf,
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
    /// A label that is no class.
    #[error("{file}: a label is {found}, expected at most 255")]
    Label {
        /// The file of the labels.
        file: String,
        /// The label.
        found: u32,
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
        "{}: neither IDX files (train-images-idx3-ubyte, plain or .gz) nor a folder of {} pictures a class: {found}",
        .folder.display(),
        kinds_read()
    )]
    Unknown {
        /// As it was given.
        folder: PathBuf,
        /// What it holds instead.
        found: String,
    },
    /// Several data sets in one folder.
    #[error(
        "{}: several data sets, expected one: choose by --data-set (data.set) one of {}",
        .folder.display(),
        .found.join(", ")
    )]
    Several {
        /// As it was given.
        folder: PathBuf,
        /// What each is called.
        found: Vec<String>,
    },
    /// No data set in the folder is called as the one wanted.
    #[error("{}: no data set {name:?}, expected one of {}", .folder.display(), .found.join(", "))]
    NoSuchSet {
        /// As it was given.
        folder: PathBuf,
        /// The one wanted.
        name: String,
        /// What those that there are are called.
        found: Vec<String>,
    },
    /// A folder for each half, but in them no folder for each class.
    #[error(
        "{}: {} hold pictures right away: expected in each a folder of pictures a class, also of a single class",
        .folder.display(),
        .halves.join(", ")
    )]
    HalvesWithoutClasses {
        /// The folder of the halves.
        folder: PathBuf,
        /// What they are called.
        halves: Vec<String>,
    },
    /// A folder that can be the training half or a class.
    #[error(
        "{0}: {half} holds folders of pictures, and beside it {1} hold pictures: give {0}/{half} for the classes in it, \
         or keep {half} elsewhere for the classes {1}",
        .folder.display(),
        .classes.join(", ")
    )]
    HalfAmongClasses {
        /// The folder that holds both.
        folder: PathBuf,
        /// The name of what could be the training half.
        half: String,
        /// The names of what could be the other classes.
        classes: Vec<String>,
    },
    /// A class without a picture that can be read.
    #[error(
        "{}: no picture in this class's folder: expected {} files{}",
        .folder.display(),
        kinds_read(),
        instead(.left_out)
    )]
    EmptyClass {
        /// The class's folder.
        folder: PathBuf,
        /// What is in it instead.
        left_out: LeftOut,
    },
}

fn instead(left_out: &LeftOut) -> String {
    if left_out.count() == 0 {
        return String::new();
    }
    format!("; left out: {}", left_out.to_string().replace('\n', "; "))
}

/// What to give instead of the file.
fn advice(file: &Path) -> &'static str {
    let name = super::listing::name(file).to_ascii_lowercase();
    let ends = |ends: &[&str]| ends.iter().any(|end| name.ends_with(end));
    if super::dir::is_idx(&name) {
        "; give the folder that it lies in"
    } else if ends(&[".zip", ".tar", ".tar.gz", ".tgz", ".7z", ".rar"]) {
        "; unpack it, and give the folder"
    } else {
        ""
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_comes_with_what_to_give_instead() {
        let message = |file: &str| DataError::NotAFolder { file: file.into() }.to_string();
        assert!(message("a/train-images-idx3-ubyte.gz").ends_with("give the folder that it lies in"));
        assert!(message("a/pets.zip").ends_with("unpack it, and give the folder"));
        assert!(message("a/mnist.npz").ends_with("or of a folder of pictures a class"));
    }
}
