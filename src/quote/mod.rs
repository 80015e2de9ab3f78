//! Quotes out of text: who said what, in which words.
//!
//! Text → attribution relations with resolved speakers. Pure: no I/O, no clock. Refuses to guess: a
//! quote whose speaker the text does not show has none.
//!
//! The way of a text: `language` (whose words) → `marks` (verbatim spans; `incises` cuts out what is
//! not) → `tokens` (one stream, a quotation is one token;
//! sentences) → `patterns` (source, cue, content; `cues` and `sources` help) → `speakers` (whom the
//! source means) → `roles` → `confidence`. The words all this knows stand in `lexicon/<language>/*.toml`.

mod confidence;
mod cues;
mod declension;
mod incises;
mod language;
mod letters;
mod lexicon;
mod marks;
mod patterns;
mod points;
mod roles;
mod sources;
mod speakers;
mod tokens;

#[cfg(test)]
mod cases;

use std::borrow::Cow;
use std::cell::Cell;
use std::collections::HashMap;

use rustc_hash::FxBuildHasher;

pub use confidence::Features;
use lexicon::Lexicon;
use patterns::Relation;
use points::Points;
use sources::Mention;
pub use speakers::How;
use speakers::{Cast, Entity, Resolved};
use tokens::{Kind, Room, Stream};

use crate::domain::hash::{self, Name};
use crate::domain::quote::{Few, Found, Quote, QuoteKind, Span};
use crate::domain::speaker::{Speaker, SpeakerKind};

/// Code points of context on each side of a quote, as W3C's TextQuoteSelector examples have.
const CONTEXT: usize = 32;
/// Words of the shortest indirect quotation: a lone "so" or "that" reports nothing.
const SHORTEST_INDIRECT: usize = 2;
/// A speaker less probable than this is not named.
const LEAST: f64 = 0.4;
/// Bytes of most wordings, about: room made at once spares copies.
const FOLDED: usize = 1 << 9;
/// Paragraphs a conversation reaches over.
const CONVERSATION: usize = 2;

/// What the extractor is given: one article's text and what is known about it.
#[derive(Debug, Clone, Copy, Default)]
pub struct Document<'a> {
    /// Stable name of the article; quote ids derive from it.
    pub key: &'a str,
    /// The text that offsets count in, paragraphs split by line breaks.
    pub text: &'a str,
    /// The headline; a name may stand in full only there.
    pub title: Option<&'a str>,
    /// The authors' names: a name may stand in full only there. They speak only where the text says
    /// so: "I" is nobody.
    pub byline: &'a [String],
    /// The outlet: no person, whatever its name looks like ("told Foreign Policy").
    pub outlet: Option<&'a str>,
    /// ISO 639-1 code, if known.
    pub language: Option<&'a str>,
}

/// Every quote of the document, in the order of their first content span. Never fails, any input.
#[must_use]
pub fn extract<'a>(document: &Document<'a>) -> Vec<Found<'a>> {
    run(document, &mut |_| {})
}

/// Like [`extract`], each quote with what its confidence rests on: to measure how far it holds.
#[must_use]
pub fn extract_with_features<'a>(document: &Document<'a>) -> Vec<(Found<'a>, Features)> {
    let mut features = Vec::new();
    let quotes = run(document, &mut |rests_on| features.push(rests_on));
    quotes.into_iter().zip(features).collect()
}

thread_local! {
    /// Where this thread read its last text: most texts are short, and new memory for each costs more
    /// than what is written there. A stretch's, 3 MB, at most.
    static ROOM: Cell<Room> = Cell::default();
}

