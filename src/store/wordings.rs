//! Which quotes have the same words: kept in step with the changes, read for one quote or all.
//!
//! Quotes with their speakers → wordings, their fingerprints and clusters, as `wording` tells them.
//! Only what changed is compared; what comes of it is what working everything out anew gives. Refuses
//! to compare reports without quotation marks: their words are the outlet's.

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;
use std::sync::mpsc::{self, Receiver, SyncSender};
use std::{panic, thread};

use rusqlite::{Connection, OptionalExtension, Row};
use rustc_hash::{FxHashMap, FxHashSet};

use super::values::{read_time, read_word_opt};
use super::{Store, StoreError};
use crate::domain::wording::{Elsewhere, Likeness, Occurrence, Segment, Statement};
use crate::wording::{
    self, COMMON, Clusters, Components, Wording, Wordings, fingerprints, is_candidate, likeness,
};

/// Articles worked in at a time: bounds memory, some ten megabytes, and how long a transaction takes. The
/// more they are, the fewer times the same pages of the file are written.
const ARTICLES: usize = 1_000;
/// Pairs of wordings that may be one statement, gathered before they are compared: bounds memory. The more
/// they are, the fewer times one is read.
const PAIRS: usize = 250_000;
/// Quotes handed on at a time.
const BATCH: usize = 500;
/// Batches of quotes that wait to be parted into words: enough to go on with.
const WAITING: usize = 4;
/// Quotes up to which all are worked out at once where many articles are new, which takes a third of the
/// time of small steps, and memory for all: some fifty megabytes for these.
const AT_ONCE: usize = 80_000;
/// Fewest changes that are many, and how many times as many may be worked in already: below, small steps
/// take less.
const MANY: u64 = 100;
const KNOWN_PER_NEW: u64 = 2;
/// Changes from which on everything is worked out anew, whatever memory that takes: so many small steps
/// write a large file over and over. A run of a crawl makes fewer.
const FAR_BEHIND: u64 = 100_000;
/// Wordings of earlier quotes that are held in memory while new ones are compared with them.
const MAX_KNOWN: usize = 10_000;
/// Most quotes of a cluster that are read: more copies of one statement nobody looks through.
const MAX_READ: usize = 2000;

/// Quotes whose words are compared: those that are in quotation marks and not withdrawn.
const COMPARED: &str = "withdrawn = 0 AND verbatim <> '[]'";
/// Everything an [`Occurrence`] has.
const OCCURRENCES: &str = "\
    SELECT quotes.id, quotes.text, quotes.speaker, quotes.anonymous, quotes.article, \
        quotes.current, versions.outlet, versions.title, versions.published, articles.url, \
        firsts.fetched AS first_seen \
    FROM duplicates \
    JOIN wordings ON wordings.id = duplicates.wording \
    JOIN quotes ON quotes.id = duplicates.quote \
    JOIN articles ON articles.id = quotes.article \
    JOIN versions ON versions.article = quotes.article AND versions.version = quotes.version \
    JOIN versions AS firsts ON firsts.article = quotes.article \
        AND firsts.version = quotes.first_version ";

/// Which statements to list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StatementQuery {
    /// Only those whose words differ between outlets.
    pub altered: bool,
    /// Most to give.
    pub limit: usize,
    /// How many to leave out first.
    pub offset: usize,
}

impl Store {
    /// Works the changes in that have come since the last time; everything anew where that takes less time.
    ///
    /// # Errors
    /// [`StoreError`] if the store can't be written; what was worked in stands.
    pub fn catch_up_wordings(&mut self) -> Result<(), StoreError> {
        loop {
            let (done, last) = (self.clustered()?, self.last_change()?);
            if done == last {
                return Ok(());
            }
            let behind = last.saturating_sub(done);
            let many = behind >= MANY && done <= behind.saturating_mul(KNOWN_PER_NEW);
            if done > last || behind > FAR_BEHIND || many && self.fits_at_once()? {
                return self.rebuild_wordings();
            }
            for changes in self.changes_since(done)?.chunks(ARTICLES) {
                self.write("compare the quotes' words", |transaction| {
                    let mut update = Update::new(transaction);
                    for (_, article) in changes {
                        update.article(article)?;
                    }
                    update.finish()?;
                    changes.last().map_or(Ok(()), |(seq, _)| set_clustered(transaction, *seq))
                })?;
            }
        }
    }

    /// Whether there are [`AT_ONCE`] quotes at most.
    fn fits_at_once(&self) -> Result<bool, StoreError> {
        self.read("count the quotes", |connection| {
            let beyond = "SELECT NOT EXISTS (SELECT 1 FROM quotes LIMIT 1 OFFSET ?1)";
            connection.query_row(beyond, [AT_ONCE], |row| row.get(0))
        })
    }

    /// Works everything out anew.
    ///
    /// # Errors
    /// [`StoreError`] if the store can't be written; then what there was stands.
    pub fn rebuild_wordings(&mut self) -> Result<(), StoreError> {
        self.write("compare the quotes' words", |transaction| {
            let last =
                transaction
                    .query_row("SELECT coalesce(max(seq), 0) FROM changes", [], |row| row.get(0))?;
            // Rows that come in another order than the index's are found their places at the end at once.
            transaction.execute_batch(
                "DROP INDEX duplicates_by_wording; \
                 DELETE FROM duplicates; DELETE FROM wordings; DELETE FROM fingerprints",
            )?;
            let (found, ()) = work_out(transaction, |ids, fingerprints| {
                write_fingerprints(transaction, ids, fingerprints)
            })?;
            write_all(transaction, &found)?;
            transaction
                .execute_batch("CREATE INDEX duplicates_by_wording ON duplicates (wording)")?;
            list_statements(transaction)?;
            set_clustered(transaction, last)
        })
    }

