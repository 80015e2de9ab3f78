//! Who is who, kept up: identities out of mentions.
//!
//! Families of names whose mentions changed → their identities, worked out by `people` and written where
//! they differ. What changes an identity appends to the changes of its articles, for the search index to
//! follow. Refuses to decide who is who.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use rusqlite::Connection;

use super::listed::{self, Listed};
use super::mentions::{Kept, KeptTie, gather_left, leave_all, mentions_of, read_kept};
use super::speakers::Tally;
use super::values::read_word;
use super::versions::append_change;
use super::wordings::beside_wordings;
use super::{Store, StoreError};
use crate::domain::record::SpeakerSummary;
use crate::domain::speaker::SpeakerKind;
use crate::people::{self, Mention, Ruling, Says};

/// Mentions, about, that are settled together: bounds memory, some four megabytes, twice while one part is
/// written and the next is worked out.
const BATCH: u64 = 2_500;
/// So many parts are written in one transaction: bounds how long other programs wait. The more they are, the
/// fewer times the same pages of the file are written.
const SETTLED: usize = 4;

impl Store {
    /// Works out the identities of every family whose mentions changed, at the end of a run. Until then
    /// new and changed mentions have none; after a run that was killed, opening the store for writing
    /// does it.
    ///
    /// # Errors
    /// [`StoreError`] if the store can't be read or written; what was worked out stands.
    pub fn settle_speakers(&mut self) -> Result<(), StoreError> {
        self.gather_speakers()?;
        self.write_ahead("work out who is who", SETTLED, unsettled, Differs::write)?;
        self.write("list the speakers", listed::follow)
    }

    /// How the mentions and identities differ from what the quotes and the rules give; empty where
    /// all is well.
    ///
    /// # Errors
    /// [`StoreError`] if the store can't be read.
    pub fn speaker_flaws(&self) -> Result<Vec<String>, StoreError> {
        self.read("check the speakers", flaws)
    }
}

/// Brings the identities to today's rules: works all of them out anew where others made them, and what
/// an interrupted run left where `writing`.
pub(super) fn prepare(connection: &mut Connection, writing: bool) -> rusqlite::Result<()> {
    let of = |connection: &Connection| -> rusqlite::Result<(u32, bool)> {
        connection.query_row(
            "SELECT coalesce((SELECT max(rules) FROM people_rules), 0), \
                 EXISTS (SELECT 1 FROM ungathered) OR EXISTS (SELECT 1 FROM unsettled) \
                 OR EXISTS (SELECT 1 FROM unlisted_speakers)",
            [],
            |row| Ok((row.get(0)?, row.get(1)?)),
        )
    };
    let (rules, unfinished) = of(connection)?;
    // A reader takes what other rules made; without any there is nobody to list.
    let settled = if writing { rules == people::RULES && !unfinished } else { rules != 0 };
    if settled {
        return Ok(());
    }
    let transaction =
        connection.transaction_with_behavior(rusqlite::TransactionBehavior::Immediate)?;
    // Asked again under the lock: another process may have done it meanwhile.
    let (rules, _) = of(&transaction)?;
    if rules != people::RULES {
        leave_all(&transaction)?;
        transaction.execute("DELETE FROM people_rules", [])?;
        transaction.execute("INSERT INTO people_rules VALUES (?1)", [people::RULES])?;
    }
    gather_left(&transaction)?;
    let mut next = unsettled();
    while let Some(differs) = next(&transaction)? {
        differs.write(&transaction)?;
    }
    listed::follow(&transaction)?;
    transaction.commit()
}

/// Gives, each time, how the identities of some more of the families that were left unsettled differ from what
/// the rules give; `None` after the last.
fn unsettled() -> impl FnMut(&Connection) -> rusqlite::Result<Option<Differs>> {
    let mut after = String::new();
    move |connection| {
        let mut families: BTreeSet<String> = BTreeSet::new();
        let mut mentions = 0;
        let mut left = connection
            .prepare_cached("SELECT family FROM unsettled WHERE family > ?1 ORDER BY family")?;
        let mut rows = left.query([&after])?;
        while mentions < BATCH
            && let Some(row) = rows.next()?
        {
            let family: String = row.get(0)?;
            mentions += connection
                .prepare_cached("SELECT count(*) FROM mentions WHERE family = ?1")?
                .query_row([&family], |row| row.get::<_, u64>(0))?;
            families.insert(family);
        }
        let Some(last) = families.last() else { return Ok(None) };
        after.clone_from(last);
        let differs = differing(connection, &families)?;
        Ok(Some(Differs { last: Some(after.clone()), ..differs }))
    }
}

