//! Patterns of attribution: a stream → relations of source, cue and content, as token ranges.
//!
//! One pattern a file, one row in [`EARLY`] or [`LATE`] each, tried in the tables' order; a pattern's cases
//! stand in `tests/cases/<pattern>.md`. Patterns look at one sentence (and at quotations that follow
//! it); who is meant by a source is decided later. Refuses to read inside quotation marks.

mod according_to;
mod assertion;
mod content_source_cue;
mod credit;
mod cue_source_quote;
mod floating;
mod headline;
mod naming;
mod noun;
mod participle;
mod passive;
mod post;
mod quote_cue_source;
mod quote_source_cue;
mod source_cue_content;
mod transcript;
mod verdict;
mod view;

use smallvec::{SmallVec, smallvec};

use super::cues::{self, Group};
use super::lexicon::{self as lex, lists, takes};
use super::sources::{self, Mention};
use super::tokens::{Kind, Sentence, Stream, Token};

/// Tokens `from..to`.
pub type Piece = (usize, usize);

/// An attribution relation, in tokens.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Relation {
    /// The pattern that found it.
    pub pattern: &'static str,
    /// Index of the sentence that holds the cue, or the content if there is none.
    pub sentence: usize,
    /// The mention it is attributed to.
    pub source: Option<Mention>,
    /// The words that attribute.
    pub cue: Option<Piece>,
    /// What is reported, in order.
    pub content: SmallVec<[Piece; 2]>,
}

/// What a pattern looks at: a trigger token in its sentence.
#[derive(Debug, Clone, Copy)]
pub struct Site<'s, 't> {
    /// The text.
    pub stream: &'s Stream<'t>,
    /// Index of the sentence.
    pub index: usize,
    /// The sentence.
    pub sentence: Sentence,
    /// First token not taken by a relation further left.
    pub floor: usize,
    /// One past the last token not taken by a relation further right.
    pub ceiling: usize,
    /// The trigger token.
    pub at: usize,
    /// The verb group, if the trigger is a reporting verb.
    pub group: Option<Group>,
    /// Who spoke last before the trigger in the same sentence.
    pub spoke: Option<Mention>,
}

impl Site<'_, '_> {
    fn token(&self, at: usize) -> Option<&Token> {
        (at < self.ceiling).then(|| &self.stream.tokens[at])
    }
}

/// What a token and its sentence have that makes patterns look: a set of these.
mod has {
    /// The token is a reporting verb.
    pub const VERB: u16 = 1;
    /// It is one without a subject of its own: adding.
    pub const PARTICIPLE: u16 = 2;
    /// It is a word of class `phrase_cue`.
    pub const PHRASE: u16 = 4;
    /// It is a word of class `assertion`.
    pub const NOUN: u16 = 8;
    /// It is the first of its sentence.
    pub const START: u16 = 16;
    /// It is a quotation.
    pub const QUOTE: u16 = 32;
    /// It is a form of a reporting verb, whether it attributes there or not.
    pub const CUE: u16 = 64;
    /// The sentence has a quotation.
    pub const QUOTES: u16 = 128;
    /// The sentence has a colon.
    pub const COLON: u16 = 256;
    /// It is the first of its paragraph.
    pub const OPENS: u16 = 512;
    /// It has one letter, with a full stop or without.
    pub const LETTER: u16 = 1024;
    /// A sentence of the text begins with a dash.
    pub const DASHES: u16 = 2048;
    /// How many sets there are.
    pub const SETS: usize = 4096;

    /// The set `what` if it is there, else none of it.
    pub const fn when(there: bool, what: u16) -> u16 {
        if there { what } else { 0 }
    }
}

/// One row of a table.
struct Pattern {
    name: &'static str,
    /// Looks only where all of these are; see [`has`].
    needs: u16,
    apply: fn(&Site<'_, '_>) -> Option<Relation>,
    /// Looks only at a verb that takes one of these, if any is named.
    takes: u32,
    /// Looks only at one of these words, in any case, if any is named.
    words: &'static [&'static str],
}

impl Pattern {
    const fn new(
        name: &'static str,
        needs: u16,
        apply: fn(&Site<'_, '_>) -> Option<Relation>,
    ) -> Self {
        Self { name, needs, apply, takes: 0, words: &[] }
    }

    const fn takes(self, takes: u32) -> Self {
        Self { takes, ..self }
    }

    const fn words(self, words: &'static [&'static str]) -> Self {
        Self { words, ..self }
    }

    /// True if the row looks at a site that has what it needs.
    fn looks_at(&self, site: &Site<'_, '_>) -> bool {
        let grammar = site.stream.lexicon.grammar;
        (self.takes == 0 || site.group.is_some_and(|g| self.takes & g.cue.takes != 0))
            && (self.words.is_empty() || self.words.iter().any(|w| site.stream.says(site.at, w)))
            && (grammar.complete || grammar.patterns.contains(&self.name))
    }
}

/// Patterns that look before others have taken tokens, since they hold a quotation's own attribution;
/// in the order they are tried at a token.
const EARLY: &[Pattern] = &[
    Pattern::new("transcript", has::OPENS | has::COLON, transcript::apply),
    Pattern::new("transcript", has::OPENS | has::LETTER, transcript::asked)
        .words(&["q", "a", "q.", "a."]),
    Pattern::new("credit", has::START | has::QUOTE, credit::apply),
    Pattern::new("post", has::OPENS | has::DASHES, post::apply),
    Pattern::new("cue_source_quote", has::START | has::CUE | has::QUOTES, cue_source_quote::apply),
    Pattern::new("quote_cue_source", has::VERB | has::QUOTES, quote_cue_source::apply)
        .takes(takes::QUOTE),
    Pattern::new("quote_source_cue", has::VERB | has::QUOTES, quote_source_cue::apply)
        .takes(takes::QUOTE),
    Pattern::new("according_to", has::PHRASE, according_to::apply),
    Pattern::new("view", has::PHRASE, view::apply).words(&[
        "view",
        "perspective",
        "opinion",
        "words",
        "telling",
    ]),
    Pattern::new("verdict", has::PHRASE, verdict::apply)
        .words(&["verdict", "answer", "reply", "response", "reaction"]),
    Pattern::new("headline", has::START | has::COLON, headline::apply),
];

