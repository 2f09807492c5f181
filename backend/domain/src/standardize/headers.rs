//! What a column's header says: its words are looked up in `data/header_words.txt` and put together by a few rules that
//! hold in every language (a fax number is no phone, the owner's e-mail is not the lead's, the last noun decides).

use std::collections::HashMap;
use std::sync::LazyLock;

use super::text::{is_cjk, words};

/// A class of header words; the names are those of the data file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[repr(u8)]
pub(super) enum Atom {
    First,
    Last,
    Last2,
    Name,
    Full,
    LastFirst,
    Middle,
    Initials,
    Nick,
    Phonetic,
    Maiden,
    Honorific,
    Suffix,
    Particle,
    Person,
    Company,
    Department,
    Job,
    Title,
    Email,
    Phone,
    Mobile,
    Fax,
    Pager,
    Extension,
    CountryCode,
    AreaCode,
    Work,
    Primary,
    Home,
    Other,
    MainLine,
    Billing,
    OtherPerson,
    Formerly,
    Attr,
    Address,
    Number,
    Id,
    Details,
    Card,
    Preposition,
    /// A person who is the lead only when no other person is named (`User`, `Buyer`).
    Weak,
}

impl Atom {
    fn named(name: &str) -> Option<Self> {
        Some(match name {
            "first" => Self::First,
            "last" => Self::Last,
            "last2" => Self::Last2,
            "name" => Self::Name,
            "full" => Self::Full,
            "lastfirst" => Self::LastFirst,
            "middle" => Self::Middle,
            "initials" => Self::Initials,
            "nick" => Self::Nick,
            "phonetic" => Self::Phonetic,
            "maiden" => Self::Maiden,
            "honorific" => Self::Honorific,
            "suffix" => Self::Suffix,
            "particle" => Self::Particle,
            "person" => Self::Person,
            "company" => Self::Company,
            "department" => Self::Department,
            "job" => Self::Job,
            "title" => Self::Title,
            "email" => Self::Email,
            "phone" => Self::Phone,
            "mobile" => Self::Mobile,
            "fax" => Self::Fax,
            "pager" => Self::Pager,
            "extension" => Self::Extension,
            "countrycode" => Self::CountryCode,
            "areacode" => Self::AreaCode,
            "work" => Self::Work,
            "primary" => Self::Primary,
            "home" => Self::Home,
            "other" => Self::Other,
            "mainline" => Self::MainLine,
            "billing" => Self::Billing,
            "other_person" => Self::OtherPerson,
            "formerly" => Self::Formerly,
            "attr" => Self::Attr,
            "address" => Self::Address,
            "number" => Self::Number,
            "id" => Self::Id,
            "details" => Self::Details,
            "card" => Self::Card,
            "preposition" => Self::Preposition,
            "weak" => Self::Weak,
            _ => return None,
        })
    }
}

/// A set of [`Atom`]s.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Atoms(u64);

impl Atoms {
    pub(super) fn has(self, atom: Atom) -> bool {
        self.0 & (1 << atom as u8) != 0
    }

    pub(super) fn any(self, atoms: &[Atom]) -> bool {
        atoms.iter().any(|atom| self.has(*atom))
    }

    fn add(&mut self, other: Self) {
        self.0 |= other.0;
    }

    fn is_empty(self) -> bool {
        self.0 == 0
    }
}

/// What a header stands for, before the values were looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Kind {
    /// No header text.
    Empty,
    /// Words that mean nothing to us.
    Unknown,
    First,
    Last,
    /// A second family name, joined to the first.
    Last2,
    Middle,
    Particle,
    Full,
    /// A full name, family name first.
    FullLastFirst,
    /// `Name`: full, first or last name, or a company's, as the other columns and the values say.
    Name,
    /// `Contact`, `Customer`: a person, a company, or contact details, as the values say.
    Person,
    Honorific,
    Suffix,
    /// `Title`: the job or an honorific.
    Title,
    Job,
    Company,
    Email,
    Phone,
    CountryCode,
    AreaCode,
    Extension,
    /// E-mail and phone in one cell.
    Details,
    Card,
    /// A person who is not the lead.
    OtherPerson,
    /// A kana or romanised form of the name, a nickname.
    NameVariant,
    /// Something no field holds.
    Attribute,
}

