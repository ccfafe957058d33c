//! The judge's figures.

use serde::{Deserialize, Serialize};

use super::{Asked, Manifold, Memorization, Seen, diversity};
use crate::data::CLASSES;
use crate::figure::{Figure, Set, Why};

/// From so many pictures on, ten a class, the entropy of
/// the classes seen is 2 % too low at most, on average (9 / 2n nats, Miller 1955).
const ENOUGH_FOR_CLASSES: usize = 10 * CLASSES;

/// What the judge says of a set of pictures.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Scores {
    /// How many were judged.
    pub pictures: usize,
    /// Fréchet distance to real pictures on the judge's features; lower is better.
    pub fid: Figure,
    /// exp(mean KL(p(y|x) ‖ p(y))) on the judge's classes, 1 to 10: no Inception's either.
    pub inception_score: Figure,
    /// Entropy of the histogram of the classes seen, 0 to log₂ 10 = 3.32 bits; it falls when modes collapse.
    pub entropy_bits: Figure,
    /// Share of the pictures whose class the judge is at least 90 % sure of, 0 to 1.
    #[serde(default = "unsaid")]
    pub sure: Figure,
    /// Mean length of a picture's gradient, in whites per pixel: beside that of real digits, lower is blurred.
    #[serde(default = "unsaid")]
    pub sharpness: Figure,
    /// Share of the pictures that show the class they were made for, 0 to 1; none where none was asked for.
    pub accuracy: Option<Figure>,
    /// Share of the pictures that show the class which is the most frequent one of their code, 0 to 1; none without a code.
    pub purity: Option<Figure>,
    /// By class.
    pub classes: [ClassScores; CLASSES],
    /// Against the real pictures' manifold.
    pub manifold: Option<Manifold>,
    /// Against the training pictures.
    pub memorization: Option<Memorization>,
}

/// What files from before a figure say of it.
fn unsaid() -> Figure {
    Figure::None(Why::Unsaid)
}

/// What the judge says of one class.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct ClassScores {
    /// Pictures made for this class.
    pub asked: usize,
    /// Those of them in which the judge sees it.
    pub right: usize,
    /// Pictures, whatever made for, in which the judge sees it.
    pub seen: usize,
}

impl ClassScores {
    /// Share of the pictures made for this class that show it; none if none was made.
    pub fn accuracy(&self) -> Figure {
        Figure::of(self.right as f64 / self.asked.max(1) as f64).needing(Set::OfClass, self.asked, 1)
    }
}

impl Scores {
    /// The figures that need no real pictures but the `fid`; `asked` has a number a picture.
    pub(super) fn new(fid: Figure, asked: Option<Asked<'_>>, seen: &Seen) -> Scores {
        let mut classes = [ClassScores::default(); CLASSES];
        for &class in &seen.classes {
            classes[usize::from(class)].seen += 1;
        }
        let (asked, codes) = (asked.and_then(Asked::classes), asked.and_then(Asked::codes));
        for (&asked, &seen) in asked.unwrap_or_default().iter().zip(&seen.classes) {
            classes[usize::from(asked)].asked += 1;
            classes[usize::from(asked)].right += usize::from(asked == seen);
        }
        let right: usize = classes.iter().map(|class| class.right).sum();
        let histogram = classes.map(|class| class.seen);
        let pictures = seen.classes.len();
        let of_classes = |value: f64| {
            let why = Why::FewForClasses { pictures, needed: ENOUGH_FOR_CLASSES };
            Figure::of(value).doubted(pictures < ENOUGH_FOR_CLASSES, why)
        };
        Scores {
            pictures,
            fid,
            inception_score: of_classes(diversity::inception_score(&seen.probabilities)),
            entropy_bits: of_classes(diversity::entropy_bits(&histogram)),
            sure: Figure::of(diversity::sure(&seen.probabilities)),
            sharpness: Figure::of(seen.sharpness),
            accuracy: asked.map(|asked| Figure::of(right as f64 / asked.len() as f64)),
            purity: codes.map(|codes| of_classes(diversity::purity(codes, &seen.classes))),
            classes,
            manifold: None,
            memorization: None,
        }
    }

    /// How often the judge sees each class, whatever was asked for.
    pub fn histogram(&self) -> [usize; CLASSES] {
        self.classes.map(|class| class.seen)
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    /// Of four pictures, in two of which the class asked for is seen.
    pub(in crate::judge) fn report() -> Scores {
        let sure =
            |class: u8| (0..CLASSES).map(move |other| f32::from(u8::from(usize::from(class) == other)));
        let classes = vec![0, 1, 7, 7];
        let probabilities = classes.iter().flat_map(|&class| sure(class)).collect();
        let seen = Seen { features: vec![], probabilities, classes, sharpness: 0.0 };
        Scores::new(Figure::Sound(6.204), Some(Asked::Class(&[0, 1, 1, 2])), &seen)
    }

    #[test]
    fn counts_by_class() {
        let report = report();
        assert_eq!((report.accuracy, report.pictures), (Some(Figure::Sound(0.5)), 4));
        assert_eq!(report.classes[1], ClassScores { asked: 2, right: 1, seen: 1 });
        assert_eq!(report.classes[1].accuracy(), Figure::Sound(0.5));
        let none = Why::TooFew { set: Set::OfClass, pictures: 0, needed: 1 };
        assert_eq!(report.classes[7].accuracy(), Figure::None(none));
        assert_eq!(report.histogram(), [1, 1, 0, 0, 0, 0, 0, 2, 0, 0]);
        assert_eq!(report.entropy_bits.value(), Some(1.5));
    }

    #[test]
    fn classes_counted_in_a_handful_are_in_doubt() {
        let few = Some(Why::FewForClasses { pictures: 4, needed: 100 });
        let report = report();
        assert_eq!((report.entropy_bits.why(), report.inception_score.why()), (few, few));
        let classes: Vec<u8> = (0..100).map(|i| i % 10).collect();
        let seen = Seen { features: vec![], probabilities: vec![0.1; 1000], classes, sharpness: 0.0 };
        let report = Scores::new(Figure::Sound(1.0), None, &seen);
        assert!(report.entropy_bits.sound().is_some() && report.inception_score.sound().is_some());
    }

    #[test]
    fn ten_pictures_a_class_are_enough_for_the_entropy_within_two_percent() {
        use rand::{RngExt, SeedableRng};
        let mut rng = rand_xoshiro::Xoshiro256PlusPlus::seed_from_u64(1);
        let mut mean = |pictures: usize| {
            let entropy = |_| {
                let mut histogram = [0; CLASSES];
                (0..pictures).for_each(|_| histogram[rng.random_range(0..CLASSES)] += 1);
                diversity::entropy_bits(&histogram)
            };
            (0..1000).map(entropy).sum::<f64>() / 1000.0 / (CLASSES as f64).log2()
        };
        let (enough, ten) = (mean(ENOUGH_FOR_CLASSES), mean(10));
        assert!((0.975..0.985).contains(&enough) && ten < 0.85, "{enough} {ten}");
    }
}
