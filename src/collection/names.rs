//! The names of speakers in a list, told apart where several have one name.

use std::collections::BTreeMap;

use crate::domain::folding::folded;
use crate::store::{Store, StoreError};

/// Names by identity.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Names(BTreeMap<String, String>);

impl Names {
    /// Of `speakers`, each an identity with the name that quotes print. Who has the name of another one of
    /// them is called by role and affiliation too.
    ///
    /// # Errors
    /// [`StoreError`] if the store can't be read.
    pub fn of<'a>(
        store: &Store,
        speakers: impl Iterator<Item = (&'a str, &'a str)>,
    ) -> Result<Self, StoreError> {
        let mut named = BTreeMap::new();
        let mut bearers: BTreeMap<String, usize> = BTreeMap::new();
        for (identity, printed) in speakers {
            if named.contains_key(identity) {
                continue;
            }
            let known = store.listed_speaker(identity)?;
            let name = known.as_ref().map_or(printed, |known| &known.name).to_owned();
            let standing = known.map(|known| {
                let first = |stated: Vec<String>| stated.into_iter().next();
                [first(known.roles), first(known.affiliations)]
            });
            *bearers.entry(folded(&name)).or_default() += 1;
            named.insert(identity.to_owned(), (name, standing.unwrap_or_default()));
        }
        let told_apart = named.into_iter().map(|(identity, (name, standing))| {
            let bearers = bearers.get(&folded(&name)).copied().unwrap_or_default();
            let label = match (bearers, standing) {
                (0 | 1, _) => name,
                (_, [None, None]) => format!("{name} (one of {bearers} of this name)"),
                (_, standing) => {
                    let standing: Vec<String> = standing.into_iter().flatten().collect();
                    format!("{name}, {}", standing.join(", "))
                }
            };
            (identity, label)
        });
        Ok(Self(told_apart.collect()))
    }

    /// What the speaker of an identity is called; without one, as `printed`.
    #[must_use]
    pub fn name<'a>(&'a self, identity: Option<&str>, printed: &'a str) -> &'a str {
        identity.and_then(|identity| self.0.get(identity)).map_or(printed, String::as_str)
    }
}
