//! Sound and broken IDX files.

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
    assert_eq!((loaded.dataset.height, loaded.dataset.width, loaded.dataset.images.len()), (28, 28, 2 * 784));
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
    let (images, labels_file) = (format!("{name}-images-idx3-ubyte"), format!("{name}-labels-idx1-ubyte"));
    let dir = folder(&[(&images, idx(&[1, 28, 28], &pixels)), (&labels_file, idx(&[1], &[1]))]);
    let loaded = load_dir(dir.path()).unwrap();
    assert_eq!(loaded.dataset.images[3 * 28], 77);
    assert!(loaded.summary.to_string().contains("EMNIST"), "{}", loaded.summary);
}

#[test]
fn two_sets_in_one_folder_are_named() {
    let dir = folder(&[("a-train-images-idx3-ubyte", images()), ("b-train-images-idx3-ubyte.gz", images())]);
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
    assert_eq!(error(huge, labels()), format!("{IMAGES}: truncated: expected {} bytes, found 16", u64::MAX));
}

#[test]
fn truncated_gzip_is_an_error_too() {
    // Pixels that do not compress, so that a cut is a cut in the pixels.
    let pixels: Vec<u8> = (0..6000u32).map(|i| (i.wrapping_mul(2_654_435_761) >> 24) as u8).collect();
    let packed = gz(&idx(&[1000, 2, 3], &pixels));
    let message = error(packed[..packed.len() / 2].to_vec(), labels());
    assert!(message.starts_with(&format!("{IMAGES}: truncated: expected 6016 bytes, found ")), "{message}");
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
    assert_eq!(error(images(), idx(&[0], &[])), format!("{LABELS}: empty: the header says [0], {expected}"));
}
