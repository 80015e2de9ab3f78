//! How sure the speaker is: features of an attribution → a probability.
//!
//! Four features each add a step of log-odds: how the source was resolved, which pattern found the
//! attribution, how much of the content is quoted, and whether a mark is missing. The steps are set by
//! hand, in halves: what is nearer and said more plainly is surer. They are checked against labelled
//! news (`examples/calibration.rs`), not fitted to it: texts without a licence train nothing that we
//! ship. Refuses to look at the words themselves.

use super::speakers::How;
use crate::domain::quote::QuoteKind;

/// What the probability rests on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Features {
    /// How the source was resolved.
    pub how: How,
    /// The pattern that found the attribution.
    pub pattern: &'static str,
    /// How much of the content is quoted.
    pub kind: QuoteKind,
    /// A mark of the quotation is missing.
    pub broken: bool,
}

impl Features {
    /// The features in words, each with its kind: "how FullName".
    pub fn names(&self) -> impl Iterator<Item = String> {
        let broken = self.broken.then(|| "broken".to_owned());
        let kind = self.kind.as_str();
        let named = [
            format!("how {:?}", self.how),
            format!("pattern {}", self.pattern),
            format!("kind {kind}"),
        ];
        named.into_iter().chain(broken)
    }
}

/// How the source was resolved: a name is surest, then a pronoun with one candidate; whatever has
/// several readings adds nothing. A conversation is as sure as a name it goes on from.
const HOW: &[(How, f64)] = &[
    (How::FullName, 1.5),
    (How::PartName, 1.5),
    (How::Conversation, 1.5),
    (How::Pronoun, 1.0),
    (How::SingleName, 0.0),
    (How::DoubtfulPronoun, 0.0),
    (How::DoubtfulConversation, 0.0),
    (How::Nominal, 0.0),
    (How::Description, 0.0),
];

/// The pattern that found the attribution: source and cue right beside the content are surest, a
/// quotation without any of its own least sure.
const PATTERN: &[(&str, f64)] = &[
    ("transcript", 1.0),
    ("quote_cue_source", 1.0),
    ("quote_source_cue", 1.0),
    ("according_to", 1.0),
    ("headline", 1.0),
    ("content_source_cue", 1.0),
    ("credit", 0.5),
    ("passive", 0.5),
    ("source_cue_content", 0.5),
    ("naming", 0.0),
    ("participle", 0.0),
    ("noun", -0.5),
    ("view", -0.5),
    ("unattributed", -1.0),
    ("floating", -1.0),
];

/// How much of the content is quoted: marks show where the reported words are.
const KIND: &[(QuoteKind, f64)] =
    &[(QuoteKind::Direct, 1.0), (QuoteKind::Mixed, 0.5), (QuoteKind::Indirect, 0.0)];

/// A mark of the quotation is missing: where the words end, and so whose they are, is in doubt.
const BROKEN: f64 = -2.5;

/// The probability that the speaker is right, 0 to 1; 0 where there is none.
#[must_use]
pub fn probability(features: &Features) -> f64 {
    if features.how == How::Nobody {
        return 0.0;
    }
    let sum = step(HOW, features.how)
        + step(PATTERN, features.pattern)
        + step(KIND, features.kind)
        + if features.broken { BROKEN } else { 0.0 };
    let probability = 1.0 / (1.0 + (-sum).exp());
    (probability * 1000.0).round() / 1000.0
}

fn step<K: PartialEq + Copy>(table: &[(K, f64)], key: K) -> f64 {
    table.iter().find(|(known, _)| *known == key).map_or(0.0, |(_, step)| *step)
}

#[cfg(test)]
mod tests {
    use super::{Features, probability};
    use crate::domain::quote::QuoteKind;
    use crate::quote::speakers::How;

    fn of(how: How, pattern: &'static str) -> f64 {
        probability(&Features { how, pattern, kind: QuoteKind::Direct, broken: false })
    }

    #[test]
    fn a_full_name_beside_its_quotation_is_surer_than_a_floating_guess() {
        assert!(of(How::FullName, "quote_cue_source") > 0.95);
        assert!(of(How::Conversation, "floating") < of(How::FullName, "quote_cue_source"));
        assert!(
            of(How::DoubtfulPronoun, "quote_source_cue") < of(How::Pronoun, "quote_source_cue")
        );
    }

    #[test]
    fn nobody_has_no_probability() {
        assert_eq!(of(How::Nobody, "floating").to_bits(), 0.0_f64.to_bits());
    }
}
