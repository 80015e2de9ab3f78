//! What stands beside a name: the title before it, the apposition, clause or parenthesis after it.
//!
//! Token positions of a name → [`Facts`]. Refuses to take the attribution of somebody else ("…, a
//! ministry official said") and the object of a verb for a title.

use super::clause::{clause, one_of_end, tie};
use super::phrase::{body_of, is_place, is_tie, name_end, organisation, parse};
use super::{Facts, IS_ROLE, LONGEST, PERSON};
use crate::quote::lexicon as lex;
use crate::quote::lexicon::lists;
use crate::quote::sources::{Mention, is_honour, is_name_word};
use crate::quote::tokens::{Kind, Stream};

/// "AHC Chair Ortiz", "EFF's Ortiz", "Clinton spokesman Ortiz", "says Ortiz's partner, Bo Lind",
/// "the councillors, Bo Lind and Lena Ortiz".
pub fn before_name(stream: &Stream<'_>, name: usize) -> Facts {
    let tokens = &stream.tokens;
    // "Pope Leontius": the title in the name is the role, but for a mere style.
    if tokens.get(name).is_some_and(|t| t.is(lex::NOBLE))
        && is_name_word(stream, name + 1)
        && lists::known().styles.has(stream.word(name))
    {
        return Facts { role: Some(Mention { from: name, to: name + 1 }), affiliation: None };
    }
    let from = title_start(stream, name);
    if from >= name {
        let described = described_before(stream, name);
        return if described == Facts::default() { listed(stream, name) } else { described };
    }
    let role_seen = (from..name).any(|i| tokens[i].is(IS_ROLE));
    if !role_seen {
        // "EFF's Ortiz", "the fund's Ortiz": the possessor, nothing between.
        if tokens[name - 1].kind == Kind::Possessive
            && name - 1 > from
            && is_name_word(stream, name - 2)
        {
            let start = (from..name - 1)
                .rev()
                .take_while(|&i| is_name_word(stream, i) || tokens[i].punct('&'))
                .last()
                .unwrap_or(from);
            let given = tokens[start].is(lex::MALE_NAME | lex::FEMALE_NAME);
            if !given {
                let affiliation = Some(Mention { from: start, to: name - 1 });
                return Facts { role: None, affiliation };
            }
        }
        return Facts::default();
    }
    let of_body = tokens[name - 1].is(lex::BODY);
    if !tokens[name - 1].is(IS_ROLE | lex::SUFFIX)
        && !of_body
        && stream.lexicon.grammar.complete
        && !(from..name).any(|i| stream.says(i, "of"))
    {
        return Facts::default();
    }
    // "Mr. Ortiz", "co-author Dr. Ortiz": a form of address is no role.
    let to = name - usize::from(is_address(stream, name - 1));
    if from == to {
        // "The headteacher, Mrs Ortiz"
        return described_before(stream, from);
    }
    parse(stream, from, to)
}

