//! Who is who, by table and by property.

use proptest::prelude::*;

use super::*;

/// A mention: name, role, affiliation, outlet, day.
type Row = (&'static str, &'static str, &'static str, &'static str, i32);

fn mention(id: usize, (name, role, affiliation, outlet, day): Row) -> Mention {
    let some = |text: &str| (!text.is_empty()).then(|| text.to_owned());
    let stated = Stated { role: some(role), affiliation: some(affiliation) };
    Mention {
        id: format!("{id:016x}"),
        name: name.to_owned(),
        kind: SpeakerKind::Person,
        outlet: outlet.to_owned(),
        day: Some(day),
        stated: if stated == Stated::default() { Vec::new() } else { vec![stated] },
        words: Vec::new(),
    }
}

fn mentions(rows: &[Row]) -> Vec<Mention> {
    rows.iter().enumerate().map(|(id, row)| mention(id, *row)).collect()
}

/// For each mention the first one of the same speaker.
fn settled(rows: &[Row]) -> Vec<usize> {
    settle(&mentions(rows), &[]).iter().map(|settled| settled.speaker).collect()
}

#[test]
fn mentions_are_one_speaker_where_it_is_shown_and_else_apart() {
    let cases: &[(&str, &[Row], &[usize])] = &[
        (
            "a title and a surname, in the same outlet within a week",
            &[
                ("Deborah Marlowe", "ambassador", "", "Courier", 10),
                ("Marlowe", "Ambassador", "", "Courier", 14),
            ],
            &[0, 0],
        ),
        (
            "a title and a surname, weeks later",
            &[
                ("Deborah Marlowe", "ambassador", "", "Courier", 10),
                ("Marlowe", "Ambassador", "", "Courier", 40),
            ],
            &[0, 1],
        ),
        (
            "a title and a surname in another outlet",
            &[
                ("Deborah Marlowe", "ambassador", "", "Courier", 10),
                ("Marlowe", "Ambassador", "", "Post", 11),
            ],
            &[0, 1],
        ),
        (
            "office, body and surname in another outlet within a month",
            &[
                ("Deborah Marlowe", "spokeswoman", "Open Wires", "Courier", 10),
                ("Marlowe", "spokesperson", "Open Wires", "Post", 30),
            ],
            &[0, 0],
        ),
        (
            "a bare surname that two ambassadors bear",
            &[
                ("Deborah Marlowe", "ambassador", "", "Courier", 10),
                ("Ira Marlowe", "ambassador", "", "Post", 10),
                ("Marlowe", "Ambassador", "", "Courier", 11),
            ],
            &[0, 1, 2],
        ),
        (
            "a bare surname without a role",
            &[
                ("Deborah Marlowe", "ambassador", "", "Courier", 10),
                ("Marlowe", "", "", "Courier", 10),
            ],
            &[0, 1],
        ),
        (
            "one full name that nothing speaks against",
            &[
                ("Deborah Marlowe", "", "", "Courier", 10),
                ("Deborah Marlowe", "ambassador", "", "Post", 900),
                ("Deborah J. Marlowe", "", "Open Wires", "Herald", 2000),
            ],
            &[0, 0, 0],
        ),
        (
            "two middle names that fit one of two bearers: which is meant isn't told",
            &[
                ("Deborah Marlowe", "ambassador", "Norland", "Courier", 10),
                ("Deborah Marlowe", "goalkeeper", "Open Wires", "Post", 10),
                ("Deborah K. Marlowe", "", "", "Courier", 11),
                ("Deborah J. Marlowe", "", "", "Courier", 11),
            ],
            &[0, 1, 2, 3],
        ),
        (
            "accents, and an office told more or less fully",
            &[
                ("José Tapia", "minister of energy", "", "Courier", 10),
                ("Jose Tapia", "energy minister of energy", "", "Post", 90),
            ],
            &[0, 0],
        ),
        (
            "one name, two fields, two bodies",
            &[
                ("Anna Kestrel", "mayor", "Lindau", "Courier", 10),
                ("Anna Kestrel", "goalkeeper", "FC Norrvik", "Courier", 11),
                ("Anna Kestrel", "mayor", "Lindau", "Post", 50),
                ("Anna Kestrel", "goalkeeper", "FC Norrvik", "Post", 60),
            ],
            &[0, 1, 0, 1],
        ),
        (
            "one name, one office, two places",
            &[
                ("Anna Kestrel", "mayor", "Lindau", "Courier", 10),
                ("Anna Kestrel", "mayor", "Norrvik", "Post", 11),
            ],
            &[0, 1],
        ),
        (
            "who could be either of two is neither",
            &[
                ("Anna Kestrel", "mayor", "Lindau", "Courier", 10),
                ("Anna Kestrel", "goalkeeper", "FC Norrvik", "Post", 11),
                ("Anna Kestrel", "", "", "Herald", 12),
            ],
            &[0, 1, 2],
        ),
        (
            "who could be either of two is the one whom the outlet named that week",
            &[
                ("Anna Kestrel", "mayor", "Lindau", "Courier", 10),
                ("Anna Kestrel", "goalkeeper", "FC Norrvik", "Post", 11),
                ("Anna Kestrel", "", "", "Post", 14),
            ],
            &[0, 1, 1],
        ),
        (
            "a name that many bear tells nobody",
            &[
                ("John Smith", "", "", "Courier", 10),
                ("John Smith", "", "", "Post", 10),
                ("John Smith", "farmer", "", "Herald", 10),
            ],
            &[0, 1, 2],
        ),
        (
            "a name that many bear, with a body",
            &[
                ("John Smith", "analyst", "Open Wires", "Courier", 10),
                ("John Smith", "senior analyst", "Open Wires", "Post", 300),
                ("John Smith", "analyst", "Orbex", "Herald", 10),
            ],
            &[0, 0, 2],
        ),
        (
            "nicknames and spellings need an office or a body",
            &[
                ("William Prewitt", "senator", "Ohio", "Courier", 10),
                ("Bill Prewitt", "Sen.", "", "Post", 20),
                ("Will Prewitt", "", "", "Post", 20),
            ],
            &[0, 0, 2],
        ),
        (
            "another spelling, one delegation",
            &[
                (
                    "Artur Velyukin",
                    "head of delegation",
                    "Foreign Ministry of Norland",
                    "Courier",
                    10,
                ),
                ("Artur Velukin", "diplomat", "Norland", "Post", 20),
            ],
            &[0, 0],
        ),
        (
            "an initial that one bearer's office fits",
            &[
                ("Deborah Marlowe", "ambassador", "", "Courier", 10),
                ("David Marlowe", "novelist", "", "Courier", 10),
                ("D. Marlowe", "ambassador", "", "Post", 90),
                ("D. Marlowe", "", "", "Post", 195),
            ],
            &[0, 1, 0, 3],
        ),
        (
            "Junior is somebody else",
            &[
                ("Donal Prew", "builder", "", "Courier", 10),
                ("Donal Prew Jr.", "builder", "", "Courier", 10),
            ],
            &[0, 1],
        ),
    ];
    for (what, rows, wanted) in cases {
        assert_eq!(settled(rows), *wanted, "{what}");
    }
}

