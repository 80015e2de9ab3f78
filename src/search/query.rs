//! Asking the index: a query with filters → ids of quotes, in order.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use jiff::civil::Date;
use schemars::JsonSchema;
use serde::Serialize;
use tantivy::collector::{Collector, Count};
use tantivy::directory::error::LockError;
use tantivy::query::{AllQuery, EnableScoring, Query as IndexQuery};
use tantivy::{Executor, Index, IndexReader, ReloadPolicy, Searcher, TantivyError};

use super::counts::{self, CountBy, Counts, Marks};
use super::first::{AllColumns, By, First, Found};
use super::held::{Combined, HeldDays, Known, Numbered, Speakers, Values};
use super::highlight::Highlighter;
use super::matching::{Matcher, Origin, Part, together};
use super::names::{self, Sounds};
use super::schema::{Fields, ID, fields};
use super::syntax::{Expression, Form, Place, SyntaxError, parse};
use super::tally::{Dated, Of, Tally, tally};
use super::timeline::{self, Timeline};
use super::unwritable::Unwritable;
use super::word::Word;
use super::words::{plain, words};
use super::{FOLDER, SearchError, open_files, open_index, unreadable};
use crate::domain::article::NoticeKind;
use crate::domain::quote::QuoteKind;

/// Quotes of one of [`Pages`]: each is a walk through all that match.
const PAGE: usize = 10_000;
/// Names that are said to have been put in the place of one that nobody has, at most.
const SHOWN_ALIKE: usize = 5;
/// Words of a query that others are suggested for, at most: each is a walk through all words.
const MAX_SUGGESTIONS: usize = 5;

/// In which order results come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sort {
    /// The best match first; without words to match, the newest.
    Relevance,
    /// By date of publication, newest first.
    Newest,
    /// By date of publication, oldest first.
    Oldest,
}

/// What to look for; every filter that is given must hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Query {
    /// Words, beginnings*, "phrases", "near by"~3, field:words, -exclusions, OR and (groups); without
    /// a field in the quote, its speaker's name, role and affiliation.
    pub text: Option<String>,
    /// Words of any name of the speaker, all of them.
    pub speaker: Option<String>,
    /// The speaker's identity.
    pub identity: Option<String>,
    /// Words of the speaker's role, all of them.
    pub role: Option<String>,
    /// Words of the speaker's affiliation, all of them.
    pub affiliation: Option<String>,
    /// Words of the outlet's name, all of them.
    pub outlet: Option<String>,
    /// How much of the quote stands in quotation marks.
    pub kind: Option<QuoteKind>,
    /// A topic's id.
    pub topic: Option<String>,
    /// First day of publication.
    pub since: Option<Date>,
    /// Last day of publication.
    pub until: Option<Date>,
    /// Only speakers whose name is withheld.
    pub anonymous: bool,
    /// Only quotes that versions of their article differ in.
    pub revised: bool,
    /// Only quotes that the newest version of their article still has.
    pub current: bool,
    /// Only quotes whose article's version has a notice of this kind, or that one explains a change of.
    pub notice: Option<NoticeKind>,
    /// Whether, where nobody is called as asked, names that are written or sound nearly so will do.
    pub alike: bool,
    /// The order.
    pub sort: Sort,
    /// Most results to give.
    pub limit: usize,
    /// How many results to leave out first.
    pub offset: usize,
}

impl Default for Query {
    fn default() -> Self {
        Self {
            text: None,
            speaker: None,
            identity: None,
            role: None,
            affiliation: None,
            outlet: None,
            kind: None,
            topic: None,
            since: None,
            until: None,
            anonymous: false,
            revised: false,
            current: false,
            notice: None,
            alike: false,
            sort: Sort::Relevance,
            limit: 20,
            offset: 0,
        }
    }
}

impl Query {
    /// What finds this query's words in a text.
    ///
    /// # Errors
    /// [`SyntaxError`] if the words can't be read as a query.
    pub fn highlighter(&self) -> Result<Highlighter, SyntaxError> {
        Highlighter::new(self)
    }
}

