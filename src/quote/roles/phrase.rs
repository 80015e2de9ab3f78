//! A phrase that says what somebody is → its role and its affiliation.
//!
//! "a senior researcher at the group Harbour Watch" → "senior researcher", "Harbour Watch". Finds the
//! head of the phrase, the names in front of it and what follows it. Refuses to call a person, a
//! field of study or a plain place an organisation.

use super::{Facts, IS_ROLE, PERSON};
use crate::quote::lexicon as lex;
use crate::quote::lexicon::lists;
use crate::quote::sources::{Mention, is_name_word};
use crate::quote::tokens::{Kind, Stream, fold_key};

/// Words in the names of bodies.
const BODY_NAME: u64 = lex::ORGANISATION | lex::BODY;

fn range(from: usize, to: usize) -> Option<Mention> {
    (from < to).then_some(Mention { from, to })
}

/// True where `at` is a preposition in small letters.
fn small_preposition(stream: &Stream<'_>, at: usize) -> bool {
    let token = &stream.tokens[at];
    token.kind == Kind::Word && !token.capital && token.is(lex::PREPOSITION)
}

/// True where every token is a place or a people: "Nova Scotia", "Norwegian".
pub fn is_place(stream: &Stream<'_>, name: Mention) -> bool {
    (name.from..name.to).all(|i| stream.tokens[i].is(lex::PLACE))
}

/// True where the token at `at` can stand for a body on its own: "NDP", "Senate", "RCMP".
fn is_body_word(stream: &Stream<'_>, at: usize) -> bool {
    let token = &stream.tokens[at];
    token.is(BODY_NAME | lex::PARTY)
        || token.shout && !token.is(lex::PLACE | lex::SUFFIX | lex::ROLE | lex::TOPIC)
}

/// The first token of a phrase that says something: past its article, adverbs, numbers and age.
fn skip_weak(stream: &Stream<'_>, from: usize, to: usize) -> usize {
    let tokens = &stream.tokens;
    let mut start = from;
    while start < to {
        let token = &tokens[start];
        let weak = token.is(lex::DETERMINER | lex::ADVERB | lex::CONJUNCTION)
            && !is_name_word(stream, start)
            && !token.is(lex::MODIFIER)
            || token.is(lex::NUMBER) && !token.capital
            || matches!(token.kind, Kind::Punct | Kind::Number)
            || stream.word(start).ends_with("-year-old");
        if !weak {
            break;
        }
        start += 1;
    }
    start
}

/// The role and affiliation that the words before a plural head give: "two Green councillors".
pub fn parse_headed(stream: &Stream<'_>, from: usize, head: usize) -> Facts {
    let mut facts = Facts::default();
    let start = skip_weak(stream, from, head);
    let role_from = names_before(stream, start, head, &mut facts);
    facts.role = range(role_from.min(head), head + 1);
    facts
}

