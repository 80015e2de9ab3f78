//! Corrections, updates, clarifications and editor's notes.
//!
//! Paragraphs → paragraphs without notices, and the notices with kind, date and text. A notice is
//! known by its label at the head or foot of the article ("Correction, Sept. 1, 2023: …") or by a
//! stock sentence anywhere ("This article was amended on …"). Refuses to take a paragraph for a
//! notice because it merely tells of a correction.

use crate::domain::article::{Notice, NoticeKind};
use crate::domain::date::PageDate;

/// Labels stand in the first paragraphs or the last, where notices do.
const HEAD_PARAGRAPHS: usize = 3;
/// Several notices may close an article.
const FOOT_PARAGRAPHS: usize = 6;
/// A date stands near the start of a notice.
const DATE_WITHIN_WORDS: usize = 40;
/// The most words of a date: "at 5:20 p.m. ET on Monday, Jan. 29, 2024".
const DATE_WORDS: usize = 9;

/// So many notices are taken from around the article; each is compared with all before it.
const MAX_BESIDE: usize = 50;
/// Stock sentences and labels are told by so many words at most.
const OPENING_WORDS: usize = 12;
/// A shorter block around the article tells no change.
const SENTENCE_WORDS: usize = 6;

/// What an invitation to report errors says, in lower case.
const INVITATIONS: &[&str] = &[
    "contact us",
    "corrections policy",
    "email us",
    "let us know",
    "report an error",
    "see an error",
    "spot an error",
    "spotted an error",
    "submit a correction",
];

/// How notices are labelled, in lower case.
const LABELS: &[(&str, NoticeKind)] = &[
    ("corrections and clarifications", NoticeKind::Correction),
    ("correction and clarification", NoticeKind::Correction),
    ("corrections", NoticeKind::Correction),
    ("correction", NoticeKind::Correction),
    ("corrected", NoticeKind::Correction),
    ("correction appended", NoticeKind::Correction),
    ("correction to this article", NoticeKind::Correction),
    ("correction notice", NoticeKind::Correction),
    ("for the record", NoticeKind::Correction),
    ("amendment", NoticeKind::Correction),
    ("erratum", NoticeKind::Correction),
    ("errata", NoticeKind::Correction),
    ("retraction", NoticeKind::Correction),
    ("apology", NoticeKind::Correction),
    ("fe de errores", NoticeKind::Correction),
    ("korrektur", NoticeKind::Correction),
    ("rectificatif", NoticeKind::Correction),
    ("rettifica", NoticeKind::Correction),
    ("clarifications", NoticeKind::Clarification),
    ("clarification", NoticeKind::Clarification),
    ("updated", NoticeKind::Update),
    ("updates", NoticeKind::Update),
    ("update", NoticeKind::Update),
    ("last updated", NoticeKind::Update),
    ("mise à jour", NoticeKind::Update),
    ("actualización", NoticeKind::Update),
    ("aktualisierung", NoticeKind::Update),
    ("publisher's note", NoticeKind::EditorsNote),
    ("note from the editor", NoticeKind::EditorsNote),
    ("a note from the editor", NoticeKind::EditorsNote),
    ("anmerkung der redaktion", NoticeKind::EditorsNote),
    ("note de la rédaction", NoticeKind::EditorsNote),
    ("nota del editor", NoticeKind::EditorsNote),
    ("nota de la redacción", NoticeKind::EditorsNote),
    ("editor's note", NoticeKind::EditorsNote),
    ("editors' note", NoticeKind::EditorsNote),
    ("editors note", NoticeKind::EditorsNote),
    ("editor note", NoticeKind::EditorsNote),
    ("ed. note", NoticeKind::EditorsNote),
    ("note to readers", NoticeKind::EditorsNote),
    ("a note to readers", NoticeKind::EditorsNote),
];

/// What stock sentences call the article.
const THINGS: &[&str] = &[
    "article", "blog", "column", "headline", "item", "page", "piece", "post", "report", "review",
    "story", "version",
];

/// How stock sentences go on after "this article", and what they say.
const CHANGES: &[(&str, NoticeKind)] = &[
    ("amended", NoticeKind::Correction),
    ("corrected", NoticeKind::Correction),
    ("edited", NoticeKind::Correction),
    ("changed", NoticeKind::Correction),
    ("revised", NoticeKind::Correction),
    ("modified", NoticeKind::Correction),
    ("updated", NoticeKind::Update),
    ("clarified", NoticeKind::Clarification),
    ("retracted", NoticeKind::Correction),
];

