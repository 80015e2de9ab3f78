//! The address of an article: one article, one URL.
//!
//! URL → the same URL without what only tells a server where a reader came from, and the addresses
//! under which sites show the same article. Refuses to drop a parameter that is not known to be such:
//! it may name the article.

use url::Url;

/// Query parameters that track readers; a name ending in `*` stands for all that begin so.
/// Collected from the vendors' own documentation of their link builders.
const TRACKING: &[&str] = &[
    "at_campaign",
    "at_link_*",
    "at_medium",
    "__cft__",
    "cmp",
    "cmpid",
    "dclid",
    "epik",
    "fb_action_ids",
    "fb_action_types",
    "fb_source",
    "fbclid",
    "ftag",
    "_ga",
    "gad_source",
    "gbraid",
    "gclid",
    "gclsrc",
    "_gl",
    "guccounter",
    "guce_referrer",
    "guce_referrer_sig",
    "hsa_*",
    "hsctatracking",
    "_hsenc",
    "_hsmi",
    "icid",
    "ico",
    "igsh",
    "igshid",
    "itm_*",
    "ito",
    "li_fat_id",
    "matomo_*",
    "mbid",
    "mc_cid",
    "mc_eid",
    "mibextid",
    "mkcid",
    "mkevt",
    "mkt_tok",
    "msclkid",
    "mtm_*",
    "ncid",
    "ns_campaign",
    "ns_fee",
    "ns_linkname",
    "ns_mchannel",
    "ns_source",
    "ocid",
    "oly_anon_id",
    "oly_enc_id",
    "partner",
    "piwik_*",
    "pk_*",
    "rb_clickid",
    "ref_src",
    "ref_url",
    "__s",
    "s_cid",
    "sc_channel",
    "sc_cmp",
    "smid",
    "smprod",
    "smtyp",
    "soc_src",
    "soc_trk",
    "sr_share",
    "srnd",
    "taid",
    "__tn__",
    "traffic_source",
    "ttclid",
    "twclid",
    "__twitter_impression",
    "utm_*",
    "vero_conv",
    "vero_id",
    "wbraid",
    "wickedid",
    "wt.mc_ev",
    "wt.mc_id",
    "xtor",
    "yclid",
    "ysclid",
];

/// Pages of aggregators that only lead on: host, path, and the parameter with the article's address.
const LEADING_ON: &[(&str, &str, &str)] = &[
    ("www.bing.com", "/news/apiclick.aspx", "url"),
    ("www.google.com", "/url", "url"),
    ("www.google.com", "/url", "q"),
    ("news.google.com", "/news/url", "url"),
    ("l.facebook.com", "/l.php", "u"),
    ("out.reddit.com", "/", "url"),
];

/// Where a link of an aggregator leads, if its address says so.
fn behind_aggregator(url: &Url) -> Option<Url> {
    let host = url.host_str()?;
    let of = |row: &&(&str, &str, &str)| row.0 == host && url.path().eq_ignore_ascii_case(row.1);
    LEADING_ON.iter().filter(of).find_map(|(_, _, parameter)| {
        let (_, value) = url.query_pairs().find(|(name, _)| name == parameter)?;
        Url::parse(&value).ok().filter(|it| matches!(it.scheme(), "http" | "https"))
    })
}

/// `url` without fragment and tracking parameters, the other parameters in their order; of a link
/// that an aggregator leads through itself, the article's own address.
#[must_use]
pub fn normalise(url: &Url) -> Url {
    let mut clean = behind_aggregator(url).unwrap_or_else(|| url.clone());
    clean.set_fragment(None);
    if clean.query().is_none() {
        return clean;
    }
    let kept: Vec<String> = clean
        .query()
        .unwrap_or_default()
        .split('&')
        .filter(|pair| !pair.is_empty() && !is_tracking(pair.split('=').next().unwrap_or(pair)))
        .map(str::to_owned)
        .collect();
    clean.set_query(if kept.is_empty() { None } else { Some(kept.join("&")) }.as_deref());
    clean
}

/// The canonical URL that a page declares, if it can be believed: on the same site as the page
/// itself, and not a bare front page that a broken template names for every article.
#[must_use]
pub fn believable_canonical(page: &Url, declared: Option<&str>) -> Option<Url> {
    let canonical = page.join(declared?).ok()?;
    let same_site = site(canonical.host_str()?) == site(page.host_str()?)
        && canonical.port_or_known_default() == page.port_or_known_default();
    let front_page = canonical.path().len() <= 1 && page.path().len() > 1;
    (matches!(canonical.scheme(), "http" | "https") && same_site && !front_page)
        .then(|| normalise(&canonical))
}

