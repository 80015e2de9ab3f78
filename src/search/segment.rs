//! Quotes → a segment of the index.
//!
//! Tantivy's own writer asks its table of words at every word of every field, and lets a list grow for
//! each. Here words are numbers, a field's occurrences stand one behind the other as they come, and are
//! sorted by number when the segment is written; that takes a fraction of the time. Every file is
//! written by Tantivy's own serializers, so that its form is theirs.

use jiff::Timestamp;
use tantivy::columnar::{ColumnType, ColumnarWriter, NumericalValue};
use tantivy::directory::TerminatingWrite;
use tantivy::fieldnorm::{FieldNormReaders, FieldNormsSerializer, FieldNormsWriter};
use tantivy::index::{Segment, SegmentComponent, SegmentMeta};
use tantivy::postings::InvertedIndexSerializer;
use tantivy::schema::{Field, IndexRecordOption, Schema, Type};
use tantivy::store::StoreWriter;
use tantivy::{DateTime, TantivyDocument, i64_to_u64};

use super::schema::{Fields, fields, schema};
use super::terms::Terms;
use super::words::code;
use crate::domain::date::PageDate;
use crate::domain::record::IndexedQuote;

/// About the memory of a term and of a word that it was made of, in bytes.
const TERM: usize = 64;
/// What marks a step of a [`List`] as the place of the next one.
const JUMP: u32 = 1 << 31;

/// A segment that is not written yet.
pub(super) struct Draft {
    schema: Schema,
    fields: Fields,
    /// Those of segments before as well: most texts are made of the same.
    terms: Terms,
    /// By the number of the field.
    lists: Vec<List>,
    lengths: FieldNormsWriter,
    columns: ColumnarWriter,
    /// What the columns take before they have anything, in bytes: some megabytes.
    bare: usize,
    quotes: u32,
}

/// What a field has of all quotes.
#[derive(Default)]
struct List {
    /// The numbers of the terms, each one place behind the one before. Where it is another place, that
    /// stands before it, with [`JUMP`]; the places of values that are found by the whole don't count.
    steps: Vec<u32>,
    /// By quote, where its steps end.
    ends: Vec<u32>,
    /// The place of the next step, in the quote that comes in.
    place: u32,
    /// Where the next text of that quote begins.
    next: u32,
    /// The words that it has so far.
    length: u32,
}

impl List {
    /// Adds a term behind the last.
    fn add(&mut self, term: u32) {
        self.steps.push(term);
        self.place += 1;
        self.length += 1;
    }

    /// Adds the word at `place` of the text that comes in; gives the place behind it.
    fn add_word(&mut self, term: u32, place: u32) -> u32 {
        let place = self.next.saturating_add(place);
        if place != self.place {
            self.place = place.min(!JUMP);
            self.steps.push(self.place | JUMP);
        }
        self.add(term);
        self.place
    }

    /// A text ends before place `end`. Between two of them one place stays free, so that no phrase goes
    /// from one to the other.
    fn end_text(&mut self, end: u32) {
        self.next = end.saturating_add(1);
    }

    /// Ends a quote; gives how many words it has.
    fn end_quote(&mut self) -> u32 {
        // Memory ends long before.
        self.ends.push(u32::try_from(self.steps.len()).unwrap_or(u32::MAX));
        (self.place, self.next) = (0, 0);
        std::mem::take(&mut self.length)
    }

    /// Gives each term with the number of its quote and its place, in their order.
    fn each(&self, mut take: impl FnMut(u32, u32, u32)) {
        let mut begin = 0;
        for (quote, end) in (0..).zip(&self.ends) {
            let end = *end as usize;
            let mut place = 0;
            for step in self.steps.get(begin..end).unwrap_or_default() {
                if step & JUMP == 0 {
                    take(*step, quote, place);
                    place += 1;
                } else {
                    place = step & !JUMP;
                }
            }
            begin = end;
        }
    }

    fn memory(&self) -> usize {
        (self.steps.len() + self.ends.len()) * size_of::<u32>()
    }