    /// The number of the last change whose quotes are compared; 0 if none are.
    ///
    /// # Errors
    /// [`StoreError`] if the store can't be read.
    pub fn clustered(&self) -> Result<u64, StoreError> {
        self.read("read how far quotes are compared", |connection| {
            connection.query_row("SELECT change FROM clustered", [], |row| row.get(0))
        })
    }

    /// Where the clusters differ from what working them out anew gives; empty where all is well or
    /// changes are yet to be worked in.
    ///
    /// # Errors
    /// [`StoreError`] if the store can't be read.
    pub fn wording_flaws(&self) -> Result<Vec<String>, StoreError> {
        if self.clustered()? != self.last_change()? {
            return Ok(Vec::new());
        }
        self.read("compare the quotes' words", |connection| {
            let (found, ()) = work_out(connection, |_, _| Ok(()))?;
            let mut flaws = differences(connection, &found)?;
            let kept: BTreeMap<String, (String, bool)> = connection
                .prepare("SELECT cluster, last, altered FROM statements")?
                .query_map([], |row| Ok((row.get(0)?, (row.get(1)?, row.get(2)?))))?
                .collect::<rusqlite::Result<_>>()?;
            if flaws.is_empty() && kept != listed_statements(connection)? {
                flaws.push("the list of statements is not that of the quotes".to_owned());
            }
            Ok(flaws)
        })
    }

    /// Quotes of other articles that have the words of the quote of this id, or a part of them, or
    /// altered: altered ones first, then cut ones, each by outlet. [`MAX_READ`] at most are looked at.
    ///
    /// # Errors
    /// [`StoreError`] if the store can't be read.
    pub fn elsewhere(&self, id: &str) -> Result<Vec<Elsewhere>, StoreError> {
        self.read("read where the same words are", |connection| {
            let cluster: Option<String> = connection
                .prepare_cached(
                    "SELECT cluster FROM duplicates JOIN wordings ON wordings.id = wording \
                     WHERE quote = ?1",
                )?
                .query_row([id], |row| row.get(0))
                .optional()?
                .flatten();
            let Some(cluster) = cluster else { return Ok(Vec::new()) };
            let Some((own, own_wording)) = connection
                .prepare_cached(&format!("{OCCURRENCES} WHERE quotes.id = ?1"))?
                .query_row([id], read_occurrence)
                .optional()?
            else {
                return Ok(Vec::new());
            };
            let others = members(connection, &cluster)?.into_iter().filter(|(it, wording)| {
                it.article != own.article && likeness(&own_wording, wording).is_some()
            });
            Ok(held_against(&own.text, others.map(|(it, _)| it)))
        })
    }

    /// The statements that several outlets quote, those quoted last first.
    ///
    /// # Errors
    /// [`StoreError`] if the store can't be read.
    pub fn statements(&self, query: &StatementQuery) -> Result<Vec<Statement>, StoreError> {
        self.read("list the statements of several outlets", |connection| {
            let clusters: Vec<String> = connection
                .prepare_cached(&format!(
                    "SELECT cluster FROM statements {} ORDER BY last DESC, cluster LIMIT ?1 OFFSET ?2",
                    query.condition()
                ))?
                .query_map((query.limit, query.offset), |row| row.get(0))?
                .collect::<rusqlite::Result<_>>()?;
            let mut statements = Vec::with_capacity(clusters.len());
            for cluster in clusters {
                statements.extend(statement(connection, cluster)?);
            }
            Ok(statements)
        })
    }

    /// How many statements there are, whatever part of them is asked for.
    ///
    /// # Errors
    /// [`StoreError`] if the store can't be read.
    pub fn count_statements(&self, query: &StatementQuery) -> Result<usize, StoreError> {
        self.read("count the statements of several outlets", |connection| {
            connection
                .prepare_cached(&format!("SELECT count(*) FROM statements {}", query.condition()))?
                .query_row([], |row| row.get(0))
        })
    }
}

impl StatementQuery {
    fn condition(&self) -> &'static str {
        if self.altered { "WHERE altered" } else { "" }
    }
}

/// The clusters of several outlets, each with the day of its last quote and whether a wording of it is
/// altered beside another. Whether that is so between outlets, the words tell.
const OF_SEVERAL: &str = "\
    SELECT cluster, max(coalesce(substr(published, 1, 10), substr(fetched, 1, 10))) AS last, \
        max(altered) AS altered \
    FROM wordings JOIN duplicates ON duplicates.wording = wordings.id \
    JOIN quotes ON quotes.id = duplicates.quote \
    JOIN versions ON versions.article = quotes.article AND versions.version = quotes.version \
    WHERE cluster IS NOT NULL";

