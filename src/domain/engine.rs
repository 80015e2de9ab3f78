//! News search engines: the phrases of topics → the addresses to ask.
//!
//! A feed's address with `{query}` in it is a search: the place is filled with what the feed's topics
//! look for, in the syntax that Bing News, GDELT and Google News share — phrases in quotation marks,
//! alternatives joined by `OR` in parentheses, what must stand beside them behind. A query that an
//! engine would cut or refuse is split over several requests. Refuses to shorten a phrase: one that
//! doesn't fit is an error. What a topic excludes is left to the topic itself.

use std::time::Duration;

use url::Url;
use url::form_urlencoded;

use super::topic::Topic;

/// The place of the query in a feed's address.
pub const PLACE: &str = "{query}";

/// The word between two phrases that must stand near each other. Engines are asked for both.
const NEAR: &str = " NEAR ";

/// What one engine takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Engine {
    /// Its host, or a host above it.
    host: &'static str,
    /// Characters of a query, before it is encoded.
    most_chars: usize,
    /// Words of a query, `OR` aside.
    most_words: usize,
    /// The pause between two requests that it asks for.
    pause: Duration,
}

/// Engines with bounds of their own. GDELT's DOC API refuses queries of about 250 characters and
/// more than one request in five seconds; Bing looks at the first ten words only (its help pages),
/// Google at the first 32.
const ENGINES: [Engine; 3] = [
    Engine {
        host: "gdeltproject.org",
        most_chars: 240,
        most_words: usize::MAX,
        pause: Duration::from_secs(6),
    },
    Engine { host: "bing.com", most_chars: 1500, most_words: 10, pause: Duration::ZERO },
    Engine { host: "google.com", most_chars: 2000, most_words: 32, pause: Duration::ZERO },
];

/// Any other engine, such as an outlet's own search: what nearly all take.
const OTHER: Engine =
    Engine { host: "", most_chars: 240, most_words: usize::MAX, pause: Duration::ZERO };

/// Requests that one feed may take in one run: more is no search any more but a watch list of its own.
pub const MAX_REQUESTS: usize = 24;

/// Why there are no addresses to ask.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum EngineError {
    /// A single phrase, with what must stand beside it, is longer than a whole query may be.
    #[error(
        "the query {query:?} is longer than {host} takes ({most_chars} characters{}); shorten the \
         phrase or name fewer under `all`",
        words_too(*most_words)
    )]
    TooLong {
        /// The query.
        query: String,
        /// The engine.
        host: String,
        /// The characters that it takes.
        most_chars: usize,
        /// The words that it takes.
        most_words: usize,
    },
    /// The phrases take more requests than a run may make for one feed.
    #[error(
        "its topics' phrases take {requests} requests of {host}, at most {MAX_REQUESTS} are made; \
             name fewer topics"
    )]
    TooMany {
        /// Requests needed.
        requests: usize,
        /// The engine.
        host: String,
    },
}

fn words_too(most: usize) -> String {
    if most == usize::MAX { String::new() } else { format!(", {most} words") }
}

/// Whether `url` is a search to be filled in.
#[must_use]
pub fn is_search(url: &Url) -> bool {
    url.query().is_some_and(|query| query.contains(PLACE))
}

/// The pause that the engine at `url` wants between two requests.
#[must_use]
pub fn pause(url: &Url) -> Duration {
    engine(url).pause
}

fn engine(url: &Url) -> Engine {
    let host = url.host_str().unwrap_or_default();
    let of = |engine: &&Engine| {
        host.strip_suffix(engine.host).is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
    };
    ENGINES.iter().find(of).copied().unwrap_or(OTHER)
}

/// The addresses to ask for `topics` where `url` is a search; `url` alone where it is none.
///
/// # Errors
/// [`EngineError`] if the phrases don't fit.
pub fn requests<'a>(
    url: &Url,
    topics: impl IntoIterator<Item = &'a Topic>,
) -> Result<Vec<Url>, EngineError> {
    let Some(template) = url.query().filter(|query| query.contains(PLACE)) else {
        return Ok(vec![url.clone()]);
    };
    let engine = engine(url);
    // What the watch list itself puts into the query counts, too: `{query} sourcelang:eng`.
    let parameter = template.split('&').find(|pair| pair.contains(PLACE)).unwrap_or_default();
    let value = parameter.split_once('=').map_or("", |(_, value)| value);
    let beside: String = form_urlencoded::parse(format!("q={value}").as_bytes())
        .map(|(_, it)| it.into_owned())
        .collect();
    let beside = beside.replacen(PLACE, "", 1);
    let mut queries = Vec::new();
    for topic in topics {
        for query in queries_of(topic, engine, &beside)? {
            if !queries.contains(&query) {
                queries.push(query);
            }
        }
    }
    if queries.len() > MAX_REQUESTS {
        let host = url.host_str().unwrap_or_default().to_owned();
        return Err(EngineError::TooMany { requests: queries.len(), host });
    }
    let filled = queries.iter().map(|query| {
        let encoded: String = form_urlencoded::byte_serialize(query.as_bytes()).collect();
        let mut filled = url.clone();
        filled.set_query(Some(&template.replacen(PLACE, &encoded, 1)));
        filled
    });
    Ok(filled.collect())
}