/// A header that was read.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Reading {
    pub(super) kind: Kind,
    /// Share of the header's words that were understood, less for questions.
    pub(super) strength: f32,
    pub(super) atoms: Atoms,
    /// The number in the header (`Phone 2`).
    pub(super) ordinal: Option<u8>,
    /// Is the header a label of the column it stands beside (`E-mail 1 - Type`)?
    pub(super) is_label: bool,
    /// Is it a heading of the kind people give to free notes?
    pub(super) words: u8,
}

/// The vocabulary, loaded once.
struct Vocabulary {
    phrases: HashMap<String, Atoms>,
    whole: HashMap<String, Atoms>,
    longest: usize,
}

static VOCABULARY: LazyLock<Vocabulary> = LazyLock::new(|| {
    let mut phrases: HashMap<String, Atoms> = HashMap::new();
    let mut whole: HashMap<String, Atoms> = HashMap::new();
    let mut longest = 1;
    for line in super::lexicon::lines(include_str!("../../data/header_words.txt")) {
        let Some((names, list)) = line.split_once(':') else { continue };
        let (names, target) = match names.strip_prefix('=') {
            Some(names) => (names, &mut whole),
            None => (names, &mut phrases),
        };
        let mut atoms = Atoms::default();
        for atom in names.split('+').filter_map(Atom::named) {
            atoms.add(Atoms(1 << atom as u8));
        }
        for phrase in list.split(',') {
            let phrase = words(phrase.trim());
            longest = longest.max(phrase.len());
            if !phrase.is_empty() {
                target.entry(phrase.join(" ")).or_insert(atoms);
            }
        }
    }
    Vocabulary { phrases, whole, longest }
});

impl Vocabulary {
    /// The atom sets of the words in order; `None` for a word that means nothing.
    fn look_up(&self, words: &[String]) -> Vec<Option<Atoms>> {
        let mut found = Vec::with_capacity(words.len());
        let mut at = 0;
        'words: while at < words.len() {
            for length in (1..=self.longest.min(words.len() - at)).rev() {
                let hit = if length == 1 {
                    self.phrases.get(&words[at])
                } else {
                    self.phrases.get(&words[at..at + length].join(" "))
                };
                if let Some(atoms) = hit {
                    found.push(Some(*atoms));
                    at += length;
                    continue 'words;
                }
            }
            match self.cut(&words[at]) {
                Some(parts) => found.extend(parts.into_iter().map(Some)),
                None => found.push(None),
            }
            at += 1;
        }
        found
    }

    /// Cuts a compound (`Firmenname`, `会社名`) into known words. Unspaced scripts may keep unknown rests.
    fn cut(&self, word: &str) -> Option<Vec<Atoms>> {
        let chars: Vec<(usize, char)> = word.char_indices().collect();
        let unspaced = chars.iter().any(|(_, c)| is_cjk(*c));
        if chars.len() > 40 || (!unspaced && chars.len() < 6) {
            return None;
        }
        let end_of = |position: usize| chars.get(position).map_or(word.len(), |(byte, _)| *byte);
        if unspaced {
            let (mut parts, mut at, mut known) = (Vec::new(), 0, 0);
            while at < chars.len() {
                let hit = (at + 1..=chars.len())
                    .rev()
                    .find_map(|end| Some((end, *self.phrases.get(&word[end_of(at)..end_of(end)])?)));
                match hit {
                    Some((end, atoms)) => {
                        parts.push(atoms);
                        known += end - at;
                        at = end;
                    }
                    None => at += 1,
                }
            }
            return (known * 2 >= chars.len()).then_some(parts);
        }
        // best[i]: fewest parts that make up the first i characters
        let mut best: Vec<Option<(usize, usize, Option<Atoms>)>> = vec![None; chars.len() + 1];
        best[0] = Some((0, 0, None));
        for start in 0..chars.len() {
            let Some((parts, _, _)) = best[start] else { continue };
            for end in start + 3..=chars.len() {
                let Some(atoms) = self.phrases.get(&word[end_of(start)..end_of(end)]) else { continue };
                // linking sounds of Germanic compounds: Geschäft-s-telefon, Firma/Firm-en-name
                for link in ["", "s", "en", "n", "e"] {
                    if !word[end_of(end)..].starts_with(link) {
                        continue;
                    }
                    let next = end + link.len();
                    if best[next].is_none_or(|(count, _, _)| parts + 1 < count) {
                        best[next] = Some((parts + 1, start, Some(*atoms)));
                    }
                }
            }
        }
        let mut parts = Vec::new();
        let mut at = chars.len();
        while at > 0 {
            let (_, start, atoms) = best[at]?;
            parts.push(atoms?);
            at = start;
        }
        parts.reverse();
        Some(parts)
    }
}

