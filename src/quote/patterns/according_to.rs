//! According to Lena Ortiz, …; …, according to Lena Ortiz.

use smallvec::smallvec;

use super::super::lexicon as lex;
use super::super::sources::{self, Mention};
use super::super::tokens::Kind;
use super::{Relation, Site, content_before, content_end};

pub(super) fn apply(site: &Site<'_, '_>) -> Option<Relation> {
    let stream = site.stream;
    let at = site.at;
    let grammar = stream.lexicon.grammar;
    let first = stream.word(at).to_lowercase();
    let afterwards = grammar.afterwards.contains(&first.as_str());
    let phrase = grammar.according.iter().find(|phrase| {
        phrase.iter().enumerate().all(|(n, word)| stream.word(at + n).to_lowercase() == *word)
    });
    let words = if afterwards { 1 } else { phrase?.len() };
    // "per the ministry", not "per cent" nor "ten dollars per month"
    if words == 1 && at > site.floor && !stream.tokens[at - 1].punct(',') {
        return None;
    }
    // "the founder, Per Lund, said": a name.
    if words == 1
        && at > site.sentence.from
        && sources::is_name_word(stream, at + 1)
        && stream.tokens[at].capital
    {
        return None;
    }
    let cue_end = at + words;
    let source = whole(site, sources::right_of(stream, cue_end, site.ceiling)?);
    if !source.can_speak(stream) {
        return None;
    }
    let opens = at == site.floor
        || at == site.floor + 1
            && site.floor == site.sentence.from
            && stream.tokens[site.floor].kind != Kind::Quote;
    if opens && afterwards {
        return None;
    }
    // "Laut Ortiz ist der Text fertig": the clause goes on without a comma.
    let verb_second = !grammar.complete
        && site.token(source.to).is_some_and(|t| t.is(lex::AUXILIARY | lex::VERB) && !t.capital);
    let content = if opens && verb_second {
        (source.to, content_end(site, source.to, false))
    } else if opens {
        // The content follows the source's comma, after an apposition if it has one.
        let end = site.ceiling;
        let mut comma = (source.to..end)
            .find(|&i| stream.tokens[i].punct(',') || stream.tokens[i].kind == Kind::Quote)?;
        if stream.tokens[comma].punct(',')
            && let Some(second) = apposition_end(site, comma + 1)
        {
            comma = second;
        }
        let from = if stream.tokens[comma].punct(',') { comma + 1 } else { comma };
        (from, content_end(site, from, false))
    } else {
        let (from, to) = content_before(site, at)?;
        (from, to)
    };
    let mut pieces = smallvec![content];
    // "The first gain, according to Ortiz, is …": the clause goes on.
    if content.1 <= at
        && stream.tokens[at - 1].punct(',')
        && site.token(source.to).is_some_and(|t| t.punct(','))
        && site.token(source.to + 1).is_some_and(|t| t.is(lex::AUXILIARY | lex::VERB))
    {
        pieces.push((source.to + 1, content_end(site, source.to + 1, false)));
    }
    (content.0 < content.1).then_some(Relation {
        pattern: "",
        sentence: site.index,
        source: Some(source),
        cue: Some((at, cue_end)),
        content: pieces,
    })
}

/// "a report by the Harbour Trust": a text with whoever wrote it.
fn whole(site: &Site<'_, '_>, source: Mention) -> Mention {
    let stream = site.stream;
    let text = stream.tokens[source.to - 1].is(lex::DOCUMENT);
    let by = matches!(stream.word(source.to), "by" | "from") && source.to < site.ceiling;
    let writer = if text && by {
        sources::right_of(stream, source.to + 1, site.ceiling)
            .filter(|writer| sources::is_name_word(stream, writer.to - 1))
    } else {
        None
    };
    writer.map_or(source, |writer| Mention { from: source.from, to: writer.to })
}

/// The comma that closes an apposition that begins at `from`: "…, a lawyer at the fund, …".
fn apposition_end(site: &Site<'_, '_>, from: usize) -> Option<usize> {
    let stream = site.stream;
    let first = site.token(from)?;
    let opens = first.kind == Kind::Word
        && !first.capital
        && (stream.says(from, "a")
            || stream.says(from, "an")
            || stream.says(from, "who")
            || first.is(lex::ROLE));
    if !opens {
        return None;
    }
    (from..site.ceiling).find(|&i| stream.tokens[i].punct(','))
}
