//! Generators that are good, that memorize, and that draw one picture.

use super::*;
use burn::tensor::Device;

const TRAIN: usize = 1500;
const TEST: usize = 800;

/// Few enough digits to be quick.
fn few() -> RealPictures {
    let cut = |mut set: Dataset, count: usize| {
        set.images.truncate(count * SIDE * SIDE);
        set.labels.truncate(count);
        set
    };
    let mnist = RealPictures::mnist().unwrap();
    RealPictures {
        train: cut(mnist.train, TRAIN),
        held_out: mnist.held_out.map(|set| cut(set, TEST)),
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
    let Judged { report, pairs, .. } = judge.judge(&test.images, Some(&test.labels), &reference).unwrap();
    let manifold = report.manifold.unwrap();
    assert!(report.fid.abs() < 1e-4, "{}", report.fid);
    assert_eq!((manifold.precision, manifold.recall, manifold.coverage), (1.0, 1.0, 1.0));
    let memorization = report.memorization.unwrap();
    assert!((memorization.suspicious - 0.01).abs() < 0.002, "{memorization:?}");
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
    let Judged { report, pairs, .. } = judge.judge(&noisy, Some(&train.labels), &reference).unwrap();
    let (manifold, memorization) = (report.manifold.unwrap(), report.memorization.unwrap());
    assert!(manifold.precision > 0.7 && report.accuracy > Some(0.98), "{report:?}");
    assert!(memorization.suspicious > 0.9, "{memorization:?}");
    assert!(pairs.iter().all(|pair| pair.picture == pair.training), "{pairs:?}");
    let floor = reference.floor().unwrap().memorization.as_ref().unwrap();
    assert!(memorization.median < 0.2 * floor.median, "{memorization:?} {floor:?}");
}

#[test]
fn a_generator_of_one_mode_is_caught() {
    let (judge, pictures) = (judge(), few());
    let reference = Reference::new(&judge, &pictures, None).unwrap();
    let one = pictures.train.picture(0).to_vec();
    let same: Vec<u8> =
        (0..500u32).flat_map(|i| one.iter().map(move |&pixel| pixel.saturating_add((i % 9) as u8))).collect();
    let asked: Vec<u8> = (0..500u32).map(|i| (i % 10) as u8).collect();
    let Judged { report, .. } = judge.judge(&same, Some(&asked), &reference).unwrap();
    let manifold = report.manifold.unwrap();
    assert!(manifold.recall < 0.01 && manifold.coverage < 0.05, "{manifold:?}");
    assert!(report.entropy_bits < 0.1 && report.inception_score < 1.2, "{report:?}");
    assert!((report.accuracy.unwrap() - 0.1).abs() < 0.01, "{report:?}");
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
    let Judged { report, pairs, .. } = judge.judge(&train.images, Some(&train.labels), &reference).unwrap();
    assert!(report.memorization.is_none() && report.accuracy.is_none() && pairs.is_empty());
    assert!(reference.floor().is_none());
}
