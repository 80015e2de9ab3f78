//! Who is who, kept up: mentions out of quotes, identities out of mentions.
//!
//! Quotes of an article → its mentions, brought up to date → the identities of their families, worked
//! out by `people` and written where they differ. What changes an identity appends to the changes of
//! its articles, for the search index to follow. Refuses to decide who is who.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use jiff::civil::{Date, date};
use rusqlite::{Connection, Row};

use super::listed::{self, Listed};
use super::speakers::{Counted, Tally};
use super::values::{json, read_json, read_word};
use super::versions::append_change;
use super::wordings::beside_wordings;
use super::{Store, StoreError};
use crate::domain::hash;
use crate::domain::record::SpeakerSummary;
use crate::domain::speaker::{Ground, Likeness, SpeakerKind};
use crate::people::{self, Mention, Ruling, Says, Stated};

/// Fewest words of a quote that show, where somebody else is quoted with the same, that both are one:
/// "I am very proud of this team" is said by many.
const MIN_WORDS: usize = 8;
/// Most quotes of a mention whose words are kept for that: an interview's first ones do.
const MAX_WORDS: usize = 64;
/// Mentions, about, that are settled together: bounds memory, some four megabytes, twice while one part is
/// written and the next is worked out.
const BATCH: u64 = 2_500;
/// So many parts are written in one transaction: bounds how long other programs wait. The more they are, the
/// fewer times the same pages of the file are written.
const SETTLED: usize = 4;
/// Articles whose mentions are put in one order, and how many times as many are written in one transaction.
/// What is read of an article stays near together.
const ARTICLES: usize = 100;
const GATHERED: usize = 20;

/// A mention as it stands in its row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Kept {
    pub(super) mention: Mention,
    pub(super) article: String,
    pub(super) key: String,
    pub(super) family: String,
    pub(super) day: Option<String>,
    pub(super) quotes: u64,
    pub(super) speaker: Option<String>,
    pub(super) tie: Option<KeptTie>,
}

/// Why it is of its speaker.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct KeptTie {
    pub(super) to: String,
    pub(super) names: Likeness,
    pub(super) ground: Ground,
    pub(super) detail: String,
}

impl Kept {
    fn counted(&self) -> Counted<'_> {
        Counted {
            name: &self.mention.name,
            outlet: &self.mention.outlet,
            day: self.day.as_deref(),
            quotes: self.quotes,
            stated: &self.mention.stated,
        }
    }
}

/// The id of the mention of `key` in an article.
fn mention_id(article: &str, key: &str) -> String {
    hash::short(&[article, key])
}

impl Store {
    /// Works out the identities of every family whose mentions changed, at the end of a run. Until then
    /// new and changed mentions have none; after a run that was killed, opening the store for writing
    /// does it.
    ///
    /// # Errors
    /// [`StoreError`] if the store can't be read or written; what was worked out stands.
    pub fn settle_speakers(&mut self) -> Result<(), StoreError> {
        self.write_ahead("gather who speaks", GATHERED, ungathered, Gathered::write)?;
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
        gather_all(&transaction)?;
        transaction.execute("DELETE FROM people_rules", [])?;
        transaction.execute("INSERT INTO people_rules VALUES (?1)", [people::RULES])?;
    }
    let mut next = ungathered();
    while let Some(gathered) = next(&transaction)? {
        gathered.write(&transaction)?;
    }
    let mut next = unsettled();
    while let Some(differs) = next(&transaction)? {
        differs.write(&transaction)?;
    }
    listed::follow(&transaction)?;
    transaction.commit()
}

/// Brings the mentions of an article up to its quotes, and leaves the identities of their families for
/// [`Store::settle_speakers`], as it does the mentions of a new article: nobody has known them before.
pub(super) fn follow(connection: &Connection, article_id: &str) -> rusqlite::Result<()> {
    let known: bool = connection
        .prepare_cached("SELECT EXISTS (SELECT 1 FROM mentions WHERE article = ?1)")?
        .query_row([article_id], |row| row.get(0))?;
    if known {
        return gather(connection, article_id);
    }
    connection
        .prepare_cached("INSERT OR IGNORE INTO ungathered (article) VALUES (?1)")?
        .execute([article_id])?;
    Ok(())
}

/// The mentions of new articles.
struct Gathered {
    /// Ordered by family.
    mentions: Vec<Kept>,
    /// The number of the last of the articles among those that were left.
    last: i64,
}

impl Gathered {
    fn write(self, connection: &Connection) -> rusqlite::Result<()> {
        insert(connection, &self.mentions)?;
        connection
            .prepare_cached("DELETE FROM ungathered WHERE number <= ?1")?
            .execute([self.last])?;
        Ok(())
    }
}

