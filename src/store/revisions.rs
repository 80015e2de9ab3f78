//! What became of quotes between two versions of an article.
//!
//! The quotes of the last version and those of the new one → rows of both brought up to date, and a
//! revision for each that is reworded, reattributed, added, removed, restored or moved. A quote moved
//! if its order among those that both versions have is another; a paragraph put in above moves none.
//! Refuses to delete a quote.

use std::collections::{HashMap, HashSet};

use rusqlite::{CachedStatement, Connection, OptionalExtension, named_params};

use super::explaining::explaining;
use super::values::{json, read_json_opt, read_word};
use super::{Store, StoreError, listed};
use crate::domain::article::Notice;
use crate::domain::folding::folded;
use crate::domain::hash;
use crate::domain::quote::Quote;
use crate::domain::record::{Revision, RevisionKind, RevisionSide};
use crate::domain::speaker::Speaker;
use crate::wording::{difference, same_words};

/// Share of common words (Dice coefficient) from which two wordings count as one quote reworded:
/// two sentences on one subject share a third, a corrected one keeps well over half.
const SIMILAR: f64 = 0.5;
/// Most quotes of a version that are held against those of the other, pair by pair: an article has
/// some dozens, and the pairs grow with the square.
const MAX_COMPARED: usize = 1000;

impl Store {
    /// What became of the quote of this id between versions, oldest first: also as the earlier or
    /// the later wording of another.
    ///
    /// # Errors
    /// [`StoreError`] if the store can't be read.
    pub fn revisions(&self, id: &str) -> Result<Vec<Revision>, StoreError> {
        self.read("read a quote's revisions", |connection| {
            connection
                .prepare_cached(
                    "SELECT revisions.*, versions.fetched FROM revisions \
                     JOIN versions ON versions.article = revisions.article \
                         AND versions.version = revisions.version \
                     WHERE before_quote = ?1 OR after_quote = ?1 ORDER BY revisions.id",
                )?
                .query_map([id], |row| {
                    let (before, after) = (read_side(row, "before")?, read_side(row, "after")?);
                    let difference = match (&before, &after) {
                        (Some(before), Some(after)) if !same_words(&before.text, &after.text) => {
                            difference(&before.text, &after.text)
                        }
                        _ => Vec::new(),
                    };
                    Ok(Revision {
                        kind: read_word(row, "kind")?,
                        before,
                        after,
                        difference,
                        version: row.get("version")?,
                        seen: row.get("fetched")?,
                        notice: read_json_opt(row, "notice")?,
                    })
                })?
                .collect()
        })
    }

    /// The ids that quotes just extracted from a version of an article have in the collection, in their
    /// order.
    ///
    /// # Errors
    /// [`StoreError`] if the store can't be read.
    pub fn ids_of(&self, article_id: &str, quotes: &[Quote]) -> Result<Vec<String>, StoreError> {
        self.read("name an article's quotes", |connection| own_ids(connection, article_id, quotes))
    }
}

/// Brings the quotes of an article to `version`; `notices` are those new in it. Gives the number of
/// revisions written but for those that only moved.
pub(super) fn apply_quotes(
    connection: &Connection,
    article_id: &str,
    version: u32,
    quotes: &[Quote],
    notices: &[Notice],
) -> rusqlite::Result<usize> {
    let before = current_quotes(connection, article_id)?;
    let ids = own_ids(connection, article_id, quotes)?;
    let after: Vec<RevisionSide> = quotes
        .iter()
        .zip(&ids)
        .map(|(quote, id)| RevisionSide {
            id: id.clone(),
            version,
            text: quote.text.clone(),
            speaker: quote.speaker.clone(),
        })
        .collect();
    let revisions = if has_earlier(connection, article_id, version)? {
        compare(&before, &after, &gone(connection, article_id)?)
    } else {
        Vec::new()
    };
    let statement = if has_quotes(connection, article_id)? {
        listed::note_unnamed(connection, article_id)?;
        connection
            .prepare_cached("UPDATE quotes SET current = 0 WHERE article = ?1")?
            .execute([article_id])?;
        &format!("{WRITE} {WRITE_AGAIN}")
    } else {
        // Without a second way to end, SQLite keeps nothing ready to take a row back.
        WRITE
    };
    let mut write = connection.prepare_cached(statement)?;
    for (position, (quote, id)) in quotes.iter().zip(&ids).enumerate() {
        write_quote(&mut write, article_id, version, position, id, quote)?;
    }
    listed::note_unnamed(connection, article_id)?;
    for change in &revisions {
        write_revision(connection, article_id, version, change, notices)?;
    }
    if !revisions.is_empty() {
        mark_revised(connection, article_id, version)?;
    }
    Ok(revisions.iter().filter(|change| change.kind != RevisionKind::Moved).count())
}