/// The stock sentences of a language other than English, as words in lower case. Only those that say
/// "this article": texts that were changed are news too, of laws above all.
struct Stock {
    /// How they begin: what they call the article.
    things: &'static [&'static str],
    /// A word soon behind that, and what the sentence then says.
    changes: &'static [(&'static str, NoticeKind)],
    /// How sentences begin that tell what an earlier version had,
    earlier: &'static [&'static str],
    /// and how they go on.
    of_it: &'static [&'static str],
}

/// French, Spanish, German and Russian.
const FOREIGN: &[Stock] = &[
    Stock {
        things: &["cet article", "ce papier", "cette page"],
        changes: &[
            ("jour", NoticeKind::Update),
            ("actualisé", NoticeKind::Update),
            ("actualisée", NoticeKind::Update),
            ("complété", NoticeKind::Update),
            ("corrigé", NoticeKind::Correction),
            ("corrigée", NoticeKind::Correction),
            ("modifié", NoticeKind::Correction),
            ("modifiée", NoticeKind::Correction),
            ("rectifié", NoticeKind::Correction),
        ],
        earlier: &[
            "une version précédente",
            "une précédente version",
            "une version antérieure",
            "une première version",
            "dans une version précédente",
            "dans une première version",
        ],
        of_it: &["de cet article", "de l article", "de ce papier"],
    },
    Stock {
        things: &["este artículo", "esta información", "esta noticia", "esta nota", "esta página"],
        changes: &[
            ("actualizado", NoticeKind::Update),
            ("actualizada", NoticeKind::Update),
            ("actualizó", NoticeKind::Update),
            ("corregido", NoticeKind::Correction),
            ("corregida", NoticeKind::Correction),
            ("modificado", NoticeKind::Correction),
            ("modificada", NoticeKind::Correction),
            ("rectificado", NoticeKind::Correction),
            ("rectificada", NoticeKind::Correction),
        ],
        earlier: &[
            "una versión anterior",
            "una versión previa",
            "una primera versión",
            "en una versión anterior",
            "en una primera versión",
        ],
        of_it: &["de este artículo", "de esta información", "de esta noticia", "de esta nota"],
    },
    Stock {
        things: &["dieser artikel", "dieser beitrag", "diese meldung", "diese seite"],
        changes: &[
            ("aktualisiert", NoticeKind::Update),
            ("ergänzt", NoticeKind::Update),
            ("korrigiert", NoticeKind::Correction),
            ("berichtigt", NoticeKind::Correction),
            ("geändert", NoticeKind::Correction),
        ],
        earlier: &[
            "eine frühere version",
            "eine frühere fassung",
            "in einer früheren version",
            "in einer früheren fassung",
            "in einer vorherigen version",
            "in einer ersten version",
        ],
        of_it: &[
            "dieses artikels",
            "dieses beitrags",
            "dieses textes",
            "dieser meldung",
            "des artikels",
        ],
    },
    Stock {
        things: &["эта статья", "эта новость", "эта публикация", "этот материал"],
        changes: &[
            ("обновлена", NoticeKind::Update),
            ("обновлен", NoticeKind::Update),
            ("обновлён", NoticeKind::Update),
            ("дополнена", NoticeKind::Update),
            ("дополнен", NoticeKind::Update),
            ("исправлена", NoticeKind::Correction),
            ("исправлен", NoticeKind::Correction),
            ("уточнена", NoticeKind::Clarification),
            ("уточнен", NoticeKind::Clarification),
            ("уточнён", NoticeKind::Clarification),
        ],
        earlier: &[
            "в предыдущей версии",
            "в более ранней версии",
            "в первоначальной версии",
            "в первой версии",
        ],
        of_it: &[
            "статьи",
            "материала",
            "новости",
            "публикации",
            "этой статьи",
            "этого материала",
            "этой новости",
        ],
    },
];

/// The paragraphs that are the article's own, and its notices, both in order.
#[must_use]
pub fn split(paragraphs: Vec<String>) -> (Vec<String>, Vec<Notice>) {
    let count = paragraphs.len();
    let mut kept = Vec::with_capacity(count);
    let mut notices = Vec::new();
    let mut paragraphs = paragraphs.into_iter().enumerate().peekable();
    while let Some((index, paragraph)) = paragraphs.next() {
        let at_edge = index < HEAD_PARAGRAPHS || index + FOOT_PARAGRAPHS >= count;
        let opening = fold(opening(&paragraph));
        let labelled = if at_edge { label(&paragraph, &opening) } else { None };
        match (labelled, stock_sentence(&opening)) {
            (Some((kind, true)), _) if paragraphs.peek().is_some() => {
                if let Some((_, text)) = paragraphs.next() {
                    notices.push(Notice { kind, date: date(&text), text });
                }
            }
            (Some((kind, false)), _) | (None, Some(kind)) => {
                notices.push(Notice { kind, date: date(&paragraph), text: paragraph });
            }
            _ => kept.push(paragraph),
        }
    }
    (kept, notices)
}

