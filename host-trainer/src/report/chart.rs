//! Curves over the steps of a run, as SVG whose colours the page's style sheet gives.

use maud::{Markup, html};

use crate::players::Chart;
use crate::players::Row;
use crate::train::{extent, means};

/// The drawing's size, in its own units.
const SIZE: (f64, f64) = (640.0, 260.0);
/// Room for the labels: left, right, top, bottom.
const MARGINS: (f64, f64, f64, f64) = (52.0, 12.0, 12.0, 34.0);
/// At most so many points a curve: each is the mean of as many rows as that takes.
const POINTS: usize = 320;
/// At most so many labels an axis.
const TICKS: f64 = 6.0;

/// The curves of `shown` over the steps of `rows`, with a dashed line at its level.
pub(super) fn chart(shown: &Chart, rows: &[Row]) -> Markup {
    let Chart { title, curves, level, .. } = shown;
    let series: Vec<Vec<(f64, f64)>> = curves.iter().map(|curve| means(rows, curve.column, POINTS)).collect();
    let values = || series.iter().flatten().map(|point| point.1).chain(level.map(|level| level.1));
    let (low, high) = extent(values());
    let room = (high - low).max(0.1) * 0.06;
    let y_axis = Axis { from: low - room, to: high + room, start: SIZE.1 - MARGINS.3, end: MARGINS.2 };
    let last = rows.last().map_or(1.0, |row| row.step as f64);
    let x_axis = Axis { from: 0.0, to: last, start: MARGINS.0, end: SIZE.0 - MARGINS.1 };
    let line = |points: &[(f64, f64)]| {
        let points = points.iter().map(|&(x, y)| format!("{:.1},{:.1}", x_axis.place(x), y_axis.place(y)));
        points.collect::<Vec<_>>().join(" ")
    };
    html! {
        figure {
            figcaption {
                strong { (title) }
                @for (number, curve) in curves.iter().enumerate() {
                    @if !series[number].is_empty() { span class={ "key k" (number) } { (curve.label) } }
                }
                @if let Some((name, _)) = level { span class="key level" { (name) } }
            }
            svg viewBox={ "0 0 " (SIZE.0) " " (SIZE.1) } role="img" aria-label=(title) {
                @for tick in y_axis.ticks() {
                    @let y = format!("{:.1}", y_axis.place(tick.0));
                    line class="grid" x1=(x_axis.start) x2=(x_axis.end) y1=(y) y2=(y) {}
                    text class="left" x=(MARGINS.0 - 8.0) y=(y) dy="0.35em" { (tick.1) }
                }
                @for tick in x_axis.ticks() {
                    text class="below" x=(format!("{:.1}", x_axis.place(tick.0))) y=(SIZE.1 - MARGINS.3 + 16.0) { (tick.1) }
                }
                text class="below" x=((x_axis.start + x_axis.end) / 2.0) y=(SIZE.1 - 4.0) { "step" }
                @if let Some((_, value)) = *level {
                    polyline class="level" points=(line(&[(x_axis.from, value), (x_axis.to, value)])) {}
                }
                @for (number, points) in series.iter().enumerate() {
                    polyline class={ "k" (number) } points=(line(points)) {}
                }
            }
        }
    }
}

/// From numbers to places on the drawing.
struct Axis {
    from: f64,
    to: f64,
    start: f64,
    end: f64,
}

impl Axis {
    fn place(&self, value: f64) -> f64 {
        self.start + (value - self.from) / (self.to - self.from) * (self.end - self.start)
    }

    /// Round numbers on the axis, with their labels.
    fn ticks(&self) -> Vec<(f64, String)> {
        let least = (self.to - self.from) / TICKS;
        let power = 10f64.powf(least.log10().floor());
        let step = [1.0, 2.0, 5.0, 10.0].map(|factor| factor * power).into_iter().find(|step| *step >= least);
        let step = step.unwrap_or(least);
        let decimals = (-step.log10().floor()).max(0.0) as usize;
        let first = (self.from / step).ceil() as i64;
        let values = (first..).map(|number| number as f64 * step).take_while(|value| *value <= self.to);
        values.map(|value| (value, format!("{value:.decimals$}"))).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::players::Curve;

    fn axis(from: f64, to: f64) -> Vec<String> {
        Axis { from, to, start: 0.0, end: 1.0 }.ticks().into_iter().map(|tick| tick.1).collect()
    }

    #[test]
    fn ticks_are_round_and_few() {
        assert_eq!(axis(0.0, 4800.0), ["0", "1000", "2000", "3000", "4000"]);
        assert_eq!(axis(0.12, 0.93), ["0.2", "0.4", "0.6", "0.8"]);
        assert_eq!(axis(-1.5, -1.0), ["-1.5", "-1.4", "-1.3", "-1.2", "-1.1", "-1.0"]);
    }

    #[test]
    fn values_lie_where_the_axis_says() {
        let rows: Vec<Row> =
            (1..=1000).map(|step| Row { step, values: vec![Some(0.75), None], spread: 0.3 }).collect();
        let curves = &[
            Curve { label: "real", short: "", column: 0 },
            Curve { label: "penalty", short: "", column: 1 },
        ];
        let shown = Chart { title: "Verdicts", curves, level: Some(("½", 0.5)), range: None };
        let svg = chart(&shown, &rows).into_string();
        // The level is at the bottom and the curve at the top, but for the room.
        let span = SIZE.1 - MARGINS.2 - MARGINS.3;
        let top = MARGINS.2 + span * 0.06 / 1.12;
        assert!(svg.contains(&format!(",{top:.1} ")), "no {top:.1} in {svg}");
        assert!(svg.contains("1/2") || svg.contains('½'));
        assert!(!svg.contains(">penalty<"), "a curve without points has no key");
        assert!(means(&rows, 0, POINTS).len() <= POINTS);
    }
}
