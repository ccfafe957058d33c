//! The house rules that hold for a crate's files: no two of its modules use each other, and none is long.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, ensure};

/// Folders of the crates that keep the rules.
const CRATES: [&str; 1] = ["gan-core"];
/// The most lines of a file.
const MOST_LINES: usize = 400;

#[test]
fn no_two_modules_use_each_other() -> Result<()> {
    for name in CRATES {
        let circles = Modules::read(&project().join(name).join("src"))?.circles();
        ensure!(circles.is_empty(), "modules of {name} use each other:\n{}", circles.join("\n"));
    }
    Ok(())
}

#[test]
fn no_file_is_long() -> Result<()> {
    let mut long = Vec::new();
    for name in CRATES {
        for (path, text) in sources(&project().join(name))? {
            let lines = text.lines().count();
            long.extend((lines > MOST_LINES).then(|| format!("{name}/{path}: {lines}")));
        }
    }
    ensure!(long.is_empty(), "files of more than {MOST_LINES} lines:\n{}", long.join("\n"));
    Ok(())
}

/// The project's root.
fn project() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// The Rust files under `folder`: paths from there on, and their text.
fn sources(folder: &Path) -> Result<BTreeMap<String, String>> {
    let (mut files, mut folders) = (BTreeMap::new(), vec![folder.to_owned()]);
    while let Some(open) = folders.pop() {
        for entry in fs::read_dir(&open).with_context(|| format!("reading {}", open.display()))? {
            let path = entry?.path();
            if path.is_dir() {
                folders.extend((!path.ends_with("target")).then_some(path));
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let name = path.strip_prefix(folder)?.to_string_lossy().replace('\\', "/");
                files.insert(name, fs::read_to_string(&path)?);
            }
        }
    }
    Ok(files)
}

/// A crate's top-level modules, of each those that it names, of these the files that do.
#[derive(Debug, Default)]
struct Modules(BTreeMap<String, BTreeMap<String, BTreeSet<String>>>);

impl Modules {
    /// Those of the crate whose root lies in `folder`; programs under `bin/` are crates of their own.
    fn read(folder: &Path) -> Result<Self> {
        Ok(Self::of(&sources(folder)?))
    }

    /// Those of a crate of these files.
    fn of(files: &BTreeMap<String, String>) -> Self {
        let is_root = |file: &str| ["lib.rs", "main.rs"].contains(&file);
        let root: String =
            files.iter().filter(|(file, _)| is_root(file)).map(|(_, text)| code(text)).collect();
        let exports = exports(&root);
        let mut modules = Modules::default();
        for (file, text) in files {
            let place = place(file);
            let is_test = place.iter().any(|name| ["tests", "testing"].contains(name));
            if is_root(file) || is_test || place[0] == "bin" {
                continue;
            }
            let named = modules.0.entry(place[0].to_owned()).or_default();
            for name in names_of_root(&code(text), place.len()) {
                let module = exports.get(&name).cloned().unwrap_or(name);
                named.entry(module).or_default().insert(file.clone());
            }
        }
        let all: BTreeSet<String> = modules.0.keys().cloned().collect();
        for (module, named) in &mut modules.0 {
            named.retain(|other, _| other != module && all.contains(other));
        }
        modules
    }

    /// The modules that `module` names, and those that these name, and so on.
    fn reached<'m>(&'m self, module: &'m str) -> BTreeSet<&'m str> {
        let (mut reached, mut open) = (BTreeSet::new(), vec![module]);
        while let Some(named) = open.pop().and_then(|module| self.0.get(module)) {
            open.extend(named.keys().map(String::as_str).filter(|&other| reached.insert(other)));
        }
        reached
    }

    /// A line for each module that names another from which it is reached again.
    fn circles(&self) -> Vec<String> {
        let mut lines = Vec::new();
        for (module, named) in &self.0 {
            for (other, files) in named.iter().filter(|(other, _)| self.reached(other).contains(&**module)) {
                let files: Vec<&str> = files.iter().map(String::as_str).collect();
                lines.push(format!("{module} → {other} in {}", files.join(", ")));
            }
        }
        lines
    }
}

/// A file's module: the names on the way to it.
fn place(file: &str) -> Vec<&str> {
    let path = file.trim_end_matches(".rs");
    path.trim_end_matches("/mod").split('/').collect()
}