/// The notices among the blocks around the article, which hold much else: only whole sentences
/// behind a label, and stock sentences.
#[must_use]
pub fn beside(blocks: &[String]) -> Vec<Notice> {
    let mut notices = Vec::new();
    let mut blocks = blocks.iter().peekable();
    while let Some(block) = blocks.next()
        && notices.len() < MAX_BESIDE
    {
        let opening = fold(opening(block));
        let found = match (label(block, &opening), stock_sentence(&opening)) {
            (Some((kind, true)), _) => blocks.peek().map(|next| (kind, (*next).as_str())),
            (Some((kind, false)), _) | (None, Some(kind)) => Some((kind, block.as_str())),
            _ => None,
        };
        let Some((kind, text)) = found.filter(|(_, text)| is_sentence(text)) else { continue };
        if notices.iter().all(|known: &Notice| known.text != text) {
            notices.push(Notice { kind, date: date(text), text: text.to_owned() });
        }
    }
    notices
}

/// True for text that reads like a sentence, as a time of change or a link's name does not.
fn is_sentence(text: &str) -> bool {
    text.split_whitespace().count() >= SENTENCE_WORDS
        && text.trim_end_matches(['”', '’', '"', '\'', ')', ']', '*']).ends_with(['.', '!', '?'])
}

/// The first words, all that tell a notice.
fn opening(paragraph: &str) -> &str {
    let mut words = 0;
    let mut in_word = false;
    for (at, char) in paragraph.char_indices() {
        let is_word = char.is_alphanumeric();
        words += usize::from(is_word && !in_word);
        if words > OPENING_WORDS {
            return &paragraph[..at];
        }
        in_word = is_word;
    }
    paragraph
}

/// Lower case, straight apostrophes, without brackets and stars at the start.
fn fold(paragraph: &str) -> String {
    let mut lower = paragraph.to_lowercase();
    if lower.contains(['’', '‘']) {
        lower = lower.replace(['’', '‘'], "'");
    }
    match lower.starts_with(char::is_alphanumeric) {
        true => lower,
        false => lower.trim_start_matches(|char: char| !char.is_alphanumeric()).to_owned(),
    }
}

/// The kind a paragraph's label gives; true where the label is all there is, so that the notice is
/// the next paragraph. `opening` is its [`opening`], folded.
fn label(paragraph: &str, opening: &str) -> Option<(NoticeKind, bool)> {
    if !LABELS.iter().any(|(label, _)| opening.starts_with(label)) {
        return None;
    }
    let folded = fold(paragraph);
    if INVITATIONS.iter().any(|invitation| folded.contains(invitation)) {
        return None;
    }
    LABELS.iter().find_map(|&(label, kind)| {
        let rest = folded.strip_prefix(label)?;
        let bare = rest.trim_matches(|char: char| !char.is_alphanumeric());
        if bare.is_empty() {
            return Some((kind, true));
        }
        let delimited = rest.trim_start().starts_with([':', '—', '–', '|'])
            || rest.starts_with([',', '(']) && rest.contains(':')
            || rest.starts_with(" -")
            || rest.starts_with('\n');
        let dated =
            rest.split_once(':').is_some_and(|(between, _)| PageDate::parse(between).is_some())
                || PageDate::parse(rest).is_some();
        let timed = is_time(rest.trim_start().trim_start_matches("at "));
        (delimited || dated || timed).then_some((kind, false))
    })
}

/// True for what begins with a time of day: "5:20 p.m.", "5 p.m.", "17:20".
fn is_time(text: &str) -> bool {
    let mut words = text.split_whitespace();
    let hour = words.next().unwrap_or_default();
    let half = words
        .next()
        .is_some_and(|it| ["a.m", "p.m", "am", "pm"].iter().any(|half| it.starts_with(half)));
    hour.starts_with(|char: char| char.is_ascii_digit()) && (hour.contains(':') || half)
}