/// The quotes; `tell` is told the features of each.
fn run<'a>(document: &Document<'a>, tell: &mut dyn FnMut(Features)) -> Vec<Found<'a>> {
    let known = language::of(document.text, document.language);
    let lexicon = known.unwrap_or_else(Lexicon::english);
    let mut title_names =
        document.title.map(|title| speakers::full_names(title, lexicon)).unwrap_or_default();
    title_names.extend(document.byline.iter().filter_map(|author| speakers::author_name(author)));
    let mut quotes = Vec::new();
    let mut origin = Origin::default();
    let mut room = ROOM.take();
    for text in stretches(document.text) {
        let (verbatim, relations_of): (_, fn(&Stream<'_>) -> Vec<Relation>) = if known.is_some() {
            (incises::split(text, marks::find(text), lexicon), patterns::relations)
        } else {
            (marks::find(text), patterns::verbatim_only)
        };
        let stream = Stream::in_room(room, text, verbatim, lexicon);
        let relations = relations_of(&stream);
        let mut cast = Cast::gather(&stream, &subjects(&stream, &relations));
        if let Some(outlet) = document.outlet {
            cast.know_outlet(&stream, outlet);
        }
        let resolved = resolve(&stream, &mut cast, &relations);
        let mut parts = Vec::with_capacity(FOLDED);
        hash::part(&mut parts, |out| out.extend_from_slice(document.key.as_bytes()));
        let mut printer = Printer {
            document,
            title_names: &title_names,
            origin,
            stream: &stream,
            cast: &cast,
            points: Points::new(text),
            key: parts.len(),
            parts,
            known: HashMap::with_capacity_and_hasher(cast.entities.len(), FxBuildHasher),
            told: told(&stream, &cast, &relations, &resolved),
        };
        quotes.reserve(relations.len());
        for (relation, speaker) in relations.iter().zip(&resolved) {
            if let Some((quote, rests_on)) = printer.quote(relation, speaker) {
                quotes.push(quote);
                tell(rests_on);
            }
        }
        origin.byte += text.len();
        origin.point += printer.points.at(text.len());
        origin.paragraph += stream.breaks;
        drop(printer);
        room = stream.into_room();
    }
    ROOM.set(room);
    number_repeats(&mut quotes);
    quotes
}

/// The pattern whose source is not the subject of a verb.
const CHANGED: &str = "according_to";

/// The sources that are subjects, in reading order, where it matters.
fn subjects(stream: &Stream<'_>, relations: &[Relation]) -> Vec<Mention> {
    if !declension::changes(stream) {
        return Vec::new();
    }
    let subjects = relations.iter().filter(|r| r.pattern != CHANGED);
    let mut mentions: Vec<Mention> = subjects.filter_map(|r| r.source).collect();
    mentions.sort_by_key(|m| m.from);
    mentions
}

/// Most bytes read at once: no article is as long (40,000 words), a text of any length takes the same
/// memory beside its quotes, and the tokens of a stretch stay near the processor.
const STRETCH: usize = 1 << 18;

/// Where a stretch begins in its document.
#[derive(Debug, Clone, Copy, Default)]
struct Origin {
    byte: usize,
    point: usize,
    paragraph: usize,
}

/// The text in stretches of at most [`STRETCH`] bytes, cut after a line, else after a sentence or a
/// word.
fn stretches(text: &str) -> impl Iterator<Item = &str> {
    let mut rest = text;
    std::iter::from_fn(move || {
        let whole = &rest[..rest.floor_char_boundary(STRETCH)];
        let cut = || ["\n", ". ", " "].iter().find_map(|end| Some(whole.rfind(end)? + 1));
        let end = if whole.len() < rest.len() { cut() } else { None }.unwrap_or(whole.len());
        let stretch;
        (stretch, rest) = rest.split_at(end);
        (!stretch.is_empty()).then_some(stretch)
    })
}