/// A file's text without comments and without the module of tests at its end.
fn code(text: &str) -> String {
    let text = text.split("#[cfg(test)]\nmod tests {").next().unwrap_or_default();
    text.lines().map(|line| line.split("//").next().unwrap_or_default()).collect::<Vec<_>>().join("\n")
}

/// What the crate's root hands on, and the module that it is from.
fn exports(root: &str) -> BTreeMap<String, String> {
    let mut exports = BTreeMap::new();
    for statement in root.split("pub use ").skip(1) {
        let mut words = words(statement.split(';').next().unwrap_or_default());
        let Some(module) = words.next() else { continue };
        exports.extend(words.map(|word| (word.to_owned(), module.to_owned())));
    }
    exports
}

/// The names of a piece of code.
fn words(code: &str) -> impl Iterator<Item = &str> {
    code.split(|letter: char| !letter.is_alphanumeric() && letter != '_').filter(|word| !word.is_empty())
}

/// What `code`, of a module so deep below the crate's root, names of it: `crate::NAME`, `super::NAME`,
/// `crate::{NAME, NAME}`.
fn names_of_root(code: &str, depth: usize) -> Vec<String> {
    let above = "super::".repeat(depth);
    let mut names = Vec::new();
    for root in ["crate::", &above] {
        for (at, _) in code.match_indices(root) {
            // `super::super::` names what lies one above.
            let is_longer = root != "crate::" && code[..at].ends_with("super::");
            let behind = &code[at + root.len()..];
            if !is_longer && let Some(list) = behind.strip_prefix('{') {
                names.extend(first_names(list));
            } else if !is_longer {
                names.extend(words(behind).next().map(str::to_owned));
            }
        }
    }
    names
}

/// The first name of each path in a list of paths, behind its opening brace.
fn first_names(list: &str) -> Vec<String> {
    let (mut open, mut depth) = (String::new(), 0);
    for letter in list.chars() {
        match letter {
            '{' => depth += 1,
            '}' if depth == 0 => break,
            '}' => depth -= 1,
            letter if depth == 0 => open.push(letter),
            _ => {}
        }
    }
    open.split(',').filter_map(|path| words(path).next()).map(str::to_owned).collect()
}

/// The circles of a crate of these files.
fn circles_of(files: &[(&str, &str)]) -> Vec<String> {
    Modules::of(&files.iter().map(|&(file, text)| (file.to_owned(), text.to_owned())).collect()).circles()
}

#[test]
fn a_circle_is_told_with_its_files() {
    let found = circles_of(&[
        ("lib.rs", "mod a;\nmod b;\nmod c;\npub use c::{deep::Thing, Other as Renamed};"),
        ("a.rs", "use crate::{\n    b::{self, x::Y},\n    c::Z,\n};"),
        ("b/mod.rs", "mod deep;"),
        ("b/deep.rs", "fn f() -> super::super::c::Z { todo!() }"),
        ("c.rs", "use super::a;"),
        ("d.rs", "fn f() { crate::a::f() }"),
    ]);
    let expected = ["a → b in a.rs", "a → c in a.rs", "b → c in b/deep.rs", "c → a in c.rs"];
    assert_eq!(found, expected);
}

#[test]
fn what_the_root_hands_on_is_its_modules() {
    let found = circles_of(&[
        ("lib.rs", "pub use a::{deep::Thing, Other as Renamed};"),
        ("a.rs", "use crate::b::f;"),
        ("b.rs", "use crate::Renamed;"),
    ]);
    assert_eq!(found, ["a → b in a.rs", "b → a in b.rs"]);
}

#[test]
fn comments_tests_and_programs_close_no_circle() {
    let found = circles_of(&[
        ("a.rs", "use crate::b::f;"),
        (
            "b/mod.rs",
            "/// See [`crate::a`].\nfn f() {} // as crate::a\n\n#[cfg(test)]\nmod tests {\n    use crate::a;\n}",
        ),
        ("b/tests.rs", "use crate::a;"),
        ("b/tests/deep.rs", "use crate::a;"),
        ("b/deep.rs", "use super::a;"),
        ("bin/b.rs", "use crate::a;"),
    ]);
    assert_eq!(found, [""; 0]);
}