/// Where the title in front of a name begins; `name` itself where there is none.
fn title_start(stream: &Stream<'_>, name: usize) -> usize {
    let tokens = &stream.tokens;
    if !stream.lexicon.grammar.complete
        && let Some(from) = office_before(stream, name)
    {
        return from;
    }
    // "Leader of the council Jane Orr"
    if name > 0
        && !tokens[name - 1].capital
        && tokens[name - 1].is(lex::BODY)
        && let Some(from) = office_before(stream, name)
        && stream.tokens[from..name].iter().any(|t| t.is(lex::OF))
    {
        return from;
    }
    let stop = name.saturating_sub(LONGEST / 2);
    let mut from = name;
    let mut role_seen = false;
    while from > stop {
        let at = from - 1;
        let token = &tokens[at];
        let next_name = from < name && is_name_word(stream, from);
        let take = match token.kind {
            // "at 3 pm Ortiz said": no premier.
            Kind::Word if token.is(IS_ROLE) => !token.is(lex::TIME) || token.shout,
            Kind::Word if token.is(lex::MODIFIER) => role_seen,
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
            Kind::Word if is_name_word(stream, at) => true,
            Kind::Word if token.is(lex::PREPOSITION) => {
                // Secretary of State Ortiz; Bank of Norrland governor Ortiz
                stream.says(at, "of")
                    && at > 0
                    && (!role_seen && tokens[at - 1].is(IS_ROLE)
                        || role_seen
                            && next_name
                            && tokens[at - 1].is(lex::ORGANISATION)
                            && tokens[at - 1].capital)
            }
            Kind::Word if token.is(lex::CONJUNCTION) => {
                role_seen
                    && at > 0
                    && matches!(stream.word(at), "and" | "&")
                    && {
                        let left = &tokens[at - 1];
                        left.kind == Kind::Word
                            && (!left.capital
                            && !next_name
                            && (left.is(IS_ROLE) || left.classes == 0 && left.cue.is_none())
                            // "Harbour Fish and Wildlife biologist"
                            || next_name && is_name_word(stream, at - 1) && body_in_front(stream, at, name))
                    }
            }
            // "press secretary": a verb in its base form before a role is a noun.
            Kind::Word
                if token.cue.is_some_and(|c| c.tense != lex::Tense::Base) && !token.is(IS_ROLE) =>
            {
                false
            }
            Kind::Word if token.cue.is_some() && !(role_seen && tokens[from].is(IS_ROLE)) => false,
            // Small words before a title's capitals belong to another phrase, but for adjectives.
            Kind::Word if next_name => role_seen && token.classes & lex::MODIFIER != 0,
            Kind::Word => role_seen && !token.is(lex::ADVERB),
            Kind::Possessive => true,
            _ => false,
        };
        if !take {
            break;
        }
        role_seen |= token.is(IS_ROLE);
        from = at;
    }
    while from < name
        && (tokens[from].kind == Kind::Possessive
            || tokens[from].is(lex::CONJUNCTION | lex::PREPOSITION))
    {
        from += 1;
    }
    from
}

/// Where an office with its complement begins right before a name, in a language with a first lexicon:
/// le ministre des Transports Jonas Berg.
fn office_before(stream: &Stream<'_>, name: usize) -> Option<usize> {
    /// Longest such office in tokens.
    const LONGEST_OFFICE: usize = 10;
    let tokens = &stream.tokens;
    let ties = lex::OF | lex::PREPOSITION | lex::DETERMINER | lex::CONJUNCTION;
    if tokens.get(name.checked_sub(1)?)?.is(ties) {
        return None;
    }
    let words = (name.saturating_sub(LONGEST_OFFICE)..name).rev().take_while(|&i| {
        let token = &tokens[i];
        token.kind == Kind::Word
            && !token.is(lex::AUXILIARY
                | lex::VERB
                | lex::RELATIVE
                | lex::SUBORDINATOR
                | lex::PRONOUN)
            && (token.cue.is_none() || token.is(IS_ROLE))
    });
    let mut from = words.into_iter().find(|&i| tokens[i].is(IS_ROLE))?;
    while from > 0 && (tokens[from - 1].is(lex::MODIFIER | lex::ROLE)) {
        from -= 1;
    }
    Some(from)
}

/// True where the capitals around "and" at `at` are one name before a role in small letters.
fn body_in_front(stream: &Stream<'_>, at: usize, name: usize) -> bool {
    let end = (at + 1..name).find(|&i| !is_name_word(stream, i)).unwrap_or(name);
    let role = end < name && stream.tokens[end].is(IS_ROLE) && !stream.tokens[end].capital;
    let before = at.checked_sub(2).map(|i| &stream.tokens[i]);
    role && !stream.tokens[at - 1].is(IS_ROLE)
        && !stream.tokens[at + 1].is(lex::PARTY)
        && before.is_none_or(|t| {
            t.kind != Kind::Punct && !t.is(IS_ROLE | lex::MALE_NAME | lex::FEMALE_NAME)
        })
}

/// "says Ortiz's partner, Bo Lind": the description before the comma.
fn described_before(stream: &Stream<'_>, name: usize) -> Facts {
    let tokens = &stream.tokens;
    if name < 2 || !tokens[name - 1].punct(',') {
        return Facts::default();
    }
    let Some(phrase) = clause_before(stream, name - 1) else { return Facts::default() };
    let headed = (phrase.from..phrase.to)
        .take_while(|&i| !tokens[i].is(lex::PREPOSITION) || tokens[i].capital)
        .any(|i| {
            tokens[i].is(IS_ROLE | PERSON)
                && (!tokens[i].capital
                    || stream.lexicon.grammar.capital_nouns
                    || tokens[phrase.from].is(lex::ARTICLE)
                        && tokens.get(i + 1).is_some_and(|t| t.is(lex::OF)))
        });
    // "As director of the fund, Ortiz"
    let acts = tokens[phrase.from].capital && stream.says(phrase.from, "as");
    let begun = acts
        || tokens[phrase.from].is(lex::DETERMINER)
        || (phrase.from..phrase.to).any(|i| tokens[i].kind == Kind::Possessive);
    let from = phrase.from + usize::from(acts);
    if headed && begun { parse(stream, from, phrase.to) } else { Facts::default() }
}

