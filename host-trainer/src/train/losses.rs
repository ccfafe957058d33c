//! The record of a run, a row a step: `losses.csv`.

use crate::files;
use crate::players::{Record, Row};
use std::collections::BTreeMap;
use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::Path;

/// The open record.
pub struct Losses {
    file: BufWriter<File>,
    rows: Vec<Row>,
}

impl Losses {
    /// Opens the record at `path` and keeps its rows up to step `step`, the last one that the run's checkpoint knows;
    /// later ones will be written again. What is damaged is left out, and said in the returned words: the record is for
    /// people to read, and no row that is missing keeps a run from going on.
    ///
    /// # Errors
    /// The file cannot be read or written.
    pub fn open(path: &Path, step: u64, record: &Record) -> std::io::Result<(Self, Option<String>)> {
        let found = match step {
            0 => Found::default(),
            _ => find(path, record, step)?,
        };
        let mut text = header(record) + "\n";
        for row in &found.rows {
            text += &(row.to_line() + "\n");
        }
        files::write(path, text.as_bytes())?;
        let file = BufWriter::new(File::options().append(true).open(path)?);
        let faults = found.faults(step);
        let words = (!faults.is_empty()).then(|| {
            let path = path.display();
            format!("{path}: {}. Repaired; the run itself goes on whole from step {step}", faults.join("; "))
        });
        Ok((Losses { file, rows: found.rows }, words))
    }

    /// Adds a row.
    ///
    /// # Errors
    /// The file cannot be written.
    pub fn push(&mut self, row: Row) -> std::io::Result<()> {
        writeln!(self.file, "{}", row.to_line())?;
        self.rows.push(row);
        Ok(())
    }

    /// Brings all rows to the disk; a checkpoint does so before it is complete.
    ///
    /// # Errors
    /// The file cannot be written.
    pub fn sync(&mut self) -> std::io::Result<()> {
        self.file.flush()?;
        self.file.get_ref().sync_data()
    }

    /// All rows, in the order of their steps, of which some may be missing.
    pub fn rows(&self) -> &[Row] {
        &self.rows
    }
}

/// The first line of a record.
fn header(record: &Record) -> String {
    format!("step,{},spread", record.columns.join(","))
}

/// The rows of the record at `path` that can be read, in the order of their steps, of which some may be missing.
///
/// # Errors
/// The file cannot be read.
pub fn read(path: &Path, record: &Record) -> std::io::Result<Vec<Row>> {
    // A record that is not there is an error, for whoever does not repair it.
    std::fs::metadata(path)?;
    Ok(find(path, record, u64::MAX)?.rows)
}

/// What a record holds.
#[derive(Debug, Default)]
struct Found {
    /// In the order of their steps, each step at most once.
    rows: Vec<Row>,
    /// Whether the first line was that of another record, or of none.
    other: bool,
    /// How many rows stood behind one of the same or a later step.
    disordered: u64,
}

impl Found {
    /// What is wrong with a record of `step` steps, in words.
    fn faults(&self, step: u64) -> Vec<String> {
        let mut faults = Vec::new();
        if self.other {
            faults.push("its first line names other columns than this run has".to_owned());
        }
        if self.disordered > 0 {
            faults.push(format!("{} rows stood twice or out of order", self.disordered));
        }
        let missing = step - self.rows.len() as u64;
        if missing > 0 {
            let first = (1..).zip(&self.rows).find(|(step, row)| row.step != *step);
            let first = first.map_or(self.rows.len() as u64 + 1, |(step, _)| step);
            faults.push(format!(
                "{missing} of {step} rows are missing or damaged, the first that of step {first}: the curves have a gap"
            ));
        }
        faults
    }
}

/// What the file at `path`, if there is one, holds up to step `last`. Of two rows of a step the later one counts.
fn find(path: &Path, record: &Record, last: u64) -> std::io::Result<Found> {
    let bytes = match std::fs::read(path) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Found::default()),
        result => result?,
    };
    let text = String::from_utf8_lossy(&bytes);
    // A line without an end was cut short, perhaps within its last number.
    let mut lines = text.split_inclusive('\n').filter_map(|line| line.strip_suffix('\n'));
    if lines.next() != Some(&header(record)) {
        return Ok(Found { other: true, ..Found::default() });
    }
    let columns = record.columns.len();
    let (mut rows, mut disordered, mut latest) = (BTreeMap::new(), 0, 0);
    for row in lines.filter_map(|line| Row::parse(line, columns)).filter(|row| row.step <= last) {
        disordered += u64::from(row.step <= latest);
        latest = latest.max(row.step);
        rows.insert(row.step, row);
    }
    Ok(Found { rows: rows.into_values().collect(), other: false, disordered })
}

/// From the lowest of `values` to the highest; 0 to 1 where there is none, as in a chart whose curves have no point yet.
pub(crate) fn extent(values: impl Iterator<Item = f64>) -> (f64, f64) {
    values.map(|value| (value, value)).reduce(|a, b| (a.0.min(b.0), a.1.max(b.1))).unwrap_or((0.0, 1.0))
}