/// First labels of hosts that show the same site, the reader's own first.
const VIEWS: [&str; 5] = ["", "www.", "m.", "mobile.", "amp."];

/// A host without the labels that name a view of the same site.
#[must_use]
pub fn site(host: &str) -> &str {
    VIEWS[1..].iter().find_map(|view| host.strip_prefix(view)).unwrap_or(host)
}

/// Query parameters that ask for the AMP view of a page, with the values that do.
const AMP_PARAMETERS: [(&str, &[&str]); 2] =
    [("amp", &["", "1", "true"]), ("outputtype", &["amp", "valid_amp"])];

/// Endings of paths that name the AMP view of a page, and what stands there in the page's own path.
const AMP_ENDINGS: [(&str, &str); 5] =
    [("/amp/", "/"), ("/amp", ""), (".amp.html", ".html"), (".amp", ""), ("/amp.html", "")];

/// `url` without the signs of an AMP view: `/amp/one`, `/one/amp`, `/one.amp.html`, `?amp=1`.
fn without_amp(url: &Url) -> Url {
    let mut plain = url.clone();
    let path = url.path();
    let inner = path.strip_prefix("/amp").filter(|rest| rest.starts_with('/') && rest.len() > 1);
    let ending = || {
        AMP_ENDINGS.iter().find_map(|(ending, own)| {
            let start = path.strip_suffix(ending)?;
            (start.len() > 1).then(|| format!("{start}{own}"))
        })
    };
    if let Some(path) = inner.map(str::to_owned).or_else(ending) {
        plain.set_path(&path);
    }
    if let Some(query) = url.query() {
        let asks_for_amp = |pair: &&str| {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            let known = |row: &&(&str, &[&str])| name.eq_ignore_ascii_case(row.0);
            AMP_PARAMETERS.iter().find(known).is_some_and(|row| row.1.contains(&value))
        };
        let kept: Vec<&str> = query.split('&').filter(|pair| !asks_for_amp(pair)).collect();
        if kept.len() < query.split('&').count() {
            plain.set_query((!kept.is_empty()).then(|| kept.join("&")).as_deref());
        }
    }
    plain
}

/// Whether `url` is a view for small screens of a page that has an address of its own.
#[must_use]
pub fn is_view(url: &Url) -> bool {
    let host = url.host_str().unwrap_or_default();
    without_amp(url) != *url || VIEWS[2..].iter().any(|view| host.starts_with(view))
}

/// The addresses under which the article at `url` may be known, itself first: over http and https,
/// with and without `www.` and the like, and of its AMP view the page's own.
#[must_use]
pub fn variants(url: &Url) -> Vec<Url> {
    let mut variants = vec![url.clone()];
    let Some(host) = url.host_str() else { return variants };
    for path in [url, &without_amp(url)] {
        for scheme in ["https", "http"] {
            for view in VIEWS {
                let mut other = path.clone();
                // Fails for a number as host, which has no views.
                let host = format!("{view}{}", site(host));
                let set = other.set_host(Some(&host)).is_ok() && other.set_scheme(scheme).is_ok();
                if set && other.port() == url.port() && !variants.contains(&other) {
                    variants.push(other);
                }
            }
        }
    }
    variants
}

/// What all [`variants`] of an address have in common.
#[must_use]
pub fn key(url: &Url) -> String {
    let plain = without_amp(url);
    let port = plain.port().map(|port| format!(":{port}")).unwrap_or_default();
    let host = site(plain.host_str().unwrap_or_default());
    format!("{host}{port}{}", &plain[url::Position::BeforePath..])
}

/// How good an address of an article is to ask, among its [`variants`]; less is better. The page
/// proper holds more than its views, and https can't be altered on the way.
#[must_use]
pub fn rank(url: &Url) -> u8 {
    u8::from(is_view(url)) * 2 + u8::from(url.scheme() != "https")
}

