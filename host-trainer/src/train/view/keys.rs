//! The view's keys, which come in raw mode: Ctrl-C is a key there like any other.

use std::io;
use std::time::Duration;

/// How long one look at the keyboard waits, which is also the time between two drawings.
const WAIT: Duration = Duration::from_millis(100);

/// A key that means something to the view.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Key {
    /// q or Escape: leaves the view.
    Leave,
    /// Ctrl-C.
    Stop,
}

/// The key that was pressed while waiting a little, if it means anything.
///
/// # Errors
/// The keyboard is gone.
#[cfg(unix)]
pub(super) fn pressed() -> io::Result<Option<Key>> {
    use rustix::event::{PollFd, PollFlags, Timespec, poll};
    // Not by crossterm, whose reader never returns from a terminal that has hung up.
    let keyboard = io::stdin();
    let mut ready = [PollFd::new(&keyboard, PollFlags::IN)];
    let wait = Timespec::try_from(WAIT).expect("a moment");
    let mut bytes = [0; 64];
    let read = match poll(&mut ready, Some(&wait)) {
        Ok(0) => return Ok(None),
        // Not ready to read means gone, and reading says how.
        Ok(_) => rustix::io::read(&keyboard, &mut bytes),
        Err(error) => Err(error),
    };
    match read {
        Ok(0) => Err(io::ErrorKind::UnexpectedEof.into()),
        Ok(count) => Ok(meaning(&bytes[..count])),
        Err(rustix::io::Errno::INTR) => Ok(None),
        Err(error) => Err(error.into()),
    }
}

/// What the bytes of one read of a keyboard mean. An escape sequence is a key that means nothing.
#[cfg(unix)]
fn meaning(bytes: &[u8]) -> Option<Key> {
    match bytes {
        [b'\x1b'] => Some(Key::Leave),
        [b'\x1b', ..] => None,
        _ => bytes.iter().find_map(|byte| match byte {
            b'q' => Some(Key::Leave),
            b'\x03' => Some(Key::Stop),
            _ => None,
        }),
    }
}

/// The key that was pressed while waiting a little, if it means anything.
///
/// # Errors
/// The keyboard is gone.
#[cfg(not(unix))]
pub(super) fn pressed() -> io::Result<Option<Key>> {
    use ratatui::crossterm::event::{self, Event, KeyCode, KeyEventKind, KeyModifiers};
    if !event::poll(WAIT)? {
        return Ok(None);
    }
    let Event::Key(key) = event::read()? else { return Ok(None) };
    let pressed = key.kind == KeyEventKind::Press;
    Ok(match key.code {
        KeyCode::Char('q') | KeyCode::Esc if pressed => Some(Key::Leave),
        KeyCode::Char('c') if pressed && key.modifiers.contains(KeyModifiers::CONTROL) => Some(Key::Stop),
        _ => None,
    })
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    #[test]
    fn keys_mean_what_the_footer_says_and_arrows_nothing() {
        let expected: [(&[u8], Option<Key>); 6] = [
            (b"q", Some(Key::Leave)),
            (b"\x1b", Some(Key::Leave)),
            (b"\x03", Some(Key::Stop)),
            (b"xx\x03q", Some(Key::Stop)),
            (b"\x1b[A", None),
            (b"x", None),
        ];
        for (bytes, key) in expected {
            assert_eq!(meaning(bytes), key, "{bytes:?}");
        }
    }
}
