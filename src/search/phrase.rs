//! Words one after the other, where many quotes have them all.
//!
//! Terms of a field → the quotes that have them in a row, with their scores. The two rarest words' quotes are
//! read in blocks, places and all; quotes that have these two in their places are asked for the other words.
//! Tantivy looks each quote up in each list, which is left to it where one word is rare, and beside other
//! parts of a query.

use tantivy::directory::{CompositeFile, FileSlice};
use tantivy::fieldnorm::FieldNormReader;
use tantivy::index::{InvertedIndexReader, SegmentComponent};
use tantivy::positions::PositionReader;
use tantivy::postings::{BlockSegmentPostings, Postings, SegmentPostings, TermInfo};
use tantivy::query::{
    Bm25Weight, EmptyScorer, EnableScoring, Explanation, PhraseQuery, Query, Scorer, Weight,
};
use tantivy::schema::IndexRecordOption;
use tantivy::{DocId, DocSet, Score, SeekDangerResult, SegmentReader, TERMINATED, Term};

/// How many times as many quotes as the rarest word the next one may have: where it has more, most of its
/// blocks can be left out.
const MUCH_RARER: u32 = 8;

/// Quotes of a block, as Tantivy packs them.
const BLOCK: usize = 128;

/// Two or more terms of one field in a row.
#[derive(Debug, Clone)]
pub(super) struct Phrase {
    terms: Vec<Term>,
    looked_up: PhraseQuery,
}

impl Phrase {
    /// Of two or more `terms`, all of one field.
    pub(super) fn of(terms: Vec<Term>) -> Self {
        Self { looked_up: PhraseQuery::new(terms.clone()), terms }
    }
}

impl Query for Phrase {
    fn weight(&self, scoring: EnableScoring<'_>) -> tantivy::Result<Box<dyn Weight>> {
        let fit = match scoring {
            EnableScoring::Enabled { statistics_provider, .. } => {
                Some(Bm25Weight::for_terms(statistics_provider, &self.terms)?)
            }
            EnableScoring::Disabled { .. } => None,
        };
        let looked_up = self.looked_up.weight(scoring)?;
        Ok(Box::new(PhraseWeight { terms: self.terms.clone(), looked_up, fit }))
    }

    fn query_terms<'a>(&'a self, visitor: &mut dyn FnMut(&'a Term, bool)) {
        self.looked_up.query_terms(visitor);
    }
}

struct PhraseWeight {
    terms: Vec<Term>,
    looked_up: Box<dyn Weight>,
    /// How well a quote fits, if that is asked.
    fit: Option<Bm25Weight>,
}

impl PhraseWeight {
    /// What reads the quotes in blocks; `None` where it is better to look them up.
    fn in_blocks(
        &self,
        segment: &SegmentReader,
        boost: Score,
    ) -> tantivy::Result<Option<Box<dyn Scorer>>> {
        let Some(field) = self.terms.first().map(Term::field) else { return Ok(None) };
        let lists = segment.inverted_index(field)?;
        // With its place in the phrase.
        let mut found: Vec<(u32, TermInfo)> = Vec::with_capacity(self.terms.len());
        for (place, term) in (0..).zip(&self.terms) {
            let Some(info) = lists.get_term_info(term)? else {
                return Ok(Some(Box::new(EmptyScorer)));
            };
            found.push((place, info));
        }
        found.sort_by_key(|(_, info)| info.doc_freq);
        let [rarest, next, others @ ..] = &*found else { return Ok(None) };
        if rarest.1.doc_freq.saturating_mul(MUCH_RARER) < next.1.doc_freq {
            return Ok(None);
        }
        let file = CompositeFile::open(&segment.open_read(SegmentComponent::Positions)?)?;
        let Some(places) = file.open_read(field) else { return Ok(None) };
        let others = others.iter().map(|(place, info)| {
            let option = IndexRecordOption::WithFreqsAndPositions;
            let list = lists.read_postings_from_terminfo(info, option)?;
            Ok(Other { list, place: *place })
        });
        let fit = self.fit.as_ref().map(|fit| fit.boost_by(boost));
        let lengths = match &fit {
            Some(_) => segment.fieldnorms_readers().get_field(field)?,
            None => None,
        };
        let mut scorer = PhraseScorer {
            first: List::of(&lists, &places, rarest)?,
            second: List::of(&lists, &places, next)?,
            others: others.collect::<tantivy::Result<_>>()?,
            found: Vec::new(),
            at: 0,
            begins: Vec::new(),
            places: Vec::new(),
            fit,
            lengths: lengths.unwrap_or_else(|| FieldNormReader::constant(segment.max_doc(), 1)),
        };
        scorer.fill();
        Ok(Some(Box::new(scorer)))
    }
}

