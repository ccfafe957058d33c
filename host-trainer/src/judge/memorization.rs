//! Does a generator repeat its training pictures? How near its pictures come to them, against how near held-out ones do.
//!
//! Distances are Euclidean over pixels in 0 to 1: features would call two different digits of one shape the same.

use serde::{Deserialize, Serialize};

use super::neighbours::{Nearest, Points};
use crate::figure::{Figure, Set};

/// How many of the closest pairs are kept to be looked at.
pub const PAIRS: usize = 10;
/// The held-out pictures closest to a training picture, of which a generator's share is counted.
const CLOSEST: f64 = 0.01;

/// Distances of pictures to the nearest training picture. A share of them needs so many pictures that one is in it.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Memorization {
    /// Half of the pictures are closer.
    pub median: Figure,
    /// 5 % are closer.
    pub percentile_5: Figure,
    /// 1 % are closer.
    pub percentile_1: Figure,
    /// The closest one.
    pub closest: Figure,
    /// Share of the pictures that are closer than the closest 1 % of held-out pictures: 0.01 where nothing was
    /// learned by heart.
    pub suspicious: Figure,
}

/// A picture and its nearest training picture.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Pair {
    /// Which picture.
    pub picture: usize,
    /// Which training picture.
    pub training: usize,
    /// Between them.
    pub distance: f64,
}

/// Grey pictures, `n·pixels` bytes, as vectors of 0 to 1.
pub fn points(pictures: &[u8], pixels: usize) -> Points {
    let values: Vec<f32> = pictures.iter().map(|&pixel| f32::from(pixel) / 255.0).collect();
    Points::new(&values, pixels)
}

/// Sums up `distances` to the nearest training picture, beside those of held-out pictures.
///
/// # Panics
/// When one of both is empty: the callers check.
pub fn memorization(distances: &[f32], held_out: &[f32]) -> Memorization {
    let sorted = |distances: &[f32]| {
        let mut distances = distances.to_vec();
        distances.sort_by(f32::total_cmp);
        distances
    };
    let (distances, held_out) = (sorted(distances), sorted(held_out));
    let suspicious = distances.partition_point(|&distance| distance < percentile(&held_out, CLOSEST));
    let suspicious = Figure::of(suspicious as f64 / distances.len() as f64);
    let judged = |figure: Figure, share: f64| figure.needing(Set::Judged, distances.len(), needed(share));
    let closest_share = |share: f64| judged(Figure::of(percentile(&distances, share).into()), share);
    Memorization {
        median: closest_share(0.5),
        percentile_5: closest_share(0.05),
        percentile_1: closest_share(0.01),
        closest: Figure::of(distances[0].into()),
        suspicious: judged(suspicious, CLOSEST).needing(Set::Real, held_out.len(), needed(CLOSEST)),
    }
}

/// The [`PAIRS`] closest, the closest first.
pub fn closest(found: &[Nearest]) -> Vec<Pair> {
    let pair = |(picture, nearest): (usize, &Nearest)| Pair {
        picture,
        training: nearest.index,
        distance: nearest.distance.into(),
    };
    let mut pairs: Vec<Pair> = found.iter().enumerate().map(pair).collect();
    pairs.sort_by(|a, b| a.distance.total_cmp(&b.distance));
    pairs.truncate(PAIRS);
    pairs
}

/// How many pictures have one in their closest `share`.
fn needed(share: f64) -> usize {
    (1.0 / share).ceil() as usize
}

fn percentile(sorted: &[f32], share: f64) -> f32 {
    sorted[((sorted.len() as f64 * share) as usize).min(sorted.len() - 1)]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::figure::Why;

    fn nearest(distances: &[f32]) -> Vec<Nearest> {
        distances.iter().enumerate().map(|(index, &distance)| Nearest { index, distance }).collect()
    }

    #[test]
    fn pictures_like_held_out_ones_are_not_suspicious() {
        let distances: Vec<f32> = (0..1000).map(|i| 5.0 + i as f32 * 0.01).collect();
        let found = memorization(&distances, &distances);
        let found = [found.suspicious, found.median, found.closest];
        assert_eq!(found, [0.01, 10.0, 5.0].map(Figure::Sound));
    }

    #[test]
    fn copies_are() {
        let held_out: Vec<f32> = (0..1000).map(|i| 5.0 + i as f32 * 0.01).collect();
        let copies = [vec![0.0; 300], vec![8.0; 700]].concat();
        let found = memorization(&copies, &held_out);
        assert_eq!([found.suspicious, found.percentile_5], [0.3, 0.0].map(Figure::Sound));
    }

    #[test]
    fn a_share_of_which_there_is_no_picture_has_no_distance() {
        let many: Vec<f32> = (0..100).map(|i| i as f32).collect();
        let few = |set, pictures, needed| Figure::None(Why::TooFew { set, pictures, needed });
        let found = memorization(&many[..99], &many);
        assert_eq!(found.percentile_1, few(Set::Judged, 99, 100));
        assert_eq!(found.suspicious, few(Set::Judged, 99, 100));
        assert_eq!([found.percentile_5, found.closest], [4.0, 0.0].map(Figure::Sound));
        let found = memorization(&many, &many[..19]);
        assert_eq!(found.suspicious, few(Set::Real, 19, 100));
        assert_eq!([found.percentile_1, found.percentile_5], [1.0, 5.0].map(Figure::Sound));
        assert_eq!(memorization(&many[..1], &many).median, few(Set::Judged, 1, 2));
    }

    #[test]
    fn the_closest_pairs_come_first() {
        let found = closest(&nearest(&[3.0, 1.0, 2.0]));
        assert_eq!(found.iter().map(|pair| pair.picture).collect::<Vec<_>>(), [1, 2, 0]);
        assert_eq!(found[0].distance, 1.0);
    }
}
