//! What the article says a speaker is: mentions → role and affiliation, verbatim.
//!
//! Looks before the name ("AHC Chair Lena Ortiz"), after it (", a lawyer at the fund", ", who serves
//! as …", "of the union") and at "Ortiz is the …", over all mentions in the article. Refuses to take
//! somebody else's apposition and to expand what is printed.

use super::lexicon as lex;
use super::sources::{Mention, is_name_word};
use super::tokens::{Kind, Stream};

/// What one place of the article says of somebody; byte ranges.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Facts {
    /// What the speaker is.
    pub role: Option<(usize, usize)>,
    /// The organisation it belongs to.
    pub affiliation: Option<(usize, usize)>,
}

/// Mentions looked at for one speaker: roles stand at the first ones.
const MENTIONS: usize = 24;
/// Longest role phrase in tokens.
const LONGEST: usize = 34;

/// The role and affiliation of somebody named at `mentions`.
#[must_use]
pub fn of_mentions(stream: &Stream<'_>, mentions: &[Mention]) -> Facts {
    let mut best = Facts::default();
    let mut prefix = Facts::default();
    for mention in mentions.iter().take(MENTIONS) {
        let after = after_name(stream, mention.to);
        if best.role.is_none() && after.role.is_some() {
            best.role = after.role;
            if after.affiliation.is_some() {
                best.affiliation = after.affiliation;
            }
        }
        best.affiliation = best.affiliation.or(after.affiliation);
        let before = before_name(stream, mention.from);
        if prefix.role.is_none()
            || prefix.affiliation.is_none() && before.affiliation.is_some() && before.role.is_some()
        {
            prefix.role = before.role.or(prefix.role);
        }
        prefix.affiliation = prefix.affiliation.or(before.affiliation);
    }
    Facts { role: best.role.or(prefix.role), affiliation: best.affiliation.or(prefix.affiliation) }
}

/// Role and affiliation out of a description: "a U.S. State Department official".
#[must_use]
pub fn of_description(stream: &Stream<'_>, phrase: Mention) -> Facts {
    parse(stream, phrase.from, phrase.to)
}

fn bytes(stream: &Stream<'_>, from: usize, to: usize) -> Option<(usize, usize)> {
    (from < to).then(|| (stream.tokens[from].start as usize, stream.tokens[to - 1].end as usize))
}

const IS_ROLE: u64 = lex::ROLE | lex::TITLE | lex::ANONYMOUS;

