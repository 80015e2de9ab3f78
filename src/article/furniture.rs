//! What on a page is not the article: the tables by which blocks are kept or dropped.
//!
//! Element or text → is it furniture. Only tables and look-ups; where an element stands and how
//! much prose it holds is for `body` to weigh.

use std::ops::Range;
use std::sync::LazyLock;

use hashbrown::HashMap;
use memchr::memmem::Finder;
use rustc_hash::FxHashMap;

use super::dom::{Page, Tag};
use crate::domain::date::PageDate;

/// Elements that no reader sees as text.
const UNSEEN_TAGS: &[&str] = &[
    "amp-ad",
    "amp-analytics",
    "amp-auto-ads",
    "amp-consent",
    "amp-embed",
    "amp-sidebar",
    "amp-sticky-ad",
    "audio",
    "button",
    "canvas",
    "embed",
    "head",
    "iframe",
    "input",
    "map",
    "math",
    "noscript",
    "object",
    "option",
    "script",
    "select",
    "style",
    "svg",
    "template",
    "textarea",
    "title",
    "video",
];

/// Elements that are furniture by their meaning.
const FURNITURE_TAGS: &[&str] =
    &["aside", "dialog", "figcaption", "figure", "footer", "form", "nav"];

/// Words, and pairs of words with a hyphen, of a class, id or label that say for certain that it is not the article.
const CERTAIN_TERMS: &str = "
    breadcrumb breadcrumbs cmp2 commentlist comments consent cookie cookiebot cookies didomi disqus
    factbox gdpr onetrust qc-cmp sp-message trustarc usercentrics modal nav navbar navigation outbrain popup taboola";

/// Words of a class, id or label that say that it is not the article, unless it holds most of it.
const LIKELY_TERMS: &str = "
    ad ads advert advertisement advertising adverts also-like also-read article-date author
    authors badge date-published entry-date post-date postdate publish-date published-date
    authorprofile bio biography block-query breaking-news byline bylines caption captions click-here comment
    copyright credit credits cta dateline disclaimer disclosure donate donation excerpt
    follow footer gallery in-brief inset jumplinks keywords latest-news log-in login menu
    meta metadata more most-read newsletter newsletters next-article next-post next-prev
    nocontent other-stories pager pagination player popular post-picker print promo promos
    promoted promotion pubdate publish pull-quote pullquote rail rating read-also read-more
    read-next readmore recirc recirculation recommend recommendation recommendations
    recommended related relatedlinks see-also share sharebar sharing shop sidebar sign-in
    sign-up signup skip slidein slider social sponsor sponsored subscribe subscription
    survey tag tagged tags taxonomy teaser teasers timestamp toaster toc toolbar tools
    top-stories topics transcript trending video videos widget widgets you-may zergnet";

/// Words of a class or label that mean "hidden".
const HIDDEN_TERMS: &str = "
    assistive-text hover-card hovercard popover-body popover-content rollover-block
    screen-reader sr-only tooltip-content tooltip-text tooltiptext visually-hidden
    visuallyhidden";

/// Styles that hide: for everybody, or for all who don't use a screen reader. Links for search
/// engines only stand far off the screen.
const HIDDEN_STYLES: &[&str] = &[
    "display:none",
    "visibility:hidden",
    "clip:rect(0",
    "clip-path:inset(50%)",
    "left:-999",
    "top:-999",
    "text-indent:-999",
    "font-size:0;",
    "font-size:0px",
];

/// Hosts that links to share or to follow lead to: no article refers to them as a source.
const SHARING_HOSTS: &[&str] = &[
    "addtoany.com",
    "apps.apple.com",
    "bsky.app",
    "ctt.ac",
    "ctt.ec",
    "clicktotweet.com",
    "facebook.com",
    "flipboard.com",
    "instagram.com",
    "linkedin.com",
    "news.google.com",
    "news.ycombinator.com",
    "pinterest.com",
    "play.google.com",
    "podcasts.apple.com",
    "reddit.com",
    "t.me",
    "telegram.me",
    "threads.net",
    "tiktok.com",
    "tumblr.com",
    "twitter.com",
    "wa.me",
    "whatsapp.com",
    "x.com",
    "youtube.com",
];