/// A revision before it is written.
#[derive(Debug, PartialEq)]
struct Change<'a> {
    kind: RevisionKind,
    before: Option<&'a RevisionSide>,
    after: Option<&'a RevisionSide>,
}

/// What became of the quotes `before` in `after`; `gone` are ids of quotes of still earlier versions.
fn compare<'a>(
    before: &'a [RevisionSide],
    after: &'a [RevisionSide],
    gone: &HashSet<String>,
) -> Vec<Change<'a>> {
    let by_id: HashMap<&str, &RevisionSide> =
        before.iter().map(|side| (side.id.as_str(), side)).collect();
    let after_ids: HashSet<&str> = after.iter().map(|side| side.id.as_str()).collect();
    let mut changes = Vec::new();
    for new in after {
        if let Some(old) = by_id.get(new.id.as_str())
            && reattributed(old.speaker.as_ref(), new.speaker.as_ref())
        {
            let kind = RevisionKind::Reattributed;
            changes.push(Change { kind, before: Some(old), after: Some(new) });
        }
    }
    let lost: Vec<&RevisionSide> =
        before.iter().filter(|side| !after_ids.contains(side.id.as_str())).collect();
    let fresh: Vec<&RevisionSide> =
        after.iter().filter(|side| !by_id.contains_key(side.id.as_str())).collect();
    let pairs = reworded(&lost, &fresh);
    for &(old, new) in &pairs {
        let kind = RevisionKind::Reworded;
        changes.push(Change { kind, before: Some(lost[old]), after: Some(fresh[new]) });
    }
    let (olds, news): (HashSet<usize>, HashSet<usize>) = pairs.into_iter().unzip();
    for (index, old) in lost.iter().enumerate() {
        if !olds.contains(&index) {
            changes.push(Change { kind: RevisionKind::Removed, before: Some(old), after: None });
        }
    }
    for (index, new) in fresh.iter().enumerate() {
        if !news.contains(&index) {
            let again = gone.contains(&new.id);
            let kind = if again { RevisionKind::Restored } else { RevisionKind::Added };
            changes.push(Change { kind, before: None, after: Some(new) });
        }
    }
    changes.extend(moved(before, after));
    changes
}

/// The quotes with another place in the order of those that both versions have and give to the same
/// speaker: the fewest that have to be moved to make one order of the other.
fn moved<'a>(before: &'a [RevisionSide], after: &'a [RevisionSide]) -> Vec<Change<'a>> {
    let places: HashMap<&str, usize> =
        before.iter().enumerate().map(|(place, side)| (side.id.as_str(), place)).collect();
    let common: Vec<(usize, &RevisionSide)> = after
        .iter()
        .filter_map(|new| Some((*places.get(new.id.as_str())?, new)))
        .filter(|(old, new)| !reattributed(before[*old].speaker.as_ref(), new.speaker.as_ref()))
        .collect();
    let order: Vec<usize> = common.iter().map(|(old, _)| *old).collect();
    let stayed = longest_rising(&order);
    let kind = RevisionKind::Moved;
    common
        .iter()
        .enumerate()
        .filter(|(index, _)| !stayed.contains(index))
        .map(|(_, (old, new))| Change { kind, before: Some(&before[*old]), after: Some(new) })
        .collect()
}

