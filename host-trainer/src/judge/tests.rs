//! The pretrained judge against what its card and FACTS of the field say of it.

use std::time::Instant;

use rand::SeedableRng;
use rand_distr::{Distribution, Normal};
use rand_xoshiro::Xoshiro256PlusPlus;

use super::*;

fn judge() -> Judge {
    Judge::pretrained(&Device::flex()).unwrap()
}

#[test]
fn it_knows_at_least_99_percent_of_the_test_digits() {
    let test = Dataset::mnist_test().unwrap();
    let report = judge().report(&test.images, &test.labels).unwrap();
    assert!(report.accuracy >= 0.99, "{}", report.accuracy);
    assert!(report.fid.abs() < 1e-6, "the test digits against themselves: {}", report.fid);
    assert!(report.classes.iter().all(|class| class.accuracy() >= Some(0.98)), "{:?}", report.classes);
}

#[test]
fn the_floor_is_that_of_the_card() {
    let floor = judge().floor().unwrap();
    assert!(floor.accuracy >= 0.99, "{}", floor.accuracy);
    assert!((1.0..3.0).contains(&floor.fid), "{}", floor.fid);
    let card = include_str!("../../../models/judge.md");
    assert!(card.contains(&format!("| {:.2} |", floor.fid)), "floor {:.2} is not on the card", floor.fid);
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
        judge.fid(&pictures).unwrap()
    };
    let (little, much) = (noisy(10.0), noisy(25.0));
    let card = include_str!("../../../models/judge.md");
    assert!((8.0..35.0).contains(&much), "{much}");
    assert!(card.contains(&format!("| {much:.1} |")), "{much:.1} is not on the card");
    assert!(little < much / 2.0, "{little} {much}");
}

#[test]
fn digits_of_one_class_are_far_from_all_digits() {
    let test = Dataset::mnist_test().unwrap();
    let ones: Vec<u8> =
        (0..test.len()).filter(|&i| test.labels[i] == 1).flat_map(|i| test.picture(i).to_vec()).collect();
    let labels = vec![1; ones.len() / 784];
    let report = judge().report(&ones, &labels).unwrap();
    assert!(report.fid > 100.0, "collapse shows: {}", report.fid);
}

#[test]
fn what_cannot_be_judged_is_named() {
    let judge = judge();
    let error = |pictures: &[u8], labels: &[u8]| judge.report(pictures, labels).unwrap_err().to_string();
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