/// "the two Green councillors, Bo Lind and Lena Ortiz": a plural role before a list of names.
fn listed(stream: &Stream<'_>, name: usize) -> Facts {
    /// Most tokens of a list before the name.
    const REACH: usize = 24;
    let tokens = &stream.tokens;
    let floor = name.saturating_sub(REACH);
    let mut start = name;
    while start > floor
        && (is_name_word(stream, start - 1)
            || tokens[start - 1].punct(',')
            || stream.says(start - 1, "and"))
    {
        start -= 1;
    }
    // The list's first name, without the comma before it.
    let comma = tokens[start].punct(',');
    let follows = (name..(name + 8).min(tokens.len()))
        .find(|&i| !is_name_word(stream, i))
        .is_some_and(|i| stream.says(i, "and") && is_name_word(stream, i + 1));
    let lists = start + 1 < name && (start..name).any(|i| stream.says(i, "and"));
    if start == 0 || !(follows || lists) || !(comma || start + 1 < name || start == name) {
        return Facts::default();
    }
    let head = start - 1;
    let plural = tokens[head].kind == Kind::Word
        && !tokens[head].capital
        && stream.word(head).ends_with('s')
        && {
            let singular = stream.word(head).trim_end_matches('s');
            stream.lexicon.look_up(singular).classes & IS_ROLE != 0
        };
    if !plural {
        return Facts::default();
    }
    let from = (head.saturating_sub(LONGEST / 4)..head)
        .rev()
        .take_while(|&i| is_name_word(stream, i) || super::phrase::is_plain(stream, i))
        .last()
        .unwrap_or(head);
    super::phrase::parse_headed(stream, from, head)
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
            || token.is(lex::CONJUNCTION) && token.capital
            // "fell after its chairman, Lena Ortiz, warned"
            || matches!(stream.word(from - 1), "after" | "before" | "since");
        if ends {
            break;
        }
        from -= 1;
    }
    (from < comma).then_some(Mention { from, to: comma })
}

fn is_address(stream: &Stream<'_>, at: usize) -> bool {
    lists::known().addresses.has_any_case(stream.word(at))
}

