//! A page of results in one walk: the first quotes, and all that is counted of those that match.

use std::collections::BTreeMap;
use std::panic::resume_unwind;
use std::thread;

use jiff::civil::Date;

use super::SearchError;
use super::counts::{self, CountBy, Counts, Marked};
use super::matching::{Origin, Part, number, together};
use super::query::{Asked, Query, Results, Search};
use super::sideways::{Matching, Sideways};
use super::tally::{Dated, Of, Tallying, tally};
use super::timeline::{self, Timeline};
use super::unreadable;

/// What the quotes that match a query are counted by, all at once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Overview {
    /// By what was asked for, in that order.
    pub counts: Vec<Counts>,
    /// When they were published.
    pub timeline: Timeline,
    /// How many are marked.
    pub marked: Marked,
}

/// What every walk counts, in the order of its tally.
const COUNTED: [CountBy; 5] =
    [CountBy::Speaker, CountBy::Role, CountBy::Affiliation, CountBy::Outlet, CountBy::Kind];
/// Where a tally has the speakers.
const SPEAKERS: usize = 0;
/// Where a tally has the marks.
const MARKS: usize = COUNTED.len();

impl Search {
    /// [`Search::run`] together with all that the quotes which match are counted by: [`Search::count`] by
    /// each of `by`, [`Search::timeline`] by the `top` speakers, and what is marked. The first `limit`
    /// rows of each, in one walk over the quotes. What a filter chooses among is counted as if that filter
    /// were not set: how many quotes each other choice would find. What is found is known before all is
    /// counted, and given to `meanwhile`.
    ///
    /// # Errors
    /// As [`Search::run`].
    pub fn run_and_count<T>(
        &self,
        query: &Query,
        by: &[CountBy],
        limit: usize,
        top: usize,
        meanwhile: impl FnOnce(&Results) -> T,
    ) -> Result<(Results, Overview, T), SearchError> {
        let asked = self.understood(query)?;
        let overview = self.overview(query, &asked, by, limit, top, meanwhile);
        overview.map_err(|cause| unreadable(self.path(), &cause))
    }

    /// The fields of [`COUNTED`] and the marks, held in memory.
    fn counted_fields(&self) -> tantivy::Result<[Of<'_>; 3]> {
        let [standings, manners] = self.combined()?;
        Ok([Of::Combined(standings), self.held(CountBy::Outlet)?, Of::Combined(manners)])
    }

    /// Has ready what any question may need: the first one would wait for it.
    ///
    /// # Errors
    /// [`SearchError::Damaged`] if the index can't be read.
    pub fn prepare(&self) -> Result<(), SearchError> {
        let ready = || -> tantivy::Result<()> {
            self.sounds()?;
            self.whole(&self.counted_fields()?).map(|_| ())
        };
        ready().map_err(|cause| unreadable(self.path(), &cause))
    }

