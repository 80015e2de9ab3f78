//! The language of queries: words, beginnings*, "phrases", "near by"~3, field:words, -exclusion, OR,
//! (groups).
//!
//! Text → an expression. Words side by side must all be found; `OR` joins its two neighbours, as
//! search engines read it: `treaty russia OR china` is `treaty (russia OR china)`. Refuses a query
//! that is too long or too deep before reading it, and says where a mistake is.

use std::fmt;

use super::words::MAX_WORD;
use crate::domain::quote::QuoteKind;

/// Longest query, in characters: more than anybody types, less than hurts.
const MAX_LENGTH: usize = 2_000;
/// Most words and phrases of a query: each is a walk through the index.
const MAX_TERMS: usize = 200;
/// Most beginnings of words in a query: each is a walk through all words that begin so.
const MAX_PREFIXES: usize = 10;
/// The shortest beginning of a word, in letters: a single one begins a twentieth of all words.
const MIN_PREFIX: usize = 2;
/// Most words that may stand between those of a phrase: more is no phrase, and costs.
const MAX_SLOP: u32 = 50;
/// Most groups inside each other; reading and searching recurse so deep.
const MAX_DEPTH: usize = 20;
/// How much of the query a message shows on each side of the mistake, in characters.
const SHOWN: usize = 30;

/// Where a term is looked for, if the query says so.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    Speaker,
    Role,
    Affiliation,
    Outlet,
    Title,
    Topic,
    Kind,
}

impl Place {
    /// Every place by its name in a query.
    const ALL: [(&'static str, Self); 7] = [
        ("speaker", Self::Speaker),
        ("role", Self::Role),
        ("affiliation", Self::Affiliation),
        ("outlet", Self::Outlet),
        ("title", Self::Title),
        ("topic", Self::Topic),
        ("kind", Self::Kind),
    ];

    fn of(name: &str) -> Option<Self> {
        Self::ALL
            .iter()
            .find(|(known, _)| known.eq_ignore_ascii_case(name))
            .map(|(_, place)| *place)
    }
}

/// How a term's words are to be found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    /// Other forms of the word count.
    Word,
    /// Words in this order and form, with so many others between them at most.
    Phrase(u32),
    /// Words that begin so.
    Prefix,
}

/// What is looked for, in one piece.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Term {
    /// Where; in the quote and about its speaker if it is not stated.
    pub(super) place: Option<Place>,
    /// How.
    pub(super) form: Form,
    /// What.
    pub(super) text: String,
}

/// A query, understood.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Expression {
    /// What must be found.
    Term(Term),
    /// What must not be found.
    Not(Box<Expression>),
    /// Each must be found.
    All(Vec<Expression>),
    /// One must be found.
    Any(Vec<Expression>),
}

impl Expression {
    /// Calls `visit` with every term that is not excluded.
    pub(super) fn wanted<'a>(&'a self, visit: &mut impl FnMut(&'a Term)) {
        match self {
            Self::Term(term) => visit(term),
            Self::Not(_) => {}
            Self::All(parts) | Self::Any(parts) => {
                parts.iter().for_each(|part| part.wanted(visit));
            }
        }
    }
}

/// What is wrong with a query, and where.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub struct SyntaxError {
    /// What is wrong, and what to do.
    message: String,
    /// The part of the query around the mistake, and how many columns of it come before.
    excerpt: Option<(String, usize)>,
}

impl fmt::Display for SyntaxError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "failed to read the query: {}", self.message)?;
        if let Some((excerpt, before)) = &self.excerpt {
            write!(f, "\n  {excerpt}\n  {:before$}^", "")?;
        }
        Ok(())
    }
}

impl SyntaxError {
    pub(super) fn new(message: impl Into<String>) -> Self {
        Self { message: message.into(), excerpt: None }
    }