/// ", a lawyer at the fund", ", who serves as …", "(D-Ohio)", "of the union".
pub fn after_name(stream: &Stream<'_>, name: Mention) -> Facts {
    let (name_from, name_end) = (name.from, name.to);
    let tokens = &stream.tokens;
    let mut facts = Facts::default();
    let mut at = name_end;
    // "Lena Ortiz MP", "Lena Ortiz, KC,": an office, or an honour, which is no role.
    let comma = usize::from(tokens.get(at).is_some_and(|t| t.punct(',')));
    let honours = (at + comma..).take_while(|&i| is_honour(stream, i)).count();
    let end = at + comma + honours;
    if honours > 0 && (comma == 0 || tokens.get(end).is_some_and(|t| t.punct(','))) {
        let seat = tokens[at + comma].is(lex::ROLE) && comma == 0;
        facts.role = seat.then_some(Mention { from: at, to: at + 1 });
        at = end;
    }
    // A party in parentheses, and other short ones.
    if tokens.get(at).is_some_and(|t| t.punct('(')) {
        let close = (at + 1..(at + 8).min(tokens.len())).find(|&i| tokens[i].punct(')'));
        let Some(close) = close else { return facts };
        if is_party(stream, at + 1) {
            let end = (at + 1..close).find(|&i| tokens[i].punct(',')).unwrap_or(close);
            facts.affiliation = Some(Mention { from: at + 1, to: end });
        }
        at = close + 1;
    }
    let Some(first) = tokens.get(at) else { return facts };
    // Lena Ortiz vom Institut für Meereskunde
    if is_tie(stream, at) {
        let end = (at..(at + LONGEST / 4).min(tokens.len()))
            .find(|&i| !matches!(tokens[i].kind, Kind::Word))
            .unwrap_or(at);
        let affiliation = body_of(stream, at + 1, end);
        return facts.or(Facts { role: None, affiliation });
    }
    if first.kind == Kind::Word && matches!(stream.word(at), "of" | "from" | "with" | "at") {
        let said = belonging(stream, at);
        // "protect Ortiz from the Harbour Board": only beside a verb of hers does it tell.
        let tells = stream.says(at, "of") || beside_verb(stream, name_from, said.affiliation);
        return if tells { facts.or(said) } else { facts };
    }
    if stream.says(at, "who") {
        return clause(stream, at + 1).or(facts);
    }
    if !(first.punct(',') || first.punct('—')) {
        return facts;
    }
    at += 1;
    // An age, then more.
    while tokens.get(at).is_some_and(|t| t.kind == Kind::Number || stream.says(at, "aged"))
        && tokens.get(at + 1).is_some_and(|t| t.punct(',') || t.kind == Kind::Number)
    {
        at += 2;
        if tokens.get(at).is_some_and(|t| t.punct(',')) {
            at += 1;
        }
    }
    // "Ortiz, 45 ans, chercheuse"
    if !stream.lexicon.grammar.complete
        && tokens.get(at).is_some_and(|t| t.kind == Kind::Number)
        && tokens.get(at + 1).is_some_and(|t| t.is(lex::TIME))
        && tokens.get(at + 2).is_some_and(|t| t.punct(','))
    {
        at += 3;
    }
    // "Ortiz, 45, and her husband": what "and" joins is somebody else.
    if stream.says(at, "and") {
        return facts;
    }
    if is_party_code(stream.word(at)) {
        let end =
            (at..(at + 5).min(tokens.len())).find(|&i| tokens[i].punct(',')).unwrap_or(at + 1);
        facts.affiliation = facts.affiliation.or(Some(Mention { from: at, to: end }));
        if !tokens.get(end).is_some_and(|t| t.punct(',')) {
            return facts;
        }
        at = end + 1;
    }
    if stream.says(at, "who") {
        return clause(stream, at + 1).or(facts);
    }
    if matches!(stream.word(at), "of" | "from" | "with" | "at") {
        let next = belonging(stream, at);
        // ", of Norrvik,": where somebody lives, if nothing says that it is a body.
        let lives = matches!(stream.word(at), "of" | "from")
            && !stream.says(at + 1, "the")
            && next.affiliation.is_some_and(|m| {
                lists::known().streets.has(stream.word(m.to - 1))
                    || !(at..m.to).any(|i| tokens[i].is(lex::ORGANISATION | lex::BODY))
            });
        let place = lives || next.affiliation.is_some_and(|m| is_place(stream, m));
        return if place { facts } else { next.or(facts) };
    }
    let said = with_body_after(stream, at, apposition(stream, at));
    match (said.affiliation, facts.affiliation) {
        // A party says more than "the leadership team".
        (Some(name), Some(_)) if !stream.tokens[name.from].capital => facts.or(said),
        _ => said.or(facts),
    }
}

/// ", director, Harbour Trust,": a bare role with the body's name after a comma of its own.
fn with_body_after(stream: &Stream<'_>, from: usize, facts: Facts) -> Facts {
    let tokens = &stream.tokens;
    let bare = |role: &Mention| {
        role.from == from
            && tokens.get(role.to).is_some_and(|t| t.punct(','))
            && !(role.from..role.to).any(|i| tokens[i].is(lex::PREPOSITION))
    };
    let Some(role) = facts.role.filter(bare).filter(|_| facts.affiliation.is_none()) else {
        return facts;
    };
    let body = Mention { from: role.to + 1, to: name_end(stream, role.to + 1, role.to + 9) };
    let closed = tokens.get(body.to).is_none_or(|t| {
        matches!(t.kind, Kind::Break | Kind::Quote) || t.punct(',') || t.punct('.')
    });
    let named = (body.from..body.to).any(|i| tokens[i].is(lex::ORGANISATION | lex::BODY));
    Facts { affiliation: (closed && named).then_some(body), ..facts }
}