/// Alternatives with what must stand beside each of them.
#[derive(Debug, PartialEq, Eq)]
struct Group {
    any: Vec<String>,
    beside: Vec<String>,
}

/// The queries of one topic, `more` standing in each: its `any` as alternatives, those that must
/// stand near the same words together, each with all of `all`.
fn queries_of(topic: &Topic, engine: Engine, more: &str) -> Result<Vec<String>, EngineError> {
    let all: Vec<String> = topic.all.iter().flat_map(|phrase| sides(phrase)).collect();
    let mut groups: Vec<Group> = Vec::new();
    for phrase in &topic.any {
        let mut sides = sides(phrase);
        if sides.is_empty() {
            continue;
        }
        let first = sides.remove(0);
        let mut beside = sides;
        beside.extend(all.iter().cloned());
        match groups.iter_mut().find(|group| group.beside == beside) {
            Some(group) if group.any.contains(&first) => {}
            Some(group) => group.any.push(first),
            None => groups.push(Group { any: vec![first], beside }),
        }
    }
    if groups.is_empty() && !all.is_empty() {
        groups.push(Group { any: Vec::new(), beside: all });
    }
    let mut queries = Vec::new();
    for Group { any, beside } in groups {
        let mut taken: Vec<String> = Vec::new();
        for phrase in any {
            taken.push(phrase);
            if taken.len() > 1
                && !fits(&written(&taken, &beside), engine, more)
                && let Some(last) = taken.pop()
            {
                queries.push(written(&taken, &beside));
                taken = vec![last];
            }
        }
        queries.push(written(&taken, &beside));
    }
    match queries.iter().find(|query| !fits(query, engine, more)) {
        None => Ok(queries),
        Some(query) => Err(EngineError::TooLong {
            query: query.clone(),
            host: if engine.host.is_empty() {
                "any engine".to_owned()
            } else {
                engine.host.to_owned()
            },
            most_chars: engine.most_chars.saturating_sub(more.chars().count()),
            most_words: engine.most_words,
        }),
    }
}

/// The two phrases of a NEAR, or the one phrase, each as engines want it.
fn sides(phrase: &str) -> Vec<String> {
    phrase.split(NEAR).map(quoted).filter(|side| !side.is_empty()).collect()
}

/// A phrase in quotation marks, a single word bare: GDELT refuses that in marks.
fn quoted(phrase: &str) -> String {
    let clean: String = phrase.chars().map(|c| if c == '"' { ' ' } else { c }).collect();
    let words: Vec<&str> = clean.split_whitespace().collect();
    match words.as_slice() {
        [] => String::new(),
        [word] if word.chars().all(char::is_alphanumeric) => (*word).to_owned(),
        words => format!("\"{}\"", words.join(" ")),
    }
}

/// `("one phrase" OR another) beside`. GDELT wants parentheses around alternatives, and no others.
fn written(any: &[String], beside: &[String]) -> String {
    let any = match any {
        [] => String::new(),
        [one] => one.clone(),
        many => format!("({})", many.join(" OR ")),
    };
    let parts = [any].into_iter().chain(beside.iter().cloned()).filter(|part| !part.is_empty());
    parts.collect::<Vec<_>>().join(" ")
}