#[test]
fn the_same_words_show_one_speaker_whatever_is_stated() {
    let mut both = mentions(&[
        ("Deborah Marlowe", "", "", "Courier", 10),
        ("Marlowe", "", "", "Post", 11),
        ("Ira Marlowe", "", "", "Post", 11),
    ]);
    for mention in &mut both {
        mention.words = vec![42];
    }
    let settled = settle(&both, &[]);
    assert_eq!(settled[1].speaker, 0);
    assert_eq!(settled[2].speaker, 2, "another given name");
    let tie = settled[1].tie.as_ref().unwrap();
    assert_eq!((tie.to, tie.ground, tie.names), (0, Ground::Words, Likeness::Surname));
}

#[test]
fn bodies_are_one_by_name_unless_the_name_is_any_bodys() {
    let organisation = |id, name| Mention {
        kind: SpeakerKind::Organisation,
        ..mention(id, (name, "", "", "Courier", 10))
    };
    let one = settle(&[organisation(0, "Open Wires"), organisation(1, "the Open Wires")], &[]);
    assert_eq!(one[1].speaker, 0);
    let many =
        settle(&[organisation(0, "Foreign Ministry"), organisation(1, "Foreign Ministry")], &[]);
    assert_eq!(many[1].speaker, 1);
    assert!(!many[0].told && !many[1].told);
}

#[test]
fn corrections_come_before_every_rule() {
    let rows: &[Row] = &[
        ("Deborah Marlowe", "ambassador", "", "Courier", 10),
        ("Deborah Marlowe", "ambassador", "", "Post", 12),
        ("Deborah Marlowe", "ambassador", "", "Herald", 14),
        ("Ira Marlowe", "", "", "Herald", 14),
    ];
    let split = Ruling { number: 7, says: Says::Two, sides: [vec![1], vec![0, 2]] };
    let merge = Ruling { number: 8, says: Says::One, sides: [vec![3], vec![1]] };
    let given = settle(&mentions(rows), &[split.clone(), merge]);
    let speakers: Vec<usize> = given.iter().map(|settled| settled.speaker).collect();
    assert_eq!(speakers, [0, 1, 0, 1]);
    let tie = given[3].tie.as_ref().unwrap();
    assert_eq!((tie.ground, tie.detail.as_str()), (Ground::Correction, "8"));
    // Who comes later and fits both is neither's.
    let more = [rows, &[("Deborah Marlowe", "", "", "Gazette", 400)]].concat();
    let given = settle(&mentions(&more), &[split]);
    assert_eq!(given[4].speaker, 4);
}

