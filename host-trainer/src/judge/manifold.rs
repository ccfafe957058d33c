//! Do generated pictures lie where real ones lie, and everywhere there?
//!
//! A set's *manifold* is the union of balls around its feature vectors, each reaching to its vector's [`K`]-th nearest
//! neighbour in the set.

use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use super::neighbours::Points;
use crate::figure::{Figure, Set};

/// Neighbours that a ball reaches to, as in Naeem et al. 2020.
pub const K: usize = 5;

/// Precision and recall (Kynkäänniemi et al. 2019), density and coverage (Naeem et al. 2020, section 3), 1 where
/// both sets are alike; none where a set is too small for a vector to have [`K`] neighbours.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Manifold {
    /// Share of the generated vectors inside the real manifold: fidelity.
    pub precision: Figure,
    /// Share of the real vectors inside the generated manifold: variety.
    pub recall: Figure,
    /// Real balls around a generated vector, over [`K`]; above 1 where they crowd in the middle.
    pub density: Figure,
    /// Share of the real balls that hold a generated vector: variety that outliers do not raise.
    pub coverage: Figure,
}

/// Real vectors and their balls.
#[derive(Debug, Clone)]
pub struct Real {
    points: Points,
    squared_radii: Vec<f32>,
}

impl Real {
    /// Of vectors with their [`Points::squared_radii`] for [`K`].
    pub fn new(points: Points, squared_radii: Vec<f32>) -> Real {
        Real { points, squared_radii }
    }

    /// Where `generated` lies.
    pub fn compare(&self, generated: &Points) -> Manifold {
        let (real, drawn) = (&self.squared_radii, generated.squared_radii(K));
        // Of each generated vector: real balls that hold it.
        let balls: Vec<usize> = self
            .points
            .for_queries(generated, |_, blocks| {
                let mut balls = 0;
                blocks(&mut |first, distances| {
                    let inside =
                        distances.iter().zip(&real[first..]).filter(|(distance, ball)| distance <= ball);
                    balls += inside.count();
                });
                balls
            })
            .collect();
        // Of each real vector: whether a generated ball holds it, and whether its own holds a generated one.
        let (held, holds): (Vec<bool>, Vec<bool>) = generated
            .for_queries(&self.points, |query, blocks| {
                let (mut held, mut nearest) = (false, f32::INFINITY);
                blocks(&mut |first, distances| {
                    held |= distances.iter().zip(&drawn[first..]).any(|(distance, ball)| distance <= ball);
                    nearest = distances.iter().copied().fold(nearest, f32::min);
                });
                (held, nearest <= real[query])
            })
            .unzip();
        let share = |flags: &[bool]| flags.iter().filter(|&&flag| flag).count() as f64 / flags.len() as f64;
        let count = balls.len() as f64;
        // A ball without K neighbours to reach to is infinite: everything lies in it.
        let figure = |value: f64| {
            let figure = Figure::of(value).needing(Set::Judged, generated.len(), K + 1);
            figure.needing(Set::Real, self.points.len(), K + 1)
        };
        Manifold {
            precision: figure(balls.iter().filter(|&&balls| balls > 0).count() as f64 / count),
            recall: figure(share(&held)),
            density: figure(balls.iter().sum::<usize>() as f64 / (K as f64 * count)),
            coverage: figure(share(&holds)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::figure::Why;
    use crate::random::{Stream, normals, stream};

    const DIMENSION: usize = 8;

    fn gaussian(seed: u64, mean: f32, deviation: f32) -> Points {
        let values = normals(&mut stream(seed, Stream::Noise), 2000 * DIMENSION, mean, deviation);
        Points::new(&values, DIMENSION)
    }

    fn real() -> Real {
        let points = gaussian(1, 0.0, 1.0);
        let radii = points.squared_radii(K);
        Real::new(points, radii)
    }

    /// Precision, recall, density and coverage, all sound.
    fn numbers(found: Manifold) -> [f64; 4] {
        let Manifold { precision, recall, density, coverage } = found;
        [precision, recall, density, coverage].map(|figure| figure.sound().expect("sets are large"))
    }

    #[test]
    fn a_set_lies_on_itself() {
        let [precision, recall, density, coverage] = numbers(real().compare(&gaussian(1, 0.0, 1.0)));
        assert_eq!((precision, recall, coverage), (1.0, 1.0, 1.0));
        // Each ball holds its own vector and K others.
        assert!((density - (K + 1) as f64 / K as f64).abs() < 1e-3, "{density}");
    }

    #[test]
    fn another_sample_of_the_same_distribution_is_nearly_as_good() {
        let found = numbers(real().compare(&gaussian(2, 0.0, 1.0)));
        let [precision, recall, density, coverage] = found;
        assert!(precision > 0.8 && recall > 0.8 && coverage > 0.9, "{found:?}");
        assert!((density - 1.0).abs() < 0.1, "{found:?}");
    }

    #[test]
    fn far_away_nothing_is_shared() {
        assert_eq!(numbers(real().compare(&gaussian(2, 20.0, 1.0))), [0.0; 4]);
    }

    #[test]
    fn a_narrow_set_is_precise_but_covers_little() {
        let found = numbers(real().compare(&gaussian(2, 0.0, 0.3)));
        let [precision, recall, density, coverage] = found;
        assert!(precision > 0.99 && density > 1.5, "{found:?}");
        assert!(recall < 0.05 && coverage < 0.6, "{found:?}");
    }

    #[test]
    fn a_set_without_enough_neighbours_has_no_manifold() {
        let some = |count: usize| {
            let values = normals(&mut stream(3, Stream::Noise), count * DIMENSION, 0.0, 1.0);
            Points::new(&values, DIMENSION)
        };
        let real = |count: usize| Real::new(some(count), some(count).squared_radii(K));
        let figures = |found: Manifold| [found.precision, found.recall, found.density, found.coverage];
        let few = |set| Figure::None(Why::TooFew { set, pictures: K, needed: K + 1 });
        assert_eq!(figures(real(50).compare(&some(K))), [few(Set::Judged); 4]);
        assert_eq!(figures(real(K).compare(&some(50))), [few(Set::Real); 4]);
        assert!(figures(real(K + 1).compare(&some(K + 1))).iter().all(|figure| figure.sound().is_some()));
    }
}
