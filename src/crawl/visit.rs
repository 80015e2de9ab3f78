//! A polite visit: a URL → what is there, after redirects and repeats.
//!
//! Each hop asks its host's robots.txt and waits for the host's turn; a page that only sends on to
//! another is a hop too. What fails for the moment is tried again. On request it asks what the site
//! reserves (tdmrep.json). Refuses to decide what is worth visiting, and to remember anything beyond
//! the run.

use std::collections::{BTreeMap, HashMap};
use std::hash::{BuildHasher, RandomState};
use std::sync::atomic::AtomicU64;
use std::sync::atomic::Ordering::Relaxed;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use futures::FutureExt;
use futures::future::BoxFuture;
use jiff::Timestamp;
use tokio::sync::{OnceCell, Semaphore};
use tokio::time::timeout;
use url::Url;

use super::fetch::{Answer, FetchError, Fetched, Fetcher, MAX_RETRY_AFTER};
use super::politeness::{MAX_PAUSE, NoTurn, Politeness};
use super::refresh;
use super::robots::{self, Robots, RobotsFile};
use super::stop::Stop;
use super::tdmrep::{self, Rules, TdmFile};
use crate::domain::crawler::CrawlerSettings;
use crate::domain::feed::Validators;

/// Times that a request is repeated. What does not answer three times has lasting trouble.
const REPEATS: u32 = 2;

/// Largest robots.txt that is fetched: far more than is read, so that a long one still counts.
const MAX_ROBOTS_BYTES: u64 = 16 * 1024 * 1024;

/// How long a request may take before others no longer wait for its slot: most answers are whole by
/// then, and a silent host takes many times as long to be given up.
const QUICK: Duration = Duration::from_secs(2);

/// Longest wait for what a site need not have.
const MAX_ASIDE: Duration = Duration::from_secs(10);

/// The crawler's face to all servers. Shared by all tasks of a run by reference.
#[derive(Debug)]
pub struct Visitor {
    fetcher: Fetcher,
    politeness: Arc<Politeness>,
    stop: Stop,
    traffic: Traffic,
    in_flight: Semaphore,
    /// As many again, for requests that take long.
    slow: Semaphore,
    robots: Mutex<HashMap<String, Arc<OnceCell<Known>>>>,
    tdm: Mutex<HashMap<String, Arc<OnceCell<KnownTdm>>>>,
    agent: String,
    delay: Duration,
    time: Duration,
    max_redirects: usize,
}

/// What a visitor asked for and got.
#[derive(Debug, Default)]
pub struct Traffic {
    /// Requests sent, robots.txt and redirects included.
    pub requests: AtomicU64,
    /// Bytes of the bodies that came, after decompression.
    pub bytes: AtomicU64,
}

/// A host's robots.txt.
#[derive(Debug)]
struct Known {
    file: RobotsFile,
    rules: Robots,
    /// Why it could not be read.
    failure: Option<FetchError>,
    /// Fetched by this visitor.
    fresh: bool,
    /// When it is asked for again.
    until: Instant,
}

/// A host's tdmrep.json.
#[derive(Debug)]
struct KnownTdm {
    file: TdmFile,
    rules: Rules,
    /// Fetched by this visitor.
    fresh: bool,
    /// When it is asked for again.
    until: Instant,
}

/// Where what is known of the host `origin` stands, or will; an empty place where that is `until` now.
fn current<T>(
    hosts: &mut HashMap<String, Arc<OnceCell<T>>>,
    origin: String,
    until: impl FnOnce(&T) -> Instant,
) -> Arc<OnceCell<T>> {
    let cell = hosts.entry(origin).or_default();
    if cell.get().is_some_and(|known| until(known) <= Instant::now()) {
        *cell = Arc::default();
    }
    Arc::clone(cell)
}

/// What a request is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Errand {
    /// What was asked for.
    Page,
    /// A robots.txt: the only one that doesn't ask robots.txt first.
    Robots,
    /// A file that a site need not have: asked once, and no trouble with it is held against the host,
    /// but a rest that it asks for is granted.
    Aside,
}

impl Visitor {
    /// A visitor that behaves as `settings` say.
    ///
    /// # Errors
    /// [`FetchError::Client`].
    pub fn new(settings: &CrawlerSettings) -> Result<Self, FetchError> {
        Ok(Self {
            fetcher: Fetcher::new(settings)?,
            politeness: Arc::new(Politeness::new(settings)),
            stop: Stop::never(),
            traffic: Traffic::default(),
            in_flight: slots(settings),
            slow: slots(settings),
            robots: Mutex::default(),
            tdm: Mutex::default(),
            agent: settings.user_agent.clone(),
            delay: settings.per_host_delay,
            time: settings.total_timeout,
            max_redirects: settings.max_redirects,
        })
    }