/// The other patterns, in the order they are tried at a token.
const LATE: &[Pattern] = &[
    Pattern::new("passive", has::VERB, passive::apply),
    Pattern::new("content_source_cue", has::VERB, content_source_cue::apply)
        .takes(takes::QUOTE | takes::CLAUSE),
    Pattern::new("naming", has::VERB, naming::apply).takes(takes::NAMING),
    Pattern::new("participle", has::VERB | has::PARTICIPLE, participle::apply),
    Pattern::new("source_cue_content", has::VERB, source_cue_content::apply),
    Pattern::new("noun", has::VERB | has::QUOTES, noun::apply).takes(takes::QUOTE),
    Pattern::new("assertion", has::NOUN, assertion::apply),
];

/// A table's rows, a bit each, that have what they need, by the set of what is there: most sites have
/// one or two of them, many none.
const fn rows(table: &[Pattern]) -> [u16; has::SETS] {
    let mut rows = [0; has::SETS];
    let mut there = 0;
    while there < has::SETS {
        let mut row = 0;
        while row < table.len() {
            if table[row].needs as usize & !there == 0 {
                rows[there] |= 1 << row;
            }
            row += 1;
        }
        there += 1;
    }
    rows
}

static EARLY_ROWS: [u16; has::SETS] = rows(EARLY);
static LATE_ROWS: [u16; has::SETS] = rows(LATE);

/// The names of all patterns, for the tests that ask each for its cases.
#[cfg(test)]
pub fn names() -> Vec<&'static str> {
    EARLY.iter().chain(LATE).map(|pattern| pattern.name).chain(["floating"]).collect()
}

/// Places that patterns look at in most sentences, at most: room made at once spares copies.
const SITES: usize = 16;

/// Every attribution relation of the text, in the order of the sentences that hold them.
#[must_use]
pub fn relations(stream: &Stream<'_>) -> Vec<Relation> {
    let mut found: Vec<Relation> = Vec::with_capacity(stream.verbatim.len() + 4);
    let mut owned = vec![false; stream.verbatim.len()];
    // The sites of one sentence.
    let mut sites = Vec::with_capacity(SITES);
    let mut next = 0;
    // One past the last token of a transcript's turn: no attributions are sought inside.
    let mut covered = 0;
    let dashes = stream.sentences.iter().any(|sentence| stream.tokens[sentence.from].punct('—'));
    for (index, &sentence) in stream.sentences.iter().enumerate() {
        let first = found.len();
        if is_label(stream, sentence) || sentence.from < covered {
            continue;
        }
        let triggers = stream.triggers_in(sentence, &mut next);
        let opener = &stream.tokens[sentence.from];
        // In half of all sentences no row has anything to look at.
        let looked_at = sentence.quotes
            || sentence.colon
            || opener.attributes()
            || opens_paragraph(stream, sentence.from);
        if triggers.is_empty() && !looked_at {
            continue;
        }
        let all = has::when(sentence.quotes, has::QUOTES)
            | has::when(sentence.colon, has::COLON)
            | has::when(dashes, has::DASHES);
        sites.clear();
        sites.extend(Seen::at(stream, sentence, sentence.from, all));
        for at in triggers.iter().map(|&at| at as usize) {
            if let Some(seen) = Seen::at(stream, sentence, at, all)
                && !asks_for_no_name(stream, sentence, at)
            {
                sites.push(seen);
            }
        }
        for early in [true, false] {
            scan(stream, index, sentence, early, &mut sites, first, &mut found);
        }
        if found.len() == first {
            continue;
        }
        if sentence.quotes {
            nested(stream, index, first, &mut found);
        }
        found[first..].sort_by_key(|r| r.content.first().copied());
        for relation in &found[first..] {
            covered = covered.max(relation.content.last().map_or(0, |p| p.1));
            own(stream, relation, &mut owned);
        }
    }
    follow(stream, &mut found, &mut owned);
    if stream.lexicon.grammar.complete {
        floating::apply(stream, &mut found, &mut owned);
    } else {
        unattributed(stream, &mut found, &owned);
    }
    found
}

/// "Dorn said he heard students shout, “Sign it!”": the quotation is the students'. Each attribution
/// within reported words takes its quotation out of them.
fn nested(stream: &Stream<'_>, index: usize, first: usize, found: &mut Vec<Relation>) {
    let mut inner = Vec::new();
    for relation in &mut found[first..] {
        let mut inside = relation.content.iter().flat_map(|&(from, to)| {
            (from + 1..to).filter_map(move |at| said_inside(stream, from, at, to))
        });
        if relation.pattern == "transcript" || inside.next().is_none() {
            continue;
        }
        let mut pieces = SmallVec::new();
        for &(from, to) in &relation.content {
            let mut floor = from;
            for at in from + 1..to {
                if let Some((source, cue, quote)) = said_inside(stream, floor, at, to) {
                    let mut end = quote;
                    while end > floor && stream.tokens[end - 1].kind == Kind::Punct {
                        end -= 1;
                    }
                    if end > floor {
                        pieces.push((floor, end));
                    }
                    inner.push(Relation {
                        pattern: "source_cue_content",
                        sentence: index,
                        source: Some(source),
                        cue: Some(cue),
                        content: smallvec![(quote, quote + 1)],
                    });
                    floor = quote + 1;
                }
            }
            let words = (floor..to).any(|i| stream.tokens[i].kind != Kind::Punct);
            if floor == from || words {
                pieces.push((floor, to));
            }
        }
        relation.content = pieces;
    }
    found.append(&mut inner);
}

