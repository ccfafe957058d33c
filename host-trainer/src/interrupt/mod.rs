//! Signals that ask the program to end: Ctrl-C (SIGINT), SIGTERM and SIGHUP, all alike.
//!
//! Where nothing can be lost, the first one ends the program at once. While a training loop [holds it off](hold_off), the first
//! one only raises a [flag], upon which the loop saves and ends; the second ends the program at once. The exit status is 128
//! and the signal's number, as shells have it, and the terminal is given back before.

mod listen;

pub use listen::listen;

use crate::terminal::{self, say};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError, mpsc};
use std::time::Duration;

/// How long a last word may take: a terminal or a pipe that takes nothing must not keep the program.
const LAST_WORD: Duration = Duration::from_secs(1);

/// A signal that asks the program to end, with its number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Signal {
    /// SIGHUP: the terminal is gone.
    Hangup = 1,
    /// SIGINT: Ctrl-C.
    Interrupt = 2,
    /// SIGTERM: the system shuts down, or a scheduler's time is over.
    Terminate = 15,
}

impl Signal {
    /// The exit status of a program that it ended, by convention.
    pub fn exit_status(self) -> i32 {
        128 + self as i32
    }
}

/// What a signal finds.
struct State {
    /// How many training loops hold it off.
    held_off: usize,
    /// The one that raised the flag.
    raised: Option<Signal>,
    /// What the user should know when the program ends at once.
    last_word: String,
}

static STATE: Mutex<State> = Mutex::new(State { held_off: 0, raised: None, last_word: String::new() });
static FLAG: AtomicBool = AtomicBool::new(false);

fn state() -> MutexGuard<'static, State> {
    STATE.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The flag that a signal raises while it is held off.
pub fn flag() -> &'static AtomicBool {
    &FLAG
}

/// While it lives, the first signal raises the [flag] and the second ends the program.
#[derive(Debug)]
pub struct HoldOff(());

/// For what must not end at any instant: whoever holds it looks at the [flag] again and again. Signals that end the program
/// all the same say `last_word`.
pub fn hold_off(last_word: String) -> HoldOff {
    let mut state = state();
    state.held_off += 1;
    state.last_word = last_word;
    HoldOff(())
}

impl Drop for HoldOff {
    fn drop(&mut self) {
        state().held_off -= 1;
    }
}

/// From here on the first signal ends the program, and says `last_word`; at once, if one has come while it was held off.
pub fn nothing_to_lose(last_word: String) {
    let mut state = state();
    state.last_word = last_word;
    if let Some(signal) = state.raised {
        drop(state);
        end(signal);
    }
}

/// What a signal does, and Ctrl-C where it comes as a key.
pub(crate) fn raise(signal: Signal) {
    let mut state = state();
    if state.held_off == 0 || state.raised.is_some() {
        drop(state);
        end(signal);
    }
    state.raised = Some(signal);
    FLAG.store(true, Ordering::Relaxed);
    drop(state);
    in_time(|| say!("Stopping: this step is finished and saved; a second time ends at once."));
}

/// Ends the program with the last word.
fn end(signal: Signal) -> ! {
    let last_word = std::mem::take(&mut state().last_word);
    in_time(move || {
        terminal::give_back();
        if !last_word.is_empty() {
            terminal::insist(format_args!("{last_word}"));
        }
    });
    std::process::exit(signal.exit_status())
}

/// Lets `speak` do so, but goes on without it after a while.
fn in_time(speak: impl FnOnce() + Send + 'static) {
    let (done, wait) = mpsc::channel::<()>();
    let speaking = std::thread::Builder::new().spawn(move || {
        speak();
        drop(done);
    });
    if speaking.is_ok() {
        // It ends by an error in either case: the sender is dropped, or takes too long.
        let _ = wait.recv_timeout(LAST_WORD);
    }
}
