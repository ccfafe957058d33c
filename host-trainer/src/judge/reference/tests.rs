//! Generators that are good, that memorize, and that draw one picture.

use super::*;
use crate::figure::{Figure, Set, Why};
use burn::tensor::Device;

const TRAIN: usize = 1500;
const TEST: usize = 800;

fn sound(figure: Figure) -> f64 {
    figure.sound().unwrap_or_else(|| panic!("{figure:?}"))
}

/// Few enough digits to be quick.
fn few() -> RealPictures {
    digits(TRAIN, TEST)
}

fn digits(train: usize, test: usize) -> RealPictures {
    let cut = |mut set: Dataset, count: usize| {
        set.images.truncate(count * SIDE * SIDE);
        set.labels.truncate(count);
        set
    };
    let mnist = RealPictures::mnist().unwrap();
    RealPictures {
        train: cut(mnist.train, train),
        held_out: mnist.held_out.map(|set| cut(set, test)),
        digits: true,
    }
}

fn judge() -> Judge {
    Judge::pretrained(&Device::flex()).unwrap()
}

#[test]
fn the_held_out_pictures_themselves_are_perfect() {
    let (judge, pictures) = (judge(), few());
    let reference = Reference::new(&judge, &pictures, None).unwrap();
    let test = pictures.held_out.unwrap();
    let Judged { report, pairs, .. } =
        judge.judge(&test.images, Some(Asked::Class(&test.labels)), &reference).unwrap();
    let manifold = report.manifold.unwrap();
    assert!(sound(report.fid).abs() < 1e-4, "{:?}", report.fid);
    let figures = [manifold.precision, manifold.recall, manifold.coverage];
    assert_eq!(figures, [1.0; 3].map(Figure::Sound));
    let memorization = report.memorization.unwrap();
    assert!((sound(memorization.suspicious) - 0.01).abs() < 0.002, "{memorization:?}");
    assert_eq!(pairs.len(), 10);
}

#[test]
fn a_generator_that_memorizes_is_caught() {
    let (judge, pictures) = (judge(), few());
    let reference = Reference::new(&judge, &pictures, None).unwrap();
    // Training digits with a little noise: good by every other figure.
    let train = &pictures.train;
    let noisy: Vec<u8> =
        train.images.iter().enumerate().map(|(i, &pixel)| pixel.saturating_add((i * 7 % 5) as u8)).collect();
    let Judged { report, pairs, .. } =
        judge.judge(&noisy, Some(Asked::Class(&train.labels)), &reference).unwrap();
    let (manifold, memorization) = (report.manifold.unwrap(), report.memorization.unwrap());
    assert!(sound(manifold.precision) > 0.7 && sound(report.accuracy.unwrap()) > 0.98, "{report:?}");
    assert!(sound(memorization.suspicious) > 0.9, "{memorization:?}");
    assert!(pairs.iter().all(|pair| pair.picture == pair.training), "{pairs:?}");
    let floor = reference.floor().unwrap().memorization.as_ref().unwrap();
    assert!(sound(memorization.median) < 0.2 * sound(floor.median), "{memorization:?} {floor:?}");
}

#[test]
fn a_generator_of_one_mode_is_caught() {
    let (judge, pictures) = (judge(), few());
    let reference = Reference::new(&judge, &pictures, None).unwrap();
    let one = pictures.train.picture(0).to_vec();
    let same: Vec<u8> =
        (0..500u32).flat_map(|i| one.iter().map(move |&pixel| pixel.saturating_add((i % 9) as u8))).collect();
    let asked: Vec<u8> = (0..500u32).map(|i| (i % 10) as u8).collect();
    let Judged { report, .. } = judge.judge(&same, Some(Asked::Class(&asked)), &reference).unwrap();
    let manifold = report.manifold.unwrap();
    assert!(sound(manifold.recall) < 0.01 && sound(manifold.coverage) < 0.05, "{manifold:?}");
    assert!(sound(report.entropy_bits) < 0.1 && sound(report.inception_score) < 1.2, "{report:?}");
    assert!((sound(report.accuracy.unwrap()) - 0.1).abs() < 0.01, "{report:?}");
}

#[test]
fn the_cache_gives_the_same_and_notices_damage_and_other_pictures() {
    let (judge, mut pictures) = (judge(), few());
    let dir = tempfile::tempdir().unwrap();
    let files =
        || std::fs::read_dir(dir.path()).unwrap().map(|entry| entry.unwrap().path()).collect::<Vec<_>>();
    let cache = Some(dir.path());
    let first = Reference::new(&judge, &pictures, cache).unwrap().kept;
    let [file] = &files()[..] else { panic!("{:?}", files()) };
    assert_eq!(read(file), Some(first.clone()));
    // That it is used: a file with other numbers is believed.
    let other = Kept { squared_radii: vec![1.0; TEST], ..first.clone() };
    write(file, &other).unwrap();
    assert_eq!(Reference::new(&judge, &pictures, cache).unwrap().kept, other);
    let mut damaged = std::fs::read(file).unwrap();
    damaged[1000] ^= 1;
    std::fs::write(file, damaged).unwrap();
    assert_eq!(Reference::new(&judge, &pictures, cache).unwrap().kept, first);
    pictures.train.images[0] ^= 1;
    Reference::new(&judge, &pictures, cache).unwrap();
    assert_eq!(files().len(), 2, "other pictures, another file");
}

#[test]
fn without_held_out_pictures_memorization_stays_open() {
    let (judge, pictures) = (judge(), RealPictures { held_out: None, digits: false, ..few() });
    let reference = Reference::new(&judge, &pictures, None).unwrap();
    let train = &pictures.train;
    let Judged { report, pairs, .. } =
        judge.judge(&train.images, Some(Asked::Class(&train.labels)), &reference).unwrap();
    assert!(report.memorization.is_none() && report.accuracy.is_none() && pairs.is_empty());
    assert!(reference.floor().is_none());
}

#[test]
fn a_handful_of_real_pictures_leaves_figures_open_with_the_reason() {
    let judge = judge();
    for held_out in [1, 3] {
        let reference = Reference::new(&judge, &digits(200, held_out), None).unwrap();
        let train = digits(200, 1).train;
        let Judged { report, .. } =
            judge.judge(&train.images, Some(Asked::Class(&train.labels)), &reference).unwrap();
        let few = |needed| Some(Why::TooFew { set: Set::Real, pictures: held_out, needed });
        let manifold = report.manifold.unwrap();
        for figure in [manifold.precision, manifold.recall, manifold.density, manifold.coverage] {
            assert_eq!((figure.value(), figure.why()), (None, few(6)));
        }
        assert_eq!(report.memorization.unwrap().suspicious.why(), few(100));
        match held_out {
            1 => assert_eq!((report.fid.value(), report.fid.why()), (None, few(2))),
            _ => assert!(matches!(
                report.fid,
                Figure::Doubtful(_, Why::Singular { set: Set::Real, pictures: 3, needed: 129 })
            )),
        }
        let floor = reference.floor().unwrap();
        assert_eq!(floor.memorization.unwrap().percentile_1.value(), None, "the held-out pictures' own");
    }
}
