//! One fetched page through the stages: bytes → article → topic → quotes → archive → store.
//!
//! Refuses to keep what is not HTML, holds no article or is on no topic: such a page leaves a visit
//! with the reason.

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};

use jiff::Timestamp;
use url::Url;

use super::PipelineError;
use super::collection::{Write, lock};
use crate::archive::{Archive, Packed, Page};
use crate::article::{self, charset};
use crate::crawl::fetch::FetchedBody;
use crate::crawl::reservations;
use crate::domain::address;
use crate::domain::article::Article;
use crate::domain::crawler::CrawlerSettings;
use crate::domain::feed::Entry;
use crate::domain::quote::Quote;
use crate::domain::rights::Reservation;
use crate::domain::run::{RunCounts, Visit, VisitOutcome};
use crate::domain::topic::TopicDecision;
use crate::domain::upkeep::Keep;
use crate::quote::{self, Document};
use crate::store::{NewVersion, Outcome, Store, StoreError, article_id};
use crate::topic::{Parts, TopicMatcher};

/// Media types that are read as pages; a server that names none is believed to send one.
const PAGE_TYPES: &[&str] =
    &["text/html", "application/xhtml+xml", "text/plain", "application/xml"];

/// Characters looked at to tell text from binary data: what isn't text shows it at once.
const SNIFFED_CHARACTERS: usize = 8 * 1024;
/// One control character in so many makes binary data: compressed data has one in ten, and the
/// strays of careless editors are one in thousands.
const TEXT_PER_CONTROL: usize = 50;

/// Why a page whose publisher reserves text and data mining is left out, and what to do.
const RESERVED: &str = "its publisher reserves text and data mining (TDM Reservation Protocol); \
    with the publisher's leave or a right of your own, set `keep_reserved = true` under [crawler]";

/// What became of a page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum PageOutcome {
    New { quotes: usize },
    Changed { quotes: usize, revisions: usize },
    Unchanged,
    OffTopic,
    Skipped,
    Failed,
}

impl PageOutcome {
    /// Adds the page to the numbers of a run.
    pub(super) fn count(&self, counts: &mut RunCounts) {
        match self {
            Self::New { quotes } => {
                counts.new += 1;
                counts.quotes += *quotes as u64;
            }
            Self::Changed { quotes, .. } => {
                counts.changed += 1;
                counts.quotes += *quotes as u64;
            }
            Self::Unchanged => counts.unchanged += 1,
            Self::OffTopic => counts.off_topic += 1,
            Self::Skipped => counts.skipped += 1,
            Self::Failed => counts.failed += 1,
        }
    }

    /// How the visit ended, if it brought no page.
    pub(super) fn missing(&self) -> Option<VisitOutcome> {
        match self {
            Self::Skipped => Some(VisitOutcome::Skipped),
            Self::Failed => Some(VisitOutcome::Failed),
            _ => None,
        }
    }

    /// In a few words, for progress and logs.
    pub(super) fn in_words(&self, visit: &Visit) -> String {
        match self {
            Self::New { quotes: 1 } => "1 quote".to_owned(),
            Self::New { quotes } => format!("{quotes} quotes"),
            Self::Changed { quotes: 1, revisions } => {
                format!("changed: 1 quote, {revisions} revised")
            }
            Self::Changed { quotes, revisions } => {
                format!("changed: {quotes} quotes, {revisions} revised")
            }
            Self::Unchanged => "unchanged".to_owned(),
            Self::OffTopic => "off topic".to_owned(),
            Self::Skipped => format!("skipped: {}", visit.reason),
            Self::Failed => format!("failed: {}", visit.reason),
        }
    }
}

