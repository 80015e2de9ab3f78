//! One word as the index has it: a stem in each language, of which a quote has one at most.
//!
//! Terms that no quote shares → their quotes, one term after the other. How many there are stands in the
//! index, and the best are found without looking at all. Gives quotes in their order only where they are
//! held against other parts of a query.

use tantivy::query::{
    Bm25StatisticsProvider, BooleanQuery, EnableScoring, Explanation, Query, Scorer, TermQuery,
    Weight,
};
use tantivy::schema::Field;
use tantivy::{DocId, Score, Searcher, SeekDangerResult, SegmentReader, Term};

use super::matching::Part;

/// Any of some terms of one field, no two of which a quote has; each with how many quotes have it, gone ones
/// too.
#[derive(Debug, Clone)]
pub(super) struct Word(Vec<(TermQuery, u64)>);

impl Word {
    /// Of `stems`, the terms of a word; `None` if one of them is no term.
    pub(super) fn of(stems: &[Part], searcher: &Searcher) -> tantivy::Result<Option<Self>> {
        let mut terms = Vec::with_capacity(stems.len());
        for stem in stems {
            let Some(term) = stem.downcast_ref::<TermQuery>() else { return Ok(None) };
            terms.push((term.clone(), searcher.doc_freq(term.term())?));
        }
        Ok(if terms.is_empty() { None } else { Some(Self(terms)) })
    }

    /// How many quotes have it, gone ones too.
    pub(super) fn quotes(&self) -> u64 {
        self.0.iter().map(|(_, quotes)| quotes).sum()
    }

    /// How many words the field has in a quote on average.
    pub(super) fn mean_length(&self, searcher: &Searcher) -> tantivy::Result<Score> {
        let Some((term, _)) = self.0.first() else { return Ok(1.0) };
        let words = searcher.total_num_tokens(term.term().field())?;
        Ok(mean(words, searcher.total_num_docs()?))
    }

    /// What the greatest score that a block of the segment is noted with has to be multiplied by, so that no
    /// quote of the block has more, where the mean length is `of_all`. A block is noted with the length and
    /// the frequency that come to most with the segment's mean length. With another mean a score,
    /// `f / (f + k)`, changes at most as `k` does, and so by no more than the means differ; that may lower the
    /// noted one and raise another.
    pub(super) fn slack(&self, segment: &SegmentReader, of_all: Score) -> tantivy::Result<Score> {
        /// What rounding adds.
        const ROUNDING: Score = 1.000_01;
        let Some((term, _)) = self.0.first() else { return Ok(1.0) };
        let words = segment.inverted_index(term.term().field())?.total_num_tokens();
        let here = mean(words, u64::from(segment.max_doc()));
        let apart = (here / of_all).max(of_all / here);
        Ok(apart * apart * ROUNDING)
    }
}

fn mean(words: u64, quotes: u64) -> Score {
    words.max(1) as Score / quotes.max(1) as Score
}

/// What is known of a word beside what is known of all: nothing of it is looked up again.
struct Known<'a> {
    word: &'a Word,
    of_all: &'a dyn Bm25StatisticsProvider,
}

impl Bm25StatisticsProvider for Known<'_> {
    fn total_num_tokens(&self, field: Field) -> tantivy::Result<u64> {
        self.of_all.total_num_tokens(field)
    }

    fn total_num_docs(&self) -> tantivy::Result<u64> {
        self.of_all.total_num_docs()
    }

    fn doc_freq(&self, term: &Term) -> tantivy::Result<u64> {
        let known = self.word.0.iter().find(|(known, _)| known.term() == term);
        known.map_or_else(|| self.of_all.doc_freq(term), |(_, quotes)| Ok(*quotes))
    }
}

impl Query for Word {
    fn weight(&self, scoring: EnableScoring<'_>) -> tantivy::Result<Box<dyn Weight>> {
        match scoring {
            EnableScoring::Enabled { searcher, statistics_provider: of_all } => {
                let known = Known { word: self, of_all };
                self.weighed(EnableScoring::enabled_from_statistics_provider(&known, searcher))
            }
            EnableScoring::Disabled { .. } => self.weighed(scoring),
        }
    }

    fn query_terms<'a>(&'a self, visitor: &mut dyn FnMut(&'a Term, bool)) {
        self.0.iter().for_each(|(term, _)| term.query_terms(visitor));
    }
}