/// True where a name stands before or after a verb that it can be the subject of.
fn beside_verb(stream: &Stream<'_>, name_from: usize, body: Option<Mention>) -> bool {
    let Some(body) = body else { return false };
    let tokens = &stream.tokens;
    let verb = |at: usize| {
        tokens.get(at).is_some_and(|t| {
            t.kind == Kind::Word
                && !t.capital
                && (t.cue.is_some() || t.is(lex::AUXILIARY | lex::VERB | lex::SCORING))
        })
    };
    // "said Const. Ortiz with the police": back over the title.
    let start = (name_from.saturating_sub(LONGEST / 4)..name_from)
        .rev()
        .take_while(|&i| is_name_word(stream, i) || tokens[i].is(IS_ROLE | lex::DETERMINER))
        .last()
        .unwrap_or(name_from);
    let inverted = start > 0 && tokens[start - 1].cue.is_some();
    inverted || verb(body.to)
}

/// "of the union", "with Bumper to Bumper", "of Norrland, the chair of the board,".
fn belonging(stream: &Stream<'_>, at: usize) -> Facts {
    let affiliation = organisation(stream, at + 1, at + 14);
    let mut facts = Facts { role: None, affiliation };
    if let Some(name) = affiliation
        && stream.tokens.get(name.to).is_some_and(|t| t.punct(','))
    {
        facts = apposition(stream, name.to + 1).or(facts);
    }
    facts
}

/// True for a party with a state: "D-Ohio".
pub fn is_party_code(word: &str) -> bool {
    ["D-", "R-", "I-"].iter().any(|code| word.starts_with(code)) && word.len() <= 9
        || matches!(word, "D" | "R")
}

fn is_party(stream: &Stream<'_>, at: usize) -> bool {
    is_party_code(stream.word(at))
        || lists::known().short_parties.has(stream.word(at))
        || stream.tokens[at].is(lex::PARTY) && stream.tokens[at].capital
}

/// A role phrase that begins at `from` and ends at the next mark or verb.
pub fn apposition(stream: &Stream<'_>, from: usize) -> Facts {
    let tokens = &stream.tokens;
    // "one of the authors of the report"
    if stream.says(from, "one") && stream.says(from + 1, "of") {
        let role = Some(Mention { from, to: one_of_end(stream, from + 2) });
        return Facts { role, affiliation: None };
    }
    // "Elsa, 70, said her son was": her verb.
    let says = tokens.get(from).is_some_and(|t| {
        !t.capital
            && t.cue.is_some_and(|c| {
                c.takes & lex::takes::NOUN == 0
                    && matches!(c.tense, lex::Tense::Past | lex::Tense::Third)
            })
    });
    if says {
        return Facts::default();
    }
    // "Ortiz, succeeded by a lawyer": a verb, not what she is.
    let acts = stream.word(from).ends_with("ed")
        && !tokens.get(from).is_some_and(|t| t.capital || t.is(lex::MODIFIER))
        && tokens.get(from + 1).is_some_and(|t| {
            t.is(lex::DETERMINER | lex::PREPOSITION | lex::PRONOUN | lex::SUBORDINATOR)
        });
    if acts {
        return Facts::default();
    }
    let Some((mut to, role_seen)) = apposition_end(stream, from) else { return Facts::default() };
    // ", now in his 10th season with the Harbour Ballet"
    if !role_seen {
        return season(stream, from, to);
    }
    // ", vice-president, external affairs for Open Net": the office goes on after a comma.
    if let Some(end) = office_after_comma(stream, from, to) {
        to = end;
    }
    // ", a lawyer, activist and author": more of them.
    to = more_roles(stream, to);
    if to == from {
        return Facts::default();
    }
    // The head must come early and not inside "of …": "a group of senators" is nobody's role.
    let head = (from..to).find(|&i| tokens[i].is(IS_ROLE | PERSON));
    let preposition = (from..to).find(|&i| tokens[i].is(lex::PREPOSITION) && !tokens[i].capital);
    if let (Some(head), Some(preposition)) = (head, preposition)
        && head > preposition
    {
        return season(stream, from, to);
    }
    let mut facts = parse(stream, from, to);
    // "a former judge in Norrland who chaired the Harbour Commission"
    let weak = facts.affiliation.is_none_or(|m| is_place(stream, m));
    let relative = if tokens.get(to).is_some_and(|t| t.punct(',')) { to + 1 } else { to };
    if weak && stream.says(relative, "who") {
        let said = tie(stream, relative + 1);
        facts.affiliation = said.affiliation.or(facts.affiliation);
    }
    facts
}