    /// The visitor with the turns and pauses of `politeness`, which outlive a run.
    #[must_use]
    pub fn with_politeness(self, politeness: Arc<Politeness>) -> Self {
        Self { politeness, ..self }
    }

    /// The visitor that begins no request any more once `stop` is wanted.
    #[must_use]
    pub fn until(self, stop: Stop) -> Self {
        Self { stop, ..self }
    }

    /// What this visitor asked for and got. Its connections are closed, and what they hold is given back.
    #[must_use]
    pub fn into_traffic(self) -> Traffic {
        self.traffic
    }

    /// What `url` gives. Waits for the host's turn, asks robots.txt (once per host and day), follows
    /// redirects, and repeats what fails for the moment. At most `concurrency` requests are in
    /// flight, and as many again that take long. The body has at most `max_bytes`.
    ///
    /// # Errors
    /// Any [`FetchError`] but [`FetchError::Client`].
    pub async fn get(
        &self,
        url: &Url,
        validators: &Validators,
        max_bytes: u64,
    ) -> Result<Fetched, FetchError> {
        self.try_repeatedly(url, validators, max_bytes, Errand::Page).await
    }

    /// Takes over a robots.txt of an earlier run, unless it is too old at `now` to be trusted, or was
    /// asked for already.
    pub fn preload_robots(&self, file: RobotsFile, now: Timestamp) {
        if let Some(left) = file.fresh_for(now) {
            let origin = file.origin.clone();
            let (rules, until) = (file.rules(), Instant::now() + left);
            let known = Known { rules, file, failure: None, fresh: false, until };
            let cell = || Arc::new(OnceCell::new_with(Some(known)));
            self.robots_map().entry(origin).or_insert_with(cell);
        }
    }

    /// Every robots.txt that this visitor fetched, to be kept for the next run.
    #[must_use]
    pub fn fresh_robots(&self) -> Vec<RobotsFile> {
        let cells: Vec<_> = self.robots_map().values().cloned().collect();
        let fresh = cells.iter().filter_map(|cell| cell.get()).filter(|known| known.fresh);
        fresh.map(|known| known.file.clone()).collect()
    }

    /// Keeps `pause` at least between two requests to the host of `url`.
    pub fn pace(&self, url: &Url, pause: Duration) {
        self.politeness.set_crawl_delay(url, pause);
    }

    /// Leaves each of these hosts, by origin, alone until then, as they asked for in earlier runs: for
    /// [`MAX_RETRY_AFTER`] from `now` at most, since a clock that was wrong then must not silence a host
    /// for years.
    pub fn preload_rests(&self, rests: &BTreeMap<String, Timestamp>, now: Timestamp) {
        for (origin, until) in rests {
            let left = Duration::try_from(until.duration_since(now)).unwrap_or_default();
            if let Ok(url) = Url::parse(origin) {
                self.politeness.rest(&url, left.min(MAX_RETRY_AFTER));
            }
        }
    }

    /// The hosts that want to be left alone, as origins, and for how long from now.
    #[must_use]
    pub fn rests(&self) -> Vec<(String, Duration)> {
        self.politeness.rests()
    }

    /// Whether the site of `url` reserves it from text and data mining, by its tdmrep.json, which is
    /// asked for once per host and day; `None` if it doesn't say, or can't be asked.
    pub async fn reserves(&self, url: &Url) -> Option<bool> {
        let origin = url.origin().ascii_serialization();
        let cell = current(&mut lock(&self.tdm), origin, |known| known.until);
        let known = cell.get_or_init(|| self.fetch_tdm(url)).await;
        known.rules.reserves(url)
    }

    /// Takes over a tdmrep.json of an earlier run, unless it is too old at `now` to be trusted, or was
    /// asked for already.
    pub fn preload_tdm(&self, file: TdmFile, now: Timestamp) {
        if let Some(left) = file.fresh_for(now) {
            let origin = file.origin.clone();
            let rules = Rules::parse(&file.body).unwrap_or_default();
            let known = KnownTdm { file, rules, fresh: false, until: Instant::now() + left };
            let cell = || Arc::new(OnceCell::new_with(Some(known)));
            lock(&self.tdm).entry(origin).or_insert_with(cell);
        }
    }

