//! Articles out of HTML pages.
//!
//! HTML → headline, byline, dates, paragraphs, notices. Pure: no I/O, no clock. Refuses a page that
//! holds no article, with the reason.

mod access;
mod agency;
mod attributes;
mod body;
pub mod charset;
mod dom;
mod furniture;
mod head;
mod language;
mod metadata;
mod notices;
mod publishers;
mod reader;
mod tree;

use url::Url;

use crate::domain::address;
use crate::domain::article::Article;

/// Why a page holds no article.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NoArticle {
    /// Nothing but white space.
    #[error("the page is empty")]
    Empty,
    /// No paragraphs that read like an article.
    #[error("the page has no article text")]
    NoBody,
    /// A paywall that leaves the start of the article, or nothing of it.
    #[error("the page shows at most the start of its article: the rest is behind a paywall")]
    Paywalled,
    /// A question for consent in place of the article.
    #[error("the page asks for consent to cookies in place of an article")]
    ConsentWall,
    /// A question whether a robot reads the page in place of the article.
    #[error("the page asks whether a robot reads it in place of an article")]
    RobotWall,
    /// More bytes than [`dom::MAX_HTML_BYTES`].
    #[error("the page is larger than {} MiB", dom::MAX_HTML_BYTES / 1024 / 1024)]
    TooLarge,
    /// Elements nested deeper than [`dom::MAX_DEPTH`].
    #[error("the page nests elements deeper than {}", dom::MAX_DEPTH)]
    TooDeep,
    /// More nodes than [`dom::MAX_NODES`].
    #[error("the page has more than {} elements and texts", dom::MAX_NODES)]
    TooManyNodes,
    /// More of `<` or `&` than [`dom::MAX_MARKS`].
    #[error("the page has more than {} of `<` or `&`", dom::MAX_MARKS)]
    TooManyMarks,
    /// A tag with more attributes than [`dom::MAX_ATTRIBUTES`].
    #[error("a tag of the page has more than {} attributes", dom::MAX_ATTRIBUTES)]
    TooManyAttributes,
}