/// "AHC Chair Ortiz", "EFF's Ortiz", "Clinton spokesman Ortiz".
fn before_name(stream: &Stream<'_>, name: usize) -> Facts {
    let tokens = &stream.tokens;
    let stop = name.saturating_sub(LONGEST / 2);
    let mut from = name;
    let mut role_seen = false;
    while from > stop {
        let token = &tokens[from - 1];
        let take = match token.kind {
            Kind::Word if token.is(IS_ROLE) => true,
            Kind::Word
                if token.is(lex::TIME
                    | lex::AUXILIARY
                    | lex::SUBORDINATOR
                    | lex::PRONOUN
                    | lex::RELATIVE
                    | lex::VERB) =>
            {
                false
            }
            Kind::Word if token.is(lex::DETERMINER) => false,
            Kind::Word if is_name_word(stream, from - 1) => true,
            Kind::Word if token.is(lex::PREPOSITION) => {
                // Secretary of State Ortiz
                stream.says(from - 1, "of") && from >= 2 && tokens[from - 2].is(IS_ROLE)
            }
            Kind::Word if token.is(lex::CONJUNCTION) => {
                role_seen
                    && from >= 2
                    && stream.says(from - 1, "and")
                    && tokens[from - 2].kind == Kind::Word
                    && !tokens[from - 2].capital
                    && (tokens[from - 2].is(IS_ROLE)
                        || tokens[from - 2].classes == 0 && tokens[from - 2].cue.is_none())
            }
            Kind::Word if token.cue.is_some() && !token.is(IS_ROLE) => false,
            // Small words before a title's capitals belong to another phrase.
            Kind::Word if from < name && is_name_word(stream, from) => false,
            Kind::Word => role_seen && !token.is(lex::ADVERB),
            Kind::Possessive => true,
            _ => false,
        };
        if !take {
            break;
        }
        role_seen |= token.is(IS_ROLE);
        from -= 1;
    }
    while from < name
        && (tokens[from].kind == Kind::Possessive
            || tokens[from].is(lex::CONJUNCTION | lex::PREPOSITION))
    {
        from += 1;
    }
    if from >= name {
        // "says Ortiz's partner, Bo Lind": the description before the comma.
        if name >= 2
            && tokens[name - 1].punct(',')
            && let Some(phrase) = clause_before(stream, name - 1)
            && (phrase.from..phrase.to)
                .take_while(|&i| !tokens[i].is(lex::PREPOSITION) || tokens[i].capital)
                .any(|i| {
                    tokens[i].is(IS_ROLE | lex::MALE_NOUN | lex::FEMALE_NOUN) && !tokens[i].capital
                })
            && (tokens[phrase.from].is(lex::DETERMINER)
                || (phrase.from..phrase.to).any(|i| tokens[i].kind == Kind::Possessive))
        {
            return parse(stream, phrase.from, phrase.to);
        }
        return Facts::default();
    }
    if !role_seen {
        // "EFF's Ortiz", "the fund's Ortiz": the possessor, nothing between.
        if tokens[name - 1].kind == Kind::Possessive
            && is_name_word(stream, name - 2)
            && name - 1 > from
        {
            let start = (from..name - 1)
                .rev()
                .take_while(|&i| is_name_word(stream, i))
                .last()
                .unwrap_or(from);
            return Facts { role: None, affiliation: bytes(stream, start, name - 1) };
        }
        return Facts::default();
    }
    if !tokens[name - 1].is(IS_ROLE | lex::SUFFIX) && !(from..name).any(|i| stream.says(i, "of")) {
        return Facts::default();
    }
    // "Mr. Ortiz": a form of address is no role.
    if name - from == 1 && is_address(stream, from) {
        return Facts::default();
    }
    parse(stream, from, name)
}

/// The phrase between the last mark, quotation, verb or conjunction and the comma at `comma`.
fn clause_before(stream: &Stream<'_>, comma: usize) -> Option<Mention> {
    let stop = comma.saturating_sub(LONGEST / 2);
    let mut from = comma;
    while from > stop {
        let token = &stream.tokens[from - 1];
        let ends = matches!(token.kind, Kind::Punct | Kind::Quote | Kind::Break)
            || token.kind == Kind::Word
                && !token.capital
                && (token.is(lex::AUXILIARY | lex::SUBORDINATOR | lex::VERB)
                    && !token.is(lex::DETERMINER)
                    || token.cue.is_some() && !token.is(IS_ROLE | lex::DOCUMENT))
            || token.is(lex::CONJUNCTION) && token.capital;
        if ends {
            break;
        }
        from -= 1;
    }
    (from < comma).then_some(Mention { from, to: comma })
}

fn is_address(stream: &Stream<'_>, at: usize) -> bool {
    matches!(
        stream.word(at).trim_end_matches('.').to_ascii_lowercase().as_str(),
        "mr" | "mrs"
            | "ms"
            | "miss"
            | "dr"
            | "mme"
            | "mlle"
            | "m"
            | "herr"
            | "frau"
            | "señor"
            | "señora"
    )
}

