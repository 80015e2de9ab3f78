//! The pages that benchmarks read.

use std::error::Error;
use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};

use flate2::read::GzDecoder;
use onrecord::article;

/// Name and decoded HTML of every page, packed by gzip or not, under the folder that the command
/// line names (`cargo bench --bench articles -- DIR`), else of the demo's site.
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
            continue;
        }
        let name = path.display().to_string();
        let bare = name.strip_suffix(".gz").unwrap_or(&name);
        if !bare.ends_with(".html") && !bare.ends_with(".htm") {
            continue;
        }
        let mut bytes = fs::read(&path)?;
        if bare != name {
            let packed = std::mem::take(&mut bytes);
            GzDecoder::new(packed.as_slice()).read_to_end(&mut bytes)?;
        }
        pages.push((name, article::charset::decode(&bytes, None).0.into_owned()));
    }
    pages.sort();
    Ok(pages)
}