/// The source, the cue and the quotation of an attribution whose verb is token `at`, inside reported
/// words `floor..end`.
fn said_inside(
    stream: &Stream<'_>,
    floor: usize,
    at: usize,
    end: usize,
) -> Option<(Mention, Piece, usize)> {
    stream.tokens[at]
        .cue
        .filter(|cue| cue.takes & (lex::takes::QUOTE | lex::takes::THOUGHT) == lex::takes::QUOTE)?;
    let group = cues::group(stream, floor, at)?;
    if group.passive || group.infinitive || group.participle {
        return None;
    }
    let mut quote = group.to;
    // "had told the board, “…”"
    if group.cue.takes & lex::takes::LISTENER != 0
        && let Some(listener) = sources::right_of(stream, quote, end)
        && stream.tokens.get(listener.to).is_some_and(|t| t.punct(',') || t.punct(':'))
    {
        quote = listener.to;
    }
    if stream.tokens.get(quote).is_some_and(|t| t.punct(',') || t.punct(':')) {
        quote += 1;
    }
    if quote >= end
        || stream.tokens[quote].kind != Kind::Quote
        || !stream.tokens[quote].capital
        || stream.quote_words(&stream.tokens[quote], 3) < 3
    {
        return None;
    }
    let source = sources::subject(stream, floor, group.from)?;
    source.can_speak(stream).then_some((source, (group.from, group.to), quote))
}

/// True for the first token of a paragraph.
fn opens_paragraph(stream: &Stream<'_>, at: usize) -> bool {
    at.checked_sub(1).is_none_or(|before| stream.tokens[before].kind == Kind::Break)
}

/// True for "READ MORE: …", "WATCH: …": a pointer to another page.
fn is_label(stream: &Stream<'_>, sentence: Sentence) -> bool {
    let words = (sentence.from..sentence.to)
        .take_while(|&i| stream.tokens[i].is(lex::LABEL) && stream.tokens[i].capital)
        .count();
    words > 0
        && stream.tokens.get(sentence.from + words).is_some_and(|t| t.punct(':') || t.punct('|'))
}

/// Every longer quotation without source and cue: what can be said of a text whose language the
/// rules don't know.
#[must_use]
pub fn verbatim_only(stream: &Stream<'_>) -> Vec<Relation> {
    let mut found = Vec::new();
    unattributed(stream, &mut found, &vec![false; stream.verbatim.len()]);
    found
}

/// Adds every longer quotation that no relation owns, without source and cue.
fn unattributed(stream: &Stream<'_>, found: &mut Vec<Relation>, owned: &[bool]) {
    let quoting = stream.sentences.iter().enumerate().filter(|(_, sentence)| sentence.quotes);
    for (index, sentence) in quoting {
        for at in sentence.from..sentence.to {
            let token = &stream.tokens[at];
            if token.kind == Kind::Quote
                && !owned[token.quote as usize]
                && stream.quote_words(token, floating::SHORTEST) >= floating::SHORTEST
            {
                found.push(Relation {
                    pattern: "unattributed",
                    sentence: index,
                    source: None,
                    cue: None,
                    content: smallvec![(at, at + 1)],
                });
            }
        }
    }
    found.sort_by_key(|relation| relation.content.first().copied());
}

fn own(stream: &Stream<'_>, relation: &Relation, owned: &mut [bool]) {
    for &(from, to) in &relation.content {
        for token in &stream.tokens[from..to] {
            if token.kind == Kind::Quote
                && let Some(slot) = owned.get_mut(token.quote as usize)
            {
                *slot = true;
            }
        }
    }
}

/// True for the verb of "who asked not to be named", "who declined to give her surname": it says how
/// somebody spoke, not what.
fn asks_for_no_name(stream: &Stream<'_>, sentence: Sentence, at: usize) -> bool {
    /// Most tokens from the verb to what is withheld.
    const REACH: usize = 9;
    // Looked for first, since few verbs stand behind it.
    let relative = (at.saturating_sub(3).max(sentence.from)..at)
        .any(|i| stream.tokens[i].is(lex::RELATIVE) && stream.says(i, "who"));
    relative
        && lists::known().asks.has(stream.word(at))
        && (at + 1..sentence.to.min(at + REACH))
            .take_while(|&i| {
                stream.tokens[i].kind == Kind::Word || stream.tokens[i].kind == Kind::Possessive
            })
            .any(|i| lists::known().unnamed.has(stream.word(i)))
}

/// A token that patterns look at, with what its verb group was in the stretch after `floor`.
struct Seen {
    at: usize,
    /// What is there, a verb left out; see [`has`].
    there: u16,
    /// The same, if its verb should be one.
    possible: u16,
    group: Option<(usize, Option<Group>)>,
}

