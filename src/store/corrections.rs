//! What people say of identities: merge, split, undo.
//!
//! A correction → a row that stays, its mentions, and the identities worked out again, in one
//! transaction. Refuses what contradicts a correction in force, and whatever would change nothing.

use std::collections::BTreeSet;

use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension, Row, Transaction, TransactionBehavior};

use super::mentions::{Kept, read_kept};
use super::people::settle;
use super::speakers::identities;
use super::values::{read_word, time};
use super::{Store, StoreError};
use crate::domain::folding::folded;
use crate::domain::record::{Correction, CorrectionKind};

/// How many mentions of each identity a merge remembers, the oldest first: any one of them that is
/// still there is enough.
const ANCHORS: usize = 16;
/// The columns of a [`Correction`].
const CORRECTIONS: &str = "\
    SELECT corrections.*, (SELECT undo.number FROM corrections AS undo \
        WHERE undo.undoes = corrections.number) AS undone_by FROM corrections ";

/// Why a correction was not made.
#[derive(Debug, thiserror::Error)]
pub enum CorrectionError {
    /// The store failed; nothing was changed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// No speaker and no quote has that id.
    #[error("no speaker and no quote has the id {0}: `quotes speakers NAME` prints speakers' ids")]
    Unknown(String),
    /// The id's beginning is that of several.
    #[error("several ids begin with {0}: give more of it")]
    Ambiguous(String),
    /// The quote has no named speaker.
    #[error("quote {0} has no named speaker: there is no identity to correct")]
    Unnamed(String),
    /// Both are one identity.
    #[error("{0} and {1} are one speaker already")]
    One(String, String),
    /// People said before that they are two.
    #[error(
        "correction {0} says that these are two speakers; undo it first: `quotes speakers undo {0}`"
    )]
    Apart(u64),
    /// People said before that they are one.
    #[error(
        "correction {0} says that these are one speaker; undo it first: `quotes speakers undo {0}`"
    )]
    Merged(u64),
    /// A quote to split off is not of that speaker.
    #[error("quote {quote} is not of {name}")]
    NotOf {
        /// The quote's id.
        quote: String,
        /// The speaker's name.
        name: String,
    },
    /// What was to be split off is nothing.
    #[error(
        "no mention of {0} fits: name quotes by id, or choose by --name, --role, --affiliation or \
         --outlet; `quotes speakers show` lists them"
    )]
    Nothing(String),
    /// What was to be split off is everything.
    #[error("every mention of {0} fits, so nothing is left to split it from: choose fewer")]
    Everything(String),
    /// No correction has that number.
    #[error("there is no correction {0}: `quotes speakers corrections` lists them")]
    NoCorrection(u64),
    /// There is nothing to undo.
    #[error("no correction is in force: there is nothing to undo")]
    NothingToUndo,
    /// The correction is undone.
    #[error("correction {number} was undone by {by}; to have it again, make it again")]
    Undone {
        /// The correction.
        number: u64,
        /// The one that undid it.
        by: u64,
    },
    /// An undo.
    #[error("correction {0} is an undo: make the correction that it undid again instead")]
    IsUndo(u64),
    /// The identities did not come out as the correction says.
    #[error("other corrections in force stand against this one: `quotes speakers corrections`")]
    Overruled,
}

/// SQLite's failures on the way, before they know their file.
enum Failure {
    Sql(rusqlite::Error),
    Refused(CorrectionError),
}

impl From<rusqlite::Error> for Failure {
    fn from(cause: rusqlite::Error) -> Self {
        Self::Sql(cause)
    }
}

impl From<CorrectionError> for Failure {
    fn from(cause: CorrectionError) -> Self {
        Self::Refused(cause)
    }
}

/// Which mentions of a speaker to split off: those of the quotes, and those that fit every filter
/// that is given. A filter's words must all stand in it, without regard to accents and case.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Selection {
    /// Ids of quotes, or their beginnings.
    pub quotes: Vec<String>,
    /// Words of the name in the article.
    pub name: Option<String>,
    /// Words of a role stated there.
    pub role: Option<String>,
    /// Words of an affiliation stated there.
    pub affiliation: Option<String>,
    /// Words of the outlet's name.
    pub outlet: Option<String>,
}

