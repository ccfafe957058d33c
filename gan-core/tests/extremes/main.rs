//! No public function panics, whatever its arguments: NaN, infinities, 0, the largest and the smallest, nothing and too
//! much. Or its documentation says when, and then it panics there in every build.

mod building;
mod drawing;
mod latents;
mod parsing;

use std::cell::Cell;
use std::fs;
use std::panic::{UnwindSafe, catch_unwind, set_hook, take_hook};
use std::path::Path;
use std::sync::Once;

/// Floats that break things.
const FLOATS: [f32; 16] = [
    f32::NAN,
    -f32::NAN,
    f32::NEG_INFINITY,
    f32::MIN,
    -1e9,
    -3.0,
    -0.5,
    -0.0,
    0.0,
    f32::MIN_POSITIVE,
    1e-20,
    0.5,
    1.0,
    3.0,
    f32::MAX,
    f32::INFINITY,
];

/// Indices and lengths that break things.
const SIZES: [usize; 9] = [0, 1, 2, 127, 128, 254, 255, 256, usize::MAX];

/// Whether `call` panics, as its documentation must then say. Its message, and a backtrace of each, would take minutes.
fn panics<T>(call: impl FnOnce() -> T + UnwindSafe) -> bool {
    thread_local!(static EXPECTED: Cell<bool> = const { Cell::new(false) });
    static HOOK: Once = Once::new();
    HOOK.call_once(|| {
        let print = take_hook();
        set_hook(Box::new(move |info| {
            if !EXPECTED.get() {
                print(info);
            }
        }));
    });
    EXPECTED.set(true);
    let panicked = catch_unwind(call).is_err();
    EXPECTED.set(false);
    panicked
}

/// A public function that nobody calls here would go untested.
#[test]
fn every_public_function_is_called_by_these_tests() {
    let package = Path::new(env!("CARGO_MANIFEST_DIR"));
    let text = |folder: &str| {
        let mut text = String::new();
        let mut folders = vec![package.join(folder)];
        while let Some(folder) = folders.pop() {
            for entry in fs::read_dir(folder).unwrap() {
                let path = entry.unwrap().path();
                match path.extension() {
                    None => folders.push(path),
                    Some(_) => text += &fs::read_to_string(path).unwrap(),
                }
            }
        }
        text
    };
    let (library, tests) = (text("src"), text("tests/extremes"));
    let mut found = 0;
    for line in library.lines() {
        let line = line.trim_start();
        let Some(rest) = line.strip_prefix("pub fn ").or_else(|| line.strip_prefix("pub const fn ")) else {
            continue;
        };
        let name = rest.split(['(', '<']).next().unwrap();
        let is_called = [format!("{name}("), format!("{name}::<")].iter().any(|call| tests.contains(call));
        assert!(is_called, "no call of {name}");
        found += 1;
    }
    assert!(found > 40, "only {found} public functions found: is the source formatted in another way?");
}
