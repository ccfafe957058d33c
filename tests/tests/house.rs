//! The house: no two modules of a crate use each other, and no file is long.
//!
//! Modules are compared with their siblings at every level: what is below a folder counts as the folder. Tests and what is
//! compiled for tests alone may use anything.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use syn::visit::{self, Visit};

/// Where the crates' modules lie.
const CRATES: [&str; 4] = ["gan-core/src", "host-trainer/src", "firmware/src", "tools/src"];
/// Where else Rust files lie.
const OTHERS: [&str; 5] =
    ["host-trainer/tests", "gan-core/tests", "firmware/tests", "firmware/build", "tests"];
/// Lines of the longest file.
const MOST_LINES: usize = 400;

type ModulePath = Vec<String>;
/// Which modules each module's file names.
type Uses = BTreeMap<ModulePath, BTreeSet<ModulePath>>;

fn project() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_owned()
}

/// The Rust files below `folder`, by their paths in it.
fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(next) = folders.pop() {
        for entry in fs::read_dir(&next).unwrap_or_else(|error| panic!("{}: {error}", next.display())) {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                found.push(path);
            }
        }
    }
    found.sort();
    found
}

/// The module that a file of a crate holds; none of its root, of programs and of tests.
fn module(file: &Path) -> Option<ModulePath> {
    let mut path: ModulePath =
        file.with_extension("").components().map(|part| part.as_os_str().to_string_lossy().into()).collect();
    if path.last().is_some_and(|last| last == "mod") {
        path.pop();
    }
    let apart = path.iter().any(|part| part == "tests" || part == "testing");
    let root = ["lib", "main", "bin"].iter().any(|root| path.first().is_some_and(|first| first == root));
    (!apart && !root && !path.is_empty()).then_some(path)
}

/// All paths that a file names, outside of what is compiled for tests alone.
#[derive(Default)]
struct Named {
    paths: Vec<Vec<String>>,
}

impl Named {
    fn tree(&mut self, before: &[String], tree: &syn::UseTree) {
        let with = |name: &syn::Ident| [before, &[name.to_string()]].concat();
        match tree {
            syn::UseTree::Path(path) => self.tree(&with(&path.ident), &path.tree),
            syn::UseTree::Name(name) => self.paths.push(with(&name.ident)),
            syn::UseTree::Rename(name) => self.paths.push(with(&name.ident)),
            syn::UseTree::Glob(_) => self.paths.push(before.to_vec()),
            syn::UseTree::Group(group) => group.items.iter().for_each(|tree| self.tree(before, tree)),
        }
    }
}

fn for_tests(attributes: &[syn::Attribute]) -> bool {
    attributes.iter().any(|attribute| match &attribute.meta {
        syn::Meta::List(list) if list.path.is_ident("cfg") => list.tokens.to_string() == "test",
        _ => false,
    })
}

impl<'ast> Visit<'ast> for Named {
    fn visit_item(&mut self, item: &'ast syn::Item) {
        let attributes = match item {
            syn::Item::Mod(item) => &item.attrs,
            syn::Item::Use(item) => &item.attrs,
            syn::Item::Fn(item) => &item.attrs,
            syn::Item::Impl(item) => &item.attrs,
            _ => return visit::visit_item(self, item),
        };
        if !for_tests(attributes) {
            visit::visit_item(self, item);
        }
    }

    fn visit_item_use(&mut self, item: &'ast syn::ItemUse) {
        self.tree(&[], &item.tree);
    }

    fn visit_path(&mut self, path: &'ast syn::Path) {
        self.paths.push(path.segments.iter().map(|segment| segment.ident.to_string()).collect());
        visit::visit_path(self, path);
    }
}

/// What the modules of the crate in `folder` use of each other.
fn uses(folder: &Path) -> Uses {
    let mut named = BTreeMap::new();
    for file in files(folder) {
        let Some(module) = module(file.strip_prefix(folder).unwrap()) else { continue };
        let text = fs::read_to_string(&file).unwrap();
        let parsed = syn::parse_file(&text).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
        let mut found = Named::default();
        found.visit_file(&parsed);
        named.insert(module, found.paths);
    }
    let known: BTreeSet<ModulePath> = named.keys().cloned().collect();
    // The module that an item's path leads to: the longest that there is.
    let find = |mut path: ModulePath| {
        while !path.is_empty() && !known.contains(&path) {
            path.pop();
        }
        path
    };
    let resolve = |module: &ModulePath, path: &[String]| {
        let (mut base, mut rest) = (module.clone(), path);
        match path.first().map(String::as_str) {
            Some("crate") => (base, rest) = (Vec::new(), &path[1..]),
            Some("self") => rest = &path[1..],
            Some("super") => {
                while rest.first().is_some_and(|first| first == "super") {
                    base.pop();
                    rest = &rest[1..];
                }
            }
            // A module of its own, or another crate's item.
            Some(first) if known.contains(&[&base[..], &[first.to_owned()]].concat()) => {}
            _ => return None,
        }
        let found = find([&base[..], rest].concat());
        (!found.is_empty() && found != *module).then_some(found)
    };
    let used = |(module, paths): (&ModulePath, &Vec<Vec<String>>)| {
        (module.clone(), paths.iter().filter_map(|path| resolve(module, path)).collect())
    };
    named.iter().map(used).collect()
}

