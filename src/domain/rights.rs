//! What a publisher asks of whoever copies a page.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// One such wish, as a page or its server states it.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum Reservation {
    /// `noarchive`: no copy of the page is to be kept. It is not put into the archive.
    Noarchive,
    /// `noindex`: the page is not to be found through search engines. Noted only: a collection is
    /// no public search engine, but who makes one of it has to know.
    Noindex,
    /// The TDM Reservation Protocol's `tdm-reservation: 1`: text and data mining needs leave.
    TdmReservation,
}

impl Reservation {
    /// Every wish.
    pub const ALL: [Self; 3] = [Self::Noarchive, Self::Noindex, Self::TdmReservation];

    /// The word for it in the store and every output.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Noarchive => "noarchive",
            Self::Noindex => "noindex",
            Self::TdmReservation => "tdm-reservation",
        }
    }
}
