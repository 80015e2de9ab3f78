//! What a page says about its article: headline ([`title`]), authors ([`byline`]), dates, outlet,
//! canonical URL, language.
//!
//! [`Page`] → [`Metadata`], from JSON-LD, then `<meta>` (OpenGraph and its older relatives), then
//! the visible markup. Refuses to make up what none of them states.

mod byline;
mod linked_data;
mod metas;
mod title;

use url::Url;

use self::byline::{Authors, Byline};
use self::linked_data::{LinkedData, is_live_blog, linked_data, text};
use self::metas::{Metas, describes_article};
use super::agency;
use super::dom::{Page, Tag};
use super::furniture::Signs;
use super::head::{self, Head};
use super::publishers::Publisher;
use crate::domain::date::PageDate;

/// What the page states about itself.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Metadata {
    /// The headline without the outlet's suffix.
    pub title: Option<String>,
    /// Other forms of the headline that the page gives.
    pub other_titles: Vec<String>,
    /// Summaries that the page gives for feeds and previews.
    pub summaries: Vec<String>,
    /// What the page states as captions of its pictures.
    pub captions: Vec<String>,
    /// Names without "By", roles, places and agencies; the agencies where nobody else is named.
    pub byline: Vec<String>,
    /// The news agencies credited beside them, by their short names.
    pub agencies: Vec<&'static str>,
    /// True for a live blog.
    pub live: bool,
    /// The site's name.
    pub outlet: Option<String>,
    /// First published.
    pub published: Option<PageDate>,
    /// Last changed.
    pub modified: Option<PageDate>,
    /// ISO 639-1 code that the page declares.
    pub language: Option<String>,
    /// Absolute.
    pub canonical_url: Option<String>,
    /// Whether everybody may read the whole article.
    pub free: Option<bool>,
    /// How many words the article has.
    pub words: Option<usize>,
}

/// The names under which `<meta>` gives each thing, best first; titles and authors have theirs.
const META_SUMMARY: &[&str] = &[
    "og:description",
    "description",
    "twitter:description",
    "dc.description",
    "sailthru.description",
];
const META_PUBLISHED: &[&str] = &[
    "article:published_time",
    "datepublished",
    "article:published",
    "og:published_time",
    "og:article:published_time",
    "parsely-pub-date",
    "sailthru.date",
    "publish-date",
    "publishdate",
    "publish_date",
    "published_time",
    "pubdate",
    "cxenseparse:recs:publishtime",
    "dc.date.issued",
    "dcterms.created",
    "dc.date",
    "article.published",
    "article_date_original",
    "citation_publication_date",
    "date",
    "rnews:datepublished",
];
const META_MODIFIED: &[&str] = &[
    "article:modified_time",
    "datemodified",
    "og:updated_time",
    "og:article:modified_time",
    "article:modified",
    "dcterms.modified",
    "last-modified",
    "lastmod",
    "article.updated",
    "dateupdated",
];
const META_AGENCY: &[&str] =
    &["dc.source", "source", "syndication-source", "original-source", "article:source"];
const META_OUTLET: &[&str] =
    &["og:site_name", "application-name", "twitter:app:name:iphone", "dc.publisher", "cre"];

