//! News agencies: whose copy a page prints.
//!
//! Byline, dateline, credit line → the agency's short name ("AP", "Reuters"). A table of agencies
//! and the places in which a credit stands. Refuses to take a mention in a sentence ("told Reuters")
//! for a credit: the outlet asked, or the agency did, but the copy may be the outlet's own.

/// An agency, the names it is credited by, and the letters that stand for it.
struct Agency {
    /// What the article's `agency` says.
    short: &'static str,
    /// In lower case, without "the".
    names: &'static [&'static str],
    /// As printed, compared with their case: "pa" and "tt" are other things.
    letters: &'static [&'static str],
}

/// The agencies whose credits news pages print, by their own names for themselves.
const AGENCIES: &[Agency] = &[
    Agency { short: "AAP", names: &["australian associated press"], letters: &["AAP"] },
    Agency {
        short: "AFP",
        names: &["agence france-presse", "agence france presse"],
        letters: &["AFP"],
    },
    Agency {
        short: "Anadolu",
        names: &["anadolu", "anadolu agency", "anadolu ajansı"],
        letters: &["AA"],
    },
    Agency { short: "ANI", names: &["asian news international"], letters: &["ANI"] },
    Agency { short: "ANP", names: &["algemeen nederlands persbureau"], letters: &["ANP"] },
    Agency { short: "ANSA", names: &[], letters: &["ANSA"] },
    Agency { short: "Antara", names: &["antara", "antara news"], letters: &["ANTARA"] },
    Agency { short: "AP", names: &["associated press"], letters: &["AP"] },
    Agency { short: "APA", names: &["austria presse agentur"], letters: &["APA"] },
    Agency { short: "Belga", names: &["belga", "belga news agency"], letters: &["BELGA"] },
    Agency { short: "Bernama", names: &["bernama"], letters: &["BERNAMA"] },
    Agency { short: "Bloomberg", names: &["bloomberg", "bloomberg news"], letters: &[] },
    Agency { short: "CP", names: &["canadian press", "la presse canadienne"], letters: &["CP"] },
    Agency { short: "CNA", names: &["central news agency", "focus taiwan"], letters: &["CNA"] },
    Agency { short: "CTK", names: &["česká tisková kancelář"], letters: &["CTK", "ČTK"] },
    Agency { short: "dpa", names: &["deutsche presse-agentur"], letters: &["dpa", "DPA"] },
    Agency { short: "EFE", names: &["agencia efe"], letters: &["EFE"] },
    Agency { short: "IANS", names: &["indo-asian news service"], letters: &["IANS"] },
    Agency { short: "Interfax", names: &["interfax", "interfax-ukraine"], letters: &["INTERFAX"] },
    Agency { short: "IPS", names: &["inter press service"], letters: &["IPS"] },
    Agency { short: "Jiji", names: &["jiji", "jiji press"], letters: &["JIJI"] },
    Agency {
        short: "Keystone-SDA",
        names: &["keystone-sda", "keystone-ats"],
        letters: &["SDA", "ATS"],
    },
    Agency { short: "KNA", names: &["katholische nachrichten-agentur"], letters: &["KNA"] },
    Agency { short: "Kyodo", names: &["kyodo", "kyodo news"], letters: &["KYODO"] },
    Agency { short: "Lusa", names: &["lusa", "agência lusa"], letters: &["LUSA"] },
    Agency { short: "MTI", names: &["magyar távirati iroda"], letters: &["MTI"] },
    Agency { short: "NAN", names: &["news agency of nigeria"], letters: &["NAN"] },
    Agency { short: "NTB", names: &["norsk telegrambyrå"], letters: &["NTB"] },
    Agency {
        short: "PA",
        names: &["press association", "pa media", "pa news agency"],
        letters: &["PA"],
    },
    Agency { short: "PAP", names: &["polska agencja prasowa"], letters: &["PAP"] },
    Agency { short: "PTI", names: &["press trust of india"], letters: &["PTI"] },
    Agency { short: "Reuters", names: &["reuters", "thomson reuters"], letters: &[] },
    Agency { short: "RIA Novosti", names: &["ria novosti"], letters: &[] },
    Agency { short: "Ritzau", names: &["ritzau"], letters: &[] },
    Agency { short: "STT", names: &["suomen tietotoimisto"], letters: &["STT"] },
    Agency { short: "TASS", names: &["tass", "itar-tass"], letters: &["TASS"] },
    Agency { short: "TNS", names: &["tribune news service"], letters: &["TNS"] },
    Agency { short: "TT", names: &["tidningarnas telegrambyrå"], letters: &["TT"] },
    Agency { short: "Ukrinform", names: &["ukrinform"], letters: &[] },
    Agency { short: "UPI", names: &["united press international"], letters: &["UPI"] },
    Agency { short: "Xinhua", names: &["xinhua", "xinhua news agency"], letters: &["XINHUA"] },
    Agency { short: "Yonhap", names: &["yonhap", "yonhap news agency"], letters: &["YONHAP"] },
];