/// True for hosts that links to share or to follow lead to.
#[must_use]
pub fn is_for_sharing(host: &str) -> bool {
    SHARING_HOSTS.iter().any(|sharing| {
        host.strip_suffix(sharing).is_some_and(|it| it.is_empty() || it.ends_with('.'))
    })
}

/// Classes that hide what they are put on.
const HIDDEN_CLASSES: &[&str] =
    &["hidden", "hide", "d-none", "visuallyhidden", "u-hidden", "is-hidden"];

/// What an element's class, id or label calls the body of an article.
const BODY_TERMS: &str = "
    article-body article-content article-copy article-main article-text articlebody
    articlecontent articletext blog-content body-content body-copy body-text content-article
    content-body entry-body entry-content entrycontent main-content news-body news-content
    page-content post-body post-content post-text postcontent single-content story-body
    story-content story-text storybody storytext text-content";

/// What the class of an embedded post says.
const STATEMENT_TERMS: &str = "
    bluesky fb-post instagram mastodon reddit telegram-post threads-post tiktok truthsocial tweet
    x-post";

/// What the class of readers' comments says.
const DISCUSSION_TERMS: &str = "
    comment commentlist comments discussion disqus";

/// What the class of a live blog says.
const LIVE_TERMS: &str = "
    live-blog liveblog live-posts live-stream-posts live-event live-entries liveblogposting";

/// What an element's class calls the standfirst.
const STANDFIRST_TERMS: &str = "
    deck dek description excerpt intro lead lede standfirst strapline sub-heading
    sub-headline sub-title subhead subheading subheadline subtitle subtitulo summary
    synopsis teaser";

/// What an element's class calls the byline.
const BYLINE_TERMS: &str = "
    author author-name authorname authors by-line byline bylines";
/// Whole blocks, in lower case without punctuation at the end.
const FURNITURE_TEXTS: &[&str] = &[
    "ad",
    "advertisement",
    "advertisement scroll to continue",
    "advertisement · scroll to continue",
    "advertising",
    "advertisement continue reading the main story",
    "current issue",
    "key event",
    "recommended videos",
    "story saved",
    "up next",
    "watch now",
    "table of contents",
    "related links",
    "top stories",
    "most popular",
    "most read",
    "don't miss",
    "don’t miss",
    "latest videos from",
    "leave a comment",
    "about the author",
    "partner news",
    "more from",
    "our standards",
    "article continues below",
    "article continues below advertisement",
    "comment",
    "comments",
    "anzeige",
    "click to tweet",
    "copy link",
    "iklan",
    "pubblicità",
    "publicidad",
    "publicidade",
    "publicité",
    "purchase licensing rights",
    "quick links",
    "reklama",
    "werbung",
    "реклама",
    "広告",
    "广告",
    "廣告",
    "email",
    "facebook",
    "follow us",
    "image",
    "image copyright",
    "learn more",
    "listen",
    "loading",
    "more",
    "more stories",
    "photo",
    "print",
    "published",
    "read more",
    "read next",
    "recommended",
    "related",
    "related articles",
    "related content",
    "related news",
    "related stories",
    "related topics",
    "save",
    "see also",
    "share",
    "share on facebook",
    "share on twitter",
    "share this article",
    "share this story",
    "share this",
    "sign up",
    "sponsored",
    "story continues below",
    "story continues below advertisement",
    "subscribe",
    "tags",
    "this advertisement has not loaded yet, but your article continues below",
    "topics",
    "trending",
    "twitter",
    "view comments",
    "watch more",
    "whatsapp",
    "you may also like",
    "you might also like",
];

