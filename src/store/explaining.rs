//! Which of an article's new notices may explain a change of one of its quotes.
//!
//! The quote's sides and the notices → a notice or none. A notice explains a change if it names
//! something of it: the speaker, the body spoken for, words of the quote. One that names nothing at
//! all ("This article has been updated.") may be about anything. Refuses what names other matters: a
//! wrong caption doesn't explain a quote.

use std::collections::HashSet;
use std::sync::LazyLock;

use crate::domain::article::Notice;
use crate::domain::record::RevisionSide;

/// A word of a quote that tells what it is about has so many letters; a name may have fewer.
const TELLING: usize = 4;

/// Words that say nothing of what a notice is about, by language: of any text, and of any notice of a
/// change.
static EMPTY: LazyLock<[HashSet<&str>; 5]> = LazyLock::new(|| {
    let english = [FUNCTION, OF_CHANGES, OF_QUOTES];
    [&english[..], &[FRENCH], &[SPANISH], &[GERMAN], &[RUSSIAN]]
        .map(|lists| lists.iter().flat_map(|words| words.split(' ')).collect())
});

/// Words of any text.
const FUNCTION: &str = "\
    a about above after all also an and any are as at be because been before being below but by can \
    could did do does for from had has have he her here him his how if in into is it its just more most \
    my no not now of off on one only or other our out over said say says she so some such than that the \
    their them then there these they this those to under up very was we were what when where which while \
    who whom whose why will with would you your";

/// Words of notices that say that an article changed, not in what.
const OF_CHANGES: &str = "\
    add added adding additional adds amended appended article background change changed changes clarified \
    clarify clarification context copy correct corrected correction corrections date detail details \
    developments earlier edited editing edition editor editors error errors expanded first fixed for further \
    inaccurate inaccurately include included includes including incorrect incorrectly information \
    latest material minor mistake misstated new news note original originally page piece post \
    previous previously published record reflect report reporting reports revised since story throughout \
    time today typo update updated updates version versions wrong wrongly \
    january february march april may june july august september october november december \
    jan feb mar apr jun jul aug sep sept oct nov dec \
    monday tuesday wednesday thursday friday saturday sunday am pm gmt utc et edt est bst cet";

/// Words of notices that speak of quotes, not of whose.
const OF_QUOTES: &str = "\
    attributed attribution comment comments interview misattributed misquoted quotation quotations \
    quote quoted quotes reaction remark remarks response speaker spokesman spokesperson spokeswoman \
    statement statements transcribed transcription";

const FRENCH: &str = "\
    au aux avec ce ces cet cette dans de depuis des du elle elles en est et été il ils la le les leur leurs \
    lors mais ne nos notre nous on ont ou où par pas plus pour qu que qui sa sans se ses son sont sous sur \
    un une vers vos votre vous avait avaient était étaient sera \
    actualisation actualisé actualisée actualisées actualisés ajout ajouté ajoutée ajoutées ajoutés ajouts \
    antérieure antérieures article articles changé changée clarification complété complétée contenait correction corrections \
    corrigé corrigée corrigées corrigés dernière dernières détail détails erreur erreurs heure heures \
    incorrecte incorrectement informations initiale initialement jour minute minutes mis mise mises \
    modification modifications modifié modifiée modifiés note nouveau nouveaux nouvelle nouvelles page papier \
    première précision précisions précédente précédemment publication publié publiée rectificatif \
    rectification rectifié rectifiée rédaction texte lecteurs version versions \
    citation citations cité citée commentaire commentaires déclaration déclarations entretien interview \
    porte parole propos réaction réactions retranscription retranscrit retranscrite \
    janvier février mars avril mai juin juillet août septembre octobre novembre décembre \
    lundi mardi mercredi jeudi vendredi samedi dimanche";

const SPANISH: &str = "\
    al ante como con cuando de del desde donde el ella ellos en era eran es esta estas este estos fue fueron \
    ha han había la las le lo los más no nos para pero por que se ser sido sin sobre su sus también tras un \
    una unas unos ya hasta hoy \
    aclaración actualización actualizada actualizado actualizó anterior anteriores artículo añade añadido \
    añadir cambiado cambio cambios con contenía correcciones corrección corregida corregido corregir decía \
    detalles edición error errores fecha hora horas información informaciones inicial lectores modificación \
    modificada modificado nota noticia nueva nuevas nuevo nuevos original página previa primera publicación \
    publicada publicado publicó rectificación rectificada rectificado redacción texto última últimas versión \
    atribuida atribuido atribuyó cita citada citado citas comentario comentarios declaraciones declaración \
    entrevista palabras portavoz reacción reacciones transcripción transcrita transcrito \
    enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre \
    lunes martes miércoles jueves viernes sábado domingo";