/// Gives, each time, the mentions of some more of the articles that were left; `None` after the last.
fn ungathered() -> impl FnMut(&Connection) -> rusqlite::Result<Option<Gathered>> {
    let mut after = i64::MIN;
    move |connection| {
        let articles: Vec<(i64, String)> = connection
            .prepare_cached(
                "SELECT number, article FROM ungathered WHERE number > ?1 ORDER BY number LIMIT ?2",
            )?
            .query_map((after, ARTICLES), |row| Ok((row.get(0)?, row.get(1)?)))?
            .collect::<rusqlite::Result<_>>()?;
        let Some((last, _)) = articles.last() else { return Ok(None) };
        after = *last;
        let mut mentions = Vec::new();
        for (_, article) in &articles {
            mentions.extend(mentions_of(connection, article)?);
        }
        // Families are settled in their order: what lies in it is read and written by the page.
        mentions.sort_unstable_by(|a, b| (&a.family, &a.article).cmp(&(&b.family, &b.article)));
        Ok(Some(Gathered { mentions, last: after }))
    }
}

/// What the mentions of an article are made of.
const SAID: &str = "\
    SELECT speaker_key, speaker, speaker_kind, role, affiliation, quotes.text, outlet, \
        substr(coalesce(published, (SELECT fetched FROM versions AS firsts \
            WHERE firsts.article = quotes.article AND firsts.version = quotes.first_version)), \
            1, 10) AS day \
    FROM quotes \
    JOIN versions ON versions.article = quotes.article AND versions.version = quotes.version \
    WHERE quotes.article = ?1 AND speaker_key IS NOT NULL AND anonymous = 0 AND withdrawn = 0";

/// A mention while its quotes are read.
#[derive(Debug, Default)]
struct Gathering {
    names: BTreeMap<String, u64>,
    kinds: BTreeMap<&'static str, (u64, Option<SpeakerKind>)>,
    outlets: BTreeMap<String, u64>,
    days: BTreeSet<String>,
    stated: BTreeSet<Stated>,
    words: BTreeSet<u64>,
    quotes: u64,
}

impl Gathering {
    /// Adds a row of [`SAID`].
    fn read(&mut self, row: &Row<'_>) -> rusqlite::Result<()> {
        self.quotes += 1;
        *self.names.entry(row.get(1)?).or_default() += 1;
        let kind: SpeakerKind = read_word(row, 2)?;
        let kinds = self.kinds.entry(kind.as_str()).or_default();
        *kinds = (kinds.0 + 1, Some(kind));
        let stated = Stated { role: row.get(3)?, affiliation: row.get(4)? };
        if stated != Stated::default() {
            self.stated.insert(stated);
        }
        self.words.extend(words_hash(row.get_ref(5)?.as_str()?));
        *self.outlets.entry(row.get(6)?).or_default() += 1;
        self.days.insert(row.get(7)?);
        Ok(())
    }

    fn mention(self, article: &str, key: String) -> Kept {
        fn most<T>(counts: BTreeMap<T, u64>) -> Option<T> {
            // Of equals the first.
            counts.into_iter().rev().max_by_key(|(_, count)| *count).map(|(value, _)| value)
        }
        let name = most(self.names).unwrap_or_default();
        let kind = self.kinds.into_values().rev().max_by_key(|(count, _)| *count);
        let kind = kind.and_then(|(_, kind)| kind).unwrap_or(SpeakerKind::Unknown);
        let day = self.days.into_iter().next();
        Kept {
            family: people::family(&name, kind),
            mention: Mention {
                id: mention_id(article, &key),
                name,
                kind,
                outlet: most(self.outlets).unwrap_or_default(),
                day: day.as_deref().and_then(day_number),
                stated: self.stated.into_iter().collect(),
                words: self.words.into_iter().take(MAX_WORDS).collect(),
            },
            article: article.to_owned(),
            key,
            day,
            quotes: self.quotes,
            speaker: None,
            tie: None,
        }
    }
}

/// A number for the words of a quote, whatever stands between them; `None` if they are few.
fn words_hash(text: &str) -> Option<u64> {
    let mut words = String::with_capacity(text.len());
    let mut count = 0;
    for word in text.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()) {
        if count > 0 {
            words.push(' ');
        }
        count += 1;
        if word.is_ascii() {
            words.extend(word.chars().map(|c| c.to_ascii_lowercase()));
        } else {
            words.push_str(&word.to_lowercase());
        }
    }
    if count < MIN_WORDS {
        return None;
    }
    let hash = blake3::hash(words.as_bytes());
    let bytes: [u8; 8] = hash.as_bytes()[..8].try_into().ok()?;
    // 63 bits: SQLite's JSON has no greater whole numbers.
    Some(u64::from_le_bytes(bytes) >> 1)
}

/// Days since 1970 of a day as a page states it.
fn day_number(day: &str) -> Option<i32> {
    let day: Date = day.parse().ok()?;
    (day - date(1970, 1, 1)).get_days().into()
}

/// The mentions that the quotes of an article give.
fn mentions_of(connection: &Connection, article_id: &str) -> rusqlite::Result<Vec<Kept>> {
    let mut statement = connection.prepare_cached(SAID)?;
    let mut rows = statement.query([article_id])?;
    let mut gathered: BTreeMap<String, Gathering> = BTreeMap::new();
    while let Some(row) = rows.next()? {
        gathered.entry(row.get(0)?).or_default().read(row)?;
    }
    Ok(gathered.into_iter().map(|(key, it)| it.mention(article_id, key)).collect())
}

