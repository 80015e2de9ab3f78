//! How sure the speaker is: features of an attribution → a probability.
//!
//! A logistic model: every feature has one weight, the weights add up. They were fitted on labelled
//! news; a row of the table is a feature anyone can read. Refuses to look at the words themselves.

use super::speakers::How;
use crate::domain::quote::QuoteKind;
use crate::domain::speaker::SpeakerKind;

/// What the probability rests on.
#[derive(Debug, Clone, Copy)]
pub struct Features {
    /// How the source was resolved.
    pub how: How,
    /// The pattern that found the attribution.
    pub pattern: &'static str,
    /// How much of the content is quoted.
    pub kind: QuoteKind,
    /// What the speaker is.
    pub speaker: SpeakerKind,
    /// A mark of the quotation is missing.
    pub broken: bool,
}

/// Where the sum of weights starts.
const BIAS: f64 = 0.38;

/// How the source was resolved.
const HOW: &[(How, f64)] = &[
    (How::FullName, 0.55),
    (How::PartName, 0.77),
    (How::SingleName, -0.53),
    (How::Pronoun, 0.50),
    (How::DoubtfulPronoun, -0.38),
    (How::Nominal, -0.17),
    (How::Description, -0.60),
    (How::Conversation, 1.56),
];

/// The pattern that found the attribution.
const PATTERN: &[(&str, f64)] = &[
    ("transcript", 0.27),
    ("credit", 0.00),
    ("quote_cue_source", 0.45),
    ("quote_source_cue", 0.83),
    ("according_to", 1.33),
    ("view", -0.74),
    ("headline", 0.88),
    ("passive", 0.39),
    ("content_source_cue", 1.14),
    ("naming", -0.13),
    ("participle", -0.06),
    ("source_cue_content", 0.38),
    ("noun", -0.43),
    ("floating", -1.88),
    ("unattributed", -1.00),
];

/// How much of the content is quoted.
const KIND: &[(QuoteKind, f64)] =
    &[(QuoteKind::Direct, 1.36), (QuoteKind::Mixed, 0.12), (QuoteKind::Indirect, -0.23)];

/// What the speaker is.
const SPEAKER: &[(SpeakerKind, f64)] = &[
    (SpeakerKind::Person, 0.25),
    (SpeakerKind::Organisation, 0.17),
    (SpeakerKind::Group, 0.75),
    (SpeakerKind::Document, 0.08),
];

/// A mark of the quotation is missing.
const BROKEN: f64 = -2.53;

/// The probability that the speaker is right, 0 to 1; 0 where there is none.
#[must_use]
pub fn probability(features: &Features) -> f64 {
    if features.how == How::Nobody {
        return 0.0;
    }
    let sum = BIAS
        + weight(HOW, features.how)
        + weight(PATTERN, features.pattern)
        + weight(KIND, features.kind)
        + weight(SPEAKER, features.speaker)
        + if features.broken { BROKEN } else { 0.0 };
    let probability = 1.0 / (1.0 + (-sum).exp());
    (probability * 1000.0).round() / 1000.0
}

fn weight<K: PartialEq + Copy>(table: &[(K, f64)], key: K) -> f64 {
    table.iter().find(|(known, _)| *known == key).map_or(0.0, |(_, weight)| *weight)
}

#[cfg(test)]
mod tests {
    use super::{Features, probability};
    use crate::domain::quote::QuoteKind;
    use crate::domain::speaker::SpeakerKind;
    use crate::quote::speakers::How;

    fn of(how: How, pattern: &'static str) -> f64 {
        let (kind, speaker) = (QuoteKind::Direct, SpeakerKind::Person);
        probability(&Features { how, pattern, kind, speaker, broken: false })
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