impl Weight for PhraseWeight {
    fn scorer(&self, segment: &SegmentReader, boost: Score) -> tantivy::Result<Box<dyn Scorer>> {
        match self.in_blocks(segment, boost)? {
            Some(scorer) => Ok(scorer),
            None => self.looked_up.scorer(segment, boost),
        }
    }

    fn scorer_danger(
        &self,
        segment: &SegmentReader,
        target: DocId,
        boost: Score,
    ) -> tantivy::Result<(SeekDangerResult, Box<dyn Scorer>)> {
        self.looked_up.scorer_danger(segment, target, boost)
    }

    fn explain(&self, segment: &SegmentReader, doc: DocId) -> tantivy::Result<Explanation> {
        self.looked_up.explain(segment, doc)
    }
}

/// A word's quotes, a block at a time.
struct List {
    block: BlockSegmentPostings,
    /// The first of the block's quotes that was not yet held against the other list.
    at: usize,
    reader: PositionReader,
    /// How many places the quotes of all blocks before have.
    passed: u64,
    /// Those of the block's quotes, once they are read: in each quote how far each is from the one before.
    places: Vec<u32>,
    /// Where the places of each of the block's quotes begin, and where the last ones end.
    begins: [u32; BLOCK + 1],
    /// The word's place in the phrase.
    place: u32,
}

impl List {
    fn of(
        lists: &InvertedIndexReader,
        places: &FileSlice,
        (place, info): &(u32, TermInfo),
    ) -> tantivy::Result<Self> {
        let option = IndexRecordOption::WithFreqs;
        let bytes = places.read_bytes_slice(info.positions_range.clone())?;
        Ok(Self {
            block: lists.read_block_postings_from_terminfo(info, option)?,
            at: 0,
            reader: PositionReader::open(bytes)?,
            passed: 0,
            places: Vec::new(),
            begins: [0; BLOCK + 1],
            place: *place,
        })
    }

    /// The last quote of the block, if there is one more.
    fn last(&self) -> Option<DocId> {
        self.block.docs().last().copied()
    }

    /// Goes to the next block.
    fn advance(&mut self) {
        self.passed += self.block.freqs().iter().map(|times| u64::from(*times)).sum::<u64>();
        self.block.advance();
        self.at = 0;
        self.places.clear();
    }

    /// Goes to the first block that may have `quote` or a later one.
    fn skip_to(&mut self, quote: DocId) {
        while self.last().is_some_and(|last| last < quote) {
            self.advance();
        }
    }

    /// Reads the places of the block's quotes.
    fn read(&mut self) {
        if !self.places.is_empty() {
            return;
        }
        let mut end = 0;
        for (begin, times) in self.begins[1..].iter_mut().zip(self.block.freqs()) {
            end += times;
            *begin = end;
        }
        self.places.resize(end as usize, 0);
        self.reader.read(self.passed, &mut self.places);
    }

    /// The places of the block's quote of this number.
    fn of_quote(&self, number: u8) -> &[u32] {
        let number = usize::from(number);
        &self.places[self.begins[number] as usize..self.begins[number + 1] as usize]
    }
}

/// A word that is asked for only where the two rarest are in their places.
struct Other {
    list: SegmentPostings,
    place: u32,
}

