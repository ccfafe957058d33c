//! Fréchet distance between two sets of features (Heusel et al. 2017, equation 6).
//!
//! Each set is described by a Gaussian: d² = ‖μ₁ − μ₂‖² + tr(Σ₁ + Σ₂ − 2 (Σ₁ Σ₂)^½). All in f64.

use nalgebra::{DMatrix, DVector, SymmetricEigen};

use crate::figure::{Figure, Set, Why};

/// Mean and covariance of a set of feature vectors.
#[derive(Debug, Clone, PartialEq)]
pub struct Statistics {
    vectors: usize,
    mean: DVector<f64>,
    covariance: DMatrix<f64>,
}

impl Statistics {
    /// Of `features`, `[vectors, dimension]` row by row; the covariance is the unbiased one, and 0
    /// of a single vector.
    ///
    /// # Panics
    /// When there is no vector, or half a one: the callers check.
    pub fn of(features: &[f32], dimension: usize) -> Statistics {
        assert!(!features.is_empty() && features.len().is_multiple_of(dimension));
        let count = features.len() / dimension;
        let columns = DMatrix::from_iterator(dimension, count, features.iter().map(|&x| f64::from(x)));
        let mean = columns.column_mean();
        let mut centred = columns;
        centred.column_iter_mut().for_each(|mut column| column -= &mean);
        let covariance = &centred * centred.transpose() / (count - 1).max(1) as f64;
        Statistics { vectors: count, mean, covariance }
    }
}

/// The distance of judged pictures to real ones: none where a set has no covariance, in doubt where one is singular.
pub fn fid(judged: &Statistics, real: &Statistics) -> Figure {
    // Of n vectors the covariance has rank n − 1 at most.
    let needed = real.mean.len() + 1;
    let sets = [(Set::Judged, judged.vectors), (Set::Real, real.vectors)];
    sets.into_iter().fold(Figure::of(frechet_distance(judged, real)), |fid, (set, pictures)| {
        let singular = Why::Singular { set, pictures, needed };
        fid.needing(set, pictures, 2).doubted(pictures < needed, singular)
    })
}

/// The squared Fréchet distance, which is what everyone calls "FID". 0 where both are the same.
///
/// Fewer vectors give a higher value: compare figures of equal counts only.
pub fn frechet_distance(a: &Statistics, b: &Statistics) -> f64 {
    let means = (&a.mean - &b.mean).norm_squared();
    // (Σ₁ Σ₂)^½ has the trace of (Σ₁^½ Σ₂ Σ₁^½)^½, which is symmetric: no complex numbers appear.
    let root = square_root(&a.covariance);
    let product = &root * &b.covariance * &root;
    let symmetric = (&product + product.transpose()) * 0.5;
    let overlap: f64 = SymmetricEigen::new(symmetric).eigenvalues.iter().map(|&x| x.max(0.0).sqrt()).sum();
    means + a.covariance.trace() + b.covariance.trace() - 2.0 * overlap
}

/// The symmetric square root of a covariance; rounding's negative eigenvalues count as 0.
fn square_root(covariance: &DMatrix<f64>) -> DMatrix<f64> {
    let eigen = SymmetricEigen::new(covariance.clone());
    let roots = DMatrix::from_diagonal(&eigen.eigenvalues.map(|value| value.max(0.0).sqrt()));
    &eigen.eigenvectors * roots * eigen.eigenvectors.transpose()
}

#[cfg(test)]
mod tests {
    use rand::SeedableRng;
    use rand_distr::{Distribution, StandardNormal};
    use rand_xoshiro::Xoshiro256PlusPlus;

    use super::*;

    /// `count` vectors of `dimension` correlated normal numbers.
    fn normals(seed: u64, count: usize, dimension: usize) -> Vec<f32> {
        let mut rng = Xoshiro256PlusPlus::seed_from_u64(seed);
        (0..count)
            .flat_map(|_| {
                let mut sum = 0.0;
                let vector: Vec<f32> = StandardNormal.sample_iter(&mut rng).take(dimension).collect();
                vector.into_iter().map(move |x: f32| {
                    sum += x;
                    sum * 0.3 + x
                })
            })
            .collect()
    }

