//! What the user sees of a run: a bar on a terminal, else a line every few seconds.

use super::losses::Row;
use crate::objectives::bce::{EQUILIBRIUM_VALUE, EQUILIBRIUM_VERDICT};
use indicatif::{ProgressBar, ProgressStyle};
use std::io::IsTerminal;
use std::time::{Duration, Instant};

/// Time between two lines where there is no terminal.
const LINE_INTERVAL: Duration = Duration::from_secs(10);
/// Weight of a new row in the numbers shown, which would jump otherwise.
const SMOOTHING: f64 = 0.05;

/// Shows the steps of a run on the standard error output.
pub struct Progress {
    /// `None` where the standard error output is no terminal.
    bar: Option<ProgressBar>,
    first_step: u64,
    steps: u64,
    steps_an_epoch: f64,
    start: Instant,
    last_line: Instant,
    shown: Option<Row>,
}

impl Progress {
    /// Of a run that has done `first_step` of `steps` steps, `steps_an_epoch` to an epoch.
    pub fn new(first_step: u64, steps: u64, steps_an_epoch: f64) -> Self {
        let bar = std::io::stderr().is_terminal().then(|| {
            let style = ProgressStyle::with_template("{bar:30} {pos}/{len} · {msg}")
                .expect("the template is a constant");
            ProgressBar::new(steps).with_position(first_step).with_style(style)
        });
        let now = Instant::now();
        Progress { bar, first_step, steps, steps_an_epoch, start: now, last_line: now, shown: None }
    }

    /// Takes in a step.
    pub fn see(&mut self, row: &Row) {
        let shown = match self.shown {
            None => *row,
            Some(shown) => blend(shown, row),
        };
        self.shown = Some(shown);
        if let Some(bar) = &self.bar {
            bar.set_message(self.describe(&shown));
            bar.set_position(row.step);
        } else if self.last_line.elapsed() >= LINE_INTERVAL || row.step == self.first_step + 1 {
            self.last_line = Instant::now();
            eprintln!("step {}/{} · {}", row.step, self.steps, self.describe(&shown));
        }
    }

    /// Takes the bar off the terminal.
    pub fn finish(&self) {
        if let Some(bar) = &self.bar {
            bar.finish();
        }
    }

    fn describe(&self, row: &Row) -> String {
        let done = (row.step - self.first_step) as f64;
        let seconds = self.start.elapsed().as_secs_f64() / done * (self.steps - row.step) as f64;
        let left = format!("{}:{:02} left", seconds as u64 / 60, seconds as u64 % 60);
        let Row { discriminator_loss, generator_loss, value, verdict_real, verdict_generated, .. } = row;
        format!(
            "epoch {:.1} · {left} · loss D {discriminator_loss:.2} G {generator_loss:.2} · \
             V {value:.2} (→ {EQUILIBRIUM_VALUE:.2}) · \
             D(x) {verdict_real:.2} D(G(z)) {verdict_generated:.2} (→ {EQUILIBRIUM_VERDICT})",
            row.step as f64 / self.steps_an_epoch
        )
    }
}

fn blend(shown: Row, row: &Row) -> Row {
    let mix = |shown: f64, new: f64| shown + SMOOTHING * (new - shown);
    Row {
        discriminator_loss: mix(shown.discriminator_loss, row.discriminator_loss),
        generator_loss: mix(shown.generator_loss, row.generator_loss),
        value: mix(shown.value, row.value),
        verdict_real: mix(shown.verdict_real, row.verdict_real),
        verdict_generated: mix(shown.verdict_generated, row.verdict_generated),
        ..*row
    }
}
