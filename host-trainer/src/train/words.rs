//! Numbers of a run in words, for lines and for the live view.

use std::time::Duration;

use crate::players::{Chart, Curve};

/// What a chart shows, as numbers.
pub(super) fn numbers(chart: &Chart, values: &[Option<f64>]) -> String {
    let curve = |curve: &Curve| Some(format!("{} {:.2}", curve.short, values[curve.column]?));
    let curves: Vec<String> = chart.curves.iter().filter_map(curve).collect();
    let level = chart.level.map(|(_, level)| format!(" (→ {level:.2})")).unwrap_or_default();
    curves.join(" ") + &level
}

/// How long the steps up to `steps` will take, if they take as long as those from `first_step` to `step` did.
pub(super) fn time_left(elapsed: Duration, first_step: u64, step: u64, steps: u64) -> String {
    let done = (step - first_step).max(1) as f64;
    let seconds = elapsed.as_secs_f64() / done * (steps - step) as f64;
    format!("{}:{:02} left", seconds as u64 / 60, seconds as u64 % 60)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn time_left_counts_from_the_start_of_this_sitting() {
        // 100 steps took 50 s, and 250 are to come.
        assert_eq!(time_left(Duration::from_secs(50), 1000, 1100, 1350), "2:05 left");
    }
}