    fn overview<T>(
        &self,
        query: &Query,
        asked: &Asked,
        by: &[CountBy],
        limit: usize,
        top: usize,
        meanwhile: impl FnOnce(&Results) -> T,
    ) -> tantivy::Result<(Results, Overview, T)> {
        let (speakers, days, marks) = (self.speakers()?, self.days()?, self.marks()?);
        let fields = self.counted_fields()?;
        let day = |date: Option<Date>| date.map(number);
        let range = days.between(day(query.since), day(query.until));
        let is_dated = query.since.is_some() || query.until.is_some();

        let (mut base, mut filters) = apart(&asked.parts);
        // Without its only filter the query finds everything, which is counted once for all.
        let mut whole = None;
        if base.is_empty()
            && filters.len() == 1
            && !is_dated
            && let Some((place, parts)) = filters.pop_first()
        {
            base = parts;
            whole = Some((place, self.whole(&fields)?));
        }
        let places: Vec<usize> = filters.keys().copied().collect();
        let own = places.iter().map(|place| match COUNTED.get(*place) {
            Some(by) => self.held(*by),
            None => Ok(Of::Numbered(marks.numbered())),
        });
        let own = own.collect::<tantivy::Result<Vec<_>>>()?;
        let mut beside = Vec::with_capacity(filters.len());
        for (parts, own) in filters.into_values().zip(&own) {
            let set = self.walk(&*together(parts), &Matching)?;
            let fields = std::slice::from_ref(own);
            beside.push((set, Tallying { fields, dated: Dated::No }));
        }
        let base = together(base);
        let end = query.offset.saturating_add(query.limit);
        let tallying = Tallying { fields: &fields, dated: Dated::Held(days) };
        let ((total, mut found), tallied) = if asked.word().is_some() {
            // Its best quotes are found at once, and all are counted without their scores.
            (self.found(asked, end.max(1))?, None)
        } else {
            let collector = Sideways {
                days: is_dated.then_some((days, range)),
                found: (self.first(asked, end.max(1), None), tallying),
                beside,
            };
            let ((first, tally), besides) = self.walk(&*base, &collector)?;
            (first, Some((tally, besides)))
        };
        found.truncate(end);
        let results = self.results(query, asked, total, found)?;

        let count = || -> tantivy::Result<Overview> {
            let (tally, besides) = match tallied {
                Some(tallied) => tallied,
                None => (tally(self, &*base, &fields, Dated::Held(days))?, vec![]),
            };
            // The tally that has a field, and where.
            let of = |place: usize| match (whole, places.iter().position(|other| *other == place)) {
                (Some((filtered, whole)), _) if filtered == place => (whole, place),
                (_, Some(filter)) => (&besides[filter], 0),
                (_, None) => (&tally, place),
            };
            let most = limit.max(timeline::rows(top));
            let spoken = counts::counts(&tally, SPEAKERS, &speakers.values, most);
            let mut counts = Vec::with_capacity(by.len());
            for by in by {
                counts.push(match COUNTED.iter().position(|other| other == by) {
                    Some(SPEAKERS) if std::ptr::eq(of(SPEAKERS).0, &raw const tally) => {
                        let Counts { total, rows } = &spoken.0;
                        Counts { total: *total, rows: rows.iter().take(limit).cloned().collect() }
                    }
                    Some(place) => {
                        let (tally, place) = of(place);
                        counts::counts(tally, place, self.values(*by)?, limit).0
                    }
                    None => counts::months(&tally),
                });
            }
            let (with_topics, place) = of(MARKS);
            let marked = Marked {
                topics: marks.marked(with_topics, place).topics,
                ..marks.marked(&tally, MARKS)
            };
            // Who names a first day wants to see from there on.
            let from_first = query.since.is_some();
            let timeline = timeline::timeline(&tally, &spoken, speakers, days, top, from_first);
            Ok(Overview { counts, timeline, marked })
        };
        let (overview, read) = thread::scope(|scope| {
            let counting = scope.spawn(count);
            let read = meanwhile(&results);
            (counting.join().unwrap_or_else(|panic| resume_unwind(panic)), read)
        });
        Ok((results, overview?, read))
    }
}

/// The parts that every quote counted must match, and by its place in a tally those of a filter by what is
/// counted. Days are no part: those held in memory are asked.
fn apart(parts: &[(Origin, Part)]) -> (Vec<Part>, BTreeMap<usize, Vec<Part>>) {
    let mut base = Vec::new();
    let mut filters: BTreeMap<usize, Vec<Part>> = BTreeMap::new();
    for (origin, part) in parts {
        let place = match origin {
            Origin::Counted(by) => COUNTED.iter().position(|other| other == by),
            Origin::Topic => Some(MARKS),
            Origin::Days => continue,
            Origin::Other => None,
        };
        match place {
            Some(place) => filters.entry(place).or_default().push(part.box_clone()),
            None => base.push(part.box_clone()),
        }
    }
    (base, filters)
}

#[cfg(test)]
mod tests {
    use super::super::segment::tests::quotes;
    use super::super::{Share, Sort, Threads, Writer};
    use super::*;
    use crate::domain::quote::QuoteKind;

    const BY: [CountBy; 6] = [
        CountBy::Speaker,
        CountBy::Role,
        CountBy::Affiliation,
        CountBy::Outlet,
        CountBy::Kind,
        CountBy::Month,
    ];