/// Where the apposition that begins at `from` ends and whether it holds a role; none where it is
/// the attribution of somebody else.
fn apposition_end(stream: &Stream<'_>, from: usize) -> Option<(usize, bool)> {
    let tokens = &stream.tokens;
    let mut to = from;
    let mut role_seen = false;
    while to < tokens.len() && to - from < LONGEST {
        let token = &tokens[to];
        let stop = match token.kind {
            Kind::Punct => token.mark != '&',
            Kind::Break => true,
            // author of “The Long Tide”
            Kind::Quote => {
                !(is_name_word(stream, to + 1) || role_seen && stream.says(to - 1, "of"))
            }
            Kind::Word => {
                token.is(lex::RELATIVE) && !stream.says(to, "that")
                    || token.is(lex::AUXILIARY | lex::SUBORDINATOR)
                    || token.is(lex::VERB) && role_seen && !token.is(lex::ROLE) && !token.capital
                    || token.cue.is_some()
                        && !token.capital
                        && role_seen
                        // "at the think tank Open Shores": a base form after an article is a noun.
                        && !(token.cue.is_some_and(|c| c.tense == lex::Tense::Base)
                            && to > from
                            && tokens[to - 1].is(lex::ARTICLE))
                        && !token.is(lex::ROLE | lex::DOCUMENT | lex::ANONYMOUS)
                        && token.cue.is_some_and(|c| {
                            c.takes & lex::takes::NOUN == 0 && c.tense != lex::Tense::Ing
                        })
                    || token.is(lex::TIME)
                        && token.capital
                        && role_seen
                        && !is_name_word(stream, to + 1)
                    || token.is(lex::PRONOUN) && !token.is(lex::DETERMINER) && !token.shout
            }
            _ => false,
        };
        if stop {
            // "…, a ministry official said": the attribution of somebody else.
            let said = token.cue.is_some_and(|c| {
                c.takes & lex::takes::QUOTE != 0
                    && matches!(c.tense, lex::Tense::Past | lex::Tense::Third)
            });
            let marked = to > from
                && tokens[to - 1].kind == Kind::Quote
                && stream.quote_end(&tokens[to - 1]) == ',';
            if said && role_seen && !token.capital && !marked {
                return None;
            }
            break;
        }
        role_seen |= token.is(IS_ROLE | PERSON) && !token.is(lex::GROUP);
        to += 1;
    }
    Some((to, role_seen))
}

/// ", vice-president, external affairs for Open Net": where the office's second part ends.
fn office_after_comma(stream: &Stream<'_>, from: usize, to: usize) -> Option<usize> {
    let tokens = &stream.tokens;
    if !tokens.get(to)?.punct(',') {
        return None;
    }
    let preposition = (to + 1..to + 6).find(|&i| {
        !tokens.get(i).is_some_and(|t| {
            t.kind == Kind::Word
                && t.cue.is_none()
                && (!t.capital && !stream.word(i).ends_with("ed") || t.is(lex::PLACE) || t.shout)
                && !t.is(lex::PREPOSITION | lex::DETERMINER | lex::AUXILIARY | lex::RELATIVE)
        })
    })?;
    let comma = tokens.get(preposition).is_some_and(|t| t.punct(','));
    let preposition = preposition + usize::from(comma);
    if preposition == to + 1
        || !matches!(stream.word(preposition), "for" | "at" | "of" | "with")
        || (from..to).any(|i| tokens[i].is(lex::PREPOSITION))
    {
        return None;
    }
    organisation(stream, preposition + 1, preposition + 10).map(|name| name.to)
}

/// ", a lawyer, activist and author from Norrvik": where the last of the joined roles ends.
fn more_roles(stream: &Stream<'_>, to: usize) -> usize {
    /// Most words of one of the joined roles.
    const LONGEST_ROLE: usize = 6;
    /// Most roles in a row.
    const ROLES: usize = 5;
    let tokens = &stream.tokens;
    let (mut at, mut joined) = (to, to);
    for _ in 0..ROLES {
        if !tokens.get(at).is_some_and(|t| t.punct(',')) {
            break;
        }
        let next = if stream.says(at + 1, "and") { at + 2 } else { at + 1 };
        let Some(end) = (next..(next + LONGEST_ROLE).min(tokens.len())).find(|&i| {
            tokens[i].kind != Kind::Word
                || tokens[i].is(lex::AUXILIARY | lex::VERB | lex::RELATIVE | lex::PRONOUN)
        }) else {
            break;
        };
        let plain = (next..end).all(|i| !tokens[i].is(lex::DETERMINER) || i == next);
        let role = (next..end).any(|i| tokens[i].is(IS_ROLE | PERSON) && !tokens[i].capital);
        let and = (at + 1..end).any(|i| stream.says(i, "and"));
        let cue = (next..end).any(|i| tokens[i].cue.is_some() && !tokens[i].is(IS_ROLE));
        let closes = tokens[end].punct(',') || tokens[end].punct('.');
        if !plain || !role || cue || !closes {
            break;
        }
        at = end;
        if and {
            joined = end;
            break;
        }
    }
    joined
}