    fn clear(&mut self) {
        self.steps.clear();
        self.ends.clear();
    }
}

impl Draft {
    /// A segment without quotes.
    pub(super) fn new() -> Self {
        let schema = schema();
        let lists = schema.fields().map(|_| List::default()).collect();
        let (lengths, columns) = (FieldNormsWriter::for_schema(&schema), columns(&schema));
        let (bare, terms) = (columns.mem_usage(), Terms::new());
        Self { schema, fields: fields(), terms, lists, lengths, columns, bare, quotes: 0 }
    }

    /// Whether there is nothing to be written.
    pub(super) fn is_empty(&self) -> bool {
        self.quotes == 0
    }

    /// About the memory that it takes, in bytes; writing takes half as much again.
    pub(super) fn memory(&self) -> usize {
        let lists: usize = self.lists.iter().map(List::memory).sum();
        let columns = self.columns.mem_usage().saturating_sub(self.bare);
        lists + columns + self.terms.len() * TERM
    }

    /// Adds a quote with the number that is its id.
    pub(super) fn add(&mut self, id: u64, quote: &IndexedQuote) {
        let fields = self.fields;
        let article = &quote.article;
        let language = code(article.language.as_deref());
        self.number(fields.id, id);
        self.whole(fields.article, &article.id);
        self.whole(fields.language, language);
        self.text(language, &quote.text, &[(fields.exact, false), (fields.words, true)]);
        if let Some(speaker) = &quote.speaker {
            self.value(fields.speaker_name, &speaker.name);
            self.text(language, &speaker.name, &[(fields.words, true)]);
            for (field, value) in
                [(fields.role, &speaker.role), (fields.affiliation, &speaker.affiliation)]
            {
                if let Some(value) = value {
                    self.value(field, value);
                    self.text(language, value, &[(field, false), (fields.words, true)]);
                }
            }
            let only = quote.aliases.is_empty().then_some(&speaker.name);
            for name in quote.aliases.iter().chain(only) {
                self.text(language, name, &[(fields.speaker, false)]);
            }
            if let Some(identity) = &speaker.identity {
                self.whole(fields.identity, identity);
            }
        }
        self.value(fields.outlet, &article.outlet);
        self.text(language, &article.outlet, &[(fields.outlet, false)]);
        if let Some(title) = &article.title {
            self.text(language, title, &[(fields.title, false)]);
        }
        self.value(fields.kind, quote.kind.as_str());
        self.whole(fields.kind, quote.kind.as_str());
        for topic in &article.topics {
            self.whole(fields.topic, topic);
        }
        let anonymous = quote.speaker.as_ref().is_some_and(|speaker| speaker.anonymous);
        self.flag(fields.anonymous, anonymous);
        self.flag(fields.revised, quote.revised);
        self.flag(fields.current, quote.current);
        for kind in &quote.notice_kinds {
            self.whole(fields.notice, kind.as_str());
        }
        let (at, day) = when(quote);
        let at = DateTime::from_timestamp_secs(at.as_second());
        self.columns.record_datetime(self.quotes, self.schema.get_field_name(fields.published), at);
        self.number(fields.day, day);
        self.term(fields.day, &i64_to_u64(day).to_be_bytes());
        self.number(fields.place, place(quote));
        for ((field, _), list) in self.schema.fields().zip(&mut self.lists) {
            self.lengths.record(self.quotes, field, list.end_quote());
        }
        self.quotes += 1;
    }

    /// A number in the field's column.
    fn number(&mut self, field: Field, value: impl Into<NumericalValue> + Copy) {
        self.columns.record_numerical(self.quotes, self.schema.get_field_name(field), value);
    }

    /// A text in the field's column.
    fn value(&mut self, field: Field, value: &str) {
        self.columns.record_str(self.quotes, self.schema.get_field_name(field), value);
    }

    /// A value that is found by the whole of it.
    fn whole(&mut self, field: Field, value: &str) {
        self.term(field, value.as_bytes());
    }

    fn flag(&mut self, field: Field, value: bool) {
        self.term(field, &u64::from(value).to_be_bytes());
    }

