//! Reading speakers: all of them, by any of their names, one with the evidence.

use std::collections::{BTreeMap, BTreeSet};

use rusqlite::{Connection, OptionalExtension, Row, ToSql};

use super::mentions::{Kept, read_kept};
use super::values::{read_date, read_json, read_word};
use super::{Store, StoreError, corrections};
use crate::domain::date::PageDate;
use crate::domain::folding::folded;
use crate::domain::record::{
    Correction, Distinct, Evidence, SpeakerDetails, SpeakerMention, SpeakerSummary, StatedRole,
};
use crate::domain::speaker::SpeakerKind;
use crate::people::Stated;

/// How many of the identities that share a beginning an error names.
const SHOWN_IDS: usize = 5;
/// The latest mentions of a speaker whose articles are looked through for who else speaks: a head of
/// state has tens of thousands.
pub const BESIDE_IN: usize = 500;

impl Store {
    /// The speakers that have a name with every word of `pattern` in it, without regard to accents
    /// and case; all if there is no pattern. Most quoted first. Unnamed speakers are grouped by their
    /// description.
    ///
    /// # Errors
    /// [`StoreError`] if the store can't be read.
    pub fn speakers(&self, pattern: Option<&str>) -> Result<Vec<SpeakerSummary>, StoreError> {
        let words: Vec<String> =
            pattern.unwrap_or_default().split_whitespace().map(folded).collect();
        let mut speakers = self.read("list the speakers", |connection| {
            let mut speakers = named(connection, &words)?;
            speakers.extend(unnamed(connection, &words)?);
            Ok(speakers)
        })?;
        speakers.sort_by(|a, b| {
            b.quotes
                .cmp(&a.quotes)
                .then_with(|| (&a.name, &a.identity).cmp(&(&b.name, &b.identity)))
        });
        Ok(speakers)
    }

    /// The identity that `id`, or the only one that begins so, stands for: the id of any mention of
    /// the speaker does, so that an id that was printed once is good for ever.
    ///
    /// # Errors
    /// [`StoreError::AmbiguousSpeaker`] if several speakers' ids begin so; [`StoreError`] if the store
    /// can't be read.
    pub fn identity(&self, id: &str) -> Result<Option<String>, StoreError> {
        let id = id.trim().to_lowercase();
        let found = self.read("look a speaker up", |connection| identities(connection, &id))?;
        match found.as_slice() {
            [] => Ok(None),
            [only] => Ok(Some(only.clone())),
            _ => Err(StoreError::AmbiguousSpeaker { prefix: id, ids: found }),
        }
    }

    /// The speaker whose identity is `id`, with the evidence.
    ///
    /// # Errors
    /// [`StoreError`] if the store can't be read.
    pub fn speaker(&self, id: &str) -> Result<Option<SpeakerDetails>, StoreError> {
        self.read("read a speaker", |connection| details(connection, id))
    }

    /// Mentions of the speaker whose identity is `id`, oldest first, `limit` at most behind `offset`.
    ///
    /// # Errors
    /// [`StoreError`] if the store can't be read.
    pub fn mentions(
        &self,
        id: &str,
        offset: usize,
        limit: usize,
    ) -> Result<Vec<SpeakerMention>, StoreError> {
        self.read("read a speaker", |connection| {
            let mut statement = connection.prepare_cached(
                "SELECT mentions.*, url FROM (SELECT id AS mention FROM mentions \
                     WHERE speaker = ?1 ORDER BY day IS NULL, day, id LIMIT ?3 OFFSET ?2) \
                 JOIN mentions ON mentions.id = mention JOIN articles ON articles.id = article",
            )?;
            let mut rows = statement.query((id, offset, limit))?;
            let mut mentions = Vec::new();
            while let Some(row) = rows.next()? {
                mentions.push(read_mention(connection, row, read_kept(row)?)?);
            }
            Ok(mentions)
        })
    }

    /// How a mention names its speaker, and its outlet.
    ///
    /// # Errors
    /// [`StoreError`] if the store can't be read.
    pub fn mention_in_words(&self, id: &str) -> Result<Option<(String, String)>, StoreError> {
        self.read("read a speaker", |connection| {
            connection
                .prepare_cached("SELECT name, outlet FROM mentions WHERE id = ?1")?
                .query_row([id], |row| Ok((row.get(0)?, row.get(1)?)))
                .optional()
        })
    }

    /// The corrections in force that name a mention of the speaker whose identity is `id`.
    ///
    /// # Errors
    /// [`StoreError`] if the store can't be read.
    pub fn corrections_of(&self, id: &str) -> Result<Vec<Correction>, StoreError> {
        self.read("read a speaker", |connection| corrections::in_force(connection, id))
    }

