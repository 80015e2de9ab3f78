//! Ortiz was quoted as saying …; the plan was described by Ortiz as “reckless”.

use smallvec::smallvec;

use super::super::lexicon::{self as lex, takes};
use super::super::sources::{self, Mention};
use super::super::tokens::Kind;
use super::{Relation, Site, content_end, subject};

pub(super) fn apply(site: &Site<'_, '_>) -> Option<Relation> {
    let group = site.group?;
    let stream = site.stream;
    let reduced = !group.passive && group.from == group.verb && group.cue.tense == lex::Tense::Past;
    if !group.passive && !reduced {
        return None;
    }
    if group.passive
        && stream.says(group.verb, "quoted")
        && let Some(saying) = quoted_as_saying(site, group.to)
    {
        let source = subject(site, &group)?;
        let mut from = super::skip_adverbials(site, saying, false);
        if site.token(from).is_some_and(|t| t.punct(',') || t.punct(':')) {
            from += 1;
        }
        let end = content_end(site, from, false);
        let near = saying == group.to + 2;
        return (end > from).then(|| Relation {
            pattern: "",
            sentence: site.index,
            source: Some(source),
            cue: Some((group.from, if near { saying } else { group.to })),
            content: smallvec![(from, end)],
        });
    }
    // "The plan was called “reckless” by Ortiz", "was described as “reckless” by Ortiz"
    if group.passive && group.cue.takes & takes::NAMING != 0 {
        let quote = group.to + usize::from(stream.says(group.to, "as"));
        if site.token(quote).is_some_and(|t| t.kind == Kind::Quote) && stream.says(quote + 1, "by")
        {
            let source = sources::right_of(stream, quote + 2, site.ceiling)?;
            return source.can_speak(stream).then(|| Relation {
                pattern: "",
                sentence: site.index,
                source: Some(source),
                cue: Some((group.from, group.to)),
                content: smallvec![(quote, quote + 1)],
            });
        }
    }
    let by = group.to;
    if by >= site.ceiling || !stream.says(by, "by") {
        return None;
    }
    let source = sources::right_of(stream, by + 1, site.ceiling)?;
    if !source.can_speak(stream) {
        return None;
    }
    let after = source.to;
    if group.passive && group.cue.takes & (takes::QUESTION | takes::LISTENER) != 0 {
        return told_by(site, &group, source);
    }
    // … described by Ortiz as “reckless”
    let as_quoted = stream.says(after, "as")
        && site.token(after + 1).is_some_and(|t| t.kind == Kind::Quote || t.wordy());
    if as_quoted {
        let quote = (after + 1..site.ceiling.min(after + 12))
            .find(|&i| stream.tokens[i].kind == Kind::Quote)?;
        let from = after + 1;
        let end = (quote + 1).max(from);
        return Some(Relation {
            pattern: "",
            sentence: site.index,
            source: Some(source),
            cue: Some((group.from, group.to)),
            content: smallvec![(from, end)],
        });
    }
    None
}

/// One past the words "as saying" that token `from` leads to, where and by whom somebody was quoted
/// between them: "was quoted by the Courier on Monday as saying".
fn quoted_as_saying(site: &Site<'_, '_>, from: usize) -> Option<usize> {
    /// Longest adverbial between them, in tokens.
    const LONGEST: usize = 12;
    let stream = site.stream;
    (from..site.ceiling.min(from + LONGEST))
        .take_while(|&i| {
            matches!(stream.tokens[i].kind, Kind::Word | Kind::Number | Kind::Possessive)
        })
        .find(|&i| stream.says(i, "as") && stream.says(i + 1, "saying"))
        .map(|i| i + 2)
}

/// "Ortiz was asked by the host whether …", "was told by the board, “…”": what the agent said.
fn told_by(site: &Site<'_, '_>, group: &super::Group, source: Mention) -> Option<Relation> {
    let stream = site.stream;
    let comma = site.token(source.to)?.punct(',');
    let from = source.to + usize::from(comma);
    let first = site.token(from)?;
    let clause = first.is(lex::CLAUSE) || stream.says(from, "to");
    if first.kind != Kind::Quote && (comma || !clause) {
        return None;
    }
    let end = content_end(site, from, false);
    (end > from).then(|| Relation {
        pattern: "",
        sentence: site.index,
        source: Some(source),
        cue: Some((group.from, group.to)),
        content: smallvec![(from, end)],
    })
}
