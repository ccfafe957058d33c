//! A folder of IDX files under the names that MNIST and its relatives use.

use std::path::{Path, PathBuf};

use super::{
    DataError, Loaded, SIDE, Split,
    idx::{self, File},
    picture::{self, Grey},
    summary::Summary,
};

/// How the files of pictures end, after `train-` or so; labels likewise.
const IMAGES: [&str; 2] = ["images-idx3-ubyte", "images.idx3-ubyte"];
const LABELS: [&str; 2] = ["labels-idx1-ubyte", "labels.idx1-ubyte"];

/// The files of one half of a data set.
#[derive(Debug)]
pub(super) struct Files {
    images: PathBuf,
    labels: PathBuf,
    /// Those of the training half, whose classes' numbers hold for the other half too.
    train_labels: Option<PathBuf>,
    /// EMNIST's pictures are stored column by column.
    transposed: bool,
}

/// The files of `dir`, whatever stands before `train-` in their names; `None` where there are no pictures.
///
/// # Errors
/// There are several, or pictures without labels.
pub(super) fn find(dir: &Path, split: Split) -> Result<Option<Files>, DataError> {
    let mut names = names(dir)?;
    names.sort();
    let starts: &[&str] = match split {
        Split::Train => &["train-"],
        Split::Test => &["t10k-", "test-"],
    };
    // What precedes `images-idx3-ubyte`, of each file of pictures: "train-", "emnist-letters-train-".
    let mut found: Vec<&str> = names
        .iter()
        .filter_map(|name| IMAGES.iter().find_map(|end| unzipped(name).strip_suffix(end)))
        .filter(|stem| starts.iter().any(|start| stem.ends_with(start)))
        .collect();
    found.dedup();
    let stem = match found[..] {
        [] => return Ok(None),
        [stem] => stem,
        _ => {
            let found = found.iter().map(|stem| format!("{stem}{}", IMAGES[0])).collect();
            return Err(DataError::Several { folder: dir.to_owned(), found });
        }
    };
    let file = |stem: &str, ends: [&str; 2]| {
        let is = |name: &&String| ends.iter().any(|end| unzipped(name) == format!("{stem}{end}"));
        names.iter().find(is).map(|name| dir.join(name))
    };
    let missing = |[name, dotted]: [&str; 2]| DataError::MissingFile {
        folder: dir.to_owned(),
        name: format!("{stem}{name}"),
        dotted: format!("{stem}{dotted}"),
    };
    let start = starts.iter().find(|start| stem.ends_with(*start)).expect("it was found by one");
    let train_stem = format!("{}train-", stem.strip_suffix(start).expect("it was found by it"));
    Ok(Some(Files {
        images: file(stem, IMAGES).ok_or_else(|| missing(IMAGES))?,
        labels: file(stem, LABELS).ok_or_else(|| missing(LABELS))?,
        train_labels: (split == Split::Test).then(|| file(&train_stem, LABELS)).flatten(),
        transposed: stem.starts_with("emnist-"),
    }))
}

fn names(dir: &Path) -> Result<Vec<String>, DataError> {
    let fail = |cause| DataError::Unreadable { file: dir.display().to_string(), cause };
    let entries = std::fs::read_dir(dir).map_err(fail)?;
    let names = entries.map(|entry| entry.map(|entry| entry.file_name().into_string().unwrap_or_default()));
    names.collect::<Result<_, _>>().map_err(fail)
}

fn unzipped(name: &str) -> &str {
    name.strip_suffix(".gz").unwrap_or(name)
}

impl Files {
    /// Reads them, and brings the pictures to 28×28.
    ///
    /// # Errors
    /// What is wrong with a file.
    pub(super) fn load(&self, invert: Option<bool>) -> Result<Loaded, DataError> {
        let like = match &self.train_labels {
            Some(path) => idx::label_values(&File::open(path)?)?,
            None => Vec::new(),
        };
        let (mut set, values) = idx::pair(&File::open(&self.images)?, &File::open(&self.labels)?, &like)?;
        let mut notes = Vec::new();
        let (height, width) = (set.height, set.width);
        let as_trained = (height, width) == (SIDE, SIDE) && !self.transposed;
        if !as_trained {
            let picture = |pixels: &[u8]| {
                let grey = Grey::new(pixels.to_vec(), width, height);
                (if self.transposed { grey.transposed() } else { grey }).resized()
            };
            set.images = set.images.chunks(height * width).flat_map(picture).collect();
            (set.height, set.width) = (SIDE, SIDE);
        }
        if self.transposed {
            notes.push("EMNIST stores its pictures on their side: turned".to_owned());
        }
        let bright = picture::bright_background(&set.images);
        match invert {
            Some(true) => picture::invert(&mut set.images),
            None if bright => {
                notes.push("warning: the background seems to be bright: --invert turns it dark".into())
            }
            _ => {}
        }
        let names = values.iter().map(u8::to_string).collect();
        let size = ((width, height), (width, height));
        let summary = Summary::new(&set, names, size, notes, Vec::new());
        Ok(Loaded { dataset: set, summary })
    }
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

    /// Two pictures of 28×28, all of one grey but for a corner.
    fn whole_pictures() -> Vec<u8> {
        let mut pixels = vec![0; 2 * 784];
        (pixels[0], pixels[784]) = (9, 200);
        idx(&[2, 28, 28], &pixels)
    }