    /// Who else speaks in the articles of the [`BESIDE_IN`] latest mentions of the speaker whose identity
    /// is `id`: those of most articles first, `limit` at most.
    ///
    /// # Errors
    /// [`StoreError`] if the store can't be read.
    pub fn beside(&self, id: &str, limit: usize) -> Result<Vec<Beside>, StoreError> {
        self.read("read who else speaks", |connection| {
            connection
                .prepare_cached(
                    "SELECT others.speaker, speakers.name, count(DISTINCT others.article) AS articles \
                     FROM (SELECT article FROM mentions WHERE speaker = ?1 \
                         ORDER BY day IS NULL DESC, day DESC, id DESC LIMIT ?3) AS latest \
                     JOIN mentions AS others ON others.article = latest.article \
                     JOIN speakers ON speakers.id = others.speaker \
                     WHERE others.speaker <> ?1 \
                     GROUP BY others.speaker ORDER BY articles DESC, speakers.name LIMIT ?2",
                )?
                .query_map((id, limit, BESIDE_IN), |row| {
                    Ok(Beside {
                        identity: row.get("speaker")?,
                        name: row.get("name")?,
                        articles: row.get("articles")?,
                    })
                })?
                .collect()
        })
    }
}

/// A speaker who is quoted in the same articles as another one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Beside {
    /// The identity.
    pub identity: String,
    /// The name.
    pub name: String,
    /// Number of articles that quote both.
    pub articles: u64,
}

/// The identities of the mentions whose ids begin with `id`.
pub(super) fn identities(connection: &Connection, id: &str) -> rusqlite::Result<Vec<String>> {
    // Ids are hexadecimal, so those that begin so are from `id` to `id` and a `g`.
    connection
        .prepare_cached(
            "SELECT DISTINCT speaker FROM mentions WHERE id >= ?1 AND id < ?2 \
             AND speaker IS NOT NULL ORDER BY speaker LIMIT ?3",
        )?
        .query_map((id, format!("{id}g"), SHOWN_IDS), |row| row.get(0))?
        .collect()
}

/// What is counted about one speaker.
#[derive(Debug, Default)]
pub(super) struct Tally {
    names: BTreeMap<String, u64>,
    roles: BTreeMap<String, u64>,
    affiliations: BTreeMap<String, u64>,
    outlets: BTreeMap<String, u64>,
    stated: BTreeMap<(Option<String>, Option<String>, String), Days>,
    days: Days,
    quotes: u64,
}

/// The first and the last of some days, and of how many articles.
#[derive(Debug, Default, Clone)]
struct Days {
    first: Option<PageDate>,
    last: Option<PageDate>,
    articles: u64,
}

impl Days {
    fn add(&mut self, first: Option<&PageDate>, last: Option<&PageDate>) {
        self.articles += 1;
        // Days compare as text does.
        if let Some(day) = first
            && self.first.as_ref().is_none_or(|first| day.as_str() < first.as_str())
        {
            self.first = Some(day.clone());
        }
        if let Some(day) = last
            && self.last.as_ref().is_none_or(|last| day.as_str() > last.as_str())
        {
            self.last = Some(day.clone());
        }
    }
}

/// What is counted of a mention.
#[derive(Debug)]
pub(super) struct Counted<'a> {
    pub(super) name: &'a str,
    pub(super) outlet: &'a str,
    pub(super) day: Option<&'a str>,
    pub(super) quotes: u64,
    pub(super) stated: &'a [Stated],
}

impl Tally {
    pub(super) fn add(&mut self, mention: &Counted<'_>) {
        let Counted { name, outlet, quotes, stated, .. } = *mention;
        let day = mention.day.and_then(PageDate::parse);
        self.quotes += quotes;
        self.days.add(day.as_ref(), day.as_ref());
        *self.names.entry(name.to_owned()).or_default() += quotes;
        *self.outlets.entry(outlet.to_owned()).or_default() += quotes;
        let (mut roles, mut affiliations) = (BTreeSet::new(), BTreeSet::new());
        for Stated { role, affiliation } in stated {
            roles.extend(role);
            affiliations.extend(affiliation);
            let key = (role.clone(), affiliation.clone(), outlet.to_owned());
            self.stated.entry(key).or_default().add(day.as_ref(), day.as_ref());
        }
        for (counts, values) in [(&mut self.roles, roles), (&mut self.affiliations, affiliations)] {
            for value in values {
                *counts.entry(value.clone()).or_default() += 1;
            }
        }
    }