/// How blocks begin that are no part of the article, in lower case.
const FURNITURE_OPENINGS: &[&str] = &[
    "[related",
    "additional reporting by",
    "additional reporting from",
    "do you have a story",
    "first published in",
    "follow along with",
    "got a story?",
    "got a tip?",
    "if you buy something using links",
    "if you click through",
    "more :",
    "note: we are temporarily moderating",
    "our website is your destination",
    "reading time:",
    "tempo de leitura:",
    "lesezeit:",
    "temps de lecture",
    "tiempo de lectura",
    "we may earn a commission",
    "you can also check:",
    "with files from",
    "with reporting by",
    "with reporting from",
    "all rights reserved",
    "(additional reporting by",
    "(editing by",
    "(reporting by",
    "(writing by",
    "don't miss",
    "don’t miss",
    "editing by",
    "get email updates",
    "our standards:",
    "reporting by",
    "see more:",
    "update your browser",
    "would you like to receive",
    "also read:",
    "also read |",
    "click here to",
    "copyright ©",
    "filed under",
    "follow us on",
    "like this story?",
    "posted in",
    "tags:",
    "add us as a preferred",
    "our community members are treated",
    "for more stories like this",
    "get the latest",
    "image:",
    "join our",
    "join the conversation",
    "more:",
    "photo:",
    "picture:",
    "read also:",
    "read more ",
    "read more:",
    "read next:",
    "read:",
    "recommended:",
    "related:",
    "related |",
    "related article:",
    "see also:",
    "sign up for",
    "sign up to",
    "subscribe to",
    "video:",
    "watch:",
    "watch more:",
    "watch |",
    "©",
];

/// What stands in captions and nowhere else.
const CREDITS: &[&str] = &[
    "(image:",
    "(image credit",
    "(photo:",
    "(photo by",
    "(picture:",
    "(pic:",
    "(credit:",
    "/getty images",
    "image copyright",
    "image source",
];

/// What stands in the small print under an article.
const SMALL_PRINT: &[&str] = &["may be reproduced", "may not be reproduced"];

/// Both of these.
static TELLING: LazyLock<Vec<Finder<'static>>> =
    LazyLock::new(|| CREDITS.iter().chain(SMALL_PRINT).map(Finder::new).collect());

/// Blocks that head a list of other articles, in lower case without punctuation around them.
const OTHER_ARTICLES: &[&str] = &[
    "don't miss",
    "don’t miss",
    "most popular",
    "most read",
    "partner news",
    "read more",
    "read next",
    "recommended",
    "related",
    "see also",
    "trending",
    "up next",
    "you may also like",
    "you might also like",
    "comments",
    "leave a comment",
    "keep reading",
];
/// Blocks that head the transcript of what the article tells of, as [`OTHER_ARTICLES`] are written.
const TRANSCRIPTS: &[&str] = &[
    "audio transcript",
    "episode transcript",
    "full transcript",
    "read the full transcript",
    "read the transcript",
    "transcript",
    "video transcript",
];
const OTHER_ARTICLES_NOUNS: &[&str] = &[
    "articles",
    "content",
    "coverage",
    "headlines",
    "links",
    "news",
    "posts",
    "reading",
    "stories",
    "topics",
    "videos",
];

/// Such a block is short; a longer one may be a paragraph that happens to open so.
const FURNITURE_OPENING_CHARS: usize = 220;
/// A longer block heads nothing.
const MAX_HEADING_BYTES: usize = 200;

/// What an element's tag, class and labels say about it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Signs {
    /// Its text is not shown.
    pub unseen: bool,
    /// Not the article, whatever it holds.
    pub certain: bool,
    /// Not the article, unless it holds most of the prose.
    pub likely: bool,
    /// The article or its body.
    pub body: bool,
    /// A line break, by tag or by class.
    pub line_break: bool,
    /// The standfirst.
    pub standfirst: bool,
    /// The byline.
    pub byline: bool,
    /// An embedded post of a social network, kept as what somebody said.
    pub statement: bool,
    /// Readers' comments.
    pub discussion: bool,
    /// A live blog.
    pub live: bool,
}

