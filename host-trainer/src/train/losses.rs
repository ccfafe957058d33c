//! The record of a run, a row a step: `losses.csv`.

use std::fs::File;
use std::io::{BufRead, BufReader, BufWriter, Write};
use std::path::Path;

/// What one step measured.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Row {
    /// Counted from 1.
    pub step: u64,
    /// D's binary cross entropy, −V(D, G), without the penalty.
    pub discriminator_loss: f64,
    /// G's loss.
    pub generator_loss: f64,
    /// The penalty on D, in steps that have one.
    pub penalty: Option<f64>,
    /// V(D, G) = E log D(x) + E log(1 − D(G(z))); −log 4 at the equilibrium.
    pub value: f64,
    /// Mean of D(x) over the real pictures; ½ at the equilibrium.
    pub verdict_real: f64,
    /// Mean of D(G(z)) over the generated pictures; ½ at the equilibrium.
    pub verdict_generated: f64,
    /// Standard deviation of a generated pixel over the batch, in a picture's [−1, 1].
    pub spread: f64,
}

const HEADER: &str =
    "step,discriminator_loss,generator_loss,penalty,value,verdict_real,verdict_generated,spread";

impl Row {
    /// Whether every number is finite.
    pub fn is_finite(&self) -> bool {
        let numbers = [self.discriminator_loss, self.generator_loss, self.spread];
        numbers.iter().chain(&self.penalty).all(|number| number.is_finite())
    }

    fn to_line(self) -> String {
        let penalty = self.penalty.map(|penalty| penalty.to_string()).unwrap_or_default();
        let Row { step, discriminator_loss, generator_loss, value, verdict_real, verdict_generated, .. } =
            self;
        let spread = self.spread;
        format!(
            "{step},{discriminator_loss},{generator_loss},{penalty},{value},{verdict_real},{verdict_generated},{spread}"
        )
    }

    fn parse(line: &str) -> Option<Row> {
        let fields: Vec<&str> = line.split(',').collect();
        let [step, discriminator, generator, penalty, value, real, generated, spread] = fields[..] else {
            return None;
        };
        Some(Row {
            step: step.parse().ok()?,
            discriminator_loss: discriminator.parse().ok()?,
            generator_loss: generator.parse().ok()?,
            penalty: if penalty.is_empty() { None } else { Some(penalty.parse().ok()?) },
            value: value.parse().ok()?,
            verdict_real: real.parse().ok()?,
            verdict_generated: generated.parse().ok()?,
            spread: spread.parse().ok()?,
        })
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
    pub fn open(path: &Path, step: u64) -> std::io::Result<Self> {
        let mut rows = if step == 0 { Vec::new() } else { read(path)? };
        rows.truncate(step as usize);
        if rows.len() as u64 != step {
            let message = format!("{} rows, but the checkpoint is at step {step}", rows.len());
            return Err(std::io::Error::new(std::io::ErrorKind::InvalidData, message));
        }
        // Written beside and renamed: a kill in between must not cost the rows.
        let partial = path.with_extension("csv.tmp");
        let mut file = BufWriter::new(File::create(&partial)?);
        writeln!(file, "{HEADER}")?;
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
    for line in BufReader::new(File::open(path)?).lines().skip(1) {
        match Row::parse(&line?) {
            Some(row) => rows.push(row),
            None => break,
        }
    }
    Ok(rows)
}

/// Means over runs of rows, at most `most` of them.
pub(crate) fn means(rows: &[Row], of: fn(&Row) -> Option<f64>, most: usize) -> Vec<(f64, f64)> {
    let points: Vec<(f64, f64)> = rows.iter().filter_map(|row| Some((row.step as f64, of(row)?))).collect();
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
        Row {
            step,
            discriminator_loss: 1.0 / x,
            generator_loss: x.sqrt(),
            penalty: step.is_multiple_of(2).then_some(x / 7.0),
            value: -x.ln(),
            verdict_real: 0.6,
            verdict_generated: 0.4,
            spread: 0.3,
        }
    }

    #[test]
    fn reopening_drops_what_came_after_the_checkpoint_even_half_a_line() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("losses.csv");
        let mut losses = Losses::open(&path, 0).unwrap();
        (1..=5).for_each(|step| losses.push(row(step)).unwrap());
        losses.sync().unwrap();
        let whole = std::fs::read_to_string(&path).unwrap();
        std::fs::write(&path, &whole[..whole.len() - 9]).unwrap();
        let mut losses = Losses::open(&path, 3).unwrap();
        assert_eq!(losses.rows(), [row(1), row(2), row(3)]);
        (4..=5).for_each(|step| losses.push(row(step)).unwrap());
        losses.sync().unwrap();
        assert_eq!(std::fs::read_to_string(&path).unwrap(), whole);
    }

    #[test]
    fn a_record_shorter_than_the_checkpoint_is_refused() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("losses.csv");
        let mut losses = Losses::open(&path, 0).unwrap();
        losses.push(row(1)).unwrap();
        losses.sync().unwrap();
        let message = Losses::open(&path, 2).err().unwrap().to_string();
        assert_eq!(message, "1 rows, but the checkpoint is at step 2");
    }
}
