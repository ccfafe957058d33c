//! The tests in a program: `embedded-test` 0.7 writes each as a symbol in the section `.embedded_test`.

use std::time::Duration;

use object::read::elf::ElfFile32;
use object::{Object as _, ObjectSection as _, ObjectSymbol as _};
use serde::Deserialize;

use super::ElfError;

/// How long a test may take that says nothing about it: embedded-test's own default.
const DEFAULT_TIMEOUT_S: u64 = 60;

/// One test in a target's test program.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Test {
    /// Path without the crate: `tests::parses`.
    pub name: String,
    /// Address of its entry, with the Thumb bit: what `run_addr` takes.
    pub address: u32,
    /// Left out unless asked for.
    pub ignored: bool,
    /// A panic is what makes it pass.
    pub should_panic: bool,
    /// The emulator is stopped after this time.
    pub timeout: Duration,
}

/// The symbol's name is JSON.
#[derive(Deserialize)]
struct Symbol {
    name: String,
    ignored: bool,
    should_panic: bool,
    /// In seconds.
    timeout: Option<u64>,
}

/// The tests in `elf`, sorted by name; `None` if it is no test program at all.
///
/// # Errors
/// [`ElfError::Malformed`], and [`ElfError::TestSymbol`] for a symbol that does not follow the format.
pub fn tests_in(elf: &[u8]) -> Result<Option<Vec<Test>>, ElfError> {
    let file = ElfFile32::<object::Endianness>::parse(elf)?;
    let Some(section) = file.section_by_name(".embedded_test") else { return Ok(None) };
    let mut tests = Vec::new();
    for symbol in file.symbols().filter(|symbol| symbol.section_index() == Some(section.index())) {
        let name = symbol.name()?;
        if !name.starts_with('{') {
            continue; // the format's version
        }
        let problem = |problem: String| ElfError::TestSymbol { symbol: name.to_owned(), problem };
        let described: Symbol = serde_json::from_str(name).map_err(|error| problem(error.to_string()))?;
        // (entry: fn() -> !, module: &str) as the compiler lays it out: three words.
        let words = section
            .data_range(symbol.address(), 12)?
            .ok_or_else(|| problem("lies outside its section".into()))?;
        let word = |index: usize| {
            u32::from_le_bytes(words[4 * index..][..4].try_into().expect("four bytes of twelve"))
        };
        let module = text_at(&file, word(1), word(2))
            .ok_or_else(|| problem(format!("its module's name is not at {:#010x}", word(1))))?;
        tests.push(Test {
            name: qualified(module, &described.name),
            address: word(0),
            ignored: described.ignored,
            should_panic: described.should_panic,
            timeout: Duration::from_secs(described.timeout.unwrap_or(DEFAULT_TIMEOUT_S)),
        });
    }
    tests.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(Some(tests))
}

/// The text of `length` bytes at `address` in a section that is loaded.
fn text_at<'data>(
    file: &ElfFile32<'data, object::Endianness>,
    address: u32,
    length: u32,
) -> Option<&'data str> {
    file.sections()
        .filter(|section| section.address() != 0 || section.name() == Ok(".vector_table"))
        .find_map(|section| {
            let bytes = section.data_range(u64::from(address), u64::from(length)).ok()??;
            std::str::from_utf8(bytes).ok()
        })
}

/// libtest's names do not begin with the crate.
fn qualified(module: &str, name: &str) -> String {
    match module.split_once("::") {
        Some((_, inner)) => format!("{inner}::{name}"),
        None => name.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::{Symbol, qualified};

    #[test]
    fn a_symbol_of_embedded_test_is_read() {
        let json = r#"{"disambiguator":6727512770685611037,"name":"good","ignored":false,"should_panic":true,"timeout":10}"#;
        let symbol: Symbol = serde_json::from_str(json).unwrap();
        assert_eq!((symbol.name.as_str(), symbol.timeout), ("good", Some(10)));
        assert!(symbol.should_panic && !symbol.ignored);
    }

    #[test]
    fn a_symbol_without_a_timeout_is_read() {
        let json = r#"{"disambiguator":1,"name":"good","ignored":true,"should_panic":false}"#;
        let symbol: Symbol = serde_json::from_str(json).unwrap();
        assert_eq!(symbol.timeout, None);
        assert!(symbol.ignored);
    }

    #[test]
    fn a_test_is_named_without_its_crate() {
        assert_eq!(qualified("target::tests::dense", "rounds"), "tests::dense::rounds");
        assert_eq!(qualified("target", "rounds"), "rounds");
    }
}
