//! Lists of speakers, kept ready: totals and what is stated most, a row for everybody who is quoted.
//!
//! Speakers with all their mentions → their rows; whoever is noted because mentions or quotes of theirs
//! changed → rows worked out anew, at the end of a run and of a correction; a part of the list, in its
//! order. Refuses to keep all that is stated of a speaker: that is read from the mentions.

use std::collections::BTreeMap;

use rusqlite::{Connection, Row};

use super::speakers::{summary, unnamed_summary};
use super::values::{json, read_json};
use super::{Store, StoreError};
use crate::domain::folding::folded;
use crate::domain::record::{SpeakerSummary, StatedRole};

/// Names, roles, affiliations and outlets of a speaker that are kept, the most frequent ones.
const MAX_VALUES: usize = 20;
/// Roles and affiliations over time that are kept, those of most articles.
const MAX_STATED: usize = 40;
/// Rows worked out between two looks at what is left: bounds memory.
const BATCH: usize = 1_000;

/// Part of the list of speakers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListedSpeakers {
    /// How many speakers match.
    pub total: usize,
    /// Those asked for, most quoted first, each with the first of its values.
    pub speakers: Vec<SpeakerSummary>,
}

impl Store {
    /// Of the speakers that [`Store::speakers`] gives, `limit` behind the first `offset`, as they were at the
    /// end of the last run, with the most frequent of their values.
    ///
    /// # Errors
    /// [`StoreError`] if the store can't be read.
    pub fn listed_speakers(
        &self,
        pattern: Option<&str>,
        offset: usize,
        limit: usize,
    ) -> Result<ListedSpeakers, StoreError> {
        let words: Vec<String> =
            pattern.unwrap_or_default().split_whitespace().map(folded).collect();
        self.read("list the speakers", |connection| part(connection, &words, offset, limit))
    }

    /// The speaker whose identity is `id`, as the list has it.
    ///
    /// # Errors
    /// [`StoreError`] if the store can't be read.
    pub fn listed_speaker(&self, id: &str) -> Result<Option<SpeakerSummary>, StoreError> {
        self.read("read a speaker", |connection| kept(connection, id, true))
    }
}

fn part(
    connection: &Connection,
    words: &[String],
    offset: usize,
    limit: usize,
) -> rusqlite::Result<ListedSpeakers> {
    const ORDER: &str = "ORDER BY quotes DESC, name, named, whose";
    let who = |row: &Row<'_>| -> rusqlite::Result<(String, bool)> {
        Ok((row.get("whose")?, row.get("named")?))
    };
    let mut found: Vec<(String, bool)> = Vec::new();
    let mut total = 0;
    if let Some(longest) = words.iter().max_by_key(|word| word.len()) {
        // The database looks for one word, and few names are left to be looked at for the others.
        let mut statement = connection.prepare_cached(&format!(
            "SELECT whose, named, keys FROM listed_speakers WHERE instr(keys, ?1) > 0 {ORDER}"
        ))?;
        let mut rows = statement.query([longest])?;
        while let Some(row) = rows.next()? {
            let keys = row.get_ref("keys")?.as_str()?;
            if keys.lines().any(|key| words.iter().all(|word| key.contains(word.as_str()))) {
                if total >= offset && found.len() < limit {
                    found.push(who(row)?);
                }
                total += 1;
            }
        }
    } else {
        total = connection
            .prepare_cached("SELECT count(*) FROM listed_speakers")?
            .query_row([], |row| row.get(0))?;
        found = connection
            .prepare_cached(&format!(
                "SELECT whose, named FROM listed_speakers {ORDER} LIMIT ?1 OFFSET ?2"
            ))?
            .query_map((limit, offset), who)?
            .collect::<rusqlite::Result<_>>()?;
    }
    let mut speakers = Vec::with_capacity(found.len());
    for (whose, named) in found {
        speakers.extend(kept(connection, &whose, named)?);
    }
    Ok(ListedSpeakers { total, speakers })
}

fn kept(
    connection: &Connection,
    whose: &str,
    named: bool,
) -> rusqlite::Result<Option<SpeakerSummary>> {
    let mut statement = connection
        .prepare_cached("SELECT summary FROM listed_speakers WHERE whose = ?1 AND named = ?2")?;
    let mut rows = statement.query((whose, named))?;
    rows.next()?.map(|row| read_json(row, "summary")).transpose()
}

/// Notes that the row of a speaker is to be worked out anew.
pub(super) fn note(connection: &Connection, identity: &str) -> rusqlite::Result<()> {
    connection
        .prepare_cached("INSERT OR IGNORE INTO unlisted_speakers VALUES (?1, 1)")?
        .execute([identity])?;
    Ok(())
}

/// Notes the same of everybody unnamed whom an article quotes.
pub(super) fn note_unnamed(connection: &Connection, article: &str) -> rusqlite::Result<()> {
    connection
        .prepare_cached(
            "INSERT OR IGNORE INTO unlisted_speakers SELECT speaker_key, 0 FROM quotes \
             WHERE article = ?1 AND anonymous = 1 AND speaker_key IS NOT NULL",
        )?
        .execute([article])?;
    Ok(())
}

/// Brings the rows of everybody who is noted up to their mentions.
pub(super) fn follow(connection: &Connection) -> rusqlite::Result<()> {
    loop {
        let changed: Vec<(String, bool)> = connection
            .prepare_cached(
                "SELECT whose, named FROM unlisted_speakers ORDER BY whose, named LIMIT ?1",
            )?
            .query_map([BATCH], |row| Ok((row.get(0)?, row.get(1)?)))?
            .collect::<rusqlite::Result<_>>()?;
        let Some((last, last_named)) = changed.last() else { return Ok(()) };
        for (whose, named) in &changed {
            list(connection, whose, *named)?;
        }
        connection
            .prepare_cached("DELETE FROM unlisted_speakers WHERE (whose, named) <= (?1, ?2)")?
            .execute((last, last_named))?;
    }
}