/// ", a lawyer at the fund", ", who serves as …", "(D-Ohio)", "of the union", "is the head of …".
fn after_name(stream: &Stream<'_>, name_end: usize) -> Facts {
    let tokens = &stream.tokens;
    let Some(first) = tokens.get(name_end) else { return Facts::default() };
    if first.punct('(') {
        let code = name_end + 1;
        let inner = stream.word(code);
        let closes = (code..(code + 6).min(tokens.len())).find(|&i| tokens[i].punct(')'));
        let mut facts = Facts::default();
        if let Some(close) = closes {
            if party_code(inner) {
                facts.affiliation = bytes(stream, code, close);
            }
            let next = after_name(stream, close + 1);
            facts.role = next.role;
            facts.affiliation = next.affiliation.or(facts.affiliation);
        }
        return facts;
    }
    if first.kind == Kind::Word
        && (stream.says(name_end, "of")
            || stream.says(name_end, "from")
            || stream.says(name_end, "with")
            || stream.says(name_end, "at"))
    {
        let affiliation = organisation(stream, name_end + 1, name_end + 14);
        let mut facts = Facts { role: None, affiliation };
        // "Ortiz of Norrland, the chair of the board,"
        if let Some((_, end)) = affiliation
            && let Some(comma) = (name_end + 1..name_end + 15)
                .find(|&i| tokens.get(i).is_some_and(|t| t.start as usize >= end))
            && tokens[comma].punct(',')
        {
            let next = apposition(stream, comma + 1);
            facts.role = next.role;
            facts.affiliation = next.affiliation.or(facts.affiliation);
        }
        return facts;
    }
    if ["is", "was", "who"].iter().any(|word| stream.says(name_end, word)) {
        return predicate(
            stream,
            if stream.says(name_end, "who") { name_end + 1 } else { name_end },
        );
    }
    if !(first.punct(',') || first.punct('—')) {
        return Facts::default();
    }
    let mut at = name_end + 1;
    // An age, or a party code, then more.
    while let Some(token) = tokens.get(at) {
        let aside = token.kind == Kind::Number && tokens.get(at + 1).is_some_and(|t| t.punct(','));
        if aside {
            at += 2;
            continue;
        }
        if party_code(stream.word(at)) {
            let end =
                (at..(at + 5).min(tokens.len())).find(|&i| tokens[i].punct(',')).unwrap_or(at + 1);
            let mut facts = Facts { role: None, affiliation: bytes(stream, at, end) };
            if tokens.get(end).is_some_and(|t| t.punct(',')) {
                let next = apposition(stream, end + 1);
                facts.role = next.role;
                facts.affiliation = next.affiliation.or(facts.affiliation);
            }
            return facts;
        }
        break;
    }
    if stream.says(at, "who") {
        return predicate(stream, at + 1);
    }
    apposition(stream, at)
}

fn party_code(word: &str) -> bool {
    ["D-", "R-", "I-"].iter().any(|code| word.starts_with(code)) && word.len() <= 9
        || matches!(word, "D" | "R")
}

/// "is the director of …", "serves as …", "has been …".
fn predicate(stream: &Stream<'_>, from: usize) -> Facts {
    let tokens = &stream.tokens;
    let mut at = from;
    let mut copula = false;
    while let Some(token) = tokens.get(at) {
        if at > from + 5 || token.kind != Kind::Word {
            break;
        }
        let word = stream.word(at);
        if matches!(word, "is" | "was" | "been" | "became" | "as") {
            copula = true;
        } else if !(token.is(lex::ADVERB | lex::AUXILIARY)
            || matches!(word, "serves" | "served" | "works" | "worked" | "acts" | "acted"))
        {
            break;
        }
        at += 1;
    }
    if !copula {
        return Facts::default();
    }
    if stream.says(at, "no") {
        return Facts::default();
    }
    let possessed = is_name_word(stream, at)
        && (at..at + 5).any(|i| stream.tokens.get(i).is_some_and(|t| t.kind == Kind::Possessive));
    if possessed
        || stream.tokens.get(at).is_some_and(|t| {
            t.is(lex::DETERMINER | lex::ROLE | lex::TITLE)
                || stream.tokens[at - 1].kind == Kind::Word && stream.says(at - 1, "as")
        })
    {
        apposition(stream, at)
    } else {
        Facts::default()
    }
}

