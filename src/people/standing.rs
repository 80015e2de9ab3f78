//! Roles and affiliations as articles state them: whether two can be one person's.
//!
//! What a page says is worded in many ways and read with mistakes, so only two plain cases decide:
//! they agree (one office, one body), or they speak against each other (two fields and two bodies, or
//! one office in two places). All else tells nothing.

use std::collections::BTreeSet;

use super::Stated;
use super::lists::LISTS_READ;
use super::name::body_words;
use crate::domain::folding::folded;
use crate::domain::speaker::Ground;

/// Shortest word that may be the beginning of another form of itself: "Norland", "Norlandic".
const MIN_STEM: usize = 5;

/// Most words of a role that is surely read right: longer ones are clauses.
const MAX_PLAIN: usize = 6;

/// One part of a role: "deputy minister of energy".
#[derive(Debug, Clone)]
struct Role {
    head: String,
    words: BTreeSet<String>,
    past: bool,
}

/// An affiliation in parts.
#[derive(Debug, Clone)]
struct Body {
    words: Vec<String>,
    /// The words that tell it from others.
    telling: BTreeSet<String>,
    kinds: BTreeSet<String>,
}

/// What an article states of somebody, ready to be compared.
#[derive(Debug, Clone)]
pub(super) struct Standing {
    roles: Vec<Role>,
    body: Option<Body>,
    stated: Stated,
}

impl Standing {
    pub(super) fn of(stated: &Stated) -> Self {
        let roles = stated.role.as_deref().map(roles).unwrap_or_default();
        let body = stated.affiliation.as_deref().and_then(body);
        Self { roles, body, stated: stated.clone() }
    }

    /// True if it says enough to speak against another: roles beyond doubt that are not over, and one
    /// body.
    pub(super) fn is_checkable(&self) -> bool {
        self.body.is_some() && !self.roles.is_empty() && self.roles.iter().all(Role::is_plain)
    }

    /// What they agree in, and the words of it; `None` if nothing shows that they are one person's.
    pub(super) fn agrees(&self, other: &Self) -> Option<(Ground, String)> {
        if self.bodies_agree(other) && !self.fields_differ(other) {
            return Some((
                Ground::Affiliation,
                shorter(&self.stated.affiliation, &other.stated.affiliation),
            ));
        }
        if self.bodies_differ(other) {
            return None;
        }
        let agree = self.roles.iter().any(|a| other.roles.iter().any(|b| a.agrees(b)));
        agree.then(|| (Ground::Role, shorter(&self.stated.role, &other.stated.role)))
    }

    /// True if both role and affiliation agree, even where the role is one that many share.
    pub(super) fn agrees_fully(&self, other: &Self) -> bool {
        let heads = self.roles.iter().any(|a| other.roles.iter().any(|b| a.head == b.head));
        heads && self.bodies_agree(other)
    }

    /// True if they can hardly be one person's.
    pub(super) fn contradicts(&self, other: &Self) -> bool {
        if !self.is_checkable() || !other.is_checkable() || !self.bodies_differ(other) {
            return false;
        }
        let politics = |standing: &Self| {
            standing.roles.iter().all(|role| role.fields().any(|field| field == "politics"))
        };
        // Who is in politics has many offices and is described by many of them.
        if politics(self) && politics(other) {
            return self.roles.iter().any(|a| {
                LISTS_READ.local.contains(&a.head) && other.roles.iter().any(|b| a.head == b.head)
            });
        }
        true
    }

    fn bodies_agree(&self, other: &Self) -> bool {
        matches!((&self.body, &other.body), (Some(a), Some(b)) if a.is_related(b))
    }

    fn bodies_differ(&self, other: &Self) -> bool {
        matches!((&self.body, &other.body), (Some(a), Some(b)) if !a.is_related(b))
    }

    /// Both have roles, and no two of them have a field, or a head, in common.
    fn fields_differ(&self, other: &Self) -> bool {
        !self.roles.is_empty()
            && !other.roles.is_empty()
            && self.roles.iter().all(|a| {
                other.roles.iter().all(|b| {
                    let known = a.fields().next().is_some() && b.fields().next().is_some();
                    known && a.head != b.head && !a.fields().any(|f| b.fields().any(|g| f == g))
                })
            })
    }
}

impl Role {
    fn fields(&self) -> impl Iterator<Item = &str> {
        LISTS_READ.fields.get(&self.head).into_iter().flatten().map(String::as_str)
    }

    /// A role of today that is surely read right.
    fn is_plain(&self) -> bool {
        let known = self.fields().next().is_some()
            || LISTS_READ.weak_heads.contains(&self.head)
            || LISTS_READ.other_heads.contains(&self.head);
        known && !self.past && self.words.len() <= MAX_PLAIN
    }

    /// One office, stated more or less fully.
    fn agrees(&self, other: &Self) -> bool {
        if self.head != other.head {
            return false;
        }
        let lesser = |role: &Self| role.words.iter().any(|word| LISTS_READ.lesser.contains(word));
        if lesser(self) != lesser(other) {
            return false;
        }
        let (few, many) = if self.words.len() <= other.words.len() {
            (&self.words, &other.words)
        } else {
            (&other.words, &self.words)
        };
        few.is_subset(many) && (few.len() > 1 || !LISTS_READ.weak_heads.contains(&self.head))
    }
}

impl Body {
    fn is_related(&self, other: &Self) -> bool {
        if self.words == other.words {
            return true;
        }
        if !self.kinds.is_empty() && !other.kinds.is_empty() && self.kinds.is_disjoint(&other.kinds)
        {
            return false;
        }
        if self.is_short_for(other) || other.is_short_for(self) {
            return true;
        }
        let (few, many) = if self.telling.len() <= other.telling.len() {
            (&self.telling, &other.telling)
        } else {
            (&other.telling, &self.telling)
        };
        few.iter().all(|word| many.iter().any(|other| one_word(word, other)))
    }

