//! The address of an article: one article, one URL.
//!
//! URL → the same URL without what only tells a server where a reader came from. Refuses to drop a
//! parameter that is not known to be such: it may name the article.

use url::Url;

/// Query parameters that track readers; a name ending in `*` stands for all that begin so.
/// Collected from the vendors' own documentation of their link builders.
const TRACKING: &[&str] = &[
    "utm_*",
    "at_medium",
    "at_campaign",
    "at_link_*",
    "cmpid",
    "dclid",
    "fbclid",
    "ftag",
    "gclid",
    "gbraid",
    "wbraid",
    "guccounter",
    "icid",
    "igshid",
    "mbid",
    "mc_cid",
    "mc_eid",
    "mkt_tok",
    "msclkid",
    "ncid",
    "ns_campaign",
    "ns_mchannel",
    "ns_source",
    "partner",
    "smid",
    "smtyp",
    "taid",
    "traffic_source",
    "twclid",
    "wt.mc_id",
    "xtor",
    "yclid",
    "_ga",
    "_gl",
    "__twitter_impression",
];

/// `url` without fragment and tracking parameters, the other parameters in their order.
#[must_use]
pub fn normalise(url: &Url) -> Url {
    let mut clean = url.clone();
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

/// A host without the labels that name a view of the same site.
#[must_use]
pub fn site(host: &str) -> &str {
    ["www.", "amp.", "m.", "mobile."]
        .iter()
        .find_map(|view| host.strip_prefix(view))
        .unwrap_or(host)
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
            ("https://a.example/x?ref=front", "https://a.example/x?ref=front"),
            ("https://a.example/x?&&", "https://a.example/x"),
            ("https://a.example/x?q=a%26b", "https://a.example/x?q=a%26b"),
        ] {
            assert_eq!(normalise(&url(given)).as_str(), wanted);
        }
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
