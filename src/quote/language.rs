//! Whose words a text is in: text → the lists of its language.
//!
//! The language that the document gives counts; else English is told by its function words, which
//! costs a hundredth of the extraction, and any other language by whatlang on the text's beginning.
//! Refuses to guess: a language without lists, or none that is clear, gives nothing.

use super::letters::Letters;
use super::lexicon::{self as lex, Classes, Lexicon};

/// Bytes of the text that are looked at.
const SAMPLE: usize = 1_500;
/// Small words counted.
const WORDS: usize = 120;
/// Fewer small words than these are too few to count by.
const FEWEST: usize = 30;
/// One word in so many is a function word in any English text; news has one in two or three.
const ONE_IN: usize = 7;
/// The classes of function words.
const FUNCTION: u64 = lex::DETERMINER | lex::PREPOSITION | lex::AUXILIARY | lex::CONJUNCTION;

/// The lists of the text's language; `given` is its ISO 639-1 code, if known.
#[must_use]
pub fn of(text: &str, given: Option<&str>) -> Option<&'static Lexicon> {
    if let Some(code) = given {
        return Lexicon::of(code);
    }
    let mut end = text.len().min(SAMPLE);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    let sample = &text[..end];
    let english = Lexicon::english();
    let (mut all, mut function) = (0, 0);
    for classes in small_words(sample, english).take(WORDS) {
        all += 1;
        function += usize::from(classes & FUNCTION != 0);
        // No further word could bring the share below the one asked for.
        if all >= FEWEST && function * ONE_IN >= WORDS {
            return Some(english);
        }
    }
    if function > 0 && function * ONE_IN >= all && all >= FEWEST {
        return Some(english);
    }
    let told = whatlang::detect(sample).filter(whatlang::Info::is_reliable);
    let told = told.and_then(|info| Lexicon::of(code(info.lang())));
    if all >= FEWEST {
        return told;
    }
    // A line or two: another language only if whatlang is sure of one that has lists.
    told.or(Some(english))
}

/// The classes of each word that begins with a small letter.
fn small_words(text: &str, lexicon: &Lexicon) -> impl Iterator<Item = Classes> {
    let bytes = text.as_bytes();
    let mut at = 0;
    std::iter::from_fn(move || {
        while at < bytes.len() {
            // Eight bytes at once where they hold a whole word, which they mostly do, and eight more.
            if let Some((letters, more)) = Letters::word(&bytes[at..]) {
                let count = letters.count + more.count;
                let ends = |&b: &u8| b.is_ascii() && b != b'\'' && !b.is_ascii_alphanumeric();
                if bytes.get(at + count).is_some_and(ends) {
                    at += count + 1;
                    if count > 0 && !letters.begin_with_capital() {
                        let known = lexicon.look_up_letters(letters, more);
                        return Some(known.map_or(0, |entry| entry.classes));
                    }
                    continue;
                }
            }
            let parts = |c: char| !c.is_alphanumeric() && c != '\'' && c != '’';
            let (word, after) = text[at..].split_once(parts).unwrap_or((&text[at..], ""));
            at = text.len() - after.len();
            if word.starts_with(char::is_lowercase) {
                return Some(lexicon.look_up(word).classes);
            }
        }
        None
    })
}

/// ISO 639-1 of the languages that have lists; empty for the others.
fn code(language: whatlang::Lang) -> &'static str {
    use whatlang::Lang;
    match language {
        Lang::Eng => "en",
        Lang::Fra => "fr",
        Lang::Spa => "es",
        Lang::Deu => "de",
        Lang::Rus => "ru",
        _ => "",
    }
}
