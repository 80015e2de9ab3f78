//! Who is who: the mentions of speakers in all articles → identities.
//!
//! A mention is a speaker as one article names them, with the roles and affiliations that it states.
//! [`settle`] takes all mentions of one [`family`] of names and says which are one speaker, and why.
//! It is a function of the set: the order in which articles came makes no difference, and families
//! are settled one by one, so that a new article touches those of its own speakers only.
//!
//! Refuses to guess: a wrong identity is worse than a missed one. Names alike are one speaker where
//! an office, a body, the same words or a correction shows it, or where nobody else bears the name and
//! nothing speaks against it. Knows nothing of the world beyond the articles and `lists.toml`.
//!
//! Files: `name` (how alike names are), `standing` (roles and affiliations), `forest` (ties), `group`
//! (mentions of one full name).

mod forest;
mod group;
mod lists;
mod name;
mod standing;

use std::borrow::Borrow;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::rc::Rc;

use serde::{Deserialize, Serialize};

use crate::domain::speaker::{Ground, Likeness, SpeakerKind};
use forest::Forest;
use name::{Name, body_words, is_generic};
pub use name::{family, fullest_name};
use standing::Standing;

/// The rules' number: one more for every change of what they give. Identities that other rules made
/// are made anew.
pub const RULES: u32 = 2;
/// Days within which one outlet that goes on about a "President Prew" means whom it named in full.
const WEEK: i32 = 7;
/// Days within which another outlet's "President Prew of Norland" is the one named in full elsewhere.
const MONTH: i32 = 30;
/// Which part of the articles must speak of other bearers of a name before a mention that fits several
/// is nobody's: less than one in twenty are pages read with mistakes.
const DOUBT: usize = 20;
/// Most standings of a speaker that are compared: those stated most often. A speaker with more is
/// read with mistakes, and the pairs grow with the square.
const MAX_STANDINGS: usize = 40;
/// Most names of a speaker that are compared, for the same reason.
const MAX_NAMES: usize = 20;
/// Most mentions of the same words that are compared, in order: a slogan's are many.
const MAX_ECHOES: usize = 50;

/// A role and an affiliation as an article states them together.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Stated {
    /// What the speaker is.
    pub role: Option<String>,
    /// Whom the speaker belongs to.
    pub affiliation: Option<String>,
}

/// A speaker as one article names them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mention {
    /// Its stable name, from the article and the speaker's name there.
    pub id: String,
    /// The fullest name that the article gives.
    pub name: String,
    /// What sort of thing it is.
    pub kind: SpeakerKind,
    /// The outlet that published the article.
    pub outlet: String,
    /// The day it was published, in days since 1970; `None` if it isn't known.
    pub day: Option<i32>,
    /// What the article states of the speaker, sorted.
    pub stated: Vec<Stated>,
    /// Hashes of the words quoted there.
    pub words: Vec<u64>,
}

/// What people decided about mentions, by their places among those given to [`settle`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ruling {
    /// The correction's number.
    pub number: u64,
    /// What it says of its two sides.
    pub says: Says,
    /// The mentions on each side; those that are gone are left out.
    pub sides: [Vec<usize>; 2],
}

/// What a correction says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Says {
    /// The first mentions of both sides are one speaker's.
    One,
    /// The mentions of the first side are one speaker's, and those of the second another's.
    Two,
}

/// Why a mention is of the same speaker as another.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tie {
    /// The other mention's place.
    pub to: usize,
    /// How alike their names are.
    pub names: Likeness,
    /// What else shows it.
    pub ground: Ground,
    /// The office, the body or the number of the correction; empty for other grounds.
    pub detail: String,
}

/// What was settled of a mention.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settled {
    /// The place of the earliest mention of the same speaker, whose id is the identity's.
    pub speaker: usize,
    /// What ties it towards that one; `None` for that one itself.
    pub tie: Option<Tie>,
    /// False where the articles don't tell which bearer of the name it is.
    pub told: bool,
}

