//! Five buttons, debounced: from raw samples to presses, holds and releases.
//!
//! Call [`Buttons::sample`] at a steady rate, one sample a [`SAMPLE_MS`]. A level counts once
//! [`STABLE_SAMPLES`] samples in a row agree, so contact bounce shorter than that is never seen. A
//! button says nothing until it was seen released once: on the emulated lm3s6965evb all buttons read
//! as pressed after reset, and on real boards a finger may rest on one at power-up.

use heapless::Vec;

/// Time from one sample to the next, in milliseconds.
pub const SAMPLE_MS: u32 = 1;
/// Samples that must agree before a level counts.
pub const STABLE_SAMPLES: u8 = 8;
/// Samples after which a pressed button counts as held.
pub const HOLD_SAMPLES: u16 = (700 / SAMPLE_MS) as u16;
/// Samples from one repeat of a held button to the next.
pub const REPEAT_SAMPLES: u16 = (150 / SAMPLE_MS) as u16;

/// A button, in the order of the levels given to [`Buttons::sample`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum Button {
    /// The control above.
    Up,
    /// The control below.
    Down,
    /// The control's value one back.
    Left,
    /// The control's value one on.
    Right,
    /// A new seed; held, the gallery.
    Select,
}

impl Button {
    /// Every button, in the order of [`Buttons::sample`]'s levels.
    pub const ALL: [Self; 5] = [Self::Up, Self::Down, Self::Left, Self::Right, Self::Select];
}

/// What happened to a button.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum Event {
    /// It went down.
    Pressed(Button),
    /// It has been down for [`HOLD_SAMPLES`].
    Held(Button),
    /// It is still down, another [`REPEAT_SAMPLES`] later.
    Repeated(Button),
    /// It went up before it counted as held.
    Clicked(Button),
    /// It went up after it counted as held.
    Released(Button),
}

/// One button's way from raw levels to a stable one.
#[derive(Clone, Copy)]
enum Debounced {
    /// Never yet seen released.
    Unknown { released_samples: u8 },
    /// Released; `pressed_samples` in a row say otherwise.
    Up { pressed_samples: u8 },
    /// Pressed for `samples`; `released_samples` in a row say otherwise.
    Down { samples: u16, released_samples: u8 },
}

/// The debouncer of all five buttons.
pub struct Buttons {
    states: [Debounced; 5],
}

impl Default for Buttons {
    fn default() -> Self {
        Self::new()
    }
}

impl Buttons {
    /// No button seen yet.
    pub const fn new() -> Self {
        Self { states: [Debounced::Unknown { released_samples: 0 }; 5] }
    }

    /// Takes one sample of all buttons, `true` = pressed, in the order of [`Button::ALL`], and returns
    /// what it brought about.
    pub fn sample(&mut self, pressed: [bool; 5]) -> Vec<Event, 5> {
        let mut events = Vec::new();
        for ((state, button), pressed) in self.states.iter_mut().zip(Button::ALL).zip(pressed) {
            events.extend(state.sample(pressed).map(|event| event(button)));
        }
        events
    }
}

