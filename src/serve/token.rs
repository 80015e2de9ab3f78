//! The token: what somebody shows who may change things, or look from another machine.

use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use axum::http::{HeaderMap, header};

/// What the form's token is derived for, so that the token itself stands in no page.
const FORM: &str = "onrecord serve 2026-11-22 form token";

/// How long an address that opens a browser is good for: one may have to start first.
const OPENED_WITHIN: Duration = Duration::from_secs(120);

/// A secret of this run of the server.
pub(super) struct Token {
    secret: String,
    form: String,
    cookie: String,
    /// What stands for the secret once, and since when: others can read the arguments of the program that
    /// opens a browser.
    once: Mutex<Option<(String, Instant)>>,
}

impl Token {
    /// A new one, of 122 random bits. The cookie that carries it is named after the port: browsers
    /// send a machine's cookies to all its ports.
    pub fn new(port: u16) -> Self {
        let secret = uuid::Uuid::new_v4().simple().to_string();
        let form = blake3::Hash::from(blake3::derive_key(FORM, secret.as_bytes())).to_hex();
        let once = Mutex::new(None);
        Self { secret, form: form.to_string(), cookie: format!("onrecord-{port}"), once }
    }

    /// A code that stands for the secret in one address, once and for [`OPENED_WITHIN`].
    pub fn code(&self) -> String {
        let code = uuid::Uuid::new_v4().simple().to_string();
        let mut once = self.once.lock().unwrap_or_else(PoisonError::into_inner);
        *once = Some((code.clone(), Instant::now()));
        code
    }

    /// Whether `given`, in an address, is the secret, or the code, which is good no more then.
    pub fn is_let_in(&self, given: &str) -> bool {
        if self.is(given) {
            return true;
        }
        let mut once = self.once.lock().unwrap_or_else(PoisonError::into_inner);
        let fits = |(code, since): &mut (String, Instant)| {
            same(given, code) && since.elapsed() < OPENED_WITHIN
        };
        once.take_if(fits).is_some()
    }

    /// The secret itself, to be printed once.
    pub fn secret(&self) -> &str {
        &self.secret
    }

    /// What every form has to carry that changes something.
    pub fn form(&self) -> &str {
        &self.form
    }

    /// Whether `given` is the secret.
    fn is(&self, given: &str) -> bool {
        same(given, &self.secret)
    }

    /// Whether `given` is the form's token.
    pub fn is_form(&self, given: &str) -> bool {
        same(given, &self.form)
    }

    /// Whether a request shows the secret, as a cookie or as `Authorization: Bearer`.
    pub fn is_shown(&self, headers: &HeaderMap) -> bool {
        let bearer = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
        let bearer = bearer
            .and_then(|value| value.split_once(' '))
            .filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer"));
        if bearer.is_some_and(|(_, given)| self.is(given.trim())) {
            return true;
        }
        headers
            .get_all(header::COOKIE)
            .iter()
            .filter_map(|value| value.to_str().ok())
            .flat_map(|value| value.split(';'))
            .filter_map(|pair| pair.trim().split_once('='))
            .any(|(name, given)| name == self.cookie && self.is(given))
    }

    /// The header that has a browser show the secret from now on, to this host only, and never with a
    /// request that another site makes; where it came by TLS, by nothing else.
    pub fn set_cookie(&self, encrypted: bool) -> String {
        let secure = if encrypted { "; Secure" } else { "" };
        format!("{}={}; Path=/; HttpOnly; SameSite=Strict{secure}", self.cookie, self.secret)
    }
}

/// Whether two texts are the same, in a time that doesn't tell how much of them is: hashes are
/// compared, and their comparison takes as long for all.
fn same(a: &str, b: &str) -> bool {
    blake3::hash(a.as_bytes()) == blake3::hash(b.as_bytes())
}
