//! Pictures by themselves: turned, transparent, tagged, wide.

use image::{GrayAlphaImage, GrayImage, LumaA, Rgb, RgbImage};

use super::super::testing::{cases, dot};
use super::*;

fn of_8_bits(image: &GrayImage) -> Picture {
    Picture::new(image.as_raw(), image.width() as usize, image.height() as usize)
}

/// The greys at 28×28, of 8 bits.
fn greys(picture: &Picture) -> Vec<u8> {
    picture.resized().grey.iter().map(|grey| (grey / 257) as u8).collect()
}

#[test]
fn a_wide_picture_keeps_its_proportions_between_its_own_background() {
    let mut image = GrayImage::from_pixel(56, 28, Luma([200]));
    imageops::replace(&mut image, &GrayImage::new(28, 14), 14, 7);
    let small = greys(&of_8_bits(&image));
    assert_eq!((small[0], small[27 * 28]), (200, 200), "above and below");
    assert!(small[14 * 28 + 14] < 5, "the black middle is still in the middle");
    assert_eq!(small[14 * 28 + 2], 200, "and beside it the background");
    let black = small.iter().filter(|&&pixel| pixel < 100).count();
    assert!((80..=110).contains(&black), "14 × 7 pixels, nearly: {black}");
}

#[test]
fn colours_become_grey_and_transparency_is_kept_apart() {
    let red = Picture::of(&RgbImage::from_pixel(2, 2, Rgb([255, 0, 0])).into());
    assert!((50..90).contains(&(red.grey.get_pixel(0, 0).0[0] / 257)));
    let mut drawing = GrayAlphaImage::from_pixel(28, 28, LumaA([200, 0]));
    drawing.put_pixel(14, 14, LumaA([100, 255]));
    let picture = Picture::of(&drawing.into());
    let measure = picture.measure();
    let grey = 100 * 257;
    assert_eq!((measure.paper, measure.ink, measure.extremes), (None, grey, Some((grey, grey))));
    let Small { grey: greys, opacity } = picture.resized();
    let opacity = opacity.unwrap();
    assert_eq!((greys[0], opacity[0]), (0, 0), "what is not seen does not count");
    assert_eq!((greys[14 * 28 + 14], opacity[14 * 28 + 14]), (grey, FULL));
}

#[test]
fn the_border_tells_the_background() {
    assert_eq!(of_8_bits(&dot(8, 255, 0)).measure().paper, Some(FULL));
    assert_eq!(of_8_bits(&dot(8, 0, 255)).measure().paper, Some(0));
}

#[test]
fn transposing_swaps_rows_and_columns() {
    let picture = Picture::new(&[1, 2, 3, 4, 5, 6], 3, 2);
    assert_eq!(picture.transposed(), Picture::new(&[1, 4, 2, 5, 3, 6], 2, 3));
}

#[test]
fn eight_bits_of_the_right_size_come_through_unchanged() {
    let pixels: Vec<u8> = (0..784).map(|index| index as u8).collect();
    assert_eq!(greys(&Picture::new(&pixels, 28, 28)), pixels);
}

#[test]
fn pictures_are_turned_as_their_orientation_says() {
    for number in 0..6 {
        let open = |class: &str| {
            let file = cases("exif").join(class).join(format!("{number}.jpg"));
            greys(&Picture::open(&file).unwrap())
        };
        let (upright, phone) = (open("upright"), open("phone"));
        let most = upright.iter().zip(&phone).map(|(one, other)| one.abs_diff(*other)).max().unwrap();
        assert!(most <= 16, "picture {number}: JPEG loses a little, but {most}");
        let blank = upright.iter().all(|grey| *grey == upright[0]);
        assert!(!blank, "picture {number} shows something");
    }
}

/// An L, so that no turn or reflection leaves it as it is, in 8 bits with what `tag` adds to the file.
fn tagged(tag: impl FnOnce(&mut png::Encoder<'_, &mut Vec<u8>>)) -> Picture {
    let pixels: Vec<u8> =
        (0..64).map(|index| if index % 8 == 1 || index / 8 == 6 { 90 } else { 10 }).collect();
    let mut file = Vec::new();
    let mut encoder = png::Encoder::new(&mut file, 8, 8);
    encoder.set_color(png::ColorType::Grayscale);
    tag(&mut encoder);
    encoder.write_header().unwrap().write_image_data(&pixels).unwrap();
    let dir = tempfile::tempdir().unwrap();
    std::fs::write(dir.path().join("L"), file).unwrap();
    Picture::open(&dir.path().join("L")).unwrap()
}

#[test]
fn gamma_and_colour_profiles_leave_greys_as_they_are_stored() {
    let plain = tagged(|_| {});
    assert_eq!(plain.grey.get_pixel(1, 0).0, [90 * 257]);
    let linear = tagged(|encoder| encoder.set_source_gamma(png::ScaledFloat::new(1.0)));
    assert_eq!(linear, plain, "a gAMA chunk");
    let profile = {
        let mut file = Vec::new();
        let mut encoder = image::codecs::png::PngEncoder::new(&mut file);
        image::ImageEncoder::set_icc_profile(&mut encoder, b"any profile".to_vec()).unwrap();
        let pixels: Vec<u8> = plain.grey.pixels().map(|grey| (grey.0[0] / 257) as u8).collect();
        image::ImageEncoder::write_image(encoder, &pixels, 8, 8, image::ExtendedColorType::L8).unwrap();
        assert!(file.windows(4).any(|chunk| chunk == b"iCCP"));
        let dir = tempfile::tempdir().unwrap();
        std::fs::write(dir.path().join("L"), file).unwrap();
        Picture::open(&dir.path().join("L")).unwrap()
    };
    assert_eq!(profile, plain, "an iCCP chunk");
}
