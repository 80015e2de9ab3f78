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
mod lexicon;
mod marks;
mod patterns;
mod roles;
mod sources;
mod speakers;
mod tokens;

#[cfg(test)]
mod cases;

use confidence::Features;
use lexicon::Lexicon;
use patterns::Relation;
use sources::Mention;
use speakers::{Cast, How, Resolved};
use tokens::{Kind, Stream};

use crate::domain::hash;
use crate::domain::quote::{Quote, QuoteKind, Span};
use crate::domain::speaker::{Speaker, SpeakerKind};

/// Code points of context on each side of a quote, as W3C's TextQuoteSelector examples have.
const CONTEXT: usize = 32;
/// Words of the shortest indirect quotation: a lone "so" or "that" reports nothing.
const SHORTEST_INDIRECT: usize = 2;
/// A speaker less probable than this is not named.
const LEAST: f64 = 0.4;
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
    /// The authors' names: they are nobody's speakers unless the text says so.
    pub byline: &'a [String],
    /// The outlet ("told Newsweek").
    pub outlet: Option<&'a str>,
    /// ISO 639-1 code, if known.
    pub language: Option<&'a str>,
}

/// Every quote of the document, in the order of their first content span. Never fails, any input.
#[must_use]
pub fn extract(document: &Document<'_>) -> Vec<Quote> {
    let known = language::of(document.text, document.language);
    let lexicon = known.unwrap_or_else(Lexicon::english);
    let verbatim = marks::find(document.text);
    let verbatim =
        if known.is_some() { incises::split(document.text, verbatim, lexicon) } else { verbatim };
    let stream = Stream::new(document.text, verbatim, lexicon);
    let relations = if known.is_some() {
        patterns::relations(&stream)
    } else {
        patterns::verbatim_only(&stream)
    };
    let mut cast = Cast::gather(&stream, &subjects(&stream, &relations));
    let resolved = resolve(&stream, &mut cast, &relations);
    let title_names =
        document.title.map(|title| speakers::full_names(title, lexicon)).unwrap_or_default();
    let mut printer = Printer {
        title_names,
        document,
        stream: &stream,
        cast: &cast,
        points: Points::default(),
        facts: Vec::new(),
    };
    let mut quotes: Vec<Quote> = Vec::with_capacity(relations.len());
    for (relation, speaker) in relations.iter().zip(&resolved) {
        quotes.extend(printer.quote(relation, speaker));
    }
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

/// Whom each relation's source means, in reading order.
fn resolve(stream: &Stream<'_>, cast: &mut Cast, relations: &[Relation]) -> Vec<Resolved> {
    let mut out: Vec<Resolved> = Vec::with_capacity(relations.len());
    // The conversation: who spoke last, and in which paragraph.
    let mut last: Option<(Resolved, usize)> = None;
    for relation in relations {
        let sentence = &stream.sentences[cast.sentence(relation.content[0].0)];
        let paragraph = sentence.paragraph;
        let mut resolved = relation.source.map_or_else(Resolved::nobody, |source| {
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
            resolved = Resolved { how: How::Conversation, ..speaker.clone() };
        }
        if relation.pattern == "floating" {
            let speaks = resolved.kind == SpeakerKind::Person
                || relation.cue.is_some() && resolved.kind != SpeakerKind::Unknown;
            if !speaks {
                resolved = match &last {
                    Some((speaker, at)) if paragraph.saturating_sub(*at) <= CONVERSATION => {
                        Resolved { how: How::Conversation, ..speaker.clone() }
                    }
                    _ => Resolved::nobody(),
                };
            } else if relation.cue.is_none() {
                resolved.how = How::Conversation;
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

/// "the statement", "the letter": a text somebody has put out, without a description.
fn is_plain_text(stream: &Stream<'_>, source: Mention) -> bool {
    source.to == source.from + 2
        && stream.says(source.from, "the")
        && matches!(
            stream.word(source.from + 1),
            "statement"
                | "letter"
                | "email"
                | "e-mail"
                | "memo"
                | "release"
                | "post"
                | "tweet"
                | "message"
        )
}

fn has_quote(stream: &Stream<'_>, relation: &Relation) -> bool {
    relation
        .content
        .iter()
        .any(|&(from, to)| stream.tokens[from..to].iter().any(|t| t.kind == Kind::Quote))
}

/// Turns byte offsets into code points with one cursor that remembers where it was.
#[derive(Debug, Default)]
struct Points {
    byte: usize,
    point: usize,
}

impl Points {
    fn at(&mut self, text: &str, byte: usize) -> usize {
        if byte >= self.byte {
            self.point += text[self.byte..byte].chars().count();
        } else {
            self.point -= text[byte..self.byte].chars().count();
        }
        self.byte = byte;
        self.point
    }
}

struct Printer<'a, 's> {
    document: &'a Document<'a>,
    stream: &'s Stream<'a>,
    cast: &'s Cast,
    /// Full names of the headline by their last words.
    title_names: Vec<(u64, String)>,
    points: Points,
    facts: Vec<(usize, roles::Facts)>,
}

impl Printer<'_, '_> {
    fn span(&mut self, from: usize, to: usize) -> Span {
        let text = self.stream.text;
        let start = self.points.at(text, from);
        let end = self.points.at(text, to);
        Span { start, end, text: text[from..to].to_owned() }
    }

    fn tokens_span(&mut self, from: usize, to: usize) -> Option<Span> {
        if from >= to {
            return None;
        }
        let tokens = &self.stream.tokens;
        Some(self.span(tokens[from].start as usize, tokens[to - 1].end as usize))
    }

    fn quote(&mut self, relation: &Relation, resolved: &Resolved) -> Option<Quote> {
        let stream = self.stream;
        let (mut content, mut verbatim) = (Vec::new(), Vec::new());
        let (mut quoted, mut unquoted, mut broken) = (false, false, false);
        for &(from, to) in &relation.content {
            content.extend(self.tokens_span(from, to));
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
        let text = spans.iter().map(|s| s.text.as_str()).collect::<Vec<_>>().join(" … ");
        if text.trim().is_empty()
            || kind == QuoteKind::Indirect && text.split_whitespace().count() < SHORTEST_INDIRECT
        {
            return None;
        }
        let start = stream.tokens[relation.content[0].0].start as usize;
        let end = relation.content.last().map_or(start, |p| stream.tokens[p.1 - 1].end as usize);
        let speaker = self.speaker(resolved, relation.source);
        let features = Features { how: resolved.how, pattern: relation.pattern, kind, broken };
        let confidence = if speaker.is_some() { confidence::probability(&features) } else { 0.0 };
        // A wrong speaker is worse than none.
        let (speaker, confidence) =
            if confidence < LEAST { (None, 0.0) } else { (speaker, confidence) };
        let source = relation.source.and_then(|m| self.tokens_span(m.from, m.to));
        let cue = relation.cue.and_then(|(from, to)| self.tokens_span(from, to));
        let sentence = self.cast.sentence(relation.content[0].0);
        Some(Quote {
            id: hash::short(&[self.document.key, &fold(&text)]),
            kind,
            text,
            content,
            verbatim,
            source,
            cue,
            speaker,
            confidence,
            prefix: before(stream.text, start).to_owned(),
            suffix: after(stream.text, end).to_owned(),
            paragraph: stream.sentences[sentence].paragraph,
        })
    }

    fn speaker(&mut self, resolved: &Resolved, source: Option<Mention>) -> Option<Speaker> {
        let stream = self.stream;
        let (name, facts) = if let Some(id) = resolved.entity {
            let entity = &self.cast.entities[id];
            let mut name = stream.phrase(entity.name.from, entity.name.to).to_owned();
            if entity.name.to == entity.name.from + 1 {
                let key = tokens::fold_key(&name);
                if let Some((_, full)) = self.title_names.iter().find(|(last, _)| *last == key) {
                    name.clone_from(full);
                }
            }
            let facts = if resolved.kind == SpeakerKind::Person {
                let known = self.facts_of(id);
                // "says the founder of Harbour Press": what the source itself says of the speaker.
                let said = source
                    .filter(|m| m.to - m.from > 1 && resolved.how == How::Nominal)
                    .map(|m| roles::of_description(stream, m))
                    .unwrap_or_default();
                roles::Facts {
                    role: known.role.or(said.role),
                    affiliation: known.affiliation.or(said.affiliation),
                }
            } else {
                roles::Facts::default()
            };
            (name, facts)
        } else {
            let mention = resolved.described?;
            let facts = if resolved.kind == SpeakerKind::Person {
                roles::of_description(stream, mention)
            } else {
                roles::Facts::default()
            };
            (description(stream, mention), facts)
        };
        let cut = |range: (usize, usize)| stream.text[range.0..range.1].to_owned();
        let key = fold(&name);
        Some(Speaker {
            id: hash::short(&[&key, resolved.kind.as_str()]),
            name,
            kind: resolved.kind,
            role: facts.role.map(cut),
            affiliation: facts.affiliation.map(cut),
            anonymous: resolved.anonymous,
        })
    }

    /// Facts of one of the cast, worked out once.
    fn facts_of(&mut self, id: usize) -> roles::Facts {
        match self.facts.binary_search_by_key(&id, |(known, _)| *known) {
            Ok(index) => self.facts[index].1,
            Err(index) => {
                let facts = roles::of_mentions(self.stream, &self.cast.entities[id].mentions);
                self.facts.insert(index, (id, facts));
                facts
            }
        }
    }
}

/// A description without its article: "the official" → "official".
fn description(stream: &Stream<'_>, mention: Mention) -> String {
    let mut from = mention.from;
    if mention.to - from > 1 && stream.tokens[from].is(lexicon::ARTICLE) {
        from += 1;
    }
    stream.phrase(from, mention.to).to_owned()
}

/// Lower case, marks and spaces apart: what makes two wordings the same.
fn fold(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 1);
    let mut gap = false;
    for c in text.chars() {
        if !c.is_alphanumeric() {
            gap = true;
            continue;
        }
        if gap && !out.is_empty() {
            out.push(' ');
        }
        gap = false;
        if c.is_ascii() {
            out.push(c.to_ascii_lowercase());
        } else {
            out.extend(c.to_lowercase());
        }
    }
    out
}

/// Gives the second and later quotes of the same words in one article names of their own.
fn number_repeats(quotes: &mut [Quote]) {
    let mut seen: std::collections::HashMap<String, usize, rustc_hash::FxBuildHasher> =
        std::collections::HashMap::default();
    for quote in quotes {
        let count = seen.entry(quote.id.clone()).or_insert(0);
        *count += 1;
        if *count > 1 {
            quote.id = hash::short(&[&quote.id, &count.to_string()]);
        }
    }
}

fn before(text: &str, at: usize) -> &str {
    let from = text[..at].char_indices().rev().take(CONTEXT).last().map_or(at, |(i, _)| i);
    &text[from..at]
}

fn after(text: &str, at: usize) -> &str {
    let to = text[at..].char_indices().nth(CONTEXT).map_or(text.len(), |(i, _)| at + i);
    &text[at..to]
}