/// The role and affiliation that the phrase `from..to` gives.
pub fn parse(stream: &Stream<'_>, from: usize, to: usize) -> Facts {
    let tokens = &stream.tokens;
    let mut facts = Facts::default();
    let mut start = skip_weak(stream, from, to);
    let Some(head) = head(stream, start, to) else { return facts };
    let kin = tokens[head].is(lex::PRIVATE);
    // A possessor: "the fund's director", "the Catholic girls' school graduate".
    if let Some(possessive) =
        (start..head.min(start + 8)).find(|&i| tokens[i].kind == Kind::Possessive)
        && !(start..possessive).any(|i| small_preposition(stream, i) || tokens[i].is(lex::ROLE))
    {
        let plural = stream.word(possessive).chars().count() == 1;
        let body =
            (possessive + 1..head).find(|&i| tokens[i].is(BODY_NAME) && !tokens[i].is(IS_ROLE));
        match body {
            Some(body) if plural && !tokens[body].capital => {
                facts.affiliation = range(start, body + 1);
                start = body + 1;
            }
            _ => {
                if !kin {
                    facts.affiliation = organisation(stream, start, possessive);
                }
                start = possessive + 1;
            }
        }
    }
    let role_from = names_before(stream, start, head, &mut facts);
    let role_to = complement(stream, head, to, &mut facts);
    // "a Harbour High graduate and a county clerk": the first body's name belongs to the whole.
    let joined = (head + 1..role_to)
        .any(|i| stream.says(i, "and") && tokens.get(i + 1).is_some_and(|t| t.is(lex::DETERMINER)));
    let role_from = if joined { start } else { role_from };
    facts.role = range(role_from.min(head), role_to.max(head + 1));
    // "a Democrat from Norrland": the party says more than the place.
    let party = (start..=head).rfind(|&i| tokens[i].is(lex::PARTY) && tokens[i].capital);
    if let Some(party) = party
        && facts.affiliation.is_none_or(|name| {
            is_place(stream, name) || !(name.from..name.to).any(|i| tokens[i].capital)
        })
    {
        facts.affiliation = range(party, party + 1);
    }
    facts
}

/// The head of a role phrase: its last role word before what complements it.
pub fn head(stream: &Stream<'_>, from: usize, to: usize) -> Option<usize> {
    let mut head = None;
    for i in from..to {
        let token = &stream.tokens[i];
        // "University of Norrvik glaciologist": the preposition inside a name complements nothing.
        let inside = head.is_none() && i > from && is_name_word(stream, i - 1) && {
            let next = if stream.says(i + 1, "the") { i + 2 } else { i + 1 };
            next < to && is_name_word(stream, next)
        };
        if small_preposition(stream, i) && !inside || token.is(lex::RELATIVE) {
            break;
        }
        if token.punct(',') && head.is_some() {
            break;
        }
        if token.is(IS_ROLE | PERSON) && token.kind == Kind::Word {
            // "head and founder": both belong to the role; the first carries what stands before.
            if head.is_some() && (from..i).rev().take(3).any(|j| stream.says(j, "and")) {
                continue;
            }
            head = Some(i);
        }
    }
    head
}

