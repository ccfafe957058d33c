//! Folders of pictures, sound and otherwise.

use image::RgbImage;

use super::super::Split;
use super::super::testing::{dot, good, load, load_as};
use super::*;

fn train(dir: &Path, invert: Option<bool>) -> Result<Loaded, DataError> {
    let reading = Reading { invert, ..Reading::default() };
    load_as(dir, Split::Train, reading).map(|loaded| loaded.expect("or an error"))
}

#[test]
fn classes_are_folders_and_take_turns() {
    let dir = good();
    let Loaded { dataset, summary } = train(dir.path(), None).unwrap();
    assert_eq!(summary.names, ["2", "10"]);
    assert_eq!(summary.counts, [3, 4]);
    assert_eq!(dataset.labels, [0, 1, 0, 1, 0, 1, 1]);
    assert_eq!((dataset.len(), dataset.images.len(), dataset.classes), (7, 7 * 784, 2));
    assert!((0..6).all(|index| dataset.picture(index)[10 * 28 + 10] > 240 && dataset.picture(index)[0] == 0));
    let text = summary.to_string();
    assert!(text.starts_with("7 pictures of 28×28 to 56×56, resized to 28×28; 2 classes"), "{text}");
}

#[test]
fn dark_on_bright_is_turned_unless_told_not_to() {
    let dir = good();
    for class in ["2", "10"] {
        (0..3).for_each(|n| dot(28, 255, 0).save(dir.path().join(format!("{class}/{n}.png"))).unwrap());
    }
    let turned = train(dir.path(), None).unwrap();
    assert_eq!((turned.dataset.picture(0)[0], turned.dataset.picture(0)[10 * 28 + 10]), (0, 255));
    assert!(turned.summary.to_string().contains("dark on bright in 6 of them"), "{}", turned.summary);
    let kept = train(dir.path(), Some(false)).unwrap();
    assert_eq!(kept.dataset.picture(0)[0], 255);
    assert_eq!(train(dir.path(), Some(true)).unwrap().dataset.picture(0)[0], 0);
}

#[test]
fn a_broken_picture_is_named_and_skipped() {
    let dir = good();
    let png = std::fs::read(dir.path().join("2/0.png")).unwrap();
    std::fs::write(dir.path().join("2/cut.png"), &png[..png.len() / 2]).unwrap();
    std::fs::write(dir.path().join("2/text.jpg"), "no picture").unwrap();
    std::fs::write(dir.path().join("2/empty.png"), "").unwrap();
    std::fs::write(dir.path().join("2/notes.txt"), "not looked at").unwrap();
    // A picture under another format's name is one all the same.
    std::fs::write(dir.path().join("2/png.jpg"), &png).unwrap();
    let Loaded { dataset, summary } = train(dir.path(), None).unwrap();
    assert_eq!((dataset.len(), summary.left_out.count()), (8, 4));
    let text = summary.to_string();
    assert!(text.contains("warning: 4 of 12 files left out:"), "{text}");
    for name in ["3 that cannot be read", "cut.png: ", "text.jpg: ", "empty.png: ", "not read: notes.txt"] {
        assert!(text.contains(name), "no {name} in {text}");
    }
}

#[test]
fn an_empty_class_is_an_error() {
    let dir = good();
    let empty = dir.path().join("3");
    std::fs::create_dir(&empty).unwrap();
    let message = || train(dir.path(), None).unwrap_err().to_string();
    let expected =
        format!("{}: no picture in this class's folder: expected PNG, JPEG, GIF, ", empty.display());
    assert!(message().starts_with(&expected), "{}", message());
    std::fs::write(empty.join("broken.png"), "x").unwrap();
    assert!(message().contains("; left out: 1 that cannot be read: "), "{}", message());
    std::fs::remove_file(empty.join("broken.png")).unwrap();
    std::fs::create_dir(empty.join("small")).unwrap();
    dot(28, 0, 255).save(empty.join("small/1.png")).unwrap();
    assert!(message().contains("; left out: 1 in subfolders of a class: "), "{}", message());
}

#[test]
fn a_folder_of_neither_is_an_error_that_says_what_is_expected() {
    let dir = tempfile::tempdir().unwrap();
    std::fs::write(dir.path().join("picture.png"), "loose").unwrap();
    let message = train(dir.path(), None).unwrap_err().to_string();
    assert!(message.contains("neither IDX files") && message.contains("a class"), "{message}");
}

#[test]
fn train_and_test_may_be_folders() {
    let dir = tempfile::tempdir().unwrap();
    for (half, count) in [("train", 3), ("test", 1)] {
        let class = dir.path().join(half).join("cats");
        std::fs::create_dir_all(&class).unwrap();
        (0..count).for_each(|n| dot(28, 0, 255).save(class.join(format!("{n}.png"))).unwrap());
    }
    assert_eq!(train(dir.path(), None).unwrap().summary.counts, [3]);
    assert_eq!(load(dir.path(), Split::Test).unwrap().unwrap().summary.counts, [1]);
    assert_eq!(load(good().path(), Split::Test).unwrap(), None);
}