    pub(super) fn summary(
        self,
        identity: Option<String>,
        name: String,
        kind: SpeakerKind,
    ) -> SpeakerSummary {
        let mut stated: Vec<StatedRole> = self
            .stated
            .into_iter()
            .map(|((role, affiliation, outlet), days)| StatedRole {
                role,
                affiliation,
                outlet,
                first: days.first,
                last: days.last,
                articles: days.articles,
            })
            .collect();
        let text = |day: &Option<PageDate>| day.as_ref().map(|day| day.as_str().to_owned());
        stated.sort_by_cached_key(|it| (text(&it.first), text(&it.last)));
        SpeakerSummary {
            distinct: Distinct {
                aliases: self.names.len(),
                roles: self.roles.len(),
                affiliations: self.affiliations.len(),
                stated: stated.len(),
                outlets: self.outlets.len(),
            },
            anonymous: identity.is_none(),
            told: identity.is_some(),
            identity,
            name,
            aliases: by_count(self.names),
            kind,
            roles: by_count(self.roles),
            affiliations: by_count(self.affiliations),
            stated,
            outlets: by_count(self.outlets),
            articles: self.days.articles,
            quotes: self.quotes,
            first: self.days.first,
            last: self.days.last,
        }
    }
}

fn by_count(counts: BTreeMap<String, u64>) -> Vec<String> {
    let mut counts: Vec<(String, u64)> = counts.into_iter().collect();
    counts.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
    counts.into_iter().map(|(value, _)| value).collect()
}

/// The named speakers that have a name with all of `words`.
fn named(connection: &Connection, words: &[String]) -> rusqlite::Result<Vec<SpeakerSummary>> {
    let mut found: BTreeSet<String> = BTreeSet::new();
    if !words.is_empty() {
        let mut statement = connection.prepare_cached("SELECT speaker, key FROM aliases")?;
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            let key = row.get_ref("key")?.as_str()?;
            if words.iter().all(|word| key.contains(word.as_str())) {
                found.insert(row.get("speaker")?);
            }
        }
    }
    const SPEAKERS: &str = "SELECT id, name AS fullest, kind AS of_kind, told FROM speakers";
    let read = |row: &Row<'_>| -> rusqlite::Result<(String, String, SpeakerKind, bool)> {
        Ok((row.get("id")?, row.get("fullest")?, read_word(row, "of_kind")?, row.get("told")?))
    };
    let mut speakers: Vec<(String, String, SpeakerKind, bool)> = Vec::new();
    if words.is_empty() {
        let mut statement = connection.prepare_cached(&format!("{SPEAKERS} ORDER BY id"))?;
        for row in statement.query_map([], read)? {
            speakers.push(row?);
        }
    } else {
        let mut statement = connection.prepare_cached(&format!("{SPEAKERS} WHERE id = ?1"))?;
        for id in &found {
            for row in statement.query_map([id], read)? {
                speakers.push(row?);
            }
        }
    }
    speakers
        .into_iter()
        .map(|(id, name, kind, told)| {
            Ok(SpeakerSummary { told, ..tallied(connection, &id)?.summary(Some(id), name, kind) })
        })
        .collect()
}

/// What the mentions of an identity come to.
fn tallied(connection: &Connection, id: &str) -> rusqlite::Result<Tally> {
    let mut tally = Tally::default();
    let mut statement = connection.prepare_cached(
        "SELECT name, outlet, day, quotes, stated FROM mentions WHERE speaker = ?1",
    )?;
    let mut rows = statement.query([id])?;
    while let Some(row) = rows.next()? {
        tally.add(&Counted {
            name: row.get_ref("name")?.as_str()?,
            outlet: row.get_ref("outlet")?.as_str()?,
            day: row.get_ref("day")?.as_str_or_null()?,
            quotes: row.get("quotes")?,
            stated: &read_json::<Vec<Stated>>(row, "stated")?,
        });
    }
    Ok(tally)
}

/// The speaker of an identity, with everything that is counted.
pub(super) fn summary(
    connection: &Connection,
    id: &str,
) -> rusqlite::Result<Option<SpeakerSummary>> {
    let mut statement =
        connection.prepare_cached("SELECT name, kind, told FROM speakers WHERE id = ?1")?;
    let mut rows = statement.query([id])?;
    let Some(row) = rows.next()? else { return Ok(None) };
    let (name, kind, told) = (row.get("name")?, read_word(row, "kind")?, row.get("told")?);
    let tally = tallied(connection, id)?;
    Ok(Some(SpeakerSummary { told, ..tally.summary(Some(id.to_owned()), name, kind) }))
}

/// The unnamed speakers whose description has all of `words`, one for each description.
fn unnamed(connection: &Connection, words: &[String]) -> rusqlite::Result<Vec<SpeakerSummary>> {
    let groups = described(connection, "", &[])?.into_iter();
    Ok(groups
        .filter(|(key, _)| words.iter().all(|word| key.contains(word.as_str())))
        .map(|(_, summary)| summary)
        .collect())
}