impl Selection {
    fn has_filter(&self) -> bool {
        [&self.name, &self.role, &self.affiliation, &self.outlet].iter().any(|it| it.is_some())
    }

    fn fits(&self, kept: &Kept) -> bool {
        fn has(filter: Option<&String>, values: impl Iterator<Item = String>) -> bool {
            let Some(filter) = filter else { return true };
            let words: Vec<String> = filter.split_whitespace().map(folded).collect();
            let mut values = values.map(|value| folded(&value));
            values.any(|value| words.iter().all(|word| value.contains(word.as_str())))
        }
        let stated = &kept.mention.stated;
        has(self.name.as_ref(), [kept.mention.name.clone()].into_iter())
            && has(self.outlet.as_ref(), [kept.mention.outlet.clone()].into_iter())
            && has(self.role.as_ref(), stated.iter().filter_map(|it| it.role.clone()))
            && has(self.affiliation.as_ref(), stated.iter().filter_map(|it| it.affiliation.clone()))
    }
}

impl Store {
    /// Makes one identity of two, each named by its id, by that of any of its mentions or of a quote,
    /// or by the beginning of one. Gives the correction.
    ///
    /// # Errors
    /// [`CorrectionError`]; then nothing is changed.
    pub fn merge_speakers(
        &mut self,
        first: &str,
        second: &str,
        at: Timestamp,
    ) -> Result<Correction, CorrectionError> {
        self.correct(|transaction| {
            let [a, b] = [speaker(transaction, first)?, speaker(transaction, second)?];
            if a.id == b.id {
                return Err(CorrectionError::One(first.to_owned(), second.to_owned()).into());
            }
            if let Some(number) = apart(transaction, &a.id, &b.id)? {
                return Err(CorrectionError::Apart(number).into());
            }
            let sides = [&a, &b].map(|it| it.ids().take(ANCHORS).collect::<Vec<_>>());
            let number = write(transaction, CorrectionKind::Merge, at, &[&a, &b], &sides)?;
            settle(transaction, &families(&[&a, &b]))?;
            let [a, b] =
                [identity_of(transaction, &sides[0])?, identity_of(transaction, &sides[1])?];
            if a.len() != 1 || a != b {
                return Err(CorrectionError::Overruled.into());
            }
            read_correction(transaction, number)
        })
    }

    /// Makes another identity of some mentions of the speaker `id`, named as for
    /// [`Store::merge_speakers`]. Gives the correction.
    ///
    /// # Errors
    /// [`CorrectionError`]; then nothing is changed.
    pub fn split_speaker(
        &mut self,
        id: &str,
        selection: &Selection,
        at: Timestamp,
    ) -> Result<Correction, CorrectionError> {
        self.correct(|transaction| {
            let whole = speaker(transaction, id)?;
            let mut chosen: BTreeSet<String> = BTreeSet::new();
            for quote in &selection.quotes {
                let mention = mention_of_quote(transaction, quote)?
                    .ok_or_else(|| CorrectionError::Unknown(quote.clone()))?;
                if !whole.ids().any(|it| it == mention) {
                    let (quote, name) = (quote.clone(), whole.name.clone());
                    return Err(CorrectionError::NotOf { quote, name }.into());
                }
                chosen.insert(mention);
            }
            if selection.has_filter() {
                let fitting = whole.mentions.iter().filter(|kept| selection.fits(kept));
                chosen.extend(fitting.map(|kept| kept.mention.id.clone()));
            }
            let (off, rest): (Vec<String>, Vec<String>) =
                whole.ids().partition(|it| chosen.contains(it));
            if off.is_empty() {
                return Err(CorrectionError::Nothing(whole.name).into());
            }
            if rest.is_empty() {
                return Err(CorrectionError::Everything(whole.name).into());
            }
            if let Some(number) = merged(transaction, &off, &rest)? {
                return Err(CorrectionError::Merged(number).into());
            }
            let sides = [off, rest];
            let parts = [whole.part(&sides[0]), whole.part(&sides[1])];
            let number =
                write(transaction, CorrectionKind::Split, at, &[&parts[0], &parts[1]], &sides)?;
            settle(transaction, &families(&[&whole]))?;
            let [off, rest] =
                [identity_of(transaction, &sides[0])?, identity_of(transaction, &sides[1])?];
            if off.len() != 1 || !off.is_disjoint(&rest) {
                return Err(CorrectionError::Overruled.into());
            }
            read_correction(transaction, number)
        })
    }

