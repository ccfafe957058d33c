//! A folder of IDX files under the names that MNIST and its relatives use.

use std::path::Path;

use super::{
    DataError, Dataset,
    idx::{self, File},
};

/// Which half of a data set.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Split {
    /// What is learned from: `train-…`.
    Train,
    /// What is only measured against: `t10k-…`.
    Test,
}

/// The training pictures in `dir`: [`load_split`] with [`Split::Train`].
///
/// # Errors
/// As [`load_split`].
pub fn load_dir(dir: &Path) -> Result<Dataset, DataError> {
    load_split(dir, Split::Train)
}

/// The pictures and labels in `dir`: `train-images-idx3-ubyte` and `train-labels-idx1-ubyte`, or the
/// `t10k-` ones, plain or with `.gz`, also spelled `train-images.idx3-ubyte`.
///
/// # Errors
/// What is missing or wrong, with the file, what was expected and what was found.
pub fn load_split(dir: &Path, split: Split) -> Result<Dataset, DataError> {
    if !dir.is_dir() {
        return Err(DataError::MissingFolder { folder: dir.to_owned() });
    }
    let (images, labels) = match split {
        Split::Train => (
            ("train-images-idx3-ubyte", "train-images.idx3-ubyte"),
            ("train-labels-idx1-ubyte", "train-labels.idx1-ubyte"),
        ),
        Split::Test => (
            ("t10k-images-idx3-ubyte", "t10k-images.idx3-ubyte"),
            ("t10k-labels-idx1-ubyte", "t10k-labels.idx1-ubyte"),
        ),
    };
    idx::pair(&find(dir, images)?, &find(dir, labels)?)
}

/// Opens the first of a file's names that is there.
fn find(dir: &Path, (name, dotted): (&'static str, &'static str)) -> Result<File, DataError> {
    [name.to_owned(), format!("{name}.gz"), dotted.to_owned(), format!("{dotted}.gz")]
        .iter()
        .map(|name| dir.join(name))
        .find(|path| path.is_file())
        .map(|path| File::open(&path))
        .unwrap_or_else(|| Err(DataError::MissingFile { folder: dir.to_owned(), name, dotted }))
}

#[cfg(test)]
mod tests {
    use std::{fs, io::Write};

    use flate2::{Compression, write::GzEncoder};
    use tempfile::TempDir;

    use super::*;

    const IMAGES: &str = "train-images-idx3-ubyte";
    const LABELS: &str = "train-labels-idx1-ubyte";

    /// Header and bytes of an IDX file.
    fn idx(sizes: &[u32], bytes: &[u8]) -> Vec<u8> {
        let mut file = vec![0, 0, 8, sizes.len() as u8];
        sizes.iter().for_each(|size| file.extend(size.to_be_bytes()));
        file.extend(bytes);
        file
    }

    fn gz(bytes: &[u8]) -> Vec<u8> {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
        encoder.write_all(bytes).unwrap();
        encoder.finish().unwrap()
    }

    /// Two pictures of 2×3 pixels; their labels are 3 and 9.
    fn images() -> Vec<u8> {
        idx(&[2, 2, 3], &[0, 10, 20, 30, 40, 50, 60, 70, 80, 90, 100, 255])
    }

    fn labels() -> Vec<u8> {
        idx(&[2], &[3, 9])
    }

    fn folder(files: &[(&str, Vec<u8>)]) -> TempDir {
        let dir = tempfile::tempdir().unwrap();
        files.iter().for_each(|(name, bytes)| fs::write(dir.path().join(name), bytes).unwrap());
        dir
    }

    /// What loading these two files says, with the folder's name cut out.
    fn error(images: Vec<u8>, labels: Vec<u8>) -> String {
        let dir = folder(&[(IMAGES, images), (LABELS, labels)]);
        let message = load_dir(dir.path()).unwrap_err().to_string();
        message.replace(&format!("{}/", dir.path().display()), "")
    }

    #[test]
    fn every_spelling_loads_the_same() {
        let whole = folder(&[(IMAGES, images()), (LABELS, labels())]);
        let expected = load_dir(whole.path()).unwrap();
        assert_eq!(expected.picture(1), [60, 70, 80, 90, 100, 255]);
        assert_eq!((expected.labels.as_slice(), expected.height, expected.width), (&[3, 9][..], 2, 3));

        for files in [
            [("train-images-idx3-ubyte.gz", gz(&images())), ("train-labels-idx1-ubyte.gz", gz(&labels()))],
            [("train-images.idx3-ubyte", images()), ("train-labels.idx1-ubyte", labels())],
            [("train-images.idx3-ubyte.gz", gz(&images())), (LABELS, labels())],
            // unpacked, but not renamed
            [("train-images-idx3-ubyte.gz", images()), (LABELS, labels())],
        ] {
            assert_eq!(load_dir(folder(&files).path()).unwrap(), expected);
        }
        let test = folder(&[("t10k-images-idx3-ubyte", images()), ("t10k-labels-idx1-ubyte", labels())]);
        assert_eq!(load_split(test.path(), Split::Test).unwrap(), expected);
    }