/// The unnamed speaker whose folded description is `key`.
pub(super) fn unnamed_summary(
    connection: &Connection,
    key: &str,
) -> rusqlite::Result<Option<SpeakerSummary>> {
    Ok(described(connection, "AND speaker_key = ?1", &[&key])?.into_values().next())
}

/// The unnamed speakers that fit the `condition`, by their folded description.
fn described(
    connection: &Connection,
    condition: &str,
    parameters: &[&dyn ToSql],
) -> rusqlite::Result<BTreeMap<String, SpeakerSummary>> {
    let mut statement = connection.prepare_cached(&format!(
        "SELECT speaker_key, speaker, speaker_kind, role, affiliation, outlet, \
             count(*) AS quotes, count(DISTINCT quotes.article) AS articles, \
             min(substr(published, 1, 10)) AS first, max(substr(published, 1, 10)) AS last \
         FROM quotes INDEXED BY quotes_unnamed \
         JOIN versions ON versions.article = quotes.article \
             AND versions.version = quotes.version \
         WHERE anonymous = 1 AND withdrawn = 0 AND speaker_key IS NOT NULL {condition} \
         GROUP BY speaker_key, speaker, speaker_kind, role, affiliation, outlet"
    ))?;
    let mut rows = statement.query(parameters)?;
    let mut groups: BTreeMap<String, (SpeakerKind, Tally)> = BTreeMap::new();
    while let Some(row) = rows.next()? {
        let key: String = row.get("speaker_key")?;
        let kind: SpeakerKind = read_word(row, "speaker_kind")?;
        let (_, tally) = groups.entry(key).or_insert_with(|| (kind, Tally::default()));
        let (quotes, articles): (u64, u64) = (row.get("quotes")?, row.get("articles")?);
        tally.quotes += quotes;
        let (first, last) = (read_date(row, "first")?, read_date(row, "last")?);
        tally.days.add(first.as_ref(), last.as_ref());
        tally.days.articles += articles.saturating_sub(1);
        for (counts, column) in [
            (&mut tally.names, "speaker"),
            (&mut tally.roles, "role"),
            (&mut tally.affiliations, "affiliation"),
            (&mut tally.outlets, "outlet"),
        ] {
            if let Some(value) = row.get::<_, Option<String>>(column)? {
                *counts.entry(value).or_default() += quotes;
            }
        }
    }
    Ok(groups
        .into_iter()
        .map(|(key, (kind, tally))| {
            let summary = tally.summary(None, String::new(), kind);
            let name = summary.aliases.first().cloned().unwrap_or_default();
            (key, SpeakerSummary { name, ..summary })
        })
        .collect())
}

/// The speaker of an identity, with every mention.
fn details(connection: &Connection, id: &str) -> rusqlite::Result<Option<SpeakerDetails>> {
    let Some(summary) = summary(connection, id)? else { return Ok(None) };
    let mut mentions = Vec::new();
    let mut statement = connection.prepare_cached(
        "SELECT mentions.*, url FROM mentions JOIN articles ON articles.id = article \
         WHERE speaker = ?1 ORDER BY day IS NULL, day, mentions.id",
    )?;
    let mut rows = statement.query([id])?;
    while let Some(row) = rows.next()? {
        mentions.push(read_mention(connection, row, read_kept(row)?)?);
    }
    let corrections = corrections::in_force(connection, id)?;
    Ok(Some(SpeakerDetails { summary, mentions, corrections }))
}

/// A mention with the ids of its quotes, of a row that has the article's `url` too.
fn read_mention(
    connection: &Connection,
    row: &Row<'_>,
    kept: Kept,
) -> rusqlite::Result<SpeakerMention> {
    Ok(SpeakerMention {
        quotes: quotes_of(connection, &kept)?,
        evidence: kept.evidence(),
        id: kept.mention.id,
        name: kept.mention.name,
        article: kept.article,
        url: row.get("url")?,
        outlet: kept.mention.outlet,
        day: kept.day.as_deref().and_then(PageDate::parse),
        stated: kept.mention.stated.into_iter().map(|it| (it.role, it.affiliation)).collect(),
    })
}

/// The ids of the quotes of a mention.
fn quotes_of(connection: &Connection, kept: &Kept) -> rusqlite::Result<Vec<String>> {
    connection
        .prepare_cached(
            "SELECT id FROM quotes WHERE article = ?1 AND speaker_key = ?2 AND anonymous = 0 \
             AND withdrawn = 0 ORDER BY version DESC, position",
        )?
        .query_map((&kept.article, &kept.key), |row| row.get(0))?
        .collect()
}

impl Kept {
    fn evidence(&self) -> Option<Evidence> {
        self.tie.as_ref().map(|tie| Evidence {
            mention: tie.to.clone(),
            names: tie.names,
            ground: tie.ground,
            detail: tie.detail.clone(),
        })
    }
}
