//! What a language is to the rules: one row a language, no branch on its name anywhere.
//!
//! Words stand in `<code>/words.toml` and `<code>/reporting_verbs.toml`; here stands what is no list
//! of words: which patterns its word order fits, how it writes attributions, how its words change.
//! Refuses to guess for a language without a row: its quotations have no speakers.

/// One row of [`GRAMMARS`].
#[derive(Debug)]
pub struct Grammar {
    /// ISO 639-1.
    pub code: &'static str,
    /// `words.toml`.
    pub words: &'static str,
    /// `reporting_verbs.toml`.
    pub verbs: &'static str,
    /// Every pattern applies, descriptions and pronouns are resolved by the discourse. Else only
    /// what the text shows plainly is taken: a marked quotation or clause beside its verb, a name.
    pub complete: bool,
    /// The patterns that the word order fits; all of them if `complete`.
    pub patterns: &'static [&'static str],
    /// Phrases before a source, without a verb: "according to". In lower case; the first word is of
    /// class `phrase_cue`.
    pub according: &'static [&'static [&'static str]],
    /// Words between what is reported and its source, where no verb stands: „…“, so Ortiz. In lower
    /// case; of class `phrase_cue`.
    pub afterwards: &'static [&'static str],
    /// Prepositions between what somebody is and the body they belong to, in lower case: at the
    /// university. None where `complete`.
    pub ties: &'static [&'static str],
    /// Words that lose their vowel before another and are written with it: l’, qu’.
    pub elisions: &'static [&'static str],
    /// Subject pronouns hung on the verb: -il, -t-elle.
    pub enclitics: &'static [&'static str],
    /// The verb comes before its subject in the compound past too: « … », a déclaré Ortiz.
    pub inverted_perfect: bool,
    /// A verb without a subject goes on with who spoke last: «…», añadió.
    pub drops_subject: bool,
    /// Nouns are written with capitals, and compounds in one word whose end says what they are.
    pub capital_nouns: bool,
    /// Attributions stand inside the marks, and a dash opens a turn: «Так, — сказал он. — Да».
    pub incises: bool,
    /// Endings of names as a subject and after "according to"; the longest that fits counts. None
    /// if names keep their form.
    pub declension: &'static [(&'static str, &'static str)],
}

/// Patterns that read the same way in every language with a first lexicon: the verb before its
/// source after a quotation or a clause, the source before its verb and a mark, "according to".
const FIRST: &[&str] =
    &["quote_cue_source", "according_to", "content_source_cue", "source_cue_content"];

/// Every language that has word lists.
pub const GRAMMARS: [Grammar; 5] = [
    Grammar {
        code: "en",
        words: include_str!("en/words.toml"),
        verbs: include_str!("en/reporting_verbs.toml"),
        complete: true,
        patterns: &[],
        according: &[&["according", "to"], &["per"]],
        afterwards: &[],
        ties: &[],
        elisions: &[],
        enclitics: &[],
        inverted_perfect: false,
        drops_subject: false,
        capital_nouns: false,
        incises: false,
        declension: &[],
    },
    Grammar {
        code: "fr",
        words: include_str!("fr/words.toml"),
        verbs: include_str!("fr/reporting_verbs.toml"),
        complete: false,
        patterns: FIRST,
        according: &[&["selon"], &["d’", "après"], &["d'", "après"], &["aux", "yeux", "de"]],
        afterwards: &[],
        ties: &["à", "au", "aux", "chez"],
        elisions: &[
            "l", "d", "qu", "n", "s", "c", "j", "m", "t", "lorsqu", "puisqu", "jusqu", "quoiqu",
        ],
        enclitics: &["-t-elle", "-t-il", "-t-on", "-elles", "-elle", "-ils", "-il", "-on"],
        inverted_perfect: true,
        drops_subject: false,
        capital_nouns: false,
        incises: true,
        declension: &[],
    },
    Grammar {
        code: "es",
        words: include_str!("es/words.toml"),
        verbs: include_str!("es/reporting_verbs.toml"),
        complete: false,
        patterns: FIRST,
        according: &[&["según"], &["de", "acuerdo", "con"], &["a", "juicio", "de"]],
        afterwards: &[],
        ties: &["en"],
        elisions: &[],
        enclitics: &[],
        inverted_perfect: true,
        drops_subject: true,
        capital_nouns: false,
        incises: true,
        declension: &[],
    },
    Grammar {
        code: "de",
        words: include_str!("de/words.toml"),
        verbs: include_str!("de/reporting_verbs.toml"),
        complete: false,
        patterns: FIRST,
        according: &[
            &["laut"],
            &["nach", "angaben", "von"],
            &["nach", "worten", "von"],
            &["nach", "ansicht", "von"],
        ],
        afterwards: &["so"],
        ties: &["an", "am", "im", "in", "bei", "beim", "vom"],
        elisions: &[],
        enclitics: &[],
        inverted_perfect: false,
        drops_subject: false,
        capital_nouns: true,
        incises: false,
        declension: &[],
    },
    Grammar {
        code: "ru",
        words: include_str!("ru/words.toml"),
        verbs: include_str!("ru/reporting_verbs.toml"),
        complete: false,
        patterns: FIRST,
        according: &[
            &["по", "словам"],
            &["по", "мнению"],
            &["по", "данным"],
            &["по", "оценке"],
            &["по", "утверждению"],
        ],
        afterwards: &[],
        ties: &["в", "во", "при"],
        elisions: &[],
        enclitics: &[],
        inverted_perfect: false,
        drops_subject: false,
        capital_nouns: false,
        incises: true,
        // Women's surnames first: an ending that is longer is tried before a shorter one.
        declension: &[
            ("ская", "ской"),
            ("цкая", "цкой"),
            ("ова", "овой"),
            ("ева", "евой"),
            ("ёва", "ёвой"),
            ("ина", "иной"),
            ("ына", "ыной"),
            ("ский", "ского"),
            ("цкий", "цкого"),
            ("енко", "енко"),
            ("ых", "ых"),
            ("их", "их"),
            ("ия", "ии"),
            ("ий", "ия"),
            ("я", "и"),
            ("га", "ги"),
            ("ка", "ки"),
            ("ха", "хи"),
            ("а", "ы"),
            ("й", "я"),
            ("ь", "я"),
            ("", "а"),
        ],
    },
];
