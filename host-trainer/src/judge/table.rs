//! Reports beside each other, and under them what is wrong with a figure.

use std::fmt;

use super::{SAMPLES, Scores, interval::interval};
use crate::data::CLASSES;
use crate::figure::{Figure, Why};

/// A column a report, a row a figure.
#[derive(Debug, Clone, PartialEq)]
pub struct Table {
    /// The reports' names.
    pub columns: Vec<String>,
    /// The rows that some report has a cell for.
    pub rows: Vec<Row>,
    /// Which figures are doubtful or not there, and why; how sure shares of few pictures are.
    pub notes: Vec<String>,
}

/// A row of a [`Table`].
#[derive(Debug, Clone, PartialEq)]
pub struct Row {
    /// What it shows; indented where it belongs to the row above.
    pub name: String,
    /// One a column; `–` where the report has nothing to show.
    pub cells: Vec<String>,
}

/// What a report shows in a row: the text, and the figure in it.
type Cell = Box<dyn Fn(&Scores) -> Option<(String, Option<Figure>)>>;

/// A row to be.
struct Line {
    name: String,
    /// What notes call its figure.
    called: &'static str,
    cell: Cell,
}

/// Figures of which the same is said.
struct Note {
    mark: &'static str,
    why: Why,
    figures: Vec<&'static str>,
    columns: Vec<String>,
}

/// Reports beside each other under their names. `short` leaves out the classes.
pub fn table(columns: &[(&str, &Scores)], short: bool) -> Table {
    let (mut rows, mut notes) = (Vec::new(), Vec::<Note>::new());
    for Line { name, called, cell } in lines(short) {
        let cells: Vec<_> = columns.iter().map(|(_, report)| cell(report)).collect();
        if cells.iter().all(Option::is_none) {
            continue;
        }
        for ((column, _), (_, figure)) in
            columns.iter().zip(&cells).filter_map(|(c, cell)| Some((c, cell.as_ref()?)))
        {
            if let Some((figure, why)) = figure.and_then(|figure| Some((figure, figure.why()?))) {
                note(&mut notes, (figure.mark(), why), called, column);
            }
        }
        let cells = cells.into_iter().map(|cell| cell.map_or("–".into(), |(text, _)| text)).collect();
        rows.push(Row { name, cells });
    }
    let mut notes: Vec<String> = notes.iter().map(Note::to_string).collect();
    notes.extend(counts(columns));
    notes.extend(certainty(columns));
    Table { columns: columns.iter().map(|(name, _)| (*name).to_owned()).collect(), rows, notes }
}

fn lines(short: bool) -> Vec<Line> {
    let line = |name: &'static str, cell| Line { name: name.into(), called: name.trim(), cell };
    let figure = |name, get: fn(&Scores) -> Option<Figure>, format: fn(f64) -> String| {
        line(
            name,
            Box::new(move |report: &Scores| get(report).map(|figure| (figure.show(format), Some(figure))))
                as Cell,
        )
    };
    let (hundredths, thousandths) = (|x: f64| format!("{x:.2}"), |x: f64| format!("{x:.3}"));
    let mut lines = vec![
        line("pictures", Box::new(|report| Some((report.pictures.to_string(), None)))),
        figure("FID", |report| Some(report.fid), hundredths),
        figure("inception-style score", |report| Some(report.inception_score), hundredths),
        figure("precision", |report| Some(report.manifold?.precision), thousandths),
        figure("recall", |report| Some(report.manifold?.recall), thousandths),
        figure("density", |report| Some(report.manifold?.density), thousandths),
        figure("coverage", |report| Some(report.manifold?.coverage), thousandths),
        figure("class entropy, bits", |report| Some(report.entropy_bits), thousandths),
        figure("to nearest training: median", |report| Some(report.memorization?.median), thousandths),
        figure("  closest 5 %", |report| Some(report.memorization?.percentile_5), thousandths),
        figure("  closest 1 %", |report| Some(report.memorization?.percentile_1), thousandths),
        figure("  closest", |report| Some(report.memorization?.closest), thousandths),
        figure("  suspiciously close", |report| Some(report.memorization?.suspicious), percent),
        figure("sharpness", |report| Some(report.sharpness), thousandths),
        figure("judge at least 90 % sure", |report| Some(report.sure), percent),
        figure("class accuracy", |report| report.accuracy, percent),
        figure("purity of the code", |report| report.purity, percent),
    ];
    lines.extend((0..CLASSES).filter(|_| !short).map(class));
    lines
}

