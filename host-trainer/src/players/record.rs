//! What a step of a family measures, and how that is shown.

/// What a step measures.
#[derive(Debug)]
pub struct Record {
    /// The columns of `losses.csv` between `step` and `spread`.
    pub columns: &'static [&'static str],
    /// The charts; the live view draws the first two, and has the others as numbers.
    pub charts: &'static [Chart],
    /// What shows that a run goes wrong.
    pub signs: &'static [Sign],
}

/// A sign that a run goes wrong: all of its bounds hold for the means of many steps.
#[derive(Debug, Clone, Copy)]
pub struct Sign {
    /// When it is one.
    pub bounds: &'static [Bound],
    /// What it is a sign of, and what helps.
    pub says: &'static str,
}

/// A bound of a value in a row, by its place in [`Record::columns`].
#[derive(Debug, Clone, Copy)]
pub enum Bound {
    /// It is above this.
    Above(usize, f64),
    /// It is below this.
    Below(usize, f64),
}

/// Curves on common axes.
#[derive(Debug, Clone, Copy)]
pub struct Chart {
    /// What it shows.
    pub title: &'static str,
    /// Its curves.
    pub curves: &'static [Curve],
    /// Where the curves end at the equilibrium, under a name.
    pub level: Option<(&'static str, f64)>,
    /// The values' range where it is known beforehand.
    pub range: Option<(f64, f64)>,
}

/// One curve.
#[derive(Debug)]
pub struct Curve {
    /// What a legend calls it.
    pub label: &'static str,
    /// What it is called where there is little room.
    pub short: &'static str,
    /// Its place in [`Record::columns`].
    pub column: usize,
}

/// What one step measured.
#[derive(Debug, Clone, PartialEq)]
pub struct Row {
    /// Counted from 1.
    pub step: u64,
    /// What the columns of the family's [`Record`] hold; none where a step has none.
    pub values: Vec<Option<f64>>,
    /// Standard deviation of a generated pixel over the batch, in a picture's [−1, 1].
    pub spread: f64,
}

impl Row {
    /// Whether every number is finite.
    pub fn is_finite(&self) -> bool {
        self.values.iter().flatten().chain([&self.spread]).all(|number| number.is_finite())
    }

    /// The row as a line of `losses.csv`.
    pub(crate) fn to_line(&self) -> String {
        format!("{},{}", self.step_and_values(), self.spread)
    }

    /// The same without the spread.
    pub(crate) fn step_and_values(&self) -> String {
        let values = self.values.iter().map(|value| value.map(|value| value.to_string()).unwrap_or_default());
        format!("{},{}", self.step, values.collect::<Vec<_>>().join(","))
    }

    /// None unless the line is a row of `columns` values, which is never written with a number that is not finite.
    pub(crate) fn parse(line: &str, columns: usize) -> Option<Row> {
        let fields: Vec<&str> = line.split(',').collect();
        let [step, values @ .., spread] = &fields[..] else { return None };
        let value = |field: &&str| match field.is_empty() {
            true => Some(None),
            false => field.parse().ok().map(Some),
        };
        let values = values.iter().map(value).collect::<Option<Vec<Option<f64>>>>()?;
        let row = Row { step: step.parse().ok()?, values, spread: spread.parse().ok()? };
        (row.step >= 1 && row.values.len() == columns && row.is_finite()).then_some(row)
    }
}