struct PhraseScorer {
    first: List,
    second: List,
    others: Vec<Other>,
    /// Quotes that have the phrase, and how many times.
    found: Vec<(DocId, u32)>,
    /// Which of them comes next.
    at: usize,
    /// Where the phrase begins in a quote.
    begins: Vec<u32>,
    /// Where another word is in a quote.
    places: Vec<u32>,
    fit: Option<Bm25Weight>,
    lengths: FieldNormReader,
}

impl PhraseScorer {
    /// Finds the next quotes; none at the end.
    fn fill(&mut self) {
        self.found.clear();
        self.at = 0;
        while self.found.is_empty() {
            let (Some(first), Some(second)) = (self.first.last(), self.second.last()) else {
                return;
            };
            let mut both = [(0, 0); BLOCK];
            let both = common(&mut self.first, &mut self.second, &mut both);
            if !both.is_empty() {
                self.first.read();
                self.second.read();
            }
            for (number, other) in both {
                let quote = self.first.block.doc(usize::from(*number));
                let times = self.times(quote, *number, *other);
                if times > 0 {
                    self.found.push((quote, times));
                }
            }
            if first <= second {
                self.first.advance();
            }
            if second <= first {
                self.second.advance();
            }
        }
    }

    /// How many times the phrase is in a quote that has the two rarest words.
    fn times(&mut self, quote: DocId, number: u8, other: u8) -> u32 {
        self.begins.clear();
        let first = (self.first.of_quote(number), self.first.place);
        let second = (self.second.of_quote(other), self.second.place);
        in_place(first, second, &mut self.begins);
        for other in &mut self.others {
            if self.begins.is_empty() {
                return 0;
            }
            if other.list.doc() < quote {
                other.list.seek(quote);
            }
            if other.list.doc() != quote {
                return 0;
            }
            other.list.positions(&mut self.places);
            let place = other.place;
            let places = &self.places;
            self.begins.retain(|begin| places.binary_search(&(begin + place)).is_ok());
        }
        u32::try_from(self.begins.len()).unwrap_or(u32::MAX)
    }
}

/// The numbers in their blocks of the quotes that both lists have, up to the end of one of the blocks.
fn common<'a>(
    first: &mut List,
    second: &mut List,
    both: &'a mut [(u8, u8); BLOCK],
) -> &'a [(u8, u8)] {
    let (ours, theirs) = (first.block.docs(), second.block.docs());
    let (mut our, mut their, mut found) = (first.at, second.at, 0);
    // Without a branch on what is found: which comes first is chance, and a wrong guess costs the most.
    while our < ours.len() && their < theirs.len() {
        let (here, there) = (ours[our], theirs[their]);
        both[found] = (our as u8, their as u8);
        found += usize::from(here == there);
        our += usize::from(here <= there);
        their += usize::from(there <= here);
    }
    (first.at, second.at) = (our, their);
    &both[..found]
}

/// Adds to `begins` where a phrase begins of which two words have these places in a quote, each with its
/// place in the phrase.
fn in_place(first: (&[u32], u32), second: (&[u32], u32), begins: &mut Vec<u32>) {
    let (Some((one, ones)), Some((other, others))) =
        (first.0.split_first(), second.0.split_first())
    else {
        return;
    };
    // Where the phrase would end if the word is in its place: a place before the quote is no number.
    let (mut one, mut other) = (one + second.1, other + first.1);
    let (mut ones, mut others) = (ones.iter(), others.iter());
    loop {
        if one == other {
            begins.extend(one.checked_sub(first.1 + second.1));
        }
        let (here, there) = (one, other);
        if here <= there {
            match ones.next() {
                Some(further) => one += further,
                None => return,
            }
        }
        if there <= here {
            match others.next() {
                Some(further) => other += further,
                None => return,
            }
        }
    }
}

impl DocSet for PhraseScorer {
    fn advance(&mut self) -> DocId {
        self.at += 1;
        if self.at >= self.found.len() {
            self.fill();
        }
        self.doc()
    }

    fn seek(&mut self, target: DocId) -> DocId {
        if self.found.last().is_some_and(|(last, _)| *last < target) {
            self.first.skip_to(target);
            self.second.skip_to(target);
            self.fill();
        }
        while self.doc() < target {
            self.advance();
        }
        self.doc()
    }