/// Means of a column over runs of rows, at most `most` of them.
pub(crate) fn means(rows: &[Row], column: usize, most: usize) -> Vec<(f64, f64)> {
    let point = |row: &Row| Some((row.step as f64, row.values[column]?));
    let points: Vec<(f64, f64)> = rows.iter().filter_map(point).collect();
    let length = points.len().div_ceil(most).max(1);
    let mean = |chunk: &[(f64, f64)]| {
        let sum = chunk.iter().fold((0.0, 0.0), |sum, point| (sum.0 + point.0, sum.1 + point.1));
        (sum.0 / chunk.len() as f64, sum.1 / chunk.len() as f64)
    };
    points.chunks(length).map(mean).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::objectives::bce::RECORD as GAME;
    use crate::objectives::elbo::RECORD as OTHER;
    use std::path::PathBuf;

    fn row(step: u64) -> Row {
        let x = step as f64;
        let penalty = step.is_multiple_of(2).then_some(x / 7.0);
        let values = vec![Some(1.0 / x), Some(x.sqrt()), penalty, Some(-x.ln()), Some(0.6), Some(0.4)];
        Row { step, values, spread: 0.3 }
    }

    /// A record of the steps `steps`, as it was written and its path.
    fn record(dir: &Path, steps: impl IntoIterator<Item = u64>) -> (PathBuf, String) {
        let path = dir.join("losses.csv");
        let (mut losses, words) = Losses::open(&path, 0, &GAME).unwrap();
        assert_eq!(words, None);
        steps.into_iter().for_each(|step| losses.push(row(step)).unwrap());
        losses.sync().unwrap();
        let text = std::fs::read_to_string(&path).unwrap();
        (path, text)
    }

    /// The steps of `text` as a run at step `step` takes them up, and what is said of it, without the path.
    fn repaired(text: &str, step: u64) -> (Vec<u64>, String) {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("losses.csv");
        std::fs::write(&path, text).unwrap();
        let (losses, words) = Losses::open(&path, step, &GAME).unwrap();
        assert_eq!(losses.rows(), read(&path, &GAME).unwrap(), "the file is repaired, too");
        assert!(losses.rows().iter().all(|found| *found == row(found.step)));
        let words = words.unwrap_or_default().replace(&format!("{}: ", path.display()), "");
        (losses.rows().iter().map(|row| row.step).collect(), words)
    }

    #[test]
    fn a_chart_without_points_has_an_extent() {
        assert_eq!(extent([3.0, -1.0, 2.0].into_iter()), (-1.0, 3.0));
        assert_eq!(extent(std::iter::empty()), (0.0, 1.0));
    }

    #[test]
    fn reopening_drops_what_came_after_the_checkpoint_even_half_a_line() {
        let dir = tempfile::tempdir().unwrap();
        let (path, whole) = record(dir.path(), 1..=5);
        std::fs::write(&path, &whole[..whole.len() - 9]).unwrap();
        let (mut losses, words) = Losses::open(&path, 3, &GAME).unwrap();
        assert_eq!((losses.rows(), words), (&[row(1), row(2), row(3)][..], None));
        (4..=5).for_each(|step| losses.push(row(step)).unwrap());
        losses.sync().unwrap();
        assert_eq!(std::fs::read_to_string(&path).unwrap(), whole);
    }

    #[test]
    fn rows_that_a_record_lacks_are_a_gap_that_is_told() {
        let dir = tempfile::tempdir().unwrap();
        let (path, whole) = record(dir.path(), 1..=5);
        let told = |missing, of, first| {
            format!(
                "{missing} of {of} rows are missing or damaged, the first that of step {first}: the curves have a gap. \
                 Repaired; the run itself goes on whole from step {of}"
            )
        };
        assert_eq!(repaired(&whole, 7), ((1..=5).collect(), told(2, 7, 6)), "too short");
        let cut = &whole[..whole.len() - 2];
        assert_eq!(
            repaired(cut, 5),
            ((1..=4).collect(), told(1, 5, 5)),
            "a number cut short is another number"
        );
        let third = row(3).to_line();
        let damaged =
            [third.replace("0.3", "0.x"), "\0".repeat(third.len()), third.replace(",0.6,", ",NaN,")];
        for line in damaged {
            assert_eq!(
                repaired(&whole.replace(&third, &line), 5),
                (vec![1, 2, 4, 5], told(1, 5, 3)),
                "{line}"
            );
        }
        std::fs::remove_file(&path).unwrap();
        let (mut losses, words) = Losses::open(&path, 5, &GAME).unwrap();
        assert!(losses.rows().is_empty() && words.unwrap().contains(&told(5, 5, 1)));
        losses.push(row(6)).unwrap();
        losses.sync().unwrap();
        assert_eq!(read(&path, &GAME).unwrap(), [row(6)]);
    }

    #[test]
    fn what_two_writers_left_is_put_in_order() {
        let dir = tempfile::tempdir().unwrap();
        let (_, text) = record(dir.path(), [1, 2, 4, 3, 3, 5, 4, 6, 7, 6]);
        let (steps, words) = repaired(&text, 5);
        assert_eq!(steps, [1, 2, 3, 4, 5]);
        assert!(words.starts_with("3 rows stood twice or out of order. Repaired;"), "{words}");
    }

    #[test]
    fn the_rows_of_another_objective_are_left_out() {
        let dir = tempfile::tempdir().unwrap();
        let (path, _) = record(dir.path(), 1..=3);
        assert!(read(&path, &OTHER).unwrap().is_empty());
        let (losses, words) = Losses::open(&path, 3, &OTHER).unwrap();
        assert!(losses.rows().is_empty());
        let words = words.unwrap();
        assert!(
            words.contains("its first line names other columns than this run has; 3 of 3 rows"),
            "{words}"
        );
    }
}