    /// With the place of the mistake, a character of `query`.
    fn at(query: &[char], position: usize, message: impl Into<String>) -> Self {
        let from = position.saturating_sub(SHOWN);
        let to = (position + SHOWN).min(query.len());
        let clean = |range: &[char]| -> String {
            range.iter().map(|c| if c.is_control() { ' ' } else { *c }).collect()
        };
        let ellipsis = if from > 0 { "…" } else { "" };
        let before = format!("{ellipsis}{}", clean(&query[from..position.min(query.len())]));
        let rest = clean(&query[position.min(query.len())..to]);
        let more = if to < query.len() { "…" } else { "" };
        let width = textwrap::core::display_width(&before);
        Self { message: message.into(), excerpt: Some((format!("{before}{rest}{more}"), width)) }
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Token {
    Term(Term),
    And,
    Or,
    Not,
    Open,
    Close,
}

/// What the query says; `None` if it is empty.
pub(super) fn parse(query: &str) -> Result<Option<Expression>, SyntaxError> {
    let characters: Vec<char> = query.chars().take(MAX_LENGTH + 1).collect();
    if characters.len() > MAX_LENGTH {
        return Err(SyntaxError::new(format!(
            "it is longer than {MAX_LENGTH} characters; use fewer words"
        )));
    }
    let tokens = tokens(&characters)?;
    check_bounds(&characters, &tokens)?;
    if tokens.is_empty() {
        return Ok(None);
    }
    let mut parser = Parser { query: &characters, tokens: &tokens, next: 0 };
    let expression = parser.all()?;
    if let Some((_, position)) = parser.tokens.get(parser.next) {
        return Err(SyntaxError::at(&characters, *position, "this ) closes nothing"));
    }
    Ok(Some(expression))
}

fn is_quotation_mark(c: char) -> bool {
    matches!(c, '"' | '“' | '”' | '„' | '«' | '»')
}

fn tokens(query: &[char]) -> Result<Vec<(Token, usize)>, SyntaxError> {
    let mut tokens = Vec::new();
    let mut at = 0;
    while let Some(&c) = query.get(at) {
        let start = at;
        let token = match c {
            c if c.is_whitespace() => {
                at += 1;
                continue;
            }
            '(' => Token::Open,
            ')' => Token::Close,
            '-' if query.get(at + 1).is_some_and(|next| !next.is_whitespace()) => Token::Not,
            _ => {
                let (place, from) = place(query, at)?;
                let (term, end) = if query.get(from).copied().is_some_and(is_quotation_mark) {
                    phrase(query, from)?
                } else {
                    word(query, from)?
                };
                at = end;
                let token = match (place, term.text.as_str()) {
                    (None, "AND") if term.form == Form::Word => Token::And,
                    (None, "OR") if term.form == Form::Word => Token::Or,
                    (None, "NOT") if term.form == Form::Word => Token::Not,
                    (place, _) => {
                        check(query, from, place, &term)?;
                        Token::Term(Term { place, ..term })
                    }
                };
                tokens.push((token, start));
                continue;
            }
        };
        at += 1;
        tokens.push((token, start));
    }
    Ok(tokens)
}

/// The field that the query names at `at`, and where what is looked for in it begins. A colon that
/// nothing follows, or slashes as in an address, make no field.
fn place(query: &[char], at: usize) -> Result<(Option<Place>, usize), SyntaxError> {
    let length = query[at..].iter().take_while(|c| c.is_ascii_alphabetic()).count();
    let colon = at + length;
    if length == 0 || query.get(colon) != Some(&':') {
        return Ok((None, at));
    }
    let name: String = query[at..colon].iter().collect();
    let place = Place::of(&name);
    match (query.get(colon + 1), place) {
        (Some('/'), None) => Ok((None, at)),
        (Some('('), Some(_)) => Err(SyntaxError::at(
            query,
            colon + 1,
            format!("a group can't follow a field; write {name}:one OR {name}:other"),
        )),
        (next, Some(_)) if next.is_none_or(|c| c.is_whitespace() || *c == ')') => {
            let message = format!("a word or phrase is missing behind {name}:");
            Err(SyntaxError::at(query, colon + 1, message))
        }
        (next, None) if next.is_none_or(|c| c.is_whitespace() || matches!(c, '(' | ')')) => {
            Ok((None, at))
        }
        (_, Some(place)) => Ok((Some(place), colon + 1)),
        (_, None) => {
            let known: Vec<&str> = Place::ALL.iter().map(|(known, _)| *known).collect();
            let message = format!(
                "there is no field “{name}”; there are {}. To look for the words, put them in \
                 quotation marks",
                known.join(", ")
            );
            Err(SyntaxError::at(query, at, message))
        }
    }
}

/// The phrase that begins with a quotation mark at `at`, and where it ends.
fn phrase(query: &[char], at: usize) -> Result<(Term, usize), SyntaxError> {
    let length = query[at + 1..].iter().position(|c| is_quotation_mark(*c));
    let Some(length) = length else {
        return Err(SyntaxError::at(query, at, "this quotation mark is not closed"));
    };
    let close = at + 1 + length;
    let star = (at + 2..close).find(|i| query[*i] == '*' && query[*i - 1].is_alphanumeric());
    if let Some(star) = star {
        let message = "* means nothing inside quotation marks; put it behind a word outside";
        return Err(SyntaxError::at(query, star, message));
    }
    let text = query[at + 1..close].iter().collect();
    let (slop, end) = match query.get(close + 1) {
        Some('~') => slop(query, close + 1)?,
        _ => (0, close + 1),
    };
    Ok((Term { place: None, form: Form::Phrase(slop), text }, end))
}

/// The number behind the `~` at `at`, and where it ends.
fn slop(query: &[char], at: usize) -> Result<(u32, usize), SyntaxError> {
    let digits: String = query[at + 1..].iter().take_while(|c| c.is_ascii_digit()).collect();
    let end = at + 1 + digits.len();
    if digits.is_empty() {
        let message = "behind ~ stands how many words may come between: \"human rights\"~3";
        return Err(SyntaxError::at(query, at, message));
    }
    match digits.parse() {
        Ok(slop) if slop <= MAX_SLOP => Ok((slop, end)),
        _ => {
            let message = format!("at most {MAX_SLOP} words may come between");
            Err(SyntaxError::at(query, at + 1, message))
        }
    }
}

/// The word, or beginning of one, at `at`, and where it ends.
fn word(query: &[char], at: usize) -> Result<(Term, usize), SyntaxError> {
    let ends = |c: &char| c.is_whitespace() || matches!(c, '(' | ')') || is_quotation_mark(*c);
    // The first character belongs to the word whatever it is: a lonely "-" is one.
    let rest = query[at + 1..].iter().position(ends);
    let end = rest.map_or(query.len(), |length| at + 1 + length);
    let mut text: String = query[at..end].iter().collect();
    let form = match text.strip_suffix('*') {
        Some(beginning) => {
            text = beginning.to_owned();
            Form::Prefix
        }
        None => Form::Word,
    };
    if let Some(star) = text.chars().position(|c| c == '*') {
        let message = "* stands at the end of a word only";
        return Err(SyntaxError::at(query, at + star, message));
    }
    if let Some(tilde) = text.chars().position(|c| c == '~')
        && text.chars().skip(tilde + 1).all(|c| c.is_ascii_digit())
        && tilde > 0
    {
        let message = "~ stands behind a phrase: \"human rights\"~3";
        return Err(SyntaxError::at(query, at + tilde, message));
    }
    Ok((Term { place: None, form, text }, end))
}

/// Whether `term`, which stands at `at`, can be looked for in `place`.
fn check(query: &[char], at: usize, place: Option<Place>, term: &Term) -> Result<(), SyntaxError> {
    let error = |message: String| Err(SyntaxError::at(query, at, message));
    let mut words = term.text.split(|c: char| !c.is_alphanumeric());
    if words.any(|word| word.len() >= MAX_WORD) {
        return error(format!(
            "a word of {MAX_WORD} letters or more (in UTF-8 bytes) is not in the index; write a shorter one"
        ));
    }
    if term.form == Form::Prefix {
        let letters = term.text.chars().rev().take_while(|c| c.is_alphanumeric()).count();
        if letters < MIN_PREFIX {
            return error(format!("* needs {MIN_PREFIX} letters or more before it"));
        }
        if matches!(place, Some(Place::Topic | Place::Kind)) {
            return error("here a whole word is needed, without *".to_owned());
        }
    }
    let kinds = QuoteKind::ALL.map(QuoteKind::as_str);
    if place == Some(Place::Kind) && !kinds.contains(&term.text.as_str()) {
        return error(format!("a kind is one of {}", kinds.join(", ")));
    }
    Ok(())
}

fn check_bounds(query: &[char], tokens: &[(Token, usize)]) -> Result<(), SyntaxError> {
    let (mut terms, mut prefixes, mut depth) = (0, 0, 0_usize);
    for (token, position) in tokens {
        match token {
            Token::Term(term) => {
                terms += 1;
                prefixes += usize::from(term.form == Form::Prefix);
            }
            Token::Open => depth += 1,
            Token::Close => depth = depth.saturating_sub(1),
            Token::And | Token::Or | Token::Not => {}
        }
        let too_many = [
            (depth > MAX_DEPTH, format!("more than {MAX_DEPTH} groups inside each other")),
            (terms > MAX_TERMS, format!("more than {MAX_TERMS} words and phrases")),
            (prefixes > MAX_PREFIXES, format!("more than {MAX_PREFIXES} words with *")),
        ];
        if let Some((_, message)) = too_many.into_iter().find(|(holds, _)| *holds) {
            return Err(SyntaxError::at(query, *position, message));
        }
    }
    Ok(())
}

struct Parser<'a> {
    query: &'a [char],
    tokens: &'a [(Token, usize)],
    next: usize,
}

impl Parser<'_> {
    /// Where the next token stands, or the end of the query.
    fn position(&self) -> usize {
        self.tokens.get(self.next).map_or(self.query.len(), |(_, position)| *position)
    }

