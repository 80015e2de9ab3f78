//! Tokens → sentences: where one ends and the next begins.
//!
//! Only tokens that may end one are asked, with what stands behind them: a stop before a capital, a
//! quotation that no attribution follows, a paragraph's end; a dateline is a sentence of its own. Refuses
//! to leave a token out, and to make a sentence longer than [`LONGEST_SENTENCE`].

use super::lexicon::{self as lex, Tense};
use super::tokens::{Kind, Sentence, Stream};

/// Longest sentence in tokens: no real one is as long, and every rule stays linear in the text.
const LONGEST_SENTENCE: usize = 400;

impl Stream<'_> {
    /// Fills in the sentences; `stops` are the tokens that may end one, breaks included, and colons.
    pub(super) fn split(&mut self, stops: &[u32]) {
        let mut open = Open::at(0, 0);
        self.skip_dateline(&mut open);
        for &stop in stops {
            let at = stop as usize;
            let kind = self.tokens[at].kind;
            self.cut(&mut open, at);
            if kind == Kind::Break {
                if at > open.from {
                    self.sentences.push(open.sentence(at));
                }
                open = Open::at(at + 1, open.paragraph + 1);
                self.skip_dateline(&mut open);
                continue;
            }
            open.quotes |= kind == Kind::Quote;
            open.colon |= self.tokens[at].punct(':');
            if at >= open.from && (at == open.from + LONGEST_SENTENCE || self.ends_sentence(at)) {
                self.close(&mut open, at);
            }
        }
        self.breaks = open.paragraph;
        let end = self.tokens.len();
        self.cut(&mut open, end);
        if open.from < end {
            self.sentences.push(open.sentence(end));
        }
    }

    /// Cuts what is too long for a sentence before token `at`.
    fn cut(&mut self, open: &mut Open, at: usize) {
        while at > open.from + LONGEST_SENTENCE {
            let last = open.from + LONGEST_SENTENCE;
            self.close(open, last);
        }
    }

    /// Ends a sentence with token `last` and the brackets that close behind it.
    fn close(&mut self, open: &mut Open, last: usize) {
        let mut to = last + 1;
        while self.tokens.get(to).is_some_and(|t| t.punct(')') || t.punct(']')) {
            to += 1;
        }
        self.sentences.push(open.sentence(to));
        *open = Open::at(to, open.paragraph);
    }

    /// Takes the dateline that a paragraph opens with for a sentence.
    fn skip_dateline(&mut self, open: &mut Open) {
        if let Some(to) = self.dateline(open.from) {
            self.sentences.push(open.sentence(to));
            open.from = to;
        }
    }

    /// One past a dateline that begins at token `at`: "WASHINGTON (AP) —".
    fn dateline(&self, at: usize) -> Option<usize> {
        /// Longest dateline in tokens.
        const LONGEST: usize = 12;
        if !self.tokens.get(at)?.shout {
            return None;
        }
        let dash =
            (at + 1..self.tokens.len().min(at + LONGEST)).find(|&i| self.tokens[i].punct('—'))?;
        let plain = self.tokens[at..dash].iter().all(|t| match t.kind {
            Kind::Word => t.capital,
            Kind::Number => true,
            Kind::Punct => matches!(t.mark, ',' | '.' | '(' | ')' | '/'),
            _ => false,
        });
        plain.then_some(dash + 1)
    }

    fn ends_sentence(&self, at: usize) -> bool {
        let token = &self.tokens[at];
        let may_end = match token.kind {
            Kind::Punct => matches!(token.mark, '.' | '!' | '?' | '…'),
            Kind::Word => self.text.as_bytes()[token.end as usize - 1] == b'.',
            Kind::Quote => true,
            _ => false,
        };
        if !may_end {
            return false;
        }
        let Some(next) = self.tokens[at + 1..]
            .iter()
            .find(|t| !(t.kind == Kind::Punct && matches!(t.mark, ')' | ']')))
        else {
            return false;
        };
        if next.kind == Kind::Break {
            return false;
        }
        let starts = next.capital || matches!(next.kind, Kind::Quote | Kind::Number);
        match token.kind {
            Kind::Punct => {
                matches!(token.mark, '.' | '!' | '?')
                    && (starts || next.punct('[') || next.punct('('))
                    || token.mark == '…' && next.capital && !next.is(lex::PRONOUN)
            }
            Kind::Word => {
                !token.is(lex::TITLE)
                    && token.end - token.start > 2
                    && (next.kind == Kind::Quote
                        || next.capital
                            && next.is(lex::DETERMINER
                                | lex::PRONOUN
                                | lex::SUBORDINATOR
                                | lex::CONJUNCTION
                                | lex::PREPOSITION
                                | lex::ADVERB))
            }
            Kind::Quote => {
                let end = self.quote_end(token);
                if !matches!(end, '.' | '!' | '?' | '…' | '—' | '-') {
                    return false;
                }
                if next.kind == Kind::Quote {
                    // Two quotations in a row: each its own sentence.
                    return true;
                }
                if !next.capital || next.kind == Kind::Punct {
                    return false;
                }
                !self.attribution_follows(at + 1, end != '.')
            }
            _ => false,
        }
    }

    /// True where tokens from `at` read "Name said": an attribution after a quotation that ends with
    /// a mark of its own. After a full stop (not `loose`) nothing but its end may follow the verb.
    fn attribution_follows(&self, at: usize, loose: bool) -> bool {
        /// Longest name with its titles before the verb, in tokens.
        const LONGEST_NAME: usize = 6;
        /// Longest apposition between the name and the verb, in tokens.
        const LONGEST_ASIDE: usize = 30;
        let mut step = at;
        let mut end = (at + LONGEST_NAME).min(self.tokens.len());
        while step < end {
            let token = &self.tokens[step];
            // "“Is it over?” Brandt, the mayor, said": over the aside.
            if loose
                && step > at
                && end <= at + LONGEST_NAME
                && (token.punct(',') || token.punct('('))
            {
                let close = if token.mark == ',' { ',' } else { ')' };
                let stop = (step + LONGEST_ASIDE).min(self.tokens.len());
                let Some(to) = (step + 1..stop).find(|&i| {
                    let t = &self.tokens[i];
                    t.punct(close)
                        || t.kind == Kind::Break
                        || t.kind == Kind::Punct && matches!(t.mark, '.' | ':' | ';' | '?' | '!')
                }) else {
                    return false;
                };
                if !self.tokens[to].punct(close) {
                    return false;
                }
                step = to + 1;
                end = (step + 2).min(self.tokens.len());
                continue;
            }
            if let Some(cue) = token.cue
                && !token.capital
                && cue.takes & lex::takes::QUOTE != 0
                && matches!(cue.tense, Tense::Past | Tense::Third)
            {
                if step == at {
                    return true;
                }
                let Some(after) = self.tokens.get(step + 1) else { return true };
                return match after.kind {
                    Kind::Break => true,
                    // "Ortiz asked: “Is it over?” Brandt said: “…”": a colon leads on.
                    Kind::Punct => matches!(after.mark, '.') || loose && after.mark != ':',
                    Kind::Word => {
                        after.is(lex::TIME)
                            || loose && after.is(lex::PREPOSITION | lex::LISTENER | lex::ADVERB)
                            // "“Is it over?” Ortiz asked Brandt."
                            || loose
                                && after.capital
                                && cue.takes & lex::takes::LISTENER != 0
                                && self.tokens.get(step + 2).is_none_or(|t| {
                                    t.kind == Kind::Break || t.punct('.') || t.punct(',')
                                })
                    }
                    _ => false,
                };
            }
            let named = token.capital && token.kind == Kind::Word
                || token.kind == Kind::Possessive && step > at
                || token.is(lex::DETERMINER
                    | lex::ROLE
                    | lex::PARTICLE
                    | lex::ANONYMOUS
                    | lex::ADVERB);
            if !named {
                return false;
            }
            step += 1;
        }
        false
    }
}