/// Works a row out.
fn list(connection: &Connection, whose: &str, named: bool) -> rusqlite::Result<()> {
    if let Some(row) = worked_out(connection, whose, named)? {
        return row.write(connection, whose, named);
    }
    connection
        .prepare_cached("DELETE FROM listed_speakers WHERE whose = ?1 AND named = ?2")?
        .execute((whose, named))?;
    Ok(())
}

/// What stands in a row.
#[derive(Debug)]
pub(super) struct Listed {
    name: String,
    keys: String,
    quotes: u64,
    /// A [`SpeakerSummary`] as JSON, which takes a third of its memory.
    summary: String,
}

impl Listed {
    /// Of a speaker with these folded names, in their order.
    pub(super) fn new(speaker: SpeakerSummary, keys: &[&str]) -> rusqlite::Result<Self> {
        let speaker = first(speaker);
        let summary = json(&speaker)?;
        let SpeakerSummary { name, quotes, .. } = speaker;
        Ok(Self { name, keys: keys.join("\n"), quotes, summary })
    }

    /// Writes the row.
    pub(super) fn write(
        &self,
        connection: &Connection,
        whose: &str,
        named: bool,
    ) -> rusqlite::Result<()> {
        let Self { name, keys, quotes, summary } = self;
        connection
            .prepare_cached(
                "INSERT INTO listed_speakers VALUES (?1, ?2, ?3, ?4, ?5, ?6) \
                 ON CONFLICT (whose, named) DO UPDATE SET name = excluded.name, \
                     keys = excluded.keys, quotes = excluded.quotes, summary = excluded.summary",
            )?
            .execute((whose, named, name, keys, quotes, summary))?;
        Ok(())
    }

    fn speaker(&self) -> serde_json::Result<SpeakerSummary> {
        serde_json::from_str(&self.summary)
    }
}

impl PartialEq for Listed {
    fn eq(&self, other: &Self) -> bool {
        (&self.name, &self.keys, self.quotes) == (&other.name, &other.keys, other.quotes)
            && matches!((self.speaker(), other.speaker()), (Ok(own), Ok(others)) if own == others)
    }
}

fn worked_out(
    connection: &Connection,
    whose: &str,
    named: bool,
) -> rusqlite::Result<Option<Listed>> {
    if !named {
        let speaker = unnamed_summary(connection, whose)?;
        return speaker.map(|speaker| Listed::new(speaker, &[whose])).transpose();
    }
    let Some(speaker) = summary(connection, whose)? else { return Ok(None) };
    let keys: Vec<String> = connection
        .prepare_cached("SELECT key FROM aliases WHERE speaker = ?1 ORDER BY key")?
        .query_map([whose], |row| row.get(0))?
        .collect::<rusqlite::Result<_>>()?;
    let keys: Vec<&str> = keys.iter().map(String::as_str).collect();
    Listed::new(speaker, &keys).map(Some)
}

/// A speaker with the first of its values.
fn first(mut speaker: SpeakerSummary) -> SpeakerSummary {
    for values in
        [&mut speaker.aliases, &mut speaker.roles, &mut speaker.affiliations, &mut speaker.outlets]
    {
        values.truncate(MAX_VALUES);
    }
    if speaker.stated.len() > MAX_STATED {
        let mut by_articles: Vec<(usize, StatedRole)> =
            speaker.stated.into_iter().enumerate().collect();
        by_articles.sort_by_key(|(_, it)| std::cmp::Reverse(it.articles));
        by_articles.truncate(MAX_STATED);
        // In order of the first day, as before.
        by_articles.sort_by_key(|(place, _)| *place);
        speaker.stated = by_articles.into_iter().map(|(_, it)| it).collect();
    }
    speaker
}

/// How the list differs from what the mentions and quotes give; empty where all is well or something is
/// yet to be worked out.
pub(super) fn flaws(connection: &Connection) -> rusqlite::Result<Vec<String>> {
    let late: bool =
        connection
            .query_row("SELECT EXISTS (SELECT 1 FROM unlisted_speakers)", [], |row| row.get(0))?;
    if late {
        return Ok(Vec::new());
    }
    let mut found = Vec::new();
    let mut rest: BTreeMap<(String, bool), Listed> = connection
        .prepare("SELECT * FROM listed_speakers")?
        .query_map([], |row| {
            let listed = Listed {
                name: row.get("name")?,
                keys: row.get("keys")?,
                quotes: row.get("quotes")?,
                summary: row.get("summary")?,
            };
            Ok(((row.get("whose")?, row.get("named")?), listed))
        })?
        .collect::<rusqlite::Result<_>>()?;
    let mut all = connection.prepare(
        "SELECT id, 1 FROM speakers UNION ALL \
         SELECT DISTINCT speaker_key, 0 FROM quotes WHERE anonymous = 1 AND withdrawn = 0 \
             AND speaker_key IS NOT NULL",
    )?;
    let mut rows = all.query([])?;
    while let Some(row) = rows.next()? {
        let (whose, named): (String, bool) = (row.get(0)?, row.get(1)?);
        let kept = rest.remove(&(whose.clone(), named));
        if kept != worked_out(connection, &whose, named)? {
            found.push(format!("the list of speakers doesn't have {whose} as their quotes do"));
        }
    }
    found.extend(
        rest.into_keys()
            .map(|(whose, _)| format!("the list of speakers has {whose}, whom no quote is of")),
    );
    Ok(found)
}