/// What was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Results {
    /// Quotes that match, shown or not.
    pub total: usize,
    /// The ids of those asked for, in order.
    pub ids: Vec<String>,
    /// Set where nobody is called as asked, and others were found instead.
    pub alike: Option<Alike>,
    /// Names that nobody has and that are too short to look for others like them.
    pub too_short: Vec<String>,
}

/// Speakers found in the place of one that nobody is called.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Alike {
    /// The names asked for.
    pub asked: Vec<String>,
    /// Some of the speakers found, most quoted first.
    pub speakers: Vec<String>,
}

/// A word of a query that the collection doesn't have, and one that it has.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Suggestion {
    /// The word of the query.
    pub word: String,
    /// The word that it may be a slip of.
    pub instead: String,
}

/// An open index, as it was when it was opened.
pub struct Search {
    searcher: Searcher,
    fields: Fields,
    languages: Vec<String>,
    columns: AllColumns,
    /// By what they are counted by; the speakers' by themselves.
    values: [Known<Values>; CountBy::ALL],
    held: [Known<Numbered>; CountBy::ALL],
    speakers: Known<Speakers>,
    days: Known<HeldDays>,
    marks: Known<Marks>,
    combined: Known<[Combined; 2]>,
    whole: Known<Tally>,
    sounds: Known<Sounds>,
    threads: Executor,
    path: PathBuf,
    last_change: u64,
}

/// Threads that go through the index together: an answer comes sooner, for no less work in all.
pub struct Threads(Executor);

impl Threads {
    /// As many as the machine has processors; where the system starts none, who asks goes alone.
    #[must_use]
    pub fn start() -> Self {
        let processors = std::thread::available_parallelism().ok();
        let threads = processors.and_then(|it| Executor::multi_thread(it.get(), "search-").ok());
        Self(threads.unwrap_or_else(Executor::single_thread))
    }
}

/// A query as the index is asked it.
pub(super) struct Asked {
    query: Part,
    /// What it is made of.
    pub(super) parts: Vec<(Origin, Part)>,
    by: By,
    replaced: Vec<String>,
    too_short: Vec<String>,
}

impl Asked {
    /// The word that is all that is asked for, where the best quotes come first.
    pub(super) fn word(&self) -> Option<&Word> {
        self.query.downcast_ref().filter(|_| self.by == By::Score)
    }
}

fn reader(index: &Index) -> tantivy::Result<IndexReader> {
    index.reader_builder().reload_policy(ReloadPolicy::Manual).try_into()
}

impl Search {
    /// The index in the data folder `dir`.
    ///
    /// # Errors
    /// [`SearchError::Missing`], [`SearchError::Outdated`] or [`SearchError::Damaged`]: then it is to
    /// be rebuilt from the store.
    pub fn open(dir: &Path) -> Result<Self, SearchError> {
        let path = dir.join(FOLDER);
        let (index, commit) = open_index(&path)?;
        let (reader, commit) = match reader(&index) {
            // The lock is a file: see `unwritable`.
            Err(TantivyError::LockFailure(LockError::IoError(_), _)) => {
                let (index, commit) = open_files(&path, |files| Unwritable(files).into())?;
                (reader(&index).map_err(|cause| unreadable(&path, &cause))?, commit)
            }
            read => (read.map_err(|cause| unreadable(&path, &cause))?, commit),
        };
        let (searcher, fields) = (reader.searcher(), fields());
        let languages = names::all(&searcher, fields.language);
        let languages = languages.map_err(|cause| unreadable(&path, &cause))?;
        let columns = AllColumns::new(searcher.segment_readers().len());
        Ok(Self {
            searcher,
            fields,
            languages,
            columns,
            values: Default::default(),
            held: Default::default(),
            speakers: Known::default(),
            days: Known::default(),
            marks: Known::default(),
            combined: Known::default(),
            whole: Known::default(),
            sounds: Known::default(),
            threads: Executor::single_thread(),
            path,
            last_change: commit.last_change,
        })
    }