impl Seen {
    /// What patterns may see at token `at` beside `all` that the sentence has; nothing where none looks.
    fn at(stream: &Stream<'_>, sentence: Sentence, at: usize, all: u16) -> Option<Self> {
        let token = &stream.tokens[at];
        let word = token.kind == Kind::Word;
        let mut there = all
            | has::when(word && token.is(lex::PHRASE_CUE), has::PHRASE)
            | has::when(word && token.is(lex::ASSERTION), has::NOUN)
            | has::when(token.cue.is_some(), has::CUE);
        if at == sentence.from {
            there |= has::START
                | has::when(token.kind == Kind::Quote, has::QUOTE)
                | has::when(opens_paragraph(stream, at), has::OPENS)
                | has::when(token.end - token.start <= 2, has::LETTER);
        }
        let possible = there | has::when(token.cue.is_some(), has::VERB | has::PARTICIPLE);
        let looks = |rows: &[u16]| rows[usize::from(possible)] != 0;
        (looks(&EARLY_ROWS) || looks(&LATE_ROWS)).then_some(Self {
            at,
            there,
            possible,
            group: None,
        })
    }
}

fn scan(
    stream: &Stream<'_>,
    index: usize,
    sentence: Sentence,
    early: bool,
    sites: &mut [Seen],
    first: usize,
    found: &mut Vec<Relation>,
) {
    let (table, rows) = if early { (EARLY, &EARLY_ROWS) } else { (LATE, &LATE_ROWS) };
    let mut free = sentence.from;
    for seen in sites {
        let at = seen.at;
        if at < free || rows[usize::from(seen.possible)] == 0 {
            continue;
        }
        if let Some(to) = taken(found, first, at) {
            free = to;
            continue;
        }
        let (floor, ceiling) = bounds(found, first, sentence, at);
        // Mostly nothing has been taken since the early patterns looked.
        if seen.there & has::CUE != 0 && seen.group.is_none_or(|(before, _)| before != floor) {
            seen.group = Some((floor, cues::group(stream, floor, at)));
        }
        let group = seen.group.and_then(|(_, group)| group);
        let mut there = seen.there;
        if let Some(group) = group {
            there |= has::VERB | has::when(group.participle, has::PARTICIPLE);
        }
        let mut left = rows[usize::from(there)];
        if left == 0 {
            continue;
        }
        let spoke = spoke_before(stream, found, first, at);
        let site = Site { stream, index, sentence, floor, ceiling, at, group, spoke };
        while left != 0 {
            let pattern = &table[left.trailing_zeros() as usize];
            left &= left - 1;
            if pattern.looks_at(&site)
                && let Some(mut relation) = (pattern.apply)(&site)
            {
                relation.pattern = pattern.name;
                relation.content.retain(|(from, to)| from < to);
                if !relation.content.is_empty() {
                    found.push(relation);
                    break;
                }
            }
        }
    }
}

/// The source of the sentence's last attribution whose cue stands before token `at`.
fn spoke_before(
    stream: &Stream<'_>,
    found: &[Relation],
    first: usize,
    at: usize,
) -> Option<Mention> {
    // "Ortiz paid a clerk who said …, adding": the clause's clerk does not go on.
    let matrix = |r: &&Relation| {
        r.cue.is_none_or(|(cue, _)| {
            cue == 0 || !stream.tokens[cue - 1].is(lex::RELATIVE) || r.source.is_none()
        })
    };
    found[first..]
        .iter()
        .filter(matrix)
        .filter_map(|r| r.cue.filter(|cue| cue.1 <= at).map(|cue| (cue.1, r.source)))
        .max_by_key(|&(to, _)| to)
        // "Ortiz called it late; Dorn disagreed, calling": another clause, another speaker.
        .filter(|&(to, _)| !(to..at).any(|i| stream.tokens[i].punct(';')))
        .and_then(|(_, source)| source)
}

/// One past the relation's part that holds token `at`, if one of this sentence does.
fn taken(found: &[Relation], first: usize, at: usize) -> Option<usize> {
    found[first..].iter().find_map(|relation| {
        let inside = |&(from, to): &Piece| (from..to).contains(&at).then_some(to);
        relation
            .content
            .iter()
            .find_map(inside)
            .or_else(|| relation.cue.as_ref().and_then(inside))
            .or_else(|| relation.source.and_then(|m| inside(&(m.from, m.to))))
    })
}

/// The stretch around `at` that no relation of the sentence has taken yet.
fn bounds(found: &[Relation], first: usize, sentence: Sentence, at: usize) -> Piece {
    let (mut floor, mut ceiling) = (sentence.from, sentence.to);
    for relation in &found[first..] {
        let pieces = relation.content.iter().copied().chain(relation.cue);
        for (from, to) in pieces {
            if to <= at {
                floor = floor.max(to);
            } else if from > at {
                ceiling = ceiling.min(from);
            }
        }
    }
    (floor, ceiling)
}

/// Joins quotations that stand alone after an attributed one: the same attribution goes on to the
/// paragraph's end, and into the next paragraph where the marks reopen.
fn follow(stream: &Stream<'_>, found: &mut [Relation], owned: &mut [bool]) {
    for relation in found.iter_mut() {
        // "She scolded him: “…”": only what is itself quoted goes on.
        let mut quote = last_quote(stream, relation);
        if quote.is_none() {
            continue;
        }
        let mut index = relation.sentence + 1;
        let paragraph = stream.sentences[relation.sentence].paragraph;
        while let Some(sentence) = stream.sentences.get(index) {
            let same = sentence.paragraph == paragraph
                || quote.is_some_and(|q| {
                    stream.verbatim[stream.tokens[q].quote as usize].continues
                        && first_quote(stream, *sentence)
                            .is_some_and(|n| stream.tokens[n].quote == stream.tokens[q].quote + 1)
                });
            if !same || !only_quotes(stream, *sentence) {
                break;
            }
            if (sentence.from..sentence.to).any(|i| {
                stream.tokens[i].kind == Kind::Quote && owned[stream.tokens[i].quote as usize]
            }) {
                break;
            }
            let to = quotes_end(stream, *sentence);
            relation.content.push((sentence.from, to));
            quote =
                (sentence.from..sentence.to).rev().find(|&i| stream.tokens[i].kind == Kind::Quote);
            for i in sentence.from..sentence.to {
                if stream.tokens[i].kind == Kind::Quote {
                    owned[stream.tokens[i].quote as usize] = true;
                }
            }
            index += 1;
        }
    }
}

