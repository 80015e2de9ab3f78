//! What a clause tells of its subject: "is the director of …", "heads the fund", "was hired by …".
//!
//! Position after the subject → [`Facts`]. Refuses clauses that are denied or only thought of.

use super::Facts;
use super::beside::apposition;
use super::phrase::organisation;
use crate::quote::lexicon as lex;
use crate::quote::lexicon::lists;
use crate::quote::sources::{Mention, is_name_word};
use crate::quote::tokens::{Kind, Stream};

/// Most tokens from a verb to the body it ties to.
const REACH: usize = 12;

/// What a relative clause that begins at `from` tells: a predicate, or the tie to a body.
pub fn clause(stream: &Stream<'_>, from: usize) -> Facts {
    let said = predicate(stream, from);
    if said == Facts::default() {
        Facts { role: None, affiliation: tie(stream, from).affiliation }
    } else {
        said
    }
}

/// What the relative clause after a name says somebody does, where it ties to a body: "graduated
/// from Harbour High last year".
pub fn activity(stream: &Stream<'_>, name_end: usize) -> Facts {
    let who = (name_end..name_end + 2).find(|&i| stream.says(i, "who"));
    who.map(|who| tie(stream, who + 1)).unwrap_or_default()
}

/// What the main clause whose verb stands right after a name says that somebody heads: "Ortiz chairs the fund".
pub fn office_held(stream: &Stream<'_>, name_end: usize) -> Facts {
    let heads = stream.tokens.get(name_end).is_some_and(|t| t.kind == Kind::Word && !t.capital)
        && lists::known().heads.has(stream.word(name_end));
    if heads { tie(stream, name_end) } else { Facts::default() }
}

/// Who hired the subject of the sentence that goes on at `from`: "left in May and was hired by the
/// Gulls".
pub fn hired(stream: &Stream<'_>, from: usize) -> Facts {
    let tokens = &stream.tokens;
    let end = (from..(from + 3 * REACH).min(tokens.len()))
        .find(|&i| matches!(tokens[i].kind, Kind::Break | Kind::Quote) || tokens[i].punct('.'));
    let verb = (from..end.unwrap_or(from)).find(|&i| {
        i > from
            && tokens[i - 1].is(lex::BE)
            && lists::known().hired.has(stream.word(i))
            && stream.says(i + 1, "by")
    });
    let named = (from..verb.unwrap_or(from)).any(|i| {
        tokens[i].is(lex::RELATIVE) || tokens[i].punct(',') && is_name_word(stream, i + 1)
    });
    let affiliation =
        verb.filter(|_| !named).and_then(|verb| organisation(stream, verb + 2, verb + REACH));
    Facts { role: None, affiliation }
}

/// Where the verb group that begins at `from` has its last word, adverbs and auxiliaries skipped.
fn main_verb(stream: &Stream<'_>, from: usize) -> usize {
    let mut at = from;
    while at < from + 5
        && stream
            .tokens
            .get(at)
            .is_some_and(|t| t.kind == Kind::Word && t.is(lex::ADVERB | lex::AUXILIARY))
    {
        at += 1;
    }
    at
}

/// "heads the fund", "graduated from Harbour High last year": the clause is the role if no noun is.
pub fn tie(stream: &Stream<'_>, from: usize) -> Facts {
    let tokens = &stream.tokens;
    let verb = main_verb(stream, from);
    if (from..verb).any(|i| tokens[i].is(lex::NEGATION)) || verb >= tokens.len() {
        return Facts::default();
    }
    let word = stream.word(verb).to_ascii_lowercase();
    let end = clause_end(stream, verb);
    let mut facts = Facts::default();
    let lists = lists::known();
    if lists.ties_to_object.has(&word) {
        facts.affiliation = organisation(stream, verb + 1, end.min(verb + REACH));
        // "attended the rally": only a school ties.
        if word.starts_with("attend") {
            facts.affiliation = facts.affiliation.filter(|name| {
                (name.from..name.to).any(|i| lists.schools.has_any_case(stream.word(i)))
            });
        }
    } else if let Some(ties) = lists.ties_with.get(&word) {
        // "worked with Dorn at the fund": with whom says less than where.
        let tied = |i: &usize| ties.has(stream.word(*i)) && !tokens[*i].capital;
        let mut near = (verb + 1..end.min(verb + REACH)).take(4);
        let preposition =
            near.clone().find(|i| tied(i) && !stream.says(*i, "with")).or_else(|| near.find(tied));
        if let Some(preposition) = preposition {
            facts.affiliation = organisation(stream, preposition + 1, end.min(preposition + REACH));
        }
    }
    if facts.affiliation.is_some() && !lists.works.has(&word) {
        facts.role = Some(Mention { from: verb, to: end });
    }
    facts
}

