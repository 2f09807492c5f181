//! What the files of a crate may import: no cycles, and the layers of the page.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

/// Crates whose files are looked at, by the folder of their sources.
const SOURCES: [&str; 5] =
    ["shared/src", "backend/domain/src", "backend/lambdas/src", "backend/local/src", "frontend/src"];
/// Parts of the page that know no feature.
const BELOW_FEATURES: [&str; 3] = ["api", "components", "session"];

/// The modules of a crate that have their own files, by path (`features::leads::list`); the crate root's path is empty.
type Modules = BTreeMap<String, String>;

fn modules(sources: &Path) -> Modules {
    let mut modules = Modules::new();
    let mut folders = vec![sources.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let module = path.strip_prefix(sources).unwrap().with_extension("");
                let module = module.to_string_lossy().replace('/', "::");
                modules.insert(module, std::fs::read_to_string(&path).unwrap());
            }
        }
    }
    modules
}

fn sources(folder: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(folder)
}

/// The paths in `use` declarations outside tests, with braces expanded.
fn used_paths(text: &str) -> Vec<String> {
    let text = text.split("#[cfg(test)]\nmod tests {").next().unwrap_or(text);
    let mut paths = Vec::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("use ") {
        let (declaration, following) = after.split_once(';').unwrap_or((after, ""));
        let begins_line = before.rsplit('\n').next().is_some_and(|line| {
            let line = line.trim();
            line.is_empty() || line.starts_with("pub")
        });
        if begins_line {
            multiply_out("", &declaration.split_whitespace().collect::<String>(), &mut paths);
            rest = following;
        } else {
            rest = after;
        }
    }
    paths
}

/// `a::{b, c::{d, e}}` becomes `a::b`, `a::c::d` and `a::c::e`.
fn multiply_out(prefix: &str, tree: &str, paths: &mut Vec<String>) {
    let Some((stem, group)) = tree.split_once('{') else {
        paths.push(format!("{prefix}{tree}"));
        return;
    };
    let group = group.strip_suffix('}').unwrap_or(group);
    let prefix = format!("{prefix}{stem}");
    let (mut depth, mut from) = (0, 0);
    for (at, c) in group.char_indices().chain([(group.len(), ',')]) {
        match c {
            '{' => depth += 1,
            '}' => depth -= 1,
            ',' if depth == 0 => {
                if from < at {
                    multiply_out(&prefix, &group[from..at], paths);
                }
                from = at + 1;
            }
            _ => {}
        }
    }
}

/// The module of the crate that a path used in `module` refers to, if any.
fn target(modules: &Modules, module: &str, path: &str) -> Option<String> {
    let mut segments: Vec<&str> = path.split("::").collect();
    let mut base: Vec<&str> = Vec::new();
    match segments.first() {
        Some(&"crate") => drop(segments.remove(0)),
        Some(&"self" | &"super") => {
            base = module.split("::").collect();
            while let Some(first @ (&"self" | &"super")) = segments.first() {
                if *first == "super" {
                    base.pop();
                }
                segments.remove(0);
            }
        }
        _ => return None,
    }
    base.extend(segments);
    (1..=base.len()).rev().map(|length| base[..length].join("::")).find(|path| modules.contains_key(path))
}

/// The modules that each module uses. Between a module and its submodules both directions are usual in Rust, so those
/// do not count.
fn uses(modules: &Modules) -> BTreeMap<&str, BTreeSet<String>> {
    let is_inside = |inner: &str, outer: &str| inner.starts_with(&format!("{outer}::"));
    let of = |(module, text): (&String, &String)| {
        let targets = used_paths(text).into_iter().filter_map(|path| target(modules, module, &path));
        let others =
            targets.filter(|other| other != module && !is_inside(other, module) && !is_inside(module, other));
        others.collect()
    };
    modules.iter().map(|entry| (entry.0.as_str(), of(entry))).collect()
}

/// A cycle of modules, if there is one.
fn circle(uses: &BTreeMap<&str, BTreeSet<String>>) -> Option<Vec<String>> {
    fn visit<'a>(
        module: &'a str,
        uses: &'a BTreeMap<&str, BTreeSet<String>>,
        way: &mut Vec<&'a str>,
        done: &mut BTreeSet<&'a str>,
    ) -> Option<Vec<String>> {
        if let Some(at) = way.iter().position(|known| *known == module) {
            return Some(way[at..].iter().chain([&module]).map(|module| (*module).to_owned()).collect());
        }
        if !done.insert(module) {
            return None;
        }
        way.push(module);
        let found = uses[module].iter().find_map(|next| visit(next, uses, way, done));
        way.pop();
        found
    }
    let mut done = BTreeSet::new();
    uses.keys().find_map(|module| visit(module, uses, &mut Vec::new(), &mut done))
}

#[test]
fn files_of_a_crate_form_no_circle() {
    for folder in SOURCES {
        let modules = modules(&sources(folder));
        assert!(modules.len() > 5, "{folder}");
        let found = circle(&uses(&modules));
        assert_eq!(found, None, "{folder}: {}", found.as_deref().unwrap_or_default().join(" -> "));
    }
}

#[test]
fn only_features_know_features() {
    let modules = modules(&sources("frontend/src"));
    for (module, text) in &modules {
        let floor = module.split("::").next().unwrap_or(module);
        let is_below = BELOW_FEATURES.contains(&floor);
        assert!(!is_below || !text.contains("crate::features"), "{module} must not depend on a feature");
    }
}

#[test]
fn a_circle_is_found() {
    let modules = Modules::from([
        ("a".to_owned(), "use crate::b::Thing;\nuse std::fmt;".to_owned()),
        ("b".to_owned(), "use super::{c::{One, Two}, d};".to_owned()),
        ("c".to_owned(), "pub(crate) use crate::a::{self, Other};".to_owned()),
        ("d".to_owned(), "use crate::d::inner::X;".to_owned()),
        ("d::inner".to_owned(), "use super::Y;".to_owned()),
    ]);
    let expected = ["a", "b", "c", "a"].map(str::to_owned).to_vec();
    assert_eq!(circle(&uses(&modules)), Some(expected));
}
