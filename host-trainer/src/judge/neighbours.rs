//! Distances between all vectors of two sets, as matrix products: ‖a − b‖² = ‖a‖² + ‖b‖² − 2 a·b.

use nalgebra::DMatrix;
use rayon::prelude::*;

/// Queries a task, and points that it looks at together: a block of distances stays in a core's cache.
const QUERIES: usize = 128;
const POINTS: usize = 1024;

/// Vectors of one length.
#[derive(Debug, Clone)]
pub struct Points {
    /// `[vectors, dimension]`; nalgebra keeps columns together, which is what the products read fastest.
    rows: DMatrix<f32>,
    /// Squared lengths.
    norms: Vec<f32>,
}

/// A query's nearest point.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Nearest {
    /// Which point.
    pub index: usize,
    /// How far it is.
    pub distance: f32,
}

impl Points {
    /// `values` is `[vectors, dimension]`, row by row.
    ///
    /// # Panics
    /// When `values` is not a whole number of vectors: the callers check.
    pub fn new(values: &[f32], dimension: usize) -> Points {
        assert!(values.len().is_multiple_of(dimension));
        let rows = DMatrix::from_row_slice(values.len() / dimension, dimension, values);
        let norms = values.chunks(dimension).map(|vector| vector.iter().map(|x| x * x).sum()).collect();
        Points { rows, norms }
    }

    /// How many vectors there are.
    pub fn len(&self) -> usize {
        self.norms.len()
    }

    /// Whether there is no vector.
    pub fn is_empty(&self) -> bool {
        self.norms.is_empty()
    }

    /// The squared distance of each vector to the `k`-th nearest of the others; infinite where there are fewer.
    ///
    /// Squared as it is computed: the root's square would leave the `k`-th neighbour itself outside at times.
    pub fn squared_radii(&self, k: usize) -> Vec<f32> {
        let per_query = self.for_queries(self, |query, blocks| {
            let mut nearest = vec![f32::INFINITY; k];
            blocks(&mut |first, distances| {
                for (offset, &distance) in distances.iter().enumerate() {
                    if distance < nearest[k - 1] && first + offset != query {
                        let place = nearest.partition_point(|&other| other <= distance);
                        nearest[place..].rotate_right(1);
                        nearest[place] = distance;
                    }
                }
            });
            nearest[k - 1]
        });
        per_query.collect()
    }

    /// For each of `queries` the nearest of these vectors.
    pub fn nearest_to(&self, queries: &Points) -> Vec<Nearest> {
        let per_query = self.for_queries(queries, |_, blocks| {
            let mut nearest = (0, f32::INFINITY);
            blocks(&mut |first, distances| {
                let lowest = distances.iter().copied().fold(f32::INFINITY, f32::min);
                if lowest < nearest.1 {
                    let offset = distances.iter().position(|&distance| distance == lowest).unwrap_or(0);
                    nearest = (first + offset, lowest);
                }
            });
            Nearest { index: nearest.0, distance: nearest.1.sqrt() }
        });
        per_query.collect()
    }

    /// Calls `visit` for each query with a function that shows it blocks of squared distances to these vectors: the
    /// index of a block's first vector, then one distance a vector.
    pub(super) fn for_queries<'a, T: Send + 'a>(
        &'a self,
        queries: &'a Points,
        visit: impl Fn(usize, &mut dyn FnMut(&mut dyn FnMut(usize, &[f32]))) -> T + Sync + Send + 'a,
    ) -> impl ParallelIterator<Item = T> + 'a {
        let starts = (0..queries.len()).step_by(QUERIES).collect::<Vec<_>>();
        let chunk = move |start: usize| {
            let count = QUERIES.min(queries.len() - start);
            let columns = queries.rows.rows(start, count).transpose();
            let distances = self.distances(&columns, &queries.norms[start..start + count]);
            let visit = &visit;
            let each = |query: usize| {
                visit(start + query, &mut |show| {
                    for (first, block) in &distances {
                        let height = block.nrows();
                        show(*first, &block.as_slice()[query * height..][..height]);
                    }
                })
            };
            (0..count).map(each).collect::<Vec<T>>()
        };
        starts.into_par_iter().flat_map_iter(chunk)
    }

    /// Blocks `[points, queries]` of squared distances, each with the index of its first point.
    fn distances(&self, columns: &DMatrix<f32>, norms: &[f32]) -> Vec<(usize, DMatrix<f32>)> {
        let block = |start: usize| {
            let count = POINTS.min(self.len() - start);
            let mut block = self.rows.rows(start, count) * columns;
            for (mut column, query) in block.column_iter_mut().zip(norms) {
                for (value, point) in column.iter_mut().zip(&self.norms[start..]) {
                    // Rounding may leave a hair below 0.
                    *value = (query + point - 2.0 * *value).max(0.0);
                }
            }
            (start, block)
        };
        (0..self.len()).step_by(POINTS).map(block).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::{Stream, normals, stream};

    fn distance(a: &[f32], b: &[f32]) -> f32 {
        a.iter().zip(b).map(|(a, b)| (a - b).powi(2)).sum::<f32>().sqrt()
    }

    /// Sizes that are no multiples of a block's.
    fn sets() -> (Vec<f32>, Vec<f32>) {
        let mut rng = stream(1, Stream::Noise);
        (normals(&mut rng, 1500 * 7, 0.0, 1.0), normals(&mut rng, 150 * 7, 0.5, 1.0))
    }

    #[test]
    fn the_nearest_point_is_that_of_a_plain_search() {
        let (points, queries) = sets();
        let found = Points::new(&points, 7).nearest_to(&Points::new(&queries, 7));
        assert_eq!(found.len(), 150);
        for (query, found) in queries.chunks(7).zip(found) {
            let all = points.chunks(7).map(|point| distance(query, point)).enumerate();
            let (index, distance) = all.min_by(|a, b| a.1.total_cmp(&b.1)).unwrap();
            assert_eq!(found.index, index);
            assert!((found.distance - distance).abs() < 1e-4, "{found:?} {distance}");
        }
    }

    #[test]
    fn a_radius_reaches_to_the_kth_of_the_others() {
        let (points, _) = sets();
        let radii = Points::new(&points, 7).squared_radii(5);
        for (index, point) in points.chunks(7).enumerate().step_by(97) {
            let mut all: Vec<f32> = points.chunks(7).map(|other| distance(point, other)).collect();
            all.sort_by(f32::total_cmp);
            // all[0] is the point itself.
            assert!((radii[index].sqrt() - all[5]).abs() < 1e-4, "{} {}", radii[index], all[5]);
        }
    }

    #[test]
    fn fewer_points_than_neighbours_reach_infinitely_far() {
        assert_eq!(Points::new(&[0.0, 1.0, 2.0], 1).squared_radii(3), [f32::INFINITY; 3]);
    }
}
