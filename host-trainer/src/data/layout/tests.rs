//! Data sets one level off, and what is said where more than one thing could be meant.

use super::super::Source;
use super::super::testing::{dot, load};
use super::*;
use tempfile::TempDir;

/// A folder with a picture at each of these places.
fn pictures(files: &[&str]) -> TempDir {
    let dir = tempfile::tempdir().unwrap();
    for file in files {
        let path = dir.path().join(file);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        dot(28, 0, 255).save_with_format(path, image::ImageFormat::Png).unwrap();
    }
    dir
}

fn train(dir: &Path) -> Result<Loaded, DataError> {
    load(dir, Split::Train).map(|loaded| loaded.expect("or an error"))
}

/// The classes of the training pictures, with how many each has.
fn classes(files: &[&str]) -> Vec<(String, usize)> {
    let summary = train(pictures(files).path()).unwrap().summary;
    summary.names.into_iter().zip(summary.counts).collect()
}

fn counted(classes: &[(&str, usize)]) -> Vec<(String, usize)> {
    classes.iter().map(|&(name, count)| (name.to_owned(), count)).collect()
}

/// The error, with the folder's name cut out.
fn error(files: &[&str]) -> String {
    let dir = pictures(files);
    train(dir.path()).unwrap_err().to_string().replace(&dir.path().display().to_string(), "DIR")
}

/// Two pictures of 28×28 and their labels, at `DIR/train-images-idx3-ubyte` and so on.
fn idx_set(dir: &Path, start: &str) {
    std::fs::create_dir_all(dir).unwrap();
    let images = [&[0, 0, 8, 3, 0, 0, 0, 2, 0, 0, 0, 28, 0, 0, 0, 28][..], &[9; 2 * 784]].concat();
    std::fs::write(dir.join(format!("{start}images-idx3-ubyte")), images).unwrap();
    std::fs::write(dir.join(format!("{start}labels-idx1-ubyte")), [0, 0, 8, 1, 0, 0, 0, 2, 4, 2]).unwrap();
}

#[test]
fn halves_are_known_by_many_names_in_any_case() {
    for (train_name, test_name) in [
        ("train", "test"),
        ("training", "testing"),
        ("Train", "Test"),
        ("TRAIN", "valid"),
        ("train", "Val"),
        ("training", "validation"),
    ] {
        let dir = pictures(&[
            &format!("{train_name}/cat/1.png"),
            &format!("{train_name}/cat/2.png"),
            &format!("{train_name}/dog/1.png"),
            &format!("{test_name}/dog/1.png"),
        ]);
        assert_eq!(train(dir.path()).unwrap().summary.counts, [2, 1], "{train_name}");
        let test = load(dir.path(), Split::Test).unwrap().unwrap_or_else(|| panic!("no {test_name}"));
        assert_eq!(test.dataset.labels, [1], "dog is class 1 there too");
    }
    let dir = pictures(&["train/cat/1.png", "valid/cat/1.png", "test/cat/1.png", "test/cat/2.png"]);
    assert_eq!(load(dir.path(), Split::Test).unwrap().unwrap().dataset.len(), 2, "test before valid");
}

#[test]
fn a_class_called_train_is_a_class() {
    let expected = counted(&[("bus", 1), ("car", 1), ("train", 2)]);
    assert_eq!(classes(&["bus/1.png", "car/1.png", "train/1.png", "train/2.png"]), expected);
    // Within a half too.
    let files = ["train/bus/1.png", "train/train/1.png", "test/bus/1.png", "test/train/1.png"];
    assert_eq!(classes(&files), counted(&[("bus", 1), ("train", 1)]));
}

#[test]
fn a_train_folder_of_folders_among_classes_is_asked_about() {
    assert_eq!(
        error(&["bus/1.png", "car/1.png", "train/steam/1.png"]),
        "DIR: train holds folders of pictures, and beside it bus, car hold pictures: give DIR/train for the classes in \
         it, or keep train elsewhere for the classes bus, car"
    );
}

#[test]
fn halves_without_classes_are_no_classes() {
    let message = error(&["train/1.png", "test/1.png"]);
    assert!(message.starts_with("DIR: test, train hold pictures right away: expected in each"), "{message}");
    // Kaggle's test pictures often have no class.
    let dir = pictures(&["train/cat/1.png", "test/1.png"]);
    let text = train(dir.path()).unwrap().summary.to_string();
    assert!(text.contains("left out: test: pictures, but no folder of each class"), "{text}");
    assert_eq!(load(dir.path(), Split::Test).unwrap(), None);
}