/// The signs of every node of the page, by its index; text has none.
#[must_use]
pub fn signs<'a>(page: &Page<'a>) -> Vec<Signs> {
    // Pages give hundreds of elements the same names.
    let mut names: HashMap<&'a str, Signs> = HashMap::new();
    let mut classes: HashMap<&'a str, Signs> = HashMap::new();
    let mut signs = vec![Signs::default(); page.nodes.len()];
    let quotes = page.tagged(Tag::Blockquote);
    let links = page.tagged(Tag::A);
    for (index, element) in page.elements() {
        let holds = |inner: &[usize]| page.first_inside(index, inner).is_some();
        let mut sign = of_tag(element.name(), || holds(quotes), || holds(links));
        for (attribute, value) in element.attrs() {
            match attribute {
                "hidden" => sign.unseen = true,
                "style" => sign.unseen |= hides(value),
                "itemprop" => {
                    sign.body |= value.eq_ignore_ascii_case("articleBody");
                    let named = names.entry(value).or_insert_with(|| of_name(value));
                    sign.standfirst |= named.standfirst;
                }
                "class" => {
                    sign = sign.and(*classes.entry(value).or_insert_with(|| of_class(value)));
                }
                // Where the page's makers name elements besides.
                "id" | "role" | "aria-label" | "data-testid" | "data-component"
                | "data-gu-name" => {
                    sign = sign.and(*names.entry(value).or_insert_with(|| of_name(value)));
                }
                _ => {}
            }
        }
        if matches!(element.name(), "html" | "body") {
            sign = Signs { unseen: false, ..Signs::default() };
        }
        sign.statement &= element.name() == "blockquote";
        signs[index] = sign;
    }
    signs
}

impl Signs {
    fn and(self, other: Self) -> Self {
        Self {
            unseen: self.unseen || other.unseen,
            certain: self.certain || other.certain,
            likely: self.likely || other.likely,
            body: self.body || other.body,
            line_break: self.line_break || other.line_break,
            standfirst: self.standfirst || other.standfirst,
            byline: self.byline || other.byline,
            statement: self.statement || other.statement,
            discussion: self.discussion || other.discussion,
            live: self.live || other.live,
        }
    }
}

fn of_tag(tag: &str, holds_quote: impl Fn() -> bool, holds_link: impl Fn() -> bool) -> Signs {
    let mut signs = TAGS.get(tag).copied().unwrap_or_default();
    match tag {
        // A raised link is a footnote's number, which would stick to the word before it.
        "sup" => signs.unseen = holds_link(),
        "figure" => signs.likely = !holds_quote(),
        _ => {}
    }
    signs
}

/// What tags say by themselves.
static TAGS: LazyLock<FxHashMap<&str, Signs>> = LazyLock::new(|| {
    let none = Signs::default();
    let unseen = UNSEEN_TAGS.iter().map(|tag| (*tag, Signs { unseen: true, ..none }));
    let furniture = FURNITURE_TAGS
        .iter()
        .map(|tag| (*tag, Signs { likely: true, certain: *tag == "nav", ..none }));
    let own =
        [("article", Signs { body: true, ..none }), ("br", Signs { line_break: true, ..none })];
    unseen.chain(furniture).chain(own).collect()
});

fn of_class(class: &str) -> Signs {
    let unseen = hides_by_class(class);
    let line_break = class.split_ascii_whitespace().any(|class| class == "br");
    of_name(class).and(Signs { unseen, line_break, ..Signs::default() })
}

fn of_name(name: &str) -> Signs {
    let (joined, words) = words(name);
    let alone = words.iter().cloned();
    let pairs = words.windows(2).map(|pair| pair[0].start..pair[1].end);
    let signs = alone.chain(pairs).filter_map(|term| TERMS.get(&joined[term]));
    signs.fold(Signs::default(), |all, signs| all.and(*signs))
}

/// What each word and pair of the tables says.
struct Terms {
    signs: FxHashMap<&'static str, Signs>,
    /// The lengths, one a bit, of those that begin with a byte: few words need to be looked up.
    lengths: [u64; 256],
}

