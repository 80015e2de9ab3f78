//! Which of an article's new notices may explain a change of one of its quotes.
//!
//! The quote's sides and the notices → a notice or none. A notice explains a change if it names
//! something of it: the speaker, the body spoken for, words of the quote. One that names nothing at
//! all ("This article has been updated.") may be about anything. Refuses what names other matters: a
//! wrong caption doesn't explain a quote.

use std::collections::HashSet;

use crate::domain::article::Notice;
use crate::domain::record::RevisionSide;

/// A word of a quote that tells what it is about has so many letters; a name may have fewer.
const TELLING: usize = 4;

/// Words of any text.
const FUNCTION: &str = "\
    a about above after all also an and any are as at be because been before being below but by can \
    could did do does for from had has have he her here him his how if in into is it its just more most \
    my no not now of off on one only or other our out over said say says she so some such than that the \
    their them then there these they this those to under up very was we were what when where which while \
    who whom whose why will with would you your";

/// Words of notices that say that an article changed, not in what.
const OF_CHANGES: &str = "\
    add added adding additional adds amended appended article background change changed changes clarified \
    clarify clarification context copy correct corrected correction corrections date detail details \
    developments earlier edited editing edition editor editors error errors expanded first fixed for further \
    inaccurate inaccurately include included includes including incorrect incorrectly information \
    latest material minor mistake misstated new news note original originally page piece post \
    previous previously published record reflect report reporting reports revised since story throughout \
    time today typo update updated updates version versions wrong wrongly \
    january february march april may june july august september october november december \
    jan feb mar apr jun jul aug sep sept oct nov dec \
    monday tuesday wednesday thursday friday saturday sunday am pm gmt utc et edt est bst cet";

/// Words of notices that speak of quotes, not of whose.
const OF_QUOTES: &str = "\
    attributed attribution comment comments interview misattributed misquoted quotation quotations \
    quote quoted quotes reaction remark remarks response speaker spokesman spokesperson spokeswoman \
    statement statements transcribed transcription";

/// The notice that may explain a change of the quote with these sides: the one that names most of it,
/// the first of several; else the first that names nothing else.
pub(super) fn explaining<'a>(sides: &[&RevisionSide], notices: &'a [Notice]) -> Option<&'a Notice> {
    let list = |words: &'static str| words.split(' ').collect::<HashSet<&str>>();
    let (function, of_changes, of_quotes) = (list(FUNCTION), list(OF_CHANGES), list(OF_QUOTES));
    let empty = |word: &str| {
        function.contains(word) || of_changes.contains(word) || of_quotes.contains(word)
    };
    let mut about: HashSet<String> = HashSet::new();
    for side in sides {
        about.extend(words(&side.text).filter(|word| word.chars().count() >= TELLING));
        if let Some(speaker) = &side.speaker {
            let standing = [&speaker.role, &speaker.affiliation];
            let stated = standing.into_iter().flatten().chain([&speaker.name]);
            about.extend(stated.flat_map(|stated| words(stated)));
        }
    }
    about.retain(|word| !empty(word));
    let mut best: Option<(usize, &Notice)> = None;
    for notice in notices {
        let named: HashSet<String> = words(&notice.text)
            .filter(|word| !empty(word) && !word.starts_with(|c: char| c.is_ascii_digit()))
            .collect();
        let shared = named.iter().filter(|word| about.contains(*word)).count();
        let explains = shared > 0 || named.is_empty();
        if explains && best.is_none_or(|(most, _)| shared > most) {
            best = Some((shared, notice));
        }
    }
    best.map(|(_, notice)| notice)
}

fn words(text: &str) -> impl Iterator<Item = String> {
    // "Tapia’s" names Tapia.
    text.split(|c: char| !c.is_alphanumeric() && !matches!(c, '’' | '\''))
        .map(|word| word.split(['’', '\'']).next().unwrap_or_default().to_lowercase())
        .filter(|word| !word.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::article::NoticeKind;
    use crate::domain::speaker::{Speaker, SpeakerKind};

    #[test]
    fn a_notice_explains_a_change_that_it_names_or_where_it_names_nothing() {
        const GENERAL: &str = "This article was updated on 9 February 2024 at 14:00 GMT.";
        const QUOTE: &str = "Correction: An earlier version of this story misquoted a statement.";
        const TAPIA: &str = "José Tapia’s words were transcribed incorrectly.";
        const CAPTION: &str = "A caption named the wrong ferry.";
        const KERN: &str = "A quote by Ada Kern was wrongly attributed.";
        const WIRES: &str = "This story has been updated with comment from Open Wires.";
        const SNOOP: &str = "An earlier version had “spy” where the text says “snoop”.";
        for (notices, expected) in [
            (&[CAPTION][..], None),
            (&[KERN], None),
            (&[GENERAL], Some(GENERAL)),
            (&[QUOTE], Some(QUOTE)),
            (&[TAPIA], Some(TAPIA)),
            (&[WIRES], Some(WIRES)),
            (&[SNOOP], Some(SNOOP)),
            (&[CAPTION, KERN, TAPIA], Some(TAPIA)),
            (&[GENERAL, TAPIA], Some(TAPIA)),
            (&[GENERAL, QUOTE], Some(GENERAL)),
            (&[CAPTION, GENERAL], Some(GENERAL)),
            (&[], None),
        ] {
            let side = |words: &str| RevisionSide {
                id: "1".to_owned(),
                version: 1,
                text: words.to_owned(),
                speaker: Some(Speaker {
                    id: "2".to_owned(),
                    name: "José Tapia".to_owned(),
                    kind: SpeakerKind::Person,
                    role: Some("policy director".to_owned()),
                    affiliation: Some("Open Wires".to_owned()),
                    anonymous: false,
                    identity: None,
                }),
            };
            let sides = [side("They would let them spy on you"), side("They would let them snoop")];
            let notices: Vec<Notice> = notices
                .iter()
                .map(|text| Notice {
                    kind: NoticeKind::Correction,
                    text: (*text).to_owned(),
                    date: None,
                })
                .collect();
            let explained = explaining(&[&sides[0], &sides[1]], &notices);
            assert_eq!(explained.map(|notice| notice.text.as_str()), expected, "{notices:?}");
        }
    }
}