/// A page to be taken through the stages, with what the feed said of it.
pub(super) struct PageTask {
    /// The headers that it was asked with; `None` if it was read out of the archive.
    pub(super) request: Option<Vec<(String, String)>>,
    /// When it was fetched.
    pub(super) fetched: Timestamp,
    pub(super) entry: Entry,
    /// The outlet, if the watch list knows it; else the page's own word for it, or its host.
    pub(super) outlet: Option<String>,
    pub(super) topics: Vec<Arc<TopicMatcher>>,
    /// Whether the site as a whole reserves the page from text and data mining, if it says so.
    pub(super) reserved: Option<bool>,
    /// Our name towards publishers, and what to do about their reservations.
    pub(super) crawler: CrawlerSettings,
    /// Which pages go into the archive.
    pub(super) keep: Keep,
    /// The visit as far as it is known; this task completes it.
    pub(super) visit: Visit,
}

/// What a page was read to.
pub(super) struct Reading {
    /// What is to be written of it.
    pub(super) write: Arc<Write>,
    /// The [`address::key`] of the article that it is, which was looked up in the collection; `None` if
    /// it is none that would be kept.
    pub(super) article: Option<String>,
}

impl PageTask {
    /// Reads the page. `known` is asked whether its article is kept: the collection by a connection of
    /// its own, so that nobody who reads waits for who writes.
    pub(super) fn read(
        &self,
        body: &FetchedBody,
        known: &Mutex<Store>,
    ) -> Result<Reading, PipelineError> {
        let mut visit = self.visit.clone();
        visit.status = Some(body.status);
        let page_url = address::normalise(&body.final_url);
        visit.final_url = (page_url.as_str() != visit.url).then(|| page_url.to_string());
        let html = html_of(body);
        let head = html.as_deref().unwrap_or_default();
        let reservations =
            reservations::of(&self.crawler.user_agent, self.reserved, &body.headers, head);
        if reservations.contains(&Reservation::TdmReservation) && !self.crawler.keep_reserved {
            visit.end(VisitOutcome::Skipped, format!("{} is not kept: {RESERVED}", body.final_url));
            return Ok(reserved(visit, body.final_url.to_string(), reservations));
        }
        let article = match html.and_then(|html| self.article(&html, &body.final_url)) {
            Ok(article) => article,
            Err(reason) => {
                visit.end(VisitOutcome::Failed, reason);
                return self.not_kept(PageOutcome::Failed, visit, body, &reservations);
            }
        };
        let parts =
            Parts::new(article.title.as_deref(), article.standfirst.as_deref(), &article.text);
        let decisions: Vec<TopicDecision> =
            self.topics.iter().map(|topic| topic.decide(&parts)).collect();
        visit.validators = body.validators.clone();
        let reason = decisions
            .iter()
            .map(|decision| decision.reason.as_str())
            .collect::<Vec<_>>()
            .join("; ");
        // What was kept once is followed, whatever it has become: the change may be what matters.
        let followed = visit.upkeep.kept_since.is_some();
        if !followed && !decisions.iter().any(|decision| decision.matched) {
            visit.end(VisitOutcome::OffTopic, reason);
            return self.not_kept(PageOutcome::OffTopic, visit, body, &reservations);
        }
        visit.end(VisitOutcome::Kept, reason);
        let canonical =
            address::believable_canonical(&body.final_url, article.canonical_url.as_deref());
        let url = canonical.unwrap_or_else(|| page_url.clone());
        let article_key = address::key(&url);
        let url = known_as(&lock(known), url)?;
        let is_view = url != page_url && url.as_str() != visit.url;
        if is_view && is_kept(&lock(known), url.as_str())? {
            // An AMP or print view words things a little differently: taken for a new version, it
            // would look like a change of the article at every crawl.
            visit.reason = format!("another view of {url}");
            let reading = self.not_kept(PageOutcome::Unchanged, visit, body, &reservations)?;
            return Ok(Reading { article: Some(article_key), ..reading });
        }
        let outlet = self
            .outlet
            .clone()
            .or_else(|| article.outlet.clone())
            .or_else(|| url.host_str().map(str::to_owned))
            .unwrap_or_else(|| file_name(&url));
        let key = article_id(url.as_str());
        let quotes = quote::extract(&Document {
            key: &key,
            text: &article.text,
            title: article.title.as_deref(),
            byline: &article.byline,
            outlet: Some(&outlet),
            language: article.language.as_deref(),
        });
        let quotes: Vec<_> = quotes.into_iter().map(Quote::into_owned).collect();
        let packed = self.pack(&mut visit, body, &reservations)?;
        let (fetched_from, fetched) = (body.final_url.to_string(), self.fetched);
        let write: Arc<Write> = Arc::new(move |store, archive| {
            let visit = appended(visit.clone(), packed.as_ref(), archive)?;
            let recorded = store.record_version(&NewVersion {
                url: url.to_string(),
                fetched_from: fetched_from.clone(),
                feed: visit.feed.clone(),
                outlet: outlet.clone(),
                decisions: decisions.clone(),
                article: &article,
                quotes: &quotes,
                fetched,
                snapshot: visit.upkeep.payload.as_ref().map(|payload| payload.snapshot.clone()),
                reservations: reservations.clone(),
                visit: visit.clone(),
            })?;
            let outcome = match recorded.outcome {
                Outcome::New => PageOutcome::New { quotes: recorded.quotes },
                Outcome::Changed => {
                    PageOutcome::Changed { quotes: recorded.quotes, revisions: recorded.revisions }
                }
                Outcome::Unchanged => PageOutcome::Unchanged,
            };
            Ok((outcome, visit))
        });
        Ok(Reading { write, article: Some(article_key) })
    }