/// Words around an agency's name in a credit.
const AROUND: &[&str] = &["the ", "via ", "by ", "from ", "source: ", "© ", "copyright "];
/// Words behind it.
const BEHIND: &[&str] = &[" staff", " writers", " writer", " report", " reports", " news agency"];

/// What opens a line on those who contributed, in lower case; the agencies follow in a few words.
const CONTRIBUTORS: &[&str] = &[
    "with files from",
    "with reporting from",
    "with reporting by",
    "additional reporting by",
    "additional reporting from",
];
/// What opens other credit lines at the foot: elsewhere they credit pictures.
const FOOT_OPENINGS: &[&str] = &["©", "copyright", "source:", "agency:"];

/// A longer line is a sentence.
const MAX_CREDIT_CHARS: usize = 80;
/// A longer name is no agency's.
const MAX_CREDIT_BYTES: usize = 100;
/// A longer line at the foot, with what the agency allows, is a sentence.
const MAX_FOOT_CHARS: usize = 200;
/// A dateline ends within so many characters: "KUALA LUMPUR, Malaysia, Jan. 29, 2024 (Reuters) —".
const DATELINE_CHARS: usize = 90;
/// A dateline stands above this paragraph: a standfirst and an editor's line may come before.
const DATELINE_PARAGRAPHS: usize = 4;
/// Credit lines stand in the last paragraphs.
const FOOT_PARAGRAPHS: usize = 3;

/// The short name of the agency that `name` is, and nothing else: "The Associated Press", "AFP",
/// "Reuters Staff".
#[must_use]
pub fn named(name: &str) -> Option<&'static str> {
    if name.len() > MAX_CREDIT_BYTES {
        return None;
    }
    let bare = name.trim_matches(|char: char| !char.is_alphanumeric() && char != '©');
    let by_letters = AGENCIES.iter().find(|agency| agency.letters.contains(&bare));
    if let Some(agency) = by_letters {
        return Some(agency.short);
    }
    let mut lower = bare.to_lowercase();
    let mut shorter = true;
    while shorter {
        let stripped = AROUND.iter().find_map(|it| lower.strip_prefix(it));
        let stripped = stripped.or_else(|| BEHIND.iter().find_map(|it| lower.strip_suffix(it)));
        let stripped = stripped.map(|it| it.trim().to_owned());
        shorter = stripped.is_some();
        lower = stripped.unwrap_or(lower);
    }
    AGENCIES
        .iter()
        .find(|agency| {
            agency.names.contains(&lower.as_str())
                // "AP Staff" in any case is the agency; "ap" alone is not.
                || lower.len() < bare.len()
                    && agency.letters.iter().any(|letters| bare.contains(letters) && letters.to_lowercase() == lower)
        })
        .map(|agency| agency.short)
}

