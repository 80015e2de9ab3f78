//! Mentions of one full name: one bearer or several?
//!
//! First those that agree in an office or a body are one. Then whoever nothing speaks against is the
//! one bearer of the name there is; where there are two, a mention that fits both is left alone,
//! unless its outlet named one of them that week. A name that many bear needs agreement always.

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use super::name::Name;
use super::standing::Standing;
use super::{DOUBT, Settling, Stated, WEEK};
use crate::domain::speaker::{Ground, Likeness};

/// Most kinds of mention of a name that are compared with one another: those that most articles
/// state. The rest are read with mistakes, and the pairs grow with the square.
const MAX_COMPARED: usize = 200;
/// Mentions that state the same.
#[derive(Debug)]
struct Node {
    /// In order.
    mentions: Vec<usize>,
    standings: Rc<[Standing]>,
    /// People decided about it.
    ruled: bool,
}

/// Nodes that are one bearer, each with the node it was joined to and why.
#[derive(Debug, Default)]
struct Bearer {
    nodes: Vec<usize>,
    mentions: usize,
    joins: Vec<(usize, usize, Ground, String)>,
}

/// Ties the mentions `members` of one name, which come in order, and gives those that could be of
/// several bearers.
pub(super) fn settle(
    settling: &mut Settling<'_>,
    members: &[usize],
    needs_agreement: bool,
) -> Vec<usize> {
    let nodes = nodes(settling, members);
    let pairs = Pairs::of(settling, &nodes);
    let (mut bearers, rest) = agreeing(&nodes, &pairs, needs_agreement);
    let mut open: Vec<Bearer> = Vec::new();
    if needs_agreement {
        open = rest;
    } else {
        // Whoever states enough to be told from others first: they are the bearers there are.
        let (checkable, vague): (Vec<Bearer>, Vec<Bearer>) =
            std::mem::take(&mut bearers).into_iter().chain(rest).partition(|bearer| {
                bearer.nodes.iter().any(|&node| {
                    nodes[node].ruled || nodes[node].standings.iter().any(Standing::is_checkable)
                })
            });
        let mut deferred = Vec::new();
        for part in by_size(checkable) {
            deferred.extend(join(&mut bearers, part, &pairs, members.len()));
        }
        for part in by_size(vague.into_iter().chain(deferred).collect()) {
            open.extend(join(&mut bearers, part, &pairs, members.len()));
        }
    }
    for bearer in &bearers {
        tie(settling, &nodes, bearer);
    }
    let named: Vec<Vec<Option<Named>>> =
        open.iter().map(|part| by_week(settling, &nodes, &bearers, part, &pairs)).collect();
    // Two that can't be one speaker are not tied to one bearer: which of them is meant isn't told.
    let bearers_of: Vec<BTreeSet<usize>> =
        named.iter().map(|its| its.iter().flatten().map(|named| named.bearer).collect()).collect();
    let torn = |number: usize, part: &Bearer| -> BTreeSet<usize> {
        let others = open.iter().zip(&bearers_of).enumerate().filter(|(other, (its, named))| {
            *other != number
                && !named.is_disjoint(&bearers_of[number])
                && pairs.any_conflict(&its.nodes, &part.nodes)
        });
        others.flat_map(|(_, (_, named))| named).copied().collect()
    };
    let mut untold = Vec::new();
    for (number, part) in open.iter().enumerate() {
        let torn = torn(number, part);
        let mentions = part.nodes.iter().flat_map(|&node| &nodes[node].mentions);
        for (&at, named) in mentions.zip(&named[number]) {
            match named {
                Some(Named { bearer, mention }) if !torn.contains(bearer) => {
                    settling.forest.tie(*mention, at, Likeness::Same, Ground::Week, String::new());
                }
                _ => untold.push(at),
            }
        }
    }
    untold
}

/// The members by what they state, those that most articles state first.
fn nodes(settling: &mut Settling<'_>, members: &[usize]) -> Vec<Node> {
    type Key<'a> = (Vec<String>, &'a [Stated], Option<usize>);
    let mut by_content: BTreeMap<Key<'_>, Vec<usize>> = BTreeMap::new();
    for &at in members {
        // A mention that corrections name stands for itself and those they tie it to.
        let ruled = settling.ruled.contains(&at).then(|| {
            let root = settling.forest.root(at);
            let first = settling.forest.members(root).iter().copied().min();
            first.unwrap_or(at)
        });
        let prepared = &settling.prepared[at];
        let key = (prepared.name.middle.clone(), prepared.mention.stated.as_slice(), ruled);
        by_content.entry(key).or_default().push(at);
    }
    let mut nodes: Vec<Node> = by_content
        .into_iter()
        .map(|((_, _, ruled), mentions)| Node {
            standings: mentions
                .first()
                .map_or_else(|| Rc::from([]), |&at| Rc::clone(&settling.prepared[at].standings)),
            mentions,
            ruled: ruled.is_some(),
        })
        .collect();
    // A stable sort: of equals those whose words come first.
    nodes.sort_by_key(|node| std::cmp::Reverse(node.mentions.len()));
    nodes
}

