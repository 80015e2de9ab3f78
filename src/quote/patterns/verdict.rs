//! “…” was the verdict of one critic; “…” was the answer from the board; “…” was Ortiz's reply.

use smallvec::smallvec;

use super::super::lexicon as lex;
use super::super::sources::{self, Mention};
use super::super::tokens::Kind;
use super::{Relation, Site};

pub(super) fn apply(site: &Site<'_, '_>) -> Option<Relation> {
    let stream = site.stream;
    let at = site.at;
    let quote = site.sentence.from.max(site.floor);
    if site.token(quote)?.kind != Kind::Quote {
        return None;
    }
    // “…” was the simple verdict, “…” was Ortiz's reply
    let copula = quote + 1;
    if copula >= at || !site.token(copula)?.is(lex::BE) || stream.tokens[copula].capital {
        return None;
    }
    let plain = (copula + 1..at).all(|i| {
        let token = &stream.tokens[i];
        matches!(token.kind, Kind::Word | Kind::Possessive)
            && !token.is(lex::PREPOSITION | lex::CONJUNCTION | lex::NEGATION)
    });
    if !plain {
        return None;
    }
    let source = if matches!(stream.word(at + 1), "of" | "from") {
        let mention = sources::right_of(stream, at + 2, site.sentence.to.min(site.ceiling))?;
        mention.can_speak(stream).then_some(mention)?
    } else {
        let possessive = (copula + 1..at).rfind(|&i| stream.tokens[i].kind == Kind::Possessive)?;
        Mention { from: copula + 1, to: possessive }
    };
    Some(Relation {
        pattern: "",
        sentence: site.index,
        source: Some(source),
        cue: Some((copula, at + 1)),
        content: smallvec![(quote, quote + 1)],
    })
}