/// The last quotation of the reported words.
fn last_quote(stream: &Stream<'_>, relation: &Relation) -> Option<usize> {
    let pieces = relation.content.iter().rev();
    pieces.flat_map(|&(from, to)| (from..to).rev()).find(|&i| stream.tokens[i].kind == Kind::Quote)
}

fn first_quote(stream: &Stream<'_>, sentence: Sentence) -> Option<usize> {
    (sentence.from..sentence.to).find(|&i| stream.tokens[i].kind == Kind::Quote)
}

/// True for a sentence of quotations and nothing else.
fn only_quotes(stream: &Stream<'_>, sentence: Sentence) -> bool {
    let mut quotes = 0;
    for token in &stream.tokens[sentence.from..sentence.to] {
        match token.kind {
            Kind::Quote => quotes += 1,
            Kind::Punct if !matches!(token.mark, ':' | '(' | ';') => {}
            _ => return false,
        }
    }
    quotes > 0
}

/// One past the last quote token of the sentence.
fn quotes_end(stream: &Stream<'_>, sentence: Sentence) -> usize {
    (sentence.from..sentence.to)
        .rev()
        .find(|&i| stream.tokens[i].kind == Kind::Quote)
        .map_or(sentence.to, |i| i + 1)
}

/// The content that ends where an attribution begins at token `unit`: a quotation with what belongs
/// to it, or a clause before a comma. Not before `site.floor`.
fn content_before(site: &Site<'_, '_>, unit: usize) -> Option<Piece> {
    let stream = site.stream;
    if unit <= site.floor {
        return None;
    }
    let mut end = unit;
    while end > site.floor
        && stream.tokens[end - 1].kind == Kind::Punct
        && matches!(stream.tokens[end - 1].mark, ',' | '—' | '-')
    {
        end -= 1;
    }
    if end <= site.floor {
        return None;
    }
    let mut from = site.floor;
    while from < end
        && stream.tokens[from].kind == Kind::Punct
        && !matches!(stream.tokens[from].mark, '(' | '[' | '$')
    {
        from += 1;
    }
    let last = &stream.tokens[end - 1];
    if last.kind == Kind::Quote && last.capital && end - 1 > from {
        let before = &stream.tokens[end - 2];
        // "She smiled: “…,” she said", "Asked why, “…,” he said": the quotation stands alone.
        if before.kind == Kind::Punct && matches!(before.mark, ':' | ',' | '—' | '.' | ')') {
            let continued =
                before.punct(',') && end >= 3 && stream.tokens[end - 3].kind == Kind::Quote;
            if !continued {
                from = end - 1;
            }
        }
    }
    (from < end).then_some((from, end))
}

/// Longest run of adverbials after a cue, in tokens.
const LONGEST_ADVERBIAL: usize = 24;

/// Skips what may stand between a cue and its content: adverbs, days, "in a statement", and a
/// listener if the verb takes one. Gives back the token after it.
fn skip_adverbials(site: &Site<'_, '_>, from: usize, listener: bool) -> usize {
    let stream = site.stream;
    let end = site.ceiling.min(from + LONGEST_ADVERBIAL);
    let infinitive = site.group.is_some_and(|g| g.cue.takes & lex::takes::INFINITIVE != 0);
    let mut at = from;
    if listener {
        at = skip_listener(site, at);
    }
    while at < end {
        let token = &stream.tokens[at];
        if token.kind == Kind::Word
            && token.is(lex::TIME | lex::ADVERB)
            && !token.is(lex::PRONOUN | lex::SUBORDINATOR | lex::NEGATION)
        {
            // "Friday's test" is no time.
            if stream.tokens.get(at + 1).is_some_and(|t| t.kind == Kind::Possessive) {
                break;
            }
            // "this" and "last" begin a time only before one: "last week".
            if token.is(lex::DETERMINER)
                && !stream.tokens.get(at + 1).is_some_and(|t| t.is(lex::TIME))
            {
                break;
            }
            at += 1;
            if stream.tokens.get(at).is_some_and(|t| t.kind == Kind::Number && token.is(lex::TIME))
            {
                at += 1;
            }
            continue;
        }
        if token.kind == Kind::Word && !token.capital && token.is(lex::ADVERBIAL) {
            // "vowed to fight": an infinitive is content.
            if infinitive
                && stream.says(at, "to")
                && stream.tokens.get(at + 1).is_some_and(|t| {
                    !t.capital && !t.is(lex::DETERMINER | lex::LISTENER | lex::PRONOUN)
                })
            {
                break;
            }
            let next = skip_phrase(stream, at + 1, end);
            if next == at + 1 {
                break;
            }
            at = next;
            continue;
        }
        break;
    }
    at
}