    fn term(&mut self, field: Field, bytes: &[u8]) {
        let number = self.terms.number(bytes);
        if let Some(list) = self.lists.get_mut(field.field_id() as usize) {
            list.add(number);
        }
    }

    /// The words of a text, as they stand or, where that is said, by their stems.
    fn text(&mut self, language: &str, text: &str, into: &[(Field, bool)]) {
        let lists = &mut self.lists;
        let mut ends = [0; 2];
        self.terms.cut(language, text, |place, forms| {
            for ((field, stems), end) in into.iter().zip(&mut ends) {
                if let Some(list) = lists.get_mut(field.field_id() as usize) {
                    *end = list.add_word(if *stems { forms.stem } else { forms.plain }, place);
                }
            }
        });
        for ((field, _), end) in into.iter().zip(ends) {
            if let Some(list) = lists.get_mut(field.field_id() as usize) {
                list.end_text(end.max(list.next));
            }
        }
    }

    /// Writes the files of `segment`, which has none yet, and is empty again. The terms stay for the next
    /// one, unless they take more than `memory` bytes.
    pub(super) fn write(
        &mut self,
        segment: Segment,
        memory: usize,
    ) -> tantivy::Result<SegmentMeta> {
        let segment = segment.with_max_doc(self.quotes);
        let file = segment.open_write(SegmentComponent::FieldNorms)?;
        self.lengths.serialize(FieldNormsSerializer::from_write(file)?, None)?;
        self.write_terms(&segment)?;
        let mut file = segment.open_write(SegmentComponent::FastFields)?;
        self.columns.serialize(self.quotes, None, &mut file)?;
        file.terminate()?;
        self.write_stored(&segment)?;
        self.lists.iter_mut().for_each(List::clear);
        self.lengths = FieldNormsWriter::for_schema(&self.schema);
        (self.columns, self.quotes) = (columns(&self.schema), 0);
        if self.terms.len() * TERM > memory {
            self.terms = Terms::new();
        }
        Ok(segment.meta().clone())
    }

    /// The terms of each field, with the quotes and places of each.
    fn write_terms(&mut self, segment: &Segment) -> tantivy::Result<()> {
        let lengths = FieldNormReaders::open(segment.open_read(SegmentComponent::FieldNorms)?)?;
        let mut files = InvertedIndexSerializer::open(segment)?;
        self.terms.sort();
        let order = self.terms.order();
        // By number, the place of each term in that order.
        let mut ranks = vec![0; order.len()];
        for (rank, number) in (0..).zip(order) {
            if let Some(to) = ranks.get_mut(*number as usize) {
                *to = rank;
            }
        }
        // By rank, where a term's quotes and places end in `found`.
        let (mut ends, mut found) = (Vec::new(), Vec::new());
        let mut steps = Vec::new();
        for ((field, entry), list) in self.schema.fields().zip(&self.lists) {
            let total = sort(list, &ranks, &mut ends, &mut found);
            if total == 0 {
                continue;
            }
            let option =
                entry.field_type().index_record_option().unwrap_or(IndexRecordOption::Basic);
            let mut file = files.new_field(field, total, lengths.get_field(field)?)?;
            let mut begin = 0;
            for (number, end) in order.iter().zip(&ends) {
                let end = *end as usize;
                let of_term = found.get(begin..end).unwrap_or_default();
                begin = end;
                if of_term.is_empty() {
                    continue;
                }
                let by_quote = || of_term.chunk_by(|one: &(u32, u32), other| one.0 == other.0);
                let term = self.terms.text(*number);
                if option.has_freq() {
                    let quotes = u32::try_from(by_quote().count()).unwrap_or(u32::MAX);
                    file.new_term(term, quotes, true)?;
                } else {
                    file.new_term_without_freq(term)?;
                }
                for places in by_quote() {
                    let Some((quote, _)) = places.first() else { continue };
                    steps.clear();
                    if option.has_positions() {
                        let mut last = 0;
                        steps.extend(places.iter().map(|(_, place)| {
                            let step = place - last;
                            last = *place;
                            step
                        }));
                    }
                    let count = u32::try_from(places.len()).unwrap_or(u32::MAX);
                    file.write_doc(*quote, count, &steps);
                }
                file.close_term()?;
            }
            file.close()?;
        }
        files.close()?;
        Ok(())
    }