/// Reads one header.
pub(super) fn read(header: &str) -> Reading {
    let mut words = words(header);
    // `[required]`, `(optional)` and the like say nothing
    words.retain(|word| {
        !matches!(word.as_str(), "required" | "optional" | "pflichtfeld" | "必須" | "任意" | "必填")
    });
    let count = words.len().min(255) as u8;
    let nothing = |kind| Reading {
        kind,
        strength: 0.0,
        atoms: Atoms::default(),
        ordinal: None,
        is_label: false,
        words: count,
    };
    if words.is_empty() {
        return nothing(Kind::Empty);
    }
    if words.len() > 40 {
        return nothing(Kind::Unknown);
    }
    let ordinal = words.iter().rev().find_map(|word| word.parse::<u8>().ok());
    if let Some(atoms) = VOCABULARY.whole.get(&words.join(" ")) {
        return Reading {
            kind: kind_of(&[*atoms], count),
            strength: 1.0,
            atoms: *atoms,
            ordinal,
            is_label: false,
            words: count,
        };
    }
    let found = VOCABULARY.look_up(&words);
    let is_number = |word: &String| word.chars().all(char::is_numeric);
    let numbers = words.iter().filter(|word| is_number(word)).count();
    let all = found.len().saturating_sub(numbers).max(1);
    let mut known: Vec<Atoms> = found.into_iter().flatten().filter(|atoms| !atoms.is_empty()).collect();
    let strength = known.len() as f32 / all as f32;
    drop_tail(&mut known, &words);
    let mut atoms = Atoms::default();
    for atom in &known {
        atoms.add(*atom);
    }
    let question = header.contains('?') || words.len() > 6;
    let kind = kind_of(&known, count);
    let last_word = words.iter().rev().find(|word| !is_number(word)).map_or("", String::as_str);
    let is_label = matches!(last_word, "label" | "type" | "typ" | "kind" | "tipo");
    let strength = if question { strength.min(0.5) } else { strength.min(1.0) };
    Reading { kind, strength, atoms, ordinal, is_label, words: count }
}

/// `Company Name for Emails`: what follows "for" says for whom, not what.
fn drop_tail(known: &mut Vec<Atoms>, words: &[String]) {
    let Some(at) = words
        .iter()
        .position(|word| matches!(word.as_str(), "for" | "fur" | "pour" | "para" | "voor" | "для"))
    else {
        return;
    };
    if at > 0 && known.len() == words.len() {
        known.truncate(at);
    }
}