/// Brings the rows of an article's mentions up to its quotes, and leaves the families that changed to be
/// settled.
fn gather(connection: &Connection, article_id: &str) -> rusqlite::Result<()> {
    let mut gone: HashMap<String, Kept> = connection
        .prepare_cached("SELECT * FROM mentions WHERE article = ?1")?
        .query_map([article_id], read_kept)?
        .map(|kept| kept.map(|kept| (kept.key.clone(), kept)))
        .collect::<rusqlite::Result<_>>()?;
    let mut families = BTreeSet::new();
    let mut unlisted = BTreeSet::new();
    let mut fresh = Vec::new();
    for new in mentions_of(connection, article_id)? {
        match gone.remove(&new.key) {
            Some(old) if old.mention == new.mention && old.day == new.day => {
                if old.quotes != new.quotes {
                    connection
                        .prepare_cached("UPDATE mentions SET quotes = ?2 WHERE id = ?1")?
                        .execute((&new.mention.id, new.quotes))?;
                    // Of several names the one of most quotes is the speaker's.
                    families.insert(old.family);
                    unlisted.extend(old.speaker);
                }
            }
            Some(old) => {
                families.insert(old.family);
                unlisted.extend(old.speaker);
                remove(connection, &new.mention.id)?;
                fresh.push(new);
            }
            None => fresh.push(new),
        }
    }
    families.extend(gone.values().map(|old| old.family.clone()));
    unlisted.extend(gone.values().filter_map(|old| old.speaker.clone()));
    unlisted.iter().try_for_each(|speaker| listed::note(connection, speaker))?;
    // A correction that loses its mention no longer joins what it joined.
    if has_corrections(connection)? {
        let mut joined = BTreeSet::new();
        for family in &families {
            joined.extend(joined_families(connection, family)?);
        }
        families.extend(joined);
    }
    gone.values().try_for_each(|gone| remove(connection, &gone.mention.id))?;
    leave_unsettled(connection, &families)?;
    insert(connection, &fresh)
}

fn leave_unsettled<'a>(
    connection: &Connection,
    families: impl IntoIterator<Item = &'a String>,
) -> rusqlite::Result<()> {
    let mut leave = connection.prepare_cached("INSERT OR IGNORE INTO unsettled VALUES (?1)")?;
    families.into_iter().try_for_each(|family| leave.execute([family]).map(|_| ()))
}

/// Leaves the mentions of every article to be made anew.
fn gather_all(connection: &Connection) -> rusqlite::Result<()> {
    connection.execute_batch(
        "DELETE FROM aliases; UPDATE mentions SET speaker = NULL; DELETE FROM speakers; \
         DELETE FROM mentions; DELETE FROM unsettled; DELETE FROM ungathered; \
         INSERT INTO ungathered (article) SELECT id FROM articles ORDER BY rowid;",
    )
}

fn remove(connection: &Connection, mention: &str) -> rusqlite::Result<()> {
    connection.prepare_cached("DELETE FROM mentions WHERE id = ?1")?.execute([mention])?;
    Ok(())
}

/// Writes mentions, without identities until they are settled: the one that a mention had before it changed
/// may be another's now.
fn insert(connection: &Connection, fresh: &[Kept]) -> rusqlite::Result<()> {
    let mut insert = connection.prepare_cached(
        "INSERT INTO mentions VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, NULL, NULL, NULL, NULL, \
             NULL)",
    )?;
    for new in fresh {
        let mention = &new.mention;
        insert.execute((
            &mention.id,
            &new.article,
            &new.key,
            &mention.name,
            mention.kind.as_str(),
            &new.family,
            &mention.outlet,
            &new.day,
            new.quotes,
            json(&mention.stated)?,
            json(&mention.words)?,
        ))?;
    }
    leave_unsettled(connection, fresh.iter().map(|new| &new.family))
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

fn has_corrections(connection: &Connection) -> rusqlite::Result<bool> {
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
fn joined_families(connection: &Connection, family: &str) -> rusqlite::Result<BTreeSet<String>> {
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

/// The mention in a row that begins with all columns of `mentions`.
pub(super) fn read_kept(row: &Row<'_>) -> rusqlite::Result<Kept> {
    let day: Option<String> = row.get(7)?;
    let tie = match row.get::<_, Option<String>>(12)? {
        None => None,
        Some(to) => Some(KeptTie {
            to,
            names: read_word(row, 13)?,
            ground: read_word(row, 14)?,
            detail: row.get(15)?,
        }),
    };
    Ok(Kept {
        mention: Mention {
            id: row.get(0)?,
            name: row.get(3)?,
            kind: read_word(row, 4)?,
            outlet: row.get(6)?,
            day: day.as_deref().and_then(day_number),
            stated: read_json(row, 9)?,
            words: read_json(row, 10)?,
        },
        article: row.get(1)?,
        key: row.get(2)?,
        family: row.get(5)?,
        day,
        quotes: row.get(8)?,
        speaker: row.get(11)?,
        tie,
    })
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