    /// The same, asked by all of `threads` together.
    #[must_use]
    pub fn in_threads(self, threads: &Threads) -> Self {
        Self { threads: threads.0.clone(), ..self }
    }

    /// The store's last change that the index holds.
    #[must_use]
    pub fn last_change(&self) -> u64 {
        self.last_change
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    pub(super) fn searcher(&self) -> &Searcher {
        &self.searcher
    }

    /// Has `collector` see everything that matches.
    pub(super) fn walk<C: Collector>(
        &self,
        query: &dyn IndexQuery,
        collector: &C,
    ) -> tantivy::Result<C::Fruit> {
        let scoring = match collector.requires_scoring() {
            true => EnableScoring::enabled_from_searcher(&self.searcher),
            false => EnableScoring::disabled_from_searcher(&self.searcher),
        };
        self.searcher.search_with_executor(query, collector, &self.threads, scoring)
    }

    pub(super) fn fields(&self) -> &Fields {
        &self.fields
    }

    /// How the words of speakers' names sound.
    pub(super) fn sounds(&self) -> tantivy::Result<&Sounds> {
        self.sounds.of(|| Sounds::of(&self.searcher, self.fields.speaker))
    }

    /// The languages of the collection.
    pub(super) fn languages(&self) -> &[String] {
        &self.languages
    }

    /// The quotes that match `query`. Those that fit equally well come newest first; those of one
    /// moment by article, and in the order of its text.
    ///
    /// # Errors
    /// [`SearchError::Syntax`] and [`SearchError::EmptyFilter`] if the query can't be understood,
    /// [`SearchError::Damaged`] if the index can't be read.
    pub fn run(&self, query: &Query) -> Result<Results, SearchError> {
        let asked = self.understood(query)?;
        let results = || {
            let end = query.offset.saturating_add(query.limit);
            let (total, found) = if end == query.offset {
                (self.walk(&*asked.query, &Count)?, Vec::new())
            } else {
                self.found(&asked, end)?
            };
            self.results(query, &asked, total, found)
        };
        results().map_err(|cause| unreadable(&self.path, &cause))
    }

    /// What a query comes to that matches `total` quotes, the first of which were `found`.
    pub(super) fn results(
        &self,
        query: &Query,
        asked: &Asked,
        total: usize,
        mut found: Vec<Found>,
    ) -> tantivy::Result<Results> {
        found.drain(..query.offset.min(found.len()));
        let alike = if asked.replaced.is_empty() || total == 0 {
            None
        } else {
            let counts = self.counted(asked, CountBy::Speaker, SHOWN_ALIKE + 1)?;
            let speakers = counts.rows.into_iter().filter_map(|row| row.value);
            Some(Alike {
                asked: asked.replaced.clone(),
                speakers: speakers.take(SHOWN_ALIKE).collect(),
            })
        };
        Ok(Results { total, ids: self.ids(&found)?, alike, too_short: asked.too_short.clone() })
    }

    /// The ids that [`Search::run`] gives, some thousands at a time: memory is the same for any number.
    ///
    /// # Errors
    /// As [`Search::run`]; of the iterator [`SearchError::Damaged`].
    pub fn pages(&self, query: &Query) -> Result<Pages<'_>, SearchError> {
        let asked = self.understood(query)?;
        Ok(Pages { search: self, asked, after: None, to_skip: query.offset, left: query.limit })
    }

    /// The ids of everything in the index as numbers, the lowest first. An id that the index has twice
    /// comes twice.
    ///
    /// # Errors
    /// [`SearchError::Damaged`] if the index can't be read.
    pub fn all_ids(&self) -> Result<Vec<u64>, SearchError> {
        let read = || -> tantivy::Result<Vec<u64>> {
            let mut ids = Vec::new();
            for segment in self.searcher.segment_readers() {
                let column = segment.fast_fields().u64(ID)?;
                ids.extend(segment.doc_ids_alive().map(|doc| column.first(doc).unwrap_or(0)));
            }
            ids.sort_unstable();
            Ok(ids)
        };
        read().map_err(|cause| unreadable(&self.path, &cause))
    }