impl Debounced {
    fn sample(&mut self, pressed: bool) -> Option<fn(Button) -> Event> {
        match self {
            Self::Unknown { released_samples } => {
                *released_samples = if pressed { 0 } else { *released_samples + 1 };
                if *released_samples >= STABLE_SAMPLES {
                    *self = Self::Up { pressed_samples: 0 };
                }
                None
            }
            Self::Up { pressed_samples } => {
                *pressed_samples = if pressed { *pressed_samples + 1 } else { 0 };
                if *pressed_samples < STABLE_SAMPLES {
                    return None;
                }
                *self = Self::Down { samples: 0, released_samples: 0 };
                Some(Event::Pressed)
            }
            Self::Down { samples, released_samples } => {
                *released_samples = if pressed { 0 } else { *released_samples + 1 };
                if *released_samples >= STABLE_SAMPLES {
                    let held = *samples >= HOLD_SAMPLES;
                    *self = Self::Up { pressed_samples: 0 };
                    return Some(if held { Event::Released } else { Event::Clicked });
                }
                *samples += 1;
                if *samples == HOLD_SAMPLES {
                    Some(Event::Held)
                } else if *samples == HOLD_SAMPLES + REPEAT_SAMPLES {
                    *samples = HOLD_SAMPLES;
                    Some(Event::Repeated)
                } else {
                    None
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    extern crate std;
    use std::vec::Vec;

    use super::*;

    /// The events of `samples` equal samples in which exactly `down` are pressed.
    fn hold(buttons: &mut Buttons, down: &[Button], samples: u32) -> Vec<Event> {
        let levels = Button::ALL.map(|button| down.contains(&button));
        (0..samples).flat_map(|_| buttons.sample(levels)).collect()
    }

    fn released_once() -> Buttons {
        let mut buttons = Buttons::new();
        assert_eq!(hold(&mut buttons, &[], 50), []);
        buttons
    }

    #[test]
    fn a_press_and_release_is_a_click() {
        let mut buttons = released_once();
        assert_eq!(hold(&mut buttons, &[Button::Up], 20), [Event::Pressed(Button::Up)]);
        assert_eq!(hold(&mut buttons, &[], 20), [Event::Clicked(Button::Up)]);
    }

    #[test]
    fn bounce_shorter_than_the_stable_time_is_not_seen() {
        let mut buttons = released_once();
        for _ in 0..10 {
            assert_eq!(hold(&mut buttons, &[Button::Left], u32::from(STABLE_SAMPLES) - 1), []);
            assert_eq!(hold(&mut buttons, &[], 1), []);
        }
        assert_eq!(hold(&mut buttons, &[Button::Left], 20), [Event::Pressed(Button::Left)]);
        for _ in 0..10 {
            assert_eq!(hold(&mut buttons, &[], u32::from(STABLE_SAMPLES) - 1), []);
            assert_eq!(hold(&mut buttons, &[Button::Left], 1), []);
        }
    }

    #[test]
    fn buttons_that_read_pressed_from_the_start_say_nothing_until_released() {
        let mut buttons = Buttons::new();
        assert_eq!(hold(&mut buttons, &Button::ALL, 10_000), []);
        assert_eq!(hold(&mut buttons, &[], 20), []);
        assert_eq!(hold(&mut buttons, &[Button::Select], 20), [Event::Pressed(Button::Select)]);
    }

    #[test]
    fn a_held_button_is_held_once_then_repeats_then_is_released() {
        let mut buttons = released_once();
        let down = [Button::Select];
        let select = Button::Select;
        assert_eq!(hold(&mut buttons, &down, u32::from(STABLE_SAMPLES)), [Event::Pressed(select)]);
        assert_eq!(hold(&mut buttons, &down, u32::from(HOLD_SAMPLES) - 1), []);
        assert_eq!(hold(&mut buttons, &down, 1), [Event::Held(select)]);
        assert_eq!(hold(&mut buttons, &down, u32::from(REPEAT_SAMPLES) - 1), []);
        assert_eq!(hold(&mut buttons, &down, 1), [Event::Repeated(select)]);
        assert_eq!(hold(&mut buttons, &down, 3 * u32::from(REPEAT_SAMPLES)), [Event::Repeated(select); 3]);
        assert_eq!(hold(&mut buttons, &[], 20), [Event::Released(select)]);
    }

    #[test]
    fn two_buttons_do_not_mind_each_other() {
        let mut buttons = released_once();
        assert_eq!(
            hold(&mut buttons, &[Button::Up, Button::Right], 20),
            [Event::Pressed(Button::Up), Event::Pressed(Button::Right)]
        );
        assert_eq!(hold(&mut buttons, &[Button::Right], 20), [Event::Clicked(Button::Up)]);
    }
}