    fn doc(&self) -> DocId {
        self.found.get(self.at).map_or(TERMINATED, |(quote, _)| *quote)
    }

    fn size_hint(&self) -> u32 {
        /// As Tantivy estimates it of two words.
        const FEW: u32 = 20;
        self.first.block.doc_freq() / FEW
    }
}

impl Scorer for PhraseScorer {
    fn score(&mut self) -> Score {
        let (Some(fit), Some((quote, times))) = (&self.fit, self.found.get(self.at)) else {
            return 1.0;
        };
        fit.score(self.lengths.fieldnorm_id(*quote), *times)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use tantivy::collector::TopDocs;
    use tantivy::query::{BooleanQuery, TermQuery};
    use tantivy::schema::Field;
    use tantivy::{DocAddress, Index, Searcher, TantivyDocument};

    use super::super::matching::Part;
    use super::super::schema::{fields, schema};
    use super::super::words::register;
    use super::*;

    const WORDS: [&str; 4] = ["of", "the", "sea", "rare"];

    fn found(searcher: &Searcher, query: &dyn Query) -> Vec<(Score, DocAddress)> {
        let mut found =
            searcher.search(query, &TopDocs::with_limit(5_000).order_by_score()).unwrap();
        found.sort_by_key(|(_, quote)| *quote);
        found
    }

    /// The phrase alone and beside other parts of a query.
    fn questions(field: Field, phrase: &dyn Query) -> Vec<Part> {
        let word = |word: &str| -> Part {
            let term = Term::from_field_text(field, word);
            Box::new(TermQuery::new(term, IndexRecordOption::WithFreqs))
        };
        vec![
            phrase.box_clone(),
            Box::new(BooleanQuery::union(vec![phrase.box_clone(), word("rare")])),
            Box::new(BooleanQuery::intersection(vec![phrase.box_clone(), word("sea")])),
        ]
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(24))]

        #[test]
        fn phrases_read_in_blocks_are_those_that_are_looked_up(
            quotes in prop::collection::vec(prop::collection::vec(0..40_usize, 0..9), 1..700),
            phrase in prop::collection::vec(0..4_usize, 2..5),
            step in 1..200_usize,
        ) {
            let index = Index::create_in_ram(schema());
            register(&index);
            let field = fields().exact;
            let mut writer = index.writer_with_num_threads(1, 15_000_000).unwrap();
            for quote in quotes {
                // One word is in few quotes, the others are in most.
                let words = quote.iter().map(|word| WORDS[if *word == 0 { 3 } else { word % 3 }]);
                let mut document = TantivyDocument::default();
                document.add_text(field, words.collect::<Vec<_>>().join(" "));
                writer.add_document(document).unwrap();
            }
            writer.commit().unwrap();
            let searcher = index.reader().unwrap().searcher();
            let terms: Vec<Term> =
                phrase.iter().map(|word| Term::from_field_text(field, WORDS[*word])).collect();
            let ours = questions(field, &Phrase::of(terms.clone()));
            let others = questions(field, &PhraseQuery::new(terms.clone()));
            for (ours, looked_up) in ours.iter().zip(others) {
                prop_assert_eq!(found(&searcher, &**ours), found(&searcher, &*looked_up));
            }

            let found = found(&searcher, &*ours[0]);
            let unscored = EnableScoring::disabled_from_searcher(&searcher);
            let looked_up = PhraseQuery::new(terms.clone()).weight(unscored).unwrap();
            let weight = PhraseWeight { terms, looked_up, fit: None };
            let segment = searcher.segment_reader(0);
            let Some(mut scorer) = weight.in_blocks(segment, 1.0).unwrap() else { return Ok(()) };
            for target in (0..segment.max_doc()).step_by(step) {
                let next = found.iter().map(|(_, quote)| quote.doc_id).find(|doc| *doc >= target);
                if scorer.doc() < target {
                    scorer.seek(target);
                }
                prop_assert_eq!(scorer.doc(), next.unwrap_or(TERMINATED));
            }
        }
    }
}
