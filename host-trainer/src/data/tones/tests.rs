//! Decisions about whole sets.

use image::{GrayAlphaImage, ImageBuffer, Luma, LumaA};

use super::super::testing::{cases, load, load_as};
use super::super::{Loaded, Split};
use super::*;

/// A picture whose border is `paper`, with this ink and these extremes.
fn measure(paper: Option<u16>, ink: u16) -> Measure {
    let ends = paper.unwrap_or(ink);
    Measure { size: (28, 28), extremes: Some((ends.min(ink), ends.max(ink))), paper, ink }
}

fn notes(pictures: &[Measure]) -> String {
    Tones::decide(pictures, Reading::default()).1.join("\n")
}

#[test]
fn transparent_pictures_get_one_ground_and_a_mixed_set_is_told() {
    let dir = cases("transparent");
    let Loaded { dataset, summary } = load(&dir, Split::Train).unwrap().unwrap();
    let text = summary.to_string();
    assert!(text.contains("transparent: 24 of 24, put on "), "{text}");
    assert!(text.contains("warning: mixed polarity: of the transparent pictures "), "{text}");
    let corners: Vec<u8> = (0..dataset.len()).map(|index| dataset.picture(index)[0]).collect();
    assert_eq!(corners, [0; 24], "one ground for all, which is dark in the end");
    assert!(summary.reading.ground.is_some());
}

#[test]
fn the_test_half_is_read_as_the_training_half_whatever_it_holds() {
    let dir = tempfile::tempdir().unwrap();
    for (half, ink) in [("train", [0, 0, 255]), ("test", [255, 255, 255])] {
        let class = dir.path().join(half).join("icons");
        std::fs::create_dir_all(&class).unwrap();
        for (number, ink) in ink.into_iter().enumerate() {
            let mut icon = GrayAlphaImage::from_pixel(28, 28, LumaA([ink, 0]));
            (0..6).for_each(|x| icon.put_pixel(10 + x, 10, LumaA([ink, 255])));
            icon.save(class.join(format!("{number}.png"))).unwrap();
        }
    }
    let train = load(dir.path(), Split::Train).unwrap().unwrap();
    let reading = train.summary.reading;
    assert_eq!((reading.ground, reading.invert), (Some(Ground::White), Some(true)));
    let text = train.summary.to_string();
    assert!(text.contains("2 are drawn dark, 1 bright; on white ground the 1 bright ones"), "{text}");
    let test = load_as(dir.path(), Split::Test, reading).unwrap().unwrap();
    assert!(test.dataset.images.iter().all(|&grey| grey == 0), "white on white, inverted");
    assert_eq!(test.summary.reading, reading);
    // By themselves they would have been put on black.
    let alone = load(dir.path(), Split::Test).unwrap().unwrap();
    assert_eq!(alone.summary.reading.ground, Some(Ground::Black));
    // And the user may say it.
    let asked = Reading { ground: Some(Ground::Black), ..Reading::default() };
    let asked = load_as(dir.path(), Split::Train, asked).unwrap().unwrap();
    assert_eq!(asked.dataset.picture(2)[10 * 28 + 12], 255);
    assert_eq!(asked.summary.reading.invert, Some(false));
}

#[test]
fn half_opaque_pixels_lie_half_way_to_the_ground() {
    let tones = |ground, invert| Tones { invert, ground, range: None };
    let small = Small { grey: vec![0, FULL / 2], opacity: Some(vec![FULL / 2, FULL / 2]) };
    assert_eq!(tones(Ground::White, false).apply(&small), [128, 255]);
    assert_eq!(tones(Ground::Black, false).apply(&small), [0, 127]);
    assert_eq!(tones(Ground::White, true).apply(&small), [127, 0]);
}

