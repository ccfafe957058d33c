//! A panic gives the terminal back before its message is written, whichever thread it is in.
#![cfg(target_os = "linux")]

mod trainer;

use std::io::Write;
use std::process::Command;

use host_trainer::terminal::{self, Screen};
use trainer::Terminal;

/// Set for the process that the test below starts: this test binary, on a terminal.
const ON_A_TERMINAL: &str = "HOST_TRAINER_TEST_ON_A_TERMINAL";

#[test]
fn a_thread_that_panics() {
    if std::env::var_os(ON_A_TERMINAL).is_none() {
        return;
    }
    let mut screen = Screen::open().expect("a terminal");
    screen.write_all(b"a frame").unwrap();
    screen.flush().unwrap();
    terminal::tell(format_args!("said meanwhile"));
    std::thread::spawn(|| panic!("on purpose")).join().unwrap_err();
    assert!(!terminal::is_open());
    // Who draws in another thread may not know yet.
    screen.write_all(b"a late frame").unwrap();
    screen.flush().unwrap();
    std::process::exit(7);
}

#[test]
fn a_panic_in_any_thread_gives_the_terminal_back() {
    let mut tests = Command::new(std::env::current_exe().unwrap());
    tests.args(["--exact", "a_thread_that_panics", "--nocapture"]).env(ON_A_TERMINAL, "1");
    let mut terminal = Terminal::run(&mut tests);
    assert_eq!(terminal.running.end().code(), Some(7), "{}", terminal.seen());
    // The cursor was never hidden: ratatui does that with its first frame.
    terminal.assert_given_back();
    assert!(terminal.seen().contains("a frame"));
    let said = terminal.said_after_the_view();
    assert!(said.contains("said meanwhile") && said.contains("on purpose"), "{said:?}");
    assert!(!said.contains("late"), "{said:?}");
}
