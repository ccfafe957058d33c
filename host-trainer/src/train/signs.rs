//! Signs that a run goes wrong, each told once, while it does.

use crate::players::{Bound, Record, Row};

/// Weight of a new step in the means that are looked at: they are of about the last hundred.
const NEW: f64 = 0.01;
/// No sign is read from fewer steps.
const STEPS: u64 = 300;
/// Pictures that vary less than this share of what they did at their most have grown alike.
const ALIKE: f64 = 0.5;

/// What helps where modes collapse.
pub(super) const AGAINST_COLLAPSE: &str =
    "a smaller --lr or another --seed helps, and in a GAN a larger --r1-gamma";

/// What has been seen of a run.
#[derive(Debug)]
pub struct Signs {
    record: &'static Record,
    seen: u64,
    means: Vec<Option<f64>>,
    spread: f64,
    most_spread: f64,
    /// One a sign of the record, and the last one for the spread.
    told: Vec<bool>,
}

impl Signs {
    /// Of a run that has taken the steps `rows`, in whose time their signs were told.
    pub fn after(record: &'static Record, rows: &[Row]) -> Self {
        let mut signs = Signs {
            record,
            seen: 0,
            means: vec![None; record.columns.len()],
            spread: 0.0,
            most_spread: 0.0,
            told: vec![false; record.signs.len() + 1],
        };
        for row in rows {
            signs.see(row);
        }
        signs
    }

    /// Takes in a step; what is to be told of it.
    pub fn see(&mut self, row: &Row) -> Vec<String> {
        let blend = |mean: f64, new: f64| mean + NEW * (new - mean);
        for (mean, value) in self.means.iter_mut().zip(&row.values) {
            *mean = match (*mean, *value) {
                (Some(mean), Some(value)) => Some(blend(mean, value)),
                (mean, value) => mean.or(value),
            };
        }
        self.spread = if self.seen == 0 { row.spread } else { blend(self.spread, row.spread) };
        self.seen += 1;
        if self.seen < STEPS {
            return Vec::new();
        }
        self.most_spread = self.most_spread.max(self.spread);
        let mut new = Vec::new();
        for (number, sign) in self.record.signs.iter().enumerate() {
            let holds = |bound: &Bound| match *bound {
                Bound::Above(column, limit) => self.means[column].is_some_and(|mean| mean > limit),
                Bound::Below(column, limit) => self.means[column].is_some_and(|mean| mean < limit),
            };
            if !self.told[number] && sign.bounds.iter().all(holds) {
                self.told[number] = true;
                new.push(format!("step {}: {}", row.step, sign.says));
            }
        }
        let last = self.told.len() - 1;
        if !self.told[last] && self.spread < ALIKE * self.most_spread {
            self.told[last] = true;
            new.push(format!(
                "step {}: the generated pictures grow alike (their spread fell from {:.2} to {:.2}): modes collapse; \
                 {AGAINST_COLLAPSE}",
                row.step, self.most_spread, self.spread
            ));
        }
        new
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::objectives::{bce, coded};

    fn rows(of: impl Fn(u64) -> (Vec<Option<f64>>, f64), steps: u64) -> Vec<Row> {
        (1..=steps).map(|step| Row { step, values: of(step).0, spread: of(step).1 }).collect()
    }

    fn game(real: f64, generated: f64) -> Vec<Option<f64>> {
        [1.0, 1.0, 0.1, -1.0, real, generated].map(Some).to_vec()
    }

    fn told(record: &'static Record, rows: &[Row]) -> Vec<String> {
        let mut signs = Signs::after(record, &[]);
        rows.iter().flat_map(|row| signs.see(row)).collect()
    }

    #[test]
    fn a_sound_game_is_told_nothing() {
        assert!(told(&bce::RECORD, &rows(|_| (game(0.7, 0.3), 0.4), 2000)).is_empty());
    }

    #[test]
    fn each_end_of_a_game_is_told_once_when_it_has_lasted() {
        let sure = told(&bce::RECORD, &rows(|_| (game(0.99, 0.01), 0.4), 2000));
        assert!(sure.len() == 1 && sure[0].starts_with("step 300: the discriminator is so sure"), "{sure:?}");
        let ahead = told(&bce::RECORD, &rows(|_| (game(0.4, 0.6), 0.4), 2000));
        assert!(ahead.len() == 1 && ahead[0].contains("generator is ahead"), "{ahead:?}");
        let swing = |step: u64| if step.is_multiple_of(100) { game(0.99, 0.01) } else { game(0.7, 0.3) };
        assert!(told(&bce::RECORD, &rows(|step| (swing(step), 0.4), 2000)).is_empty(), "a passing swing");
    }

    #[test]
    fn pictures_that_grow_alike_are_told() {
        let falling = rows(|step| (game(0.7, 0.3), if step < 1000 { 0.4 } else { 0.1 }), 2000);
        let alike = told(&bce::RECORD, &falling);
        assert!(alike.len() == 1 && alike[0].contains("from 0.40 to 0.20"), "{alike:?}");
    }

    #[test]
    fn a_code_that_is_ignored_is_told_and_one_that_is_used_not() {
        let of = |information| {
            let more = [information, 0.3, 0.0, 0.1].map(Some);
            rows(|_| ([game(0.7, 0.3), more.to_vec()].concat(), 0.4), 400)
        };
        assert!(told(&coded::RECORD, &of(0.1))[0].contains("code is ignored"));
        assert!(told(&coded::RECORD, &of(2.0)).is_empty());
    }

    #[test]
    fn a_resumed_run_is_not_told_again() {
        let all = rows(|_| (game(0.99, 0.01), 0.4), 800);
        let mut resumed = Signs::after(&bce::RECORD, &all[..500]);
        assert!(all[500..].iter().flat_map(|row| resumed.see(row)).next().is_none());
        let mut early = Signs::after(&bce::RECORD, &all[..200]);
        assert_eq!(all[200..].iter().flat_map(|row| early.see(row)).count(), 1);
    }
}
