//! Keys of the emulated OLED board, as written on the command line: `right,up,select,hold:select`.

use std::str::FromStr;
use std::time::Duration;

/// Longer than the firmware's debouncing, shorter than what it takes for held.
const PRESS: Duration = Duration::from_millis(200);
/// Longer than what the firmware takes for held, shorter than its second repeat.
const HOLD: Duration = Duration::from_millis(800);

/// A button and for how long it is pressed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Key {
    /// The key that QEMU has the button on.
    pub qcode: &'static str,
    /// How long it is down.
    pub hold: Duration,
}

impl FromStr for Key {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (hold, name) = match text.trim().strip_prefix("hold:") {
            Some(name) => (HOLD, name),
            None => (PRESS, text.trim()),
        };
        let qcode = match name {
            "up" => "up",
            "down" => "down",
            "left" => "left",
            "right" => "right",
            "select" => "ctrl",
            _ => {
                let expected = "up, down, left, right or select, with hold: before it to hold it";
                return Err(format!("no button {name:?}, expected {expected}"));
            }
        };
        Ok(Key { qcode, hold })
    }
}

#[cfg(test)]
mod tests {
    use super::{HOLD, Key, PRESS};

    #[test]
    fn buttons_are_pressed_or_held() {
        assert_eq!("right".parse(), Ok(Key { qcode: "right", hold: PRESS }));
        assert_eq!(" select".parse(), Ok(Key { qcode: "ctrl", hold: PRESS }));
        assert_eq!("hold:select".parse(), Ok(Key { qcode: "ctrl", hold: HOLD }));
    }

    #[test]
    fn an_unknown_button_is_named() {
        let error = "hold:enter".parse::<Key>().unwrap_err();
        assert!(error.contains("\"enter\"") && error.contains("select"), "{error}");
    }
}