/// Reads everything the page states. `url` is where it was fetched from; what `publisher` says of
/// its site comes first.
#[must_use]
pub fn of(
    page: &Page<'_>,
    signs: &[Signs],
    url: Option<&Url>,
    publisher: Option<&Publisher>,
) -> Metadata {
    let metas = Metas::of(page);
    let scripts = linked_data(page);
    let linked = LinkedData::of(&scripts);
    let article = linked.article();
    let outlet = metas
        .all(META_OUTLET)
        .into_iter()
        .find(|name| !name.contains("://"))
        .map(|name| title::without_tagline(&name).to_owned())
        .or_else(|| article.and_then(|it| linked.names(it.get("publisher")).into_iter().next()));
    let stated_titles: Vec<String> =
        metas.all(title::META_TITLE).into_iter().chain(title::window(page)).collect();
    let headings = title::titling(title::headings(page), &stated_titles);
    let headings: Vec<String> =
        headings.iter().map(|it| title::without_ending(it, outlet.as_deref()).to_owned()).collect();
    let stated = article.is_some_and(|it| it.contains_key("headline"))
        || metas.first(title::META_TITLE).is_some()
        || !headings.is_empty();
    let head = if stated { Head::default() } else { head::of(page, signs) };
    let shown = headings.into_iter().chain(head.headline).collect::<Vec<String>>();
    let (title, other_titles) = title::of(&metas, article, &shown, page, outlet.as_deref());
    let mut summaries = metas.all(META_SUMMARY);
    if let Some(article) = article {
        summaries.extend(
            ["description", "alternativeHeadline", "abstract"]
                .iter()
                .filter_map(|key| text(article.get(*key))),
        );
    }
    let date = |key: &str, names: &[&str]| {
        let linked = article.and_then(|it| text(it.get(key)));
        let stated =
            linked.into_iter().chain(metas.all(names)).chain(marked(page, &key.to_lowercase()));
        let dates: Vec<PageDate> = stated.filter_map(|text| PageDate::parse(&text)).collect();
        let finest = dates.iter().find(|date| date.has_time() && same_day(date, &dates[0]));
        finest.or(dates.first()).cloned()
    };
    let by_site = publisher.and_then(|it| it.published(page));
    let published = by_site
        .and_then(|stated| PageDate::parse(&stated))
        .or_else(|| date("datePublished", META_PUBLISHED))
        .or_else(|| first_time(page));
    let stated = Authors {
        by_site: publisher.map(|it| it.bylines(page)).unwrap_or_default(),
        metas: metas.all(byline::META_AUTHOR),
        marked: byline::marked(page, signs),
        printed: head.byline.into_iter().collect(),
    };
    let Byline { names: byline, mut agencies } =
        byline::of(stated, &linked, article, outlet.as_deref());
    let sources = metas.all(META_AGENCY).into_iter();
    let sources = sources.chain(
        ["publisher", "sourceOrganization", "provider", "copyrightHolder"]
            .iter()
            .flat_map(|key| linked.names(article.and_then(|it| it.get(*key)))),
    );
    for source in sources.filter_map(|source| agency::named(&source)) {
        if !agencies.contains(&source) {
            agencies.push(source);
        }
    }
    Metadata {
        live: article.is_some_and(is_live_blog) || title.as_deref().is_some_and(title::says_live),
        byline,
        agencies,
        modified: date("dateModified", META_MODIFIED),
        published,
        language: language(page, &metas),
        canonical_url: canonical(page, &metas, url),
        free: linked.free(),
        words: article.and_then(|it| text(it.get("wordCount"))?.parse().ok()),
        title,
        other_titles,
        summaries,
        captions: linked.captions(),
        outlet,
    }
}

/// True where the moments are less than a day apart, whatever zone each is printed in.
fn same_day(a: &PageDate, b: &PageDate) -> bool {
    match (a.instant(), b.instant()) {
        (Some(a), Some(b)) => (a.as_second() - b.as_second()).abs() <= 24 * 60 * 60,
        _ => false,
    }
}

/// Dates of microdata: `itemprop="datePublished"`.
fn marked(page: &Page<'_>, name: &str) -> Vec<String> {
    page.items()
        .filter(|(index, element)| {
            element.attr("itemprop").is_some_and(|it| it.eq_ignore_ascii_case(name))
                && describes_article(page, *index)
        })
        .filter_map(|(index, element)| {
            let stated = element.attr("datetime").or_else(|| element.attr("content"));
            stated
                .map(str::to_owned)
                .or_else(|| Some(page.text(index)).filter(|text| !text.is_empty()))
        })
        .collect()
}

/// The first `<time>` at or after the headline.
fn first_time(page: &Page<'_>) -> Option<PageDate> {
    let headline = page.tagged(Tag::H1).first().copied().unwrap_or_default();
    let times = page.tagged(Tag::Time);
    let after = times.iter().filter(|&&index| index > headline);
    after.chain(times).find_map(|&index| {
        let stated = page.element(index)?.attr("datetime").map(str::to_owned);
        PageDate::parse(&stated.unwrap_or_else(|| page.text(index)))
    })
}

