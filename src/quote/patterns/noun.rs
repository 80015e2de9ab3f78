//! A statement by Ortiz read: “…”; Ortiz's answer was “…”: what is said by way of a noun.

use smallvec::smallvec;

use super::super::lexicon::takes;
use super::super::tokens::Kind;
use super::{Relation, Site, content_end};

pub(super) fn apply(site: &Site<'_, '_>) -> Option<Relation> {
    let group = site.group?;
    let stream = site.stream;
    if group.cue.takes & takes::QUOTE == 0 || group.passive || group.participle || group.infinitive
    {
        return None;
    }
    // The verb's subject is no speaker, but a quotation follows at once.
    let mut from = group.to;
    if site.token(from).is_some_and(|t| t.punct(':') || t.punct(',')) {
        from += 1;
    }
    let quoted = site.token(from).is_some_and(|t| t.kind == Kind::Quote);
    if !quoted || super::is_object_title(site, &group, from) {
        return None;
    }
    let source = super::sources::sentence_subject(stream, site.sentence, group.from)?;
    let end = content_end(site, from, false);
    Some(Relation {
        pattern: "",
        sentence: site.index,
        source: Some(source),
        cue: Some((group.from, group.to)),
        content: smallvec![(from, end)],
    })
}
