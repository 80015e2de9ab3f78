//! Ortiz was quoted as saying …; the plan was described by Ortiz as “reckless”.

use smallvec::smallvec;

use super::super::lexicon::{self as lex, takes};
use super::super::sources::{self, Mention};
use super::super::tokens::Kind;
use super::{Relation, Site, content_before, content_end, subject};

pub(super) fn apply(site: &Site<'_, '_>) -> Option<Relation> {
    let group = site.group?;
    let stream = site.stream;
    let reduced = !group.passive && group.from == group.verb && group.cue.tense == lex::Tense::Past;
    let quotes = is_quoting(stream.word(group.verb));
    if quotes && !group.passive {
        return quoting(site, &group);
    }
    if !group.passive && !reduced {
        return None;
    }
    if group.passive
        && quotes
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

/// True for the verbs whose object speaks: "The agency quoted Ortiz as saying".
fn is_quoting(word: &str) -> bool {
    matches!(word, "quote" | "quoted" | "quotes" | "quoting" | "cited" | "cites" | "citing")
}

/// "State media quoted Ortiz as saying …", “…,” the agency quoted him as saying: the words are Ortiz's,
/// whoever prints them.
fn quoting(site: &Site<'_, '_>, group: &super::Group) -> Option<Relation> {
    let stream = site.stream;
    let source = sources::right_of(stream, group.to, site.ceiling)?;
    // "To quote Ortiz, “…”"
    if group.infinitive && group.from == site.sentence.from + 1 {
        let mark = site.token(source.to)?;
        let from = source.to + usize::from(mark.punct(',') || mark.punct(':'));
        let opens = site.token(from)?.kind == Kind::Quote && source.can_speak(stream);
        return opens.then(|| Relation {
            pattern: "",
            sentence: site.index,
            source: Some(source),
            cue: Some((site.sentence.from, group.to)),
            content: smallvec![(from, content_end(site, from, false))],
        });
    }
    let saying = quoted_as_saying(site, source.to)?;
    let mut from = super::skip_adverbials(site, saying, false);
    if site.token(from).is_some_and(|t| t.punct(',') || t.punct(':')) {
        from += 1;
    }
    let end = content_end(site, from, false);
    let content = if end > from {
        (from, end)
    } else {
        let outlet = subject(site, group)?;
        content_before(site, outlet.from)
            .filter(|&(_, to)| stream.tokens[to - 1].kind == Kind::Quote)?
    };
    Some(Relation {
        pattern: "",
        sentence: site.index,
        source: Some(source),
        cue: Some(if content.0 < group.from {
            (group.from, group.to)
        } else {
            (saying - 2, saying)
        }),
        content: smallvec![content],
    })
}

/// One past the words "as saying" that token `from` leads to, where and by whom somebody was quoted
/// between them: "was quoted by the Courier on Monday as saying".
fn quoted_as_saying(site: &Site<'_, '_>, from: usize) -> Option<usize> {
    /// Longest adverbial between them, in tokens.
    const LONGEST: usize = 12;
    let stream = site.stream;
    (from..site.ceiling.min(from + LONGEST))
        .take_while(|&i| {
            let token = &stream.tokens[i];
            matches!(token.kind, Kind::Word | Kind::Number | Kind::Possessive) || token.punct(',')
        })
        .find(|&i| {
            stream.says(i, "as") && matches!(stream.word(i + 1), "saying" | "telling" | "writing")
        })
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