impl Word {
    fn weighed(&self, scoring: EnableScoring<'_>) -> tantivy::Result<Box<dyn Weight>> {
        let terms = || self.0.iter().map(|(term, _)| term);
        let each = terms().map(|term| term.weight(scoring)).collect::<tantivy::Result<_>>()?;
        let together = match &*self.0 {
            [(term, _)] => term.weight(scoring)?,
            _ => {
                let parts = terms().map(|term| Box::new(term.clone()) as Part);
                BooleanQuery::union(parts.collect()).weight(scoring)?
            }
        };
        Ok(Box::new(WordWeight { each, together }))
    }
}

struct WordWeight {
    each: Vec<Box<dyn Weight>>,
    together: Box<dyn Weight>,
}

impl Weight for WordWeight {
    fn scorer(&self, segment: &SegmentReader, boost: Score) -> tantivy::Result<Box<dyn Scorer>> {
        self.together.scorer(segment, boost)
    }

    fn scorer_danger(
        &self,
        segment: &SegmentReader,
        target: DocId,
        boost: Score,
    ) -> tantivy::Result<(SeekDangerResult, Box<dyn Scorer>)> {
        self.together.scorer_danger(segment, target, boost)
    }

    fn explain(&self, segment: &SegmentReader, doc: DocId) -> tantivy::Result<Explanation> {
        self.together.explain(segment, doc)
    }

    fn count(&self, segment: &SegmentReader) -> tantivy::Result<u32> {
        self.each.iter().map(|term| term.count(segment)).sum()
    }

    fn for_each(
        &self,
        segment: &SegmentReader,
        take: &mut dyn FnMut(DocId, Score),
    ) -> tantivy::Result<()> {
        self.each.iter().try_for_each(|term| term.for_each(segment, take))
    }

    fn for_each_no_score(
        &self,
        segment: &SegmentReader,
        take: &mut dyn FnMut(&[DocId]),
    ) -> tantivy::Result<()> {
        self.each.iter().try_for_each(|term| term.for_each_no_score(segment, take))
    }

    fn for_each_pruning(
        &self,
        threshold: Score,
        segment: &SegmentReader,
        take: &mut dyn FnMut(DocId, Score) -> Score,
    ) -> tantivy::Result<()> {
        let mut threshold = threshold;
        for term in &self.each {
            term.for_each_pruning(threshold, segment, &mut |doc, score| {
                threshold = take(doc, score);
                threshold
            })?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use tantivy::query::QueryClone as _;
    use tantivy::schema::IndexRecordOption;
    use tantivy::{DateTime, Index, TantivyDocument};

    use super::super::first::{AllColumns, By, First};
    use super::super::schema::{fields, schema};
    use super::super::words::register;
    use super::*;

    /// A quote: in which language, how many times it has the word, words beside, when it was published.
    type Made = (bool, usize, usize, i64);

    fn quotes(words: std::ops::Range<usize>) -> impl Strategy<Value = Vec<Made>> {
        prop::collection::vec((any::<bool>(), 0..4_usize, words, 0..9_i64), 1..400)
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(12))]

        #[test]
        fn the_best_quotes_of_a_word_are_those_of_a_walk_over_all(
            short in quotes(0..4),
            long in quotes(0..60),
            limit in 1..150_usize,
            is_gone in any::<bool>(),
        ) {
            let index = Index::create_in_ram(schema());
            register(&index);
            let fields = fields();
            let mut writer = index.writer_with_num_threads(1, 15_000_000).unwrap();
            for part in [short, long] {
                for (number, (left, times, others, date)) in (0..).zip(part) {
                    let mut quote = TantivyDocument::default();
                    let word = if left { "left " } else { "right " };
                    quote.add_text(fields.exact, word.repeat(times) + &"other ".repeat(others));
                    quote.add_date(fields.published, DateTime::from_timestamp_secs(date));
                    quote.add_u64(fields.place, number);
                    quote.add_u64(fields.id, number);
                    quote.add_text(fields.article, if number == 3 { "gone" } else { "there" });
                    writer.add_document(quote).unwrap();
                }
                writer.commit().unwrap();
            }
            if is_gone {
                writer.delete_term(Term::from_field_text(fields.article, "gone"));
                writer.commit().unwrap();
            }
            let searcher = index.reader().unwrap().searcher();
            let columns = AllColumns::new(searcher.segment_readers().len());
            let stems = ["left", "right"].map(|word| {
                let term = Term::from_field_text(fields.exact, word);
                TermQuery::new(term, IndexRecordOption::WithFreqs).box_clone()
            });
            let word = Word::of(&stems, &searcher).unwrap().unwrap();
            let first = || First::of(By::Score, limit, None, &columns);
            let of_word = first().of_word(&searcher, &word).unwrap();
            let best = searcher.search(&word, &of_word).unwrap();
            let walked = searcher.search(&BooleanQuery::union(stems.into()), &first()).unwrap();
            prop_assert_eq!(best, walked);
        }
    }
}