/// How often a class was seen, and, where classes were asked for, how often rightly.
fn class(class: usize) -> Line {
    let cell = move |report: &Scores| {
        let asked = report.classes.iter().any(|class| class.asked > 0);
        let accuracy = asked.then(|| report.classes[class].accuracy());
        let shown = accuracy.map(|accuracy| accuracy.show(percent)).unwrap_or_default();
        Some((format!("{:>5} {shown:>9}", report.classes[class].seen), accuracy))
    };
    Line { name: format!("  class {class}: seen, right"), called: "a class's accuracy", cell: Box::new(cell) }
}

fn percent(share: f64) -> String {
    format!("{:.2} %", 100.0 * share)
}

/// Adds a figure to the note that says the same, or to a new one.
fn note(notes: &mut Vec<Note>, (mark, why): (&'static str, Why), figure: &'static str, column: &str) {
    let known = notes.iter().position(|note| (note.mark, note.why) == (mark, why));
    let number = known.unwrap_or_else(|| {
        notes.push(Note { mark, why, figures: Vec::new(), columns: Vec::new() });
        notes.len() - 1
    });
    let Note { figures, columns, .. } = &mut notes[number];
    if !figures.contains(&figure) {
        figures.push(figure);
    }
    if !columns.iter().any(|known| known == column) {
        columns.push(column.to_owned());
    }
}

impl fmt::Display for Note {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {} ({}): {}", self.mark, self.figures.join(", "), self.columns.join(", "), self.why)
    }
}

/// That a distance says less beside one of another count.
fn counts(columns: &[(&str, &Scores)]) -> Option<String> {
    let mut counts =
        columns.iter().filter(|(_, report)| report.fid.value().is_some()).map(|(_, report)| report.pictures);
    let first = counts.next()?;
    let differ = counts.any(|count| count != first);
    differ.then(|| "FIDs of different numbers of pictures do not compare: of fewer it is higher".into())
}

/// How sure the accuracies are of columns with less than the usual number of pictures.
fn certainty(columns: &[(&str, &Scores)]) -> Option<String> {
    let of_column = |(name, report): &(&str, &Scores)| {
        let share = report.accuracy.filter(|_| report.pictures < SAMPLES)?.value()?;
        let (low, high) = interval(share, report.pictures);
        Some(format!("{name} {:.2} to {}", 100.0 * low, percent(high)))
    };
    let all: Vec<String> = columns.iter().filter_map(of_column).collect();
    (!all.is_empty())
        .then(|| format!("class accuracy, 95 % interval for so few pictures: {}", all.join(", ")))
}