    /// Undoes the correction `number`, or the last that is in force. Gives the new correction.
    ///
    /// # Errors
    /// [`CorrectionError`]; then nothing is changed.
    pub fn undo_correction(
        &mut self,
        number: Option<u64>,
        at: Timestamp,
    ) -> Result<Correction, CorrectionError> {
        self.correct(|transaction| {
            let last = || -> Result<u64, Failure> {
                let last: Option<u64> = transaction.query_row(
                    "SELECT max(number) FROM corrections WHERE kind <> 'undo' AND number NOT IN \
                     (SELECT undoes FROM corrections WHERE undoes IS NOT NULL)",
                    [],
                    |row| row.get(0),
                )?;
                Ok(last.ok_or(CorrectionError::NothingToUndo)?)
            };
            let number = number.map_or_else(last, Ok)?;
            let Some(correction) = find(transaction, number)? else {
                return Err(CorrectionError::NoCorrection(number).into());
            };
            if correction.kind == CorrectionKind::Undo {
                return Err(CorrectionError::IsUndo(number).into());
            }
            if let Some(by) = correction.undone_by {
                return Err(CorrectionError::Undone { number, by }.into());
            }
            let mut families: BTreeSet<String> = BTreeSet::new();
            let mut statement = transaction.prepare(
                "SELECT DISTINCT family FROM corrected_mentions \
                 JOIN mentions ON mentions.id = mention WHERE correction = ?1",
            )?;
            for family in statement.query_map([number], |row| row.get(0))? {
                families.insert(family?);
            }
            transaction.execute(
                "INSERT INTO corrections (at, kind, undoes) VALUES (?1, 'undo', ?2)",
                (time(at), number),
            )?;
            let undo = u64::try_from(transaction.last_insert_rowid()).unwrap_or(0);
            settle(transaction, &families)?;
            read_correction(transaction, undo)
        })
    }

    /// Every correction, oldest first.
    ///
    /// # Errors
    /// [`StoreError`] if the store can't be read.
    pub fn corrections(&self) -> Result<Vec<Correction>, StoreError> {
        self.read("list the corrections", |connection| {
            connection
                .prepare_cached(&format!("{CORRECTIONS} ORDER BY number"))?
                .query_map([], read)?
                .collect()
        })
    }

    /// Runs `body` in one transaction: all of it is kept, or nothing where it refuses.
    fn correct(
        &mut self,
        body: impl FnOnce(&Transaction<'_>) -> Result<Correction, Failure>,
    ) -> Result<Correction, CorrectionError> {
        let path = &self.path;
        let made = self
            .connection
            .transaction_with_behavior(TransactionBehavior::Immediate)
            .map_err(Failure::from)
            .and_then(|transaction| {
                let correction = body(&transaction)?;
                transaction.commit()?;
                Ok(correction)
            });
        made.map_err(|failure| match failure {
            Failure::Refused(refused) => refused,
            Failure::Sql(cause) => StoreError::of(path, "correct a speaker", cause).into(),
        })
    }
}

/// The corrections in force that name a mention of the speaker.
pub(super) fn in_force(connection: &Connection, id: &str) -> rusqlite::Result<Vec<Correction>> {
    let corrections: Vec<Correction> = connection
        .prepare_cached(&format!(
            "{CORRECTIONS} WHERE number IN (SELECT correction FROM corrected_mentions \
                 JOIN mentions ON mentions.id = mention WHERE speaker = ?1) ORDER BY number"
        ))?
        .query_map([id], read)?
        .collect::<rusqlite::Result<_>>()?;
    Ok(corrections.into_iter().filter(|it| it.undone_by.is_none()).collect())
}

/// An identity with its mentions, oldest first.
struct Whole {
    id: String,
    name: String,
    mentions: Vec<Kept>,
}

impl Whole {
    fn ids(&self) -> impl Iterator<Item = String> {
        self.mentions.iter().map(|kept| kept.mention.id.clone())
    }