/// A sentence while its end is sought.
#[derive(Debug, Clone, Copy)]
struct Open {
    from: usize,
    paragraph: usize,
    quotes: bool,
    colon: bool,
}

impl Open {
    fn at(from: usize, paragraph: usize) -> Self {
        Self { from, paragraph, quotes: false, colon: false }
    }

    fn sentence(self, to: usize) -> Sentence {
        let Self { from, paragraph, quotes, colon } = self;
        Sentence { from, to, paragraph, quotes, colon }
    }
}

#[cfg(test)]
mod tests {
    use super::LONGEST_SENTENCE;
    use crate::quote::lexicon::Lexicon;
    use crate::quote::marks;
    use crate::quote::tokens::{Kind, Stream};

    #[test]
    fn a_sentence_without_an_end_is_cut_at_the_cap() {
        let text = "salt ".repeat(3 * LONGEST_SENTENCE);
        let english = Lexicon::of("en").unwrap();
        let stream = Stream::new(&text, marks::find(&text), english);
        assert!(stream.sentences.len() >= 3);
        assert!(stream.sentences.iter().all(|s| s.to - s.from <= LONGEST_SENTENCE + 1));
        let words = stream.tokens.iter().filter(|t| t.kind == Kind::Word).count();
        let inside: usize = stream.sentences.iter().map(|s| s.to - s.from).sum();
        assert_eq!(words, inside, "no word may be lost at a cut");
    }
}