/// Skips a simple noun phrase: determiner, then lower-case words, or a name.
fn skip_phrase(stream: &Stream<'_>, from: usize, end: usize) -> usize {
    let mut at = from;
    let (mut noun, mut name) = (false, false);
    while at < end {
        let token = &stream.tokens[at];
        let ok = match token.kind {
            Kind::Word if token.is(lex::TIME) => true,
            Kind::Word if sources::is_name_word(stream, at) => !noun || name,
            Kind::Word
                if token.is(lex::SUBORDINATOR
                    | lex::RELATIVE
                    | lex::AUXILIARY
                    | lex::VERB
                    | lex::CONJUNCTION) =>
            {
                false
            }
            Kind::Word if token.is(lex::PREPOSITION) => false,
            Kind::Word if token.is(lex::PRONOUN) => at == from || stream.says(at, "her"),
            Kind::Word if token.is(lex::DETERMINER) => at == from,
            Kind::Word => !name,
            Kind::Number => true,
            Kind::Possessive => {
                name = false;
                noun = false;
                at += 1;
                continue;
            }
            // "on the channel's “Long Hour” that": a title in the middle.
            Kind::Quote => {
                at == from
                    || stream.quote_words(token, 5) < 5
                        && (!token.capital
                            || (noun && !name || stream.tokens[at - 1].kind == Kind::Possessive)
                                && is_title_case(stream.inside(token))
                                && stream.tokens.get(at + 1).is_some_and(|t| t.kind == Kind::Word))
            }
            Kind::Punct | Kind::Break => false,
        };
        if !ok {
            break;
        }
        if token.is(lex::PRONOUN) && !stream.says(at, "her") {
            return at + 1;
        }
        if token.kind == Kind::Word && !token.is(lex::DETERMINER) {
            if sources::is_name_word(stream, at) || token.is(lex::TIME) && token.capital {
                name = true;
            } else {
                noun = true;
            }
        }
        at += 1;
    }
    at
}

/// Longest name of a programme in words.
const LONGEST_PROGRAMME: usize = 6;

/// Skips the one who is told: "reporters", "The Daily Post", "the board", "him".
fn skip_listener(site: &Site<'_, '_>, from: usize) -> usize {
    let stream = site.stream;
    let Some(token) = site.token(from) else { return from };
    if stream.says(from, "that") {
        return from;
    }
    if token.kind != Kind::Word
        || token.is(lex::SUBORDINATOR | lex::PREPOSITION)
            && !token.is(lex::DETERMINER | lex::PRONOUN)
    {
        return from;
    }
    if token.is(lex::MALE | lex::FEMALE | lex::PLURAL) && !token.is(lex::DETERMINER)
        || matches!(stream.word(from), "me" | "us" | "you" | "it")
    {
        return from + 1;
    }
    let mut at = from;
    while at < site.ceiling {
        let Some(mention) = sources::right_of(stream, at, site.ceiling) else { break };
        at = mention.to;
        // "told the channel's “Long Hour” on Friday"
        if site.token(at).is_some_and(|t| t.kind == Kind::Possessive) {
            at += 1;
        }
        let Some(next) = site.token(at) else { break };
        // "told Kay Burley of Sky", "told a crowd in Ohio"
        if next.kind == Kind::Word
            && !next.capital
            && next.is(lex::PREPOSITION)
            && matches!(
                stream.word(at),
                "of" | "in"
                    | "at"
                    | "from"
                    | "on"
                    | "with"
                    | "outside"
                    | "aboard"
                    | "inside"
                    | "near"
                    | "after"
                    | "before"
                    | "during"
            )
        {
            at += 1;
            continue;
        }
        // "told the channel's “Long Hour”", also where a quotation begins or the sentence ends after it
        let titled = next.kind == Kind::Quote
            && stream.tokens[at - 1].kind == Kind::Possessive
            && stream.quote_words(next, LONGEST_PROGRAMME + 1) <= LONGEST_PROGRAMME
            && is_title_case(stream.inside(next));
        if next.punct('\'')
            || titled
            || next.kind == Kind::Quote
                && stream.quote_words(next, 4) < 4
                && (site.token(at + 1).is_some_and(|t| !matches!(t.kind, Kind::Punct))
                    || stream.tokens[at - 1].kind == Kind::Possessive)
        {
            at += 1;
            continue;
        }
        // "told Radio 4's Morning programme"
        if next.kind == Kind::Number
            && site.token(at + 1).is_some_and(|t| t.kind == Kind::Possessive)
        {
            at += 2;
            continue;
        }
        // "told the Harbour Press (HP)"
        if next.punct('(')
            && site.token(at + 1).is_some_and(|t| t.shout)
            && site.token(at + 2).is_some_and(|t| t.punct(')'))
        {
            at += 3;
            continue;
        }
        break;
    }
    at
}