/// The circles among siblings, each with who uses whom in which module.
fn circles(uses: &Uses) -> Vec<String> {
    let mut levels: BTreeMap<ModulePath, BTreeMap<String, BTreeMap<String, String>>> = BTreeMap::new();
    for (module, used) in uses {
        for other in used {
            let shared = module.iter().zip(other).take_while(|(a, b)| a == b).count();
            if let (Some(from), Some(to)) = (module.get(shared), other.get(shared)) {
                let level = levels.entry(module[..shared].to_vec()).or_default();
                level.entry(from.clone()).or_default().insert(to.clone(), module.join("::"));
            }
        }
    }
    let mut found = Vec::new();
    for (level, edges) in &levels {
        let reached = |from: &String| {
            let (mut seen, mut next) = (BTreeSet::new(), vec![from]);
            while let Some(module) = next.pop() {
                for to in edges.get(module).into_iter().flat_map(BTreeMap::keys) {
                    if seen.insert(to.clone()) {
                        next.push(to);
                    }
                }
            }
            seen
        };
        let reach: BTreeMap<&String, BTreeSet<String>> =
            edges.keys().map(|module| (module, reached(module))).collect();
        for (from, tos) in edges {
            for (to, place) in tos {
                if reach.get(to).is_some_and(|back| back.contains(from)) {
                    found.push(format!("in {}: {from} uses {to} ({place})", level.join("::")));
                }
            }
        }
    }
    found
}

#[test]
fn no_two_modules_use_each_other() {
    for folder in CRATES {
        let uses = uses(&project().join(folder));
        assert!(uses.len() > 5, "{folder}: {} modules", uses.len());
        let circles = circles(&uses);
        assert!(circles.is_empty(), "{folder}:\n{}", circles.join("\n"));
    }
}

#[test]
fn a_circle_is_found_with_its_places() {
    let path = |text: &str| text.split("::").map(str::to_owned).collect::<Vec<_>>();
    let uses = |pairs: &[(&str, &[&str])]| -> Uses {
        pairs.iter().map(|(from, to)| (path(from), to.iter().map(|to| path(to)).collect())).collect()
    };
    assert!(
        circles(&uses(&[("a", &["b"]), ("b", &["c::d"]), ("c::d", &["c::e"]), ("c::e", &[])])).is_empty()
    );
    let found = circles(&uses(&[("a::x", &["b"]), ("b", &["c"]), ("c", &["a::y"]), ("a::y", &[])]));
    assert_eq!(found, ["in : a uses b (a::x)", "in : b uses c (b)", "in : c uses a (c)"]);
    let found = circles(&uses(&[("a::x", &["a::y"]), ("a::y", &["a::x"])]));
    assert_eq!(found, ["in a: x uses y (a::x)", "in a: y uses x (a::y)"]);
}

#[test]
fn no_file_is_long() {
    let mut long = Vec::new();
    let mut read = 0;
    for folder in CRATES.iter().chain(&OTHERS) {
        for file in files(&project().join(folder)) {
            let lines = fs::read_to_string(&file).unwrap().lines().count();
            read += 1;
            if lines > MOST_LINES {
                long.push(format!("{}: {lines} lines", file.strip_prefix(project()).unwrap().display()));
            }
        }
    }
    assert!(read > 200, "{read} files");
    assert!(long.is_empty(), "at most {MOST_LINES} lines:\n{}", long.join("\n"));
}

#[test]
fn a_module_with_tests_in_a_folder_is_that_folders_mod_rs() {
    for folder in CRATES {
        for file in files(&project().join(folder)) {
            assert!(!file.with_extension("").is_dir(), "{} lies beside its own folder", file.display());
        }
    }
}
