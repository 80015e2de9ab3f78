//! Mentions: the speakers of each article, made of its quotes.
//!
//! Quotes of an article → its mentions, brought up to date, and the families of names that changed, left
//! to be settled. Refuses to say whose mention it is: `people` does.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use jiff::civil::{Date, date};
use rusqlite::{Connection, Row};

use super::listed;
use super::people::{has_corrections, joined_families};
use super::speakers::Counted;
use super::values::{json, read_json, read_word};
use super::{Store, StoreError};
use crate::domain::hash;
use crate::domain::speaker::{Ground, Likeness, SpeakerKind};
use crate::people::{self, Mention, Stated};

/// Fewest words of a quote that show, where somebody else is quoted with the same, that both are one:
/// "I am very proud of this team" is said by many.
const MIN_WORDS: usize = 8;
/// Most quotes of a mention whose words are kept for that: an interview's first ones do.
const MAX_WORDS: usize = 64;
/// Articles whose mentions are put in one order: few, so that what is read of an article stays near together.
const ARTICLES: usize = 100;
/// Times as many articles whose mentions are written in one transaction.
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
    pub(super) fn counted(&self) -> Counted<'_> {
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
    /// Makes the mentions of the new articles that were left, at the end of a run.
    pub(super) fn gather_speakers(&mut self) -> Result<(), StoreError> {
        self.write_ahead("gather who speaks", GATHERED, ungathered, Gathered::write)
    }
}

/// [`Store::gather_speakers`] in the transaction that is open.
pub(super) fn gather_left(connection: &Connection) -> rusqlite::Result<()> {
    let mut next = ungathered();
    while let Some(gathered) = next(connection)? {
        gathered.write(connection)?;
    }
    Ok(())
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
pub(super) fn mentions_of(
    connection: &Connection,
    article_id: &str,
) -> rusqlite::Result<Vec<Kept>> {
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
pub(super) fn leave_all(connection: &Connection) -> rusqlite::Result<()> {
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