/// What two nodes say of each other, worked out once.
struct Pairs {
    compared: usize,
    /// Where the row of each node begins: row `a` has the nodes before `a`.
    agree: Vec<Option<(Ground, String)>>,
    conflict: Vec<bool>,
    /// For nodes that are not compared: what corrections and further given names say.
    apart: Vec<Option<BTreeSet<(u64, bool)>>>,
    names: Vec<Name>,
}

impl Pairs {
    fn of(settling: &mut Settling<'_>, nodes: &[Node]) -> Self {
        let compared = nodes.len().min(MAX_COMPARED);
        let apart: Vec<_> = nodes
            .iter()
            .map(|node| node.mentions.first().and_then(|&at| settling.forest.sides(at).cloned()))
            .collect();
        let names: Vec<_> = nodes
            .iter()
            .filter_map(|node| node.mentions.first())
            .map(|&at| settling.prepared[at].name.clone())
            .collect();
        let mut pairs = Self { compared, agree: Vec::new(), conflict: Vec::new(), apart, names };
        for (a, left) in nodes.iter().enumerate().take(compared) {
            for (b, right) in nodes.iter().enumerate().take(a + 1) {
                let both = || {
                    left.standings.iter().flat_map(|x| right.standings.iter().map(move |y| (x, y)))
                };
                let agree = both().filter_map(|(x, y)| x.agrees(y)).min();
                let conflict = pairs.set_apart(a, b)
                    || agree.is_none() && both().any(|(x, y)| x.contradicts(y));
                pairs.agree.push(agree);
                pairs.conflict.push(conflict);
            }
        }
        pairs
    }

    fn place(a: usize, b: usize) -> usize {
        let (low, high) = (a.min(b), a.max(b));
        high * (high + 1) / 2 + low
    }

    /// People or further given names say that they are two.
    fn set_apart(&self, a: usize, b: usize) -> bool {
        let split = matches!((&self.apart[a], &self.apart[b]), (Some(x), Some(y))
            if x.iter().any(|(split, first)| y.contains(&(*split, !first))));
        split || !self.names[a].middles_agree(&self.names[b])
    }

    fn agree(&self, a: usize, b: usize) -> Option<&(Ground, String)> {
        if a.max(b) >= self.compared {
            return None;
        }
        self.agree[Self::place(a, b)].as_ref()
    }

    fn conflict(&self, a: usize, b: usize) -> bool {
        if a.max(b) < self.compared {
            self.conflict[Self::place(a, b)]
        } else {
            self.set_apart(a, b)
        }
    }

    fn any_conflict(&self, a: &[usize], b: &[usize]) -> bool {
        a.iter().any(|&x| b.iter().any(|&y| self.conflict(x, y)))
    }
}

/// Nodes joined by what they agree in, and the nodes that agree with none and, where agreement is
/// needed, not even with themselves.
fn agreeing(nodes: &[Node], pairs: &Pairs, needs_agreement: bool) -> (Vec<Bearer>, Vec<Bearer>) {
    let mut bearers: Vec<Option<Bearer>> = nodes
        .iter()
        .enumerate()
        .map(|(node, it)| {
            Some(Bearer { nodes: vec![node], mentions: it.mentions.len(), joins: Vec::new() })
        })
        .collect();
    let mut bearer_of: Vec<usize> = (0..nodes.len()).collect();
    // Who agrees with two that speak against each other is left out here.
    let torn: Vec<bool> = (0..pairs.compared)
        .map(|a| {
            let with: Vec<usize> =
                (0..pairs.compared).filter(|&b| b != a && pairs.agree(a, b).is_some()).collect();
            with.iter().enumerate().any(|(n, &x)| with[..n].iter().any(|&y| pairs.conflict(x, y)))
        })
        .collect();
    let mut edges: Vec<(&Ground, usize, usize)> = Vec::new();
    for a in 0..pairs.compared {
        for b in 0..a {
            if let Some((ground, _)) = pairs.agree(a, b)
                && !torn[a]
                && !torn[b]
            {
                edges.push((ground, b, a));
            }
        }
    }
    edges.sort();
    for (ground, a, b) in edges {
        let (left, right) = (bearer_of[a], bearer_of[b]);
        if left == right {
            continue;
        }
        let [Some(x), Some(y)] = [&bearers[left], &bearers[right]] else { continue };
        if pairs.any_conflict(&x.nodes, &y.nodes) {
            continue;
        }
        let detail = pairs.agree(a, b).map(|(_, detail)| detail.clone()).unwrap_or_default();
        if let Some(joined) = bearers[right].take()
            && let Some(bearer) = &mut bearers[left]
        {
            for &node in &joined.nodes {
                bearer_of[node] = left;
            }
            bearer.mentions += joined.mentions;
            bearer.nodes.extend(joined.nodes);
            bearer.joins.extend(joined.joins);
            bearer.joins.push((a, b, *ground, detail));
        }
    }
    let sure = |bearer: &Bearer| match bearer.nodes.as_slice() {
        [node] => nodes[*node].ruled || !needs_agreement || pairs.agree(*node, *node).is_some(),
        _ => true,
    };
    bearers.into_iter().flatten().partition(sure)
}