    #[test]
    fn mean_and_covariance_of_a_set_known_by_hand() {
        let set = Statistics::of(&[1.0, 2.0, 3.0, 6.0, 5.0, 1.0], 2);
        assert_eq!(set.mean.as_slice(), [3.0, 3.0]);
        assert_eq!(set.covariance.as_slice(), [4.0, -1.0, -1.0, 7.0]);
    }

    #[test]
    fn identical_sets_are_at_distance_0() {
        let set = Statistics::of(&normals(1, 500, 32), 32);
        assert!(frechet_distance(&set, &set).abs() < 1e-6);
        // Features that are always 0, and fewer vectors than dimensions, make Σ singular.
        let mut features = normals(2, 20, 32);
        features.iter_mut().step_by(4).for_each(|x| *x = 0.0);
        let set = Statistics::of(&features, 32);
        assert!(frechet_distance(&set, &set).abs() < 1e-6);
    }

    #[test]
    fn a_shift_costs_its_squared_length() {
        let features = normals(3, 1000, 8);
        let moved: Vec<f32> =
            features.iter().enumerate().map(|(i, x)| x + if i % 8 == 2 { 3.0 } else { -0.5 }).collect();
        let distance = frechet_distance(&Statistics::of(&features, 8), &Statistics::of(&moved, 8));
        assert!((distance - (9.0 + 7.0 * 0.25)).abs() < 1e-4, "{distance}");
    }

    #[test]
    fn a_scale_costs_the_trace_of_what_it_adds() {
        // Covariances Σ and s²Σ about the same mean: tr Σ (1 + s² − 2s) = (s − 1)² tr Σ.
        let features = normals(4, 1000, 8);
        let set = Statistics::of(&features, 8);
        let centred: Vec<f32> =
            features.iter().enumerate().map(|(i, &x)| (f64::from(x) - set.mean[i % 8]) as f32).collect();
        let scaled: Vec<f32> = centred.iter().map(|x| 3.0 * x).collect();
        let distance = frechet_distance(&Statistics::of(&centred, 8), &Statistics::of(&scaled, 8));
        let expected = 4.0 * set.covariance.trace();
        assert!((distance - expected).abs() < 1e-4 * expected, "{distance}, expected {expected}");
    }

    #[test]
    fn covariances_that_do_not_commute_agree_with_the_closed_form_in_two_dimensions() {
        // tr (AB)^½ = √(tr AB + 2 √det AB) for 2×2.
        let a: DMatrix<f64> = DMatrix::from_row_slice(2, 2, &[2.0, 0.5, 0.5, 1.0]);
        let b: DMatrix<f64> = DMatrix::from_row_slice(2, 2, &[1.0, -0.3, -0.3, 4.0]);
        let product = &a * &b;
        let overlap = (product.trace() + 2.0 * product.determinant().sqrt()).sqrt();
        let expected = a.trace() + b.trace() - 2.0 * overlap;
        let gaussian = |covariance| Statistics { vectors: 3, mean: DVector::zeros(2), covariance };
        let (a, b) = (gaussian(a), gaussian(b));
        assert!((frechet_distance(&a, &b) - expected).abs() < 1e-9);
        assert!((frechet_distance(&b, &a) - expected).abs() < 1e-9, "and it is symmetric");
    }

    #[test]
    fn few_pictures_leave_the_distance_in_doubt_and_one_leaves_none() {
        let of = |count: usize| Statistics::of(&normals(5, count, 8), 8);
        assert!(fid(&of(9), &of(9)).sound().is_some());
        let singular = |set| Some(Why::Singular { set, pictures: 8, needed: 9 });
        let doubtful = fid(&of(8), &of(9));
        assert_eq!((doubtful.why(), doubtful.value().is_some()), (singular(Set::Judged), true));
        assert_eq!(fid(&of(9), &of(8)).why(), singular(Set::Real));
        let one = |set| Figure::None(Why::TooFew { set, pictures: 1, needed: 2 });
        assert_eq!((fid(&of(1), &of(9)), fid(&of(9), &of(1))), (one(Set::Judged), one(Set::Real)));
    }
}