/// Works out the identities of families, and writes what differs.
pub(super) fn settle(connection: &Connection, families: &BTreeSet<String>) -> rusqlite::Result<()> {
    differing(connection, families)?.write(connection)
}

/// How the identities of families differ from what the rules give. Rows are read and written in their order: a
/// family's lie all over the table, where each run left its own.
fn differing(connection: &Connection, families: &BTreeSet<String>) -> rusqlite::Result<Differs> {
    let corrected = has_corrections(connection)?;
    let mut done: BTreeSet<String> = BTreeSet::new();
    let mut groups: Vec<BTreeSet<String>> = Vec::new();
    for family in families {
        if !done.contains(family) {
            let joined = together(connection, family, corrected)?;
            done.extend(joined.iter().cloned());
            groups.push(joined);
        }
    }
    let mut mentions = mentions_of_families(connection, &done)?;
    let mut differs = Differs::default();
    for group in &groups {
        let kept = group.iter().filter_map(|family| mentions.remove(family)).flatten().collect();
        let worked = work_out(connection, group, kept, corrected)?;
        differs.add(kept_speakers(connection, group)?, worked)?;
    }
    differs.mentions.sort_unstable_by_key(|(row, ..)| *row);
    Ok(differs)
}

/// Takes a speaker away that no mention is of any more.
fn sweep(connection: &Connection, speaker: &str) -> rusqlite::Result<()> {
    let has_mentions: bool = connection
        .prepare_cached("SELECT EXISTS (SELECT 1 FROM mentions WHERE speaker = ?1)")?
        .query_row([speaker], |row| row.get(0))?;
    if has_mentions {
        return listed::note(connection, speaker);
    }
    connection.prepare_cached("DELETE FROM aliases WHERE speaker = ?1")?.execute([speaker])?;
    connection.prepare_cached("DELETE FROM speakers WHERE id = ?1")?.execute([speaker])?;
    Ok(())
}

pub(super) fn has_corrections(connection: &Connection) -> rusqlite::Result<bool> {
    connection
        .prepare_cached("SELECT EXISTS (SELECT 1 FROM corrections)")?
        .query_row([], |row| row.get(0))
}

/// The families that are settled together with this one, where any speaker is `corrected`.
fn together(
    connection: &Connection,
    family: &str,
    corrected: bool,
) -> rusqlite::Result<BTreeSet<String>> {
    match corrected {
        true => joined_families(connection, family),
        false => Ok(BTreeSet::from([family.to_owned()])),
    }
}

/// The family and those that corrections join with it.
pub(super) fn joined_families(
    connection: &Connection,
    family: &str,
) -> rusqlite::Result<BTreeSet<String>> {
    let mut joined = BTreeSet::from([family.to_owned()]);
    let mut open = vec![family.to_owned()];
    while let Some(family) = open.pop() {
        let others: Vec<String> = connection
            .prepare_cached(
                "SELECT DISTINCT others.family FROM corrected_mentions AS here \
                 JOIN mentions ON mentions.id = here.mention \
                 JOIN corrections ON corrections.number = here.correction AND corrections.kind = 'merge' \
                     AND NOT EXISTS (SELECT 1 FROM corrections AS undo \
                         WHERE undo.undoes = corrections.number) \
                 JOIN corrected_mentions AS there ON there.correction = here.correction \
                 JOIN mentions AS others ON others.id = there.mention \
                 WHERE mentions.family = ?1",
            )?
            .query_map([&family], |row| row.get(0))?
            .collect::<rusqlite::Result<_>>()?;
        for other in others {
            if joined.insert(other.clone()) {
                open.push(other);
            }
        }
    }
    Ok(joined)
}