/// The rules that put the words of a header together.
fn kind_of(parts: &[Atoms], words: u8) -> Kind {
    use Atom::*;
    let mut all = Atoms::default();
    for part in parts {
        all.add(*part);
    }
    let has = |atom| all.has(atom);
    let nouns: Vec<Atoms> = parts.iter().copied().filter(|part| !part.has(Preposition)).collect();
    let last = nouns.last().copied().unwrap_or_default();
    if nouns.is_empty() {
        return Kind::Unknown;
    }
    if has(OtherPerson) || has(Formerly) {
        return Kind::OtherPerson;
    }
    if has(Card) {
        return Kind::Card;
    }
    if has(Attr) {
        // a question may speak of anything before it comes to the point
        let core = [Email, Phone, Full, First, Last, Job, Company];
        let question = words > 5 && last.any(&core);
        if !question {
            return if has(CountryCode) { Kind::CountryCode } else { Kind::Attribute };
        }
    }
    if has(Id) && !has(Email) {
        return Kind::Attribute;
    }
    if has(Fax) || has(Pager) {
        return Kind::Attribute;
    }
    if has(Details) || (has(Email) && has(Phone)) {
        return Kind::Details;
    }
    if has(CountryCode) {
        return Kind::CountryCode;
    }
    if has(Extension) {
        return Kind::Extension;
    }
    if has(AreaCode) {
        return Kind::AreaCode;
    }
    if has(Email) {
        return Kind::Email;
    }
    if has(Address) && last.has(Address) {
        return Kind::Attribute;
    }
    let reached_at = all.any(&[Mobile, Work, Home, MainLine]) && !has(Company);
    if has(Phone) || (reached_at && has(Number)) {
        return Kind::Phone;
    }
    if has(Number) {
        return Kind::Attribute;
    }
    if has(Phonetic) || has(Nick) || has(Maiden) || has(Initials) {
        return Kind::NameVariant;
    }
    if has(Middle) {
        return Kind::Middle;
    }
    if has(Honorific) {
        return Kind::Honorific;
    }
    if has(Suffix) {
        return Kind::Suffix;
    }
    if has(Particle) {
        return Kind::Particle;
    }
    if has(Last2) {
        return Kind::Last2;
    }
    if has(Full) || (has(First) && has(Last)) {
        return if has(LastFirst) { Kind::FullLastFirst } else { Kind::Full };
    }
    if has(Department) && !last.any(&[Job, Title]) {
        return Kind::Attribute;
    }
    if has(Company) && !last.has(Person) && !has(Job) && !has(Title) {
        // "Company First Name" would be a person at the company
        return if has(First) {
            Kind::First
        } else if has(Last) {
            Kind::Last
        } else {
            Kind::Company
        };
    }
    if has(First) {
        return Kind::First;
    }
    if has(Last) {
        return Kind::Last;
    }
    if has(Job) {
        return Kind::Job;
    }
    if has(Title) {
        return Kind::Title;
    }
    if has(Person) {
        return if has(Name) { Kind::Full } else { Kind::Person };
    }
    if has(Name) {
        return if has(Work) { Kind::Company } else { Kind::Name };
    }
    if has(Address) {
        return Kind::Attribute;
    }
    Kind::Unknown
}

impl Reading {
    /// Does the header name something a lead list would have?
    pub(super) fn is_known(&self) -> bool {
        !matches!(self.kind, Kind::Empty | Kind::Unknown) && self.strength >= 0.5
    }

    /// Does it name one of the six fields, surely or possibly?
    pub(super) fn is_field(&self) -> bool {
        self.is_known()
            && !matches!(
                self.kind,
                Kind::Attribute | Kind::OtherPerson | Kind::NameVariant | Kind::Honorific | Kind::Suffix
            )
    }

    /// Is it nothing but a qualifier (`Direct`, `Work`), which makes sense over numbers or addresses?
    pub(super) fn is_qualifier(&self) -> bool {
        use Atom::*;
        self.kind == Kind::Unknown && self.atoms.any(&[Work, Home, Other, MainLine, Primary, Billing])
    }

    /// How far down an address or number stands in the preference for a lead's one value; smaller is better.
    pub(super) fn rank(&self) -> u8 {
        use Atom::*;
        let atoms = self.atoms;
        let base = match self.kind {
            Kind::Phone | Kind::Unknown => {
                if atoms.has(Other) || atoms.has(Address) && !atoms.has(Work) {
                    60
                } else if atoms.has(Home) {
                    if atoms.has(Mobile) { 25 } else { 50 }
                } else if atoms.has(MainLine) || atoms.has(Company) && !atoms.has(Work) {
                    40
                } else if atoms.has(Mobile) {
                    20
                } else if atoms.has(Billing) {
                    10
                } else {
                    0
                }
            }
            _ => {
                if atoms.has(Other) {
                    60
                } else if atoms.has(Home) {
                    50
                } else {
                    0
                }
            }
        };
        let named = if atoms.has(Weak) { 6 } else { 0 };
        let preferred = if atoms.has(Primary) && base == 0 { 0 } else { 1 } + named;
        base + preferred + self.ordinal.unwrap_or(1).clamp(1, 9) - 1
    }
}