    /// What the index stores of a quote: nothing. The file is a part of every segment.
    fn write_stored(&self, segment: &Segment) -> tantivy::Result<()> {
        let settings = segment.index().settings();
        let file = segment.open_write(SegmentComponent::Store)?;
        let (compression, block) = (settings.docstore_compression, settings.docstore_blocksize);
        let mut stored = StoreWriter::new(file, compression, block, false)?;
        let nothing = TantivyDocument::default();
        for _ in 0..self.quotes {
            stored.store(&nothing, &self.schema)?;
        }
        stored.close()?;
        Ok(())
    }
}

/// The quotes and places of the terms of `list` → `found`, by the rank of the term, then in their order;
/// and where those of each rank end. Gives how many there are.
fn sort(list: &List, ranks: &[u32], ends: &mut Vec<u32>, found: &mut Vec<(u32, u32)>) -> u64 {
    let rank = |term: u32| ranks.get(term as usize).map_or(0, |rank| *rank as usize);
    ends.clear();
    ends.resize(ranks.len(), 0);
    // Behind the first of those before, so that counting up ends where the next begin.
    let mut total: u32 = 0;
    list.each(|term, _, _| {
        total += 1;
        if let Some(count) = ends.get_mut(rank(term) + 1) {
            *count += 1;
        }
    });
    let mut before = 0;
    for begin in ends.iter_mut() {
        before += *begin;
        *begin = before;
    }
    found.clear();
    found.resize(total as usize, (0, 0));
    list.each(|term, quote, place| {
        let Some(next) = ends.get_mut(rank(term)) else { return };
        if let Some(to) = found.get_mut(*next as usize) {
            *to = (quote, place);
        }
        *next += 1;
    });
    u64::from(total)
}

/// A column for every field that has one, whether quotes have values or not.
fn columns(schema: &Schema) -> ColumnarWriter {
    let mut columns = ColumnarWriter::default();
    for (_, entry) in schema.fields().filter(|(_, entry)| entry.is_fast()) {
        let kind = match entry.field_type().value_type() {
            Type::U64 => ColumnType::U64,
            Type::I64 => ColumnType::I64,
            Type::Date => ColumnType::DateTime,
            _ => ColumnType::Str,
        };
        columns.record_column_type(entry.name(), kind, false);
    }
    columns
}

/// What parts quotes of one moment: the article, by the first 48 bits of its id, then the place in
/// it, those that are gone behind those that are there.
fn place(quote: &IndexedQuote) -> u64 {
    const IN_ARTICLE: u32 = 15;
    let article =
        quote.article.id.get(..12).map_or(0, |id| u64::from_str_radix(id, 16).unwrap_or(0));
    let position = u64::try_from(quote.position).unwrap_or(u64::MAX).min((1 << IN_ARTICLE) - 1);
    (article << (IN_ARTICLE + 1)) | (u64::from(!quote.current) << IN_ARTICLE) | position
}

/// The moment and the day that a quote is found by. The day is the one that the page states, in the
/// outlet's own zone: that is the date in print.
fn when(quote: &IndexedQuote) -> (Timestamp, i64) {
    let seen = || quote.first_seen.parse().unwrap_or(Timestamp::UNIX_EPOCH);
    let published = quote.article.published.as_ref();
    let at = published.and_then(PageDate::instant).unwrap_or_else(seen);
    let stated = published.map_or(quote.first_seen.as_str(), PageDate::as_str);
    let digits: String = stated.chars().take(10).filter(char::is_ascii_digit).collect();
    (at, digits.parse().unwrap_or(0))
}

#[cfg(test)]
pub(super) mod tests {
    use std::collections::BTreeMap;
    use std::fs;
    use std::path::Path;
    use std::sync::Arc;