/// The mentions of each of these families, by their ids, with their rows.
fn mentions_of_families(
    connection: &Connection,
    families: &BTreeSet<String>,
) -> rusqlite::Result<BTreeMap<String, Vec<(i64, Kept)>>> {
    let mut rows: Vec<i64> = Vec::new();
    let mut find = connection.prepare_cached("SELECT rowid FROM mentions WHERE family = ?1")?;
    for family in families {
        for row in find.query_map([family], |row| row.get(0))? {
            rows.push(row?);
        }
    }
    rows.sort_unstable();
    let mut mentions: BTreeMap<String, Vec<(i64, Kept)>> = BTreeMap::new();
    let mut read = connection.prepare_cached("SELECT * FROM mentions WHERE rowid = ?1")?;
    for row in rows {
        let kept = read.query_row([row], read_kept)?;
        mentions.entry(kept.family.clone()).or_default().push((row, kept));
    }
    for of in mentions.values_mut() {
        of.sort_unstable_by(|(_, a), (_, b)| a.mention.id.cmp(&b.mention.id));
    }
    Ok(mentions)
}

/// Mentions with the identities that the rules give them.
struct Worked {
    mentions: Vec<Settled>,
    /// Identity → family, name, kind, whether it is told.
    speakers: BTreeMap<String, NewSpeaker>,
}

/// A mention with its identity.
struct Settled {
    row: i64,
    kept: Kept,
    /// The identity and the tie that it had before.
    before: (Option<String>, Option<KeptTie>),
}

#[derive(Debug, PartialEq, Eq)]
struct NewSpeaker {
    family: String,
    name: String,
    kind: SpeakerKind,
    told: bool,
    /// Folded names, each with a name; sorted.
    aliases: Vec<(String, String)>,
}

fn work_out(
    connection: &Connection,
    families: &BTreeSet<String>,
    kept: Vec<(i64, Kept)>,
    corrected: bool,
) -> rusqlite::Result<Worked> {
    let (rows, kept): (Vec<i64>, Vec<Kept>) = kept.into_iter().unzip();
    let rulings = if corrected { rulings(connection, families, &kept)? } else { Vec::new() };
    let mentions: Vec<&Mention> = kept.iter().map(|kept| &kept.mention).collect();
    let settled = people::settle(&mentions, &rulings);
    let mut members: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
    for (at, settled) in settled.iter().enumerate() {
        members.entry(settled.speaker).or_default().push(at);
    }
    let speakers = members
        .iter()
        .map(|(&first, members)| {
            let mut aliases: BTreeMap<String, String> = BTreeMap::new();
            for &at in members {
                let name = aliases.entry(kept[at].key.clone()).or_default();
                if name.is_empty() || mentions[at].name < *name {
                    name.clone_from(&mentions[at].name);
                }
            }
            let of: Vec<(&str, u64)> =
                members.iter().map(|&at| (mentions[at].name.as_str(), kept[at].quotes)).collect();
            let speaker = NewSpeaker {
                family: kept[first].family.clone(),
                name: people::fullest_name(&of, mentions[first].kind).to_owned(),
                kind: mentions[first].kind,
                told: settled[first].told,
                aliases: aliases.into_iter().collect(),
            };
            (mentions[first].id.clone(), speaker)
        })
        .collect();
    let ids: Vec<String> = mentions.iter().map(|mention| mention.id.clone()).collect();
    let mentions = rows
        .into_iter()
        .zip(kept)
        .zip(settled)
        .map(|((row, mut kept), settled)| {
            let before = kept.speaker.replace(ids[settled.speaker].clone());
            let tie = settled.tie.map(|tie| KeptTie {
                to: ids[tie.to].clone(),
                names: tie.names,
                ground: tie.ground,
                detail: tie.detail,
            });
            let tie_before = std::mem::replace(&mut kept.tie, tie);
            Settled { row, kept, before: (before, tie_before) }
        })
        .collect();
    Ok(Worked { mentions, speakers })
}

