//! The judge's figures, and the table that shows them.

use std::fmt::Write;

use crate::data::CLASSES;

/// What the judge says of a set of pictures.
#[derive(Debug, Clone, PartialEq)]
pub struct Report {
    /// Share of the pictures that show the class they were made for, 0 to 1.
    pub accuracy: f64,
    /// Fréchet distance to the test digits on the judge's features; lower is better.
    pub fid: f64,
    /// The same by class.
    pub classes: [ClassReport; CLASSES],
}

/// What the judge says of one class.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
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
    pub(super) fn new(fid: f64, asked: &[u8], seen: &[u8]) -> Report {
        let mut classes = [ClassReport::default(); CLASSES];
        for (&asked, &seen) in asked.iter().zip(seen) {
            classes[usize::from(asked)].asked += 1;
            classes[usize::from(asked)].right += usize::from(asked == seen);
            classes[usize::from(seen)].seen += 1;
        }
        let right: usize = classes.iter().map(|class| class.right).sum();
        Report { accuracy: right as f64 / asked.len() as f64, fid, classes }
    }

    /// How many pictures were judged.
    pub fn pictures(&self) -> usize {
        self.classes.iter().map(|class| class.asked).sum()
    }

    /// How often the judge sees each class, whatever was asked for.
    pub fn histogram(&self) -> [usize; CLASSES] {
        self.classes.map(|class| class.seen)
    }
}

/// Reports beside each other, one column each under its name: FID, accuracy, accuracy by class.
pub fn table(columns: &[(&str, &Report)]) -> String {
    let width = columns.iter().map(|(name, _)| name.chars().count() + 2).max().unwrap_or(0).max(12);
    let mut text = String::new();
    let mut line = |name: &str, cell: &dyn Fn(&str, &Report) -> String| {
        let cells: String =
            columns.iter().map(|(name, report)| format!("{:>width$}", cell(name, report))).collect();
        writeln!(text, "{name:<18}{cells}").expect("a String takes all");
    };
    let percent = |share: f64| format!("{:.2} %", 100.0 * share);
    line("", &|name, _| name.to_owned());
    line("pictures", &|_, report| report.pictures().to_string());
    line("FID", &|_, report| format!("{:.2}", report.fid));
    line("class accuracy", &|_, report| percent(report.accuracy));
    for class in 0..CLASSES {
        line(&format!("  class {class}"), &|_, report| {
            report.classes[class].accuracy().map_or("–".to_owned(), percent)
        });
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn report() -> Report {
        Report::new(6.204, &[0, 1, 1, 2], &[0, 1, 7, 7])
    }

    #[test]
    fn counts_by_class() {
        let report = report();
        assert_eq!((report.accuracy, report.pictures()), (0.5, 4));
        assert_eq!(report.classes[1], ClassReport { asked: 2, right: 1, seen: 1 });
        assert_eq!(report.classes[1].accuracy(), Some(0.5));
        assert_eq!(report.classes[7].accuracy(), None);
        assert_eq!(report.histogram(), [1, 1, 0, 0, 0, 0, 0, 2, 0, 0]);
    }

    #[test]
    fn a_table_has_a_column_a_report_and_a_line_a_class() {
        let text = table(&[("int8", &report()), ("training digits", &report())]);
        let lines: Vec<&str> = text.lines().collect();
        assert_eq!(lines.len(), 14);
        assert_eq!(lines[0], "                               int8  training digits");
        assert_eq!(lines[2], "FID                            6.20             6.20");
        assert_eq!(lines[3], "class accuracy              50.00 %          50.00 %");
        assert_eq!(lines[5], "  class 1                   50.00 %          50.00 %");
        assert_eq!(lines[13], "  class 9                         –                –");
    }
}
