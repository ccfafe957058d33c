//! What the tests of this folder share.

use std::path::{Path, PathBuf};

use image::{GrayImage, Luma, RgbImage};
use tempfile::TempDir;

use super::{DataError, Loaded, Reading, Source, Split};

pub(super) fn load(dir: &Path, split: Split) -> Result<Option<Loaded>, DataError> {
    load_as(dir, split, Reading::default())
}

pub(super) fn load_as(dir: &Path, split: Split, reading: Reading) -> Result<Option<Loaded>, DataError> {
    super::load(&Source { dir, set: None, reading }, split)
}

/// Pictures that lie with the tests.
pub(super) fn cases(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data").join(name)
}

/// Two classes, `2` and `10`, of three pictures each: a bright dot on black, as PNG and JPEG of two sizes.
pub(super) fn good() -> TempDir {
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

/// A square of `ink`, a quarter of `side` long, on `paper`.
pub(super) fn dot(side: u32, paper: u8, ink: u8) -> GrayImage {
    let middle = side / 4..side / 2;
    GrayImage::from_fn(side, side, |x, y| {
        Luma([if middle.contains(&x) && middle.contains(&y) { ink } else { paper }])
    })
}
