//! The judge's figures, and the table that shows them.

use std::fmt::Write;

use serde::{Deserialize, Serialize};

use super::{Manifold, Memorization, Seen, diversity};
use crate::data::CLASSES;

/// What the judge says of a set of pictures.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Report {
    /// How many were judged.
    pub pictures: usize,
    /// Fréchet distance to real pictures on the judge's features; lower is better.
    pub fid: f64,
    /// exp(mean KL(p(y|x) ‖ p(y))) on the judge's classes, 1 to 10: no Inception's either.
    pub inception_score: f64,
    /// Entropy of the histogram of the classes seen, 0 to log₂ 10 = 3.32 bits; it falls when modes collapse.
    pub entropy_bits: f64,
    /// Share of the pictures that show the class they were made for, 0 to 1; none where none was asked for.
    pub accuracy: Option<f64>,
    /// By class.
    pub classes: [ClassReport; CLASSES],
    /// Against the real pictures' manifold.
    pub manifold: Option<Manifold>,
    /// Against the training pictures.
    pub memorization: Option<Memorization>,
}

/// What the judge says of one class.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct ClassReport {
    /// Pictures made for this class.
    pub asked: usize,
    /// Those of them in which the judge sees it.
    pub right: usize,
    /// Pictures, whatever made for, in which the judge sees it.
    pub seen: usize,
}

impl ClassReport {
    /// Share of the pictures made for this class that show it; none if none was made.
    pub fn accuracy(&self) -> Option<f64> {
        (self.asked > 0).then(|| self.right as f64 / self.asked as f64)
    }
}

impl Report {
    /// The figures that need no real pictures but the `fid`; `asked` has a class a picture.
    pub(super) fn new(fid: f64, asked: Option<&[u8]>, seen: &Seen) -> Report {
        let mut classes = [ClassReport::default(); CLASSES];
        for &class in &seen.classes {
            classes[usize::from(class)].seen += 1;
        }
        for (&asked, &seen) in asked.unwrap_or_default().iter().zip(&seen.classes) {
            classes[usize::from(asked)].asked += 1;
            classes[usize::from(asked)].right += usize::from(asked == seen);
        }
        let right: usize = classes.iter().map(|class| class.right).sum();
        let histogram = classes.map(|class| class.seen);
        Report {
            pictures: seen.classes.len(),
            fid,
            inception_score: diversity::inception_score(&seen.probabilities),
            entropy_bits: diversity::entropy_bits(&histogram),
            accuracy: asked.map(|asked| right as f64 / asked.len() as f64),
            classes,
            manifold: None,
            memorization: None,
        }
    }

    /// How often the judge sees each class, whatever was asked for.
    pub fn histogram(&self) -> [usize; CLASSES] {
        self.classes.map(|class| class.seen)
    }
}

/// What a row of the table shows of a report that has it.
type Cell = Box<dyn Fn(&Report) -> Option<String>>;

/// The rows that some report has a cell for. `short` leaves out the classes.
pub fn rows(reports: &[&Report], short: bool) -> Vec<(String, Vec<Option<String>>)> {
    let percent = |share: f64| format!("{:.2} %", 100.0 * share);
    let number = |number: f64| format!("{number:.3}");
    let row = |name: &str, cell: Cell| (name.to_owned(), cell);
    let manifold =
        |of: fn(&Manifold) -> f64| move |report: &Report| report.manifold.as_ref().map(of).map(number);
    let distance = |of: fn(&Memorization) -> f64| {
        move |report: &Report| report.memorization.as_ref().map(of).map(number)
    };
    let mut all: Vec<(String, Cell)> = vec![
        row("pictures", Box::new(|report| Some(report.pictures.to_string()))),
        row("FID", Box::new(|report| Some(format!("{:.2}", report.fid)))),
        row("inception-style score", Box::new(|report| Some(format!("{:.2}", report.inception_score)))),
        row("precision", Box::new(manifold(|m| m.precision))),
        row("recall", Box::new(manifold(|m| m.recall))),
        row("density", Box::new(manifold(|m| m.density))),
        row("coverage", Box::new(manifold(|m| m.coverage))),
        row("class entropy, bits", Box::new(|report| Some(format!("{:.3}", report.entropy_bits)))),
        row("to nearest training: median", Box::new(distance(|m| m.median))),
        row("  closest 5 %", Box::new(distance(|m| m.percentile_5))),
        row("  closest 1 %", Box::new(distance(|m| m.percentile_1))),
        row("  closest", Box::new(distance(|m| m.closest))),
        row(
            "  suspiciously close",
            Box::new(move |report| report.memorization.as_ref().map(|m| percent(m.suspicious))),
        ),
        row("class accuracy", Box::new(move |report| report.accuracy.map(percent))),
    ];
    for class in (0..CLASSES).filter(|_| !short) {
        let cell = move |report: &Report| {
            let ClassReport { seen, .. } = report.classes[class];
            let accuracy = report.classes[class].accuracy().map(percent).unwrap_or_default();
            Some(format!("{seen:>5} {accuracy:>9}"))
        };
        all.push(row(&format!("  class {class}: seen, right"), Box::new(cell)));
    }
    let cells =
        |cell: &dyn Fn(&Report) -> Option<String>| reports.iter().map(|report| cell(report)).collect();
    let all = all.iter().map(|(name, cell)| (name.clone(), cells(cell)));
    all.filter(|(_, cells): &(String, Vec<Option<String>>)| cells.iter().any(Option::is_some)).collect()
}

