//! How signals reach the program on each kind of system.

use super::{Signal, raise};
use std::io;

/// Starts to listen. A hangup that whoever started the program ignores, as `nohup` does, stays ignored.
///
/// # Errors
/// The system refuses.
#[cfg(unix)]
pub fn listen() -> io::Result<()> {
    let all = [Signal::Interrupt, Signal::Terminate, Signal::Hangup];
    let heard = all.into_iter().filter(|&signal| signal != Signal::Hangup || !is_ignored(signal));
    let mut signals = signal_hook::iterator::Signals::new(heard.map(|signal| signal as i32))?;
    std::thread::Builder::new().name("signals".into()).spawn(move || {
        for number in signals.forever() {
            all.into_iter().filter(|&signal| signal as i32 == number).for_each(raise);
        }
    })?;
    Ok(())
}

#[cfg(unix)]
fn is_ignored(signal: Signal) -> bool {
    // SAFETY: all zeros are a value of this C struct.
    let mut action: libc::sigaction = unsafe { std::mem::zeroed() };
    // SAFETY: without a new action it only writes the present one to where `action` is.
    let read = unsafe { libc::sigaction(signal as i32, std::ptr::null(), &mut action) };
    read == 0 && action.sa_sigaction == libc::SIG_IGN
}

/// Starts to listen.
///
/// # Errors
/// The system refuses.
#[cfg(not(unix))]
pub fn listen() -> io::Result<()> {
    ctrlc::set_handler(|| raise(Signal::Interrupt)).map_err(io::Error::other)
}