    use tantivy::Index;
    use tantivy::tokenizer::{PreTokenizedString, Token};

    use super::super::words::{register, stemmed, tagged};
    use super::*;
    use crate::domain::article::NoticeKind;
    use crate::domain::quote::QuoteKind;
    use crate::domain::record::IndexedArticle;
    use crate::domain::speaker::{Speaker, SpeakerKind};

    const WORDS: [&str; 12] = [
        "Harbours",
        "of",
        "the",
        "dredging",
        "“Écoles”",
        "U.S.",
        "nouvelles",
        "Öfen",
        "Министры",
        "2026",
        "well-kept,",
        "of",
    ];

    /// Quotes of all shapes; enough that words fill more than one block of a list.
    pub(in crate::search) fn quotes() -> Vec<IndexedQuote> {
        let mut state = 7_u64;
        let mut below = move |end: usize| {
            state = state
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            (state >> 33) as usize % end
        };
        let mut quotes = Vec::new();
        for number in 0..700_usize {
            let mut words: Vec<String> =
                (0..below(30)).map(|_| WORDS[below(WORDS.len())].to_owned()).collect();
            if number % 50 == 0 {
                words.insert(0, "long".repeat(30));
                words.push("end".repeat(40));
            }
            let name = format!("{} Quill", WORDS[below(3)]);
            let speaker = (number % 5 > 0).then(|| Speaker {
                id: "0".to_owned(),
                kind: SpeakerKind::Person,
                role: (number % 3 > 0).then(|| WORDS[below(8)].to_owned()),
                affiliation: (number % 4 > 0).then(|| "Ministry of Öfen".to_owned()),
                anonymous: number % 11 == 0,
                identity: (number % 2 > 0).then(|| format!("id{}", below(9))),
                name: name.clone(),
            });
            let languages = [Some("en"), Some("fr"), Some("ru"), Some("xx"), None];
            quotes.push(IndexedQuote {
                id: format!("{number:016x}"),
                article: Arc::new(IndexedArticle {
                    id: format!("{:032x}", number / 3),
                    title: (number % 7 > 0).then(|| words.join("  ")),
                    outlet: "The Öland Gazette".to_owned(),
                    topics: ["harbours", "schools"][..number % 3 % 2 + number % 2]
                        .iter()
                        .map(|it| (*it).to_owned())
                        .collect(),
                    published: None,
                    language: languages[number / 3 % 5].map(str::to_owned),
                    notice_kinds: Vec::new(),
                }),
                position: number % 3,
                kind: [QuoteKind::Direct, QuoteKind::Indirect][number % 2],
                text: words.join(" "),
                aliases: if number % 6 == 0 {
                    [name, "A. Quill".to_owned()].into()
                } else {
                    Arc::default()
                },
                speaker,
                first_seen: format!("2024-02-{:02}T06:00:00Z", 1 + number % 28),
                revised: number % 13 == 0,
                current: number % 17 > 0,
                notice_kinds: if number % 19 == 0 {
                    vec![NoticeKind::Correction]
                } else {
                    Vec::new()
                },
            });
        }
        quotes
    }

    fn stems(language: &str, text: &str) -> PreTokenizedString {
        let mut analyzer = stemmed(language);
        let mut stream = analyzer.token_stream(text);
        let mut tokens: Vec<Token> = Vec::new();
        while let Some(token) = stream.next() {
            tokens.push(Token { text: tagged(language, &token.text), ..token.clone() });
        }
        PreTokenizedString { text: text.to_owned(), tokens }
    }