/// Identities of `mentions`, one a mention, in their order. All must be of one family, or of families
/// that `rulings` join.
#[must_use]
pub fn settle<M: Borrow<Mention>>(mentions: &[M], rulings: &[Ruling]) -> Vec<Settled> {
    // Most families have one mention, and nothing to compare.
    if let ([only], []) = (mentions, rulings) {
        return vec![Settled { speaker: 0, tie: None, told: is_told_alone(only.borrow()) }];
    }
    let mentions: Vec<&Mention> = mentions.iter().map(Borrow::borrow).collect();
    // By day and id from here on, so that the order in which they come makes no difference.
    let mut order: Vec<usize> = (0..mentions.len()).collect();
    order.sort_by_key(|&at| (mentions[at].day.unwrap_or(i32::MAX), &mentions[at].id));
    let mut rank = vec![0; order.len()];
    for (place, &at) in order.iter().enumerate() {
        rank[at] = place;
    }
    let mut settling = Settling::of(order.iter().map(|&at| mentions[at]));
    settling.apply(rulings, &rank);
    let groups = settling.groups();
    for (key, members) in &groups {
        let untold = group::settle(&mut settling, members, key.needs_agreement);
        for mention in untold {
            settling.told[mention] = false;
        }
    }
    settling.tie_by_words();
    settling.tie_given_names(&groups);
    settling.tie_initials(&groups);
    settling.tie_surnames();
    let settled = settling.settled();
    let given = |settled: &Settled| Settled {
        speaker: order[settled.speaker],
        tie: settled.tie.as_ref().map(|tie| Tie { to: order[tie.to], ..tie.clone() }),
        told: settled.told,
    };
    rank.iter().map(|&place| given(&settled[place])).collect()
}

/// Whether a mention that is the only one of its family says who it is.
fn is_told_alone(mention: &Mention) -> bool {
    let name = Name::parse(&mention.name);
    match needs_agreement(mention, &name) {
        None => false,
        Some(false) => true,
        // What a mention states may say enough to agree with itself.
        Some(true) => {
            let standings: Vec<Standing> = mention.stated.iter().map(Standing::of).collect();
            let mut pairs = standings.iter().flat_map(|a| standings.iter().map(move |b| (a, b)));
            !name.is_initial() && pairs.any(|(a, b)| a.agrees(b).is_some())
        }
    }
}

/// Mentions that have one full name, or one initial before one surname.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct GroupKey {
    kind: &'static str,
    given: String,
    surname: String,
    suffix: String,
    /// The name alone tells nobody.
    needs_agreement: bool,
}

type Groups = BTreeMap<GroupKey, Vec<usize>>;

/// Whether the name alone tells nobody; `None` for "the ministry", "six senators", "the report", a bare surname,
/// which no group is of.
fn needs_agreement(mention: &Mention, name: &Name) -> Option<bool> {
    match mention.kind {
        SpeakerKind::Person if name.given.is_some() => Some(name.is_initial() || name.is_common()),
        SpeakerKind::Organisation if !is_generic(&mention.name) => Some(false),
        _ => None,
    }
}

impl GroupKey {
    /// `None` where [`needs_agreement`] gives none.
    fn of(mention: &Mention, name: &Name) -> Option<Self> {
        let needs_agreement = needs_agreement(mention, name)?;
        let kind = mention.kind.as_str();
        Some(match &name.given {
            Some(given) if mention.kind == SpeakerKind::Person => Self {
                kind,
                given: given.clone(),
                surname: name.surname.clone(),
                suffix: name.suffix.clone().unwrap_or_default(),
                needs_agreement,
            },
            _ => Self {
                kind,
                given: String::new(),
                surname: body_words(&mention.name).join(" "),
                suffix: String::new(),
                needs_agreement,
            },
        })
    }
}

/// A mention made ready to be compared.
#[derive(Debug)]
struct Prepared<'a> {
    mention: &'a Mention,
    name: Name,
    standings: Rc<[Standing]>,
}

/// Everything about the mentions while they are settled, oldest first.
#[derive(Debug)]
struct Settling<'a> {
    prepared: Vec<Prepared<'a>>,
    forest: Forest,
    /// Every name there is, by the numbers that `forest` has.
    names: Vec<Name>,
    told: Vec<bool>,
    /// Mentions that corrections name.
    ruled: BTreeSet<usize>,
}

/// A speaker as far as it is settled.
#[derive(Debug, Default)]
struct Person {
    names: Vec<Name>,
    /// What is stated, most often first, and by how many mentions.
    standings: Vec<(Standing, usize)>,
    days: Vec<i32>,
    first: usize,
    /// People decided about it.
    ruled: bool,
}

