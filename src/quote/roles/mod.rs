//! What the article says a speaker is: mentions → role and affiliation, verbatim.
//!
//! `beside` looks before the name ("AHC Chair Lena Ortiz") and after it (", a lawyer at the fund"),
//! `clause` at what it does ("who heads the fund"), `discourse` at pronouns and descriptions away
//! from it; `phrase` splits what they find. Here the best of it is chosen. Refuses to take somebody
//! else's apposition and to expand what is printed.

mod beside;
mod clause;
mod discourse;
mod phrase;

pub use discourse::{Told, gather};

use super::lexicon as lex;
use super::sources::Mention;
use super::speakers::Cast;
use super::tokens::Stream;

/// What one place of the article says of somebody; token ranges.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Facts {
    /// What the speaker is.
    pub role: Option<Mention>,
    /// The organisation it belongs to.
    pub affiliation: Option<Mention>,
}

impl Facts {
    /// These facts, with `other`'s where one is missing.
    #[must_use]
    pub fn or(self, other: Self) -> Self {
        Self { role: self.role.or(other.role), affiliation: self.affiliation.or(other.affiliation) }
    }
}

/// Mentions looked at for one speaker: roles stand at the first ones.
const MENTIONS: usize = 24;
/// Places beside one mention that are looked at.
const PLACES: usize = 5;
/// Longest role phrase in tokens.
const LONGEST: usize = 34;

const IS_ROLE: u64 = lex::ROLE | lex::TITLE | lex::ANONYMOUS;
const PERSON: u64 = lex::MALE_NOUN | lex::FEMALE_NOUN;

/// The role and affiliation of somebody named at `mentions`, by what stands beside the name.
#[must_use]
pub fn of_mentions(stream: &Stream<'_>, mentions: &[Mention]) -> Facts {
    choose(stream, &candidates(stream, mentions))
}

/// The role and affiliation of one of the cast, by all that the text tells; `told` in the order of
/// the cast.
#[must_use]
pub fn of_entity(stream: &Stream<'_>, cast: &Cast, id: usize, told: &[Told]) -> Facts {
    let mut found = candidates(stream, &cast.entities[id].mentions);
    let from = told.partition_point(|t| t.entity < id);
    let told = || told[from..].iter().take_while(|t| t.entity == id);
    found.extend(told().filter(|t| t.sure).map(|t| t.facts));
    let mentions = cast.entities[id].mentions.iter().take(MENTIONS);
    let team = mentions.clone().find_map(|m| beside::plays_for(stream, m.to));
    found.push(Facts { role: None, affiliation: team });
    found.extend(mentions.clone().map(|m| clause::hired(stream, m.to)));
    found.extend(mentions.clone().map(|m| clause::activity(stream, m.to)));
    found.extend(mentions.map(|m| clause::office_held(stream, m.to)));
    if !found.iter().any(|facts| facts.role.is_some()) {
        found.extend(told().map(|t| t.facts));
    }
    let mut facts = choose(stream, &found);
    if let Some(role) = facts.role
        && facts.affiliation.is_none()
    {
        facts.affiliation = discourse::body_meant(stream, cast, role);
    }
    facts
}

/// Role and affiliation out of a description: "a U.S. State Department official".
#[must_use]
pub fn of_description(stream: &Stream<'_>, phrase: Mention) -> Facts {
    phrase::parse(stream, phrase.from, phrase.to)
}

/// What each place tells, the likeliest to say what somebody is first: appositions and relative
/// clauses, titles, then main clauses.
fn candidates(stream: &Stream<'_>, mentions: &[Mention]) -> Vec<Facts> {
    let mentions = || mentions.iter().take(MENTIONS);
    // Room for all that is added later, too.
    let mut found = Vec::with_capacity(PLACES * mentions().len() + 1);
    found.extend(mentions().map(|m| beside::after_name(stream, *m)));
    let titles = found.len();
    found.extend(mentions().map(|m| beside::before_name(stream, m.from)));
    // A title with its body says more than one without.
    found[titles..].sort_by_key(|facts| facts.role.is_none() || facts.affiliation.is_none());
    found.extend(mentions().map(|m| clause::predicate(stream, m.to)));
    found.retain(|facts| *facts != Facts::default());
    found
}

/// The first role, and the affiliation that names most.
fn choose(stream: &Stream<'_>, found: &[Facts]) -> Facts {
    let first = found.iter().find(|facts| facts.role.is_some()).copied().unwrap_or_default();
    let own = first.affiliation.filter(|&name| weakness(stream, name) < Weakness::Unnamed);
    let affiliation = own
        .or_else(|| {
            // A body without a name counts only where the role stands.
            let all = found.iter().filter_map(|facts| facts.affiliation);
            all.filter(|&name| weakness(stream, name) < Weakness::Unnamed)
                .min_by_key(|&name| weakness(stream, name))
        })
        .or(first.affiliation)
        .map(|name| match weakness(stream, name) {
            Weakness::Unnamed => phrase::named_body(stream, name).unwrap_or(name),
            _ => name,
        });
    Facts { role: first.role, affiliation }
}

/// How little an affiliation says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Weakness {
    /// An organisation by its name.
    Named,
    /// A party's code: D-Ohio.
    Code,
    /// A place.
    Place,
    /// "the board".
    Unnamed,
}

fn weakness(stream: &Stream<'_>, name: Mention) -> Weakness {
    let tokens = &stream.tokens[name.from..name.to];
    if !tokens.iter().any(|t| t.capital) {
        Weakness::Unnamed
    } else if beside::is_party_code(stream.word(name.from)) {
        Weakness::Code
    } else if phrase::is_place(stream, name) {
        Weakness::Place
    } else {
        Weakness::Named
    }
}
