//! Who may ask: the host that a request names, the site it comes from, the token it shows.
//!
//! The pages are on this machine, and so is every browser tab of its user; what a tab of a stranger's
//! site can do is what is held off here. A name that leads to loopback (DNS rebinding) is not answered;
//! what another site asks for, but by a link, is not answered; what changes something needs the token.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::header::{
    CONTENT_SECURITY_POLICY, HOST, HeaderName, ORIGIN, REFERRER_POLICY, SET_COOKIE,
    WWW_AUTHENTICATE, X_CONTENT_TYPE_OPTIONS, X_FRAME_OPTIONS,
};
use axum::http::{HeaderMap, HeaderValue, Method, Response, StatusCode, Uri};
use axum::middleware::Next;
use url::form_urlencoded;

use super::asked::Visitor;
use super::failure::Failure;
use super::state::Shared;
use super::{bridge, reply};

/// Bytes of a path with its parameters: the longest query that is read, in letters that take six bytes
/// each in a URL, and room for filters.
const MAX_TARGET: usize = 16 * 1024;

/// How proxies name the scheme that they were asked by.
const X_FORWARDED_PROTO: HeaderName = HeaderName::from_static("x-forwarded-proto");

/// What every response says: nothing but what is in the program may be loaded, shown elsewhere, guessed
/// at or passed on.
const HEADERS: [(HeaderName, &str); 6] = [
    (
        CONTENT_SECURITY_POLICY,
        "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; connect-src 'self'; \
         form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
    ),
    (X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (X_FRAME_OPTIONS, "DENY"),
    // Under `no-referrer` a browser hides the origin of our own forms too (Fetch, 3.1), and they would
    // not be told from those of another site.
    (REFERRER_POLICY, "same-origin"),
    (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
    (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
];

/// Lets a request through to its handler with the [`Visitor`] that it comes from, or answers it itself.
pub(super) async fn check(
    State(shared): State<Arc<Shared>>,
    mut request: Request,
    next: Next,
) -> Response<Body> {
    let mut response = match admitted(&shared, &request) {
        Ok(Entry::Let(visitor)) => {
            request.extensions_mut().insert(visitor);
            next.run(request).await
        }
        Ok(Entry::Token(target)) => with_cookie(&shared, &target, is_encrypted(request.headers())),
        Err(failure) => bridge::failed(&failure, request.uri().path(), &Visitor::default()),
    };
    let headers = response.headers_mut();
    for (name, value) in HEADERS {
        headers.insert(name, HeaderValue::from_static(value));
    }
    response
}

/// How a request gets in.
enum Entry {
    Let(Visitor),
    /// With the token in its address, which it is to be seen with no longer than this once.
    Token(String),
}

fn admitted(shared: &Shared, request: &Request) -> Result<Entry, Failure> {
    let (uri, method, headers) = (request.uri(), request.method(), request.headers());
    let target = uri.path_and_query().map_or("/", |target| target.as_str());
    if target.len() > MAX_TARGET {
        let message =
            format!("the address is longer than {MAX_TARGET} bytes: ask with fewer words");
        return Err(Failure::new(StatusCode::URI_TOO_LONG, message));
    }
    check_host(shared, uri, headers)?;
    check_site(shared, method, headers)?;
    if *method == Method::GET
        && let Some(entry) = token_in_address(shared, uri)
    {
        return entry;
    }
    let known = shared.token.is_shown(headers);
    if !known && !shared.hosts.are_local() && !super::assets::is_asset(uri.path()) {
        let message = "this needs the token: open the address that `quotes serve` printed, or send \
                       Authorization: Bearer TOKEN";
        return Err(Failure::new(StatusCode::UNAUTHORIZED, message));
    }
    if !known && !method.is_safe() && *method != Method::OPTIONS {
        let message = "a change needs the token: open the address with ?token= that `quotes serve` \
                       printed, or send Authorization: Bearer TOKEN";
        return Err(Failure::new(StatusCode::UNAUTHORIZED, message));
    }
    let form_token = known.then(|| shared.token.form().to_owned());
    Ok(Entry::Let(Visitor { form_token, encrypted: is_encrypted(headers) }))
}

/// The `Host` header, and the host of the request's target if that is a whole address.
fn check_host(shared: &Shared, uri: &Uri, headers: &HeaderMap) -> Result<(), Failure> {
    let mut named = headers.get_all(HOST).iter();
    let (Some(host), None) = (named.next(), named.next()) else {
        return Err(Failure::new(StatusCode::BAD_REQUEST, "a request names one host"));
    };
    let fits = host.to_str().is_ok_and(|host| shared.hosts.has(host))
        && uri.authority().is_none_or(|authority| shared.hosts.has(authority.as_str()));
    if fits {
        return Ok(());
    }
    Err(Failure::new(
        StatusCode::MISDIRECTED_REQUEST,
        "this server is not asked by that name: use the address that `quotes serve` printed, or start \
         it with --host NAME",
    ))
}

/// What another site may have a browser do here: follow a link. What changes something comes from our
/// own pages or from a program, which sends no `Origin`.
fn check_site(shared: &Shared, method: &Method, headers: &HeaderMap) -> Result<(), Failure> {
    let foreign = || Failure::new(StatusCode::FORBIDDEN, "another site may not ask for this");
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    let is_link = *method == Method::GET
        && text("sec-fetch-mode") == Some("navigate")
        && text("sec-fetch-dest") == Some("document");
    if let Some(site) = text("sec-fetch-site")
        && !matches!(site, "same-origin" | "none")
        && !is_link
    {
        return Err(foreign());
    }
    if let Some(origin) = headers.get(ORIGIN) {
        let own = origin.to_str().is_ok_and(|origin| shared.hosts.is_own(origin, text("host")));
        if !own {
            return Err(foreign());
        }
    }
    Ok(())
}

/// What comes of `?token=…`: the same address without it, once the browser has the cookie.
fn token_in_address(shared: &Shared, uri: &Uri) -> Option<Result<Entry, Failure>> {
    let query = uri.query()?;
    let (given, rest): (Vec<_>, Vec<_>) =
        form_urlencoded::parse(query.as_bytes()).partition(|(name, _)| name == "token");
    let (_, given) = given.first()?;
    if !shared.token.is_let_in(given) {
        let message = "the token is not that of this run, or was used already by whom it was opened for: \
                       open the address that `quotes serve` printed";
        return Some(Err(Failure::new(StatusCode::FORBIDDEN, message)));
    }
    let rest = form_urlencoded::Serializer::new(String::new()).extend_pairs(rest).finish();
    // Several slashes at the beginning would lead to another host.
    let path = format!("/{}", uri.path().trim_start_matches('/'));
    Some(Ok(Entry::Token(if rest.is_empty() { path } else { format!("{path}?{rest}") })))
}

/// Whether a proxy says that the browser asked it by TLS. Who lies here gets a cookie that their browser
/// keeps to itself, and feeds that name an address where nobody answers.
fn is_encrypted(headers: &HeaderMap) -> bool {
    headers
        .get(X_FORWARDED_PROTO)
        .is_some_and(|proto| proto.as_bytes().eq_ignore_ascii_case(b"https"))
}

fn with_cookie(shared: &Shared, target: &str, encrypted: bool) -> Response<Body> {
    let mut response = reply::see_other(target);
    if let Ok(cookie) = HeaderValue::from_str(&shared.token.set_cookie(encrypted)) {
        response.headers_mut().insert(SET_COOKIE, cookie);
    }
    response
}

/// The header that a response without the token has (RFC 9110, 11.6.1).
pub(super) const CHALLENGE: (HeaderName, HeaderValue) =
    (WWW_AUTHENTICATE, HeaderValue::from_static("Bearer realm=\"onrecord\""));