    /// Every tdmrep.json that this visitor fetched, also those that are not there, to be kept for the
    /// next run.
    #[must_use]
    pub fn fresh_tdm(&self) -> Vec<TdmFile> {
        let cells: Vec<_> = lock(&self.tdm).values().cloned().collect();
        let fresh = cells.iter().filter_map(|cell| cell.get()).filter(|known| known.fresh);
        fresh.map(|known| known.file.clone()).collect()
    }

    async fn fetch_tdm(&self, url: &Url) -> KnownTdm {
        let mut file = TdmFile {
            origin: url.origin().ascii_serialization(),
            status: None,
            body: String::new(),
            fetched: Timestamp::now(),
        };
        let mut rules = None;
        if let Ok(place) = url.join(tdmrep::PATH) {
            let none = Validators::default();
            match self.follow(&place, &none, tdmrep::MAX_BYTES, Errand::Aside, 0).await {
                Ok(Fetched::Body(body)) => {
                    file.status = Some(body.status);
                    let text = String::from_utf8_lossy(&body.bytes);
                    rules = Rules::parse(&text);
                    // What is no such file (a front page, mostly) is not worth keeping.
                    file.body = rules.as_ref().map(|_| text.into_owned()).unwrap_or_default();
                }
                Err(FetchError::Status { status, .. }) => file.status = Some(status),
                Ok(Fetched::NotModified { .. }) | Err(_) => {}
            }
        }
        let fresh = file.fresh_for(file.fetched).is_some();
        let until = Instant::now() + robots::MAX_AGE;
        KnownTdm { file, rules: rules.unwrap_or_default(), fresh, until }
    }

    async fn try_repeatedly(
        &self,
        url: &Url,
        validators: &Validators,
        max_bytes: u64,
        errand: Errand,
    ) -> Result<Fetched, FetchError> {
        let mut repeats = 0;
        loop {
            let error = match self.follow(url, validators, max_bytes, errand, repeats).await {
                Ok(fetched) => return Ok(fetched),
                Err(error) => error,
            };
            let patience = error.retry_after().is_none_or(|pause| pause <= MAX_PAUSE);
            if repeats == REPEATS || !error.is_transient() || !patience {
                return Err(error);
            }
            repeats += 1;
        }
    }

    async fn follow(
        &self,
        url: &Url,
        validators: &Validators,
        max_bytes: u64,
        errand: Errand,
        repeats: u32,
    ) -> Result<Fetched, FetchError> {
        let mut here = url.clone();
        let mut time = match errand {
            Errand::Aside => self.time.min(MAX_ASIDE),
            Errand::Page | Errand::Robots => self.time,
        };
        for _ in 0..=self.max_redirects {
            self.fetcher.check(&here)?;
            if errand != Errand::Robots {
                self.ask_robots(&here).await?;
            }
            let turn = tokio::select! {
                biased;
                // What a site reserves belongs to the page in hand.
                () = self.stop.wanted(), if errand != Errand::Aside => {
                    return Err(FetchError::Stopped { url: here });
                }
                turn = self.politeness.turn(&here) => turn,
            };
            let turn = turn.map_err(|no| match no {
                NoTurn::Resting(wait) => FetchError::Resting { url: here.clone(), wait },
                NoTurn::GivenUp(failures) => FetchError::GivenUp { url: here.clone(), failures },
            })?;
            let request = async {
                let started = Instant::now();
                let answer = self.fetcher.request(&here, validators, max_bytes, time).await;
                (answer, started.elapsed())
            };
            let (answer, took) = self.in_slot(request).await;
            time = time.saturating_sub(took);
            self.traffic.requests.fetch_add(1, Relaxed);
            if let Ok(Answer::Here(Fetched::Body(body))) = &answer {
                self.traffic.bytes.fetch_add(body.bytes.len() as u64, Relaxed);
            }
            match &answer {
                Err(error) if error.is_transient() && errand != Errand::Aside => {
                    let pause = backoff(self.delay, repeats);
                    let pause = error.retry_after().unwrap_or_default().max(pause);
                    self.politeness.failed(&here, pause);
                }
                Err(error) if errand == Errand::Aside => {
                    if let Some(rest) = error.retry_after().filter(|_| error.is_transient()) {
                        self.politeness.rest(&here, rest);
                    }
                }
                _ => self.politeness.answered(&here),
            }
            drop(turn);
            here = match answer? {
                Answer::Elsewhere(next) => next,
                Answer::Here(Fetched::Body(body)) if errand == Errand::Page => {
                    match refresh::target(&body) {
                        Some(next) => next,
                        None => return Ok(Fetched::Body(body)),
                    }
                }
                Answer::Here(fetched) => return Ok(fetched),
            };
        }
        Err(FetchError::TooManyRedirects { url: url.clone(), limit: self.max_redirects })
    }

