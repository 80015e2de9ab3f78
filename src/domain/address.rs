//! The address of an article: one article, one URL.
//!
//! URL → the same URL without what only tells a server where a reader came from. Refuses to drop a
//! parameter that is not known to be such: it may name the article.

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
