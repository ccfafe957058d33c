//! A run's rows, as many as a chart can show.

use super::super::losses::Row;

/// At most so many points; then two become one.
const MOST: usize = 256;

/// What a point is the mean of.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub(super) struct Point {
    pub(super) step: f64,
    pub(super) discriminator_loss: f64,
    pub(super) generator_loss: f64,
    pub(super) verdict_real: f64,
    pub(super) verdict_generated: f64,
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
        self.rows.push(Point {
            step: row.step as f64,
            discriminator_loss: row.discriminator_loss,
            generator_loss: row.generator_loss,
            verdict_real: row.verdict_real,
            verdict_generated: row.verdict_generated,
        });
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
    let of = |field: fn(&Point) -> f64| points.iter().map(field).sum::<f64>() / points.len() as f64;
    Point {
        step: of(|point| point.step),
        discriminator_loss: of(|point| point.discriminator_loss),
        generator_loss: of(|point| point.generator_loss),
        verdict_real: of(|point| point.verdict_real),
        verdict_generated: of(|point| point.verdict_generated),
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
            let row = Row {
                step,
                discriminator_loss: x,
                generator_loss: 2.0 * x,
                penalty: None,
                value: 0.0,
                verdict_real: 0.5,
                verdict_generated: 0.5,
                spread: 0.3,
            };
            history.push(&row);
        }
        let points = history.points();
        assert!((MOST / 2..MOST).contains(&points.len()), "{}", points.len());
        for point in points {
            assert_eq!((point.discriminator_loss, point.generator_loss), (point.step, 2.0 * point.step));
        }
        let width = points[1].step - points[0].step;
        assert!(points.windows(2).all(|pair| (pair[1].step - pair[0].step - width).abs() < 1e-9));
    }
}