    fn document(fields: &Fields, quote: &IndexedQuote) -> TantivyDocument {
        let article = &quote.article;
        let language = code(article.language.as_deref());
        let mut document = TantivyDocument::default();
        document.add_u64(fields.id, u64::from_str_radix(&quote.id, 16).unwrap());
        document.add_text(fields.article, &article.id);
        document.add_text(fields.language, language);
        document.add_text(fields.exact, &quote.text);
        document.add_pre_tokenized_text(fields.words, stems(language, &quote.text));
        if let Some(speaker) = &quote.speaker {
            let (role, affiliation) = (speaker.role.as_ref(), speaker.affiliation.as_ref());
            for (field, value) in [
                (fields.speaker_name, Some(&speaker.name)),
                (fields.role, role),
                (fields.affiliation, affiliation),
            ] {
                let Some(value) = value else { continue };
                document.add_text(field, value);
                document.add_pre_tokenized_text(fields.words, stems(language, value));
            }
            let only = quote.aliases.is_empty().then_some(&speaker.name);
            quote
                .aliases
                .iter()
                .chain(only)
                .for_each(|name| document.add_text(fields.speaker, name));
            speaker.identity.iter().for_each(|id| document.add_text(fields.identity, id));
        }
        document.add_text(fields.outlet, &article.outlet);
        article.title.iter().for_each(|title| document.add_text(fields.title, title));
        document.add_text(fields.kind, quote.kind.as_str());
        article.topics.iter().for_each(|topic| document.add_text(fields.topic, topic));
        let anonymous = quote.speaker.as_ref().is_some_and(|speaker| speaker.anonymous);
        document.add_bool(fields.anonymous, anonymous);
        document.add_bool(fields.revised, quote.revised);
        document.add_bool(fields.current, quote.current);
        quote.notice_kinds.iter().for_each(|kind| document.add_text(fields.notice, kind.as_str()));
        let (at, day) = when(quote);
        document.add_date(fields.published, DateTime::from_timestamp_secs(at.as_second()));
        document.add_i64(fields.day, day);
        document.add_u64(fields.place, place(quote));
        document
    }

    /// The files of an index's one segment, by what they hold.
    fn files(dir: &Path) -> BTreeMap<String, Vec<u8>> {
        let files = fs::read_dir(dir).unwrap().map(|file| file.unwrap().path());
        files
            .filter(|path| !path.file_name().unwrap().to_string_lossy().starts_with(['.', 'm']))
            .map(|path| {
                let extension = path.extension().unwrap().to_string_lossy().into_owned();
                (extension, fs::read(&path).unwrap())
            })
            .collect()
    }

    #[test]
    fn a_segment_is_to_the_byte_what_tantivys_own_writer_makes_of_the_same_quotes() {
        let quotes = quotes();
        let theirs = tempfile::tempdir().unwrap();
        let index = Index::create_in_dir(theirs.path(), schema()).unwrap();
        register(&index);
        let mut writer = index.writer_with_num_threads(1, 15_000_000).unwrap();
        for quote in &quotes {
            writer.add_document(document(&fields(), quote)).unwrap();
        }
        writer.commit().unwrap();

        // The first one of a draft, and one behind others, whose terms may be kept or not.
        let mut draft = Draft::new();
        for (before, memory) in [(0, usize::MAX), (300, usize::MAX), (500, 0)] {
            for quote in quotes.iter().rev().take(before) {
                draft.add(u64::from_str_radix(&quote.id, 16).unwrap(), quote);
            }
            if !draft.is_empty() {
                let elsewhere = Index::create_in_ram(schema());
                draft.write(elsewhere.new_segment(), memory).unwrap();
            }
            let ours = tempfile::tempdir().unwrap();
            let index = Index::create_in_dir(ours.path(), schema()).unwrap();
            for quote in &quotes {
                draft.add(u64::from_str_radix(&quote.id, 16).unwrap(), quote);
            }
            let segment = draft.write(index.new_segment(), memory).unwrap();
            assert_eq!(segment.max_doc(), 700);
            assert!(draft.is_empty());
            // Else the next one would be written as soon as it has a quote.
            assert_eq!(draft.memory(), draft.terms.len() * TERM);

            let (theirs, ours) = (files(theirs.path()), files(ours.path()));
            assert_eq!(theirs.keys().collect::<Vec<_>>(), ours.keys().collect::<Vec<_>>());
            assert_eq!(ours.len(), 6);
            for (kind, file) in &theirs {
                assert!(*file == ours[kind], "the .{kind} files differ behind {before} quotes");
            }
        }
    }
}
