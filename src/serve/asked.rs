//! A request as its handler sees it: parts of the path, parameters, body, and who asks.

use std::borrow::Cow;
use std::fmt::Display;
use std::ops::RangeInclusive;
use std::str::FromStr;

use axum::http::StatusCode;
use bytes::Bytes;
use clap::ValueEnum;
use serde::de::DeserializeOwned;
use serde_json::Value;
use url::form_urlencoded;

use super::failure::Failure;

/// Who asks.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Visitor {
    /// What a form has to carry as `form_token`, if the visitor may change things; a page shows no
    /// controls for changes without it.
    pub form_token: Option<String>,
    /// True where a proxy says that it was asked by TLS.
    pub encrypted: bool,
}

impl Visitor {
    /// Whether the visitor may change things.
    #[must_use]
    pub fn may_change(&self) -> bool {
        self.form_token.is_some()
    }
}

/// A request.
#[derive(Debug, Clone, Default)]
pub struct Asked {
    /// The host that was asked, with its port.
    pub host: String,
    /// The path with its parameters, as asked: where to come back to.
    pub target: String,
    /// The parts of the path that its route has names for, decoded.
    pub path: Vec<(String, String)>,
    /// What stands behind the `?`, still encoded.
    pub query: String,
    /// The body.
    pub body: Bytes,
    /// Who asks.
    pub visitor: Visitor,
}

impl Asked {
    /// The part of the path that the route calls `name`; empty if it has none.
    #[must_use]
    pub fn part(&self, name: &str) -> &str {
        self.path.iter().find(|(known, _)| known == name).map_or("", |(_, value)| value)
    }

    /// The parameters behind the `?`. Those without a value count as not given: a form sends its empty
    /// fields too.
    #[must_use]
    pub fn parameters(&self) -> Parameters {
        let mut parameters = Parameters::read(self.query.as_bytes());
        parameters.given.retain(|(_, value)| !value.trim().is_empty());
        parameters.known = Known::Fields;
        parameters
    }

    /// The parameters behind the `?`, as a program means them: one without a value is wrong where a
    /// value is needed.
    #[must_use]
    pub fn exact_parameters(&self) -> Parameters {
        Parameters::read(self.query.as_bytes())
    }

    /// The body as JSON.
    ///
    /// # Errors
    /// [`Failure`] if it is none, or not of this shape.
    pub fn json<T: DeserializeOwned>(&self) -> Result<T, Failure> {
        serde_json::from_slice(&self.body).map_err(|cause| {
            Failure::new(StatusCode::BAD_REQUEST, format!("the body can't be read: {cause}"))
        })
    }

    /// The whole address that was asked, to be asked again.
    #[must_use]
    pub fn address(&self) -> String {
        let scheme = if self.visitor.encrypted { "https" } else { "http" };
        format!("{scheme}://{}{}", self.host, self.target)
    }

    /// The address that was asked, with this parameter put in the place of what it had.
    #[must_use]
    pub fn target_with(&self, name: &str, value: &str) -> String {
        let path = self.target.split('?').next().unwrap_or_default();
        let others =
            form_urlencoded::parse(self.query.as_bytes()).filter(|(known, _)| known != name);
        let query = form_urlencoded::Serializer::new(String::new())
            .extend_pairs(others)
            .append_pair(name, value)
            .finish();
        format!("{path}?{query}")
    }

    /// The fields of the form in the body.
    #[must_use]
    pub fn form(&self) -> Parameters {
        Parameters::read(&self.body)
    }
}

/// A parameter, as the API's description has it.
pub struct Parameter {
    /// Its name.
    pub name: &'static str,
    /// What it means.
    pub about: &'static str,
    /// Whether it has to be given.
    pub required: bool,
    /// The JSON Schema of its values.
    pub schema: fn() -> Value,
}

/// Parameters by name, taken out one after the other, so that what nobody took is seen to be wrong.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Parameters {
    given: Vec<(String, String)>,
    known: Known,
}

/// Where who asks finds the parameters that there are.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
enum Known {
    /// In the description of the API.
    #[default]
    Description,
    /// On the page, in its fields and links.
    Fields,
}

impl Parameters {
    /// Out of `name=value&…`, as URLs and forms have it.
    #[must_use]
    pub fn read(encoded: &[u8]) -> Self {
        let given = form_urlencoded::parse(encoded);
        Self {
            given: given.map(|(name, value)| (name.into(), value.into())).collect(),
            known: Known::default(),
        }
    }