/// Reads the names in front of the head at `head` into `facts`; gives back where the role begins.
fn names_before(stream: &Stream<'_>, start: usize, head: usize, facts: &mut Facts) -> usize {
    let tokens = &stream.tokens;
    let title_case = tokens[head].capital && !tokens[head].shout;
    // Words of the title itself: "Deputy Prime Minister", "Chief Market Strategist".
    let mut title = head;
    while tokens[head].capital
        && title > start
        && tokens[title - 1].kind == Kind::Word
        && tokens[title - 1].capital
        && !(tokens[title - 1].is(lex::PARTY)
            || tokens[title - 1].is(lex::ORGANISATION)
                && !tokens[title - 1].is(IS_ROLE | lex::RANK))
        && !is_division(stream, title - 1, start)
        && (tokens[title - 1].is(IS_ROLE | lex::RANK)
            || title_case
                && title == head
                && tokens[head].is(lex::PORTFOLIO)
                && !tokens[title - 1].is(lex::PLACE)
                && !tokens[title - 1].shout)
    {
        title -= 1;
    }
    let Some(from) = (start..title).find(|&i| is_name_word(stream, i)) else {
        // "a board spokeswoman": a body without a name before one who speaks for it.
        if facts.affiliation.is_none()
            && let Some(body) = (start..head).rev().find(|&i| tokens[i].is(lex::BODY))
            && body + 1 == head
            && !tokens[body].capital
            && tokens[head].is(lex::ANONYMOUS | lex::OFFICE)
            && !tokens[body].is(lex::ROLE)
            && !lists::known().no_bodies.has(stream.word(body))
        {
            let first = if body > start && is_plain(stream, body - 1) { body - 1 } else { body };
            facts.affiliation = range(first, body + 1);
        }
        return start;
    };
    if facts.affiliation.is_some() {
        return start;
    }
    // "Moscow-based expert", "Ottawa-born singer".
    let unnamed = |i: usize| {
        let word = stream.word(i);
        // "Atmospheric physics professor" at the start of a sentence is capital for that alone.
        let opens = !tokens[i].shout
            && !tokens.get(i + 1).is_some_and(|t| t.capital)
            && tokens[i].classes & !lex::TOPIC == 0
            && i.checked_sub(1).is_none_or(|before| {
                matches!(tokens[before].kind, Kind::Break | Kind::Punct | Kind::Quote)
                    && !tokens[before].punct(',')
            })
            && lists::known().adjective_tails.ends(word)
            && !stream.names().contains(&fold_key(word));
        // "Networks minister Lena Ortiz" at the start of a sentence: the first word of the office.
        let office = !tokens[i].shout
            && i + 1 == head
            && tokens[head].is(lex::PORTFOLIO)
            && !tokens[head].capital
            && (stream.word(i) == "Press"
                || !tokens[i].is(lex::PLACE | lex::PARTY | lex::ORGANISATION | lex::BODY))
            && i.checked_sub(1).is_none_or(|b| {
                matches!(tokens[b].kind, Kind::Break | Kind::Quote) || tokens[b].punct('.')
            })
            && !stream.names().contains(&fold_key(word));
        // "Study co-author Lena Ortiz", "Shadow transport secretary Lena Ortiz"
        let general = !tokens[i].shout
            && tokens[i].is(lex::DOCUMENT | lex::TOPIC | lex::RANK)
            && !tokens[i].is(lex::PLACE | lex::PARTY | lex::ORGANISATION | lex::BODY)
            && !tokens.get(i + 1).is_some_and(|t| t.capital)
            && !tokens[head].capital
            && i.checked_sub(1).is_none_or(|b| {
                matches!(tokens[b].kind, Kind::Break | Kind::Quote) || tokens[b].punct('.')
            });
        if opens || office || general {
            return true;
        }
        is_where(word)
            // "Conservative economist" at the start of a sentence: the party or the view?
            || tokens[i].is(lex::TOPIC)
                && !title_case
                && !tokens[head].capital
                && !tokens.get(i + 1).is_some_and(|t| t.capital)
                && i.checked_sub(1).is_none_or(|b| {
                    matches!(tokens[b].kind, Kind::Break | Kind::Quote) || tokens[b].punct('.')
                })
    };
    let first = (from..title).find(|&i| is_name_word(stream, i) && !unnamed(i));
    let Some(first) = first else { return start };
    // "Ivy League-trained", "West Norrland-based": past the last of such words.
    let hyphen = (first..title).rfind(|&i| is_where(stream.word(i)));
    let first = match hyphen {
        Some(last) => match (last + 1..title).find(|&i| is_name_word(stream, i)) {
            Some(next) => next,
            None => return start,
        },
        None => first,
    };
    let end = body_after(stream, first, name_end(stream, first, title), title);
    let name = Mention { from: first, to: end };
    if tokens[head].is(lex::PRIVATE) {
        return start;
    }
    let lead = (start..first).all(|i| tokens[i].is(lex::MODIFIER) || is_plain(stream, i));
    let before = |at: usize| if first > start && lead { start } else { at };
    // "Senate Majority Leader": a body of one word that the title itself names.
    if end > first && !tokens[end - 1].capital {
        // "the Ortiz campaign manager"
        facts.affiliation = Some(name);
        return before(end);
    }
    if let Some(last) = (first..end).rev().find(|&i| is_body_word(stream, i)) {
        // "Alberta Health Services nurse": up to the last word that makes it a body; the words
        // after it are the role's, "Foreign Ministry consular officer" or the name's.
        let topical = (last + 1..end).all(|i| tokens[i].is(lex::TOPIC));
        let last = if end == title && !title_case && !topical { end } else { last + 1 };
        // "Police Chief Ortiz", "School Superintendent Lind": a word for any such body names none.
        let any = last == first + 1
            && tokens[first].is(lex::BODY)
            && !tokens[first].shout
            && !lists::known().chambers.has(stream.word(first));
        if any {
            return start;
        }
        facts.affiliation = range(first, last);
        let inside = title_case
            && last == first + 1
            && !tokens[first].shout
            && !tokens[first].is(lex::PARTY)
            && tokens[first].is(lex::ORGANISATION)
            && title < head;
        return if inside { first } else { before(last) };
    }
    if is_place(stream, name) {
        // "Toronto city councillor", "Norwegian Vice-President": the place is part of the office.
        if tokens[head].is(lex::OFFICE) {
            facts.affiliation = Some(name);
        }
        return start;
    }
    let topic = (first..end).all(|i| tokens[i].is(lex::TOPIC | lex::PLACE))
        || end < head && !title_case && !(end..head).all(|i| ties(stream, i));
    let person = tokens[first].is(lex::MALE_NAME | lex::FEMALE_NAME) && end > first + 1;
    if topic || person || tokens[head].is(lex::FREE) {
        return start;
    }
    facts.affiliation = Some(name);
    before(end)
}