impl<'a> Settling<'a> {
    fn of(mentions: impl Iterator<Item = &'a Mention>) -> Self {
        // Most mentions state what others do.
        let mut known: HashMap<&'a [Stated], Rc<[Standing]>> = HashMap::new();
        let prepared: Vec<Prepared<'a>> = mentions
            .map(|mention| Prepared {
                name: Name::parse(&mention.name),
                standings: Rc::clone(
                    known
                        .entry(&mention.stated)
                        .or_insert_with(|| mention.stated.iter().map(Standing::of).collect()),
                ),
                mention,
            })
            .collect();
        let mut numbers: HashMap<&Name, usize> = HashMap::new();
        let mut names: Vec<Name> = Vec::new();
        let mut name_of: Vec<usize> = Vec::with_capacity(prepared.len());
        for one in &prepared {
            let number = *numbers.entry(&one.name).or_insert_with(|| {
                names.push(one.name.clone());
                names.len() - 1
            });
            name_of.push(number);
        }
        Self {
            forest: Forest::new(&name_of),
            names,
            told: vec![true; prepared.len()],
            prepared,
            ruled: BTreeSet::new(),
        }
    }

    /// Corrections come first: no rule can go against them. `rank` has the place of each mention that
    /// they name.
    fn apply(&mut self, rulings: &[Ruling], rank: &[usize]) {
        for ruling in rulings.iter().filter(|ruling| ruling.says == Says::Two) {
            for (side, mentions) in ruling.sides.iter().enumerate() {
                for mention in mentions.iter().map(|&at| rank[at]) {
                    self.forest.set_apart(mention, ruling.number, side == 0);
                    self.forest.set_ruled(mention);
                    self.ruled.insert(mention);
                }
            }
        }
        for ruling in rulings {
            let [left, right] = &ruling.sides;
            let pairs: Vec<(usize, usize)> = match (ruling.says, left.as_slice(), right.first()) {
                (Says::One, [first, ..], Some(second)) => vec![(*first, *second)],
                (Says::Two, [first, rest @ ..], _) => {
                    rest.iter().map(|other| (*first, *other)).collect()
                }
                _ => Vec::new(),
            };
            for (a, b) in pairs.into_iter().map(|(a, b)| (rank[a], rank[b])) {
                self.ruled.extend([a, b]);
                self.forest.set_ruled(a);
                self.forest.set_ruled(b);
                let names = self.prepared[a].name.likeness(&self.prepared[b].name);
                let names = names.unwrap_or(Likeness::None);
                self.forest.tie(a, b, names, Ground::Correction, ruling.number.to_string());
            }
        }
    }

    fn groups(&mut self) -> Groups {
        let mut groups = Groups::new();
        for at in 0..self.prepared.len() {
            let prepared = &self.prepared[at];
            let name = &prepared.name;
            let Some(key) = GroupKey::of(prepared.mention, name) else {
                self.told[at] = false;
                continue;
            };
            if name.is_initial() {
                self.told[at] = false;
            }
            groups.entry(key).or_default().push(at);
        }
        groups
    }

    /// Wire copy and shared statements: who is quoted with the same words is the same speaker.
    fn tie_by_words(&mut self) {
        let mut by_words: BTreeMap<u64, Vec<usize>> = BTreeMap::new();
        for at in 0..self.prepared.len() {
            for &words in &self.prepared[at].mention.words {
                by_words.entry(words).or_default().push(at);
            }
        }
        for mentions in by_words.values() {
            let mentions = &mentions[..mentions.len().min(MAX_ECHOES)];
            for (place, &later) in mentions.iter().enumerate() {
                for &earlier in &mentions[..place] {
                    let (a, b) = (&self.prepared[earlier], &self.prepared[later]);
                    let alike = a.mention.kind == b.mention.kind;
                    let Some(names) = a.name.likeness(&b.name).filter(|_| alike) else { continue };
                    self.tie(earlier, later, names, Ground::Words, String::new());
                }
            }
        }
    }