/// Where a reported clause that begins at `from` ends: before the sentence's last mark, before the
/// next attribution of the sentence, before "; ".
fn content_end(site: &Site<'_, '_>, from: usize, subordinate: bool) -> usize {
    let stream = site.stream;
    let tokens = &stream.tokens;
    let mut end = site.ceiling;
    while end > from
        && tokens[end - 1].kind == Kind::Punct
        && matches!(tokens[end - 1].mark, '.' | '!' | '?' | ',' | ')' | ';' | '—' | ':')
    {
        if tokens[end - 1].mark == ')' && (from..end - 1).any(|i| tokens[i].punct('(')) {
            break;
        }
        end -= 1;
    }
    let mut at = from + 1;
    while at < end {
        let token = &tokens[at];
        let previous_comma = tokens[at - 1].punct(',');
        if token.punct(';') {
            return at;
        }
        // "While Ortiz said it was “lost,” Dorn called it “late”": the comma inside the marks.
        if token.kind == Kind::Quote
            && stream.quote_end(token) == ','
            && opened_by_subordinator(site)
            && clause_at(stream, at + 1, end)
        {
            return at + 1;
        }
        // "the delay was “inexcusable,” adding: “…”", "“late,” then added: “…”"
        if token.kind == Kind::Quote
            && stream.quote_end(token) == ','
            && goes_on(stream, at + 1, end)
        {
            return at + 1;
        }
        if token.kind == Kind::Punct && token.mark == ',' {
            let next = at + 1;
            if subordinate
                && (attribution_at(stream, next, end)
                    || opened_by_subordinator(site)
                        && (clause_at(stream, next, end) || stream.says(next, "however")))
            {
                return at;
            }
            if let Some(word) = tokens.get(next)
                && next < end
                && word.kind == Kind::Word
                && !word.capital
            {
                if word.cue.is_some_and(|cue| cue.tense == lex::Tense::Ing) {
                    return at;
                }
                // "said the manager, who resigned in May, was": the clause goes on behind the aside.
                if stream.says(next, "who")
                    && let Some(close) = aside_end(stream, next, end)
                {
                    at = close + 1;
                    continue;
                }
                // "The Courier, citing three clerks, reported": the aside ends.
                let aside = site.group.is_some_and(|group| group.participle)
                    && site.at.checked_sub(1).is_some_and(|before| tokens[before].punct(','));
                if aside
                    && word.cue.is_some_and(|cue| {
                        let noun = cue.takes & lex::takes::NOUN != 0;
                        cue.takes & lex::takes::QUOTE != 0
                            && (cue.tense == lex::Tense::Past
                                || cue.tense == lex::Tense::Third && !noun)
                    })
                {
                    return at;
                }
                let aside = stream.says(next, "with")
                    && (next..end.min(next + 12))
                        .any(|i| tokens[i].cue.is_some_and(|c| c.tense == lex::Tense::Ing));
                if aside
                    || matches!(
                        stream.word(next),
                        "but"
                            | "while"
                            | "although"
                            | "though"
                            | "whereas"
                            | "according"
                            | "who"
                            | "even"
                    )
                    || word.is(lex::CONJUNCTION) && attribution_at(stream, next + 1, end)
                    || inverted_at(stream, next, end)
                    || stream.says(next, "as") && attribution_at(stream, next + 1, end)
                {
                    return at;
                }
            }
        }
        if token.kind == Kind::Word
            && token.is(lex::CONJUNCTION)
            && (stream.says(at, "and") || stream.says(at, "but"))
            && !previous_comma
        {
            let apart = stream.says(at, "but") || tokens[at - 1].kind == Kind::Quote;
            if apart && attribution_at(stream, at + 1, end) {
                return at;
            }
            let mut verb = at + 1;
            while verb < end && tokens[verb].kind == Kind::Word && tokens[verb].is(lex::ADVERB) {
                verb += 1;
            }
            if verb < end
                && tokens[verb].cue.is_some_and(|cue| {
                    matches!(cue.tense, lex::Tense::Past | lex::Tense::Third)
                        && cue.takes & (lex::takes::NOUN | lex::takes::THOUGHT) == 0
                })
            {
                return at;
            }
        }
        at += 1;
    }
    end
}

/// True where tokens from `at` go on with what the same one says: "adding", "and then added".
fn goes_on(stream: &Stream<'_>, at: usize, end: usize) -> bool {
    /// Most words before the verb.
    const REACH: usize = 3;
    let tokens = &stream.tokens;
    let small = |&i: &usize| tokens[i].kind == Kind::Word && !tokens[i].capital;
    let mut words = (at..end.min(at + REACH)).take_while(small);
    words.find(|&i| !tokens[i].is(lex::ADVERB | lex::CONJUNCTION)).is_some_and(|i| {
        tokens[i].cue.is_some_and(|cue| {
            cue.takes & lex::takes::QUOTE != 0
                && (cue.tense == lex::Tense::Ing && i == at
                    || i > at && cue.tense == lex::Tense::Past)
        })
    })
}

/// The comma behind the relative clause that begins at `from`, where the verb of its noun follows.
fn aside_end(stream: &Stream<'_>, from: usize, end: usize) -> Option<usize> {
    /// Longest such clause in tokens.
    const LONGEST: usize = 20;
    let close = (from..end.min(from + LONGEST)).find(|&i| stream.tokens[i].punct(','))?;
    let verb = stream.tokens.get(close + 1).filter(|_| close + 1 < end)?;
    (verb.is(lex::AUXILIARY) && !verb.capital).then_some(close)
}

/// True where the sentence begins with a clause that the main one follows: "When Ortiz said …, the
/// board left", and the trigger stands in it.
fn opened_by_subordinator(site: &Site<'_, '_>) -> bool {
    let stream = site.stream;
    let from = site.sentence.from;
    let first = &stream.tokens[from];
    let opens = first.is(lex::SUBORDINATOR)
        || matches!(stream.word(from), "After" | "Before" | "Since" | "As" | "Even");
    let name = sources::is_name_word(stream, from);
    opens && !name && (from..site.at).all(|i| !stream.tokens[i].punct(','))
}

/// True where tokens from `at` read as a clause's subject and verb.
fn clause_at(stream: &Stream<'_>, at: usize, end: usize) -> bool {
    let Some(source) = sources::right_of(stream, at, end) else { return false };
    let mut verb = source.to;
    while verb < end
        && stream.tokens[verb].kind == Kind::Word
        && stream.tokens[verb].is(lex::ADVERB)
    {
        verb += 1;
    }
    verb < end && source.can_speak(stream) && {
        let token = &stream.tokens[verb];
        token.kind == Kind::Word
            && (token.is(lex::AUXILIARY | lex::VERB | lex::RELATIVE)
                || token.cue.is_some_and(|c| c.tense != lex::Tense::Ing)
                || !token.capital && stream.word(verb).ends_with("ed"))
    }
}