fn is_tracking(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    TRACKING.iter().any(|known| match known.strip_suffix('*') {
        Some(beginning) => name.starts_with(beginning),
        None => name == *known,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn url(text: &str) -> Url {
        Url::parse(text).unwrap()
    }

    #[test]
    fn tracking_parameters_and_fragments_go_and_the_others_stay_in_order() {
        for (given, wanted) in [
            (
                "https://a.example/x?utm_source=rss&id=7&UTM_medium=b&page=2#top",
                "https://a.example/x?id=7&page=2",
            ),
            ("https://a.example/x?fbclid=1", "https://a.example/x"),
            ("https://a.example/x?cmp=rss&ito=1490&ocid=feed&_hsenc=p", "https://a.example/x"),
            ("https://a.example/x?mtm_kwd=b&id=7", "https://a.example/x?id=7"),
            ("https://a.example/x?ref=front", "https://a.example/x?ref=front"),
            ("https://a.example/x?&&", "https://a.example/x"),
            ("https://a.example/x?q=a%26b", "https://a.example/x?q=a%26b"),
            (
                "http://www.bing.com/news/apiclick.aspx?ref=F&url=https%3a%2f%2fa.example%2fx%3fid%3d7%26utm_source%3db&c=1",
                "https://a.example/x?id=7",
            ),
            (
                "https://www.google.com/url?rct=j&url=https://a.example/x&ct=ga",
                "https://a.example/x",
            ),
            (
                "https://www.google.com/url?q=javascript:x",
                "https://www.google.com/url?q=javascript:x",
            ),
            (
                "https://www.bing.com/news/search?url=https://a.example/",
                "https://www.bing.com/news/search?url=https://a.example/",
            ),
        ] {
            assert_eq!(normalise(&url(given)).as_str(), wanted);
        }
    }

    #[test]
    fn the_addresses_of_one_article_have_one_key_and_know_each_other() {
        let same = [
            "https://www.a.example/news/one",
            "http://www.a.example/news/one",
            "https://a.example/news/one",
            "http://m.a.example/news/one",
            "https://amp.a.example/news/one",
            "https://a.example/amp/news/one",
            "https://a.example/news/one/amp",
            "https://a.example/news/one?amp",
            "https://a.example/news/one?amp=1",
            "https://a.example/news/one?outputType=amp",
            "https://a.example/news/one.amp",
        ];
        for text in same {
            assert_eq!(key(&url(text)), "a.example/news/one", "{text}");
            let known = variants(&url(text));
            assert_eq!(known[0].as_str(), text);
            for plain in &same[..3] {
                assert!(known.contains(&url(plain)), "{text} {plain}");
            }
        }
        let others = [
            "https://a.example/news/one/",
            "https://a.example:8443/news/one",
            "https://b.example/news/one",
            "https://a.example/news/one?id=7",
            "https://a.example/news/champ",
            "https://a.example/amp/",
            "https://a.example/news/one?amp=valve",
        ];
        for text in others {
            assert_ne!(key(&url(text)), "a.example/news/one", "{text}");
            assert!(!variants(&url(text)).contains(&url(same[0])), "{text}");
        }
        let html = url("https://a.example/one.amp.html?id=7&amp=1");
        assert_eq!(key(&html), "a.example/one.html?id=7");
        assert_eq!(key(&url("http://127.0.0.1:8080/amp/a")), "127.0.0.1:8080/a");
        assert!(variants(&url("http://127.0.0.1:80/a")).contains(&url("https://127.0.0.1/a")));
    }

    #[test]
    fn the_page_proper_over_https_is_the_best_address_to_ask() {
        let mut urls = [
            "http://a.example/one/amp",
            "https://a.example/one/amp",
            "https://m.a.example/one",
            "http://a.example/one",
            "https://www.a.example/one",
        ]
        .map(url);
        urls.sort_by_key(rank);
        assert_eq!(urls[0].as_str(), "https://www.a.example/one");
        assert_eq!(urls[1].as_str(), "http://a.example/one");
    }

    #[test]
    fn a_canonical_url_is_believed_on_its_own_site_only() {
        let page = url("https://www.a.example/news/one?utm_source=x");
        for (declared, wanted) in [
            (Some("https://a.example/news/one"), Some("https://a.example/news/one")),
            (Some("/news/one#start"), Some("https://www.a.example/news/one")),
            (Some("https://other.example/news/one"), None),
            (Some("https://a.example/"), None),
            (Some("javascript:void(0)"), None),
            (None, None),
        ] {
            assert_eq!(
                believable_canonical(&page, declared).map(String::from),
                wanted.map(String::from)
            );
        }
    }
}