/// Makes the list of statements anew.
pub(super) fn list_statements(connection: &Connection) -> rusqlite::Result<()> {
    connection.execute("DELETE FROM statements", [])?;
    let listed = listed_statements(connection)?;
    let mut insert = connection.prepare("INSERT INTO statements VALUES (?1, ?2, ?3)")?;
    for (cluster, (last, altered)) in listed {
        insert.execute((cluster, last, altered))?;
    }
    Ok(())
}

/// The statements as the quotes give them: cluster → day of the last quote, whether it is altered.
fn listed_statements(
    connection: &Connection,
) -> rusqlite::Result<BTreeMap<String, (String, bool)>> {
    let mut listed = BTreeMap::new();
    let mut select = connection
        .prepare(&format!("{OF_SEVERAL} GROUP BY cluster HAVING count(DISTINCT outlet) > 1"))?;
    let mut rows = select.query([])?;
    while let Some(row) = rows.next()? {
        let cluster: String = row.get("cluster")?;
        let altered = row.get("altered")? && is_altered(connection, &cluster)?;
        listed.insert(cluster, (row.get("last")?, altered));
    }
    Ok(listed)
}

/// Brings a cluster's row in the list up to its quotes.
fn list_statement(connection: &Connection, cluster: &str) -> rusqlite::Result<()> {
    let found: Option<(String, bool)> = connection
        .prepare_cached(&format!(
            "{OF_SEVERAL} AND cluster = ?1 HAVING count(DISTINCT outlet) > 1"
        ))?
        .query_row([cluster], |row| Ok((row.get("last")?, row.get("altered")?)))
        .optional()?;
    match found {
        Some((last, altered)) => connection
            .prepare_cached("INSERT OR REPLACE INTO statements VALUES (?1, ?2, ?3)")?
            .execute((cluster, last, altered && is_altered(connection, cluster)?))?,
        None => connection
            .prepare_cached("DELETE FROM statements WHERE cluster = ?1")?
            .execute([cluster])?,
    };
    Ok(())
}

fn is_altered(connection: &Connection, cluster: &str) -> rusqlite::Result<bool> {
    Ok(statement(connection, cluster.to_owned())?.is_some_and(|statement| statement.altered))
}

/// The quotes of a cluster with their wordings, first seen first.
fn members(connection: &Connection, cluster: &str) -> rusqlite::Result<Vec<(Occurrence, Wording)>> {
    connection
        .prepare_cached(&format!(
            "{OCCURRENCES} WHERE wordings.cluster = ?1 ORDER BY first_seen, quotes.id LIMIT ?2"
        ))?
        .query_map((cluster, MAX_READ), read_occurrence)?
        .collect()
}

fn statement(connection: &Connection, cluster: String) -> rusqlite::Result<Option<Statement>> {
    let mut members: Vec<Occurrence> =
        members(connection, &cluster)?.into_iter().map(|(it, _)| it).collect();
    // The first of the longest.
    let longest = (0..members.len()).rev().max_by_key(|index| members[*index].text.len());
    let Some(longest) = longest else { return Ok(None) };
    let wording = members.remove(longest);
    let outlets: BTreeSet<&String> =
        members.iter().chain([&wording]).map(|member| &member.outlet).collect();
    let outlets = outlets.into_iter().cloned().collect();
    let others = held_against(&wording.text, members.into_iter());
    let altered = others.iter().any(|other| {
        other.likeness == Likeness::Altered && other.occurrence.outlet != wording.outlet
    });
    Ok(Some(Statement { id: cluster, wording, outlets, others, altered }))
}

fn held_against(text: &str, others: impl Iterator<Item = Occurrence>) -> Vec<Elsewhere> {
    // Hundreds of outlets print what one agency wrote.
    let mut compared: FxHashMap<String, (Likeness, Vec<Segment>)> = FxHashMap::default();
    let mut others: Vec<Elsewhere> = others
        .map(|occurrence| {
            let (likeness, difference) = compared
                .entry(occurrence.text.clone())
                .or_insert_with(|| wording::compare(text, &occurrence.text))
                .clone();
            Elsewhere { occurrence, likeness, difference }
        })
        .collect();
    others.sort_by(|a, b| {
        let key = |it: &Elsewhere| std::cmp::Reverse(it.likeness);
        key(a).cmp(&key(b)).then_with(|| a.occurrence.outlet.cmp(&b.occurrence.outlet))
    });
    others
}

fn read_occurrence(row: &Row<'_>) -> rusqlite::Result<(Occurrence, Wording)> {
    let wording = read_wording(row)?;
    let occurrence = Occurrence {
        id: row.get("id")?,
        text: row.get("text")?,
        speaker: row.get("speaker")?,
        outlet: row.get("outlet")?,
        article: row.get("article")?,
        title: row.get("title")?,
        url: row.get("url")?,
        published: read_word_opt(row, "published")?,
        first_seen: row.get("first_seen")?,
        current: row.get("current")?,
    };
    Ok((occurrence, wording))
}

/// The wording in the columns `text`, `speaker` and `anonymous`: a description is nobody's name.
fn read_wording(row: &Row<'_>) -> rusqlite::Result<Wording> {
    let named = row.get::<_, Option<bool>>("anonymous")? == Some(false);
    let text: String = row.get("text")?;
    let speaker: Option<String> = if named { row.get("speaker")? } else { None };
    Ok(Wording::new(&text, speaker.as_deref()))
}