impl Terms {
    fn get(&self, term: &str) -> Option<&Signs> {
        let lengths = self.lengths[usize::from(*term.as_bytes().first()?)];
        (lengths & length_bit(term) != 0).then(|| self.signs.get(term))?
    }
}

/// The longest share the last bit.
fn length_bit(term: &str) -> u64 {
    1 << term.len().min(63)
}

static TERMS: LazyLock<Terms> = LazyLock::new(|| {
    let none = Signs::default();
    let tables = [
        (HIDDEN_TERMS, Signs { unseen: true, ..none }),
        (CERTAIN_TERMS, Signs { certain: true, ..none }),
        (LIKELY_TERMS, Signs { likely: true, ..none }),
        (BODY_TERMS, Signs { body: true, ..none }),
        (STANDFIRST_TERMS, Signs { standfirst: true, ..none }),
        (BYLINE_TERMS, Signs { byline: true, ..none }),
        (STATEMENT_TERMS, Signs { statement: true, ..none }),
        (DISCUSSION_TERMS, Signs { discussion: true, ..none }),
        (LIVE_TERMS, Signs { live: true, ..none }),
    ];
    let mut terms = Terms { signs: FxHashMap::default(), lengths: [0; 256] };
    for (table, signs) in tables {
        for term in table.split_whitespace() {
            let entry = terms.signs.entry(term).or_default();
            *entry = entry.and(signs);
            terms.lengths[usize::from(term.as_bytes()[0])] |= length_bit(term);
        }
    }
    terms
});

/// The words of a name in lower case, joined by hyphens, and where each stands: `relatedLinks
/// article-body__ad` → `related-links-article-body-ad`.
fn words(name: &str) -> (String, Vec<Range<usize>>) {
    let mut joined = String::with_capacity(name.len() + 8);
    let mut words: Vec<Range<usize>> = Vec::with_capacity(8);
    let mut start = 0;
    let mut lower_before = false;
    for char in name.chars() {
        let is_word = char.is_alphanumeric();
        if (!is_word || lower_before && char.is_uppercase()) && joined.len() > start {
            words.push(start..joined.len());
            joined.push('-');
            start = joined.len();
        }
        if char.is_ascii() && is_word {
            joined.push(char.to_ascii_lowercase());
        } else if is_word {
            joined.extend(char.to_lowercase());
        }
        lower_before = char.is_lowercase();
    }
    if joined.len() > start {
        words.push(start..joined.len());
    }
    (joined, words)
}

/// True for classes that hide on every screen: `hidden`, but not `hidden md:block`.
fn hides_by_class(class: &str) -> bool {
    let mut tokens = class.split_ascii_whitespace();
    let hides = tokens.clone().any(|token| HIDDEN_CLASSES.contains(&token));
    hides && !tokens.any(|token| token.contains(':') || token.ends_with("-block"))
}

fn hides(style: &str) -> bool {
    let style: String = style.chars().filter(|char| !char.is_whitespace()).collect();
    let style = style.to_ascii_lowercase();
    HIDDEN_STYLES.iter().any(|hidden| style.contains(hidden))
}

/// True for blocks that are furniture by what they say.
#[must_use]
pub fn is_furniture_text(text: &str) -> bool {
    if text.len() > FURNITURE_OPENING_CHARS * 4 {
        return false;
    }
    let is_long = text.chars().nth(FURNITURE_OPENING_CHARS).is_some();
    if is_long && text.contains(|char: char| char.is_alphanumeric()) {
        return false;
    }
    let lower = text.to_lowercase();
    let bare = lower.trim_matches(|char: char| !char.is_alphanumeric());
    FURNITURE_TEXTS.contains(&bare)
        || bare.is_empty() && !is_section_break(text)
        || is_moment(bare)
        || !is_long
            && (FURNITURE_OPENINGS.iter().any(|opening| lower.starts_with(opening))
                || invites(&lower)
                || is_reading_time(bare)
                || TELLING.iter().any(|words| words.find(lower.as_bytes()).is_some()))
}

