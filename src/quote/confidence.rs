//! How sure the speaker is: features of the attribution → a probability.
//!
//! A logistic model of a few named features, its weights fitted on labelled news (see
//! CONTRIBUTING). Refuses to look at the words themselves.

use super::speakers::How;

/// What the probability rests on.
#[derive(Debug, Clone, Copy)]
pub struct Features {
    /// How the source was resolved.
    pub how: How,
    /// The pattern that found the attribution.
    pub pattern: &'static str,
    /// A mark of the quotation is missing.
    pub broken: bool,
}

/// The probability that the speaker is right, 0 to 1; 0 where there is none.
#[must_use]
pub fn probability(features: &Features) -> f64 {
    let how = match features.how {
        How::Nobody => return 0.0,
        How::FullName => 3.4,
        How::PartName => 3.2,
        How::SingleName => 2.2,
        How::Pronoun => 2.3,
        How::DoubtfulPronoun => 1.2,
        How::Nominal => 1.4,
        How::Description => 2.0,
        How::Conversation => 0.9,
    };
    let pattern = match features.pattern {
        "quote_source_cue" | "quote_cue_source" => 0.6,
        "source_cue_content" | "according_to" | "transcript" | "credit" => 0.2,
        "floating" => -0.6,
        _ => -0.3,
    };
    let broken = if features.broken { -0.7 } else { 0.0 };
    let sum: f64 = how + pattern + broken;
    let probability = 1.0 / (1.0 + (-sum).exp());
    (probability * 1000.0).round() / 1000.0
}
