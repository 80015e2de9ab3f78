//! The beginning of a word, in any of some fields.
//!
//! All words that begin so, of all fields → the set of quotes that have one of them, put together once.
//! Tantivy makes a set for each field and walks through them together, which is left to it where a quote
//! fits the better the more fields have it.

use std::ops::Bound;

use tantivy::query::{
    BitSetDocSet, ConstScorer, EnableScoring, Explanation, InvertedIndexRangeQuery, Query, Scorer,
    Weight,
};
use tantivy::schema::{Field, IndexRecordOption};
use tantivy::{BitSet, DocId, Score, SegmentReader, TantivyError, Term};

use super::matching::{Part, any};

/// Words of some fields that begin with a text.
#[derive(Debug, Clone)]
pub(super) struct Beginning {
    fields: Vec<Field>,
    text: String,
    /// Behind all that begins so.
    end: String,
}

impl Beginning {
    /// Of words that begin with `text`, in one of `fields` or more.
    pub(super) fn of(text: &str, fields: Vec<Field>) -> Self {
        Self { fields, text: text.to_owned(), end: format!("{text}{}", char::MAX) }
    }

    /// Each field by itself: every one that has such a word adds to how well a quote fits.
    fn apart(&self) -> Part {
        let bound = |field: Field, text: &str| Term::from_field_text(field, text);
        let fields = self.fields.iter().map(|field| -> Part {
            Box::new(InvertedIndexRangeQuery::new(
                Bound::Included(bound(*field, &self.text)),
                Bound::Excluded(bound(*field, &self.end)),
            ))
        });
        any(fields.collect())
    }

    /// Which quotes of the segment have such a word.
    fn set(&self, segment: &SegmentReader) -> tantivy::Result<BitSet> {
        let mut set = BitSet::with_max_value(segment.max_doc());
        for field in &self.fields {
            let lists = segment.inverted_index(*field)?;
            let from = |text: &str| lists.terms().range().ge(text).without_keys().into_stream();
            // The first word behind them, by its number: none has to be spelt to be held against it.
            let mut behind = from(&self.end)?;
            let end = behind.advance().then(|| behind.term_ord());
            let mut words = from(&self.text)?;
            while words.advance() && end.is_none_or(|end| words.term_ord() < end) {
                let option = IndexRecordOption::Basic;
                let mut quotes = lists.read_block_postings_from_terminfo(words.value(), option)?;
                while !quotes.docs().is_empty() {
                    for quote in quotes.docs() {
                        set.insert(*quote);
                    }
                    quotes.advance();
                }
            }
        }
        Ok(set)
    }
}

impl Query for Beginning {
    fn weight(&self, scoring: EnableScoring<'_>) -> tantivy::Result<Box<dyn Weight>> {
        match scoring {
            EnableScoring::Enabled { .. } => self.apart().weight(scoring),
            EnableScoring::Disabled { .. } => Ok(Box::new(self.clone())),
        }
    }
}

impl Weight for Beginning {
    fn scorer(&self, segment: &SegmentReader, boost: Score) -> tantivy::Result<Box<dyn Scorer>> {
        Ok(Box::new(ConstScorer::new(BitSetDocSet::from(self.set(segment)?), boost)))
    }

    fn explain(&self, segment: &SegmentReader, doc: DocId) -> tantivy::Result<Explanation> {
        match self.set(segment)?.contains(doc) {
            true => Ok(Explanation::new("a word begins so", 1.0)),
            false => Err(TantivyError::InvalidArgument(format!("quote {doc} has no such word"))),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use tantivy::collector::{Count, DocSetCollector};
    use tantivy::query::{BooleanQuery, TermQuery};
    use tantivy::{Index, TantivyDocument};

    use super::super::schema::{fields, schema};
    use super::super::words::register;
    use super::*;

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(24))]

        #[test]
        fn a_set_for_all_fields_has_what_a_walk_through_each_finds(
            quotes in prop::collection::vec(("([abc]{1,3} ){0,4}", "([abc]{1,3} ){0,2}"), 1..300),
            text in "[abcd]{1,2}",
        ) {
            let index = Index::create_in_ram(schema());
            register(&index);
            let fields = fields();
            let mut writer = index.writer_with_num_threads(1, 15_000_000).unwrap();
            for (words, role) in &quotes {
                let mut quote = TantivyDocument::default();
                quote.add_text(fields.exact, words);
                quote.add_text(fields.role, role);
                writer.add_document(quote).unwrap();
            }
            writer.commit().unwrap();
            let searcher = index.reader().unwrap().searcher();
            let beginning = Beginning::of(&text, vec![fields.exact, fields.role]);
            let begins = |of: &str| of.split(' ').any(|word| word.starts_with(&text));
            let has = |(words, role): &&(String, String)| begins(words) || begins(role);

            let found = searcher.search(&beginning, &DocSetCollector).unwrap();
            prop_assert_eq!(found.len(), quotes.iter().filter(has).count());
            prop_assert_eq!(&found, &searcher.search(&*beginning.apart(), &DocSetCollector).unwrap());
            let a = Term::from_field_text(fields.exact, "a");
            let beside = BooleanQuery::intersection(vec![
                Box::new(beginning.clone()),
                Box::new(TermQuery::new(a, IndexRecordOption::Basic)),
            ]);
            let has_a = |(words, _): &&(String, String)| words.split(' ').any(|word| word == "a");
            let both = quotes.iter().filter(has).filter(has_a).count();
            prop_assert_eq!(searcher.search(&beside, &Count).unwrap(), both);
        }
    }
}