/// The kind of a stock sentence: "this article was amended", "an earlier version of this story".
fn stock_sentence(folded: &str) -> Option<NoticeKind> {
    let mut places = [""; OPENING_WORDS];
    let words = folded.split(|char: char| !char.is_alphanumeric()).filter(|word| !word.is_empty());
    let count = places.iter_mut().zip(words).map(|(place, word)| *place = word).count();
    let words = &places[..count];
    match words {
        ["this", "is", "a" | "an", "updated" | "corrected", "version", "of", ..] => {
            Some(NoticeKind::Update)
        }
        ["this" | "the", thing, "was" | "has" | "is", rest @ ..] if THINGS.contains(thing) => {
            let change = rest.iter().take(3).find_map(|word| {
                CHANGES.iter().find(|(change, _)| change == word).map(|(_, kind)| *kind)
            })?;
            // "The report was revised" may be news; "the story was updated to …" is not.
            let own = words[0] == "this" || matches!(*thing, "article" | "story" | "post");
            own.then_some(change)
        }
        [
            _,
            "earlier" | "previous" | "original" | "prior",
            version,
            "of",
            "this" | "the",
            thing,
            ..,
        ] if matches!(*version, "version" | "headline" | "edition") && THINGS.contains(thing) => {
            Some(NoticeKind::Correction)
        }
        words => {
            let first = words.first()?;
            let begins = |stock: &&Stock| {
                stock.earlier.iter().chain(stock.things).any(|it| it.starts_with(first))
            };
            let mut stocks = FOREIGN.iter().filter(begins);
            stocks.find_map(|stock| foreign_stock_sentence(&words.join(" "), stock))
        }
    }
}

/// The same of another language; `words` have one space between two.
fn foreign_stock_sentence(words: &str, stock: &Stock) -> Option<NoticeKind> {
    if let Some(rest) = behind(words, stock.earlier) {
        return behind(rest, stock.of_it).map(|_| NoticeKind::Correction);
    }
    behind(words, stock.things)?.split(' ').find_map(|word| {
        stock.changes.iter().find(|(change, _)| *change == word).map(|(_, kind)| *kind)
    })
}

/// The words behind the one of `beginnings` that `words` begin with.
fn behind<'w>(words: &'w str, beginnings: &[&str]) -> Option<&'w str> {
    beginnings.iter().find_map(|beginning| {
        let rest = words.strip_prefix(beginning)?;
        if rest.is_empty() { Some(rest) } else { rest.strip_prefix(' ') }
    })
}

