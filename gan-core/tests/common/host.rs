//! The host: `embedded-test` answers `list` and `run NAME`; this turns that into a libtest command line.

use std::env;
use std::process::{Command, exit};

use libtest_mimic::{Arguments, Failed, Trial};
use serde::Deserialize;

/// Set for the child processes, which `embedded-test` itself then serves.
const CHILD: &str = "GAN_CORE_TEST_CHILD";

#[derive(Deserialize)]
struct Listing {
    tests: Vec<Test>,
}

#[derive(Deserialize)]
struct Test {
    name: String,
    should_panic: bool,
    ignored: bool,
}

/// `embedded-test` calls this before it looks at its arguments.
#[embedded_test::setup]
fn run_all_as_children() {
    if env::var_os(CHILD).is_some() {
        return;
    }
    let arguments = Arguments::from_args();
    let listing = child(&["list"]).stdout;
    let listing: Listing = serde_json::from_slice(&listing).expect("`list` prints JSON");
    let trials = listing.tests.into_iter().map(|test| {
        let Test { name, should_panic, ignored } = test;
        Trial::test(name.clone(), move || run(&name, should_panic)).with_ignored_flag(ignored)
    });
    libtest_mimic::run(&arguments, trials.collect()).exit();
}

fn run(name: &str, should_panic: bool) -> Result<(), Failed> {
    let output = child(&["run", name]);
    match (output.status.success(), should_panic) {
        (true, false) | (false, true) => Ok(()),
        (true, true) => Err("the test should have panicked and did not".into()),
        (false, false) => {
            let log = [output.stdout, output.stderr].concat();
            Err(String::from_utf8_lossy(&log).into_owned().into())
        }
    }
}

fn child(arguments: &[&str]) -> std::process::Output {
    let this = env::current_exe().expect("the system knows this program's path");
    Command::new(this).args(arguments).env(CHILD, "1").output().unwrap_or_else(|error| {
        eprintln!("cannot start a child for {arguments:?}: {error}");
        exit(101);
    })
}
