//! The talks stalled, Lena Ortiz said: a clause, then the source and the cue at its end.

use smallvec::smallvec;

use super::super::lexicon::{self as lex, Tense, takes};
use super::super::sources;
use super::super::tokens::Kind;
use super::quote_cue_source::is_inverted;
use super::{Relation, Site, content_before, skip_adverbials, subject};

/// True where nothing of a verb-second clause is left: no opening conjunction before the verb at
/// `from`, no colon after its source.
fn stands_apart(site: &Site<'_, '_>, from: usize, to: usize) -> bool {
    let opener = &site.stream.tokens[site.floor];
    from > site.floor
        && !opener.is(lex::SUBORDINATOR | lex::RELATIVE | lex::PREPOSITION)
        && !site.token(to).is_some_and(|t| t.punct(':') || t.kind == Kind::Quote)
}

/// True where nothing but adverbials stands between token `at` and the next mark.
fn closes(site: &Site<'_, '_>, at: usize) -> bool {
    let after = skip_adverbials(site, at, false);
    site.token(after).is_none_or(|t| t.kind == Kind::Punct)
}

/// Fewest tokens of a reported clause.
const SHORTEST: usize = 3;

pub(super) fn apply(site: &Site<'_, '_>) -> Option<Relation> {
    let group = site.group?;
    let stream = site.stream;
    if group.passive
        || group.participle
        || group.infinitive
        || group.cue.takes & (takes::QUOTE | takes::CLAUSE) == 0
    {
        return None;
    }
    // Nothing but adverbials, a listener or an aside may follow.
    let after = skip_adverbials(site, group.to, group.cue.takes & takes::LISTENER != 0);
    let ended = match site.token(after) {
        None => true,
        Some(token) => {
            token.kind == Kind::Punct
                && matches!(token.mark, '.' | ',' | '!' | '?' | '—' | ';' | ')')
        }
    };
    let complete = stream.lexicon.grammar.complete;
    let (source, unit) = if complete
        && ended
        && let Some(source) = subject(site, &group)
    {
        (source, source.from)
    } else if is_inverted(site, &group)
        && !group.negated
        && group.cue.takes & takes::QUOTE != 0
        && let Some(source) = sources::right_of(stream, group.to, site.ceiling)
        && !source.is_pronoun(stream)
        // "Ortiz, the chair, emailed supporters": they are told, not speaking.
        && !stream.tokens[source.from].is(lex::LISTENER)
        && closes(site, source.to)
        // "Ortiz, the mayor, told MPs: “…”": they are told, too.
        && !site.token(source.to).is_some_and(|t| t.punct(':') || t.kind == Kind::Quote)
        && group.to == group.verb + 1
        && (complete || stands_apart(site, group.from, source.to))
    {
        // The talks stalled, said Ortiz.
        (source, group.from)
    } else {
        return None;
    };
    if !source.can_speak(stream) || unit <= site.floor || !stream.tokens[unit - 1].punct(',') {
        return None;
    }
    if let Some(token) = site.token(after)
        && ended
        && token.punct(',')
        && site
            .token(after + 1)
            .is_some_and(|t| t.kind == Kind::Quote || stream.says(after + 1, "that"))
    {
        return None;
    }
    // "Shares fell after its chairman, Bo Lind, spoke of losses": the comma sets the name off.
    let apposed = site.token(source.to).is_some_and(|t| t.punct(','))
        && unit >= 2
        && stream.tokens[unit - 2].is(lex::ROLE)
        && (!stream.tokens[unit - 2].capital || stream.tokens[unit - 2].shout)
        && sources::is_name_word(stream, unit);
    let unit = if apposed {
        let described = sources::left_of(stream, site.floor, unit - 1)?.from;
        (described > site.floor && stream.tokens[described - 1].punct(',')).then_some(described)?
    } else {
        unit
    };
    let content = content_before(site, unit)?;
    let resumes = ended && site.token(after).is_some_and(|t| t.punct(','));
    if content.1 - content.0 < SHORTEST && !resumes {
        return None;
    }
    let mut pieces = smallvec![content];
    // The clause goes on after the attribution: "The talks, Ortiz said, had stalled."
    if let Some(token) = site.token(after)
        && token.punct(',')
        && ended
    {
        let end = super::content_end(site, after + 1, false);
        let resumes = site.token(after + 1).is_some_and(|t| {
            t.cue.is_none_or(|c| c.tense != Tense::Ing)
                && !stream.says(after + 1, "but")
                && !stream.says(after + 1, "who")
        });
        if resumes && end > after + 1 {
            pieces.push((after + 1, end));
        }
    }
    Some(Relation {
        pattern: "",
        sentence: site.index,
        source: Some(source),
        cue: Some((group.from, group.to)),
        content: pieces,
    })
}