    /// Some of its mentions, named by the first of them.
    fn part(&self, ids: &[String]) -> Self {
        let mentions: Vec<Kept> =
            self.mentions.iter().filter(|kept| ids.contains(&kept.mention.id)).cloned().collect();
        let first = mentions.first();
        Self {
            id: first.map(|kept| kept.mention.id.clone()).unwrap_or_default(),
            name: first.map(|kept| kept.mention.name.clone()).unwrap_or_default(),
            mentions,
        }
    }
}

/// Whom an id, or the beginning of one, stands for.
fn speaker(connection: &Connection, reference: &str) -> Result<Whole, Failure> {
    let reference = reference.trim().to_lowercase();
    let found = if reference.is_empty() { Vec::new() } else { identities(connection, &reference)? };
    let id = match found.as_slice() {
        [only] => only.clone(),
        [] => match mention_of_quote(connection, &reference)? {
            Some(mention) => identities(connection, &mention)?
                .pop()
                .ok_or(CorrectionError::Unknown(reference))?,
            None => return Err(CorrectionError::Unknown(reference).into()),
        },
        _ => return Err(CorrectionError::Ambiguous(reference).into()),
    };
    let name =
        connection.query_row("SELECT name FROM speakers WHERE id = ?1", [&id], |row| row.get(0))?;
    let mentions = connection
        .prepare_cached("SELECT * FROM mentions WHERE speaker = ?1 ORDER BY day IS NULL, day, id")?
        .query_map([&id], read_kept)?
        .collect::<rusqlite::Result<_>>()?;
    Ok(Whole { id, name, mentions })
}

/// The mention that the quote is of; none if there is no such quote, or it came with a run that goes on.
fn mention_of_quote(connection: &Connection, quote: &str) -> Result<Option<String>, Failure> {
    let quote = quote.trim().to_lowercase();
    if quote.is_empty() {
        return Ok(None);
    }
    let found: Vec<(String, Option<String>, bool)> = connection
        .prepare_cached(
            "SELECT quotes.id, mentions.id, \
                 quotes.article IN (SELECT article FROM ungathered) FROM quotes LEFT JOIN mentions \
                 ON mentions.article = quotes.article AND mentions.key = quotes.speaker_key \
                 AND NOT quotes.anonymous \
             WHERE quotes.id >= ?1 AND quotes.id < ?2 LIMIT 2",
        )?
        .query_map((&quote, format!("{quote}g")), |row| {
            Ok((row.get(0)?, row.get(1)?, row.get(2)?))
        })?
        .collect::<rusqlite::Result<_>>()?;
    match found.as_slice() {
        [] | [(_, None, true)] => Ok(None),
        [(_, Some(mention), _)] => Ok(Some(mention.clone())),
        [(id, None, false)] => Err(CorrectionError::Unnamed(id.clone()).into()),
        _ => Err(CorrectionError::Ambiguous(quote).into()),
    }
}

fn families(speakers: &[&Whole]) -> BTreeSet<String> {
    speakers.iter().flat_map(|it| &it.mentions).map(|kept| kept.family.clone()).collect()
}

/// The split in force that has mentions of the two on different sides.
fn apart(connection: &Connection, a: &str, b: &str) -> rusqlite::Result<Option<u64>> {
    connection
        .prepare_cached(
            "SELECT here.correction FROM mentions AS one \
             JOIN corrected_mentions AS here ON here.mention = one.id \
             JOIN corrections ON number = here.correction AND corrections.kind = 'split' \
             JOIN corrected_mentions AS there ON there.correction = number \
                 AND there.side <> here.side \
             JOIN mentions AS other ON other.id = there.mention AND other.speaker = ?2 \
             WHERE one.speaker = ?1 AND number NOT IN \
                 (SELECT undoes FROM corrections WHERE undoes IS NOT NULL) LIMIT 1",
        )?
        .query_row((a, b), |row| row.get(0))
        .optional()
}

/// The merge in force that has `off` on one side and `rest` on the other.
fn merged(
    connection: &Connection,
    off: &[String],
    rest: &[String],
) -> rusqlite::Result<Option<u64>> {
    let off: BTreeSet<&String> = off.iter().collect();
    let rest: BTreeSet<&String> = rest.iter().collect();
    let mut statement = connection.prepare_cached(
        "SELECT number, side, mention FROM corrections JOIN corrected_mentions \
             ON correction = number \
         WHERE kind = 'merge' AND number NOT IN \
             (SELECT undoes FROM corrections WHERE undoes IS NOT NULL) \
             AND number IN (SELECT correction FROM corrected_mentions WHERE mention = ?1)",
    )?;
    for mention in &off {
        let rows: Vec<(u64, u8, String)> = statement
            .query_map([mention], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?
            .collect::<rusqlite::Result<_>>()?;
        for (number, side, _) in rows.iter().filter(|(_, _, it)| it == *mention) {
            let other = |row: &&(u64, u8, String)| row.0 == *number && row.1 != *side;
            if rows.iter().filter(other).any(|(_, _, it)| rest.contains(it)) {
                return Ok(Some(*number));
            }
        }
    }
    Ok(None)
}

fn write(
    connection: &Connection,
    kind: CorrectionKind,
    at: Timestamp,
    named: &[&Whole; 2],
    sides: &[Vec<String>; 2],
) -> rusqlite::Result<u64> {
    let [first, second] = named;
    connection.execute(
        "INSERT INTO corrections (at, kind, first_id, first_name, second_id, second_name) \
         VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
        (time(at), kind.as_str(), &first.id, &first.name, &second.id, &second.name),
    )?;
    let number = u64::try_from(connection.last_insert_rowid()).unwrap_or(0);
    let mut insert =
        connection.prepare_cached("INSERT INTO corrected_mentions VALUES (?1, ?2, ?3, ?4)")?;
    for (side, mentions) in sides.iter().enumerate() {
        for (position, mention) in mentions.iter().enumerate() {
            insert.execute((number, side, position, mention))?;
        }
    }
    Ok(number)
}

/// The identities of mentions.
fn identity_of(
    connection: &Connection,
    mentions: &[String],
) -> rusqlite::Result<BTreeSet<Option<String>>> {
    let mut statement = connection.prepare_cached("SELECT speaker FROM mentions WHERE id = ?1")?;
    mentions.iter().map(|id| statement.query_row([id], |row| row.get(0))).collect()
}

fn find(connection: &Connection, number: u64) -> rusqlite::Result<Option<Correction>> {
    connection
        .prepare_cached(&format!("{CORRECTIONS} WHERE number = ?1"))?
        .query_row([number], read)
        .optional()
}

fn read_correction(connection: &Connection, number: u64) -> Result<Correction, Failure> {
    Ok(find(connection, number)?.ok_or(CorrectionError::NoCorrection(number))?)
}

fn read(row: &Row<'_>) -> rusqlite::Result<Correction> {
    let side = |id: &str, name: &str| -> rusqlite::Result<Option<(String, String)>> {
        Ok(row.get::<_, Option<String>>(id)?.zip(row.get(name)?))
    };
    Ok(Correction {
        number: row.get("number")?,
        at: row.get("at")?,
        kind: read_word(row, "kind")?,
        undoes: row.get("undoes")?,
        undone_by: row.get("undone_by")?,
        sides: side("first_id", "first_name")?
            .zip(side("second_id", "second_name")?)
            .map(|(first, second)| [first, second]),
    })
}