    #[test]
    fn missing_folder_is_named() {
        let dir = folder(&[]);
        let gone = dir.path().join("gone");
        assert_eq!(load_dir(&gone).unwrap_err().to_string(), format!("{}: no such folder", gone.display()));
    }

    #[test]
    fn missing_file_is_named() {
        let dir = folder(&[(IMAGES, images())]);
        let expected = "no file train-labels-idx1-ubyte, plain or .gz (nor train-labels.idx1-ubyte)";
        assert_eq!(
            load_dir(dir.path()).unwrap_err().to_string(),
            format!("{}: {expected}", dir.path().display())
        );
    }

    #[test]
    fn truncation_says_how_much_is_missing() {
        let mut short = images();
        short.truncate(20);
        assert_eq!(error(short, labels()), format!("{IMAGES}: truncated: expected 28 bytes, found 20"));
        assert_eq!(
            error(images(), labels()[..6].to_vec()),
            format!("{LABELS}: truncated: expected 8 bytes, found 6"),
            "inside the header"
        );
        assert_eq!(
            error(vec![], labels()),
            format!("{IMAGES}: truncated: expected 16 bytes, found 0"),
            "an empty file"
        );
        // Sizes whose product does not fit in 64 bits.
        let huge = idx(&[u32::MAX; 3], &[]);
        assert_eq!(
            error(huge, labels()),
            format!("{IMAGES}: truncated: expected {} bytes, found 16", u64::MAX)
        );
    }

    #[test]
    fn truncated_gzip_is_an_error_too() {
        // Pixels that do not compress, so that a cut is a cut in the pixels.
        let pixels: Vec<u8> = (0..6000u32).map(|i| (i.wrapping_mul(2_654_435_761) >> 24) as u8).collect();
        let packed = gz(&idx(&[1000, 2, 3], &pixels));
        let message = error(packed[..packed.len() / 2].to_vec(), labels());
        assert!(
            message.starts_with(&format!("{IMAGES}: truncated: expected 6016 bytes, found ")),
            "{message}"
        );
        // Only the checksum at the end is cut off.
        let packed = gz(&images());
        let message = error(packed[..packed.len() - 3].to_vec(), labels());
        assert!(message.starts_with(&format!("{IMAGES}: cannot be read: ")), "{message}");
    }

    #[test]
    fn damaged_gzip_is_an_error() {
        let mut packed = gz(&images());
        let checksum = packed.len() - 8;
        packed[checksum] ^= 1;
        let message = error(packed, labels());
        assert!(message.starts_with(&format!("{IMAGES}: cannot be read: ")), "{message}");
    }

    #[test]
    fn wrong_magic_is_shown_beside_the_right_one() {
        assert_eq!(
            error(labels(), labels()),
            format!("{IMAGES}: magic number is 0x00000801, expected 0x00000803 (unsigned bytes, three axes)")
        );
        assert_eq!(
            error(images(), b"PNG\0....".to_vec()),
            format!("{LABELS}: magic number is 0x504e4700, expected 0x00000801 (unsigned bytes, one axis)")
        );
    }

    #[test]
    fn surplus_bytes_are_an_error() {
        let mut long = labels();
        long.push(0);
        assert_eq!(error(images(), long), format!("{LABELS}: too long: expected 10 bytes, found 11"));
    }

    #[test]
    fn counts_that_differ_name_both_files() {
        assert_eq!(
            error(images(), idx(&[3], &[1, 2, 3])),
            format!("{IMAGES} holds 2 pictures, but {LABELS} holds 3 labels: expected as many")
        );
    }

    #[test]
    fn label_out_of_range_is_named_with_its_place() {
        assert_eq!(
            error(images(), idx(&[2], &[9, 10])),
            format!("{LABELS}: label 1 is 10, expected less than 10")
        );
    }

    #[test]
    fn empty_sets_are_an_error() {
        let expected = "expected at least 1 along each axis";
        assert_eq!(
            error(idx(&[0, 2, 3], &[]), idx(&[0], &[])),
            format!("{IMAGES}: empty: the header says [0, 2, 3], {expected}")
        );
        assert_eq!(
            error(idx(&[2, 0, 3], &[]), labels()),
            format!("{IMAGES}: empty: the header says [2, 0, 3], {expected}")
        );
        assert_eq!(
            error(images(), idx(&[0], &[])),
            format!("{LABELS}: empty: the header says [0], {expected}")
        );
    }
}
