//! A run's rows, as many as a chart can show.

use crate::players::Row;

/// At most so many points; then two become one.
const MOST: usize = 256;

/// What a point is the mean of.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Point {
    pub(super) step: f64,
    /// As in a row.
    pub(super) values: Vec<Option<f64>>,
}

/// Points that are means of equally many rows.
#[derive(Debug, Clone)]
pub(super) struct History {
    points: Vec<Point>,
    /// Rows a point.
    each: usize,
    /// Rows of the next point.
    rows: Vec<Point>,
}

impl Default for History {
    fn default() -> History {
        History { points: Vec::new(), each: 1, rows: Vec::new() }
    }
}

impl History {
    pub(super) fn push(&mut self, row: &Row) {
        self.rows.push(Point { step: row.step as f64, values: row.values.clone() });
        if self.rows.len() >= self.each {
            self.points.push(mean(&self.rows));
            self.rows.clear();
        }
        if self.points.len() >= MOST {
            self.points = self.points.chunks(2).map(mean).collect();
            self.each *= 2;
        }
    }

    pub(super) fn points(&self) -> &[Point] {
        &self.points
    }
}

fn mean(points: &[Point]) -> Point {
    let mean = |values: Vec<f64>| values.iter().sum::<f64>() / values.len() as f64;
    let column = |column: usize| {
        let values: Vec<f64> = points.iter().filter_map(|point| point.values[column]).collect();
        (!values.is_empty()).then(|| mean(values))
    };
    Point {
        step: mean(points.iter().map(|point| point.step).collect()),
        values: (0..points[0].values.len()).map(column).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_run_keeps_few_points_of_equal_weight() {
        let mut history = History::default();
        for step in 1..=10_000u64 {
            let x = step as f64;
            let row = Row { step, values: vec![Some(x), Some(2.0 * x), None], spread: 0.3 };
            history.push(&row);
        }
        let points = history.points();
        assert!((MOST / 2..MOST).contains(&points.len()), "{}", points.len());
        for point in points {
            assert_eq!(point.values, [Some(point.step), Some(2.0 * point.step), None]);
        }
        let width = points[1].step - points[0].step;
        assert!(points.windows(2).all(|pair| (pair[1].step - pair[0].step - width).abs() < 1e-9));
    }
}