    /// Ties two mentions, unless names of their speakers so far can't be one person's.
    fn tie(&mut self, a: usize, b: usize, names: Likeness, ground: Ground, detail: String) {
        let [left, right] = [a, b].map(|at| {
            self.forest.names(at).iter().take(MAX_NAMES).copied().collect::<Vec<usize>>()
        });
        // People may have given a speaker names that no rule would.
        let ruled = self.forest.is_ruled(a) || self.forest.is_ruled(b);
        let alike =
            |x: &usize| right.iter().all(|y| self.names[*x].likeness(&self.names[*y]).is_some());
        if ruled || left.iter().all(alike) {
            self.forest.tie(a, b, names, ground, detail);
        }
    }

    /// Every speaker so far by a mention of it, those of people only.
    fn persons(&mut self) -> BTreeMap<usize, Person> {
        let mut persons: BTreeMap<usize, Person> = BTreeMap::new();
        let mut counts: HashMap<usize, BTreeMap<&[Stated], (usize, usize)>> = HashMap::new();
        for at in 0..self.prepared.len() {
            let prepared = &self.prepared[at];
            if prepared.mention.kind != SpeakerKind::Person {
                continue;
            }
            let root = self.forest.root(at);
            let person =
                persons.entry(root).or_insert_with(|| Person { first: at, ..Person::default() });
            person.ruled |= self.ruled.contains(&at);
            person.add_name(&prepared.name);
            person.days.extend(prepared.mention.day);
            if !prepared.standings.is_empty() {
                let stated = counts.entry(root).or_default();
                stated.entry(&prepared.mention.stated).or_insert((0, at)).0 += 1;
            }
        }
        for (root, stated) in counts {
            let mut stated: Vec<(usize, usize)> = stated.into_values().collect();
            // Of equals the one in the order of the map, which is that of the words.
            stated.sort_by_key(|(count, _)| std::cmp::Reverse(*count));
            if let Some(person) = persons.get_mut(&root) {
                let all = stated.iter().flat_map(|(count, at)| {
                    self.prepared[*at].standings.iter().map(|it| (it.clone(), *count))
                });
                person.standings = all.take(MAX_STANDINGS).collect();
                person.days.sort_unstable();
            }
        }
        persons
    }

    /// "Bill" and "William", "Lukmanov" and "Lyukmanov": one where an office or a body agrees.
    fn tie_given_names(&mut self, groups: &Groups) {
        let full: Vec<(&GroupKey, usize)> = groups
            .iter()
            .filter(|(key, _)| key.kind == SpeakerKind::Person.as_str() && key.given.len() > 1)
            .filter_map(|(key, members)| Some((key, *members.first()?)))
            .collect();
        let mut buckets: BTreeMap<String, Vec<usize>> = BTreeMap::new();
        for (place, (key, _)) in full.iter().enumerate() {
            for bucket in name::buckets(&key.given, &key.surname) {
                buckets.entry(bucket).or_default().push(place);
            }
        }
        let mut pairs: BTreeSet<(usize, usize)> = BTreeSet::new();
        for places in buckets.values() {
            for (n, &a) in places.iter().enumerate() {
                pairs.extend(places[..n].iter().map(|&b| (b, a)));
            }
        }
        if pairs.is_empty() {
            return;
        }
        let persons = self.persons();
        let mut edges = Vec::new();
        for (a, b) in pairs {
            let [left, right] = [a, b].map(|place| self.roots(&groups[full[place].0]));
            let names = self.prepared[full[a].1].name.likeness(&self.prepared[full[b].1].name);
            let wanted = [Likeness::Nickname, Likeness::Transliteration];
            let Some(names) = names.filter(|names| wanted.contains(names)) else { continue };
            let mut found: Vec<(usize, usize, Ground, String)> = Vec::new();
            for &x in &left {
                for &y in &right {
                    if let Some((ground, detail)) = persons[&x].agrees(&persons[&y]) {
                        found.push((x, y, ground, detail));
                    }
                }
            }
            // One that agrees with two is neither's.
            for (x, y, ground, detail) in &found {
                let alone = |pick: fn(&(usize, usize, Ground, String)) -> usize, it: usize| {
                    found.iter().filter(|edge| pick(edge) == it).count() == 1
                };
                if alone(|edge| edge.0, *x) && alone(|edge| edge.1, *y) {
                    edges.push((
                        names,
                        *ground,
                        persons[x].first,
                        persons[y].first,
                        detail.clone(),
                    ));
                }
            }
        }
        edges.sort();
        for (names, ground, a, b, detail) in edges {
            self.tie(a, b, names, ground, detail);
        }
    }