/// A byline's part as what is before an agency's name, and the agency as printed: "Ada Byron
/// Associated Press" → "Ada Byron" and "Associated Press".
#[must_use]
pub fn split_off(part: &str) -> (&str, Option<&str>) {
    let ends = part.char_indices().filter(|(_, char)| *char == ' ').map(|(at, _)| at + 1);
    let start = std::iter::once(0).chain(ends).find(|&at| named(&part[at..]).is_some());
    match start {
        Some(at) => (part[..at].trim_end(), Some(&part[at..])),
        None => (part, None),
    }
}

/// The agencies of a line that holds nothing but a credit: "AFP, MANILA", "Reuters | Jan 5".
#[must_use]
pub fn credited(line: &str) -> Vec<&'static str> {
    if line.chars().count() > MAX_CREDIT_CHARS {
        return Vec::new();
    }
    let mut found = Vec::new();
    for part in line.split([',', '/', '|', ';', '•', '·', '\n']).flat_map(|it| it.split(" and "))
    {
        let part = part.trim();
        let is_place = !part.chars().any(char::is_lowercase);
        match named(part) {
            Some(agency) => found.push(agency),
            None if is_place => {}
            None => return Vec::new(),
        }
    }
    found
}

/// The agencies that the text credits: in its dateline, or in a line at its foot.
#[must_use]
pub fn of_text(paragraphs: &[String]) -> Vec<&'static str> {
    let head = paragraphs.iter().take(DATELINE_PARAGRAPHS).filter_map(|it| in_dateline(it));
    let mut found: Vec<&str> = head.take(1).flatten().collect();
    if found.is_empty() {
        let foot = paragraphs.iter().skip(1).rev().take(FOOT_PARAGRAPHS);
        found = foot.map(|it| at_foot(it)).find(|found| !found.is_empty()).unwrap_or_default();
    }
    found
}

/// The agencies in brackets before the dash or the colon of a dateline: "BREMEN, Jan 5 (Reuters) -".
fn in_dateline(paragraph: &str) -> Option<Vec<&'static str>> {
    let end = paragraph.char_indices().nth(DATELINE_CHARS).map_or(paragraph.len(), |(at, _)| at);
    let head = &paragraph[..end];
    let open = head.find('(')?;
    let close = open + head[open..].find(')')?;
    let place = &head[..open];
    let is_place = place.chars().next().is_none_or(char::is_uppercase)
        && !place.contains(['“', '"', ':', ';', '?', '!'])
        && !place.trim_end().ends_with('.');
    let after = head[close + 1..].trim_start();
    let found = credited(&head[open + 1..close]);
    (is_place && after.starts_with(['-', '–', '—', ':', '―']) && !found.is_empty()).then_some(found)
}

/// The agencies of a credit line, or behind the last sentence: "… on Friday. — AFP".
fn at_foot(paragraph: &str) -> Vec<&'static str> {
    let line = paragraph.trim().trim_matches(['(', ')', '[', ']', '*', '.', '-', '–', '—', ' ']);
    let lower = line.to_lowercase();
    let opens = FOOT_OPENINGS.iter().any(|opening| lower.starts_with(opening));
    if opens && line.chars().count() <= MAX_FOOT_CHARS {
        return mentioned(line);
    }
    let contributors = of_contributors(paragraph);
    if !contributors.is_empty() {
        return contributors;
    }
    let alone = credited(line);
    if !alone.is_empty() {
        return alone;
    }
    let sentence = paragraph.trim_end();
    let bracketed = sentence
        .strip_suffix(')')
        .and_then(|it| it.rsplit_once(". (").or_else(|| it.rsplit_once("” (")));
    let dashed = || {
        sentence
            .rsplit_once(['—', '–'])
            .filter(|(before, _)| before.trim_end().ends_with(['.', '”', '"']))
    };
    let plain = || sentence.rsplit_once(". ").filter(|(_, last)| !last.contains(' '));
    bracketed.or_else(dashed).or_else(plain).map(|(_, last)| credited(last)).unwrap_or_default()
}