const GERMAN: &str = "\
    ab aber als am an auch auf aus bei beim bis da das dass dem den der des die dies diese diesem diesen \
    dieser dieses durch ein eine einem einen einer eines er es für habe haben hat hatte ihr im in ins ist \
    mit nach nicht noch nun oder seit sich sie sind so über um und uns unter vom von vor war waren wir wird \
    worden wurde wurden zu zum zur zwischen hieß \
    aktualisierung aktualisiert angabe angaben anmerkung artikel artikels beitrag beitrags berichtigt \
    berichtigung datum details ergänzt ergänzung erste ersten fassung falsch falsche fehler fehlerhaft \
    früher frühere früheren geändert hinweis hinzugefügt informationen korrektur korrigiert leser letzte \
    letzten meldung nachricht nachrichten nachträglich neue neuen neueste originalfassung redaktion richtig \
    richtiggestellt richtigstellung seite stand stunden text textes uhr update ursprünglich \
    ursprünglichen veröffentlicht veröffentlichung version vorherigen weitere weiteren änderung änderungen \
    aussage aussagen interview kommentar kommentare reaktion reaktionen sprecher sprecherin stellungnahme \
    stellungnahmen wörtlich zitat zitate zitiert zugeschrieben äußerung äußerungen \
    januar jänner februar märz april mai juni juli august september oktober november dezember \
    montag dienstag mittwoch donnerstag freitag samstag sonnabend sonntag";

const RUSSIAN: &str = "\
    без более был была были было во вот все для до его ее её же за из или их как ко на не но об он она они от \
    по под при со так также то того у уже что эта эти это этой этом этот этого \
    версии версия время данные дата добавлен добавлена добавлены дополнен дополнена дополнено исправлен \
    исправлена исправлено исправления исправление информация информацией новая новой новости новость новые \
    новыми обновление обновлен обновлена обновлено обновлён ошибка ошибке ошибки первоначальной \
    подробности подробностями предыдущей примечание публикации публикация ранее ранней редакции редакция \
    статье статьи статья материал материала материале текст текста тексте указано указана уточнен уточнена \
    уточнение уточнено уточнён часов \
    заявление заявления интервью комментарий комментарием комментарии ошибочно приписана приписано реакция \
    слова слов цитата цитаты цитате цитату \
    января февраля марта апреля мая июня июля августа сентября октября ноября декабря \
    понедельник вторник среда среду четверг пятница пятницу суббота субботу воскресенье";

/// The notice that may explain a change of the quote with these sides: the one that names most of it,
/// the first of several; else the first that names nothing else.
pub(super) fn explaining<'a>(sides: &[&RevisionSide], notices: &'a [Notice]) -> Option<&'a Notice> {
    if notices.is_empty() {
        return None;
    }
    let mut about: HashSet<String> = HashSet::new();
    for side in sides {
        about.extend(words(&side.text).filter(|word| word.chars().count() >= TELLING));
        if let Some(speaker) = &side.speaker {
            let standing = [&speaker.role, &speaker.affiliation];
            let stated = standing.into_iter().flatten().chain([&speaker.name]);
            about.extend(stated.flat_map(|stated| words(stated)));
        }
    }
    let mut best: Option<(usize, &Notice)> = None;
    for notice in notices {
        let said: HashSet<String> = words(&notice.text)
            .filter(|word| !word.starts_with(|c: char| c.is_ascii_digit()))
            .collect();
        // The notice's language is the one that most of its words are of, the first of equals.
        let left = EMPTY.iter().map(|empty| {
            said.iter().filter(|word| !empty.contains(word.as_str())).collect::<Vec<&String>>()
        });
        let named = left.min_by_key(Vec::len).unwrap_or_default();
        let shared = named.iter().filter(|word| about.contains(**word)).count();
        let explains = shared > 0 || named.is_empty();
        if explains && best.is_none_or(|(most, _)| shared > most) {
            best = Some((shared, notice));
        }
    }
    best.map(|(_, notice)| notice)
}