/// The indices of a longest rising subsequence of distinct numbers (patience sorting, n log n).
fn longest_rising(numbers: &[usize]) -> HashSet<usize> {
    // The index of the lowest number that ends a rising run of each length, and what comes before each
    // number in the best run that it ends.
    let mut ends: Vec<usize> = Vec::new();
    let mut earlier: Vec<Option<usize>> = Vec::with_capacity(numbers.len());
    for (index, number) in numbers.iter().enumerate() {
        let length = ends.partition_point(|end| numbers[*end] < *number);
        earlier.push(length.checked_sub(1).map(|shorter| ends[shorter]));
        match ends.get_mut(length) {
            Some(end) => *end = index,
            None => ends.push(index),
        }
    }
    std::iter::successors(ends.last().copied(), |index| earlier[*index]).collect()
}

/// Another speaker; or another role or affiliation where both versions state one. One that is
/// stated only now is news about the speaker, not another attribution.
fn reattributed(before: Option<&Speaker>, after: Option<&Speaker>) -> bool {
    fn differ(before: Option<&String>, after: Option<&String>) -> bool {
        matches!((before, after), (Some(before), Some(after)) if before != after)
    }
    match (before, after) {
        (None, None) => false,
        (Some(before), Some(after)) => {
            before.id != after.id
                || differ(before.role.as_ref(), after.role.as_ref())
                || differ(before.affiliation.as_ref(), after.affiliation.as_ref())
        }
        _ => true,
    }
}

/// Pairs of indices into `lost` and `fresh` that are one quote in two wordings: the most similar
/// first, each at most once.
fn reworded(lost: &[&RevisionSide], fresh: &[&RevisionSide]) -> Vec<(usize, usize)> {
    let old_words: Vec<Vec<String>> = lost.iter().take(MAX_COMPARED).map(|q| words(q)).collect();
    let new_words: Vec<Vec<String>> = fresh.iter().take(MAX_COMPARED).map(|q| words(q)).collect();
    let mut similar: Vec<(f64, usize, usize)> = Vec::new();
    for (old, before) in old_words.iter().enumerate() {
        for (new, after) in new_words.iter().enumerate() {
            let share = dice(before, after);
            if share >= SIMILAR {
                similar.push((share, old, new));
            }
        }
    }
    // A stable sort: of equally similar pairs the one that comes first in the text.
    similar.sort_by(|a, b| b.0.total_cmp(&a.0));
    let (mut olds, mut news) = (HashSet::new(), HashSet::new());
    let mut pairs = Vec::new();
    for (_, old, new) in similar {
        if !olds.contains(&old) && !news.contains(&new) {
            olds.insert(old);
            news.insert(new);
            pairs.push((old, new));
        }
    }
    pairs.sort_unstable();
    pairs
}