    /// "D. Marlowe": whoever is the only one with that initial that an office or a body agrees with.
    fn tie_initials(&mut self, groups: &Groups) {
        let initials: Vec<&GroupKey> = groups
            .keys()
            .filter(|key| key.kind == SpeakerKind::Person.as_str() && key.given.len() == 1)
            .collect();
        if initials.is_empty() {
            return;
        }
        let persons = self.persons();
        let mut ties = Vec::new();
        for key in initials {
            let mut others: BTreeSet<usize> = BTreeSet::new();
            for (full, members) in groups.range(key..) {
                if full.kind != key.kind || !full.given.starts_with(&key.given) {
                    break;
                }
                if full.given.len() > 1 && full.surname == key.surname && full.suffix == key.suffix
                {
                    others.extend(self.roots(members));
                }
            }
            for root in self.roots(&groups[key]) {
                let person = &persons[&root];
                let mut agreeing = others
                    .iter()
                    .filter(|other| **other != root && persons[other].names_allow(person))
                    .filter_map(|other| Some((*other, person.agrees(&persons[other])?)));
                if let (Some((other, found)), None) = (agreeing.next(), agreeing.next()) {
                    ties.push((persons[&root].first, persons[&other].first, found));
                }
            }
        }
        for (a, b, (ground, detail)) in ties {
            self.tie(a, b, Likeness::Initial, ground, detail);
        }
    }

    /// "Ambassador Marlowe": the only bearer of the surname whom the role fits, if the outlet named
    /// them in full within a week; or, in another outlet, if the affiliation fits too, within a month.
    fn tie_surnames(&mut self) {
        let bare = |prepared: &Prepared<'_>| {
            prepared.mention.kind == SpeakerKind::Person && prepared.name.given.is_none()
        };
        let bares: Vec<usize> = (0..self.prepared.len())
            .filter(|&at| bare(&self.prepared[at]) && !self.prepared[at].standings.is_empty())
            .collect();
        if bares.is_empty() {
            return;
        }
        let persons = self.persons();
        let mut by_outlet: HashMap<&str, Vec<(i32, usize)>> = HashMap::new();
        for at in 0..self.prepared.len() {
            let prepared = &self.prepared[at];
            if let Some(day) = prepared.mention.day
                && prepared.name.given.is_some()
            {
                by_outlet.entry(&prepared.mention.outlet).or_default().push((day, at));
            }
        }
        // People named in full, by surname.
        let mut bearers: HashMap<&str, Vec<usize>> = HashMap::new();
        for (root, person) in &persons {
            let full = person.names.iter().filter(|name| name.given.is_some());
            let surnames: BTreeSet<&str> = full.map(|name| name.surname.as_str()).collect();
            for surname in surnames {
                bearers.entry(surname).or_default().push(*root);
            }
        }
        // The only speaker whom each kind of mention fits: in part, fully.
        type Fit = (Ground, String);
        type Fitting = (usize, Fit, Option<Fit>);
        let mut fits: HashMap<(&[Stated], &str), Option<Fitting>> = HashMap::new();
        let mut ties = Vec::new();
        for at in bares {
            let prepared = &self.prepared[at];
            let Some(day) = prepared.mention.day else { continue };
            let named = by_outlet.get(prepared.mention.outlet.as_str()).map_or(&[][..], |all| {
                let from = all.partition_point(|(other, _)| *other < day.saturating_sub(WEEK));
                let to = all.partition_point(|(other, _)| *other <= day.saturating_add(WEEK));
                &all[from..to]
            });
            // The nearest mention of each speaker that fits.
            let mut nearest: BTreeMap<usize, (i32, usize)> = BTreeMap::new();
            for (other, full) in named {
                let root = self.forest.root(*full);
                let entry = nearest.entry(root).or_insert((i32::MAX, *full));
                *entry = (*entry).min(((other - day).abs(), *full));
            }
            let own = Person::alone(prepared);
            let stated = prepared.mention.stated.as_slice();
            let surname = prepared.name.surname.as_str();
            let fitting = fits.entry((stated, surname)).or_insert_with(|| {
                let bearers = bearers.get(surname).into_iter().flatten().copied();
                let mut fitting: Vec<(usize, usize)> = bearers
                    .map(|root| (own.agreeing(&persons[&root]), root))
                    .filter(|(count, root)| *count > 0 && persons[root].names_allow(&own))
                    .collect();
                fitting.sort_by_key(|(count, root)| (*count, persons[root].first));
                let (most, root) = fitting.pop()?;
                let others: usize = fitting.iter().map(|(count, _)| count).sum();
                if others * DOUBT > most {
                    return None;
                }
                let person = &persons[&root];
                Some((root, own.agrees(person)?, own.agrees_fully(person)))
            });
            let Some((root, fit, full_fit)) = fitting else { continue };
            let person = &persons[root];
            if let Some((_, full)) = nearest.get(root) {
                ties.push((at, *full, fit.clone()));
            } else if let Some(fit) = full_fit {
                let near = person.days.partition_point(|d| *d < day.saturating_sub(MONTH));
                if person.days.get(near).is_some_and(|d| *d <= day.saturating_add(MONTH)) {
                    ties.push((at, person.first, fit.clone()));
                }
            }
        }
        for (at, full, (ground, detail)) in ties {
            self.tie(at, full, Likeness::Surname, ground, detail);
        }
    }

    fn roots(&mut self, members: &[usize]) -> BTreeSet<usize> {
        members.iter().map(|&at| self.forest.root(at)).collect()
    }

    fn settled(mut self) -> Vec<Settled> {
        let count = self.prepared.len();
        let mut settled: Vec<Option<Settled>> = vec![None; count];
        for first in 0..self.prepared.len() {
            if settled[first].is_some() {
                continue;
            }
            let members = self.forest.members(first).to_vec();
            // Told if any of its mentions is: the others were tied to it.
            let told = members.iter().any(|&at| self.told[at] || self.ruled.contains(&at));
            settled[first] = Some(Settled { speaker: first, tie: None, told });
            for (at, tie) in self.forest.ties_from(first) {
                settled[at] = Some(Settled { speaker: first, tie: Some(tie), told });
            }
        }
        settled
            .into_iter()
            .enumerate()
            .map(|(at, found)| found.unwrap_or(Settled { speaker: at, tie: None, told: false }))
            .collect()
    }
}