    fn peek(&self) -> Option<&Token> {
        self.tokens.get(self.next).map(|(token, _)| token)
    }

    fn error<T>(&self, message: &str) -> Result<T, SyntaxError> {
        Err(SyntaxError::at(self.query, self.position(), message))
    }

    /// Everything up to the end or the `)` that closes the group.
    fn all(&mut self) -> Result<Expression, SyntaxError> {
        let mut parts = vec![self.any()?];
        while !matches!(self.peek(), None | Some(Token::Close)) {
            if self.peek() == Some(&Token::And) {
                self.next += 1;
            }
            parts.push(self.any()?);
        }
        Ok(one_or(parts, Expression::All))
    }

    fn any(&mut self) -> Result<Expression, SyntaxError> {
        let mut parts = vec![self.one()?];
        while self.peek() == Some(&Token::Or) {
            self.next += 1;
            parts.push(self.one()?);
        }
        Ok(one_or(parts, Expression::Any))
    }

    fn one(&mut self) -> Result<Expression, SyntaxError> {
        let Some((token, _)) = self.tokens.get(self.next) else {
            return self.error("a word or phrase is missing here");
        };
        match token {
            Token::Term(term) => {
                self.next += 1;
                Ok(Expression::Term(term.clone()))
            }
            Token::Not => {
                self.next += 1;
                if self.peek() == Some(&Token::Not) {
                    return self.error("excluded twice; write one - or NOT");
                }
                Ok(Expression::Not(Box::new(self.one()?)))
            }
            Token::Open => {
                self.next += 1;
                let inner = self.all()?;
                if self.peek() != Some(&Token::Close) {
                    return self.error("a ) is missing here");
                }
                self.next += 1;
                Ok(inner)
            }
            Token::Close => self.error("a word or phrase is missing before this )"),
            Token::And => self.error(
                "AND needs a word or phrase on both sides; for the word itself write \"and\"",
            ),
            Token::Or => self
                .error("OR needs a word or phrase on both sides; for the word itself write \"or\""),
        }
    }
}

fn one_or(mut parts: Vec<Expression>, many: fn(Vec<Expression>) -> Expression) -> Expression {
    match (parts.len(), parts.pop()) {
        (1, Some(only)) => only,
        (_, last) => {
            parts.extend(last);
            many(parts)
        }
    }
}