/// The first date that the notice states.
fn date(text: &str) -> Option<PageDate> {
    let words: Vec<&str> = text.split_whitespace().take(DATE_WITHIN_WORDS).collect();
    (0..words.len()).find_map(|start| {
        let longest = DATE_WORDS.min(words.len() - start);
        (1..=longest).rev().find_map(|length| {
            let words = &words[start..start + length];
            let text = words.join(" ");
            PageDate::parse(text.trim_matches(|char: char| !char.is_alphanumeric()))
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn only(paragraph: &str) -> Option<(NoticeKind, Option<String>)> {
        let (kept, notices) = split(vec![paragraph.to_owned()]);
        assert_eq!(kept.len() + notices.len(), 1);
        let notice = notices.into_iter().next()?;
        assert_eq!(notice.text, paragraph);
        Some((notice.kind, notice.date.map(|date| date.as_str().to_owned())))
    }

    #[test]
    fn notices_are_known_by_label_or_stock_sentence() {
        use NoticeKind::{Clarification, Correction, EditorsNote, Update};
        for (paragraph, kind, date) in [
            ("Correction, Sept. 1, 2023: The fee is $3.", Correction, "2023-09-01"),
            (
                "Update, 1/29/24 5:20 p.m. ET: This post now has a reply.",
                Update,
                "2024-01-29T17:20:00-05:00",
            ),
            ("Update (March 3, 2024): The bridge reopened.", Update, "2024-03-03"),
            ("UPDATED — The vote is over.", Update, ""),
            ("Clarification: The mayor spoke twice.", Clarification, ""),
            ("Editor’s Note: This is the first of three parts.", EditorsNote, ""),
            ("[Editors' note: Names were changed.]", EditorsNote, ""),
            (
                "• This article was amended on 12 March 2024 because it named the wrong river.",
                Correction,
                "2024-03-12",
            ),
            ("This story has been updated with a comment.", Update, ""),
            ("An earlier version of this article misspelled the river’s name.", Correction, ""),
            ("*This post was originally updated on Jan. 2, 2024.*", Update, "2024-01-02"),
            ("CORRECTION (March 3, 2024): The fee is $3.", Correction, "2024-03-03"),
            ("Correction: March 3, 2024", Correction, "2024-03-03"),
            ("Correction appended: The fee is $3.", Correction, ""),
            ("FOR THE RECORD: An earlier caption named the wrong river.", Correction, ""),
            ("For the record, 3 March 2024: The river is the Vell.", Correction, "2024-03-03"),
            ("A previous version of this story gave the wrong fee.", Correction, ""),
            ("The original version of this report gave the wrong fee.", Correction, ""),
            ("This story has been corrected to say who paid.", Correction, ""),
            ("This article has been retracted.", Correction, ""),
            ("Clarification, March 3, 2024: The mayor spoke twice.", Clarification, "2024-03-03"),
            ("This article has been clarified to say who paid.", Clarification, ""),
            ("Updated at 5:20 p.m.", Update, ""),
            ("Updated at 5:20 p.m. ET on Jan. 29, 2024", Update, "2024-01-29T17:20:00-05:00"),
            ("UPDATE 5:20 p.m.: The vote is over.", Update, ""),
            ("Update — The vote is over.", Update, ""),
            ("This is an updated version of a story first published on Monday.", Update, ""),
            ("EDITORS’ NOTE — Names were changed.", EditorsNote, ""),
            ("Editor's note (3 March 2024): The bridge reopened.", EditorsNote, "2024-03-03"),
            ("A note to readers: The bridge reopened.", EditorsNote, ""),
            ("Anmerkung der Redaktion: Die Brücke ist offen.", EditorsNote, ""),
            ("Cet article a été mis à jour à 14 heures.", Update, ""),
            ("Cet article a été corrigé : le pont a trois arches.", Correction, ""),
            ("Une version précédente de cet article nommait une autre rivière.", Correction, ""),
            ("Esta noticia ha sido actualizada con más detalles.", Update, ""),
            ("Una versión anterior de este artículo decía otra cosa.", Correction, ""),
            ("Dieser Artikel wurde am Montag um 14 Uhr aktualisiert.", Update, ""),
            ("In einer früheren Fassung dieses Beitrags fehlte der Fluss.", Correction, ""),
            ("Эта статья была обновлена.", Update, ""),
            ("В предыдущей версии материала была названа другая река.", Correction, ""),
        ] {
            let date = (!date.is_empty()).then(|| date.to_owned());
            assert_eq!(only(paragraph), Some((kind, date)), "{paragraph}");
        }
    }

    #[test]
    fn paragraphs_about_corrections_stay() {
        for paragraph in [
            "Correction officers walked out on Monday.",
            "Update your address before the vote, the clerk said.",
            "The report was revised twice, she said.",
            "For the record, nobody asked the mayor.",
            "Updated figures show a rise.",
            "An apology is due, she said: nobody asked us.",
            "Amendment 3 passed.",
            "Corrections to the census are due in May.",
            "“This article is a lie,” he said.",
            "Ce texte a été modifié par les sénateurs.",
            "L’article 5 du règlement a été modifié en mai.",
            "Dans une première version du projet, le pont restait fermé.",
            "Der Artikel der Verfassung wurde geändert.",
            "В предыдущей версии закона этого не было.",
        ] {
            assert_eq!(only(paragraph), None, "{paragraph}");
        }
    }

    #[test]
    fn a_label_alone_names_the_paragraph_after_it() {
        let paragraphs =
            ["The bridge is open.", "Correction", "It opened on 2 May 2024, not 1 May."];
        let (kept, notices) = split(Vec::from(paragraphs.map(str::to_owned)));
        assert_eq!(kept, ["The bridge is open."]);
        assert_eq!(notices[0].kind, NoticeKind::Correction);
        assert_eq!(notices[0].text, "It opened on 2 May 2024, not 1 May.");
        assert_eq!(notices[0].date.as_ref().map(PageDate::as_str), Some("2024-05-02"));
    }

    #[test]
    fn around_the_article_only_sentences_are_notices() {
        let blocks = [
            "Published 2 May 2024",
            "Updated: 14:05 ET, 3 May 2024 | Published: 11:00 ET, 2 May 2024",
            "Corrections",
            "Terms of use",
            "Corrections: If you see an error in this story, please let us know.",
            "Correction, 4 May 2024: An earlier version named the wrong river.",
            "Correction, 4 May 2024: An earlier version named the wrong river.",
            "This article was amended on 5 May 2024 to say who paid.",
        ];
        let notices = beside(&blocks.map(str::to_owned));
        let texts: Vec<&str> = notices.iter().map(|notice| notice.text.as_str()).collect();
        assert_eq!(texts, [blocks[5], blocks[7]]);
        assert_eq!(notices[0].date.as_ref().map(PageDate::as_str), Some("2024-05-04"));
    }

    #[test]
    fn a_label_in_the_middle_of_a_long_article_is_text() {
        let mut paragraphs = vec!["A paragraph.".to_owned(); 20];
        paragraphs[10] = "Update: the minister said on air.".to_owned();
        assert_eq!(split(paragraphs.clone()), (paragraphs, Vec::new()));
    }
}
