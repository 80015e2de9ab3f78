//! … ¶ — Lena Ortiz (@lortiz) February 11, 2025: a post with the line of its author below it.
//!
//! The post's last paragraph is its author's; where the ones before it began can't be seen in text.

use smallvec::smallvec;

use super::super::sources::Mention;
use super::{Relation, Site};

/// Longest name of an author, in tokens.
const LONGEST_NAME: usize = 8;

pub(super) fn apply(site: &Site<'_, '_>) -> Option<Relation> {
    let stream = site.stream;
    let from = site.sentence.from;
    let rest = &stream.sentences[site.index..];
    let own = rest.iter().take_while(|s| s.paragraph == site.sentence.paragraph).count();
    let line = rest.get(own)?;
    let dash = line.from;
    if line.paragraph != site.sentence.paragraph + 1 || !stream.tokens[dash].punct('—') {
        return None;
    }
    let last = line.to.min(dash + 1 + LONGEST_NAME);
    let handle = (dash + 1..last).find(|&i| stream.tokens[i].punct('('))?;
    let author = Mention { from: dash + 1, to: handle };
    let behind = stream.text.get(stream.tokens[handle].end as usize..)?;
    (author.from < author.to && behind.starts_with('@')).then(|| Relation {
        pattern: "",
        sentence: site.index,
        source: Some(author),
        cue: Some((dash, dash + 1)),
        content: smallvec![(from, rest[own - 1].to)],
    })
}
