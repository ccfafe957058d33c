//! The pretrained judge against what its card says of it.

use std::{sync::LazyLock, time::Instant};

use rand::SeedableRng;
use rand_distr::{Distribution, Normal};
use rand_xoshiro::Xoshiro256PlusPlus;

use super::*;
use crate::figure::Figure;

/// One for all tests, so that the test digits are looked at once.
fn judge() -> &'static Judge {
    static JUDGE: LazyLock<Judge> = LazyLock::new(|| Judge::pretrained(&Device::flex()).unwrap());
    &JUDGE
}

fn sound(figure: Figure) -> f64 {
    figure.sound().unwrap_or_else(|| panic!("{figure:?}"))
}

/// The figure on the card in the row that starts with `name`.
fn on_card(name: &str) -> f64 {
    let card = include_str!("../../../models/judge.md");
    let row = card.lines().find_map(|line| line.strip_prefix("| ")?.strip_prefix(name));
    let figure = row.and_then(|row| row.rsplit('|').nth(1)).expect("a row of the card");
    figure.trim().trim_end_matches(" %").parse().expect("a number")
}

#[test]
fn it_knows_at_least_99_percent_of_the_test_digits() {
    let test = Dataset::mnist_test().unwrap();
    let report = judge().report(&test.images, Some(Asked::Class(&test.labels))).unwrap();
    let accuracy = sound(report.accuracy.unwrap());
    assert!(accuracy >= 0.99, "{accuracy}");
    assert!((100.0 * accuracy - on_card("test digits recognized")).abs() < 0.02, "{accuracy}");
    // Rounding: the distance is a difference of sums in the hundreds, through roots of numbers near 0.
    assert!(sound(report.fid).abs() < 1e-4, "the test digits against themselves: {:?}", report.fid);
    assert!(report.classes.iter().all(|class| sound(class.accuracy()) >= 0.98), "{:?}", report.classes);
}

#[test]
fn the_floor_is_that_of_the_card() {
    let floor = judge().floor().unwrap();
    assert!(sound(floor.accuracy.unwrap()) >= 0.99, "{:?}", floor.accuracy);
    assert!((sound(floor.fid) - on_card("floor")).abs() < 0.02, "{:?}", floor.fid);
}

#[test]
fn noise_raises_the_distance() {
    let test = Dataset::mnist_test().unwrap();
    let mut rng = Xoshiro256PlusPlus::seed_from_u64(1);
    let judge = judge();
    let mut noisy = |deviation: f32| {
        let noise = Normal::new(0.0, deviation).unwrap();
        let pictures: Vec<u8> = test
            .images
            .iter()
            .map(|&pixel| (f32::from(pixel) + noise.sample(&mut rng)).round() as u8)
            .collect();
        sound(judge.report(&pictures, None).unwrap().fid)
    };
    let (little, much) = (noisy(10.0), noisy(25.0));
    assert!((much - on_card("FID of the test digits with Gaussian noise")).abs() < 0.1, "{much}");
    assert!(little < much / 2.0, "{little} {much}");
}

#[test]
fn digits_of_one_class_are_far_from_all_digits() {
    let test = Dataset::mnist_test().unwrap();
    let ones: Vec<u8> =
        (0..test.len()).filter(|&i| test.labels[i] == 1).flat_map(|i| test.picture(i).to_vec()).collect();
    let labels = vec![1; ones.len() / 784];
    let report = judge().report(&ones, Some(Asked::Class(&labels))).unwrap();
    assert!(sound(report.fid) > 100.0, "collapse shows: {:?}", report.fid);
}

#[test]
fn what_cannot_be_judged_is_named() {
    let judge = judge();
    let error = |pictures: &[u8], labels: &[u8]| {
        judge.report(pictures, Some(Asked::Class(labels))).unwrap_err().to_string()
    };
    assert_eq!(error(&[0; 785], &[0]), "785 bytes are no whole number of 28×28 pictures (784 bytes each)");
    assert_eq!(error(&[0; 3 * 784], &[0; 2]), "3 pictures, but 2 labels: expected as many");
    assert!(error(&[0; 784], &[0]).starts_with("1 pictures are too few to judge"));
    assert_eq!(error(&[0; 2 * 784], &[0, 10]), "label 10: expected a digit, 0 to 9");
}

#[test]
fn ten_thousand_pictures_take_seconds() {
    let test = Dataset::mnist_test().unwrap();
    let judge = judge();
    let start = Instant::now();
    assert_eq!(judge.look(&test.images).unwrap().classes.len(), 10_000);
    let seconds = start.elapsed().as_secs_f32();
    // A few on two idle cores; the limit leaves room for a busy machine.
    assert!(seconds < 60.0, "{seconds} s");
}