fn set_clustered(connection: &Connection, change: u64) -> rusqlite::Result<()> {
    connection.execute("UPDATE clustered SET change = ?1", [change])?;
    Ok(())
}

/// Appends changes that leave the words of quotes as they are: if all were compared before, all are.
pub(super) fn beside_wordings(
    connection: &Connection,
    append: impl FnOnce() -> rusqlite::Result<()>,
) -> rusqlite::Result<()> {
    const LAST: &str = "(SELECT coalesce(max(seq), 0) FROM changes)";
    let compared: bool = connection
        .prepare_cached(&format!("SELECT change = {LAST} FROM clustered"))?
        .query_row([], |row| row.get(0))?;
    append()?;
    if compared {
        connection.prepare_cached(&format!("UPDATE clustered SET change = {LAST}"))?.execute([])?;
    }
    Ok(())
}

/// What belongs together while an update is worked in: a wording, or what already is a cluster.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
enum Node {
    Wording(i64),
    Cluster(String),
}

impl Node {
    fn cluster(&self) -> Option<&String> {
        match self {
            Self::Wording(_) => None,
            Self::Cluster(cluster) => Some(cluster),
        }
    }
}

/// Changes of quotes, worked into wordings and clusters.
struct Update<'a> {
    connection: &'a Connection,
    /// Wordings whose place is to be found anew.
    loose: BTreeSet<i64>,
    /// Wordings whose quotes are other than before.
    touched: BTreeSet<i64>,
    /// Wordings that are new here: loose, and of no cluster.
    fresh: BTreeSet<i64>,
    /// Fingerprints of those, which have no rows yet, each with the wording.
    unwritten: Vec<(i64, i64)>,
    /// The wordings of the fingerprints that lead from new ones to others.
    postings: FxHashMap<i64, Vec<i64>>,
    known: FxHashMap<i64, Rc<Known>>,
    /// Clusters that may be other statements than before.
    restated: BTreeSet<String>,
}

/// Two wordings that share fingerprints.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Pair {
    other: i64,
    /// A loose one.
    id: i64,
    shared: usize,
}

/// A wording that was read.
struct Known {
    wording: Wording,
    fingerprints: Vec<i64>,
}

impl Known {
    fn new(wording: Wording) -> Self {
        Self { fingerprints: fingerprints(&wording), wording }
    }
}

impl<'a> Update<'a> {
    fn new(connection: &'a Connection) -> Self {
        Self {
            connection,
            loose: BTreeSet::new(),
            touched: BTreeSet::new(),
            fresh: BTreeSet::new(),
            unwritten: Vec::new(),
            postings: FxHashMap::default(),
            known: FxHashMap::default(),
            restated: BTreeSet::new(),
        }
    }

    /// Brings the wordings of an article's quotes up to date.
    fn article(&mut self, article: &str) -> rusqlite::Result<()> {
        // Its outlet, its day and the versions that its quotes were first in may be others, also where
        // their words are the same.
        let clustered = self
            .connection
            .prepare_cached(
                "SELECT DISTINCT wording, cluster FROM quotes \
                 JOIN duplicates ON quote = quotes.id JOIN wordings ON wordings.id = wording \
                 WHERE article = ?1 AND cluster IS NOT NULL",
            )?
            .query_map([article], |row| Ok((row.get(0)?, row.get(1)?)))?
            .collect::<rusqlite::Result<Vec<(i64, String)>>>()?;
        for (wording, cluster) in clustered {
            self.touched.insert(wording);
            self.restated.insert(cluster);
        }
        let kept: BTreeMap<String, i64> = self
            .connection
            .prepare_cached(
                "SELECT quote, wording FROM duplicates JOIN quotes ON quotes.id = quote \
                 WHERE article = ?1",
            )?
            .query_map([article], |row| Ok((row.get(0)?, row.get(1)?)))?
            .collect::<rusqlite::Result<_>>()?;
        let wanted: BTreeMap<String, Wording> = self
            .connection
            .prepare_cached(&format!(
                "SELECT id, text, speaker, anonymous FROM quotes WHERE article = ?1 AND {COMPARED}"
            ))?
            .query_map([article], |row| Ok((row.get("id")?, read_wording(row)?)))?
            .filter(|it| !matches!(it, Ok((_, wording)) if !wording.is_telling()))
            .collect::<rusqlite::Result<_>>()?;
        let ids: BTreeMap<&String, i64> =
            wanted.iter().map(|(quote, wording)| (quote, wording.id())).collect();
        let left: Vec<(&String, i64, bool)> = kept
            .iter()
            .filter(|(quote, id)| ids.get(quote) != Some(id))
            .map(|(quote, id)| (quote, *id, ids.contains_key(quote)))
            .collect();
        for (quote, wording) in &wanted {
            let id = ids[quote];
            if kept.get(quote) != Some(&id) {
                self.add(quote, id, wording)?;
            }
        }
        if !left.is_empty() {
            self.write_fingerprints()?;
        }
        left.into_iter().try_for_each(|(quote, id, moved)| self.leave(quote, id, moved))
    }

