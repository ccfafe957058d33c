//! The terminal's alternate screen, in raw mode: taken once, given back on every way out.
//!
//! Who gives it back may be another thread than the one that draws: one that panics, or that ends the program after a
//! signal. From then on nothing more is drawn.

use std::io::{self, IsTerminal, Write};
use std::sync::{Mutex, MutexGuard, Once, PoisonError};

use ratatui::crossterm::cursor::Show;
use ratatui::crossterm::execute;
use ratatui::crossterm::terminal::{self, EnterAlternateScreen, LeaveAlternateScreen};

/// While the alternate screen is shown, what was said meanwhile: it would be drawn over. `None` while it is not.
static SHOWN: Mutex<Option<String>> = Mutex::new(None);

/// The alternate screen. What is written to it is shown when it is flushed, and discarded once the terminal is given back;
/// dropped, it gives the terminal back.
#[derive(Debug)]
pub struct Screen {
    frame: Vec<u8>,
}

impl Screen {
    /// Takes the terminal, if there is one to read keys from and to draw on, and this program is in its foreground.
    pub fn open() -> Option<Screen> {
        let terminal = io::stderr().is_terminal() && io::stdin().is_terminal();
        let dumb = std::env::var_os("TERM").is_none_or(|name| name == "dumb");
        if !terminal || dumb || !in_foreground() {
            return None;
        }
        give_back_on_panic();
        let mut shown = lock();
        terminal::enable_raw_mode().ok()?;
        *shown = Some(String::new());
        drop(shown);
        // From here on dropping it gives the terminal back.
        let screen = Screen { frame: Vec::new() };
        execute!(io::stderr(), EnterAlternateScreen).ok()?;
        Some(screen)
    }
}

impl Write for Screen {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.frame.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        let frame = std::mem::take(&mut self.frame);
        // Held while writing, so that no half of a frame is written after the terminal was given back.
        let shown = lock();
        if shown.is_some() { io::stderr().write_all(&frame) } else { Ok(()) }
    }
}

impl Drop for Screen {
    fn drop(&mut self) {
        give_back();
    }
}

/// Whether the alternate screen is shown.
pub fn is_open() -> bool {
    lock().is_some()
}

/// Gives the terminal back as it was before [`Screen::open`], with what was said since; nothing if it was not taken.
pub fn give_back() {
    let mut shown = lock();
    if let Some(said) = shown.take() {
        // Nothing can be done about a terminal that refuses.
        let _ = terminal::disable_raw_mode();
        let _ = execute!(io::stderr(), LeaveAlternateScreen, Show);
        let _ = io::stderr().write_all(said.as_bytes());
    }
}

/// Keeps `text` for when the terminal is given back, and says so; false while the alternate screen is not shown.
pub(super) fn keep(text: &str) -> bool {
    match lock().as_mut() {
        Some(said) => said.push_str(text),
        None => return false,
    }
    true
}

/// A panic's message would be lost with the alternate screen, and raw mode outlive the program.
fn give_back_on_panic() {
    static HOOK: Once = Once::new();
    HOOK.call_once(|| {
        let before = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |panic| {
            give_back();
            before(panic);
        }));
    });
}

/// A thread that panicked meanwhile leaves nothing half done.
fn lock() -> MutexGuard<'static, Option<String>> {
    SHOWN.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A program in the background is stopped when it sets the terminal up.
#[cfg(unix)]
fn in_foreground() -> bool {
    use rustix::{process::getpgrp, termios::tcgetpgrp};
    tcgetpgrp(io::stdin()).is_ok_and(|foreground| foreground == getpgrp())
}

#[cfg(not(unix))]
fn in_foreground() -> bool {
    true
}