/// Whom each relation's source means, in reading order.
fn resolve(stream: &Stream<'_>, cast: &mut Cast, relations: &[Relation]) -> Vec<Resolved> {
    let mut out: Vec<Resolved> = Vec::with_capacity(relations.len());
    // The conversation: who spoke last, and in which paragraph.
    let mut last: Option<(Resolved, usize)> = None;
    for relation in relations {
        let sentence = &stream.sentences[cast.sentence(relation.content[0].0)];
        let paragraph = sentence.paragraph;
        let mut resolved = relation.source.map_or_else(Resolved::nobody, |source| {
            // "Q: …", "A: …": who asks and who answers is said elsewhere, if at all.
            if relation.pattern == "transcript"
                && matches!(stream.word(source.from).trim_end_matches('.'), "Q" | "A")
            {
                return Resolved::nobody();
            }
            if relation.pattern == CHANGED && declension::changes(stream) {
                cast.resolve_changed(stream, source)
            } else {
                cast.resolve(stream, source, relation.sentence)
            }
        });
        // "the statement added": the text that whoever spoke last put out.
        if resolved.how == How::Description
            && resolved.kind == SpeakerKind::Document
            && relation.source.is_some_and(|source| is_plain_text(stream, source))
            && let Some((speaker, at)) = &last
            && paragraph.saturating_sub(*at) <= 1
        {
            resolved = Resolved { how: How::Nominal, ..speaker.clone() };
        }
        // «…», añadió: the verb shows that whoever spoke last goes on.
        if relation.source.is_none()
            && relation.cue.is_some()
            && stream.lexicon.grammar.drops_subject
            && let Some((speaker, at)) = &last
            && paragraph.saturating_sub(*at) <= 1
        {
            resolved = speaker.going_on();
        }
        if relation.pattern == "floating" {
            // "FAREWELL — “The bar closes”": a label in capitals is nobody.
            let label = relation.source.is_some_and(|m| {
                (m.from..m.to).all(|i| stream.tokens[i].shout) && resolved.how == How::SingleName
                    || m.to - m.from > 1 && (m.from..m.to).all(|i| stream.tokens[i].shout)
            });
            let speaks = resolved.kind == SpeakerKind::Person && !label
                || relation.cue.is_some() && resolved.kind != SpeakerKind::Unknown;
            if relation.source.is_some_and(|source| source.is_writer(stream)) {
                resolved = Resolved::nobody();
            } else if !speaks {
                resolved = match &last {
                    Some((speaker, at)) if paragraph.saturating_sub(*at) <= CONVERSATION => {
                        speaker.going_on()
                    }
                    _ => Resolved::nobody(),
                };
            } else if relation.cue.is_none() {
                resolved = resolved.going_on();
            }
        }
        if resolved.how != How::Nobody
            && (resolved.kind == SpeakerKind::Person || has_quote(stream, relation))
        {
            let end = relation.content.last().map_or(relation.content[0].1, |p| p.1);
            let at = stream.sentences[cast.sentence(end - 1)].paragraph.max(paragraph);
            last = Some((resolved.clone(), at));
        }
        out.push(resolved);
    }
    out
}

/// What the text tells of its speakers away from their names: by pronouns and descriptions, and
/// where a source describes one ("says the founder of Harbour Press").
fn told(
    stream: &Stream<'_>,
    cast: &Cast,
    relations: &[Relation],
    resolved: &[Resolved],
) -> Vec<roles::Told> {
    let mut told = roles::gather(stream, cast);
    for (relation, speaker) in relations.iter().zip(resolved) {
        if let (Some(entity), Some(source), How::Nominal) =
            (speaker.entity, relation.source, speaker.how)
            && source.to - source.from > 1
            && speaker.kind == SpeakerKind::Person
        {
            told.push(roles::Told {
                entity,
                facts: roles::of_description(stream, source),
                sure: false,
            });
        }
    }
    told.sort_by_key(|t| t.entity);
    told
}

/// What the text names the source with: in a relative clause the pronoun "who", not the name that it
/// stands for.
fn mention(stream: &Stream<'_>, relation: &Relation) -> Option<Mention> {
    let source = relation.source?;
    let before = relation.cue.and_then(|(cue, _)| cue.checked_sub(1));
    let relative = before.filter(|&at| {
        at >= source.to
            && stream.tokens[at].kind == Kind::Word
            && matches!(stream.word(at), "who" | "which")
    });
    Some(relative.map_or(source, |at| Mention { from: at, to: at + 1 }))
}

