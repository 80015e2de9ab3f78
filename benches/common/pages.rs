//! The pages that benchmarks read.

use std::error::Error;
use std::fs;
use std::path::{Path, PathBuf};

use onrecord::article;

/// Name and decoded HTML of every page under the folder that the command line names
/// (`cargo bench --bench articles -- DIR`), else of the demo's site.
pub fn read() -> Result<Vec<(String, String)>, Box<dyn Error>> {
    let demo = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/demo/site/first");
    // Cargo itself passes `--bench`.
    let named = std::env::args().skip(1).find(|argument| !argument.starts_with("--"));
    let mut pages = Vec::new();
    let mut paths: Vec<PathBuf> = vec![named.map_or(demo, PathBuf::from)];
    while let Some(path) = paths.pop() {
        if path.is_dir() {
            for entry in fs::read_dir(&path)? {
                paths.push(entry?.path());
            }
        } else if path.extension().is_some_and(|ending| ending == "html" || ending == "htm") {
            let (html, _) = article::charset::decode(&fs::read(&path)?, None);
            pages.push((path.display().to_string(), html));
        }
    }
    pages.sort();
    Ok(pages)
}