/// The declared language as an ISO 639-1 code.
fn language(page: &Page<'_>, metas: &Metas) -> Option<String> {
    let html = page.each(Tag::Html).next();
    let declared =
        html.and_then(|(_, element)| element.attr("lang").or_else(|| element.attr("xml:lang")));
    let declared = declared
        .map(str::to_owned)
        .or_else(|| metas.first(&["content-language", "og:locale", "language", "inlanguage"]))?;
    let code: String = declared.trim().chars().take_while(char::is_ascii_alphabetic).collect();
    (code.len() == 2).then(|| code.to_ascii_lowercase())
}

/// The address the page calls its own, made absolute.
fn canonical(page: &Page<'_>, metas: &Metas, url: Option<&Url>) -> Option<String> {
    let link = page.each(Tag::Link).find(|(_, element)| {
        element.attr("rel").is_some_and(|rel| {
            rel.split_whitespace().any(|it| it.eq_ignore_ascii_case("canonical"))
        })
    });
    let stated = link.and_then(|(_, element)| element.attr("href")).map(str::to_owned);
    stated.into_iter().chain(metas.first(&["og:url"])).find_map(|href| {
        let href = href.trim();
        let absolute = match url {
            Some(base) => base.join(href).ok(),
            None => Url::parse(href).ok(),
        }?;
        let is_front_page = absolute.path() == "/"
            && absolute.query().is_none()
            && url.is_none_or(|url| url.path() != "/");
        (matches!(absolute.scheme(), "http" | "https") && !href.is_empty() && !is_front_page)
            .then(|| absolute.to_string())
    })
}

#[cfg(test)]
mod tests {
    use crate::article::from_html;

    const PROSE: &str = "The harbour committee will vote on the charter next week, its chair said on \
        Monday, after three years of talks that had often seemed close to failing.";

    fn article(head: &str, body: &str) -> crate::domain::article::Article {
        let html = format!(
            "<html><head>{head}</head><body><article><h1>The vote</h1>{body}<p>{PROSE}</p></article>"
        );
        from_html(&html, None).unwrap()
    }

    #[test]
    fn bylines_are_names_without_by_roles_places_days_and_agencies() {
        for (printed, names, agency) in [
            ("By Ada Byron", vec!["Ada Byron"], None),
            ("BY ADA BYRON AND OLU SARR", vec!["ADA BYRON", "OLU SARR"], None),
            (
                "By Ada Byron, Olu Sarr and Ned Lark",
                vec!["Ada Byron", "Olu Sarr", "Ned Lark"],
                None,
            ),
            ("By Ada Byron, Science Reporter", vec!["Ada Byron"], None),
            ("Science editor Ada Byron", vec!["Ada Byron"], None),
            ("Ada Byron is a staff writer", vec!["Ada Byron"], None),
            ("By Ada Byron in Vell", vec!["Ada Byron"], None),
            ("By Ada Byron in Vell and Olu Sarr in Orsk", vec!["Ada Byron", "Olu Sarr"], None),
            ("By Ada Byron Monday", vec!["Ada Byron"], None),
            ("By Ada Byron, Quay Post Business", vec!["Ada Byron"], None),
            ("By Ada Byron, Associated Press", vec!["Ada Byron"], Some("AP")),
            ("By ADA BYRON Associated Press", vec!["ADA BYRON"], Some("AP")),
            ("By Ada Byron of The Associated Press", vec!["Ada Byron"], Some("AP")),
            ("By Ada Byron | Reuters", vec!["Ada Byron"], Some("Reuters")),
            ("Ada Byron (AFP)", vec!["Ada Byron"], Some("AFP")),
            ("Ada Byron with AFP", vec!["Ada Byron"], Some("AFP")),
            ("PTI, Vell", vec!["PTI"], Some("PTI")),
            ("Reuters Staff", vec!["Reuters Staff"], Some("Reuters")),
            ("By The Associated Press", vec!["The Associated Press"], Some("AP")),
        ] {
            let site = "<meta property=og:site_name content='Quay Post'>";
            for article in [
                article(&format!("{site}<meta name=author content='{printed}'>"), ""),
                article(site, &format!("<p class=byline>{printed}</p>")),
            ] {
                assert_eq!(article.byline, names, "{printed}");
                assert_eq!(article.agency.as_deref(), agency, "{printed}");
                assert_eq!(article.text, PROSE, "{printed}");
            }
        }
    }

