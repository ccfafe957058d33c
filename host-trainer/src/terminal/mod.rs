//! Everything that the program says, in one place: a run is worth more than its words.
//!
//! Rust's `eprintln!` panics where its reader has gone (`… 2>&1 | head -1`) or its device is full. [`tell`] and [`insist`]
//! go on: a message that cannot be written is lost, and nothing else. What a command is for goes to the standard
//! output through [`print()`]. Clippy denies the other ways.

mod screen;

pub use screen::{Screen, give_back, is_open};

use std::fmt::Arguments;
use std::fs::File;
use std::io::{self, ErrorKind, Write};

/// Writes a formatted line by [`tell`].
macro_rules! say {
    ($($text:tt)*) => { $crate::terminal::tell(format_args!($($text)*)) };
}
pub(crate) use say;

/// Writes `line` and the end of the line to the standard error output, or keeps it while the alternate screen is shown.
/// That it cannot be written is no error.
pub fn tell(line: Arguments<'_>) {
    let _ = write(&format!("{line}\n"));
}

/// [`tell`] for a program's last word, which the user should not miss: where the standard error output refuses, as that
/// does of which Ctrl-C has ended the reader (`… 2>&1 | tee log`), it goes to the terminal itself, if there is one.
pub fn insist(line: Arguments<'_>) {
    let line = format!("{line}\n");
    if write(&line).is_err()
        && let Ok(mut terminal) = File::options().write(true).open("/dev/tty")
    {
        let _ = terminal.write_all(line.as_bytes());
    }
}

fn write(text: &str) -> io::Result<()> {
    if screen::keep(text) {
        return Ok(());
    }
    io::stderr().write_all(text.as_bytes())
}

/// Writes `text`, a command's product, to the standard output.
///
/// # Errors
/// The standard output refuses; that its reader has gone, as `head` does, is no error.
pub fn print(text: &str) -> io::Result<()> {
    let mut output = io::stdout().lock();
    // What stayed in the buffer would be written when the program ends, and its failure never be seen.
    match output.write_all(text.as_bytes()).and_then(|()| output.flush()) {
        Err(error) if error.kind() == ErrorKind::BrokenPipe => Ok(()),
        Err(error) => Err(io::Error::new(error.kind(), format!("standard output: {error}"))),
        Ok(()) => Ok(()),
    }
}
