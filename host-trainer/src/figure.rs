//! A measured number, or the reason why there is none.
//!
//! In JSON a sound figure is a number; any other is an object of its `value`, `null` where there is none, and `why`.

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error};

/// How many pictures figures that are to be compared are taken from: the size of MNIST's test set.
pub const SAMPLES: usize = 10_000;

/// What was measured.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Figure {
    /// It means what its name says.
    Sound(f64),
    /// It is a number, but not to be read as it stands.
    Doubtful(f64, Why),
    /// There is no such number.
    None(Why),
}

/// Which pictures are too few for a figure.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Set {
    /// Those that are judged.
    Judged,
    /// Real ones, against which they are judged.
    Real,
    /// Those of the judged ones that were made for one class.
    OfClass,
}

/// Why a figure is doubtful, or not there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Why {
    /// It is not defined for so few pictures.
    TooFew {
        /// Of which pictures.
        set: Set,
        /// How many there are.
        pictures: usize,
        /// How many it takes at least.
        needed: usize,
    },
    /// A Fréchet distance of a covariance that is singular.
    Singular {
        /// Of which pictures.
        set: Set,
        /// How many there are.
        pictures: usize,
        /// From how many on it is not.
        needed: usize,
    },
    /// It counts classes, of which so few pictures show too few.
    FewForClasses {
        /// How many pictures there are.
        pictures: usize,
        /// From how many on that hardly matters.
        needed: usize,
    },
    /// A ratio to an error where there is none.
    NoError,
    /// A ratio of a signal that is not there, or too faint for int8.
    NoSignal,
    /// The computation left the finite numbers.
    NotFinite,
    /// It was read from a file that does not say.
    Unsaid,
    /// Pictures that are drawn pixel by pixel, each by its own past, are not to be compared pixel by pixel.
    DrawnApart,
}

impl Figure {
    /// A computed number; none where it is not finite.
    pub fn of(value: f64) -> Figure {
        if value.is_finite() { Figure::Sound(value) } else { Figure::None(Why::NotFinite) }
    }

    /// This figure if there are enough `pictures` for it, none otherwise.
    pub fn needing(self, set: Set, pictures: usize, needed: usize) -> Figure {
        match (self, pictures < needed) {
            (Figure::None(_), _) | (_, false) => self,
            _ => Figure::None(Why::TooFew { set, pictures, needed }),
        }
    }

    /// This figure, in doubt because of `why` if it was sound and `doubtful` holds.
    pub fn doubted(self, doubtful: bool, why: Why) -> Figure {
        match self {
            Figure::Sound(value) if doubtful => Figure::Doubtful(value, why),
            _ => self,
        }
    }

    /// The number, in doubt or not.
    pub fn value(self) -> Option<f64> {
        match self {
            Figure::Sound(value) | Figure::Doubtful(value, _) => Some(value),
            Figure::None(_) => None,
        }
    }

    /// The number if it is sound.
    pub fn sound(self) -> Option<f64> {
        self.why().is_none().then(|| self.value()).flatten()
    }

    /// What is wrong with it.
    pub fn why(self) -> Option<Why> {
        match self {
            Figure::Sound(_) => None,
            Figure::Doubtful(_, why) | Figure::None(why) => Some(why),
        }
    }

    /// By how much it is above `other`: as sound as the worse of both.
    pub fn minus(self, other: Figure) -> Figure {
        match (self, other) {
            (Figure::None(why), _) | (_, Figure::None(why)) => Figure::None(why),
            (Figure::Doubtful(a, why), Figure::Sound(b) | Figure::Doubtful(b, _))
            | (Figure::Sound(a), Figure::Doubtful(b, why)) => Figure::Doubtful(a - b, why),
            (Figure::Sound(a), Figure::Sound(b)) => Figure::of(a - b),
        }
    }

    /// The number by `format`, a doubtful one with its mark; `–` where there is none.
    pub fn show(self, format: impl Fn(f64) -> String) -> String {
        match self {
            Figure::Sound(value) => format(value),
            Figure::Doubtful(value, _) => format!("{} {}", format(value), self.mark()),
            Figure::None(_) => self.mark().to_owned(),
        }
    }

    /// What stands in a table beside a doubtful figure, or for one that is not there.
    pub fn mark(self) -> &'static str {
        match self {
            Figure::Sound(_) => "",
            Figure::Doubtful(..) => "*",
            Figure::None(_) => "–",
        }
    }
}

impl fmt::Display for Why {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Why::TooFew { set, pictures, needed } => {
                write!(f, "of {pictures} {set}, at least {needed} are needed")
            }
            Why::Singular { set, pictures, needed } => write!(
                f,
                "biased upwards, the covariance of {pictures} {set} is singular; from {needed} on it is not, and figures \
                 that compare are of {SAMPLES}"
            ),
            Why::FewForClasses { pictures, needed } => {
                write!(
                    f,
                    "too low for {pictures} pictures, which show too few classes; from {needed} on hardly"
                )
            }
            Why::NoError => write!(f, "infinite, int8 and float are equal"),
            Why::NoSignal => write!(f, "the floats' signal is none, or too faint to be told from rounding"),
            Why::NotFinite => write!(f, "not a finite number"),
            Why::DrawnApart => write!(f, "each is drawn pixel by pixel by its own past"),
            Why::Unsaid => write!(f, "the file that it was read from does not say"),
        }
    }
}