    #[test]
    fn agencies_are_credited_by_data_datelines_and_feet_and_not_by_pictures() {
        let data = |value: &str| {
            format!(
                "<script type=application/ld+json>{{\"@type\":\"NewsArticle\",\"headline\":\"The vote\",\
                 \"author\":[{{\"name\":\"Ada Byron\"}}],{value}}}</script>"
            )
        };
        for (head, body, agency) in [
            (data("\"sourceOrganization\":{\"name\":\"Reuters\"}"), "", Some("Reuters")),
            (data("\"publisher\":{\"name\":\"Quay Post\"}"), "", None),
            (
                String::new(),
                "<p>VELL, Costa Verda (AP) — The charter is done, said its chair.</p>",
                Some("AP"),
            ),
            (String::new(), "<div>AFP, VELL</div>", Some("AFP")),
            (
                String::new(),
                "<figure><img src=a.jpg><figcaption>The quay. AFP</figcaption></figure>",
                None,
            ),
            (String::new(), "<div class=caption>The quay <span>Reuters</span></div>", None),
            (
                String::new(),
                "<p>The chair told Reuters on Monday that it was not her charter.</p>",
                None,
            ),
        ] {
            assert_eq!(article(&head, body).agency.as_deref(), agency, "{head}{body}");
        }
    }

    #[test]
    fn titles_lose_the_outlets_name() {
        for (head, title) in [
            ("<meta property=og:title content='A vote | Quay Post'>", "A vote"),
            (
                "<meta property=og:title content='A vote - Costa Verda - Quay Post'>",
                "A vote - Costa Verda",
            ),
            ("<meta property=og:title content='Vote – yes or no?'>", "Vote – yes or no?"),
            (
                "<script type=application/ld+json>{\"@type\":\"NewsArticle\",\"headline\":\"A vote | Quay Post\"}</script>",
                "A vote",
            ),
        ] {
            let site = "<meta property=og:site_name content='Quay Post'>";
            assert_eq!(
                article(&format!("{site}{head}"), "").title.as_deref(),
                Some(title),
                "{head}"
            );
        }
    }

    #[test]
    fn microdata_of_pictures_and_comments_is_not_the_articles() {
        let body = "<div itemscope itemtype='https://schema.org/ImageObject'>\
            <meta itemprop=author content='Ned Lark'><meta itemprop=datePublished content='2001-01-01'>\
            </div>";
        let head = "<meta itemprop=author content='Ada Byron'>";
        let found = article(head, body);
        assert_eq!(found.byline, ["Ada Byron"]);
        assert_eq!(found.published, None);
    }

    #[test]
    fn live_blogs_are_recognised_by_data_title_and_markup() {
        let posts =
            format!("<div class=live-blog><div><h2>Noon</h2><p>{PROSE} Twice.</p></div></div>");
        for (head, body, live) in [
            (
                "<script type=application/ld+json>{\"@type\":\"LiveBlogPosting\",\"headline\":\"A\"}</script>",
                "",
                true,
            ),
            ("<meta property=og:title content='Tides LIVE: the vote'>", "", true),
            ("<meta property=og:title content='The vote on tides – live'>", "", true),
            ("", posts.as_str(), true),
            ("<meta property=og:title content='How otters live'>", "", false),
            ("", "<aside class=live-blog><a href=/x>Follow our live blog</a></aside>", false),
        ] {
            assert_eq!(article(head, body).live, live, "{head}{body}");
        }
    }
}