/// Reports beside each other, one column each under its name. `short` leaves out the classes.
pub fn table(columns: &[(&str, &Report)], short: bool) -> String {
    let width = columns.iter().map(|(name, _)| name.chars().count() + 2).max().unwrap_or(0).max(17);
    let mut text = String::new();
    let mut line = |name: &str, cells: &[String]| {
        let cells: String = cells.iter().map(|cell| format!("{cell:>width$}")).collect();
        writeln!(text, "{name:<28}{cells}").expect("a String takes all");
    };
    line("", &columns.iter().map(|(name, _)| (*name).to_owned()).collect::<Vec<_>>());
    let reports: Vec<&Report> = columns.iter().map(|(_, report)| *report).collect();
    for (name, cells) in rows(&reports, short) {
        line(&name, &cells.into_iter().map(|cell| cell.unwrap_or("–".into())).collect::<Vec<_>>());
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn report() -> Report {
        let sure =
            |class: u8| (0..CLASSES).map(move |other| f32::from(u8::from(usize::from(class) == other)));
        let classes = vec![0, 1, 7, 7];
        let probabilities = classes.iter().flat_map(|&class| sure(class)).collect();
        Report::new(6.204, Some(&[0, 1, 1, 2]), &Seen { features: vec![], probabilities, classes })
    }

    #[test]
    fn counts_by_class() {
        let report = report();
        assert_eq!((report.accuracy, report.pictures), (Some(0.5), 4));
        assert_eq!(report.classes[1], ClassReport { asked: 2, right: 1, seen: 1 });
        assert_eq!(report.classes[1].accuracy(), Some(0.5));
        assert_eq!(report.classes[7].accuracy(), None);
        assert_eq!(report.histogram(), [1, 1, 0, 0, 0, 0, 0, 2, 0, 0]);
        assert_eq!(report.entropy_bits, 1.5);
    }

    #[test]
    fn a_table_has_a_column_a_report_and_a_line_a_class() {
        let manifold = Manifold { precision: 0.5, recall: 0.25, density: 1.0, coverage: 0.75 };
        let real = Report { accuracy: None, manifold: Some(manifold), ..report() };
        let text = table(&[("int8", &report()), ("training digits", &real)], false);
        let lines: Vec<&str> = text.lines().collect();
        let line =
            |name: &str| lines.iter().find(|line| line.trim().starts_with(name)).unwrap().split_whitespace();
        assert_eq!(lines[0].split_whitespace().collect::<Vec<_>>(), ["int8", "training", "digits"]);
        assert_eq!(line("FID").skip(1).collect::<Vec<_>>(), ["6.20", "6.20"]);
        assert_eq!(line("recall").skip(1).collect::<Vec<_>>(), ["–", "0.250"]);
        assert_eq!(line("class accuracy").skip(2).collect::<Vec<_>>(), ["50.00", "%", "–"]);
        assert_eq!(line("class 1:").skip(4).collect::<Vec<_>>(), ["1", "50.00", "%", "1", "50.00", "%"]);
        assert!(!text.contains("training:"), "no row without a cell");
        let widths: Vec<usize> = lines.iter().map(|line| line.chars().count()).collect();
        assert!(widths.iter().all(|&width| width == widths[0]), "{text}");
        assert!(!table(&[("int8", &report())], true).contains("class 1"));
    }
}