/// "the statement", "the letter": a text somebody has put out, without a description.
fn is_plain_text(stream: &Stream<'_>, source: Mention) -> bool {
    source.to == source.from + 2
        && stream.says(source.from, "the")
        && stream.tokens[source.from + 1].is(lexicon::ISSUED)
}

fn has_quote(stream: &Stream<'_>, relation: &Relation) -> bool {
    relation
        .content
        .iter()
        .any(|&(from, to)| stream.tokens[from..to].iter().any(|t| t.kind == Kind::Quote))
}

/// What is printed of one of the cast, worked out once.
struct Known<'a> {
    id: Name,
    name: Cow<'a, str>,
    facts: roles::Facts,
}

struct Printer<'a, 's> {
    document: &'s Document<'a>,
    /// Full names of the headline and the byline by their last words.
    title_names: &'s [(u64, String)],
    origin: Origin,
    stream: &'s Stream<'a>,
    cast: &'s Cast,
    points: Points<'a>,
    /// What a quote is named by: the document's key, then room for its words.
    parts: Vec<u8>,
    /// Bytes of the key among them.
    key: usize,
    /// By the number in the cast.
    known: HashMap<usize, Known<'a>, FxBuildHasher>,
    told: Vec<roles::Told>,
}

impl<'a> Printer<'a, '_> {
    fn span(&self, from: usize, to: usize) -> Span<Cow<'a, str>> {
        let point = |byte| self.origin.point + self.points.at(byte);
        let (start, end) = (point(from), point(to));
        Span { start, end, text: Cow::Borrowed(&self.stream.text[from..to]) }
    }

    fn tokens_span(&self, from: usize, to: usize) -> Option<Span<Cow<'a, str>>> {
        if from >= to {
            return None;
        }
        let tokens = &self.stream.tokens;
        Some(self.span(tokens[from].start as usize, tokens[to - 1].end as usize))
    }

    fn quote(&mut self, relation: &Relation, resolved: &Resolved) -> Option<(Found<'a>, Features)> {
        let stream = self.stream;
        let (mut content, mut verbatim) = (Few::default(), Few::default());
        let (mut quoted, mut unquoted, mut broken) = (false, false, false);
        for &(from, to) in &relation.content {
            if let Some(span) = self.tokens_span(from, to) {
                content.push(span);
            }
            for token in &stream.tokens[from..to] {
                match token.kind {
                    Kind::Quote => {
                        let v = &stream.verbatim[token.quote as usize];
                        broken |= v.broken;
                        if v.start < v.end {
                            quoted = true;
                            verbatim.push(self.span(v.start, v.end));
                        }
                    }
                    Kind::Word | Kind::Number => unquoted = true,
                    _ => {}
                }
            }
        }
        if content.is_empty() {
            return None;
        }
        let kind = match (quoted, unquoted) {
            (true, false) => QuoteKind::Direct,
            (true, true) => QuoteKind::Mixed,
            (false, _) => QuoteKind::Indirect,
        };
        let spans = if quoted { &verbatim } else { &content };
        let text = match &**spans {
            [span] => span.text.clone(),
            several => Cow::Owned(several.iter().map(|s| &*s.text).collect::<Vec<_>>().join(" … ")),
        };
        if text.trim().is_empty()
            || kind == QuoteKind::Indirect
                && text.split_whitespace().nth(SHORTEST_INDIRECT - 1).is_none()
        {
            return None;
        }
        let start = stream.tokens[relation.content[0].0].start as usize;
        let end = relation.content.last().map_or(start, |p| stream.tokens[p.1 - 1].end as usize);
        let speaker = self.speaker(resolved);
        let features = Features { how: resolved.how, pattern: relation.pattern, kind, broken };
        let confidence = if speaker.is_some() { confidence::probability(&features) } else { 0.0 };
        // A wrong speaker is worse than none.
        let (speaker, confidence) =
            if confidence < LEAST { (None, 0.0) } else { (speaker, confidence) };
        let source = mention(stream, relation).and_then(|m| self.tokens_span(m.from, m.to));
        let cue = relation.cue.and_then(|(from, to)| self.tokens_span(from, to));
        let sentence = self.cast.sentence(relation.content[0].0);
        self.parts.truncate(self.key);
        hash::part(&mut self.parts, |out| fold(&text, out));
        let quote = Quote {
            id: Name::of(&self.parts),
            kind,
            text,
            content,
            verbatim,
            source,
            cue,
            speaker,
            confidence,
            prefix: Cow::Borrowed(before(self.document.text, self.origin.byte + start)),
            suffix: Cow::Borrowed(after(self.document.text, self.origin.byte + end)),
            paragraph: self.origin.paragraph + stream.sentences[sentence].paragraph,
        };
        Some((quote, features))
    }

    fn speaker(&mut self, resolved: &Resolved) -> Option<Speaker<Cow<'a, str>, Name>> {
        let stream = self.stream;
        let person = resolved.kind == SpeakerKind::Person;
        let (id, name, facts) = if let Some(entity) = resolved.entity {
            let known = self.known(entity);
            (known.id, known.name.clone(), known.facts)
        } else {
            let mention = resolved.described?;
            let name = match resolved.kind {
                SpeakerKind::Group => together(stream, mention),
                _ => Cow::Borrowed(description(stream, mention)),
            };
            let facts =
                if person { roles::of_description(stream, mention) } else { Default::default() };
            (speaker_id(&name, resolved.kind, &mut self.parts, self.key), name, facts)
        };
        let cut = |part: Mention| Cow::Borrowed(stream.phrase(part.from, part.to));
        Some(Speaker {
            id,
            name,
            kind: resolved.kind,
            role: facts.role.map(cut),
            affiliation: facts.affiliation.map(cut),
            anonymous: resolved.anonymous,
            identity: None,
        })
    }

    fn known(&mut self, entity: usize) -> &Known<'a> {
        let (stream, cast, told) = (self.stream, self.cast, &self.told);
        let (title_names, parts, key) = (self.title_names, &mut self.parts, self.key);
        let Entity { name, kind, .. } = cast.entities[entity];
        self.known.entry(entity).or_insert_with(|| {
            let words = name;
            let mut name = Cow::Borrowed(stream.phrase(words.from, words.to));
            if words.to == words.from + 1 {
                let key = tokens::fold_key(&name);
                if let Some((_, full)) = title_names.iter().find(|(last, _)| *last == key) {
                    name = Cow::Owned(full.clone());
                }
            }
            let facts = match kind {
                SpeakerKind::Person => roles::of_entity(stream, cast, entity, told),
                _ => roles::Facts::default(),
            };
            Known { id: speaker_id(&name, kind, parts, key), name, facts }
        })
    }
}

