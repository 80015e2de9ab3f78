//! What holds of the quotes of any text whatever.

// clippy.toml exempts test functions; the functions they share are tests as well.
#![allow(clippy::unwrap_used)]

use std::sync::LazyLock;

use onrecord::domain::quote::{QuoteKind, Span};
use onrecord::quote::{Document, extract};
use proptest::prelude::*;
use proptest::sample::select;
use regex::Regex;

/// Pieces of news and of nonsense; their sequences reach every pattern and every odd neighbour.
const PIECES: &[&str] = &[
    "“",
    "”",
    "\"",
    "'",
    "‘",
    "’",
    "«",
    "»",
    "„",
    "``",
    "''",
    "’’",
    "「",
    "」",
    "â€œ",
    "\n",
    "\n\n",
    "\r\n",
    " ",
    " ",
    " ",
    ", ",
    ". ",
    ": ",
    "; ",
    "! ",
    "? ",
    " — ",
    "--",
    "…",
    "...",
    "(",
    ")",
    "[",
    "]",
    "said ",
    "says ",
    "told ",
    "reporters ",
    "according to ",
    "According to ",
    "adding ",
    "called ",
    "that ",
    "who ",
    "Lena Ortiz",
    "Ortiz",
    "Mr. Dorn",
    "she ",
    "He ",
    "they ",
    "the official ",
    "A minister ",
    "of ",
    "for ",
    "the Harbour Board",
    "D-Conn.",
    "U.S.",
    "READ MORE: ",
    "ORTIZ: ",
    "in ",
    "view",
    "'s ",
    "’s ",
    "s' ",
    "as ",
    "put it",
    "was quoted as saying ",
    "and ",
    "but ",
    "the talks had stalled",
    "é",
    "ß",
    "\u{301}",
    "\u{ad}",
    "\u{200d}",
    "漢字",
    "🎏",
    "\0",
    "İ",
    "ﬁ",
    "'90s",
    "12\"",
    "e.GO",
    "x.y",
    "May ",
    "Monday ",
    "— ",
    "« ",
    " »",
    "a déclaré ",
    "dit-il ",
    "a-t-elle ajouté ",
    "l’",
    "D’après ",
    "Selon ",
    "que ",
    "la ministre ",
    "—dijo ",
    "añadió",
    "según ",
    "sagte ",
    "die Ministerin ",
    "Außenministerin ",
    "dass ",
    "laut ",
    "сказал ",
    "По словам ",
    "Лены Орловой",
    "Иван Орлов",
    "что ",
];

fn news() -> impl Strategy<Value = String> {
    prop::collection::vec(select(PIECES), 0..60).prop_map(|pieces| pieces.concat())
}

/// The labelled sentences of `tests/cases`, without their labels, in words and marks.
fn sentences() -> &'static [Vec<String>] {
    static SENTENCES: LazyLock<Vec<Vec<String>>> = LazyLock::new(|| {
        let cases = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/cases");
        let files = std::fs::read_dir(cases).unwrap().map(|file| file.unwrap().path());
        let mut files: Vec<_> = files.filter(|path| path.is_file()).collect();
        files.sort();
        let label = Regex::new(r"\{\w+:|\}").unwrap();
        let part = Regex::new(r"\w+|\s+|.").unwrap();
        let sentences = files.iter().flat_map(|path| {
            let text = std::fs::read_to_string(path).unwrap();
            let cases = text.lines().filter_map(|line| line.strip_prefix("- "));
            let bare = cases.map(|case| label.replace_all(case, "").into_owned());
            bare.collect::<Vec<_>>()
        });
        sentences
            .map(|text| part.find_iter(&text).map(|part| part.as_str().to_owned()).collect())
            .collect()
    });
    &SENTENCES
}

/// Sentences that are in order but for a few parts, which are lost, doubled, moved or strange: what comes
/// of editing, of broken pages, and of constructions that nobody thought of.
fn mangled() -> impl Strategy<Value = String> {
    let chosen = prop::collection::vec(select(sentences()), 1..4);
    let edits = prop::collection::vec((any::<prop::sample::Index>(), 0..5, select(PIECES)), 0..8);
    (chosen, edits).prop_map(|(sentences, edits)| {
        let mut parts = sentences.join(&" ".to_owned());
        for (at, edit, piece) in edits {
            if parts.is_empty() {
                break;
            }
            let at = at.index(parts.len());
            let beyond = (at + 2).min(parts.len() - 1);
            match edit {
                0 => drop(parts.remove(at)),
                1 => parts.insert(at, piece.to_owned()),
                2 => parts.insert(at, parts[at].clone()),
                3 => parts.swap(at, beyond),
                _ => drop(parts.drain(..at)),
            }
        }
        parts.concat()
    })
}