/// True for "Follow us on …" and "Get in touch at …": invitations to readers.
fn invites(lower: &str) -> bool {
    let asks = lower.starts_with("follow ")
        || lower.split("follow ").skip(1).any(|behind| {
            ["him on", "her on", "them on", "me on", "us on"]
                .iter()
                .any(|it| behind.starts_with(it))
        });
    let follows = asks && NETWORKS.iter().any(|network| lower.contains(&format!("on {network}")));
    let writes = lower.contains('@')
        && ["get in touch", "email us", "contact us", "email:", "email the author", "send us"]
            .iter()
            .any(|words| lower.contains(words));
    follows || writes
}

/// The networks on which outlets ask to be followed.
const NETWORKS: &[&str] = &[
    "bluesky",
    "facebook",
    "google news",
    "instagram",
    "threads",
    "tiktok",
    "twitter",
    "whatsapp",
    "x ",
    "x.",
    "youtube",
];

/// True for "3 min read", "5 minute read".
fn is_reading_time(bare: &str) -> bool {
    let words: Vec<&str> = bare.split([' ', '-']).take(4).collect();
    matches!(words.as_slice(), [number, "min" | "mins" | "minute" | "minutes", "read"]
        if number.parse::<u32>().is_ok())
}

/// True for "___", by which agencies part the sections of their copy.
fn is_section_break(text: &str) -> bool {
    text.len() >= 3 && text.bytes().all(|byte| byte == b'_')
}

/// True for blocks that head a transcript under an article.
#[must_use]
pub fn heads_transcript(text: &str) -> bool {
    if text.len() > MAX_HEADING_BYTES {
        return false;
    }
    let lower = text.to_lowercase();
    let bare = lower.trim_matches(|char: char| !char.is_alphanumeric());
    TRANSCRIPTS.contains(&bare)
}

/// True for blocks that head a list of other articles.
#[must_use]
pub fn heads_other_articles(text: &str) -> bool {
    if text.len() > MAX_HEADING_BYTES {
        return false;
    }
    let lower = text.to_lowercase();
    let bare = lower.trim_matches(|char: char| !char.is_alphanumeric());
    let words: Vec<&str> = bare.split_whitespace().collect();
    OTHER_ARTICLES.contains(&bare)
        || matches!(words.as_slice(), ["more" | "other" | "related" | "latest" | "top" | "popular" | "recent", .., last]
            if words.len() <= 5 && OTHER_ARTICLES_NOUNS.contains(last))
        || matches!(words.as_slice(), ["more", "from" | "on" | "in", ..] if words.len() <= 5)
}

/// A longer text is no date or time.
const MAX_MOMENT_WORDS: usize = 8;

/// A date or a time alone or with a name, or how long ago something was.
fn is_moment(bare: &str) -> bool {
    let words: Vec<&str> = bare.split_whitespace().take(MAX_MOMENT_WORDS + 1).collect();
    let counted = matches!(words.as_slice(), [number, _, ago, ..]
        if number.parse::<u32>().is_ok() && ago.starts_with("ago"));
    let timed = match words.as_slice() {
        ["updated" | "published" | "posted", "at", time, ..] | [time, ..] => is_clock(time),
        [] => false,
    };
    words.len() <= MAX_MOMENT_WORDS && (counted || PageDate::parse(bare).is_some())
        || words.len() <= 5 && timed
}

/// True for "14:05", "1:23".
fn is_clock(word: &str) -> bool {
    let digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
    word.split_once(':').is_some_and(|(hours, minutes)| {
        matches!(hours.len(), 1 | 2) && digits(hours) && minutes.get(..2).is_some_and(digits)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_taken_apart_at_signs_and_capitals() {
        let (joined, words) = words("relatedLinks article-body__ad");
        let words: Vec<&str> = words.into_iter().map(|word| &joined[word]).collect();
        assert_eq!(words, ["related", "links", "article", "body", "ad"]);
    }
}
