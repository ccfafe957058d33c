//! A folder of pictures a class: `shoes/1.png`, `hats/a.jpg`, …

use std::path::{Path, PathBuf};

use rayon::prelude::*;

use super::{
    DataError, Dataset, Loaded, MOST_CLASSES, SIDE, Split,
    picture::{Grey, invert},
    summary::Summary,
};

/// How pictures' names end, in any case.
const PICTURES: [&str; 3] = ["png", "jpg", "jpeg"];

/// The folders of the classes, in the order of their numbers.
#[derive(Debug)]
pub(super) struct Classes(Vec<PathBuf>);

/// A picture that was read.
struct Read {
    pixels: Vec<u8>,
    size: (usize, usize),
    bright: bool,
}

/// The folders in `dir`, or in `dir/train` or `dir/test` where there is a `dir/train`; `None` where there is none.
///
/// # Errors
/// A folder cannot be read, or there are too many.
pub(super) fn find(dir: &Path, split: Split) -> Result<Option<Classes>, DataError> {
    let (train, test) = (dir.join("train"), dir.join("test"));
    let whole = match split {
        Split::Train if train.is_dir() => train,
        Split::Train => dir.to_owned(),
        Split::Test if train.is_dir() && test.is_dir() => test,
        Split::Test => return Ok(None),
    };
    let mut classes: Vec<PathBuf> = entries(&whole)?.into_iter().filter(|path| path.is_dir()).collect();
    // 2 before 10 where folders are called by numbers.
    classes.sort_by_key(|path| (name(path).parse::<u64>().unwrap_or(u64::MAX), name(path)));
    if classes.len() > MOST_CLASSES {
        return Err(DataError::ManyClasses { file: whole.display().to_string(), classes: classes.len() });
    }
    Ok((!classes.is_empty()).then_some(Classes(classes)))
}

impl Classes {
    /// Reads all pictures, one of each class in turn, so that the first so many are of all classes.
    ///
    /// # Errors
    /// A class without a picture that can be read.
    pub(super) fn load(&self, invert: Option<bool>) -> Result<Loaded, DataError> {
        let mut skipped = Vec::new();
        let mut pictures = Vec::new();
        for (folder, label) in self.0.iter().zip(0u8..) {
            let mut files: Vec<PathBuf> =
                entries(folder)?.into_iter().filter(|path| is_picture(path)).collect();
            files.sort();
            let read: Vec<Result<Read, String>> = files.par_iter().map(|file| read(file)).collect();
            let broken_before = skipped.len();
            let mut place = 0;
            for picture in read {
                match picture {
                    Ok(picture) => {
                        pictures.push((place, label, picture));
                        place += 1;
                    }
                    Err(cause) => skipped.push(cause),
                }
            }
            if place == 0 {
                let skipped = skipped.split_off(broken_before);
                return Err(DataError::EmptyClass { folder: folder.clone(), skipped });
            }
        }
        pictures.sort_by_key(|&(place, label, _)| (place, label));
        Ok(self.assemble(pictures, invert, skipped))
    }

    fn assemble(
        &self,
        mut pictures: Vec<(usize, u8, Read)>,
        inversion: Option<bool>,
        skipped: Vec<String>,
    ) -> Loaded {
        let bright = pictures.iter().filter(|(.., picture)| picture.bright).count();
        let mut notes = Vec::new();
        let turn = inversion.unwrap_or(2 * bright > pictures.len());
        if turn {
            pictures.iter_mut().for_each(|(.., picture)| invert(&mut picture.pixels));
        }
        if turn && inversion.is_none() {
            notes.push(format!(
                "dark on bright in {bright} of them: turned to bright on dark (--invert=false keeps it)"
            ));
        }
        let by_area = |size: &(usize, usize)| size.0 * size.1;
        let sizes = || pictures.iter().map(|(.., picture)| picture.size);
        let sizes = (sizes().min_by_key(by_area), sizes().max_by_key(by_area));
        let sizes = sizes.0.zip(sizes.1).expect("no class is empty");
        let dataset = Dataset {
            labels: pictures.iter().map(|&(_, label, _)| label).collect(),
            images: pictures.into_iter().flat_map(|(.., picture)| picture.pixels).collect(),
            height: SIDE,
            width: SIDE,
            classes: self.0.len(),
            names: self.0.iter().map(|folder| name(folder)).collect(),
        };
        let summary = Summary::new(&dataset, dataset.names.clone(), sizes, notes, skipped);
        Loaded { dataset, summary }
    }
}