/// The rank a label in a neighbouring cell (`Work`, `* Home`, `Mobile`) gives a value; `None` when it says nothing,
/// 99 when the value must not be used (a fax).
pub(super) fn label_rank(label: &str) -> Option<u8> {
    use Atom::*;
    let mut atoms = Atoms::default();
    for part in VOCABULARY.look_up(&words(label)).into_iter().flatten() {
        atoms.add(part);
    }
    if atoms.has(Fax) || atoms.has(Pager) || atoms.has(OtherPerson) {
        Some(99)
    } else if atoms.has(Other) {
        Some(60)
    } else if atoms.has(Mobile) {
        Some(20)
    } else if atoms.has(Home) {
        Some(50)
    } else if atoms.has(MainLine) {
        Some(40)
    } else if atoms.has(Work) || atoms.has(Primary) {
        Some(0)
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(kind: Kind, headers: &[&str]) {
        for header in headers {
            let reading = read(header);
            assert_eq!(reading.kind, kind, "{header}: {reading:?}");
        }
    }

    #[test]
    fn names() {
        check(
            Kind::First,
            &["First Name", "firstname", "FIRST_NAME", "Vorname", "Prénom", "Imię", "Billing First Name"],
        );
        check(
            Kind::Last,
            &[
                "Last Name",
                "Surname",
                "Nachname",
                "Apellidos",
                "Cognome",
                "Фамилия",
                "姓",
                "Soyadı",
                "Příjmení",
            ],
        );
        check(
            Kind::Full,
            &[
                "Full Name",
                "Contact Name",
                "Attendee name",
                "氏名",
                "Adı Soyadı",
                "Ονοματεπώνυμο",
                "担当者名",
            ],
        );
        check(Kind::FullLastFirst, &["ФИО", "Nazwisko i imię", "Last name, First name"]);
        check(Kind::Name, &["Name", "Nom", "Nombre", "Имя", "이름", "नाम"]);
        check(Kind::Person, &["Contact", "Ansprechpartner", "Customer"]);
        check(Kind::NameVariant, &["フリガナ", "Nickname", "Phonetic First Name"]);
        check(Kind::Middle, &["Middle Name", "Отчество"]);
    }

    #[test]
    fn fields() {
        check(
            Kind::Email,
            &["E-Mail", "Email ID", "メールアドレス", "Correo electrónico", "E-Mail-Adresse", "Work Email"],
        );
        check(
            Kind::Phone,
            &["Telefonnummer", "Contact No.", "携帯電話", "TEL", "Mobile", "Handynummer", "Geschäftstelefon"],
        );
        check(
            Kind::Company,
            &[
                "Company Name",
                "Firmenname",
                "会社名",
                "Nom de l'entreprise",
                "Account",
                "Şirket",
                "Company Name for Emails",
            ],
        );
        check(Kind::Job, &["Job Title", "Position", "Должность", "役職", "Cargo", "Designation"]);
        check(Kind::Title, &["Title", "Titel"]);
    }

    #[test]
    fn other_things() {
        check(
            Kind::Attribute,
            &[
                "Email Status",
                "Fax",
                "Company Linkedin Url",
                "ad_name",
                "Order #",
                "Company Address",
                "部署",
                "E-mail 1 - Label",
                "Home Address 1",
                "Number of Employees",
            ],
        );
        check(
            Kind::OtherPerson,
            &[
                "Contact owner",
                "Scanned by",
                "Manager's Name",
                "Assistant's Phone",
                "Ответственный",
                "Referred By",
            ],
        );
        check(Kind::Unknown, &["Column7", "Foo bar", "Met on"]);
    }
}
