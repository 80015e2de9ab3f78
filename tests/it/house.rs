//! The dependency rule: stages know `domain` and nothing of each other.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// What each module at the top of `src` may use of the others. A module without a row fails.
const MAY_USE: &[(&str, &[&str])] = &[
    ("domain", &[]),
    ("config", &["domain"]),
    ("crawl", &["domain"]),
    ("article", &["domain"]),
    ("topic", &["domain"]),
    ("quote", &["domain"]),
    ("people", &["domain"]),
    ("wording", &["domain"]),
    ("store", &["domain", "people", "wording"]),
    ("archive", &["domain"]),
    ("search", &["domain"]),
    ("export", &["domain"]),
    ("demo", &["domain"]),
    (
        "pipeline",
        &[
            "archive", "article", "config", "crawl", "domain", "export", "quote", "search",
            "store", "topic",
        ],
    ),
    ("collection", &["domain", "pipeline", "search", "store"]),
    ("serve", &["collection", "domain", "export", "pipeline", "search", "store", "wording"]),
    (
        "cli",
        &[
            "archive",
            "article",
            "collection",
            "config",
            "crawl",
            "demo",
            "domain",
            "export",
            "pipeline",
            "quote",
            "search",
            "serve",
            "store",
        ],
    ),
];

/// Modules that do no I/O, know no clock and nothing asynchronous.
const PURE: &[&str] = &["article", "topic", "quote", "people", "wording", "domain"];
/// What a pure module can't use.
const IMPURE: &[&str] = &[
    "std::fs",
    "std::net",
    "std::io",
    "std::time::SystemTime",
    "Timestamp::now",
    "tokio",
    "reqwest",
    "async fn",
];

fn rust_files(path: &Path, found: &mut Vec<PathBuf>) {
    if path.is_dir() {
        for entry in fs::read_dir(path).unwrap() {
            rust_files(&entry.unwrap().path(), found);
        }
    } else if path.extension().is_some_and(|extension| extension == "rs") {
        found.push(path.to_path_buf());
    }
}

/// Every module at the top of `src` with its files' names and texts.
fn modules() -> Vec<(String, Vec<(PathBuf, String)>)> {
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut names = BTreeSet::new();
    for entry in fs::read_dir(&src).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        names.insert(name.trim_end_matches(".rs").to_owned());
    }
    names.retain(|name| !matches!(name.as_str(), "lib" | "bin"));
    let files_of = |name: &str| {
        let mut files = Vec::new();
        rust_files(&src.join(name), &mut files);
        let single = src.join(format!("{name}.rs"));
        if single.exists() {
            files.push(single);
        }
        files.into_iter().map(|file| (file.clone(), fs::read_to_string(file).unwrap())).collect()
    };
    names.into_iter().map(|name| (name.clone(), files_of(&name))).collect()
}

/// The top modules that a text names after `crate::`, alone or in a group.
fn used(text: &str) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    for rest in text.split("crate::").skip(1) {
        let group = rest.strip_prefix('{').map_or(rest, |group| group.split('}').next().unwrap());
        let first = rest.starts_with('{').then_some(group.split(',').collect::<Vec<_>>());
        for item in first.unwrap_or_else(|| vec![group]) {
            let name = item.trim().split(|c: char| !c.is_ascii_alphanumeric() && c != '_').next();
            names.extend(name.filter(|name| !name.is_empty()).map(str::to_owned));
        }
    }
    names
}

#[test]
fn stages_know_the_domain_and_nothing_of_each_other() {
    let modules = modules();
    let known: BTreeSet<&str> = modules.iter().map(|(name, _)| name.as_str()).collect();
    for (name, files) in &modules {
        let (_, allowed) = MAY_USE
            .iter()
            .find(|(module, _)| module == name)
            .unwrap_or_else(|| panic!("src/{name} has no row in MAY_USE"));
        for (file, text) in files {
            for other in used(text) {
                let fine = other == *name
                    || allowed.contains(&other.as_str())
                    || !known.contains(other.as_str());
                assert!(fine, "{}: `{name}` must not use `{other}`", file.display());
            }
        }
    }
}

#[test]
fn the_rule_is_read_off_single_and_grouped_imports() {
    let text = "use crate::store::Store;\nuse crate::{quote, search::Search};\ncrate::topic::x()";
    let wanted: BTreeSet<String> =
        ["quote", "search", "store", "topic"].map(str::to_owned).into_iter().collect();
    assert_eq!(used(text), wanted);
}

/// Files that are compiled for tests only.
fn test_modules(files: &[(PathBuf, String)]) -> Vec<PathBuf> {
    let declared = |file: &Path| {
        let parent = file.with_file_name("mod.rs");
        let name = file.file_stem().unwrap().to_string_lossy();
        let line = format!("#[cfg(test)]\nmod {name};");
        files.iter().any(|(other, text)| *other == parent && text.contains(&line))
    };
    files.iter().map(|(file, _)| file.clone()).filter(|file| declared(file)).collect()
}

#[test]
fn pure_modules_do_no_io_and_know_no_clock() {
    for (name, files) in modules() {
        if !PURE.contains(&name.as_str()) {
            continue;
        }
        let tests: Vec<PathBuf> = test_modules(&files);
        for (file, text) in files.into_iter().filter(|(file, _)| !tests.contains(file)) {
            let code: String =
                text.lines().filter(|line| !line.trim_start().starts_with("//")).collect();
            let tested = code.split("#[cfg(test)]").next().unwrap().to_owned();
            for word in IMPURE {
                assert!(!tested.contains(word), "{}: uses {word}", file.display());
            }
        }
    }
}

#[test]
fn pages_put_no_text_into_markup_as_it_stands() {
    let mut files = Vec::new();
    rust_files(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src/serve"), &mut files);
    assert!(files.len() > 10);
    for file in files {
        let text = fs::read_to_string(&file).unwrap();
        for way in ["PreEscaped", "style=", "onclick", "javascript:"] {
            assert!(!text.contains(way), "{}: {way}", file.display());
        }
    }
}
