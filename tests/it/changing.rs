//! Articles that change after they were published, and outlets that print the same words, through the
//! real programs.

use std::path::Path;

use serde_json::Value;

use crate::pressroom::Pressroom;
use crate::programs::{onrecord, quotes};
use crate::watch::{folder, in_store, watch_list};

const FILLER: &str = "The delegates met in the harbour hall and spoke of the tide accord for hours. \
    Outside, the ferries waited for the water to rise, as they do on every working day.";

/// A page of the paragraphs with a headline.
fn page(title: &str, paragraphs: &[&str]) -> String {
    let paragraphs: String = paragraphs.iter().map(|text| format!("<p>{text}</p>")).collect();
    format!(
        "<html lang=en><head><title>{title}</title></head><body><article><h1>{title}</h1>\
         <p>{FILLER}</p>{paragraphs}<p>{FILLER}</p></article></body></html>"
    )
}

const VENN: &str = "“The accord brings the cost of dredging down by a third, and every harbour in the \
    strait will feel it within a year,” said Orla Venn, director of the Harbour Institute.";
const VENN_CORRECTED: &str = "“The accord brings the cost of dredging up by a third, and every harbour \
    in the strait will feel it within a year,” said Orla Venn, director of the Harbour Institute.";
const REYK: &str = "“We were never asked about any of it, and now we pay,” said Tomas Reyk, a ferry \
    captain.";
const REYK_RETYPED: &str = "\"We were never asked about any of it and now we pay,\" said Tomas Reyk, \
    a ferry captain.";
const MARSH: &str = "“Nobody believes the tables that the ministry printed,” said Ida Marsh, a \
    surveyor.";
const FELD: &str = "“Nobody believes the tables that the ministry printed,” said Jonas Feld, a \
    surveyor.";
const OSK: &str = "“My office will publish its own figures before the summer,” said Lena Osk, the \
    deputy minister.";
const CORRECTION: &str = "Correction: A quote from Orla Venn was incorrectly transcribed in an earlier \
    version of this article.";
const UPDATE: &str = "Update: This article has been updated with a comment from Lena Osk.";

/// Has every page asked again, as time would, and runs a crawl.
fn crawl_again(here: &Path) {
    in_store(here, "UPDATE visits SET recheck_at = '2020-01-01T00:00:00Z'");
    onrecord(here, &["crawl"]);
}

/// The quotes that a search finds, as words and speaker, sorted.
fn found(here: &Path, arguments: &[&str]) -> Vec<(String, String)> {
    let ran = quotes(here, &[&["search", "--format", "json"][..], arguments].concat());
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let records = ran.json();
    let mut found: Vec<(String, String)> = records
        .as_array()
        .unwrap()
        .iter()
        .map(|it| (text(&it["text"]), text(&it["speaker"]["name"])))
        .collect();
    found.sort();
    found
}

/// The one quote that a search finds.
fn one(here: &Path, arguments: &[&str]) -> Value {
    let ran = quotes(here, &[&["search", "--format", "json"][..], arguments].concat()).exits(0);
    let records = ran.json();
    assert_eq!(records.as_array().unwrap().len(), 1, "{arguments:?}: {records:#}");
    records[0].clone()
}

