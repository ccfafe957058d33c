//! How pictures become greys: decided once for a whole set, and kept with the run.

use std::{fmt, str::FromStr};

use clap::ValueEnum;
use serde::{Deserialize, Serialize};

/// How a set's pictures are read. What is `None` is decided by all training pictures together, see
/// [`Summary::reading`](super::Summary::reading); decided, it holds for the training and the test pictures alike.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Reading {
    /// Whether black and white are exchanged, after all else.
    pub invert: Option<bool>,
    /// What shows through where pictures are transparent.
    pub ground: Option<Ground>,
    /// Whether, and from which range, greys are spread over all that there are.
    pub stretch: Option<Stretch>,
}

/// What lies behind transparent pictures.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ValueEnum)]
#[serde(rename_all = "lowercase")]
pub enum Ground {
    /// Grey 0.
    Black,
    /// Grey 255.
    White,
}

impl fmt::Display for Ground {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Ground::Black => "black",
            Ground::White => "white",
        })
    }
}

/// One linear map of greys for a whole set. Greys are counted as in 16-bit pictures, from 0 to 65535; those of 8-bit
/// pictures stand for 257 times as much.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged, expecting = "expected true, false or [DARKEST, BRIGHTEST], greys of 0 to 65535")]
pub enum Stretch {
    /// `true`: the range is measured. `false`: greys are left as they are.
    Measured(bool),
    /// This grey becomes black, and this one white.
    Range([u16; 2]),
}

impl FromStr for Stretch {
    type Err = String;

    /// `true`, `false` or `DARKEST,BRIGHTEST`.
    fn from_str(text: &str) -> Result<Stretch, String> {
        if let Ok(measured) = text.parse() {
            return Ok(Stretch::Measured(measured));
        }
        let ends = text.split_once(',').and_then(|(low, high)| {
            let end = |text: &str| text.trim().parse().ok();
            Some([end(low)?, end(high)?])
        });
        ends.map(Stretch::Range)
            .ok_or_else(|| "expected true, false or DARKEST,BRIGHTEST, greys of 0 to 65535".to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stretch_is_written_as_a_word_or_two_greys() {
        assert_eq!("true".parse(), Ok(Stretch::Measured(true)));
        assert_eq!("0, 4095".parse(), Ok(Stretch::Range([0, 4095])));
        for wrong in ["", "yes", "1", "1,2,3", "0,65536", "-1,5"] {
            assert!(wrong.parse::<Stretch>().unwrap_err().contains("DARKEST,BRIGHTEST"), "{wrong}");
        }
    }
}
