//! The demo's site as labelled by its authors, against what a crawl of it finds.
//!
//! The labels were written with the pages and before any rule was tried on them. The floors below
//! are what is reached; they may only rise.

use std::fs;

use onrecord::demo::Site;
use serde_json::Value;

use crate::programs::{onrecord, quotes};

/// Share of the labelled verbatim parts that a quote holds.
const FOUND: f64 = 0.98;
/// Share of those whose speaker is one of the accepted names.
const SPEAKER: f64 = 0.70;
/// Share of those with a labelled role, or affiliation, that have an accepted one.
const ROLE: f64 = 0.80;
const AFFILIATION: f64 = 0.70;

/// Hits of tries.
#[derive(Debug, Default)]
struct Share(usize, usize);

impl Share {
    fn count(&mut self, hit: bool) {
        self.0 += usize::from(hit);
        self.1 += 1;
    }

    #[track_caller]
    fn at_least(&self, floor: f64, what: &str) {
        let share = self.0 as f64 / self.1 as f64;
        assert!(share >= floor, "{what}: {} of {}, below {floor}", self.0, self.1);
    }
}

/// The pages of the first edition that a crawl keeps.
fn labelled() -> Vec<Value> {
    let all: Vec<Value> = serde_json::from_str(include_str!("demo_expected.json")).unwrap();
    let kept = |page: &Value| page["on_topic"] == true && page["fetched"] == true;
    all.into_iter().filter(|page| page["edition"] == 1 && kept(page)).collect()
}

fn accepted(list: &Value, got: &Value) -> bool {
    let got = got.as_str().unwrap_or_default();
    let list = list.as_array().unwrap();
    list.iter().any(|one| one == got) || list.is_empty() && got.is_empty()
}

/// The day of a date or of a moment.
fn day(date: &Value) -> Option<&str> {
    date.as_str()?.get(.."2025-03-04".len())
}

#[tokio::test(flavor = "multi_thread")]
async fn the_labelled_quotes_are_found_and_attributed() {
    let site = Site::start().await.unwrap();
    let here = tempfile::tempdir().unwrap();
    fs::write(here.path().join("feeds.toml"), site.feeds_toml()).unwrap();
    onrecord(here.path(), &["crawl"]).exits(0);
    let exported = quotes(here.path(), &["export", "--format", "json"]).exits(0).json();
    let (mut found, mut speaker) = (Share::default(), Share::default());
    let (mut role, mut affiliation) = (Share::default(), Share::default());
    for page in labelled() {
        let url = site
            .url(page["outlet"].as_str().unwrap(), page["canonical"].as_str().unwrap())
            .unwrap();
        let here: Vec<&Value> = exported
            .as_array()
            .unwrap()
            .iter()
            .filter(|quote| quote["article"]["url"] == url.as_str())
            .collect();
        assert!(!here.is_empty(), "{url}");
        let article = &here[0]["article"];
        assert_eq!(article["title"], page["title"], "{url}");
        assert_eq!(article["byline"], page["byline"], "{url}");
        assert_eq!(day(&article["published"]), day(&page["published"]), "{url}");
        for label in page["quotes"].as_array().unwrap() {
            for part in label["parts"].as_array().unwrap() {
                let part = part.as_str().unwrap();
                let holds = |quote: &&&Value| {
                    let verbatim = quote["verbatim"].as_array().unwrap();
                    verbatim.iter().any(|span| span["text"].as_str().unwrap().contains(part))
                };
                let quote = here.iter().find(holds);
                found.count(quote.is_some());
                let Some(quote) = quote else { continue };
                let right = accepted(&label["speaker"], &quote["speaker"]["name"]);
                speaker.count(right);
                if !right {
                    continue;
                }
                for (share, key) in [(&mut role, "role"), (&mut affiliation, "affiliation")] {
                    if !label[key].as_array().unwrap().is_empty() {
                        share.count(accepted(&label[key], &quote["speaker"][key]));
                    }
                }
            }
        }
    }
    println!("found {found:?} speaker {speaker:?} role {role:?} affiliation {affiliation:?}");
    found.at_least(FOUND, "found");
    speaker.at_least(SPEAKER, "speaker");
    role.at_least(ROLE, "role");
    affiliation.at_least(AFFILIATION, "affiliation");
}