    /// The visit to a page that is not kept as an article; the page itself goes into the archive if
    /// that keeps everything.
    fn not_kept(
        &self,
        outcome: PageOutcome,
        mut visit: Visit,
        body: &FetchedBody,
        reservations: &BTreeSet<Reservation>,
    ) -> Result<Reading, PipelineError> {
        let packed = match self.keep {
            Keep::All => self.pack(&mut visit, body, reservations)?,
            _ => None,
        };
        Ok(visited(outcome, visit, packed))
    }

    /// The page's records for the archive, unless it comes from there, or nothing is kept there, or
    /// its publisher wants no copies: the latter two are noted in the visit.
    fn pack(
        &self,
        visit: &mut Visit,
        body: &FetchedBody,
        reservations: &BTreeSet<Reservation>,
    ) -> Result<Option<Packed>, PipelineError> {
        let Some(request) = &self.request else { return Ok(None) };
        if self.keep == Keep::None || reservations.contains(&Reservation::Noarchive) {
            visit.upkeep.payload = None;
            return Ok(None);
        }
        let page = Page {
            url: body.final_url.as_str(),
            fetched: self.fetched,
            request,
            status: body.status,
            headers: &body.headers,
            body: &body.bytes,
        };
        Ok(Some(Packed::page(&page, visit.upkeep.payload.as_ref())?))
    }

    /// The page's article, completed by what the feed says; or why there is none.
    fn article(&self, html: &str, url: &Url) -> Result<Article, String> {
        let mut article =
            article::from_html(html, Some(url)).map_err(|reason| format!("{url}: {reason}"))?;
        article.title = article.title.or_else(|| self.entry.title.clone());
        article.published = article.published.or_else(|| self.entry.published.clone());
        Ok(article)
    }
}

/// Writes a visit to a page at `url` that is not to be kept; where it was before, what its publisher
/// asks now is noted.
fn reserved(visit: Visit, url: String, reservations: BTreeSet<Reservation>) -> Reading {
    let write: Arc<Write> = Arc::new(move |store, _| {
        store.record_visit(&visit)?;
        store.note_reservations(&url, &reservations)?;
        Ok((PageOutcome::Skipped, visit.clone()))
    });
    Reading { write, article: None }
}

