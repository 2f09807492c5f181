//! Which of several addresses and numbers is preferred, and in which order names are written. Only words can show this.

use super::evidence::MOST;
use super::kinds::{ColumnRole, HeaderKind};
use super::{Evidence, Kind};
use crate::standardize::lexicon::{NAMES, key};
use crate::standardize::names::NameOrder;
use crate::standardize::text::{fold, value};

/// The rank of an address or a number under an uninformative header, if others have informative ones.
const UNNAMED_BESIDE_OTHERS: u8 = 70;
/// Ranks of the header model's kinds, for headers the vocabulary does not know; those of
/// [`Reading::rank`](crate::standardize::headers::Reading::rank) otherwise.
const RANKS: [(HeaderKind, u8); 7] = [
    (HeaderKind::Email, 1),
    (HeaderKind::Phone, 1),
    (HeaderKind::EmailHome, 50),
    (HeaderKind::Mobile, 20),
    (HeaderKind::PhoneHome, 50),
    (HeaderKind::PhoneMain, 40),
    (HeaderKind::PhoneOther, 60),
];

/// Rank of a column of addresses or numbers in the preference; smaller is better.
pub(super) fn rank(columns: &[Evidence], at: usize, role: ColumnRole, roles: &[ColumnRole]) -> u8 {
    let column = &columns[at];
    let reading = &column.reading;
    let named = match role {
        ColumnRole::Email => reading.of_lead() == Kind::Email,
        _ => reading.of_lead() == Kind::Phone,
    };
    if named || reading.is_qualifier() {
        return reading.rank();
    }
    // "☎ Contact": it says whose number it is and nothing against it
    if matches!(reading.kind, Kind::Person | Kind::Details) {
        return 1;
    }
    if let Some((_, rank)) = RANKS.iter().find(|(kind, _)| column.says(*kind)) {
        return *rank;
    }
    let beside = roles.iter().enumerate().any(|(other, theirs)| other != at && *theirs == role);
    if beside { UNNAMED_BESIDE_OTHERS } else { 1 }
}

/// Headers of Spanish and Portuguese lists, where people have two family names.
const IBERIAN: [&str; 14] = [
    "telemovel",
    "morada",
    "profissao",
    "endereco",
    "observacoes",
    "nombre",
    "empresa",
    "correo",
    "apellidos",
    "celular",
    "puesto",
    "ciudad",
    "sobrenome",
    "movil",
];
/// Headers of French lists, where `M.` is a title.
const FRENCH: [&str; 9] = [
    "prenom",
    "societe",
    "entreprise",
    "fonction",
    "poste",
    "courriel",
    "ville",
    "interlocuteur",
    "civilite",
];

/// Share of names that are exceptions to the order of a column.
const FEW: f32 = 0.2;
/// Number of names in a column that settle its order on their own.
const ENOUGH_NAMES: usize = 4;

/// In which order the full names of a column are written, if a single name does not show it.
pub(super) fn name_order(columns: &[Evidence], at: usize, rows: &[Vec<&str>]) -> NameOrder {
    let column = &columns[at];
    let p = &column.profile;
    let given_first = p.given > MOST && p.given_last < FEW;
    let headers = || columns.iter().map(|column| column.header_text.as_str());
    let family_first =
        headers().filter(|header| NAMES.family_first_headers.contains(&key(header))).count() > 1;
    let reads_last_first =
        column.reading.kind == Kind::FullLastFirst || column.says(HeaderKind::FullLastFirst);
    if (reads_last_first || family_first) && !given_first {
        return NameOrder::LastFirst;
    }
    if p.filled >= ENOUGH_NAMES && p.given < FEW && p.given_last > MOST || is_vietnamese(rows, at) {
        return NameOrder::LastFirst;
    }
    let are_of = |words: &[&str]| {
        let is_there = |word: &&&str| {
            headers().any(|header| fold(header).split(|c: char| !c.is_alphabetic()).any(|own| own == **word))
        };
        words.iter().filter(is_there).count() > 1
    };
    if are_of(&IBERIAN) {
        NameOrder::TwoLastNames
    } else if are_of(&FRENCH) || has_madame(rows, at) {
        NameOrder::French
    } else {
        NameOrder::FirstLast
    }
}

/// Whether a name begins with `Mme`. Then `M.` before the others is not an initial.
fn has_madame(rows: &[Vec<&str>], at: usize) -> bool {
    let first_words = rows.iter().filter_map(|row| row.get(at)?.split_whitespace().next());
    let mut first_words = first_words.map(|word| word.trim_end_matches('.'));
    first_words.any(|word| matches!(word, "Mme" | "Mlle" | "MME" | "MLLE"))
}

/// Whether most names begin with one of the few Vietnamese family names. Without accents a single name does not show
/// it.
fn is_vietnamese(rows: &[Vec<&str>], at: usize) -> bool {
    let cells = rows.iter().map(|row| row.get(at).map_or("", |cell| value(cell)));
    let (mut count, mut known) = (0, 0);
    for name in cells.filter(|name| name.contains(' ')) {
        count += 1;
        let first = name.split_whitespace().next().unwrap_or("");
        known += usize::from(NAMES.vi_plain.contains(fold(first).as_ref()));
    }
    count >= 2 && known * 3 >= count * 2
}