    /// How many of the quotes that match `query` have each speaker, role, outlet, month …; the first
    /// `limit` rows, months all.
    ///
    /// # Errors
    /// As [`Search::run`].
    pub fn count(&self, query: &Query, by: CountBy, limit: usize) -> Result<Counts, SearchError> {
        let asked = self.understood(query)?;
        self.counted(&asked, by, limit).map_err(|cause| unreadable(&self.path, &cause))
    }

    pub(super) fn marks(&self) -> tantivy::Result<&Marks> {
        self.marks.of(|| Marks::of(&self.searcher, &self.fields))
    }

    /// The counts of a query, the first `limit` rows; months are all given.
    fn counted(&self, asked: &Asked, by: CountBy, limit: usize) -> tantivy::Result<Counts> {
        if by == CountBy::Month {
            return Ok(counts::months(&tally(self, &*asked.query, &[], self.dated())?));
        }
        let tally = tally(self, &*asked.query, &[self.of(by)?], Dated::No)?;
        Ok(counts::counts(&tally, 0, self.values(by)?, limit).0)
    }

    /// The different values of what is counted by.
    pub(super) fn values(&self, by: CountBy) -> tantivy::Result<&Values> {
        match by {
            CountBy::Speaker => self.speakers().map(|speakers| &speakers.values),
            by => self.values[by as usize].of(|| Values::of(&self.searcher, by.field())),
        }
    }

    pub(super) fn speakers(&self) -> tantivy::Result<&Speakers> {
        self.speakers.of(|| Speakers::of(&self.searcher, self.fields.identity))
    }

    /// The days of all quotes, held in memory.
    pub(super) fn days(&self) -> tantivy::Result<&HeldDays> {
        self.days.of(|| HeldDays::of(&self.searcher))
    }