    /// Gives a quote the wording, in the place of another if it has one.
    fn add(&mut self, quote: &str, id: i64, wording: &Wording) -> rusqlite::Result<()> {
        let known = Known::new(wording.clone());
        let new = self
            .connection
            .prepare_cached("INSERT OR IGNORE INTO wordings VALUES (?1, ?2, NULL, 0)")?
            .execute((id, known.fingerprints.len()))?;
        if new > 0 {
            self.unwritten.extend(known.fingerprints.iter().map(|fingerprint| (*fingerprint, id)));
            self.loose.insert(id);
            self.fresh.insert(id);
            self.known.insert(id, Rc::new(known));
        }
        self.touched.insert(id);
        self.connection
            .prepare_cached("INSERT OR REPLACE INTO duplicates VALUES (?1, ?2)")?
            .execute((quote, id))?;
        Ok(())
    }

    /// Writes the fingerprints of new wordings in their order, which is many times as fast as any other,
    /// and loosens the wordings that one which has ceased to lead from one to another may have brought
    /// into a cluster.
    fn write_fingerprints(&mut self) -> rusqlite::Result<()> {
        let mut unwritten = std::mem::take(&mut self.unwritten);
        unwritten.sort_unstable();
        let mut insert =
            self.connection.prepare_cached("INSERT INTO fingerprints VALUES (?1, ?2)")?;
        for group in unwritten.chunk_by(|(a, _), (b, _)| a == b) {
            let fingerprint = group[0].0;
            let mut wordings = posting(self.connection, fingerprint)?;
            for row in group {
                insert.execute(*row)?;
            }
            let led = wordings.len() <= COMMON;
            if led && wordings.len() + group.len() > COMMON {
                for id in &wordings {
                    if self.cluster(*id)?.is_some() {
                        self.loose.insert(*id);
                    }
                }
            }
            wordings.extend(group.iter().map(|(_, wording)| wording));
            self.post(fingerprint, wordings);
        }
        Ok(())
    }

    /// Keeps which wordings have a fingerprint, if it leads from one to another.
    fn post(&mut self, fingerprint: i64, wordings: Vec<i64>) {
        if (2..=COMMON).contains(&wordings.len()) {
            self.postings.insert(fingerprint, wordings);
        } else {
            self.postings.remove(&fingerprint);
        }
    }