fn read(file: &Path) -> Result<Read, String> {
    let grey = Grey::open(file).map_err(|cause| format!("{}: {cause}", file.display()))?;
    Ok(Read { pixels: grey.resized(), size: grey.size(), bright: grey.has_bright_background() })
}

fn is_picture(path: &Path) -> bool {
    let extension = path.extension().and_then(|extension| extension.to_str());
    path.is_file()
        && extension.is_some_and(|found| PICTURES.iter().any(|one| found.eq_ignore_ascii_case(one)))
}

/// What is in a folder, but for hidden things.
fn entries(dir: &Path) -> Result<Vec<PathBuf>, DataError> {
    let fail = |cause| DataError::Unreadable { file: dir.display().to_string(), cause };
    let paths = std::fs::read_dir(dir).map_err(fail)?.map(|entry| entry.map(|entry| entry.path()));
    let paths: Vec<PathBuf> = paths.collect::<Result<_, _>>().map_err(fail)?;
    Ok(paths.into_iter().filter(|path| !name(path).starts_with('.')).collect())
}

fn name(path: &Path) -> String {
    path.file_name().unwrap_or_default().to_string_lossy().into_owned()
}

#[cfg(test)]
mod tests {
    use super::super::load;
    use super::*;
    use image::{GrayImage, Luma, RgbImage};
    use tempfile::TempDir;

    /// Two classes, `2` and `10`, of three pictures each: a bright dot on black, as PNG and JPEG of two sizes.
    fn good() -> TempDir {
        let dir = tempfile::tempdir().unwrap();
        for class in ["2", "10"] {
            std::fs::create_dir(dir.path().join(class)).unwrap();
            for (number, side) in [(0, 28), (1, 28), (2, 56)] {
                dot(side, 0, 255).save(dir.path().join(class).join(format!("{number}.png"))).unwrap();
            }
        }
        let jpeg = RgbImage::from_pixel(40, 20, image::Rgb([10, 10, 10]));
        jpeg.save(dir.path().join("10/photo.JPEG")).unwrap();
        dir
    }

    fn dot(side: u32, paper: u8, ink: u8) -> GrayImage {
        let middle = side / 4..side / 2;
        GrayImage::from_fn(side, side, |x, y| {
            Luma([if middle.contains(&x) && middle.contains(&y) { ink } else { paper }])
        })
    }

    fn train(dir: &Path, invert: Option<bool>) -> Result<Loaded, DataError> {
        load(dir, Split::Train, invert).map(|loaded| loaded.expect("or an error"))
    }

    #[test]
    fn classes_are_folders_and_take_turns() {
        let dir = good();
        let Loaded { dataset, summary } = train(dir.path(), None).unwrap();
        assert_eq!(summary.names, ["2", "10"]);
        assert_eq!(summary.counts, [3, 4]);
        assert_eq!(dataset.labels, [0, 1, 0, 1, 0, 1, 1]);
        assert_eq!((dataset.len(), dataset.images.len(), dataset.classes), (7, 7 * 784, 2));
        assert!(
            (0..6).all(|index| dataset.picture(index)[10 * 28 + 10] > 240 && dataset.picture(index)[0] == 0)
        );
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
        assert_eq!((dataset.len(), summary.skipped.len()), (8, 3));
        let text = summary.to_string();
        assert!(text.contains("warning: 3 files skipped:"), "{text}");
        for name in ["cut.png: ", "text.jpg: ", "empty.png: "] {
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
            format!("{}: no picture in this class's folder: expected PNG or JPEG files", empty.display());
        assert_eq!(message(), expected);
        std::fs::write(empty.join("broken.png"), "x").unwrap();
        assert!(
            message().starts_with(&format!("{expected}; 1 cannot be read, the first: ")),
            "{}",
            message()
        );
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
        assert_eq!(load(dir.path(), Split::Test, None).unwrap().unwrap().summary.counts, [1]);
        assert_eq!(load(good().path(), Split::Test, None).unwrap(), None);
    }
}