    /// Every name with its value, in order.
    pub fn given(&self) -> impl Iterator<Item = (&str, &str)> {
        self.given.iter().map(|(name, value)| (name.as_str(), value.as_str()))
    }

    /// Takes the value of `name`.
    ///
    /// # Errors
    /// [`Failure`] if it is given twice or has a NUL, which no text of the collection has.
    pub fn take(&mut self, name: &str) -> Result<Option<String>, Failure> {
        let mut values = self.take_all(name).into_iter();
        match (values.next(), values.next()) {
            (_, Some(_)) => Err(Failure::parameter(name, "it is given twice; give it once")),
            (Some(value), None) if value.contains('\0') => {
                Err(Failure::parameter(name, "it has a NUL character; leave it out"))
            }
            (value, None) => Ok(value),
        }
    }

    /// Takes every value of `name`, in order.
    pub fn take_all(&mut self, name: &str) -> Vec<String> {
        let mut taken = Vec::new();
        self.given.retain_mut(|(known, value)| {
            let wanted = known == name;
            if wanted {
                taken.push(std::mem::take(value));
            }
            !wanted
        });
        taken
    }

    /// Takes the value of `name`, one of an argument's values.
    ///
    /// # Errors
    /// [`Failure`] with the values there are, if it is another; as [`Parameters::take`].
    pub fn take_choice<T: ValueEnum>(&mut self, name: &str) -> Result<Option<T>, Failure> {
        let Some(value) = self.take(name)? else { return Ok(None) };
        T::from_str(&value, false).map(Some).map_err(|_| {
            Failure::parameter(name, format!("it is one of {}", choices::<T>().join(", ")))
        })
    }

    /// Takes the value of `name`: `true` or `false`, which is also what a missing one means.
    ///
    /// # Errors
    /// [`Failure`] if it is something else; as [`Parameters::take`].
    pub fn take_flag(&mut self, name: &str) -> Result<bool, Failure> {
        match self.take(name)?.as_deref() {
            None | Some("false") => Ok(false),
            Some("true") => Ok(true),
            Some(_) => Err(Failure::parameter(name, "it is true or false")),
        }
    }

    /// Takes the value of `name`, a number within `range`.
    ///
    /// # Errors
    /// [`Failure`] if it is something else; as [`Parameters::take`].
    pub fn take_number<T: FromStr + PartialOrd + Display>(
        &mut self,
        name: &str,
        range: RangeInclusive<T>,
    ) -> Result<Option<T>, Failure> {
        let Some(value) = self.take(name)? else { return Ok(None) };
        // Rust also reads "+5", which a URL has as a blank and a program doesn't mean.
        let plain = value.bytes().all(|byte| byte.is_ascii_digit());
        match value.parse::<T>() {
            Ok(number) if plain && range.contains(&number) => Ok(Some(number)),
            _ => Err(Failure::parameter(
                name,
                format!("it is a whole number from {} to {}", range.start(), range.end()),
            )),
        }
    }

    /// To be called when all that is known was taken.
    ///
    /// # Errors
    /// [`Failure`] that names a parameter which nobody took: mistyped, it would silently find too much.
    pub fn finish(self) -> Result<(), Failure> {
        let listed = match self.known {
            Known::Description => "/api/v1/openapi.json lists them",
            Known::Fields => "the fields of the page are all that there are",
        };
        match self.given.into_iter().next() {
            None => Ok(()),
            Some((name, _)) => {
                let shown: Cow<'_, str> = match name.char_indices().nth(SHOWN) {
                    Some((cut, _)) => format!("{}…", &name[..cut]).into(),
                    None => name.into(),
                };
                Err(Failure::new(
                    StatusCode::BAD_REQUEST,
                    format!("there is no parameter “{shown}” here; {listed}"),
                ))
            }
        }
    }
}

/// Characters of a foreign name that an error repeats.
const SHOWN: usize = 40;

/// The values of an argument.
#[must_use]
pub fn choices<T: ValueEnum>() -> Vec<String> {
    let named = |value: &T| Some(value.to_possible_value()?.get_name().to_owned());
    T::value_variants().iter().filter_map(named).collect()
}