    /// Takes a quote from the wording that it had; `moved` if it has another already.
    fn leave(&mut self, quote: &str, id: i64, moved: bool) -> rusqlite::Result<()> {
        // The fingerprints are those of the quote's own words, whoever is named for them now.
        let wording = self
            .connection
            .prepare_cached("SELECT text, speaker, anonymous FROM quotes WHERE id = ?1")?
            .query_row([quote], read_wording)?;
        if !moved {
            self.connection
                .prepare_cached("DELETE FROM duplicates WHERE quote = ?1")?
                .execute([quote])?;
        }
        let (has_quotes, cluster, count): (bool, Option<String>, usize) = self
            .connection
            .prepare_cached(
                "SELECT EXISTS (SELECT 1 FROM duplicates WHERE wording = id), cluster, \
                     fingerprints FROM wordings WHERE id = ?1",
            )?
            .query_row([id], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?;
        if has_quotes {
            self.touched.insert(id);
            return Ok(());
        }
        if let Some(cluster) = cluster {
            self.loose.extend(wordings_of(self.connection, &cluster)?);
        }
        self.loose.remove(&id);
        self.touched.remove(&id);
        self.fresh.remove(&id);
        self.known.remove(&id);
        self.connection.prepare_cached("DELETE FROM wordings WHERE id = ?1")?.execute([id])?;
        let mut left = count;
        for fingerprint in fingerprints(&wording) {
            left -= self
                .connection
                .prepare_cached("DELETE FROM fingerprints WHERE fingerprint = ?1 AND wording = ?2")?
                .execute((fingerprint, id))?
                .min(left);
            self.loosen_if_common_no_more(fingerprint)?;
        }
        if left > 0 {
            // The quote's text has changed as ids don't see it ("won't" for "won t"): rare enough to
            // look through all.
            let others: Vec<i64> = self
                .connection
                .prepare_cached("SELECT fingerprint FROM fingerprints WHERE wording = ?1")?
                .query_map([id], |row| row.get(0))?
                .collect::<rusqlite::Result<_>>()?;
            self.connection
                .prepare_cached("DELETE FROM fingerprints WHERE wording = ?1")?
                .execute([id])?;
            for fingerprint in others {
                self.loosen_if_common_no_more(fingerprint)?;
            }
        }
        Ok(())
    }

    /// Loosens all wordings of a fingerprint that one has just lost, if it leads from one to another
    /// since then.
    fn loosen_if_common_no_more(&mut self, fingerprint: i64) -> rusqlite::Result<()> {
        let wordings = posting(self.connection, fingerprint)?;
        if wordings.len() == COMMON {
            self.loose.extend(&wordings);
        }
        self.post(fingerprint, wordings);
        Ok(())
    }

    /// Finds the clusters of all that is loose, and names those that changed.
    fn finish(mut self) -> rusqlite::Result<()> {
        self.write_fingerprints()?;
        let mut clusters: BTreeSet<String> = BTreeSet::new();
        for id in self.loose.difference(&self.fresh) {
            clusters.extend(self.cluster(*id)?);
        }
        for cluster in &clusters {
            self.loose.extend(wordings_of(self.connection, cluster)?);
        }
        self.restated.extend(clusters);
        // A wording that has been deleted since it was loosened has no row.
        let mut free = self.connection.prepare_cached(
            "UPDATE wordings SET cluster = NULL, altered = 0 WHERE id = ?1 RETURNING id",
        )?;
        let mut loose: FxHashSet<i64> = self.fresh.iter().copied().collect();
        for id in self.loose.difference(&self.fresh) {
            loose.extend(free.query_row([id], |row| row.get::<_, i64>(0)).optional()?);
        }
        drop(free);
        let mut groups = Groups::default();
        let mut pairs = Vec::new();
        for id in &loose {
            groups.index(Node::Wording(*id));
            self.pair(*id, &loose, &mut pairs)?;
            if pairs.len() >= PAIRS {
                self.link(&mut pairs, &loose, &mut groups)?;
            }
        }
        self.link(&mut pairs, &loose, &mut groups)?;
        for id in self.touched.iter().filter(|id| !loose.contains(id)) {
            groups.index(self.node(*id)?);
        }
        // Which wordings each group has is read before any is named: a name may be another's of before.
        let groups = groups.by_root();
        let named = groups.iter().flatten().filter_map(Node::cluster);
        self.restated.extend(named.cloned());
        let groups = groups.into_iter().map(|nodes| self.wordings(nodes));
        for wordings in groups.collect::<rusqlite::Result<Vec<Vec<i64>>>>()? {
            self.restated.extend(self.name(&wordings)?);
        }
        self.restated.iter().try_for_each(|cluster| list_statement(self.connection, cluster))
    }

    /// Adds the wordings that share fingerprints with a loose one, each with how many.
    fn pair(
        &mut self,
        id: i64,
        loose: &FxHashSet<i64>,
        pairs: &mut Vec<Pair>,
    ) -> rusqlite::Result<()> {
        let own = self.known(id)?;
        let mut others: Vec<i64> = Vec::new();
        for fingerprint in &own.fingerprints {
            if let Some(wordings) = self.postings.get(fingerprint) {
                others.extend(wordings);
            } else if !self.fresh.contains(&id) {
                let wordings = posting(self.connection, *fingerprint)?;
                if wordings.len() <= COMMON {
                    others.extend(wordings);
                }
            }
        }
        // Two loose ones meet once.
        others.retain(|other| *other > id || *other < id && !loose.contains(other));
        others.sort_unstable();
        let shared = others.chunk_by(|a, b| a == b);
        pairs.extend(shared.map(|of| Pair { other: of[0], id, shared: of.len() }));
        Ok(())
    }

    /// Joins loose wordings to those that are one statement with them, and takes the `pairs`. Each other
    /// wording is read once, in the order in which they lie.
    fn link(
        &mut self,
        pairs: &mut Vec<Pair>,
        loose: &FxHashSet<i64>,
        groups: &mut Groups,
    ) -> rusqlite::Result<()> {
        pairs.sort_unstable();
        for pairs in pairs.chunk_by(|a, b| a.other == b.other) {
            let other = pairs[0].other;
            let count = self.fingerprints_of(other)?;
            for Pair { id, shared, .. } in pairs {
                let own = self.known(*id)?;
                if !is_candidate(*shared, own.fingerprints.len(), count) {
                    continue;
                }
                let Some(likeness) = likeness(&own.wording, &self.known(other)?.wording) else {
                    continue;
                };
                let node =
                    if loose.contains(&other) { Node::Wording(other) } else { self.node(other)? };
                groups.join(Node::Wording(*id), node);
                if likeness == Likeness::Altered {
                    self.connection
                        .prepare_cached("UPDATE wordings SET altered = 1 WHERE id IN (?1, ?2)")?
                        .execute((id, other))?;
                }
            }
        }
        pairs.clear();
        Ok(())
    }

    /// How many fingerprints a wording has.
    fn fingerprints_of(&self, id: i64) -> rusqlite::Result<usize> {
        match self.known.get(&id) {
            Some(known) => Ok(known.fingerprints.len()),
            None => self
                .connection
                .prepare_cached("SELECT fingerprints FROM wordings WHERE id = ?1")?
                .query_row([id], |row| row.get(0)),
        }
    }

    /// What a wording is part of.
    fn node(&self, id: i64) -> rusqlite::Result<Node> {
        Ok(self.cluster(id)?.map_or(Node::Wording(id), Node::Cluster))
    }

    fn cluster(&self, id: i64) -> rusqlite::Result<Option<String>> {
        let found = self
            .connection
            .prepare_cached("SELECT cluster FROM wordings WHERE id = ?1")?
            .query_row([id], |row| row.get(0))
            .optional()?;
        Ok(found.flatten())
    }

    fn known(&mut self, id: i64) -> rusqlite::Result<Rc<Known>> {
        if let Some(known) = self.known.get(&id) {
            return Ok(Rc::clone(known));
        }
        let wording = self
            .connection
            .prepare_cached(
                "SELECT text, speaker, anonymous FROM duplicates \
                 JOIN quotes ON quotes.id = quote WHERE wording = ?1 LIMIT 1",
            )?
            .query_row([id], read_wording)?;
        if self.known.len() >= self.fresh.len() + MAX_KNOWN {
            let fresh = &self.fresh;
            self.known.retain(|id, _| fresh.contains(id));
        }
        let known = Rc::new(Known::new(wording));
        self.known.insert(id, Rc::clone(&known));
        Ok(known)
    }

    fn wordings(&self, nodes: Vec<Node>) -> rusqlite::Result<Vec<i64>> {
        let mut wordings: Vec<i64> = Vec::new();
        for node in nodes {
            match node {
                Node::Wording(id) => wordings.push(id),
                Node::Cluster(cluster) => wordings.extend(wordings_of(self.connection, &cluster)?),
            }
        }
        Ok(wordings)
    }

    /// Makes one cluster of the wordings, by the name of their first quote; none if that is the only
    /// one. Gives the name.
    fn name(&self, wordings: &[i64]) -> rusqlite::Result<Option<String>> {
        let mut first: Option<(String, String)> = None;
        let mut quotes: usize = 0;
        let mut select = self.connection.prepare_cached(
            "SELECT fetched, quote FROM duplicates JOIN quotes ON quotes.id = quote \
             JOIN versions ON versions.article = quotes.article \
                 AND versions.version = quotes.first_version \
             WHERE wording = ?1",
        )?;
        for wording in wordings {
            for found in select.query_map([wording], |row| Ok((row.get(0)?, row.get(1)?)))? {
                let found: (String, String) = found?;
                quotes += 1;
                if first.as_ref().is_none_or(|first| found < *first) {
                    first = Some(found);
                }
            }
        }
        let name = first.filter(|_| quotes > 1).map(|(_, quote)| quote);
        let mut update = self.connection.prepare_cached(
            "UPDATE wordings SET cluster = ?2 WHERE id = ?1 AND cluster IS NOT ?2",
        )?;
        for wording in wordings {
            // A new one has no name yet.
            if name.is_some() || !self.fresh.contains(wording) {
                update.execute((wording, &name))?;
            }
        }
        Ok(name)
    }
}

/// Nodes and which of them belong together.
#[derive(Default)]
struct Groups {
    indices: FxHashMap<Node, usize>,
    nodes: Vec<Node>,
    components: Components,
}

impl Groups {
    fn index(&mut self, node: Node) -> usize {
        *self.indices.entry(node).or_insert_with_key(|node| {
            self.nodes.push(node.clone());
            self.components.add()
        })
    }