fn by_size(mut bearers: Vec<Bearer>) -> Vec<Bearer> {
    bearers
        .sort_by_key(|bearer| (std::cmp::Reverse(bearer.mentions), bearer.nodes.first().copied()));
    bearers
}

/// Joins `part` to the only bearer that nothing speaks against, or makes it a bearer of its own;
/// gives it back where it fits several.
fn join(bearers: &mut Vec<Bearer>, part: Bearer, pairs: &Pairs, all: usize) -> Option<Bearer> {
    let fitting: Vec<usize> = (0..bearers.len())
        .filter(|&it| !pairs.any_conflict(&bearers[it].nodes, &part.nodes))
        .collect();
    let Some(&first) = fitting.first() else {
        bearers.push(part);
        return None;
    };
    let most =
        fitting.iter().copied().max_by_key(|&it| (bearers[it].mentions, std::cmp::Reverse(it)));
    let most = most.unwrap_or(first);
    let others: usize =
        fitting.iter().filter(|&&it| it != most).map(|&it| bearers[it].mentions).sum();
    if others * DOUBT > all {
        return Some(part);
    }
    let bearer = &mut bearers[most];
    if let (Some(&to), Some(&node)) = (bearer.nodes.first(), part.nodes.first()) {
        bearer.joins.push((to, node, Ground::Only, String::new()));
    }
    bearer.mentions += part.mentions;
    bearer.nodes.extend(part.nodes);
    bearer.joins.extend(part.joins);
    None
}

/// Ties the mentions of a bearer.
fn tie(settling: &mut Settling<'_>, nodes: &[Node], bearer: &Bearer) {
    for &node in &bearer.nodes {
        let node = &nodes[node];
        let [first, rest @ ..] = node.mentions.as_slice() else { continue };
        let own = node.standings.iter().filter_map(|it| it.agrees(it)).min();
        let (ground, detail) = own.unwrap_or((Ground::Only, String::new()));
        for &other in rest {
            settling.forest.tie(*first, other, Likeness::Same, ground, detail.clone());
        }
    }
    for (a, b, ground, detail) in &bearer.joins {
        if let (Some(&a), Some(&b)) = (nodes[*a].mentions.first(), nodes[*b].mentions.first()) {
            settling.forest.tie(a, b, Likeness::Same, *ground, detail.clone());
        }
    }
}

/// The only bearer whom an outlet named within a week of a mention.
struct Named {
    bearer: usize,
    /// The nearest mention of that bearer.
    mention: usize,
}

/// For each mention of `part`, in order, the only bearer whom its outlet named within a week.
fn by_week(
    settling: &Settling<'_>,
    nodes: &[Node],
    bearers: &[Bearer],
    part: &Bearer,
    pairs: &Pairs,
) -> Vec<Option<Named>> {
    let fitting: Vec<usize> = (0..bearers.len())
        .filter(|&it| !pairs.any_conflict(&bearers[it].nodes, &part.nodes))
        .collect();
    let only = |at: usize| {
        let mention = settling.prepared[at].mention;
        let nearest = |bearer: usize| -> Option<Named> {
            let mentions = bearers[bearer].nodes.iter().flat_map(|&node| &nodes[node].mentions);
            mentions
                .filter(|&&other| settling.prepared[other].mention.outlet == mention.outlet)
                .filter_map(|&other| {
                    let apart = (settling.prepared[other].mention.day? - mention.day?).abs();
                    (apart <= WEEK).then_some((apart, other))
                })
                .min()
                .map(|(_, mention)| Named { bearer, mention })
        };
        let mut named = fitting.iter().filter_map(|&bearer| nearest(bearer));
        let first = named.next();
        first.filter(|_| named.next().is_none())
    };
    part.nodes.iter().flat_map(|&node| &nodes[node].mentions).map(|&at| only(at)).collect()
}