impl Person {
    fn alone(prepared: &Prepared<'_>) -> Self {
        Self {
            names: vec![prepared.name.clone()],
            standings: prepared.standings.iter().map(|it| (it.clone(), 1)).collect(),
            ..Self::default()
        }
    }

    fn add_name(&mut self, name: &Name) {
        if self.names.len() < MAX_NAMES && !self.names.contains(name) {
            self.names.push(name.clone());
        }
    }

    /// True unless names of the two can't be one person's.
    fn names_allow(&self, other: &Self) -> bool {
        if self.ruled || other.ruled {
            return self.names.iter().any(|a| other.names.iter().any(|b| a.likeness(b).is_some()));
        }
        self.names.iter().all(|a| other.names.iter().all(|b| a.likeness(b).is_some()))
    }

    /// What the two agree in.
    fn agrees(&self, other: &Self) -> Option<(Ground, String)> {
        self.pairs(other).filter_map(|(a, b)| a.0.agrees(&b.0)).min()
    }

    /// The same, where role and affiliation both agree.
    fn agrees_fully(&self, other: &Self) -> Option<(Ground, String)> {
        let mut full = self.pairs(other).filter(|(a, b)| a.0.agrees_fully(&b.0));
        full.find_map(|(a, b)| a.0.agrees(&b.0))
    }

    /// How many mentions of `other` agree.
    fn agreeing(&self, other: &Self) -> usize {
        let agree = |it: &&(Standing, usize)| {
            self.standings.iter().any(|own| own.0.agrees(&it.0).is_some())
        };
        other.standings.iter().filter(agree).map(|(_, count)| count).sum()
    }

    fn pairs<'a>(
        &'a self,
        other: &'a Self,
    ) -> impl Iterator<Item = (&'a (Standing, usize), &'a (Standing, usize))> {
        self.standings.iter().flat_map(|a| other.standings.iter().map(move |b| (a, b)))
    }
}

#[cfg(test)]
mod tests;