/// A role phrase that begins at `from` and ends at the next mark or verb.
fn apposition(stream: &Stream<'_>, from: usize) -> Facts {
    let tokens = &stream.tokens;
    let mut to = from;
    let mut role_seen = false;
    while to < tokens.len() && to - from < LONGEST {
        let token = &tokens[to];
        let stop = match token.kind {
            Kind::Punct => token.mark != '&',
            Kind::Break => true,
            Kind::Quote => !(is_name_word(stream, to + 1)),
            Kind::Word => {
                token.is(lex::RELATIVE) && !stream.says(to, "that")
                    || token.is(lex::AUXILIARY | lex::SUBORDINATOR)
                    || token.is(lex::VERB) && role_seen && !token.is(lex::ROLE)
                    || token.cue.is_some()
                        && !token.capital
                        && role_seen
                        && !token.is(lex::ROLE | lex::DOCUMENT | lex::ANONYMOUS)
                        && token.cue.is_some_and(|c| {
                            c.takes & lex::takes::NOUN == 0 && c.tense != lex::Tense::Ing
                        })
                    || token.is(lex::TIME) && token.capital && role_seen
                    || token.is(lex::PRONOUN)
            }
            _ => false,
        };
        if stop {
            // "…, a ministry official said": the attribution of somebody else.
            let said = token.cue.is_some_and(|c| {
                c.takes & lex::takes::QUOTE != 0
                    && matches!(c.tense, lex::Tense::Past | lex::Tense::Third)
            });
            if said && role_seen && !token.capital {
                return Facts::default();
            }
            break;
        }
        role_seen |= token.is(IS_ROLE | lex::MALE_NOUN | lex::FEMALE_NOUN) && !token.is(lex::GROUP);
        to += 1;
    }
    // ", vice-president, external affairs for Open Net": the office goes on after a comma.
    if role_seen && tokens.get(to).is_some_and(|t| t.punct(',')) {
        let next = (to + 1..to + 5).find(|&i| {
            !tokens
                .get(i)
                .is_some_and(|t| t.kind == Kind::Word && !t.capital && t.classes & !lex::ROLE == 0)
        });
        if let Some(preposition) = next
            && preposition > to + 1
            && matches!(stream.word(preposition), "for" | "at" | "of")
            && !(from..to).any(|i| tokens[i].is(lex::PREPOSITION))
            && let Some((_, end)) = organisation(stream, preposition + 1, preposition + 10)
        {
            to = (preposition..tokens.len())
                .find(|&i| tokens[i].end as usize >= end)
                .map_or(to, |i| i + 1);
        }
    }
    if !role_seen || to == from {
        return Facts::default();
    }
    // The head must come early and not inside "of …": "a group of senators" is nobody's role.
    let head = (from..to).find(|&i| tokens[i].is(IS_ROLE | lex::MALE_NOUN | lex::FEMALE_NOUN));
    let preposition = (from..to).find(|&i| tokens[i].is(lex::PREPOSITION) && !tokens[i].capital);
    if let (Some(head), Some(preposition)) = (head, preposition)
        && head > preposition
    {
        return Facts::default();
    }
    // ", president Ortiz said" would be the next one's title: a name must not end the phrase at once.
    parse(stream, from, to)
}