fn text() -> impl Strategy<Value = String> {
    prop_oneof![4 => news(), 4 => mangled(), 1 => any::<String>()]
}

fn document(text: &str) -> Document<'_> {
    Document { key: "any", text, ..Document::default() }
}

/// Any language with words, one without, or none given.
fn language() -> impl Strategy<Value = Option<&'static str>> {
    select(vec![None, Some("en"), Some("fr"), Some("es"), Some("de"), Some("ru"), Some("xx")])
}

/// The text between two code points.
fn cut<S>(text: &str, span: &Span<S>) -> String {
    text.chars().skip(span.start).take(span.end - span.start).collect()
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: ProptestConfig::default().cases.max(1_500),
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    #[test]
    fn every_span_is_the_text_it_points_at(text in text(), language in language()) {
        let length = text.chars().count();
        for quote in extract(&Document { language, ..document(&text) }) {
            let spans = quote.content.iter().chain(&quote.verbatim).chain(&quote.source).chain(&quote.cue);
            for span in spans {
                prop_assert!(span.start < span.end && span.end <= length);
                prop_assert_eq!(&cut(&text, span), &span.text);
            }
        }
    }

    #[test]
    fn spans_are_ordered_and_verbatim_lies_in_content(text in text(), language in language()) {
        for quote in extract(&Document { language, ..document(&text) }) {
            for spans in [&quote.content, &quote.verbatim] {
                prop_assert!(spans.windows(2).all(|pair| pair[0].end <= pair[1].start));
            }
            for inner in &quote.verbatim {
                prop_assert!(quote.content.iter().any(|c| c.start <= inner.start && inner.end <= c.end));
            }
            prop_assert_eq!(quote.kind == QuoteKind::Indirect, quote.verbatim.is_empty());
            prop_assert!((0.0..=1.0).contains(&quote.confidence));
            prop_assert!(!quote.text.trim().is_empty());
        }
    }

    #[test]
    fn quotes_come_in_order_and_under_names_of_their_own(text in text(), language in language()) {
        let document = Document { language, ..document(&text) };
        let quotes = extract(&document);
        prop_assert!(quotes.windows(2).all(|pair| pair[0].content[0].start <= pair[1].content[0].start));
        let mut ids: Vec<_> = quotes.iter().map(|q| &q.id).collect();
        ids.sort();
        ids.dedup();
        prop_assert_eq!(ids.len(), quotes.len());
        prop_assert_eq!(&quotes, &extract(&document));
    }
}

#[test]
fn a_text_without_a_line_break_keeps_every_quote() {
    let sentence =
        "“We will not sign this,” said Lena Ortiz, a lawyer at the fund. The hall was cold. ";
    let text = sentence.repeat(2_000);
    let quotes = extract(&document(&text));
    assert_eq!(quotes.len(), 2_000);
    assert!(quotes.iter().all(|q| q.speaker.as_ref().is_some_and(|s| s.name == "Lena Ortiz")));
}

#[test]
fn a_text_longer_than_what_is_read_at_once_keeps_offsets_paragraphs_and_context() {
    let paragraph = "“We will not sign this,” said Lena Ortiz. Zoé left the hall.\n\n";
    let (times, step) = (25_000, paragraph.chars().count());
    let text = paragraph.repeat(times);
    let quotes = extract(&document(&text));
    assert_eq!(quotes.len(), times);
    for (number, quote) in quotes.iter().enumerate() {
        assert_eq!((quote.content[0].start, quote.paragraph), (number * step, number));
        assert_eq!(quote.verbatim[0].text, "We will not sign this,");
        assert_eq!(quote.suffix, " said Lena Ortiz. Zoé left the h");
        assert!(number == 0 || quote.prefix.ends_with("Zoé left the hall.\n\n"));
    }
}