fn fits(query: &str, engine: Engine, more: &str) -> bool {
    let words = |text: &str| text.split_whitespace().filter(|word| *word != "OR").count();
    query.chars().count() + more.chars().count() <= engine.most_chars
        && words(query).saturating_add(words(more)) <= engine.most_words
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn topic(any: &[&str], all: &[&str]) -> Topic {
        let list = |phrases: &[&str]| phrases.iter().map(|it| (*it).to_owned()).collect();
        Topic {
            id: "tides".to_owned(),
            title: "The tide accord".to_owned(),
            any: list(any),
            all: list(all),
            none: vec!["tide tables".to_owned()],
        }
    }

    /// The queries as the engine reads them.
    fn asked(url: &str, topics: &[Topic]) -> Vec<String> {
        let url = Url::parse(url).unwrap();
        let requests = requests(&url, topics).unwrap();
        requests
            .iter()
            .map(|request| {
                let found = request.query_pairs().find(|(name, _)| name == "q" || name == "query");
                found.unwrap().1.into_owned()
            })
            .collect()
    }

    const OWN: &str = "https://search.example/news?q={query}&format=rss";
    const GDELT: &str = "https://api.gdeltproject.org/api/v2/doc/doc?query={query}&mode=artlist";
    const BING: &str = "https://www.bing.com/news/search?q={query}&format=rss";

    #[test]
    fn phrases_are_quoted_joined_and_encoded() {
        let cases = [
            (topic(&["tide accord"], &[]), "\"tide accord\""),
            (topic(&["tides"], &[]), "tides"),
            (topic(&["tide-accord"], &[]), "\"tide-accord\""),
            (topic(&["tide accord", "tides"], &[]), "(\"tide accord\" OR tides)"),
            (topic(&["accord NEAR tide rules"], &[]), "accord \"tide rules\""),
            (
                topic(&["pact NEAR tide", "the accord NEAR tide"], &[]),
                "(pact OR \"the accord\") tide",
            ),
            (topic(&["pact", "accord"], &["tide", "harbour NEAR vote"]), {
                "(pact OR accord) tide harbour vote"
            }),
            (topic(&[], &["tide", "harbour vote"]), "tide \"harbour vote\""),
            (topic(&["the \"tide\" accord"], &[]), "\"the tide accord\""),
            (topic(&["accord d’été & C++"], &[]), "\"accord d’été & C++\""),
        ];
        for (topic, wanted) in cases {
            assert_eq!(asked(OWN, std::slice::from_ref(&topic)), [wanted], "{topic:?}");
        }
        let url = Url::parse(OWN).unwrap();
        let [request] = &requests(&url, &[topic(&["été & C"], &[])]).unwrap()[..] else {
            panic!()
        };
        assert_eq!(
            request.as_str(),
            "https://search.example/news?q=%22%C3%A9t%C3%A9+%26+C%22&format=rss"
        );
    }

    #[test]
    fn a_feed_that_is_no_search_is_asked_as_it_is() {
        let url = Url::parse("https://a.example/feed?q=1").unwrap();
        assert!(!is_search(&url));
        assert_eq!(requests(&url, &[topic(&["tide"], &[])]).unwrap(), [url]);
    }

    #[test]
    fn a_query_longer_than_the_engine_takes_is_split_and_nothing_of_it_lost() {
        let phrases: Vec<String> = (0..30).map(|n| format!("tide accord number {n}")).collect();
        let phrases: Vec<&str> = phrases.iter().map(String::as_str).collect();
        let topic = [topic(&phrases, &[])];
        for (url, most_chars, most_words) in
            [(GDELT, 240, 1000), (OWN, 240, 1000), (BING, 1500, 10)]
        {
            let queries = asked(url, &topic);
            assert!(queries.len() > 1, "{url}");
            for query in &queries {
                assert!(query.chars().count() <= most_chars, "{query}");
                let words = query.split_whitespace().filter(|word| *word != "OR").count();
                assert!(words <= most_words, "{query}");
            }
            for phrase in &phrases {
                let quoted = format!("\"{phrase}\"");
                let holding = queries.iter().filter(|query| query.contains(&quoted)).count();
                assert_eq!(holding, 1, "{phrase}");
            }
        }
    }

    #[test]
    fn what_the_watch_list_writes_beside_the_place_stays_and_counts() {
        let url = GDELT.replace("{query}", "{query}%20sourcelang:eng");
        let phrases: Vec<String> = (0..30).map(|n| format!("tide accord number {n}")).collect();
        let phrases: Vec<&str> = phrases.iter().map(String::as_str).collect();
        for query in asked(&url, &[topic(&phrases, &[])]) {
            assert!(query.ends_with(" sourcelang:eng"), "{query}");
            assert!(query.chars().count() <= 240, "{query}");
        }
    }

    #[test]
    fn topics_are_asked_one_after_the_other_and_alike_ones_once() {
        let (one, other) = (topic(&["tide"], &[]), topic(&["reef"], &[]));
        assert_eq!(asked(OWN, &[one.clone(), other, one]), ["tide", "reef"]);
    }

    #[test]
    fn what_does_not_fit_is_an_error_that_says_so() {
        let url = Url::parse(GDELT).unwrap();
        let long = "tide ".repeat(48);
        let error = requests(&url, &[topic(&[&long], &["harbour accord of the northern isles"])]);
        let message = error.unwrap_err().to_string();
        assert!(message.contains("gdeltproject.org") && message.contains("240"), "{message}");
        let many: Vec<Topic> = (0..30).map(|n| topic(&[&format!("tide {n}")], &[])).collect();
        let message = requests(&url, &many).unwrap_err().to_string();
        assert!(message.contains("30 requests") && message.contains("24"), "{message}");
    }

    #[test]
    fn engines_are_told_by_their_hosts() {
        let of = |url: &str| engine(&Url::parse(url).unwrap()).host;
        assert_eq!(of("https://api.gdeltproject.org/x"), "gdeltproject.org");
        assert_eq!(of("https://bing.com/x"), "bing.com");
        assert_eq!(of("https://notbing.com/x"), "");
    }

    proptest! {
        #[test]
        fn any_phrases_give_queries_that_fit(
            any in proptest::collection::vec("[a-z\" ().&é-]{0,40}( NEAR [a-z ]{0,20})?", 0..40),
        ) {
            let any: Vec<&str> = any.iter().map(String::as_str).collect();
            let url = Url::parse(GDELT).unwrap();
            if let Ok(found) = requests(&url, &[topic(&any, &[])]) {
                for request in found {
                    let (_, query) = request.query_pairs().next().unwrap();
                    prop_assert!(query.chars().count() <= 240);
                    prop_assert!(!query.is_empty());
                }
            }
        }
    }
}
