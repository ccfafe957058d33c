//! Whether the user agrees that something of theirs is changed for what is installed.

use std::ffi::OsStr;
use std::io::{self, BufRead, Write};

/// What is known of the user's will before they are asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Consent {
    /// `--yes`, or a machine that nobody sits at and that is CI's to change.
    Given,
    /// There is a terminal: they can be asked.
    Askable,
    /// Nobody is there to answer.
    Absent,
}

impl Consent {
    /// From the flag `--yes`, the environment's variable `CI`, and whether there is a terminal to ask at.
    pub fn of(yes: bool, ci: Option<&OsStr>, terminal: bool) -> Consent {
        if yes || ci.is_some_and(|ci| ci == "true" || ci == "1") {
            Consent::Given
        } else if terminal {
            Consent::Askable
        } else {
            Consent::Absent
        }
    }
}

/// Asks `question` on `screen`; only `y` or `yes` as the next line of `keyboard` is a yes.
///
/// # Errors
/// The screen cannot be written, or the keyboard not be read.
pub fn ask(question: &str, keyboard: &mut impl BufRead, screen: &mut impl Write) -> io::Result<bool> {
    write!(screen, "{question} [y/N] ")?;
    screen.flush()?;
    let mut answer = String::new();
    keyboard.read_line(&mut answer)?;
    Ok(["y", "yes"].contains(&answer.trim().to_lowercase().as_str()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_flag_or_ci_agrees_and_only_a_terminal_is_asked() {
        let ci = |value: &'static str| Some(OsStr::new(value));
        assert_eq!(Consent::of(true, None, false), Consent::Given);
        assert_eq!(Consent::of(false, ci("true"), false), Consent::Given);
        assert_eq!(Consent::of(false, ci("false"), false), Consent::Absent);
        assert_eq!(Consent::of(false, ci(""), true), Consent::Askable);
        assert_eq!(Consent::of(false, None, true), Consent::Askable);
        assert_eq!(Consent::of(false, None, false), Consent::Absent);
    }

    #[test]
    fn nothing_but_a_yes_is_a_yes() {
        let answer = |typed: &str| {
            let mut screen = Vec::new();
            let answer = ask("Go on?", &mut typed.as_bytes(), &mut screen).unwrap();
            assert_eq!(screen, b"Go on? [y/N] ");
            answer
        };
        assert!(answer("y\n") && answer("Yes\n") && answer(" YES \n"));
        for no in ["", "\n", "n\n", "no\n", "yeah\n", "j\n", "\ny\n"] {
            assert!(!answer(no), "{no:?}");
        }
    }
}
