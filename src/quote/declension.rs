//! Names that change their form with what they do in a sentence, as Russian ones do.
//!
//! A name and where it stands → is it the subject's form, the one a speaker is printed in; and is a
//! form after "according to" one of it. The endings stand in the language's row
//! ([`Grammar`](super::lexicon::Grammar)); languages without any keep their names. Refuses to make
//! up a form that the text does not print.

use super::lexicon as lex;
use super::sources::Mention;
use super::tokens::Stream;

/// True if the language's names change their form.
#[must_use]
pub fn changes(stream: &Stream<'_>) -> bool {
    !stream.lexicon.grammar.declension.is_empty()
}

/// True if `name`, within the subject `source`, must be the speaker's: "министр Иван Орлов", but not
/// "представитель Орлова", who may be the spokesman of Орлов.
#[must_use]
pub fn is_subject(stream: &Stream<'_>, source: Mention, name: Mention) -> bool {
    if name.from == source.from {
        return true;
    }
    // Орлов, Сосновский: what ends in a consonant is the subject's form, but for -ой and -ей.
    let ends_hard = |at: usize| {
        let word = stream.word(at);
        !word.ends_with(['а', 'я', 'о', 'и', 'ы', 'у', 'ю', 'е', 'э', 'ь'])
            && !word.ends_with("ой")
            && !word.ends_with("ей")
    };
    let given =
        name.to - name.from > 1 && stream.tokens[name.from].is(lex::MALE_NAME | lex::FEMALE_NAME);
    given || (name.from..name.to).all(ends_hard)
}

/// True if the words of `changed` are the name `subject` as it reads after "according to": "Лены
/// Орловой" and "Лена Орлова". A surname alone is compared alone.
#[must_use]
pub fn is_form_of(stream: &Stream<'_>, changed: Mention, subject: Mention) -> bool {
    let words = (changed.to - changed.from).min(subject.to - subject.from);
    if words == 0 || words < changed.to - changed.from {
        return false;
    }
    let pairs = (0..words).map(|n| (changed.to - 1 - n, subject.to - 1 - n));
    pairs.into_iter().all(|(form, name)| declined(stream, stream.word(name)) == stream.word(form))
}

/// The word as it reads after "according to".
fn declined(stream: &Stream<'_>, word: &str) -> String {
    let endings = stream.lexicon.grammar.declension;
    let found = endings.iter().find_map(|(from, to)| Some((word.strip_suffix(from)?, to)));
    found.map_or_else(String::new, |(stem, to)| format!("{stem}{to}"))
}
