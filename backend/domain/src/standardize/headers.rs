//! What a column's header says: its words are looked up in `data/header_words.txt` and combined by a few rules that
//! hold in every language (a fax number is no phone, the owner's email is not the lead's, the last noun decides).

use super::text::words;

mod vocabulary;

use vocabulary::VOCABULARY;
pub(super) use vocabulary::{Atom, Atoms};

/// What a header means, before looking at the values.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, strum::EnumIter)]
pub(super) enum Kind {
    /// No header text.
    Empty,
    /// Words that are not known.
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
    /// `Name`: full, first or last name, or a company's, depending on the other columns and the values.
    Name,
    /// `Contact`, `Customer`: a person, a company, or contact details, depending on the values.
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
    /// Email and phone in one cell.
    Details,
    Card,
    /// A person who is not the lead.
    OtherPerson,
    /// A kana or romanised form of the name, a nickname.
    NameVariant,
    /// Something no field is for.
    Attribute,
}

/// A header that has been read.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Reading {
    pub(super) kind: Kind,
    /// What the column of another person would be if that person were the lead.
    pub(super) aside: Kind,
    /// The word for that other person (`agent`), which identifies the columns about one person.
    pub(super) who: Option<String>,
    /// Share of the header's words that were understood, less for questions.
    pub(super) strength: f32,
    pub(super) atoms: Atoms,
    /// The number in the header (`Phone 2`).
    pub(super) ordinal: Option<u8>,
    /// Whether the header labels the neighbouring column (`E-mail 1 - Type`).
    pub(super) is_label: bool,
    /// Number of words of the header, at most 255.
    pub(super) words: u8,
}

/// Reads one header.
pub(super) fn read(header: &str) -> Reading {
    let mut words = words(header);
    // `[required]`, `(optional)` and similar say nothing
    words.retain(|word| {
        !matches!(word.as_str(), "required" | "optional" | "pflichtfeld" | "必須" | "任意" | "必填")
    });
    let count = words.len().min(255) as u8;
    let nothing = |kind| Reading {
        kind,
        aside: kind,
        who: None,
        strength: 0.0,
        atoms: Atoms::default(),
        ordinal: None,
        is_label: false,
        words: count,
    };
    if words.is_empty() {
        return nothing(Kind::Empty);
    }
    if words.len() > 80 {
        return nothing(Kind::Unknown);
    }
    let ordinal = words.iter().rev().find_map(|word| word.parse::<u8>().ok());
    if let Some(atoms) = VOCABULARY.whole.get(&words.join(" ")) {
        return Reading {
            kind: kind_of(&[*atoms], count),
            aside: kind_of(&[atoms.without(Atom::OtherPerson)], count),
            who: None,
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
    // "Last gift": an adjective of time rather than a name, when what follows is unknown
    let of_time = matches!(words[0].as_str(), "last" | "first") && words.len() > 1 && known.len() < all;
    if of_time && matches!(kind, Kind::First | Kind::Last) {
        return nothing(Kind::Unknown);
    }
    let who = (kind == Kind::OtherPerson)
        .then(|| words.iter().find(|word| VOCABULARY.is_other_person(word)).cloned().unwrap_or_default());
    let aside = if kind == Kind::OtherPerson {
        let others: Vec<Atoms> = known.iter().map(|atoms| atoms.without(Atom::OtherPerson)).collect();
        match kind_of(&others, count) {
            // "Agent" alone
            Kind::Unknown => Kind::Person,
            kind => kind,
        }
    } else {
        kind
    };
    let last_word = words.iter().rev().find(|word| !is_number(word)).map_or("", String::as_str);
    let is_label = matches!(last_word, "label" | "type" | "typ" | "kind" | "tipo");
    let strength = match words.len() {
        // a few words of a long text are always known
        25.. => strength.min(0.4),
        _ if question => strength.min(0.5),
        _ => strength.min(1.0),
    };
    Reading { kind, aside, who, strength, atoms, ordinal, is_label, words: count }
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

/// The rules that combine the words of a header.
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
        // a question may mention anything before it comes to the point
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
    /// Whether the header names something a lead list would have.
    pub(super) fn is_known(&self) -> bool {
        !matches!(self.kind, Kind::Empty | Kind::Unknown) && self.strength >= 0.5
    }

    /// Whether it names one of the six fields, surely or possibly.
    pub(super) fn is_field(&self) -> bool {
        self.is_known()
            && !matches!(
                self.kind,
                Kind::Attribute | Kind::OtherPerson | Kind::NameVariant | Kind::Honorific | Kind::Suffix
            )
    }

    /// Whether it is only a qualifier (`Direct`, `Work`), which makes sense over numbers or addresses.
    pub(super) fn is_qualifier(&self) -> bool {
        use Atom::*;
        self.kind == Kind::Unknown && self.atoms.any(&[Work, Home, Other, MainLine, Primary, Billing])
    }

    /// What the column is if the person it is about is the lead.
    pub(super) fn of_lead(&self) -> Kind {
        if self.kind == Kind::OtherPerson { self.aside } else { self.kind }
    }

    /// Rank of an address or number in the preference for a lead's one value; smaller is better.
    pub(super) fn rank(&self) -> u8 {
        use Atom::*;
        let atoms = self.atoms;
        let base = match self.of_lead() {
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
                } else if atoms.has(MainLine) {
                    // the mailbox of the whole company
                    30
                } else if atoms.has(Billing) {
                    20
                } else if atoms.has(Company) && !atoms.has(Work) {
                    10
                } else {
                    0
                }
            }
        };
        let named = if atoms.has(Weak) { 6 } else { 0 };
        // "Work e-mail" next to "E-mail": a form that asks for both wants the first to be used
        let is_first = atoms.has(Primary) || self.of_lead() == Kind::Email && atoms.has(Work);
        let preferred = if is_first && base == 0 { 0 } else { 1 } + named;
        base + preferred + self.ordinal.unwrap_or(1).clamp(1, 9) - 1
    }
}

/// The atoms of the words of a header, in order; `None` for an unknown word.
pub(super) fn atoms_of_words(words: &[String]) -> Vec<Option<Atoms>> {
    VOCABULARY.look_up(words)
}

/// Whether a text consists only of words used in headers and labels.
pub(super) fn is_all_label(text: &str) -> bool {
    let words = words(text);
    let found = VOCABULARY.look_up(&words);
    VOCABULARY.whole.contains_key(&words.join(" "))
        || (found.iter().all(Option::is_some) && found.iter().flatten().any(|atoms| !atoms.is_empty()))
}

/// The rank a label in a neighbouring cell (`Work`, `* Home`, `Mobile`) gives a value; `None` if it says nothing,
/// 99 if the value must not be used (a fax).
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
mod tests;