/// The speaker's stable name; `parts` has room for what it is made of from `key` on.
fn speaker_id(name: &str, kind: SpeakerKind, parts: &mut Vec<u8>, key: usize) -> Name {
    parts.truncate(key);
    hash::part(parts, |out| fold(name, out));
    hash::part(parts, |out| out.extend_from_slice(kind.as_str().as_bytes()));
    Name::of(&parts[key..])
}

/// The names of a group without what stands beside them: "Ortiz, head of the fund, and Brandt" → "Ortiz and
/// Brandt".
fn together<'a>(stream: &Stream<'a>, mention: Mention) -> Cow<'a, str> {
    let tokens = &stream.tokens;
    let mark = (mention.from..mention.to).find(|&i| tokens[i].punct(',') || tokens[i].punct('('));
    let and = (mention.from + 1..mention.to).rfind(|&i| {
        stream.says(i, "and") && (tokens[i - 1].punct(',') || tokens[i - 1].punct(')'))
    });
    // "Ortiz, Dorn, and Brandt" are names only.
    let aside = |mark: usize, and: usize| {
        (mark + 1..and).any(|i| !tokens[i].punct(',') && !sources::is_name_word(stream, i))
            || tokens[mark].punct('(')
    };
    match (mark, and) {
        (Some(mark), Some(and)) if mark + 1 < and && aside(mark, and) => Cow::Owned(format!(
            "{} and {}",
            stream.phrase(mention.from, mark),
            stream.phrase(and + 1, mention.to)
        )),
        _ => Cow::Borrowed(description(stream, mention)),
    }
}