/// Splits "senior researcher at the group Human Rights Watch" into role and affiliation.
fn parse(stream: &Stream<'_>, from: usize, to: usize) -> Facts {
    let tokens = &stream.tokens;
    let mut start = from;
    let mut facts = Facts::default();
    while start < to
        && (tokens[start].is(lex::DETERMINER) && !is_name_word(stream, start)
            || tokens[start].is(lex::ADVERB | lex::CONJUNCTION) && !is_name_word(stream, start)
            || tokens[start].kind == Kind::Punct
            || stream.word(start).ends_with("-year-old"))
    {
        start += 1;
    }
    // A possessor: "the fund's director".
    if let Some(possessive) =
        (start..to.min(start + 7)).find(|&i| tokens[i].kind == Kind::Possessive)
        && !(start..possessive)
            .any(|i| tokens[i].is(lex::PREPOSITION | lex::ROLE) && !tokens[i].capital)
        && possessive + 1 < to
        && (possessive + 1..to).any(|i| tokens[i].is(IS_ROLE | lex::MALE_NOUN | lex::FEMALE_NOUN))
    {
        facts.affiliation = organisation(stream, start, possessive);
        start = possessive + 1;
    }
    // "State Department official", "TDT artistic director": an organisation in front.
    let capitals = (start..to)
        .take_while(|&i| {
            // "a Republican state senator": the party ties, though it is a role of its own.
            let party =
                tokens[i].is(lex::PARTY) && i + 1 < to && !tokens[i + 1].is(lex::PREPOSITION);
            is_name_word(stream, i) && (!tokens[i].is(IS_ROLE) || party)
        })
        .count();
    let after = start + capitals;
    // "Health Minister", "Senate Majority Leader": the capitals are the title's own, but for an
    // organisation in front of more than one word.
    let titled =
        after < to && tokens[after].capital && tokens[after].is(IS_ROLE) && !tokens[after].shout;
    if titled && capitals > 0 && facts.affiliation.is_none() {
        let last = (start..after).rev().find(|&i| {
            tokens[i].is(lex::ORGANISATION | lex::PARTY | lex::BODY)
                || tokens[i].shout && !tokens[i].is(lex::PLACE)
        });
        if let Some(last) = last {
            facts.affiliation = bytes(stream, start, last + 1);
            if last + 1 < after || tokens[last].shout || last > start {
                start = last + 1;
            }
        } else if tokens[start].is(lex::PLACE) && tokens[after].is(lex::OFFICE) {
            // "Norwegian Vice-President": the place is part of the title.
            let places = (start..after).take_while(|&i| tokens[i].is(lex::PLACE)).count();
            facts.affiliation = bytes(stream, start, start + places);
        }
    } else if capitals > 0 && after < to && facts.affiliation.is_none() {
        let body = (start..after).any(|i| {
            tokens[i].is(lex::ORGANISATION | lex::PARTY | lex::BODY)
                || tokens[i].shout && !tokens[i].is(lex::PLACE)
        });
        let places = (start..after).all(|i| tokens[i].is(lex::PLACE));
        let office = (after..to).any(|i| tokens[i].is(lex::OFFICE));
        let speaks_for = office
            || (after..to).any(|i| {
                tokens[i].is(lex::ANONYMOUS)
                    || tokens[i].is(lex::MALE_NOUN | lex::FEMALE_NOUN)
                    || stream.says(i, "director")
                    || stream.says(i, "manager")
            });
        if !places && (body || speaks_for) {
            facts.affiliation = bytes(stream, start, after);
            start = after;
        } else if places && office {
            // "Toronto city councillor": the place is part of the office.
            facts.affiliation = bytes(stream, start, after);
        }
    }
    // "a board spokeswoman": a body without a name before one who speaks for it.
    if facts.affiliation.is_none()
        && start + 1 < to
        && !tokens[start].capital
        && tokens[start].is(lex::BODY)
        && tokens[start + 1].is(lex::ANONYMOUS)
    {
        facts.affiliation = bytes(stream, start, start + 1);
    }
    // The role runs to "at", "for", "with" or "from" an organisation.
    let mut end = start;
    let mut of = None;
    while end < to {
        let token = &tokens[end];
        if token.kind == Kind::Word && !token.capital && token.is(lex::PREPOSITION) && end > start {
            let word = stream.word(end);
            if matches!(word, "at" | "for" | "with" | "from" | "in" | "on" | "to") {
                let body = organisation(stream, end + 1, to);
                if matches!(word, "at" | "for" | "with" | "from")
                    && (body.is_some() || word != "from")
                {
                    facts.affiliation = body.or(facts.affiliation);
                    break;
                }
                if word == "in" && body.is_some() {
                    break;
                }
            }
            if word == "of" && of.is_none() {
                of = Some(end);
            }
        }
        end += 1;
    }
    while end > start
        && (tokens[end - 1].is(lex::PREPOSITION | lex::CONJUNCTION | lex::DETERMINER)
            && !tokens[end - 1].capital
            || tokens[end - 1].is(lex::ADVERB) && !tokens[end - 1].is(lex::ROLE))
    {
        end -= 1;
    }
    if (start..end).any(|i| tokens[i].is(IS_ROLE | lex::MALE_NOUN | lex::FEMALE_NOUN)) {
        facts.role = bytes(stream, start, end);
    }
    if facts.affiliation.is_none()
        && let Some(of) = of
    {
        facts.affiliation = organisation(stream, of + 1, end);
    }
    facts
}