/// True for an adjective of place or kind in capitals: Norrvik-based, Emmy-winning.
fn is_where(word: &str) -> bool {
    lists::known().where_tails.ends(word)
}

/// True for "County" in "Harbour County Attorney": a word of the place, not of the title.
fn is_division(stream: &Stream<'_>, at: usize, floor: usize) -> bool {
    lists::known().divisions.has(stream.word(at))
        && at > floor
        && is_name_word(stream, at - 1)
        && !stream.tokens[at - 1].is(lex::RANK | IS_ROLE)
}

/// True for a word in small letters of no class: an adjective or a noun.
pub fn is_plain(stream: &Stream<'_>, at: usize) -> bool {
    let token = &stream.tokens[at];
    token.kind == Kind::Word
        && !token.capital
        && token.classes & !(lex::MODIFIER | lex::ADVERB | lex::RANK | lex::TOPIC | lex::SCORING)
            == 0
        && token.cue.is_none()
}

/// True for a word that may stand between an organisation's name and the role: "press secretary".
fn ties(stream: &Stream<'_>, at: usize) -> bool {
    let token = &stream.tokens[at];
    token.kind == Kind::Word && !token.is(lex::PREPOSITION | lex::DETERMINER)
        || token.kind == Kind::Punct && token.mark == '&'
}