/// The words, folded and sorted, repeated as often as they stand there.
fn words(side: &RevisionSide) -> Vec<String> {
    let mut words: Vec<String> = side
        .text
        .split(|c: char| !c.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .map(str::to_lowercase)
        .collect();
    words.sort_unstable();
    words
}

/// Twice the common words by all words; both sorted.
fn dice(a: &[String], b: &[String]) -> f64 {
    let (mut i, mut j, mut common) = (0, 0, 0_usize);
    while let (Some(left), Some(right)) = (a.get(i), b.get(j)) {
        match left.cmp(right) {
            std::cmp::Ordering::Less => i += 1,
            std::cmp::Ordering::Greater => j += 1,
            std::cmp::Ordering::Equal => {
                common += 1;
                i += 1;
                j += 1;
            }
        }
    }
    let all = a.len() + b.len();
    if all == 0 { 0.0 } else { 2.0 * common as f64 / all as f64 }
}

/// The quotes' ids, each used once: words that stand twice in an article get a second id, and so
/// would an id that another article already has.
fn own_ids(
    connection: &Connection,
    article_id: &str,
    quotes: &[Quote],
) -> rusqlite::Result<Vec<String>> {
    let mut owner = connection.prepare_cached("SELECT article FROM quotes WHERE id = ?1")?;
    let mut used: HashSet<String> = HashSet::new();
    let mut ids = Vec::with_capacity(quotes.len());
    for quote in quotes {
        let mut id = quote.id.clone();
        for nth in 2_u32.. {
            let taken = used.contains(&id)
                || owner
                    .query_row([&id], |row| row.get::<_, String>(0))
                    .optional()?
                    .is_some_and(|owner| owner != article_id);
            if !taken {
                break;
            }
            id = hash::short(&[article_id, &quote.id, &nth.to_string()]);
        }
        used.insert(id.clone());
        ids.push(id);
    }
    Ok(ids)
}

fn current_quotes(
    connection: &Connection,
    article_id: &str,
) -> rusqlite::Result<Vec<RevisionSide>> {
    connection
        .prepare_cached(
            "SELECT * FROM quotes WHERE article = ?1 AND current = 1 ORDER BY position",
        )?
        .query_map([article_id], |row| {
            Ok(RevisionSide {
                id: row.get("id")?,
                version: row.get("version")?,
                text: row.get("text")?,
                speaker: super::quotes::read_speaker(row)?,
            })
        })?
        .collect()
}

/// Ids of quotes that earlier versions had and the last one has not.
fn gone(connection: &Connection, article_id: &str) -> rusqlite::Result<HashSet<String>> {
    connection
        .prepare_cached(
            "SELECT id FROM quotes WHERE article = ?1 AND current = 0 AND withdrawn = 0",
        )?
        .query_map([article_id], |row| row.get(0))?
        .collect()
}

fn has_earlier(connection: &Connection, article_id: &str, version: u32) -> rusqlite::Result<bool> {
    connection
        .prepare_cached(
            "SELECT EXISTS (SELECT 1 FROM versions WHERE article = ?1 AND version < ?2)",
        )?
        .query_row((article_id, version), |row| row.get(0))
}

fn has_quotes(connection: &Connection, article_id: &str) -> rusqlite::Result<bool> {
    connection
        .prepare_cached("SELECT EXISTS (SELECT 1 FROM quotes WHERE article = ?1)")?
        .query_row([article_id], |row| row.get(0))
}

const WRITE: &str = "\
    INSERT INTO quotes VALUES (:id, :article, :version, :version, :position, :kind, \
        :text, :content, :verbatim, :source, :cue, :speaker_id, :speaker, :speaker_key, \
        :speaker_kind, :role, :affiliation, :anonymous, :confidence, :prefix, :suffix, \
        :paragraph, 0, 1, 0)";
/// A withdrawn quote that is found again begins anew: its first version is this one.
const WRITE_AGAIN: &str = "\
    ON CONFLICT (id) DO UPDATE SET \
        first_version = iif(withdrawn, excluded.first_version, first_version), \
        version = excluded.version, position = excluded.position, \
        kind = excluded.kind, text = excluded.text, content = excluded.content, \
        verbatim = excluded.verbatim, source = excluded.source, cue = excluded.cue, \
        speaker_id = excluded.speaker_id, speaker = excluded.speaker, \
        speaker_key = excluded.speaker_key, speaker_kind = excluded.speaker_kind, \
        role = excluded.role, affiliation = excluded.affiliation, \
        anonymous = excluded.anonymous, confidence = excluded.confidence, \
        prefix = excluded.prefix, suffix = excluded.suffix, \
        paragraph = excluded.paragraph, current = 1, withdrawn = 0";

/// Writes a quote by [`WRITE`].
fn write_quote(
    write: &mut CachedStatement<'_>,
    article_id: &str,
    version: u32,
    position: usize,
    id: &str,
    quote: &Quote,
) -> rusqlite::Result<()> {
    let speaker = quote.speaker.as_ref();
    write.execute(named_params! {
        ":id": id,
        ":article": article_id,
        ":version": version,
        ":position": position,
        ":kind": quote.kind.as_str(),
        ":text": quote.text,
        ":content": json(&quote.content)?,
        ":verbatim": json(&quote.verbatim)?,
        ":source": quote.source.as_ref().map(json).transpose()?,
        ":cue": quote.cue.as_ref().map(json).transpose()?,
        ":speaker_id": speaker.map(|speaker| &speaker.id),
        ":speaker": speaker.map(|speaker| &speaker.name),
        ":speaker_key": speaker.map(|speaker| folded(&speaker.name)),
        ":speaker_kind": speaker.map(|speaker| speaker.kind.as_str()),
        ":role": speaker.and_then(|speaker| speaker.role.as_ref()),
        ":affiliation": speaker.and_then(|speaker| speaker.affiliation.as_ref()),
        ":anonymous": speaker.map(|speaker| speaker.anonymous),
        ":confidence": quote.confidence,
        ":prefix": quote.prefix,
        ":suffix": quote.suffix,
        ":paragraph": quote.paragraph,
    })?;
    Ok(())
}

fn write_revision(
    connection: &Connection,
    article_id: &str,
    version: u32,
    change: &Change<'_>,
    notices: &[Notice],
) -> rusqlite::Result<()> {
    let (before, after) = (change.before, change.after);
    let sides: Vec<&RevisionSide> = before.into_iter().chain(after).collect();
    // An outlet explains what it says otherwise, not where.
    let notice = match change.kind {
        RevisionKind::Moved => None,
        _ => explaining(&sides, notices),
    };
    connection
        .prepare_cached(
            "INSERT INTO revisions VALUES (NULL, :article, :version, :kind, :before_quote, \
                 :before_version, :before_text, :before_speaker, :after_quote, :after_version, \
                 :after_text, :after_speaker, :notice)",
        )?
        .execute(named_params! {
            ":article": article_id,
            ":version": version,
            ":kind": change.kind.as_str(),
            ":before_quote": before.map(|side| &side.id),
            ":before_version": before.map(|side| side.version),
            ":before_text": before.map(|side| &side.text),
            ":before_speaker": speaker_json(before)?,
            ":after_quote": after.map(|side| &side.id),
            ":after_version": after.map(|side| side.version),
            ":after_text": after.map(|side| &side.text),
            ":after_speaker": speaker_json(after)?,
            ":notice": notice.map(json).transpose()?,
        })?;
    Ok(())
}

/// Marks the quotes that `version` changed. A live blog grows by its nature: what it adds is no change
/// of what it had; another place is none of the words.
fn mark_revised(connection: &Connection, article_id: &str, version: u32) -> rusqlite::Result<()> {
    connection
        .prepare_cached(
            "UPDATE quotes SET revised = 1 WHERE article = ?1 AND id IN ( \
                 SELECT value FROM revisions, json_each(json_array(before_quote, after_quote)) \
                 WHERE article = ?1 AND version = ?2 AND kind <> ?4 \
                 AND (kind <> ?3 OR NOT (SELECT live \
                     FROM versions WHERE article = ?1 AND version = ?2)))",
        )?
        .execute((
            article_id,
            version,
            RevisionKind::Added.as_str(),
            RevisionKind::Moved.as_str(),
        ))?;
    Ok(())
}

fn speaker_json(side: Option<&RevisionSide>) -> rusqlite::Result<Option<String>> {
    side.and_then(|side| side.speaker.as_ref()).map(json).transpose()
}

/// A speaker as a revision keeps it, in column `name`.
fn read_side(row: &rusqlite::Row<'_>, side: &str) -> rusqlite::Result<Option<RevisionSide>> {
    let Some(id) = row.get::<_, Option<String>>(format!("{side}_quote").as_str())? else {
        return Ok(None);
    };
    Ok(Some(RevisionSide {
        id,
        version: row.get(format!("{side}_version").as_str())?,
        text: row.get(format!("{side}_text").as_str())?,
        speaker: read_json_opt(row, format!("{side}_speaker").as_str())?,
    }))
}
