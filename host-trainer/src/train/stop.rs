//! When to give up: numbers that are none, and a generator that draws one picture.

use crate::players::Row;

/// A batch whose pixels vary less than this, in a picture's [−1, 1], is one picture.
const SPREAD: f64 = 0.01;
/// So many such batches in a row are no passing swing.
const PATIENCE: u64 = 300;

/// Why a run cannot go on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Hopeless {
    /// A loss left the numbers.
    #[error(
        "a loss is no finite number any more: the weights have grown beyond f32; \
         a smaller --lr helps, and in a GAN a larger --r1-gamma"
    )]
    NotFinite,
    /// The generator draws the same picture whatever its input.
    #[error(
        "the generated pictures have been all alike for {PATIENCE} steps: the generator has collapsed; \
         another --seed or a smaller --lr helps, and in a GAN a larger --r1-gamma"
    )]
    Collapsed,
}

/// Looks at every step's row.
#[derive(Debug, Default)]
pub struct Watch {
    alike: u64,
}

impl Watch {
    /// A watch that has seen `rows`, in the order of their steps, until step `step`. A row that is missing may have shown
    /// anything.
    pub fn after(rows: &[Row], step: u64) -> Self {
        let backwards = rows.iter().rev().zip((0..=step).rev());
        let alike = backwards.take_while(|(row, step)| row.step == *step && row.spread < SPREAD).count();
        Watch { alike: alike as u64 }
    }

    /// Whether the run can go on after `row`.
    ///
    /// # Errors
    /// Why it cannot.
    pub fn see(&mut self, row: &Row) -> Result<(), Hopeless> {
        if !row.is_finite() {
            return Err(Hopeless::NotFinite);
        }
        self.alike = if row.spread < SPREAD { self.alike + 1 } else { 0 };
        if self.alike >= PATIENCE { Err(Hopeless::Collapsed) } else { Ok(()) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(loss: f64, spread: f64) -> Row {
        Row { step: 1, values: vec![Some(loss), None], spread }
    }

    #[test]
    fn a_loss_that_is_no_number_stops_at_once() {
        assert_eq!(Watch::default().see(&row(f64::NAN, 0.3)), Err(Hopeless::NotFinite));
        assert_eq!(Watch::default().see(&row(1.0, f64::NAN)), Err(Hopeless::NotFinite));
    }

    #[test]
    fn only_a_lasting_collapse_stops() {
        let mut watch = Watch::default();
        for _ in 0..PATIENCE - 1 {
            watch.see(&row(1.0, 0.001)).unwrap();
        }
        watch.see(&row(1.0, 0.3)).unwrap();
        for _ in 0..PATIENCE - 1 {
            watch.see(&row(1.0, 0.001)).unwrap();
        }
        assert_eq!(watch.see(&row(1.0, 0.001)), Err(Hopeless::Collapsed));
    }

    #[test]
    fn a_resumed_watch_remembers() {
        let mut rows: Vec<Row> = (1..PATIENCE).map(|step| Row { step, ..row(1.0, 0.001) }).collect();
        assert_eq!(Watch::after(&rows, PATIENCE - 1).see(&row(1.0, 0.001)), Err(Hopeless::Collapsed));
        Watch::after(&rows, PATIENCE).see(&row(1.0, 0.001)).unwrap();
        rows.remove(100);
        Watch::after(&rows, PATIENCE - 1).see(&row(1.0, 0.001)).unwrap();
    }
}