/// The words of `text` in lower case; "Tapia’s" names Tapia, and "l’accord" an accord: single letters
/// tell nothing.
fn words(text: &str) -> impl Iterator<Item = String> {
    text.split(|c: char| !c.is_alphanumeric())
        .filter(|word| word.chars().nth(1).is_some())
        .map(str::to_lowercase)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::article::NoticeKind;
    use crate::domain::speaker::{Speaker, SpeakerKind};

    #[test]
    fn a_notice_explains_a_change_that_it_names_or_where_it_names_nothing() {
        const GENERAL: &str = "This article was updated on 9 February 2024 at 14:00 GMT.";
        const QUOTE: &str = "Correction: An earlier version of this story misquoted a statement.";
        const TAPIA: &str = "José Tapia’s words were transcribed incorrectly.";
        const CAPTION: &str = "A caption named the wrong ferry.";
        const KERN: &str = "A quote by Ada Kern was wrongly attributed.";
        const WIRES: &str = "This story has been updated with comment from Open Wires.";
        const SNOOP: &str = "An earlier version had “spy” where the text says “snoop”.";
        for (notices, expected) in [
            (&[CAPTION][..], None),
            (&[KERN], None),
            (&[GENERAL], Some(GENERAL)),
            (&[QUOTE], Some(QUOTE)),
            (&[TAPIA], Some(TAPIA)),
            (&[WIRES], Some(WIRES)),
            (&[SNOOP], Some(SNOOP)),
            (&[CAPTION, KERN, TAPIA], Some(TAPIA)),
            (&[GENERAL, TAPIA], Some(TAPIA)),
            (&[GENERAL, QUOTE], Some(GENERAL)),
            (&[CAPTION, GENERAL], Some(GENERAL)),
            (&[], None),
        ] {
            let side = |words: &str| RevisionSide {
                id: "1".to_owned(),
                version: 1,
                text: words.to_owned(),
                speaker: Some(Speaker {
                    id: "2".to_owned(),
                    name: "José Tapia".to_owned(),
                    kind: SpeakerKind::Person,
                    role: Some("policy director".to_owned()),
                    affiliation: Some("Open Wires".to_owned()),
                    anonymous: false,
                    identity: None,
                }),
            };
            let sides = [side("They would let them spy on you"), side("They would let them snoop")];
            let notices: Vec<Notice> = notices
                .iter()
                .map(|text| Notice {
                    kind: NoticeKind::Correction,
                    text: (*text).to_owned(),
                    date: None,
                })
                .collect();
            let explained = explaining(&[&sides[0], &sides[1]], &notices);
            assert_eq!(explained.map(|notice| notice.text.as_str()), expected, "{notices:?}");
        }
    }

    #[test]
    fn a_notice_of_another_language_that_names_nothing_explains_and_one_of_a_caption_does_not() {
        let side = RevisionSide {
            id: "1".to_owned(),
            version: 1,
            text: "Le pont n’est pas sûr".to_owned(),
            speaker: None,
        };
        for (text, explains) in [
            ("Cet article a été mis à jour le 9 février 2024 à 14 heures.", true),
            ("Mise à jour à 14h : l’article a été complété avec de nouvelles déclarations.", true),
            ("Correction : une citation sur l’état du pont était incorrecte.", true),
            ("Cet article a été corrigé : la photo montrait un autre tramway.", false),
            ("Este artículo ha sido actualizado el 9 de febrero con nuevas declaraciones.", true),
            ("Esta noticia se actualizó a las 14 horas.", true),
            ("Este artículo ha sido corregido: la fotografía era de otro tranvía.", false),
            ("Dieser Artikel wurde am 9. Februar um 14 Uhr aktualisiert.", true),
            ("In einer früheren Version dieses Artikels war ein Zitat falsch zugeschrieben.", true),
            ("Dieser Artikel wurde korrigiert: Das Foto zeigte eine andere Straßenbahn.", false),
            ("Эта статья была обновлена 9 февраля.", true),
            ("Материал дополнен новыми подробностями.", true),
            ("Эта статья исправлена: на снимке другой трамвай.", false),
        ] {
            let notice = Notice { kind: NoticeKind::Update, text: text.to_owned(), date: None };
            assert_eq!(explaining(&[&side], &[notice]).is_some(), explains, "{text}");
        }
    }
}