#[test]
fn polarity_is_the_majoritys_and_a_mixed_set_is_told() {
    let (dark, bright) = (measure(Some(0), 900), measure(Some(FULL), 60_000));
    let (tones, said) = Tones::decide(&[bright, bright, dark], Reading::default());
    assert!(tones.invert);
    let said = said.join("\n");
    assert!(said.contains("dark on bright in 2 of them: turned"), "{said}");
    assert!(said.contains("bright in 2 of 3 pictures, dark in the other 1"), "{said}");
    assert!(!notes(&[bright, bright]).contains("mixed"));
}

#[test]
fn dark_16_bit_pictures_are_warned_of_and_stretched_in_full_precision() {
    let dir = cases("twelve-bit");
    let text = load(&dir, Split::Train).unwrap().unwrap().summary.to_string();
    assert!(text.contains("warning: dark or flat: the pictures use 16 of 256 greys, 0 to 15 "), "{text}");
    assert!(text.contains("--stretch"), "{text}");
    let asked = Reading { stretch: Some(Stretch::Measured(true)), ..Reading::default() };
    let Loaded { dataset, summary } = load_as(&dir, Split::Train, asked).unwrap().unwrap();
    assert!(!summary.to_string().contains("dark or flat"), "{summary}");
    assert!(summary.to_string().contains("stretched: greys 0 to 4095 of 65535"), "{summary}");
    assert_eq!(summary.reading.stretch, Some(Stretch::Range([0, 4095])));
    let (darkest, brightest) = (dataset.images.iter().min(), dataset.images.iter().max());
    assert_eq!((darkest, brightest), (Some(&0), Some(&255)));
}

#[test]
fn stretching_recovers_every_grey_of_a_ramp() {
    let dir = tempfile::tempdir().unwrap();
    std::fs::create_dir(dir.path().join("ramp")).unwrap();
    let ramp = ImageBuffer::from_fn(28, 28, |x, y| Luma([((28 * y + x) * 4) as u16]));
    ramp.save(dir.path().join("ramp/1.png")).unwrap();
    let asked = Reading { stretch: Some(Stretch::Measured(true)), invert: Some(false), ..Reading::default() };
    let stretched = load_as(dir.path(), Split::Train, asked).unwrap().unwrap();
    let mut greys = stretched.dataset.images.clone();
    greys.dedup();
    assert_eq!(greys, (0..=255).collect::<Vec<u8>>());
    // The decision that a run keeps gives the same pictures.
    let kept = load_as(dir.path(), Split::Train, stretched.summary.reading).unwrap().unwrap();
    assert_eq!(kept.dataset, stretched.dataset);
}

#[test]
fn single_pictures_do_not_widen_the_range() {
    let mut pictures = vec![measure(Some(100), 4000); 199];
    pictures.push(Measure { extremes: Some((0, FULL)), ..pictures[0] });
    assert_eq!(measured(&pictures), Some([100, 4000]));
    assert!(notes(&pictures).contains("use 16 of 256 greys"), "{}", notes(&pictures));
    assert_eq!(measured(&pictures[195..]), Some([0, FULL]), "one of five is no outlier");
    assert_eq!(measured(&[measure(Some(7), 7)]), None, "a single grey");
}

#[test]
fn what_is_bright_is_decided_after_stretching() {
    let paper = measure(Some(4000), 0);
    let (tones, _) = Tones::decide(&[paper], Reading::default());
    assert!(!tones.invert, "4000 of 65535 is dark");
    let asked = Reading { stretch: Some(Stretch::Measured(true)), ..Reading::default() };
    assert!(Tones::decide(&[paper], asked).0.invert, "but bright where nothing is brighter");
}

#[test]
fn what_is_decided_is_decided_alike_again() {
    let pictures = [measure(Some(FULL), 0), measure(None, 40_000), measure(Some(0), 9)];
    for stretch in [None, Some(Stretch::Measured(true)), Some(Stretch::Range([5, 500]))] {
        let (tones, _) = Tones::decide(&pictures, Reading { stretch, ..Reading::default() });
        assert_eq!(Tones::decide(&pictures[1..], tones.reading()).0, tones);
    }
}