impl fmt::Display for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let width = self.columns.iter().map(|name| name.chars().count() + 2).max().unwrap_or(0).max(17);
        let mut line = |name: &str, cells: &[String]| {
            let cells: String = cells.iter().map(|cell| format!("{cell:>width$}")).collect();
            writeln!(f, "{name:<28}{cells}")
        };
        line("", &self.columns)?;
        for Row { name, cells } in &self.rows {
            line(name, cells)?;
        }
        self.notes.iter().try_for_each(|note| writeln!(f, "{note}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::judge::scores::tests::report;
    use crate::judge::{Asked, Manifold, Seen};

    fn manifold(figures: [Figure; 4]) -> Option<Manifold> {
        let [precision, recall, density, coverage] = figures;
        Some(Manifold { precision, recall, density, coverage })
    }

    #[test]
    fn a_table_has_a_column_a_report_and_a_line_a_class() {
        let manifold = manifold([0.5, 0.25, 1.0, 0.75].map(Figure::Sound));
        let real = Scores { accuracy: None, manifold, ..report() };
        let text = table(&[("int8", &report()), ("training digits", &real)], false).to_string();
        let lines: Vec<&str> = text.lines().collect();
        let line =
            |name: &str| lines.iter().find(|line| line.trim().starts_with(name)).unwrap().split_whitespace();
        assert_eq!(lines[0].split_whitespace().collect::<Vec<_>>(), ["int8", "training", "digits"]);
        assert_eq!(line("FID").skip(1).collect::<Vec<_>>(), ["6.20", "6.20"]);
        assert_eq!(line("recall").skip(1).collect::<Vec<_>>(), ["–", "0.250"]);
        assert_eq!(line("class accuracy").skip(2).collect::<Vec<_>>(), ["50.00", "%", "–"]);
        assert_eq!(line("class 1:").skip(4).collect::<Vec<_>>(), ["1", "50.00", "%", "1", "50.00", "%"]);
        assert_eq!(line("class 7:").skip(4).collect::<Vec<_>>(), ["2", "–", "2", "–"]);
        assert!(!text.contains("training:"), "no row without a cell");
        let widths: Vec<usize> = lines.iter().take(18).map(|line| line.chars().count()).collect();
        assert!(widths.iter().all(|&width| width == widths[0]), "{text}");
        assert!(!table(&[("int8", &report())], true).to_string().contains("class 1"));
    }

    #[test]
    fn what_is_wrong_with_a_figure_is_told_once_under_the_table() {
        let few = Why::TooFew { set: crate::figure::Set::Judged, pictures: 4, needed: 6 };
        let undefined = Scores { manifold: manifold([Figure::None(few); 4]), ..report() };
        let fid = Figure::Doubtful(
            9.0,
            Why::Singular { set: crate::figure::Set::Judged, pictures: 4, needed: 129 },
        );
        let doubtful = Scores { fid, ..report() };
        let made = table(&[("int8", &undefined), ("float", &undefined), ("real", &doubtful)], true);
        let cells = |name: &str| &made.rows.iter().find(|row| row.name == name).unwrap().cells;
        assert_eq!(cells("recall")[..], ["–", "–", "–"]);
        assert_eq!(cells("FID")[..], ["6.20", "6.20", "9.00 *"]);
        let note = |part: &str| made.notes.iter().filter(|note| note.contains(part)).collect::<Vec<_>>();
        assert_eq!(
            note("at least 6"),
            ["– precision, recall, density, coverage (int8, float): of 4 pictures, at least 6 are needed"]
        );
        assert_eq!(note("singular").len(), 1);
        assert!(note("singular")[0].starts_with("* FID (real): biased upwards"), "{:?}", made.notes);
    }

    #[test]
    fn few_pictures_say_how_sure_a_share_is_and_other_counts_that_they_do_not_compare() {
        let many = Seen {
            features: vec![],
            probabilities: vec![0.1; 10 * SAMPLES],
            classes: vec![3; SAMPLES],
            sharpness: 0.1,
        };
        let many = Scores::new(Figure::Sound(5.0), Some(Asked::Class(&vec![3; SAMPLES])), &many);
        assert!(table(&[("int8", &many)], true).notes.is_empty(), "nothing is wrong with ten thousand");
        let notes = table(&[("int8", &report()), ("real", &many)], true).notes.join("\n");
        assert!(notes.contains("different numbers of pictures do not compare"), "{notes}");
        assert!(notes.contains("95 % interval for so few pictures: int8 15.00 to 85.00 %"), "{notes}");
    }
}