/// Where the clause of the verb at `verb` ends: at a mark, a relative or another verb's "and".
fn clause_end(stream: &Stream<'_>, verb: usize) -> usize {
    /// Longest clause in tokens.
    const LONGEST: usize = 24;
    let tokens = &stream.tokens;
    (verb + 1..(verb + LONGEST).min(tokens.len()))
        .find(|&i| {
            let token = &tokens[i];
            match token.kind {
                Kind::Punct => token.mark != '&',
                Kind::Break | Kind::Quote => true,
                Kind::Word if token.capital => false,
                Kind::Word => {
                    token.is(lex::RELATIVE | lex::SUBORDINATOR)
                        || token.cue.is_some_and(|c| c.takes & lex::takes::QUOTE != 0)
                        || token.is(lex::CONJUNCTION)
                            && tokens.get(i + 1).is_some_and(|t| {
                                t.kind == Kind::Word
                                    && !t.capital
                                    && t.is(lex::AUXILIARY
                                        | lex::VERB
                                        | lex::ADVERB
                                        | lex::RELATIVE)
                            })
                }
                _ => false,
            }
        })
        .unwrap_or_else(|| (verb + LONGEST).min(tokens.len()))
}

/// "is the director of …", "serves as …", "was appointed chair of …", "is in charge of …", "is one of
/// …".
pub fn predicate(stream: &Stream<'_>, from: usize) -> Facts {
    let tokens = &stream.tokens;
    let mut at = from;
    let (mut copula, mut made, mut acted) = (false, false, false);
    while let Some(token) = tokens.get(at) {
        if at > from + 6
            || token.kind == Kind::Possessive && !stream.says(at, "'s") && !stream.says(at, "’s")
        {
            break;
        }
        if !matches!(token.kind, Kind::Word | Kind::Possessive) || token.is(lex::NEGATION) {
            break;
        }
        let word = stream.word(at);
        let acts = lists::known().acts_as.has(word);
        let short = matches!(word, "'s" | "’s")
            && tokens.get(at + 1).is_some_and(|t| t.is(lex::DETERMINER));
        if matches!(word, "is" | "was" | "been" | "became" | "becomes" | "remains")
            || short
            || word == "as" && at > from && acted
        {
            copula = true;
        } else if copula && lists::known().made.has(word) {
            made = true;
        } else if !(token.is(lex::ADVERB | lex::AUXILIARY) || acts) {
            break;
        }
        acted |= acts;
        at += 1;
    }
    if !copula || stream.says(at, "no") || tokens.get(at).is_some_and(|t| t.is(lex::NEGATION)) {
        return Facts::default();
    }
    let Some(next) = tokens.get(at) else { return Facts::default() };
    if stream.says(at, "in") && stream.says(at + 1, "charge") {
        return apposition(stream, at);
    }
    if stream.says(at, "one") && stream.says(at + 1, "of") {
        return Facts {
            role: Some(Mention { from: at, to: one_of_end(stream, at + 2) }),
            affiliation: None,
        };
    }
    let possessed = is_name_word(stream, at)
        && (at..at + 5).any(|i| tokens.get(i).is_some_and(|t| t.kind == Kind::Possessive));
    let as_role = at > 0 && tokens[at - 1].kind == Kind::Word && stream.says(at - 1, "as");
    if possessed || made || as_role || next.is(lex::DETERMINER | lex::ROLE | lex::TITLE) {
        apposition(stream, at)
    } else {
        Facts::default()
    }
}

/// Where "one of about 90 people who have …" ends: at a mark, a verb in -ing or another "who".
pub fn one_of_end(stream: &Stream<'_>, from: usize) -> usize {
    /// Longest such phrase in tokens.
    const LONGEST: usize = 24;
    let tokens = &stream.tokens;
    let end = (from + LONGEST).min(tokens.len());
    let mut relative = false;
    for (i, token) in tokens.iter().enumerate().take(end).skip(from) {
        let second = token.is(lex::RELATIVE) && std::mem::replace(&mut relative, true);
        let stop = matches!(token.kind, Kind::Punct | Kind::Break | Kind::Quote)
            || second
            || relative && stream.says(i, "being");
        if stop {
            return i;
        }
    }
    end
}