#[test]
fn folders_around_the_set_are_passed_through_and_told() {
    let expected = counted(&[("cat", 1), ("dog", 1)]);
    assert_eq!(classes(&["pets/pets/cat/1.png", "pets/pets/dog/1.png"]), expected);
    assert_eq!(classes(&["pets/Training/cat/1.png", "pets/Training/dog/1.png"]), expected);
    assert_eq!(classes(&["images/cat/1.png", "images/dog/1.png", "__MACOSX/cat/1.png"]), expected);
    let dir = pictures(&["pets/cat/1.png"]);
    std::fs::create_dir(dir.path().join("annotations")).unwrap();
    std::fs::write(dir.path().join("annotations/cat.xml"), "<x/>").unwrap();
    let text = train(dir.path()).unwrap().summary.to_string();
    assert!(text.contains(&format!("found in {}", dir.path().join("pets").display())), "{text}");
}

#[test]
fn torchvisions_folders_are_passed_through() {
    let dir = tempfile::tempdir().unwrap();
    let raw = dir.path().join("MNIST/raw");
    idx_set(&raw, "train-");
    idx_set(&raw, "t10k-");
    std::fs::create_dir(dir.path().join("MNIST/processed")).unwrap();
    std::fs::write(dir.path().join("MNIST/processed/training.pt"), "x").unwrap();
    for dir in [dir.path(), &dir.path().join("MNIST"), &raw] {
        assert_eq!(train(dir).unwrap().summary.names, ["2", "4"]);
        assert!(load(dir, Split::Test).unwrap().is_some());
    }
    // With a second set beside it the user chooses, by the name of any of its folders.
    idx_set(&dir.path().join("FashionMNIST/raw"), "train-");
    let message = train(dir.path()).unwrap_err().to_string();
    assert!(message.ends_with("one of FashionMNIST/raw, MNIST/raw"), "{message}");
    let found = find(dir.path(), Some("FashionMNIST")).unwrap();
    assert_eq!(found.dir, dir.path().join("FashionMNIST/raw"));
}

#[test]
fn idx_files_may_lie_in_a_folder_a_half() {
    let dir = tempfile::tempdir().unwrap();
    idx_set(&dir.path().join("train"), "train-");
    idx_set(&dir.path().join("test"), "t10k-");
    assert_eq!(train(dir.path()).unwrap().dataset.labels, [1, 0]);
    assert_eq!(load(dir.path(), Split::Test).unwrap().unwrap().dataset.labels, [1, 0]);
}

#[test]
fn a_set_can_be_chosen_where_several_lie_side_by_side() {
    let dir = pictures(&["flowers/tulip/1.png", "pets/cat/1.png", "pets/dog/1.png"]);
    let message = train(dir.path()).unwrap_err().to_string();
    assert!(message.ends_with("choose by --data-set (data.set) one of flowers, pets"), "{message}");
    let source = Source { dir: dir.path(), set: Some("pets"), reading: Reading::default() };
    let loaded = super::super::load(&source, Split::Train).unwrap().unwrap();
    assert_eq!(loaded.summary.names, ["cat", "dog"]);
}

#[test]
fn what_is_no_data_set_is_described() {
    let message = error(&["1.png", "2.png"]);
    assert!(
        message.contains("neither IDX files") && message.ends_with("also of a single class"),
        "{message}"
    );
    assert!(message.contains("it holds 2 pictures, but in no folder"), "{message}");
    assert!(error(&[]).ends_with(": it is empty"));
    let unread = tempfile::tempdir().unwrap();
    std::fs::create_dir(unread.path().join("cat")).unwrap();
    std::fs::write(unread.path().join("cat/1.avif"), b"\0\0\0\x20ftypavif").unwrap();
    let message = train(unread.path()).unwrap_err().to_string();
    assert!(message.ends_with("left out: 1 of a kind that is not read: 1.avif (AVIF)"), "{message}");
    let dir = tempfile::tempdir().unwrap();
    std::fs::create_dir(dir.path().join("csv")).unwrap();
    std::fs::write(dir.path().join("csv/train.csv"), "1,2").unwrap();
    let message = train(dir.path()).unwrap_err().to_string();
    assert!(message.ends_with("it holds 1 folders without pictures: csv"), "{message}");
}

#[test]
fn a_file_is_said_to_be_one() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("mnist.npz");
    std::fs::write(&file, "x").unwrap();
    let message = train(&file).unwrap_err().to_string();
    assert!(message.starts_with(&format!("{}: is a file, expected a folder", file.display())), "{message}");
}

#[cfg(unix)]
#[test]
fn folders_that_link_in_circles_end() {
    use std::os::unix::fs::symlink;
    let dir = pictures(&["a/pets/cat/1.png"]);
    std::fs::create_dir(dir.path().join("b")).unwrap();
    symlink(dir.path().join("a"), dir.path().join("b/over")).unwrap();
    symlink(dir.path().join("b"), dir.path().join("a/over")).unwrap();
    symlink(dir.path(), dir.path().join("a/up")).unwrap();
    assert_eq!(train(dir.path()).unwrap().summary.names, ["cat"]);
}