/// The corrections that are in force about these mentions.
fn rulings(
    connection: &Connection,
    families: &BTreeSet<String>,
    kept: &[Kept],
) -> rusqlite::Result<Vec<Ruling>> {
    let places: HashMap<&str, usize> =
        kept.iter().enumerate().map(|(at, kept)| (kept.mention.id.as_str(), at)).collect();
    let mut rulings: BTreeMap<u64, Ruling> = BTreeMap::new();
    let mut statement = connection.prepare_cached(
        "SELECT number, kind, side, mention FROM corrections \
         JOIN corrected_mentions ON correction = number \
         WHERE number IN (SELECT correction FROM corrected_mentions \
                 JOIN mentions ON mentions.id = mention WHERE family = ?1) \
             AND NOT EXISTS (SELECT 1 FROM corrections AS undo \
                 WHERE undo.undoes = corrections.number) \
         ORDER BY number, side, position",
    )?;
    for family in families {
        let mut rows = statement.query([family])?;
        let mut found: BTreeMap<u64, Ruling> = BTreeMap::new();
        while let Some(row) = rows.next()? {
            let number: u64 = row.get("number")?;
            let merge = row.get::<_, String>("kind")? == "merge";
            let ruling = found.entry(number).or_insert_with(|| Ruling {
                number,
                says: if merge { Says::One } else { Says::Two },
                sides: [Vec::new(), Vec::new()],
            });
            let side: usize = row.get("side")?;
            let place = places.get(row.get::<_, String>("mention")?.as_str());
            if let (Some(side), Some(place)) = (ruling.sides.get_mut(side), place) {
                side.push(*place);
            }
        }
        rulings.extend(found);
    }
    Ok(rulings.into_values().collect())
}

/// What differs from what is kept.
#[derive(Default)]
struct Differs {
    /// By id.
    speakers: BTreeMap<String, NewSpeaker>,
    /// What lists show of speakers that changed or have other mentions, by id.
    listed: BTreeMap<String, Listed>,
    /// Rows of mentions that are of another speaker now, or have another tie; in their order.
    mentions: Vec<(i64, Option<String>, Option<KeptTie>)>,
    /// Speakers that mentions have left.
    left: BTreeSet<String>,
    /// Articles whose speakers are others now, or known by other names.
    articles: BTreeSet<String>,
    /// The last of these families among those that were left unsettled.
    last: Option<String>,
}

impl Differs {
    /// Adds what differs between the speakers of some families `before` and as they are worked out.
    fn add(
        &mut self,
        before: BTreeMap<String, NewSpeaker>,
        worked: Worked,
    ) -> rusqlite::Result<()> {
        let names = |speaker: Option<&NewSpeaker>| -> BTreeSet<String> {
            let keys = speaker.into_iter().flat_map(|speaker| &speaker.aliases);
            keys.flat_map(|(key, _)| key.split_whitespace().map(str::to_owned)).collect()
        };
        let renamed: BTreeSet<&str> = worked
            .speakers
            .iter()
            .filter(|(id, speaker)| names(before.get(*id)) != names(Some(speaker)))
            .map(|(id, _)| id.as_str())
            .collect();
        let earlier = worked.mentions.iter().filter_map(|mention| mention.before.0.as_ref());
        let earlier: BTreeSet<String> = earlier.cloned().collect();
        let left = before.keys().chain(&earlier).filter(|id| !worked.speakers.contains_key(*id));
        self.left.extend(left.cloned());
        self.listed.extend(listed_rows(&before, &worked)?);
        for Settled { row, kept, before: (was, tie) } in worked.mentions {
            let Some(speaker) = kept.speaker.as_deref() else { continue };
            if was.as_deref() != Some(speaker) || renamed.contains(speaker) {
                self.articles.insert(kept.article.clone());
            }
            if kept.speaker != was || kept.tie != tie {
                self.mentions.push((row, kept.speaker, kept.tie));
            }
        }
        // One without mentions until now may be swept away before this is written.
        let stays = |(id, speaker): &(String, NewSpeaker)| {
            before.get(id) == Some(speaker) && earlier.contains(id)
        };
        self.speakers.extend(worked.speakers.into_iter().filter(|speaker| !stays(speaker)));
        Ok(())
    }