/// The agencies of a line on those who contributed: "With files from The Associated Press".
#[must_use]
pub fn of_contributors(line: &str) -> Vec<&'static str> {
    let line = line.trim_start_matches(|char: char| !char.is_alphanumeric());
    if line.chars().count() > MAX_FOOT_CHARS {
        return Vec::new();
    }
    let lower = line.to_lowercase();
    let opens = CONTRIBUTORS.iter().any(|opening| lower.starts_with(opening));
    if opens { mentioned(line) } else { Vec::new() }
}

/// The agencies named anywhere in a credit line.
fn mentioned(line: &str) -> Vec<&'static str> {
    let words: Vec<&str> = line
        .split(|char: char| char.is_whitespace() || ",;/.()".contains(char))
        .filter(|it| !it.is_empty())
        .collect();
    let mut found: Vec<&str> = Vec::new();
    let mut at = 0;
    while at < words.len() {
        let longest = (1..=LONGEST_NAME.min(words.len() - at)).rev().find_map(|length| {
            let name = words[at..at + length].join(" ");
            named(&name).map(|agency| (agency, length))
        });
        match longest {
            Some((agency, length)) => {
                if !found.contains(&agency) {
                    found.push(agency);
                }
                at += length;
            }
            None => at += 1,
        }
    }
    found
}

/// The most words of an agency's name, with what stands around it.
const LONGEST_NAME: usize = 5;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_agency_is_known_by_name_in_any_case_and_by_letters_in_theirs() {
        for (name, agency) in [
            ("The Associated Press", Some("AP")),
            ("ASSOCIATED PRESS", Some("AP")),
            ("AP", Some("AP")),
            ("AP Staff", Some("AP")),
            ("Reuters Staff", Some("Reuters")),
            ("via REUTERS", Some("Reuters")),
            ("dpa", Some("dpa")),
            ("Agence France-Presse", Some("AFP")),
            ("Press Trust of India", Some("PTI")),
            ("ap", None),
            ("pa", None),
            ("Ada Byron", None),
            ("Reuters Institute", None),
            ("", None),
        ] {
            assert_eq!(named(name), agency, "{name}");
        }
    }

    #[test]
    fn lines_of_nothing_but_a_credit_are_credits() {
        assert_eq!(credited("AFP, MANILA"), ["AFP"]);
        assert_eq!(credited("Reuters / AFP"), ["Reuters", "AFP"]);
        assert_eq!(credited("PA Media and Reuters"), ["PA", "Reuters"]);
        for line in ["Ada Byron, Reuters", "MANILA", "AP reporters walked out on Monday", ""] {
            assert!(credited(line).is_empty(), "{line}");
        }
    }

    #[test]
    fn datelines_and_feet_name_the_agency_and_sentences_do_not() {
        for (paragraphs, agencies) in [
            (vec!["VELL, Costa Verda (AP) — The vote is over."], vec!["AP"]),
            (vec!["VELL, Jan 5 (Reuters) - The vote is over."], vec!["Reuters"]),
            (vec!["A vote on tides.", "Vell (dpa) – Die Wahl ist vorbei."], vec!["dpa"]),
            (vec!["(AFP): The vote is over."], vec!["AFP"]),
            (vec!["VELL (Reuters/AFP) — It is over."], vec!["Reuters", "AFP"]),
            (vec!["It is over.", "With files from The Associated Press and Ada Byron"], vec!["AP"]),
            (vec!["It is over.", "© 2024 Agence France-Presse"], vec!["AFP"]),
            (vec!["One.", "It is over, she said. — Bernama"], vec!["Bernama"]),
            (vec!["One.", "It is over, she said. PTI"], vec!["PTI"]),
            (vec!["One.", "“It is over.” (Reuters)"], vec!["Reuters"]),
            (vec!["The chair told the agency (Reuters) that it is over."], vec![]),
            (vec!["It is over.", "The chair told Reuters."], vec![]),
            (vec!["It is over.", "The chair spoke of Reuters."], vec![]),
            (vec!["Reuters won (AP lost)."], vec![]),
        ] {
            let owned: Vec<String> = paragraphs.iter().map(|it| (*it).to_owned()).collect();
            assert_eq!(of_text(&owned), agencies, "{paragraphs:?}");
        }
    }
}