    /// "EFF" for "Electronic Frontier Foundation".
    fn is_short_for(&self, other: &Self) -> bool {
        let [short] = self.words.as_slice() else { return false };
        other.words.len() > 1
            && short.len() == other.words.len()
            && short.chars().zip(&other.words).all(|(c, word)| word.starts_with(c))
    }
}

/// "Norland" and "Norlandic".
fn one_word(a: &str, b: &str) -> bool {
    let short = a.len().min(b.len());
    a == b || short >= MIN_STEM && (a.starts_with(b) || b.starts_with(a))
}

fn shorter(a: &Option<String>, b: &Option<String>) -> String {
    [a, b]
        .into_iter()
        .flatten()
        .min_by_key(|text| (text.len(), text.as_str()))
        .cloned()
        .unwrap_or_default()
}

fn roles(text: &str) -> Vec<Role> {
    folded(text).split([',', ';']).flat_map(|part| part.split(" and ")).filter_map(role).collect()
}

fn role(part: &str) -> Option<Role> {
    let words: Vec<&str> = part
        .split(|c: char| c.is_whitespace())
        .map(|word| word.trim_matches(|c: char| !c.is_ascii_alphanumeric()))
        .filter(|word| !word.is_empty())
        .collect();
    let past = words.iter().any(|word| LISTS_READ.past.contains(*word) || word.starts_with("ex-"));
    let words: Vec<&str> = words
        .iter()
        .map(|word| word.strip_prefix("ex-").unwrap_or(word))
        .filter(|word| !LISTS_READ.past.contains(*word))
        .collect();
    // The head stands before its complement: "minister of energy", else last.
    let end = words
        .iter()
        .position(|word| {
            matches!(*word, "of" | "for" | "to" | "at" | "in" | "on" | "with" | "from")
        })
        .unwrap_or(words.len());
    let head = LISTS_READ.head(words.get(end.checked_sub(1)?)?).to_owned();
    let words = words
        .iter()
        .map(|word| LISTS_READ.head(word))
        .filter(|word| !LISTS_READ.stop.contains(*word))
        .filter(|word| !matches!(*word, "from" | "with"))
        .map(str::to_owned)
        .collect();
    Some(Role { head, words, past })
}

/// None where nothing in it tells one body from others: a party, "the ministry".
fn body(text: &str) -> Option<Body> {
    // "R-Ohio": of a party, for a place.
    let text = text.strip_prefix("R-").or(text.strip_prefix("D-")).unwrap_or(text);
    let words = body_words(text);
    let telling: BTreeSet<String> = words
        .iter()
        .filter(|word| !LISTS_READ.generic.contains(*word) && !LISTS_READ.parties.contains(*word))
        .cloned()
        .collect();
    let kinds = words.iter().filter(|word| LISTS_READ.kinds.contains(*word)).cloned().collect();
    if telling.is_empty() { None } else { Some(Body { words, telling, kinds }) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn standing(role: &str, affiliation: &str) -> Standing {
        let some = |text: &str| (!text.is_empty()).then(|| text.to_owned());
        Standing::of(&Stated { role: some(role), affiliation: some(affiliation) })
    }

    /// Pairs that agree, speak against each other, or tell nothing.
    #[test]
    fn roles_and_affiliations_agree_contradict_or_tell_nothing() {
        type Side = (&'static str, &'static str);
        let pairs: &[(Side, Side, &str)] = &[
            (("ambassador", ""), ("Ambassador", ""), "agree"),
            (("U.S. ambassador to Norland", ""), ("ambassador", ""), "agree"),
            (("Sen.", "Ohio"), ("senator", "R-Ohio"), "agree"),
            (("chief negotiator", "Norland"), ("", "Foreign Ministry of Norland"), "agree"),
            (("spokeswoman", "Open Wires"), ("spokesperson", "Open Wires"), "agree"),
            (("analyst", "EWF"), ("director", "Electronic Wires Foundation"), "agree"),
            (("former president", ""), ("president", ""), "agree"),
            (("spokesman", ""), ("spokesman", ""), "nothing"),
            (("deputy minister", ""), ("minister", ""), "nothing"),
            (("", ""), ("mayor", "Lindau"), "nothing"),
            (("candidate", "Republican"), ("businessman", "Orbex"), "nothing"),
            (("former chief executive", "Orbex"), ("senator", "Ohio"), "nothing"),
            (("senator", "Ohio"), ("minister", "Finance Ministry"), "nothing"),
            (("mayor", "Lindau"), ("goalkeeper", "FC Norrvik"), "contradict"),
            (
                ("policy director", "Open Wires"),
                ("professor", "University of Norrvik"),
                "contradict",
            ),
            (("mayor", "Lindau"), ("mayor", "Norrvik"), "contradict"),
            (("police chief", "Lindau Police"), ("police chief", "Norrvik Police"), "contradict"),
            (("professor", "Lindau University"), ("officer", "Lindau Police"), "contradict"),
        ];
        for ((role, affiliation), (other_role, other_affiliation), wanted) in pairs {
            let a = standing(role, affiliation);
            let b = standing(other_role, other_affiliation);
            for (a, b) in [(&a, &b), (&b, &a)] {
                let found = match (a.agrees(b).is_some(), a.contradicts(b)) {
                    (true, false) => "agree",
                    (false, true) => "contradict",
                    (false, false) => "nothing",
                    (true, true) => "both",
                };
                assert_eq!(found, *wanted, "{:?} / {:?}", a.stated, b.stated);
            }
        }
    }
}
