//! A running program's log: defmt frames become lines as they arrive.

use std::io::{self, Read, Write};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use defmt_decoder::{DecodeError, Table};

/// The lines a program has logged so far. Clones share them.
#[derive(Clone, Default)]
pub struct Log {
    shared: Arc<(Mutex<Lines>, Condvar)>,
}

#[derive(Default)]
struct Lines {
    lines: Vec<String>,
    ended: bool,
}

impl Log {
    /// Everything logged so far, one frame a line.
    #[must_use]
    pub fn text(&self) -> String {
        self.lock().lines.join("\n")
    }

    /// The first line, from line `from` on, that contains `text`, with its index; waits for it until `deadline`.
    /// `None` when the time is up or the program has ended without it.
    #[must_use]
    pub fn wait_for(&self, text: &str, from: usize, deadline: Instant) -> Option<(usize, String)> {
        let mut lines = self.lock();
        loop {
            let found = lines.lines.iter().enumerate().skip(from).find(|(_, line)| line.contains(text));
            if let Some((index, line)) = found {
                return Some((index, line.clone()));
            }
            let left = deadline.saturating_duration_since(Instant::now());
            if lines.ended || left.is_zero() {
                return None;
            }
            lines = self.shared.1.wait_timeout(lines, left).unwrap_or_else(PoisonError::into_inner).0;
        }
    }

    fn lock(&self) -> MutexGuard<'_, Lines> {
        self.shared.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn push(&self, line: String, echo: bool) {
        if echo {
            // Not `println!`, which panics where nobody reads any more, and so would end the log for everyone.
            let _ = writeln!(io::stdout(), "{line}");
        }
        self.lock().lines.push(line);
        self.shared.1.notify_all();
    }

    fn end(&self) {
        self.lock().ended = true;
        self.shared.1.notify_all();
    }

    /// Reads `output` to its end in a thread of its own; `table` is the program's defmt table, without which the output
    /// is taken as text. `echo` prints each line as it comes.
    pub(super) fn follow(
        &self,
        mut output: impl Read + Send + 'static,
        table: Option<Arc<Table>>,
        echo: bool,
    ) -> JoinHandle<()> {
        let log = self.clone();
        thread::spawn(move || {
            match table {
                Some(table) => log.decode(&mut output, &table, echo),
                None => log.split(&mut output, echo),
            }
            log.end();
        })
    }

    fn decode(&self, output: &mut impl Read, table: &Table, echo: bool) {
        let mut frames = table.new_stream_decoder();
        let mut buffer = [0; 1024];
        while let Ok(read @ 1..) = output.read(&mut buffer) {
            frames.received(&buffer[..read]);
            loop {
                match frames.decode() {
                    Ok(frame) => self.push(frame.display(false).to_string(), echo),
                    Err(DecodeError::UnexpectedEof) => break,
                    Err(DecodeError::Malformed) => {
                        self.push(
                            "(a log frame that cannot be decoded: something else prints too)".into(),
                            echo,
                        );
                        if !table.encoding().can_recover() {
                            return;
                        }
                    }
                }
            }
        }
    }

    fn split(&self, output: &mut impl Read, echo: bool) {
        use std::io::BufRead as _;
        for line in std::io::BufReader::new(output).lines().map_while(Result::ok) {
            self.push(line, echo);
        }
    }
}

/// How long to wait for a process that is about to end.
pub(super) const POLL: Duration = Duration::from_millis(5);

#[cfg(test)]
mod tests {
    use super::{Duration, Instant, Log};

    fn followed(text: &'static str) -> Log {
        let log = Log::default();
        log.follow(text.as_bytes(), None, false).join().unwrap();
        log
    }

    #[test]
    fn a_line_is_found_from_an_index_on() {
        let log = followed("ready\nclass 1\nclass 2\n");
        let deadline = Instant::now() + Duration::from_secs(5);
        assert_eq!(log.wait_for("class", 0, deadline), Some((1, "class 1".into())));
        assert_eq!(log.wait_for("class", 2, deadline), Some((2, "class 2".into())));
    }

    #[test]
    fn waiting_ends_with_the_program() {
        let log = followed("ready\n");
        let deadline = Instant::now() + Duration::from_secs(3600);
        assert_eq!(log.wait_for("never", 0, deadline), None);
    }
}