/// The article of a decoded page. `url` is where the page was fetched from, if known; relative
/// links are resolved against it.
///
/// # Errors
/// [`NoArticle`] says why there is none.
pub fn from_html(html: &str, url: Option<&Url>) -> Result<Article, NoArticle> {
    if html.trim().is_empty() {
        return Err(NoArticle::Empty);
    }
    let tree = dom::parse(html)?;
    let page = dom::Page::new(&tree);
    let mut signs = furniture::signs(&page);
    let publisher = url.and_then(Url::host_str).and_then(publishers::of);
    if let Some(publisher) = publisher {
        publisher.mark(&page, &mut signs);
    }
    let metadata = metadata::of(&page, &signs, url, publisher);
    let canonical = metadata.canonical_url.as_deref().and_then(|own| Url::parse(own).ok());
    let host = url.or(canonical.as_ref()).and_then(Url::host_str);
    let Some(body) = body::of(&page, &signs, &metadata, host.map(address::site)) else {
        return Err(access::wall(&page, &signs, &metadata, "").unwrap_or(NoArticle::NoBody));
    };
    let (paragraphs, mut notices) = notices::split(body.paragraphs);
    let credits = agency::of_text(&paragraphs);
    for notice in notices::beside(&body.beside) {
        if notices.iter().all(|known| known.text != notice.text) {
            notices.push(notice);
        }
    }
    let text = paragraphs.join("\n\n");
    if let Some(wall) = access::wall(&page, &signs, &metadata, &text) {
        return Err(wall);
    }
    let mut agencies = metadata.agencies;
    for agency in body.agencies.into_iter().chain(credits) {
        if !agencies.contains(&agency) {
            agencies.push(agency);
        }
    }
    let mut byline = metadata.byline;
    let names_outlet = byline.len() == 1 && byline.first() == metadata.outlet.as_ref();
    if byline.is_empty() || names_outlet && !agencies.is_empty() {
        byline = agencies.iter().map(|agency| (*agency).to_owned()).collect();
    }
    let language = metadata.language.or_else(|| language::of(&text).map(str::to_owned));
    Ok(Article {
        title: metadata.title,
        standfirst: body.standfirst,
        byline,
        agency: (!agencies.is_empty()).then(|| agencies.join(", ")),
        outlet: metadata.outlet,
        published: metadata.published.or(body.date),
        modified: metadata.modified,
        language,
        canonical_url: metadata.canonical_url,
        live: metadata.live || body.live,
        text,
        notices,
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// A page around paragraphs, as outlets write them.
    fn page(paragraphs: &str) -> String {
        format!(
            "<html><head><title>The vote | The Quay Post</title></head><body><nav><a href=/>Home</a>\
             </nav><article><h1>The vote</h1>{paragraphs}</article></body></html>"
        )
    }

    const PROSE: &str = "The harbour committee will vote on the charter next week, its chair said on \
        Monday, after three years of talks that had often seemed close to failing.";

    fn text(html: &str) -> String {
        from_html(html, None).unwrap().text
    }

    #[test]
    fn inline_tags_neither_glue_nor_split_words() {
        let html = page(&format!(
            "<p>{PROSE}</p><p>A <b>sl</b>ow <i>boat</i><a href=/x>, he</a> said\n<em>twice</em>.</p>"
        ));
        assert_eq!(text(&html), format!("{PROSE}\n\nA slow boat, he said twice."));
    }

    #[test]
    fn breaks_are_lines_and_double_breaks_are_paragraphs() {
        let html =
            page(&format!("<div>{PROSE}<br>Second line.<br><br>Third.<br/> <br/>Fourth.</div>"));
        assert_eq!(text(&html), format!("{PROSE}\nSecond line.\n\nThird.\n\nFourth."));
    }

    #[test]
    fn hidden_text_does_not_enter() {
        let html = page(&format!(
            "<p>{PROSE}</p><p hidden>one</p><p style='display: none'>two</p>\
             <p>Seen<span class=visually-hidden> unseen</span>.</p><template><p>three</p></template>"
        ));
        assert_eq!(text(&html), format!("{PROSE}\n\nSeen."));
    }

    #[test]
    fn references_to_other_sites_stay_and_links_to_other_articles_go() {
        let html = page(&format!(
            "<p>{PROSE}</p><p><a href='https://county.example/minutes.pdf'>The committee’s minutes</a>\
             </p><p><a href='https://www.quay-post.example/b'>Harbour fees rise again</a></p>\
             <ul><li><a href='https://shop.example/map'>Buy the map</a></li></ul>\
             <ul><li><a href='/c'>Bridge closed</a></li><li><a href='/d'>Ferry late</a></li></ul>\
             <p><a href='https://x.com/intent/post?u=1'>Post this to your friends</a></p>"
        ));
        let url = Url::parse("https://quay-post.example/a").unwrap();
        let text = from_html(&html, Some(&url)).unwrap().text;
        assert_eq!(text, format!("{PROSE}\n\nThe committee’s minutes\n\nBuy the map"));
    }

    #[test]
    fn captions_do_not_enter_wherever_they_are_repeated() {
        let html = page(&format!(
            "<p>{PROSE}</p><div><img src=a.jpg alt='Odile Sarr at the harbour wall on Monday'>\
             <div>Odile Sarr at the harbour wall on Monday</div></div>"
        ));
        assert_eq!(text(&html), PROSE);
    }

    #[test]
    fn main_headings_of_sections_are_headings_of_the_text() {
        let html = page(&format!(
            "<p>{PROSE}</p><h1>The charter</h1><p>{PROSE} Twice.</p><h1>The fee</h1><p>{PROSE} Now.</p>"
        ));
        let wanted = format!("{PROSE}\n\nThe charter\n\n{PROSE} Twice.\n\nThe fee\n\n{PROSE} Now.");
        assert_eq!(text(&html), wanted);
    }

    #[test]
    fn rows_of_figures_are_lines_and_cells_of_layout_are_paragraphs() {
        let figures = page(&format!(
            "<p>{PROSE}</p><table><tr><th>Bridge<th>Year</tr><tr><td>Stone<td><b>1710</b></tr></table>"
        ));
        assert_eq!(text(&figures), format!("{PROSE}\n\nBridge | Year\n\nStone | 1710"));
        let layout = page(&format!(
            "<table><tr><td>{PROSE}</td><td>{PROSE} Twice.</td></tr><tr><td>{PROSE} A.<td>{PROSE} B.</tr></table>"
        ));
        assert_eq!(text(&layout), format!("{PROSE}\n\n{PROSE} Twice.\n\n{PROSE} A.\n\n{PROSE} B."));
    }

    #[test]
    fn notices_in_footers_and_asides_are_found_and_comments_are_none() {
        let notice = "Correction, 20 June 2025: An earlier version misquoted the chair.";
        let html = page(&format!(
            "<div class=article-body><p>{PROSE}</p><p>{PROSE} Twice.</p>\
             <footer class=amendment><p><strong>Correction, 20 June 2025:</strong> An earlier version \
             misquoted the chair.</p></footer></div>\
             <div class=comments><p>Correction: The chair never said any of this to anyone.</p></div>"
        ));
        let article = from_html(&html, None).unwrap();
        let notices: Vec<&str> = article.notices.iter().map(|it| it.text.as_str()).collect();
        assert_eq!(notices, [notice]);
        assert!(!article.text.contains("Correction"));
    }

    #[test]
    fn pages_without_an_article_say_so() {
        assert_eq!(from_html(" \n\t", None), Err(NoArticle::Empty));
        assert_eq!(from_html("<p>Log in</p>", None), Err(NoArticle::NoBody));
        let links = "<li><a href=/a>A headline that goes on for quite a while</a></li>".repeat(50);
        assert_eq!(from_html(&format!("<ul>{links}</ul>"), None), Err(NoArticle::NoBody));
    }

    #[test]
    fn a_page_of_one_text_node_is_its_own_article() {
        assert_eq!(text(PROSE), PROSE);
    }

    #[test]
    fn hostile_pages_give_an_article_or_a_reason() {
        let small_stack = std::thread::Builder::new().stack_size(2 * 1024 * 1024);
        let tried = small_stack.spawn(|| {
            let prose = page(&format!("<p>{PROSE}</p>"));
            let tags =
                ["div", "p", "b", "a", "table", "svg", "ul><li", "blockquote", "span", "font"];
            for tag in tags {
                let _ = from_html(&format!("{}{prose}", format!("<{tag}>").repeat(30_000)), None);
            }
            let attributes: String = (0..100_000).map(|n| format!(" x{n}='<p>'")).collect();
            assert_eq!(
                from_html(&format!("<p{attributes}>{prose}"), None),
                Err(NoArticle::TooManyAttributes)
            );
            let long_value = "x".repeat(1_000_000);
            assert!(from_html(&format!("<p class='{long_value}'>{prose}"), None).is_ok());
            let nuls = prose.replace("vote", "vo\0te");
            assert!(!from_html(&nuls, None).unwrap().text.contains('\0'));
            let json = format!("<script type=application/ld+json>{}</script>", "[".repeat(100_000));
            assert!(from_html(&format!("{json}{prose}"), None).is_ok());
            let words = "word ".repeat(200_000);
            assert!(from_html(&page(&format!("<p>{words}</p>")), None).is_ok());
            let paragraphs = format!("<p>{PROSE} {{}}</p>").repeat(2_000);
            assert!(from_html(&page(&paragraphs), None).is_ok());
            for hint in ["div class=article-body", "span class=byline", "figure", "ul", "article"] {
                let nested = format!("<{hint}>").repeat(400);
                let _ = from_html(&format!("{nested}{paragraphs}"), None);
            }
        });
        tried.unwrap().join().unwrap();
    }

    proptest! {
        #[test]
        fn any_text_is_an_article_or_a_reason(html in "\\PC{0,300}") {
            let _ = from_html(&html, None);
        }

        #[test]
        fn any_tags_in_any_order_are_an_article_or_a_reason(
            pieces in proptest::collection::vec(
                prop_oneof![
                    "</?(p|div|h1|ul|li|table|tr|td|b|a|br|figure|blockquote|article|nav|html|body|title|time|template|select|svg|math|script)( (class|id|style|itemprop|datetime)='?[a-z -]{0,12}'?)?>",
                    Just(PROSE.to_owned()),
                    Just("<script type='application/ld+json'>{\"@type\":\"NewsArticle\",\"author\":[{\"@id\":\"x\"}],\"datePublished\":\"2024\"}</script>".to_owned()),
                    "[a-z“” .,:&;]{0,20}",
                ],
                0..40,
            ),
        ) {
            if let Ok(article) = from_html(&pieces.concat(), None) {
                prop_assert!(!article.text.is_empty());
                prop_assert!(article.text.split("\n\n").all(|it| it.trim() == it && !it.is_empty()));
            }
        }
    }
}
