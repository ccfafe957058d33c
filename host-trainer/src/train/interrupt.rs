//! Ctrl-C: the first finishes the step and saves, the second ends the program at once.

use super::view;
use std::sync::atomic::{AtomicBool, Ordering};

static INTERRUPTED: AtomicBool = AtomicBool::new(false);

/// The exit status of a program ended by Ctrl-C, by convention.
pub const EXIT_STATUS: i32 = 130;

/// Starts to listen and returns the flag that the first Ctrl-C raises.
///
/// # Errors
/// The system refuses the handler, or one is already set.
pub fn listen() -> Result<&'static AtomicBool, ctrlc::Error> {
    ctrlc::set_handler(raise)?;
    Ok(&INTERRUPTED)
}

/// What Ctrl-C does, whether it comes as a signal or as a key.
pub(super) fn raise() {
    if INTERRUPTED.swap(true, Ordering::Relaxed) {
        view::give_back();
        std::process::exit(EXIT_STATUS);
    }
}