impl fmt::Display for Set {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Set::Judged => "pictures",
            Set::Real => "real pictures",
            Set::OfClass => "pictures of the class",
        })
    }
}

/// A figure's written form.
#[derive(Serialize, Deserialize)]
struct Parts {
    value: Option<f64>,
    why: Option<Why>,
}

impl Serialize for Figure {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Figure::Sound(value) if serializer.is_human_readable() => serializer.serialize_f64(*value),
            _ => Parts { value: self.value(), why: self.why() }.serialize(serializer),
        }
    }
}

impl<'de> Deserialize<'de> for Figure {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Figure, D::Error> {
        let parts = if deserializer.is_human_readable() {
            match serde_json::Value::deserialize(deserializer)? {
                // As files were written when a figure that was not there had no reason.
                serde_json::Value::Null => Parts { value: None, why: Some(Why::Unsaid) },
                serde_json::Value::Number(number) => Parts { value: number.as_f64(), why: None },
                other => serde_json::from_value(other).map_err(D::Error::custom)?,
            }
        } else {
            Parts::deserialize(deserializer)?
        };
        match parts {
            Parts { value: Some(value), why: None } => Ok(Figure::of(value)),
            Parts { value: Some(value), why: Some(why) } => Ok(Figure::Doubtful(value, why)),
            Parts { value: None, why: Some(why) } => Ok(Figure::None(why)),
            Parts { value: None, why: None } => Err(D::Error::custom("a figure without a value or a reason")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FEW: Why = Why::TooFew { set: Set::Judged, pictures: 2, needed: 6 };
    const SINGULAR: Why = Why::Singular { set: Set::Real, pictures: 9, needed: 129 };

    #[test]
    fn json_has_a_number_or_null_with_the_reason() {
        let json = |figure: Figure| serde_json::to_string(&figure).unwrap();
        assert_eq!(json(Figure::Sound(0.5)), "0.5");
        assert_eq!(
            json(Figure::None(FEW)),
            r#"{"value":null,"why":{"too_few":{"set":"judged","pictures":2,"needed":6}}}"#
        );
        assert_eq!(json(Figure::None(Why::NoError)), r#"{"value":null,"why":"no_error"}"#);
        for figure in [Figure::Sound(1.0 / 3.0), Figure::Doubtful(7.25, SINGULAR), Figure::None(FEW)] {
            assert_eq!(serde_json::from_str::<Figure>(&json(figure)).unwrap(), figure);
            let bytes = postcard::to_stdvec(&figure).unwrap();
            assert_eq!(postcard::from_bytes::<Figure>(&bytes).unwrap(), figure);
        }
    }

    #[test]
    fn what_is_not_finite_never_becomes_a_number() {
        for value in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
            assert_eq!(Figure::of(value), Figure::None(Why::NotFinite));
        }
    }

    #[test]
    fn files_from_before_there_were_reasons_are_read() {
        let read = |json: &str| serde_json::from_str::<Figure>(json).unwrap();
        assert_eq!((read("1"), read("null")), (Figure::Sound(1.0), Figure::None(Why::Unsaid)));
        assert!(serde_json::from_str::<Figure>("{}").is_err());
    }

    #[test]
    fn a_difference_is_as_sound_as_the_worse_of_both() {
        let (sound, doubtful, none) =
            (Figure::Sound(3.0), Figure::Doubtful(1.0, SINGULAR), Figure::None(FEW));
        assert_eq!(sound.minus(Figure::Sound(2.0)), Figure::Sound(1.0));
        assert_eq!(sound.minus(doubtful), Figure::Doubtful(2.0, SINGULAR));
        assert_eq!((sound.minus(none), none.minus(doubtful)), (none, none));
    }

    #[test]
    fn a_figure_shows_its_doubt() {
        let show = |figure: Figure| figure.show(|value| format!("{value:.2}"));
        assert_eq!(show(Figure::Sound(1.0)), "1.00");
        assert_eq!(show(Figure::Doubtful(1.0, SINGULAR)), "1.00 *");
        assert_eq!(show(Figure::None(FEW)), "–");
    }

    #[test]
    fn too_few_pictures_leave_none_and_doubt_leaves_a_number() {
        let figure = Figure::Sound(1.0);
        assert_eq!(figure.needing(Set::Judged, 6, 6), figure);
        assert_eq!(figure.needing(Set::Judged, 2, 6), Figure::None(FEW));
        assert_eq!(figure.doubted(false, SINGULAR), figure);
        assert_eq!(Figure::None(FEW).doubted(true, SINGULAR), Figure::None(FEW));
        assert_eq!(
            (figure.doubted(true, SINGULAR).value(), figure.doubted(true, SINGULAR).sound()),
            (Some(1.0), None)
        );
    }
}