/// "now in his 10th season with the Harbour Ballet": what a phrase without a role word tells.
fn season(stream: &Stream<'_>, from: usize, to: usize) -> Facts {
    let tokens = &stream.tokens;
    let opens = (from..to.min(from + 2)).any(|i| stream.says(i, "in"));
    if !opens {
        return Facts::default();
    }
    // "in charge of the fleet"
    if let Some(charge) = (from..to.min(from + 3)).find(|&i| stream.says(i, "charge")) {
        let affiliation = organisation(stream, charge + 2, to).filter(|m| {
            m.to >= to
                || !tokens[m.to].wordy()
                || tokens[m.to].is(lex::PREPOSITION)
                || stream.tokens[m.from].shout
        });
        return Facts { role: Some(Mention { from: charge - 1, to }), affiliation };
    }
    let years = (from..to).find(|&i| lists::known().spells.has(stream.word(i)));
    let Some(years) = years else { return Facts::default() };
    let tie = (years + 1..to).find(|&i| matches!(stream.word(i), "with" | "at" | "for" | "as"));
    let Some(tie) = tie else { return Facts::default() };
    if stream.says(tie, "as") {
        return parse(stream, tie + 1, to);
    }
    let affiliation = organisation(stream, tie + 1, to);
    let role = affiliation.map(|_| Mention { from, to: tie });
    Facts { role, affiliation }
}

/// The organisation that the one named before `from` plays for: "scored twice for the Harbour
/// Gulls", "had two goals as the Gulls beat the Larks".
pub fn plays_for(stream: &Stream<'_>, from: usize) -> Option<Mention> {
    /// Most tokens between the player and the team.
    const REACH: usize = 34;
    /// Where the verb stands, in tokens from the player.
    const VERB_WITHIN: usize = 14;
    let tokens = &stream.tokens;
    let near = tokens.len().min(from + VERB_WITHIN);
    let verb = (from..near).find(|&i| tokens[i].is(lex::SCORING) && !tokens[i].capital)?;
    let end = (from..(from + REACH).min(tokens.len()))
        .find(|&i| {
            tokens[i].kind == Kind::Break
                || tokens[i].punct('.') && tokens.get(i + 1).is_none_or(|t| t.capital)
                || tokens[i].punct(';')
                || matches!(stream.word(i), "while" | "but")
        })
        .unwrap_or((from + REACH).min(tokens.len()));
    if verb >= end {
        return None;
    }
    if (from..verb).any(|i| {
        tokens[i].kind == Kind::Quote || tokens[i].is(lex::RELATIVE) && !stream.says(i, "that")
    }) {
        return None;
    }
    let team = |at: usize| -> Option<Mention> {
        let start = if stream.says(at, "the") { at + 1 } else { at };
        if !is_name_word(stream, start) {
            return None;
        }
        let to = (start..end).find(|&i| !is_name_word(stream, i)).unwrap_or(end);
        let plural = stream.word(to - 1).ends_with('s') || tokens[to - 1].is(lex::TEAM);
        let the = start > at;
        let given = tokens[start].is(lex::MALE_NAME | lex::FEMALE_NAME);
        (the && plural || !the && !given && tokens[start].is(lex::PLACE))
            .then_some(Mention { from: start, to })
    };
    for at in verb + 1..end {
        let word = stream.word(at);
        if lists::known().team_verbs.has(word)
            && let Some(name) = team(at + 1)
        {
            return Some(name);
        }
        if matches!(word, "as" | "and")
            && let Some(name) = team(at + 1)
            && (name.to..(name.to + 5).min(end)).any(|i| tokens[i].is(lex::OUTCOME))
        {
            return Some(name);
        }
        // Another player: "and Lind added two".
        if word == "and" && is_name_word(stream, at + 1) && name_end(stream, at + 1, end) < end {
            let next = name_end(stream, at + 1, end);
            if tokens[next].is(lex::SCORING | lex::AUXILIARY) {
                return None;
            }
        }
    }
    None
}