    /// Where the values of what is counted by are.
    fn of(&self, by: CountBy) -> tantivy::Result<Of<'_>> {
        match by {
            CountBy::Speaker => self.held(by),
            by => Ok(match self.held[by as usize].known() {
                Some(numbered) => Of::Numbered(numbered),
                None => Of::Field(by.field(), self.values(by)?),
            }),
        }
    }

    /// Where the days are.
    fn dated(&self) -> Dated<'_> {
        self.days.known().map_or(Dated::ByColumn, Dated::Held)
    }

    /// [`Search::of`], held in memory: who asks but once is answered before everything is read.
    pub(super) fn held(&self, by: CountBy) -> tantivy::Result<Of<'_>> {
        self.numbered(by).map(Of::Numbered)
    }

    fn numbered(&self, by: CountBy) -> tantivy::Result<&Numbered> {
        match by {
            CountBy::Speaker => self.speakers().map(|speakers| &speakers.numbered),
            by => {
                let values = self.values(by)?;
                self.held[by as usize].of(|| Numbered::of(&self.searcher, by.field(), values))
            }
        }
    }

    /// Fields that are counted together: speakers with role and affiliation, kinds with marks.
    pub(super) fn combined(&self) -> tantivy::Result<&[Combined; 2]> {
        self.combined.of(|| {
            let numbered = |by| self.numbered(by);
            let speakers = &self.speakers()?.numbered;
            let standings = [speakers, numbered(CountBy::Role)?, numbered(CountBy::Affiliation)?];
            let manners = [numbered(CountBy::Kind)?, self.marks()?.numbered()];
            Ok([Combined::of(&standings), Combined::of(&manners)])
        })
    }

    /// All quotes of the index by these fields, which are always the same.
    pub(super) fn whole(&self, fields: &[Of<'_>]) -> tantivy::Result<&Tally> {
        self.whole.of(|| tally(self, &AllQuery, fields, Dated::No))
    }

    /// How many quotes of the whole index have each value, exactly as it stands; `None` where they have
    /// none.
    ///
    /// # Errors
    /// [`SearchError::Damaged`] if the index can't be read.
    pub fn exact_values(&self, by: CountBy) -> Result<HashMap<Option<String>, u64>, SearchError> {
        counts::exact(self, by.field()).map_err(|cause| unreadable(&self.path, &cause))
    }

    /// The ids of the topics that quotes of the collection were kept for, in alphabetical order.
    ///
    /// # Errors
    /// [`SearchError::Damaged`] if the index can't be read.
    pub fn topics(&self) -> Result<Vec<String>, SearchError> {
        names::all(&self.searcher, self.fields.topic)
            .map_err(|cause| unreadable(&self.path, &cause))
    }

    /// How many of the quotes that match `query` were published when, by the `top` speakers that have
    /// most of them and by all others. The days are those of [`Query::since`] and [`Query::until`].
    ///
    /// # Errors
    /// As [`Search::run`].
    pub fn timeline(&self, query: &Query, top: usize) -> Result<Timeline, SearchError> {
        let asked = self.understood(query)?;
        // Who names a first day wants to see from there on.
        let whole = query.since.is_some();
        let timeline = || -> tantivy::Result<Timeline> {
            let (speakers, days) = (self.speakers()?, self.days()?);
            let fields = [Of::Numbered(&speakers.numbered)];
            let tally = tally(self, &*asked.query, &fields, Dated::Held(days))?;
            let counted = counts::counts(&tally, 0, &speakers.values, timeline::rows(top));
            Ok(timeline::timeline(&tally, &counted, speakers, days, top, whole))
        };
        timeline().map_err(|cause| unreadable(&self.path, &cause))
    }

    /// Words of the collection for those of the query that it doesn't have.
    ///
    /// # Errors
    /// As [`Search::run`].
    pub fn suggestions(&self, query: &Query) -> Result<Vec<Suggestion>, SearchError> {
        let expression = parse(query.text.as_deref().unwrap_or_default())?;
        let Fields { exact, speaker, role, affiliation, outlet, title, .. } = self.fields;
        let anywhere = vec![exact, speaker, role, affiliation];
        let mut asked = Vec::new();
        if let Some(expression) = &expression {
            expression.wanted(&mut |term| {
                let fields = match term.place {
                    None => anywhere.clone(),
                    Some(Place::Speaker) => vec![speaker],
                    Some(Place::Role) => vec![role],
                    Some(Place::Affiliation) => vec![affiliation],
                    Some(Place::Outlet) => vec![outlet],
                    Some(Place::Title) => vec![title],
                    Some(Place::Topic | Place::Kind) => return,
                };
                if term.form != Form::Prefix {
                    asked.push((fields, term.text.as_str()));
                }
            });
        }
        for (field, value) in [
            (speaker, &query.speaker),
            (role, &query.role),
            (affiliation, &query.affiliation),
            (outlet, &query.outlet),
        ] {
            asked.extend(value.as_deref().map(|value| (vec![field], value)));
        }
        let suggested = || -> tantivy::Result<Vec<Suggestion>> {
            let mut suggestions: Vec<Suggestion> = Vec::new();
            let mut looked_up = 0;
            for (fields, text) in asked {
                for word in words(&mut plain(), text) {
                    let known = fields.iter().map(|field| {
                        self.searcher.doc_freq(&tantivy::Term::from_field_text(*field, &word))
                    });
                    if known.sum::<tantivy::Result<u64>>()? > 0 || looked_up == MAX_SUGGESTIONS {
                        continue;
                    }
                    looked_up += 1;
                    let instead = names::nearest(&self.searcher, &fields, &word)?;
                    suggestions.extend(instead.map(|instead| Suggestion { word, instead }));
                }
            }
            Ok(suggestions)
        };
        suggested().map_err(|cause| unreadable(&self.path, &cause))
    }

    pub(super) fn understood(&self, query: &Query) -> Result<Asked, SearchError> {
        let expression = parse(query.text.as_deref().unwrap_or_default())?;
        let by = match query.sort {
            Sort::Relevance if expression.as_ref().is_some_and(has_score) => By::Score,
            Sort::Relevance | Sort::Newest => By::Newest,
            Sort::Oldest => By::Oldest,
        };
        let mut matcher = Matcher::new(self, query.alike);
        let parts = matcher
            .parts(query, expression.as_ref())
            .map_err(|cause| unreadable(&self.path, &cause))??;
        let Matcher { replaced, too_short, .. } = matcher;
        let query = together(parts.iter().map(|(_, part)| part.box_clone()).collect());
        Ok(Asked { query, parts, by, replaced, too_short })
    }

    /// How many quotes match, and the first `limit` of them, one or more.
    pub(super) fn found(
        &self,
        asked: &Asked,
        limit: usize,
    ) -> tantivy::Result<(usize, Vec<Found>)> {
        let first = self.first(asked, limit, None);
        match asked.word() {
            Some(word) => self.walk(word, &first.of_word(&self.searcher, word)?),
            None if asked.query.is::<AllQuery>() => self.walk(&AllQuery, &first.of_all()),
            None => self.walk(&*asked.query, &first),
        }
    }

    /// Collects how many quotes match, and the first `limit` of those behind `after`.
    pub(super) fn first(&self, asked: &Asked, limit: usize, after: Option<Found>) -> First<'_> {
        First::of(asked.by, limit, after, &self.columns)
    }

    /// The ids of the quotes found, in that order.
    fn ids(&self, found: &[Found]) -> tantivy::Result<Vec<String>> {
        let mut ids = Vec::with_capacity(found.len());
        for (_, address) in found {
            let segment = self.searcher.segment_reader(address.segment_ord);
            let columns = self.columns.of(address.segment_ord, segment)?;
            let id = columns.ids.first(address.doc_id);
            ids.extend(id.map(|id| format!("{id:016x}")));
        }
        Ok(ids)
    }
}