    fn load_dir(dir: &Path) -> Result<Loaded, DataError> {
        super::super::load(dir, Split::Train, None).map(|loaded| loaded.expect("or an error"))
    }

    /// What loading these two files says, with the folder's name cut out.
    fn error(images: Vec<u8>, labels: Vec<u8>) -> String {
        let dir = folder(&[(IMAGES, images), (LABELS, labels)]);
        let message = load_dir(dir.path()).unwrap_err().to_string();
        message.replace(&format!("{}/", dir.path().display()), "")
    }

    #[test]
    fn every_spelling_loads_the_same() {
        let whole = folder(&[(IMAGES, whole_pictures()), (LABELS, labels())]);
        let expected = load_dir(whole.path()).unwrap();
        let set = &expected.dataset;
        assert_eq!((set.picture(0)[0], set.picture(1)[0]), (9, 200));
        assert_eq!((set.labels.as_slice(), set.height, set.width, set.classes), (&[0, 1][..], 28, 28, 2));

        for files in [
            [
                ("train-images-idx3-ubyte.gz", gz(&whole_pictures())),
                ("train-labels-idx1-ubyte.gz", gz(&labels())),
            ],
            [("train-images.idx3-ubyte", whole_pictures()), ("train-labels.idx1-ubyte", labels())],
            [
                ("kuzushiji-train-images.idx3-ubyte.gz", gz(&whole_pictures())),
                ("kuzushiji-train-labels-idx1-ubyte", labels()),
            ],
            // unpacked, but not renamed
            [("train-images-idx3-ubyte.gz", whole_pictures()), (LABELS, labels())],
        ] {
            assert_eq!(load_dir(folder(&files).path()).unwrap(), expected);
        }
        for start in ["t10k", "test"] {
            let (images, labels_file) =
                (format!("{start}-images-idx3-ubyte"), format!("{start}-labels-idx1-ubyte"));
            let test = folder(&[(&images, whole_pictures()), (&labels_file, labels())]);
            let loaded = super::super::load(test.path(), Split::Test, None).unwrap();
            assert_eq!(loaded.unwrap(), expected);
        }
        assert_eq!(super::super::load(whole.path(), Split::Test, None).unwrap(), None);
    }

    #[test]
    fn pictures_of_another_size_are_resized() {
        let dir = folder(&[(IMAGES, images()), (LABELS, labels())]);
        let loaded = load_dir(dir.path()).unwrap();
        assert_eq!(
            (loaded.dataset.height, loaded.dataset.width, loaded.dataset.images.len()),
            (28, 28, 2 * 784)
        );
        assert!(loaded.summary.to_string().contains("3×2, resized to 28×28"), "{}", loaded.summary);
    }

    #[test]
    fn labels_are_numbered_from_0_and_keep_their_names() {
        let letters = folder(&[(IMAGES, whole_pictures()), (LABELS, idx(&[2], &[26, 1]))]);
        let loaded = load_dir(letters.path()).unwrap();
        assert_eq!(loaded.dataset.labels, [1, 0]);
        assert_eq!(loaded.summary.names, ["1", "26"]);
        // The test half has one class only, and it keeps the number that it has in the training half.
        std::fs::write(letters.path().join("t10k-images-idx3-ubyte"), whole_pictures()).unwrap();
        std::fs::write(letters.path().join("t10k-labels-idx1-ubyte"), idx(&[2], &[26, 26])).unwrap();
        let test = super::super::load(letters.path(), Split::Test, None).unwrap().unwrap();
        assert_eq!((test.dataset.labels, test.dataset.classes), (vec![1, 1], 2));
    }

    #[test]
    fn emnist_is_turned_upright() {
        let mut pixels = vec![0; 784];
        pixels[3] = 77; // row 0, column 3 of what is stored
        let name = "emnist-letters-train";
        let (images, labels_file) =
            (format!("{name}-images-idx3-ubyte"), format!("{name}-labels-idx1-ubyte"));
        let dir = folder(&[(&images, idx(&[1, 28, 28], &pixels)), (&labels_file, idx(&[1], &[1]))]);
        let loaded = load_dir(dir.path()).unwrap();
        assert_eq!(loaded.dataset.images[3 * 28], 77);
        assert!(loaded.summary.to_string().contains("EMNIST"), "{}", loaded.summary);
    }

    #[test]
    fn two_sets_in_one_folder_are_named() {
        let dir =
            folder(&[("a-train-images-idx3-ubyte", images()), ("b-train-images-idx3-ubyte.gz", images())]);
        let message = load_dir(dir.path()).unwrap_err().to_string();
        assert!(
            message.ends_with("expected one: a-train-images-idx3-ubyte, b-train-images-idx3-ubyte"),
            "{message}"
        );
    }

    #[test]
    fn bright_idx_pictures_are_left_alone_but_said() {
        let bright = idx(&[2, 28, 28], &[250; 2 * 784]);
        let dir = folder(&[(IMAGES, bright), (LABELS, labels())]);
        let loaded = load_dir(dir.path()).unwrap();
        assert_eq!(loaded.dataset.images[0], 250);
        assert!(loaded.summary.to_string().contains("--invert"), "{}", loaded.summary);
        let inverted = super::super::load(dir.path(), Split::Train, Some(true)).unwrap().unwrap();
        assert_eq!(inverted.dataset.images[0], 5);
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