/// Reads what follows the head; gives back where the role ends.
fn complement(stream: &Stream<'_>, head: usize, to: usize, facts: &mut Facts) -> usize {
    if !stream.lexicon.grammar.complete {
        return plain_complement(stream, head, to, facts);
    }
    let tokens = &stream.tokens;
    let private = tokens[head].is(lex::PRIVATE);
    let speaks = is_speaker_for(stream, head);
    let mut end = head + 1;
    let mut of = None;
    let mut at = head + 1;
    while at < to {
        if small_preposition(stream, at) {
            let word = stream.word(at);
            let tie = matches!(word, "at" | "for" | "with" | "from");
            let body = organisation(stream, at + 1, to);
            // "MP for Harbour East": whom an elected one stands for is part of the office.
            if word == "for"
                && tokens[head].is(lex::SEAT)
                && let Some(name) = body
                && !(name.from..name.to).any(|i| tokens[i].is(BODY_NAME))
            {
                facts.affiliation = facts.affiliation.or(Some(name));
                at = name.to;
                end = at;
                continue;
            }
            // "director of the Harbour Trust in 2010"
            if word == "in"
                && of.is_some()
                && tokens.get(at + 1).is_some_and(|t| t.kind == Kind::Number || t.is(lex::TIME))
            {
                end = at;
                break;
            }
            // "a person familiar with the talks"
            if matches!(stream.word(at - 1), "familiar" | "close" | "briefed" | "acquainted") {
                at += 1;
                end = at;
                continue;
            }
            // "chief economist for Europe at Harbour Capital", "U.N. envoy for Norrland": what the
            // office is for.
            if word == "for"
                && !speaks
                && let Some(name) = body
                && (is_place(stream, name) && (name.to..to).any(|i| stream.says(i, "at"))
                    || facts.affiliation.is_some()
                        && !(name.from..name.to).any(|i| tokens[i].is(BODY_NAME)))
            {
                at = name.to;
                end = at;
                continue;
            }
            if tie
                && let Some(name) =
                    body.or_else(|| speaks.then(|| noun_phrase(stream, at + 1, to)).flatten())
            {
                // "a mother of two from Norrvik": where she lives.
                if !private || (name.from..name.to).any(|i| tokens[i].is(BODY_NAME)) {
                    facts.affiliation = Some(name);
                }
                end = at;
                break;
            }
            // "co-founder with his father of Harbour Chocolate": a companion is no part of it.
            if word == "with" || word == "from" || word == "at" && of.is_none() {
                end = at;
                if let Some(later) = (at + 1..to.min(at + 6)).find(|&i| stream.says(i, "of"))
                    && let Some(name) = organisation(stream, later + 1, to)
                {
                    facts.affiliation = Some(name);
                }
                break;
            }
            // "a lawyer in Toronto", "a nurse in the Harbour Hospital".
            if word == "in" && body.is_some() && of.is_none() {
                end = at;
                let later =
                    (at + 1..to).find(|&i| stream.says(i, "at") && small_preposition(stream, i));
                let body = later.and_then(|i| organisation(stream, i + 1, to)).or(body);
                if let Some(name) = body
                    && (name.from..name.to).any(|i| tokens[i].is(lex::ORGANISATION))
                {
                    facts.affiliation = facts.affiliation.or(body);
                }
                break;
            }
            if word == "in" && body.is_some() {
                end = at;
                break;
            }
            if word == "of" && of.is_none() {
                of = Some(at);
                // "of the Centre for Harbour Studies": the small words inside the name.
                if let Some(name) = body
                    && tokens[name.from].capital
                {
                    at = name.to - 1;
                }
            }
            // "a farmer near Norrvik": where, or since when.
            if !matches!(
                word,
                "of" | "for"
                    | "on"
                    | "to"
                    | "in"
                    | "at"
                    | "with"
                    | "from"
                    | "by"
                    | "behind"
                    | "against"
                    | "about"
                    | "within"
                    | "under"
            ) {
                end = at;
                break;
            }
        }
        at += 1;
        end = at;
    }
    while end > head + 1
        && (tokens[end - 1].is(lex::PREPOSITION | lex::CONJUNCTION | lex::DETERMINER)
            && !tokens[end - 1].capital
            || tokens[end - 1].kind == Kind::Punct
            || tokens[end - 1].is(lex::TIME) && !tokens[end - 1].is(lex::ROLE)
            || tokens[end - 1].is(lex::ADVERB) && !tokens[end - 1].is(lex::ROLE))
    {
        end -= 1;
    }
    if !private
        && let Some(of) = of
        && of < end
        && let Some(name) = organisation(stream, of + 1, end)
        && facts.affiliation.is_none_or(|known| is_place(stream, known))
        && !tokens.get(name.to).is_some_and(|t| {
            name.to < end && t.kind == Kind::Word && !t.capital && t.classes & !lex::MODIFIER == 0
        })
    {
        facts.affiliation = Some(name);
    }
    end
}