/// All that a query finds, a page at a time.
pub struct Pages<'a> {
    search: &'a Search,
    asked: Asked,
    after: Option<Found>,
    to_skip: usize,
    left: usize,
}

impl Pages<'_> {
    /// The next page, without what is to be left out of it.
    fn page(&mut self) -> tantivy::Result<Option<Vec<String>>> {
        let first = self.search.first(&self.asked, PAGE, self.after);
        let (_, mut found) = self.search.walk(&*self.asked.query, &first)?;
        let Some(last) = found.last() else { return Ok(None) };
        self.after = Some(*last);
        let skipped = found.len().min(self.to_skip);
        found.drain(..skipped);
        found.truncate(self.left);
        self.to_skip -= skipped;
        self.left -= found.len();
        Ok(Some(self.search.ids(&found)?))
    }
}

impl Iterator for Pages<'_> {
    type Item = Result<Vec<String>, SearchError>;

    fn next(&mut self) -> Option<Self::Item> {
        while self.left > 0 {
            match self.page() {
                Ok(Some(ids)) if ids.is_empty() => {}
                Ok(ids) => return ids.map(Ok),
                Err(cause) => {
                    self.left = 0;
                    return Some(Err(unreadable(&self.search.path, &cause)));
                }
            }
        }
        None
    }
}

/// Whether some matches of an expression fit better than others.
fn has_score(expression: &Expression) -> bool {
    let mut scored = false;
    expression.wanted(&mut |term| {
        let exact = matches!(term.place, Some(Place::Topic | Place::Kind));
        scored |= term.form != Form::Prefix && !exact;
    });
    scored
}

impl std::fmt::Debug for Search {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Search")
            .field("path", &self.path)
            .field("last_change", &self.last_change)
            .finish_non_exhaustive()
    }
}