/// True where tokens from `at` read "the mayor said": an attribution of its own.
fn attribution_at(stream: &Stream<'_>, at: usize, end: usize) -> bool {
    let Some(source) = sources::right_of(stream, at, end) else { return false };
    let mut verb = source.to;
    while verb < end
        && stream.tokens[verb].kind == Kind::Word
        && stream.tokens[verb].is(lex::ADVERB | lex::AUXILIARY)
    {
        verb += 1;
    }
    verb < end
        && stream.tokens[verb].cue.is_some_and(|cue| {
            cue.takes & lex::takes::QUOTE != 0
                && matches!(cue.tense, lex::Tense::Past | lex::Tense::Third)
        })
        && source.can_speak(stream)
}

/// True where tokens `at..end` read "adds Ortiz": an attribution that closes its sentence.
fn inverted_at(stream: &Stream<'_>, at: usize, end: usize) -> bool {
    let cue = stream.tokens[at].cue;
    cue.is_some_and(|cue| {
        cue.takes & lex::takes::QUOTE != 0
            && matches!(cue.tense, lex::Tense::Past | lex::Tense::Third)
    }) && sources::right_of(stream, at + 1, end)
        .is_some_and(|m| m.to == end && sources::is_name_word(stream, m.to - 1))
}

/// The subject of the group: before it, or for "to say" before the verb that governs it.
fn subject(site: &Site<'_, '_>, group: &Group) -> Option<Mention> {
    let stream = site.stream;
    let tokens = &stream.tokens;
    let floor = site.sentence.from;
    let mut verb = group.from;
    if group.infinitive {
        // "went on to say", "took to the radio to say"
        let mut at = verb - 1;
        let stop = site.floor.max(verb.saturating_sub(10));
        let governor = loop {
            if at <= stop {
                return None;
            }
            at -= 1;
            let token = &tokens[at];
            if token.kind == Kind::Punct
                || token.kind == Kind::Quote
                || token.is(lex::RELATIVE | lex::SUBORDINATOR)
            {
                return None;
            }
            if token.is(lex::VERB)
                || token
                    .cue
                    .is_some_and(|c| matches!(c.tense, lex::Tense::Past | lex::Tense::Third))
            {
                break at;
            }
        };
        verb = governor;
        // "It seems unfair to tell them": nobody tells.
        let plain = tokens[governor].is(lex::BE)
            || matches!(stream.word(governor), "seems" | "seemed" | "appears" | "appeared");
        if plain && governor > floor && stream.word(governor - 1).eq_ignore_ascii_case("it") {
            return None;
        }
        while verb > floor
            && tokens[verb - 1].kind == Kind::Word
            && tokens[verb - 1].is(lex::AUXILIARY | lex::ADVERB)
        {
            verb -= 1;
        }
    }
    if verb <= floor {
        return None;
    }
    let before = &tokens[verb - 1];
    // "took the stage and said": the sentence's subject speaks.
    if before.is(lex::CONJUNCTION) && before.kind == Kind::Word {
        return sources::sentence_subject(stream, site.sentence, verb);
    }
    if before.kind == Kind::Punct
        && before.mark == ','
        && verb >= 2
        && tokens[verb - 2].kind == Kind::Quote
    {
        return None;
    }
    // "Ortiz, who called it “a plague,” said": the clause has been taken with its comma.
    if before.kind == Kind::Quote && site.floor == verb {
        return sources::subject(stream, floor, verb);
    }
    // "The Courier, citing three clerks, reported": who did the one does the other.
    if before.punct(',') && site.floor + 1 == verb && site.spoke.is_some() {
        return site.spoke;
    }
    if let Some(found) = sources::subject(stream, site.floor, verb) {
        return Some(found);
    }
    None
}

/// True for a participle with its agent: "the divide highlighted by the shootings", not "said by phone".
fn has_agent(stream: &Stream<'_>, group: &Group) -> bool {
    let agent = stream.tokens.get(group.to + 1);
    group.from == group.verb
        && stream.says(group.to, "by")
        && agent.is_some_and(|t| {
            t.is(lex::DETERMINER | lex::PRONOUN) || sources::is_name_word(stream, group.to + 1)
        })
}

/// True where the quotation at `at` is the title of a work, as the object of the verb: "The crew sang
/// “Home Across the Water” as they left", "Ortiz, who wrote “The Long Winter,” left".
fn is_object_title(site: &Site<'_, '_>, group: &Group, at: usize) -> bool {
    let stream = site.stream;
    let Some(quote) = site.token(at).filter(|t| t.kind == Kind::Quote && at == group.to) else {
        return false;
    };
    let end = stream.quote_end(quote);
    (end.is_alphanumeric() || end == ',')
        && is_long_title(stream.inside(quote))
        && site.token(at + 1).is_some_and(|t| t.kind == Kind::Word)
        && !stream.in_title_case(site.sentence)
}

/// Several words of some length, and each of them begins with a capital.
fn is_long_title(text: &str) -> bool {
    is_title_case(text) && text.split_whitespace().filter(|w| w.chars().count() > 3).count() > 1
}

/// Every word of some length begins with a capital.
fn is_title_case(text: &str) -> bool {
    let (mut words, mut long) = (0, 0);
    for word in text.split_whitespace() {
        words += 1;
        if word.chars().nth(3).is_some() {
            // Most words have none, so that most texts end here.
            if !word.starts_with(char::is_uppercase) {
                return false;
            }
            long += 1;
        }
    }
    words > 1 && long > 0
}