    /// Waits for a slot of those in flight, and for `request`. One that takes longer than [`QUICK`] gives
    /// its slot to another, as long as there are not as many of those: hosts that say nothing don't keep
    /// others waiting until they have run out of time.
    async fn in_slot<T>(&self, request: impl Future<Output = T>) -> T {
        let mut request = std::pin::pin!(request);
        let mut slot = self.in_flight.acquire().await.ok();
        if let Ok(answer) = timeout(QUICK, &mut request).await {
            return answer;
        }
        if let Ok(other) = self.slow.try_acquire() {
            slot = Some(other);
        }
        let answer = request.await;
        drop(slot);
        answer
    }

    async fn ask_robots(&self, url: &Url) -> Result<(), FetchError> {
        let origin = url.origin().ascii_serialization();
        let cell = current(&mut self.robots_map(), origin, |known| known.until);
        let known = cell.get_or_init(|| self.fetch_robots(url)).await;
        if let Some(delay) = known.rules.crawl_delay(&self.agent) {
            self.politeness.set_crawl_delay(url, delay);
        }
        if known.rules.allows(&self.agent, url) {
            return Ok(());
        }
        Err(match &known.failure {
            None => FetchError::Disallowed { url: url.clone(), agent: self.agent.clone() },
            // The trouble is with the host, not with its robots.txt.
            Some(
                failure @ (FetchError::Guard(_)
                | FetchError::Stopped { .. }
                | FetchError::Connect { .. }
                | FetchError::Tls { .. }
                | FetchError::Timeout { .. }),
            ) => failure.clone(),
            Some(failure) => {
                FetchError::RobotsUnreadable { url: url.clone(), cause: Box::new(failure.clone()) }
            }
        })
    }

    /// The robots.txt of the host of `url`. Boxed, since it goes the way that it is asked on.
    fn fetch_robots(&self, url: &Url) -> BoxFuture<'_, Known> {
        let url = url.clone();
        async move {
            let mut file = RobotsFile {
                origin: url.origin().ascii_serialization(),
                status: None,
                body: String::new(),
                fetched: Timestamp::now(),
            };
            let mut failure = None;
            let answer = match url.join("/robots.txt") {
                Ok(robots) => {
                    let none = Validators::default();
                    self.try_repeatedly(&robots, &none, MAX_ROBOTS_BYTES, Errand::Robots).await
                }
                Err(_) => Err(FetchError::Redirect { url, location: "/robots.txt".to_owned() }),
            };
            match answer {
                Ok(Fetched::Body(body)) => {
                    file.status = Some(body.status);
                    // What is not read need not be kept either.
                    let read = &body.bytes[..body.bytes.len().min(robots::MAX_BYTES)];
                    file.body = String::from_utf8_lossy(read).into_owned();
                }
                Ok(Fetched::NotModified { .. }) => {}
                Err(error) => {
                    if let FetchError::Status { status, .. } = error {
                        file.status = Some(status);
                    }
                    failure = Some(error);
                }
            }
            // What was not asked is not known.
            let fresh = !matches!(failure, Some(FetchError::Stopped { .. }));
            let until = Instant::now() + robots::MAX_AGE;
            Known { rules: file.rules(), file, failure, fresh, until }
        }
        .boxed()
    }

    fn robots_map(&self) -> MutexGuard<'_, HashMap<String, Arc<OnceCell<Known>>>> {
        lock(&self.robots)
    }
}

/// The lock, also after a panic elsewhere: the maps behind it are whole at any time.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// As many slots as requests may be in flight.
fn slots(settings: &CrawlerSettings) -> Semaphore {
    Semaphore::new(settings.concurrency.clamp(1, Semaphore::MAX_PERMITS))
}

/// The pause before repeat number `repeats`: twice as long each time, with up to a half added by
/// chance, so that hosts that failed together are not asked again together.
fn backoff(delay: Duration, repeats: u32) -> Duration {
    let chance = (RandomState::new().hash_one(repeats) % 512) as u32;
    let pause = delay.saturating_mul(2 << repeats);
    pause.saturating_add(pause / 1024 * chance).min(MAX_PAUSE)
}