/// Writes a visit that brought no article.
fn visited(outcome: PageOutcome, visit: Visit, packed: Option<Packed>) -> Reading {
    let write: Arc<Write> = Arc::new(move |store, archive| {
        let visit = appended(visit.clone(), packed.as_ref(), archive)?;
        store.record_visit(&visit)?;
        Ok((outcome.clone(), visit))
    });
    Reading { write, article: None }
}

/// Writes a visit that brought no page, for the reason that it states.
pub(super) fn unanswered(outcome: PageOutcome, visit: Visit) -> Arc<Write> {
    visited(outcome, visit, None).write
}

/// What the publisher of a page that is as it was asks: what the `headers` of this answer state, and what
/// the `site` reserves unless the page says otherwise, as it is `kept`.
pub(super) fn wishes(
    agent: &str,
    site: Option<bool>,
    headers: &[(String, String)],
    kept: Option<&FetchedBody>,
) -> BTreeSet<Reservation> {
    let html = kept.and_then(|page| html_of(page).ok()).unwrap_or_default();
    let earlier = kept.map_or(&[][..], |page| &page.headers);
    reservations::of(agent, site, &[earlier, headers].concat(), &html)
}

/// Writes a visit to a kept page of which the server says that it is as it was. What its publisher asks
/// beside that is noted; what the page itself asks still holds.
pub(super) fn unchanged(
    visit: Visit,
    packed: Option<Packed>,
    wishes: BTreeSet<Reservation>,
) -> Arc<Write> {
    Arc::new(move |store, archive| {
        if let Some(packed) = &packed {
            archive.append(packed)?;
        }
        store.record_visit(&visit)?;
        if !wishes.is_empty() {
            store.note_also(&visit, &wishes)?;
        }
        Ok((PageOutcome::Unchanged, visit.clone()))
    })
}

/// The visit with the place of its page's payload.
fn appended(
    mut visit: Visit,
    packed: Option<&Packed>,
    archive: &mut Archive,
) -> Result<Visit, PipelineError> {
    if let Some(packed) = packed {
        visit.upkeep.payload = Some(archive.append(packed)?);
    }
    Ok(visit)
}

/// The page's HTML, decoded; or why it is none.
fn html_of(body: &FetchedBody) -> Result<Cow<'_, str>, String> {
    let media_type = body.content_type.as_deref().and_then(|value| value.split(';').next());
    let media_type = media_type.map(|value| value.trim().to_ascii_lowercase());
    if let Some(media_type) = &media_type
        && !PAGE_TYPES.contains(&media_type.as_str())
    {
        return Err(format!("{} is {media_type}, not a web page", body.final_url));
    }
    let (html, _) = charset::decode(&body.bytes, body.content_type.as_deref());
    if is_binary(&html) {
        return Err(format!("{} is binary data, whatever it says it is", body.final_url));
    }
    Ok(html)
}

/// Whether `text` was decoded from an image, an archive or the like that was sent as a page.
fn is_binary(text: &str) -> bool {
    let head = || text.chars().take(SNIFFED_CHARACTERS);
    let controls = head().filter(|c| c.is_ascii_control() && !c.is_ascii_whitespace()).count();
    controls * TEXT_PER_CONTROL > head().count()
}

/// The last part of an address without a host: of a saved page, its file's name. The folders above it
/// are its owner's own affair.
fn file_name(url: &Url) -> String {
    url.path_segments().and_then(Iterator::last).unwrap_or_default().to_owned()
}

/// The address under which the collection has the article at `url`, over http or with `www.` though it
/// may be; `url` itself if it has none.
fn known_as(store: &Store, url: Url) -> Result<Url, StoreError> {
    let known = store.article_at_any(&address::variants(&url))?;
    Ok(known.and_then(|known| Url::parse(&known).ok()).unwrap_or(url))
}

/// Whether the collection has the article of this address from the address itself.
fn is_kept(store: &Store, url: &str) -> Result<bool, StoreError> {
    let visit = store.visit(url)?;
    Ok(visit.is_some_and(|visit| visit.outcome == VisitOutcome::Kept))
}