/// The organisation in a phrase: "the digital rights group Access Now" → Access Now; "the Foreign
/// Ministry's department" → the possessor.
fn organisation(stream: &Stream<'_>, from: usize, to: usize) -> Option<(usize, usize)> {
    let tokens = &stream.tokens;
    let to = to.min(tokens.len());
    let mut at = from;
    while at < to && !is_name_word(stream, at) {
        let token = &tokens[at];
        if !token.wordy()
            || token.is(lex::PREPOSITION | lex::RELATIVE | lex::AUXILIARY | lex::SUBORDINATOR)
        {
            return None;
        }
        at += 1;
    }
    if at >= to {
        // "chairwoman of the commission": a body without a name.
        let head = (from..to).rev().find(|&i| tokens[i].kind == Kind::Word)?;
        let start = if tokens[from].is(lex::DETERMINER) { from + 1 } else { from };
        let plain = tokens[head].is(lex::BODY | lex::ORGANISATION)
            && start <= head
            && !tokens[head].is(lex::ROLE);
        return plain.then(|| bytes(stream, start, head + 1)).flatten();
    }
    if stream.word(at).ends_with("-based") && is_name_word(stream, at + 1) {
        at += 1;
    }
    let start = at;
    while at < to {
        let token = &tokens[at];
        let next_name = is_name_word(stream, at + 1) && at + 1 < to;
        let small = token.kind == Kind::Word && !token.capital;
        let joins = small
            && (matches!(
                stream.word(at),
                "of" | "for" | "and" | "on" | "&" | "de" | "du" | "against"
            ) && next_name
                || stream.says(at, "of")
                    && stream.says(at + 1, "the")
                    && is_name_word(stream, at + 2)
                    && at + 2 < to
                || stream.says(at, "the") && at > start && next_name);
        // "Access Now": a capital within a name makes any word part of it.
        let inner =
            token.kind == Kind::Word && token.capital && at > start && token.is(lex::ADVERB);
        if is_name_word(stream, at)
            || inner
            || joins
            || token.kind == Kind::Number && at > start
            || token.punct('&')
        {
            at += 1;
        } else {
            break;
        }
    }
    let body = (start..at).any(|i| tokens[i].is(lex::ORGANISATION));
    // "Ottawa's Bariatric Institute": a place possesses the organisation.
    if !body && at < to && tokens[at].kind == Kind::Possessive && is_name_word(stream, at + 1) {
        return organisation(stream, at + 1, to);
    }
    // "the California tech giant Oracle": a place before the organisation's description.
    if !body
        && (start..at).all(|i| tokens[i].is(lex::PLACE))
        && tokens.get(at).is_some_and(|t| {
            t.kind == Kind::Word && !t.capital && t.classes & !(lex::BODY | lex::GROUP) == 0
        })
        && at < to
    {
        let later = organisation(stream, at, to);
        if later.is_some() {
            return later;
        }
    }
    // "… and Google" after "of law enforcement": a joined second body is left out with its verb.
    (at > start).then(|| bytes(stream, start, at)).flatten()
}
