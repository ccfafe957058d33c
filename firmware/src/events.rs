//! Button events on their way from the interrupt that samples to the loop that draws.

use heapless::Deque;

use crate::buttons::{Buttons, Event};

/// Events that may wait; a person does not press faster than pictures come.
const CAPACITY: usize = 8;

/// The debouncer and what it found: sample it in a timer interrupt, so that no press is lost while a
/// picture is generated, and take events from the main loop.
pub struct ButtonQueue {
    buttons: Buttons,
    events: Deque<Event, CAPACITY>,
}

impl Default for ButtonQueue {
    fn default() -> Self {
        Self::new()
    }
}

impl ButtonQueue {
    /// No button seen yet, no event waits.
    pub const fn new() -> Self {
        Self { buttons: Buttons::new(), events: Deque::new() }
    }

    /// Takes one sample of all buttons; see [`Buttons::sample`].
    ///
    /// A repeat is dropped while others wait, so that a walk stops when its button is let go and not when
    /// a slow display has caught up. Any event is dropped when the queue is full.
    pub fn sample(&mut self, pressed: [bool; 5]) {
        for event in self.buttons.sample(pressed) {
            if self.events.is_empty() || !matches!(event, Event::Repeated(_)) {
                let _ = self.events.push_back(event);
            }
        }
    }

    /// The event that waits longest.
    pub fn pop(&mut self) -> Option<Event> {
        self.events.pop_front()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::buttons::{Button, HOLD_SAMPLES, REPEAT_SAMPLES};

    #[test]
    fn repeats_do_not_pile_up_but_presses_and_releases_are_kept() {
        let mut queue = ButtonQueue::new();
        let right = [false, false, false, true, false];
        (0..20).for_each(|_| queue.sample([false; 5]));
        (0..HOLD_SAMPLES + 20 * REPEAT_SAMPLES).for_each(|_| queue.sample(right));
        (0..20).for_each(|_| queue.sample([false; 5]));
        let expected = [Event::Pressed, Event::Held, Event::Released].map(|event| event(Button::Right));
        assert_eq!([queue.pop(), queue.pop(), queue.pop()], expected.map(Some));
        assert_eq!(queue.pop(), None);
    }
}
