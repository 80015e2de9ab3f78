//! The language of queries: words, "phrases", -exclusion, OR, (groups).
//!
//! Text → an expression. Words side by side must all be found; `OR` joins its two neighbours, as
//! search engines read it: `treaty russia OR china` is `treaty (russia OR china)`. Refuses a query
//! that is too long or too deep before reading it, and says where a mistake is.

use std::fmt;

/// Longest query, in characters: more than anybody types, less than hurts.
const MAX_LENGTH: usize = 2_000;
/// Most words and phrases of a query: each is a walk through the index.
const MAX_TERMS: usize = 200;
/// Most groups inside each other; reading and searching recurse so deep.
const MAX_DEPTH: usize = 20;
/// How much of the query a message shows on each side of the mistake, in characters.
const SHOWN: usize = 30;

/// A query, understood.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Expression {
    /// A word; other forms of it count.
    Word(String),
    /// Words in this order and form.
    Phrase(String),
    /// What must not be found.
    Not(Box<Expression>),
    /// Each must be found.
    All(Vec<Expression>),
    /// One must be found.
    Any(Vec<Expression>),
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
    Word(String),
    Phrase(String),
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
        at += 1;
        let token = match c {
            c if c.is_whitespace() => continue,
            '(' => Token::Open,
            ')' => Token::Close,
            c if is_quotation_mark(c) => {
                let length = query[at..].iter().position(|c| is_quotation_mark(*c));
                let Some(length) = length else {
                    return Err(SyntaxError::at(query, start, "this quotation mark is not closed"));
                };
                let phrase = query[at..at + length].iter().collect();
                at += length + 1;
                Token::Phrase(phrase)
            }
            '-' if query.get(at).is_some_and(|next| !next.is_whitespace()) => Token::Not,
            _ => {
                while query.get(at).is_some_and(|c| {
                    !c.is_whitespace() && !matches!(c, '(' | ')') && !is_quotation_mark(*c)
                }) {
                    at += 1;
                }
                match query[start..at].iter().collect::<String>() {
                    word if word == "OR" => Token::Or,
                    word if word == "NOT" => Token::Not,
                    word if word == "AND" => continue,
                    word => Token::Word(word),
                }
            }
        };
        tokens.push((token, start));
    }
    Ok(tokens)
}

fn check_bounds(query: &[char], tokens: &[(Token, usize)]) -> Result<(), SyntaxError> {
    let (mut terms, mut depth) = (0, 0_usize);
    for (token, position) in tokens {
        match token {
            Token::Word(_) | Token::Phrase(_) => terms += 1,
            Token::Open => depth += 1,
            Token::Close => depth = depth.saturating_sub(1),
            Token::Or | Token::Not => {}
        }
        if depth > MAX_DEPTH {
            let message = format!("more than {MAX_DEPTH} groups inside each other");
            return Err(SyntaxError::at(query, *position, message));
        }
        if terms > MAX_TERMS {
            let message = format!("more than {MAX_TERMS} words and phrases");
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
            Token::Word(word) => {
                self.next += 1;
                Ok(Expression::Word(word.clone()))
            }
            Token::Phrase(phrase) => {
                self.next += 1;
                Ok(Expression::Phrase(phrase.clone()))
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