/// Texts that begin and end anywhere: rules look at what stands around a word, and there may be nothing.
#[test]
fn every_piece_of_a_sentence_is_read() {
    /// In words and what is between them: from a name and a verb to most of a sentence.
    const LENGTHS: [usize; 6] = [4, 7, 10, 16, 25, 40];
    let pieces = |parts: &'static Vec<String>| {
        LENGTHS.into_iter().flat_map(|length| parts.windows(length.min(parts.len())))
    };
    for parts in sentences() {
        for piece in pieces(parts) {
            let text = piece.concat();
            let quotes = extract(&Document { language: Some("en"), ..document(&text) });
            assert!(quotes.iter().all(|quote| !quote.content.is_empty()), "{text}");
        }
    }
}

#[test]
fn a_verb_that_ends_a_text_behind_mere_punctuation_attributes_nothing() {
    for text in ["“It is broad,”} added", "Pavel Dorn met him, “It is broad,”* recalled"] {
        let quotes = extract(&document(text));
        assert!(quotes.iter().all(|quote| quote.speaker.is_none()), "{text}: {quotes:?}");
    }
}

#[test]
fn a_text_that_begins_within_a_list_is_read() {
    for opening in ["including", "like"] {
        let text = format!(
            "{opening} Harbour Rights and the Norrvik Press Union warned that the draft “would \
             harm us all.”"
        );
        let quotes = extract(&document(&text));
        assert_eq!(quotes.len(), 1, "{opening}");
        assert_eq!(quotes[0].verbatim[0].text, "would harm us all.");
    }
}

#[test]
fn a_full_name_that_stands_only_in_the_headline_is_found_there() {
    let quotes = extract(&Document {
        key: "headline",
        text: "“We will not sign this,” Ortiz said.",
        title: Some("Small states walk out as Lena Ortiz refuses to sign the annex"),
        ..Document::default()
    });
    assert_eq!(quotes[0].speaker.as_ref().unwrap().name, "Lena Ortiz");
}

#[test]
fn a_language_without_words_gives_its_quotations_without_speakers() {
    let text = "Il ministro ha parlato davanti a una platea numerosa, riunita dalla sera prima, e \
        nessuno sapeva ancora quale decisione sarebbe stata presa. «Non firmeremo questo testo», \
        dichiara Lena Ortiz. «Ci vuole ancora tempo per capire», aggiunge prima di lasciare \
        all'improvviso la sala dove molti delegati aspettavano.";
    for language in [None, Some("it")] {
        let document = Document { key: "it", text, language, ..Document::default() };
        let quotes = extract(&document);
        assert_eq!(quotes.len(), 2, "{language:?}");
        assert!(quotes.iter().all(|q| q.speaker.is_none() && q.confidence == 0.0));
    }
}

#[test]
fn a_language_with_words_is_told_from_the_text_alone() {
    let text = "Le ministre a parlé devant une assemblée nombreuse, réunie depuis la veille au soir, \
        et personne ne savait encore quelle décision serait prise. «Nous ne signerons pas ce texte», \
        déclare Léna Ortiz avant de quitter la salle où plusieurs délégués attendaient.";
    for language in [None, Some("fr"), Some("fr-CH")] {
        let document = Document { key: "fr", text, language, ..Document::default() };
        let quotes = extract(&document);
        assert_eq!(quotes.len(), 1, "{language:?}");
        assert_eq!(quotes[0].speaker.as_ref().unwrap().name, "Léna Ortiz");
    }
}

#[test]
fn a_full_name_that_stands_only_in_the_byline_is_found_there() {
    let byline = ["Lena Ortiz".to_owned()];
    let text = "The annex was read twice. “We will not sign this,” Ortiz said.";
    let quotes = extract(&Document { byline: &byline, ..document(text) });
    assert_eq!(quotes[0].speaker.as_ref().unwrap().name, "Lena Ortiz");
}

#[test]
fn an_author_speaks_only_where_the_text_says_so() {
    let byline = ["Lena Ortiz".to_owned()];
    let text = "I asked for the annex. “We will not sign this.”";
    let quotes = extract(&Document { byline: &byline, ..document(text) });
    assert!(quotes.iter().all(|q| q.speaker.is_none()));
}

#[test]
fn an_outlet_is_no_person_that_a_pronoun_means() {
    let text = "Pavel Dorn read the annex to Norrvik Courier. “We will not sign this,” he said.";
    let quotes = extract(&Document { outlet: Some("Norrvik Courier"), ..document(text) });
    assert_eq!(quotes[0].speaker.as_ref().unwrap().name, "Pavel Dorn");
}