#[test]
fn everything_left_out_is_counted_with_its_reason() {
    let dir = good();
    let class = dir.path().join("2");
    for (name, bytes) in [
        ("a.txt", &b"text"[..]),
        ("b.csv", b"1,2"),
        ("c.avif", b"\0\0\0\x20ftypavif"),
        ("d", b""),
        (".hidden.png", b"x"),
        ("Thumbs.db", b"not counted"),
    ] {
        std::fs::write(class.join(name), bytes).unwrap();
    }
    std::fs::create_dir_all(class.join("more/deeper")).unwrap();
    for file in ["more/1.png", "more/2.png", "more/deeper/3.png"] {
        dot(28, 0, 255).save(class.join(file)).unwrap();
    }
    std::fs::write(dir.path().join("README.md"), "loose").unwrap();
    let summary = train(dir.path(), None).unwrap().summary;
    let text = summary.to_string();
    assert_eq!(summary.left_out.count(), 9, "{text}");
    for line in [
        "warning: 9 of 16 files left out:\n",
        "\n    4 of a kind that is not read: a.txt, b.csv, c.avif (AVIF), …\n",
        &format!("\n    3 in subfolders of a class: {}\n", class.join("more").display()),
        "\n    1 beside the classes' folders: README.md\n",
        "\n    1 hidden: .hidden.png",
    ] {
        assert!(text.contains(line), "no {line} in {text}");
    }
}

#[cfg(unix)]
#[test]
fn links_are_followed_and_circles_end() {
    use std::os::unix::fs::symlink;
    let (dir, elsewhere) = (good(), good());
    symlink(elsewhere.path().join("10/photo.JPEG"), dir.path().join("2/linked.png")).unwrap();
    symlink(elsewhere.path().join("2"), dir.path().join("linked")).unwrap();
    symlink("nowhere.png", dir.path().join("2/broken.png")).unwrap();
    symlink(dir.path(), dir.path().join("2/up")).unwrap();
    symlink(".", dir.path().join("again")).unwrap();
    // Two folders within a class that lead to each other.
    for (one, other) in [("a", "b"), ("b", "a")] {
        std::fs::create_dir(dir.path().join("2").join(one)).unwrap();
        symlink(dir.path().join("2").join(other), dir.path().join("2").join(one).join("over")).unwrap();
    }
    let summary = train(dir.path(), None).unwrap().summary;
    assert_eq!(
        (&summary.names[..], &summary.counts[..]),
        (&["2", "10", "linked"].map(String::from)[..], &[4, 4, 3][..])
    );
    let text = summary.to_string();
    assert!(text.contains("1 links to nothing: broken.png"), "{text}");
    assert!(text.contains("2 links back to a folder above: again, up"), "{text}");
}

#[test]
fn pictures_of_every_kind_are_read_under_any_name() {
    use image::{ImageFormat, Rgb};
    let dir = tempfile::tempdir().unwrap();
    let class = dir.path().join("dots");
    std::fs::create_dir(&class).unwrap();
    let grey = dot(28, 0, 255);
    let picture = RgbImage::from_fn(28, 28, |x, y| Rgb([grey.get_pixel(x, y).0[0]; 3]));
    let kinds = [
        (ImageFormat::Png, "a"),
        (ImageFormat::Jpeg, "b.jfif"),
        (ImageFormat::Jpeg, "c.jpe"),
        (ImageFormat::Gif, "d.gif"),
        (ImageFormat::WebP, "e.webp"),
        (ImageFormat::Bmp, "f.bmp"),
        (ImageFormat::Gif, "g.txt"),
    ];
    for (format, name) in kinds {
        picture.save_with_format(class.join(name), format).unwrap();
    }
    let Loaded { dataset, summary } = train(dir.path(), None).unwrap();
    assert_eq!((dataset.len(), summary.left_out.count()), (kinds.len(), 0), "{summary}");
    for (index, (_, name)) in kinds.iter().enumerate() {
        let picture = dataset.picture(index);
        let (ink, paper) = (picture[10 * 28 + 10], picture[20 * 28 + 20]);
        // JPEG and the colours of GIF lose a little.
        assert!(ink > 220 && paper < 35, "{name}: {ink} on {paper}");
    }
    // Of an animation, the first picture.
    let mut frames = image::codecs::gif::GifEncoder::new(std::fs::File::create(class.join("d.gif")).unwrap());
    let frame = |grey: u8| {
        image::Frame::new(image::RgbaImage::from_pixel(28, 28, image::Rgba([grey, grey, grey, 255])))
    };
    frames.encode_frames([frame(90), frame(200)]).unwrap();
    drop(frames);
    assert_eq!(train(dir.path(), None).unwrap().dataset.picture(3)[50], 90);
}

#[test]
fn the_test_half_has_the_numbers_and_the_tones_of_the_training_half() {
    let dir = tempfile::tempdir().unwrap();
    for (half, class, paper) in
        [("train", "a", 255), ("train", "b", 255), ("test", "b", 0), ("test", "new", 0)]
    {
        let folder = dir.path().join(half).join(class);
        std::fs::create_dir_all(&folder).unwrap();
        dot(28, paper, 128).save(folder.join("1.png")).unwrap();
    }
    let reading = train(dir.path(), None).unwrap().summary.reading;
    assert_eq!(reading.invert, Some(true));
    let test = load_as(dir.path(), Split::Test, reading).unwrap().unwrap();
    assert_eq!(
        (&test.dataset.labels[..], &test.summary.names[..]),
        (&[1, 2][..], &["a", "b", "new"].map(String::from)[..])
    );
    assert_eq!(test.dataset.picture(0)[0], 255, "black, inverted as the training pictures are");
}