    /// Writes speakers, names, mentions and lists, each in the order in which they lie, and what follows from
    /// them.
    fn write(self, connection: &Connection) -> rusqlite::Result<()> {
        let mut insert = connection
            .prepare_cached("INSERT OR IGNORE INTO speakers VALUES (?1, ?2, ?3, ?4, ?5)")?;
        let mut change = connection.prepare_cached(
            "UPDATE speakers SET family = ?2, name = ?3, kind = ?4, told = ?5 WHERE id = ?1",
        )?;
        let mut forget = connection.prepare_cached("DELETE FROM aliases WHERE speaker = ?1")?;
        let mut call = connection.prepare_cached("INSERT INTO aliases VALUES (?1, ?2, ?3)")?;
        for (id, speaker) in &self.speakers {
            let NewSpeaker { family, name, kind, told, .. } = speaker;
            let row = (id, family, name, kind.as_str(), told);
            if insert.execute(row)? == 0 {
                change.execute(row)?;
                // Also those that it had as one of another family.
                forget.execute([id])?;
            }
            for (key, name) in &speaker.aliases {
                call.execute((id, key, name))?;
            }
        }
        let mut tie_to = connection.prepare_cached(
            "UPDATE mentions SET speaker = ?2, tied_to = ?3, names = ?4, ground = ?5, detail = ?6 \
             WHERE rowid = ?1",
        )?;
        for (row, speaker, tie) in &self.mentions {
            let tie = tie.as_ref();
            tie_to.execute((
                row,
                speaker,
                tie.map(|tie| &tie.to),
                tie.map(|tie| tie.names.as_str()),
                tie.map(|tie| tie.ground.as_str()),
                tie.map(|tie| &tie.detail),
            ))?;
        }
        self.listed.iter().try_for_each(|(id, row)| row.write(connection, id, true))?;
        self.left.iter().try_for_each(|speaker| sweep(connection, speaker))?;
        beside_wordings(connection, || {
            self.articles.iter().try_for_each(|article| append_change(connection, article))
        })?;
        listed::follow(connection)?;
        if let Some(last) = &self.last {
            connection
                .prepare_cached("DELETE FROM unsettled WHERE family <= ?1")?
                .execute([last])?;
        }
        Ok(())
    }
}

/// What lists show now of the speakers that differ from those `before`, or that other mentions are of.
fn listed_rows(
    before: &BTreeMap<String, NewSpeaker>,
    worked: &Worked,
) -> rusqlite::Result<Vec<(String, Listed)>> {
    let mut relisted: BTreeMap<&str, Tally> = worked
        .speakers
        .iter()
        .filter(|(id, speaker)| before.get(*id) != Some(speaker))
        .map(|(id, _)| (id.as_str(), Tally::default()))
        .collect();
    for Settled { kept, before: (was, _), .. } in &worked.mentions {
        if kept.speaker != *was {
            let changed = kept.speaker.iter().chain(was);
            let changed = changed.filter_map(|id| worked.speakers.get_key_value(id));
            relisted.extend(changed.map(|(id, _)| (id.as_str(), Tally::default())));
        }
    }
    for Settled { kept, .. } in &worked.mentions {
        let tally = kept.speaker.as_deref().and_then(|speaker| relisted.get_mut(speaker));
        if let Some(tally) = tally {
            tally.add(&kept.counted());
        }
    }
    let rows = relisted.into_iter().map(|(id, tally)| {
        let NewSpeaker { name, kind, told, aliases, .. } = &worked.speakers[id];
        let speaker = tally.summary(Some(id.to_owned()), name.clone(), *kind);
        let speaker = SpeakerSummary { told: *told, ..speaker };
        let keys: Vec<&str> = aliases.iter().map(|(key, _)| key.as_str()).collect();
        Ok((id.to_owned(), Listed::new(speaker, &keys)?))
    });
    rows.collect()
}