fn rows() -> impl Strategy<Value = Vec<Mention>> {
    let names = prop::sample::select(vec![
        "Deborah Marlowe",
        "Debbie Marlowe",
        "D. Marlowe",
        "Marlowe",
        "Ira Marlowe",
        "Deborah J. Marlowe",
        "Deborah K. Marlowe",
    ]);
    let roles =
        prop::sample::select(vec!["", "ambassador", "Amb.", "goalkeeper", "analyst", "mayor"]);
    let bodies = prop::sample::select(vec!["", "Norland", "Open Wires", "FC Norrvik", "Lindau"]);
    let outlets = prop::sample::select(vec!["Courier", "Post"]);
    let row = (names, roles, bodies, outlets, 0..30, prop::option::weighted(0.1, 0_u64..3));
    prop::collection::vec(row, 1..14).prop_map(|rows| {
        let all = rows.into_iter().enumerate();
        all.map(|(id, (name, role, body, outlet, day, words))| Mention {
            words: words.into_iter().collect(),
            ..mention(id, (name, role, body, outlet, day))
        })
        .collect()
    })
}

/// The speaker's id, what ties a mention to it, and whether it is told.
type Outcome = (String, Option<(String, Ground)>, bool);

/// The outcome for each mention by id.
fn outcome(mentions: &[Mention]) -> BTreeMap<String, Outcome> {
    let settled = settle(mentions, &[]);
    let of = |at: usize| mentions[at].id.clone();
    let ties = settled.into_iter().enumerate().map(|(at, settled)| {
        let tie = settled.tie.map(|tie| (of(tie.to), tie.ground));
        (of(at), (of(settled.speaker), tie, settled.told))
    });
    ties.collect()
}

proptest! {
    #[test]
    fn the_order_of_mentions_makes_no_difference(
        (mentions, shuffled) in rows().prop_flat_map(|rows| (Just(rows.clone()), Just(rows).prop_shuffle()))
    ) {
        prop_assert_eq!(outcome(&mentions), outcome(&shuffled));
    }

    #[test]
    fn ties_lead_to_the_first_mention_and_no_two_given_names_meet(mentions in rows()) {
        let settled = settle(&mentions, &[]);
        for (at, it) in settled.iter().enumerate() {
            let (mut here, mut steps) = (at, 0);
            while let Some(tie) = &settled[here].tie {
                prop_assert_eq!(settled[tie.to].speaker, it.speaker);
                here = tie.to;
                steps += 1;
                prop_assert!(steps <= mentions.len());
            }
            prop_assert_eq!(here, it.speaker);
            for (other, its) in settled.iter().enumerate() {
                if its.speaker == it.speaker {
                    let names = [at, other].map(|at| Name::parse(&mentions[at].name));
                    prop_assert!(names[0].likeness(&names[1]).is_some());
                }
            }
        }
    }
}

#[test]
fn a_mention_alone_in_its_family_is_told_as_it_is_among_strangers() {
    let cases: &[(Row, bool)] = &[
        (("Deborah Marlowe", "", "", "Courier", 10), true),
        (("Marlowe", "ambassador", "Norland", "Courier", 10), false),
        (("D. Marlowe", "ambassador", "Norland", "Courier", 10), false),
        (("John Smith", "", "", "Courier", 10), false),
        (("John Smith", "harbour master", "Port of Vell", "Courier", 10), true),
        (("John Smith", "resident", "", "Courier", 10), false),
    ];
    let stranger = ("Odile Sarr", "", "", "Post", 10);
    for (row, told) in cases {
        let alone = settle(&mentions(&[*row]), &[]);
        assert_eq!(alone, settle(&mentions(&[*row, stranger]), &[])[..1], "{row:?}");
        assert_eq!(alone[0].told, *told, "{row:?}");
    }
    let body = |name: &'static str| {
        let named = mention(0, (name, "", "", "Courier", 10));
        settle(&[Mention { kind: SpeakerKind::Organisation, ..named }], &[])[0].told
    };
    assert_eq!(["Open Wires Foundation", "the ministry"].map(body), [true, false]);
}