/// A text on one line, however the terminal's width broke it.
fn unbroken(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[tokio::test(flavor = "multi_thread")]
async fn corrected_updated_moved_and_vanished_quotes_are_told_with_what_explains_them() {
    let site = Pressroom::open().await;
    site.list(&["/accord"]);
    site.put("/accord", &page("Delegates argue over the tide accord", &[VENN, REYK, MARSH]));
    let here = folder(&watch_list(&site, "1d", "recheck = [\"1h\", \"1d\"]"));
    let here = here.path();
    onrecord(here, &["crawl"]).exits(0);
    assert_eq!(found(here, &["--revised"]), []);

    // A headline, a place, straight marks and a comma are no change of a quote.
    site.put(
        "/accord",
        &page("Delegates still argue over the tide accord", &[REYK_RETYPED, VENN, MARSH]),
    );
    crawl_again(here);
    let moved = one(here, &["--speaker", "Reyk"]);
    assert_eq!((&moved["article"]["version"], &moved["revised"]), (&2.into(), &false.into()));
    assert_eq!(moved["text"], "We were never asked about any of it and now we pay,");
    assert_eq!(found(here, &["--revised"]), []);
    let history = |speaker: &str| -> Vec<Value> {
        let id = one(here, &["--speaker", speaker])["id"].as_str().unwrap().to_owned();
        let shown = quotes(here, &["show", &id, "--format", "json"]).exits(0).json();
        shown["revisions"].as_array().unwrap().clone()
    };
    // Two changed places: one of them moved, and whoever was below it did not.
    let moves: Vec<Value> = ["Reyk", "Venn", "Marsh"].into_iter().flat_map(history).collect();
    assert_eq!(moves.len(), 1, "{moves:#?}");
    assert_eq!((&moves[0]["kind"], &moves[0]["version"]), (&"moved".into(), &2.into()));

    site.put(
        "/accord",
        &page(
            "Delegates argue over the tide accord",
            &[REYK_RETYPED, VENN_CORRECTED, FELD, CORRECTION],
        ),
    );
    crawl_again(here);
    let revised: Vec<String> = found(here, &["--revised"]).into_iter().map(|it| it.1).collect();
    assert_eq!(revised, ["Jonas Feld", "Orla Venn", "Orla Venn"]);
    let id = one(here, &["dredging up", "--revised", "--speaker", "Venn", "--kind", "direct"]);
    let id = id["id"].as_str().unwrap();
    let shown = unbroken(&quotes(here, &["show", id]).exits(0).out);
    assert!(shown.contains("cost of dredging [-down-]{+up+} by a third,"), "{shown}");
    assert!(
        shown.contains("notice: Correction: A quote from Orla Venn was incorrectly"),
        "{shown}"
    );
    let feld = one(here, &["--speaker", "Feld"]);
    let shown = quotes(here, &["show", feld["id"].as_str().unwrap(), "--format", "json"]).json();
    assert_eq!(shown["revisions"][0]["kind"], "reattributed");
    assert_eq!(shown["revisions"][0]["before"]["speaker"]["name"], "Ida Marsh");
    assert!(shown["revisions"][0]["difference"].is_null(), "{shown:#}");

    site.put(
        "/accord",
        &page(
            "Delegates argue over the tide accord",
            &[REYK_RETYPED, VENN_CORRECTED, FELD, OSK, CORRECTION, UPDATE],
        ),
    );
    crawl_again(here);
    // What goes to print may leave out the misquote.
    assert_eq!(found(here, &["--speaker", "Venn"]).len(), 2);
    let still = found(here, &["--speaker", "Venn", "--current"]);
    assert_eq!(still.len(), 1, "{still:?}");
    assert!(still[0].0.contains("dredging up"), "{still:?}");
    let feed = quotes(here, &["export", "--speaker", "Venn", "--format", "atom"]).exits(0).out;
    assert_eq!(feed.matches("[revised, no longer in the article]</title>").count(), 1, "{feed}");

    let osk = one(here, &["--speaker", "Osk", "--revised"]);
    let shown = quotes(here, &["show", osk["id"].as_str().unwrap(), "--format", "json"]).json();
    assert_eq!(shown["revisions"][0]["kind"], "added");
    assert_eq!(shown["revisions"][0]["notice"]["kind"], "update");

    let speakers = |arguments: &[&str]| -> Vec<String> {
        found(here, arguments).into_iter().map(|it| it.1).collect()
    };
    // The one that went with the correction, too.
    assert_eq!(speakers(&["--notice", "correction", "dredging"]), ["Orla Venn", "Orla Venn"]);
    assert_eq!(speakers(&["--notice", "update", "--speaker", "Osk"]), ["Lena Osk"]);
    assert_eq!(speakers(&["--notice", "update", "dredging down"]), [""; 0]);
    assert_eq!(speakers(&["--notice", "editors-note"]), [""; 0]);
    let exported = quotes(here, &["export", "summer", "--format", "json"]).exits(0).json();
    assert_eq!(exported[0]["notice_kinds"], serde_json::json!(["correction", "update"]));

    site.fail("/accord", 410, &[]);
    crawl_again(here);
    let gone = one(here, &["--speaker", "Osk"]);
    assert!(gone["article"]["vanished"].as_str().unwrap().ends_with('Z'), "{gone:#}");
    assert!(quotes(here, &["search", "--speaker", "Osk"]).out.contains("its page is gone"));
    let shown = quotes(here, &["show", osk["id"].as_str().unwrap()]).exits(0).out;
    assert!(shown.contains("Vanished"), "{shown}");
    let cited = quotes(here, &["export", "--format", "markdown"]).exits(0).out;
    assert_eq!(cited.matches("gone from its address since").count(), 5, "{cited}");
    onrecord(here, &["check", "--data", "index"]).exits(0);

    site.put("/accord", &page("Delegates argue over the tide accord", &[OSK, CORRECTION, UPDATE]));
    crawl_again(here);
    assert!(one(here, &["--speaker", "Osk"])["article"]["vanished"].is_null());
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_words_in_two_outlets_are_shown_beside_each_other_with_what_one_altered() {
    let (ridge, strait) = (Pressroom::open().await, Pressroom::open().await);
    for site in [&ridge, &strait] {
        site.list(&["/accord"]);
    }
    ridge.put("/accord", &page("Delegates argue over the tide accord", &[VENN, REYK]));
    let piece = "The director of the Harbour Institute, Orla Venn, said that “every harbour in the \
        strait will feel it within a year”.";
    strait.put("/accord", &page("Accord divides the strait", &[VENN_CORRECTED, piece]));
    let list = watch_list(&ridge, "1d", "");
    let here = folder(&format!(
        "{list}\n[[feed]]\nid = \"strait\"\noutlet = \"Strait Observer\"\nurl = \"{}/feed\"\n",
        strait.origin
    ));
    let here = here.path();
    onrecord(here, &["crawl"]).exits(0);

    let venn = one(here, &["dredging", "--outlet", "ridge"]);
    let shown = quotes(here, &["show", venn["id"].as_str().unwrap()]).exits(0).out;
    let (_, elsewhere) = shown.split_once("The same words elsewhere").unwrap();
    let elsewhere = unbroken(elsewhere);
    let [altered, cut] = ["altered: Strait Observer", "cut: Strait Observer"]
        .map(|part| elsewhere.find(part).unwrap_or_else(|| panic!("{elsewhere}")));
    assert!(altered < cut, "{elsewhere}");
    assert!(elsewhere.contains("dredging [-down-]{+up+} by a third"), "{elsewhere}");
    assert!(elsewhere.contains("“every harbour in the strait will feel it within a year"));

    let listed = unbroken(&quotes(here, &["wordings", "--altered"]).exits(0).out);
    assert!(listed.contains("altered: Strait Observer"), "{listed}");
    let statements = quotes(here, &["wordings", "--format", "json"]).exits(0).json();
    assert_eq!(statements.as_array().unwrap().len(), 1, "{statements:#}");
    assert_eq!(statements[0]["outlets"], serde_json::json!(["Ridge Courier", "Strait Observer"]));
    assert_eq!(statements[0]["others"][0]["likeness"], "altered");

    let exported = quotes(here, &["export", "--format", "json"]).exits(0).json();
    let clusters: Vec<&Value> =
        exported.as_array().unwrap().iter().map(|it| &it["cluster"]).collect();
    assert_eq!(clusters.iter().filter(|it| ***it == statements[0]["id"]).count(), 3);
    assert_eq!(clusters.iter().filter(|it| it.is_null()).count(), 1, "{exported:#}");
    onrecord(here, &["check", "--data", "index"]).exits(0);

    in_store(here, "UPDATE wordings SET cluster = NULL WHERE altered");
    let ran = onrecord(here, &["check", "--data", "index"]).exits(1);
    assert!(ran.out.contains("reindex --extract"), "{}", ran.out);
    onrecord(here, &["reindex", "--extract"]).exits(0);
    onrecord(here, &["check", "--data", "index"]).exits(0);
}