/// In a language with a first lexicon: all that follows up to the preposition that ties to a body.
fn plain_complement(stream: &Stream<'_>, head: usize, to: usize, facts: &mut Facts) -> usize {
    let tokens = &stream.tokens;
    let tie = (head + 1..to).find(|&i| is_tie(stream, i) && body_of(stream, i + 1, to).is_some());
    let mut end = tie.unwrap_or(to);
    while end > head + 1
        && (tokens[end - 1].is(lex::PREPOSITION | lex::OF | lex::CONJUNCTION | lex::DETERMINER)
            || tokens[end - 1].kind == Kind::Punct)
    {
        end -= 1;
    }
    let body = body_of(stream, tie.map_or(head + 1, |tie| tie + 1), to);
    facts.affiliation = facts.affiliation.or(body);
    end
}

/// True for a preposition that ties a role to a body, in a language with a first lexicon.
pub fn is_tie(stream: &Stream<'_>, at: usize) -> bool {
    let ties = stream.lexicon.grammar.ties;
    !ties.is_empty() && small_preposition(stream, at) && ties.contains(&stream.word(at))
}

/// The body among tokens `from..to`, with what belongs to its name: université de Norrvik, Fundación
/// del Puerto.
pub fn body_of(stream: &Stream<'_>, from: usize, to: usize) -> Option<Mention> {
    let tokens = &stream.tokens;
    let to = to.min(tokens.len());
    let is_body = |i: usize| {
        let token = &tokens[i];
        token.kind == Kind::Word
            && (token.is(BODY_NAME) && !token.is(lex::ROLE)
                || token.capital && token.is(lex::PARTY)
                || token.shout && token.end - token.start > 1 && !token.is(lex::PLACE | lex::ROLE))
    };
    let start = (from..to).find(|&i| is_body(i))?;
    let mut end = start + 1;
    while end < to
        && tokens[end].kind == Kind::Word
        && tokens[end].cue.is_none()
        && !is_tie(stream, end)
        && !tokens[end].is(lex::RELATIVE | lex::AUXILIARY | lex::VERB | lex::SUBORDINATOR)
        && (tokens[end].is(lex::OF)
            // Institut für Meereskunde
            || end == start + 1
                && stream.lexicon.grammar.capital_nouns
                && tokens.get(end + 1).is_some_and(|t| t.capital)
            || !tokens[end].is(lex::PREPOSITION)
                && (!tokens[end].is(lex::CONJUNCTION)
                    || tokens[end - 1].capital
                        && tokens.get(end + 1).is_some_and(|t| t.capital && !t.is(lex::ROLE))))
    {
        end += 1;
    }
    while tokens[end - 1].is(lex::OF | lex::DETERMINER) && end > start + 1 {
        end -= 1;
    }
    range(start, end)
}

/// True for who speaks for somebody: "spokesman", "communications officer".
pub fn is_speaker_for(stream: &Stream<'_>, head: usize) -> bool {
    let begins = |word: &str, with: &str| {
        word.get(..with.len()).is_some_and(|start| start.eq_ignore_ascii_case(with))
    };
    begins(stream.word(head), "spokes")
        || head > 0
            && ["communications", "press", "media"].iter().any(|word| stream.says(head - 1, word))
}

/// A phrase without a name, up to the next preposition or mark: "the protest camp".
fn noun_phrase(stream: &Stream<'_>, from: usize, to: usize) -> Option<Mention> {
    let tokens = &stream.tokens;
    let start = if tokens.get(from)?.is(lex::DETERMINER) { from + 1 } else { from };
    let end = (start..to)
        .find(|&i| {
            tokens[i].kind != Kind::Word
                || tokens[i].is(lex::PREPOSITION
                    | lex::RELATIVE
                    | lex::CONJUNCTION
                    | lex::AUXILIARY
                    | lex::PRONOUN
                    | lex::DETERMINER)
        })
        .unwrap_or(to);
    range(start, end)
}

