//! Reading quotes: by id, by article, by speaker.
use super::{Store, StoreError};
use crate::domain::record::{Context, QuoteRecord, Revision, SpeakerSummary};

impl Store {
    /// Every quote of an article that was not withdrawn.
    pub fn quotes_of_article(&self, _article_id: &str) -> Result<Vec<QuoteRecord>, StoreError> { todo!() }
    /// The quote whose id begins with `id`.
    pub fn quote(&self, _id: &str) -> Result<Option<QuoteRecord>, StoreError> { todo!() }
    /// The quotes, in the order of `ids`.
    pub fn quotes(&self, _ids: &[String]) -> Result<Vec<QuoteRecord>, StoreError> { todo!() }
    /// The paragraphs a quote stands in.
    pub fn context(&self, _id: &str) -> Result<Option<Context>, StoreError> { todo!() }
    /// Revisions of a quote.
    pub fn revisions(&self, _id: &str) -> Result<Vec<Revision>, StoreError> { todo!() }
    /// Speakers.
    pub fn speakers(&self, _pattern: Option<&str>) -> Result<Vec<SpeakerSummary>, StoreError> { todo!() }
}
