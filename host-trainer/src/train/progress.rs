//! What the user sees of a run: the live view on a terminal, else a line every few seconds.

use super::config::TrainConfig;
use super::fid_path::Point;
use super::view::{Shown, View};
use super::words::{numbers, time_left};
use crate::pictures::Pictures;
use crate::players::Record;
use crate::players::Row;
use crate::terminal::say;
use std::time::{Duration, Instant};

/// Time between two lines.
const LINE_INTERVAL: Duration = Duration::from_secs(10);
/// Weight of a new row in the numbers shown, which would jump otherwise.
const SMOOTHING: f64 = 0.05;

/// Shows the steps of a run on the standard error output.
pub struct Progress {
    view: Option<View>,
    record: &'static Record,
    first_step: u64,
    steps: u64,
    steps_an_epoch: f64,
    start: Instant,
    /// When the last line was written; `None` before the first.
    last_line: Option<Instant>,
    shown: Option<Row>,
    /// Said in the view, and to be said again where it stays.
    warnings: Vec<String>,
}

impl Drop for Progress {
    fn drop(&mut self) {
        // The terminal is given back first.
        self.view = None;
        self.warnings.drain(..).for_each(|words| say!("warning: {words}"));
    }
}

impl Progress {
    /// Of the run of `config` that has come to step `first_step` and has `rows` of the steps before, `steps_an_epoch` to
    /// an epoch. `live_view` draws on the terminal, if there is one.
    pub fn new(
        config: &TrainConfig,
        (first_step, rows): (u64, &[Row]),
        steps_an_epoch: f64,
        live_view: bool,
    ) -> Self {
        let (steps, record) = (config.all_steps(), config.family.family().record);
        let view = (live_view && first_step < steps)
            .then(|| View::open(Shown::new(config, (first_step, rows), steps_an_epoch)))
            .flatten();
        Progress {
            view,
            record,
            first_step,
            steps,
            steps_an_epoch,
            start: Instant::now(),
            last_line: None,
            shown: None,
            warnings: Vec::new(),
        }
    }

    /// Takes in a step.
    pub fn see(&mut self, row: &Row) {
        let shown = match self.shown.take() {
            None => row.clone(),
            Some(shown) => blend(&shown, row),
        };
        if let Some(view) = &self.view {
            view.see(row);
            if view.is_open() {
                self.shown = Some(shown);
                return;
            }
            self.view = None;
            self.warnings.drain(..).for_each(|words| say!("warning: {words}"));
        }
        if self.last_line.is_none_or(|last| last.elapsed() >= LINE_INTERVAL) {
            self.last_line = Some(Instant::now());
            say!("step {}/{} · {}", row.step, self.steps, self.describe(&shown));
        }
        self.shown = Some(shown);
    }

    /// Takes in pictures of the averaged generator after step `step`.
    pub fn see_pictures(&self, step: u64, pictures: Pictures) {
        if let Some(view) = &self.view {
            view.see_pictures(step, pictures);
        }
    }

    /// Takes in what the judge found of the averaged generator's pictures after step `step`.
    pub fn see_fid(&self, step: u64, point: &Point) {
        if let (None, Some(fid), Some(bits)) = (&self.view, point.fid, point.entropy_bits) {
            say!("step {step}/{} · FID {fid:.1}, class entropy {bits:.2} bits of 2,000 pictures", self.steps);
        }
    }

    /// Tells the user what goes wrong: as a line, or in the view, and as a line once that is left.
    pub fn warn(&mut self, words: String) {
        match &self.view {
            Some(view) if view.is_open() => {
                view.warn(words.clone());
                self.warnings.push(words);
            }
            _ => say!("warning: {words}"),
        }
    }

    /// Takes in that all steps up to `step` are saved.
    pub fn see_checkpoint(&self, step: u64) {
        if let Some(view) = &self.view {
            view.see_checkpoint(step);
        }
    }

    fn describe(&self, row: &Row) -> String {
        let left = time_left(self.start.elapsed(), self.first_step, row.step, self.steps);
        let charts: Vec<String> =
            self.record.charts.iter().map(|chart| numbers(chart, &row.values)).collect();
        format!("epoch {:.1} · {left} · {}", row.step as f64 / self.steps_an_epoch, charts.join(" · "))
    }
}

fn blend(shown: &Row, row: &Row) -> Row {
    let mix = |(shown, new): (&Option<f64>, &Option<f64>)| match (shown, new) {
        (Some(shown), Some(new)) => Some(shown + SMOOTHING * (new - shown)),
        (shown, new) => new.or(*shown),
    };
    Row { values: shown.values.iter().zip(&row.values).map(mix).collect(), ..*row }
}