/// Where the name that begins at `from` ends, with the small words inside it: "Centre for the
/// National Interest", "Teachers' Guild", "Bank of Norrland".
pub fn name_end(stream: &Stream<'_>, from: usize, to: usize) -> usize {
    let tokens = &stream.tokens;
    let to = to.min(tokens.len());
    let mut at = from;
    let name = |i: usize| i < to && is_name_word(stream, i);
    while at < to {
        let token = &tokens[at];
        // "of the", "for the" before a name.
        let reach = if at + 1 < to && stream.says(at + 1, "the") { 2 } else { 1 };
        let next_name = name(at + reach) && !tokens[at + reach].is(lex::TITLE);
        let bodied = (from..at).any(|i| tokens[i].is(BODY_NAME | lex::GROUP));
        let joins = at > from
            && token.kind == Kind::Word
            && !token.capital
            && match stream.word(at) {
                "of" | "de" | "du" | "des" | "against" => next_name,
                "and" | "&" => name(at + 1) && !tokens[at + 1].is(IS_ROLE),
                "for" | "on" => next_name && (bodied || reach == 1),
                "the" => name(at + 1) && !tokens[at - 1].capital,
                "to" => name(at + 1) && stream.word(at + 1) == stream.word(at - 1),
                _ => false,
            };
        // "Access Now", "Peace By Chocolate": a capital within a name makes any word part of it.
        let inner = token.kind == Kind::Word
            && token.capital
            && at > from
            && (token.is(lex::ADVERB) || name(at + 1) && !token.is(lex::TIME | lex::PRONOUN));
        let possessive = at > from && joins_possessive(stream, at);
        let taken = is_name_word(stream, at)
            || joins
            || inner
            || possessive
            || token.kind == Kind::Number && at > from
            || token.punct('&') && name(at + 1);
        if !taken {
            break;
        }
        at += 1;
    }
    at
}

/// Where a name with the body's plain word after it ends: "Ortiz campaign", "Skarrow camp".
fn body_after(stream: &Stream<'_>, from: usize, end: usize, to: usize) -> usize {
    let plain = |i: usize| {
        i < to
            && stream.tokens[i].kind == Kind::Word
            && !stream.tokens[i].capital
            && stream.tokens[i].is(lex::BODY)
            && !lists::known().areas.has(stream.word(i))
    };
    let bodied =
        (from..end).any(|i| stream.tokens[i].is(lex::ORGANISATION) && stream.tokens[i].capital);
    if plain(end) && !bodied { end + 1 } else { end }
}

/// True where the possessive mark at `at` stands inside a name: "Teachers' Guild", "St. Olav's
/// Hospital", "People's Party"; not in "Ottawa's Harbour Institute".
pub fn joins_possessive(stream: &Stream<'_>, at: usize) -> bool {
    /// Words after the mark among which the body's own word stands.
    const REACH: usize = 4;
    let tokens = &stream.tokens;
    if at == 0 || tokens[at].kind != Kind::Possessive || !is_name_word(stream, at + 1) {
        return false;
    }
    let body = (at + 1..at + 1 + REACH)
        .take_while(|&i| is_name_word(stream, i))
        .any(|i| tokens[i].is(lex::ORGANISATION));
    let word = stream.word(at - 1).to_ascii_lowercase();
    let plural = stream.word(at).chars().count() == 1 && !tokens[at - 1].is(lex::PLACE);
    let common = lists::known().owners.has(&word);
    let saint = at > 1 && matches!(stream.word(at - 2).trim_end_matches('.'), "St" | "Saint");
    body && (plural && tokens[at - 1].capital || common || saint)
}