    fn join(&mut self, a: Node, b: Node) {
        let (a, b) = (self.index(a), self.index(b));
        self.components.join(a, b);
    }

    fn by_root(mut self) -> Vec<Vec<Node>> {
        let mut groups: BTreeMap<usize, Vec<Node>> = BTreeMap::new();
        for (index, node) in self.nodes.into_iter().enumerate() {
            groups.entry(self.components.root(index)).or_default().push(node);
        }
        groups.into_values().collect()
    }
}

/// The wordings that have a fingerprint, two more than may lead from one to another at most.
fn posting(connection: &Connection, fingerprint: i64) -> rusqlite::Result<Vec<i64>> {
    connection
        .prepare_cached("SELECT wording FROM fingerprints WHERE fingerprint = ?1 LIMIT ?2")?
        .query_map((fingerprint, COMMON + 2), |row| row.get(0))?
        .collect()
}

fn wordings_of(connection: &Connection, cluster: &str) -> rusqlite::Result<Vec<i64>> {
    connection
        .prepare_cached("SELECT id FROM wordings WHERE cluster = ?1")?
        .query_map([cluster], |row| row.get(0))?
        .collect()
}

/// Everything, worked out at once.
struct WorkedOut {
    /// Each quote with the index of its wording, by id.
    quotes: Vec<(String, u32)>,
    wordings: Vec<WorkedWording>,
}

struct WorkedWording {
    id: i64,
    fingerprints: u32,
    /// The index of its cluster's first quote, where there are several.
    cluster: Option<usize>,
    altered: bool,
}

/// A quote as it is compared: its id, its words, its speaker's name, and when it was first seen.
type Compared = (String, String, Option<String>, i64);

/// Compares the quotes of the whole store. `meanwhile` is given the ids of the wordings, and each
/// fingerprint with the index of a wording that has it, sorted.
fn work_out<T>(
    connection: &Connection,
    meanwhile: impl FnOnce(&[i64], &[(i64, u32)]) -> rusqlite::Result<T>,
) -> rusqlite::Result<(WorkedOut, T)> {
    let (mut quotes, wordings) = thread::scope(|scope| {
        let (sender, batches) = mpsc::sync_channel(WAITING);
        let parted = scope.spawn(move || part(batches));
        let read = each_compared(connection, sender);
        let parted = parted.join().unwrap_or_else(|panicked| panic::resume_unwind(panicked));
        read.map(|()| parted)
    })?;
    quotes.sort_unstable();
    let (found, done) = wordings.clusters(meanwhile);
    let Clusters { ids, fingerprints, roots, altered } = found;
    // The first quote of each cluster, by the index of its root, and how many it has.
    let mut firsts: FxHashMap<usize, (i64, usize, usize)> = FxHashMap::default();
    for (index, (_, wording, seen)) in quotes.iter().enumerate() {
        let first = firsts.entry(roots[*wording as usize]).or_insert((*seen, index, 0));
        (first.0, first.1) = (first.0, first.1).min((*seen, index));
        first.2 += 1;
    }
    let wordings = ids
        .into_iter()
        .zip(fingerprints)
        .enumerate()
        .map(|(index, (id, fingerprints))| WorkedWording {
            id,
            fingerprints,
            cluster: firsts.get(&roots[index]).filter(|first| first.2 > 1).map(|first| first.1),
            altered: altered[index],
        })
        .collect();
    let quotes = quotes.into_iter().map(|(quote, wording, _)| (quote, wording)).collect();
    Ok((WorkedOut { quotes, wordings }, done?))
}

/// Reads what is compared, and sends it on in batches.
fn each_compared(
    connection: &Connection,
    sender: SyncSender<Vec<Compared>>,
) -> rusqlite::Result<()> {
    let mut select = connection.prepare(&format!(
        "SELECT quotes.id, quotes.text, speaker, anonymous, fetched FROM quotes \
         JOIN versions ON versions.article = quotes.article \
             AND versions.version = quotes.first_version \
         WHERE {COMPARED}"
    ))?;
    let mut rows = select.query([])?;
    let mut batch = Vec::with_capacity(BATCH);
    while let Some(row) = rows.next()? {
        let named = row.get::<_, Option<bool>>(3)? == Some(false);
        let speaker = if named { row.get(2)? } else { None };
        batch.push((row.get(0)?, row.get(1)?, speaker, read_time(row, 4)?.as_second()));
        if batch.len() == BATCH && sender.send(std::mem::take(&mut batch)).is_err() {
            // The other thread has ended, and says why.
            return Ok(());
        }
    }
    let _ = sender.send(batch);
    Ok(())
}

/// The wordings of what comes, and each quote with the index of its wording and when it was first seen.
fn part(batches: Receiver<Vec<Compared>>) -> (Vec<(String, u32, i64)>, Wordings) {
    let (mut quotes, mut wordings) = (Vec::new(), Wordings::default());
    for (quote, text, speaker, seen) in batches.into_iter().flatten() {
        let wording = Wording::new(&text, speaker.as_deref());
        if wording.is_telling() {
            quotes.push((quote, wordings.add(wording), seen));
        }
    }
    (quotes, wordings)
}

/// Fills the empty table of fingerprints in its own order: that is many times as fast as any other.
fn write_fingerprints(
    connection: &Connection,
    ids: &[i64],
    fingerprints: &[(i64, u32)],
) -> rusqlite::Result<()> {
    let mut insert = connection.prepare("INSERT INTO fingerprints VALUES (?1, ?2)")?;
    let mut wordings = Vec::new();
    for group in fingerprints.chunk_by(|(a, _), (b, _)| a == b) {
        wordings.clear();
        wordings.extend(group.iter().map(|(_, wording)| ids[*wording as usize]));
        wordings.sort_unstable();
        for wording in &wordings {
            insert.execute((group[0].0, wording))?;
        }
    }
    Ok(())
}

/// Fills the empty tables of wordings and of their quotes, each in its own order.
fn write_all(connection: &Connection, found: &WorkedOut) -> rusqlite::Result<()> {
    let mut order: Vec<&WorkedWording> = found.wordings.iter().collect();
    order.sort_unstable_by_key(|wording| wording.id);
    let mut insert = connection.prepare("INSERT INTO wordings VALUES (?1, ?2, ?3, ?4)")?;
    for wording in order {
        let cluster = wording.cluster.map(|quote| &found.quotes[quote].0);
        insert.execute((wording.id, wording.fingerprints, cluster, wording.altered))?;
    }
    let mut insert = connection.prepare("INSERT INTO duplicates VALUES (?1, ?2)")?;
    for (quote, wording) in &found.quotes {
        insert.execute((quote, found.wordings[*wording as usize].id))?;
    }
    Ok(())
}

/// Where the tables differ from what was `found`, a line each.
fn differences(connection: &Connection, found: &WorkedOut) -> rusqlite::Result<Vec<String>> {
    let mut flaws = Vec::new();
    let mut kept: FxHashMap<String, (i64, Option<String>, bool)> = connection
        .prepare(
            "SELECT quote, wording, cluster, altered FROM duplicates \
             JOIN wordings ON wordings.id = wording",
        )?
        .query_map([], |row| Ok((row.get(0)?, (row.get(1)?, row.get(2)?, row.get(3)?))))?
        .collect::<rusqlite::Result<_>>()?;
    for (quote, wording) in &found.quotes {
        let wording = &found.wordings[*wording as usize];
        let cluster = wording.cluster.map(|quote| &found.quotes[quote].0);
        let right = kept.remove(quote).is_some_and(|(id, named, altered)| {
            (id, named.as_ref(), altered) == (wording.id, cluster, wording.altered)
        });
        if !right {
            flaws.push(format!("what has the words of quote {quote} is not what is kept of it"));
        }
    }
    flaws.extend(kept.into_keys().map(|quote| {
        format!("quote {quote} is kept as one of several with the same words and is none")
    }));
    flaws.sort();
    let count = |table: &str| -> rusqlite::Result<usize> {
        connection.query_row(&format!("SELECT count(*) FROM {table}"), [], |row| row.get(0))
    };
    let fingerprints = found.wordings.iter().map(|wording| wording.fingerprints as usize).sum();
    for (table, wanted) in [("wordings", found.wordings.len()), ("fingerprints", fingerprints)] {
        let rows = count(table)?;
        if rows != wanted {
            flaws.push(format!("the table {table} has {rows} rows where {wanted} belong"));
        }
    }
    Ok(flaws)
}