/// A description without its article: "the official" → "official".
fn description<'a>(stream: &Stream<'a>, mention: Mention) -> &'a str {
    let mut from = mention.from;
    // "one of the sailors" is the whole description.
    let part = stream.tokens.get(from + 1).is_some_and(|t| t.is(lexicon::OF));
    if mention.to - from > 1 && stream.tokens[from].is(lexicon::ARTICLE) && !part {
        from += 1;
    }
    stream.phrase(from, mention.to)
}

/// Lower case, marks and spaces apart: what makes two wordings the same, behind what `out` holds.
fn fold(text: &str, out: &mut Vec<u8>) {
    let bytes = text.as_bytes();
    out.reserve(bytes.len() + letters::EIGHT);
    let start = out.len();
    // True behind a space, and at the beginning: a space there is left out.
    let mut spaced = true;
    let mut at = 0;
    while at < bytes.len() {
        let left = bytes.len() - at;
        let mut eight = [b' '; letters::EIGHT];
        match bytes[at..].first_chunk() {
            Some(&all) => eight = all,
            None => eight[..left].copy_from_slice(&bytes[at..]),
        }
        let (folded, holds) = letters::folded(eight, spaced);
        let count = holds.min(left);
        if count > 0 {
            let kept = out.len() + count;
            out.extend_from_slice(&folded);
            out.truncate(kept);
            spaced = folded[count - 1] == b' ';
            at += count;
        }
        if count == letters::EIGHT {
            continue;
        }
        // What does not hold of ASCII is a space behind a space.
        if bytes.get(at).is_some_and(u8::is_ascii) {
            at += 1;
            continue;
        }
        let Some(c) = text[at..].chars().next() else { break };
        at += c.len_utf8();
        if !is_general_punctuation(c) && c.is_alphanumeric() {
            for small in c.to_lowercase() {
                out.extend_from_slice(small.encode_utf8(&mut [0; 4]).as_bytes());
            }
            spaced = false;
        } else if !spaced {
            out.push(b' ');
            spaced = true;
        }
    }
    if spaced && out.len() > start {
        out.pop();
    }
}

/// True for “, ’, — and their like, which need no look into Unicode's tables.
fn is_general_punctuation(c: char) -> bool {
    matches!(c, '\u{2000}'..='\u{206f}')
}

/// Gives the second and later quotes of the same words in one article names of their own.
fn number_repeats(quotes: &mut [Found<'_>]) {
    // Few articles have any, which is sooner seen of sorted numbers.
    let mut ids: Vec<Name> = quotes.iter().map(|quote| quote.id).collect();
    ids.sort_unstable();
    if ids.windows(2).all(|pair| pair[0] != pair[1]) {
        return;
    }
    let mut seen: HashMap<Name, usize, FxBuildHasher> =
        HashMap::with_capacity_and_hasher(quotes.len(), FxBuildHasher);
    for quote in quotes {
        let count = seen.entry(quote.id).or_insert(0);
        *count += 1;
        if *count > 1 {
            quote.id = hash::name(&[&quote.id.to_string(), &count.to_string()]);
        }
    }
}

/// Up to [`CONTEXT`] code points before byte `at`.
fn before(text: &str, at: usize) -> &str {
    let near = at.saturating_sub(CONTEXT);
    if text.as_bytes()[near..at].is_ascii() {
        return &text[near..at];
    }
    let from = text[..at].char_indices().rev().take(CONTEXT).last().map_or(at, |(i, _)| i);
    &text[from..at]
}

/// Up to [`CONTEXT`] code points from byte `at` on.
fn after(text: &str, at: usize) -> &str {
    let near = text.len().min(at + CONTEXT);
    if text.as_bytes()[at..near].is_ascii() {
        return &text[at..near];
    }
    let to = text[at..].char_indices().nth(CONTEXT).map_or(text.len(), |(i, _)| at + i);
    &text[at..to]
}