/// The speakers of families as they are kept.
fn kept_speakers(
    connection: &Connection,
    families: &BTreeSet<String>,
) -> rusqlite::Result<BTreeMap<String, NewSpeaker>> {
    let mut speakers: BTreeMap<String, NewSpeaker> = BTreeMap::new();
    let mut statement = connection.prepare_cached(
        "SELECT speakers.*, aliases.key, aliases.name AS alias FROM speakers \
         LEFT JOIN aliases ON aliases.speaker = speakers.id WHERE family = ?1 \
         ORDER BY speakers.id, key",
    )?;
    for family in families {
        let mut rows = statement.query([family])?;
        while let Some(row) = rows.next()? {
            let id: String = row.get("id")?;
            let speaker = match speakers.entry(id) {
                std::collections::btree_map::Entry::Occupied(entry) => entry.into_mut(),
                std::collections::btree_map::Entry::Vacant(entry) => entry.insert(NewSpeaker {
                    family: row.get("family")?,
                    name: row.get("name")?,
                    kind: read_word(row, "kind")?,
                    told: row.get("told")?,
                    aliases: Vec::new(),
                }),
            };
            if let (Some(key), Some(alias)) = (row.get("key")?, row.get("alias")?) {
                speaker.aliases.push((key, alias));
            }
        }
    }
    Ok(speakers)
}

fn flaws(connection: &Connection) -> rusqlite::Result<Vec<String>> {
    let mut found = Vec::new();
    let (ungathered, unsettled): (u64, u64) = connection.query_row(
        "SELECT (SELECT count(*) FROM ungathered), (SELECT count(*) FROM unsettled)",
        [],
        |row| Ok((row.get(0)?, row.get(1)?)),
    )?;
    if ungathered + unsettled > 0 {
        found.push(format!(
            "it is not worked out who is who in {ungathered} new articles and {unsettled} families of \
             names: the next crawl or `onrecord reindex` does it"
        ));
    }
    let mut articles = connection.prepare(
        "SELECT id FROM articles WHERE id NOT IN (SELECT article FROM ungathered) ORDER BY id",
    )?;
    let mut ids = articles.query([])?;
    while let Some(row) = ids.next()? {
        let article: String = row.get(0)?;
        let kept: BTreeMap<String, (Mention, u64)> = connection
            .prepare_cached("SELECT * FROM mentions WHERE article = ?1")?
            .query_map([&article], read_kept)?
            .map(|kept| kept.map(|kept| (kept.key, (kept.mention, kept.quotes))))
            .collect::<rusqlite::Result<_>>()?;
        let given: BTreeMap<String, (Mention, u64)> = mentions_of(connection, &article)?
            .into_iter()
            .map(|kept| (kept.key, (kept.mention, kept.quotes)))
            .collect();
        if kept != given {
            found.push(format!("article {article}: its speakers are not those of its quotes"));
        }
    }
    if !found.is_empty() {
        return Ok(found);
    }
    let mut families =
        connection.prepare("SELECT DISTINCT family FROM mentions ORDER BY family")?;
    let mut rows = families.query([])?;
    let mut done: BTreeSet<String> = BTreeSet::new();
    let corrected = has_corrections(connection)?;
    while let Some(row) = rows.next()? {
        let family: String = row.get(0)?;
        if done.remove(&family) {
            continue;
        }
        let joined = together(connection, &family, corrected)?;
        let mentions = mentions_of_families(connection, &joined)?.into_values().flatten();
        let worked = work_out(connection, &joined, mentions.collect(), corrected)?;
        for Settled { kept, before: (was, _), .. } in &worked.mentions {
            if kept.speaker != *was {
                found.push(format!(
                    "mention {} of {}: its identity is {}, the rules give {}",
                    kept.mention.id,
                    kept.mention.name,
                    was.as_deref().unwrap_or("none"),
                    kept.speaker.as_deref().unwrap_or("none"),
                ));
            }
        }
        let kept = kept_speakers(connection, &joined)?;
        if kept != worked.speakers && found.is_empty() {
            found.push(format!("the speakers of “{family}” are not those of their mentions"));
        }
        // Families that corrections join are looked at once.
        done.extend(joined.into_iter().filter(|other| *other > family));
    }
    found.extend(listed::flaws(connection)?);
    Ok(found)
}