    /// The generated quotes in several segments, some of them taken away again.
    fn searched(dir: &std::path::Path) -> Search {
        let mut writer = Writer::rebuild(dir, Share::Little).unwrap();
        for (number, part) in (1..).zip(quotes().chunks(200)) {
            part.iter().for_each(|quote| writer.builders()[0].add(quote).unwrap());
            writer.commit(number).unwrap();
        }
        let gone = ["00000000000000000000000000000005", "00000000000000000000000000000070"];
        writer.replace(gone).unwrap();
        writer.finish(9).unwrap();
        Search::open(dir).unwrap().in_threads(&Threads::start())
    }

    fn queries() -> Vec<Query> {
        let day = |day: i8| Some(Date::constant(2024, 2, day));
        let word = |text: &str| Query { text: Some(text.to_owned()), ..Query::default() };
        let some = |text: &str| Some(text.to_owned());
        let direct = Some(QuoteKind::Direct);
        vec![
            Query::default(),
            word("harbours"),
            word("harbours OR nouvelles -dredging"),
            word("(2026 OR \"of the\") -(kept OR end)"),
            word("dred*"),
            word("nobodysaysthis"),
            Query { kind: direct, ..word("of") },
            Query { kind: direct, speaker: some("quill"), since: day(5), ..word("of") },
            Query { identity: some("id3"), until: day(20), ..Query::default() },
            Query { identity: some("id3"), speaker: some("of"), ..Query::default() },
            Query { topic: some("schools"), role: some("2026"), ..Query::default() },
            Query { topic: some("schools"), revised: true, current: true, ..Query::default() },
            Query { affiliation: some("ofen"), outlet: some("gazette"), ..word("the") },
            Query { outlet: some("elsewhere"), ..word("the") },
            Query { since: day(7), until: day(7), sort: Sort::Oldest, ..Query::default() },
            Query { anonymous: true, sort: Sort::Newest, offset: 3, limit: 4, ..Query::default() },
            Query { speaker: some("harbors"), alike: true, kind: direct, ..Query::default() },
        ]
    }

    #[test]
    fn one_walk_says_what_a_walk_for_each_question_says() {
        let dir = tempfile::tempdir().unwrap();
        let search = searched(dir.path());
        for query in queries() {
            let (results, overview, ()) = search.run_and_count(&query, &BY, 5, 3, |_| ()).unwrap();
            assert_eq!(results, search.run(&query).unwrap(), "{query:?}");
            assert_eq!(overview.timeline, search.timeline(&query, 3).unwrap(), "{query:?}");
            for (by, counts) in BY.into_iter().zip(&overview.counts) {
                let mut others = query.clone();
                match by {
                    CountBy::Speaker => (others.speaker, others.identity) = (None, None),
                    CountBy::Role => others.role = None,
                    CountBy::Affiliation => others.affiliation = None,
                    CountBy::Outlet => others.outlet = None,
                    CountBy::Kind => others.kind = None,
                    CountBy::Month => {}
                }
                assert_eq!(*counts, search.count(&others, by, 5).unwrap(), "{by:?} of {query:?}");
            }
            let total = |query: Query| search.run(&query).unwrap().total as u64;
            let Marked { revised, anonymous, topics } = &overview.marked;
            assert_eq!(*revised, total(Query { revised: true, ..query.clone() }), "{query:?}");
            assert_eq!(*anonymous, total(Query { anonymous: true, ..query.clone() }), "{query:?}");
            for (topic, quotes) in topics {
                let of_topic = Query { topic: Some(topic.clone()), ..query.clone() };
                assert_eq!(*quotes, total(of_topic), "{topic} of {query:?}");
            }
        }
    }

    #[test]
    fn a_timeline_has_every_quote_of_its_speakers() {
        let dir = tempfile::tempdir().unwrap();
        let search = searched(dir.path());
        for query in queries() {
            let timeline = search.timeline(&query, 3).unwrap();
            let all: u64 = timeline.periods.iter().map(|period| period.total()).sum();
            assert_eq!(all + timeline.earlier, search.run(&query).unwrap().total as u64);
            for (number, identity) in timeline.identities.iter().enumerate() {
                let Some(identity) = identity else { continue };
                let theirs = Query { identity: Some(identity.clone()), ..query.clone() };
                if timeline.earlier == 0 && query.identity.is_none() {
                    let drawn: u64 = timeline.periods.iter().map(|it| it.quotes[number]).sum();
                    assert_eq!(drawn, search.run(&theirs).unwrap().total as u64, "{query:?}");
                }
            }
        }
    }
}
