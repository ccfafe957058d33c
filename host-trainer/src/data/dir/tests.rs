//! Sound and broken IDX files.

use std::{fs, io::Write};

use flate2::{Compression, write::GzEncoder};
use tempfile::TempDir;

use super::super::testing::{load, load_as};
use super::super::{Source, Stretch};
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
    load(dir, Split::Train).map(|loaded| loaded.expect("or an error"))
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
        let loaded = load(test.path(), Split::Test).unwrap();
        assert_eq!(loaded.unwrap(), expected);
    }
    assert_eq!(load(whole.path(), Split::Test).unwrap(), None);
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
    let test = load(letters.path(), Split::Test).unwrap().unwrap();
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
fn of_several_sets_in_one_folder_one_is_chosen_by_its_name_or_its_end() {
    let set = |name: &str, labels: &[u8]| {
        [
            (format!("emnist-{name}-train-images-idx3-ubyte.gz"), gz(&whole_pictures())),
            (format!("emnist-{name}-train-labels-idx1-ubyte.gz"), gz(&idx(&[2], labels))),
        ]
    };
    let dir = tempfile::tempdir().unwrap();
    for (name, bytes) in [set("letters", &[1, 26]), set("digits", &[0, 9])].concat() {
        fs::write(dir.path().join(name), bytes).unwrap();
    }
    let named = |set| {
        let source = Source { dir: dir.path(), set, reading: Reading::default() };
        super::super::load(&source, Split::Train)
    };
    let message = named(None).unwrap_err().to_string();
    assert!(
        message.ends_with("choose by --data-set (data.set) one of emnist-digits, emnist-letters"),
        "{message}"
    );
    for name in ["letters", "emnist-letters"] {
        assert_eq!(named(Some(name)).unwrap().unwrap().summary.names, ["1", "26"]);
    }
    let message = named(Some("balanced")).unwrap_err().to_string();
    assert!(
        message.ends_with("no data set \"balanced\", expected one of emnist-digits, emnist-letters"),
        "{message}"
    );
    // An end is a whole part of the name.
    assert!(named(Some("gits")).is_err());
}

#[test]
fn the_classes_of_qmnist_are_the_first_of_each_row_of_labels() {
    let rows = |classes: [u32; 2]| {
        let mut file = vec![0, 0, 0x0c, 2];
        let row = |class| [class, 7, 7, 7, 7, 7, 7, 7];
        [2, 8].into_iter().chain(classes.into_iter().flat_map(row)).for_each(|number: u32| {
            file.extend(number.to_be_bytes());
        });
        file
    };
    let images = "qmnist-train-images-idx3-ubyte";
    let labels = "qmnist-train-labels-idx2-int.gz";
    let dir = folder(&[(images, whole_pictures()), (labels, gz(&rows([5, 3])))]);
    let loaded = load_dir(dir.path()).unwrap();
    assert_eq!((loaded.dataset.labels, loaded.summary.names), (vec![1, 0], vec!["3".into(), "5".into()]));

    let message = |bytes: Vec<u8>| {
        fs::write(dir.path().join(labels), bytes).unwrap();
        load_dir(dir.path()).unwrap_err().to_string()
    };
    assert!(message(rows([5, 256])).ends_with("idx2-int.gz: a label is 256, expected at most 255"));
    let short = rows([5, 3])[..40].to_vec();
    assert!(message(short).ends_with("truncated: expected 76 bytes, found 40"));
}

#[test]
fn folders_named_like_the_files_may_hold_them() {
    let expected = load_dir(folder(&[(IMAGES, whole_pictures()), (LABELS, labels())]).path()).unwrap();
    // As Kaggle unpacks MNIST: each file in a folder of its name, and beside it under its other name.
    let dir = tempfile::tempdir().unwrap();
    for (name, bytes) in [(IMAGES, whole_pictures()), (LABELS, labels())] {
        fs::create_dir(dir.path().join(name)).unwrap();
        fs::write(dir.path().join(name).join(name), &bytes).unwrap();
    }
    assert_eq!(load_dir(dir.path()).unwrap(), expected, "in the folders alone");
    fs::write(dir.path().join("train-images.idx3-ubyte"), whole_pictures()).unwrap();
    fs::write(dir.path().join("train-labels.idx1-ubyte"), labels()).unwrap();
    assert_eq!(load_dir(dir.path()).unwrap(), expected, "in the folders and beside them");
    for name in [IMAGES, LABELS] {
        fs::remove_file(dir.path().join(name).join(name)).unwrap();
    }
    assert_eq!(load_dir(dir.path()).unwrap(), expected, "beside empty folders");
}

#[test]
fn dark_idx_pictures_are_warned_of_and_can_be_stretched() {
    let mut pixels = vec![0; 2 * 784];
    (pixels[5], pixels[784]) = (1, 1);
    let dir = folder(&[(IMAGES, idx(&[2, 28, 28], &pixels)), (LABELS, labels())]);
    let text = load_dir(dir.path()).unwrap().summary.to_string();
    assert!(text.contains("use 2 of 256 greys, 0 to 1 "), "{text}");
    let asked = Reading { stretch: Some(Stretch::Measured(true)), ..Reading::default() };
    let stretched = load_as(dir.path(), Split::Train, asked).unwrap().unwrap();
    assert_eq!(stretched.dataset.picture(0)[4..7], [0, 255, 0]);
    assert_eq!(stretched.summary.reading.stretch, Some(Stretch::Range([0, 257])));
}

#[test]
fn bright_idx_pictures_are_left_alone_but_said() {
    let bright = idx(&[2, 28, 28], &[250; 2 * 784]);
    let dir = folder(&[(IMAGES, bright), (LABELS, labels())]);
    let loaded = load_dir(dir.path()).unwrap();
    assert_eq!(loaded.dataset.images[0], 250);
    assert!(loaded.summary.to_string().contains("--invert"), "{}", loaded.summary);
    let asked = Reading { invert: Some(true), ..Reading::default() };
    let inverted = load_as(dir.path(), Split::Train, asked).unwrap().unwrap();
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
