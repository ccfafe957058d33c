//! The record of a run, a row a step: `losses.csv`.

use crate::objectives::Objective;
use std::fs::File;
use std::io::{BufRead, BufReader, BufWriter, Write};
use std::path::Path;

/// What one step measured.
#[derive(Debug, Clone, PartialEq)]
pub struct Row {
    /// Counted from 1.
    pub step: u64,
    /// What the columns of the objective's [`Record`](crate::objectives::Record) hold; none where a step has none.
    pub values: Vec<Option<f64>>,
    /// Standard deviation of a generated pixel over the batch, in a picture's [−1, 1].
    pub spread: f64,
}

impl Row {
    /// Whether every number is finite.
    pub fn is_finite(&self) -> bool {
        self.values.iter().flatten().chain([&self.spread]).all(|number| number.is_finite())
    }

    fn to_line(&self) -> String {
        let values = self.values.iter().map(|value| value.map(|value| value.to_string()).unwrap_or_default());
        format!("{},{},{}", self.step, values.collect::<Vec<_>>().join(","), self.spread)
    }

    /// None unless the line holds `columns` values.
    fn parse(line: &str, columns: usize) -> Option<Row> {
        let fields: Vec<&str> = line.split(',').collect();
        let [step, values @ .., spread] = &fields[..] else { return None };
        let value = |field: &&str| match field.is_empty() {
            true => Some(None),
            false => field.parse().ok().map(Some),
        };
        let values = values.iter().map(value).collect::<Option<Vec<Option<f64>>>>()?;
        let row = Row { step: step.parse().ok()?, values, spread: spread.parse().ok()? };
        (row.values.len() == columns).then_some(row)
    }
}

/// The open record.
pub struct Losses {
    file: BufWriter<File>,
    rows: Vec<Row>,
}

impl Losses {
    /// Opens the record at `path` and keeps its rows up to step `step`, the last one that the
    /// run's checkpoint knows; later ones will be written again.
    ///
    /// # Errors
    /// The file cannot be read or written, or lacks one of those rows.
    pub fn open(path: &Path, step: u64, objective: Objective) -> std::io::Result<Self> {
        let mut rows = if step == 0 { Vec::new() } else { read(path)? };
        rows.truncate(step as usize);
        if rows.len() as u64 != step {
            let message = format!("{} rows, but the checkpoint is at step {step}", rows.len());
            return Err(std::io::Error::new(std::io::ErrorKind::InvalidData, message));
        }
        // Written beside and renamed: a kill in between must not cost the rows.
        let partial = path.with_extension("csv.tmp");
        let mut file = BufWriter::new(File::create(&partial)?);
        writeln!(file, "step,{},spread", objective.record().columns.join(","))?;
        for row in &rows {
            writeln!(file, "{}", row.to_line())?;
        }
        file.flush()?;
        file.get_ref().sync_data()?;
        std::fs::rename(&partial, path)?;
        Ok(Losses { file, rows })
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

    /// All rows, the first step first.
    pub fn rows(&self) -> &[Row] {
        &self.rows
    }
}

/// The complete rows of a record. A line that a kill cut short ends it.
///
/// # Errors
/// The file cannot be read.
pub fn read(path: &Path) -> std::io::Result<Vec<Row>> {
    let mut rows = Vec::new();
    let mut lines = BufReader::new(File::open(path)?).lines();
    let header = lines.next().transpose()?.unwrap_or_default();
    let columns = header.split(',').count().saturating_sub(2);
    for line in lines {
        match Row::parse(&line?, columns) {
            Some(row) => rows.push(row),
            None => break,
        }
    }
    Ok(rows)
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

    fn row(step: u64) -> Row {
        let x = step as f64;
        let penalty = step.is_multiple_of(2).then_some(x / 7.0);
        let values = vec![Some(1.0 / x), Some(x.sqrt()), penalty, Some(-x.ln()), Some(0.6), Some(0.4)];
        Row { step, values, spread: 0.3 }
    }

    #[test]
    fn reopening_drops_what_came_after_the_checkpoint_even_half_a_line() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("losses.csv");
        let mut losses = Losses::open(&path, 0, Objective::Gan).unwrap();
        (1..=5).for_each(|step| losses.push(row(step)).unwrap());
        losses.sync().unwrap();
        let whole = std::fs::read_to_string(&path).unwrap();
        std::fs::write(&path, &whole[..whole.len() - 9]).unwrap();
        let mut losses = Losses::open(&path, 3, Objective::Gan).unwrap();
        assert_eq!(losses.rows(), [row(1), row(2), row(3)]);
        (4..=5).for_each(|step| losses.push(row(step)).unwrap());
        losses.sync().unwrap();
        assert_eq!(std::fs::read_to_string(&path).unwrap(), whole);
    }

    #[test]
    fn a_record_shorter_than_the_checkpoint_is_refused() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("losses.csv");
        let mut losses = Losses::open(&path, 0, Objective::Gan).unwrap();
        losses.push(row(1)).unwrap();
        losses.sync().unwrap();
        let message = Losses::open(&path, 2, Objective::Gan).err().unwrap().to_string();
        assert_eq!(message, "1 rows, but the checkpoint is at step 2");
    }
}
