//! What a picture costs, in whatever a board can measure.

use core::fmt;

/// What a cost is counted in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum Unit {
    /// Microseconds of the board's own time.
    Microseconds,
    /// Instructions that the core executed: what an emulator can tell, whose time says nothing about a board's.
    Instructions,
}

/// What a picture cost. On a display it has three digits: `870us`, `3.21ms`, `1.23s`; `870`, `799k`, `1.52M`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Cost {
    /// How much.
    pub amount: u32,
    /// Of what.
    pub unit: Unit,
}

/// A board's way to measure a picture.
pub trait Meter {
    /// Does `work`; returns what it made and what it cost, `None` where the board cannot tell.
    fn measure<T>(&mut self, work: impl FnOnce() -> T) -> (T, Option<Cost>);
}

/// A board that has a clock: it reads a free-running count of microseconds.
pub struct Stopwatch<C>(pub C);

impl<C: FnMut() -> u32> Meter for Stopwatch<C> {
    fn measure<T>(&mut self, work: impl FnOnce() -> T) -> (T, Option<Cost>) {
        let start = (self.0)();
        let made = work();
        let amount = (self.0)().wrapping_sub(start);
        (made, Some(Cost { amount, unit: Unit::Microseconds }))
    }
}

impl Unit {
    /// What a display calls it, in at most five characters.
    pub(crate) fn label(self) -> &'static str {
        match self {
            Unit::Microseconds => "time",
            Unit::Instructions => "instr",
        }
    }

    /// Names of the unit, of its thousandfold, and so on.
    fn names(self) -> &'static [&'static str] {
        match self {
            Unit::Microseconds => &["us", "ms", "s"],
            Unit::Instructions => &["", "k", "M", "G"],
        }
    }
}

impl fmt::Display for Cost {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut per_unit = 1;
        let mut names = self.unit.names().iter();
        let mut name = names.next();
        while self.amount / per_unit >= 1_000
            && let Some(larger) = names.next()
        {
            per_unit *= 1_000;
            name = Some(larger);
        }
        let (whole, rest, name) = (self.amount / per_unit, self.amount % per_unit, name.unwrap_or(&""));
        match whole {
            0..10 if per_unit > 1 => write!(f, "{whole}.{:02}{name}", rest / (per_unit / 100)),
            10..100 if per_unit > 1 => write!(f, "{whole}.{}{name}", rest / (per_unit / 10)),
            _ => write!(f, "{whole}{name}"),
        }
    }
}

#[cfg(test)]
mod tests {
    extern crate std;
    use std::string::ToString;

    use super::*;

    #[test]
    fn a_cost_has_three_digits_and_its_unit() {
        for (amount, time, count) in [
            (0, "0us", "0"),
            (999, "999us", "999"),
            (1_000, "1.00ms", "1.00k"),
            (9_999, "9.99ms", "9.99k"),
            (32_150, "32.1ms", "32.1k"),
            (798_827, "798ms", "798k"),
            (1_230_000, "1.23s", "1.23M"),
            (u32::MAX, "4294s", "4.29G"),
        ] {
            assert_eq!(Cost { amount, unit: Unit::Microseconds }.to_string(), time);
            assert_eq!(Cost { amount, unit: Unit::Instructions }.to_string(), count);
        }
    }

    #[test]
    fn a_stopwatch_measures_over_the_end_of_its_count() {
        let mut now = u32::MAX - 10;
        let mut stopwatch = Stopwatch(|| {
            now = now.wrapping_add(700);
            now
        });
        let (made, cost) = stopwatch.measure(|| 42);
        assert_eq!((made, cost), (42, Some(Cost { amount: 700, unit: Unit::Microseconds })));
    }
}