/// The organisation in a phrase: "the digital rights group Access Now" → Access Now; "the Foreign
/// Ministry's department" → the possessor.
pub fn organisation(stream: &Stream<'_>, from: usize, to: usize) -> Option<Mention> {
    let tokens = &stream.tokens;
    let to = to.min(tokens.len());
    let mut at = from;
    while at < to && (!is_name_word(stream, at) || stream.word(at).ends_with("-based")) {
        let token = &tokens[at];
        if !token.wordy()
            || token.is(lex::PREPOSITION
                | lex::RELATIVE
                | lex::AUXILIARY
                | lex::SUBORDINATOR
                | lex::PRONOUN)
                && !token.is(lex::DETERMINER)
        {
            break;
        }
        at += 1;
    }
    if at >= to || !is_name_word(stream, at) {
        // "chairwoman of the commission": a body without a name.
        let phrase = noun_phrase(stream, from, at.max(from))?;
        let head = phrase.to - 1;
        let plain = tokens[head].is(BODY_NAME)
            && !tokens[head].is(lex::ROLE)
            && !lists::known().plain_nouns.has(stream.word(head));
        return plain.then_some(phrase);
    }
    // "Mr. Ortiz's plan": a person; "South Norrland-based": where, not what.
    // "Queen Anne University": a body.
    let titled = tokens[at].is(lex::TITLE) && !tokens[at].is(lex::ORGANISATION);
    if titled && !(at..name_end(stream, at, to)).any(|i| tokens[i].is(lex::ORGANISATION)) {
        return None;
    }
    let hyphen = (at..name_end(stream, at, to)).rfind(|&i| is_where(stream.word(i)));
    let start = hyphen.map_or(at, |i| i + 1);
    if start >= to || !is_name_word(stream, start) {
        return hyphen.and_then(|i| organisation(stream, i + 1, to));
    }
    let end = name_end(stream, start, to);
    if end == start + 1 && stream.word(start) == "State" {
        return None;
    }
    let body = (start..end).any(|i| tokens[i].is(lex::ORGANISATION));
    // "Ottawa's Bariatric Institute": a place possesses the organisation.
    if !body && end < to && tokens[end].kind == Kind::Possessive && is_name_word(stream, end + 1) {
        return organisation(stream, end + 1, to);
    }
    // "the California tech giant Oracle", "the Norrland justice department".
    if !body && end < to && tokens[end].kind == Kind::Word && !tokens[end].capital {
        if is_place(stream, Mention { from: start, to: end })
            && tokens[end].classes & !(lex::BODY | lex::GROUP) == 0
            && let Some(later) = organisation(stream, end, to)
            && tokens[later.to - 1].capital
        {
            return Some(later);
        }
        // "an all-girls Catholic school": what stands before the name is part of the description.
        let bodied = body_after(stream, start, end, to);
        if bodied > end {
            let described = (from..start)
                .rev()
                .take_while(|&i| is_plain(stream, i))
                .last()
                .filter(|_| (start..end).all(|i| tokens[i].is(lex::TOPIC | lex::PLACE)));
            return range(described.unwrap_or(start), bodied);
        }
        // "the Norrland justice department"
        if is_place(stream, Mention { from: start, to: end })
            && end + 1 < to
            && is_plain(stream, end)
            && tokens[end + 1].is(lex::BODY)
        {
            return range(start, end + 2);
        }
    }
    // "mother of Lena Ortiz": a person is no organisation.
    let given = tokens[start].is(lex::MALE_NAME | lex::FEMALE_NAME);
    if given && !body && end > start + 1 {
        return None;
    }
    range(start, end)
}

/// The body with a name that "the commission" means: the last one before it with that word.
pub fn named_body(stream: &Stream<'_>, plain: Mention) -> Option<Mention> {
    /// Tokens looked back over: two thousand words of an article.
    const REACH: usize = 2500;
    let head = fold_key(stream.word(plain.to - 1));
    let floor = plain.from.saturating_sub(REACH);
    let at = (floor + 1..plain.from).rev().find(|&i| {
        stream.tokens[i].capital && is_name_word(stream, i - 1) && fold_key(stream.word(i)) == head
    })?;
    let mut from = at;
    while from > floor
        && (is_name_word(stream, from - 1)
            || joins_possessive(stream, from - 1)
            || from > 1
                && matches!(stream.word(from - 1), "of" | "for" | "and" | "&")
                && is_name_word(stream, from - 2))
    {
        from -= 1;
    }
    let to = name_end(stream, from, at + 10);
    range(from, to)
}
